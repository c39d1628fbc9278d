"""The report in Thai: every sentence of it, both eras beside each date, and no English that is not marked."""

from __future__ import annotations

import ast
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx
from tests.core.test_text_layer import lacking

from recover.letters import editable, written
from recover.plugins import registry
from recover.report import bars, brief, lettering, lint, overlaid, packs, phrases, refused_words, render
from recover.report.elements import Picture, strings
from recover.report.texts import Texts
from recover.sdk import Error
from recover.testing import sample

__all__ = ["tool"]

ROOT = Path(__file__).parents[2]
SLOT = re.compile(r"\{([a-z_]+)\}")
ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b,? ){3}")
OWN = ("day.", "month.")
"""Keys of a calendar that English has no need of."""


@cache
def texts(language: str) -> Texts:
    found = registry.load().templates
    return Texts.load(found["report"].folder, language, phrases.folders([*found.values()]))


@cache
def paper() -> dict[str, bytes]:
    view = sample.view()
    thai = replace(view, case=replace(view.case, language="th"))
    made = written.Papers(thai, [*registry.load().templates.values()]).every()
    return {name: data for name, data in made if name.startswith("report.")}


def test_every_sentence_stands_in_both_languages_with_the_same_slots() -> None:
    english, thai = texts("en").entries, texts("th").entries
    assert {key for key in thai if not key.startswith(OWN)} == set(english)
    assert [key for key in english if {*SLOT.findall(english[key])} != {*SLOT.findall(thai[key])}] == []
    assert [key for key in english if key.endswith(".tag") and english[key] != thai[key]] == []
    same = {key for key in english if english[key] == thai[key] and ENGLISH.search(english[key])}
    assert same == set(), "English in the Thai texts"


def test_no_line_of_a_paper_ends_inside_a_thai_word(tmp_path: Path) -> None:
    """Words that the rules for line breaks part, as letters have them, each at the end of a line."""
    (listed,) = re.findall(r"#let unparted = regex\(\((.*?)\)\.join", render.library(), re.DOTALL)
    words = re.findall(r'"([^"]+)"', listed)
    assert {"สถานะ", "บทบัญญัติ", "มากกว่า", "รหัส", "ฝั่ง"} <= {*words}
    blocks = "".join(f"#block(width: 85pt)[{'ตา ' * n}{word}]\n" for word in words for n in range(5, 8))
    (tmp_path / "main.typ").write_text(f'#import "blocks.typ": *\n#show: setup\n{blocks}')
    template = replace(registry.load().templates["report"], folder=tmp_path)
    data = render.pdf(template, brief.report(sample.view(), texts("th")))
    told = (
        "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
        .replace(" \n", "\n")
        .replace("\u0e4d\u0e32", "\u0e33")
    )
    parted = [word for word in words for at in range(1, len(word)) if f"{word[:at]}\n{word[at:]}" in told]
    assert (parted, [word for word in words if f"ตา\n{word}\n" not in told]) == ([], [])
    # No sentence joins one of them to a mark of its neighbour: a part of a syllable would stand alone.
    every = [text for name in ("report", "letters-common") for text in thai(name)]
    marks = r"[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]"
    assert [word for word in words if re.search(word + marks, " ".join(every))] == []


def thai(name: str) -> list[str]:
    """The Thai texts of a template."""
    return [*Texts.load(registry.load().templates[name].folder, "th").entries.values()]


def test_no_thai_sentence_says_what_no_trace_can() -> None:
    thai = texts("th").entries
    assert lint.words(thai) == []
    wrong = {
        (key, rule)
        for key, text in thai.items()
        for rule, pattern in refused_words.ALWAYS
        if re.search(pattern, refused_words.folded(text))
    }
    assert wrong == set()


