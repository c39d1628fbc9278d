"""Circle's messages as bytes: header and body of both versions."""

from __future__ import annotations

from dataclasses import dataclass

from recover_bridges.words import word

_HEADER = (116, 148)
_BODY = (132, 228)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """The body of a message that carries value: what was burned,
    and for whom. `fee` was taken of it (version 2)."""

    token: bytes
    recipient: bytes
    amount: int
    sender: bytes
    fee: int
    masked: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was sent. `version` 0 is the first, 1 the second; `nonce` is no number in the second."""

    version: int
    source: int
    destination: int
    nonce: bytes
    sender: bytes
    recipient: bytes
    body: bytes


def message(data: bytes) -> Message:
    """A message from its bytes. Raises ValueError for another version or layout."""
    if len(data) < 4 or (version := _number(data, 0, 4)) > 1:
        raise ValueError("a message of another version")
    if len(data) < _HEADER[version]:
        raise ValueError("a message shorter than its header")
    at = 20 if version == 0 else 44
    return Message(
        version=version,
        source=_number(data, 4, 4),
        destination=_number(data, 8, 4),
        nonce=data[12:at],
        sender=data[at : at + 32],
        recipient=data[at + 32 : at + 64],
        body=data[_HEADER[version] :],
    )


def burn(version: int, body: bytes) -> Burn:
    """What a body carries. Raises ValueError where it is none that carries value, or of another version."""
    if len(body) < _BODY[version] or (version == 0 and len(body) != _BODY[0]) or _number(body, 0, 4) != version:
        raise ValueError("a body of another version, or none of a burn")
    # Fee and expiry are written by who attests: what was sent has nought there.
    masked = body if version == 0 else body[:164] + word(0) * 2 + body[228:]
    return Burn(
        token=body[4:36],
        recipient=body[36:68],
        amount=_number(body, 68, 32),
        sender=body[100:132],
        fee=_number(body, 164, 32) if version else 0,
        masked=masked,
    )


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
