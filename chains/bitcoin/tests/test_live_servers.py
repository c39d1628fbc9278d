"""The live sources against a bitcoind and an ElectrumX that really run, and the Esplora double over both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import (
    Absent,
    Address,
    Ask,
    Details,
    Error,
    Exhibit,
    History,
    Source,
    Spend,
    Status,
    TxId,
)
from recover.testing import Cassette, rows
from recover_chain_bitcoin import networks, script
from recover_chain_bitcoin.live import sources
from recover_chain_bitcoin.live.asking import Asking
from recover_chain_bitcoin.testing import electrum, esplora, graph, node, proxy, tools
from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.scene import CHAIN, PLACES, Scene, Servers
from recover_chain_bitcoin.testing.tape import Tape

pytestmark = pytest.mark.nodes
SOURCES = {source.info.id: source for source in sources()}
CORE, ELECTRUM = SOURCES["bitcoin-core"], SOURCES["bitcoin-electrum"]

Rows = dict[str, list[dict[str, Any]]]


def decoded(source: Source, got: list[Exhibit]) -> Rows:
    return rows(batch for each in got for batch in source.decode(each))


def history(address: str) -> History:
    return History(address=Address(chain=CHAIN, text=address))


def core(bitcoind: Node, endpoint: str = "") -> Tape:
    return Tape(
        endpoint=endpoint or bitcoind.endpoint, source="bitcoin-core", secrets={"bitcoin-rpc": bitcoind.secret}
    )


@pytest.fixture(scope="module")
def bitcoind(needed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of this module's own, on which tests may mine."""
    with node.start(tmp_path_factory.mktemp("node")) as started:
        started.wallet("payer")
        started.wallet("payee")
        started.fund("payer", coins=4)
        yield started


