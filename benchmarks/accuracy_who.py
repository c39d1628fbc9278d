"""How often is the right service named? By grade and chain, on truth withheld by origin, beside two baselines.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/accuracy_who.py [--json]

Wallets. Truth: the exchanges' own reserve lists, which are one origin and are withheld whole. The tool is given
every list of another origin: an explorer's labels, and tag packs of press and papers. A name is right where the
truth names the same service, wrong where it names another one (the negatives are the other services'
addresses). No name is an abstention. Names of addresses of which the truth says nothing are unknown, and
counted apart.

Deposit addresses. Truth: an explorer's tags of wallets named in public seizure orders, and the deposit
addresses and mere transit addresses of two published studies of heists. The tool gets the reserve lists; and,
split in half by the digest of the address, each half alone. Values are exact on TRON; on Ethereum the study
gives US dollars, taken as cents.

Baselines on the same cases and labels. `one exchange`: the whole outflow in a token goes to one exchange's
wallets, the first of it within a day of the first inflow, each within an hour of an inflow of nearly the same
amount (10 %). `last hop`: the name of the last wallet that it paid. Under 50 cases nothing is called measured.
The explorer's labels and the studies state no licence for shipping: they are read here, and are in no base of
labels.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from recover.linking.ladder import Word, root, standing
from recover.plugins import registry
from recover.registers import addressees
from recover.registers.services import Register
from recover.sdk import SCHEMAS, Scope, amounts, table
from recover_heuristics_account.deposits import DepositAddress

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.accuracy_deposit import CHAIN as TRON
from benchmarks.accuracy_deposit import LISTS, USDT, Orders, truth
from benchmarks.accuracy_deposit import _labels as labels_of
from benchmarks.truths.measures import wilson

ETHEREUM = "eip155:1"
ENOUGH = 50
HEISTS = LISTS.parent / "evm-heists"
OWN = re.compile(r"exchange-wallets-(?!bitmex|swissborg).*")
PACKS = LISTS / "graphsense-tagpacks" / "packs"
Place = tuple[str, str]


@dataclass(slots=True)
class Count:
    """One population: how many cases, and what was said of them."""

    n: int = 0
    true: int = 0
    right: int = 0
    wrong: int = 0
    none: int = 0
    grades: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def add(self, said: str, right: str, grade: str) -> None:
        self.n += 1
        self.true += bool(right)
        if not said:
            self.none += 1
            return
        good = said == right
        self.right += good
        self.wrong += not good
        self.grades[grade][not good] += 1

    def plain(self) -> dict[str, Any]:
        named = self.right + self.wrong
        return {
            "n": self.n,
            "named": named,
            "wrong": self.wrong,
            "precision": rate(self.right, named),
            "recall": rate(self.right, self.true),
            "abstention": rate(self.none, self.n),
            "by_grade": {
                g: {"n": a + b, "wrong": b, "precision": rate(a, a + b)} for g, (a, b) in self.grades.items()
            },
        }


def rate(found: int, of: int) -> str:
    """A proportion with its Wilson 95 % bounds, or that it was not measured."""
    if of < ENOUGH:
        return f"not measured ({found}/{of})"
    low, high = wilson(found, of)
    return f"{found / of:.4f} [{low:.4f}, {high:.4f}]"


def reserves(register: Register) -> dict[Place, str]:
    """The exchanges' own lists: address -> service; one that two lists give to two services is left out."""
    paths = [LISTS / "exchange-wallets-defillama" / "defillama_cex_wallets.csv"]
    paths += sorted(path for path in PACKS.glob("*.yaml") if OWN.match(path.name))
    found: dict[Place, set[str]] = defaultdict(set)
    for row in labels_of(paths):
        found[place(row)].add(named(register, row))
    return {where: names.pop() for where, names in found.items() if len(names) == 1 and "" not in names}


def others(register: Register) -> dict[Place, list[Word]]:
    """What every list of another origin says: tag packs that no exchange made, and an explorer's labels."""
    skip = re.compile(r"(exchange-wallets-|miners|samourai|sextortion|service-wallets).*")
    paths = [path for path in sorted(PACKS.glob("*.yaml")) if not skip.match(path.name)]
    found: dict[Place, list[Word]] = defaultdict(list)
    for row in labels_of(paths):
        name = named(register, row)
        if name:
            found[place(row)].append(said(name, str(row["grade"]), str(row["origin"])))
    explorer = json.loads((LISTS / "etherscan-labels-2023" / "combinedAllLabels.json").read_text("utf-8"))
    for address, about in explorer.items():
        entry = register.match(re.sub(r":.*", "", about["name"])) or register.match(about["name"])
        if entry is not None:
            found[ETHEREUM, address.lower()].append(said(entry.name, "D", "https://etherscan.io"))
    return found


