"""A large ledger in seconds: a bound far above what is measured, so that only a lost vectorisation breaks it."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from recover.sdk import Scope
from recover.testing import Rows, joined
from recover_heuristics_utxo import recover_heuristics
from recover_heuristics_utxo.testing import CHAIN

SIZE = 100_000
FACTS = (
    '{"inputs":["p2wpkh","p2wpkh"],"locktime":0,"lowr":true,"outputs":["p2wpkh","p2wpkh"],'
    '"sequence":[4294967293,4294967293],"version":2,"vsize":208}'
)


def _large() -> Rows:
    """Transactions of two inputs and two outputs; each first input spends an output of the one before."""
    draw = np.random.default_rng(7)
    tx = np.repeat(np.arange(SIZE), 4)
    side = np.tile([0, 0, 1, 1], SIZE)
    address = draw.integers(0, SIZE, 4 * SIZE)
    value = draw.integers(1_000, 10**8, 4 * SIZE)
    address[4::4], value[4::4] = address[2:-4:4], value[2:-4:4]
    ids = pa.array([f"{n:064x}" for n in range(SIZE)])
    names = pa.array([f"w:{n}" for n in range(SIZE)]).take(pa.array(address))
    paid, nobody = pa.array(side == 1), pa.scalar(None, pa.string())
    spends = np.where(np.arange(4 * SIZE) % 4 == 0, tx - 1, -1)
    known = spends >= 0
    rows = 4 * SIZE
    moved = {
        "seq": np.arange(rows),
        "chain": pa.repeat(pa.scalar(CHAIN), rows),
        "tx": ids.take(pa.array(tx)),
        "leg": np.tile([0, 1, 0, 1], SIZE),
        "src": pc.if_else(paid, nobody, names),
        "dst": pc.if_else(paid, names, nobody),
        "asset": pa.repeat(pa.scalar(f"{CHAIN}/slip44:1"), rows),
        "amount": value,
        "kind": pc.if_else(paid, "output", "input"),
        "spends_tx": ids.take(pa.array(np.maximum(spends, 0), mask=~known)),
        "spends_index": pa.array(np.zeros(rows, np.int64), mask=~known),
        "excluded": pa.nulls(rows, pa.string()),
    }
    made = {
        "chain": pa.repeat(pa.scalar(CHAIN), SIZE),
        "id": ids,
        "height": np.arange(SIZE) // 2000,
        "failed": np.zeros(SIZE, np.bool_),
        "whole": np.ones(SIZE, np.bool_),
        "facts": pa.repeat(pa.scalar(FACTS), SIZE),
    }
    return replace(joined(), moved=pa.table(moved), made=pa.table(made))


@pytest.mark.slow
def test_every_heuristic_on_400_000_legs() -> None:
    evidence = _large()
    begun = time.perf_counter()
    said = {
        heuristic.info.id: sum(
            batch.tables()["assertions"].num_rows for batch in heuristic.assertions(evidence, Scope())
        )
        for heuristic in recover_heuristics()
    }
    assert time.perf_counter() - begun < 60
    assert said["common-input"] > SIZE // 2
    assert said["change"] > 0
    # Above the bound a single rule says nothing unless it is asked about an address.
    assert said["change-optimal"] == 0
