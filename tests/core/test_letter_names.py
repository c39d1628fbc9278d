"""What letters call rules and methods, and how they write days: in the words and years of whoever gets them."""

from __future__ import annotations

import re

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.plugins import registry
from recover.tracing import rules

__all__ = ["tool"]

MOVES = [("x", "own", 50), ("victim", "own", 100), ("own", "dep", 100), ("dep", "hot", 60), ("dep", "hot", 20)]
DAY = re.compile(r"20\d\d-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")


def letter(tool: Tool, language: str) -> str:
    assert (
        tool("open", "--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo", "--language", language)[
            0
        ]
        == 0
    )
    for name, text in (("moves", export(MOVES, ["own", "dep"])), ("labels", labels(EXCHANGE))):
        (tool.folder / f"{name}.csv").write_text(text)
        assert tool("import", str(tool.folder / f"{name}.csv"))[0] == 0
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run")
    kinds = ("binance-preserve-v1.txt", "binance-preserve-v1-portal.txt")
    return "".join((tool.case / "out/letters" / name).read_text("utf-8") for name in kinds)


@pytest.mark.parametrize(
    ("language", "rule", "method"),
    [
        ("en", "‘First in, first out’", "Deposit address by sweeps: "),
        ("th", "‘เข้าก่อน ออกก่อน’", "ที่อยู่ฝากจากการโอนรวม: "),
    ],
)
def test_no_letter_calls_a_rule_or_a_method_by_its_id(language: str, rule: str, method: str, tool: Tool) -> None:
    said = letter(tool, language)
    ids = {*rules.RULES, *registry.load().heuristics}
    assert [one for one in sorted(ids) if re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", said)] == []
    assert rule in said
    assert method in said
    assert ("First in" in said) is (language == "en")


def test_a_thai_letter_has_thai_years_in_its_tables_too(tool: Tool) -> None:
    said = letter(tool, "th")
    found = [*DAY.finditer(said)]
    assert len(found) > 10
    bare = [
        m[0] for m in found if not re.match(r" \(\d{1,2} \S+ พ\.ศ\. 25\d\d(?: \d\d:\d\d \S+)?\)", said[m.end() :])
    ]
    assert bare == []


def test_what_no_law_gives_is_named_in_thai(tool: Tool) -> None:
    said = letter(tool, "th")
    assert "ฐานกฎหมาย: ไม่มีฐานกฎหมายบังคับ เป็นคำขอที่บุคคลใดก็ส่งได้ (none-voluntary" in said
