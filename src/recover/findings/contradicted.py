"""Contradicted: traced value at an address of which exhibits show it leaving, and disagree on what left.

No version is followed. What each of them gives to services, and what of the traced value is left in either,
is stated as bounds that hold under every rule, as far as the exhibits show what came to the address. Exhibits that
agree on the amount and disagree on when it left disagree on what left of traced value: before any came, none did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.evidence import Row, Slots
from recover.findings.material import Material, at
from recover.ledger import Part, Read
from recover.ledger.relied import Relied
from recover.sdk import amounts

Holding = tuple[str, str]
"""An address and an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one exhibit shows leaving a holding in a transaction: all of it, and by service or hub that it pays.

    `time` and `height` are when, as the exhibit has it. `early` and `late`: whether by either of them it was
    before any traced value came, and whether by either it was not. `instead`: the transactions that it shows
    spending the same coin, where it does not show this one.
    """

    exhibit: int
    out: int
    paid: Mapping[str, int]
    time: datetime | None = None
    height: int | None = None
    early: bool = False
    late: bool = True
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One transaction that carries traced value out of a holding, as each exhibit has it."""

    holding: Holding
    tx: str
    versions: tuple[Version, ...]
    exhibits: tuple[int, ...]

    def out(self) -> tuple[int, int]:
        """The least and the most of what left that can be traced value."""
        return self._ends([v.out for v in self.versions])

    def paid(self, entered: int, gone: int, came: int) -> tuple[int, int]:
        """The same of what was paid to services: by a version by which more left than is shown to have entered,
        more was held, which is of no loss."""
        sums = [sum(v.paid.values()) for v in self.versions]
        held = [max(0, max(entered, gone + v.out) - came) for v in self.versions]
        least, most = self._ends(sums)
        known = zip(self.versions, sums, held, strict=True)
        return min((0 if v.early else max(0, n - own) for v, n, own in known), default=least), most

    def dated(self) -> bool:
        """Whether the exhibits disagree on when it left, to the second as they are joined."""
        return len({(v.time and v.time.replace(microsecond=0), v.height) for v in self.versions}) > 1

    def _ends(self, sums: Sequence[int]) -> tuple[int, int]:
        """The least and the most of it that can be traced value: of what left before any came, nothing."""
        known = list(zip(self.versions, sums, strict=True))
        least = min((0 if v.early else n for v, n in known), default=0)
        return least, max((n if v.late else 0 for v, n in known), default=0)


def found(
    material: Material, parts: Sequence[Part], read: Read, same: Collection[tuple[str, str]] = ()
) -> list[Contradiction]:
    """Those that pay out of a place where traced value had come, in order of place and transaction; not the `same`
    that move no figure, each with its chain. `read` gives a part's table, wherever it is."""
    rows = material.transfers.select(["seq", "chain", "tx", "src", "asset", "excluded", "exhibit", *_WHEN])
    rows = rows.filter(pc.equal(rows.column("excluded"), "contradicted"))
    wanted: dict[tuple[Holding, str], set[int]] = {}
    joined: dict[str, _When] = {}
    for row in rows.to_pylist():
        place = (row["src"] or "", row["asset"])
        came = material.credits.get(place)
        if came is not None and came.seqs and (row["chain"], row["tx"]) not in same:
            wanted.setdefault((place, row["tx"]), set()).add(row["exhibit"])
            joined[row["tx"]] = row["time"], row["height"]
    if not wanted:
        return []
    against: dict[str, set[str]] = {}
    for (_, tx), others in rivals(material.transfers).items():
        against.setdefault(tx, set()).update(other for _, other in others)
    shown = moves_shown(parts, read, {*joined, *(tx for found in against.values() for tx in found)})
    when = _dated(parts, read, joined)
    every = (
        _one(material, place, tx, shown, when, numbers, against.get(tx, frozenset()))
        for (place, tx), numbers in sorted(wanted.items(), key=str)
    )
    return [one for one in every if any(v.late for v in one.versions) or not one.versions]


def rivals(transfers: pa.Table) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """By coin transaction that is not followed, the others that spend an output which it spends too, each with its
    chain."""
    rows = transfers.select(["chain", "tx", "spends_tx", "spends_index", "excluded"])
    rows = rows.filter(pc.and_(pc.equal(rows["excluded"], "contradicted"), pc.is_valid(rows["spends_tx"])))
    spent: dict[tuple[str, str, int], set[str]] = {}
    for row in rows.to_pylist():
        spent.setdefault((row["chain"], row["spends_tx"], row["spends_index"]), set()).add(row["tx"])
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for (chain, _, _), each in spent.items():
        for tx in sorted(each) if len(each) > 1 else ():
            found.setdefault((chain, tx), set()).update((chain, other) for other in sorted(each - {tx}))
    return found