def test_a_thai_report_has_no_english_but_what_others_wrote() -> None:
    view = sample.view()
    said = strings(
        packs.arranged(
            brief.report(view, texts("th")), packs.load(registry.load().templates["report"], "th"), texts("th")
        )
    )
    # Hostile text, labels, sources of law and commands are quoted.
    outside = [*map(str, (sample.HOSTILE, view.case.note)), *(str(loss.label) for loss in view.case.losses)]
    left = [text for text in said if ENGLISH.search(text) and not re.search("[\u0e00-\u0e7f]", text)]
    quoted = {str(rule.get("source", "")) for rule in view.rules} | {
        str(h.get("citation", "")) for h in view.heuristics
    }
    assert [text for text in left if text not in quoted and not any(o and o in text for o in outside)] == []


@pytest.mark.parametrize(
    ("english", "thai"),
    [
        ("None states to what moment the history here is whole.", "ไม่มีพยานหลักฐานใดระบุว่าประวัติที่นี่ครบถ้วนถึงเวลาใด"),
        ("5.000000 USDT are not followed further under fifo.", "5.000000 USDT ไม่ได้ติดตามต่อตามหลักเกณฑ์ fifo"),
        ("No label names this address. Fewer than 2 sweeps.", "ไม่มีป้ายชื่อใดระบุที่อยู่นี้ การโอนรวมน้อยกว่า 2 ครั้ง"),
        ("deposit-address 1: Fewer than 2 sweeps.", "deposit-address 1: การโอนรวมน้อยกว่า 2 ครั้ง"),
        ("fifo", "fifo"),
        ("Under libr, lifo, prorata and poison too; ranges over rules are of the order used.",
         "ตามหลักเกณฑ์ libr, lifo, prorata and poison ด้วย ช่วงตามหลักเกณฑ์เป็นของลำดับที่ใช้"),
        ("Wholly new words of a plugin.", None),
        ("Fewer than 2 sweeps. Wholly new words of a plugin.", None),
        ("what a stranger wrote here are not followed further under fifo.", None),
    ],
)  # fmt: skip
def test_words_of_others_are_told_whole_or_not_at_all(english: str, thai: str | None) -> None:
    assert phrases.told(texts("th").said, "th", english) == thai
    marked = texts("th").own(english)
    assert marked == (thai if thai is not None else f"[ภาษาอังกฤษ] {english}")
    assert texts("en").own(english) == english


def test_what_the_installed_members_say_of_themselves_has_its_thai() -> None:
    lacking_thai = {text for text in _said() if phrases.told(texts("th").said, "th", text) is None}
    assert lacking_thai == set()


def _said() -> Iterator[str]:
    found = registry.load()
    for one in found.heuristics.values():
        info = one.info
        yield from (info.title, info.citation, *info.fails, *(what for _, what in info.parameters.values()))
        if info.card is not None:
            yield from (info.card.population, info.card.truth)
    for pack in ("generic", "us", "ew", "th"):
        held = packs.load(found.templates["report"], pack)
        yield from (held.title, *held.titles.values(), *(one.text for one in held.declare))
        for law in held.law:
            yield from (law.text, law.source, law.jurisdiction)
        for wording in held.wording:
            yield from (wording.title, wording.source)


