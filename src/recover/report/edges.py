"""What ties an address to the service that it pays, weighed by what it paid others."""

from __future__ import annotations

from recover.report import answer, figures
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible


def edged(view: View, r: OffRamp) -> str:
    """The tie of a row, `part` where the address is not called a deposit address and paid others more than the
    service, by itself and through addresses that are called the service's own."""
    other, whole = elsewhere(view, r)
    other -= to_own([r], view.offramps)
    return "part" if figures.edge(r) == "plain" and 2 * other > whole else figures.edge(r)


def elsewhere(view: View, r: OffRamp) -> tuple[int, int]:
    """What an address paid to others than the row's service, and all that it paid: all value counted, in an asset.

    By its account where it has one; else by its rows, and by what of traced value went elsewhere.
    """
    other = max(sum(o.swept for o in _others(view, r)), r.elsewhere)
    for f in figures.of_kind(view, "account"):
        if (f.subject, f.slots.get("asset")) == (r.address, r.asset):
            whole = figures.number(f, "swept") + figures.number(f, "passed_on")
            other = max(other, whole - r.swept)
    return other, other + r.swept


def shares(view: View) -> list[dict[str, str]]:
    """By row, what share of what left the address in the asset went to the row's service."""
    found = ((r, elsewhere(view, r)[1]) for r in view.offramps if r.service)
    return [
        {"address": r.through, "asset": r.asset, "service": r.service or "", "share": answer.share(r.swept, whole)}
        for r, whole in found
    ]


def others(view: View, t: Texts, r: OffRamp) -> str:
    """Whom an address paid most besides the row's service: wallets of other rows, or where traced value went."""
    paid = {o.hot_wallets[0]: o.swept for o in _others(view, r) if o.hot_wallets and o.swept}
    own = {(o.service, o.address) for o in view.offramps if o.service and o.through in o.hot_wallets}
    places = paid | {place: n for place, n in r.elsewhere_at.items() if place not in paid}
    places = {place: n for place, n in places.items() if (r.service, place) not in own}
    first = sorted((place for place in places if place), key=lambda place: (-places[place], place))[:1]
    return t.joined(visible(place) for place in first) or "–"


def _others(view: View, r: OffRamp) -> list[OffRamp]:
    rows = (o for o in view.offramps if (o.address, o.asset) == (r.address, r.asset))
    return [o for o in rows if o.hot_wallets != r.hot_wallets]
