# SPDX-License-Identifier: AGPL-3.0-or-later
"""From public keys to addresses: BIP 32 for children, BIP 44, 49, 84 and 86 for what an address is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from recover_wallet_discovery import library
from recover_wallet_discovery.wallet import Branch, Extended, Network, Script, Wallet

FIELD = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One address and the way to it from the key of its line."""

    address: str
    script: Script
    path: str


def point(key: bytes) -> tuple[int, int]:
    """The point of a compressed key (33 bytes), or of an x alone (32: the even one). Raises ValueError if none."""
    x = int.from_bytes(key[-32:], "big")
    y = pow(pow(x, 3, FIELD) + 7, (FIELD + 1) // 4, FIELD)
    if x >= FIELD or (y * y - x**3 - 7) % FIELD or (len(key) == 33 and key[0] not in (2, 3)):
        raise ValueError("it is no point of the curve secp256k1")
    odd = len(key) == 33 and key[0] == 3
    return x, FIELD - y if y % 2 != odd else y


def addresses(wallet: Wallet) -> Iterator[Derived]:
    """Every address of a wallet: kind by kind, branch by branch, in the order of the index."""
    if isinstance(wallet.key, bytes):
        for script in wallet.scripts:
            yield Derived(address=spell(wallet.key, script, wallet.network), script=script, path="key")
        return
    found = [(branch, list(_keys(wallet.key, branch, wallet.count))) for branch in wallet.branches]
    for script in wallet.scripts:
        for branch, keys in found:
            for index, key in enumerate(keys):
                path = f"{branch.text}/{index}" if branch.ranged else branch.text
                yield Derived(address=spell(key, script, wallet.network), script=script, path=path)


def fingerprint(key: bytes) -> str:
    """The first four bytes of HASH160, as BIP 32 names a key."""
    digest: bytes = library.encoding().hash160(key)
    return digest[:4].hex()


def _keys(key: Extended, branch: Branch, count: int) -> Iterator[bytes]:
    at = library.keys().HDKey(key=key.key, chain=key.chain, depth=key.depth, is_private=False, network="bitcoin")
    for step in branch.steps:
        at = at.child_public(step)
    if not branch.ranged:
        yield _bytes(at)
        return
    for index in range(count):
        yield _bytes(at.child_public(index))


def _bytes(key: Any) -> bytes:
    made: bytes = key.public_byte
    return made


def spell(key: bytes, script: Script, network: Network) -> str:
    """The address of one key."""
    code = library.encoding()
    if script == "p2tr":
        return str(code.pubkeyhash_to_addr_bech32(_tweaked(key), network.hrp, 1))
    digest = code.hash160(key)
    if script == "p2pkh":
        return str(code.pubkeyhash_to_addr_base58(digest, network.p2pkh))
    if script == "p2wpkh":
        return str(code.pubkeyhash_to_addr_bech32(digest, network.hrp, 0))
    return str(code.pubkeyhash_to_addr_base58(code.hash160(b"\0\x14" + digest), network.p2sh))


def _tweaked(key: bytes) -> bytes:
    """The output key of a key without scripts: Q = P + hash(P)G, its x alone (BIP 341, BIP 86)."""
    x, y = point(key[-32:])
    tag = sha256(b"TapTweak").digest()
    tweak = int.from_bytes(sha256(tag + tag + x.to_bytes(32, "big")).digest(), "big")
    if tweak >= ORDER:
        raise ValueError("its tweak is not below the order of the curve")
    added = library.keys().ec_point(tweak)
    return _sum((x, y), (int(added.x), int(added.y)))[0].to_bytes(32, "big")


def _sum(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    """The sum of two different points."""
    slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, FIELD) % FIELD
    x = (slope * slope - one[0] - two[0]) % FIELD
    return x, (slope * (one[0] - x) - one[1]) % FIELD
