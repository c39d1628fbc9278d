"""Partly: what figures become where a loss, of which no exhibit shows which part of a payment it is, is another.

A loss of a stated amount takes the first part of its payment that no loss declared before it does. Each part is
tried first and last too, and each by its share of the payment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import pyarrow as pa

from recover.ledger.numbered import Numbered
from recover.sdk.ends import PART
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.tracing import ByMove, Rule, Trace
from recover.tracing.lots import Apart, Queue, apportion
from recover.trails.orders import TRIED, WORK, Sums, add
from recover.trails.starts import laid, taken
from recover.trails.trail import Trail

PARTS = pa.schema(
    [
        *((name, pa.string()) for name in ("loss", "chain", "tx", "asset", "amount", "whole", "others")),
        ("on", pa.bool_()),
        ("tried", pa.int64()),
    ]
)
"""By loss that is a part of a payment: `amount` of `whole`, in base units as text; the other losses there,
whether anything is shown to leave its receivers, and how many other parts were traced."""

Run = Callable[[Mapping[str, Trail]], Iterable[tuple[Trail, Trace, Sequence[ByMove]]]]
"""Trace these trails under the declared rule, with flows."""

REST = "\0rest"
"""What no loss claims of a payment, followed beside the losses and counted nowhere."""

_FEW = 3
"""Of so many parts every order is tried; of more each is taken first, and last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One payment, and its parts in the order used: (loss, amount), the rest of nobody last."""

    asset: str
    rows: tuple[int, ...]
    kept: tuple[int, ...]
    parts: tuple[tuple[int | None, int], ...]
    on: bool

    @property
    def losses(self) -> list[int]:
        return [loss for loss, _ in self.parts if loss is not None]

    def orders(self) -> Iterator[tuple[tuple[int | None, int], ...]]:
        """The other orders of its parts that are tried, the one turned round first."""
        yield self.parts[::-1]
        if len(self.parts) <= _FEW:
            every: Iterable[tuple[tuple[int | None, int], ...]] = permutations(self.parts)
        else:
            at = range(len(self.parts))
            others = [(self.parts[n], self.parts[:n] + self.parts[n + 1 :]) for n in at]
            every = (way for one, rest in others for way in ((one, *rest), (*rest, one)))
        yield from (way for way in every if way not in (self.parts, self.parts[::-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Rows of `orders.ORDERS` and of `PARTS`."""

    orders: list[dict[str, str]] = field(default_factory=list)
    parts: list[dict[str, object]] = field(default_factory=list)


def groups(trail: Trail) -> list[Group]:
    """The payments of which a loss is a part, those with most at stake first."""
    by: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[int | None, int]]] = {}
    before = taken(trail.payments, trail.claims.by_address, trail.receivers)
    for one in trail.payments:
        if any(before.get(row, one.loss) < one.loss for row in one.rows):
            continue  # a loss by address that is declared before takes all of it: no part is left to be another
        here = by.setdefault((one.rows, one.kept), [])
        left = one.whole - sum(amount for _, amount in here)
        amount = left if one.amount is None else min(left, one.amount)
        here += [(one.loss, amount)] if amount else []
    found = []
    for (rows, kept), parts in by.items():
        rest = sum(kept) - sum(amount for _, amount in parts)
        whole = tuple([*parts, (None, rest)] if rest else parts)
        if len(whole) > 1:
            on = trail.paid_on(rows)
            found.append(Group(asset=trail.asset, rows=rows, kept=kept, parts=whole, on=on))
    return sorted(found, key=lambda g: (-sum(n for loss, n in g.parts if loss is not None), g.rows))


