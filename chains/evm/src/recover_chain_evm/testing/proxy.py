"""A loopback server between a source and a real node that misbehaves in one named way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from recover_chain_evm.testing.anvil import Anvil, RpcFailed

Rpc = dict[str, Any]
Fault = Callable[[Rpc, Rpc], Rpc]
"""From a call and the node's true answer to it, what the proxy says instead."""


@dataclass(slots=True)
class Proxy:
    """Where it listens, what it does to each answer, and every call that came, for tests to look at.

    `status` other than 200 refuses whole requests. `calls` are (method, params) of all batches, `batches` their
    number.
    """

    node: Anvil
    fault: Fault
    status: int = 200
    port: int = 0
    calls: list[tuple[str, Any]] = field(default_factory=list)
    batches: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def answer(self, body: bytes) -> bytes:
        """The answer to one HTTP request, a batch or a single call."""
        asked = json.loads(body)
        self.batches += 1
        if isinstance(asked, list):
            return json.dumps([self._one(call) for call in asked]).encode()
        return json.dumps(self._one(asked)).encode()

    def _one(self, call: Rpc) -> Rpc:
        self.calls.append((call["method"], call["params"]))
        head = {"jsonrpc": "2.0", "id": call["id"]}
        try:
            true: Rpc = {**head, "result": self.node.call(call["method"], *call["params"])}
        except RpcFailed as error:
            true = {**head, "error": {"code": error.code, "message": error.said}}
        return self.fault(call, true)


def honest(call: Rpc, answer: Rpc) -> Rpc:
    return answer


def error(call: Rpc, code: int, said: str) -> Rpc:
    """A refusal of one call."""
    return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": code, "message": said}}


def result(call: Rpc, value: Any) -> Rpc:
    """Another result than the node's."""
    return {"jsonrpc": "2.0", "id": call["id"], "result": value}


def without(*methods: str) -> Fault:
    """A node that does not have these methods."""

    def fault(call: Rpc, answer: Rpc) -> Rpc:
        return error(call, -32601, "Method not found") if call["method"] in methods else answer

    return fault


@contextmanager
def serving(node: Anvil, fault: Fault = honest, status: int = 200) -> Iterator[Proxy]:
    """A proxy before `node`, on a port that the system picked, until the block ends."""
    proxy = Proxy(node=node, fault=fault, status=status)
    with server(lambda path, body: (proxy.status, proxy.answer(body))) as port:
        proxy.port = port
        yield proxy


@contextmanager
def server(answer: Callable[[str, bytes], tuple[int, bytes]]) -> Iterator[int]:
    """A server on loopback that answers (path with query, body) with (status, body); gives its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(*answer(self.path, b""))

        def do_POST(self) -> None:
            self._send(*answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a test's output is the test's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield running.server_address[1]
        finally:
            running.shutdown()
