"""How the figures were made: rules, stops, heuristics with their cards, plugins (sections R7 and R13).

In United States v Sterlingov (D.D.C. No. 21-cr-399) clustering was challenged for having no error rates. So each
heuristic is printed with its parameters, what it was measured on, and where it fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from recover.report import figures, limiting, schedules, symbols
from recover.report.editions import DEFENCE
from recover.report.elements import Block, Facts, Items, Para, table
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible

# All are explained, also those that this case never met: a reader must know what would have stopped a trace.
_STOPS = ("service", "hub", "mixer", "bridge", "uncollected")


def methodology(view: View, t: Texts) -> list[Block]:
    """R7: the declared rule first, then what stops a trace, then everything that took part, with versions."""
    # The declared rule before any other: it was chosen before there were results.
    out: list[Block] = list(_declared(view, t))
    rows = [
        (
            visible(r.get("id", "")) + ("\n" + t.say("method.declared_mark") if _is(view, r) else ""),
            visible(t.own(r.get("title", ""))),
            visible(t.own(r.get("law", ""))),
            visible(r.get("source", "")),
        )
        for r in view.rules
    ]
    if rows:
        out.append(table(t.say("method.rules"), schedules.columns(t, "rule", "name", "law", "origin"), rows))
    if exposure := [visible(r.get("id", "")) for r in view.rules if r.get("claim") == "no"]:
        said = t.say("method.exposure", rules=t.joined(exposure), count=len(exposure))
        out.append(Para(text=said, style="note"))
    out += [
        Para(text=t.say("method.arithmetic")),
        Para(text=t.say("method.stops"), style="lead"),
        Items(items=tuple(t.say(f"method.stop_{name}") for name in _STOPS)),
        _heuristics(view, t),
        *_policy(view, t),
        *_assets(view, t),
    ]
    core = [one for one in view.plugins if one[0] == "recover"]
    made = [(visible(name, 80), visible(version, 40), visible(digest, 80)) for name, version, digest in core]
    out.append(table(t.say("method.plugins"), schedules.columns(t, "plugin", "version", "hash:mono"), made))
    out.append(Para(text=t.say("method.plugins_more", count=f"{len(view.plugins) - len(core):,}"), style="note"))
    head = t.say("method.head", entries=f"{view.entries:,}")
    return [*out, Para(text=head), Facts(rows=((t.say("cover.head"), view.head, "mono"),))]


def _is(view: View, rule: Mapping[str, str]) -> bool:
    return rule.get("id") == view.case.rule


def _declared(view: View, t: Texts) -> list[Block]:
    rule = next((r for r in view.rules if _is(view, r)), None)
    if rule is None:
        return [Para(text=t.say("method.rule_bare", rule=view.case.rule), style="lead")]
    said = {name: visible(t.own(rule.get(name, ""))) or "–" for name in ("title", "law")}
    said["source"] = visible(rule.get("source", "")) or "–"
    out: list[Block] = [Para(text=t.say("method.rule", rule=view.case.rule, **said), style="lead")]
    for key, name in (("used", "used_when"), ("refused", "refused_when")):
        if rule.get(name):
            out.append(Para(text=t.say(f"method.{key}", text=visible(t.own(rule[name]), 600))))
    out.append(Para(text=t.say("method.applied")))
    for key, declared in (("method.elected", True), ("method.elected_beside", False)):
        if (one := limiting.elected(view, declared)) is not None:
            slots = {"rule": visible(one.get("id", ""), 60), "text": visible(one["elections"], 4000)}
            out.append(Para(text=t.say(key, **slots)))
    return out


def _heuristics(view: View, t: Texts) -> Block:
    rows = [
        (
            _name(h, t),
            visible(t.own(h.get("parameters", "")), 900) or "–",
            visible(t.own(h.get("citation", "")), 300) or "–",
        )
        for h in relied(view)
    ]
    if not rows:
        return Para(text=t.say("errors.none"))
    return table(t.say("method.heuristics"), schedules.columns(t, "name", "parameters", "origin"), rows)


def _policy(view: View, t: Texts) -> list[Block]:
    """Which heuristics may join addresses; said only where addresses are joined by what they spend together."""
    if "utxo" not in view.models:
        return []
    names = t.joined(visible(name, 60) for name in view.case.merge)
    key = "method.policy" if view.case.merge else "method.no_policy"
    return [Para(text=t.say(key, names=names, least=view.case.least))]


def relied(view: View) -> list[Mapping[str, str]]:
    """The heuristics on which something in this case rests; those of which a view does not say so, too."""
    # Where a view does not say, the card is printed: too much is told rather than too little.
    return [h for h in view.heuristics if h.get("rests", "yes") == "yes"]


def carded(view: View) -> list[Mapping[str, str]]:
    """Those whose cards are printed: in the defence's edition every one that ran."""
    return list(view.heuristics) if view.edition == DEFENCE else relied(view)


