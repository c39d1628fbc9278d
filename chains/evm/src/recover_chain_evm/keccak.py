"""Keccak-256, the hash of the EVM chains. It is not SHA3-256: the padding differs."""

from __future__ import annotations

from Crypto.Hash import keccak


def keccak256(data: bytes) -> bytes:
    """The 32 bytes of Keccak-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def topic(signature: str) -> str:
    """The first topic of an event with this signature, as 0x and 64 digits."""
    return "0x" + keccak256(signature.encode("ascii")).hex()


def selector(signature: str) -> str:
    """The four bytes that call a function with this signature, as 0x and 8 digits."""
    return "0x" + keccak256(signature.encode("ascii"))[:4].hex()
