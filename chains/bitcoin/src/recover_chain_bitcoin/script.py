"""What a locking script is, and the text by which it is known: an address, or its output descriptor.

Patterns: `Solver` in Bitcoin Core's `script/solver.cpp`. Descriptors: BIP 380, 381 (`pk`), 383 (`multi`) and
`raw` as in BIP 385. A script that nobody can spend (OP_RETURN first, or over 10,000 bytes) has no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from recover_chain_bitcoin import base58, bech32, cashaddr
from recover_chain_bitcoin.networks import Network

LONGEST = 10_000
"""Bytes that a script may have and still be spent (`MAX_SCRIPT_SIZE`)."""

OP_RETURN, CHECKSIG, CHECKMULTISIG = 0x6A, 0xAC, 0xAE
_KEY_SIZES = {b"\x02": 33, b"\x03": 33, b"\x04": 65, b"\x06": 65, b"\x07": 65}
_ANCHOR = bytes.fromhex("4e73")
_DESCRIPTOR = re.compile(r"(pk|multi|raw)\(([0-9a-fA-F,]*)\)(?:#([a-z0-9]{8}))?")


class Lock(NamedTuple):
    """A locking script's type and its text.

    `kind`: p2pk, p2pkh, p2sh, p2wpkh, p2wsh, p2tr, p2a (the anchor), witness (a version without meaning yet),
    multi (a bare one), raw (anything else), and op_return or unspendable, whose `address` is None.
    """

    kind: str
    address: str | None


def lock(network: Network, script: bytes) -> Lock:
    """Type and text of a locking script on a network."""
    size = len(script)
    if size == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return Lock("p2pkh", _keyhash(network, script[3:23]))
    if network.segwit and 4 <= size <= 42 and script[1] == size - 2 and (not script[0] or 80 < script[0] < 97):
        return _witness(network, script)
    if size == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87:
        return Lock("p2sh", _scripthash(network, script[2:22]))
    if size > LONGEST:
        return Lock("unspendable", None)
    if size and script[0] == OP_RETURN:
        return Lock("op_return", None)
    if size in (35, 67) and script[0] == size - 2 and script[-1] == CHECKSIG and _is_key(script[1:-1]):
        return Lock("p2pk", f"pk({script[1:-1].hex()})")
    if network.cashaddr and size == 35 and script[:2] == b"\xaa\x20" and script[34] == 0x87:
        return Lock("p2sh", cashaddr.encode(network.cashaddr, cashaddr.P2SH, script[2:34]))
    keys = _multisig(script)
    if keys is not None:
        return Lock("multi", f"multi({script[0] - 80},{','.join(key.hex() for key in keys)})")
    return Lock("raw", f"raw({script.hex()})")


def address(network: Network, text: str) -> bytes:
    """The locking script of an address in any of its forms, or of a descriptor of `lock`.

    Raises ValueError with the reason.
    """
    found = _DESCRIPTOR.fullmatch(text)
    if found is not None:
        return _described(found[1], found[2].lower(), found[3], text)
    if "(" in text:
        raise ValueError("it is none of the descriptors pk(KEY), multi(K,KEY,...) and raw(HEX)")
    # No cashaddr begins with 1 or 3: the first letter of its hash says the kind, q or p.
    if network.cashaddr and text[:1] not in ("1", "3"):
        return _cash(network, text)
    if network.hrp and text.lower().startswith(f"{network.hrp}1"):
        version, program = bech32.decode(network.hrp, text)
        return bytes([version + 80 if version else 0, len(program)]) + program
    payload = base58.decode(text)
    if len(payload) == 21 and payload[0] in (network.p2pkh, *network.older[0]):
        return b"\x76\xa9\x14" + payload[1:] + b"\x88\xac"
    if len(payload) == 21 and payload[0] in (network.p2sh, *network.older[1]):
        return b"\xa9\x14" + payload[1:] + b"\x87"
    raise ValueError(
        f"its version byte is {payload[0]} and its hash has {len(payload) - 1} bytes; "
        f"on {network.title} it is {network.p2pkh} or {network.p2sh}, and 20 bytes"
    )


def pushes(script: bytes) -> Iterator[bytes]:
    """The data that a script pushes, up to the first operation that pushes none or is cut off."""
    at, size = 0, len(script)
    while at < size:
        op = script[at]
        at += 1
        if op > 0x60 or op == 0x50:
            return
        if op > 0x4E:
            yield bytes([op - 80 & 0xFF])
            continue
        if op > 0x4B:
            width = 1 << (op - 0x4C)
            op, at = int.from_bytes(script[at : at + width], "little"), at + width
        if at + op > size:
            return
        yield script[at : at + op]
        at += op


def is_signature(item: bytes) -> bool:
    """Whether an item has the form of an ECDSA signature with its hash type (`IsValidSignatureEncoding`, BIP 66).

    Older ones may break the rules of BIP 66 and still count, if their lengths add up.
    """
    if not 9 <= len(item) <= 73 or item[0] != 0x30 or item[1] != len(item) - 3 or item[2] != 2:
        return False
    r = item[3]
    return r > 0 and 5 + r < len(item) and item[4 + r] == 2 and item[5 + r] + r + 7 == len(item)


def _witness(network: Network, script: bytes) -> Lock:
    version, program = script[0] and script[0] - 80, script[2:]
    size = len(program)
    if version == 0:
        if size not in (20, 32):
            return Lock("raw", f"raw({script.hex()})")
        kind = "p2wpkh" if size == 20 else "p2wsh"
    elif version == 1 and size == 32:
        kind = "p2tr"
    else:
        kind = "p2a" if version == 1 and program == _ANCHOR else "witness"
    return Lock(kind, bech32.encode(network.hrp, version, program))


def _keyhash(network: Network, digest: bytes) -> str:
    if network.cashaddr:
        return cashaddr.encode(network.cashaddr, cashaddr.P2PKH, digest)
    return base58.encode(bytes([network.p2pkh]) + digest)


def _scripthash(network: Network, digest: bytes) -> str:
    if network.cashaddr:
        return cashaddr.encode(network.cashaddr, cashaddr.P2SH, digest)
    return base58.encode(bytes([network.p2sh]) + digest)


def _is_key(key: bytes) -> bool:
    return len(key) == (
        33 if key[:1] in (b"\x02", b"\x03") else 65 if key[:1] in (b"\x04", b"\x06", b"\x07") else 0
    )


def _multisig(script: bytes) -> list[bytes] | None:
    """The keys of `K KEY... N OP_CHECKMULTISIG`, both numbers from 1 to 16, or None."""
    if len(script) < 37 or script[-1] != CHECKMULTISIG or not (80 < script[0] < 97 and 80 < script[-2] < 97):
        return None
    keys = list(pushes(script[1:-2]))
    plain = b"".join(bytes([len(key)]) + key for key in keys)
    good = plain == script[1:-2] and all(_is_key(key) for key in keys)
    return keys if good and script[0] - 80 <= len(keys) == script[-2] - 80 else None


def _described(kind: str, body: str, checksum: str | None, text: str) -> bytes:
    if checksum is not None and checksum != _checksum(text.rpartition("#")[0]):
        raise ValueError(f"its checksum is {checksum}, and should be {_checksum(text.rpartition('#')[0])}")
    count, *rest = body.split(",") if kind == "multi" else ("1", body)
    if any(len(each) % 2 for each in rest) or (kind != "multi" and len(rest) != 1):
        raise ValueError("it has a half byte, or more parts than it may")
    parts = [bytes.fromhex(each) for each in rest]
    if kind == "raw":
        return parts[0]
    if not all(_is_key(key) for key in parts):
        raise ValueError("a public key in it has not 33 or 65 bytes, or begins with none of 02, 03, 04")
    keys = b"".join(bytes([len(key)]) + key for key in parts)
    if kind == "pk":
        return keys + bytes([CHECKSIG])
    if not count.isdigit() or not 1 <= int(count[:3]) <= len(parts) <= 16 or count != str(int(count)):
        raise ValueError(f"it wants {count[:3]!a} of {len(parts)} keys; 1 to 16 can be")
    return bytes([80 + int(count)]) + keys + bytes([80 + len(parts), CHECKMULTISIG])


def _cash(network: Network, text: str) -> bytes:
    kind, digest = cashaddr.decode(network.cashaddr, text)
    if kind == cashaddr.P2PKH and len(digest) == 20:
        return b"\x76\xa9\x14" + digest + b"\x88\xac"
    if kind == cashaddr.P2SH and len(digest) in (20, 32):
        return (b"\xa9\x14" if len(digest) == 20 else b"\xaa\x20") + digest + b"\x87"
    raise ValueError(f"its hash has {len(digest)} bytes; 20 can be, and 32 for a script")


def _checksum(text: str) -> str:
    """The eight characters after # of a descriptor (BIP 380)."""
    check, group, count = 1, 0, 0
    for letter in text:
        place = _INPUT.find(letter)
        check = _polymod(check, place & 31)
        group, count = group * 3 + (place >> 5), count + 1
        if count == 3:
            check, group, count = _polymod(check, group), 0, 0
    if count:
        check = _polymod(check, group)
    for _ in range(8):
        check = _polymod(check, 0)
    check ^= 1
    return "".join(bech32.CHARSET[check >> 5 * (7 - n) & 31] for n in range(8))


_INPUT = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_GENERATOR = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)


def _polymod(check: int, value: int) -> int:
    top = check >> 35
    check = (check & 0x7FFFFFFFF) << 5 ^ value
    for bit, generator in enumerate(_GENERATOR):
        if top >> bit & 1:
            check ^= generator
    return check
