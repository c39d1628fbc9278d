"""The executive summary: each service's figure as a range, what is urgent, and the main limits (section R2)."""

from __future__ import annotations

from recover.report import figures, freezes, inflows, limitations, ranged, schedules, simultaneous, valued
from recover.report.elements import Block, Items, Para
from recover.report.sentences import point
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible

_MAIN_LIMITS = 3  # on the first page; R14 has every one
_ACTIONS = 8


def summary(view: View, t: Texts, letters: tuple[tuple[str, str], ...]) -> list[Block]:
    losses = figures.counted(t, "summary.losses", len(view.case.losses))
    out: list[Block] = [Para(text=t.say("summary.question", losses=losses), style="lead")]
    found = figures.totals(view)
    for alert in figures.of_kind(view, "alert"):
        out.append(Para(text=point(view, t, alert).text, style="warning"))
    out += [
        Para(text=_answer(view, t, total)) for total in found if not figures.unknown(total)
    ]  # each figure with its range
    out += [*_besides(view, t, found, "unswept"), *_besides(view, t, found, "unfollowed")]
    out += inflows.besides(view, t)
    if not found:
        out.append(Para(text=t.say("summary.nothing", rule=view.case.rule)))
    out += [*ranged.zeros(view, t, found), *simultaneous.summary(view, t)]
    if found:
        out.append(schedules.ranges(view, t, found))
    if resting := schedules.resting(view, t):
        out.append(resting)
    out += valued.blocks(view, t)
    out.append(Para(text=t.say("summary.urgent"), style="lead"))
    out.append(Items(items=tuple(_actions(view, t, letters)) or (t.say("summary.act_none"),)))
    out.append(Para(text=t.say("summary.limits"), style="lead"))
    main = limitations.ranked(view)[:_MAIN_LIMITS]
    out.append(Items(items=tuple(_limit(view, t, one) for one in main) or (t.say("summary.no_limits"),)))
    return out


def _answer(view: View, t: Texts, total: figures.Total) -> str:
    asset = figures.asset(view, total.asset)
    at = {r.address for r in total.rows}
    count = len(at)
    noun = figures.noun(view, at) if total.service else "endpoints"
    direct = all(r.through in r.hot_wallets for r in total.rows)
    service = "summary.answer_own" if direct else "summary.answer"
    return t.say(
        service if total.service else "summary.answer_hub",
        rule=view.case.rule,
        traced=t.units(total.amount, asset),
        addresses=figures.counted(t, f"summary.{noun}", count),
        service=visible(total.name, 80),
        grades=t.joined(t.grade(g) for g in total.grades),
        range=ranged.span(view, t, asset, total),
    )


def _besides(view: View, t: Texts, found: tuple[figures.Total, ...], slot: str) -> list[Block]:
    """What came to addresses that pay services and is still there, the part that can be saved; or is not followed.

    One sentence an asset over all services: an address that pays two of them holds its value once.
    """
    out: list[Block] = []
    for asset_id in dict.fromkeys(total.asset for total in found):
        totals = [
            total
            for total in found
            if total.asset == asset_id and (total.service or slot == "unfollowed") and getattr(total, slot)
        ]
        rows = [r for total in totals for r in total.rows if getattr(r, slot)]
        if rows:
            at = {r.address for r in rows}
            text = t.say(
                f"summary.{slot}",
                rule=view.case.rule,
                **{slot: t.units(sum(figures.once(rows, slot).values()), figures.asset(view, asset_id))},
                addresses=figures.counted(t, f"summary.{figures.noun(view, at)}", len(at)),
                services=t.joined(_named(t, total) for total in totals),
            )
            out.append(Para(text=text))
    return out


def _named(t: Texts, total: figures.Total) -> str:
    return visible(total.name, 80) if total.service else t.say("summary.hubs")


def _actions(view: View, t: Texts, letters: tuple[tuple[str, str], ...]) -> list[str]:
    found = []
    for file, service in letters:
        at = {r.address for r in view.offramps if r.service == service}
        found.append(
            t.say(
                "summary.act_letter",
                service=visible(figures.name(view, service, service), 80),
                file=file,
                addresses=figures.counted(t, f"summary.{figures.noun(view, at)}", len(at)),
            )
        )
    held = {(r.address, r.asset): r.at_rest for r in view.offramps if r.at_rest}
    for (address, asset_id), amount in sorted(held.items(), key=lambda pair: (-(pair[1] or 0), pair[0])):
        worth = t.units(amount or 0, figures.asset(view, asset_id))
        found.append(t.say("summary.act_rest", address=visible(address), amount=worth))
    found += freezes.actions(view, t)
    hubs: dict[str, set[str]] = {}
    for r in view.offramps:
        if r.service is None:
            for hub in r.hot_wallets or (r.address,):
                hubs.setdefault(hub, set()).add(r.address)
    for hub, through in sorted(hubs.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        through_them = figures.counted(t, "summary.endpoints", len(through))
        found.append(t.say("summary.act_hub", address=visible(hub), addresses=through_them))
    if len(found) > _ACTIONS:
        return [*found[:_ACTIONS], t.say("summary.act_more", count=len(found) - _ACTIONS)]
    return found


def _limit(view: View, t: Texts, limit: limitations.Limit) -> str:
    gap, met = limit.gap, limit.met
    key = "summary.limit_one" if gap.count == 1 else "summary.limit"
    if 0 < met < gap.count:
        key = "summary.limit_met"
    if gap.affects:
        amounts = t.joined(t.units(n, figures.asset(view, a)) for a, n in gap.affects)
        key = "summary.limit_money_one" if gap.count == 1 else "summary.limit_money"
        slots = {"why": visible(gap.why), "count": f"{gap.count:,}", "code": visible(gap.code, 60)}
        return t.say(key, rule=view.case.rule, traced=amounts, **slots)
    return t.say(key, why=visible(gap.why), met=f"{met:,}", count=f"{gap.count:,}", code=visible(gap.code, 60))
