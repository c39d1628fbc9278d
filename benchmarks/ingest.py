"""How fast a node's blocks become records: REST binary (block and what it spent) beside JSON at verbosity 3.

    make nodes && python benchmarks/ingest.py [--transactions 4000] [--repeats 3] [--json]

A real bitcoind on regtest is filled with transactions of one to three inputs and one to four outputs, every output
an address of its own. Both ways end in the same Arrow tables, which is checked. Fetching is wall-clock time, with
the node's work in it; decoding is processor time on one thread. The least of the repeats.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from recover.sdk import Batch
from recover.testing import rows
from recover_chain_bitcoin import corejson, decode, networks, undo
from recover_chain_bitcoin import node as values
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.testing import graph, node
from recover_chain_bitcoin.testing.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One way's cost for all blocks together. Times in milliseconds."""

    way: str
    fetched: int
    fetch: int
    decode: int
    rate: int


Fetch = Callable[[Node, str], tuple[bytes, ...]]
Read = Callable[[Network, tuple[bytes, ...]], Batch]


def rest(bitcoind: Node, block: str) -> tuple[bytes, ...]:
    return bitcoind.rest(f"block/{block}.bin"), bitcoind.rest(f"spenttxouts/{block}.bin")


def of_rest(network: Network, got: tuple[bytes, ...]) -> Batch:
    return decode.block(network, got[0], prevouts=undo.rest(got[1]))


def verbose(bitcoind: Node, block: str) -> tuple[bytes, ...]:
    return (bitcoind.answer("getblock", block, 3),)


def of_verbose(network: Network, got: tuple[bytes, ...]) -> Batch:
    return corejson.batch(network, corejson.result(values.load(got[0])))


WAYS: tuple[tuple[str, Fetch, Read], ...] = (
    ("REST block.bin + spenttxouts.bin", rest, of_rest),
    ("JSON-RPC getblock, verbosity 3", verbose, of_verbose),
)


def measure(
    bitcoind: Node, blocks: Sequence[str], transactions: int, way: str, fetch: Fetch, read: Read
) -> Figure:
    network = networks.of("regtest")
    began = time.perf_counter_ns()
    got = [fetch(bitcoind, block) for block in blocks]
    fetch_ns = time.perf_counter_ns() - began
    began = time.process_time_ns()
    for each in got:
        read(network, each)
    decode_ns = time.process_time_ns() - began
    return Figure(
        way=way,
        fetched=sum(len(part) for each in got for part in each),
        fetch=fetch_ns // 10**6,
        decode=decode_ns // 10**6,
        rate=transactions * 10**9 // (fetch_ns + decode_ns),
    )


def check(bitcoind: Node, blocks: Sequence[str]) -> int:
    """How many legs both ways give. Raises SystemExit when they differ but in the unit of places."""
    network = networks.of("regtest")
    legs = 0
    for block in blocks:
        found = []
        for _, fetch, read in WAYS:
            tables = rows([read(network, fetch(bitcoind, block))])
            found.append(
                sorted(
                    repr({name: value for name, value in row.items() if name not in ("place", "tip", "facts")})
                    for name in ("transactions", "legs")
                    for row in tables[name]
                )
            )
            legs += len(tables["legs"]) if read is of_rest else 0
        if found[0] != found[1]:
            raise SystemExit(f"The two ways read block {block} differently.")
    return legs


def run(transactions: int, repeats: int) -> tuple[list[Figure], int, int]:
    """The figures, how many transactions there were, and how many legs."""
    with tempfile.TemporaryDirectory() as folder, node.start(Path(folder), indexes=()) as bitcoind:
        grown = graph.begin(bitcoind)
        blocks = graph.grow(grown, transactions)
        count = sum(len(bitcoind.rpc("getblock", block, 1)["tx"]) for block in blocks)
        legs = check(bitcoind, blocks)
        best = []
        for way, fetch, read in WAYS:
            taken = [measure(bitcoind, blocks, count, way, fetch, read) for _ in range(repeats)]
            best.append(max(taken, key=lambda figure: figure.rate))
    return best, count, legs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=4_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures, count, legs = run(given.transactions, given.repeats)
    if given.json:
        print(json.dumps({"transactions": count, "legs": legs, "ways": [asdict(each) for each in figures]}))
        return
    print(f"{count:,} transactions, {legs:,} legs, equal by both ways")
    for each in figures:
        print(
            f"{each.way:34} {each.fetched / 10**6:7.2f} MB  fetch {each.fetch:6,} ms  decode {each.decode:6,} ms  "
            f"{each.rate:9,} tx/s"
        )
    fast, slow = figures
    print(
        f"REST binary is {fast.rate / slow.rate:.1f} times as fast ({slow.fetch / max(fast.fetch, 1):.1f} times "
        f"in fetching, {slow.decode / max(fast.decode, 1):.1f} in decoding), of {slow.fetched / fast.fetched:.1f} "
        "times fewer bytes"
    )


if __name__ == "__main__":
    main()
