"""Do the bridges' heuristics join what belongs together, and nothing else? Measured on recorded receipts.

Run from the repository's root, with the evaluation data beside the checkout; some minutes, of which most are the
pairings. `--write` writes the table and the heuristics' cards, `--pairings N` takes every Nth of the pairings:

    .venv/bin/python benchmarks/accuracy_bridges.py

A pair counts where the bytes of both sides are there. It is *right* where the two transactions are joined at
level 1, *wrong* where either is joined with another, *abstained* otherwise. A look-alike is wrong where its two
transactions are joined, or where its one is joined with anything; so is each pairing of a departure with an
arrival that is not its own, both alone in a ledger. All transactions in one ledger are a further trial, in which
every pairing is at once.

Candidates by amount, rate and time are measured on lists of pairs whose keys are hidden: every arrival of the list
is there, and each departure of its later half is asked for. A list counts where it is no sample of its bridge.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.testing import Rows
from recover_bridges import nearness
from recover_bridges.cards import FILE
from recover_bridges.every import every, protocols

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds what tests share
from plugins.bridges.tests import recorded

ROOT = Path(__file__).parents[1]
DATA = ROOT / ".." / "shared" / "data" / "bridge-pairs"
PAGE = ROOT / "docs" / "design" / "bridges.md"
BY = "benchmarks/accuracy_bridges.py"
CHAINS = ("1", "10", "56", "100", "137", "8453", "42161", "43114", "534352")
"""The EVM chains that the chain member reads."""
HEURISTICS = every()
TOPICS = recorded.topics(HEURISTICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A pair, or a look-alike: the transactions of its two sides, either of which can be missing."""

    id: str
    source: recorded.Tx | None
    destination: recorded.Tx | None

    @property
    def given(self) -> list[recorded.Tx]:
        return [tx for tx in (self.source, self.destination) if tx is not None]

    @property
    def ids(self) -> set[str]:
        return {Path(stem).name for _, stem in self.given}


@dataclass(slots=True, kw_only=True)
class Count:
    """What was found of one protocol."""

    pairs: Counter[str] = field(default_factory=Counter)
    lookalikes: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


def trials(name: str) -> Iterator[tuple[str, Trial]]:
    """(folder, trial) of every row of a list whose bytes are there."""
    for path in sorted(DATA.glob(f"*/{name}.csv")):
        with path.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                sides = [recorded.files(path.parent, row[f"{side}_files"]) for side in ("src", "dst")]
                source, destination = (side if side and readable(side) else None for side in sides)
                if source or destination:
                    id = row.get("pair_id") or row["neg_id"]
                    yield path.parent.name, Trial(id=id, source=source, destination=destination)


def readable(tx: recorded.Tx) -> bool:
    return tx[0].removeprefix("eip155:") in CHAINS


