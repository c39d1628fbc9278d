"""Address poisoning: dust sent from an address made to look like one that the recipient deals with.

People compare the first and the last characters of an address. A poisoner makes an address that agrees in them
with a counterparty of the victim, and sends the victim next to nothing, so that the history offers the wrong
address for the next payment (Tsuchiya et al., USENIX Security 2025). Such dust is evidence and is listed; it never
starts a lot and never ties two addresses.

The rule, on one chain, over one ledger in its order:

1. S *imitates* C before V when S and C agree in the chain's head and tail characters, letter case apart, and value
   moved between V and C before any moved between V and S.
2. A transfer from S to V is dust when it is at most one hundredth of the largest amount that V had exchanged in
   the asset with those that S imitates; where they never exchanged it, of the largest that V had exchanged in it
   with anybody. With nothing to compare, it is not dust.
3. All transfers from S to V before V's first payment to S are left out, if each of them is dust. One that is not
   makes S somebody who pays, and nothing of S is left out. What V pays to S is value, and is always traced.

So a chance likeness can cost a trace no transfer above a hundredth of what was exchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts

REASON = "address poisoning"
"""What `excluded` says of a transfer that this rule leaves out of lots."""

PART = 100
"""Dust is at most one part in so many of what was exchanged."""

Looks: TypeAlias = Mapping[str, tuple[int, int]]
"""Chain -> how many characters at an address's head and at its tail people compare (`ChainInfo.lookalike`)."""

BAITS = pa.schema(
    [
        ("chain", pa.string()),
        ("victim", pa.string()),
        ("imitator", pa.string()),
        ("imitated", pa.string()),
        ("bait", pa.string()),
        ("row", pa.int64()),
    ]
)
"""A row for each transfer between a victim and an imitator. `bait` is `dust`, `forged` (without value, or of an
asset that is left out) or `paid` (value that the victim sent there); `row` is its number in the table given."""

_Codes: TypeAlias = npt.NDArray[np.int64]
_Mask: TypeAlias = npt.NDArray[np.bool_]
_NEVER = np.int64(2**62)


def leave_out(transfers: pa.Table, looks: Looks) -> pa.Table:
    """The ledger's transfers, in order, with `excluded` set to `REASON` where the rule leaves one out.

    Needs chain, src, dst, asset, amount, wide, kind and excluded. Rows left out already keep their reason.
    """
    found = _look(transfers, looks)
    if found is None or not found.dust.any():
        return transfers
    mask = np.zeros(transfers.num_rows, np.bool_)
    mask[found.row[found.dust]] = True
    column = pc.if_else(pa.array(mask), pa.scalar(REASON), transfers["excluded"])
    return transfers.set_column(transfers.schema.get_field_index("excluded"), "excluded", column)


def left_out_again(transfers: pa.Table, looks: Looks, touched: pa.Array) -> pa.Table:
    """The same where all but rows of the addresses `touched` stand as `leave_out` left them.

    The rule looks at one party's dealings at a time, so only those of the touched are looked at again; where a row
    was left out before, for whose sake is not kept, and both its parties are.
    """
    if not any(head + tail for head, tail in looks.values()):
        return transfers
    while True:
        rows = np.flatnonzero(_touching(transfers, touched).to_numpy(zero_copy_only=False))
        part = transfers.take(pa.array(rows))
        old = pc.fill_null(pc.equal(part["excluded"], REASON), False)
        sides = [part.filter(old)[name].drop_null() for name in ("src", "dst")]
        more = pc.unique(pa.chunked_array([touched, *(c for side in sides for c in side.chunks)], pa.string()))
        if len(more) == len(touched):
            break
        touched = more
    dust = np.zeros(transfers.num_rows, np.bool_)
    found = _look(part, looks)
    if found is not None:
        ours = pc.is_in(found.nodes["address"], value_set=touched).to_numpy(zero_copy_only=False)
        dust[rows[found.row[found.dust & ours[found.victim]]]] = True
    here = np.zeros(transfers.num_rows, np.bool_)
    here[rows] = True
    before = pc.fill_null(pc.equal(transfers["excluded"], REASON), False).to_numpy(zero_copy_only=False)
    column = pc.if_else(pa.array(here & before & ~dust), pa.scalar(None, pa.string()), transfers["excluded"])
    column = pc.if_else(pa.array(dust), pa.scalar(REASON), column)
    return transfers.set_column(transfers.schema.get_field_index("excluded"), "excluded", column)


