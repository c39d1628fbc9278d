"""What ties an address to the service that it pays, weighed by what it paid others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow.compute as pc

from recover.linking import habits
from recover.linking.labels import POSSIBLE
from recover.linking.resolve import DISPUTED
from recover.report import answer, figures, payers
from recover.report.claimed import Holds, Sentence
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible

SHOWN = 4
"""For so many of the edges that carry most, the other explanations are told with the case's own facts."""


_SHARED = ("part", "joint")
"""The ties of which it is told whom else an address paid."""


@figures.settled
def ordered(view: View) -> tuple[OffRamp, ...]:
    """The rows of services by which value went, or at which it rests, those with most first."""
    rows = (r for r in view.offramps if r.service and (r.amount or r.resting))
    return tuple(sorted(rows, key=lambda r: (-max(r.amount, r.resting), r.through, r.asset)))


def edged(view: View, r: OffRamp) -> str:
    """The tie of a row: `rival` where habits call the address a deposit address of another service too.

    Where the address is not called a deposit address and paid others too, it is `part` if it paid them more than
    the service, by itself and through addresses that are called the service's own, and `joint` if it paid with
    coins of others, so that nobody can say how much. An address at which the trace stops is `own_paid` where
    exhibits show it paying other wallets of the service: then its own name is not all that speaks for it.
    """
    word = figures.edge(r)
    if rivals(view, r):
        return "rival"
    if word == "own" and r.swept:
        return "own_paid"
    if word != "plain":
        return word
    other, whole = elsewhere(view, r)
    if whole is None:
        return "joint" if _places(view, r) else word
    other -= to_own([r], view.offramps)
    return "part" if 2 * other > whole else word


def rivals(view: View, r: OffRamp) -> tuple[str, ...]:
    """The other services of which the address of a row is called a deposit address as it is of the row's own."""
    by = _habits(view).get(figures.spot(r), {}) if figures.edge(r) != "own" else {}
    return habits.rivals(by, r.service) if r.service and r.service in by else ()


@figures.settled
def _habits(view: View) -> Mapping[figures.Spot, Mapping[str, str]]:
    if "assertions" not in view.tables:
        return {}
    said = view.tables["assertions"]()
    return habits.words(said.filter(pc.equal(said.column("kind"), habits.KIND)).to_pylist())


def called(view: View, r: OffRamp) -> tuple[str, ...]:
    """The symbols of other assets in which a row's address is called a deposit address of its service."""
    here = (*figures.spot(r), r.service)
    mine = (o for o in view.offramps if o.deposit and (*figures.spot(o), o.service) == here)
    return tuple(dict.fromkeys(visible(o.symbol, 24) for o in mine if o.asset != r.asset))


def elsewhere(view: View, r: OffRamp) -> tuple[int, int | None]:
    """What an address paid to others than the row's service, and all that it paid: all value counted, in an asset.

    By its account where it has one; else by its rows, and by what of traced value went elsewhere. On a coin chain
    by the transactions that spend its coins; where these spend coins of others too, all is None: not known.
    """
    other = max(sum(o.swept for o in _others(view, r)), r.elsewhere)
    if r.chain in figures.coins(view):
        gone = payers.left(view, r)
        if gone is None:
            return other, None
        other = max(other, gone - r.swept)
    for f in figures.of_kind(view, "account"):
        if (f.subject, f.slots.get("asset")) == (r.address, r.asset):
            whole = figures.number(f, "swept") + figures.number(f, "passed_on")
            other = max(other, whole - r.swept)
    return other, other + r.swept


def share(view: View, r: OffRamp) -> str | None:
    """What share of what left the address in the asset went to the row's service; None where nobody can say."""
    whole = elsewhere(view, r)[1]
    return None if whole is None else answer.share(r.swept, whole)


def shares(view: View) -> list[dict[str, str | None]]:
    """The share of each row of a service."""
    return [
        {"address": r.through, "asset": r.asset, "service": r.service or "", "share": share(view, r)}
        for r in view.offramps
        if r.service
    ]