def test_every_phrase_is_still_said_in_english() -> None:
    """Three words in a row at a time: what varies in a sentence stands in the middle of some."""
    told = _runs(" ".join(_code()))
    idle = []
    for text in phrases.entries(texts("th").said, "th"):
        runs = [run for part in SLOT.split(text)[::2] for run in _runs(part)]
        if len(runs) >= 3 and sum(run in told for run in runs) * 2 < len(runs):
            idle.append(text)
    assert idle == []


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[A-Za-z']+", text)
    return set(zip(words, words[1:], words[2:], strict=False))


def _code() -> Iterator[str]:
    for folder in (ROOT / "src/recover", *ROOT.glob("chains/*/src"), *ROOT.glob("plugins/*/src")):
        for file in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
        for file in folder.parent.rglob("*.toml"):
            if "phrases" not in file.parts:
                yield from re.findall(r'"([^"\n]+)"', file.read_text("utf-8"))


def test_days_stand_in_both_eras() -> None:
    assert texts("th").dated("2026-11-29T15:19:56Z") == "2026-11-29T15:19:56Z (29 พฤศจิกายน พ.ศ. 2569)"
    assert texts("th").dated("no day") == "no day"
    assert texts("en").dated("2026-11-29") == "2026-11-29"
    day = texts("th").moment(sample.view().case.opened)
    assert "พ.ศ." in day
    assert day in paper()["report.md"].decode()


def test_a_thai_report_is_read_as_it_was_written_and_says_that_no_lawyer_read_it() -> None:
    made = paper()
    pdf = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made["report.pdf"])).pages)
    words = [text for key, text in texts("th").entries.items() if key.endswith(".title") and key != "cover.title"]
    shown = [word for word in words if word in made["report.md"].decode()]
    assert len(shown) > 15
    assert lacking(shown, pdf) == []
    page = made["report.html"].decode()
    assert texts("th").entries["review.state"] in re.sub("</?span[^>]*>", "", page)
    assert '<span class="w">พยานหลักฐาน</span>' in page, "no line of the page parts these words either"
    assert lettering.COUNTED.search("".join(re.findall("<bdi>(.*?)</bdi>", page))) is None
    assert made["report.html"].decode().startswith('<!DOCTYPE html>\n<html lang="th">')
    paper.cache_clear()
    assert paper() == made


def test_a_line_of_a_picture_ends_between_words_and_not_behind_a_number() -> None:
    said = "ที่ที่อยู่ซึ่งไม่มีพยานหลักฐานใดแสดงประวัติทั้งหมด"
    for at in range(20, len(said)):
        end = lettering.whole(said, at)
        assert not any(word.start() < end < word.end() for word in lettering.unparted().finditer(said)), at
    assert lettering.space("ที่อยู่ 731 แห่ง", 14) == 7


def test_word_is_told_of_thai_letters() -> None:
    with zipfile.ZipFile(io.BytesIO(paper()["report.docx"])) as made:
        styles, text = made.read("word/styles.xml").decode(), made.read("word/document.xml").decode()
    assert f'w:cs="{editable._THAI}"' in styles
    assert 'w:bidi="th-TH"' in styles
    assert text.count("<w:b/>") == text.count("<w:b/><w:bCs/>") > 0
    assert text.count("<w:sz ") == text.count("<w:szCs ")


@pytest.mark.parametrize(
    ("text", "at", "end"),
    [("กำนันเก่ง", 2, 2), ("กำนันเก่ง", 6, 5), ("นิ่ม", 1, 1), ("พยานใดแสดง", 9, 6), ("plain", 3, 3)],
)
def test_no_letter_is_parted_from_its_vowels(text: str, at: int, end: int) -> None:
    assert lettering.whole(text, at) == end
    assert bars._cut("น้ำน้ำน้ำ", 8 + 7 * 9) == "น้ำน้ำน้ำ", "marks take no room"


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(Error) as caught:
        Texts.load(registry.load().templates["report"].folder, "de")
    assert caught.value.code == "language-missing"


def test_a_case_is_written_and_verified_in_thai(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert tool("write", "--language", "th")[0] in (0, 5)
    page = tool.text("report.html")
    assert texts("th").entries["summary.title"] in page
    assert texts("en").entries["limits.chain"] not in page
    assert "ภาษาอังกฤษ" not in page
    assert tool("verify")[0] in (0, 5)


def test_words_with_marks_are_set_by_the_page_and_every_other_by_the_drawing() -> None:
    svg = '<svg><text x="1" y="20" font-size="11" font-weight="700" fill="#111111">{}</text></svg>'
    said = (svg.format("ผู้ให้บริการ"), svg.format("A &amp; B"))
    blocks = tuple(Picture(svg=one, alt="", caption="") for one in said)
    view = sample.view()
    whole = replace(brief.report(view, texts("th")), cover=blocks, sections=())
    thai, plain = overlaid.overlaid(whole).cover
    assert isinstance(thai, Picture)
    assert (thai.svg, thai.labels) == ("<svg></svg>", (("1", "20", "11", "700", "#111111", "ผู้ให้บริการ"),))
    assert plain == blocks[1]
