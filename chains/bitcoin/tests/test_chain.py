from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Address, Error, NotRecognised, TxId
from recover.testing.chains import ChainKit
from recover_chain_bitcoin import networks, script
from recover_chain_bitcoin.chain import Coin

MAINNET = Coin(networks.of("mainnet"))
KEY = (
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
    "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
)


class TestBitcoin(ChainKit):
    chain = MAINNET


class TestBitcoinCash(ChainKit):
    chain = Coin(networks.of("bitcoin-cash"))


class TestTestnet3(ChainKit):
    chain = Coin(networks.of("testnet3"))


class TestTestnet4(ChainKit):
    chain = Coin(networks.of("testnet4"))


class TestSignet(ChainKit):
    chain = Coin(networks.of("signet"))


class TestRegtest(ChainKit):
    chain = Coin(networks.of("regtest"))


class TestLitecoin(ChainKit):
    chain = Coin(networks.of("litecoin"))


class TestDogecoin(ChainKit):
    chain = Coin(networks.of("dogecoin"))


def test_every_network_is_tested() -> None:
    kits = [each for each in globals().values() if isinstance(each, type) and issubclass(each, ChainKit)]
    tested = {each.chain.info.id for each in kits if each is not ChainKit}
    assert tested == {each.id for each in networks.every()}


@pytest.mark.parametrize("network", networks.every(), ids=lambda each: each.key)
@given(digest=st.binary(min_size=20, max_size=20))
def test_a_hash_reads_the_same_in_every_form(network: networks.Network, digest: bytes) -> None:
    for locking in (b"\x76\xa9\x14" + digest + b"\x88\xac", b"\xa9\x14" + digest + b"\x87"):
        found = script.lock(network, locking)
        assert found.address is not None
        assert script.address(network, found.address) == locking
        assert Coin(network).parse(f" {found.address}\n") == Address(chain=network.id, text=found.address)
        assert Coin(network).parse(f"raw({locking.hex().upper()})").text == found.address


def test_an_id_is_lower_case() -> None:
    assert MAINNET.parse("AB" * 32) == TxId(chain=networks.of("mainnet").id, text="ab" * 32)


def test_a_key_without_an_address_is_a_descriptor() -> None:
    assert MAINNET.parse(f"pk({KEY.upper()})").text == f"pk({KEY})"
    assert MAINNET.parse("raw(51)").text == "raw(51)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "Its checksum is"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", "Character 33 ('0') is not in the base58 alphabet"),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "Its version byte is 111"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "Its checksum does not hold"),
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "not that of bech32m"),
        ("raw(6a)", "Nobody can spend"),
        ("raw(5)", "half byte"),
        ("wpkh(02)", "none of the descriptors"),
        ("pk(02)", "33 or 65 bytes"),
        (f"multi(3,{KEY},{KEY})", "wants '3' of 2 keys"),
        ("raw(deadbeef)#00000000", "Its checksum is 00000000, and should be 89f8spxm"),
        ("", "It has 0 characters"),
        ("1" * 30_000, "It has 30000 characters"),
    ],
)
def test_a_refusal_gives_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        MAINNET.parse(text)
    assert reason in caught.value.why


