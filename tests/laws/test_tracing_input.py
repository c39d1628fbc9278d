"""Ledgers that cannot be traced are refused, with every problem named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recover.sdk import Error
from recover.tracing import account, coins
from recover.tracing.claims import ByAddress, ByMove, Claims
from recover.tracing.limits import Limits
from recover.tracing.moves import Moves
from recover.tracing.rules import rule
from recover.tracing.transactions import OUTSIDE, Coins


def _columns(**changes: Any) -> tuple[Moves, Claims, Limits]:
    src = changes.pop("src", [0, 1])
    moves = Moves(
        src=np.array(src, np.int32),
        dst=np.array(changes.pop("dst", [1, 2]), np.int32),
        amount=np.array(changes.pop("amount", [5, 5]), np.int64),
    )
    limits = Limits(stop=np.array(changes.pop("stop", [0, 0, 0]), np.uint8), known=np.ones(3, np.bool_))
    return moves, Claims(losses=1, **changes), limits


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": [5, -1]}, "Move 1: the amount -1 is negative."),
        ({"src": [0, 7]}, "Move 1: source 7 is no address of 3."),
        ({"dst": [1, -2]}, "Move 1: destination -2 is no address of 3."),
        ({"dst": [1, 2, 2]}, "different lengths"),
        ({"stop": [0, 0, 99]}, "99 is no reason to stop."),
        ({"by_move": [ByMove(0, 0, 6)]}, "Loss 0 claims 6 of move 0, which moved 5."),
        ({"by_move": [ByMove(2, 0, 1)]}, "Loss 0 names move 2; there are 2."),
        ({"by_move": [ByMove(0, 1, 1)]}, "A claim names loss 1; there are 1."),
        ({"src": [1, 1], "by_move": [ByMove(0, 0, 1)]}, "by which an address paid itself"),
        ({"by_address": [ByAddress(3, 0, 0, 1)]}, "Loss 0 names address 3; there are 3."),
    ],
)
def test_bad_moves_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Error) as caught:
        account.trace(*_columns(**changes), rule("fifo"))
    assert caught.value.code == "trace-input"
    assert says in caught.value.what


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"spends": [OUTSIDE, 1]}, "Transaction 1 spends output 1 before it exists."),
        ({"spends": [OUTSIDE, 5]}, "Input 1 spends output 5, which is none."),
        ({"paid": [9, 8]}, "Transaction 1 spends output 0 as 8; it holds 9."),
        ({"amount": [9, 10]}, "Transaction 1 pays 1 more than its inputs hold."),
        ({"amount": [-9, 1]}, "Output 0: the amount -9 is negative."),
        ({"address": [0, 4]}, "Output 1: 4 is no address of 2."),
        ({"input_start": [0, 1, 3]}, "The input columns do not fit their starts."),
        ({"mix": [0]}, "The column mix has 1 cells for 2 transactions."),
    ],
)
def test_bad_transactions_are_refused(changes: dict[str, list[int]], says: str) -> None:
    columns: dict[str, Any] = {
        "input_start": [0, 1, 2],
        "spends": [OUTSIDE, 0],
        "paid": [9, 9],
        "output_start": [0, 1, 2],
        "address": [0, 1],
        "amount": [9, 8],
        "mix": [0, 0],
    }
    ledger = Coins(**{name: np.array(column) for name, column in (columns | changes).items()})
    limits = Limits(stop=np.zeros(2, np.uint8), known=np.ones(2, np.bool_))
    with pytest.raises(Error) as caught:
        coins.trace(ledger, Claims(losses=1), limits, rule("fifo"))
    assert says in caught.value.what


def test_a_double_spend_is_named() -> None:
    ledger = Coins(
        input_start=np.array([0, 1, 2, 3]),
        spends=np.array([OUTSIDE, 0, 0]),
        paid=np.array([9, 9, 9]),
        output_start=np.array([0, 1, 2, 3]),
        address=np.array([0, 0, 0]),
        amount=np.array([9, 9, 9]),
    )
    limits = Limits(stop=np.zeros(1, np.uint8), known=np.ones(1, np.bool_))
    with pytest.raises(Error, match="Output 0 of transaction 0 is spent 2 times"):
        coins.trace(ledger, Claims(losses=0), limits, rule("fifo"))
