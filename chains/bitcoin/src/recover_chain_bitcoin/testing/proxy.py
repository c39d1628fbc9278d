"""A loopback proxy that spoils answers on their way: for a node that lies, or one that is out of order."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypeAlias

from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.tools import PAUSE

Spoil: TypeAlias = Callable[[str, bytes, bytes], bytes]
"""(path, the request's body, the answer as the node gave it) -> the answer that is passed on."""


@contextmanager
def start(node: Node, spoil: Spoil) -> Iterator[str]:
    """The endpoint of a proxy in front of `node`, with the placeholder for its password."""

    class Passes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass(b"")

        def do_POST(self) -> None:
            self._pass(self.rfile.read(int(self.headers.get("content-length", "0"))))

        def _pass(self, body: bytes) -> None:
            status, media, answer = _forward(node, self.command, self.path, body, dict(self.headers))
            answer = spoil(self.path, body, answer)
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is written: a test's output is its own."""

    with serving(Passes) as port:
        yield f"http://{{bitcoin-rpc}}@127.0.0.1:{port}/"


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """The port of a loopback server that `handler` answers on, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": PAUSE}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _forward(node: Node, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
    try:
        kept = {name: value for name, value in headers.items() if name.lower() == "authorization"}
        connection.request(method, path, body or None, kept)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("content-type", "text/plain"), answer.read()
    finally:
        connection.close()
