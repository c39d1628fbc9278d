"""Causes: which change of a format made a figure another one, read from the results of both versions.

Each cause has a mark that can be seen in the two sets of tables: a label that matches only now, a transfer that is
read otherwise, a history that counts no more. A mark is looked for at the place itself, then against the flow of
value, since what changes at one address changes what arrives at every address behind it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.results import Results
from recover.linking.labels import POSSIBLE
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.view import Loss

Part: TypeAlias = tuple[str, str]
"""(asset, address), or (chain, address) where a label is looked for."""

Spot: TypeAlias = tuple[str, tuple[str, ...]]
"""(asset, the address where a figure arises and, of an off-ramp, the wallets in which it ends)."""

Move: TypeAlias = tuple[str, str, str, str, str, int | None]
"""(asset, transaction, payer, payee, kind, amount)."""

UNKNOWN, THROUGH, VERSION = "unknown", "through", "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a format changed: since which, and in a sentence that an examiner reads."""

    since: int
    sentence: str


CHANGES: Mapping[str, Change] = {
    "spelling": Change(
        since=2,
        sentence="Addresses, transactions and assets have one spelling, the one that their chain gives; what was "
        "written otherwise matched nothing before.",
    ),
    "key": Change(
        since=2, sentence="A label or loss of an address counts for the other addresses that the same key opens."
    ),
    "own-chain": Change(
        since=2, sentence="A label counts on its own chain; on another it is a hint and names no off-ramp."
    ),
    "label-refused": Change(since=2, sentence="A label of no address that its chain has is left out."),
    "register": Change(since=2, sentence="The labels or the register of services say something else now."),
    "memo": Change(
        since=2,
        sentence="Where a service tells deposits apart by memo, an off-ramp is its address and the memo.",
    ),
    "unpaired": Change(
        since=2,
        sentence="What left in a transaction whose receivers no exhibit shows is an open end, and no burn.",
    ),
    "decoded": Change(since=2, sentence="The exhibits are read otherwise: other movements count than before."),
    VERSION: Change(
        since=2,
        sentence="Another version of the program, or of a plugin, with the same format, made the former results.",
    ),
    "lots": Change(
        since=2,
        sentence="An off-ramp is what lots carried through an address into a service's wallets or a hub; before, "
        "the trace stopped at the address and its habit split the value.",
    ),
    THROUGH: Change(
        since=2,
        sentence="An off-ramp is listed under the address from which value went into the service's wallets; "
        "before, under the wallet itself where no deposit address was known. The value is the same.",
    ),
    "history": Change(
        since=2,
        sentence="A claim of a history counts in its range, and not where an index lists what no exhibit shows.",
    ),
    UNKNOWN: Change(
        since=0,
        sentence="None of the known changes of the format explains it: compare it with the former results.",
    ),
}
"""Every cause that can be named, by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A change's code, and at which place it shows."""

    code: str
    where: str


