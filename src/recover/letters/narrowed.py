"""What the trace found of an addressee for the losses of one party alone: the others stay one pooled sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from recover.report import figures, identifiers, payers
from recover.report.identifiers import Row, Spot
from recover.sdk import OffRamp, View
from recover.sdk.amounts import exact
from recover.sdk.ends import PART, recorded
from recover.sdk.outside import visible

_LEFT = {"rest": "unswept", "uncollected": "unfollowed", "open": "unfollowed"}
"""What the trace's own reason for an end is called at an off-ramp."""

Left = Mapping[tuple[str, str, str], int]


def narrowed(
    view: View, ramps: Sequence[OffRamp], rows: Sequence[Row], losses: Collection[str]
) -> tuple[OffRamp, ...]:
    """The off-ramps with the figures of these losses, without those that have none; `rows` are of these too."""
    return reached(ruled(view, ramps, rows, losses))


def reached(ramps: Sequence[OffRamp]) -> tuple[OffRamp, ...]:
    """Those that went on or stand unswept under the declared rule."""
    return tuple(ramp for ramp in ramps if ramp.amount or ramp.resting)


def ruled(
    view: View, ramps: Sequence[OffRamp], rows: Sequence[Row], losses: Collection[str]
) -> tuple[OffRamp, ...]:
    """The off-ramps with the figures of these losses; `rows` are of these too. Some have nothing of them under the
    declared rule."""
    left = _left(view, losses)
    own = {(r.service, r.asset, r.address) for r in ramps if r.service and r.stops}
    return tuple(_one(view, ramp, rows, losses, left, own) for ramp in ramps)


def pooled(
    view: View, ramps: Sequence[OffRamp], mine: Sequence[OffRamp], losses: Collection[str]
) -> dict[str, tuple[int, int]]:
    """By asset, what went on, and what stands unswept, of losses that are not named: one sum, whosesoever.

    `ramps` are for all losses, `mine` the same narrowed to these. None of an asset in which it would be the figure
    of one other loss.
    """
    held: dict[str, tuple[int, int]] = {}
    own = {(r.place, r.service): r.resting for r in mine}
    for ramp in ramps:
        rest = sum(n for loss, n in ramp.by_loss.items() if loss not in losses)
        left = ramp.resting - own.get((ramp.place, ramp.service), 0)
        before = held.get(ramp.asset, (0, 0))
        held[ramp.asset] = (before[0] + rest, before[1] + left)
    went = {(ramp.asset, loss) for ramp in ramps for loss, n in ramp.by_loss.items() if n}
    spots = {(ramp.address, ramp.asset) for ramp in ramps}
    ends = (end for end in ended(view) if end.amount and (end.address, end.asset) in spots)
    whose = went | {(end.asset, end.loss) for end in ends if end.reason in _LEFT}
    several = Counter(asset for asset, loss in whose if loss not in losses)
    return {asset: both for asset, both in held.items() if any(both) and several[asset] > 1}


def _left(view: View, losses: Collection[str]) -> Left:
    """By address, asset and what it is called, what of these losses was left there under the declared rule."""
    found: dict[tuple[str, str, str], int] = {}
    for end in ended(view):
        if end.loss in losses and end.reason in _LEFT:
            key = (end.address, end.asset, _LEFT[end.reason])
            found[key] = found.get(key, 0) + end.amount
    return found


@dataclass(frozen=True, slots=True)
class End:
    """Where value of one loss ended under the declared rule, and why there."""

    address: str
    asset: str
    reason: str
    loss: str
    amount: int


def ended(view: View) -> Iterator[End]:
    """Every end of every loss, as recorded."""
    if "ends" not in view.tables:
        return
    table = recorded(view.tables["ends"](), view.case.rule)
    columns = (table.column(name).to_pylist() for name in ("address", "asset", "reason", "loss"))
    for address, asset, reason, loss, amount in zip(*columns, exact(table), strict=True):
        yield End(address, asset, reason, loss, amount)


def unread(view: View) -> frozenset[tuple[str, str]]:
    """Where value came whose history is in no exhibit, and a balance shows that an issuer can stop some of it; and
    where it lies at what a source calls a service's deposit address."""
    found = (f for f in figures.of_kind(view, "freezable") if f.slots.get("history") or f.slots.get("service"))
    return frozenset((f.subject, str(f.slots.get("asset", ""))) for f in found)


