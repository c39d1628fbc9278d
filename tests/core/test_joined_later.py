"""What a history lacks that names no end is kept when another exhibit is put into the ledger."""

from __future__ import annotations

from tests.core.test_left_open import listed
from tests.core.test_statements import Tool, labels, tool

from recover.case import derived, open_for_reading

__all__ = ["tool"]


def test_what_came_after_a_history_without_an_end_is_still_known_after_a_late_exhibit(tool: Tool) -> None:
    whole = listed([(1, "victim", "own", 100), (2, "own", "mid", 60)], ["own"])
    later = listed([(3, "other", "own", 40)], ["other"]).replace("complete", "partial")
    late = listed([(4, "a", "b", 5)], ["a"])
    tool.open(whole, later, labels(("hot", "Binance", "hot-wallet", "exchange")))
    assert tool("decode")[0] == 0
    before = derived.read(open_for_reading(tool.case), "differing").to_pylist()
    assert [(row["tx"][-1], row["later"], row["both"]) for row in before] == [("3", True, False)]
    (tool.folder / "late.csv").write_text(late)
    assert tool("import", str(tool.folder / "late.csv"))[0] == 0
    assert tool("decode")[0] == 0
    assert derived.read(open_for_reading(tool.case), "differing").to_pylist() == before
