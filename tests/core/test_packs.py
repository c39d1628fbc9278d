"""Packs of jurisdictions: order, titles, statements of law with their marks, and empty places for fixed words."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from recover.plugins import registry
from recover.report import brief, lint, packs
from recover.report.elements import Para, Table, strings
from recover.report.texts import Texts
from recover.sdk import Error, Template
from recover.testing import sample

NAMES = ("generic", "us", "ew", "th")


@pytest.fixture(scope="module")
def report() -> Template:
    return registry.load().templates["report"]


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_loses_no_part_and_prints_each_statement_with_its_mark(name: str, report: Template) -> None:
    texts = Texts.load(report.folder, "en")
    plain = brief.report(sample.view(), texts)
    pack = packs.load(report, name)
    made = packs.arranged(plain, pack, texts)
    assert [s.id for s in made.sections] == list(pack.order)
    held = {s.id: s.blocks for s in made.sections}
    for section in plain.sections:
        assert [b for b in section.blocks if b not in held[section.id]] == []
    said = "\n".join(strings(made))
    for law in pack.law:
        assert all(part in said for part in (law.text, law.source, law.jurisdiction, law.as_of.isoformat()))
        row = next(r for b in held["R16"] if isinstance(b, Table) for r in b.rows if r[0] == law.text)
        assert texts.entries[f"pack.{law.mark}"] in row[2]
    assert all(title in said for title in pack.titles.values())
    for one in pack.declare:
        assert any(isinstance(b, Para) and b.style == "blank" and one.text in b.text for b in held[one.section])
    # No words that a law fixes stand anywhere: their official text is not at hand.
    assert pack.wording
    for fixed in pack.wording:
        assert fixed.official == ""
        assert any(isinstance(b, Para) and b.style == "blank" and fixed.title in b.text for b in held["R16"])
    found = lint.words({str(n): law.text for n, law in enumerate(pack.law)}, False)
    assert [b for b in found if b.rule != "person"] == [], "a court may be called criminal, a person may not"


def test_statements_checked_against_nothing_say_so(report: Template) -> None:
    both = {"verified", "unverified"}
    marks = {name: {law.mark for law in packs.load(report, name).law} for name in NAMES}
    assert marks == {"generic": set(), "us": both, "ew": both, "th": both}
    assert all(law.as_of >= date(2026, 11, 1) for name in NAMES for law in packs.load(report, name).law)


BROKEN = {
    "a section twice": ('"R3", "R4"', '"R3", "R3"'),
    "the answer not first": ('["R2", "R3"', '["R3", "R2"'),
    "no title": ('title = "no jurisdiction in particular"\n', ""),
    "an unknown key": ("[[wording]]", "[[wordings]]\nx = 1\n\n[[wording]]"),
    "a law without a mark": ("[[wording]]", '[[law]]\ntext = "x"\nsections = ["R4"]\n\n[[wording]]'),
    "fixed words without their digest": ("[[wording]]", '[[wording]]\nofficial = "I swear"'),
    "a section that is not there": ("[[wording]]", '[titles]\nR18 = "More"\n\n[[wording]]'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_pack_that_does_not_say_what_it_must_is_refused(name: str, report: Template, tmp_path: Path) -> None:
    old, new = BROKEN[name]
    text = (report.folder / "pack-generic.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "pack-generic.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(Error) as refused:
        packs.load(replace(report, folder=tmp_path), "generic")
    assert refused.value.code == "pack-unreadable"


def test_fixed_words_stand_only_with_the_digest_of_the_official_text(report: Template, tmp_path: Path) -> None:
    words = "The words that a law fixes."
    digest = hashlib.sha256(words.encode()).hexdigest()
    shutil.copytree(report.folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "pack-own.toml").write_text(
        (report.folder / "pack-generic.toml").read_text("utf-8") + f'official = "{words}"\nsha256 = "{digest}"\n'
    )
    own = replace(report, folder=tmp_path)
    texts = Texts.load(report.folder, "en")
    made = packs.arranged(brief.report(sample.view(), texts), packs.load(own, "own"), texts)
    blocks = next(s.blocks for s in made.sections if s.id == "R16")
    assert Para(text=words) in blocks
    assert any(isinstance(b, Para) and digest in b.text for b in blocks)
