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
