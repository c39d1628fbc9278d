"""The routes of a report: to each off-ramp, of each loss, the shortest and the largest, with each hop's sums.

A route is a way that value of the loss really went, under the declared rule, from its first movement to its last.
Two traces more serve them all. Where a case is so large that tracing it again hop by hop would take minutes, there
are none, and the report says how to ask for one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp
from recover.trails.carried import Edge, Figures, carried_of, edges, stored_figures
from recover.trails.explain import again, best, followed, joined
from recover.trails.explained import Hop, Part
from recover.trails.prepared import Prepared, numbered
from recover.trails.routes import Origins, TooMany, Way
from recover.trails.trail import Trail

MOVEMENTS = 200_000
"""Of more movements in the ledger no route is worked out for a report."""

ROUTES = 200
"""At most so many pairs of an off-ramp and a loss have routes, those with most traced value first."""

TABLE = pa.schema(
    [
        *((name, pa.string()) for name in ("asset", "loss", "through", "service", "way", "ended")),
        *((name, pa.int64()) for name in ("hop", "hops", "seq", "inputs")),
        *((name, pa.string()) for name in ("tx", "src", "dst", "history")),
        ("time", pa.timestamp("us", tz="UTC")),
        *((name, pa.string()) for name in ("moved", "traced", "least", "balance", "left")),
        *((name, pa.string()) for name in ("held", "taken", "remains", "began", "over")),
    ]
)
"""A row a hop. Amounts are base units as text; `held`, `taken`, `remains` and `began` are lists of [loss, amount]
as JSON, the loss empty where the part is of no declared loss. `over` says, as JSON, what went into a bridge that
the movement paid out. `way` is shortest, largest, or both where they are
one. `traced` is what the movement carried of the loss by whatever ways, `least` what went the whole route.
`history` says of the payer's whether it is whole in the exhibits (whole, not whole), or that the trace stops at it
(stop): without a balance only the first shows that it held nothing traced. `src` is on a coin chain the address
whose coin brought what the route follows; of a first movement that spends coins of several, nobody."""


def table(case: Case, ramps: Sequence[OffRamp]) -> pa.Table:
    """The routes to these off-ramps, the pair with most traced value first; empty for a case that is too large."""
    pairs = wanted(ramps)
    if not pairs or _large(case):
        return TABLE.empty_table()
    flows, ledger = derived.read(case, "flows"), numbered(case)
    prepared = Prepared.of(case, ledger)
    rows: dict[int, list[dict[str, Any]]] = {}
    for asset in sorted({ramp.asset for _, ramp, _ in pairs}):
        mine = [one for one in pairs if one[1].asset == asset]
        for place, found in _asset(case, ledger, prepared, flows, asset, mine):
            rows[place] = found
    return pa.Table.from_pylist([row for place in sorted(rows) for row in rows[place]], schema=TABLE)


def rested(case: Case, places: Collection[tuple[str, str]]) -> pa.Table:
    """The routes by which what is left at these (address, asset) came there, by loss; of the same shape.

    `service` is empty, `through` the address. Only what is left counts: what came there and went on is in no
    route. What is not followed from there, as its history is in no exhibit, is left too. None where a trace made
    again leaves anything else there than what is stored.
    """
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    names = ("reason", "address", "asset", "loss")
    cells = zip(*(ends.column(name).to_pylist() for name in names), amounts.exact(ends), strict=True)
    wanted: dict[tuple[str, ...], int] = {}
    for reason, *key, amount in cells:
        if reason in _LEFT and amount and (key[0], key[1]) in places:
            wanted[tuple(key)] = wanted.get(tuple(key), 0) + amount
    if not wanted or _large(case):
        return TABLE.empty_table()
    flows, ledger = derived.read(case, "flows"), numbered(case)
    prepared = Prepared.of(case, ledger)
    rows: list[dict[str, Any]] = []
    for asset in sorted({key[1] for key in wanted}):
        rows += _left(case, ledger, prepared, flows, asset, {k: n for k, n in wanted.items() if k[1] == asset})
    return pa.Table.from_pylist(rows, schema=TABLE)


_LEFT = ("rest", "uncollected")


def _left(
    case: Case,
    ledger: Numbered,
    prepared: Prepared,
    flows: pa.Table,
    asset: str,
    wanted: Mapping[tuple[str, ...], int],
) -> Iterator[dict[str, Any]]:
    trail = prepared.trails[asset]
    figures = stored_figures(flows.filter(pc.is_in(flows.column("seq"), value_set=pa.array(trail.seqs))))
    names, ways = [loss.id for loss in case.settings.losses], dict[tuple[str, ...], list[tuple[str, Way]]]()
    try:
        origins = followed(case, ledger, prepared, asset, figures)
    except TooMany:
        return
    seq_of = trail.seqs.tolist()
    for move, number, sums in origins.left():
        key: tuple[str, ...] = (trail.ends(move)[1] or "", asset, names[number])
        if wanted.get(key) == sum(sums.values()):
            ways[key] = _begun(origins, sums, key[2], seq_of, figures)
    others = sorted(wanted.keys() - ways.keys())
    carried = {loss: edges(trail, ledger, figures, loss) for loss in dict.fromkeys(key[2] for key in others)}
    for key in others:
        # Where the trace stops no pool holds what came: all that moved there ended by moving.
        final = [one for one in carried[key[2]] if one.receiver == key[0]]
        if wanted[key] == sum(figures.get((one.seq, key[2], "end"), 0) for one in final):
            began = {one.move: one.began for one in final}
            sums = origins.ways(began, names.index(key[2]), began)
            ways[key] = _begun(origins, sums, key[2], seq_of, figures)
    seqs = {int(trail.seqs[move]) for named in ways.values() for _, way in named for move in way.moves}
    hops = again(case, ledger, prepared, asset, figures, frozenset(seqs))
    for key in sorted(ways, key=lambda one: (-wanted[one], one)):
        head = {"asset": asset, "loss": key[2], "through": key[0], "service": "", "ended": str(wanted[key])}
        for named in ways[key]:
            yield from _rows(head, trail, figures, named, hops)


def _begun(
    origins: Origins, sums: Mapping[int, int], loss: str, seq_of: Sequence[int], figures: Figures
) -> list[tuple[str, Way]]:
    """The shortest and the largest of these ways, of those that lead here from the loss itself."""
    # What an exchange brought in began elsewhere.
    first = {way: seq_of[origins.told(way, n).moves[0]] for way, n in sums.items()}
    return _named(origins.best({way: n for way, n in sums.items() if (first[way], loss, "start") in figures}))


def _large(case: Case) -> bool:
    return bool(derived.read(case, "transfers", ["seq"]).num_rows > MOVEMENTS)


def wanted(ramps: Sequence[OffRamp]) -> list[tuple[int, OffRamp, str]]:
    """The pairs of an off-ramp and a loss that get routes, those with most traced value first."""
    pairs = [(r, loss, amount) for r in ramps for loss, amount in r.by_loss.items() if amount]
    pairs.sort(key=lambda one: (-one[2], one[0].through, one[0].service or "", one[1]))
    return [(place, ramp, loss) for place, (ramp, loss, _) in enumerate(pairs[:ROUTES])]


def _asset(
    case: Case,
    ledger: Numbered,
    prepared: Prepared,
    flows: pa.Table,
    asset: str,
    wanted: Sequence[tuple[int, OffRamp, str]],
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    trail = prepared.trails[asset]
    figures = stored_figures(flows.filter(pc.is_in(flows.column("seq"), value_set=pa.array(trail.seqs))))
    carried = {loss: edges(trail, ledger, figures, loss) for loss in sorted({loss for *_, loss in wanted})}
    ways: dict[int, list[tuple[str, Way]]] = {}
    try:
        origins = followed(case, ledger, prepared, asset, figures)
        for place, ramp, loss in wanted:
            final, by = _final(carried[loss], ramp, trail)
            if ramp.by_memo:  # one customer's deposits at a wallet that many pay in to
                memos = ledger.table.column("memo").take(pa.array(sorted(final), pa.int64())).to_pylist()
                mine = zip(sorted(final), memos, strict=True)
                final = frozenset(seq for seq, memo in mine if (memo or "") == ramp.memo)
            ways[place] = _named(best(case, origins, carried[loss], final, loss, by))
    except TooMany:
        # None rather than some: which were told apart would hang on their order.
        return
    seqs = {int(trail.seqs[move]) for named in ways.values() for _, way in named for move in way.moves}
    hops = again(case, ledger, prepared, asset, figures, frozenset(seqs))
    for place, ramp, loss in wanted:
        head = {"asset": ramp.asset, "loss": loss, "through": ramp.through, "service": ramp.service or ""}
        head["ended"] = str(ramp.by_loss[loss])
        yield place, [row for named in ways[place] for row in _rows(head, trail, figures, named, hops)]


def _final(carried: Sequence[Edge], ramp: OffRamp, trail: Trail) -> tuple[frozenset[int], frozenset[int] | None]:
    """The movements that brought the loss into the service's own wallets or the hub, by the credited address.

    On a coin chain also the coins of that address, of which they have to spend one: the movement names no payer.
    """
    own = set(ramp.hot_wallets)
    if ramp.through in own:
        return frozenset(edge.seq for edge in carried if edge.receiver == ramp.through), None
    came = [edge for edge in carried if edge.receiver in own]
    if trail.model == "utxo":
        coins = frozenset(edge.move for edge in carried if edge.receiver == ramp.through)
        return frozenset(edge.seq for edge in came), coins
    return frozenset(edge.seq for edge in came if edge.payer == ramp.through), None


def _named(both: tuple[Way, Way] | None) -> list[tuple[str, Way]]:
    # No way leads where value came in by an exchange from another asset: those stand in the findings.
    if both is None:
        return []
    return [("both", both[0])] if both[0] == both[1] else [("shortest", both[0]), ("largest", both[1])]


def _rows(
    head: Mapping[str, str], trail: Trail, figures: Figures, named: tuple[str, Way], hops: Mapping[int, Hop]
) -> Iterator[dict[str, Any]]:
    name, way = named
    for n, hop in enumerate(joined(trail, way, hops), 1):
        held = hop.held
        yield {
            **head,
            "way": name,
            "hop": n,
            "hops": len(way.moves),
            "seq": hop.seq,
            "inputs": hop.inputs,
            "tx": hop.tx,
            "src": hop.src,
            "dst": hop.dst,
            "history": hop.history,
            "time": hop.time,
            "moved": str(hop.moved),
            "traced": str(carried_of(figures, hop.seq, head["loss"])),
            "least": str(way.amount),
            "balance": str(held.balance) if held else None,
            "left": str(held.left) if held else None,
            "held": _parts(held.lots if held else ()),
            "taken": _parts(hop.taken),
            "remains": _parts(held.left_lots if held else ()),
            "began": _parts(hop.began),
            "over": json.dumps(asdict(hop.over), separators=(",", ":")) if hop.over else "",
        }


def _parts(parts: Sequence[Part]) -> str:
    return json.dumps([[part.loss or "", str(part.amount)] for part in parts], separators=(",", ":"))
