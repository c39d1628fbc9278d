"""Raw transactions: parsed from their bytes, and built again from their fields (BIP 144 with witnesses).

Named tuples and not dataclasses, because a block has thousands of each and making one must cost little.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from recover.sdk import Error
from recover_chain_bitcoin.wire import CUT, bounded, compact, display, malformed, sha256d, sized

NULL = "00" * 32
"""The transaction that a coinbase says it spends."""

_U32 = struct.Struct("<I").unpack_from
_I32 = struct.Struct("<i").unpack_from
_I64 = struct.Struct("<q").unpack_from
_OUTPOINT = struct.Struct("<32sI").unpack_from
_MWEB = 8


class Input(NamedTuple):
    """One input: the output it spends (id in hexadecimal as displayed, number), and what unlocks it."""

    tx: str
    vout: int
    script: bytes
    sequence: int
    witness: tuple[bytes, ...] = ()


class Output(NamedTuple):
    """One output: its value in base units and its locking script."""

    value: int
    script: bytes


class Tx(NamedTuple):
    """One transaction. `raw` are its bytes as they came, `base` their number without the witnesses.

    `at` is where it began in what was parsed. `id` was computed from the bytes.
    """

    id: str
    version: int
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    locktime: int
    raw: bytes
    base: int
    at: int = 0

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def weight(self) -> int:
        """BIP 141: three times the base size and once the whole."""
        return 3 * self.base + len(self.raw)

    @property
    def vsize(self) -> int:
        return (self.weight + 3) // 4

    @property
    def witness_id(self) -> str:
        """The wtxid: the hash of the bytes with their witnesses, the id where there are none."""
        return display(sha256d(self.raw)) if self.has_witness else self.id

    @property
    def is_integrating(self) -> bool:
        """Whether it is Litecoin's last transaction of a block, which stands for what MimbleWimble moved."""
        return self.base != len(self.raw) and bool(self.raw[5] & _MWEB)

    @property
    def is_coinbase(self) -> bool:
        return len(self.inputs) == 1 and self.inputs[0].tx == NULL and self.inputs[0].vout == 0xFFFFFFFF

    @property
    def has_witness(self) -> bool:
        return self.base != len(self.raw) and any(each.witness for each in self.inputs)


def parse(data: bytes, *, witness: bool = True) -> Tx:
    """The one transaction that `data` is. Raises Error naming the byte, also where bytes are left over."""
    found = read(data, witness=witness)
    if len(found.raw) != len(data):
        raise malformed(len(found.raw), f"the transaction ends, and {len(data) - len(found.raw)} bytes follow")
    return found


def read(data: bytes, at: int = 0, *, witness: bool = True) -> Tx:
    """The transaction that begins at `at`. `witness` False for networks that have none.

    Raises Error naming the byte where it is cut off, where a count cannot fit into the bytes that are left, and
    for what Bitcoin Core refuses: no inputs, no outputs, unknown flags, empty witnesses, negative values.
    """
    start = at
    try:
        (version,) = _I32(data, at)
        at += 4
        flag = data[at + 1] if witness and data[at] == 0 else 0
        body = at = at + 2 if flag else at
        spent, at = _inputs(data, at)
        outputs, at = _outputs(data, at)
        end = at
        if flag:
            _check_flag(flag, body - 1)
            inputs, at = _witnesses(data, at, spent, empty=bool(flag & _MWEB)) if flag & 1 else (spent, at)
            if flag & _MWEB:
                at = _mweb(data, at)
        else:
            inputs = spent
        (locktime,) = _U32(data, at)
        at += 4
    except (struct.error, IndexError, OverflowError):
        why = f"a transaction begins, and the bytes end at {len(data)} before it does"
        raise malformed(start, why, CUT) from None
    raw = data[start:at]
    if not flag:
        return Tx(display(sha256d(raw)), version, inputs, outputs, locktime, raw, len(raw), start)
    plain = data[start : start + 4] + data[body:end] + data[at - 4 : at]
    return Tx(display(sha256d(plain)), version, inputs, outputs, locktime, raw, len(plain), start)


