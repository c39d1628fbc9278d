"""What is copied from a PDF, searched in it or read aloud from it, is what was written: in Thai too."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from pypdf import PdfReader

from recover.letters import written
from recover.plugins import registry
from recover.report import render, spoken
from recover.report.elements import Brief, Para, Section
from recover.sdk import Template
from recover.testing import sample

MARKS = re.compile("[\u0e00-\u0e7f]")
SIGNS = ("", "ิ", "ี", "ึ", "ื", "ุ", "ู", "ั", "ำ")
TONES = ("", "่", "้", "๊", "๋")


@cache
def templates() -> list[Template]:
    return list(registry.load().templates.values())


@cache
def thai_letter() -> dict[str, bytes]:
    view = sample.view()
    return dict(written.Papers(replace(view, case=replace(view.case, language="th")), templates()).every())


def by_pypdf(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def by_pdftotext(pdf: bytes, folder: Path, *how: str) -> str:
    (folder / "a.pdf").write_bytes(pdf)
    command = ["pdftotext", *how, str(folder / "a.pdf"), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def lacking(words: list[str], text: str) -> list[str]:
    """The Thai words that a text lacks. Sara am is one letter or the two that it is drawn as."""
    found = unicodedata.normalize("NFKD", re.sub(r"\s+", "", text))
    return [w for w in words if MARKS.search(w) and unicodedata.normalize("NFKD", w) not in found]


def words_of(made: dict[str, bytes]) -> list[str]:
    plain = made["letters/acme-preserve-v1.txt"].decode()
    return [w.strip(":;()") for w in plain.split()]


def every_cluster() -> list[str]:
    letters = [chr(c) for c in range(0x0E01, 0x0E2F)]
    return [
        letter + (tone + sign if sign == "ำ" else sign + tone)
        for letter in letters
        for sign in SIGNS
        for tone in TONES
    ]


@cache
def clusters_set(style: Literal["plain", "lead"]) -> bytes:
    (template,) = [t for t in templates() if t.id == "letters-common"]
    text = " ".join(every_cluster())
    brief = Brief(
        language="th", title="A", subtitle="", author="", mark="ร่าง", running="", footer="", page="{page}",
        contents="", exhibit="", exhibits="", date=(2026, 1, 1), cover=(),
        sections=(Section(id="1", title="A", blocks=(Para(text=text, style=style),)),),
    )  # fmt: skip
    return render.pdf(template, brief)


def test_a_thai_letter_reads_as_it_was_written_in_a_reader_of_glyphs() -> None:
    made = thai_letter()
    assert lacking(words_of(made), by_pypdf(made["letters/acme-preserve-v1.pdf"])) == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not on this machine")
@pytest.mark.parametrize("how", [("-layout",), ("-raw",), ()])
def test_a_thai_letter_reads_as_it_was_written_in_pdftotext(how: tuple[str, ...], tmp_path: Path) -> None:
    made = thai_letter()
    # As laid out, several words without a space that stand in two lines of a column have others between them.
    most = 8 if "-layout" in how else 1_000
    words = [word for word in words_of(made) if len(word) <= most]
    assert lacking(words, by_pdftotext(made["letters/acme-preserve-v1.pdf"], tmp_path, *how)) == []


@pytest.mark.parametrize("style", ["plain", "lead"])
def test_every_letter_with_every_vowel_and_tone_is_read_once(
    style: Literal["plain", "lead"], tmp_path: Path
) -> None:
    pdf, wanted = clusters_set(style), every_cluster()
    plain = [unicodedata.normalize("NFKD", w) for w in wanted]
    read = unicodedata.normalize("NFKD", by_pypdf(pdf)).split()
    assert [w for w in read if w in set(plain)] == plain
    if shutil.which("pdftotext"):
        told = "".join(unicodedata.normalize("NFKD", by_pdftotext(pdf, tmp_path, "-raw")).split())
        assert "".join(plain) in told


def test_the_watermark_is_no_text_and_the_same_bytes_come_again() -> None:
    pdf = clusters_set("plain")
    assert by_pypdf(pdf).count("ร่าง") == 1, "in the running head alone"
    assert spoken.spoken(pdf) == pdf, "what is right already is not touched"
    clusters_set.cache_clear()
    assert clusters_set("plain") == pdf
