"""What the page's own controls show: where value went by rule, and the routes, each figure ready to print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recover.report import figures, hopwise, unnamed
from recover.report.tabled import service_name
from recover.report.texts import Texts
from recover.sdk import OffRamp, View
from recover.sdk.outside import visible

ROUTES = 200
"""So many routes can be followed on the page, those with most traced value; the annex has all."""

_WORDS = (
    *("title", "intro", "search", "none", "found", "next", "previous", "loss", "service", "rule", "all"),
    *("reset", "filtered", "shown", "fold", "unfold", "print", "copied", "copy", "close", "route", "routes"),
    *("declared", "under", "exposure", "more", "keys", "record", "nothing"),
)

_CELLS = ("destination", "credited", "address", "grade", "declared")


def controls(view: View, t: Texts) -> str:
    """The data of the page's script as JSON: words, losses, rules, rows, routes; no figure is computed here."""
    found: dict[str, Any] = {
        "words": {name: t.entries[f"board.{name}"] for name in _WORDS},
        "heads": {
            "loss": [t.say("column.loss")],
            "service": [t.say("column.service"), t.say("column.destination")],
            "cells": [t.say(f"column.{name}") for name in _CELLS],
        },
        "declared": view.case.rule,
        "rules": sorted({rule for r in view.offramps for rule in r.by_rule} | {view.case.rule}),
        "losses": [[loss.id, visible(loss.label, 80)] for loss in view.case.losses],
        "services": _services(view, t),
        "rows": [_row(view, t, r) for r in view.offramps],
        "routes": list(_routes(view, t)),
    }
    # No text from outside can end the element that holds this: JSON has another way to write each such sign.
    text = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _row(view: View, t: Texts, r: OffRamp) -> dict[str, Any]:
    asset = figures.asset(view, r.asset)
    sums = {rule: {"": t.units(amount, asset)} for rule, amount in r.by_rule.items() if amount}
    for rule, losses in r.by_rule_and_loss.items():
        for loss, amount in losses.items():
            if amount:
                sums.setdefault(rule, {})[loss] = t.units(amount, asset)
    return {
        "to": _to(view, t, r),
        "through": visible(r.through),
        "memo": visible(r.memo, 80),
        "grade": t.grade(r.grade),
        "credited": t.units(r.credited, asset),
        "key": _key(r.service or "", r.through, r.asset, hopwise.hub(r)),
        "sums": sums,
        "zero": t.units(0, asset),
    }


def _to(view: View, t: Texts, r: OffRamp) -> str:
    return visible(figures.name(view, r.service, r.service_name), 80) if r.service else unnamed.hub(view, t, [r])


def _services(view: View, t: Texts) -> dict[str, list[str]]:
    """By what can be chosen, every way in which tables call it: a hub can have a possible owner, or several."""
    found = dict[str, dict[str, None]]()
    for total in figures.totals(view):
        for r in total.rows:
            names = (_to(view, t, r), service_name(view, t, total), service_name(view, t, r))
            found.setdefault(names[0], {}).update(dict.fromkeys(names))
    return {name: [*names] for name, names in found.items()}


def _key(*parts: str) -> str:
    return "\n".join(parts)


def _routes(view: View, t: Texts) -> Iterator[dict[str, Any]]:
    for (service, through, asset, loss, hub, _), hops in [*hopwise.ways(view).items()][:ROUTES]:
        head, sentences = hopwise.route(view, t, hops)
        yield {"key": _key(service or "", through, asset, hub), "loss": loss, "head": head, "hops": sentences}
