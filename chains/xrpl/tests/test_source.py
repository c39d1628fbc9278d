"""The source against the kit, in every shape in which a server answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recover.sdk import Address, Details, Error, History, Request, Status, TxId
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit, rows
from recover_chain_xrpl import XrplServer
from recover_chain_xrpl.testing import scene
from recover_chain_xrpl.testing.made import Done, first, number, page, rpc, second, websocket
from recover_chain_xrpl.testing.scene import ISSUER, THIEF, VICTIM, XRP
from recover_chain_xrpl.testing.server import Double

PLACE = "https://ledger.example/"


def exchange(double: Double, method: str, **params: object) -> Exchange:
    """What the double answers to one request, as recorded."""
    said = {"method": method, "params": [{**params, "api_version": 2}]}
    body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return Exchange(request=Request(url=PLACE, method="POST", body=body), answer=rpc(double.answer(said)))


SERVER = Double(
    given=scene.SCENE,
    limit=3,
    coins={THIEF: 170 * XRP - 40},
    lines={THIEF: [{"account": ISSUER, "balance": "147.413155", "currency": "USD", "limit_peer": "0"}]},
)
RANGE = {"ledger_index_min": -1, "ledger_index_max": -1, "binary": False, "forward": True, "limit": 200}


def pages() -> tuple[Exchange, ...]:
    found = [exchange(SERVER, "account_tx", account=THIEF, **RANGE)]
    while marker := (result := json.loads(found[-1].answer)["result"]).get("marker"):
        bounds = {name: result[name] for name in ("ledger_index_min", "ledger_index_max")}
        found.append(exchange(SERVER, "account_tx", account=THIEF, **{**RANGE, **bounds}, marker=marker))
    return tuple(found)


def ledger(version: int) -> dict[str, object]:
    """The ledger that holds both deposits."""
    held = [scene.DEPOSIT, scene.OTHER_DEPOSIT]
    if version == 2:
        shown = [second(each) for each in held]
    else:
        flat = [first(each) for each in held]
        drop = ("meta", "date", "ledger_index", "inLedger", "validated")
        shown = [{**{k: v for k, v in f.items() if k not in drop}, "metaData": f["meta"]} for f in flat]
    digest, height = number("ledger 90000010"), 90_000_010
    said = {
        "ledger_hash": digest,
        "parent_hash": number("ledger 90000009"),
        "transaction_hash": number("t"),
        "ledger_index": height if version == 2 else str(height),
        "close_time": 820540860,
        "transactions": shown,
    }
    return {"ledger": said, "ledger_hash": digest, "ledger_index": height, "validated": True}


COIN, DOLLAR = "xrpl:0/slip44:144", f"xrpl:0/token:USD.{ISSUER}"
HELD = f"escrow.{THIEF}.{scene.ESCROW}"
BEFORE_AND_AFTER = "The accounts' balances before and after, subtracted by hand."


class TestXrplServer(SourceKit):
    source = XrplServer()
    examples = (
        exhibit("tx-1.json", rpc(first(scene.THEFT))),
        exhibit("tx-2.json", rpc(second(scene.DEPOSIT))),
        exhibit("tx-1-socket.json", websocket(first(scene.PARTIAL))),
        exhibit("tx-2-socket.json", websocket(second(scene.LOCKED))),
        exhibit("tx-bare.json", json.dumps(second(scene.RELEASED)).encode()),
        exhibit("history-1.json", rpc(page(THIEF, scene.SCENE, version=1))),
        exhibit("history-2.json", websocket(page(THIEF, scene.SCENE))),
        exhibit("ledger-1.json", rpc(ledger(1))),
        exhibit("ledger-2.json", rpc(ledger(2))),
    )
    # Drops, and a currency of 40 places: taken from what the scene says that each account had before and after.
    expected = (
        Expected(
            example=examples[0],
            taken=BEFORE_AND_AFTER,
            transactions=(
                Stated(
                    id=scene.THEFT.id,
                    nets={(VICTIM, COIN): -900_000_010, (THIEF, COIN): 900_000_000, (None, COIN): 10},
                    time=datetime(2026, 1, 1, tzinfo=UTC),
                    height=90_000_000,
                    index=0,
                    failed=False,
                ),
            ),
        ),
        Expected(
            example=examples[1],
            taken=BEFORE_AND_AFTER,
            transactions=(
                Stated(
                    id=scene.DEPOSIT.id,
                    nets={(THIEF, COIN): -600_000_010, (scene.EXCHANGE, COIN): 600_000_000, (None, COIN): 10},
                    memos={scene.EXCHANGE: "7001"},
                ),
            ),
        ),
        Expected(
            example=examples[5],
            taken=BEFORE_AND_AFTER,
            transactions=(
                Stated(id=scene.FAILED.id, nets={(THIEF, COIN): -10, (None, COIN): 10}, failed=True),
                # Ten million were named, and 147.413155 delivered.
                Stated(
                    id=scene.PARTIAL.id,
                    nets={
                        (scene.FRIEND, DOLLAR): -147_413_155 * 10**34,
                        (THIEF, DOLLAR): 147_413_155 * 10**34,
                        (scene.FRIEND, COIN): -10,
                        (None, COIN): 10,
                    },
                ),
                Stated(
                    id=scene.LOCKED.id,
                    nets={(THIEF, COIN): -50_000_010, (HELD, COIN): 50_000_000, (None, COIN): 10},
                ),
                Stated(
                    id=scene.RELEASED.id,
                    nets={
                        (HELD, COIN): -50_000_000,
                        (scene.EXCHANGE, COIN): 50_000_000,
                        (scene.FRIEND, COIN): -10,
                        (None, COIN): 10,
                    },
                    memos={scene.EXCHANGE: "7001"},
                ),
            ),
            decimals={DOLLAR: 40},
        ),
    )
    empty = (exhibit("empty.json", rpc(page(scene.EXCHANGE, []))),)
    refused = (exhibit("refused.json", rpc({"error": "slowDown"})),)
    recorded = (
        (
            History(address=Address(chain="xrpl:0", text=THIEF)),
            Cassette(exchanges=pages(), endpoint=PLACE),
        ),
        (
            Details(tx=TxId(chain="xrpl:0", text=scene.THEFT.id)),
            Cassette(
                exchanges=(exchange(SERVER, "tx", transaction=scene.THEFT.id, binary=False),), endpoint=PLACE
            ),
        ),
        (
            Status(address=Address(chain="xrpl:0", text=THIEF)),
            Cassette(
                exchanges=(exchange(SERVER, "account_info", account=THIEF, ledger_index="validated"),),
                endpoint=PLACE,
            ),
        ),
        (
            Status(address=Address(chain="xrpl:0", text=THIEF), asset=f"xrpl:0/token:USD.{ISSUER}"),
            Cassette(
                exchanges=(
                    exchange(SERVER, "account_lines", account=THIEF, peer=ISSUER, ledger_index="validated"),
                ),
                endpoint=PLACE,
            ),
        ),
    )


def plain(data: bytes) -> dict[str, list[dict[str, object]]]:
    return rows(XrplServer().decode(exhibit("answer.json", data)))


@pytest.mark.parametrize("done", scene.SCENE, ids=lambda d: d.name)
def test_every_shape_says_the_same(done: Done) -> None:
    told = [plain(make(shape(done))) for make in (rpc, websocket) for shape in (first, second)]
    for found in told:
        for row in found["transactions"]:
            row["block"] = None  # version 1 does not name it
        assert found["legs"] == told[0]["legs"]
        assert found["transactions"] == told[0]["transactions"]


def test_both_versions_of_a_ledger_say_the_same_and_cover_it() -> None:
    one, two = plain(rpc(ledger(1))), plain(rpc(ledger(2)))
    assert one == two
    assert [row["height"] for row in one["blocks"]] == [90_000_010]
    assert len(one["transactions"]) == 2
    (claim,) = one["coverage"]
    assert (claim["address"], claim["since_height"], claim["until_height"]) == (None, 90_000_010, 90_000_010)


def test_a_ledger_that_lists_ids_only_says_what_is_missing() -> None:
    bare = ledger(2)
    bare["ledger"]["transactions"] = [scene.DEPOSIT.id, scene.OTHER_DEPOSIT.id]  # type: ignore[index]
    found = plain(rpc(bare))
    assert {row["tx"] for row in found["listed"]} == {scene.DEPOSIT.id, scene.OTHER_DEPOSIT.id}
    assert found["coverage"] == found["transactions"] == []


def test_what_is_not_validated_is_not_followed() -> None:
    found = plain(rpc({**second(scene.THEFT), "validated": False}))
    assert found["transactions"] == found["legs"] == []
    assert [gap["code"] for gap in found["gaps"]] == ["xrpl-not-validated"]
    without = {k: v for k, v in second(scene.THEFT).items() if k != "validated"}
    assert plain(rpc(without))["legs"] == []


def test_what_was_ordered_and_not_shown_as_done_is_not_followed() -> None:
    found = plain(rpc({k: v for k, v in second(scene.THEFT).items() if k != "meta"}))
    assert found["transactions"] == []
    assert [gap["code"] for gap in found["gaps"]] == ["xrpl-no-metadata"]
    assert found["gaps"][0]["fill"]
    # No history without it is whole: it is listed for who took part.
    assert {row["address"] for row in found["listed"]} == {VICTIM, THIEF}


def test_another_network_is_refused_or_said() -> None:
    """Addresses and answers look the same on test networks, and on younger ledgers, which say so themselves."""
    elsewhere = second(replace(scene.THEFT, fields={**scene.THEFT.fields, "NetworkID": 21337}))
    with pytest.raises(Error) as caught:
        plain(rpc(elsewhere))
    assert "network 21337" in caught.value.why
    assert plain(rpc({**second(scene.THEFT), "ctid": "C064191200030000"}))["gaps"] == []
    (gap,) = plain(rpc({**second(scene.THEFT), "ctid": "C064191200030002"}))["gaps"]
    assert gap["code"] == "xrpl-other-network"


def test_an_error_is_no_evidence_of_anything() -> None:
    found = plain(rpc({"error": "txnNotFound", "error_message": "Transaction not found."}))
    assert [row["why"] for row in found["nothing"]] == ["The server answered with an error: txnNotFound."]


def test_a_server_that_will_not_answer_has_not_said_that_there_is_nothing() -> None:
    found = plain(rpc({"error": "slowDown"}))
    assert found["nothing"] == []
    assert [gap["code"] for gap in found["gaps"]] == ["xrpl-refused"]


def test_binary_answers_are_refused_with_what_to_do() -> None:
    with pytest.raises(Error) as caught:
        plain(rpc(page(THIEF, [], transactions=[{"tx_blob": "12", "meta": "AB", "validated": True}])))
    assert "binary" in caught.value.why