@pytest.fixture(scope="module")
def bare(needed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node without any index."""
    with node.start(tmp_path_factory.mktemp("bare"), indexes=()) as started:
        started.wallet("payer")
        started.wallet("payee")
        started.fund("payer", coins=2)
        yield started


def test_the_scene_is_played_as_it_was_recorded(servers: Servers, recorded: Path) -> None:
    assert servers.scene == Scene.load(recorded / "scene.json")


@pytest.mark.parametrize("name", SOURCES)
def test_a_real_server_says_today_what_was_recorded(servers: Servers, recorded: Path, name: str) -> None:
    source = SOURCES[name]
    loaded = Cassette.load(recorded / f"{name}.json", source=name)
    for ask in servers.scene.asks:
        cassette = Cassette(exchanges=loaded.exchanges, source=name, endpoint=PLACES[name])
        tape = servers.tape(name)
        for recorder in (cassette, tape):
            with suppress(Absent):  # what no block holds
                list(source.collect(ask, recorder))
        assert decoded(source, tape.kept) == decoded(source, cassette.captured), f"{ask}"


def test_the_node_itself_agrees_with_what_was_decoded(servers: Servers) -> None:
    found = decoded(CORE, list(CORE.collect(history(servers.scene.shop), servers.tape("bitcoin-core"))))
    for tx in {row["id"] for row in found["transactions"]}:
        said = servers.node.rpc("getrawtransaction", tx, 2)
        legs = [leg for leg in found["legs"] if leg["tx"] == tx and leg["amount"] is not None]
        outputs = {(leg["index"], leg["address"], leg["amount"]) for leg in legs if leg["kind"] == "output"}
        assert outputs == {(o["n"], o["scriptPubKey"].get("address"), units(o["value"])) for o in said["vout"]}
        inputs = {(leg["index"], leg["address"], -leg["amount"]) for leg in legs if leg["kind"] == "input"}
        spent = [each["prevout"] for each in said["vin"] if "prevout" in each]
        assert inputs == {(n, p["scriptPubKey"].get("address"), units(p["value"])) for n, p in enumerate(spent)}


def units(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 10**8 + int(part.ljust(8, "0"))


def test_a_wrong_password_is_an_error_that_says_so(servers: Servers) -> None:
    tape = servers.tape("bitcoin-core")
    tape.secrets["bitcoin-rpc"] = "recover:wrong"
    with pytest.raises(Error) as caught:
        list(CORE.collect(history(servers.scene.shop), tape))
    assert caught.value.code == "password-refused"
    assert [each.status for each in tape.taken] == [401]


def test_a_node_that_is_off_is_an_error() -> None:
    tape = Tape(endpoint="http://127.0.0.1:1/", source="bitcoin-core")
    with pytest.raises(Error) as caught:
        list(CORE.collect(history("x"), tape))
    assert caught.value.code == "no-answer"


@pytest.mark.parametrize("ask", ["history", "details", "spend"])
def test_a_node_that_changes_one_byte_is_caught_by_the_id(servers: Servers, ask: str) -> None:
    scene = servers.scene
    wanted: dict[str, Ask] = {
        "history": history(scene.shop),
        "details": Details(tx=TxId(chain=CHAIN, text=scene.batch)),
        "spend": Spend(tx=TxId(chain=CHAIN, text=scene.spent[0]), index=scene.spent[1]),
    }

    def spoil(path: str, body: bytes, answer: bytes) -> bytes:
        listed = json.loads(answer)
        for each in listed:
            result = each["result"]
            raw = result["hex"] if isinstance(result, dict) and "hex" in result else result
            if " raw " in each["id"] and isinstance(raw, str):
                changed = raw[:20] + f"{int(raw[20], 16) ^ 1:x}" + raw[21:]
                answer = answer.replace(raw.encode(), changed.encode())
        return answer

    with proxy.start(servers.node, spoil) as endpoint:
        tape = core(servers.node, endpoint)
        with pytest.raises(Error) as caught:
            list(CORE.collect(wanted[ask], tape))
    assert caught.value.code == "id-differs"


def test_a_node_without_descriptor_activity_has_its_blocks_read(servers: Servers) -> None:
    """Bitcoin Core before 29: whole blocks come by REST, and each is proved from its own bytes."""

    def older(path: str, body: bytes, answer: bytes) -> bytes:
        if b"getdescriptoractivity" not in body:
            return answer
        key = json.loads(body)[0]["id"]
        return json.dumps([{"id": key, "error": {"code": -32601, "message": "Method not found"}}]).encode()

    ask = history(servers.scene.shop)
    usual = decoded(CORE, list(CORE.collect(ask, servers.tape("bitcoin-core"))))
    with proxy.start(servers.node, older) as endpoint:
        got = list(CORE.collect(ask, core(servers.node, endpoint)))
    found = decoded(CORE, got)
    assert any("/rest/block/" in each.name for each in got)
    assert {row["id"] for row in usual["transactions"]} <= {row["id"] for row in found["transactions"]}
    assert [c["address"] for c in found["coverage"]] == [servers.scene.shop]
    assert mine(found, servers.scene.shop) == mine(usual, servers.scene.shop)


def mine(found: Rows, address: str) -> set[tuple[Any, ...]]:
    return {
        (leg["tx"], leg["kind"], leg["index"], leg["amount"])
        for leg in found["legs"]
        if leg["address"] == address and leg["amount"] is not None
    }


def test_a_node_without_indexes_reads_a_short_chain_whole(bare: Node) -> None:
    address = bare.address("payee")
    paid = bare.pay("payer", address, "1.25")
    bare.mine()
    found = decoded(CORE, list(CORE.collect(history(address), core(bare))))
    assert mine(found, address) == {(paid, "output", index(found, paid, address), 125_000_000)}
    assert [c["address"] for c in found["coverage"]] == [address]
    # Without txindex the coins that it spends cannot be proved from bytes: the exhibit says so.
    assert [gap["code"] for gap in found["gaps"]] == ["inputs-reported"]
    spent = [leg for leg in found["legs"] if leg["tx"] == paid and leg["kind"] == "input" and leg["amount"]]
    assert spent
    assert "included" in {row["proof"] for row in found["transactions"] if row["id"] == paid}


def index(found: Rows, tx: str, address: str) -> int:
    (number,) = {
        leg["index"]
        for leg in found["legs"]
        if leg["tx"] == tx and leg["address"] == address and leg["amount"] > 0
    }
    return int(number)


def test_a_node_without_indexes_and_a_long_chain_gives_a_part_and_says_so(
    bare: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recover_chain_bitcoin.live.scan.SHORT", 10)
    address = bare.address("payee")
    bare.pay("payer", address, "0.5")
    bare.mine()
    found = decoded(CORE, list(CORE.collect(history(address), core(bare))))
    assert {amount for *_, amount in mine(found, address)} == {50_000_000}
    assert found["coverage"] == []
    assert "history-part" in {gap["code"] for gap in found["gaps"]}
    assert [state["amount"] for state in found["states"]] == [50_000_000]


def test_a_node_without_txindex_finds_no_transaction_by_its_id(bare: Node) -> None:
    paid = bare.pay("payer", bare.address("payee"), "0.1")
    bare.mine()
    with pytest.raises(Error) as caught:
        list(CORE.collect(Details(tx=TxId(chain=CHAIN, text=paid)), core(bare)))
    assert caught.value.code == "tx-not-found"
    assert "txindex=1" in caught.value.todo


def test_a_pruned_node_says_what_it_no_longer_has(needed: None, tmp_path: Path) -> None:
    settings = ("prune=1", "fastprune=1")
    early, late = (script.lock(networks.of("regtest"), graph.program(n)).address or "" for n in (1, 2))
    with node.start(tmp_path, *settings, indexes=("blockfilterindex=1",)) as pruned:
        # The same blocks every time: a filter can name a block too many, once in a million.
        pruned.rpc("setmocktime", node.BEGIN)
        pruned.mine(1, early)
        pruned.mine(1300)
        assert pruned.rpc("pruneblockchain", 800) > 100
        tape = core(pruned)
        with pytest.raises(Error) as caught:
            list(CORE.collect(history(early), tape))
        assert caught.value.code == "history-pruned"
        assert "is pruned below height" in caught.value.why
        pruned.mine(1, late)
        found = decoded(CORE, list(CORE.collect(history(late), core(pruned))))
        assert [c["address"] for c in found["coverage"]] == [late]


def test_a_block_that_is_replaced_is_recorded_as_stale(bitcoind: Node) -> None:
    paid = bitcoind.pay("payer", bitcoind.address("payee"), "2")
    bitcoind.mine()
    asking = Asking(recorder=core(bitcoind), network=networks.of("regtest"))
    found, block, _ = asking.locate(paid)
    assert block is not None
    bitcoind.reorganise(1)
    asking.prove([(found, block)], asking.state())
    listed = decoded(CORE, asking.taken)
    assert {(b["stale"], b["sealed"], b["tip"]) for b in listed["blocks"] if b["id"] == block and b["sealed"]} == {
        (True, True, None)
    }
    bitcoind.mine(2)
    again = decoded(CORE, list(CORE.collect(Details(tx=TxId(chain=CHAIN, text=paid)), core(bitcoind))))
    (place,) = {row["block"] for row in again["transactions"]}
    assert place not in (None, block)


def test_a_reorganisation_while_a_history_is_read_is_an_error(bitcoind: Node) -> None:
    address = bitcoind.address("payee")
    bitcoind.pay("payer", address, "1")
    bitcoind.mine()

    def spoil(path: str, body: bytes, answer: bytes) -> bytes:
        if b"getdescriptoractivity" in body:
            bitcoind.reorganise(1)
        return answer

    with proxy.start(bitcoind, spoil) as endpoint, pytest.raises(Error) as caught:
        list(CORE.collect(history(address), core(bitcoind, endpoint)))
    assert caught.value.code == "reorganised"


def test_the_balance_of_a_spent_address_is_zero_at_a_stated_block(bitcoind: Node) -> None:
    address = bitcoind.address("payee", "legacy")
    made = bitcoind.pay("payer", address, "1")
    bitcoind.mine()
    outputs = bitcoind.rpc("getrawtransaction", made, 1)["vout"]
    number = next(out["n"] for out in outputs if out["scriptPubKey"].get("address") == address)
    bitcoind.send([(made, number)], [(bitcoind.address("payer"), 99_990_000)], "payee")
    bitcoind.mine()
    ask = Status(address=Address(chain=CHAIN, text=address))
    (held,) = decoded(CORE, list(CORE.collect(ask, core(bitcoind))))["states"]
    assert (held["amount"], held["height"]) == (0, bitcoind.height)
    assert held["block"] == bitcoind.rpc("getbestblockhash")


def test_a_script_without_an_address_has_a_history_too(bitcoind: Node) -> None:
    """P2PK, as in the first payments: known by its descriptor."""
    key = bitcoind.rpc("getaddressinfo", bitcoind.address("payer", "legacy"), wallet="payer")["pubkey"]
    sealed = bitcoind.rpc("getdescriptorinfo", f"pk({key})")["descriptor"]
    (block,) = bitcoind.rpc("generatetodescriptor", 1, sealed)
    bitcoind.settle()
    mined = bitcoind.rpc("getblock", block)["tx"][0]
    found = decoded(CORE, list(CORE.collect(history(f"pk({key})"), core(bitcoind))))
    assert {row["id"] for row in found["transactions"]} == {mined}
    assert [c["address"] for c in found["coverage"]] == [f"pk({key})"]


def test_answers_longer_than_a_server_sends_at_once_are_asked_for_apart(bitcoind: Node, tmp_path: Path) -> None:
    grown = graph.begin(bitcoind, 3)
    first = (900_000, 902_200)
    made = [graph.pay(grown, [(graph.program(n), 10_000) for n in range(at, at + 2_200)]) for at in first]
    inputs = [graph.coin(tx, 0, 10_000, n) for tx, n in zip(made, first, strict=True)]
    paid = bitcoind.address("payee")
    to = bytes.fromhex(bitcoind.rpc("getaddressinfo", paid, wallet="payee")["scriptPubKey"])
    raw, _ = graph.serialise(inputs, [(to, 15_000)])
    bitcoind.rpc("sendrawtransaction", raw.hex(), 0)
    bitcoind.mine()
    with electrum.start(bitcoind, tmp_path, MAX_SEND="350000") as index:
        tape = Tape(endpoint=index.endpoint, source="bitcoin-electrum")
        found = decoded(ELECTRUM, list(ELECTRUM.collect(history(paid), tape)))
    assert [c["address"] for c in found["coverage"]] == [paid]
    assert any(b"too large" in each.answer for each in tape.taken)
    assert set(made) <= {row["id"] for row in found["transactions"]}


def test_an_esplora_server_that_will_not_list_so_many_is_an_error(servers: Servers) -> None:
    source = SOURCES["bitcoin-esplora"]
    with esplora.start(servers.node, servers.index, most=2) as endpoint:
        tape = Tape(endpoint=endpoint, source="bitcoin-esplora")
        with pytest.raises(Error) as caught:
            list(source.collect(history(servers.scene.shop), tape))
    assert caught.value.code == "no-answer"
    assert [each.status for each in tape.taken] == [404]


@pytest.mark.slow
def test_a_history_too_large_for_a_real_server_is_an_error(bitcoind: Node, tmp_path: Path) -> None:
    """ElectrumX refuses above one 99th of what it may send, and that is 350,000 bytes at least."""
    grown = graph.begin(bitcoind, 1)
    numbers = range(50_000, 51_000)
    tx = graph.pay(grown, [(graph.program(n), 20_000) for n in numbers])
    coins = [graph.coin(tx, at, 20_000, n) for at, n in enumerate(numbers)]
    popular = graph.program(7)
    for _ in range(4):
        raws = []
        for at, coin in enumerate(coins):
            raw, made = graph.serialise([coin], [(popular, coin.amount - graph.FEE)])
            coins[at] = graph.Coin(tx=made, index=0, amount=coin.amount - graph.FEE, n=7)
            raws.append(raw.hex())
        for at in range(0, len(raws), 20):
            bitcoind.batch([("sendrawtransaction", (raw, 0)) for raw in raws[at : at + 20]])
        bitcoind.mine()
    sealed = bitcoind.rpc("getdescriptorinfo", f"raw({popular.hex()})")["descriptor"]
    (address,) = bitcoind.rpc("deriveaddresses", sealed)
    with electrum.start(bitcoind, tmp_path, MAX_SEND="350000") as index:
        tape = Tape(endpoint=index.endpoint, source="bitcoin-electrum")
        with pytest.raises(Error) as caught:
            list(ELECTRUM.collect(history(address), tape))
    assert "history too large" in caught.value.why


@pytest.mark.parametrize("name", SOURCES)
def test_what_no_block_holds_is_sighted_and_moves_value_only_from_its_block_on(
    bitcoind: Node, tmp_path: Path, name: str
) -> None:
    source, address = SOURCES[name], bitcoind.address("payee")
    before = bitcoind.pay("payer", address, "0.3")
    bitcoind.mine()
    with electrum.start(bitcoind, tmp_path) as index, esplora.start(bitcoind, index) as url:
        places = {"bitcoin-core": bitcoind.endpoint, "bitcoin-electrum": index.endpoint, "bitcoin-esplora": url}

        def asked(ask: Ask) -> Rows:
            secrets = {"bitcoin-rpc": bitcoind.secret}
            tape = Tape(endpoint=places[name], source=name, secrets=secrets)
            with suppress(Absent):
                list(source.collect(ask, tape))
            return decoded(source, tape.kept)

        outputs = bitcoind.rpc("getrawtransaction", before, 1)["vout"]
        number = next(out["n"] for out in outputs if out["scriptPubKey"].get("address") == address)
        paid = bitcoind.send([(before, number)], [(bitcoind.address("payer"), 29_000_000)], "payee")
        key = sha256(script.address(networks.of("regtest"), address)).digest()[::-1].hex()
        tools.wait(lambda: len(index.call("blockchain.scripthash.get_history", key)) == 2, "its mempool")
        details = Details(tx=TxId(chain=CHAIN, text=paid))
        found = asked(details)
        assert paid not in {leg["tx"] for leg in found["legs"]}
        assert [gap["subject"] for gap in found["gaps"] if gap["code"] == "unconfirmed"] == [paid]
        held = asked(Status(address=Address(chain=CHAIN, text=address)))
        assert [state["amount"] for state in held["states"]] == [30_000_000]
        assert "unconfirmed" in {gap["code"] for gap in held["gaps"]}
        bitcoind.mine()
        index.follow()
        found = asked(details)
        assert {leg["amount"] for leg in found["legs"] if leg["tx"] == paid and leg["kind"] == "output"} == {
            29_000_000
        }
        assert "unconfirmed" not in {gap["code"] for gap in found["gaps"]}
        assert {row["block"] for row in found["transactions"] if row["id"] == paid and row["block"]}
