"""The papers: the same bytes wherever made, every figure there, hostile text shown and never obeyed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from recover.letters.written import Papers
from recover.plugins import registry
from recover.report import render
from recover.report.page import script as page_script
from recover.sdk import Error, OffRamp, Template, View, outside
from recover.testing import sample

MADE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return list(registry.load().templates.values())


@pytest.fixture(scope="module")
def made(templates: list[Template]) -> dict[str, bytes]:
    return dict(Papers(sample.view(), templates).every())


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_a_service_gets_a_letter_and_a_hub_none(made: dict[str, bytes]) -> None:
    assert sorted(made) == [
        "annex/edition.csv",
        "annex/findings.csv",
        "annex/labels.csv",
        "annex/movements.csv",
        "annex/offramps.csv",
        "annex/plugins.csv",
        "letters/acme-preserve-v1-delivery.txt",
        "letters/acme-preserve-v1-portal.txt",
        "letters/acme-preserve-v1.csv",
        "letters/acme-preserve-v1.docx",
        "letters/acme-preserve-v1.eml",
        "letters/acme-preserve-v1.pdf",
        "letters/acme-preserve-v1.txt",
        "letters/acme-preserve-v1.xlsx",
        "report.docx",
        "report.html",
        "report.md",
        "report.pdf",
        "result.json",
    ]


def test_the_same_view_gives_the_same_bytes_in_another_place(made: dict[str, bytes], tmp_path: Path) -> None:
    code = (
        "import hashlib\nfrom recover.plugins import registry\nfrom recover.letters.written import Papers\n"
        "from recover.testing import sample\n"
        "for name, data in Papers(sample.view(), list(registry.load().templates.values())).every():\n"
        "    print(name, hashlib.sha256(data).hexdigest())\n"
    )
    elsewhere = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "99"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path, env=elsewhere
    )
    here = {f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in made.items()}
    assert set(done.stdout.splitlines()) == here


def test_the_report_carries_its_tables(made: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(made["report.pdf"]))
    tables = {
        name: data for name, data in made.items() if name.endswith(".csv") and not name.startswith("letters/")
    }
    assert {name.rsplit("/", 1)[-1]: [data] for name, data in tables.items()} == dict(reader.attachments)
    assert len(tables) == 6
    # What PDF/A-3 asks of each (ISO 19005-3, 6.8): named by the document, with its relationship, type and date.
    for reference in cast(DictionaryObject, reader.trailer["/Root"])["/AF"]:  # type: ignore[attr-defined]
        spec = cast(DictionaryObject, reference.get_object())
        assert str(spec["/AFRelationship"]) == "/Data"
        held = cast(StreamObject, cast(DictionaryObject, spec["/EF"])["/F"].get_object())
        assert str(held["/Subtype"]) == "/text/csv"
        assert "/ModDate" in cast(DictionaryObject, held["/Params"])


@pytest.mark.parametrize("name", ["report.pdf", "letters/acme-preserve-v1.pdf"])
def test_the_figures_stand_in_the_pdf(name: str, made: dict[str, bytes]) -> None:
    said = text_of(made[name])
    assert "6.00 COIN" in said
    assert "DRAFT" in said
    assert "deposit" in said


def test_every_section_is_there_in_order(made: dict[str, bytes]) -> None:
    found = re.findall(rb'<section id="(R\d+)"', made["report.html"])
    assert found == [f"R{n}".encode() for n in range(2, 18)]
    assert b'id="R1"' in made["report.html"]


def test_a_rule_that_gives_nothing_is_said_in_the_summary(made: dict[str, bytes]) -> None:
    page = made["report.html"].decode()
    summary = page[page.index('<section id="R2"') : page.index('<section id="R3"')]
    assert "zero" in summary
    assert "lifo" in summary


def test_hostile_text_is_shown_and_never_obeyed(made: dict[str, bytes]) -> None:
    page = made["report.html"].decode()
    tools, script = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert page.lower().count("<script") == 2
    assert script == page_script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'; base-uri" in page.replace("&#x27;", "'")
    # The script's data: a hostile text is in it, and can neither end its element nor hide its letters.
    assert "<" not in tools
    assert "<script>alert(1)</script>" in json.loads(tools)["losses"][0][1]
    assert "\u202e" not in tools
    assert "&lt;script&gt;" in page
    for name in ("report.html", "letters/acme-preserve-v1.txt"):
        assert "\u202e" not in made[name].decode(), name
    assert "‹U+202E›" in page
    said = text_of(made["report.pdf"])
    assert "#eval(1)" in said
    assert "$x$" in said


def test_the_page_can_reach_nothing(made: dict[str, bytes]) -> None:
    page = made["report.html"].decode()
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", page)
    assert "@import" not in page
    assert "url(" not in page


def test_the_identifier_table_has_every_transfer_and_no_formula(made: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(made["letters/acme-preserve-v1.csv"].decode(), newline="")))
    assert [(r["tx_hash"], r["direction"], r["raw_amount"]) for r in rows] == [
        ("t1", "in", "700"),
        ("t2", "out", "600"),
        ("t1", "loss", "700"),
    ]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_a_letter_says_that_it_compels_nothing_and_signs_nothing(made: dict[str, bytes]) -> None:
    said = text_of(made["letters/acme-preserve-v1.pdf"])
    assert "no statutory force" in said
    assert "[legal entity to be confirmed]" in said
    assert "is attributed to Acme, grade C" in said
    for banned in ("you are required", "subpoena", "frozen", "owns"):
        assert banned not in said.casefold(), banned


def test_result_json_holds_amounts_as_text(made: dict[str, bytes]) -> None:
    result = json.loads(made["result.json"])
    assert result["head"] == "ab" * 32
    assert [(r["service"], r["amount"]) for r in result["offramps"]] == [("Acme", "600"), (None, "100")]


def test_pdfs_are_archival_and_tagged(made: dict[str, bytes]) -> None:
    for name in ("report.pdf", "letters/acme-preserve-v1.pdf"):
        reader = PdfReader(io.BytesIO(made[name]))
        catalog = cast(DictionaryObject, reader.trailer["/Root"])
        assert cast(DictionaryObject, catalog["/MarkInfo"])["/Marked"]
        assert b"pdfaid" in cast(StreamObject, catalog["/Metadata"].get_object()).get_data(), name


def test_a_letter_with_many_transfers_stays_readable(templates: list[Template]) -> None:
    view = sample.view()
    many = tuple(f"{n:064x}" for n in range(500))
    ramps = tuple(replace(r, transactions=many, transfers=500) for r in view.offramps)
    made = dict(Papers(replace(view, offramps=ramps), templates).every())
    assert len(PdfReader(io.BytesIO(made["letters/acme-preserve-v1.pdf"])).pages) <= 5
    assert made["letters/acme-preserve-v1.csv"].count(b"\r\n") > 500


def test_wide_amounts_keep_every_digit(templates: list[Template]) -> None:
    view, most = sample.view(), 2**256 - 1
    ramps: tuple[OffRamp, ...] = tuple(
        replace(r, amount=most, arrived=most, swept=most, by_rule={"fifo": most}) for r in view.offramps
    )
    made: dict[str, bytes] = dict(Papers(replace(view, offramps=ramps), templates).every())
    assert str(most) in made["report.html"].decode().replace(",", "").replace(".", "")


def test_a_case_without_an_off_ramp_has_a_report_and_no_letter(templates: list[Template]) -> None:
    bare: View = replace(sample.view(), offramps=(), findings=(), services={})
    made = dict(Papers(bare, templates).every())
    assert sorted(name for name in made if "/" not in name) == [
        "report.docx",
        "report.html",
        "report.md",
        "report.pdf",
        "result.json",
    ]
    assert "No traced value is shown to reach a service" in text_of(made["report.pdf"])


@pytest.mark.parametrize(
    "line", ['#import "@preview/cetz:0.3.0"', '#read("/etc/passwd")', '#include "x.typ"', '#eval("1")']
)
def test_a_template_that_reaches_out_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "main.typ").write_text(f'#import "blocks.typ": *\n{line}\n')
    template = Template(id="bad", kind="report", version="1", title="Bad", folder=tmp_path)
    with pytest.raises(Error) as caught:
        render.main(template)
    assert caught.value.code == "template-reaches-out"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b"])
def test_a_name_that_leads_out_of_a_template_is_refused(name: str, tmp_path: Path) -> None:
    template = Template(id="bad", kind="report", version="1", title="Bad", folder=tmp_path)
    with pytest.raises(Error) as caught:
        render.inside(template, name)
    assert caught.value.code == "template-outside"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a‹U+202E›b"),
        ("\u200bx", "‹U+200B›x"),
        ("a\U000e0101", "a‹U+E0101›"),
        ("\u180b\u0378", "‹U+180B›‹U+0378›"),
        ("tab\there", "tab‹U+0009›here"),
        ("ภาษาไทย", "ภาษาไทย"),
        ("x" * 12, "xxxxxxxx… ‹+4›"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, shown: str) -> None:
    assert outside.visible(text, 8 if text.startswith("xx") else 300) == shown
