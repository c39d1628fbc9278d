"""How often does `one-transaction-swap` say what the pools say? Measured on five real blocks.

Run from the repository's root, with the evaluation data beside the checkout:

    .venv/bin/python benchmarks/accuracy_swaps.py [--write]

Population: the transactions of Ethereum blocks 15,000,000 to 15,000,004 in which a pool logged a swap. The rule
reads movements only, never the pools' logs, so the logs can be its truth: right is a swap whose sold asset went
into such a pool and whose bought asset came out of one, the coin counting as its wrapped form. A transaction that
the rule leaves unexplained counts as abstained, and not as missed: the logs do not say whether anybody traded in
it one asset for one. A swap that the rule sees where no pool logged one is unknown.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import derived, open_for_writing
from recover.plugins import registry
from recover.sdk import Card, Grade
from recover.stages import collect, open, run
from recover_heuristics_account.cards import SWAPS

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that a script by path finds the modules beside it
from benchmarks.truths.cards import table, tallies, text

BY, CHAIN = "benchmarks/accuracy_swaps.py", "eip155:1"

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


def measure() -> Card:
    """Right: both assets went through a pool that logged a swap. Unknown: no pool logged one there."""
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
    said: list[tuple[Grade, bool | None]] = []
    answered = set()
    for row in swaps.to_pylist():
        tx, right = row["transactions"][0], None
        if tx in pools:
            bought = json.loads(row["params"])["into"]
            right = _wrapped(row["asset"]) in into[tx] and _wrapped(bought) in out[tx]
            answered.add(tx)
        said.append((row["grade"], right))
    # Whether a transaction of which the rule says nothing has a trader with one swap, the logs do not say: what it
    # misses is not measured.
    return Card(
        population="the transactions of five Ethereum blocks of 2022 in which a pool logged a swap",
        truth="the pools' own logs, which the rule does not read: they name the pool, not the trader",
        grades=tallies(said, chain=CHAIN),
        n=len(pools),
        abstain=len(pools.keys() - answered),
        chains=(CHAIN,),
    )


def _wrapped(asset: str) -> str:
    return WRAPPED if asset == COIN else asset


if __name__ == "__main__":
    cards = {"one-transaction-swap": replace(measure(), measured=f"{datetime.now(UTC):%Y-%m-%d}", by=BY)}
    print(table(cards))
    if "--write" in sys.argv:
        SWAPS.write_text(text(cards, BY), "utf-8")
