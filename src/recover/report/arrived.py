"""What came to addresses that pay a service, each arrival counted where it can have come back; page 1 as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recover.report import answer, figures, inflows
from recover.report.claimed import Sentence
from recover.report.elements import Block, Para
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible


def told(view: View) -> list[dict[str, object]]:
    """The tables of page 1 as data: every row with its share, and what came to addresses that pay a service."""
    whole = answer.began(view)
    out: list[dict[str, object]] = []
    for asset_id, all_of in whole.items():
        for row in answer.rows(view, asset_id):
            to = (row.total.service or "unlabelled hubs") if row.total else row.reason
            said = {"asset": asset_id, "to": to, "amount": row.amount, "share": answer.share(row.amount, all_of)}
            out.append({**said, "addresses": row.addresses, "by_rule": dict(row.by_rule)})
        out.append({"asset": asset_id, "to": "", "amount": all_of, "share": answer.share(all_of, all_of)})
        for one in (one for one in inflows.sums(view) if one.asset == asset_id and one.twice):
            said = {
                "asset": asset_id,
                "to": "came back",
                "amount": -one.twice,
                "share": answer.share(-one.twice, all_of),
            }
            out.append({**said})
        if again := answer.returned(view).get(asset_id, 0):
            held = answer.share(-again, all_of)
            out.append({"asset": asset_id, "to": "given back", "amount": -again, "share": held})
    for total in counted(view):
        held = answer.share(total.credited, whole.get(total.asset, 0))
        out.append({"asset": total.asset, "credited": total.credited, "to": total.service, "share": held})
    for service in sorted({r.service for r in view.offramps if r.service}):
        for asset_id, amount in answer.stake(figures.at_stake(view, service)).items():
            out.append({"asset": asset_id, "to": service, "stake": amount})
    return out


def credited(view: View, t: Texts) -> Iterator[Block]:
    """What came to the addresses that pay a service, and what of it went on, one sentence a service.

    Where what went elsewhere may have come back, the sentence says that each arrival counts.
    """
    whole = answer.began(view)
    once = [*counted(view)]
    for total in parted(view):
        asset = figures.asset(view, total.asset)
        names = ("amount", "own", "elsewhere", "fees", "unswept", "unfollowed")
        own = to_own(total.rows, view.offramps)
        split = {"own": own, "elsewhere": total.elsewhere - own}
        sums = ((name, split[name] if name in split else getattr(total, name)) for name in names)
        parts = [t.say(f"answer.part_{name}", value=t.units(n, asset)) for name, n in sums if n]
        yield Para(
            text=t.say(
                "answer.credited" if total in once else "answer.credited_each",
                service=visible(total.name, 80),
                rule=view.case.rule,
                share=answer.share(total.credited, whole.get(total.asset, 0)),
                addresses=figures.addresses(view, t, (r for r in total.rows if r.credited)),
                credited=t.units(total.credited, asset),
                parts=t.joined(parts),
            )
        )


def counted(view: View) -> Iterator[figures.Total]:
    """The totals of services of which what came to their addresses has a sum, and is not simply what went on."""
    # On a chain of coins an address can keep some and pay others back: only where all stops is it sure.
    coins = figures.coins(view)
    ended = {
        (rest.address, rest.asset)
        for rest in figures.rests(view)
        if rest.reason in answer.REACHED or not (rest.reason == "rest" or rest.asset.split("/", 1)[0] in coins)
    }
    paying = {(r.address, r.asset) for r in view.offramps if not r.stops}
    return (total for total in parted(view) if _once(total.rows, ended, paying))


def parted(view: View) -> Iterator[figures.Total]:
    """The totals of services to whose addresses more came than went on; of addresses that pay them alone."""
    for x in (x for x in figures.totals(view) if x.service):
        paying = [r for r in x.rows if not r.stops]
        one = figures.total(view, x.service, x.asset, paying) if paying else x
        if paying and one.credited != one.amount:
            yield one


def _once(rows: Iterable[OffRamp], ended: set[tuple[str, str]], paying: set[tuple[str, str]]) -> bool:
    own = {(r.address, r.asset) for r in rows}
    on = {(place, r.asset) for r in rows for place in r.elsewhere_at}
    return all(place in ended and (place in own or place not in paying) for place in on - own)


def _credits(view: View, each: bool) -> bool:
    once = [*counted(view)]
    return any((total not in once) is each for total in parted(view))


SENTENCES = (
    Sentence(
        "answer.credited", "what came to addresses that pay a service counts once", lambda v: _credits(v, False)
    ),
    Sentence("answer.credited_each", "it may count twice", lambda v: _credits(v, True)),
)
