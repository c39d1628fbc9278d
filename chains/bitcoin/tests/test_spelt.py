"""Addresses checked in columns are those that are read one by one and given back as they are, and no others."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import Address, NotRecognised
from recover_chain_bitcoin import bech32, bulk
from recover_chain_bitcoin.chain import Coin, every

COINS = every()
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl"


def same(coin: Coin, text: str) -> bool:
    try:
        found = coin.parse(text)
    except NotRecognised:
        return False
    return isinstance(found, Address) and found.text == text


def written(coin: Coin, digest: bytes) -> list[str]:
    """Addresses of every kind that the network writes of one hash."""
    network = coin.network
    if network.cashaddr:
        return [coin.parse(bulk.base58check(network.p2pkh, [digest[:20]])[0]).text]
    found = [bulk.base58check(version, [digest[:20]])[0] for version in (network.p2pkh, network.p2sh)]
    if network.segwit:
        found += [bech32.encode(network.hrp, 0, digest[:20]), bech32.encode(network.hrp, 0, digest)]
        found += [bech32.encode(network.hrp, 1, digest), bech32.encode(network.hrp, 2, digest)]
    return found


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_columns_agree_with_reading_one_by_one(data: st.DataObject) -> None:
    coin = data.draw(st.sampled_from(COINS))
    digest = data.draw(st.binary(min_size=32, max_size=32) | st.just(bytes(32)))
    texts = written(coin, digest)
    at, letter = data.draw(st.integers(0, 61)), data.draw(st.sampled_from(ALPHABET))
    texts += [text[:at] + letter + text[at + 1 :] for text in texts]
    texts += [form for text in texts[:6] for form in ("1" + text, text[1:], text[:-1], text.upper(), text + " ")]
    told = coin.spelt(pa.array([*texts, None, ""], pa.string())).to_pylist()
    assert told[-2:] == [False, False]
    for text, is_spelt in zip(texts, told, strict=False):
        assert not is_spelt or same(coin, text), text
        if 26 <= len(text) <= 34 and not coin.network.cashaddr and text[0] not in "0OIl" and same(coin, text):
            assert is_spelt, text  # else the columns would spare nothing


def test_of_each_network_all_kinds_are_known_in_columns() -> None:
    for coin in COINS:
        texts = written(coin, bytes(range(32)))
        told = coin.spelt(pa.array(texts)).to_pylist()
        wanted = [not coin.network.cashaddr and n < 5 for n in range(len(texts))]
        assert told == wanted, coin.info.id


def test_examples_that_are_refused_are_never_spelt() -> None:
    for coin in COINS:
        texts = [text for text, _ in (*coin.info.bad, *coin.info.examples)]
        for text, is_spelt in zip(texts, coin.spelt(pa.array(texts)).to_pylist(), strict=True):
            assert not is_spelt or same(coin, text), (coin.info.id, text)
