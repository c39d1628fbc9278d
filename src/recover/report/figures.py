"""What the documents count, taken from the view: totals by service, ranges by rule, accounts, value at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from typing import TypeVar

import pyarrow.compute as pc

from recover.linking.resolve import DISPUTED, endings
from recover.report.texts import Texts
from recover.sdk import Asset, Finding, Grade, OffRamp, View
from recover.sdk.amounts import join
from recover.sdk.ends import passed_within, recorded
from recover.sdk.outside import visible

SWAP_STOPPED = "swap-stopped"
_NOUNS = ("summary.addresses", "summary.endpoints")

T = TypeVar("T")

Spot = tuple[str, str]
"""A chain and an address on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All rows of one service (or of the unlabelled hubs) in one asset. Amounts in base units.

    `credited`, `unswept`, `fees` and `unfollowed` count an address once, though it may have rows of others too.
    `ruled` are the rows that ranges rest on: those, and the ones to which only other rules, orders or parts give
    value. `by_rule` is their sum.
    """

    service: str | None
    name: str
    asset: str
    rows: tuple[OffRamp, ...]
    ruled: tuple[OffRamp, ...]
    amount: int
    swept: int
    credited: int
    unswept: int
    elsewhere: int
    fees: int
    unfollowed: int
    by_rule: tuple[tuple[str, int], ...]
    grades: tuple[Grade, ...]

    @property
    def least(self) -> tuple[str, int]:
        """The rule that gives this place least, and its figure."""
        return min(self.by_rule, key=lambda pair: pair[1])

    @property
    def most(self) -> tuple[str, int]:
        """The rule that gives this place most, and its figure."""
        return max(self.by_rule, key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Where traced value was left under the declared rule, by the trace's own reason."""

    reason: str
    address: str
    asset: str
    amount: int
    loss: str = ""


def settled(made: Callable[[View], T]) -> Callable[[View], T]:
    """The same function of a view, worked out once for as long as papers are made of that view.

    A report and five hundred letters ask for the same sums.
    """
    kept: list[tuple[View, T]] = []

    @wraps(made)
    def told(view: View) -> T:
        if not kept or kept[0][0] is not view:
            kept[:] = [(view, made(view))]
        return kept[0][1]

    return told


def asset(view: View, asset_id: str) -> Asset:
    """An asset for display; base units where nothing says its decimals."""
    return view.assets.get(asset_id) or Asset(id=asset_id, symbol=asset_id.rsplit(":", 1)[-1], decimals=None)


@settled
def date(view: View) -> datetime:
    """The document's date: the latest moment that the case or its evidence bears. No clock is read."""
    # With the clock's date the same case could not be printed twice with the same bytes. A person dates what is
    # signed.
    return max([view.case.opened, *(e.captured for e in view.exhibits)]).astimezone(UTC)


PROOFS = ("sealed", "included", "self-authenticating", "corroborated", "reported")
"""What can be recomputed of a transaction, the strongest first."""


@settled
def coins(view: View) -> frozenset[str]:
    """The chains of the case whose movements are outputs of transactions."""
    if "transfers" not in view.tables:
        return frozenset()
    moved = view.tables["transfers"]()
    return frozenset(moved.filter(pc.equal(moved.column("kind"), "output")).column("chain").unique().to_pylist())


@settled
def totals(view: View) -> tuple[Total, ...]:
    """One total for each service and asset, services by name, hubs last, largest asset total first."""
    groups: dict[tuple[str | None, str], list[OffRamp]] = {}
    for ramp in view.offramps:
        groups.setdefault((ramp.service, ramp.asset), []).append(ramp)
    made = [total(view, service, asset_id, rows) for (service, asset_id), rows in groups.items()]
    return tuple(sorted(made, key=lambda t: (t.service is None, t.asset, -t.amount, t.service or "")))


