"""What a reader trips over: titles, grammar, findings without exhibits, folded gaps, uncounted payments."""

from __future__ import annotations

import email
import re
import zipfile
from email.policy import default
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.core.test_catalogue import SENTENCES, found
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.plugins import registry
from recover.report import brief
from recover.report.elements import strings
from recover.report.texts import Texts
from recover.sdk import View

__all__ = ["found", "tool"]

# "1 address that pay", "1 addresses", "1 papers": one thing with the words of several.
_ONE = re.compile(
    r"(?<![\d,.])1 (?:addresses|losses|payments|transactions|movements|exhibits|gaps|rows|orders|sequences)\b"
    r"|(?<![\d,.])1 (?:deposit )?address (?:that|which) (?:pay|are|have|were|hold)\b"
    r"|(?<![\d,.])1 (?:deposit )?address (?:are|have|were|pay)\b"
)


@pytest.mark.slow
@SENTENCES
def test_one_thing_has_the_words_of_one(found: list[View]) -> None:
    folder = registry.load().templates["report"].folder
    wrong = []
    for view in found:
        wrong += [text for text in strings(brief.report(view, Texts.load(folder, "en"))) if _ONE.search(text)]
    assert wrong == []


def test_the_pattern_finds_what_it_is_for() -> None:
    assert _ONE.search("Of R9, 1 address that pay a service")
    assert not _ONE.search("21 addresses; 1 address paying; 1,201 addresses")


@SENTENCES
def test_every_finding_that_counts_movements_cites_exhibits(found: list[View]) -> None:
    bare = [(f.kind, f.subject) for view in found for f in view.findings if not f.exhibits]
    # A loss of which the ledger shows nothing is what no exhibit shows; a former figure is compared with one that
    # cites its own.
    assert [one for one in bare if one[0] not in ("loss", "before-change")] == []


def parts(paper: Path) -> list[bytes]:
    """What a paper holds as words, unpacked: three letters turn up in packed bytes by chance."""
    data = paper.read_bytes()
    if paper.suffix == ".eml":
        told = email.message_from_bytes(data, policy=default)
        return [data.partition(b"\r\n\r\n")[0], told.get_body().get_content().encode()]  # type: ignore[union-attr]
    if paper.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(paper) as packed:
            return [packed.read(name) for name in packed.namelist()]
    if paper.suffix == ".pdf":
        return [page.extract_text().encode() for page in PdfReader(paper).pages]
    return [data]


def test_no_paper_bears_the_title_of_the_case(tool: Tool) -> None:
    tool.open(export([("victim", "own", 50), ("own", "hot", 20)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    (tool.case / "private").mkdir(exist_ok=True)
    (tool.case / "private/identities.txt").write_text("Jane Roe\n")
    tool("run")
    papers = [p for p in (tool.case / "out").rglob("*") if p.is_file()]
    assert "report.html" in {p.name for p in papers}, "a title stops nothing, since no paper bears it"
    for paper in papers:
        for text in parts(paper):
            assert b"Roe" not in text, paper.name


def test_payments_to_itself_are_counted(tool: Tool) -> None:
    moves = (("victim", "own", 50), ("own", "own", 30), ("own", "own", 7), ("own", "hot", 50))
    rows = [row("own", n, f"0{n}T10:00:00", src, dst, amount) for n, (src, dst, amount) in enumerate(moves, 1)]
    tool.open(listed(*rows), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    said = "Payments of these addresses to themselves, in no figure of the accounts: 2, 37.000000 USDT"
    assert said in tool.text("report.html")
    (account,) = [f for f in tool.show("findings") if f["kind"] == "account" and f["subject"] == who("own")]
    assert (account["slots"]["own"], account["slots"]["own_amount"]) == (2, "37000000")


@pytest.mark.parametrize(("dust", "folded"), [(0, False), (100_000, True)])
def test_gaps_of_dust_are_folded_and_still_counted(dust: int, folded: bool, tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "a", 1), ("own", "hot", 99)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    toml = tool.case / "case.toml"
    toml.write_text(f"{toml.read_text()}\n[find]\ndust = {dust}\n")
    tool("run")
    page = tool.text("report.html")
    assert ("parts in a million of what began or came in, in an asset" in page) is folded
    assert "Made from the gaps that the stages recorded (1)" in page


def test_edges_that_are_not_explained_one_by_one_are_counted(tool: Tool) -> None:
    names = [f"w{n:02d}" for n in range(14)]
    moves = [("victim", name, 10 + n) for n, name in enumerate(names)] + [(name, "hot", 5) for name in names]
    tool.open(export(moves, names), labels(EXCHANGE))
    for number in range(1, 15):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")
    page = tool.text("report.html")
    assert "above are of the 4 rows of R9, each of one address in one asset, that carry most. Other rows" in page
    assert "deposit addresses: 10." in page
