"""Tables and answers that have the columns of an EVM chain's, and are TRON's.

A TRON block's id begins with the block's height, in eight bytes (TRON developer documentation, "Block": the first
eight bytes of the hash are replaced). A hash of Ethereum or of its like does so once in 2^64. A TRON address
is 41 and 20 bytes; exporters leave the 41 out, so that the addresses alone look like Ethereum's.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc

from recover.sdk import NotRecognised
from recover_chain_evm.frame import Frame

_HEIGHT = 8
_ZEROS = ("0x00000000", "00000000", "AAAAA")  # heights below 2^32, as hexadecimal digits and as base64
_PARTIES = ("contract", "src", "dst", "sender", "called", "created")
_ADDRESS = re.compile(r"(?:0[xX])?41[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33}")
_INNER = frozenset({"caller_address", "transferto_address", "callerAddress", "transfertoAddress"})
_ID = re.compile(rb'"(?:hash|blockHash)"\s*:\s*"0x([0-9a-fA-F]{64})"')
_NUMBER = re.compile(rb'"(?:number|blockNumber)"\s*:\s*"0x([0-9a-fA-F]{1,16})"')


def is_block(height: Any, block: Any) -> bool:
    """Whether a block's hash begins with its height, as only TRON's do. Both as an exhibit writes them."""
    number, digest = _number(height), _bytes(block)
    if number is None or not 0 <= number < 2**63 or len(digest) != 32 or not any(digest[_HEIGHT:]):
        return False
    return digest[:_HEIGHT] == number.to_bytes(_HEIGHT, "big")


def is_row(row: Mapping[str, Any]) -> bool:
    """Whether a row, under the decoders' names, is TRON's: by its block's hash, or by a TRON address."""
    if is_block(row.get("height"), row.get("block")):
        return True
    parties = (row.get(name) for name in _PARTIES)
    return any(isinstance(text, str) and _ADDRESS.fullmatch(text) is not None for text in parties)


def is_frame(frame: Frame) -> bool:
    """Whether any row of a table is of a TRON block, or its first row names a TRON address."""
    if not len(frame):
        return False
    first = frame.only(np.arange(len(frame)) == 0)
    if is_row({name: first.raw(name)[0] for name in _PARTIES}):
        return True
    if not frame.has("block") or not frame.has("height"):
        return False
    shown = frame.texts("block")
    near = np.zeros(len(frame), np.bool_)
    for zeros in _ZEROS:
        near |= np.asarray(pc.fill_null(pc.starts_with(shown, zeros), False))
    if not near.any():
        return False
    few = frame.only(near)
    return any(map(is_block, few.raw("height"), few.raw("block")))


def is_table(columns: Iterable[str]) -> bool:
    """Whether columns are those of TRON's internal transactions, which no EVM chain has."""
    return bool(_INNER & set(columns))


def is_answer(text: bytes) -> bool:
    """Whether a node's answer in JSON names a block whose hash begins with its height."""
    numbers = {int(found, 16) for found in _NUMBER.findall(text)} - {0}
    blocks = {found.decode() for found in _ID.findall(text)}
    return any(
        (height := int(block[: 2 * _HEIGHT], 16)) in numbers and is_block(height, block) for block in blocks
    )


def refused(name: str) -> NotRecognised:
    """What is said of such a file."""
    return NotRecognised(
        "tron-table",
        f"{name} is TRON's, and this source reads Ethereum and chains like it.",
        "Its blocks' hashes begin with their heights, or its addresses begin with 41 or T: only TRON writes so.",
        "Import it without --as, so that a source for TRON takes it where there is one.",
    )


def _number(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not value.isascii() or len(value) > 20:
        return None
    try:
        return int(value, 16 if value[:2] in ("0x", "0X") else 10)
    except ValueError:
        return None


def _bytes(value: Any) -> bytes:
    """A hash as hexadecimal digits, as base64, or as it is; empty where it is none of these."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return b""
    try:
        if len(value) == 44:
            return b64decode(value, validate=True)
        return bytes.fromhex(value.removeprefix("0x")) if len(value) in (64, 66) else b""
    except ValueError:
        return b""
