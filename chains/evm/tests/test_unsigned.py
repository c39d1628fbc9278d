"""Proposed transactions: every kind of unsigned bytes in words, held against a library that makes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.sdk import NotRecognised, Proposal
from recover_chain_evm import rlp
from recover_chain_evm.chain import Evm
from recover_chain_evm.networks import known

TO, TOKEN, OTHER = "0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20
ETH = Evm(known()[1])


def read(data: bytes | str) -> Proposal:
    return ETH.proposed(data.encode() if isinstance(data, str) else data)


def parts(*values: Any) -> list[Any]:
    return [rlp.number(value) if isinstance(value, int) else value for value in values]


def b(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def transfer(to: str = TO, amount: int = 9) -> bytes:
    return b("a9059cbb") + bytes(12) + b(to) + amount.to_bytes(32, "big")


FORMS = {
    "legacy": rlp.encode(parts(0, 5, 21_000, b(TO), 10**18, b"", 1, 0, 0)),
    "dynamic": b"\x02" + rlp.encode(parts(1, 0, 1, 5, 21_000, b(TO), 10**18, b"", [])),
    "listed": b"\x01" + rlp.encode(parts(1, 0, 5, 21_000, b(TO), 10**18, b"", [])),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_coin_moves_in_every_form(form: str) -> None:
    found = read("0x" + FORMS[form].hex())
    assert [(m.asset, m.amount, m.src, m.dst) for m in found.moves] == [("eip155:1/slip44:60", 10**18, "", TO)]
    assert (found.fee_most, found.unread, found.warns, found.signed) == (105_000, (), (), False)


def test_a_token_moves_and_the_sender_is_only_in_the_fields() -> None:
    raw = b"\x02" + rlp.encode(parts(1, 0, 1, 5, 60_000, b(TOKEN), 0, transfer(), []))
    assert [(m.asset, m.amount, m.src, m.dst) for m in read(raw.hex()).moves] == [
        (f"eip155:1/erc20:{TOKEN}", 9, "", TO)
    ]
    said = {"from": OTHER, "to": TOKEN, "data": "0x" + transfer().hex(), "chainId": "0x1", "gas": 1, "gasPrice": 1}
    assert [m.src for m in read(json.dumps(said)).moves] == [OTHER]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b("095ea7b3") + bytes(12) + b(OTHER) + bytes(31) + b"\x01", "approval"),
        (b("a22cb465") + bytes(64), "setApprovalForAll"),
        (b("ac9650d8") + bytes(64), "multicall"),
        (transfer()[:-1], "not read here"),
        (transfer() + b"\0", "not read here"),
    ],
)
def test_what_is_no_plain_transfer_is_unread(data: bytes, word: str) -> None:
    found = read((b"\x02" + rlp.encode(parts(1, 0, 1, 5, 60_000, b(TOKEN), 0, data, []))).hex())
    assert found.moves == ()
    assert word in found.unread[0]


def test_another_chain_no_chain_a_contract_and_a_signature() -> None:
    other = read((b"\x02" + rlp.encode(parts(10, 0, 1, 5, 21_000, b(TO), 1, b"", []))).hex())
    assert (other.chain, other.moves[0].asset) == ("eip155:10", "eip155:10/slip44:60")
    assert "every EVM chain" in read(rlp.encode(parts(0, 5, 21_000, b(TO), 1, b"")).hex()).warns[0]
    assert "new contract" in read(rlp.encode(parts(0, 5, 21_000, b"", 1, b"\x60", 1, 0, 0)).hex()).unread[0]
    assert read(rlp.encode(parts(0, 5, 21_000, b(TO), 10**18, b"", 37, 7, 7)).hex()).signed


@pytest.mark.parametrize(
    "text", ["", "zz", "00" * 32, "{}", '{"privateKey":"x"}', "c0", "02c0", "03c0", '{"to":"0x12"}', '{"gas":1.5}']
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotRecognised):
        read(text)