def total(
    view: View, service: str | None, asset_id: str, rows: Sequence[OffRamp], among: Iterable[OffRamp] = ()
) -> Total:
    """The sum of some rows of one service in one asset: a letter takes those that stand in it, and no other.

    `among` are more rows, of any service: those of this one to which only other rules give value are in the range.
    """
    known = {(r.place, r.address, r.hot_wallets) for r in rows}
    of_it = (r for r in among if (r.service, r.asset) == (service, asset_id))
    ruled = (*rows, *(r for r in of_it if (r.place, r.address, r.hot_wallets) not in known))
    rules = sorted({rule for r in ruled for rule in r.by_rule} | {view.case.rule})
    # A rule without a figure at an address gives it nothing, and counts as zero in the sum.
    by_rule = tuple(
        (rule, sum(r.amount if rule == view.case.rule else r.by_rule.get(rule, 0) for r in ruled))
        for rule in rules
    )
    ordered = tuple(sorted(rows, key=lambda r: (-r.amount, r.address)))
    return Total(
        service=service,
        name=name(view, service, ordered[0].service_name),
        asset=asset_id,
        rows=ordered,
        ruled=ruled,
        amount=sum(r.amount for r in rows),
        swept=sum(r.swept for r in rows),
        credited=sum(once(rows, "credited").values()) - passed_within(rows),
        unswept=sum(once(rows, "resting").values()),
        elsewhere=sum(once(rows, "credited").values())
        - passed_within(rows)
        - sum(once(rows, "resting").values())
        - sum(once(rows, "unfollowed").values())
        - sum(once(rows, "fees").values())
        - sum(r.amount for r in rows),
        fees=sum(once(rows, "fees").values()),
        unfollowed=sum(once(rows, "unfollowed").values()),
        by_rule=by_rule,
        grades=tuple(sorted({r.grade for r in carrying(rows)})),
    )


def carrying(rows: Sequence[OffRamp]) -> Sequence[OffRamp]:
    """The rows by which value went, else by which it does under another rule, else all: these grade a sum."""
    return [r for r in rows if r.amount] or [r for r in rows if any(r.by_rule.values())] or rows


def direct(rows: Sequence[OffRamp]) -> bool:
    """Whether by no address that pays the wallets at which it arrived."""
    return all(r.stops for r in carrying(rows))


def through(rows: Sequence[OffRamp]) -> bool:
    """Whether all by such addresses. What is neither came in both ways."""
    return not any(r.stops for r in carrying(rows))


def unknown(total: Total) -> bool:
    """Whether nothing is shown to have reached the place, though value that may have is not followed."""
    return not total.amount and total.unfollowed > 0


@settled
def rivals(view: View) -> Mapping[Spot, str]:
    """Wallets that labels of one grade give to different services, with the names of these."""
    if "labels" not in view.tables:
        return {}
    rows = view.tables["labels"]().select(["chain", "address", "label", "role"]).to_pylist()
    return {(row["chain"], row["address"]): row["label"] for row in rows if row["role"] == DISPUTED}


def disputed(view: View, rows: Iterable[OffRamp]) -> tuple[str, ...]:
    """The names that sources give to wallets of these rows that no accepted label names, where they disagree."""
    known = rivals(view)
    at = {(r.chain, wallet) for r in rows if r.service is None for wallet in r.hot_wallets}
    return tuple(sorted({known[spot] for spot in at if spot in known}))


def at_stake(view: View, service: str | None) -> tuple[OffRamp, ...]:
    """The rows of a service that it can do something about: value went on to it, or is credited and unswept.

    None where a strong label keeps a letter from it, unless a named person decided otherwise.
    """
    return _at_stake(view).get(service, ())


@settled
def standing(view: View) -> Mapping[str | None, tuple[OffRamp, ...]]:
    """By service, the rows of which no person rejected the finding: on these the range of a letter's sum rests."""
    found = dict[str | None, list[OffRamp]]()
    for r in kept(view):
        found.setdefault(r.service, []).append(r)
    return {service: tuple(rows) for service, rows in found.items()}


