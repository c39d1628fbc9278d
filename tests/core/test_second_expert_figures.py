"""Figures and sentences that a second expert found false in small cases: each whole kind, both ways."""

from __future__ import annotations

from collections.abc import Sequence

from tests.core.test_opposed import listed, row
from tests.core.test_orders import KRAKEN
from tests.core.test_statements import EXCHANGE, Tool, labels, tool, tx

__all__ = ["tool"]

Move = tuple[int, str, str, str, int]


def shown(moves: Sequence[Move], known: Sequence[str]) -> str:
    """Moves of (transaction, moment, payer, payee, amount): several of one number are of one transaction."""
    return listed(
        *(row(view, n, when, a, b, much) for n, when, a, b, much in moves for view in known if view in (a, b))
    )


def test_a_part_that_begins_elsewhere_in_another_sequence_is_followed_from_there(tool: Tool) -> None:
    theft = [(1, "01T10:00:00", "v", "a", 600), (1, "01T10:00:00", "v", "b", 400)]
    on = [(2, "01T11:00:00", "a", "hot", 600), (3, "01T12:00:00", "b", "hot2", 400)]
    tool.open(shown([*theft, *on], ["a", "b", "v"]), labels(EXCHANGE, KRAKEN))
    tool("loss", "--tx", tx(1), "--asset", "USDT", "--amount", "300")
    assert tool("run")[0] == 5
    moved = {r["service"]: r["by_order"] for r in tool.show("offramps")}
    assert "300000000" in moved["Kraken"]["amount"].values()
    # By parts too it arrives, and at no time is anything left unswept.
    assert [name for name in moved["Kraken"] if name not in ("amount", "credited")] == []
    assert {name.startswith("part ") for name in moved["Kraken"]["amount"]} == {True, False}
    assert "what reached Binance and Kraken" in tool.first()


def test_an_address_in_the_row_of_a_service_and_in_the_unswept_row_is_said_to_stand_in_both(tool: Tool) -> None:
    came = [(1, "01T10:00:00", "v", "a", 100), (2, "01T10:00:00", "v", "b", 50)]
    paid = [(3, "02T10:00:00", "a", "hot", 60), (4, "02T11:00:00", "b", "hot", 50)]
    tool.open(shown([*came, *paid], ["a", "b"]), labels(EXCHANGE))
    for number in (1, 2):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    assert tool("run")[0] in (0, 5)
    first = tool.first()
    # One address pays the service and holds the rest; the other, which holds nothing, stands in one row.
    assert "through 2 addresses; 1 of them stands in another row too" in first
    assert "1 address; 1 of them stands in another row too" in first
    assert first.count("in another row too") == 2
    assert "another place" not in first
