"""Counts, and moments, of letters and of the report's explanations are those of their tables."""

from __future__ import annotations

import pytest
from tests.core.test_deposits_stop import DEPOSIT
from tests.core.test_second_expert_figures import shown
from tests.core.test_statements import EXCHANGE, OTHER, Tool, export, labels, tool, tx, who

__all__ = ["tool"]


def test_the_first_line_counts_every_movement_of_every_address_of_the_letter(tool: Tool) -> None:
    # One address is called a deposit address by what it paid, the other pays others too.
    moves = [("victim", "w", 1000), ("w", "d", 400), ("d", "hot", 200), ("d", "hot", 150)]
    moves += [("w", "e", 100), ("w", "e", 110), ("w", "e", 120), ("e", "hot", 80), ("e", "o", 200)]
    tool.open(export(moves, ["w", "d", "e"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    letter = tool.text("letters/binance-preserve-v1.txt")
    table = letter.split("Transactions that credited them with traced value")[1].split("3. Records")[0]
    assert sum(table.count(f"→ {who(name)}") for name in "de") == 4
    assert "In all: 2 addresses · 4 transactions credited them · 3 payments from them to you" in letter


@pytest.mark.parametrize("credited", ["03T02:30:00", "03T01:30:00"])
def test_a_credit_after_the_end_of_its_address_own_history_is_not_called_unknown(
    credited: str, tool: Tool
) -> None:
    moves = [(1, "01T10:00:00", "victim", "own", 500), (2, "02T10:00:00", "z", "dep", 100)]
    moves += [(3, credited, "own", "dep", 200)]
    late = credited > "03T02"
    own, mine = (moves[0], moves[2]), moves[1:2] if late else moves[1:]
    parts = [shown(own, ["own"]), shown(mine, ["dep"])]
    until = "#history: complete\n#until: 2022-03-03T02:00:00Z"
    tool.open(parts[0], parts[1].replace("#history: complete", until), labels(DEPOSIT))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    letter = " ".join(tool.text("letters/kraken-preserve-v1.txt").split("7. Chronology")[1].split())
    assert f"2022-03-{credited}Z | first movement in that brought" in letter
    assert (
        "All that moved at the addresses above is known to 2022-03-03T02:00:00Z (exhibit 2); of what happened"
        in letter
    )
    assert "no more is known here than what this letter lists" in letter
    assert "what happened later is not known here" not in letter


def test_explanations_that_are_not_told_are_counted_as_rows_where_an_address_has_several(tool: Tool) -> None:
    names = ["d", "e", "f"]
    moves = [("victim", "w", 900), *(("w", one, 300) for one in names), *((one, "hot", 250) for one in names)]
    files = [export(moves, ["w", *names]), export(moves, ["w", *names], OTHER)]
    files[1] = files[1].replace(",6,USDT,", ",6,ABC,").replace("0x" + "0" * 62, "0x" + "0" * 61 + "a")
    tool.open(*files, labels(EXCHANGE))
    for loss in ((tx(1), "USDT"), ("0x" + "0" * 61 + "a01", OTHER)):
        assert tool("loss", "--tx", loss[0], "--asset", loss[1])[0] == 0
    tool("run")
    page = tool.text("report.md")
    assert "of the 4 rows of R9, each of one address in one asset, that carry most" in page
    assert "by whether their addresses are called deposit addresses: 2." in page
