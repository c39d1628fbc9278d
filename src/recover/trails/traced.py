"""Every loss followed under every rule in the ledger's order, and under the declared one in others too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa

from recover.case import Case
from recover.case.derived import Progress
from recover.declared import elections
from recover.ledger.numbered import Numbered
from recover.plugins.registry import Plugins
from recover.sdk import amounts
from recover.sdk.ends import RECORDED, REVERSED
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.tracing import Reason, Rule, Trace, compiled, rules
from recover.trails import legs, partly, passages, shares, unread
from recover.trails.arrivals import arrival_table
from recover.trails.balances import Balances
from recover.trails.bare import bare
from recover.trails.crossed import begun, crossed
from recover.trails.elected import collided
from recover.trails.flows import ENDS, came_in, end_table, flow_table
from recover.trails.missing import (
    assumed,
    contrary,
    elsewhere_lost,
    empty,
    hinted,
    memoless,
    unapproved,
    unfollowed,
    unfound,
    unit,
)
from recover.trails.orders import Tried, tried
from recover.trails.outputs import Spending
from recover.trails.prepared import (
    Exchanged,
    beside,
    concerned,
    demand,
    numbered,
    ordered,
    run_rule,
    trails,
)
from recover.trails.shortfalls import failed, shortfalls
from recover.trails.sides import accepted
from recover.trails.swaps import Swap, again, unlike
from recover.trails.trail import Trail
from recover.trails.unasserted import unasserted


@dataclass(slots=True, kw_only=True)
class Found:
    """What tracing found, in parts. `flows`, `came` and `shares` are the declared rule's, `ends` those of every
    rule, and `arrivals` those of every rule that may back a figure; `lost` is what each of these could not follow
    further, by asset and address, `opened` what they found that places had held before which paid on after value
    had come. `legs` writes what all of it was made from.
    """

    flows: list[pa.Table] = field(default_factory=list)
    came: list[pa.Table] = field(default_factory=list)
    ends: list[pa.Table] = field(default_factory=list)
    arrivals: list[pa.Table] = field(default_factory=list)
    shares: list[pa.Table] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    began: dict[tuple[str, str], int] = field(default_factory=dict)
    lost: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    opened: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    tried: Tried = field(default_factory=Tried)
    partly: partly.Tried = field(default_factory=partly.Tried)
    crossings: pa.Table = field(default_factory=passages.CROSSINGS.empty_table)
    legs: Callable[[Mapping[str, pa.Table]], bytes] = lambda _: b""


def traced(
    case: Case, plugins: Plugins, progress: Progress, *, alone: bool = False, straight: bool = False
) -> Found:
    """Trace each asset that a loss concerns. Raises Error when a loss exceeds its transaction.

    `alone`: under the declared rule only; `straight`: in the order, and with the parts of payments, used only.
    """
    ledger = numbered(case)
    elsewhere = Exchanged.of(case, ledger)
    exchanged = elsewhere.swaps
    found = Found(
        gaps=[
            *unfound(case.settings.losses, ledger, bare(case, case.settings.losses)),
            *unread.partial(case.settings.losses, ledger),
            *unapproved(case, ledger),
            *empty(case.settings.losses, ledger),
        ]
    )
    assets = concerned(case, plugins, ledger, exchanged)
    elections.unanswered(case.settings.elections, assets)
    recorded = trails(case, ledger, assets, exchanged)
    demand(case, recorded)
    if any(compiled.missing(len(trail.seqs)) for trail in recorded.values()):
        case.told.append(
            "numba is not installed: so many movements take longer to trace, with the same result. "
            '`pip install "recover-forensics[fast]"` brings it.'
        )
    ruled = [rules.rule(case.settings.rule)] if alone else beside(bool(case.settings.elections))
    for done, rule in enumerate(ruled):
        progress("trace", done, len(ruled))
        _rule(case, ledger, rule, RECORDED, recorded, exchanged, found)
    progress("trace", len(ruled), len(ruled))
    declared = rules.rule(case.settings.rule)
    found.partly = partly.tried(
        {asset: trail for asset, trail in recorded.items() if trail.model in declared.models},
        ledger,
        case.settings.losses,
        declared,
        lambda listed: run_rule(declared, listed, exchanged, flows=True),
        straight,
    )
    found.gaps += partly.gaps(found.partly.parts, lambda asset, value: unit(case, asset)(value))
    if not straight:
        _orders(case, ledger, recorded, exchanged, found)
    losses = case.settings.losses
    undone = failed(case) if any(loss.tx for loss in losses) else frozenset()
    found.gaps += shortfalls(losses, ledger, found.began, lambda asset, value: unit(case, asset)(value), undone)
    carried = {seq for flows in found.flows for seq in flows.column("seq").to_pylist()}
    found.gaps += assumed(found.tried, declared.id)
    found.gaps += contrary(case, ledger, _reached(found, ledger, carried))
    found.gaps += elsewhere_lost(case, ledger.covered, found.lost)
    found.gaps += unread.elsewhere_opened(case, found.opened, lambda asset, value: unit(case, asset)(value))
    # Only an exchange that traced value came to limits a figure. Others can be thousands.
    found.gaps += [unlike(swap) for swap in elsewhere.uneven if carried & set(swap.out)]
    found.gaps += [*crossed(case, ledger, elsewhere, carried), *begun(case)]
    said = elsewhere.told()
    found.gaps += unasserted(case, ledger, found.flows, said, lambda asset, value: unit(case, asset)(value))
    found.crossings = passages.table(ledger, elsewhere, found.flows, found.came, accepted(case))
    found.legs = partial(legs.written, case.settings.rule, losses, ledger, recorded, exchanged)
    return found


def _reached(found: Found, ledger: Numbered, carried: Collection[int]) -> set[tuple[str, str]]:
    """Where value came under the declared rule, or ended under any, by asset and address."""
    moved = ledger.table.select(["asset", "dst"]).take(pa.array(sorted(carried), pa.int64()))
    ends = pa.concat_tables([ENDS.empty_table(), *found.ends]).select(["asset", "address"])
    unique = (table.group_by(table.column_names, use_threads=False).aggregate([]) for table in (moved, ends))
    return {tuple(row.values()) for table in unique for row in table.to_pylist()}


def _orders(
    case: Case, ledger: Numbered, recorded: Mapping[str, Trail], exchanged: Sequence[Swap], found: Found
) -> None:
    """Where exhibits left an order open: the declared rule, on whose figures all rests, in other orders.

    Of the other rules too: what is said of every rule then names those whose figure is otherwise in another.
    """
    rule = rules.rule(case.settings.rule)
    found.tried = tried(
        {asset: trail for asset, trail in recorded.items() if trail.model in rule.models},
        any(swap.asset in recorded and swap.into in recorded for swap in exchanged),
        ledger,
        case.settings.losses,
        lambda listed: run_rule(rule, listed, exchanged, flows=True),
        lambda asset, order: ordered(case, ledger, asset, exchanged, recorded[asset].seqs[order]),
        rule.id,
        {
            other.id: partial(run_rule, other, exchanged=exchanged, flows=True)
            for other in beside(bool(case.settings.elections))
            if other.claim and other.id != rule.id
        },
    )
    if found.tried.turned:
        _rule(case, ledger, rule, REVERSED, {**recorded, **found.tried.turned}, exchanged, found)


def _rule(
    case: Case,
    ledger: Numbered,
    rule: Rule,
    ties: str,
    listed: Mapping[str, Trail],
    exchanged: Sequence[Swap],
    found: Found,
) -> None:
    keep = rule.id == case.settings.rule and ties == RECORDED
    losses = case.settings.losses
    for trail, result, came in run_rule(rule, listed, exchanged, flows=rule.claim):
        found.ends.append(end_table(result, ties, losses, ledger, trail))
        if rule.claim:
            found.arrivals.append(arrival_table(result, ties, losses, ledger, trail))
        if rule.claim and ties == RECORDED:
            _lost(found, result, ledger, trail.asset)
            for at, amount in unread.openings(result, trail):
                found.opened.setdefault((trail.asset, ledger.names[at]), {})[rule.id] = amount
        if rule.elective and ties == RECORDED and isinstance(trail, Balances):
            found.gaps += collided(result, losses, ledger, trail, unit(case, trail.asset))
        if keep:
            found.flows.append(flow_table(result, losses, trail.seqs))
            found.came.append(came_in(result, came, losses, trail.seqs, again(exchanged, trail.asset)))
            if isinstance(trail, Spending):
                found.shares.append(shares.table(result, losses, ledger, trail))
            _began(found, losses, result, trail.asset)
            found.gaps += [*trail.gaps, *trail.unfollowed(result)]
            found.gaps += unfollowed(result, losses, ledger, trail, unit(case, trail.asset))
            found.gaps += unread.opened(result, ledger, trail, unit(case, trail.asset))
            found.gaps += unread.late(result, ledger, trail)
            found.gaps += hinted(case, found.flows[-1], ledger, trail.asset, unit(case, trail.asset))
            found.gaps += memoless(case, result, ledger, trail, unit(case, trail.asset))


def _lost(found: Found, result: Trace, ledger: Numbered, asset: str) -> None:
    """What the rule could not follow any further, by place."""
    ends = result.ends
    for row in np.flatnonzero(ends.reason == Reason.UNCOLLECTED).tolist():
        here = found.lost.setdefault((asset, ledger.names[ends.address[row]]), {})
        here[result.rule] = here.get(result.rule, 0) + int(ends.amount[row])


def _began(found: Found, losses: Sequence[Loss], result: Trace, asset: str) -> None:
    """What began as each loss by its own declaration, what came in by exchange apart."""
    came: dict[str, int] = {}
    for name, amount in zip(found.came[-1].column("loss").to_pylist(), amounts.exact(found.came[-1]), strict=True):
        came[name] = came.get(name, 0) + amount
    for loss, total in zip(losses, result.starts, strict=True):
        if total - came.get(loss.id, 0):
            found.began[loss.id, asset] = total - came.get(loss.id, 0)