_When = tuple[datetime | None, int | None]
"""A time and a height."""

_WHEN = ("time", "height")


def _dated(parts: Sequence[Part], read: Read, joined: Mapping[str, _When]) -> dict[tuple[int, str], _When]:
    """When each transaction was, by exhibit; what an exhibit leaves open as the ledger has it."""
    found: dict[tuple[int, str], _When] = {}
    names = pa.array(sorted(joined), pa.string())
    for part in parts:
        table = read(part, "transactions")
        if table is not None:
            table = table.select(["id", *_WHEN])
            for row in table.filter(pc.is_in(table.column("id"), value_set=names)).to_pylist():
                time, height = joined[row["id"]]
                found[part.exhibit, row["id"]] = row["time"] or time, row["height"] or height
    return found


def _before(material: Material, place: Holding, when: _When) -> tuple[bool, bool]:
    """Whether by time or height it was before any traced value came, and whether by time or height it was not."""
    rows = material.transfers.select(_WHEN).take(pa.array(material.credits[place].seqs, pa.int64()))
    said = []
    for name, mine in zip(_WHEN, when, strict=True):
        came = rows.column(name).to_pylist()
        if mine is not None and None not in came:
            said.append(mine < min(came))
    return any(said), not all(said) or not said


def readings(parts: Sequence[Part], read: Read, tx: str, every: Sequence[Relied]) -> tuple[Relied, ...]:
    """Those exhibits, or lists of one, that have a reading of their own of a transaction.

    One that shows a part of what another shows, at the same moment, and whose lists are of none that the rest of
    it moved between, has none: to follow it alone would leave out what nobody disputes.
    """
    shown, when = moves_shown(parts, read, {tx}), _dated(parts, read, {tx: (None, None)})

    def known(of: Relied) -> tuple[Counter[Any], set[str | None]]:
        moves, views = shown.get((of[0], tx), (Counter(), {}))
        view = of[1] or None
        return (moves, {*views}) if of[1] is None else (views.get(view, Counter()), {view})

    def part_of(one: Relied, other: Relied) -> bool:
        (mine, views), (theirs, _) = known(one), known(other)
        more = theirs - mine
        open_ = not {None, ""} & views and not any(views & {m[0], m[1]} for m in more)
        return bool(more) and not mine - theirs and open_ and when.get((one[0], tx)) == when.get((other[0], tx))

    return tuple(of for of in every if not any(part_of(of, other) for other in every if other != of))


def kept(
    material: Material, parts: Sequence[Part], read: Read, one: tuple[str, str], of: Relied
) -> tuple[str, ...]:
    """What is followed of a transaction that what is relied on does not show: an exhibit and an asset each.

    Nobody disputes it: of what is disputed, only that exhibit's version is left in the ledger.
    """
    mine, views = moves_shown(parts, read, {one[1]}).get((of[0], one[1]), (Counter(), {}))
    mine = mine if of[1] is None else views.get(of[1] or None, Counter())
    own = {(payer, payee, asset, kind) for payer, payee, asset, _, kind in mine}
    rows = material.transfers.select(["chain", "tx", "src", "dst", "asset", "kind", "excluded", "exhibit"])
    rows = rows.filter(pc.and_(pc.equal(rows["tx"], one[1]), pc.is_null(rows["excluded"])))
    found = {
        (row["exhibit"], row["asset"])
        for row in rows.to_pylist()
        if (row["chain"], row["kind"] == "fee") == (one[0], False)
        and (row["src"], row["dst"], row["asset"], row["kind"]) not in own
    }
    return tuple(f"{number}|{asset}" for number, asset in sorted(found))


def sides(parts: Sequence[Part], read: Read, txs: set[str]) -> dict[str, set[Holding]]:
    """By transaction, the addresses with their asset that any exhibit shows paying or paid in it."""
    found: dict[str, set[Holding]] = {}
    for (_, tx), (moves, _) in moves_shown(parts, read, txs).items() if txs else ():
        for payer, payee, asset, *_ in moves:
            found.setdefault(tx, set()).update((side, asset) for side in (payer, payee) if side)
    return found


