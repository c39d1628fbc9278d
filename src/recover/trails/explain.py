"""Routes from a loss to a place where its value ended, with the arithmetic of every movement on them.

The stored flows say how much each movement carried and not what its sender held then. So the asset is traced again
by the same rule, with the pools of the wanted movements watched, and what comes out is held against what is
stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.tracing import Trace, rules
from recover.tracing.lots import CLEAN, Lot, Pool
from recover.trails.carried import Edge, Figures, carried_of, edges, stored_figures
from recover.trails.endpoints import PASSED_ON, reached
from recover.trails.explained import Explanation, Held, Hop, Part, Route
from recover.trails.prepared import Prepared, numbered, run_rule
from recover.trails.routes import Asked, Origins, TooMany, Way, mismatch
from recover.trails.substitutes import bridged, came
from recover.trails.trail import Trail

_PAID = frozenset({"fee", "burn", "open"})
"""Reasons whose end stands at the payer: the movement has no receiver."""


def explain(case: Case, endpoint: str, asset: str = "", loss: str = "") -> list[Explanation]:
    """Explains every (asset, loss) that ended at `endpoint`, an address or CAIP-10, under the declared rule.

    Raises Error: `endpoint-unknown` where nothing ended; `explain-mismatch` where tracing again does not give
    the stored figures.
    """
    flows = derived.read(case, "flows")
    rows = reached(case, flows, endpoint, asset, loss)
    ledger = numbered(case)
    prepared = Prepared.of(case, ledger)
    found = []
    for chosen in sorted({row["asset"] for row in rows}):
        wanted = [row for row in rows if row["asset"] == chosen]
        found += list(_asset(case, ledger, prepared, flows, chosen, wanted))
    return found


def _asset(
    case: Case,
    ledger: Numbered,
    prepared: Prepared,
    flows: pa.Table,
    asset: str,
    ends: Sequence[Mapping[str, Any]],
) -> Iterator[Explanation]:
    trail = prepared.trails[asset]
    mine = flows.filter(pc.is_in(flows.column("seq"), value_set=pa.array(trail.seqs)))
    figures = stored_figures(mine)
    ways: dict[str, tuple[Way, Way]] = {}
    try:
        origins = followed(case, ledger, prepared, asset, figures)
        for loss in sorted({row["loss"] for row in ends}):
            carried = edges(trail, ledger, figures, loss)
            final = _final(carried, [row for row in ends if row["loss"] == loss])
            ways[loss] = best(case, origins, carried, final, loss) or _unreached(loss)
    except TooMany:
        raise _many(asset) from None
    seqs = {int(trail.seqs[move]) for both in ways.values() for way in both for move in way.moves}
    # One trace serves the routes of all losses.
    hops = again(case, ledger, prepared, asset, figures, frozenset(seqs))
    in_ = _came_in(case, trail, ways)
    for loss, (short, wide) in ways.items():
        here = [row for row in ends if row["loss"] == loss]
        yield Explanation(
            endpoint=here[0]["address"],
            asset=asset,
            loss=loss,
            rule=case.settings.rule,
            ended=tuple((row["reason"], row["exact"]) for row in here),
            transfers=_movements(here),
            began=sum(n for (_, who, event), n in figures.items() if who == loss and event == "start") - in_[loss],
            came=in_[loss],
            shortest=_told(trail, figures, loss, short, hops),
            largest=_told(trail, figures, loss, wide, hops),
        )


def _came_in(case: Case, trail: Trail, losses: Iterable[str]) -> dict[str, int]:
    """What of each loss came into an asset by exchange or over a bridge."""
    table, found = derived.read(case, "exchanges"), dict.fromkeys(losses, 0)
    mine = table.filter(pc.is_in(table.column("seq"), value_set=pa.array(trail.seqs)))
    for loss, amount in zip(mine.column("loss").to_pylist(), amounts.exact(mine), strict=True):
        if loss in found:
            found[loss] += amount
    return found


def _movements(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many movements brought this: what passed on came by all of them."""
    passed = [row["transfers"] for row in rows if row["reason"] == PASSED_ON]
    return sum(passed) if passed else sum(row["transfers"] for row in rows)


def _told(trail: Trail, figures: Figures, loss: str, way: Way, hops: Mapping[int, Hop]) -> Route:
    found = (replace(hop, traced=carried_of(figures, hop.seq, loss)) for hop in joined(trail, way, hops))
    return Route(hops=tuple(found), bottleneck=way.amount)


def joined(trail: Trail, way: Way, hops: Mapping[int, Hop]) -> Iterator[Hop]:
    """The hops of a way, each from where the one before ended.

    A coin transaction names no payer of an output, and the rule says which of its coins brought the value: what
    the movement before made.
    """
    before: Hop | None = None
    for move in way.moves:
        hop = hops[int(trail.seqs[move])]
        before = replace(hop, src=before.dst) if before is not None and hop.inputs is not None else hop
        yield before


