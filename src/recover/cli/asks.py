"""The questions that gaps leave open, and which sources could answer them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from recover.cli import screen
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.plugins.registry import Plugins
    from recover.trails.asks import Open

Wanted = dict[str, object]


def wanted(found: Open, plugins: Plugins) -> list[Wanted]:
    """Each open ask once, in the order in which it would be put, with the ids of the sources that could answer."""
    from recover.capture.asking import answering
    from recover.sdk.batch import ask_text

    every = (*found.asks, *found.beside)
    return [{**json.loads(ask_text(ask)), "sources": answering(plugins, ask)} for ask in every]


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


def _subject(ask: Wanted) -> str:
    about = _listed(ask.get("address") or ask.get("tx"))
    return str(about[-1]) if about else ""


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
