"""Lines that end where a sentence ends, amounts that name their asset: what a page prints reads as it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx, who

from recover.case import open_for_reading
from recover.findings import view as views
from recover.plugins import registry
from recover.report import brief
from recover.report.elements import Brief, Facts, Para, Points, strings
from recover.report.texts import Texts
from recover.sdk import View

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("x", "own", 40), ("own", "hot", 60), ("own", "d", 20), ("v", "d", 10)]


def report(tool: Tool, language: str = "en") -> tuple[View, Brief]:
    view = views.load(open_for_reading(tool.case), registry.load())
    return view, brief.report(view, Texts.load(registry.load().templates["report"].folder, language))


def lines(made: Brief) -> Iterator[str]:
    """Every line that runs on into the next where a paper is read as text: of facts, paragraphs and findings."""
    for section in made.sections:
        for block, after in zip_longest(section.blocks, section.blocks[1:]):
            if isinstance(block, Facts):
                cells = (cell.split("\n") for _, cell, kind in block.rows if kind == "text")
                yield from (line for cell in cells if len(cell) > 1 for line in cell)
            elif isinstance(block, Para) and block.style not in ("blank", "lead") and not isinstance(after, Facts):
                yield from block.text.split("\n")
            elif isinstance(block, Points):
                yield from (point.text for point in block.points)


def test_sentences_end_and_amounts_name_their_asset(tool: Tool) -> None:
    tool.open(export(MOVES, ["own", "d"]), labels(EXCHANGE))
    for loss in (("--tx", tx(1)), ("--address", who("d")), ("--tx", tx(5)), ("--address", who("nobody"))):
        assert tool("loss", *loss)[0] == 0
    tool("run")
    view, made = report(tool)
    begun = {f.slots["loss"]: f.slots["began"] for f in view.findings if f.kind == "loss"}
    assert begun["L3"] == begun["L4"] == 0, "two losses begin in no asset"
    said = [*strings(made)]
    assert [text for text in said if re.search(r"\d base units of\s*($|[,.;)])", text)] == []
    assert {text for text in said if "nothing that begins it" in text or "nothing begins it" in text}
    heads = re.compile(r"[.:?!)][’”\"\s]*$")
    assert "\n".join(line for line in lines(made) if line and not heads.search(line)) == ""
    assert "T10:00:00Z. Nobody says how they were obtained." in tool.text("report.md")


@pytest.mark.parametrize(
    ("language", "begun", "came"), [("en", r"beg[aiu]n", "came in"), ("th", "เริ่ม", "เข้ามา|การแลก")]
)
def test_what_is_said_of_any_asset_does_not_call_it_begun(language: str, begun: str, came: str) -> None:
    """Value comes into an asset by exchange or bridge too: a text on sums of an asset allows for that."""
    entries = Texts.load(registry.load().templates["report"].folder, language).entries
    wrong = [
        key
        for key, text in entries.items()
        if key.startswith(("answer.", "charts."))
        and re.search(begun, text)
        and not re.search(came, text)
        and f"{key}_over" not in entries
    ]
    assert wrong == []
