"""Saved JSON of nodes and explorers: ids recomputed, lies caught, nothing made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Error, NotRecognised
from recover.testing.exhibits import exhibit, of_file, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_bitcoin import block, networks, script, transaction
from recover_chain_bitcoin.jsonfile import CoreFile, EsploraFile
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import Output, Tx

DATA = Path(__file__).parent / "data"
BTC = "bip122:000000000019d6689c085ae165831e93/slip44:0"
BLOCK = json.loads((DATA / "getblock50001.json").read_text())
TAPROOT = json.loads((DATA / "esplora-taproot.json").read_text())
SEGWIT = block.parse((DATA / "block482683.raw").read_bytes())


def told(tx: Tx, spent: Output | None = None) -> dict[str, Any]:
    """A transaction as Esplora writes it."""

    def shown(output: Output) -> dict[str, Any]:
        found = script.lock(networks.of("mainnet"), output.script).address
        named = {} if found is None or "(" in found else {"scriptpubkey_address": found}
        return {"scriptpubkey": output.script.hex(), "value": output.value, **named}

    vin = [
        {
            "txid": each.tx,
            "vout": each.vout,
            "prevout": None if spent is None else shown(spent),
            "scriptsig": each.script.hex(),
            "witness": [item.hex() for item in each.witness],
            "is_coinbase": tx.is_coinbase,
            "sequence": each.sequence,
        }
        for each in tx.inputs
    ]
    status = {"confirmed": True, "block_height": 482_683, "block_hash": SEGWIT.id, "block_time": 1_504_119_737}
    return {
        "txid": tx.id,
        "version": tx.version,
        "locktime": tx.locktime,
        "vin": vin,
        "vout": [shown(each) for each in tx.outputs],
        "status": status,
    }


def page(*listed: Any) -> bytes:
    return json.dumps(list(listed)).encode()


def decode(source: Any, value: Any) -> dict[str, list[dict[str, Any]]]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return rows(source.decode(exhibit("saved.json", data)))


def rob(shown: Any) -> None:
    for vin in shown["tx"][1]["vin"]:
        vin["prevout"] = {"value": 0.5, "scriptPubKey": {"hex": "51"}}


class TestCore(SourceKit):
    source = CoreFile()
    examples = (
        of_file(DATA / "getblock50001.json"),
        exhibit("answer.json", json.dumps({"result": BLOCK, "error": None, "id": 1}).encode()),
        exhibit("tx.json", json.dumps(BLOCK["tx"][1]).encode()),
    )
    expected = (
        Expected(
            example=examples[0],
            taken="Block 50001 as explorers show it: 100 and 50 BTC to one address; the inputs are not shown.",
            transactions=(
                Stated(
                    id="7940cdde4d713e171849efc6bd89939185be270266c94e92369e3877ad89455a",
                    nets={("1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ", BTC): 10_000_000_000},
                    outputs=(("1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ", 10_000_000_000),),
                    time=datetime(2010, 4, 10, 16, 31, 40, tzinfo=UTC),
                    height=50_001,
                    index=1,
                ),
                Stated(
                    id="f84761459a00c6df3176ae5d94c99e69f25100d09548e5686bd0c354bb8cc60a",
                    nets={("1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ", BTC): 5_000_000_000},
                    index=2,
                ),
            ),
        ),
    )
    foreign = (("tx.json", json.dumps(TAPROOT).encode()), ("etl.json", (DATA / "etl50001.json").read_bytes()))


class TestEsplora(SourceKit):
    source = EsploraFile()
    examples = (
        of_file(DATA / "esplora-taproot.json"),
        exhibit("page.json", page(*(told(tx) for tx in SEGWIT.transactions))),
        exhibit(
            "address.json",
            json.dumps(
                {
                    "address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                    "chain_stats": {"funded_txo_sum": 70, "spent_txo_sum": 20, "tx_count": 2},
                    "mempool_stats": {"funded_txo_sum": 5, "spent_txo_sum": 0, "tx_count": 1},
                }
            ).encode(),
        ),
    )
    expected = (
        Expected(
            example=examples[0],
            taken="The first spend by a script path: two inputs of 491750, 965300 paid, a fee of 18200.",
            transactions=(
                Stated(
                    id="37777defed8717c581b4c0509329550e344bdc14ac38f71fc050096887e535c8",
                    nets={
                        ("bc1ptapr00ta4etkkd9tez5ud7j0perc0szzxn9fv057jmy0ndnm2mgsljcl7j", BTC): -491_750,
                        ("bc1ptapr00tlj0rfgqarp34kg8e8en6jqyysz5hu79vkgapzzvrcx8ps7nkp2p", BTC): -491_750,
                        ("bc1qzulaxy8fmvk8a92sec8s8u0xcqwcxw4fx037d8", BTC): 965_300,
                    },
                    outputs=(("bc1qzulaxy8fmvk8a92sec8s8u0xcqwcxw4fx037d8", 965_300),),
                    fee=18_200,
                    time=datetime(2021, 11, 14, 5, 40, 13, tzinfo=UTC),
                    height=709_635,
                ),
            ),
        ),
        Expected(
            example=examples[2],
            taken="What was funded less what was spent, confirmed.",
            rows={"states": ({"kind": "balance", "amount": 50},)},
        ),
    )
    foreign = (
        ("block.json", json.dumps(BLOCK).encode()),
        ("etl.json", (DATA / "etl50001.json").read_bytes()),
        ("wrapped.json", page({"txid": TAPROOT["txid"], "tx": TAPROOT})),
    )


def test_a_block_of_json_proves_what_its_bytes_would() -> None:
    found = decode(CoreFile(), BLOCK)
    assert [(t["id"], t["proof"], t["height"], t["index"]) for t in sorted(found["transactions"], key=_index)] == [
        (each["txid"], "included", 50_001, number) for number, each in enumerate(BLOCK["tx"])
    ]
    (row,) = found["blocks"]
    assert (row["id"], row["sealed"], row["stale"]) == (BLOCK["hash"], True, False)
    assert row["tip"] == 50_001 + 501_929 - 1
    assert {leg["amount"] for leg in found["legs"]} == {-5_000_000_000, 5_000_000_000, 10_000_000_000, None}


def test_without_hex_the_bytes_are_built_again() -> None:
    bare = {**BLOCK, "tx": [{k: v for k, v in tx.items() if k != "hex"} for tx in BLOCK["tx"]]}
    for tx in bare["tx"]:
        for vin in tx["vin"]:
            assert "coinbase" in vin or "hex" in vin["scriptSig"]
    again = [{**tx, "version": json.loads(json.dumps(BLOCK))["version"]} for tx in bare["tx"]]
    assert decode(CoreFile(), {**bare, "tx": again})["transactions"] == decode(CoreFile(), BLOCK)["transactions"]


def test_a_stale_block_is_said_to_be_stale() -> None:
    (row,) = decode(CoreFile(), {**BLOCK, "confirmations": -1})["blocks"]
    assert (row["stale"], row["tip"], row["sealed"]) == (True, None, True)


def test_ids_only_are_a_gap() -> None:
    found = decode(CoreFile(), {**BLOCK, "tx": [tx["txid"] for tx in BLOCK["tx"]]})
    assert found["transactions"] == []
    assert [row["sealed"] for row in found["blocks"]] == [True]
    assert [gap["code"] for gap in found["gaps"]] == ["transactions-not-shown"]


def test_what_inputs_spend_is_read_where_it_is_shown() -> None:
    shown = json.loads(json.dumps(BLOCK))
    for vin, value in zip(shown["tx"][1]["vin"], (50.0, 50.00000001), strict=True):
        lock = {"hex": "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac"}
        vin["prevout"] = {"value": value, "height": 1, "generated": True, "scriptPubKey": lock}
    found = decode(CoreFile(), shown)
    legs = [leg for leg in found["legs"] if leg["tx"] == BLOCK["tx"][1]["txid"] and leg["kind"] == "input"]
    assert sorted((leg["index"], leg["amount"], leg["address"]) for leg in legs) == [
        (0, -5_000_000_000, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
        (1, -5_000_000_001, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
    ]


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("an id", lambda b: b["tx"][1].update(txid="11" * 32), "txid-differs"),
        ("the bytes", lambda b: b["tx"][1].update(hex=BLOCK["tx"][2]["hex"]), "txid-differs"),
        ("a transaction left out", lambda b: b["tx"].pop(), "merkle-root"),
        ("the order", lambda b: b["tx"].reverse(), "merkle-root"),
        (
            "less spent than paid",
            rob,
            "more-paid-than-spent",
        ),
        ("the time", lambda b: b.update(time=b["time"] + 1), "block-hash-differs"),
        ("the root", lambda b: b.update(merkleroot="11" * 32), "block-hash-differs"),
        ("a value", lambda b: b["tx"][1].pop("hex") and b["tx"][1]["vout"][0].update(value=99.0), "txid-differs"),
        (
            "too fine a value",
            lambda b: b["tx"][1].pop("hex") and b["tx"][1]["vout"][0].update(value=1e-9),
            "json-unreadable",
        ),
    ],
)
def test_a_node_that_lies_is_caught(name: str, change: Any, code: str) -> None:
    spoiled = json.loads(json.dumps(BLOCK))
    change(spoiled)
    with pytest.raises(Error) as caught:
        decode(CoreFile(), spoiled)
    assert caught.value.code == code, name


@pytest.mark.parametrize(
    "answer",
    [
        {"result": None, "error": {"code": -1, "message": "Block not available (pruned data)"}, "id": 1},
        {"jsonrpc": "2.0", "error": {"code": -5, "message": "Block not found"}, "id": 1},
    ],
)
def test_a_refusal_is_an_error_and_no_empty_answer(answer: Any) -> None:
    with pytest.raises(Error) as caught:
        decode(CoreFile(), answer)
    assert caught.value.code == "rpc-refused"
    assert answer["error"]["message"] in caught.value.why


def test_esplora_s_transactions_have_their_ids_recomputed() -> None:
    found = decode(EsploraFile(), page(*(told(tx) for tx in SEGWIT.transactions)))
    raw = {tx.id: tx for tx in SEGWIT.transactions}
    assert {t["id"] for t in found["transactions"]} == set(raw)
    for row in found["transactions"]:
        assert (row["proof"], row["height"], row["block"]) == ("self-authenticating", 482_683, SEGWIT.id)
        assert json.loads(row["facts"])["vsize"] == raw[row["id"]].vsize


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("a value", lambda t: t["vout"][0].update(value=1), "txid-differs"),
        ("an outpoint", lambda t: t["vin"][0].update(vout=9), "txid-differs"),
        (
            "an address",
            lambda t: t["vout"][0].update(scriptpubkey_address="1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            "address-differs",
        ),
        ("more paid than spent", lambda t: t["vin"][0]["prevout"].update(value=1), "more-paid-than-spent"),
        ("a negative value", lambda t: t["vout"][0].update(value=-1), "json-unreadable"),
        ("a value with a point", lambda t: t["vout"][0].update(value=1.5), "json-unreadable"),
        ("no version", lambda t: t.pop("version"), "json-unreadable"),
        ("a short id", lambda t: t["vin"][0].update(txid="abcd"), "json-unreadable"),
    ],
)
def test_an_explorer_that_lies_is_caught(name: str, change: Any, code: str) -> None:
    spoiled = json.loads(json.dumps(TAPROOT))
    change(spoiled)
    with pytest.raises(Error) as caught:
        decode(EsploraFile(), spoiled)
    assert caught.value.code == code, name


def test_every_lie_of_a_page_is_named() -> None:
    listed = [told(tx) for tx in SEGWIT.transactions]
    for each in listed[:3]:
        each["locktime"] += 1
    with pytest.raises(Error) as caught:
        decode(EsploraFile(), page(*listed))
    assert "3 transactions" in caught.value.what
    assert [f"[{n}].txid" in caught.value.why for n in range(4)] == [True, True, True, False]


def test_an_input_whose_output_is_not_shown_has_no_amount() -> None:
    found = decode(EsploraFile(), page(told(SEGWIT.transactions[1])))
    inputs = [leg for leg in found["legs"] if leg["kind"] == "input"]
    assert {(leg["amount"], leg["address"]) for leg in inputs} == {(None, None)}


def test_a_balance_is_a_state() -> None:
    (state,) = decode(EsploraFile(), TestEsplora.examples[2].data)["states"]
    assert (state["kind"], state["amount"], state["proof"]) == ("balance", 50, "reported")


def test_an_unconfirmed_transaction_is_said_and_moves_nothing() -> None:
    waiting = {**told(SEGWIT.transactions[1]), "status": {"confirmed": False}}
    found = decode(EsploraFile(), waiting)
    assert [gap["code"] for gap in found["gaps"]] == ["unconfirmed"]
    assert found["transactions"] == found["legs"] == []


def test_a_replaced_transaction_never_happened_and_two_that_wait_exclude_each_other() -> None:
    mined = told(SEGWIT.transactions[1])
    other = SEGWIT.transactions[1]._replace(outputs=SEGWIT.transactions[1].outputs[:1])
    waiting = transaction.build(other.version, other.inputs, other.outputs, other.locktime)
    replaced = {**told(waiting), "status": {"confirmed": False}}
    held = {**mined, "status": {"confirmed": True}}
    found = decode(EsploraFile(), [replaced, held])
    assert [(gap["code"], gap["subject"]) for gap in found["gaps"]] == [("replaced", waiting.id)]
    assert {row["id"] for row in found["transactions"]} == {SEGWIT.transactions[1].id}
    both = decode(EsploraFile(), [replaced, {**mined, "status": {"confirmed": False}}])
    assert {gap["code"] for gap in both["gaps"]} == {"unconfirmed", "double-spend"}
    assert both["legs"] == []


@pytest.mark.parametrize(
    "value", [b"<html>", b"[]", b"{}", b"[1]", b'{"txid":5,"vin":[],"vout":[]}', b"[" * 99_999]
)
def test_another_body_is_not_recognised(value: bytes) -> None:
    for source in (CoreFile(), EsploraFile()):
        with pytest.raises(NotRecognised):
            decode(source, value)


def test_regtest_is_told_from_its_addresses() -> None:
    tx = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x00\x14" + bytes(20))])
    shown = told(tx)
    shown["vout"][0]["scriptpubkey_address"] = script.lock(networks.of("regtest"), tx.outputs[0].script).address
    (row,) = decode(EsploraFile(), shown)["transactions"]
    assert row["chain"] == networks.of("regtest").id


def _index(row: dict[str, Any]) -> int:
    return int(row["index"])
