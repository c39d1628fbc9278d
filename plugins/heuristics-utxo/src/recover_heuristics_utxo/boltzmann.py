"""How many ways a transaction's inputs can have paid its outputs, and which links all of them share.

After LaurentMT's Boltzmann: a mapping splits the inputs and the outputs into groups, each group of inputs paying
one group of outputs. The number of mappings is exponential, so there are caps, above which nothing is said.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, prod

MOST = 12
STEPS = 1_000_000
_BLOCKS = 20_000

Vector = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`mappings` is N; `matrix[i][j]` counts those that put input i and output j into one group."""

    mappings: int
    matrix: tuple[Vector, ...]

    @property
    def certain(self) -> tuple[tuple[int, int], ...]:
        """(input, output) numbers that every mapping links."""
        found = ((i, j) for i, row in enumerate(self.matrix) for j, n in enumerate(row) if n == self.mappings)
        return tuple(found)


class _TooMany(Exception):
    """The caps are passed."""


def perfect(size: int) -> int:
    """The mappings of `size` equal inputs to `size` equal outputs: 1, 3, 16, 131, 1496 ..."""
    known = [1]
    for n in range(1, size + 1):
        known.append(sum(comb(n - 1, k - 1) * comb(n, k) * known[n - k] for k in range(1, n + 1)))
    return known[size]


def links(inputs: Sequence[int], outputs: Sequence[int], *, lost: int = 0, gained: int = 0) -> Links | None:
    """The mappings in which each group brings what it takes, but for what it may lose and what it may gain.

    `lost` is the most that one group pays beyond its outputs: the miner's fee, and what a taker pays its makers.
    `gained` is the most that one group takes beyond its inputs: a maker's earnings. Bounds that are too narrow
    leave out the true mapping, and then name links certain that are not. None ("not computed") above 12 inputs or
    outputs, or where the work passes a fixed number of steps, or where no mapping is within the bounds.
    """
    if not inputs or not outputs or len(inputs) > MOST or len(outputs) > MOST:
        return None
    try:
        return _Count(inputs, outputs, lost, gained).links()
    except _TooMany:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """One possible group: how many coins of each input value and of each output value it holds."""

    into: Vector
    out: Vector


class _Count:
    """Counts over values and not over coins, because coins of one value can stand for each other."""

    def __init__(self, inputs: Sequence[int], outputs: Sequence[int], lost: int, gained: int) -> None:
        self.inputs, self.outputs, self.lost, self.gained = tuple(inputs), tuple(outputs), lost, gained
        self.spent, self.paid = sorted(set(inputs)), sorted(set(outputs))
        self.all = tuple(self.inputs.count(v) for v in self.spent)
        self.due = tuple(self.outputs.count(v) for v in self.paid)
        self.blocks = list(self._feasible())
        self.known: dict[tuple[Vector, Vector], int] = {}
        self.steps = 0

    def links(self) -> Links | None:
        whole = self._mappings(self.all, self.due)
        if not whole:
            return None
        cells = {(u, v): self._linked(i, j) for i, u in enumerate(self.spent) for j, v in enumerate(self.paid)}
        matrix = tuple(tuple(cells[u, v] for v in self.outputs) for u in self.inputs)
        return Links(mappings=whole, matrix=matrix)

    def _feasible(self) -> Iterator[_Block]:
        sums = sorted(
            (sum(n * v for n, v in zip(b, self.paid, strict=True)), b)
            for b in product(*(range(n + 1) for n in self.due))
            if any(b)
        )
        keys = [total for total, _ in sums]
        count = 0
        for a in product(*(range(n + 1) for n in self.all)):
            total = sum(n * v for n, v in zip(a, self.spent, strict=True))
            low, high = bisect_left(keys, total - self.lost), bisect_right(keys, total + self.gained)
            count += (high - low) if any(a) else 0
            if count > _BLOCKS:
                raise _TooMany
            if any(a):
                yield from (_Block(into=a, out=b) for _, b in sums[low:high])

    def _mappings(self, into: Vector, out: Vector) -> int:
        if not any(into):
            return int(not any(out))
        if (into, out) not in self.known:
            first = next(k for k, n in enumerate(into) if n)
            self.known[into, out] = sum(self._ways(block, into, out, first) for block in self.blocks)
        return self.known[into, out]

    def _ways(self, block: _Block, into: Vector, out: Vector, first: int) -> int:
        """Mappings whose group around the first coin left is this block."""
        self.steps += 1
        if self.steps > STEPS:
            raise _TooMany
        if not block.into[first] or not _within(block.into, into) or not _within(block.out, out):
            return 0
        held = comb(into[first] - 1, block.into[first] - 1)
        held *= prod(comb(n, k) for q, (n, k) in enumerate(zip(into, block.into, strict=True)) if q != first)
        held *= prod(comb(n, k) for n, k in zip(out, block.out, strict=True))
        return held * self._mappings(_less(into, block.into), _less(out, block.out))

    def _linked(self, i: int, j: int) -> int:
        """Mappings that put one given coin of input value i and one of output value j into one group."""
        found = 0
        for block in self.blocks:
            if block.into[i] and block.out[j]:
                ways = prod(comb(n - (q == i), k - (q == i)) for q, (n, k) in _pairs(self.all, block.into))
                ways *= prod(comb(n - (q == j), k - (q == j)) for q, (n, k) in _pairs(self.due, block.out))
                found += ways * self._mappings(_less(self.all, block.into), _less(self.due, block.out))
        return found


def _pairs(all_: Vector, part: Vector) -> Iterator[tuple[int, tuple[int, int]]]:
    return enumerate(zip(all_, part, strict=True))


def _within(part: Vector, whole: Vector) -> bool:
    return all(k <= n for k, n in zip(part, whole, strict=True))


def _less(whole: Vector, part: Vector) -> Vector:
    return tuple(n - k for n, k in zip(whole, part, strict=True))