def _idle(view: View, t: Texts) -> list[Block]:
    """The heuristics that ran and on which nothing rests, named in one sentence."""
    known = carded(view)
    names = [visible(f"{h.get('id', '')} {h.get('version', '')}") for h in view.heuristics if h not in known]
    return [Para(text=t.say("errors.idle", names=t.joined(names)))] if names else []


def _assets(view: View, t: Texts) -> list[Block]:
    """The assets that were declared lost, and those in which value was followed."""
    declared = {a for loss in view.case.losses for a in loss.assets}
    used = declared | {r.asset for r in view.offramps} | {r.asset for r in figures.rests(view)}
    known = [view.assets[a] for a in sorted(used) if a in view.assets]
    rows = [
        (
            "\n".join(filter(None, (visible(a.symbol, 24), visible(a.name, 60), symbols.cell(view, t, a.id)))),
            visible(a.id, 160),
            t.say("method.no_decimals") if a.decimals is None else str(a.decimals),
        )
        for a in known
    ]
    heads = schedules.columns(t, "asset", "asset_id:mono", "decimals:number")
    return [table(t.say("method.assets"), heads, rows)] if rows else []


def errors(view: View, t: Texts) -> list[Block]:
    """R13: each heuristic's card, a rate for each grade. What was not measured is said to be so, never zero."""
    out: list[Block] = [Para(text=t.say("errors.intro"))]
    rows = [(_name(h, t), _population(h, t), _counts(h, t)) for h in carded(view)]
    if rows:
        out.append(table(t.say("errors.caption"), schedules.columns(t, "name", "population", "counts"), rows))
    else:
        out.append(Para(text=t.say("errors.none")))
    for h in carded(view):
        if h.get("fails"):
            title = t.say("errors.fails", id=visible(h.get("id", "")), version=visible(h.get("version", "")))
            out += [Para(text=title, style="lead"), Para(text=visible(t.own(h["fails"]), 3000))]
    return [*out, *_idle(view, t), Para(text=t.say("errors.replay"))]


def _name(h: Mapping[str, str], t: Texts) -> str:
    return visible(t.own(h.get("title", ""))) + "\n" + visible(f"{h.get('id', '')} {h.get('version', '')}")


def _population(h: Mapping[str, str], t: Texts) -> str:
    if not h.get("population"):
        return t.say("errors.unmeasured")
    return t.say(
        "errors.population", population=visible(t.own(h["population"])), truth=visible(t.own(h.get("truth", "")))
    )


def _counts(h: Mapping[str, str], t: Texts) -> str:
    """The card's rates by grade, then counts over all of them. What was not measured is said to be so."""
    if not h.get("measured"):
        return t.say("errors.unmeasured")
    rates = [visible(t.own(one)) for one in h.get("grades", "").split("; ")]
    rest = [visible(t.own(h[name])) for name in ("measured", "found") if h.get(name)]
    by = [t.say("errors.by", by=visible(h["by"]))] if h.get("by") else []
    return "\n".join([t.say("errors.grades"), *rates, *rest, *by])
