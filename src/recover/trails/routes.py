"""Routes: the ways that value of a loss really went, movement by movement, and how much went each whole way.

Every lot of a loss is followed on from the movement by which it began. Inside a pool the lots of one loss lie in
a second pool of the same rule, each under whose coin it was, and those of an owner in a third, under the way that
it came by: the declared rule itself says which of them a movement took, and whose. Under a rule that goes by
shares it takes from each in proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from recover.sdk.errors import Error
from recover.tracing.lots import CLEAN, Lot, Pool, Shares, clean, totals
from recover.tracing.rules.libr import Libr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PIECES = 2_000_000
"""Of more pieces than this no routes are told: under rules by share they can double at each hop."""

BEGAN = -1
"""The way before the first movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Movements one after the other, and the value of one loss that went through all of them."""

    moves: tuple[int, ...]
    amount: int


class TooMany(Exception):
    """More pieces than are told apart."""


class Asked(int):
    """An amount that knows its row, so that a pool can tell which movement it sees."""

    row: int


class _Elective(Protocol):
    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]: ...


Spent = Callable[[int], Sequence[int] | None]
"""By a move, the moves that fill the pool that it leaves, in order: on a coin chain. None on an account chain."""


class Origins:
    """What each movement carried of each loss, piece by piece, each with the way that it came by. `owners` says by
    movement whom it pays."""

    def __init__(self, fresh: Callable[[], Pool], spent: Spent, owners: NDArray[np.int32]) -> None:
        self.fresh, self.spent, self.owners = fresh, spent, owners
        self.before: list[int] = []
        self.last: list[int] = []
        self.hops: list[int] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self.taken: dict[int, list[Lot]] = {}
        self.pieces: dict[int, dict[int, list[Lot]]] = {}
        """By movement and loss, (way until then, amount), in the rule's own order."""
        self._count = 0
        self._pools: list[_Followed] = []

    def pool(self) -> Pool:
        """An empty pool that notes which way what it gives came; it gives what the engine's own gives."""
        self._pools.append(_Followed(self.fresh(), self))
        return cast(Pool, self._pools[-1])

    def left(self) -> Iterator[tuple[int, int, dict[int, int]]]:
        """By pool that still holds a loss: the movement that came in last, the loss, and how much by which way."""
        for pool in self._pools:
            for loss, beside in pool.beside.items():
                if beside.owners.balance:
                    yield pool.last, loss, totals(beside.lots())

    def counted(self, more: int) -> None:
        self._count += more
        if self._count > PIECES:
            raise TooMany

    def on(self, way: int, move: int) -> int:
        """The way that goes on by one more movement."""
        number = self._numbers.get((way, move))
        if number is None:
            number = self._numbers[way, move] = len(self.before)
            self.before.append(way)
            self.last.append(move)
            self.hops.append(1 if way == BEGAN else self.hops[way] + 1)
        return number

    def arrived(self, move: int, lots: Sequence[Lot]) -> Iterator[tuple[int, list[Lot]]]:
        """By loss, the pieces that a movement brought in as these lots, in their order."""
        gave = self.taken.get(move) or clean(sum(size for _, size in lots))
        carried = {loss: iter(pieces) for loss, pieces in self.pieces.get(move, {}).items()}
        made: dict[int, list[Lot]] = {}
        rest = dict.fromkeys(carried, (BEGAN, 0))
        for was, label, size in _laid(gave, lots):
            if label == CLEAN:
                continue
            # What carried no loss before this movement, and does after it, began here.
            if was == CLEAN:
                made.setdefault(label, []).append((self.on(BEGAN, move), size))
            while was != CLEAN and size:
                way, left = rest[label]
                if not left:
                    way, left = next(carried[label])
                part = min(left, size)
                rest[label], size = (way, left - part), size - part
                made.setdefault(label, []).append((self.on(way, move), part))
        yield from made.items()

    def ways(self, moves: Iterable[int], loss: int, began: Mapping[int, int]) -> dict[int, int]:
        """By way, the value of a loss that these movements brought by it; `began` is what began by each."""
        sums: dict[int, int] = {}
        for move in moves:
            parts = [*self.pieces.get(move, {}).get(loss, ()), (BEGAN, began.get(move, 0))]
            for way, size in parts:
                if size:
                    number = self.on(way, move)
                    sums[number] = sums.get(number, 0) + size
        return sums

    def coin(self, way: int) -> int:
        """The movement before the last of a way: on a coin chain the coin that the last one spends."""
        return self.last[self.before[way]] if self.before[way] != BEGAN else BEGAN

    def told(self, way: int, amount: int) -> Way:
        """A way as its movements, the first first."""
        moves, here = [], way
        while here != BEGAN:
            moves.append(self.last[here])
            here = self.before[here]
        return Way(moves=tuple(reversed(moves)), amount=amount)

    def best(self, sums: Mapping[int, int]) -> tuple[Way, Way] | None:
        """The way of the fewest movements, and the one that most value went; of equals the other's measure, then
        the earlier. None where no value came."""
        if not sums:
            return None
        short = min(sums, key=lambda way: (self.hops[way], -sums[way], way))
        wide = min(sums, key=lambda way: (-sums[way], self.hops[way], way))
        return self.told(short, sums[short]), self.told(wide, sums[wide])


