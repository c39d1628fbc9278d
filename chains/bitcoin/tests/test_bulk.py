"""Addresses in columns are those that are written one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover_chain_bitcoin import base58, bech32, bulk, networks, script

hashes = st.lists(
    st.one_of(st.binary(min_size=20, max_size=20), st.integers(0, 2**24).map(lambda n: n.to_bytes(20, "big"))),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40)
@given(st.sampled_from([0, 5, 22, 30, 48, 50, 111, 196, 255]), hashes)
def test_base58_in_columns(version: int, listed: list[bytes]) -> None:
    assert bulk.base58check(version, listed) == [base58.encode(bytes([version]) + each) for each in listed]


@settings(max_examples=40)
@given(st.sampled_from(["bc", "tb", "bcrt", "ltc"]), st.integers(0, 16), st.integers(2, 40), st.data())
def test_bech32_in_columns(hrp: str, version: int, size: int, data: st.DataObject) -> None:
    listed = data.draw(st.lists(st.binary(min_size=size, max_size=size), min_size=1, max_size=20))
    assert bulk.segwit(hrp, version, listed) == [bech32.encode(hrp, version, each) for each in listed]


@pytest.mark.parametrize("network", networks.every(), ids=lambda each: each.key)
@settings(max_examples=10)
@given(
    st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40),
    st.lists(st.binary(max_size=40), max_size=9),
)
def test_every_script_has_the_text_that_it_has_alone(
    network: networks.Network, digests: list[bytes], odd: list[bytes]
) -> None:
    forms: list[tuple[bytes, int, bytes]] = [
        (b"\x76\xa9\x14", 20, b"\x88\xac"),
        (b"\xa9\x14", 20, b"\x87"),
        (b"\x00\x14", 20, b""),
        (b"\x00\x20", 32, b""),
        (b"\x51\x20", 32, b""),
        (b"\x21\x02", 32, b"\xac"),
        (b"\x6a\x20", 32, b""),
    ]
    scripts = [head + digest[:size] + tail for head, size, tail in forms for digest in digests] + odd
    assert bulk.locks(network, scripts) == {each: script.lock(network, each) for each in scripts}
