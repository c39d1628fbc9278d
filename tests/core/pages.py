"""A server on loopback that answers as it is told, and sources that ask it page by page."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import recover_chain_toy
from recover_chain_toy.source import Payments

from recover.capture import collector
from recover.capture.collector import Bounds
from recover.capture.own import Own, Place
from recover.capture.tries import Done
from recover.case import Case, open_for_writing
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Address,
    Ask,
    Batch,
    Coverage,
    Exhibit,
    History,
    Recorder,
    Request,
    Source,
    SourceInfo,
    plugin,
)

Answer = tuple[int, dict[str, str], bytes] | str
KEYS = tuple(f"key-number-{n}-of-three" for n in (1, 2, 3))


@dataclass
class Server:
    """A server on loopback that answers as `says` tells it, by path, key and how often the path was asked."""

    says: Callable[[str, str, int], Answer]
    asked: Counter[str] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)
    busiest: int = 0
    connections: set[Any] = field(default_factory=set)

    def __enter__(self) -> Server:
        outer, lock, busy = self, threading.Lock(), [0]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with lock:
                    outer.asked[self.path] += 1
                    outer.keys.append(self.headers.get("X-Key", ""))
                    outer.connections.add(self.client_address)
                    count = outer.asked[self.path]
                    busy[0] += 1
                    outer.busiest = max(outer.busiest, busy[0])
                try:
                    self._give(outer.says(self.path, self.headers.get("X-Key", ""), count))
                finally:
                    with lock:
                        busy[0] -= 1

            def _give(self, answer: Answer) -> None:
                if isinstance(answer, str):
                    self.close_connection = True
                    if answer == "half":
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n# toy")
                    elif answer == "drip":
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
                        for _ in range(40):
                            time.sleep(0.1)
                            self.wfile.write(b"#")
                            self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Quiet(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, request: object, client: object) -> None:
                """A client that left is no news."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.http.shutdown()
        self.http.server_close()


def good(name: str) -> Answer:
    return 200, {}, f"# toy payments\n1 toy-victim {name} 100\n".encode()


@dataclass
class Pages:
    """Answers History page by page: as many as the server says there are."""

    name: str = "toy-pages"
    pages: int = 1
    secrets: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    first: str = ""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id=self.name,
            version="1",
            title="Pages",
            chains=("toy:1",),
            place="line",
            media="text",
            terms="Made for tests.",
            asks=("History",),
            endpoint="http://127.0.0.1:1",
            secrets=self.secrets,
            optional=self.optional,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return False

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        assert isinstance(ask, History)
        headers = tuple(("X-Key", f"{{{name}}}") for name in self.secrets)
        if self.first:
            yield recorder.capture(Request(url=f"{recorder.endpoint}/{self.first}", headers=headers))
        for page in range(self.pages):
            more = f"?page={page}" if self.pages > 1 else ""
            yield recorder.capture(Request(url=f"{recorder.endpoint}/{ask.address.text}{more}", headers=headers))

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from Payments().decode(exhibit)
        yield Batch.of(Coverage(chain="toy:1", address=exhibit.name.rsplit("/", 1)[1].partition("?")[0]))


def plugins(*sources: Pages) -> Plugins:
    class Live:
        @plugin
        def recover_sources(self) -> list[Source]:
            return list(sources)

    return registry.load(extra=[recover_chain_toy, Live()])


def histories(*names: str) -> list[Ask]:
    return [History(address=Address(chain="toy:1", text=name)) for name in names]


def put(
    path: Path, asks: list[Ask], *sources: tuple[Pages, Place], bounds: Bounds | None = None, **mine: Any
) -> tuple[list[Done], Case]:
    known = plugins(*(source for source, _ in sources))
    with open_for_writing(path, "test") as case:
        names = tuple(source.name for source, _ in sources)
        case.save(replace(case.settings, sources=names))
        allowed = Own(sources={source.name: place for source, place in sources}, **mine)
        with collector.of(case, known, allowed, bounds or Bounds(requests=10_000, pause_ms=1)) as asking:
            return asking.round(asks, lambda done: None), case


def names(count: int) -> list[str]:
    return [f"toy-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(count)]
