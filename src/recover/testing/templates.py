"""What every template must hold to: a folder of data, complete, with no code in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import ClassVar

from recover.sdk import Template
from recover.testing.kit import Kit, check_id, check_texts

DATA = frozenset({".typ", ".toml", ".html", ".css", ".svg", ".txt", ".md", ".csv", ".json", ".png", ".pdf", ".gz"})
CALENDAR = ("day.", "month.")
"""Texts of a language that counts years in a way of its own."""
_LANGUAGE = re.compile(r"[a-z]{2,3}\.toml")
# Either would have a document read something that is not in the case.
_REACHES_OUT = re.compile(r"@preview/|@local/|\bplugin\(|<script[^>]+src=|https?://[^\s\"']+\.(?:js|css)\b")


class TemplateKit(Kit):
    """Subclass with `template` set."""

    needs = ("template",)
    template: ClassVar[Template]

    def test_it_tells_of_itself(self) -> None:
        check_id(self.template.id)
        check_texts(self.template.id, version=self.template.version, title=self.template.title)
        assert self.template.kind in ("report", "letter", "register"), f"{self.template.kind!r} is no kind"

    def test_its_folder_is_there(self) -> None:
        assert self.template.folder.is_dir(), f"{self.template.id} has no folder {self.template.folder.name}"
        assert self._files(), f"the folder of {self.template.id} is empty"

    def test_it_holds_data_only(self) -> None:
        # A link could bring a file from outside into a document.
        strange = [self._name(p) for p in self._files() if p.suffix.lower() not in DATA or p.is_symlink()]
        assert not strange, f"not data: {', '.join(strange)}"

    def test_its_tables_can_be_read(self) -> None:
        for path in self._files():
            if path.suffix == ".toml":
                _table(path)

    def test_it_has_what_its_kind_needs(self) -> None:
        names = {self._name(path) for path in self._files()}
        languages = sorted(name for name in names if _LANGUAGE.fullmatch(name))
        if self.template.kind == "register":
            assert any(name.endswith(".toml") for name in names), "a register is made of TOML files"
            return
        # A letter may use the layout and the words that all letters share.
        own = self.template.kind == "report" or "kind.toml" not in names
        assert "main.typ" in names or not own, "a document's folder holds main.typ"
        assert languages, "a document's texts stand in files such as en.toml"
        keys = {name: set(_keys(_table(self.template.folder / name))) for name in languages}
        for name in languages[1:]:
            # A sentence that one language lacks would be missing from that court's paper.
            unlike = keys[name] ^ keys[languages[0]]
            differing = sorted(key for key in unlike if not f"{key}.".startswith(CALENDAR))
            assert not differing, f"{name} and {languages[0]} differ in: {', '.join(differing)}"

    def test_it_reaches_for_nothing_outside(self) -> None:
        for path in self._files():
            if path.suffix in (".typ", ".html", ".css"):
                found = _REACHES_OUT.search(path.read_text("utf-8"))
                assert found is None, f"{self._name(path)} reaches outside the case: {found and found[0]}"

    def _files(self) -> list[Path]:
        return sorted(path for path in self.template.folder.rglob("*") if not path.is_dir())

    def _name(self, path: Path) -> str:
        return path.relative_to(self.template.folder).as_posix()


def _table(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssertionError(f"{path.name} is not TOML: {error}") from error


def _keys(table: dict[str, object], above: str = "") -> list[str]:
    found = []
    for name, value in table.items():
        found.append(above + name)
        if isinstance(value, dict):
            found += _keys(value, f"{above}{name}.")
    return found
