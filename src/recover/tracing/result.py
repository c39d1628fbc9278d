"""What a trace found: where each loss began, what each move carried, and where value ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from recover.sdk import Error
from recover.tracing.limits import Reason
from recover.tracing.lots import Lot
from recover.tracing.moves import ints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recover.tracing.claims import Overlap
    from recover.tracing.moves import Amounts


class Event(IntEnum):
    """What a flow row says of its move. A move carries the sum of its START and MOVE rows."""

    START = 0  # became proceeds of the loss here
    MOVE = 1  # came out of the source's pool
    END = 2  # of what it carried, this much ended on arrival (all of it, or there is no such row)


class Flow(NamedTuple):
    move: int
    loss: int
    amount: int
    event: Event


class End(NamedTuple):
    """`amount` of `loss` ended at `address`, brought by `transfers` moves from `first` to `last`.

    For a fee or a burn, `address` is who paid it.
    """

    address: int
    loss: int
    reason: Reason
    amount: int
    transfers: int
    first: int
    last: int


class Opening(NamedTuple):
    """`address` paid out `amount` more than the ledger shows coming in: it held at least that before."""

    address: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Openings:
    """Openings in the order of `address` (int32), as columns; amounts are exact."""

    address: NDArray[np.int32]
    amount: Amounts

    def __len__(self) -> int:
        return len(self.address)

    def __iter__(self) -> Iterator[Opening]:
        return map(Opening, self.address.tolist(), ints(self.amount))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flows:
    """Flow rows in the order of (move, event, loss): `move` int64, `loss` int32, `amount` exact, `event` uint8."""

    move: NDArray[np.int64]
    loss: NDArray[np.int32]
    amount: Amounts
    event: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.move)

    def __iter__(self) -> Iterator[Flow]:
        columns = (self.move.tolist(), self.loss.tolist(), ints(self.amount), self.event.tolist())
        for move, loss, amount, event in zip(*columns, strict=True):
            yield Flow(move, loss, amount, Event(event))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """End rows in the order of (loss, address, reason), as columns; amounts are exact."""

    address: NDArray[np.int32]
    loss: NDArray[np.int32]
    reason: NDArray[np.uint8]
    amount: Amounts
    transfers: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.address)

    def __iter__(self) -> Iterator[End]:
        columns = (self.address.tolist(), self.loss.tolist(), self.reason.tolist(), ints(self.amount))
        spans = (self.transfers.tolist(), self.first.tolist(), self.last.tolist())
        for address, loss, reason, amount, *span in zip(*columns, *spans, strict=True):
            yield End(address, loss, Reason(reason), amount, *span)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """One run of one rule. `starts` is what became proceeds, by loss; `ends` accounts for all of it.

    `flows` is None where it was not asked for. `openings` lists the addresses that traced value passed, and whose
    history must have begun earlier (the opening balance is the first clean lot); `overlaps`, where two claims met.
    `given`: by move that gave value in an exchange or into a bridge, its lots in order, where they were asked for.
    """

    rule: str
    starts: tuple[int, ...]
    ends: Ends
    flows: Flows | None
    openings: Openings
    overlaps: tuple[Overlap, ...]
    given: Mapping[int, Sequence[Lot]] = field(default_factory=dict)


class Tally:
    """Collects flows and ends while an engine runs."""

    def __init__(self, losses: int, flows: bool) -> None:
        self.starts = [0] * losses
        self.rows: list[tuple[int, int, int, int]] | None = [] if flows else None
        self.ends: dict[tuple[int, int, int], list[int]] = {}
        self.overlaps: list[Overlap] = []
        self.given: dict[int, Sequence[Lot]] = {}

    def flow(self, move: int, event: Event, amounts: dict[int, int]) -> None:
        """Notes what one move carried, by loss."""
        if event is Event.START:
            for loss, amount in amounts.items():
                self.starts[loss] += amount
        if self.rows is not None:
            # By loss, not by the order of lots in a pool: rows then stand alike under every rule and on both
            # paths.
            self.rows += [(move, int(event), loss, amounts[loss]) for loss in sorted(amounts)]

    def begin(self, move: int, started: dict[int, int], moved: dict[int, int]) -> None:
        """Notes what began on one move, by loss; what turned from a label, below zero, it did not carry so."""
        for loss in [loss for loss, amount in started.items() if amount <= 0]:
            self.starts[loss] += started[loss]
            moved[loss] = moved.get(loss, 0) + started.pop(loss)
            if not moved[loss]:
                del moved[loss]
        self.flow(move, Event.START, started)

    def end(self, address: int, reason: int, move: int, amounts: dict[int, int]) -> None:
        """Notes that a move brought value to where it ends."""
        for loss, amount in amounts.items():
            self._row(address, loss, reason, move)[0] += amount

    def hold(self, address: int, move: int, amounts: dict[int, int]) -> None:
        """Notes that a move brought value into a pool; what stays there is told by `rest`."""
        for loss in amounts:
            self._row(address, loss, Reason.REST, move)

    def _row(self, address: int, loss: int, reason: int, move: int) -> list[int]:
        row = self.ends.get((loss, address, reason))
        if row is None:
            row = self.ends[loss, address, reason] = [0, 1, move, move]
            return row
        row[1] += 1
        if move > row[3]:
            row[3] = move
        elif move < row[2]:
            row[2] = move
        return row

    def rest(self, address: int, amounts: dict[int, int]) -> None:
        """Notes what is left in a pool at the end of the ledger."""
        for loss, amount in amounts.items():
            self.ends.setdefault((loss, address, Reason.REST), [0, 0, -1, -1])[0] += amount

    def trace(self, rule: str, openings: Mapping[int, int], conserves: bool, wide: bool) -> Trace:
        """The finished trace. Raises Error, code `conservation`, if starts and ends differ."""
        import numpy as np

        # `hold` opens a row when value arrives; where nothing stayed, it is no end.
        keys = sorted(key for key, row in self.ends.items() if row[0])
        rows = [self.ends[key] for key in keys]
        # Checked on every run, not only in tests: what began must be accounted for to the unit.
        if conserves:
            ended = [0] * len(self.starts)
            for key, row in zip(keys, rows, strict=True):
                ended[key[0]] += row[0]
            balance(rule, self.starts, ended)
        return Trace(
            rule=rule,
            starts=tuple(self.starts),
            ends=Ends(
                address=np.array([key[1] for key in keys], np.int32),
                loss=np.array([key[0] for key in keys], np.int32),
                reason=np.array([key[2] for key in keys], np.uint8),
                amount=[row[0] for row in rows],
                transfers=np.array([row[1] for row in rows], np.int64),
                first=np.array([row[2] for row in rows], np.int64),
                last=np.array([row[3] for row in rows], np.int64),
            ),
            flows=None if self.rows is None else _flows(self.rows, wide),
            openings=Openings(
                address=np.array(sorted(openings), np.int32), amount=[openings[p] for p in sorted(openings)]
            ),
            overlaps=tuple(self.overlaps),
            given=self.given,
        )


def balance(rule: str, starts: Sequence[int], ended: Sequence[int]) -> None:
    """Raises Error, code `conservation`, unless the ends of every loss sum to its starts."""
    wrong = [
        f"loss {i}: {a} began, {b} ended" for i, (a, b) in enumerate(zip(starts, ended, strict=True)) if a != b
    ]
    if wrong:
        raise Error(
            "conservation",
            f"Under {rule} the traced value does not add up: {'; '.join(wrong[:20])}.",
            "What began as a loss has to be at rest, stopped or paid as a fee, to the unit.",
            "This is a fault in the tracing engine: report it, and use none of these figures.",
        )


def _flows(rows: list[tuple[int, int, int, int]], wide: bool) -> Flows:
    import numpy as np

    amounts = [row[3] for row in rows]
    return Flows(
        move=np.array([row[0] for row in rows], np.int64),
        loss=np.array([row[2] for row in rows], np.int32),
        amount=amounts if wide else np.array(amounts, np.int64),
        event=np.array([row[1] for row in rows], np.uint8),
    )
