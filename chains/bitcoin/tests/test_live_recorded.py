"""The live sources on recorded answers: the conformance kit, and what three kinds of server agree on."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from recover.sdk import Absent, Ask, Exhibit, History, Source, Status
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit, rows
from recover_chain_bitcoin.live import sources
from recover_chain_bitcoin.testing.scene import CHAIN, PLACES, Scene

RECORDED = Path(__file__).parent / "recorded"
SCENE = Scene.load(RECORDED / "scene.json")
SOURCES = {source.info.id: source for source in sources()}
COIN = f"{CHAIN}/slip44:1"

Rows = dict[str, list[dict[str, Any]]]
Key = tuple[object, ...]


def tape(name: str) -> Cassette:
    loaded = Cassette.load(RECORDED / f"{name}.json", source=name)
    return Cassette(exchanges=loaded.exchanges, source=name, endpoint=PLACES[name])


def collected(name: str, ask: Ask) -> list[Exhibit]:
    """What came, also of a transaction that no block holds, which stays open."""
    played = tape(name)
    with suppress(Absent):
        list(SOURCES[name].collect(ask, played))
    return played.captured


def decoded(name: str, ask: Ask) -> Rows:
    return rows(batch for each in collected(name, ask) for batch in SOURCES[name].decode(each))


def complete(found: Rows) -> set[Key]:
    """The legs of which everything is known."""
    return {
        (
            leg["tx"],
            leg["kind"],
            leg["index"],
            leg["address"],
            leg["amount"],
            leg["spends_tx"],
            leg["spends_index"],
        )
        for leg in found["legs"]
        if leg["amount"] is not None
    }


def places(found: Rows) -> set[Key]:
    """(id, block, index) of what is proved to stand in a block whose header is sealed."""
    sealed = {block["id"] for block in found["blocks"] if block["sealed"]}
    return {
        (tx["id"], tx["block"], tx["index"])
        for tx in found["transactions"]
        if tx["proof"] == "included" and tx["block"] in sealed
    }


def recorded(name: str) -> tuple[tuple[Ask, Cassette], ...]:
    return tuple((ask, tape(name)) for ask in SCENE.asks if ask != SCENE.details(SCENE.waiting))


def examples(name: str) -> tuple[Exhibit, ...]:
    return tuple(each for ask in SCENE.asks[:5] for each in collected(name, ask))


# One coin of 50 BTC paid to four others, as the node showed it when it was made; 1075 are the fee that is left.
PAYEES = (
    ("mzRonwChTSeEMJM8ZvmkgD34XiRgYaiQDE", 300_000_001),
    ("2Mv3MFrKvvFEdx7Sw9dqbZHEZ2v1crXTPcf", 300_000_000),
    ("bcrt1qtrnhh4eqe4sy5r8f9jfxy6smnn7p9u9gdqzfau", 4_099_998_922),
    ("bcrt1p4ll4p3dus54kskrazvfjajz738tls3tyglpmsxdr373hhpxtzgfqk2e20q", 300_000_002),
)
PAYER = "bcrt1qwwsf58zdacg7muzsk53vskpkm25fweyndjzj0z"
MADE = datetime(2023, 11, 15, 15, 23, 20, tzinfo=UTC)
PLAYED = "What the scene played, and the wallet showed of it."


def batch(**more: Any) -> Stated:
    """The payment to four, of which an answer may show the payer or not."""
    nets: dict[tuple[str | None, str], int] = {(address, COIN): amount for address, amount in PAYEES}
    if more.pop("payer"):
        nets[PAYER, COIN] = -5_000_000_000
        more["fee"] = 1_075
    return Stated(id=SCENE.batch, nets=nets, outputs=PAYEES, **more)


def stated(name: str, at: int, told: Stated) -> Expected:
    """What one of the answers to the question for the payment comes to."""
    example = collected(name, SCENE.details(SCENE.batch))[at]
    return Expected(example=example, taken=PLAYED, transactions=(told,))


def refusals(name: str, data: bytes) -> tuple[Exhibit, ...]:
    """The answer to the last question for the payment, had the server refused it."""
    asked = collected(name, SCENE.details(SCENE.batch))[-1]
    return (exhibit(asked.name, data, source=name, asked=asked.asked),)


class TestCore(SourceKit):
    source: ClassVar[Source] = SOURCES["bitcoin-core"]
    examples = examples("bitcoin-core")
    expected = (
        stated("bitcoin-core", 1, batch(payer=False, time=MADE)),
        stated("bitcoin-core", 2, batch(payer=True, time=MADE, height=103, index=1)),
    )
    recorded = recorded("bitcoin-core")
    empty = (collected("bitcoin-core", SCENE.history(SCENE.quiet))[-1],)
    refused = refusals("bitcoin-core", b'{"jsonrpc":"2.0","id":null,"error":{"code":-28,"message":"Loading"}}')


class TestElectrum(SourceKit):
    source: ClassVar[Source] = SOURCES["bitcoin-electrum"]
    examples = examples("bitcoin-electrum")
    expected = (stated("bitcoin-electrum", 2, batch(payer=True, time=MADE, height=103, index=1)),)
    recorded = recorded("bitcoin-electrum")
    empty = (collected("bitcoin-electrum", SCENE.history(SCENE.quiet))[-1],)
    refused = refusals("bitcoin-electrum", b'{"jsonrpc":"2.0","id":null,"error":{"code":-102,"message":"busy"}}')


class TestEsplora(SourceKit):
    source: ClassVar[Source] = SOURCES["bitcoin-esplora"]
    examples = examples("bitcoin-esplora")
    expected = (
        stated("bitcoin-esplora", 0, batch(payer=True, time=MADE, height=103)),
        stated("bitcoin-esplora", 2, Stated(id=SCENE.batch, nets={}, index=1)),
        Expected(
            example=collected("bitcoin-esplora", SCENE.history(SCENE.shop))[0],
            taken="207000000 funded less 150000000 spent.",
            rows={"states": ({"kind": "balance", "address": SCENE.shop, "amount": 57_000_000},)},
        ),
    )
    recorded = recorded("bitcoin-esplora")
    empty = (collected("bitcoin-esplora", SCENE.history(SCENE.quiet))[-1],)
    refused = refusals("bitcoin-esplora", b"Too many requests")


@pytest.mark.parametrize("address", ["shop", "coinbase", "quiet"])
def test_three_kinds_of_server_give_one_history(address: str) -> None:
    ask = SCENE.history(getattr(SCENE, address))
    found = [decoded(name, ask) for name in SOURCES]
    assert complete(found[0]) == complete(found[1]) == complete(found[2])
    assert places(found[0]) == places(found[1]) == places(found[2])
    for each in found:
        assert [(c["address"], c["since"], c["until"]) for c in each["coverage"]] == [
            (ask.address.text, None, None)
        ]


def test_the_history_is_what_was_played() -> None:
    found = decoded("bitcoin-core", SCENE.history(SCENE.shop))
    mine = [leg for leg in found["legs"] if leg["address"] == SCENE.shop and leg["amount"] is not None]
    moved = {(leg["tx"], leg["index"], leg["amount"]) for leg in mine}
    assert sorted(amount for *_, amount in moved) == [
        -50_000_000,
        -50_000_000,
        -50_000_000,
        7_000_000,
        50_000_000,
        50_000_000,
        50_000_000,
        50_000_000,
    ]
    assert {tx for tx, *_ in moved} >= {SCENE.data, SCENE.moved, SCENE.spender}
    assert {leg["asset"] for leg in found["legs"]} == {COIN}


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_rests_on_the_order_of_exhibits_or_on_another_exhibit(name: str) -> None:
    got = collected(name, SCENE.history(SCENE.shop))
    alone = [rows(SOURCES[name].decode(each)) for each in got]
    together = rows(batch for each in reversed(got) for batch in SOURCES[name].decode(each))
    for table, listed in together.items():
        assert listed == sorted((row for each in alone for row in each[table]), key=repr)


@pytest.mark.parametrize("name", SOURCES)
def test_an_address_never_paid_has_a_whole_empty_history_and_holds_nothing(name: str) -> None:
    found = decoded(name, SCENE.history(SCENE.quiet))
    assert (found["transactions"], found["legs"]) == ([], [])
    assert [c["address"] for c in found["coverage"]] == [SCENE.quiet]
    (held,) = decoded(name, SCENE.asks[-1])["states"]
    assert (held["kind"], held["address"], held["amount"]) == ("balance", SCENE.quiet, 0)


@pytest.mark.parametrize("name", SOURCES)
def test_the_balance_is_of_confirmed_coins(name: str) -> None:
    (held,) = decoded(name, SCENE.asks[-2])["states"]
    assert (held["address"], held["amount"], held["asset"]) == (SCENE.shop, 57_000_000, COIN)


@pytest.mark.parametrize("name", SOURCES)
def test_the_spender_of_an_output_is_shown_with_its_proof(name: str) -> None:
    found = decoded(name, SCENE.asks[7])
    assert SCENE.spender in {tx for tx, *_ in places(found)}
    assert SCENE.spent in {(leg["spends_tx"], leg["spends_index"]) for leg in found["legs"]}


@pytest.mark.parametrize("name", SOURCES)
def test_an_unspent_output_has_no_spender(name: str) -> None:
    found = decoded(name, SCENE.asks[8])
    assert SCENE.unspent not in {(leg["spends_tx"], leg["spends_index"]) for leg in found["legs"]}
    assert SCENE.unspent[0] in {tx["id"] for tx in found["transactions"]} or found["blocks"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_coinbase_is_a_reward_and_not_an_input(name: str) -> None:
    found = decoded(name, SCENE.details(SCENE.mined))
    legs = [leg for leg in found["legs"] if leg["tx"] == SCENE.mined]
    assert {leg["kind"] for leg in legs} == {"reward", "output"}
    assert {leg["amount"] for leg in legs if leg["kind"] == "reward"} == {-5_000_000_000}


@pytest.mark.parametrize("name", SOURCES)
def test_data_has_no_owner(name: str) -> None:
    found = decoded(name, SCENE.details(SCENE.data))
    kinds = {json.loads(tx["facts"])["outputs"][-1] for tx in found["transactions"] if tx["whole"]}
    assert kinds == {"op_return"}
    last = [leg for leg in found["legs"] if leg["kind"] == "output" and leg["amount"] == 0]
    assert last
    assert {leg["address"] for leg in last} == {None}


@pytest.mark.parametrize("name", SOURCES)
def test_an_unconfirmed_transaction_has_no_block_and_is_a_gap(name: str) -> None:
    with pytest.raises(Absent):  # so that it is asked again
        list(SOURCES[name].collect(SCENE.details(SCENE.waiting), tape(name)))
    found = decoded(name, SCENE.details(SCENE.waiting))
    assert {tx["block"] for tx in found["transactions"] if tx["id"] == SCENE.waiting} <= {None}
    assert SCENE.waiting not in {leg["tx"] for leg in found["legs"]}
    assert [gap["subject"] for gap in found["gaps"] if gap["code"] == "unconfirmed"] == [SCENE.waiting]


@pytest.mark.parametrize("name", SOURCES)
def test_every_type_of_input_and_output_is_read(name: str) -> None:
    asks: list[Ask] = [SCENE.history(SCENE.shop), SCENE.details(SCENE.batch)]
    facts = [json.loads(tx["facts"]) for ask in asks for tx in decoded(name, ask)["transactions"]]
    seen = {kind for each in facts for kind in (*each.get("inputs", ()), *each.get("outputs", ()))}
    assert seen >= {"p2wpkh", "p2sh", "p2pkh", "p2tr", "op_return"}


@pytest.mark.parametrize("name", ["bitcoin-core", "bitcoin-electrum"])
def test_what_inputs_spend_is_proved_and_not_believed(name: str) -> None:
    found = decoded(name, SCENE.details(SCENE.data))
    assert [gap["code"] for gap in found["gaps"]] == []
    inputs = [leg for leg in found["legs"] if leg["kind"] == "input" and leg["amount"] is not None]
    assert [leg["amount"] for leg in inputs] == [-50_000_000] * 3


def test_what_an_esplora_server_says_of_inputs_is_said_to_be_its_word() -> None:
    found = decoded("bitcoin-esplora", SCENE.details(SCENE.data))
    assert [gap["code"] for gap in found["gaps"]] == ["inputs-reported"]


def test_a_node_says_how_deep_a_block_lies() -> None:
    found = decoded("bitcoin-core", SCENE.history(SCENE.shop))
    (block,) = {
        tx["block"] for tx in found["transactions"] if tx["id"] == SCENE.moved and tx["proof"] == "included"
    }
    (row,) = {(b["height"], b["tip"]) for b in found["blocks"] if b["sealed"] and b["id"] == block}
    assert row == (108, 109)
    assert not any(b["stale"] for b in found["blocks"])


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_of_another_chain_or_asset_is_not_asked(name: str) -> None:
    other = History(address=type(SCENE.history("x").address)(chain="eip155:1", text="0x0"))
    nothing = Cassette(endpoint=PLACES[name])
    assert list(SOURCES[name].collect(other, nothing)) == []
    token = Status(address=SCENE.history(SCENE.shop).address, asset=f"{CHAIN}/token:1")
    assert list(SOURCES[name].collect(token, nothing)) == []


def test_no_password_is_in_what_was_recorded() -> None:
    for name in SOURCES:
        assert "only-on-loopback" not in (RECORDED / f"{name}.json").read_text("utf-8")


def test_each_exchange_is_recorded_once() -> None:
    for name in SOURCES:
        listed: tuple[Exchange, ...] = tape(name).exchanges
        assert len({(e.request.url, e.request.body) for e in listed}) == len(listed)
