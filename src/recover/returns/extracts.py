"""Victims by service, as paper and sheet: whole for the court, or counsel's extract, all others as one line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as
from recover.report.elements import Block, Brief, Facts, Para, table
from recover.report.texts import Texts
from recover.returns import leaves
from recover.returns.leaves import said
from recover.sdk.cells import disarmed
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.victims import cues, settled, spread
from recover.victims.spread import Cell

_PLACES = {spread.HUBS: "hubs", spread.REST: "rest"}
_WORDS = {spread.OTHERS: "others", spread.SEVERAL: "several", spread.NOBODY: "nobody"}


def write(case: Case, plugins: Plugins, only: Sequence[str], languages: Sequence[str], out: Path) -> list[Path]:
    """A PDF for each language, and a CSV. Raises Error for an unknown language, and before a trace."""
    if not {*languages} <= {"en", "th"}:
        raise Error(
            "language-missing",
            f"There is no such paper in {'+'.join(languages)}.",
            "It is written in en and th.",
            "Name one of them, or both as en+th, with --language.",
        )
    found, units = spread.cells(case, frozenset(only)), shown_as(case, plugins)
    mine = [cell for cell in found if cell.victim != spread.OTHERS] + (spread.rests(case, only) if only else [])
    found = [*mine, *(cell for cell in found if cell.victim == spread.OTHERS)]
    stem = "extract" if only else "victims-by-service"
    files: dict[str, Brief | bytes] = {
        f"{stem}-{language}.pdf": paper(case, leaves.words(language, plugins), found, only, units)
        for language in languages
    }
    return leaves.write(case, plugins, out, {**files, f"{stem}.csv": sheet(found)})


def sheet(found: Sequence[Cell]) -> bytes:
    """One row a victim, service and asset, in base units."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("victim", "service", "asset", "amount"))
    for cell in found:
        rows.writerow((cell.victim, disarmed(cell.service), disarmed(cell.asset), str(cell.amount)))
    return text.getvalue().encode()


def paper(case: Case, t: Texts, found: Sequence[Cell], only: Sequence[str], units: Units) -> Brief:
    """The table as a paper; of an extract, the payments of whom it is for stand before it."""
    heads = settled.standing(case)
    named = list(dict.fromkeys(heads.get(name, name) for name in only))
    level = t.say("spread.extract", names=", ".join(named)) if named else t.say("spread.level")
    head = Facts(
        rows=(
            (t.say("spread.day"), f"{case.entries[-1].time:%Y-%m-%d}", "text"),
            (t.say("spread.rule"), t.rule(case.settings.rule), "text"),
        )
    )
    parts = [(t.say("spread.payments_title"), _payments(case, t, named, units))] if named else []
    parts.append((t.say("spread.services_title"), _services(t, found, units, len(cues.standing(case)))))
    return leaves.brief(
        case,
        t,
        t.say("spread.extract_title" if named else "spread.title"),
        t.say("spread.subtitle"),
        [Para(text=level, style="warning"), head, Para(text=t.say("spread.other_rules"), style="note")],
        parts,
        titled=not named,
    )


def _payments(case: Case, t: Texts, named: Sequence[str], units: Units) -> list[Block]:
    every, none, rows = settled.every(case), t.say("spread.unknown"), []
    mine = [payment for name in named for payment in every[name].payments]
    for one in mine:
        sums = (said(one.asset, amount, units, none) for amount in (one.claimed, one.shown))
        rows.append((one.id.replace("-", leaves.JOINED), one.tx or none, *sums))
    heads = (
        (t.say("spread.payment"), "text"),
        (t.say("spread.transaction"), "mono"),
        (t.say("spread.claimed"), "number"),
        (t.say("spread.shown"), "number"),
    )
    out: list[Block] = [table("", heads, rows)]  # type: ignore[arg-type]
    if {one.loss for one in mine} & spread.disputed(case):
        out.append(Para(text=t.say("spread.pooled"), style="warning"))
    return out


def _services(t: Texts, found: Sequence[Cell], units: Units, held: int) -> list[Block]:
    if not found:
        return [Para(text=t.say("spread.none"))]
    heads = (
        (t.say("spread.victim"), "text"),
        (t.say("spread.service"), "text"),
        (t.say("spread.amount"), "number"),
    )
    rows = [
        (
            t.say(f"spread.{_WORDS[cell.victim]}") if cell.victim in _WORDS else cell.victim,
            t.say(f"spread.{_PLACES[cell.service]}") if cell.service in _PLACES else visible(cell.service, 60),
            said(cell.asset, cell.amount, units),
        )
        for cell in found
    ]
    out: list[Block] = [table("", heads, rows)]  # type: ignore[arg-type]
    out += [Para(text=t.say("spread.screened", count=held), style="warning")] if held else []
    return out