Shown = dict[tuple[int, str], tuple[Counter[Any], dict[str | None, Counter[Any]]]]
"""By exhibit and transaction, its moves (payer, payee, asset, amount, kind) with their number, and those of
each address whose view it gives."""


def moves_shown(parts: Sequence[Part], read: Read, txs: set[str]) -> Shown:
    """What each exhibit shows moving in these transactions. `read` gives a part's table, wherever it is."""
    told: Shown = {}
    names = pa.array(sorted(txs), pa.string())
    for part in parts:
        legs = read(part, "legs")
        if legs is None:
            continue
        # An input that an exhibit shows bare says nothing of what moved.
        said = pc.or_(pc.is_valid(legs.column("amount")), pc.is_valid(legs.column("wide")))
        legs = legs.filter(pc.and_(said, pc.is_in(legs.column("tx"), value_set=names)))
        failed = _failed(read(part, "transactions"), names)
        for (tx, view), moves in _moves(legs).items():
            if tx in failed:  # what a failed transaction tried did not move
                moves = Counter({move: n for move, n in moves.items() if move[4] == "fee"})
            counts, views = told.setdefault((part.exhibit, tx), (Counter(), {}))
            views[view] = moves
            counts |= moves  # the same move in two views of one exhibit is one
            told[part.exhibit, tx] = (counts, views)
    return told


def _failed(rows: pa.Table | None, txs: pa.Array) -> frozenset[str]:
    """The transactions that an exhibit says have failed."""
    if rows is None:
        return frozenset()
    rows = rows.filter(pc.and_(pc.is_in(rows.column("id"), value_set=txs), pc.equal(rows.column("failed"), True)))
    return frozenset(rows.column("id").to_pylist())


def _moves(legs: pa.Table) -> dict[tuple[str, str | None], Counter[Any]]:
    """By transaction and view: (payer, payee, asset, amount, kind) of each pair of legs; a coin's alone."""
    pairs: dict[tuple[Any, ...], dict[bool, Mapping[str, Any]]] = {}
    for n, (leg, amount) in enumerate(zip(legs.to_pylist(), amounts.exact(legs), strict=True)):
        alone = ("alone", n) if leg["pair"] is None else ("pair", leg["pair"])
        key = (leg["tx"], leg["view"], leg["asset"], *alone)
        pairs.setdefault(key, {})[bool(leg["out"])] = {**leg, "exact": amount}
    held: dict[tuple[str, str | None], Counter[Any]] = {}
    for (tx, view, asset, *_), sides in pairs.items():
        payer, payee = (sides[side]["address"] if side in sides else None for side in (True, False))
        amount = abs(next(iter(sides.values()))["exact"])
        kind = next(iter(sides.values()))["kind"]
        held.setdefault((tx, view), Counter())[payer, payee, asset, amount, kind] += 1
    return held


def _one(
    material: Material,
    place: Holding,
    tx: str,
    shown: Shown,
    when: Mapping[tuple[int, str], _When],
    numbers: set[int],
    rivals: Collection[str] = (),
) -> Contradiction:
    versions = []
    for (exhibit, name), (moves, views) in sorted(shown.items(), key=lambda pair: pair[0]):
        if name != tx:
            continue
        mine = [
            (payee, n * times) for (payer, payee, asset, n, _), times in moves.items() if (payer, asset) == place
        ]
        # The list of another address says nothing of what else left this one.
        if mine or views.keys() & {place[0], None, ""}:
            paid: dict[str, int] = {}
            out = sum(n for _, n in mine)
            for payee, n in mine + _coins(moves, place, out):
                target = material.targets.get(at(payee or "", place[1]))
                if target is not None:
                    paid[target[0]] = paid.get(target[0], 0) + n
            time, height = when.get((exhibit, tx), (None, None))
            early, late = _before(material, place, (time, height))
            version = Version(
                exhibit=exhibit, out=out, paid=paid, time=time, height=height, early=early, late=late
            )
            versions += [version, *_itself(material, place, views, version)]
    # By who shows that another transaction spent the same coin nothing left in this one.
    showing = {exhibit for exhibit, name in shown if name == tx}
    others: dict[int, list[str]] = {}
    for exhibit, name in sorted(shown):
        if name in rivals and exhibit not in showing:
            others.setdefault(exhibit, []).append(name)
    moment = replace(versions[0], out=0, paid={}, early=False, late=True) if versions else None
    if moment:
        versions += [replace(moment, exhibit=n, instead=tuple(names)) for n, names in sorted(others.items())]
    every = numbers | {v.exhibit for v in versions}
    return Contradiction(holding=place, tx=tx, versions=tuple(versions), exhibits=tuple(sorted(every)))


