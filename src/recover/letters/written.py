"""Every paper of a case in one pass: the report, then each letter in all its forms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from recover.letters import drafts, renderings
from recover.letters.life import Letter
from recover.report import documents, shown
from recover.report.checked import Check
from recover.sdk import Template, View


def papers(
    view: View,
    templates: Sequence[Template],
    names: Sequence[str] = (),
    allowed: Collection[tuple[str, str]] = (),
    life: Mapping[str, Letter] | None = None,
    own: Callable[[], Path | None] = lambda: None,
) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes). Pure: same view, templates and choices give the same bytes, wherever.

    The report names the letters, so their names are settled before it. `own` tells an agency's folder of letters,
    and is asked only where a letter is of a kind that no plugin brings.
    """
    check, known = Check(names, allowed), life or {}
    # Letters too: an edition is all that lies in `out/`, and what one leaves out must not stand beside it.
    view = shown(view, templates, names)
    planned = drafts.planned(view, known, templates)

    @lru_cache(maxsize=1)
    def desk() -> drafts.Desk:
        here = {t.id for t in templates if t.kind == "letter"}
        return drafts.desk(templates, own() if any(choice.kind not in here for choice in planned) else None)

    yield from documents(view, templates, check, drafts.enclosures(view, known, desk, planned), renderings.docx)
    if planned:
        yield from drafts.documents(view, desk(), known, check, planned)
