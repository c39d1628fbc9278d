"""How often is the right service named? By grade and chain, on truth withheld by origin, beside two baselines.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/accuracy_who.py [--json]

Wallets (`truths/wallets.py`). Truth: the exchanges' own reserve lists, one origin, withheld whole, given every
list of another origin; then explorers' labels, withheld, given the rest; then addresses that are nobody's wallets
at a service; then other EVM chains, given labels of Ethereum as hints. A name is right where the truth names the
same service, wrong where it names another one (the negatives are the other services' addresses) or where the truth
names none. No name is an abstention. Names of addresses of which the truth says nothing are unknown, and counted
apart. Baseline: the first label as it stands.

Deposit addresses. Truth: an explorer's tags of wallets named in public seizure orders, and the deposit
addresses and mere transit addresses of two published studies of heists. The tool gets the reserve lists; and,
split in half by the digest of the address, each half alone. Values are exact on TRON; on Ethereum the study
gives US dollars, taken as cents.

Growth of hot wallets: the seeds are one half of the reserve lists; a candidate is right where the other half or
an explorer's tag names the same service; where neither speaks of it, it is unknown. Hubs, with every label of the
lists taken away: right where they name any service.

Precision has Wilson's interval, as if the names given had been drawn by chance. Recall and abstention
are shares of lists that others wrote and this script takes whole: nothing is drawn, so they have no interval, and
another list has others.

Baselines on the same cases and labels. `one exchange`: the whole outflow in a token goes to one exchange's
wallets, the first of it within a day of the first inflow, each within an hour of an inflow of nearly the same
amount (10 %). `last hop`: the name of the last wallet that it paid. Under 50 cases nothing is called measured.
The explorer's labels and the studies state no licence for shipping: they are read here, and are in no base of
labels.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from recover.plugins import registry
from recover.registers import addressees
from recover.registers.services import Register
from recover.sdk import SCHEMAS, Heuristic, Scope, amounts, table
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.growth import HotWalletGrowth
from recover_heuristics_account.hubs import Hub

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.accuracy_deposit import CHAIN as TRON
from benchmarks.accuracy_deposit import LISTS, USDT, Orders, truth
from benchmarks.truths.wallets import ETHEREUM, Count, Place, explorer, hidden, populations, reserves

HEISTS = LISTS.parent / "evm-heists"


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


def unlabelled(register: Register) -> dict[str, Any]:
    """Candidates for a service's wallet from half of the seeds, and hubs with no label at all."""
    every = reserves(register)
    told = {where: {word.service for word in words} for where, words in explorer(register).items()}
    right = {where: {service} | told.get(where, set()) for where, service in every.items()} | {
        where: services for where, services in told.items() if where not in every
    }
    grown, hubs = Count(), Count()
    unknown = [0, 0]
    for side in (True, False):
        for chain, ledger, _, _ in cases({w: s for w, s in every.items() if hidden(w) is side}, register):
            for address, params in asserted(HotWalletGrowth(), ledger):
                known = right.get((chain, address), set())
                unknown[0] += not known
                if known:
                    named = params["candidate"]
                    grown.add(named, named if named in known else sorted(known)[0], "E")
    for chain, ledger, _, _ in cases({}, register):
        for address, _ in asserted(Hub(), ledger):
            known = right.get((chain, address), set())
            unknown[1] += not known
            if known:
                hubs.add("a service", "a service", "E")
    return {
        "growth from half of the seeds": {"unknown": unknown[0], **grown.plain()},
        "hubs without any label": {"unknown": unknown[1], **hubs.plain()},
    }


def asserted(heuristic: Heuristic, ledger: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address, params) of what a heuristic asserts."""
    for batch in heuristic.assertions(ledger, Scope()):
        for row in batch.tables()["assertions"].to_pylist():
            yield row["address"], json.loads(row["params"])


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
    result: dict[str, Any] = {"wallets": populations(register), "deposits": deposits(register)}
    result["unlabelled"] = unlabelled(register)
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1, sort_keys=True))
        return
    for name, one in result["wallets"].items():
        told = ", ".join(f"{count:,} at grade {grade}" for grade, count in one["unknown"].items()) or "none"
        print(f"\nWallets. Truth: {name}. Names of which the truth says nothing: {told}\n")
        show(one["methods"])
    print("\nDeposit addresses\n")
    show(result["deposits"])
    for name, one in result["unlabelled"].items():
        told = f"named {one['named']}, wrong {one['wrong']}, right {one['precision']}"
        print(f"\n{name}: {told}; {one['unknown']} of which no truth speaks")


def show(found: Mapping[str, Mapping[str, Any]]) -> None:
    heads = (
        *("method", "chain", "grade", "n", "named", "wrong", "precision", "recall", "abstention"),
        *("negatives", "falsely_named"),
    )
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    titles = {chain.info.id: chain.info.title for chain in registry.load().chains.values()}
    for method, groups in found.items():
        for of, one in groups.items():
            chain = titles.get(of, of)
            cells = (one[name] for name in heads[3:])
            print(f"| {method} | {chain} | all | {' | '.join(map(str, cells))} |")
            for grade, part in sorted(one["by_grade"].items()):
                counts = f"{part['n']} | {part['wrong']} | {part['precision']}"
                print(f"| {method} | {chain} | {grade} | | {counts} | | | | |")


if __name__ == "__main__":
    main()