@dataclass(kw_only=True)
class Causes:
    """Two sets of results of the same exhibits, and what can be seen of why they differ."""

    before: Results
    after: Results
    rule: str
    losses: tuple[Loss, ...]
    _seen: dict[Part, str] = field(default_factory=dict)

    def of(self, spots: Collection[Spot]) -> Mapping[Spot, Cause]:
        """The cause at each place, or the nearest against the flow of value."""
        return {spot: self._nearest(spot) for spot in sorted(spots)}

    def _nearest(self, start: Spot) -> Cause:
        """Breadth first, so that of two causes the one with fewer steps between is named."""
        asset, places = start
        first = [(asset, place) for place in places]
        left, done = deque(first), set(first)
        while left:
            part = left.popleft()
            if code := self._mark(part):
                return Cause(code=code, where=part[1])
            for payer in sorted(self._payers.get(part, ())):
                if payer not in done:
                    done.add(payer)
                    left.append(payer)
        return Cause(code=UNKNOWN, where=places[0])

    def _mark(self, part: Part) -> str:
        if part not in self._seen:
            self._seen[part] = next(self._marks(part), "")
        return self._seen[part]

    def _marks(self, part: Part) -> Iterator[str]:
        yield from self._of_label(part)
        chain, address = part[0].partition("/")[0], part[1]
        if (chain, address) in self._memos:
            yield "memo"
        if self._moved[0].get(part) != self._moved[1].get(part):
            yield self._of_movements(part)
        old, new = (ended.get(part, Counter()) for ended in self._ended)
        if old.get("service") and not new.get("service") and (chain, address) not in self._labelled:
            yield "lots"  # no wallet of a service, and the trace stopped there all the same
        if old != new and {*old, *new} <= {"rest", "uncollected"} and old.total() == new.total():
            yield "history"

    def _of_label(self, part: Part) -> Iterator[str]:
        chain, address = place = part[0].partition("/")[0], part[1]
        old, new = self._named[0].get(address), self._named[1].get(f"{chain}:{address}")
        if new and new["role"] == POSSIBLE:
            # Also where the former version missed the label for its spelling: it is of another chain all the same.
            if not old or old["role"] != POSSIBLE:
                yield "own-chain"
        elif old and not new:
            yield "label-refused" if old["address"] in self._refused else "own-chain"
        elif new and not old:
            yield "key" if place in self._keyed else "spelling" if place in self._written else "register"
        elif old and new and old["service"] != new["service"]:
            yield "register"
        elif place in self._written:
            yield "spelling"

    def _of_movements(self, part: Part) -> str:
        before, after = (moved.get(part, Counter()) for moved in self._moved)
        gone, come = before - after, after - before
        if any(move[4] == "burn" for move in gone) and not any(move[4] == "burn" for move in come):
            return "unpaired"
        # Both versions read the movement, and the former one took its asset for another that imitates it.
        return "spelling" if not gone and part[0] in self._respelt else "decoded"

    # What the tables of both versions say, under the names of this one.

    @cached_property
    def _named(self) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """The label that counted, by chain and address; in the former version by the address alone, as it did."""
        old = {self.before.place(row["chain"], row["address"]): row for row in self.before.rows("labels")}
        new = {f"{row['chain']}:{row['address']}": row for row in self.after.rows("labels")}
        return old, new

    @cached_property
    def _labelled(self) -> frozenset[Part]:
        """Places that some label calls a service's, in the results before."""
        rows = [row for row in self.before.rows("labels") if row["service"]]
        return frozenset((row["chain"], self.before.place(row["chain"], row["address"])) for row in rows)

    @cached_property
    def _written(self) -> frozenset[Part]:
        """Places that a label, a movement or a loss of the former version wrote in another spelling than now."""
        said = [(row["chain"], row["address"]) for row in self.before.decoded("assertions", ["chain", "address"])]
        said += [(loss.chain, loss.address) for loss in self.losses if loss.address]
        moved = self.before.table("transfers")
        if moved is not None:
            for column in ("src", "dst"):
                pairs = moved.select(["chain", column]).group_by(["chain", column]).aggregate([]).to_pylist()
                said += [(row["chain"], row[column]) for row in pairs if row[column]]
        spelt = {(chain, text): self.before.place(chain, text) for chain, text in dict.fromkeys(said)}
        return frozenset((chain, name) for (chain, text), name in spelt.items() if name != text)

    @cached_property
    def _keyed(self) -> frozenset[Part]:
        return frozenset((row["chain"], row["address"]) for row in self.after.rows("forms"))

    @cached_property
    def _refused(self) -> str:
        """What gaps say of labels that no chain has."""
        return " ".join(row["why"] for row in self.after.rows("gaps") if row["code"] == "label-refused")

    @cached_property
    def _memos(self) -> frozenset[Part]:
        return frozenset((row["chain"], row["address"]) for row in self.after.rows("memos"))

    @cached_property
    def _ended(self) -> tuple[Mapping[Part, Counter[str]], Mapping[Part, Counter[str]]]:
        """By place, what ended there, by reason."""
        found: list[dict[Part, Counter[str]]] = [{}, {}]
        for results, ended in zip((self.before, self.after), found, strict=True):
            ends = results.table("ends")
            for row in () if ends is None else recorded(ends, self.rule).to_pylist():
                part = results.part(row["asset"], row["address"])
                ended.setdefault(part, Counter())[row["reason"]] += amounts.join(row["amount"], row["wide"])
        return found[0], found[1]

    @cached_property
    def _moved(self) -> tuple[Mapping[Part, Counter[Move]], Mapping[Part, Counter[Move]]]:
        """By place, the movements that counted: those of the transactions in which anything differs."""
        rows = [list(_counted(results)) for results in (self.before, self.after)]
        shown = [Counter(moves) for moves in rows]
        apart = {move[1] for one, other in (shown, shown[::-1]) for move in one - other}
        found: list[dict[Part, Counter[Move]]] = [{}, {}]
        for moves, moved in zip(rows, found, strict=True):
            for move in moves:
                if move[1] in apart:
                    for who in sorted({move[2], move[3]} - {""}):
                        moved.setdefault((move[0], who), Counter())[move] += 1
        return found[0], found[1]

    @cached_property
    def _respelt(self) -> frozenset[str]:
        """Assets that the former version knew by another spelling."""
        moved = self.before.table("transfers")
        texts = [] if moved is None else pc.unique(moved["asset"]).to_pylist()
        return frozenset(self.before.asset(text) for text in texts if self.before.asset(text) != text)

    @cached_property
    def _payers(self) -> Mapping[Part, set[Part]]:
        """By place, the places from which traced value came there, in either version."""
        found: dict[Part, set[Part]] = {}
        for results in (self.before, self.after):
            for payer, payee in _edges(results):
                found.setdefault(payee, set()).add(payer)
        return found


