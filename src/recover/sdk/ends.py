"""The table of ends, where traced value ended: which rows a figure may rest on, and their sums by rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts
from recover.sdk.view import OffRamp

# An explorer's export gives a time and no index in the block, so the order inside one moment is assumed. A trace
# is run both ways, and a figure that differs is printed with both values.
RECORDED = "as recorded"
"""The order that every figure rests on: what no exhibit puts in order stands as the exhibits have it."""

REVERSED = "reversed"
"""The same ledger with those ties turned round, traced only to see which figures depend on them."""

PART = "part "
"""With this begin the names of orders that are none of movements: another part of a payment is taken as a loss."""

BEGAN = "began of loss"
"""In the table of totals, the figure of what began as one loss in one asset, by rule."""


def passed_within(rows: Iterable[OffRamp]) -> int:
    """What of one asset went from some of these places to others of them, under the declared rule, in base units.

    A sum of what came to several places counts it again at each, and would exceed all that was lost.
    """
    once = {row.place: row for row in rows}
    known = {row.address for row in once.values()}
    return sum(n for row in once.values() for at, n in row.elsewhere_at.items() if at in known)


def beyond(rows: Iterable[OffRamp]) -> int:
    """What of one asset came to these places and went on to none of the wallets of their rows, nor to another of
    the places, under the declared rule, in base units.

    An address that pays two places has a row for each, of which the other's value went elsewhere: here it did not.
    """
    passing = [row for row in rows if not row.stops]
    once = {row.place: row for row in passing}.values()
    left = sum(row.credited - row.resting - row.fees - row.unfollowed for row in once)
    return left - sum(row.amount for row in passing) - passed_within(passing)


def to_own(rows: Iterable[OffRamp], among: Iterable[OffRamp]) -> int:
    """What of one asset went from these places to others that are called the same service's own, in base units.

    These have rows of their own `among` all, since a trace stops there: to the service it is nothing elsewhere.
    """
    own = {(r.service, r.asset, r.address) for r in among if r.service and r.stops}
    once = {(row.place, row.service): row for row in rows}.values()
    found = {
        (row.place, at): n
        for row in once
        for at, n in row.elsewhere_at.items()
        if (row.service, row.asset, at) in own
    }
    return sum(found.values())


Place: TypeAlias = tuple[str, str, str]
"""(asset, address, reason)."""


def recorded(ends: pa.Table, rule: str | None = None) -> pa.Table:
    """The rows of `ends` in the order as recorded, of one rule or of all."""
    mask = pc.equal(ends.column("ties"), RECORDED)
    return ends.filter(mask if rule is None else pc.and_(mask, pc.equal(ends.column("rule"), rule)))


def by_rule(ends: pa.Table, rules: Collection[str]) -> dict[Place, dict[str, int]]:
    """What ended at each place under each of `rules`, all losses together, in base units, as recorded.

    Places and rules stand in the order in which `ends` has them; a rule under which nothing ended there is absent.
    """
    table = recorded(ends)
    names = ("asset", "address", "reason", "rule")
    rows = zip(*(table.column(name).to_pylist() for name in names), amounts.exact(table), strict=True)
    found: dict[Place, dict[str, int]] = {}
    for asset, address, reason, rule, amount in rows:
        if rule in rules:
            here = found.setdefault((asset, address, reason), {})
            here[rule] = here.get(rule, 0) + amount
    return found