def _laid(before: Sequence[Lot], after: Sequence[Lot]) -> Iterator[tuple[int, int, int]]:
    """The same value laid out twice: each stretch with its label before, its label after, and its size."""
    old = iter(before)
    was, left = CLEAN, 0
    for label, whole in after:
        size = whole
        while size:
            if not left:
                was, left = next(old)
            part = min(left, size)
            yield was, label, part
            left, size = left - part, size - part


class _Owned:
    """What a pool holds of one loss: one pool says of whose coins it is, and one for each of them by which way."""

    __slots__ = ("fresh", "owners", "ways")

    def __init__(self, fresh: Callable[[], Pool]) -> None:
        self.fresh, self.owners, self.ways = fresh, fresh(), dict[int, Pool]()

    def put(self, owner: int, pieces: Sequence[Lot]) -> None:
        size = sum(part for _, part in pieces)
        self.owners.put([(owner, size)], size)
        if owner not in self.ways:
            self.ways[owner] = self.fresh()
        self.ways[owner].put(pieces, size)

    def take(self, amount: int) -> tuple[list[Lot], int]:
        """The pieces taken, and how many parts there were to weigh for them."""
        pieces, weighed = list[Lot](), 0
        for owner, part in self.owners.take(amount):
            pieces += self.ways[owner].take(part)
            weighed += _weighed(self.ways[owner])
        return pieces, weighed + _weighed(self.owners)

    def lots(self) -> Iterator[Lot]:
        for pool in self.ways.values():
            yield from pool.lots()


class _Followed:
    """A pool of the engine with one pool of the same rule for each loss beside it, by way; it changes nothing."""

    __slots__ = ("beside", "last", "origins", "pool", "waiting")

    def __init__(self, pool: Pool, origins: Origins) -> None:
        self.pool, self.origins, self.last = pool, origins, -1
        self.beside: dict[int, _Owned] = {}
        self.waiting: list[list[Lot]] = []

    def put(self, lots: Iterable[Lot], amount: int) -> None:
        listed = list(lots)
        self.pool.put(listed, amount)
        if isinstance(amount, Asked):
            self._came(amount.row, listed)
        else:
            self.waiting.append(listed)

    def _came(self, move: int, lots: Sequence[Lot]) -> None:
        self.last = move
        for loss, pieces in self.origins.arrived(move, lots):
            if loss not in self.beside:
                self.beside[loss] = _Owned(self.origins.fresh)
            self.origins.counted(len(pieces))
            self.beside[loss].put(int(self.origins.owners[move]), pieces)

    def take(self, amount: int) -> list[Lot]:
        return self._gave(amount, self.pool.take(amount))

    def elect(self, amount: int, losses: Collection[int]) -> list[Lot]:
        return self._gave(amount, cast(_Elective, self.pool).elect(amount, losses))

    def _gave(self, amount: int, taken: list[Lot]) -> list[Lot]:
        if not isinstance(amount, Asked):
            # What carries no loss of interest leaves the others as they are.
            return taken
        self._fill(amount.row)
        found = self.origins.pieces.setdefault(amount.row, {})
        for loss, size in totals(taken).items():
            held = self.beside.get(loss)
            if held is None or held.owners.balance < size:
                raise mismatch(f"A pool gave more of a loss than was noted to come in, by move {amount.row}.")
            found[loss], weighed = held.take(size)
            self.origins.counted(len(found[loss]) + weighed)
        self.origins.taken[amount.row] = taken
        return taken

    def _fill(self, move: int) -> None:
        """On a coin chain the inputs were put in before anything said which transaction they fill."""
        inputs = self.origins.spent(move)
        if inputs is not None:
            for coin, lots in zip(inputs, self.waiting, strict=False):
                self._came(coin, lots)
        self.waiting.clear()

    # The engine must meet the same pool, whatever it asks of it.
    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)


def _weighed(pool: Pool) -> int:
    """How many parts a debit by share had to weigh: work that its answer does not show."""
    if isinstance(pool, Shares):
        return len(pool.held)
    return len(pool.claims) if isinstance(pool, Libr) else 0


def mismatch(why: str) -> Error:
    """The error where the stored figures and a trace made again disagree; `why` says at which movement."""
    return Error(
        "explain-mismatch",
        "The stored figures of this case do not follow from tracing it again.",
        why,
        "Run `recover trace` again, then `recover verify`; rely on none of these figures until both agree.",
    )
