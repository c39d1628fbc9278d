"""Forms: the addresses that one key opens, where a script names the key itself and no hash of it.

Early miners and clients were paid to a bare public key (`pk(KEY)`). Everybody else knows that key by an address
that hashes it, in one of the key's two serialisations (SEC 1, 2.3.3), so a label names one of those.
"""

from __future__ import annotations

import hashlib

from recover_chain_bitcoin import script
from recover_chain_bitcoin.networks import Network, every

_P = 2**256 - 2**32 - 977  # the field of secp256k1 (SEC 2)


def forms(network: Network, text: str) -> tuple[str, ...]:
    """The addresses on the network that the key of `pk(KEY)` opens; none for any other text.

    P2PKH of the key as it stands and in its other serialisation; where the network has segwit also P2WPKH, alone
    and inside P2SH, which take the compressed one only (BIP 143, BIP 141).
    """
    if not text.startswith("pk("):
        return ()
    key = bytes.fromhex(text[3:-1])
    both = _serialised(key)
    locks = [_keyhash(each) for each in dict.fromkeys((key, *both))]
    if network.segwit and both:
        witness = b"\x00\x14" + _hash160(both[0])
        locks += [witness, b"\xa9\x14" + _hash160(witness) + b"\x87"]
    found = (script.lock(network, lock).address for lock in locks)
    return tuple(address for address in found if address)


def alike(network: Network, text: str) -> tuple[tuple[str, str], ...]:
    """(chain, address) of the same locking script on the other main networks of the family, none for test coins.

    Forks share keys from the day they part, and people use one key on several coins. What a segwit program locks
    has another meaning where there is no segwit, and what has no address names its own bytes everywhere.
    """
    if network.test:
        return ()
    lock = script.address(network, text)
    kind = script.lock(network, lock).kind
    found = ((other.id, script.lock(other, lock)) for other in every() if other != network and not other.test)
    return tuple((chain, one.address) for chain, one in found if one.kind == kind and one.address)


def _keyhash(key: bytes) -> bytes:
    return b"\x76\xa9\x14" + _hash160(key) + b"\x88\xac"


def _hash160(data: bytes) -> bytes:
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def _serialised(key: bytes) -> tuple[bytes, ...]:
    """A key compressed and uncompressed; none where the bytes are no point of the curve, which no key opens."""
    x = int.from_bytes(key[1:33], "big")
    square = (pow(x, 3, _P) + 7) % _P
    y = int.from_bytes(key[33:], "big") if len(key) == 65 else pow(square, (_P + 1) // 4, _P)
    if x >= _P or y >= _P or y * y % _P != square:
        return ()
    if len(key) == 33 and y % 2 != key[0] % 2:
        y = _P - y
    flat = x.to_bytes(32, "big")
    return bytes([2 + y % 2]) + flat, b"\x04" + flat + y.to_bytes(32, "big")
