"""Recorded receipts and transactions of several chains as one ledger,
by the source that reads a node's answers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from recover.sdk import Batch, Heuristic, Ledger, Scope
from recover.testing import Rows, decoded, exhibit

Tx = tuple[str, str]
"""A chain's CAIP-2 id, and the path of a file of the transaction without `.receipt.json` and the like."""


def files(folder: Path, listed: str) -> Tx | None:
    """The transaction of a list of files as `pairs.csv` has them; None where they are no node's answers."""
    names = [name for name in listed.split() if name.endswith(".receipt.json")]
    if len(names) != 1 or "eip155-" not in listed:
        return None
    chain = next(part for part in listed.replace("/", " ").split() if part.startswith("eip155-"))
    return chain.replace("-", ":"), str(folder / names[0].removesuffix(".receipt.json"))


def topics(heuristics: Iterable[Heuristic]) -> frozenset[str]:
    return frozenset(topic for each in heuristics for topic in each.info.topics)


def ledger(given: Iterable[Tx], wanted: Collection[str]) -> Rows:
    """The ledger that the core makes of these transactions, with the logs of the first topics `wanted`."""
    return of_answers([(chain, _answers(stem)) for chain, stem in sorted(set(given))], wanted)


def of_answers(given: Sequence[tuple[str, list[Any]]], wanted: Collection[str]) -> Rows:
    """The same of JSON-RPC results: for each transaction its chain, and its receipt, itself and the like."""
    from recover_chain_evm.nodefile import NodeFile  # not there where this member is tested alone

    def batches(chain: str, results: list[dict[str, Any]]) -> Iterator[Batch]:
        body = json.dumps([{"jsonrpc": "2.0", "id": n, "result": r} for n, r in enumerate(results)]).encode()
        return NodeFile().decode(replace(exhibit("node.json", body), chain=chain, topics=frozenset(wanted)))

    return decoded(batches(chain, results) for chain, results in given)


def fixture(path: Path) -> list[tuple[str, list[Any]]]:
    """A pair as arbitrum-sdk's tests have it: logs of both chains, in another writing of the same answers."""
    said = json.loads(path.read_text("utf-8"))
    child = [*said["childLogs"], *(log for r in said.get("childReceiptByHash", {}).values() for log in r["logs"])]
    return [("eip155:42161", [_logs(child)]), ("eip155:1", [_logs(said["parentLogs"])])]


def _logs(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    written = [{k: hex(v) if type(v) is int else v for k, v in log.items()} for log in given]
    return [{**log, "address": log["address"].lower()} for log in written]


def crossings(heuristics: Iterable[Heuristic], found: Ledger) -> list[dict[str, Any]]:
    """What they assert, each row with its parameters read."""
    rows = [
        row
        for each in heuristics
        for batch in each.assertions(found, Scope())
        for row in batch.tables()["assertions"].to_pylist()
    ]
    return [{**row, **json.loads(row["params"]), "by": row["method"]} for row in rows]


@cache
def _text(path: str) -> str:
    return Path(path).read_text("utf-8")


def _answers(stem: str) -> list[dict[str, Any]]:
    receipt = json.loads(_text(f"{stem}.receipt.json"))
    found = [receipt.get("result", receipt)]
    other = Path(f"{stem.replace('/altered/', '/raw/')}.tx.json")
    if not other.exists():
        other = next(Path(stem).parents[1].glob(f"raw/*/{Path(stem).name}.tx.json"), other)
    if other.exists():
        tx = json.loads(_text(str(other)))
        found.append(tx.get("result", tx))
        block = Path(str(other).replace(".tx.json", ".block.json"))
        if block.exists():
            shown = json.loads(_text(str(block)))
            found[-1] = {**found[-1], "blockTimestamp": shown.get("result", shown)["timestamp"]}
    return found
