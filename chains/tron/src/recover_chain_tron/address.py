"""TRON addresses: 0x41 and 20 bytes, written in base58 with four bytes of double SHA-256 behind them.

Method: TRON developer documentation, "Account address format"; base58check as in Bitcoin.
"""

from __future__ import annotations

from hashlib import sha256

import base58

PREFIX = 0x41
LENGTH = 34
ALPHABET = base58.BITCOIN_ALPHABET.decode("ascii")
_PAYLOAD = 21


def encode(payload: bytes) -> str:
    """21 bytes (0x41 and the account's 20) as base58check text."""
    return base58.b58encode_check(payload).decode("ascii")


def decode(text: str) -> bytes:
    """The 21 bytes of a base58check address. Raises ValueError saying what is wrong with it."""
    if len(text) != LENGTH:
        raise ValueError(f"it has {len(text)} characters, and a TRON address has {LENGTH}")
    for place, letter in enumerate(text, start=1):
        if letter not in ALPHABET:
            raise ValueError(f"character {place} ({letter!a}) is not in the base58 alphabet")
    # 34 letters never stand for more than 25 bytes: 58 ** 34 < 2 ** 200
    raw = base58.b58decode_int(text).to_bytes(_PAYLOAD + 4, "big")
    payload, check = raw[:_PAYLOAD], raw[_PAYLOAD:]
    if _check(payload) != check:
        raise ValueError(f"its checksum is {check.hex()} and should be {_check(payload).hex()}: a letter is wrong")
    if payload[0] != PREFIX:
        raise ValueError(f"its first byte is {payload[0]:02x}, and on TRON it is {PREFIX:02x}")
    return payload


def _check(payload: bytes) -> bytes:
    return sha256(sha256(payload).digest()).digest()[:4]


ZERO = encode(bytes([PREFIX]) + bytes(20))
"""The address of twenty zero bytes: a Transfer event from it is a mint, one to it a burn."""
