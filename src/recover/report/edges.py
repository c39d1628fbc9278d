"""What ties an address to the service that it pays, weighed by what it paid others."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.compute as pc

from recover.linking import habits
from recover.report import answer, figures, payers
from recover.report.claimed import Holds, Sentence
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible


def edged(view: View, r: OffRamp) -> str:
    """The tie of a row: `rival` where habits call the address a deposit address of another service too.

    Where the address is not called a deposit address and paid others too, it is `part` if it paid them more than
    the service, by itself and through addresses that are called the service's own, and `joint` if it paid with
    coins of others, so that nobody can say how much.
    """
    word = figures.edge(r)
    if rivals(view, r):
        return "rival"
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
    """Whom an address paid most besides the row's service: wallets of other rows, or where traced value went."""
    places = _places(view, r)
    first = sorted(places, key=lambda place: (-places[place], place))[:1]
    return t.joined(visible(place) for place in first) or "–"


def _places(view: View, r: OffRamp) -> dict[str, int]:
    """By place, what an address paid to others than the row's service, and to none that is called its own."""
    paid = {o.hot_wallets[0]: o.swept for o in _others(view, r) if o.hot_wallets and o.swept}
    own = {(o.service, o.address) for o in view.offramps if o.service and o.through in o.hot_wallets}
    places = paid | {place: n for place, n in r.elsewhere_at.items() if place not in paid}
    return {place: n for place, n in places.items() if place and (r.service, place) not in own}


def _others(view: View, r: OffRamp) -> list[OffRamp]:
    rows = (o for o in view.offramps if (o.address, o.asset) == (r.address, r.asset))
    return [o for o in rows if o.hot_wallets != r.hot_wallets]


def _edge(word: str) -> Holds:
    return lambda view: any(edged(view, r) == word for r in view.offramps if r.service and (r.amount or r.resting))


SENTENCES = (
    Sentence("alternatives.edge_deposit", "a row is called a deposit address", _edge("deposit")),
    Sentence("alternatives.edge_plain", "a row is not called so", _edge("plain")),
    Sentence("alternatives.edge_part", "nor so, and it paid others more", _edge("part")),
    Sentence("alternatives.edge_joint", "nor so, and it paid others too, with coins of others", _edge("joint")),
    Sentence("alternatives.edge_rival", "methods call its address another service's too", _edge("rival")),
    Sentence("alternatives.edge_own", "value came to a service's own wallet directly", _edge("own")),
)
