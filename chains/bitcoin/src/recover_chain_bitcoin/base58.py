"""Base58 with a checksum of four bytes: a version byte and a 20-byte hash as text, and back.

The arithmetic is the library's; that the reason for a refusal names the letter, or both checksums, is ours. Whole
blocks are written in columns by `bulk`.
"""

from __future__ import annotations

import base58

from recover_chain_bitcoin.wire import sha256d

ALPHABET = base58.BITCOIN_ALPHABET.decode("ascii")
_LONGEST = 112  # characters: more than any payload of 80 bytes takes


def encode(payload: bytes) -> str:
    """Version byte and hash as text."""
    return base58.b58encode_check(payload).decode("ascii")


def decode(text: str) -> bytes:
    """The payload without its checksum. Raises ValueError with the reason."""
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters")
    for place, letter in enumerate(text, 1):
        if letter not in ALPHABET:
            raise ValueError(f"character {place} ({letter!a}) is not in the base58 alphabet")
    full = base58.b58decode(text)
    payload, checksum = full[:-4], full[-4:]
    if len(full) < 5:
        raise ValueError(f"it has only {len(text)} characters")
    if sha256d(payload)[:4] != checksum:
        raise ValueError(f"its checksum is {checksum.hex()}, and should be {sha256d(payload)[:4].hex()}")
    return payload