def build(version: int, inputs: Sequence[Input], outputs: Sequence[Output], locktime: int) -> Tx:
    """A transaction from its fields, as a node's JSON lists them, with its bytes and its id.

    Raises Error when a field does not fit into its place on the wire.
    """
    try:
        head, tail = version.to_bytes(4, "little", signed=True), locktime.to_bytes(4, "little")
        body = b"".join(
            [
                sized(len(inputs)),
                *(_input_bytes(each) for each in inputs),
                sized(len(outputs)),
                *(o.value.to_bytes(8, "little", signed=True) + sized(len(o.script)) + o.script for o in outputs),
            ]
        )
    except (OverflowError, ValueError):
        raise Error(
            "field-too-large",
            "A field of a transaction does not fit into its bytes.",
            "A version, number, value or id is outside of what the wire format holds.",
            "Check the record in the exhibit; it is damaged or not a transaction.",
        ) from None
    plain = head + body + tail
    raw = plain
    if any(each.witness for each in inputs):
        raw = head + b"\x00\x01" + body + b"".join(_witness_bytes(each.witness) for each in inputs) + tail
    return Tx(display(sha256d(plain)), version, tuple(inputs), tuple(outputs), locktime, raw, len(plain))


def _inputs(data: bytes, at: int) -> tuple[tuple[Input, ...], int]:
    count, at = compact(data, at)
    if not count:
        raise malformed(at - 1, "a transaction has no inputs")
    bounded(count, 41, data, at, "inputs")
    found: list[Input] = []
    for _ in range(count):
        tx, vout = _OUTPOINT(data, at)
        at += 36
        size = data[at]
        at += 1
        if size >= 0xFD:
            size, at = compact(data, at - 1)
        end = at + size
        (sequence,) = _U32(data, end)
        found.append(Input(tx[::-1].hex(), vout, data[at:end], sequence))
        at = end + 4
    return tuple(found), at


def _outputs(data: bytes, at: int) -> tuple[tuple[Output, ...], int]:
    count, at = compact(data, at)
    if not count:
        raise malformed(at - 1, "a transaction has no outputs")
    bounded(count, 9, data, at, "outputs")
    found: list[Output] = []
    for _ in range(count):
        (value,) = _I64(data, at)
        if value < 0:
            raise malformed(at, f"an output has the negative value {value}")
        at += 8
        size = data[at]
        at += 1
        if size >= 0xFD:
            size, at = compact(data, at - 1)
        end = at + size
        found.append(Output(value, data[at:end]))
        at = end
    if at > len(data):
        raise IndexError(at)
    return tuple(found), at


def _witnesses(data: bytes, at: int, spent: tuple[Input, ...], *, empty: bool) -> tuple[tuple[Input, ...], int]:
    found: list[Input] = []
    some = empty
    for each in spent:
        count = data[at]
        at += 1
        if count >= 0xFD:
            count, at = compact(data, at - 1)
            bounded(count, 1, data, at, "witness items")
        items: list[bytes] = []
        for _ in range(count):
            size = data[at]
            at += 1
            if size >= 0xFD:
                size, at = compact(data, at - 1)
            items.append(data[at : at + size])
            at += size
        some = some or count > 0
        found.append(Input(each.tx, each.vout, each.script, each.sequence, tuple(items)))
    if not some:
        raise malformed(at, "a transaction says that it has witnesses, and has none")
    return tuple(found), at


def _check_flag(flag: int, at: int) -> None:
    """1: witnesses. 8: Litecoin's last transaction of a block, whose extension holds what MimbleWimble moved."""
    if flag & ~(1 | _MWEB):
        raise malformed(at, f"a transaction has the unknown flag {flag:#04x}")


def _mweb(data: bytes, at: int) -> int:
    if data[at]:
        raise malformed(at, "a transaction carries MimbleWimble data, whose amounts are hidden")
    return at + 1


def _input_bytes(each: Input) -> bytes:
    tx = bytes.fromhex(each.tx)[::-1]
    if len(tx) != 32:
        raise ValueError(each.tx)
    sequence = each.sequence.to_bytes(4, "little")
    return tx + each.vout.to_bytes(4, "little") + sized(len(each.script)) + each.script + sequence


def _witness_bytes(items: tuple[bytes, ...]) -> bytes:
    return sized(len(items)) + b"".join(sized(len(item)) + item for item in items)
