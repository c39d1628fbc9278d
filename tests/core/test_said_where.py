"""What page 1 says names where it is so: of which service, of which sum, in which sequence, at which address."""

from __future__ import annotations

import re

from tests.core.test_orders import KRAKEN, TWO, at
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tool, tx, who

__all__ = ["tool"]


def run(tool: Tool, moves: str, *losses: int) -> str:
    """The first pages of a case of these moves, with these payments as its losses."""
    tool.open(moves, labels(EXCHANGE, KRAKEN))
    for loss in losses:
        tool("loss", "--tx", tx(loss), "--asset", "USDT")
    tool("run")
    return " ".join(tool.text("report.md").split("## R1 ")[0].split())


def test_a_zero_of_one_of_two_services_is_none_of_the_address(tool: Tool) -> None:
    page = run(tool, at(TWO), 1)
    assert "Binance in USDT at 1 of 1 address (" in page
    assert "Kraken in USDT at 1 of 1 address (" in page
    assert "none of the traced value reached that one service or hub through that address" in page
    assert "Through 1 of these addresses traced value did reach another service or hub" in page


def test_where_an_address_pays_one_service_alone_no_other_is_spoken_of(tool: Tool) -> None:
    moves = [("x", "own", 60), ("victim", "own", 100), ("own", "hot", 60), ("own", "away", 100)]
    page = run(tool, export(moves, ["own"]), 2)
    assert "Binance in USDT at 1 of 1 address (" in page
    assert "traced value did reach another service or hub" not in page


def test_what_another_sequence_gives_is_not_of_another_rule_alone_and_an_act_settles_it(tool: Tool) -> None:
    page = run(tool, at(TWO), 1)
    assert (
        "under another rule, and also under fifo in another sequence of movements of one moment: 1 address" in page
    )
    assert "under another rule alone" not in page
    acts = page.split("What to do now")[1]
    assert "over the sequences tried, what reached Binance and Kraken" in acts
    assert "code order-assumed" in acts


def test_where_no_sequence_decides_no_act_asks_for_one(tool: Tool) -> None:
    moves = [("x", "own", 60), ("victim", "own", 100), ("own", "hot", 60), ("own", "away", 100)]
    page = run(tool, export(moves, ["own"]), 2)
    assert "under another rule alone: 1 address" in page
    assert "Obtain the order, inside their transaction or block" not in page


def test_what_is_part_of_a_sum_said_before_is_no_further_sum(tool: Tool) -> None:
    page = run(tool, export([*SWEEPS, ("v", "dep", 5)], ["dep"]), 5)
    assert "5.000000 USDT is not shown leaving" in page
    assert "Of what is said above to have come to addresses that pay services" in page
    assert "a further 5.000000" not in page


def test_a_limit_names_its_address_and_what_is_not_shown_leaving(tool: Tool) -> None:
    moves = [("victim", "own", 3_000_000), ("own", "hot", 2_999_999)]
    run(tool, export(moves, ["own"]), 1)
    page = tool.text("report.html")
    assert re.search(
        r"Under any rule that may back a claim, only amounts no larger than the dust threshold of the case "
        r"[^:]*: 1\.000000 USDT in all under rule fifo, at 0x",
        page,
    )
    limits = page.split("The limits that matter most")[1].split("What to do now")[0]
    assert f"{who('own')}: Traced value came to this address, and no exhibit shows it leaving." in limits
    assert "Not shown leaving there: 1.000000 USDT; the dust threshold of the case is" in limits


def test_payments_on_that_are_declared_losses_are_counted_there(tool: Tool) -> None:
    moves = [("victim", "a", 10), ("a", "b", 4), ("b", "hot", 4)]
    page = run(tool, export(moves, ["b"]), 1, 2)
    assert "Exhibits do show it paying 4.000000 USDT on" in page
    assert "All of it went to addresses of declared losses" in page
    assert "was not worked out" not in page


def test_of_payments_on_that_are_losses_in_part_the_rest_is_said_to_be_open(tool: Tool) -> None:
    moves = [("victim", "a", 10), ("a", "b", 4), ("b", "hot", 4), ("a", "c", 3)]
    page = run(tool, export(moves, ["b"]), 1, 2)
    assert "Of it 4.000000 USDT went to addresses of declared losses" in page
    assert "how much of the rest is traced value was not worked out" in page
