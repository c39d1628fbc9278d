"""Ties: movements of one moment whose order no exhibit gives, and the orders in which they can be taken."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise, permutations, product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.tracing.reach import reach
from recover.trails.balances import Balances

_Codes = NDArray[np.int64]
_Mask = NDArray[np.bool_]

Places = tuple[int, ...]
"""Places of movements in a trail, in an order."""

SINGLE = 24
"""At most so many orders of one tie alone are tried."""

LISTED = 5_040
"""Of a tie with more orders than this, seven movements', not all are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Movements of one asset at one moment that meet at addresses which a trace follows: their order can matter.

    `base` are their places in the order used: by transaction id and, within one, by place in the exhibit, but for
    what `solvent` puts first. Each of `units` is one transaction: the movements whose order in it is open, then
    those that keep theirs behind them.
    """

    asset: str
    base: Places
    units: tuple[tuple[Places, Places], ...]
    addresses: frozenset[int]
    crowded: frozenset[int]
    moves: Mapping[int, tuple[int, int, int]]
    """By place, who paid, who was paid, and how much."""
    held: Mapping[int, int]
    """What the addresses held before, with the least that each must have had at first, whatever the order."""
    whole: frozenset[int]
    """The addresses of whole histories: none of them can have paid more than it had."""

    def moved(self, at: Mapping[int, int]) -> Tie:
        """The same tie where each place is another: by the old one, the new."""

        def new(places: Places) -> Places:
            return tuple(at[place] for place in places)

        return replace(
            self,
            base=new(self.base),
            units=tuple((new(free), new(rest)) for free, rest in self.units),
            moves={at[place]: move for place, move in self.moves.items()},
        )

    def meets(self, address: int) -> bool:
        """Whether several of the movements are of this address."""
        return address in self.crowded

    @property
    def count(self) -> int:
        """How many orders there are, the one used included."""
        return math.factorial(len(self.units)) * math.prod(math.factorial(len(free)) for free, _ in self.units)

    def possible(self, order: Places) -> bool:
        """Whether no address of whole history pays more than it has, unless it does in the order used too."""
        used = self.lows(self.base)
        return all(low >= min(0, used[a]) for a, low in self.lows(order).items() if a in self.whole)

    def lows(self, order: Places) -> dict[int, int]:
        """By address, the least that it holds on the way."""
        held, lows = dict(self.held), dict(self.held)
        for place in order:
            src, dst, amount = self.moves[place]
            if src in held:
                held[src] -= amount
                lows[src] = min(lows[src], held[src])
            if dst in held:
                held[dst] += amount
        return lows

    def all(self) -> tuple[Places, ...] | None:
        """Every order that can have been, the one used first; None where there are too many to look at each."""
        if self.count > LISTED:
            return None
        return tuple(order for order in self.orders() if self.possible(order))

    def orders(self) -> Iterator[Places]:
        """Every order, the one used first."""
        for units in permutations(self.units):
            for inner in product(*(permutations(free) for free, _ in units)):
                yield tuple(p for own, (_, fixed) in zip(inner, units, strict=True) for p in (*own, *fixed))

    def others(self) -> tuple[Places, ...]:
        """Orders to try alone: all others where they are few, else reversed, and each one first and last."""
        if self.count <= LISTED:
            every = tuple(order for order in self.orders() if order != self.base and self.possible(order))
            if len(every) <= SINGLE:
                return every
        found = [self.reversed()]
        if len(self.units) > 1:
            parts: list[Places] = [(*free, *fixed) for free, fixed in self.units]
        else:
            parts = [(place,) for place in self.units[0][0]]
        tail = self.units[0][1] if len(self.units) == 1 else ()
        for n, part in enumerate(parts):
            rest = [place for other in (*parts[:n], *parts[n + 1 :]) for place in other]
            found += [(*part, *rest, *tail), (*rest, *part, *tail)]
        kept = [order for order in dict.fromkeys(found) if order != self.base and self.possible(order)]
        return tuple(kept[:SINGLE])

    def reversed(self) -> Places:
        """Transactions turned round, and within each what is open, as far as nobody pays what he does not have."""
        left = [[*reversed(free), *fixed] for free, fixed in reversed(self.units)]
        found: list[int] = []
        while left:
            # The first that can come next; where none can, the order used stands.
            fitting = next((unit for unit in left if self.possible((*found, *unit))), None)
            if fitting is None:
                return self.base
            left.remove(fitting)
            found += fitting
        return tuple(found)


class _Histories:
    """What addresses held at each moment: each is summed once, if a tie asks for it."""

    def __init__(self, trail: Balances, tie: _Codes) -> None:
        self.moves, self.tie = trail.moves, tie
        sides = np.concatenate([trail.moves.src, trail.moves.dst])
        # By address, and of each the rows in their order: stable, and the two sides of one row are told apart.
        rows = np.tile(np.arange(len(trail.moves)), 2)
        self.order = np.lexsort((rows, sides))
        self.rows, self.sides = rows, sides[self.order]
        self.done: dict[int, tuple[list[int], list[int], int]] = {}

    def before(self, start: int, addresses: frozenset[int]) -> dict[int, int]:
        """What each address holds before a place, with the least that it had at first in any order."""
        found: dict[int, int] = {}
        for address in sorted(addresses):
            rows, balances, least = self.done.get(address) or self._summed(address)
            found[address] = balances[bisect_left(rows, start)] - least
        return found

    def _summed(self, address: int) -> tuple[list[int], list[int], int]:
        first, last = np.searchsorted(self.sides, [address, address + 1])
        places = self.order[first:last]
        paid = (places < len(self.moves)).tolist()
        rows = self.rows[places].tolist()
        # In Python's integers: amounts of 64 bits, added, need more.
        by_row: dict[int, int] = {}
        for row, out in zip(rows, paid, strict=True):
            amount = int(self.moves.amount[row])
            by_row[row] = by_row.get(row, 0) + (-amount if out else amount)
        balances = list(accumulate(by_row.values(), initial=0))
        # Within a moment the order is open: only where it ends has an address what no order changes.
        moments = self.tie[list(by_row)].tolist()
        ends = [n for n, one in enumerate(moments, 1) if one < 0 or moments[n : n + 1] != [one]]
        self.done[address] = list(by_row), balances, min(0, *(balances[n] for n in ends))
        return self.done[address]


def ties(trail: Balances, ledger: Numbered, alone: bool = False) -> list[Tie]:
    """The ties of one trail that can matter, in their order.

    `alone`: nothing is exchanged into this asset, so that what its own losses cannot reach is left out.
    """
    seqs = pa.array(trail.seqs)
    tie = ledger.table["tie"].take(seqs).fill_null(-1).to_numpy()
    follows = _followed(trail)
    # In no order does value come to an address that lies outside the reach.
    near = np.zeros(len(trail.limits) + 1, np.bool_)  # nobody, -1, is the last cell
    near[trail.moves.dst[reach(trail.moves, trail.claims, trail.limits)] if alone else sorted(follows)] = True
    near[-1] = False
    passing = np.zeros(len(near), np.bool_)
    passing[sorted(follows)] = True
    rows = _close(trail, tie, passing, near)
    edges = np.append(np.flatnonzero(np.diff(tie[rows], prepend=-2) != 0), len(rows)).tolist()
    part = ledger.table.select(["tx", "leg", "kind"]).take(seqs.take(pa.array(rows))).to_pylist()
    histories = _Histories(trail, tie)
    found: list[Tie] = []
    for start, end in pairwise(edges):
        if end - start > 1:
            listed = dict(zip(rows[start:end].tolist(), part[start:end], strict=True))
            found += _meeting(trail, listed, follows, near, histories)
    return found


def _close(trail: Balances, tie: _Codes, passing: _Mask, near: _Mask) -> _Codes:
    """The tied movements that share a followed address, or a chain of them in their moment, with a near one."""
    here = np.flatnonzero(tie >= 0)
    sides = [side[here].astype(np.int64) for side in (trail.moves.src, trail.moves.dst)]
    # What an address pays itself moves nothing.
    counts = [passing[side] & (sides[0] != sides[1]) for side in sides]
    keys = np.concatenate([tie[here] * len(near) + side for side in sides])
    _, at = np.unique(keys, return_inverse=True)
    codes = at[: len(here)], at[len(here) :]
    marked = np.zeros(int(at.max(initial=0)) + 1, np.bool_)
    for side, code, count in zip(sides, codes, counts, strict=True):
        marked[code[count & near[side]]] = True
    while True:
        hit = (counts[0] & marked[codes[0]]) | (counts[1] & marked[codes[1]])
        known = int(marked.sum())
        for code, count in zip(codes, counts, strict=True):
            marked[code[hit & count]] = True
        if int(marked.sum()) == known:
            found: _Codes = here[hit]
            return found


def _followed(trail: Balances) -> set[int]:
    """The addresses that a trace goes on through: what a stop pays on is followed by nobody."""
    passing = (trail.limits.stop == 0) & trail.limits.known
    return {*np.flatnonzero(passing).tolist(), *(p.address for p in trail.claims.by_address)}


def _meeting(
    trail: Balances,
    rows: Mapping[int, Mapping[str, object]],
    follows: set[int],
    near: _Mask,
    histories: _Histories,
) -> Iterator[Tie]:
    """The movements of one moment by their places, those apart that share no followed address, if one is near."""
    groups: dict[int, int] = {}  # address -> the group that it is in
    members: dict[int, list[int]] = {}
    for place in rows:
        sides = (int(trail.moves.src[place]), int(trail.moves.dst[place]))
        mine = {side for side in sides if side in follows} if sides[0] != sides[1] else set()
        if not mine:
            continue
        joined = {groups[address] for address in mine if address in groups}
        into = min(joined, default=place)
        members.setdefault(into, []).append(place)
        for other in sorted(joined - {into}):
            members[into] += members.pop(other)
            groups.update({address: into for address, group in groups.items() if group == other})
        groups.update(dict.fromkeys(mine, into))
    close: dict[int, list[int]] = {}
    for address, group in groups.items():
        close.setdefault(group, []).append(address)
    for group, places in sorted(members.items()):
        here = frozenset(close[group])
        if not near[close[group]].any():
            continue
        base = tuple(sorted(places))
        units = _units(base, [rows[place] for place in base])
        ends = [int(side[place]) for place in base for side in (trail.moves.src, trail.moves.dst)]
        tie = Tie(
            asset=trail.asset,
            base=base,
            units=units,
            addresses=here,
            crowded=frozenset(address for address in here if ends.count(address) > 1),
            moves={
                p: (int(trail.moves.src[p]), int(trail.moves.dst[p]), int(trail.moves.amount[p])) for p in base
            },
            held=histories.before(base[0], here),
            whole=frozenset(address for address in here if trail.limits.known[address]),
        )
        if tie.count > 1:
            yield tie


def _units(base: Places, rows: Sequence[Mapping[str, object]]) -> tuple[tuple[Places, Places], ...]:
    """Transactions are whole: two of them do not mix. A fee is paid out of what its transaction leaves."""
    found: dict[object, list[tuple[int, Mapping[str, object]]]] = {}
    for place, row in zip(base, rows, strict=True):
        found.setdefault(row["tx"], []).append((place, row))
    made = []
    for listed in found.values():
        moved = tuple(place for place, row in listed if row["kind"] != "fee")
        fees = tuple(place for place, row in listed if row["kind"] == "fee")
        known = all(row["leg"] is not None for _, row in listed if row["kind"] != "fee")
        made.append(((), (*moved, *fees)) if known else (moved, fees))
    return tuple(made)
