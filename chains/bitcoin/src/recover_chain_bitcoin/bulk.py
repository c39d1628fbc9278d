"""Addresses of many scripts at once: the same texts as `script.lock`, with the arithmetic done in columns.

Writing addresses one by one would cost more than parsing the block that they stand in. Base 58 is long division,
done here over all hashes together; the checksum of bech32 is linear over bits, so it is one look-up a byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from recover_chain_bitcoin import base58, bech32
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.script import Lock, lock

_FEW = 16
"""Below this many, columns cost more than they save."""

_FIVE = 58**5  # below 2^30, so that a remainder and 32 more bits fit into 64
_LETTERS = np.frombuffer(base58.ALPHABET.encode(), np.uint8)
_CHARSET = np.frombuffer(bech32.CHARSET.encode(), np.uint8)
_WEIGHTS = np.array([16, 8, 4, 2, 1], np.uint8)


def locks(network: Network, scripts: Iterable[bytes]) -> dict[bytes, Lock]:
    """Type and text of every script, each once."""
    found: dict[bytes, Lock] = {}
    groups: dict[str, list[bytes]] = {"p2pkh": [], "p2sh": [], "p2wpkh": [], "p2wsh": [], "p2tr": []}
    for each in dict.fromkeys(scripts):
        kind = _kind(network, each)
        if kind:
            groups[kind].append(each)
        else:
            found[each] = lock(network, each)
    for kind, listed in groups.items():
        if len(listed) < _FEW:
            found.update((each, lock(network, each)) for each in listed)
        else:
            texts = _texts(network, kind, listed)
            found.update((each, Lock(kind, text)) for each, text in zip(listed, texts, strict=True))
    return found


def base58check(version: int, hashes: Sequence[bytes]) -> list[str]:
    """Base58check texts of hashes of 20 bytes under one version byte."""
    head = bytes([version])
    full = [(p := head + each) + sha256(sha256(p).digest()).digest()[:4] for each in hashes]
    raw = np.frombuffer(b"\0\0\0" + b"\0\0\0".join(full), np.uint8).reshape(len(full), 28)
    limbs = raw.view(">u4").astype(np.uint64)
    digits = np.empty((len(full), 35), np.uint8)
    for chunk in range(7):
        rest = _divide(limbs)
        for place in range(5):
            digits[:, 34 - 5 * chunk - place] = rest % np.uint64(58)
            rest //= np.uint64(58)
    zeros = (raw[:, 3:] != 0).argmax(axis=1).tolist()
    texts = _LETTERS[digits].view("S35").ravel().astype("U35").tolist()
    return ["1" * count + text.lstrip("1") for count, text in zip(zeros, texts, strict=True)]


def segwit(hrp: str, version: int, programs: Sequence[bytes]) -> list[str]:
    """Bech32 or bech32m texts of witness programs of one length."""
    size = len(programs[0])
    raw = np.frombuffer(b"".join(programs), np.uint8).reshape(len(programs), size)
    spare = -size * 8 % 5
    bits = np.pad(np.unpackbits(raw, axis=1), ((0, 0), (0, spare)))
    body = bits.reshape(len(programs), -1, 5) @ _WEIGHTS
    fixed, tables = bech32.checksums(hrp, version, size)
    check = np.bitwise_xor.reduce(np.array(tables, np.uint32)[np.arange(size), raw], axis=1) ^ np.uint32(fixed)
    tail = (check[:, None] >> np.array([25, 20, 15, 10, 5, 0], np.uint32)) & np.uint32(31)
    letters = np.concatenate([_CHARSET[body], _CHARSET[tail]], axis=1)
    width = letters.shape[1]
    texts = np.ascontiguousarray(letters).view(f"S{width}").ravel().astype(f"U{width}").tolist()
    head = f"{hrp}1{bech32.CHARSET[version]}"
    return [head + text for text in texts]


def _divide(limbs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Divide every number by 58^5 in place, most significant limb first; the remainders."""
    rest = np.zeros(len(limbs), np.uint64)
    for place in range(limbs.shape[1]):
        whole = rest << np.uint64(32) | limbs[:, place]
        limbs[:, place] = whole // np.uint64(_FIVE)
        rest = whole - limbs[:, place] * np.uint64(_FIVE)
    return rest


def _kind(network: Network, script: bytes) -> str:
    """The type of the scripts that are common enough to be done in columns, else nothing."""
    size = len(script)
    if network.cashaddr:
        return ""
    if size == 25:
        return "p2pkh" if script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac" else ""
    if size == 23:
        return "p2sh" if script[:2] == b"\xa9\x14" and script[22] == 0x87 else ""
    if not network.segwit:
        return ""
    if size == 22:
        return "p2wpkh" if script[:2] == b"\0\x14" else ""
    if size == 34:
        return "p2tr" if script[:2] == b"\x51\x20" else "p2wsh" if script[:2] == b"\0\x20" else ""
    return ""


def _texts(network: Network, kind: str, scripts: Sequence[bytes]) -> list[str]:
    if kind == "p2pkh":
        return base58check(network.p2pkh, [each[3:23] for each in scripts])
    if kind == "p2sh":
        return base58check(network.p2sh, [each[2:22] for each in scripts])
    return segwit(network.hrp, 1 if kind == "p2tr" else 0, [each[2:] for each in scripts])