def resting(view: View) -> dict[tuple[str, str], dict[str, int]]:
    """By address and asset, what of each loss rests there under the declared rule, or came there unread."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    too = unread(view)
    for end in ended(view):
        if _stands(end.reason, (end.address, end.asset), too) and end.amount:
            here = found.setdefault((end.address, end.asset), {})
            here[end.loss] = here.get(end.loss, 0) + end.amount
    return found


def ranged(view: View, losses: Collection[str]) -> dict[tuple[str, str], dict[str, int]]:
    """The same of these losses under each rule that may back a claim."""
    if "ends" not in view.tables:
        return {}
    claims = {rule["id"] for rule in view.rules if rule.get("claim") == "yes"}
    table = recorded(view.tables["ends"]())
    columns = (table.column(name).to_pylist() for name in ("rule", "address", "asset", "reason", "loss"))
    found: dict[tuple[str, str], dict[str, int]] = {}
    ran, too = set[str](), unread(view)
    for rule, address, asset, reason, loss, amount in zip(*columns, exact(table), strict=True):
        if rule in claims:
            ran.add(rule)
            if _stands(reason, (address, asset), too) and loss in losses:
                here = found.setdefault((address, asset), {})
                here[rule] = here.get(rule, 0) + amount
    return {place: {rule: sums.get(rule, 0) for rule in sorted(ran)} for place, sums in found.items()}


def _stands(reason: str, place: tuple[str, str], too: Collection[tuple[str, str]]) -> bool:
    return reason == "rest" or (reason in ("uncollected", "service") and place in too)


def places(view: View, losses: Collection[str]) -> frozenset[str]:
    """The addresses at which value of these losses stands, or was last seen."""
    return frozenset(address for (address, _, _), amount in _left(view, losses).items() if amount)


def brought(view: View, about: Collection[str], losses: Collection[str]) -> tuple[Row, ...]:
    """The movements that brought value of these losses (none for all) to the places named where it ends.

    None where nothing of it ends at one of them: the table of a letter then has what its sender names.
    """
    mine = (e for e in ended(view) if e.address in about and e.amount and (not losses or e.loss in losses))
    places = sorted({(e.address, e.asset) for e in mine if e.reason in _LEFT})
    if {at for at, _ in places} != {*about}:
        return ()
    spots = [Spot(chain=asset.partition("/")[0], address=at, asset=asset) for at, asset in places]
    return identifiers.brought(view, spots, losses)


def _of(by_order: Mapping[str, Mapping[str, int]], losses: Collection[str]) -> dict[str, dict[str, int]]:
    """By order, the figures of these losses there."""
    return {name: {loss: n for loss, n in sums.items() if loss in losses} for name, sums in by_order.items()}


def _one(
    view: View,
    ramp: OffRamp,
    rows: Sequence[Row],
    losses: Collection[str],
    left: Left,
    own: Collection[tuple[str | None, str, str]],
) -> OffRamp:
    # As rows print it.
    mine = [r for r in rows if (r.address, r.asset) == (visible(ramp.address), visible(ramp.asset))]
    if ramp.by_memo:
        mine = [r for r in mine if r.memo == visible(ramp.memo, 256)]
    came = [r for r in mine if r.direction == "in"]
    paid = {r.tx_hash for r in mine if r.direction == "out"}
    times = [datetime.fromisoformat(r.block_time_utc) for r in came if r.block_time_utc]
    by_rule = {
        rule: {loss: n for loss, n in sums.items() if loss in losses}
        for rule, sums in ramp.by_rule_and_loss.items()
    }
    by_loss = {loss: n for loss, n in ramp.by_loss.items() if loss in losses}
    amount, here = sum(by_loss.values()), ramp.stops
    credited = sum(int(r.traced_amount or 0) for r in came)
    unswept, lost = (
        0 if here else left.get((ramp.address, ramp.asset, word), 0) for word in ("unswept", "unfollowed")
    )
    if not ramp.resting:  # what rests where exhibits disagree on what left is not followed
        unswept, lost = 0, lost + unswept
    bounds = {name: one for name, one in ramp.unswept_bounds.items() if name in losses}
    if bounds:  # of several losses the sums: of each its own are the widest
        bounds[""] = {end: sum(one[end] for one in bounds.values()) for end in ("least", "most")}
    whole = {*bounds.get("", {}).values()}
    still = next(iter(whole)) if len(whole) == 1 else None
    fees = 0 if here else sum(int(r.traced_amount or 0) for r in mine if r.direction == "fee")
    arrived = {r.tx_hash for r in came}
    by_order = {name: s for name, s in _of(ramp.by_order_and_loss, losses).items() if not name.startswith(PART)}
    orders = {name: n for name, sums in by_order.items() if (n := sum(sums.values())) != amount}
    # What it paid to addresses of the same service, as these list it.
    at: dict[str, int] = {}
    coins = payers.onward(view, ramp.address, ramp.asset, losses) if ramp.chain in figures.coins(view) else None
    for service, asset, address in sorted(own, key=str) if not here else ():
        to = (visible(address), visible(asset), visible(ramp.address))
        sums = [r for r in rows if r.direction == "in" and (r.address, r.asset, r.counterparty) == to]
        if coins is not None:
            if coins.get(address) and (service, asset) == (ramp.service, ramp.asset):
                at[address] = coins[address]
        elif sums and (service, asset) == (ramp.service, ramp.asset) and address not in ramp.hot_wallets:
            at[address] = sum(int(r.traced_amount or 0) for r in sums)
    return replace(
        ramp,
        amount=amount,
        arrived=credited,
        credited=credited,
        unswept=still if here else unswept,
        unswept_bounds=bounds,
        unfollowed=lost,
        elsewhere=0 if here else credited - amount - unswept - lost - fees,
        fees=fees,
        elsewhere_at=at,
        transfers=len(came),
        transactions=tuple(tx for tx in ramp.transactions if visible(tx) in arrived),
        sweep_transactions=tuple(tx for tx in ramp.sweep_transactions if visible(tx) in paid),
        first=min(times, default=None),
        last=max(times, default=None),
        by_rule={rule: sum(sums.values()) for rule, sums in by_rule.items()},
        by_loss=by_loss,
        by_rule_and_loss=by_rule,
        # Of what came in and what is left, other sequences say for all losses together alone.
        by_order={"amount": orders} if orders else {},
        by_order_and_loss=by_order,
        by_rule_and_order=_of(ramp.by_rule_and_order, losses),
        reversed_ties=None,
    )
