"""How fast raw Bitcoin blocks are read, beside three libraries, in one run. Needs the evaluation data.

    python benchmarks/parse.py [--repeats 3] [--json]

Four figures are the program's own: `parse` is the block read whole, with every id, the Merkle root and the witness
commitment recomputed; `read` is the transactions and their ids alone, which is what the libraries do; `address` is
the text of every output; `decode` is all of it, to the Arrow tables that the ledger reads. The libraries are not
declared anywhere; those that can be imported are measured, the others named as absent:

    pip install --target SPOT python-bitcoinlib==0.12.2 bitcoinlib==0.7.10 py-bitcoinkernel==0.1.0a5
    PYTHONPATH=SPOT python benchmarks/parse.py

Each walks the block to every input's outpoint and script and every output's value and script, and asks for every
transaction's id. Times are processor time, the least of the repeats: every reader runs on one thread. An id that a
library gets wrong, or a block that it cannot read, is printed with its figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recover_chain_bitcoin import block, bulk, decode, origin, transaction
from recover_chain_bitcoin.records import Columns
from recover_chain_bitcoin.wire import compact

DATA = Path(__file__).parents[1] / ".." / "shared" / "data" / "bitcoin-blocks"
BLOCKS = ("block300025.raw", "block481829.dat", "block540107.blk", "block928849.raw")
SLOW = 1_000_000_000
"""Nanoseconds: what took longer is not repeated."""

Ids = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The least time of one reader on one block; `note` where it failed or gave another id."""

    reader: str
    nanoseconds: int
    note: str = ""


def ours(data: bytes) -> dict[str, Callable[[], Ids]]:
    """The program's own four, by name."""
    network = origin.of_block(data)

    def read() -> Ids:
        count, at = compact(data, 80)
        found = []
        for _ in range(count):
            tx = transaction.read(data, at)
            found.append(tx.id)
            at += len(tx.raw)
        return found

    def whole() -> Ids:
        return [tx.id for tx in block.parse(data).transactions]

    def addresses() -> Ids:
        bulk.locks(network, (output.script for tx in parsed.transactions for output in tx.outputs))
        return [tx.id for tx in parsed.transactions]

    def tables() -> Ids:
        columns = Columns(network)
        decode.add(columns, decode.parse(network, data))
        made = columns.batch().transactions
        assert made is not None
        listed: Ids = made.column("id").to_pylist()
        return listed

    parsed = block.parse(data)
    return {"recover read": read, "recover parse": whole, "recover address": addresses, "recover decode": tables}


def python_bitcoinlib(data: bytes) -> Ids:
    core = import_module("bitcoin.core")
    found = core.CBlock.deserialize(data)
    ids = []
    for tx in found.vtx:
        for vin in tx.vin:
            _ = (vin.prevout.hash, vin.prevout.n, vin.scriptSig, vin.nSequence)
        for vout in tx.vout:
            _ = (vout.nValue, vout.scriptPubKey)
        ids.append(tx.GetTxid()[::-1].hex())
    return ids


def bitcoinlib(data: bytes) -> Ids:
    blocks = import_module("bitcoinlib.blocks")
    found = blocks.Block.parse_bytes(data, b"", parse_transactions=True)
    return [tx.txid for tx in found.transactions]


def bitcoinkernel(data: bytes) -> Ids:
    pbk = import_module("pbk")
    ids = []
    for tx in pbk.Block(data).transactions:
        for vin in tx.inputs:
            _ = (bytes(vin.out_point.txid), vin.out_point.index)
        for vout in tx.outputs:
            _ = (vout.amount, bytes(vout.script_pubkey))
        ids.append(bytes(tx.txid)[::-1].hex())
    return ids


LIBRARIES: dict[str, tuple[str, Callable[[bytes], Ids]]] = {
    "python-bitcoinlib": ("bitcoin", python_bitcoinlib),
    "py-bitcoinkernel": ("pbk", bitcoinkernel),
    "bitcoinlib": ("bitcoinlib", bitcoinlib),
}


def measure(reader: str, run: Callable[[], Ids], wanted: Ids, repeats: int) -> Figure:
    """The least time; a reader that raises or gives another id is measured once and says so."""
    least = 0
    for _ in range(repeats):
        began = time.process_time_ns()
        try:
            found = run()
        except Exception as error:  # noqa: BLE001 (whatever a library raises is its result)
            return Figure(reader=reader, nanoseconds=0, note=f"fails: {type(error).__name__}: {str(error)[:60]}")
        spent = time.process_time_ns() - began
        least = min(least or spent, spent)
        if found != wanted:
            wrong = sum(a != b for a, b in zip(found, wanted, strict=False)) + abs(len(found) - len(wanted))
            return Figure(reader=reader, nanoseconds=least, note=f"{wrong} of {len(wanted)} ids are wrong")
        if spent > SLOW:
            break
    return Figure(reader=reader, nanoseconds=least)


def figures(data: bytes, repeats: int) -> list[Figure]:
    wanted = [tx.id for tx in block.parse(data).transactions]
    found = [measure(name, run, wanted, repeats) for name, run in ours(data).items()]
    for name, (module, run) in LIBRARIES.items():
        if find_spec(module) is None:
            found.append(Figure(reader=name, nanoseconds=0, note="not installed"))
        else:
            found.append(measure(name, lambda run=run: run(data), wanted, repeats))  # type: ignore[misc]
    return found


def private(spot: Path) -> None:
    """Where bitcoinlib may write: it fills a folder at import, and keeps a log unless told otherwise there."""
    found = find_spec("bitcoinlib")
    if found is None or found.origin is None:
        return
    for file in (Path(found.origin).parent / "data").glob("*.json"):
        shutil.copy(file, spot)
    (spot / "config.ini").write_text("[logs]\nenable_bitcoinlib_logging=False\n")
    (spot / "install.log").write_text("")
    os.environ["BCL_DATA_DIR"] = str(spot)


def row(figure: Figure, data: bytes, count: int, against: int) -> dict[str, Any]:
    """One line: milliseconds, transactions and megabytes a second, and how many times slower than `read`."""
    if not figure.nanoseconds:
        return {"reader": figure.reader, "note": figure.note}
    return {
        "reader": figure.reader,
        "ms": round(figure.nanoseconds / 1e6, 1),
        "tx_per_s": count * 10**9 // figure.nanoseconds,
        "MB_per_s": round(len(data) * 1_000 / figure.nanoseconds, 1),
        "times_read": round(figure.nanoseconds / against, 1),
        "note": figure.note,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    if not DATA.exists():
        raise SystemExit("The evaluation data is not beside the checkout: nothing was measured.")
    with tempfile.TemporaryDirectory(prefix="recover-bench-") as spot:
        private(Path(spot))
        for name in BLOCKS:
            data = (DATA / name).read_bytes()
            found = figures(data, chosen.repeats)
            count = len(block.parse(data).transactions)
            rows = [row(each, data, count, found[0].nanoseconds) for each in found]
            if chosen.json:
                print(json.dumps({"block": name, "bytes": len(data), "transactions": count, "readers": rows}))
            else:
                print(f"{name}: {len(data):,} bytes, {count:,} transactions")
                for each in rows:
                    print("  " + "  ".join(_cell(key, value) for key, value in each.items() if value != ""))


def _cell(key: str, value: object) -> str:
    if key in ("reader", "note"):
        return f"{value:<18}" if key == "reader" else str(value)
    return f"{value:>9,} {key.replace('_per_', '/').replace('times_read', 'x read')}"


if __name__ == "__main__":
    main()
