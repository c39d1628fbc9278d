"""Which texts of a column are addresses in this network's own spelling, every checksum recomputed, in columns.

Lists of labels hold hundreds of thousands of addresses. Reading them one by one through `script.address` and
writing them again through `script.lock` takes most of an import. What is not called spelt here is no fault: it is
asked one by one, where a refusal has its reason.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover_chain_bitcoin import base58, bech32
from recover_chain_bitcoin.networks import Network

_NONE = 255  # no letter of an alphabet stands for it
_BYTES = 25  # a version byte, a hash of 20 bytes and a checksum of 4
_LONG = 35  # letters: as many as 25 bytes take at most, in seven chunks of five
_SEGWIT = {42: (0,), 62: (0, 1)}
"""How long an address of `bc` is by its witness versions; one character of the prefix more is one more."""


def spelt(network: Network, texts: pa.Array) -> pa.Array:
    """One truth value a text, false for null. True only where `parse` gives the text back as it is."""
    found = np.zeros(len(texts), bool)
    if network.cashaddr:
        return pa.array(found)  # base58 is its older form, and is written anew
    sizes = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    segwit = {size + len(network.hrp) - 2: of for size, of in _SEGWIT.items()} if network.segwit else {}
    for size in sorted({*range(_BYTES, _LONG + 1), *segwit}):
        at = np.flatnonzero(sizes == size)
        if not len(at):
            continue
        letters = _letters(texts.take(pa.array(at)), size)
        if size <= _LONG:
            found[at] |= _base58(network, letters)
        if size in segwit and network.hrp:
            found[at] |= _bech32(network.hrp, segwit[size], letters)
    return pa.array(found)


def _letters(texts: pa.Array, size: int) -> NDArray[np.uint8]:
    """The bytes of texts of one length, one row each."""
    _, _, data = texts.cast(pa.string()).buffers()
    return np.frombuffer(data, np.uint8, count=len(texts) * size).reshape(len(texts), size)


def _table(alphabet: str) -> NDArray[np.uint8]:
    found = np.full(256, _NONE, np.uint8)
    found[np.frombuffer(alphabet.encode(), np.uint8)] = np.arange(len(alphabet), dtype=np.uint8)
    return found


_DIGITS = _table(base58.ALPHABET)
_SYMBOLS = _table(bech32.CHARSET)
_LIMBS = _BYTES // 2 + 1
# 58^(5j) in limbs of 16 bits: with chunks of five letters below 2^30 no sum comes near 64 bits.
_POWERS = np.array(
    [[58 ** (5 * j) >> 16 * k & 0xFFFF for k in range(_LIMBS)] for j in range(_LONG // 5)], np.uint64
)


def _base58(network: Network, letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Base58check of 21 bytes under one of the two version bytes that the network writes."""
    digits = _DIGITS[letters]
    good: NDArray[np.bool_] = (digits != _NONE).all(axis=1)
    wide = np.zeros((len(letters), _LONG), np.uint64)
    wide[:, _LONG - letters.shape[1] :] = np.where(good[:, None], digits, 0)
    chunks = np.zeros((len(letters), _LONG // 5), np.uint64)
    for place in range(5):
        chunks = chunks * np.uint64(58) + wide[:, place::5]
    limbs = chunks[:, ::-1] @ _POWERS
    for k in range(_LIMBS - 1):
        limbs[:, k + 1] += limbs[:, k] >> np.uint64(16)
    good &= limbs[:, -1] < 256  # else it is a number of more than 25 bytes
    raw = (limbs & np.uint64(0xFFFF)).astype("<u2").view(np.uint8).reshape(len(letters), -1)[:, _BYTES - 1 :: -1]
    # One spelling: as many ones at the head as zero bytes.
    good &= _run(letters == ord("1")) == _run(raw == 0)
    good &= np.isin(raw[:, 0], (network.p2pkh, network.p2sh))
    kept = np.flatnonzero(good)
    good[kept] = (
        _sums(np.ascontiguousarray(raw[kept]).tobytes()) == raw[kept, _BYTES - 4 :].copy().view(">u4")[:, 0]
    )
    return good


def _run(same: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many are true from the left, up to the first that is not."""
    found: NDArray[np.int64] = np.where(same.all(axis=1), same.shape[1], (~same).argmax(axis=1))
    return found


def _sums(data: bytes) -> NDArray[np.uint32]:
    """The checksum that every row should have: the first four bytes of its double SHA-256."""
    ends = range(_BYTES - 4, len(data) + 1, _BYTES)
    found = b"".join([sha256(sha256(data[end - 21 : end]).digest()).digest()[:4] for end in ends])
    return np.frombuffer(found, ">u4")


_GENERATORS = np.array(
    [
        np.bitwise_xor.reduce([g if top >> bit & 1 else 0 for bit, g in enumerate(bech32.GENERATOR)])
        for top in range(32)
    ],
    np.uint32,
)


def _bech32(hrp: str, versions: tuple[int, ...], letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Small letters after the prefix, a checksum of the version's own constant, and no bit set in the padding."""
    head = np.frombuffer(f"{hrp}1".encode(), np.uint8)
    good: NDArray[np.bool_] = (letters[:, : len(head)] == head).all(axis=1)
    symbols = _SYMBOLS[letters[:, len(head) :]]
    good &= (symbols != _NONE).all(axis=1)
    values = np.where(good[:, None], symbols, 0).astype(np.uint32)
    check = np.full(len(letters), bech32.polymod(bech32.expand(hrp)), np.uint32)
    for place in range(values.shape[1]):
        check = (check & np.uint32(0x1FFFFFF)) << np.uint32(5) ^ values[:, place] ^ _GENERATORS[check >> 25]
    right = np.zeros(len(letters), bool)
    for version in versions:
        right |= (values[:, 0] == version) & (check == (bech32.BECH32M if version else bech32.BECH32))
    spare = 5 * (values.shape[1] - 7) % 8  # version and checksum are no data
    good &= right & (values[:, -7] & np.uint32((1 << spare) - 1) == 0)
    return good
