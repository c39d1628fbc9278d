"""Proposed transactions: PSBT of both versions. what the bytes say, and files that lie."""

from __future__ import annotations

import base64

import pytest

from recover.sdk import NotRecognised, Proposal
from recover_chain_bitcoin import networks, transaction, wire
from recover_chain_bitcoin.chain import Coin

MAIN = next(each for each in networks.every() if each.segwit and each.hrp == "bc")
KEYHASH = bytes.fromhex("0014" + "11" * 20)
OTHER = bytes.fromhex("0014" + "22" * 20)


def read(data: bytes) -> Proposal:
    return Coin(MAIN).proposed(data)


def field(key: bytes, value: bytes) -> bytes:
    return wire.sized(len(key)) + key + wire.sized(len(value)) + value


def output(value: int, script: bytes) -> bytes:
    return value.to_bytes(8, "little") + wire.sized(len(script)) + script


def bare(*spent: tuple[bytes, int], paid: tuple[tuple[int, bytes], ...]) -> bytes:
    made = (2).to_bytes(4, "little") + wire.sized(len(spent))
    for tx, n in spent:
        made += tx + n.to_bytes(4, "little") + b"\0" + b"\xfd\xff\xff\xff"
    return made + wire.sized(len(paid)) + b"".join(output(v, s) for v, s in paid) + bytes(4)


FORMER = bare((b"\x07" * 32, 0), paid=((50_000, KEYHASH),))
FORMER_ID = wire.sha256d(FORMER)


def first(*inputs: bytes, paid: tuple[tuple[int, bytes], ...] = ((49_000, OTHER),)) -> bytes:
    spends = tuple((FORMER_ID, 0) for _ in inputs)
    head = field(b"\0", bare(*spends, paid=paid)) + b"\0"
    return b"psbt\xff" + head + b"".join(one + b"\0" for one in inputs) + b"\0" * len(paid)


def test_a_payment_with_its_fee_in_every_spelling() -> None:
    data = first(field(b"\1", output(50_000, KEYHASH)))
    for form in (data, data.hex().encode(), base64.b64encode(data), base64.b64encode(data) + b"\n"):
        found = read(form)
        assert [(m.amount, m.src, m.shown) for m in found.inputs] == [(50_000, _text(KEYHASH), "beside")]
        assert [(m.amount, m.dst) for m in found.moves] == [(49_000, _text(OTHER))]
        assert (found.fee, found.unread, found.signed) == (1_000, (), False)
        assert any("only what the file says" in line for line in found.warns)


def _text(script: bytes) -> str:
    from recover_chain_bitcoin import script as scripts

    return scripts.lock(MAIN, script).address or ""


def test_a_whole_former_transaction_makes_the_amount_certain() -> None:
    found = read(first(field(b"\0", FORMER)))
    assert [(m.amount, m.shown) for m in found.inputs] == [(50_000, "bytes")]
    assert (found.fee, found.warns) == (1_000, ())


def test_a_former_transaction_that_is_not_the_one_spent_is_refused() -> None:
    other = bare((b"\x08" * 32, 0), paid=((90_000, KEYHASH),))
    with pytest.raises(NotRecognised) as caught:
        read(first(field(b"\0", other)))
    assert "beside an input" in caught.value.why


def test_without_the_worth_of_an_input_the_fee_is_unread() -> None:
    found = read(first(b""))
    assert (found.fee, len(found.unread)) == (None, 1)
    assert "worth" in found.unread[0]


def test_signatures_and_their_kinds_are_said() -> None:
    found = read(first(field(b"\1", output(50_000, KEYHASH)) + field(b"\2" + b"\2" * 33, b"\x30" * 70)))
    assert found.signed
    found = read(first(field(b"\1", output(50_000, KEYHASH)) + field(b"\3", (0x83).to_bytes(4, "little"))))
    assert "leaves parts open" in found.unread[0]


def test_version_two_says_the_same() -> None:
    head = field(b"\2", (2).to_bytes(4, "little")) + field(b"\4", b"\1") + field(b"\5", b"\1")
    head += field(b"\xfb", (2).to_bytes(4, "little")) + b"\0"
    spent = field(b"\x0e", FORMER_ID) + field(b"\x0f", bytes(4)) + field(b"\1", output(50_000, KEYHASH)) + b"\0"
    paid = field(b"\3", (49_000).to_bytes(8, "little")) + field(b"\4", OTHER) + b"\0"
    found = read(b"psbt\xff" + head + spent + paid)
    former = read(first(field(b"\1", output(50_000, KEYHASH))))
    assert (found.moves, found.inputs, found.fee) == (former.moves, former.inputs, former.fee)


@pytest.mark.parametrize("cut", [5, 6, 20, 60, -1])
def test_torn_files_are_refused(cut: int) -> None:
    with pytest.raises(NotRecognised):
        read(first(field(b"\1", output(50_000, KEYHASH)))[:cut])


@pytest.mark.parametrize("data", [b"", b"\0", b"hello", b"psbt\xff", b"psbt\xff\0", b"\xff" * 100])
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(NotRecognised):
        read(data)


def test_bytes_alone_pay_and_say_no_fee() -> None:
    found = read(bare((FORMER_ID, 0), paid=((49_000, OTHER),)).hex().encode())
    assert (found.form, found.fee, len(found.unread)) == ("raw transaction", None, 1)
    assert transaction.parse(FORMER).id == wire.display(FORMER_ID)
