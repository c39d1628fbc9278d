"""Logs and calls of an EVM chain decoded per second, beside web3.py and ethereum-etl, in one run.

    python benchmarks/evm_decode.py [--logs 100000] [--calls 100000] [--etl PYTHON]

Seconds are of the processor, so that a busy machine changes no ratio. The same generated records go to each.
web3.py (`process_log`) runs here, on a part; ethereum-etl pins an older web3, so it runs under an interpreter of
its own, which `--etl` names (`uv venv`, `uv pip install ethereum-etl setuptools`); left out, it is not compared.
What each gives is compared with what was generated: a wrong sum ends the run. Last, which modules of this plugin
`recover --help` loads: it must be none.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from recover.sdk import Batch, Exhibit, amounts
from recover_chain_evm import logs as ours
from recover_chain_evm.files import ethereum_etl
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import LOGS
from recover_chain_evm.networks import known

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
TOKEN = "0xdac17f958d2ee523a2206206994597c13d831ec7"
PART = 5_000

ETL = """
import json, sys, time
kind, path = sys.argv[1:]
rows = json.load(open(path))
began = time.process_time()
if kind == "logs":
    from ethereumetl.mappers.receipt_log_mapper import EthReceiptLogMapper
    from ethereumetl.service.token_transfer_extractor import EthTokenTransferExtractor
    mapper, extractor = EthReceiptLogMapper(), EthTokenTransferExtractor()
    began = time.process_time()
    found = [extractor.extract_transfer_from_log(mapper.json_dict_to_receipt_log(row)) for row in rows]
else:
    from ethereumetl.mappers.trace_mapper import EthTraceMapper
    from ethereumetl.service.trace_status_calculator import calculate_trace_statuses
    mapper = EthTraceMapper()
    began = time.process_time()
    found = [mapper.json_dict_to_trace(row) for row in rows]
    calculate_trace_statuses(found)
    found = [t for t in found if t.status == 1 and t.value and t.call_type in (None, "call")]
seconds = time.process_time() - began
print(json.dumps({"seconds": seconds, "sum": str(sum(each.value for each in found))}))
"""


def address(rng: random.Random) -> str:
    return f"0x{rng.getrandbits(160):040x}"


def transfer_logs(count: int, rng: random.Random) -> tuple[list[dict[str, Any]], int]:
    """Logs as `eth_getLogs` lists them, three a transaction, and the sum of what they move."""
    rows, total = [], 0
    for n in range(count):
        value = rng.getrandbits(rng.choice((30, 60, 90)))
        total += value
        rows.append(
            {
                "address": TOKEN,
                "blockHash": f"0x{n // 300:064x}",
                "blockNumber": hex(15_000_000 + n // 300),
                "data": f"0x{value:064x}",
                "logIndex": hex(n % 300),
                "removed": False,
                "topics": [TRANSFER, *(f"0x{address(rng)[2:]:0>64}" for _ in range(2))],
                "transactionHash": f"0x{n // 3:064x}",
                "transactionIndex": hex(n % 300 // 3),
            }
        )
    return rows, total


def parity_traces(count: int, rng: random.Random) -> tuple[list[dict[str, Any]], int]:
    """Traces as `trace_block` lists them, five a transaction, and the sum of the value that stands."""
    rows, total = [], 0
    for n in range(count):
        path = [[], [0], [0, 0], [1], [2]][n % 5]
        value = 0 if n % 5 == 2 else rng.getrandbits(60)
        kind = "delegatecall" if n % 5 == 3 else "call"
        total += value if kind == "call" else 0
        action = {"callType": kind, "from": address(rng), "to": address(rng), "gas": "0x1", "input": "0x"}
        rows.append(
            {
                "action": {**action, "value": hex(value)},
                "blockHash": f"0x{n // 500:064x}",
                "blockNumber": 15_000_000 + n // 500,
                "result": {"gasUsed": "0x1", "output": "0x"},
                "subtraces": 0,
                "traceAddress": path,
                "transactionHash": f"0x{n // 5:064x}",
                "transactionPosition": n % 500 // 5,
                "type": "call",
            }
        )
    return rows, total


def exported(rows: list[dict[str, Any]]) -> bytes:
    """The same traces as ethereum-etl exports them (CSV)."""
    head = "block_number,transaction_hash,transaction_index,from_address,to_address,value,trace_type,call_type,"
    lines = [head + "trace_address,error,status,trace_id"]
    for row in rows:
        act, path = row["action"], row["traceAddress"]
        trace = ",".join(map(str, path))
        cells = [row["blockNumber"], row["transactionHash"], row["transactionPosition"], act["from"], act["to"]]
        cells += [int(act["value"], 16), "call", act["callType"], f'"{trace}"', "", 1]
        lines.append(",".join(map(str, [*cells, f"call_{row['transactionHash']}_{'_'.join(map(str, path))}"])))
    return ("\n".join(lines) + "\n").encode()


def moved(batches: list[Batch]) -> int:
    legs = [batch.legs for batch in batches if batch.legs is not None]
    return sum(value for table in legs for value in amounts.exact(table) if value > 0)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(2):
        began = time.process_time()
        found = work()
        best = min(best, time.process_time() - began)
    return best, found


def exhibit(name: str, data: bytes) -> Exhibit:
    captured = datetime(2026, 1, 1, tzinfo=UTC)
    digest = sha256(data).hexdigest()
    return Exhibit(digest=digest, name=name, media="", captured=captured, sources=(), data=data)


def tell(what: str, count: int, seconds: float, floor: float | None = None) -> float:
    rate = count / seconds
    ratio = "" if floor is None else f", {rate / floor:.1f} times as fast"
    print(f"{what}: {rate:,.0f}/s{ratio}")
    return rate


def check(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        sys.exit(f"{what} gave {found} where {wanted} was generated")


def by_web3(rows: list[dict[str, Any]]) -> int:
    """`process_log`, as its documentation shows it."""
    from web3 import Web3

    inputs = [
        {"name": name, "type": kind, "indexed": name != "value"}
        for name, kind in (("src", "address"), ("dst", "address"), ("value", "uint256"))
    ]
    abi: Any = [{"type": "event", "name": "Transfer", "anonymous": False, "inputs": inputs}]
    event = Web3().eth.contract(abi=abi).events.Transfer()
    total = 0
    for row in rows:
        log: Any = {
            **row,
            "topics": [Web3.to_bytes(hexstr=topic) for topic in row["topics"]],
            "data": Web3.to_bytes(hexstr=row["data"]),
        }
        total += event.process_log(log)["args"]["value"]
    return total


def by_etl(python: str, kind: str, rows: list[dict[str, Any]], wanted: int) -> float:
    """Seconds, without start and import."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(rows, file)
        file.flush()
        ran = subprocess.run([python, "-c", ETL, kind, file.name], check=True, capture_output=True, text=True)
    said = json.loads(ran.stdout)
    check("ethereum-etl", int(said["sum"]), wanted)
    return float(said["seconds"])