@settled
def kept(view: View) -> tuple[OffRamp, ...]:
    """The off-ramps of which no person rejected the finding, in their order: letters are of these."""
    refused = _rejected(view)
    return tuple(r for r in view.offramps if (r.address, r.service, r.asset) not in refused)


def _rejected(view: View) -> frozenset[tuple[object, ...]]:
    """The off-ramps whose finding a person rejected: they stay in the report, and are in no letter."""
    found = (f for f in view.findings if f.kind == "off-ramp" and view.reviews.get(f.id, ("",))[0] == "rejected")
    return frozenset((f.subject, f.slots.get("service"), f.slots.get("asset")) for f in found)


@settled
def _at_stake(view: View) -> Mapping[str | None, tuple[OffRamp, ...]]:
    barred = {f.subject for f in of_kind(view, "no-letter") if not f.slots.get("by")}
    found = {service: rows for service, rows in standing(view).items() if service not in barred}
    # What only another order or part of those tried reaches is told beside what is reached: by itself no figure of
    # the case speaks for it.
    wanted = {
        service: tuple(r for r in rows if r.amount or r.resting or any(map(any, _moved(r))))
        for service, rows in found.items()
        if any(r.amount or r.resting for r in rows)
    }
    return {service: rows for service, rows in wanted.items() if rows}


def _moved(ramp: OffRamp) -> Iterator[Iterable[int]]:
    """What would go on through a row, or be unswept there, in each other order or part that was tried."""
    yield from (ramp.by_order.get(name, {}).values() for name in ("amount", "unswept"))


def once(rows: Iterable[OffRamp], slot: str) -> dict[tuple[str, str, str], int]:
    """A figure of each address, asset and memo, which every row of that place repeats."""
    return {r.place: getattr(r, slot) for r in rows}


def place(t: Texts, ramp: OffRamp) -> str:
    """What was credited, as its service knows it: the address and, where that tells customers apart, the memo."""
    if not ramp.by_memo:
        return visible(ramp.address)
    said = t.say("memo.is", memo=visible(ramp.memo, 256)) if ramp.memo else t.say("memo.none")
    return f"{visible(ramp.address)}\n{said}"


def name(view: View, service: str | None, otherwise: str) -> str:
    """The register's name of a service."""
    entry = view.services.get(service) if service else None
    return entry.name if entry else otherwise


def counted(t: Texts, key: str, count: int, **slots: str | int) -> str:
    """A count with its noun: the text `key_one` for one, else `key`."""
    return t.say(f"{key}_one", **slots) if count == 1 else t.say(key, count=f"{count:,}", **slots)


def addresses(view: View, t: Texts, rows: Iterable[OffRamp], nouns: tuple[str, str] = _NOUNS) -> str:
    """How many addresses these rows are of: as deposit addresses only where each row calls its own one."""
    rows, own = list(rows), own_wallets(view)
    return counted(t, nouns[not all(r.deposit and spot(r) not in own for r in rows)], len({*map(spot, rows)}))


@settled
def own_wallets(view: View) -> frozenset[Spot]:
    """Addresses at which value reached a service itself, with no deposit address between."""
    # "Deposit address" says that one customer's account is behind it: false of a service's own wallet.
    found = {spot(r) for r in view.offramps if r.service is not None and r.address in r.hot_wallets}
    if not found or "assertions" not in view.tables:
        return frozenset(found)
    said = view.tables["assertions"]()
    called = said.filter(pc.equal(said["role"], "deposit")).to_pylist()
    standing = zip(called, endings(called, view.tables["transfers"]()), strict=True)
    return frozenset(found - {(row["chain"], row["address"]) for row, (counts, _) in standing if counts})


def spot(r: OffRamp) -> Spot:
    """What was credited as chain and address: one text can be an address of several chains."""
    return r.chain, r.address


def edge(r: OffRamp) -> str:
    """What ties a row to its service: its own wallet, the word deposit address, or payments alone."""
    return "own" if r.stops else "deposit" if r.deposit else "plain"


