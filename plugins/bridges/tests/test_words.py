"""Events by their signatures, numbers by their systems, memos: what is read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugins.bridges.tests.common import ETH, A, B, Records, U, V, erc20
from plugins.bridges.tests.made import book, encode, log, pay, who
from plugins.bridges.tests.recorded import crossings

from recover.sdk.kinds import Cross, read
from recover_bridges import across, chains, debridge
from recover_bridges.bridge import Bridge
from recover_bridges.contracts import data
from recover_bridges.every import protocols
from recover_bridges.layerzero import guid
from recover_bridges.thorchain import reply, wish
from recover_bridges.words import Event, Param, padded, word

TOPICS = {
    "0x32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3": across.DEPOSIT_35,
    "0x44b559f101f8fbcc8a0ea43fa91a05a729a5ea6e14a7c75aa750374690137208": across.FILL_35,
    "0xa123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f": across.DEPOSIT_3,
    "0x571749edf1d5c9599318cdbc4e28a6475d65e87fd3b2ddbe1e9a8d5e7a0f0ff7": across.FILL_3,
    "0xfc8703fd57380f9dd234a89dce51333782d49c5902f307b02f03e014d18fe471": debridge.CREATED,
    "0xd281ee92bab1446041582480d2c0a9dc91f855386bb27ea295faac1e992f7fe4": debridge.FULFILLED,
}
"""As two other programs computed them from the published signatures."""


@pytest.mark.parametrize("topic", TOPICS)
def test_first_topics_are_recomputed(topic: str) -> None:
    assert TOPICS[topic].topic == topic


def test_the_id_of_a_packet_is_that_of_the_published_oracle() -> None:
    made = guid(1, 30101, padded("0x" + "0" * 39 + "1"), 30110, padded("0x" + "0" * 39 + "2"))
    assert made.hex() == "44af0eca002251393fc154d88aef69a3ab8f88cea73a1dca5ace39da3b4b336e"


NESTED = Event("E(uint256 a,(bytes b,(uint8 c,string d) e) f,int64 indexed g,bool h)")


def test_what_is_written_is_read() -> None:
    said = {"a": 5, "f": {"b": b"xyz", "e": {"c": 7, "d": "name"}}, "g": -3, "h": 1}
    made = log(NESTED, "eip155:1", "0x1", "0x2", 0, **said)
    topics = [bytes.fromhex(topic[2:]) for topic in made.topics]
    assert NESTED.read(topics, bytes.fromhex(made.data[2:])) == {**said, "h": True}


@pytest.mark.parametrize(
    ("types", "cells"),
    [
        ("address a", b"\x01" + bytes(31)),
        ("uint8 a", word(256)),
        ("int64 a", word(1 << 63)),
        ("bool a", word(2)),
        ("bytes a", word(1 << 250)),
        ("bytes a", word(32) + word(1 << 200)),
        ("bytes a", word(32) + word(33) + bytes(32)),
        ("string a", word(32) + word(1) + b"\xff" + bytes(31)),
        ("uint256 a,uint256 b", word(1)),
    ],
)
def test_another_shape_is_refused(types: str, cells: bytes) -> None:
    event = Event(f"E({types})")
    with pytest.raises(ValueError, match=r".+"):
        event.read([b"\0" * 32], cells)


EVENTS = sorted({event for each in protocols() for event in each.events}, key=lambda event: event.signature)


@given(st.sampled_from(EVENTS), st.binary(max_size=700), st.integers(0, 4))
def test_no_bytes_do_more_than_be_refused(event: Event, cells: bytes, topics: int) -> None:
    try:
        said = event.read([bytes(32)] * topics, cells)
    except ValueError:
        return
    assert set(said) == {param.name for param in event.params}


@given(st.sampled_from(EVENTS))
def test_every_event_reads_what_is_written_of_nothing(event: Event) -> None:
    indexed = sum(param.indexed for param in event.params)
    cells = encode([param for param in event.params if not param.indexed], {})
    assert event.read([bytes(32)] * (indexed + 1), cells)


def test_number_systems_are_apart() -> None:
    assert chains.chain("cctp", 6) == "eip155:8453"
    assert chains.chain("wormhole", 6) == "eip155:43114"
    assert chains.chain("layerzero-v2", 30184) == chains.chain("layerzero-v1", 184) == "eip155:8453"
    assert chains.chain("cctp", 12) == "", "what is not known is no chain"
    for system in ("cctp", "wormhole", "layerzero-v1", "layerzero-v2", "debridge", "poly", "nomad", "thorchain"):
        named = list(chains._numbers()[system].values())
        assert len(set(named)) == len(named), system


def test_accounts_in_32_bytes() -> None:
    assert chains.account("eip155:1", padded("0x" + "ab" * 20)) == "0x" + "ab" * 20
    assert chains.account("eip155:1", b"\x01" * 32) is None
    solana = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"
    assert chains.account(solana, bytes(31) + b"\x01") == "1" * 31 + "2"
    assert chains.account("", padded("0x" + "ab" * 20)) is None


@pytest.mark.parametrize("folder", sorted({each.own.folder for each in protocols()}))
def test_contracts_are_written_in_one_way(folder: str) -> None:
    for role, listed in data(folder).items():
        for chain, found in listed.items():
            for contract in found if isinstance(found, list) else [found]:
                assert len(contract) == 42, (role, chain)
                assert contract == contract.lower()
                assert int(contract, 16)


@pytest.mark.parametrize(
    ("memo", "chain", "address"),
    [
        ("=:ETH.ETH:0xABcd:0/1/0:t:30", "eip155:1", "0xabcd"),
        ("SWAP:BTC.BTC:bc1qxy/bc1qback:123", "bip122:000000000019d6689c085ae165831e93", "bc1qxy"),
        ("=:b:bc1qxy", "bip122:000000000019d6689c085ae165831e93", "bc1qxy"),
        ("s:AVAX.USDC-0XB97EF:0xAB:0", "eip155:43114", "0xab"),
        ("s:THOR.RUNE:thor14mh:0", "", "thor14mh"),
    ],
)
def test_what_a_memo_asks_for(memo: str, chain: str, address: str) -> None:
    found = wish(memo)
    assert found is not None
    assert (found.chain, found.address) == (chain, address)


@pytest.mark.parametrize("memo", ["+:ETH.ETH", "OUT:" + "A" * 64, "=:ETH.ETH", "hello", "=:ETH.ETH:a b"])
def test_what_asks_for_no_swap(memo: str) -> None:
    assert wish(memo) is None


def test_what_a_memo_answers() -> None:
    assert reply("OUT:" + "ab" * 32) == (b"\xab" * 32, False)
    assert reply("REFUND:" + "AB" * 32) == (b"\xab" * 32, True)
    assert reply("OUT:" + "AB" * 31) is None
    assert reply("RAGNAROK:1") is None


CHAINS = ("eip155:1", "eip155:10", "eip155:100", "eip155:8453", "eip155:42161", "eip155:534352", "tron:0x2b6653dc")
WRITTEN = ("=:ETH.ETH:0x" + "z" * 40, "OUT:" + "A" * 64, "\0", "=:b:" + "1" * 42)


def values(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, object]]:
    """Any values that the types allow."""

    def one(param: Param) -> st.SearchStrategy[object]:
        if param.parts:
            return values(param.parts)
        if param.type.endswith("[]"):
            return st.lists(one(Param(param.type[:-2], "", False)), max_size=3)
        if param.type == "bytes":
            return st.binary(max_size=400)
        if param.type == "string":
            return st.sampled_from(WRITTEN)
        if param.type == "address":
            return st.sampled_from([U, V, who("0"), who("f")])
        if param.type == "bytes32":
            return st.binary(min_size=32, max_size=32)
        bits = int(param.type.removeprefix("u").removeprefix("int")) if "int" in param.type else 1
        return st.one_of(st.integers(0, (1 << (bits - 1)) - 1), st.sampled_from([0, 1, 10, (1 << (bits - 1)) - 1]))

    return st.fixed_dictionaries({param.name: one(param) for param in params})


@pytest.mark.parametrize("bridge", protocols(), ids=lambda each: each.protocol)
@given(given=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_log_says_a_protocol_answers(bridge: Bridge, given: st.DataObject) -> None:
    """Bytes from outside can name any contract: none of them may stop a case."""
    records: Records = []
    for number, tx in enumerate((A, B)):
        for event in bridge.events:
            chain = given.draw(st.sampled_from(CHAINS))
            known = sorted(bridge.own.everywhere(chain)) or [who("d")]
            said = given.draw(values(event.params))
            contract = given.draw(st.sampled_from(known))
            records.append(pay(chain, tx, U, V, erc20(chain, who("3")), 5, leg=number))
            made = log(event, chain, tx, contract, given.draw(st.integers(0, 9)), **said)
            records.append(made)
    records.append(pay(ETH, A, U, V, erc20(ETH, who("3")), 5))
    for row in crossings([bridge], book(*records)):
        read(Cross, row["params"])
