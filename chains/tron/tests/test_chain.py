from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Address, NotRecognised, TxId
from recover.testing.chains import ChainKit
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN, Tron

USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


class TestConformance(ChainKit):
    chain = Tron()


@given(st.binary(min_size=20, max_size=20))
def test_an_account_reads_the_same_in_every_form(account: bytes) -> None:
    payload = bytes([address.PREFIX]) + account
    text = address.encode(payload)
    assert address.decode(text) == payload
    forms = (text, payload.hex(), payload.hex().upper(), f"0x{payload.hex()}", f" {text}\n")
    assert {Tron().parse(form) for form in forms} == {Address(chain=CHAIN, text=text)}


@given(st.binary(min_size=20, max_size=20), st.integers(0, 33), st.sampled_from(address.ALPHABET))
def test_one_wrong_letter_is_found(account: bytes, place: int, letter: str) -> None:
    text = address.encode(bytes([address.PREFIX]) + account)
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong != text:
        with pytest.raises(NotRecognised):
            Tron().parse(wrong)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6T", "Its checksum is"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6", "It has 33 characters"),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj0t", "Character 33 ('0') is not in the base58 alphabet"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "Its first byte is 00, and on TRON it is 41"),
        ("0xdac17f958d2ee523a2206206994597c13d831ec7", "are an EVM address"),
        ("dac17f958d2ee523a2206206994597c13d831ec7", "are an EVM address"),
        ("a0a614f803b6fd780986a42c78ec9c7f77e6ded13c", "Its first byte is a0, and on TRON it is 41"),
        ("41a614f803b6fd780986a42c78ec9c7f77e6ded1", "are an EVM address"),
        ("ab" * 33, "It has 66 hexadecimal digits; an address has 42, a transaction id 64"),
        ("z" * 34, "Its checksum is"),
        ("", "It has 0 characters"),
        ("T" * 500, "It has 500 characters"),
    ],
)
def test_a_refusal_gives_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        Tron().parse(text)
    assert reason in caught.value.why


def test_a_transaction_id_is_lower_case() -> None:
    assert Tron().parse("0x" + "AB" * 32) == TxId(chain=CHAIN, text="ab" * 32)


def test_the_register_names_contracts_that_are_addresses() -> None:
    info = Tron().info
    found = {a.symbol: (a.reference, a.decimals) for a in info.assets}
    assert found["USDT"] == (USDT, 6)
    assert set(found) == {"USDT", "USDC", "WTRX"}
    assert all(address.encode(address.decode(a.reference)) == a.reference for a in info.assets)
    assert info.native.id == "tron:0x2b6653dc/slip44:195"
