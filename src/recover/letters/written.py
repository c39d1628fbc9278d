"""Every paper of a case: the report, then each letter in its forms. What is there already is not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from recover.letters import drafts, matter, renderings, screened
from recover.letters.life import Choice, Letter
from recover.report import documents, shown
from recover.report.checked import Check
from recover.report.enclosures import Enclosure
from recover.sdk import Template, View

REPORT = "report"

Here = Mapping[str, Sequence[tuple[str, bytes]]]


class Papers:
    """(relative name, bytes) of each. Pure: same view, templates and choices give the same bytes, wherever.

    The report names the letters, so their names are settled before it. `own` tells an agency's folder of letters,
    and is asked only where a letter is of a kind that no plugin brings, and its draft kept no words of it.
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
        self._whole, self._templates, self._own = shown(view, templates, names), templates, own
        self._view = screened.shown(self._whole)
        self._check, self._life = Check(names, allowed), life or {}
        self._allowed = sorted(allowed)
        self._letters: dict[str, list[tuple[str, bytes]]] = {}
        self.files: dict[str, list[str]] = {}

    @cached_property
    def _desk(self) -> drafts.Desk:
        here = {t.id for t in self._templates if t.kind == "letter"}
        lacking = any(choice.kind not in here and not choice.words for choice in self._chosen)
        return drafts.desk(self._templates, self._own() if lacking else None)

    @cached_property
    def _chosen(self) -> list[Choice]:
        return drafts.planned(self._view, self._life, self._templates)

    @cached_property
    def _ways(self) -> matter.Ways:
        return matter.Ways(self._view)

    @cached_property
    def _planned(self) -> list[Choice]:
        """What is drafted: of what went out and would say the same again, nothing."""
        return [one for one in self._chosen if not self._stands(one)]

    def _stands(self, choice: Choice) -> bool:
        letter = self._letter(choice)
        return bool(letter.issued) and drafts.as_issued(self._view, self._desk, self._ways, choice, letter)

    def _letter(self, choice: Choice) -> Letter:
        return self._life.get(choice.id, Letter(choice.id))

    @cached_property
    def _enclosures(self) -> tuple[Enclosure, ...]:
        return drafts.enclosures(self._view, self._life, lambda: self._desk, self._planned)

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """By part, the report or a letter's id, a digest of what it rests on beside the view and the templates."""
        held = screened.places(self._whole)
        # A version that was sent since, the next one takes the place of.
        went = {one.id: sorted(set(self._letter(one).went)) for one in self._planned}
        said = {
            one.id: (one.body(), one.number, self._letter(one).version, went[one.id], held)
            for one in self._planned
        }
        whose = sorted(self._whole.owners.items())
        found = {REPORT: [whose, *(asdict(one) for one in self._enclosures)], **said}
        return {part: _digest([what, self._allowed]) for part, what in found.items()}

    def letters(self, here: Here = MappingProxyType({})) -> Mapping[str, bytes]:
        """The letters alone, made once; `here` are parts that are there already."""
        return dict(self._lettered(here))

    def every(self, here: Here = MappingProxyType({})) -> Iterator[tuple[str, bytes]]:
        """(relative name, bytes): the report, then the letters; `here` are parts that are there already.

        `files` has the names by part when it is through.
        """
        made: Iterable[tuple[str, bytes]] = here.get(REPORT) or documents(
            self._whole, self._templates, self._check, self._enclosures, renderings.docx
        )
        self.files = {REPORT: []}
        for name, data in made:
            self.files[REPORT].append(name)
            yield name, data
        yield from self._lettered(here)

    def _lettered(self, here: Here) -> Iterator[tuple[str, bytes]]:
        self._letters |= {one.id: [*here[one.id]] for one in self._planned if one.id in here}
        left = [one for one in self._planned if one.id not in self._letters]
        made = drafts.documents(self._view, self._desk, self._ways, self._life, self._check, left) if left else ()
        for ident, files in made:
            self._letters[ident] = files
        for one in self._planned:
            self.files[one.id] = [name for name, _ in self._letters[one.id]]
            yield from self._letters[one.id]


def _digest(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