def others(view: View, t: Texts, r: OffRamp) -> str:
    """Whom an address paid most besides the row's service, all value counted: what went to one service counts
    together, and its address that got most is named."""
    if edged(view, r) not in _SHARED:
        return "–"
    place, owner, count = mostly(view, r)
    slots = {"address": visible(place), "service": visible(figures.name(view, owner, owner), 80)}
    if count > 1:
        return t.say("alternatives.most_several", count=f"{count:,}", **slots)
    return t.say("alternatives.most_of", **slots) if count else slots["address"] or "–"


def mostly(view: View, r: OffRamp) -> tuple[str, str, int]:
    """The place of them that got most, whose it is, and how many of these were paid: none where it is nobody's."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for place, amount in (payers.paid(view, r) or _places(view, r)).items():
        owner = _owners(view).get((r.chain, place), "")
        if owner != r.service:
            groups.setdefault((owner, "" if owner else place), {})[place] = amount
    ranked = sorted(groups.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    for (owner, _), places in ranked[:1]:
        return min(places, key=lambda place: (-places[place], place)), owner, len(places) if owner else 0
    return "", "", 0


@figures.settled
def _owners(view: View) -> Mapping[figures.Spot, str]:
    """Whose wallets are, by the labels that count, and by the rows of off-ramps."""
    said = view.tables["labels"]().to_pylist() if "labels" in view.tables else []
    found = {
        (row["chain"], row["address"]): str(row["service"])
        for row in said
        if row["service"] and row["role"] not in (POSSIBLE, DISPUTED)
    }
    return found | {(r.chain, at): r.service for r in view.offramps if r.service for at in r.hot_wallets}


def _places(view: View, r: OffRamp) -> dict[str, int]:
    """By place, what an address paid to others than the row's service, and to none that is called its own."""
    paid = {o.hot_wallets[0]: o.swept for o in _others(view, r) if o.hot_wallets and o.swept}
    own = {(o.service, o.address) for o in view.offramps if o.service and o.stops}
    places = paid | {place: n for place, n in r.elsewhere_at.items() if place not in paid}
    return {place: n for place, n in places.items() if place and (r.service, place) not in own}


def _others(view: View, r: OffRamp) -> list[OffRamp]:
    rows = (o for o in view.offramps if (o.address, o.asset) == (r.address, r.asset))
    return [o for o in rows if o.hot_wallets != r.hot_wallets]


def _edge(word: str) -> Holds:
    return lambda view: any(edged(view, r) == word for r in ordered(view)[:SHOWN])


def _mostly(test: Callable[[int], bool]) -> Holds:
    def holds(view: View) -> bool:
        rows = (r for r in ordered(view)[:SHOWN] if edged(view, r) in _SHARED)
        return any(test(mostly(view, r)[2]) for r in rows)

    return holds


def beside(view: View) -> bool:
    """Whether an address is called a deposit address by what it paid in one asset, and not by that in another."""
    return any(called(view, r) for r in view.offramps if figures.edge(r) == "plain")


SENTENCES = (
    Sentence("flows.plain_beside", "an address is called a deposit address by one asset, not by another", beside),
    Sentence("alternatives.edge_more", "more carry value than are told of", lambda v: len(ordered(v)) > SHOWN),
    Sentence("alternatives.edge_deposit", "a row is called a deposit address", _edge("deposit")),
    Sentence("alternatives.edge_plain", "a row is not called so", _edge("plain")),
    Sentence("alternatives.edge_part", "nor so, and it paid others more", _edge("part")),
    Sentence("alternatives.edge_joint", "nor so, and it paid others too, with coins of others", _edge("joint")),
    Sentence("alternatives.edge_rival", "methods call its address another service's too", _edge("rival")),
    Sentence("alternatives.edge_own", "value came to a service's own wallet directly", _edge("own")),
    Sentence("alternatives.edge_own_paid", "which is shown paying others of its wallets", _edge("own_paid")),
    Sentence("alternatives.most_of", "most went to one wallet of another service", _mostly(lambda n: n == 1)),
    Sentence("alternatives.most_several", "to several of one", _mostly(lambda n: n > 1)),
)
