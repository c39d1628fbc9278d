"""A coin is spent as one: of a loss at an address that is here in part, more can go on, and less be left."""

from __future__ import annotations

import json
from typing import Any

from tests.core.test_statements import Tool, tool
from tests.core.test_versions import totals
from tests.core.test_versions_coins import CHAIN, LISTED, UNIT, address, transaction

__all__ = ["tool"]

CAME = transaction([("0" * 63 + "1", 0, "victim", 2 * UNIT)], [("w", UNIT), ("w", UNIT - 1000)], 1)
SENT = transaction([(CAME["txid"], 0, "w", UNIT)], [("hot", UNIT - 1000)], 2)


def traced(tool: Tool, name: str, *more: dict[str, Any]) -> tuple[int, int, list[int]]:
    """What reached the service, what began, and what is left there, and the one gap of that history."""
    (tool.folder / name).mkdir()
    own = Tool(tool.folder / name, tool.capsys)
    own.open(json.dumps([CAME, SENT, *more]), LISTED)
    own("loss", "--address", f"{CHAIN}:{address('w')}")
    assert own("run", "--until", "find")[0] == 5
    (gap,) = [g for g in own.show("gaps") if g["code"] == "history-partial"]
    assert gap["effect"] == (
        "Movements that are not here are not counted. With them more can begin as this loss and be traced on from "
        "there, and less can be left there, down to zero. The whole history settles it."
    )
    sums = [r for r in own.show("totals") if (r["figure"], r["rule"]) == ("began in all", "fifo")]
    rows = [r for r in own.show("rules") if r["address"] == address("w") and r["reason"] != "fee"]
    left = [int(r["declared_amount"]) for r in rows]
    return totals(own).get("Kraken", 0), sum(int(r["amount"]) for r in sums), left


def test_what_is_missing_of_it_is_more_going_on_and_less_left(tool: Tool) -> None:
    assert traced(tool, "part") == (UNIT - 1000, 2 * UNIT - 1000, [UNIT - 1000])
    other = transaction([("0" * 63 + "3", 0, "second", UNIT)], [("w", UNIT - 1000)], 3)
    gone = transaction([(CAME["txid"], 1, "w", UNIT - 1000)], [("hot", UNIT - 2000)], 4)
    on = transaction([(other["txid"], 0, "w", UNIT - 1000)], [("hot", UNIT - 2000)], 5)
    assert traced(tool, "more", other, gone, on) == (3 * UNIT - 5000, 3 * UNIT - 2000, [])
