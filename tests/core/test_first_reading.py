"""What somebody who reads a report for the first time must find in it, and must not be told wrongly."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.cli import listings
from recover.letters import editable
from recover.plugins import registry
from recover.report import brief
from recover.report.texts import Texts
from recover.testing import sample

__all__ = ["tool"]


def texts(language: str) -> Texts:
    return Texts.load(registry.load().templates["report"].folder, language)


@pytest.mark.parametrize("language", ["en", "th"])
def test_rows_that_a_section_prints_in_part_are_said_to_be_in_the_annex_in_full(language: str) -> None:
    found = texts(language).entries
    keys = [
        key
        for key in found
        if re.fullmatch(r"findings\.tabled_.*|summary\.(?:beyond|versions|disputed)_more", key)
    ]
    assert len(keys) > 9
    whole = ("annex/findings.csv", "recover show CASE findings")
    assert [key for key in keys if not any(name in found[key] for name in whole)] == []


def test_what_came_back_to_who_paid_is_said_and_nobody_is_sent_for_a_victims_history(tool: Tool) -> None:
    tool.open(
        export([("victim", "own", 50), ("own", "victim", 20), ("own", "else", 30)], ["own"]), labels(EXCHANGE)
    )
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "1 of them had paid declared losses when value came there" in page
    assert "Ask those who paid declared losses what came to them: 20.000000 USDT went to 1 address that" in page
    assert f"Obtain the whole history of {who('else')}" in page
    assert f"Obtain the whole history of {who('victim')}" not in page


def test_r9_has_the_basis_of_a_wallet_that_is_called_nobodys(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    told = page[page.index("whom each pays, and on what that rests") :]
    assert told.index(who("own")) < told.index("of its outflow in USDT went to wallets labelled Binance")


def test_what_may_be_counted_twice_at_a_service_stands_in_the_report(tool: Tool) -> None:
    moves = [("x", "own", 50), ("own", "hot", 50), ("hot", "own", 20), ("own", "hot", 20)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--address", who("own"), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    told = page[page.index("Inflow of the losses of which value reached each service") :]
    assert re.search(r"Binance\s+20\.000000 USDT\s+20\.000000 USDT\s+0\.000000 USDT\s+0\.000000 USDT", told)


def test_an_edited_report_has_pages_boxes_and_words_for_its_exhibits() -> None:
    made = editable.docx(brief.report(sample.view(), texts("en")))
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        body, foot = parts.read("word/document.xml").decode(), parts.read("word/footer1.xml").decode()
    assert 'w:instr=" PAGE "' in foot
    assert '<w:jc w:val="right"/>' in body
    assert "(Exhibit 1)" in body
    sizes = {int(size) for size in re.findall(r'<w:sz w:val="(\d+)"', body)}
    assert min(sizes) >= 10, "half points"


def test_where_value_ended_is_compared_in_words() -> None:
    assert listings.subject("ended", "uncollected") == "at addresses whose whole history is in no exhibit"
    assert listings.subject("service", "rest") == "rest", "a service may be called so"
