"""Proposed transactions: what the raw bytes order, in words; what cannot be read is never taken for a transfer."""

from __future__ import annotations

import json

import pytest

from recover.sdk import NotRecognised
from recover_chain_tron.chain import CHAIN, Tron
from recover_chain_tron.testing.made import USDT, Owner, message, raw

ANN, BEN, CAT = Owner("ann"), Owner("ben"), Owner("cat")
TOKEN = f"{CHAIN}/trc20:{USDT}"


def call(method: str, *words: bytes) -> bytes:
    from recover_chain_tron import address

    data = bytes.fromhex(method) + b"".join(word.rjust(32, b"\0") for word in words)
    said = message((1, ANN.payload), (2, address.decode(USDT)), (4, data))
    return raw("TriggerSmartContract", 31, said)


def test_a_transfer_of_a_token() -> None:
    data = call("a9059cbb", BEN.payload[1:], (5_000_000).to_bytes(32, "big"))
    found = Tron().proposed(data.hex().encode())
    (move,) = found.moves
    assert (move.asset, move.amount, move.src, move.dst) == (TOKEN, 5_000_000, ANN.text, BEN.text)
    assert (found.unread, found.signed, found.fee_most) == ((), False, 100_000_000)
    assert any("lapses" in line for line in found.says)


def test_a_transfer_of_the_coin_and_the_json_of_a_node() -> None:
    data = raw("TransferContract", 1, message((1, ANN.payload), (2, BEN.payload), (3, 7)))
    said = {"txID": Tron().proposed(data.hex().encode()).id, "raw_data_hex": data.hex(), "raw_data": {"lie": 1}}
    found = Tron().proposed(json.dumps(said).encode())
    assert [(m.amount, m.dst) for m in found.moves] == [(7, BEN.text)]
    said["txID"] = "00" * 32
    with pytest.raises(NotRecognised, match="no TRON transaction"):
        Tron().proposed(json.dumps(said).encode())


def test_an_approval_and_an_unknown_call_are_no_transfers() -> None:
    approval = Tron().proposed(call("095ea7b3", CAT.payload[1:], (9).to_bytes(32, "big")).hex().encode())
    assert approval.moves == ()
    assert "approval" in approval.unread[0]
    (let,) = approval.lets
    assert (let.asset, let.amount, let.dst, approval.sender) == (TOKEN, 9, CAT.text, ANN.text)
    other = Tron().proposed(call("12345678", CAT.payload[1:]).hex().encode())
    assert "not read here" in other.unread[0]


@pytest.mark.parametrize("text", [b"", b"zz", b"00" * 32, b"{}", b"[1", b"ff" * 40])
def test_what_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(NotRecognised):
        Tron().proposed(text)