def said(service: str, grade: str, origin: str) -> Word:
    return Word(service=service, grade=grade, step="", root=root(origin, service), said="")


def place(row: Mapping[str, object]) -> Place:
    text = str(row["address"])
    return str(row["chain"]), text.lower() if text.startswith("0x") else text


def named(register: Register, row: Mapping[str, object]) -> str:
    entry = register.match(str(row["service"])) or register.match(str(row["label"]))
    return entry.name if entry else ""


def hidden(where: Place) -> bool:
    """The half that is withheld: decided by the address alone, so that nobody chose it."""
    return hashlib.sha256("\0".join(where).encode()).digest()[0] % 2 == 0


def wallets(register: Register) -> dict[str, Any]:
    """The wallets of the reserve lists, named by what other origins say of them."""
    known, more = reserves(register), others(register)
    reached = {chain for chain, _ in more}
    counts: dict[str, Count] = defaultdict(Count)
    for where, service in known.items():
        stands = standing(more.get(where, ()))
        for group in (where[0] if where[0] in reached else "chains without such a list", "all"):
            counts[group].add(stands.service, service, stands.grade)
    unknown = sum(bool(standing(words).service) for where, words in more.items() if where not in known)
    return {"unknown": unknown, "chains": {chain: count.plain() for chain, count in sorted(counts.items())}}


class Flows(Orders):
    """The flows of a published study of a heist, as a ledger: values in US cents, and no history is whole."""

    def __init__(self, path: Path, labels: pa.Table) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.rows = [{k.strip(): (v or "").strip() for k, v in row.items() if k} for row in rows]
        self.wallets = sorted({r["From"].lower() for r in self.rows} | {r["To"].lower() for r in self.rows})
        self._labels = labels

    def transfers(self) -> pa.Table:
        cents = [round(float(r["Value_in_USD"] or 0) * 100) for r in self.rows]
        amount, wide = amounts.columns(iter(cents))
        size = len(cents)
        texts = {"tx": "Tx_hash", "src": "From", "dst": "To"}
        columns = {name: pa.array([r[key].lower() for r in self.rows], pa.string()) for name, key in texts.items()}
        fixed = {"chain": ETHEREUM, "asset": f"{ETHEREUM}/usd", "kind": "transfer"}
        columns |= {name: pa.array([value] * size, pa.string()) for name, value in fixed.items()}
        columns |= {"excluded": pa.nulls(size, pa.string()), "seq": pa.array(range(size), pa.int64())}
        columns |= {"amount": pa.array(amount, pa.int64()), "wide": pa.array(wide, pa.binary(33))}
        return pa.table(columns)

    def coverage(self) -> pa.Table:
        return table("coverage", [{"chain": ETHEREUM, "address": w, "place": 0} for w in self.wallets])


def seeds(known: Mapping[Place, str], chain: str) -> pa.Table:
    """The reserve lists as the labels that a heuristic reads."""
    rows = [
        {"kind": "label", "chain": c, "address": a, "grade": "B", "method": "list", "version": "1", "service": s}
        | {"role": "hot-wallet", "label": s, "transactions": [], "params": "{}", "place": 0}
        for (c, a), s in known.items()
        if c == chain
    ]
    empty: dict[str, object] = {
        f.name: None if f.nullable else "" for f in SCHEMAS["assertions"] if pa.types.is_string(f.type)
    }
    return table("assertions", [{**empty, **row} for row in rows])


@dataclass(frozen=True, slots=True)
class Move:
    """One transfer of the traced token: seconds, parties, amount."""

    at: int
    src: str
    dst: str
    amount: int


def first_day(moves: Iterable[Move], address: str, named_as: Mapping[str, str]) -> str:
    """The published rule for deposit addresses: one exchange, within a day, out within an hour, within 10 %."""
    came = sorted((m for m in moves if m.dst == address), key=lambda m: m.at)
    went = sorted((m for m in moves if m.src == address), key=lambda m: m.at)
    exchanges = {named_as.get(m.dst, "") for m in went}
    if not came or not went or len(exchanges) != 1 or "" in exchanges:
        return ""
    if went[0].at - came[0].at > 86_400:
        return ""
    for out in went:
        before = [m for m in came if 0 <= out.at - m.at <= 3_600]
        if not any(abs(m.amount - out.amount) * 10 <= m.amount for m in before):
            return ""
    return exchanges.pop()