def _unreached(loss: str) -> tuple[Way, Way]:
    raise mismatch(f"No movement of {loss} leads from where it began to this endpoint.")


def _many(asset: str) -> Error:
    return Error(
        "explain-many",
        f"The ways that value went in {asset} are too many to be told apart.",
        "Under a rule that goes by shares each movement carries a part of every way that led to its payer.",
        "`recover export` with the format `sheets` says what each movement carried, and out of what.",
    )


def best(
    case: Case,
    origins: Origins,
    carried: Sequence[Edge],
    final: frozenset[int],
    loss: str,
    by: Collection[int] | None = None,
) -> tuple[Way, Way] | None:
    """The shortest way of a loss that ends by one of `final`, and the one of most value; None without one.

    With `by`, only of the ways whose last movement spends one of these moves, coins of one address.
    """
    number = [one.id for one in case.settings.losses].index(loss)
    last = [edge for edge in carried if edge.seq in final]
    sums = origins.ways((e.move for e in last), number, {e.move: e.began for e in last})
    if by is not None:
        sums = {way: n for way, n in sums.items() if origins.coin(way) in by}
    return origins.best(sums)


def followed(case: Case, ledger: Numbered, prepared: Prepared, asset: str, figures: Figures) -> Origins:
    """Traces again, same engine, and keeps by which way each part of a loss came; checked with `figures`.

    Raises TooMany.
    """
    trail, names = prepared.trails[asset], [loss.id for loss in case.settings.losses]
    at = {seq: move for move, seq in enumerate(trail.seqs.tolist())}
    origins = Origins(rules.rule(case.settings.rule).fresh, trail.spent, trail.receivers)
    _run(case, ledger, prepared, asset, {at[seq] for seq, _, _ in figures}, origins.pool)
    for (seq, loss, event), amount in sorted(figures.items()):
        pieces = origins.pieces.get(at[seq], {}).get(names.index(loss), ())
        if event == "move" and sum(size for _, size in pieces) != amount:
            raise mismatch(f"Movement {seq} carried {amount} of {loss}; the ways that it came by sum to other.")
    return origins


def _final(edges: Sequence[Edge], ends: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """The movements that brought what ended: to the endpoint, or, for a fee or a burn, from it to nobody."""
    place = ends[0]["address"]
    reasons = {row["reason"] for row in ends}
    arrived = {edge.seq for edge in edges if edge.receiver == place and reasons - _PAID}
    gone = {edge.seq for edge in edges if edge.receiver is None and edge.payer == place and reasons & _PAID}
    return frozenset(arrived | gone)


class _Elective(Protocol):
    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]: ...


class _Watched:
    """A pool that notes what it held just before and just after the debits asked for; it changes nothing."""

    __slots__ = ("pool", "seen")

    def __init__(self, pool: Pool, seen: dict[int, _Seen]) -> None:
        self.pool, self.seen = pool, seen

    def take(self, amount: int) -> list[Lot]:
        return self._watch(amount, lambda: self.pool.take(amount))

    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]:
        return self._watch(amount, lambda: cast(_Elective, self.pool).elect(amount, losses))

    def _watch(self, amount: int, debit: Callable[[], list[Lot]]) -> list[Lot]:
        if not isinstance(amount, Asked):
            return debit()
        # Before the debit: taking changes both.
        balance, lots = self.pool.balance, self.pool.lots()
        taken = debit()
        self.seen[amount.row] = _Seen(balance, lots, taken, self.pool.balance, self.pool.lots())
        return taken

    # The engine must meet the same pool, whatever it asks of it.
    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)


@dataclass(frozen=True, slots=True)
class _Seen:
    balance: int
    lots: list[Lot]
    taken: list[Lot]
    left: int
    left_lots: list[Lot]


def again(
    case: Case, ledger: Numbered, prepared: Prepared, asset: str, figures: Figures, seqs: frozenset[int]
) -> dict[int, Hop]:
    """Traces again, same engine and watched pools: the hops of `seqs`, checked with `figures`."""
    trail, seen = prepared.trails[asset], dict[int, _Seen]()
    wanted = np.flatnonzero(np.isin(trail.seqs, np.array(sorted(seqs), np.int64))).tolist()
    rule = rules.rule(case.settings.rule)
    result = _run(case, ledger, prepared, asset, wanted, lambda: cast(Pool, _Watched(rule.fresh(), seen)))
    names, asked = [loss.id for loss in case.settings.losses], set(wanted)
    fresh = {
        (int(trail.seqs[f.move]), names[f.loss], f.event.name.lower()): f.amount
        for f in result.flows or ()
        if f.move in asked
    }
    stored = {key: amount for key, amount in figures.items() if key[0] in seqs}
    # The arithmetic shown must be that of the figures in the report. If it is not, none is shown.
    if fresh != stored:
        differ = sorted(set(fresh.items()) ^ set(stored.items()))[0][0]
        raise mismatch(
            f"Movement {differ[0]}, {differ[2]} of {differ[1]}: {stored.get(differ, 0)} is stored, "
            f"{fresh.get(differ, 0)} is found."
        )
    found = {int(trail.seqs[move]): _hop(ledger, trail, move, seen.get(move), stored, names) for move in wanted}
    over, swapped = bridged(case), came(case, prepared.exchanged)
    return {seq: replace(hop, over=over.get(seq), came=swapped.get(seq)) for seq, hop in found.items()}


