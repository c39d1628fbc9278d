"""Base58 with a checksum of four bytes: a version byte and a 20-byte hash as text, and back."""

from __future__ import annotations

from recover_chain_bitcoin.wire import sha256d

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

_VALUE = {letter: number for number, letter in enumerate(ALPHABET)}
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_TWO, _FOUR, _SIX, _TEN = 58**2, 58**4, 58**6, 58**10
_LONGEST = 112  # characters: more than any payload of 80 bytes takes


def encode(payload: bytes) -> str:
    """Version byte and hash as text. Cut into ten digits, then two, since dividing large numbers is the cost."""
    full = payload + sha256d(payload)[:4]
    number = int.from_bytes(full, "big")
    text = ""
    while number:
        rest = number % _TEN
        number //= _TEN
        high, low = rest // _SIX, rest % _SIX
        middle, low = low // _FOUR, low % _FOUR
        head = f"{_PAIRS[high // _TWO]}{_PAIRS[high % _TWO]}{_PAIRS[middle]}"
        text = f"{head}{_PAIRS[low // _TWO]}{_PAIRS[low % _TWO]}{text}"
    return "1" * (len(full) - len(full.lstrip(b"\x00"))) + text.lstrip("1")


def decode(text: str) -> bytes:
    """The payload without its checksum. Raises ValueError with the reason."""
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters")
    number = 0
    for place, letter in enumerate(text, 1):
        if letter not in _VALUE:
            raise ValueError(f"character {place} ({letter!a}) is not in the base58 alphabet")
        number = number * 58 + _VALUE[letter]
    zeros = len(text) - len(text.lstrip("1"))
    full = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, checksum = full[:-4], full[-4:]
    if len(full) < 5:
        raise ValueError(f"it has only {len(text)} characters")
    if sha256d(payload)[:4] != checksum:
        raise ValueError(f"its checksum is {checksum.hex()}, and should be {sha256d(payload)[:4].hex()}")
    return payload
