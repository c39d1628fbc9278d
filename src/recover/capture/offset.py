"""What another clock says: one question to a server that the user's own `recover.toml` names, and its answer.

What came back is kept as it came, so that anybody can work out the offset again. The answer is not authenticated:
whoever stands between can move it by as much as the question took.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from recover.capture import own
from recover.capture.wire import Wire
from recover.case import handled
from recover.sdk.errors import Error
from recover.sdk.values import Request

SECONDS = 10
_PACKET = 1024


def asked(server: str) -> dict[str, str | int]:
    """The offset with what it follows from, as the journal keeps it. Raises Error where no clock can be read."""
    mine = own.load()
    if mine.offline:
        raise Error(
            "offline",
            "A clock is asked for over the network.",
            "Your recover.toml says offline = true.",
            "Say with --offset and --source what was compared by hand, or change that setting.",
        )
    if server not in mine.clocks:
        raise Error(
            "clock-unnamed",
            f"{server} is not a clock that you allow to be asked.",
            f"Your recover.toml names {', '.join(mine.clocks) or 'none'}.",
            'Write it there: [clock] servers = ["ntp://...", "https://..."]',
        )
    try:
        sent, received, answer = _ntp(server) if server.startswith("ntp://") else _date(server)
        method = "ntp" if server.startswith("ntp://") else "https"
        offset, within = handled.measured(method, sent, received, answer)
    except (OSError, ValueError, OverflowError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise Error(
            "clock-unread",
            f"{server} gave no time that can be used.",
            f"{type(error).__name__}: {str(error)[:200]}.",
            "Try again, name another server, or say with --offset and --source what was compared by hand.",
        ) from error
    said: dict[str, str | int] = {
        "method": method,
        "source": server,
        "answer": answer,
        "offset": offset,
        "within": within,
    }
    return {**said, "sent": sent.isoformat(), "received": received.isoformat()}


def _ntp(server: str) -> tuple[datetime, datetime, str]:
    place = urlsplit(server)
    if not place.hostname:
        raise ValueError("the address names no host")
    asking = bytes([0x23]) + bytes(47)  # version 4, a client
    found = socket.getaddrinfo(place.hostname, place.port or 123, type=socket.SOCK_DGRAM)
    with socket.socket(found[0][0], socket.SOCK_DGRAM) as line:
        line.settimeout(SECONDS)
        line.connect(found[0][4])  # answers of anybody else are not taken
        sent = datetime.now(UTC)
        line.send(asking)
        answer = line.recv(_PACKET)
        return sent, datetime.now(UTC), answer.hex()


def _date(server: str) -> tuple[datetime, datetime, str]:
    wire = Wire()
    try:
        sent = datetime.now(UTC)
        answer = wire.send(Request(url=server, method="GET"), {}, proxy="", seconds=SECONDS, largest=2**20)
        received = datetime.now(UTC)
    finally:
        wire.close()
    dates = [value for name, value in answer.headers if name.lower() == "date"]
    if len(dates) != 1:
        raise ValueError("its answer has no date, or several")
    return sent, received, dates[0]
