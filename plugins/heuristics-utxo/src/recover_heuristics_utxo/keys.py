"""One key under several names: pay-to-public-key scripts, and the addresses that hash the same key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import base58
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.coins import Coins, read

_P = 2**256 - 2**32 - 977  # the field of secp256k1 (SEC 2)
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_LONGEST = 140


def forms(key: bytes) -> tuple[bytes, bytes] | None:
    """A public key compressed and uncompressed, None where the bytes are no point of secp256k1."""
    if len(key) == 65 and key[0] in (4, 6, 7):
        x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
        if x >= _P or y >= _P or (y * y - x**3 - 7) % _P:
            return None
    elif len(key) == 33 and key[0] in (2, 3):
        x = int.from_bytes(key[1:], "big")
        square = (pow(x, 3, _P) + 7) % _P
        y = pow(square, (_P + 1) // 4, _P)
        if x >= _P or y * y % _P != square:
            return None
        y = y if y % 2 == key[0] % 2 else _P - y
    else:
        return None
    flat = x.to_bytes(32, "big")
    return bytes([2 + y % 2]) + flat, b"\x04" + flat + y.to_bytes(32, "big")


def hash160(data: bytes) -> bytes:
    """RIPEMD-160 of SHA-256."""
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def key_hash(address: str) -> bytes | None:
    """The 20-byte hash in a P2PKH or P2WPKH address of any network, checksum checked; else None."""
    if len(address) > _LONGEST:
        return None
    return _segwit(address) or _legacy(address)


def _legacy(address: str) -> bytes | None:
    try:
        raw = base58.b58decode_check(address)
    except ValueError:  # also where a letter is not ASCII
        return None
    return raw[1:] if len(raw) == 21 and address == address.strip() else None


def _segwit(address: str) -> bytes | None:
    """Version 0 with a program of 20 bytes (BIP 173)."""
    human, _, data = address.lower().rpartition("1")
    if len(data) != 39 or any(c not in _BECH32 for c in data):
        return None
    values = [_BECH32.index(c) for c in data]
    if _polymod([*(ord(c) >> 5 for c in human), 0, *(ord(c) & 31 for c in human), *values]) != 1 or values[0]:
        return None
    bits = 0
    for value in values[1:-6]:
        bits = bits << 5 | value
    return bits.to_bytes(20, "big")


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for n, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= part if top >> n & 1 else 0
    return check


class SameKey:
    """Asserts `same-owner` where one public key stands behind two names."""

    info = HeuristicInfo(
        id="same-key",
        version="1",
        card=card("same-key"),
        title="One public key",
        models=("utxo",),
        asserts=("same-owner",),
        citation="BIP 16, BIP 141, BIP 380: a key-hash address is the hash of a public key; arithmetic",
        fails=(
            "a key that several people hold, or that was sold or guessed, has several owners",
            "the hash in a P2SH address of a wrapped key is not looked into",
        ),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`pk(KEY)` with each P2PKH and P2WPKH address of KEY (compressed or not), grade A, in order of address.

        `transactions` is the first in which each of the two names stands. `params` has the key.
        """
        for coins in read(ledger):
            made = [a for a in _found(coins) if not scope.addresses or {a.address, a.other} & scope.addresses]
            if made:
                yield Batch.of(*made)


def _found(coins: Coins) -> list[Assertion]:
    bare = coins.names.filter(pc.starts_with(coins.names, "pk(")).to_pylist()
    if not bare:
        return []
    named: dict[bytes, list[str]] = {}
    for name in coins.names.to_pylist():
        if (hashed := key_hash(name)) is not None:
            named.setdefault(hashed, []).append(name)
    pairs = [pair for text in sorted(bare) for pair in _same(text, named)]
    at = _first_seen(coins, {name for one, other, _ in pairs for name in (one, other)})
    return [_assertion(coins, at, one, other, key) for one, other, key in pairs]


def _same(text: str, named: dict[bytes, list[str]]) -> Iterator[tuple[str, str, str]]:
    try:
        both = forms(bytes.fromhex(text[3:-1]))
    except ValueError:
        return
    if both is None:
        return
    others = {name for key in both for name in named.get(hash160(key), ())}
    # A witness program hashes the compressed key only.
    whole = set(named.get(hash160(both[0]), ()))
    for other in sorted(others):
        if other in whole or _segwit(other) is None:
            yield text, other, both[0].hex()


def _first_seen(coins: Coins, names: set[str]) -> dict[str, str]:
    codes: Any = pc.index_in(pa.array(sorted(names), pa.string()), value_set=coins.names)
    found = {}
    for name, code in zip(sorted(names), codes.to_pylist(), strict=True):
        owners = [
            int(side.owner[hits[0]])
            for side in (coins.inputs, coins.outputs)
            if len(hits := np.flatnonzero(side.address == code))
        ]
        found[name] = str(coins.ids[min(owners)].as_py())
    return found


def _assertion(coins: Coins, at: dict[str, str], one: str, other: str, key: str) -> Assertion:
    return Assertion(
        kind="same-owner",
        chain=coins.chain,
        address=one,
        grade="A",
        method=SameKey.info.id,
        version=SameKey.info.version,
        source="recover",
        other=other,
        transactions=tuple(dict.fromkeys((at[one], at[other]))),
        params=json.dumps({"key": key}, sort_keys=True, separators=(",", ":")),
        note="Both are names of one public key.",
    )