def _itself(
    material: Material,
    place: Holding,
    views: Mapping[str | None, Counter[Any]],
    whole: Version,
) -> list[Version]:
    """What the receivers' own lists in the same exhibit make of it, where they say something else."""
    own, less, paid = views.get(place[0]), 0, dict(whole.paid)
    for name, moves in views.items() if own is not None else ():
        target = material.targets.get(at(name or "", place[1]))
        sums = [
            sum(
                n * times
                for (payer, payee, asset, n, _), times in each.items()
                if (payer, payee, asset) == (place[0], name, place[1])
            )
            for each in (own or Counter(), moves)
        ]
        differ = max(sums) - min(sums) if name not in (place[0], None, "") else 0
        less += differ
        if target is not None and differ:
            paid[target[0]] -= differ
    return [replace(whole, out=whole.out - less, paid=paid)] if less else []


def _coins(moves: Counter[Any], place: Holding, out: int) -> list[tuple[str | None, int]]:
    """The outputs of a coin transaction that this holding alone paid; of several payers none pays an output."""
    spent = {payer for (payer, _, asset, _, kind) in moves if kind == "input" and asset == place[1]}
    if spent != {place[0]} or not out:
        return []
    return [
        (payee, n * times)
        for (_, payee, asset, n, kind), times in moves.items()
        if kind == "output" and asset == place[1]
    ]


def made(material: Material, contradictions: Sequence[Contradiction]) -> Iterator[Row]:
    """One finding for each, with the least and the most that went to services, and that is left."""
    held = material.left("rest")
    for one in contradictions:
        came = sum(material.credits[one.holding].by_loss.values())
        mine = [each for each in contradictions if each.holding == one.holding]
        entered, gone = _passed(material, one.holding)
        low, high = (sum(ends) for ends in zip(*(each.out() for each in mine), strict=True))
        least, most = one.paid(entered, gone, came)
        slots: Slots = {
            "asset": one.holding[1],
            "transaction": one.tx,
            "amount": min(came, one.out()[1]),
            "versions": tuple(_told(v) for v in one.versions),
            **({"instead": told} if any(told := tuple(" ".join(v.instead) for v in one.versions)) else {}),
            **({"moments": tuple(_moment(v) for v in one.versions)} if one.dated() else {}),
            "services": tuple(sorted({name for v in one.versions for name in v.paid})),
            "to_least": least,
            "to_most": min(came, most),
            # All that is left there bounds the traced part of it; what all of it paid bounds what is left of it.
            "left_least": max(0, min(came - gone - high, held.get(one.holding, 0))),
            "left_most": max(0, min(held.get(one.holding, 0), entered - gone - low)),
        }
        yield "contradicted", one.holding[0], "", slots, one.exhibits


def _told(version: Version) -> str:
    """A version as a slot holds it: the exhibit, all that left, and what each service was paid."""
    parts = [f"{name}={n}" for name, n in sorted(version.paid.items())]
    return "|".join([str(version.exhibit), str(version.out), *parts])


def _moment(version: Version) -> str:
    """When an exhibit has it leaving, as a slot holds it: a time or nothing, and a height or nothing."""
    time = version.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if version.time else ""
    return f"{time}|{'' if version.height is None else version.height}"


def _passed(material: Material, place: Holding) -> tuple[int, int]:
    """What entered a holding, with what it must have held before, and what left it, but for what is disputed."""
    table = material.transfers.select(["src", "dst", "asset", "amount", "wide", "excluded"])
    sides = pc.or_(pc.equal(table.column("src"), place[0]), pc.equal(table.column("dst"), place[0]))
    table = table.filter(pc.and_(pc.equal(table.column("asset"), place[1]), pc.fill_null(sides, False)))
    entered = gone = short = 0
    for row, n in zip(table.to_pylist(), amounts.exact(table), strict=True):
        if row["excluded"] not in (None, "contradicted") or row["src"] == row["dst"]:
            continue
        if row["dst"] == place[0]:  # also what is disputed: as much can have come
            entered += n
        elif row["excluded"] is None:
            gone += n
            short = max(short, gone - entered)
    return entered + short, gone
