"""The schedule to a letter that asks a bank or platform to keep its records: what the letter leaves out.

It names a person and an account. It is made for the addressee alone, from the opened identity, and never below the
case: what stands there is handed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recover.case import Case
from recover.plugins.registry import Plugins
from recover.report.elements import Brief, Facts, Para
from recover.report.texts import Texts
from recover.returns import leaves
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.victims import known, urgent
from recover.victims.known import Victim, Way

_CELLS = ("bank_account", "bank_beneficiary", "bank_amount", "bank_reference")


def write(
    case: Case,
    plugins: Plugins,
    ways: Sequence[Way],
    sealed: Mapping[str, Mapping[str, Any]],
    languages: Sequence[str],
    out: Path,
) -> list[Path]:
    """One PDF for each addressee and language. `sealed` are the opened records, by pseudonym.

    Raises Error for a folder inside the case, an unknown language and where there is no way.
    """
    if not ways or not {*languages} <= {"en", "th"}:
        raise Error(
            "no-way" if not ways else "language-missing",
            "No bank or platform is known." if not ways else f"There is no schedule in {'+'.join(languages)}.",
            "Schedules are written in en and th, of each way by which coins were bought.",
            "`recover victim add CASE --victim V --set bank=... --set bank_time=...` adds one.",
        )
    leaves.outside(case, out)
    files: dict[str, Brief | bytes] = {}
    for n, bank in enumerate(dict.fromkeys(way.bank for way in ways), 1):
        mine = [way for way in ways if way.bank == bank]
        for language in languages:
            name = f"schedule-{mine[0].victim}-{n}-{language}.pdf"
            files[name] = schedule(case, leaves.words(language, plugins), mine, sealed)
    return leaves.write(case, plugins, out, files, opened=True)


def schedule(case: Case, t: Texts, ways: Sequence[Way], sealed: Mapping[str, Mapping[str, Any]]) -> Brief:
    """What one addressee looks up: each way under its number, as the letter names it."""
    here = known.every(case)
    head = Facts(
        rows=(
            (t.say("ways.to"), visible(ways[0].bank, 120), "text"),
            (t.say("ways.from"), visible(case.settings.agency, 120), "text"),
            (t.say("ways.reference"), visible(case.settings.reference, 60) or "–", "text"),
        )
    )
    parts = [
        (t.say("ways.number", id=way.id), [Facts(rows=tuple(_rows(t, way, here[way.victim], sealed)))])
        for way in ways
    ]
    return leaves.brief(
        case,
        t,
        t.say("ways.title"),
        t.say("ways.subtitle"),
        [Para(text=t.say("ways.alone"), style="warning"), head, Para(text=t.say("ways.body"))],
        parts,
        titled=False,
    )


def _rows(
    t: Texts, way: Way, victim: Victim, every: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, str]]:
    sealed = every.get(way.victim, {})
    held = sealed.get("ways", ())
    own = held[way.number - 1] if way.number <= len(held) else {}
    blank = t.say("ways.blank")
    cells = [("holder", str(sealed.get("name", ""))), *((key, str(own.get(key, ""))) for key in _CELLS)]
    cells.insert(1, ("day", urgent.told(way.time, victim)))
    return [
        (t.say(f"ways.{key}"), visible(cell, 200) or blank, "text" if cell else "blank") for key, cell in cells
    ]
