"""How often does `one-transaction-swap` say what the pools say? Measured on five real blocks.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/accuracy_swaps.py

Population: the transactions of Ethereum blocks 15,000,000 to 15,000,004 in which a pool logged a swap. The rule
reads movements only, never the pools' logs, so the logs can be its truth: right is a swap whose sold asset went
into such a pool and whose bought asset came out of one, the coin counting as its wrapped form. A transaction that
the rule leaves unexplained counts as abstained.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import derived, open_for_writing
from recover.plugins import registry
from recover.stages import collect, open, run

BLOCKS = Path(__file__).parents[1] / ".." / "shared" / "data" / "evm-blocks" / "eth_15000000-15000004"
FILES = ("blocks.csv", "logs.json", "traces.csv", "transactions.csv")
COIN = "eip155:1/slip44:60"
WRAPPED = "eip155:1/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def read() -> tuple[pa.Table, pa.Table, pa.Table]:
    """(transfers, events, swaps asserted) of the blocks."""
    plugins = registry.load()
    with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
        path = Path(spot) / "case"
        open.create(path, title="Swaps", examiner="N", agency="A", rule="fifo")
        with open_for_writing(path, "benchmark") as case:
            for name in FILES:
                collect.files(case, plugins, [BLOCKS / name], ["graphsense-evm"], quiet)
            run.everything(case, plugins, quiet, until="link")
            asserted = derived.read(case, "assertions")
            swaps = asserted.filter(pc.equal(asserted["method"], "one-transaction-swap"))
            return derived.read(case, "transfers"), derived.read(case, "events"), swaps


def measure() -> dict[str, int]:
    """tp: both assets went through a pool that logged a swap; fp: one did not; abstain: nothing was said."""
    moved, events, swaps = read()
    pools: dict[str, set[str]] = {}
    for row in events.filter(pc.equal(events["kind"], "swap")).select(["tx", "contract"]).to_pylist():
        pools.setdefault(row["tx"], set()).add(row["contract"])
    into: dict[str, set[str]] = {tx: set() for tx in pools}
    out: dict[str, set[str]] = {tx: set() for tx in pools}
    for row in moved.select(["tx", "src", "dst", "asset"]).to_pylist():
        if row["dst"] in pools.get(row["tx"], ()):
            into[row["tx"]].add(row["asset"])
        if row["src"] in pools.get(row["tx"], ()):
            out[row["tx"]].add(row["asset"])
    counts = Counter({"n": len(pools), "tp": 0, "fp": 0, "fn": 0, "abstain": len(pools)})
    for row in swaps.to_pylist():
        tx = row["transactions"][0]
        if tx in pools:
            bought = json.loads(row["params"])["into"]
            right = _wrapped(row["asset"]) in into[tx] and _wrapped(bought) in out[tx]
            counts["tp" if right else "fp"] += 1
            counts["abstain"] -= 1
    return dict(counts)


def _wrapped(asset: str) -> str:
    return WRAPPED if asset == COIN else asset


if __name__ == "__main__":
    print(json.dumps(measure()))
