"""Every paper of a case: the report, then each letter in all its forms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from recover.letters import drafts, renderings
from recover.letters.life import Letter
from recover.report import documents, shown
from recover.report.checked import Check
from recover.sdk import Template, View


class Papers:
    """(relative name, bytes) of each. Pure: same view, templates and choices give the same bytes, wherever.

    The report names the letters, so their names are settled before it. `own` tells an agency's folder of letters,
    and is asked only where a letter is of a kind that no plugin brings.
    """

    def __init__(
        self,
        view: View,
        templates: Sequence[Template],
        names: Sequence[str] = (),
        allowed: Collection[tuple[str, str]] = (),
        life: Mapping[str, Letter] | None = None,
        own: Callable[[], Path | None] = lambda: None,
    ) -> None:
        # Letters too: an edition is all that lies in `out/`, and what one leaves out must not stand beside it.
        self._view, self._templates, self._own = shown(view, templates, names), templates, own
        self._check, self._life = Check(names, allowed), life or {}
        self._planned = drafts.planned(self._view, self._life, templates)
        self._made: dict[str, bytes] | None = None

    @cached_property
    def _desk(self) -> drafts.Desk:
        here = {t.id for t in self._templates if t.kind == "letter"}
        lacking = any(choice.kind not in here for choice in self._planned)
        return drafts.desk(self._templates, self._own() if lacking else None)

    def letters(self) -> Mapping[str, bytes]:
        """The letters alone, made once."""
        if self._made is None:
            self._made = dict(self._letters())
        return self._made

    def every(self) -> Iterator[tuple[str, bytes]]:
        """The report, then the letters."""
        letters = drafts.enclosures(self._view, self._life, lambda: self._desk, self._planned)
        yield from documents(self._view, self._templates, self._check, letters, renderings.docx)
        yield from self._letters() if self._made is None else self._made.items()

    def _letters(self) -> Iterator[tuple[str, bytes]]:
        if self._planned:
            yield from drafts.documents(self._view, self._desk, self._life, self._check, self._planned)
