"""A history that is stated to be whole, and out of which more was paid than had come in: not at rest."""

from __future__ import annotations

import pytest
from tests.core.test_opposed import listed, row
from tests.core.test_statements import EXCHANGE, Tool, labels, tool, tx, who

__all__ = ["tool"]

UNTIL = "#until: 2022-06-01T00:00:00Z\n"


def begun(tool: Tool, before: int) -> None:
    rows = [row("w", 2, "01T09:00:00", "w", "hot", before)] if before else []
    rows += [row("w", 1, "02T10:00:00", "victim", "w", 100), row("w", 3, "03T10:00:00", "w", "hot", 40)]
    text = listed(*rows).replace("#history: complete\n", f"#history: complete\n{UNTIL}")
    tool.open(text, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")


@pytest.mark.parametrize("before", [70, 0])
def test_value_is_at_rest_only_in_a_history_that_its_own_movements_can_cover(before: int, tool: Tool) -> None:
    begun(tool, before)
    page = tool.text("report.md")
    rest = [f for f in tool.show("findings") if f["kind"] in ("at-rest", "not-seen-leaving")]
    assert [f["kind"] for f in rest] == ["not-seen-leaving" if before else "at-rest"]
    assert "whose history is whole to" not in page, "nobody checked it: R9 says so of the same address"
    assert ("by a history that exhibits state to be whole to 2022-06-01" in page) is (not before)
    if before:
        assert "is at rest at" not in page
        assert "at one moment 70.000000 USDT more had been paid out than had come in until then" in page
        assert "At one moment this address had paid out more than the exhibits show coming in until then." in page
        gaps = [g for g in tool.show("gaps") if g["code"] == "not-seen-leaving"]
        assert [g["subject"] for g in gaps] == [f"eip155:1:{who('w')}"]
    assert tool("verify")[0] == 0


def test_a_range_says_what_it_takes_to_have_been_held_before(tool: Tool) -> None:
    """More held before moves it; other origins went through the address, though none is shown coming in."""
    begun(tool, 70)
    other = (tool.case / "out/letters/binance-preserve-v1.txt").read_text("utf-8")
    assert "Value of other origins went through the same addresses" in other
    more = tool.folder / "range"
    more.mkdir()
    again = Tool(more, tool.capsys)
    rows = [row("w", 2, "01T09:00:00", "w", "x", 20), row("w", 1, "02T10:00:00", "victim", "w", 100)]
    rows += [row("w", 3, "02T11:00:00", "boss", "w", 50), row("w", 4, "03T10:00:00", "w", "hot", 80)]
    again.open(listed(*rows), labels(EXCHANGE))
    again("loss", "--tx", tx(1), "--asset", "USDT")
    again("run")
    held = "on the movements shown, and with no more held before them than these need"
    page = again.text("report.md")
    concluded = page.split("R15 Conclusions")[1].split("## R16")[0]
    letter = (again.case / "out/letters/binance-preserve-v1.txt").read_text("utf-8")
    for said in (page.split("Over all rules")[1].split("In all")[0], concluded, letter):
        assert f", {held}" in said
    assert "the figure is from" in concluded