def _counted(results: Results) -> Iterator[Move]:
    moved = results.table("transfers")
    if moved is None:
        return
    moved = moved.filter(pc.is_null(moved["excluded"]))
    columns = (moved.column(name).to_pylist() for name in ("asset", "tx", "src", "dst", "kind"))
    for asset, tx, src, dst, kind, amount in zip(*columns, _exact(moved), strict=True):
        yield (results.asset(asset), tx, *(results.part(asset, who)[1] for who in (src, dst)), kind, amount)


def _exact(moved: pa.Table) -> Iterator[int | None]:
    """Amounts of movements; None where the exhibit does not show one."""
    for cell, wide in zip(moved["amount"].to_pylist(), moved["wide"].to_pylist(), strict=True):
        yield None if cell is None and wide is None else amounts.join(cell, wide)


def _edges(results: Results) -> Iterator[tuple[Part, Part]]:
    """Who paid whom by the movements that carried traced value; what an exchange gave came from what was given."""
    flows, moved, came = (results.table(name) for name in ("flows", "transfers", "exchanges"))
    if flows is None or moved is None:
        return
    rows = moved.take(pc.unique(flows["seq"])).to_pylist()
    inputs: dict[str, set[Part]] = {}
    spent = moved.filter(pc.and_(pc.equal(moved["kind"], "input"), pc.is_valid(moved["src"])))
    spent = spent.filter(pc.is_in(spent["tx"], value_set=pa.array([r["tx"] for r in rows], pa.string())))
    for row in spent.to_pylist():
        inputs.setdefault(row["tx"], set()).add(results.part(row["asset"], row["src"]))
    had = set() if came is None else {row["tx"] for row in moved.take(pc.unique(came["seq"])).to_pylist()}
    given: dict[str, set[Part]] = {}
    for row in rows:
        if row["tx"] in had and row["src"]:
            given.setdefault(row["tx"], set()).add(results.part(row["asset"], row["src"]))
    for row in rows:
        payee = results.part(row["asset"], row["dst"])
        payers = {results.part(row["asset"], row["src"])} if row["src"] else inputs.get(row["tx"], set())
        for payer in payers | given.get(row["tx"], set()):
            if payee[1] and payer != payee:
                yield payer, payee