def bench_logs(count: int, etl: str | None) -> None:
    rows, total = transfer_logs(count, random.Random(1))

    def columns() -> Any:
        frame = Frame.of(rows, LOGS, range(count), Problems(name="logs", unit="item"))
        return ours.moved(known()[1], ours.Logs.of(frame))

    seconds, tables = timed(columns)
    check("recover", sum(sum(amounts.exact(table)) for table in tables), total)
    own = tell(f"recover, {count:,} logs as objects, to movements", count, seconds)
    names = {"address": "address", "data": "data", "topics": "topics", "blockHash": "block_hash"}
    names |= {"transactionHash": "transaction_hash"}
    numbers = {"blockNumber": "block_number", "logIndex": "log_index", "transactionIndex": "transaction_index"}
    lines = b"".join(
        json.dumps(
            {**{n: row[k] for k, n in names.items()}, **{n: int(row[k], 16) for k, n in numbers.items()}}
        ).encode()
        + b"\n"
        for row in rows
    )
    seconds, batches = timed(lambda: list(ethereum_etl().decode(exhibit("logs.json", lines))))
    check("recover", moved(batches), total)
    tell("recover, the same as a file of JSON lines, to a whole batch", count, seconds)
    part = rows[:PART]
    seconds, found = timed(lambda: by_web3(part))
    check("web3.py", found, sum(int(row["data"], 16) for row in part))
    tell("web3.py process_log", len(part), seconds)
    print(f"  recover is {own / (len(part) / seconds):.0f} times as fast")
    if etl is not None:
        seconds = by_etl(etl, "logs", rows, total)
        tell("ethereum-etl extract_transfer_from_log", count, seconds)
        print(f"  recover is {own / (count / seconds):.1f} times as fast")


def bench_calls(count: int, etl: str | None) -> None:
    rows, total = parity_traces(count, random.Random(2))
    data = exported(rows)
    seconds, batches = timed(lambda: list(ethereum_etl().decode(exhibit("traces.csv", data))))
    check("recover", moved(batches), total)
    table = tell(f"recover, {count:,} traces as a CSV, to a whole batch", count, seconds)
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": rows}).encode()
    from recover_chain_evm.nodefile import NodeFile

    seconds, batches = timed(lambda: list(NodeFile().decode(exhibit("trace_block.json", answer))))
    check("recover", moved(batches), total)
    own = tell("recover, the same as a node's answer, to a whole batch", count, seconds)
    if etl is not None:
        seconds = by_etl(etl, "traces", rows, total)
        tell("ethereum-etl trace mapper and status, from parsed objects", count, seconds)
        rate = count / seconds
        print(
            f"  recover is {table / rate:.1f} times as fast from a CSV, {own / rate:.1f} from the answer's bytes"
        )


def startup() -> None:
    """Which modules `recover --help` loads of this plugin."""
    code = "import sys; sys.argv = ['recover', '--help']\nfrom recover.cli.main import run\ntry: run()\nfinally: "
    code += "print([m for m in sys.modules if m.split('.')[0] in ('recover_chain_evm', 'Crypto', 'web3')])"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = ran.stdout.rstrip().splitlines()[-1]
    print(f"recover --help loads of this plugin: {loaded}")
    check("recover --help", len(json.loads(loaded.replace("'", '"'))), 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--etl", help="the Python of an environment in which ethereum-etl is installed")
    asked = parser.parse_args()
    bench_logs(asked.logs, asked.etl)
    bench_calls(asked.calls, asked.etl)
    startup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
