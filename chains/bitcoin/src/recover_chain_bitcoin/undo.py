"""What the inputs of a block spent, in the three forms in which nodes hand it out.

`core`: one record of Bitcoin Core's rev*.dat (`CBlockUndo`: amounts and scripts compressed). `rest`: Core's
`/rest/spenttxouts/HASH.bin`. `flat`: outputs one after another, as bcoin keeps its test data. Each gives, per
transaction of the block in order (an empty tuple for the coinbase), the outputs that its inputs spend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from recover.sdk import Error
from recover_chain_bitcoin import frames, networks, origin
from recover_chain_bitcoin.transaction import Output, Tx
from recover_chain_bitcoin.wire import bounded, compact, internal, malformed, sha256d, take

Prevouts: TypeAlias = tuple[tuple[Output, ...], ...]

_FIELD = 2**256 - 2**32 - 977  # the prime of secp256k1 (SEC 2)
_SPECIAL = 6
_SUM = 32
_NAMED = re.compile(r"rev[0-9]{5}\.dat")


def rest(data: bytes) -> Prevouts:
    """The body of `/rest/spenttxouts/HASH.bin`. Raises Error naming the byte, also where bytes are left over."""
    count, at = compact(data, 0)
    bounded(count, 1, data, at, "transactions")
    found = []
    for _ in range(count):
        size, at = compact(data, at)
        bounded(size, 9, data, at, "outputs")
        outputs = []
        for _ in range(size):
            output, at = _plain(data, at)
            outputs.append(output)
        found.append(tuple(outputs))
    _ended(data, at)
    return tuple(found)


def core(data: bytes) -> Prevouts:
    """One `CBlockUndo`, without the checksum that follows it in rev*.dat. Raises Error naming the byte."""
    count, at = compact(data, 0)
    bounded(count, 1, data, at, "transactions")
    found: list[tuple[Output, ...]] = [()]
    for _ in range(count):
        size, at = compact(data, at)
        bounded(size, 3, data, at, "outputs")
        outputs = []
        for _ in range(size):
            output, at = _coin(data, at)
            outputs.append(output)
        found.append(tuple(outputs))
    _ended(data, at)
    return tuple(found)


def records(raw: bytes, key: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
    """The records of a rev*.dat, each with its checksum; `key` is its node's `xor.dat`, where there is one.

    Raises Error naming the byte.
    """
    data, used = frames.cleared(raw, key), len(raw.rstrip(b"\0"))
    at = 0
    while at < used:
        if not networks.by_magic(data[at : at + 4]):
            raise malformed(at, f"{data[at : at + 4].hex()} stands where the magic of the next record belongs")
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        body = take(data, at + 8, size, "a record of spent outputs")
        yield body, take(data, at + 8 + size, _SUM, "its checksum")
        at += 8 + size + _SUM


def begins(name: str, head: bytes) -> bool:
    """Whether a file is a node's rev*.dat: by its records, or, where its obfuscation hides them, by its name."""
    plain = frames.cleared(head, frames.key(head))
    if origin.is_block(plain[8:]):
        return False
    if not networks.by_magic(plain[:4]):
        return _NAMED.fullmatch(name) is not None and len(head) > 8
    size = int.from_bytes(plain[4:8], "little")
    after = plain[8 + size + _SUM : 8 + size + _SUM + 4]
    return _NAMED.fullmatch(name) is not None or bool(networks.by_magic(after))


def belongs(record: bytes, checksum: bytes, parent: str) -> bool:
    """Whether a record is that of a block with this parent: the checksum is over both (`WriteBlockUndo`)."""
    return sha256d(internal(parent) + record) == checksum


def flat(data: bytes, transactions: Sequence[Tx]) -> Prevouts:
    """Outputs in the order of the block's inputs, without counts. Raises Error naming the byte."""
    at = 0
    found = []
    for tx in transactions:
        outputs = []
        for _ in () if tx.is_coinbase else tx.inputs:
            output, at = _plain(data, at)
            outputs.append(output)
        found.append(tuple(outputs))
    _ended(data, at)
    return tuple(found)


def match(prevouts: Sequence[Sequence[Output | None]], transactions: Sequence[Tx]) -> None:
    """Raises Error unless there is one output for each input of each transaction, and none for the coinbase."""
    has = [len(each) for each in prevouts]
    needs = [0 if tx.is_coinbase else len(tx.inputs) for tx in transactions]
    if has != needs:
        at = next((n for n, pair in enumerate(zip(has, needs, strict=False)) if pair[0] != pair[1]), len(has))
        raise Error(
            "prevouts-differ",
            "The spent outputs are not those of this block.",
            f"They are for {len(has)} transactions and the block has {len(needs)}; the first difference is at "
            f"transaction {at}.",
            "Take the block and its spent outputs from the same node, for the same block hash.",
        )


def expand_amount(packed: int) -> int:
    """The inverse of Core's `CompressAmount` (`compressor.cpp`)."""
    if packed == 0:
        return 0
    packed, power = divmod(packed - 1, 10)
    if power == 9:
        return (packed + 1) * 1_000_000_000
    packed, digit = divmod(packed, 9)
    return (packed * 10 + digit + 1) * int("1" + "0" * power)


def _coin(data: bytes, at: int) -> tuple[Output, int]:
    code, at = _varint(data, at)
    if code >> 1:  # the height; once a version stood after it, and its place is kept
        _, at = _varint(data, at)
    packed, at = _varint(data, at)
    script, at = _script(data, at)
    return Output(expand_amount(packed), script), at


def _script(data: bytes, at: int) -> tuple[bytes, int]:
    kind, at = _varint(data, at)
    if kind >= _SPECIAL:
        size = kind - _SPECIAL
        return take(data, at, size, "a script"), at + size
    body = take(data, at, 20 if kind < 2 else 32, "a compressed script")
    at += len(body)
    if kind == 0:
        return b"\x76\xa9\x14" + body + b"\x88\xac", at
    if kind == 1:
        return b"\xa9\x14" + body + b"\x87", at
    if kind < 4:
        return b"\x21" + bytes([kind]) + body + b"\xac", at
    return b"\x41" + _point(kind - 2, body, at) + b"\xac", at


def _point(parity: int, x: bytes, at: int) -> bytes:
    """The uncompressed public key of one whose x and parity are known: y^2 = x^3 + 7 (SEC 1, 2.3.4)."""
    number = int.from_bytes(x, "big")
    square = (pow(number, 3, _FIELD) + 7) % _FIELD
    y = pow(square, (_FIELD + 1) // 4, _FIELD)
    if number >= _FIELD or y * y % _FIELD != square:
        raise malformed(at - 32, "a compressed public key is not on the curve")
    if y % 2 != parity % 2:
        y = _FIELD - y
    return b"\x04" + x + y.to_bytes(32, "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Core's `VARINT`: seven bits a byte, most significant first, one added at each continuation."""
    value, start = 0, at
    while at < len(data):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if value > 2**63:
            raise malformed(start, "a number has more than 64 bits")
        if not byte & 0x80:
            return value, at
        value += 1
    raise malformed(start, "a number is cut off")


def _plain(data: bytes, at: int) -> tuple[Output, int]:
    value = int.from_bytes(take(data, at, 8, "a value"), "little", signed=True)
    if value < 0:
        raise malformed(at, f"an output has the negative value {value}")
    size, at = compact(data, at + 8)
    return Output(value, take(data, at, size, "a script")), at + size


def _ended(data: bytes, at: int) -> None:
    if at != len(data):
        raise malformed(at, f"the spent outputs end, and {len(data) - at} bytes follow")