def of_kind(view: View, *kinds: str) -> tuple[Finding, ...]:
    """The findings of some kinds, in their order."""
    return tuple(f for f in view.findings if f.kind in kinds)


def entered(view: View, asset_id: str) -> str:
    """The ending of a key by how traced value came to be in an asset: by declaration, `_over`, or `_both`."""
    rows = [f for f in of_kind(view, "conservation") if f.slots.get("asset") == asset_id]
    began, came = (sum(number(f, slot) for f in rows) for slot in ("began", "exchanged"))
    return ("_both" if began else "_over") if came else ""


RETURNED = "returned"
"""The kind of finding of value that came back to where a loss was paid from."""

RESTING = ("at-rest", "not-seen-leaving")
"""Kinds that say of what no exhibit shows leaving how sure it is that it is still there."""


def number(finding: Finding, slot: str) -> int:
    """An integer slot; zero where it is absent."""
    value = finding.slots.get(slot)
    return value if isinstance(value, int) else 0


@settled
def rests(view: View) -> tuple[Rest, ...]:
    """Where traced value was left under the declared rule and the recorded order, by loss; exact.

    What entered a contract of exchanges and is not followed has the reason `swap-stopped` here, so that nobody
    looks for it in another asset.
    """
    if "ends" not in view.tables:
        return ()
    columns = ("loss", "asset", "address", "reason", "amount", "wide")
    ends = recorded(view.tables["ends"](), view.case.rule)
    rows = zip(*(ends.column(c).to_pylist() for c in columns), strict=True)
    pools = {(f.subject, f.slots.get("asset")) for f in of_kind(view, SWAP_STOPPED)}
    return tuple(
        Rest(
            reason=SWAP_STOPPED if reason == "swap" and (address, asset_id) in pools else reason,
            address=address or "",
            asset=asset_id,
            amount=join(amount, wide),
            loss=loss,
        )
        for loss, asset_id, address, reason, amount, wide in rows
    )


SPENT = "spent-open"
"""The kind of finding of coins that are shown spent in what is not followed."""


def homes(view: View) -> frozenset[tuple[str, object]]:
    """The places, with the asset, where all that is left came back to where its loss was paid from."""
    found = (f for f in of_kind(view, RETURNED) if f.slots.get("all") == "yes")
    return frozenset((f.subject, f.slots.get("asset")) for f in found)


STANDINGS = (
    *("unswept", "home", "whole", "held", "less", "answered", "seen", "short", "feeless", "partial", "disputed"),
)
"""How sure it is that value which no exhibit shows leaving is still where it was left."""


def stood(view: View) -> Iterator[Rest]:
    """The same; what no exhibit shows leaving has how sure it is that it is still there as its reason."""
    unswept = {(r.through, r.asset) for r in view.offramps if r.resting}
    spent = {(f.subject, f.slots.get("asset")) for f in of_kind(view, SPENT)}
    home = homes(view)
    standing = {(f.subject, f.slots.get("asset")): f.slots.get("standing") for f in of_kind(view, *RESTING)}
    for rest in rests(view):
        place = (rest.address, rest.asset)
        if rest.reason == "uncollected" and place in spent:
            rest = replace(rest, reason="spent")
        if rest.reason == "rest":
            word = "home" if place in home else str(standing.get(place) or "seen")
            rest = replace(rest, reason="unswept" if place in unswept else word)
        yield rest


def by_reason(found: Iterable[Rest]) -> tuple[Rest, ...]:
    """The same, summed over losses and addresses: one row for each reason and asset."""
    held: dict[tuple[str, str], int] = {}
    for rest in found:
        held[rest.asset, rest.reason] = held.get((rest.asset, rest.reason), 0) + rest.amount
    return tuple(
        Rest(reason=reason, address="", asset=asset_id, amount=amount)
        for (asset_id, reason), amount in sorted(held.items())
    )
