"""The whole Bitcoin transaction graph of 2009 as coins (tintiron/taintedtx at 50b0052, MIT), for `trace.py`.

The files are not in the repository: `--graph FOLDER` names where `tx_height.csv`, `tx_input.csv` and
`tx_output.csv` are. 32,709 transactions, 2,887 inputs, 32,783 outputs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recover.tracing import ByMove, Claims, Limits
from recover.tracing.transactions import OUTSIDE, Coins


def read(folder: Path, losses: int) -> tuple[Coins, Claims, Limits]:
    """The graph in the order of the chain; the losses are the first outputs that were spent."""
    order = [row["tx_index"] for row in sorted(_rows(folder, "tx_height"), key=_place)]
    made: dict[str, list[dict[str, str]]] = {tx: [] for tx in order}
    used: dict[str, list[dict[str, str]]] = {tx: [] for tx in order}
    for row in _rows(folder, "tx_output"):
        made[row["tx_index"]].append(row)
    for row in _rows(folder, "tx_input"):
        used[row["tx_index"]].append(row)
    for rows in made.values():
        rows.sort(key=lambda row: int(row["output_index"]))
    outputs = [row for tx in order for row in made[tx]]
    number = {(row["tx_index"], row["output_index"]): n for n, row in enumerate(outputs)}
    inputs = [_inputs(used[tx], made[tx], number) for tx in order]
    names = {name: n for n, name in enumerate(sorted({row["adr_index"] for row in outputs}))}
    coins = Coins(
        input_start=np.cumsum([0, *map(len, inputs)]),
        spends=np.array([coin for rows in inputs for coin, _ in rows], np.int64),
        paid=np.array([paid for rows in inputs for _, paid in rows], np.int64),
        output_start=np.cumsum([0, *(len(made[tx]) for tx in order)]),
        address=np.array([names[row["adr_index"]] for row in outputs], np.int32),
        amount=np.array([int(row["output_value"]) for row in outputs], np.int64),
    )
    spent = sorted({coin for rows in inputs for coin, _ in rows} - {OUTSIDE})[:losses]
    claims = Claims(losses=losses, by_move=[ByMove(c, n, int(coins.amount[c])) for n, c in enumerate(spent)])
    size = len(names)
    return coins, claims, Limits(stop=np.zeros(size, np.uint8), known=np.ones(size, np.bool_))


def _place(row: dict[str, str]) -> tuple[int, int]:
    return int(row["block_index"]), int(row["tx_index"])


def _inputs(
    used: list[dict[str, str]], made: list[dict[str, str]], number: dict[tuple[str, str], int]
) -> list[tuple[int, int]]:
    """(the coin spent, its amount) of a transaction; a coinbase brings in what it pays."""
    if not used:
        return [(OUTSIDE, sum(int(row["output_value"]) for row in made))]
    return [(number[row["spent_index"], row["output_index"]], int(row["input_value"])) for row in used]


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="") as file:
        yield from csv.DictReader(file)
