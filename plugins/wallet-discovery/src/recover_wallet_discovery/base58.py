# SPDX-License-Identifier: AGPL-3.0-or-later
"""Base58Check, only to look at a text before anything else sees it."""

from __future__ import annotations

from hashlib import sha256

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST = 128


def payload(text: str) -> bytes | None:
    """The bytes before the checksum, or None where the text is none or its checksum does not hold."""
    if not 8 <= len(text) <= LONGEST or any(c not in ALPHABET for c in text):
        return None
    number = 0
    for c in text:
        number = number * 58 + ALPHABET.index(c)
    zeros = len(text) - len(text.lstrip("1"))
    raw = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    body, check = raw[:-4], raw[-4:]
    return body if sha256(sha256(body).digest()).digest()[:4] == check else None
