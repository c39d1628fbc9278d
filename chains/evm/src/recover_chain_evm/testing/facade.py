"""A double of an explorer: Etherscan's API (version 2) as documented, answered from a real node on loopback.

No such server can be had for tests, so this stands in for one. Its shapes are hand-made from the documentation;
what it answers is the node's own chain, read block by block.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from recover_chain_evm.testing.anvil import Anvil, RpcFailed
from recover_chain_evm.testing.proxy import server

Row = dict[str, Any]
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
WINDOW = 10_000


@dataclass(slots=True)
class Facade:
    """`key` is the API key it takes. `fault` may replace the answer to a query; `queries` are those that came."""

    node: Anvil
    key: str = "a-valid-key"
    fault: Callable[[dict[str, str]], Any] = lambda query: None
    port: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2/api"

    def answer(self, path: str) -> bytes:
        query = {name: found[0] for name, found in parse_qs(urlsplit(path).query).items()}
        self.queries.append(query)
        spoiled = self.fault(query)
        if spoiled is not None:
            return spoiled if isinstance(spoiled, bytes) else json.dumps(spoiled).encode()
        return json.dumps(self._true(query)).encode()

    def _true(self, query: dict[str, str]) -> Row:
        if query.get("apikey") != self.key:
            return refusal("Invalid API Key (#err2)")
        if query.get("chainid") != str(int(self.node.call("eth_chainId"), 16)):
            return refusal("Missing or unsupported chainid parameter (required for v2 api)")
        action = query["action"]
        if action == "eth_getBlockByNumber":
            return {"jsonrpc": "2.0", "id": 1, "result": self.node.call(action, query["tag"], False)}
        if action in ("balance", "balancemulti"):
            held = str(int(self.node.call("eth_getBalance", query["address"], query["tag"]), 16))
            return rows(held if action == "balance" else [{"account": query["address"], "balance": held}])
        if int(query["page"]) * int(query["offset"]) > WINDOW:
            return refusal("Result window is too large, PageNo x Offset size must be less than or equal to 10000")
        start, end = (int(query[name]) for name in _SPANS[query["module"]])
        found = [
            row for row in _LISTS[action](self.node, query) if start <= int(str(row["blockNumber"]), 0) <= end
        ]
        first = (int(query["page"]) - 1) * int(query["offset"])
        return rows(found[first : first + int(query["offset"])], query["module"])


_SPANS = {"account": ("startblock", "endblock"), "logs": ("fromBlock", "toBlock")}


def refusal(said: str) -> Row:
    return {"status": "0", "message": "NOTOK", "result": said}


def rows(found: Any, module: str = "account") -> Row:
    if found == []:
        what = "records" if module == "logs" else "transactions"
        return {"status": "0", "message": f"No {what} found", "result": []}
    return {"status": "1", "message": "OK", "result": found}


@contextmanager
def serving(node: Anvil, fault: Callable[[dict[str, str]], Any] = lambda query: None) -> Iterator[Facade]:
    """The double, on a port that the system picked."""
    facade = Facade(node=node, fault=fault)
    with server(lambda path, body: (200, facade.answer(path))) as port:
        facade.port = port
        yield facade


def _payments(node: Anvil, query: dict[str, str]) -> Iterator[Row]:
    for block, tx, receipt in _mined(node):
        if query["address"] not in (tx["from"], tx["to"], receipt["contractAddress"]):
            continue
        yield {
            **_where(block, tx),
            "nonce": str(int(tx["nonce"], 16)),
            "from": tx["from"],
            "to": tx["to"] or "",
            "value": str(int(tx["value"], 16)),
            "gas": str(int(tx["gas"], 16)),
            "gasPrice": str(int(receipt["effectiveGasPrice"], 16)),
            "isError": str(1 - int(receipt["status"], 16)),
            "txreceipt_status": str(int(receipt["status"], 16)),
            "input": tx["input"],
            "contractAddress": receipt["contractAddress"] or "",
            "cumulativeGasUsed": str(int(receipt["cumulativeGasUsed"], 16)),
            "gasUsed": str(int(receipt["gasUsed"], 16)),
            "confirmations": "1",
            "methodId": tx["input"][:10],
            "functionName": "",
        }


def _internal(node: Anvil, query: dict[str, str]) -> Iterator[Row]:
    for block, tx, _ in _mined(node):
        for trace in node.call("trace_transaction", tx["hash"])[1:]:
            action, made = trace["action"], trace.get("result") or {}
            to = action.get("to") or ""
            created = made.get("address", "") if trace["type"] == "create" else ""
            moves = int(action.get("value", "0x0"), 16) and action.get("callType") in (None, "call")
            if query["address"] not in (action["from"], to, created) or not (moves or created):
                continue
            place = _where(block, tx)
            yield {
                **{name: place[name] for name in ("blockNumber", "timeStamp", "hash")},
                "from": action["from"],
                "to": to,
                "value": str(int(action["value"], 16)),
                "contractAddress": created,
                "input": "",
                "type": trace["type"],
                "gas": str(int(action["gas"], 16)),
                "gasUsed": str(int(made.get("gasUsed", "0x0"), 16)),
                "traceId": "_".join(str(step) for step in trace["traceAddress"]),
                "isError": "1" if trace.get("error") else "0",
                "errCode": trace.get("error") or "",
            }


def _tokens(node: Anvil, query: dict[str, str]) -> Iterator[Row]:
    for block, tx, receipt in _mined(node):
        for log in receipt["logs"]:
            if log["topics"][0] != TRANSFER or len(log["topics"]) != 3:
                continue
            src, dst = ("0x" + topic[26:] for topic in log["topics"][1:])
            if query["address"] not in (src, dst):
                continue
            yield {
                **_where(block, tx),
                "nonce": str(int(tx["nonce"], 16)),
                "from": src,
                "contractAddress": log["address"],
                "to": dst,
                "value": str(int(log["data"], 16)),
                "tokenName": _said(node, log["address"], "0x06fdde03"),
                "tokenSymbol": _said(node, log["address"], "0x95d89b41"),
                "tokenDecimal": _decimals(node, log["address"]),
                "gasUsed": str(int(receipt["gasUsed"], 16)),
                "input": "deprecated",
                "confirmations": "1",
            }


def _logs(node: Anvil, query: dict[str, str]) -> Iterator[Row]:
    topics = [query["topic0"], *([query["topic1"]] if "topic1" in query else [])]
    asked = {"fromBlock": "0x0", "toBlock": "latest", "address": query["address"], "topics": topics}
    for log in node.call("eth_getLogs", asked):
        yield {
            **{name: log[name] for name in ("address", "topics", "data", "blockNumber", "blockHash")},
            "timeStamp": log["blockTimestamp"],
            "gasPrice": "0x1",
            "gasUsed": "0x1",
            "logIndex": "0x" if log["logIndex"] == "0x0" else log["logIndex"],
            "transactionHash": log["transactionHash"],
            "transactionIndex": "0x" if log["transactionIndex"] == "0x0" else log["transactionIndex"],
        }


_LISTS: dict[str, Callable[[Anvil, dict[str, str]], Iterator[Row]]] = {
    "txlist": _payments,
    "txlistinternal": _internal,
    "tokentx": _tokens,
    "getLogs": _logs,
}


_READ: dict[tuple[int, str], list[tuple[Row, Row, Row]]] = {}
"""The chain of each node, as far as it was read: a double that read it for every query would be slow."""


def _mined(node: Anvil) -> list[tuple[Row, Row, Row]]:
    tip = node.call("eth_getBlockByNumber", "latest", False)
    key = (node.port, tip["hash"])
    if key not in _READ:
        blocks = [hex(height) for height in range(int(tip["number"], 16) + 1)]
        read = [(node.call("eth_getBlockByNumber", h, True), node.call("eth_getBlockReceipts", h)) for h in blocks]
        _READ[key] = [
            (block, tx, receipt)
            for block, receipts in read
            for tx, receipt in zip(block["transactions"], receipts, strict=True)
        ]
    return _READ[key]


def _where(block: Row, tx: Row) -> Row:
    return {
        "blockNumber": str(int(block["number"], 16)),
        "timeStamp": str(int(block["timestamp"], 16)),
        "hash": tx["hash"],
        "blockHash": block["hash"],
        "transactionIndex": str(int(tx["transactionIndex"], 16)),
    }


def _call(node: Anvil, token: str, data: str) -> bytes:
    try:
        return bytes.fromhex(node.call("eth_call", {"to": token, "data": data}, "latest")[2:])
    except RpcFailed:
        return b""


def _said(node: Anvil, token: str, data: str) -> str:
    raw = _call(node, token, data)
    if len(raw) < 64:
        return raw.rstrip(b"\0").decode()
    return raw[64 : 64 + int.from_bytes(raw[32:64], "big")].decode()


def _decimals(node: Anvil, token: str) -> str:
    raw = _call(node, token, "0x313ce567")
    return str(int.from_bytes(raw, "big")) if len(raw) == 32 else ""
