"""A double of TronGrid and of a full node on loopback, for tests: it answers from transactions that it is given.

It is no TRON node. It knows, in the shapes of their documentation, the full node's `gettransactionbyid` and
`gettransactioninfobyid` of both states, `getaccount`, `getnowblock`, and TronGrid's pages of an account. It
can fail in the ways that such servers fail in (`Fault`), and keeps what it was asked.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from recover_chain_tron.testing.made import Made

Kind = Literal["429", "403", "404", "503", "{}", "html", "error", "reset", "half", "drip"]
_STATUS = {"429": 429, "403": 403, "404": 404, "503": 503}
_PAGES = {"trc20": "tokens", "transactions": "coins", "internal-transactions": "calls"}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way to fail: in answers to requests whose path, or what is sent to it, holds `path`, the next `times`
    times (-1: always)."""

    kind: Kind
    path: str = ""
    times: int = 1
    retry_after: int | None = None


@dataclass(kw_only=True)
class Double:
    """What the server knows, and what it was asked.

    `tokens`, `coins` and `calls` are the items of an account's pages, in any order; the server sorts them.
    `loops`: every page names the first one as the next; `repeats`: each page comes twice, under another name;
    `unordered`: the items of a page are not in the order of time; `closed`: of accounts that are not in
    `tokens` it says that it does not serve them; `latency_ms` is how long each answer takes.
    """

    made: Sequence[Made] = ()
    tokens: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    coins: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    calls: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    balances: Mapping[tuple[str, str], int] = field(default_factory=dict)
    frozen: frozenset[tuple[str, str]] = frozenset()
    at: int = 1_700_100_000_000
    faults: list[Fault] = field(default_factory=list)
    loops: bool = False
    repeats: bool = False
    unordered: bool = False
    closed: bool = False
    latency_ms: int = 0
    largest: int = 200
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, query: Mapping[str, str], sent: Mapping[str, Any]) -> dict[str, Any]:
        """The object for one request; empty for what is not there, as nodes answer."""
        parts = [part for part in path.split("/") if part]
        if parts[:1] in (["wallet"], ["walletsolidity"]):
            return self._node(parts[0] == "walletsolidity", parts[-1], sent or query)
        if parts[:2] == ["v1", "accounts"] and parts[-1] in _PAGES:
            return self._page(parts[2], parts[-1], query)
        return {"Error": "class java.lang.IllegalArgumentException : unknown path"}

    def _node(self, solid: bool, method: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        if method == "getaccount":
            return dict(self.accounts.get(str(sent.get("address")), {}))
        if method == "getnowblock":
            number = max([60_000_000, *(each.height + 20 for each in self.made)])
            raw = {"number": number, "timestamp": self.at}
            return {"blockID": f"{number:016x}" + "00" * 24, "block_header": {"raw_data": raw}}
        if method == "triggerconstantcontract":
            return self._called(sent)
        wanted = str(sent.get("value", "")).lower()
        found = next((each for each in self.made if each.id == wanted and (each.solid or not solid)), None)
        if found is None:
            return {}
        return found.body() if method == "gettransactionbyid" else found.receipt()

    def _called(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """`balances` by (contract, address); of others the contract says nought. Only two functions are known."""
        who = (str(sent.get("contract_address")), str(sent.get("owner_address")))
        function = str(sent.get("function_selector"))
        if function == "balanceOf(address)":
            value = self.balances.get(who, 0)
        elif function.lower() == "isblacklisted(address)":
            value = int(who in self.frozen)
        else:
            return {"result": {"code": "CONTRACT_EXE_ERROR", "message": b"REVERT opcode executed".hex()}}
        return {"result": {"result": True}, "constant_result": [f"{value:064x}"]}

    def _page(self, account: str, kind: str, query: Mapping[str, str]) -> dict[str, Any]:
        if self.closed and account not in self.tokens:
            return {"success": False, "error": "this account is not served", "statusCode": 400}
        listed = [dict(each) for each in getattr(self, _PAGES[kind]).get(account, ())]
        low, high = int(query.get("min_timestamp", 0)), int(query.get("max_timestamp", 2**62))
        wanted = query.get("contract_address")
        listed = [
            each
            for each in listed
            if low <= each["block_timestamp"] <= high
            and wanted in (None, each.get("token_info", {}).get("address"))
        ]
        forward = query.get("order_by", "block_timestamp,desc").endswith(",asc")
        # Of one moment the server keeps its own order, which is the same whichever way is asked.
        listed.sort(key=lambda each: each["block_timestamp"], reverse=not forward)
        size = min(int(query.get("limit", 20)), self.largest)
        start, again = _mark(query.get("fingerprint"))
        items = listed[start : start + size]
        if self.unordered:
            items = items[::-1]
        meta: dict[str, Any] = {"at": self.at, "page_size": len(items)}
        if self.loops and len(listed) > size:
            meta["fingerprint"] = "000-0"
        elif self.repeats and not again and len(listed) > size:
            meta["fingerprint"] = f"{start:03}-1"
        elif start + size < len(listed):
            meta["fingerprint"] = f"{start + size:03}-0"
        return {"data": items, "success": True, "meta": meta}

    def fault(self, path: str) -> Fault | None:
        """The first fault that this request meets; it is used up."""
        for each in self.faults:
            if each.path in path and each.times:
                each.times -= 1
                return each
        return None


def _seconds(ms: int) -> Any:
    return timedelta(milliseconds=ms).total_seconds()


def _pause(ms: int) -> None:
    time.sleep(_seconds(ms))


def _mark(text: str | None) -> tuple[int, bool]:
    place, _, again = (text or "0-0").partition("-")
    return int(place), again == "1"


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The double's address, while it serves."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(json.loads(body or b"{}"))

        def _answer(self, sent: Mapping[str, Any]) -> None:
            parts = urlsplit(self.path)
            asked = self.path if not sent else f"{self.path} {json.dumps(sent, sort_keys=True)}"
            double.asked.append(asked)
            _pause(double.latency_ms)
            fault = double.fault(asked)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            body = json.dumps(double.answer(parts.path, query, sent)).encode()
            _send(self, body, fault) if fault else _plain(self, 200, body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _seconds(20)}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _plain(
    to: BaseHTTPRequestHandler, status: int, body: bytes, media: str = "application/json", **more: str
) -> None:
    to.send_response(status)
    to.send_header("Content-Type", media)
    to.send_header("Content-Length", str(len(body)))
    for name, value in more.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    to.wfile.write(body)


def _send(to: BaseHTTPRequestHandler, body: bytes, fault: Fault) -> None:
    more = {} if fault.retry_after is None else {"Retry_After": str(fault.retry_after)}
    if fault.kind in _STATUS:
        said = b'{"Error":"request rate exceeded the allowed_rps, the query server is suspended for 30s"}'
        _plain(to, _STATUS[fault.kind], said, **more)
    elif fault.kind == "{}":
        _plain(to, 200, b"{}")
    elif fault.kind == "html":
        _plain(to, 200, b"<html><title>Just a moment...</title></html>", "text/html")
    elif fault.kind == "error":
        _plain(to, 200, b'{"Error":"class org.tron.core.exception.ItemNotFoundException : busy"}')
    elif fault.kind == "reset":
        to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        to.connection.close()
        to.close_connection = True
    else:
        to.send_response(200)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        half = body[: len(body) // 2] if fault.kind == "half" else body
        for at in range(len(half)):
            to.wfile.write(half[at : at + 1])
            to.wfile.flush()
            if fault.kind == "drip":
                _pause(5)
        to.close_connection = True
