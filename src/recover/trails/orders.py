"""Orders: what figures become where the order of simultaneous movements, which no exhibit gives, is another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.ledger.numbered import Numbered
from recover.sdk.ends import REVERSED
from recover.sdk.view import Loss
from recover.tracing import NOBODY, ByMove, Event, Reason, Trace
from recover.tracing.moves import ints
from recover.tracing.reach import reach
from recover.trails.arrivals import arrived, memos_of, picked
from recover.trails.balances import Balances
from recover.trails.flows import at_end
from recover.trails.outputs import Spending
from recover.trails.separate import Part, Remake, only, parts
from recover.trails.shares import shares
from recover.trails.ties import Places, Tie, ties
from recover.trails.trail import Trail

TRIED = 64
"""At most so many orders are tried of one asset, the one used apart: all that there are, or the words say not."""

SINGLES = 16
"""Where not all can be tried, so many ties are varied one by one: those that most traced value passed."""

COMBINED = 4
"""And for so many places whose figures move most, what moved each up, and each down, is tried together."""

WORK = 20_000_000
"""Fewer orders are tried of a larger ledger: movements times orders stay below this, so that a trace ends."""

ORDERS = pa.schema(
    [(name, pa.string()) for name in ("rule", "asset", "order", "what", "place", "key", "loss", "amount")]
)
"""By how much a figure differs under one rule in one order, in base units as signed text; orders are numbered for
each rule, and under rules other than the declared one only ends and arrivals are kept. `what` is credit (`place`
was credited, `key` the memo), end (`place` an address, `key` a reason), fee (`place` is whose coins paid it) or
arrival (`place` is the address through which, `key` the wallet reached and, after a space, the memo)."""

TIES = pa.schema(
    [
        ("asset", pa.string()),
        *((n, pa.int64()) for n in ("met", "varied", "tried")),
        *((n, pa.bool_()) for n in ("all", "moved")),
        ("rule", pa.string()),
    ]
)
"""By asset and rule that may back a claim: ties that traced value met under it, those that were varied, orders
tried, whether these are all, and whether one of them moves a figure."""

Key = tuple[str, str, str, str, str]
"""Asset, what, place, key, loss."""

Sums = dict[Key, int]

Run = Callable[[Mapping[str, Trail]], Iterable[tuple[Trail, Trace, Sequence[ByMove]]]]
"""Trace these trails under one rule, with flows."""

Choice = tuple[tuple[int, Places], ...]
"""Which ties, by their number, are taken in which order."""


@dataclass(slots=True, kw_only=True)
class Tried:
    """What trying orders found: rows of `ORDERS` and of `TIES`.

    `turned` are trails with all that was met reversed, and `met` counts, by asset and address, the moments at
    which traced value met an open order there.
    """

    met: dict[tuple[str, str], int] = field(default_factory=dict)
    turned: dict[str, Trail] = field(default_factory=dict)
    orders: list[dict[str, str]] = field(default_factory=list)
    ties: list[dict[str, object]] = field(default_factory=list)
    noted: set[tuple[str, int, int]] = field(default_factory=set)


def tried(
    recorded: Mapping[str, Trail],
    exchanged: bool,
    ledger: Numbered,
    losses: Sequence[Loss],
    run: Run,
    remake: Remake,
    rule: str,
    others: Mapping[str, Run] | None = None,
) -> Tried:
    """Vary the ties that traced value meets: assets apart, but where value goes from one into another.

    `run` traces under the declared `rule`. Each of `others` is varied by itself: what is said of every rule is
    said of the order used, and whether it holds in others is a question of each figure.
    """
    found = Tried()
    tied = [asset for asset, trail in recorded.items() if isinstance(trail, Balances) and ledger.tied(asset)]
    groups = [tuple(tied)] if exchanged else [(asset,) for asset in tied]
    for group in groups:
        listed = recorded if exchanged else {asset: recorded[asset] for asset in group}
        own = [tie for asset in group for tie in ties(_balances(listed[asset]), ledger, alone=not exchanged)]
        if own:
            rows = sum(len(trail.seqs) for trail in listed.values())
            whole = Part(listed=listed, ties=dict(enumerate(own)), remake=remake)
            split = [whole]
            if not exchanged and not _balances(trail := recorded[group[0]]).elections:
                whole = _near(_balances(trail), own, ledger, losses, remake)
                own = [*whole.ties.values()]
                split = parts(_balances(whole.listed[trail.asset]), own, ledger, losses, whole.remake)
            _Search(whole, split, ledger, losses, run, _most(rows, 1)).into(found, group, rule)
            for name, other in (others or {}).items():
                most = _most(rows, len(others or {}))
                _Search(whole, split, ledger, losses, other, most).beside(found, group, name)
    return found


def _most(rows: int, share: int) -> int:
    """How many orders are tried of so many movements under each of so many rules."""
    return max(4, min(TRIED, WORK // max(1, rows) // share))


def _near(trail: Balances, own: Sequence[Tie], ledger: Numbered, losses: Sequence[Loss], remake: Remake) -> Part:
    """The trail with those movements alone that a loss can reach in any order, with the ties and what losses by
    transaction are of: no figure hangs on the others, and a case has many more of them."""
    named = pa.array(sorted({loss.tx for loss in losses if loss.tx}), pa.string())
    of = np.flatnonzero(
        pc.is_in(ledger.table["tx"].take(pa.array(trail.seqs)), value_set=named).to_numpy(zero_copy_only=False)
    )
    tied = np.array([place for tie in own for place in tie.base], np.int64)
    kept = np.unique(np.concatenate([reach(trail.moves, trail.widest, trail.limits), of, tied]))
    return replace(only(trail, kept, dict(enumerate(own)), remake), at={})


def _balances(trail: Trail) -> Balances:
    assert isinstance(trail, Balances)
    return trail


class _Search:
    """The orders of one asset, or of several that value is exchanged between."""

    def __init__(
        self, whole: Part, split: Sequence[Part], ledger: Numbered, losses: Sequence[Loss], run: Run, most: int
    ) -> None:
        self.whole, self.own, self.ledger, self.losses = whole, whole.ties, ledger, losses
        self.run, self.most = run, most
        self.carried: dict[int, int] = {}
        self.done: dict[Choice, Sums] = {}
        self.met: set[int] = set()
        self.at: set[tuple[int, int]] = set()
        self.split: list[tuple[Part, dict[Choice, Sums]]] = [
            (part, {(): self._sums(part, (), weigh=True)}) for part in split
        ]

    def into(self, found: Tried, group: Sequence[str], rule: str) -> None:
        """Try what there is to try under the declared rule, and note it."""
        self._tell(found, group, rule, *self._try_all())
        found.turned |= self.whole.taken(self._turned())
        self._note(found)

    def beside(self, found: Tried, group: Sequence[str], rule: str) -> None:
        """The same under another rule."""
        whole, varied = self._try_all()
        self._tell(found, group, rule, whole, varied, ("arrival", "end"))
        if any(self.done.values()) or not whole:
            self._note(found)

    def _tell(
        self,
        found: Tried,
        group: Sequence[str],
        rule: str,
        whole: bool,
        varied: set[int],
        kept: Sequence[str] = (),
    ) -> None:
        """Rows of what each order moves, of all kinds or of those `kept`, and of how many were tried."""
        turned = self._turned()
        for number, (choice, moved) in enumerate(self.done.items(), 1):
            order = REVERSED if choice == turned else str(number)
            for key, amount in sorted(moved.items()):
                row = dict(zip(("asset", "what", "place", "key", "loss"), key, strict=True))
                if not kept or row["what"] in kept:
                    found.orders.append({"rule": rule, **row, "order": order, "amount": str(amount)})
        sums = {"met": len(self.met), "varied": len(varied), "tried": len(self.done)}
        for asset in group if self.met else ():
            moves = any(key[0] == asset for moved in self.done.values() for key in moved)
            found.ties.append({"asset": asset, **sums, "all": whole, "moved": moves, "rule": rule})

    def _try_all(self) -> tuple[bool, set[int]]:
        """Whether every order there is was tried, and the ties that were varied."""
        if self._all():
            return True, set(self.met)
        self.done.clear()
        return False, self._some()

    def _note(self, found: Tried) -> None:
        """The moments at which traced value met an open order, by asset and address; each once for all rules."""
        for n, address in self.at:
            asset = self.own[n].asset
            if (asset, n, address) not in found.noted:
                found.noted.add((asset, n, address))
                where = asset, self.ledger.names[address]
                found.met[where] = found.met.get(where, 0) + 1

    def _turned(self) -> Choice:
        return tuple((n, self.own[n].reversed()) for n in sorted(self.met))

    def _all(self) -> bool:
        """Try every order of what traced value meets in any of them. Returns whether that was possible."""
        while True:
            mine = sorted(self.met)
            listed = [self.own[n].all() for n in mine]
            if None in listed or math.prod(len(found or ()) for found in listed) - 1 > self.most:
                return False
            for orders in product(*(found or () for found in listed)):
                choice = tuple((n, o) for n, o in zip(mine, orders, strict=True) if o != self.own[n].base)
                if choice and choice not in self.done:
                    self.done[choice] = self._moved(choice)
            # In another order traced value can meet ties that it does not meet in the one used.
            if sorted(self.met) == mine:
                return True

    def _some(self) -> set[int]:
        """All together, then one by one those that most value passed, then what moves single figures most."""
        singles = sorted(self.met, key=lambda n: (-self.carried.get(n, 0), n))
        self._try(self._turned())
        varied: set[int] = set()
        for n in singles[:SINGLES]:
            for order in self.own[n].others()[: max(1, self.most // SINGLES)]:
                if len(self.done) < self.most - 2 * COMBINED:
                    self._try(((n, order),))
                    varied.add(n)
        for choice in self._combined():
            self._try(choice)
        return varied

    def _try(self, choice: Choice) -> None:
        if choice and choice not in self.done and len(self.done) < self.most:
            self.done[choice] = self._moved(choice)

    def _combined(self) -> Iterator[Choice]:
        """For the figures that single ties move most: every tie in the order that raises, and that lowers, it."""
        alone = {choice: moved for choice, moved in self.done.items() if len(choice) == 1}
        total: Sums = {}
        for moved in alone.values():
            for key, amount in moved.items():
                total[key] = total.get(key, 0) + abs(amount)
        for key in sorted(total, key=lambda k: (-total[k], k))[:COMBINED]:
            for sign in (1, -1):
                best: dict[int, tuple[int, Places]] = {}
                for choice, moved in alone.items():
                    n, order = choice[0]
                    gain = sign * moved.get(key, 0)
                    if gain > best.get(n, (0, ()))[0]:
                        best[n] = gain, order
                yield tuple((n, best[n][1]) for n in sorted(best))

    def _moved(self, choice: Choice) -> Sums:
        """By how much figures differ under one choice of orders: what differs in each part of the ledger."""
        moved: Sums = {}
        for part, known in self.split:
            mine = tuple((n, order) for n, order in choice if n in part.ties)
            if mine not in known:
                known[mine] = self._sums(part, mine)
            if mine:
                for key in {**known[mine], **known[()]}:
                    moved[key] = moved.get(key, 0) + known[mine].get(key, 0) - known[()].get(key, 0)
        return {key: n for key, n in moved.items() if n}

    def _sums(self, part: Part, choice: Choice, weigh: bool = False) -> Sums:
        """The figures of a part under one choice of orders; what traced value meets there is added to `met`."""
        listed = {**part.listed, **part.taken(choice)}
        sums: Sums = {}
        for trail, result, _ in self.run(listed):
            add(sums, trail, result, self.ledger, self.losses)
            if isinstance(trail, Balances):
                self._meets(part, trail, result, weigh)
        return sums

    def _meets(self, part: Part, trail: Balances, result: Trace, weigh: bool) -> None:
        """Note the ties at whose addresses traced value had come in by then."""
        assert result.flows is not None
        flows = result.flows
        came = flows.event != Event.END
        first: dict[int, int] = {}
        for place, move in zip(trail.moves.dst[flows.move[came]].tolist(), flows.move[came].tolist(), strict=True):
            first[place] = min(first.get(place, move), move)
        held: dict[int, int] = {}
        if weigh:
            for move, amount in zip(flows.move.tolist(), ints(flows.amount), strict=True):
                held[move] = held.get(move, 0) + amount
        for n, tie in part.ties.items():
            if tie.asset == trail.asset:
                here = [a for a in tie.addresses if first.get(a, tie.base[-1] + 1) <= tie.base[-1]]
                if here:
                    self.met.add(n)
                self.at.update((n, address) for address in here if tie.meets(address))
                if weigh:
                    self.carried[n] = sum(held.get(place, 0) for place in tie.base)


def add(sums: Sums, trail: Trail, result: Trace, ledger: Numbered, losses: Sequence[Loss]) -> None:
    """What came where, went on to services and ended, by loss."""
    asset, names, ids = trail.asset, ledger.names, [loss.id for loss in losses]

    def put(what: str, place: str, key: str, loss: int, amount: int) -> None:
        name = asset, what, place, key, ids[loss]
        sums[name] = sums.get(name, 0) + amount

    # Column by column: an object for each row would take longer than the trace itself.
    ends = result.ends
    for address, loss, why, amount in zip(
        *_lists(ends.address, ends.loss, ends.reason), ints(ends.amount), strict=True
    ):
        put("end", at_end(address, ledger), _REASONS[why], loss, amount)
    for (loss, payer, at, memo), amount in arrived(result, ledger, trail).items():
        key = names[at] if memo is None else f"{names[at]} {memo}"
        put("arrival", names[payer], key, loss, amount)
    flows = result.flows
    assert flows is not None
    came = np.flatnonzero((flows.event != Event.END) & (trail.receivers[flows.move] != NOBODY))
    moves = flows.move[came]
    memos = memos_of(ledger, trail, moves)
    places = trail.receivers[moves].tolist()
    for at, move, loss, amount in zip(
        places, *_lists(moves, flows.loss[came]), picked(flows.amount, came), strict=True
    ):
        put("credit", names[at], memos.get(move, "") if at in ledger.memos else "", loss, amount)
    for one in shares(trail, result) if isinstance(trail, Spending) else ():
        if one.fee:
            put("fee", names[one.payer], "", one.loss, one.amount)
        elif one.payer == trail.receivers[one.move]:  # change credits nobody
            put("credit", names[one.payer], "", one.loss, -one.amount)


_REASONS = {int(reason): reason.name.lower() for reason in Reason}


def _lists(*columns: NDArray[Any]) -> list[list[int]]:
    return [column.tolist() for column in columns]