def _run(
    case: Case,
    ledger: Numbered,
    prepared: Prepared,
    asset: str,
    wanted: Iterable[int],
    pool: Callable[[], Pool],
) -> Trace:
    """One trace more under the declared rule with these pools, which know the wanted movements."""
    trail = prepared.trails[asset]
    exact = amounts.exact(ledger.table.select(["amount", "wide"]).take(pa.array(trail.seqs)))
    # A subclass of int goes through the engine as the number that it is, and is still known in the pool.
    for move in wanted:
        exact[move] = Asked(exact[move])
        cast(Asked, exact[move]).row = move
    rule = replace(rules.rule(case.settings.rule), pool=pool)
    found = run_rule(rule, {**prepared.trails, asset: trail.plainly(exact)}, prepared.exchanged, flows=True)
    return next(result for other, result, _ in found if other.asset == asset)


def _hop(
    ledger: Numbered, trail: Trail, move: int, seen: _Seen | None, stored: Figures, names: Sequence[str]
) -> Hop:
    row = ledger.table.slice(int(trail.seqs[move]), 1)
    moved = amounts.exact(row)[0]
    facts = row.select(["seq", "tx", "time", "dst"]).to_pylist()[0]
    payer = trail.payer(move)
    taken = _parts(seen.taken if seen else [(CLEAN, moved)] if moved else [], names)
    _check(facts["seq"], moved, seen, taken, stored)
    return Hop(
        seq=facts["seq"],
        tx=facts["tx"],
        time=facts["time"],
        src=ledger.names[payer] if payer >= 0 else None,
        dst=facts["dst"] or None,
        moved=moved,
        held=None
        if seen is None
        else Held(
            balance=seen.balance,
            lots=_parts(seen.lots, names),
            left=seen.left,
            left_lots=_parts(seen.left_lots, names),
        ),
        taken=taken,
        began=tuple(
            Part(loss=name, amount=stored[facts["seq"], name, "start"])
            for name in names
            if (facts["seq"], name, "start") in stored
        ),
        traced=0,
        inputs=trail.inputs(move),
        payers=() if trail.inputs(move) is None else tuple(ledger.names[one] for one in trail.payers(move)),
        history=_history(ledger, trail, payer),
    )


WHOLE, UNSHOWN, STOPPED = "whole", "not whole", "stop"
"""The history of a payer: whole in the exhibits, not shown to be, or of no use as the trace stops there."""


def _history(ledger: Numbered, trail: Trail, payer: int) -> str:
    """What the exhibits hold of what a payer had: only a whole history shows that nothing traced was in it."""
    if payer >= 0 and ledger.stop[payer]:
        return STOPPED
    if ledger.covered.everywhere(trail.asset):
        return WHOLE
    # Of several payers the histories of all would have to be whole, and then none is named here.
    return WHOLE if payer >= 0 and ledger.covered.whole(ledger.names[payer], trail.asset) else UNSHOWN


def _check(seq: int, moved: int, seen: _Seen | None, taken: Sequence[Part], stored: Figures) -> None:
    """Raises Error unless what the pool gave is what moved, and what of each loss the flows say it carried."""
    gave: dict[str, int] = {}
    for part in taken:
        if part.loss is not None:
            gave[part.loss] = gave.get(part.loss, 0) + part.amount
    says = {who: amount for (number, who, event), amount in stored.items() if number == seq and event == "move"}
    if gave != says or sum(part.amount for part in taken) != moved:
        raise mismatch(f"Movement {seq} moved {moved} with {says} traced; its sender's pool gave {gave}.")
    if seen is not None and seen.balance - moved != seen.left:
        raise mismatch(f"Movement {seq}: {seen.balance} less {moved} is not {seen.left}.")


def _parts(lots: Sequence[Lot], names: Sequence[str]) -> tuple[Part, ...]:
    return tuple(
        Part(loss=None if label == CLEAN else names[label], amount=int(amount)) for label, amount in lots if amount
    )
