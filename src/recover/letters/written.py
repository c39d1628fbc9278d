"""Every paper of a case in one pass: the report, then each letter in all its forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from recover.letters import drafts
from recover.letters.life import Letter
from recover.report import documents
from recover.report.checked import Check
from recover.sdk import Template, View


def papers(
    view: View,
    templates: Sequence[Template],
    names: Sequence[str] = (),
    allowed: Collection[tuple[str, str]] = (),
    life: Mapping[str, Letter] | None = None,
    own: Path | None = None,
) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes). Pure: same view, templates and choices, same bytes, wherever and whenever.

    The report names the letters, so their names are settled before it. `own` is an agency's folder of letters.
    """
    check, known = Check(names, allowed), life or {}
    planned = drafts.planned(view, known)
    yield from documents(view, templates, check, drafts.names(view, known))
    if planned:
        yield from drafts.documents(view, drafts.desk(templates, own), known, check)