def last_hop(moves: Iterable[Move], address: str, named_as: Mapping[str, str]) -> str:
    """The name of the last wallet that it paid."""
    went = sorted((m for m in moves if m.src == address), key=lambda m: m.at)
    return named_as.get(went[-1].dst, "") if went else ""


def deposits(register: Register) -> dict[str, Any]:
    """The tool and both baselines on the same addresses, with the same labels."""
    every = reserves(register)
    halves = [{w: s for w, s in every.items() if hidden(w) is side} for side in (True, False)]
    found: dict[str, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
    for known, part in ((every, ""), (halves[0], ", half of the lists"), (halves[1], ", the other half")):
        measured(known, part, register, found)
    return {m: {chain: count.plain() for chain, count in sorted(groups.items())} for m, groups in found.items()}


def measured(
    known: Mapping[Place, str], part: str, register: Register, found: Mapping[str, dict[str, Count]]
) -> None:
    """Every method with one set of labels, on every case."""
    for chain, ledger, moves, right in cases(known, register):
        tool: dict[str, tuple[str, str]] = {}
        for batch in DepositAddress().assertions(ledger, Scope()):
            for row in batch.tables()["assertions"].to_pylist():
                if row["kind"] == "deposit-address" and (row["service"] or row["address"] not in tool):
                    tool[row["address"]] = (row["service"], row["grade"])
        names = {address: service for (c, address), service in known.items() if c == chain}
        for address, service in right.items():
            name, grade = tool.get(address, ("", ""))
            answers = {"tool": (name, grade), "one exchange": (first_day(moves, address, names), "-")}
            answers["last hop"] = (last_hop(moves, address, names), "-")
            for method, (answer, sure) in answers.items():
                for group in (chain, "all"):
                    found[method + part][group].add(answer, service, sure)


def cases(known: Mapping[Place, str], register: Register) -> Iterator[tuple[str, Any, list[Move], dict[str, str]]]:
    """(chain, ledger, moves, address -> the service of the truth; "" for what is no deposit address)."""
    orders = Orders(seeds(known, TRON))
    rows = [r for r in orders.rows if f"{TRON}/trc20:{r['token_id']}" == USDT]
    moves = [Move(int(r["timestamp"]) // 1000, r["from_address"], r["to_address"], int(r["quant"])) for r in rows]
    yield TRON, orders, list(dict.fromkeys(moves)), truth()
    for path in sorted(HEISTS.glob("*/flows.csv")):
        ledger = Flows(path, seeds(known, ETHEREUM))
        tags = {r[side].lower(): r[f"{side}_label"] for r in ledger.rows for side in ("From", "To")}
        right = {}
        for address, tag in tags.items():
            match = re.match(r"(\w+)_Deposit_", tag)
            entry = register.match(match[1]) if match else None
            if match:
                right[address] = entry.name if entry else match[1]
            elif tag.startswith("transit_"):
                right[address] = ""  # the study found that it passes value on, and is nobody's deposit address
        when = "%Y-%m-%d %H:%M:%S"
        made = [
            Move(
                int(datetime.strptime(r["Timestamp"], when).replace(tzinfo=UTC).timestamp()),
                r["From"].lower(),
                r["To"].lower(),
                round(float(r["Value_in_USD"] or 0) * 100),
            )
            for r in ledger.rows
        ]
        yield ETHEREUM, ledger, made, right


def main() -> None:
    register = addressees.services(registry.load().templates)
    result: dict[str, Any] = {"wallets": wallets(register), "deposits": deposits(register)}
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1, sort_keys=True))
        return
    unknown = result["wallets"]["unknown"]
    print(f"Wallets of exchanges, truth withheld by origin; {unknown:,} names of which the truth says nothing\n")
    show({"tool": result["wallets"]["chains"]})
    print("\nDeposit addresses\n")
    show(result["deposits"])


def show(found: Mapping[str, Mapping[str, Any]]) -> None:
    heads = ("method", "chain", "grade", "n", "named", "wrong", "precision", "recall", "abstention")
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for method, groups in found.items():
        for chain, one in groups.items():
            cells = (one[name] for name in heads[3:])
            print(f"| {method} | {chain} | all | {' | '.join(map(str, cells))} |")
            for grade, part in sorted(one["by_grade"].items()):
                print(
                    f"| {method} | {chain} | {grade} | | {part['n']} | {part['wrong']} | {part['precision']} | | |"
                )


if __name__ == "__main__":
    main()