def tried(
    recorded: Mapping[str, Trail], ledger: Numbered, losses: Sequence[Loss], rule: Rule, run: Run, alone: bool
) -> Tried:
    """Take other parts of each payment, each payment alone and then all together; `alone` tries none."""
    found = Tried()
    mine = [group for trail in recorded.values() for group in groups(trail)]
    open_ = [group for group in mine if group.on]
    rows = sum(len(trail.seqs) for trail in recorded.values())
    search = _Search(recorded, open_, ledger, losses, rule, run)
    ways = [] if alone or rule.elective else [*search.ways()][: max(4, min(TRIED, WORK // max(1, rows)))]
    base = search.sums({}) if ways else {}
    for number, way in enumerate(ways, 1):
        sums = search.sums(way)
        for key in sorted({*sums, *base}):
            if moved := sums.get(key, 0) - base.get(key, 0):
                row = dict(zip(("asset", "what", "place", "key", "loss"), key, strict=True))
                found.orders.append({"rule": rule.id, **row, "order": f"{PART}{number}", "amount": str(moved)})
    for group in mine:
        names = {loss: losses[loss].id for loss in group.losses}
        for loss, amount in group.parts:
            if loss is not None:
                found.parts.append(
                    {
                        "loss": names[loss],
                        "chain": losses[loss].chain,
                        "tx": losses[loss].tx,
                        "asset": group.asset,
                        "amount": str(amount),
                        "whole": str(sum(group.kept)),
                        "others": ", ".join(name for other, name in names.items() if other != loss),
                        "on": group.on,
                        "tried": len(ways) if group.on else 0,
                    }
                )
    return found


Way = Mapping[int, Sequence[tuple[int | None, int]] | None]
"""By the number of a group, its parts in another order, or None for each by its share."""


class _Search:
    def __init__(
        self,
        recorded: Mapping[str, Trail],
        found: Sequence[Group],
        ledger: Numbered,
        losses: Sequence[Loss],
        rule: Rule,
        run: Run,
    ) -> None:
        self.recorded, self.groups, self.ledger, self.run = recorded, found, ledger, run
        # Where lots leave by their place among others, the rest of a payment has a place too; where only traced
        # lots do, it has one where it is of another loss, by address. Elsewhere it is as any value of no loss, and
        # only which receiver a part went to makes a difference.
        self.placed = isinstance(rule.pool, type) and issubclass(rule.pool, Queue)
        self.apart = isinstance(rule.pool, type) and issubclass(rule.pool, Apart)
        shares = [replace(losses[0], id=f"{REST}{n}") for n in range(len(found))]
        self.rest, self.labels = len(losses), [*losses, replace(losses[0], id=REST), *shares] if losses else []
        # Where a loss by address begins it takes what carries no loss: of these labels what is of nobody, too.
        placed = found and (self.placed or self.apart)
        self.places = [n for n, loss in enumerate(losses) if loss.address] if placed else []
        self.labels += [
            replace(losses[n], id=f"{REST}{group} {losses[n].id}")
            for n in self.places
            for group in range(len(found))
        ]

    def ways(self) -> Iterator[Way]:
        if len(self.groups) > 1:
            yield {n: group.parts[::-1] for n, group in enumerate(self.groups)}
            yield dict.fromkeys(range(len(self.groups)))
        for n, group in enumerate(self.groups):
            yield {n: None}
            yield from ({n: way} for way in group.orders())

    def sums(self, way: Way) -> Sums:
        """The figures where the groups named have their parts so."""
        listed = {asset: self._claimed(trail, way) for asset, trail in self.recorded.items()}
        sums: Sums = {}
        for trail, result, _ in self.run(listed):
            add(sums, trail, result, self.ledger, self.labels)
        found: Sums = {}
        for key, amount in sums.items():
            for loss, part in self._of(key[4], amount):
                name = (*key[:4], loss)
                found[name] = found.get(name, 0) + part
        return found

    def _of(self, label: str, amount: int) -> Iterator[tuple[str, int]]:
        """What of a figure is whose: that of a payment by shares is split."""
        if not label.startswith(REST):
            yield label, amount
        elif number := label[len(REST) :]:
            number, _, other = number.partition(" ")
            group = self.groups[int(number)]
            for (loss, _), part in zip(group.parts, apportion(amount, [n for _, n in group.parts]), strict=True):
                if loss is not None or other:
                    yield other if loss is None else self.labels[loss].id, part

    def _turns(self) -> dict[int, dict[int, int]]:
        """By loss by address, what each label becomes where it begins: the rest it, a share one that it has part
        in."""
        groups = range(len(self.groups))
        first = self.rest + 1 + len(self.groups)
        return {
            loss: {self.rest: loss} | {self.rest + 1 + n: first + at * len(self.groups) + n for n in groups}
            for at, loss in enumerate(self.places)
        }

    def _claimed(self, trail: Trail, way: Way) -> Trail:
        mine = {n: parts for n, parts in way.items() if self.groups[n].asset == trail.asset}
        varied = {(row, loss) for n in mine for row in self.groups[n].rows for loss in self.groups[n].losses}
        kept = sorted(trail.claims.by_move, key=lambda c: (c.move, c.loss))
        # In a list all claims on a move stand before those by address: here those that would come after have none.
        before = taken(trail.payments, trail.claims.by_address, trail.receivers)
        made = [
            claim
            for claim in kept
            if (claim.move, claim.loss) not in varied and before.get(claim.move, claim.loss) >= claim.loss
        ]
        for n, parts in mine.items():
            made += self._parts(n, parts, before)
        turns = self._turns() if way else {}
        claims = replace(trail.claims, by_move=made, listed=True, losses=len(self.labels), turns=turns)
        return trail.claiming(claims)

    def _parts(
        self, n: int, parts: Sequence[tuple[int | None, int]] | None, taken: Collection[int]
    ) -> Iterator[ByMove]:
        group = self.groups[n]
        placed = {row for row in group.rows if self.placed or (self.apart and row in taken)}
        if parts is not None:
            listed = [(self.rest if loss is None else loss, n) for loss, n in parts]
            claims = laid(group.rows, group.kept, listed)
            yield from (claim for claim in claims if claim.loss != self.rest or claim.move in placed)
            return
        for row, amount in zip(group.rows, group.kept, strict=True):
            if row in placed:
                yield from laid([row], [amount], [(self.rest + 1 + n, None)])
            else:
                shares = apportion(amount, [part for _, part in group.parts])
                named = ((loss, part) for (loss, _), part in zip(group.parts, shares, strict=True))
                yield from laid([row], [amount], [*named])


def gaps(found: Sequence[Mapping[str, object]], unit: Callable[[str, int], str]) -> Iterator[Gap]:
    """Losses that are a part of one payment, where what its receiver paid on can hang on which part."""
    for row in found:
        if row["on"]:
            amount, whole = (unit(str(row["asset"]), int(str(row[name]))) for name in ("amount", "whole"))
            yield Gap(
                code="loss-in-part",
                subject=f"{row['chain']}:{row['tx']}",
                why=f"Loss {row['loss']} is {amount} of {whole} that this transaction moved, and nothing says "
                "which part of it.",
                effect="It is taken as the part that came first"
                + (
                    f", by the order in which losses are declared (others: {row['others']})"
                    if row["others"]
                    else ""
                )
                + (
                    ". What the declared rule gives with it last, and by its share, is stated with its range; the "
                    "other rules were not run so."
                    if row["tried"]
                    else ". Another part can give another figure."
                ),
            )
