"""Blinded addresses: points of secp256k1 that only who holds a secret can make again.

Private set intersection by commutative encryption (Meadows 1986; Huberman, Franklin and Hogg 1999): each address
is hashed to a point H, one side makes aH, the other bH, each blinds the other's again, and abH is the same for
both. Who knows neither secret cannot tell aH from a point at random (decisional Diffie-Hellman), so that a list
of all addresses of the world is of no use against it. A hash, salted or not, is reversed by that list in minutes.

The group is libsecp256k1's (`coincurve`): of prime order, so that there are no small subgroups, and every point
that is read is checked to lie on the curve. An address is hashed to it by try and increment, which takes a time
that depends on the address: nobody but its owner measures it, as nothing is computed while another waits.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from recover.sdk.errors import Error

SUITE = "secp256k1-sha256-try-and-increment-1"
SIZE = 33
"""Bytes of a point, compressed (SEC 1)."""
_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_TAG = b"recover meeting 1\0"


def secret() -> bytes:
    """A scalar at random, for one meeting and one side."""
    return (1 + secrets.randbelow(_ORDER - 1)).to_bytes(32, "big")


def hashed(session: str, item: str) -> bytes:
    """The point of an item in a session; another session has another, so that two files tell nothing together."""
    library = _library()
    start = hashlib.sha256(_TAG + session.encode() + b"\0" + item.encode()).digest()
    for count in range(256):  # half of all numbers are on the curve: 256 that are not, nobody will see
        candidate = b"\2" + hashlib.sha256(start + bytes([count])).digest()
        try:
            library(candidate)
        except ValueError:
            continue
        return candidate
    raise AssertionError("no point in 256")


def blind(points: Iterable[bytes], scalar: bytes) -> list[bytes]:
    """Each point times the scalar, in the same order. Raises ValueError for what is no point of the curve."""
    library = _library()
    return [library(point).multiply(scalar).format() for point in points]


def padding(count: int) -> list[bytes]:
    """Points at random that nobody can tell from others', as many as fill a set."""
    return [hashed(secrets.token_hex(16), "") for _ in range(count)]


def padded(count: int) -> int:
    """How many points a set of `count` is sent as: the next power of two, and at least 1,024."""
    return max(1024, 1 << (count - 1).bit_length()) if count else 1024


def valid(points: Sequence[bytes]) -> bool:
    """Whether each is a point of the curve, and none stands twice; compressed, a point has one spelling."""
    library = _library()
    try:
        return len({*points}) == len(points) and all(map(library, points))
    except ValueError:
        return False


def _library() -> Any:
    try:
        from coincurve import PublicKey
    except ImportError as error:
        raise Error(
            "meeting-library",
            "The library of the group is not installed.",
            f"coincurve cannot be imported: {error}.",
            "Install it (`pip install coincurve`), with a Python that it is built for.",
        ) from error
    return PublicKey
