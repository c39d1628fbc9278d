"""Spent outputs in the forms in which nodes hand them out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Error
from recover_chain_bitcoin import undo
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import Output
from recover_chain_bitcoin.wire import sized

KEY = (
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
)
"""The generator of secp256k1 (SEC 2), uncompressed; its y is even."""

outputs = st.builds(Output, st.integers(0, 2**62), st.binary(max_size=300))
blocks = st.lists(st.lists(outputs, min_size=1, max_size=4).map(tuple), max_size=5).map(tuple)


def plain(each: Output) -> bytes:
    return each.value.to_bytes(8, "little") + sized(len(each.script)) + each.script


@given(blocks)
def test_spent_outputs_of_the_rest_interface(spent: undo.Prevouts) -> None:
    body = sized(len(spent) + 1) + b"\0" + b"".join(sized(len(t)) + b"".join(map(plain, t)) for t in spent)
    assert undo.rest(body) == ((), *spent)
    for spoiled in (body[:-1], body + b"\0"):
        with pytest.raises(Error):
            undo.rest(spoiled)


@pytest.mark.parametrize(
    ("packed", "amount"),
    [  # `compress_tests.cpp` of Bitcoin Core
        (0x0, 0),
        (0x1, 1),
        (0x7, 1_000_000),
        (0x9, 100_000_000),
        (0x32, 50 * 100_000_000),
        (0x1406F40, 21_000_000 * 100_000_000),
    ],
)
def test_amounts_are_expanded(packed: int, amount: int) -> None:
    assert undo.expand_amount(packed) == amount


def varint(value: int) -> bytes:
    """Core's VARINT, written from its description in `serialize.h`."""
    out = [value & 0x7F]
    while value > 0x7F:
        value = (value >> 7) - 1
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


@pytest.mark.parametrize(
    ("packed", "script"),
    [
        (b"\0" + bytes(range(20)), b"\x76\xa9\x14" + bytes(range(20)) + b"\x88\xac"),
        (b"\1" + bytes(range(20)), b"\xa9\x14" + bytes(range(20)) + b"\x87"),
        (b"\2" + bytes(range(32)), b"\x21\x02" + bytes(range(32)) + b"\xac"),
        (b"\3" + bytes(range(32)), b"\x21\x03" + bytes(range(32)) + b"\xac"),
        (b"\4" + bytes.fromhex(KEY[2:66]), b"\x41" + bytes.fromhex(KEY) + b"\xac"),
        (varint(6 + 3) + b"\x51\x52\x53", b"\x51\x52\x53"),
        (varint(6 + 300) + b"\x51" * 300, b"\x51" * 300),
        (varint(6), b""),
    ],
)
@pytest.mark.parametrize("old", [False, True])
def test_undo_records_of_core(packed: bytes, script: bytes, old: bool) -> None:
    code = varint(2 * 300_000) + (varint(1) if old else varint(0))
    record = b"\x01\x01" + code + varint(0x32) + packed
    assert undo.core(record) == ((), (Output(5_000_000_000, script),))
    for cut in range(1, len(record)):
        with pytest.raises(Error):
            undo.core(record[:cut])


def test_an_odd_key_has_the_other_half() -> None:
    record = b"\x01\x01" + varint(0) + varint(0x9) + b"\5" + bytes.fromhex(KEY[2:66])
    ((), (found,)) = undo.core(record)
    y = 2**256 - 2**32 - 977 - int(KEY[66:], 16)
    assert found.script == b"\x41" + bytes.fromhex(KEY[:66]) + y.to_bytes(32, "big") + b"\xac"


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xfe\0\0\0\1",  # a hostile count
        b"\1\xfd\xff\xff",
        b"\1\1" + b"\xff" * 12,  # a number without end
        b"\1\1\0\0" + b"\4" + b"\xff" * 32,  # no point of the curve
        b"\1\1\0\0" + varint(6 + 2**40),  # a script longer than the record
    ],
)
def test_hostile_records_are_refused(record: bytes) -> None:
    with pytest.raises(Error):
        undo.core(record)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (undo.core, undo.rest):
        with suppress(Error):
            read(data)


def test_outputs_one_after_another() -> None:
    spent = (Output(5, b"\x51"), Output(7, b""), Output(2**40, b"\x6a"))
    first = mined.coinbase(9, mined.pays(b"\x51"))
    one = mined.spends((first.id, 0), (first.id, 1), outputs=[mined.pays(b"\x51")])
    two = mined.spends((one.id, 0), outputs=[mined.pays(b"\x51")])
    data = b"".join(map(plain, spent))
    found = undo.flat(data, [first, one, two])
    assert found == ((), spent[:2], spent[2:])
    undo.match(found, [first, one, two])
    for spoiled in (data[:-1], data + b"\0"):
        with pytest.raises(Error):
            undo.flat(spoiled, [first, one, two])


def test_spent_outputs_of_another_block_are_refused() -> None:
    first = mined.coinbase(9, mined.pays(b"\x51"))
    one = mined.spends((first.id, 0), outputs=[mined.pays(b"\x51")])
    for spent in ((), ((),), ((), ()), ((), (Output(1, b""), Output(1, b"")))):
        with pytest.raises(Error) as caught:
            undo.match(spent, [first, one])
        assert caught.value.code == "prevouts-differ"
