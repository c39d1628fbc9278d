"""What of traced coins is still at a deposit address: those that nothing spends, and change between its bounds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from tests.core.test_paid_once import joint
from tests.core.test_statements import Tool, tool
from tests.core.test_versions_coins import address

from recover.findings.retained import _spent
from recover.sealing import recover_verify as outside

__all__ = ["joint", "tool"]


def of(tool: Tool, name: str) -> dict[str, Any]:
    (row,) = [r for r in tool.show("offramps") if r["through"] == address(name)]
    return row


def test_coins_that_exhibits_show_spent_whole_are_not_there_whatever_else_is(joint: Tool) -> None:
    """`d1`'s history is not whole: its traced coin is spent all the same, and none of it came back."""
    assert (of(joint, "d1")["unswept"], of(joint, "d1")["unswept_bounds"][""]) == (
        "0",
        {"least": "0", "most": "0"},
    )
    # Change of `d2` is not shown spent: of a history that is not whole nobody says that it is there.
    assert (of(joint, "d2")["unswept"], of(joint, "d2")["unswept_bounds"]) == (None, {})
    assert outside.FAILS not in {answer for _, answer, _ in outside.check(str(joint.case))}


Leg = tuple[str, str, str, int | None, tuple[str, int] | None]
"""Its transaction, its kind, whose it is, what it is worth, and the coin that it spends."""


def left(*legs: Leg, came: int, account: bool = True) -> tuple[int, int] | None:
    """The least and the most that is still at `d` of the first coin made, of which so much is a loss's."""
    rows = [
        {
            "seq": seq,
            "tx": tx,
            "leg": seq,
            "asset": "BTC",
            "kind": kind,
            "exhibit": 1,
            "amount": amount,
            "wide": None,
            "excluded": None,
            "src": name if kind == "input" else None,
            "dst": name if kind == "output" else None,
            "spends_tx": coin and coin[0],
            "spends_index": coin and coin[1],
        }
        for seq, (tx, kind, name, amount, coin) in enumerate(legs)
    ]
    names = ("tx", "asset", "kind", "src", "dst", "spends_tx", "excluded")
    numbers = ("seq", "leg", "exhibit", "amount", "spends_index")
    fields = [
        *((one, pa.string()) for one in names),
        *((one, pa.int64()) for one in numbers),
        ("wide", pa.binary()),
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    mine = table.filter([row["src"] == "d" or row["dst"] == "d" for row in rows])
    ramp, material = SimpleNamespace(through="d", asset="BTC"), SimpleNamespace(transfers=table)
    found = _spent(cast(Any, material), mine, cast(Any, ramp), {"": {0: came}}, cast(Any, account or None))
    return (found[""]["least"], found[""]["most"]) if found else None


MADE: Leg = ("t1", "output", "d", 30, None)
SPENT: Leg = ("t2", "input", "d", 30, ("t1", 0))


@pytest.mark.parametrize(
    ("legs", "came", "told"),
    [
        ((), 30, (30, 30)),
        ((SPENT, ("t2", "output", "x", 29, None)), 30, (0, 0)),
        # Of a coin that is a loss's alone all change is; of one in part, what the rest does not suffice for.
        ((SPENT, ("t2", "output", "d", 20, None)), 30, (20, 20)),
        ((SPENT, ("t2", "output", "d", 20, None)), 18, (8, 18)),
        # Beside coins of others, and beside one that no exhibit shows the worth of, any part of it can be theirs.
        ((SPENT, ("t2", "input", "e", 15, ("t0", 0)), ("t2", "output", "d", 20, None)), 30, (5, 20)),
        ((SPENT, ("t2", "input", "", None, ("t0", 0)), ("t2", "output", "d", 20, None)), 30, (0, 20)),
        # Change that is spent on is not there.
        (
            (
                SPENT,
                ("t2", "output", "d", 20, None),
                ("t3", "input", "d", 20, ("t2", 2)),
                ("t3", "output", "x", 9, None),
                ("t3", "output", "d", 10, None),
            ),
            30,
            (10, 10),
        ),
    ],
)
def test_of_coins_what_is_left_is_those_unspent_and_change(
    legs: tuple[Leg, ...], came: int, told: tuple[int, int]
) -> None:
    assert left(MADE, *legs, came=came) == told
    assert left(MADE, *legs, came=came, account=False) == (told if told == (0, 0) else None)