def joined(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(protocol, departure, arrival) of what is joined at level 1; a refund is joined with its own departure."""
    return [
        (row["protocol"], row["transactions"][0], row["transactions"][1])
        for row in rows
        if row["level"] == "1" and len(row["transactions"]) == 2 and not row.get("refused")
    ]


def found(given: Iterable[recorded.Tx]) -> list[dict[str, Any]]:
    return recorded.crossings(HEURISTICS, recorded.ledger(given, TOPICS))


def measure(step: int = 1) -> tuple[dict[str, Count], Counter[str], Counter[str]]:
    """What was found by folder of the data, in the ledger that holds every transaction, and over the pairings."""
    counts: dict[str, Count] = {}
    pairs = [(f, t) for f, t in trials("pairs") if t.source and t.destination]
    true = {(Path(t.source[1]).name, Path(t.destination[1]).name) for _, t in pairs if t.source and t.destination}
    for folder, trial in pairs:
        rows = joined(found(trial.given))
        got = {(a, b) for _, a, b in rows}
        word = "wrong" if got - true else "right" if got & true else "abstained"
        count = counts.setdefault(folder, Count())
        count.pairs[word] += 1
        count.right.update(name for name, *_ in rows if word == "right")
    for path in sorted(DATA.glob("native-l2/raw/api/arbitrum-sdk-*.json")):
        fixed = joined(recorded.crossings(HEURISTICS, recorded.of_answers(recorded.fixture(path), TOPICS)))
        right = json.loads(path.read_text("utf-8"))["expected"].get("childTxHash")
        named = {a for _, a, _ in fixed}
        word = "abstained" if not named else "right" if named == {right} else "wrong"
        count = counts.setdefault("native-l2", Count())
        count.pairs[word] += 1
        count.right.update(name for name, *_ in fixed if word == "right")
    for folder, trial in trials("negatives"):
        rows = joined(found(trial.given))
        bad = any({a, b} <= trial.ids or len(trial.given) == 1 for _, a, b in rows)
        counts.setdefault(folder, Count()).lookalikes["wrong" if bad else "right"] += 1
    whole = _everything()
    sides = recorded.crossings(HEURISTICS, whole)
    one = Counter("right" if (a, b) in true else "wrong" for _, a, b in joined(sides))
    return counts, one, Counter(_pairings(whole, sides, true, step))


def _everything() -> Rows:
    """Every transaction of the data in one ledger, each once; altered copies are none."""
    stems = sorted(DATA.glob("*/raw/eip155-*/*.receipt.json"))
    once = {
        (f.parent.name.replace("-", ":"), f.name): str(f).removesuffix(".receipt.json")
        for f in reversed(stems)
        if f.parent.name.removeprefix("eip155-") in CHAINS
    }
    return recorded.ledger([(chain, stem) for (chain, _), stem in once.items()], TOPICS)


def _pairings(whole: Rows, sides: list[dict[str, Any]], true: set[tuple[str, str]], step: int) -> Iterator[str]:
    """Right or wrong of every departure with every arrival that is not its own, alone in a ledger."""
    out = sorted({r["transactions"][0] for r in sides if r["address"]})
    into = sorted({r["to_tx"] for r in sides if r["to_tx"] and r["level"] != "3"})
    pairs = [(a, b) for a in out for b in into if (a, b) not in true and a != b]
    for a, b in pairs[::step]:
        rows = joined(recorded.crossings(HEURISTICS, _only(whole, {a, b})))
        yield "wrong" if any((x, y) not in true for _, x, y in rows) else "right"


def _only(whole: Rows, ids: set[str]) -> Rows:
    wanted = pa.array(sorted(ids), pa.string())

    def kept(table: pa.Table, name: str) -> pa.Table:
        return table.filter(pc.is_in(table[name], value_set=wanted))

    return replace(
        whole,
        moved=kept(whole.moved, "tx"),
        made=kept(whole.made, "id"),
        recorded=kept(whole.recorded, "tx"),
        logged=kept(whole.logged, "tx"),
    )


def hidden() -> dict[str, Counter[str]]:
    """By protocol, of the later half of its listed pairs: how many, for how many the right arrival fits, is the
    nearest, and for how many another fits too."""
    with (DATA.parent / "evm-bridges" / "nomad_matched_withdrawals.csv").open(
        encoding="utf-8", newline=""
    ) as opened:
        rows = sorted(csv.DictReader(opened), key=lambda row: (int(row["orig_timestamp"]), row["orig_tx_hash"]))
    came: dict[tuple[str, str], list[nearness.Payment]] = {}
    for row in rows:
        came.setdefault((row["dst_chain_id"], row["beneficiary"]), []).append(_arrival(row))
    count = Counter[str]()
    for row in rows[len(rows) // 2 :]:
        sent = datetime.fromtimestamp(int(row["orig_timestamp"]), UTC)
        found = nearness.ranked(int(row["amount"]), sent, came[row["dst_chain_id"], row["beneficiary"]])
        own = _arrival(row)
        count.update(pairs=1, fits=own in found, first=found[:1] == [own], other=any(one != own for one in found))
    return {"nomad": count}


def _arrival(row: dict[str, str]) -> nearness.Payment:
    when = datetime.fromtimestamp(int(row["dst_timestamp"]), UTC)
    return nearness.Payment(
        tx=row["dst_tx_hash"], asset=row["dst_token"], amount=int(row["amount"]), time=when, who=row["beneficiary"]
    )


def near(found: dict[str, Counter[str]]) -> Iterator[str]:
    """The rows of the page on candidates."""
    heads = ("protocol", "pairs with hidden keys", "the right one fits", "is the nearest", "a wrong one fits")
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|---|"
    for name, count in sorted(found.items()):
        enough = count["pairs"] >= nearness.ENOUGH
        cells = [count[w] for w in ("fits", "first", "other")] if enough else ["not measured"] * 3
        yield f"| {name} | {count['pairs']} | {' | '.join(map(str, cells))} |"
    yield "| all others | 0 | not measured | not measured | not measured |"


def table(counts: dict[str, Count]) -> Iterator[str]:
    """The rows of the page."""
    yield "| data | pairs with bytes | right | abstained | wrong | look-alikes and open ends | wrong |"
    yield "|---|---|---|---|---|---|---|"
    for folder, count in sorted(counts.items()):
        pairs, like = count.pairs, count.lookalikes
        words = [pairs.total(), *(pairs[w] for w in ("right", "abstained", "wrong")), like.total(), like["wrong"]]
        yield f"| {folder} | {' | '.join(map(str, words))} |"


def cards(counts: dict[str, Count], day: str) -> str:
    """The cards as the file holds them: one a heuristic of which a pair was met."""
    lines = [f"# Written by {BY} --write. See recover.sdk.Card."]
    for bridge in protocols():
        count = counts.get(FOLDERS.get(bridge.protocol, ""))
        if count is None or not count.pairs.total():
            continue
        # A group of several protocols lends none of them its look-alikes.
        alone = list(FOLDERS.values()).count(FOLDERS[bridge.protocol]) == 1
        like = count.lookalikes if alone else Counter[str]()
        right = count.right[bridge.protocol]
        missed = count.pairs["abstained"] if alone else 0
        what = "pairs, look-alikes and open ends" if alone else "pairs"
        rows: dict[str, Any] = {
            "population": f"recorded receipts: {what} of the protocol; few, and chosen by others",
            "truth": "the list of pairs beside them, made by hand from the events of both sides",
            "n": right + missed + like.total(),
            "fn": missed,
            "tn": like["right"],
            "abstain": missed + like["right"],
            "measured": day,
            "by": BY,
            "chains": [f"eip155:{number}" for number in CHAINS],
        }
        wrong = count.pairs["wrong"] + like["wrong"]
        name = f"bridge-{bridge.protocol}"
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in rows.items())]
        lines.append(f'grades = [{{ grade = "A", right = {right}, wrong = {wrong} }}]')
    return "\n".join([*lines, ""])


FOLDERS = {
    "across": "across",
    "cctp-v1": "cctp-v1",
    "hop": "hop",
    "relay": "relay",
    **dict.fromkeys(("op-stack", "arbitrum", "scroll", "gnosis"), "native-l2"),
}
"""The folder of the data by protocol, where a pair with bytes was met."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--pairings", type=int, default=1, metavar="N")
    parser.add_argument("--candidates", action="store_true", help="measure the candidates alone")
    chosen = parser.parse_args()
    candidates = hidden()
    if chosen.candidates:
        print("\n".join(near(candidates)))
        _candidates(candidates, chosen.write)
        return
    counts, one, pairings = measure(chosen.pairings)
    rows = list(table(counts))
    summary = (
        f"Pairings of a departure with an arrival that is not its own: {pairings.total()}, joined at level 1: "
        f"{pairings['wrong']}. All transactions in one ledger: {one['right']} joined rightly, "
        f"{one['wrong']} wrongly."
    )
    print("\n".join([*rows, "", summary]))
    print("\n".join(["", *near(candidates)]))
    _candidates(candidates, chosen.write)
    if chosen.write:
        _between("measured", [*rows, "", summary])
        FILE.write_text(cards(counts, datetime.now(UTC).date().isoformat()), "utf-8")


def _candidates(found: dict[str, Counter[str]], write: bool) -> None:
    if write:
        _between("candidates", [*near(found)])
        lines = [f"# Written by {BY} --write: pairs whose keys were hidden. See `nearness`."]
        for name, count in sorted(found.items()):
            lines += [
                "",
                f"[{name}]",
                *(f"{word} = {count[word]}" for word in ("pairs", "fits", "first", "other")),
            ]
        nearness.FILE.write_text("\n".join([*lines, ""]), "utf-8")


def _between(mark: str, lines: list[str]) -> None:
    """Puts lines between the marks of the page."""
    head, _, rest = PAGE.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    _, _, tail = rest.partition("<!-- end -->\n")
    body = "\n".join([*lines, ""])
    PAGE.write_text(f"{head}<!-- {mark} -->\n{body}<!-- end -->\n{tail}", "utf-8")


if __name__ == "__main__":
    main()
