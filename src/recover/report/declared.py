"""What papers say of the declared rule: by which journal entry, and what was changed after results existed."""

from __future__ import annotations

from collections.abc import Iterator

from recover.report import figures, ranged, unnamed
from recover.report.elements import Block, Para, columns, table
from recover.report.sentences import point
from recover.report.texts import Texts, moment
from recover.sdk import Asset, Finding, Loss, View
from recover.sdk.outside import visible
from recover.sdk.view import Altered, Change, Declaration, Ruled

SHOWN = 4
"""So many figures that a change moved stand on page 1, those that it moved most first; R17 has the others."""


def entry(view: View, t: Texts) -> str:
    """The declared rule with the entry that declares it, in one line."""
    made = view.declaration
    if made is None:
        return t.rule(view.case.rule)
    slots = {
        "rule": t.rule(made.rule),
        "number": f"{made.number:,}",
        "time": t.moment(made.time),
        "hash": made.hash,
    }
    return t.say("declared.after" if made.seen else "declared.before", **slots)


def warnings(view: View, t: Texts, service: str = "") -> Iterator[Block]:
    """For page 1: a rule that was changed after results, with the figures under both; other changes in a line.

    With `service`, the figures are that service's alone: a letter says nothing of another's customers.
    """
    made = view.declaration
    if made is None:
        return
    shown = set[str]()
    for turn in made.ruled:
        slots = {"rule": t.rule(turn.rule), "former": t.rule(turn.former)}
        said = t.say("declared.changed", number=f"{turn.number:,}", time=t.moment(turn.time), **slots)
        if compared(made, turn) and turn.former not in shown:  # once: what it gives is the same each time
            shown.add(turn.former)
            said = f"{said} {t.say('declared.changed_figures', figures=_both(view, t, turn.former, service))}"
        yield Para(text=said, style="warning")
    for one in made.dropped:
        slots = {"loss": visible(one.loss, 20), "place": visible(one.place, 120), "time": t.moment(one.time)}
        slots |= {"declared": f"{one.declared:,}", "number": f"{one.dropped:,}"}
        # A service is not told where another loss began.
        key = "declared.dropped_one" if service else "declared.dropped"
        yield Para(text=t.say(key, **slots), style="warning")
    for change in made.altered:
        slots = {"loss": visible(change.before.id, 20), "place": visible(change.before.place, 120)}
        slots |= {
            "declared": f"{change.declared:,}",
            "number": f"{change.number:,}",
            "time": t.moment(change.time),
        }
        key = "declared.altered_one" if service else "declared.altered"
        yield Para(
            text=t.say(key, before=terms(view, t, change.before), now=_now(view, t, change), **slots),
            style="warning",
        )
    others = sorted({word for change in made.changes for word in change.what if word != "rule"})
    if not service:
        told = [f for f in figures.of_kind(view, "before-change") if f.slots.get("asset")]
        told.sort(key=lambda f: (-abs(figures.number(f, "before") - figures.number(f, "amount")), f.subject, f.id))
        yield from (Para(text=point(view, t, f).text, style="warning") for f in told[:SHOWN])
    if others:
        words = t.joined(t.say(f"declared.{word}") for word in others)
        yield Para(text=t.say("declared.others", what=words), style="note")


def compared(made: Declaration, turn: Ruled) -> bool:
    """Whether results existed under the rule that a change left, and it is not the declared one again."""
    return turn.ran and turn.former != made.rule


def terms(view: View, t: Texts, loss: Loss) -> str:
    """How much a loss is of, of what, and when: what can be changed of it at its place."""
    assets = [figures.asset(view, one) for one in loss.assets]
    amount = t.say("declared.amount_all")
    if loss.amount is not None:
        amount = t.units(loss.amount, assets[0]) if len(assets) == 1 else f"{loss.amount:,}"
    elif assets:
        amount = t.say("declared.amount_of", assets=", ".join(visible(one.symbol, 24) for one in assets))
    since = t.say("declared.from", time=t.moment(loss.since)) if loss.since else ""
    until = t.say("declared.until", time=t.moment(loss.until)) if loss.until else ""
    return " ".join(filter(None, (amount, since, until)))


def _now(view: View, t: Texts, change: Altered) -> str:
    """The same of what is declared now, with its name where that is another."""
    said = terms(view, t, change.now)
    return said if change.now.id == change.before.id else f"{said} ({visible(change.now.id, 20)})"


def _both(view: View, t: Texts, former: str, only: str) -> str:
    """Each service's figure under the former rule and under the declared one."""
    found = []
    for total in (total for total in figures.totals(view) if only in ("", total.service)):
        asset, by_rule = figures.asset(view, total.asset), dict(total.by_rule)
        service = visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows, "declared.hub")
        old = t.units(by_rule[former], asset) if former in by_rule else t.say("declared.unrun")
        now = t.units(total.amount, asset)
        said = t.say(
            "declared.both", service=service, former=t.rule(former), old=old, rule=t.rule(view.case.rule), now=now
        )
        # Whoever changes the rule changes whose loss it is, also where the sum stays.
        parts = [
            t.say("declared.both_loss", loss=loss, former=t.rule(former), rule=t.rule(view.case.rule), **shown)
            for loss, sums in ranged.losses(total.rows).items()
            if former in sums and (shown := _pair(t, asset, sums[former], sums.get(view.case.rule, 0)))
        ]
        found.append(t.say("declared.both_by_loss", both=said, parts=", ".join(parts)) if parts else said)
    return "; ".join(found) or t.say("declared.none")


def _pair(t: Texts, asset: Asset, old: int, now: int) -> dict[str, str]:
    return {} if old == now else {"old": t.units(old, asset), "now": t.units(now, asset)}


def annex(view: View, t: Texts) -> list[Block]:
    """Every change after the first results, entry by entry."""
    made = view.declaration
    if made is None or not made.changes:
        return []
    rows = [
        (f"{change.number:,}", moment(change.time), t.joined(t.say(f"declared.{word}") for word in change.what))
        for change in made.changes
    ]
    out: list[Block] = [table(t.say("declared.annex"), columns(t, "entry:number", "time:mono", "what"), rows)]
    before = figures.of_kind(view, "before-change")
    if before:
        heads = columns(t, "entry:number", "what", "service", "before:number", "now:number")
        listed = [_before(view, t, f) for f in before]
        out.append(table(t.say("declared.annex_before", rule=view.case.rule), heads, listed))
    if left := unworked(view):
        out.append(Para(text=t.say("declared.annex_unworked", count=f"{len(left):,}"), style="note"))
    return out


def unworked(view: View) -> list[Change]:
    """The changes after the first results of which it is not said what services had without them."""
    worked = {figures.number(f, "entry") for f in figures.of_kind(view, "before-change")}
    made = view.declaration.changes if view.declaration else ()
    return [change for change in made if change.number not in worked]


def _before(view: View, t: Texts, f: Finding) -> tuple[str, ...]:
    """One figure without one change, and with it."""
    what = f.slots.get("what")
    words = t.joined(t.say(f"declared.{word}") for word in (what if isinstance(what, tuple) else ()))
    entry = f"{figures.number(f, 'entry'):,}"
    if not f.slots.get("asset"):
        return (
            entry,
            words,
            t.say("declared.annex_all"),
            t.say("declared.annex_same"),
            t.say("declared.annex_same"),
        )
    asset = figures.asset(view, str(f.slots["asset"]))
    service = str(f.slots["service"])
    named = visible(figures.name(view, service, service), 80) if service else unnamed.hubs(view, t, asset.id)
    return entry, words, named, *(t.units(figures.number(f, name), asset) for name in ("before", "amount"))
