"""The questions that gaps leave open, and which sources could answer them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import screen
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.case import Case
    from recover.plugins.registry import Plugins
    from recover.sdk.values import Ask

Wanted = dict[str, object]


def wanted(case: Case, plugins: Plugins) -> list[Wanted]:
    """Each open ask once, in the order in which it would be put, with the ids of the sources that could answer it.

    How value at rest stands is asked only where a source can say; nobody is told to look for what none answers.
    """
    from recover.sdk.batch import ask_text
    from recover.trails.asks import EXTRA, outstanding

    found = [(ask, _able(plugins, ask)) for ask in outstanding(case)]
    # The order is that of `trails/asks.py`; only what nobody can answer is taken out.
    return [
        {**json.loads(ask_text(ask)), "sources": able} for ask, able in found if able or not isinstance(ask, EXTRA)
    ]


def table(found: Sequence[Wanted]) -> None:
    """Open asks, one a line."""
    columns = (
        Column(title="Ask"),
        Column(title="About"),
        Column(title="From (UTC)", rank=2),
        Column(title="To (UTC)", rank=2),
        Column(title="Could be answered by", rank=1),
    )
    rows = [
        [
            str(ask["ask"]),
            _subject(ask),
            str(ask.get("since") or ""),
            str(ask.get("until") or ""),
            ", ".join(map(str, _listed(ask["sources"]))),
        ]
        for ask in found
    ]
    screen.table(columns, rows, "no open questions")


def _able(plugins: Plugins, ask: Ask) -> list[str]:
    """The ids of sources that answer such an ask on its chain; others need not learn of an address."""
    from recover.capture.asking import answers

    return [name for name, source in plugins.sources.items() if answers(source, ask)]


def _subject(ask: Wanted) -> str:
    about = _listed(ask.get("address") or ask.get("tx"))
    return str(about[-1]) if about else ""


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
