"""What a rule gives nothing of is said of the place where that is so, and of every rule where every one does."""

from __future__ import annotations

import re

from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tool, tx, who

__all__ = ["tool"]

OTHER = ("hot2", "Kraken", "hot-wallet", "exchange")


def zeros(tool: Tool) -> str:
    """The one finding that says a zero, as the report prints it."""
    (found,) = re.findall(r"\(\w+\) What of traced value reached .*?\(Exhibits", tool.text("report.md"))
    assert isinstance(found, str)
    return found


def test_a_zero_that_another_sequence_moves_is_no_fact_and_has_its_range(tool: Tool) -> None:
    moves = [("x", "own", 60), ("own", "hot", 60), ("victim", "own", 100)]
    tool.open(export(moves, ["own"]).replace("2022-03-03", "2022-03-02"), labels(EXCHANGE))
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    tool("run")
    fifo = zeros(tool)
    assert "zero under every rule that may back a claim" in fifo
    assert "in the one sequence of movements that is used here" in fifo, "pro rata gives it another figure there"
    text = (tool.case / "case.toml").read_text()
    (tool.case / "case.toml").write_text(text.replace('"fifo"', '"lifo"'))
    tool("run")
    said = zeros(tool)
    assert "the figure is from 0.000000 USDT to 60.000000 USDT" in said
    assert said.startswith("(Inference)"), "what a rule gives is worked out, and no exhibit states it"


def test_where_every_rule_gives_zero_nobody_prefers_such_a_rule(tool: Tool) -> None:
    tool.open(export([*SWEEPS, ("victim", "dep", 50)], ["dep"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(5), "--asset", "USDT")
    tool("run")
    page = tool.first()
    assert "Every rule that may back a claim gives zero for what reached a service or hub" in page
    assert "such a rule" not in page
    assert page.count("the whole of the figure for Binance in USDT is zero") == 1
    assert "Of all endpoints" not in page, "the place with zero is no place at which value ended"
    end = tool.text("report.html").split("R15 Conclusions")[-1]
    assert "the exhibits show no traced value reaching wallets attributed to Binance" in end
    assert "consistent with 0.0" not in end


def test_a_zero_of_one_service_is_not_said_of_all_that_an_address_pays(tool: Tool) -> None:
    moves = [("x", "dep", 9), ("dep", "hot2", 9), ("victim", "dep", 50), ("dep", "hot", 50)]
    tool.open(export(moves, ["dep"]), labels(EXCHANGE, OTHER))
    tool("loss", "--tx", tx(3), "--asset", "USDT")
    tool("run")
    assert "reached wallets attributed to Kraken at " + who("dep") in zeros(tool)


def test_some_rules_alone_give_zero_and_the_row_says_that_another_does_not(tool: Tool) -> None:
    moves = [("x", "own", 60), ("victim", "own", 100), ("own", "hot", 60), ("own", "away", 100)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(2), "--asset", "USDT")
    tool("run")
    page = tool.first()
    assert "A reader who prefers such a rule" in page
    assert "under another rule alone: 1 address" in page
    assert "0 deposit addresses" not in page
    assert "is 0.000000 USDT under the declared rule fifo, and zero under fifo, libr and libr-fifo." in zeros(tool)


def test_a_zero_that_another_part_of_a_payment_moves_has_its_range(tool: Tool) -> None:
    moves = [("victim", "own", 100), ("own", "hot", 40), ("own", "end", 60)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    text = (tool.case / "case.toml").read_text()
    (tool.case / "case.toml").write_text(text.replace('"fifo"', '"lifo"'))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "60")
    tool("run")
    said = zeros(tool)
    assert re.search(
        r"zero under [^.]*lifo[^.]*, with the parts of payments that are taken here as losses\.", said
    ), said
    assert "last, and by its share of the payment, the figure is from 0.000000 USDT to 40.000000 USDT" in said
