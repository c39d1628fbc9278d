"""Bitcoin Cash addresses: the cashaddr form (the specification by Amaury Séchet and others, 2018)."""

from __future__ import annotations

from recover_chain_bitcoin.bech32 import CHARSET, regroup

P2PKH, P2SH = 0, 1
_TOKENS = {2: P2PKH, 3: P2SH}
"""Kinds of addresses whose wallets can hold tokens too: the scripts are the same (CHIP-2022-02, CashTokens)."""

_VALUE = {letter: number for number, letter in enumerate(CHARSET)}
_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_SIZES = (20, 24, 28, 32, 40, 48, 56, 64)
_LONGEST = 128


def encode(prefix: str, kind: int, digest: bytes) -> str:
    """The address without its prefix. `kind` is 0 for a key's hash and 1 for a script's."""
    payload = bytes([kind << 3 | _SIZES.index(len(digest))]) + digest
    count = (len(payload) * 8 + 4) // 5
    number = int.from_bytes(payload, "big") << (-len(payload) * 8 % 5)
    data = [number >> 5 * (count - 1 - n) & 31 for n in range(count)]
    check = _polymod([*_expand(prefix), *data, *[0] * 8])
    data += [check >> 5 * (7 - n) & 31 for n in range(8)]
    return "".join(CHARSET[value] for value in data)


def decode(prefix: str, text: str) -> tuple[int, bytes]:
    """Kind and hash of an address, with or without its prefix. Raises ValueError with the reason."""
    if len(text) > _LONGEST:
        raise ValueError(f"it has {len(text)} characters")
    if text != text.lower() and text != text.upper():
        raise ValueError("it mixes capital and small letters")
    head, colon, body = text.lower().rpartition(":")
    if colon and head != prefix:
        raise ValueError(f"it begins with {head!a}, and on this network an address begins with {prefix}")
    wrong = next((letter for letter in body if letter not in _VALUE), None)
    if wrong is not None:
        raise ValueError(f"{wrong!a} is no letter of a cashaddr")
    data = [_VALUE[letter] for letter in body]
    if len(data) < 9 or _polymod([*_expand(prefix), *data]) != 0:
        raise ValueError("its checksum does not hold")
    payload = regroup(data[:-8])
    if payload[0] & 0x80 or payload[0] >> 3 not in (P2PKH, P2SH, *_TOKENS):
        raise ValueError(f"its version byte is {payload[0]:02x}, which names no kind of address")
    if len(payload) - 1 != _SIZES[payload[0] & 7]:
        raise ValueError(f"its hash has {len(payload) - 1} bytes, and its version byte says another length")
    kind = payload[0] >> 3
    return _TOKENS.get(kind, kind), payload[1:]


def _expand(prefix: str) -> list[int]:
    return [ord(letter) & 31 for letter in prefix] + [0]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 35
        check = (check & 0x07FFFFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check ^ 1