def _touching(transfers: pa.Table, addresses: pa.Array) -> pa.ChunkedArray:
    return pc.or_(*(pc.is_in(transfers[name], value_set=addresses) for name in ("src", "dst")))


def baits(transfers: pa.Table, looks: Looks) -> pa.Table:
    """Every transfer of a poisoning, in the order of the ledger, with whom it was meant to deceive (`BAITS`)."""
    found = _look(transfers, looks)
    if found is None:
        return BAITS.empty_table()
    here = found.dust | found.forged | found.paid
    order = np.argsort(found.row[here], kind="stable")
    kind = np.where(found.dust, "dust", np.where(found.forged, "forged", "paid"))[here][order]
    names = {"victim": found.victim, "imitator": found.other, "imitated": found.imitated}
    texts = {n: found.nodes["address"].take(pa.array(codes[here][order])) for n, codes in names.items()}
    chain = found.nodes["chain"].take(pa.array(found.victim[here][order]))
    columns = {"chain": chain, **texts, "bait": pa.array(kind, pa.string()), "row": found.row[here][order]}
    return pa.table({f.name: columns[f.name] for f in BAITS}).cast(BAITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Transfers between a victim and addresses that look like another counterparty of it, one element each."""

    nodes: pa.Table
    row: _Codes
    victim: _Codes
    other: _Codes
    imitated: _Codes
    dust: _Mask
    forged: _Mask
    paid: _Mask


def _look(transfers: pa.Table, looks: Looks) -> _Seen | None:
    """Apply the rule; None where no two counterparties of anybody look alike, which is nearly always."""
    if not transfers.num_rows or not any(head + tail for head, tail in looks.values()):
        return None
    nodes, src, dst = _nodes(transfers)
    alike = _alike(nodes, looks)
    sides = _sides(transfers, src, dst, alike)
    if not len(sides.row):
        return None
    values, rank = _ranks(transfers, sides)
    return _judge(nodes, sides, values, rank)


def _nodes(transfers: pa.Table) -> tuple[pa.Table, _Codes, _Codes]:
    """Each address of each chain once, and the codes of both sides; -1 is nobody."""
    names = [pc.binary_join_element_wise(transfers["chain"], transfers[s], " ") for s in ("src", "dst")]
    coded = pc.dictionary_encode(pa.concat_arrays([n.combine_chunks() for n in names]))
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    parts = pc.split_pattern(coded.dictionary, " ", max_splits=1)
    table = pa.table({"chain": pc.list_element(parts, 0), "address": pc.list_element(parts, 1)})
    return table, codes[: transfers.num_rows], codes[transfers.num_rows :]


def _alike(nodes: pa.Table, looks: Looks) -> _Codes:
    """Per node: the number of its head and tail, shared by all that look like it; -1 where nothing does."""
    found = np.full(nodes.num_rows + 1, -1, np.int64)  # the last stands for nobody
    free = 0
    for chain, (head, tail) in sorted(looks.items()):
        # Letter case apart: where it is a checksum (EIP-55), wallets show it and people do not compare it.
        text = pc.utf8_lower(nodes["address"])
        # In a text no longer than its two ends they would overlap.
        long = pc.greater(pc.utf8_length(text), head + tail)
        here = pc.and_(pc.equal(nodes["chain"], chain), long).to_numpy(zero_copy_only=False)
        if not here.any() or head + tail == 0:
            continue
        text = text.filter(pa.array(here))
        ends = pc.utf8_slice_codeunits(text, -tail) if tail else ""
        keys = pc.binary_join_element_wise(pc.utf8_slice_codeunits(text, 0, head), ends, " ")
        codes = pc.dictionary_encode(keys).combine_chunks().indices.to_numpy().astype(np.int64)
        crowd = np.bincount(codes)
        found[:-1][here] = np.where(crowd[codes] > 1, codes + free, -1)
        free += len(crowd)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """A transfer as one of its parties sees it: twice a row, in the order of rows.

    `group` is that party with the look of the other; -1 where the party has dealings with no two that look so.
    """

    row: _Codes
    victim: _Codes
    other: _Codes
    out: _Mask
    live: _Mask
    group: _Codes
    asset: _Codes


def _sides(transfers: pa.Table, src: _Codes, dst: _Codes, alike: _Codes) -> _Sides:
    counted, live = _counted(transfers)
    rows = np.flatnonzero(counted & (src >= 0) & (dst >= 0) & (src != dst))
    row = np.repeat(rows, 2)
    out = np.tile(np.array([True, False]), len(rows))
    victim = np.where(out, src[row], dst[row])
    other = np.where(out, dst[row], src[row])
    group = _groups(victim, other, alike)
    # Of a party with look-alikes among its counterparties everything is kept, also what it exchanged with others:
    # dust is measured by that (step 2 of the rule).
    suspect = np.zeros(len(alike), np.bool_)
    suspect[victim[group >= 0]] = True
    keep = suspect[victim]
    assets = pc.dictionary_encode(transfers["asset"]).combine_chunks().indices.to_numpy().astype(np.int64)
    return _Sides(
        row=row[keep],
        victim=victim[keep],
        other=other[keep],
        out=out[keep],
        live=live[row[keep]],
        group=group[keep],
        asset=assets[row[keep]],
    )


def _counted(transfers: pa.Table) -> tuple[_Mask, _Mask]:
    """(rows that say something, rows that move value): fees, failed and contradicted ones say nothing."""
    why = pc.fill_null(transfers["excluded"], "")
    bad = pc.is_in(why, value_set=pa.array(["failed", "contradicted"]))
    counted = pc.and_(pc.not_equal(transfers["kind"], "fee"), pc.invert(bad))
    valued = pc.or_(pc.is_valid(transfers["wide"]), pc.fill_null(pc.greater(transfers["amount"], 0), False))
    live = pc.and_(pc.is_in(why, value_set=pa.array(["", REASON])), valued)
    return counted.to_numpy(), live.to_numpy()


def _groups(victim: _Codes, other: _Codes, alike: _Codes) -> _Codes:
    """Numbers of (party, look) pairs in which at least two others appear; -1 elsewhere."""
    found = np.full(len(victim), -1, np.int64)
    at = np.flatnonzero(alike[other] >= 0)
    pair, first = _numbered(victim[at], other[at])
    group, _ = _numbered(victim[at[first]], alike[other[at[first]]])
    crowd = np.bincount(group)
    found[at] = np.where(crowd[group] > 1, group, -1)[pair]
    return found


def _numbered(one: _Codes, two: _Codes) -> tuple[_Codes, _Codes]:
    """A number for each distinct pair, by element; and where each pair first stands."""
    width = int(two.max(initial=0)) + 1
    _, first, number = np.unique(one * width + two, return_index=True, return_inverse=True)
    return number.astype(np.int64), first.astype(np.int64)


def _ranks(transfers: pa.Table, sides: _Sides) -> tuple[npt.NDArray[np.object_], _Codes]:
    """The distinct amounts in order, exact, and each element's place among them; 0 is the place of nothing."""
    # Places stand in for amounts, which need up to 256 bits: numpy compares the places, Python the amounts.
    exact = amounts.exact(transfers.select(["amount", "wide"]).take(pa.array(sides.row)))
    values = np.array([0, *(v if live else 0 for v, live in zip(exact, sides.live, strict=True))], np.object_)
    distinct, rank = np.unique(values, return_inverse=True)
    return distinct, rank[1:].astype(np.int64)


def _judge(nodes: pa.Table, s: _Sides, values: npt.NDArray[np.object_], rank: _Codes) -> _Seen:
    near = np.flatnonzero(s.group >= 0)
    pair, _ = _numbered(s.group[near], s.other[near])
    row, out, live, group = s.row[near], s.out[near], s.live[near], s.group[near]
    size = int(pair.max()) + 1
    first, paid = _least(pair, row, live, size), _least(pair, row, live & out, size)
    opened = _least(group, row, live, int(group.max()) + 1)
    # The first of a look to deal with the victim imitates nobody.
    later = opened[group] < first[pair]
    before = live & ~out & later & (row < paid[pair])
    most = _most_before(s, rank, near, first[pair])
    # In Python's integers (an array of objects): a hundred times an amount of 256 bits fits no fixed width.
    dusty = before & (values[rank[near]] * PART <= values[most]).astype(np.bool_)
    # One transfer that is no dust, and the sender is somebody who pays.
    pays = np.bincount(pair[before & ~dusty], minlength=size) > 0
    dust = dusty & ~pays[pair]
    forged = ~live & later & ~pays[pair] & (row > opened[group])
    baited = np.bincount(pair[(dust | forged) & (row < paid[pair])], minlength=size) > 0
    return _Seen(
        nodes=nodes,
        row=row,
        victim=s.victim[near],
        other=s.other[near],
        imitated=_firsts(group, row, live, s.other[near])[group],
        dust=dust,
        forged=forged & baited[pair],
        paid=live & out & later & baited[pair],
    )


def _least(key: _Codes, row: _Codes, which: _Mask, size: int) -> _Codes:
    """Per key: the first of the rows that `which` marks; `_NEVER` where there is none."""
    found = np.full(size, _NEVER)
    np.minimum.at(found, key[which], row[which])
    return found


def _firsts(group: _Codes, row: _Codes, live: _Mask, other: _Codes) -> _Codes:
    """Per group: with whom its first value moved."""
    found = np.full(int(group.max()) + 1, -1, np.int64)
    at = np.flatnonzero(live)[::-1]
    found[group[at]] = other[at]  # the last written is the earliest
    return found


def _most_before(s: _Sides, rank: _Codes, near: _Codes, first: _Codes) -> _Codes:
    """Per element of `near`: the place of the largest amount of its asset, inside its group, before row `first`;
    where there is none, of the largest amount that its party exchanged in that asset with anybody."""
    inside = _Peaks.of(s.group[near], s.asset[near], s.row[near], rank[near])
    anybody = _Peaks.of(s.victim, s.asset, s.row, rank)
    close = inside.before(s.group[near], s.asset[near], first)
    return np.where(close > 0, close, anybody.before(s.victim[near], s.asset[near], first))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Peaks:
    """The largest value so far under each key, in the order of rows."""

    known: _Codes
    width: int
    place: _Codes
    peak: _Codes
    of_key: _Codes
    span: int

    @classmethod
    def of(cls, one: _Codes, two: _Codes, row: _Codes, rank: _Codes) -> _Peaks:
        width = int(two.max()) + 1
        known, key = np.unique(one * width + two, return_inverse=True)
        span = int(row.max()) + 2
        place = key * span + row
        order = np.argsort(place, kind="stable")
        top = int(rank.max()) + 1
        # Keys rise along the order, so that a running maximum over (key, rank) never looks into another key.
        peak = np.maximum.accumulate(key[order] * top + rank[order]) % top
        return cls(known=known, width=width, place=place[order], peak=peak, of_key=key[order], span=span)

    def before(self, one: _Codes, two: _Codes, row: _Codes) -> _Codes:
        """Per query: the peak under its key before `row`; 0 where there is none."""
        key = np.searchsorted(self.known, one * self.width + two)
        # `_NEVER` is brought down to the end of its key, or the sum would run into the keys behind it.
        at = np.searchsorted(self.place, key * self.span + row.clip(max=self.span - 1), side="left") - 1
        good = (at >= 0) & (self.of_key[at] == key)
        return np.where(good, self.peak[at], 0)
