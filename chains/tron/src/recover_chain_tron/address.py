"""TRON addresses: 0x41 and 20 bytes, written in base58 with four bytes of double SHA-256 behind them.

Method: TRON developer documentation, "Account address format"; base58check as in Bitcoin.
"""

from __future__ import annotations

from hashlib import sha256

PREFIX = 0x41
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 34
_DIGITS = {letter: digit for digit, letter in enumerate(ALPHABET)}
_PAYLOAD = 21


def encode(payload: bytes) -> str:
    """21 bytes (0x41 and the account's 20) as base58check text."""
    number = int.from_bytes(payload + _check(payload), "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(ALPHABET[digit])
    zeros = len(payload) - len(payload.lstrip(b"\0"))
    return ALPHABET[0] * zeros + "".join(reversed(letters))


def decode(text: str) -> bytes:
    """The 21 bytes of a base58check address. Raises ValueError saying what is wrong with it."""
    if len(text) != LENGTH:
        raise ValueError(f"it has {len(text)} characters, and a TRON address has {LENGTH}")
    number = 0
    for place, letter in enumerate(text, start=1):
        digit = _DIGITS.get(letter)
        if digit is None:
            raise ValueError(f"character {place} ({letter!a}) is not in the base58 alphabet")
        number = number * 58 + digit
    raw = number.to_bytes(_PAYLOAD + 4, "big")  # 34 letters never stand for more: 58 ** 34 < 2 ** 200
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