@pytest.mark.parametrize(
    ("network", "text", "spelt"),
    [
        ("bitcoin-cash", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
        ("bitcoin-cash", "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
        (
            "bitcoin-cash",
            "BITCOINCASH:PPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVN0H829PQ",
            "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
        ),
        ("litecoin", "3MSvaVbVFFLML86rt5eqgA9SvW23upaXdY", "MTf4tP1TCNBn8dNkyxeBVoPrFCcVzxJvvh"),
        ("litecoin", "LTC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KGMN4N9", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
        ("mainnet", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ],
)
def test_older_forms_and_capitals_are_read_and_spelt_in_one_way(network: str, text: str, spelt: str) -> None:
    assert Coin(networks.of(network)).parse(text).text == spelt


def test_a_changed_letter_in_the_older_form_is_told() -> None:
    with pytest.raises(NotRecognised) as caught:
        Coin(networks.of("bitcoin-cash")).parse("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggv")
    assert "Its checksum is" in caught.value.why


# The point G itself, the public key of the private key 1: its addresses are in Bitcoin Core's and BIP 173's tests.
POINT = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
FLAT = f"04{POINT[2:]}483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"


@pytest.mark.parametrize("key", [POINT, FLAT])
def test_a_key_paid_bare_has_the_addresses_that_hash_it(key: str) -> None:
    found = MAINNET.forms(f"pk({key})")
    assert set(found) == {
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH",
        "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
    }
    assert all(MAINNET.parse(text).text == text for text in found)


def test_only_a_bare_key_has_further_forms() -> None:
    genesis = MAINNET.forms(f"pk({KEY})")
    assert genesis[0] == "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    assert MAINNET.forms("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa") == MAINNET.forms("raw(51)") == ()
    off = "02" + "ff" * 32
    assert len(MAINNET.forms(f"pk({off})")) == 1, "no point of the curve: its hash alone"
    assert all(not text.startswith("3") for text in Coin(networks.of("dogecoin")).forms(f"pk({POINT})"))


def test_networks_differ_where_they_must() -> None:
    listed = networks.every()
    assert len({each.id for each in listed}) == len(listed) == 8
    assert all(re.fullmatch(r"bip122:[0-9a-f]{32}", each.id) for each in listed)
    own = [each for each in listed if each.key != "bitcoin-cash"]
    assert all(each.id == f"bip122:{each.genesis[:32]}" for each in own)
    assert {each.key: each.native.reference for each in listed} == {
        "mainnet": "0",
        "bitcoin-cash": "145",
        "litecoin": "2",
        "dogecoin": "3",
        **dict.fromkeys(("testnet3", "testnet4", "signet", "regtest"), "1"),
    }


def test_the_subsidy_halves() -> None:
    bitcoin, doge, regtest = networks.of("mainnet"), networks.of("dogecoin"), networks.of("regtest")
    assert [bitcoin.reward(h) for h in (0, 209_999, 210_000, 840_000)] == [
        5_000_000_000,
        5_000_000_000,
        2_500_000_000,
        312_500_000,
    ]
    assert bitcoin.reward(210_000 * 64) == 0
    assert [regtest.reward(h) for h in (149, 150)] == [5_000_000_000, 2_500_000_000]
    assert [doge.reward(h) for h in (145_000, 600_000, 5_000_000)] == [
        25_000_000_000_000,
        1_000_000_000_000,
        1_000_000_000_000,
    ]


def test_an_unknown_network_is_an_error() -> None:
    with pytest.raises(Error) as caught:
        networks.of("vertcoin")
    assert "mainnet" in caught.value.why


MAIN = [each for each in networks.every() if not each.test]


@pytest.mark.parametrize("network", MAIN, ids=lambda each: each.key)
@given(digest=st.binary(min_size=20, max_size=20))
def test_one_script_is_known_from_every_main_network_to_every_other(
    network: networks.Network, digest: bytes
) -> None:
    for locking in (b"\x76\xa9\x14" + digest + b"\x88\xac", b"\xa9\x14" + digest + b"\x87"):
        here = script.lock(network, locking).address
        assert here is not None
        found = dict(Coin(network).alike(here))
        assert set(found) == {each.id for each in MAIN if each != network}
        for chain, text in found.items():
            assert script.address(networks.of(chain), text) == locking
            assert (network.id, here) in Coin(networks.of(chain)).alike(text)


def test_a_segwit_program_is_alike_only_where_segwit_is_and_test_coins_to_nothing() -> None:
    program = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    assert MAINNET.alike(program) == ((networks.of("litecoin").id, "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),)
    assert Coin(networks.of("testnet3")).alike("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn") == ()
