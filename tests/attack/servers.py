"""Servers on loopback that mean no good: each sends exactly the bytes it is given, as slowly as it is told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(script: Script) -> Iterator[tuple[str, list[bytes]]]:
    """(host:port, what was asked): runs the script with each connection and the request's first bytes."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def one(client: socket.socket) -> None:
        with client:
            try:
                first = client.recv(65536)
                asked.append(first)
                script(client, first)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.close()


def http(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> Script:
    """An HTTP answer, whole, and the connection closed."""
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body), b"Connection: close"]
    return lambda client, first: client.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def raw(data: bytes) -> Script:
    return lambda client, first: client.sendall(data)


def dripping(start: bytes, drop: bytes, pause: float = 0.05) -> Script:
    """A start, then a drop at a time, without end."""

    def script(client: socket.socket, first: bytes) -> None:
        client.sendall(start)
        while True:
            client.sendall(drop)
            time.sleep(pause)

    return script


def silent(client: socket.socket, first: bytes) -> None:
    """Takes the request, and says nothing for a long time."""
    time.sleep(60)
