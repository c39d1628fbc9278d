"""Zeros: of each service at each address that pays it or is its own, whether a rule brings it nothing that way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recover.report import figures, simultaneous, unnamed, unsettled
from recover.report.claimed import Sentence
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible

Pair = tuple[figures.Spot, str | None, tuple[str, ...], str]
"""An address, the service, of hubs alone which wallets, and the asset."""

LISTED = 12
"""So many services are named on page 1; R9 has each."""


def pair(r: OffRamp) -> Pair:
    """What of a row a zero is said of: deposits that a service tells apart by memo came through one address."""
    return (r.chain, r.through), r.service, () if r.service else r.hot_wallets, r.asset


@figures.settled
def sums(view: View) -> Mapping[Pair, Mapping[str, int]]:
    """By address, service and asset, what every rule brings to it that way."""
    found: dict[Pair, dict[str, int]] = {}
    for r in view.offramps:
        held = found.setdefault(pair(r), {})
        for rule, amount in r.by_rule.items():
            held[rule] = held.get(rule, 0) + amount
    return found


def at(view: View, every: bool) -> dict[Pair, tuple[str, ...]]:
    """The pairs of which every rule, or some rules alone, give zero, with these rules; but where value is not
    followed: of that no rule says so."""
    open_ = {pair(r) for r in view.offramps if r.unfollowed}
    found = {
        one: tuple(rule for rule, amount in sorted(held.items()) if not amount)
        for one, held in sums(view).items()
        if one not in open_
    }
    return {one: rules for one, rules in found.items() if rules and any(sums(view)[one].values()) is not every}


def shared(view: View, every: bool) -> set[figures.Spot]:
    """Of these addresses, those through which the same rule brings something else: to another service, or in
    another asset."""
    whole: dict[tuple[figures.Spot, str], int] = {}
    for (spot, *_), held in sums(view).items():
        for rule, amount in held.items():
            whole[spot, rule] = whole.get((spot, rule), 0) + amount
    return {spot for (spot, *_), rules in at(view, every).items() if any(whole[spot, rule] for rule in rules)}


def none(view: View) -> bool:
    """Whether every pair has a figure under every rule, and none is zero."""
    told = bool(view.offramps) and all(all(held.values()) for held in sums(view).values())
    return told and not unsettled.rows(view, view.offramps)


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """The plain statement that a rule gives zero (D'Aloia v Persons Unknown [2024] EWHC 2342 (Ch))."""
    for every in (True, False):
        if at(view, every):
            key = f"summary.zero{'_every' if every else ''}"
            text = t.say(key, sequence=simultaneous.used(view, t), parts="; ".join(_parts(view, t, every)))
            if also := shared(view, every):
                some = figures.counted(t, "shared.addresses", len(also))
                text += f" {t.say('summary.zero_shared', some=some)}"
            yield Para(text=text, style="warning")
    if none(view):  # said in both cases: silence would not show whether anybody looked
        yield Para(text=t.say("summary.no_zero", sequence=simultaneous.sequence(view, t)))


def _parts(view: View, t: Texts, every: bool) -> list[str]:
    """Each service in each asset, with at how many of its addresses a rule gives it zero, and which rules do."""
    found = []
    for total in figures.totals(view):
        mine = {pair(r) for r in total.rows}
        zero = {one: rules for one, rules in at(view, every).items() if one in mine}
        if zero:
            name = visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows, "summary.hubs")
            slots = {"service": name, "symbol": visible(figures.asset(view, total.asset).symbol, 24)}
            slots |= {"count": f"{len({one[0] for one in zero}):,}", "total": f"{len({one[0] for one in mine}):,}"}
            slots["rules"] = t.joined(sorted({rule for rules in zero.values() for rule in rules}))
            found.append(t.say(f"summary.zero_part{'_every' if every else ''}", **slots))
    more = len(found) - LISTED
    return [*found[:LISTED], *([t.say("answer.more_rest", count=f"{more:,}")] if more > 0 else [])]


SENTENCES = (
    Sentence(
        "summary.zero",
        "a rule, and not every one, gives a service zero at an address",
        lambda v: bool(at(v, False)),
    ),
    Sentence("summary.zero_every", "every rule does", lambda v: bool(at(v, True))),
    Sentence(
        "summary.zero_shared",
        "and that rule brings something else through the same address",
        lambda v: any(shared(v, every) for every in (True, False)),
    ),
    Sentence("summary.no_zero", "there are rows, and no rule gives one zero", none),
)
