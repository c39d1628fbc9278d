"""On which exhibits a figure rests, and to what moment: what shows nothing of it is not counted among them."""

from __future__ import annotations

from tests.core.test_statements import EXCHANGE, OTHER, Tool, export, labels, tool, tx

__all__ = ["tool"]

MOVES = [("victim", "own", 100), ("own", "x", 30)]


def test_exhibits_of_other_assets_and_unused_labels_bear_no_figure(tool: Tool) -> None:
    other = export([("v", "y", 7)], ["y"], OTHER).replace("USDT", "FOO").replace(tx(1), tx(9))
    tool.open(export(MOVES, ["own", "x"]), other, labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    first = tool.text("report.md").split("## R1 ")[0]
    assert (
        "How the exhibits that all of 100.000000 USDT under rule fifo rests on were obtained nobody says" in first
    )
    assert "nobody says (exhibits: 1)." in first


def test_a_label_that_names_where_value_went_bears_it(tool: Tool) -> None:
    tool.open(export([("victim", "own", 100), ("own", "hot", 30)], ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    assert "nobody says (exhibits: 2)." in tool.text("report.md").split("## R1 ")[0]


def test_what_failed_is_no_last_movement(tool: Tool) -> None:
    text = export([*MOVES, ("own", "z", 5)], ["own", "x"]).replace("#history: complete", UNTIL)
    lines = text.splitlines()
    lines[-1] = lines[-1].removesuffix("ok") + "failed"
    tool.open("\n".join(lines) + "\n", labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    whole = tool.text("report.md")
    assert "No exhibit shows a movement after this: Ethereum (eip155:1): 2022-03-02T10:00:00Z." in whole
    assert "and nothing here shows that it is not, nothing moved there until then" in whole
    assert "to be whole to 2022-12-31T00:00:00Z" in whole


UNTIL = "#history: complete\n#until: 2022-12-31T00:00:00Z"
