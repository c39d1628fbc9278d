"""Pages 1 and 2 (section R2): question, data, assumption, answer, what is still there, limits, what to do now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from recover.report import (
    answer,
    arrived,
    besides,
    byhand,
    contested,
    declared,
    disputes,
    extent,
    figures,
    foremost,
    freezes,
    halted,
    inflows,
    leading,
    limiting,
    obtaining,
    operators,
    ranged,
    repaid,
    sequenced,
    simultaneous,
    staying,
    unsettled,
    valued,
    watched,
    zeros,
)
from recover.report.drawing import pictures
from recover.report.elements import Block, Facts, Items, Para, columns, table
from recover.report.enclosures import Enclosure
from recover.report.sentences import point
from recover.report.texts import Texts, moment
from recover.sdk import ExhibitFacts, Finding, View
from recover.sdk.outside import visible

_ACTIONS = 6
FEW = 4
"""So many cards stand in one layer of the picture of page 2; R9 has those of more."""
LOW = 120
"""The height of all value in that picture, in pixels: the answer, its limits and what to do stand on two pages."""
_SPANS = 3


def summary(view: View, t: Texts, letters: tuple[Enclosure, ...]) -> list[Block]:
    losses = figures.counted(t, "summary.losses", len(view.case.losses))
    out: list[Block] = [Para(text=t.say("summary.question", losses=losses), style="lead")]
    for alert in figures.of_kind(view, "alert"):
        out.append(Para(text=point(view, t, alert).text, style="warning"))
    out += [Facts(rows=tuple(_basis(view, t))), *declared.warnings(view, t), *answer.blocks(view, t)]
    for asset_id, (number, place) in foremost.called(view).items():
        name = visible(figures.asset(view, asset_id).symbol, 24)
        said = {"symbol": name, "asset": visible(asset_id), "exhibit": f"{number:,}", "place": f"{place:,}"}
        out.append(Para(text=t.say("answer.called", **said), style="note"))
    for asset_id, why in foremost.differing(view, t).items():
        name = visible(figures.asset(view, asset_id).symbol, 24)
        out.append(
            Para(text=t.say("answer.differ", symbol=name, asset=visible(asset_id), why=why), style="warning")
        )
    for one in (limiting.elected(view, own) for own in (True, False)):
        out += [Para(text=t.say("summary.elected", rule=visible(one["id"], 60)), style="note")] if one else []
    out += [Para(text=point(view, t, f).text, style="warning") for f in byhand.rejected(view)]
    out += byhand.without(view, t)
    out += unsettled.blocks(view, t)
    found = figures.totals(view)
    if not found:
        out.append(disputes.nothing(view, t))
    out += disputes.blocks(view, t)
    told = [
        *figures.of_kind(view, figures.RETURNED, repaid.KIND),
        *figures.of_kind(view, "label-against")[:_SPANS],
    ]
    out += [Para(text=point(view, t, f).text, style="warning") for f in told]
    out += [*_rivals(view, t), *_beyond(view, t)]
    out += arrived.credited(view, t)
    out += besides.blocks(view, t)
    out += inflows.besides(view, t)
    out += [*zeros.blocks(view, t), *ranged.zeros(view, t, found), *simultaneous.summary(view, t)]
    out += [*_still(view, t), *valued.blocks(view, t), *[*pictures(view, t, FEW, LOW)][:1]]
    out += [Para(text=t.say("summary.limits"), style="lead"), *_limits(view, t)]
    out += [Para(text=t.say("summary.urgent"), style="lead"), *_actions(view, t, letters)]
    return out


def _basis(view: View, t: Texts) -> Iterator[tuple[str, str, str]]:
    """What the answer rests on: the data, what was checked of it, what is assumed, what began."""
    yield t.say("summary.fact_data"), _data(view, t), "text"
    if checked := _checked(view, t):
        yield t.say("summary.fact_checked"), checked, "text"
    title = next((r.get("title", "") for r in view.rules if r.get("id") == view.case.rule), "")
    assumed = [_assumed(view, t, visible(t.own(title), 80))]
    if parts := foremost.parted(view):
        assumed.append(t.say("summary.parted", losses=t.joined(parts)))
    yield t.say("summary.fact_rule"), "\n".join(assumed), "text"
    if places := [loss for loss in view.case.losses if loss.address]:
        said = figures.counted(t, "summary.losses", len(places))
        yield t.say("summary.fact_instructed"), t.say("summary.instructed", losses=said), "text"


def _assumed(view: View, t: Texts, title: str) -> str:
    made = view.declaration
    if made is None:
        return t.say("summary.undeclared", rule=view.case.rule, title=title)
    when = t.say("summary.when_after" if made.seen else "summary.when_before")
    slots = {
        "rule": made.rule,
        "title": title,
        "number": f"{made.number:,}",
        "time": t.moment(made.time),
        "when": when,
    }
    return t.say("summary.assumed", **slots)


def _data(view: View, t: Texts) -> str:
    """How many exhibits, from when to when their content reaches by chain, and whom they were obtained from."""
    count = figures.counted(t, "summary.exhibits", len(view.exhibits))
    spans = [
        t.say(
            "summary.span",
            chain=extent.chain(view, chain),
            since=t.dated(moment(since)[:10]),
            until=t.moment(until),
        )
        for chain, (since, until) in extent.spans(view).items()
    ]
    more = t.say("summary.spans_more", count=len(spans) - _SPANS) if len(spans) > _SPANS else ""
    said = [t.say("summary.spans", parts="; ".join(spans[:_SPANS]), more=more)] if spans else []
    return "\n".join([" ".join([count, *said]), *_obtained(t, view.exhibits)])


def _obtained(t: Texts, exhibits: Iterable[ExhibitFacts]) -> Iterator[str]:
    known: dict[str, int] = {}
    for e in exhibits:
        who = obtaining.said(t, e)
        known[who] = known.get(who, 0) + 1
    unsaid = known.pop("", 0)
    if known:
        first = sorted(known, key=lambda who: (-known[who], who))[:_SPANS]
        yield t.say("summary.obtained", origins=t.joined(first))
    if unsaid:
        yield t.say("summary.unsaid" if known else "summary.unsaid_all", count=f"{unsaid:,}")


def _checked(view: View, t: Texts) -> str:
    if "transactions" not in view.tables:
        return ""
    held = foremost.proved(view)
    parts = [figures.counted(t, f"summary.proof_{name}", held[name]) for name in figures.PROOFS if held.get(name)]
    same = foremost.alike(view)
    parts += [figures.counted(t, "summary.proof_alike", same)] if same else []
    return " ".join([*parts, *disputes.checked(view, t)])


def _still(view: View, t: Texts) -> list[Block]:
    """The largest holdings that no exhibit shows leaving, each as sure as it is; dust is folded."""
    found = staying.left_there(view)
    whole = answer.began(view)
    found.sort(key=lambda f: (-_part(figures.number(f, "amount"), whole, str(f.slots.get("asset"))), f.subject))
    listed = {f.id for f in staying.large(view)}
    large = [f for f in found if f.id in listed]
    lying = [*besides.lying(view, t, staying.STILL)]
    if not found:
        return [
            Para(text=t.say("summary.still"), style="lead"),
            Para(text=t.say(staying.still(view), rule=view.case.rule)),
            *([Items(items=tuple(lying))] if lying else []),
        ]
    items = [point(view, t, f).text for f in large[: staying.STILL]]
    rest = len(found) - len(items)
    if rest:
        count = figures.counted(t, "summary.endpoints", rest)
        if items:
            items.append(t.say("summary.still_more", count=count, until=extent.as_at(view, t)))
        else:
            items.append(_small(view, t, found, count))
    return [Para(text=t.say("summary.still"), style="lead"), Items(items=(*items, *lying))]


def _small(view: View, t: Texts, found: Sequence[Finding], count: str) -> str:
    """That only dust is left, with how much, where, and what is called dust."""
    held: dict[str, int] = {}
    for f in found:
        asset_id = str(f.slots.get("asset"))
        held[asset_id] = held.get(asset_id, 0) + figures.number(f, "amount")
    where = t.joined(visible(f.subject) for f in found) if len(found) <= _SPANS else count
    sums = t.joined(t.units(n, figures.asset(view, a)) for a, n in sorted(held.items()))
    slots = {"amount": sums, "at": where, "dust": f"{view.case.dust:,}", "until": extent.as_at(view, t)}
    return t.say(staying.small(view), rule=view.case.rule, **slots)


def _part(amount: int, whole: dict[str, int], asset_id: str, of: int = 1_000_000) -> int:
    """A share of what began, in parts of `of`, so that amounts of two assets can be ranked."""
    return amount * of // max(whole.get(asset_id, 0), 1)


_FINE = 10**30
"""So fine that two amounts of one asset that differ at all have different ranks."""


def _limits(view: View, t: Texts) -> list[Block]:
    """The three that most depends on: what all rests on, what names rest on, what is counted twice or is open."""
    # Of those that no amount tells apart the order is the ranking of gaps, and not that of their words.
    found = sorted([*limiting.limits(view, t), *_gapped(view, t)], key=lambda one: -one[0])
    main = tuple(text for _, text in found[: limiting.MAIN])
    return [Items(items=main)] if main else [Para(text=t.say("summary.no_limits"))]


def _gapped(view: View, t: Texts) -> Iterator[tuple[int, str]]:
    """The gaps by code, each with its share; where value was left unfollowed is said as one sum."""
    for limit in limiting.weighed(view):
        yield limiting.weight(view, limit), limiting.said(view, t, limit)


def _rivals(view: View, t: Texts) -> Iterator[Block]:
    """Wallets that traced value reached and that sources of one grade give to different services."""
    for (address, asset_id, names), amount in foremost.rivals(view).items():
        slots = {"address": visible(address), "names": visible(names, 160), "rule": view.case.rule}
        worth = t.units(amount, figures.asset(view, asset_id))
        yield Para(text=t.say("summary.rivals", amount=worth, **slots), style="warning")


def _beyond(view: View, t: Texts) -> Iterator[Block]:
    """Where the trace stopped for want of a history, and exhibits show a way on to a service."""
    found = leading.reaching(view)
    shown = found[: leading.SHOWN]
    if len(found) > 1:
        at = {(str(f.slots.get("asset")).split("/", 1)[0], f.subject) for f in found}
        said = figures.counted(t, "summary.endpoints", len(at))
        told = t.say("summary.beyond", addresses=said, **leading.lost(view, t, found))
        yield Para(text=f"{told} {leading.known(view, t, found)}", style="warning")
        yield leading.shown(view, t, shown)
    else:
        yield from (Para(text=point(view, t, f).text, style="warning") for f in found)
    if more := found[len(shown) :]:
        yield Para(text=t.say("summary.beyond_more", count=f"{len(more):,}"), style="note")


def _actions(view: View, t: Texts, letters: tuple[Enclosure, ...]) -> list[Block]:
    """What to do now, by the share of what began that is at stake."""
    whole = answer.began(view)
    found: list[tuple[int, str, str]] = []
    for one in (one for one in letters if one.ready):
        mine = figures.at_stake(view, one.service)
        sums = answer.stake(mine)
        said = t.say(
            "summary.act_letter",
            service=visible(one.name, 80),
            file=f"{one.stem}.pdf",
            addresses=figures.addresses(view, t, mine),
        )
        found.append((_most(sums, whole), said, _money(view, t, sums)))
    for one in (one for one in letters if one.asking and one.service in contested.asked(view)):
        sums = contested.stake(view, one.service)
        said = t.say(
            "summary.act_enquiry",
            service=visible(one.name, 80),
            file=f"{one.stem}.pdf",
            addresses=t.joined(visible(at) for at in contested.asked(view)[one.service][:_SPANS]),
            names=t.joined(visible(figures.name(view, n, n), 80) for n in contested.rivals(view, one.service)),
        )
        found.append((_most(sums, whole), said, _money(view, t, sums)))
    held = {(r.address, r.asset): (r.at_rest, r.unswept) for r in view.offramps if r.at_rest and r.unswept}
    for (address, asset_id), (amount, unswept) in held.items():
        worth = t.units(amount, figures.asset(view, asset_id))
        traced = {asset_id: unswept}
        but = unsettled.without(t, [(address, asset_id)], unsettled.meeting(view))
        said = t.say("summary.act_rest", address=visible(address), amount=worth, without=but)
        found.append((_most(traced, whole), said, _money(view, t, traced)))
    for asset_id, amount, said in (
        *besides.acts(view, t),
        *leading.unread(view, t),
        *((place[1], amount, leading.act(view, t, place)) for place, (amount, _) in leading.sought(view).items()),
        *leading.spending(view, t),
        *leading.exchanges(view, t),
        *leading.partly(view, t),
        *_bridges(view, t),
        *halted.actions(view, t),
        *repaid.actions(view, t),
        *freezes.actions(view, t),
        *watched.actions(view, t),
        *sequenced.actions(view, t),
    ):
        found.append((_most({asset_id: amount}, whole), said, _money(view, t, {asset_id: amount})))
    for act in disputes.actions(view, t):
        under = "\n" + t.say("summary.act_beside") if act.beside else ""
        found.append((_most({**act.rank}, whole), act.said, _money(view, t, {**act.stake}) + under))
    for sums, said in (*_hubs(view, t), *operators.actions(view, t, letters)):
        found.append((_most(sums, whole), said, _money(view, t, sums)))
    found += [(_FINE * _FINE, said, "–") for said in watched.first(view, t)]
    if not found:
        return [Para(text=t.say("summary.act_none"))]
    found.sort(key=lambda act: (-act[0], act[1]))
    rows = [(said, worth) for _, said, worth in found[:_ACTIONS]]
    out: list[Block] = [table(t.say("summary.acts", rule=view.case.rule), columns(t, "act", "stake:number"), rows)]
    if more := len(found) - _ACTIONS:
        out += [Para(text=t.say("summary.act_more", count=more), style="note")] if more > 0 else []
    return out


def _hubs(view: View, t: Texts) -> Iterator[tuple[dict[str, int], str]]:
    """(by asset what is at stake, act) to learn whose each wallet is that no accepted label names."""
    known = figures.rivals(view)
    for (chain, hub, reached), rows in foremost.hubs(view).items():
        sums: dict[str, int] = {}
        for r in rows:
            sums[r.asset] = sums.get(r.asset, 0) + (r.amount if reached else r.resting)
        key = "reached" if reached else "unswept"
        named = known.get((chain, hub))
        slots = {"addresses": figures.counted(t, "summary.endpoints", len({r.address for r in rows}))}
        slots |= {"names": visible(named, 160)} if named else {}
        yield sums, t.say(f"summary.act_{'rivals' if named else 'hub'}_{key}", address=visible(hub), **slots)


def _bridges(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to get the other side of each payment into a bridge that no operator is asked about."""
    for f in operators.unasked(view):
        amount, asset_id = figures.number(f, "amount"), str(f.slots["asset"])
        slots = {name: visible(str(f.slots.get(name)), 80) for name in ("transaction", "protocol", "key")}
        under = t.say("crossing.under", key=slots["key"]) if f.slots.get("key") else ""
        worth = t.units(amount, figures.asset(view, asset_id))
        said = {"transaction": slots["transaction"], "protocol": slots["protocol"], "amount": worth}
        yield asset_id, amount, t.say("summary.act_cross", under=under, **said)
    for f in operators.stopped(view):
        amount, asset_id = figures.number(f, "amount"), str(f.slots["asset"])
        slots = {"address": visible(f.subject), "name": visible(str(f.slots["name"]), 80)}
        slots["amount"] = t.units(amount, figures.asset(view, asset_id))
        yield asset_id, amount, t.say("summary.act_stopped", **slots)


def _most(sums: dict[str, int], whole: dict[str, int]) -> int:
    return max((_part(n, whole, a, _FINE) for a, n in sums.items()), default=0)


def _money(view: View, t: Texts, sums: dict[str, int]) -> str:
    return "\n".join(t.units(n, figures.asset(view, a)) for a, n in sorted(sums.items()) if n) or "–"
