"""One set of figures: PDF, page, edited text and Markdown say the same amounts, in both languages, as data do."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from pypdf import PdfReader
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.case import open_for_reading
from recover.findings import view as views
from recover.letters.written import Papers
from recover.plugins import registry
from recover.sdk import Template, View
from recover.testing import sample

__all__ = ["tool"]

LANGUAGES = ("en", "th")
AMOUNT = re.compile(r"(?<![\w.,])-?\d[\d,]*\.\d{2,}(?![\w%]|\.\d)")
PLACES = (re.compile(r"\d{4}-\d\d-\d\d\S*"), re.compile(r"\d+\.\d+\.\d+\S*"), re.compile(r"0\.\d{3}\b"))
"""Moments, versions and error rates, which are no amounts."""


@cache
def templates() -> list[Template]:
    return list(registry.load().templates.values())


def told(text: str) -> set[str]:
    for other in PLACES:
        text = other.sub(" ", text)
    return {one.replace(",", "") for one in AMOUNT.findall(text)}


def by_form(made: Mapping[str, bytes]) -> dict[str, set[str]]:
    """The amounts of each form of the report; `drawn` are those of pictures, which Markdown and DOCX have not."""
    page = made["report.html"].decode().split('<script type="application/json"')[0].split("<main>")[1]
    drawings = re.findall(r"<svg.*?</svg>", page, re.S)
    plain = {"html": re.sub(r"<svg.*?</svg>", " ", page, flags=re.S)}
    with zipfile.ZipFile(io.BytesIO(made["report.docx"])) as docx:
        words = docx.read("word/document.xml").decode()
    plain["docx"] = re.sub(r"</w:p>|<w:br/>", " ", words)
    found = {form: told(html.unescape(re.sub(r"<[^>]*>", " ", text))) for form, text in plain.items()}
    found["md"] = told(made["report.md"].decode().replace("<br>", " ").replace("\\", ""))
    found["drawn"] = told(html.unescape(" ".join(re.sub(r"<[^>]*>", " ", one) for one in drawings)))
    pages = PdfReader(io.BytesIO(made["report.pdf"])).pages
    found["pdf"] = told(" ".join(page.extract_text() for page in pages))
    return found


def squeezed(pdf: bytes) -> str:
    return re.sub(r"[\s,]", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def papers(view: View, language: str) -> dict[str, bytes]:
    return dict(Papers(replace(view, case=replace(view.case, language=language)), templates()).every())


def agreed(view: View) -> set[str]:
    """The amounts of the report, which every form and both languages have; asserts that they do."""
    first: set[str] = set()
    for language in LANGUAGES:
        made = papers(view, language)
        found = by_form(made)
        assert found["html"], language
        # What a picture alone says stands nowhere else as text.
        for form in ("md", "docx"):
            assert found[form] - found["drawn"] == found["html"] - found["drawn"], (language, form)
        assert found["pdf"] <= found["html"] | found["drawn"], language
        text = squeezed(made["report.pdf"])
        assert not [amount for amount in found["html"] if amount not in text], language
        assert first in (set(), found["html"]), "both languages"
        first = found["html"]
    return first


def test_every_form_of_the_sample_says_the_same() -> None:
    assert len(agreed(sample.view())) > 3


@pytest.mark.parametrize(
    "loss", [("--address", who("own")), pytest.param(("--tx", tx(2)), marks=pytest.mark.slow)]
)
def test_every_form_of_a_case_says_the_same_and_the_data_hold_it(loss: tuple[str, str], tool: Tool) -> None:
    moves = [("x", "own", 30), ("victim", "own", 50), ("own", "hot", 40), ("own", "two", 40), ("hot", "own", 9)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE, ("two", "OKX", "hot-wallet", "exchange")))
    tool("loss", *loss, "--asset", "USDT")
    tool("run")
    view = views.load(open_for_reading(tool.case), registry.load())
    amounts = agreed(view)
    data = json.dumps(json.loads((tool.case / "out/result.json").read_text()))
    known = {int(n) for n in re.findall(r"\d+", data + (tool.case / "out/totals.csv").read_text())}
    lacking = {one for one in amounts if abs(int(one.replace(".", ""))) not in known | {0}}
    assert not lacking, "a printed amount that result.json and totals.csv have not"


@pytest.mark.slow
@pytest.mark.parametrize("example", ["daloia-shaped-example", "bitcoin-first-payments-example"])
def test_every_form_of_a_shipped_case_says_the_same(example: str, tool: Tool) -> None:
    from recover.cli import main as program

    case = tool.folder / "demo"
    assert program.main(["demo", "--out", str(case), "--case", example]) == 5
    assert agreed(views.load(open_for_reading(case), registry.load()))
