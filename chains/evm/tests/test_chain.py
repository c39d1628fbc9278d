from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Address, NotRecognised, TxId
from recover.testing.chains import ChainKit
from recover_chain_evm import address, issuers, keccak
from recover_chain_evm.chain import Evm
from recover_chain_evm.networks import by_id, ids, known

ETHEREUM = Evm(known()[1])


class TestEthereum(ChainKit):
    chain = ETHEREUM


class TestBnb(ChainKit):
    chain = Evm(known()[56])


class TestPolygon(ChainKit):
    chain = Evm(known()[137])


class TestArbitrum(ChainKit):
    chain = Evm(known()[42161])


class TestOptimism(ChainKit):
    chain = Evm(known()[10])


class TestBase(ChainKit):
    chain = Evm(known()[8453])


class TestAvalanche(ChainKit):
    chain = Evm(known()[43114])


class TestGnosis(ChainKit):
    chain = Evm(known()[100])


class TestScroll(ChainKit):
    chain = Evm(known()[534352])


class TestDevelopment(ChainKit):
    chain = Evm(known()[31337])


# The test vectors of EIP-55.
@pytest.mark.parametrize(
    "text",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_the_vectors_of_eip_55(text: str) -> None:
    assert address.checksummed(text.lower()) == text
    assert ETHEREUM.parse(text) == Address(chain="eip155:1", text=text.lower())


@given(st.binary(min_size=20, max_size=20))
def test_an_address_reads_the_same_in_every_form(raw: bytes) -> None:
    text = "0x" + raw.hex()
    forms = (text, address.checksummed(text), "0x" + raw.hex().upper(), "0X" + raw.hex(), f" {text}\n")
    assert {ETHEREUM.parse(form) for form in forms} == {Address(chain="eip155:1", text=text)}


@given(st.binary(min_size=20, max_size=20), st.integers(2, 41))
def test_a_letter_of_the_wrong_size_is_found(raw: bytes, place: int) -> None:
    text = address.checksummed("0x" + raw.hex())
    wrong = text[:place] + text[place].swapcase() + text[place + 1 :]
    letters = [c for c in wrong[2:] if c.isalpha()]
    mixed = any(c.islower() for c in letters) and any(c.isupper() for c in letters)
    if wrong != text and mixed:
        with pytest.raises(NotRecognised) as caught:
            ETHEREUM.parse(wrong)
        assert f"character {place + 1} is {wrong[place]!a} and should be {text[place]!a}" in caught.value.why


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "character 40 is 'a' and should be 'A'"),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "It has 39 hexadecimal digits; an address has 40"),
        ("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", "Character 42 ('g') is no hexadecimal digit"),
        ("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "begins with 0x"),
        ("0x" + "ab" * 33, "It has 66 hexadecimal digits"),
        ("", "It has 0 characters"),
        ("0x" + "a" * 500, "It has 502 characters"),
    ],
)
def test_a_refusal_gives_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        ETHEREUM.parse(text)
    assert reason in caught.value.why


def test_a_transaction_id_is_lower_case() -> None:
    assert ETHEREUM.parse("0x" + "AB" * 32) == TxId(chain="eip155:1", text="0x" + "ab" * 32)


def test_the_chains_are_those_of_the_register() -> None:
    wanted = {1, 56, 137, 42161, 10, 8453, 100, 534352, 43114}
    assert {number for number, network in known().items() if not network.test} == wanted
    assert ids() == tuple(network.id for network in known().values())
    found = by_id("eip155:56")
    assert found is not None
    assert found.native == "eip155:56/slip44:714"
    assert by_id("eip155:2") is None


def test_every_listed_contract_has_a_right_checksum_in_the_data() -> None:
    from importlib.resources import files

    for line in files("recover_chain_evm").joinpath("tokens.toml").read_text("utf-8").splitlines():
        if line.startswith("contract = "):
            text = line.split('"')[1]
            assert address.checksummed(text.lower()) == text, text


def test_every_token_says_where_it_is_from_and_has_a_known_family() -> None:
    for network in known().values():
        for token in network.tokens:
            assert token.source, token
            assert token.as_of, token
            assert token.freeze in {"", *issuers.FAMILIES}, token
        assert network.test or any(token.contract == network.wrapped for token in network.tokens), network.id


def test_the_questions_to_issuers_are_the_hashes_of_their_functions() -> None:
    for family in issuers.FAMILIES.values():
        assert keccak.selector(family.check) == family.selector
    found = issuers.family(known()[1], "0xdac17f958d2ee523a2206206994597c13d831ec7")
    assert found is not None
    token, family = found
    assert (token.symbol, family.title) == ("USDT", "Tether, first contract")
    asked = issuers.question(family, "0x" + "11" * 20)
    assert asked == "0xe47d6060" + "00" * 12 + "11" * 20
    assert issuers.family(known()[1], "0x6b175474e89094c44da98b954eedeac495271d0f") is None
