"""What is set stands on its page: no word runs out of it, none over another, no amount is broken or too small."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recover.plugins import registry
from recover.report import brief, render
from recover.report.elements import Brief, Column, Facts, Para, Section, Table, table
from recover.report.texts import Texts
from recover.testing import sample

MARGIN = 20 * 72 / 25.4
SLACK = 1.5
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>')
WEI = "16.831757198686159672"
HEADS: tuple[tuple[str, str], ...] = (
    *(("Address", "mono"), ("Service", "text")),
    *((f"Came in by exchange or bridge {n}", "number") for n in range(6)),
    ("Exhibits", "exhibits"),
)
Word = tuple[float, float, float, float, str]

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="NOT RUN: pdftotext is not here")


def words(pdf: bytes, folder: Path) -> Iterator[tuple[float, list[Word]]]:
    """The width of each page with its words and their boxes, in points."""
    (folder / "a.pdf").write_bytes(pdf)
    command = ["pdftotext", "-bbox", str(folder / "a.pdf"), "-"]
    said = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    for page in said.split("<page ")[1:]:
        width = float(re.findall(r'width="([\d.]+)"', page)[0])
        yield width, [(*map(float, found[:4]), found[4]) for found in WORD.findall(page)]


def misplaced(pdf: bytes, folder: Path) -> Iterator[str]:
    for width, found in words(pdf, folder):
        for x0, _, x1, _, text in found:
            if x1 > width - MARGIN + SLACK or x0 < MARGIN - SLACK:
                yield f"out of the page: {text}"
        lines: dict[int, list[Word]] = {}
        for word in found:
            lines.setdefault(round((word[1] + word[3]) / 4), []).append(word)
        for line in lines.values():
            for one, other in zip(sorted(line), sorted(line)[1:], strict=False):
                same = abs((one[1] + one[3]) - (other[1] + other[3])) < 2
                if same and one[2] - other[0] > SLACK:
                    yield f"one over the other: {one[4]}, {other[4]}"


def paper(*blocks: object) -> Brief:
    texts = Texts.load(registry.load().templates["report"].folder, "en")
    plain = brief.report(sample.view(), texts)
    return replace(plain, cover=(), sections=(Section(id="R2", title="Hard to set", blocks=blocks),))  # type: ignore[arg-type]


def hard() -> Table:
    """A row of seven amounts of eighteen decimals beside an address, as a case in ether has it."""
    row = ("0x" + "8b" * 20 + "\nhistory: not provable", "Example Exchange\nC (moderate)", *[WEI] * 6, "1, 29")
    return table("Amounts of many decimals", HEADS, [row, row])  # type: ignore[arg-type]


def test_amounts_of_many_decimals_stand_whole_and_can_be_read(tmp_path: Path) -> None:
    pdf = render.pdf(registry.load().templates["report"], paper(hard()))
    assert not list(misplaced(pdf, tmp_path))
    boxes = [word for _, found in words(pdf, tmp_path) for word in found]
    amounts = [(x1 - x0) / len(text) for x0, _, x1, _, text in boxes if text == WEI]
    assert len(amounts) == 12, "each whole, in a word of its own"
    assert min(amounts) / 0.601 > 5, "set in five points at least"


def test_a_digest_and_a_long_name_stay_on_the_page(tmp_path: Path) -> None:
    rows = (
        ("Declared rule", "fifo, before any result; hash " + "a5b4482e" * 8, "text"),
        ("Reference", "12345/2026 " * 12, "text"),
        ("A name that is longer than its column is wide", "V" * 90, "text"),
    )
    long = Column(title="Name", chars=120, word=90)
    names = Table(caption="Names", columns=(long, long), rows=(("W" * 90, "Exchange " * 12), ("w", "x")))
    pdf = render.pdf(registry.load().templates["report"], paper(Facts(rows=rows), names, Para(text="W" * 200)))
    assert not list(misplaced(pdf, tmp_path))
    text = " ".join(word[4] for _, found in words(pdf, tmp_path) for word in found)
    assert "a5b4482e" * 8 in text, "the digest is one word"


@pytest.mark.parametrize("language", ["en", "th"])
def test_nothing_of_a_report_stands_over_anything_else(language: str, tmp_path: Path) -> None:
    template = registry.load().templates["report"]
    view = sample.view()
    pdf = render.pdf(template, brief.report(view, Texts.load(template.folder, language)))
    assert not list(misplaced(pdf, tmp_path))
