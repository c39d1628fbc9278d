"""One transaction by its id, from a full node: asked through a double, and what each answer comes to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import Address, Details, Error, Exhibit, Request, Status, TxId, ask_of
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit, rows
from recover_chain_tron import address
from recover_chain_tron.asks import Settled
from recover_chain_tron.chain import CHAIN, asset
from recover_chain_tron.node import Node
from recover_chain_tron.order import Order
from recover_chain_tron.shown import TRX, trc10
from recover_chain_tron.testing import made
from recover_chain_tron.testing.asking import Asking, asking
from recover_chain_tron.testing.made import START, USDT, Made, Owner
from recover_chain_tron.testing.real import CALL, CALL_ID, CALL_SIGNED, CONTROL, PAID, PAID_ID, PAID_SIGNED
from recover_chain_tron.testing.server import Double, Fault

ANN, BOB, EVE = Owner("ann"), Owner("bob"), Owner("eve")
A, B, E = ANN.text, BOB.text, EVE.text
BASE = "http://node.example"


def ask(recorder: Asking, tx: str) -> list[Exhibit]:
    return list(Node().collect(Details(tx=TxId(chain=CHAIN, text=tx)), recorder))


def shown(each: Made, state: str = "walletsolidity") -> tuple[Exhibit, Exhibit]:
    """Body and receipt as `collect` stores them."""
    from recover_chain_tron.body import read

    note = read(each.body())[0].order.note()
    return _answer(each, state, "gettransactionbyid", each.body()), _answer(
        each, state, f"gettransactioninfobyid#{note}", each.receipt()
    )


def _answer(each: Made, state: str, method: str, said: dict[str, Any]) -> Exhibit:
    request = Request(url=f"{BASE}/{state}/{method}", method="POST", body=_sent(each.id))
    return exhibit(request.url, json.dumps(said).encode(), asked=request)


def _sent(tx: str) -> bytes:
    return f'{{"value":"{tx}"}}'.encode()


def decoded(found: Exhibit) -> dict[str, list[dict[str, Any]]]:
    return rows(Node().decode(found))


def moves(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """Kind, address, asset and amount of each leg, what leaves first."""
    return sorted(
        ((g["kind"], g["address"], g["asset"], g["amount"]) for g in found["legs"]), key=lambda m: (m[3], str(m))
    )


PAYMENT = made.coin(ANN, B, 5_000_000, info={"fee": 1_100_000, "receipt": {"net_fee": 100_000}}, height=50_000_011)
TOKENS = made.paid(ANN, B, 2**53 + 1)
FAILED = replace(
    made.call(ANN, USDT, b"\xa9\x05\x9c\xbb" + bytes(64), sun=7),
    outcome="OUT_OF_ENERGY",
    info={"fee": 13_844_500, "result": "FAILED", "receipt": {"energy_fee": 13_844_500, "result": "OUT_OF_ENERGY"}},
)
BODY, RECEIPT = shown(PAYMENT)
CALLED = shown(TOKENS)
LOST = shown(FAILED)


def _recorded(*found: Exhibit) -> Cassette:
    made_ = tuple(Exchange(request=each.asked, answer=each.data) for each in found if each.asked)
    return Cassette(exchanges=made_, endpoint=BASE)


def _held() -> Cassette:
    """A balance and a freeze, as the double gives them; the address is that of a fixed place."""
    with asking(Double(balances={(USDT, A): 2**53 + 1})) as recorder:
        list(Node().collect(Status(address=Address(chain=CHAIN, text=A), asset=asset(USDT)), recorder))
    found = [(each.asked, each.data) for each in recorder.kept if each.asked]
    placed = [
        (replace(request, url=request.url.replace(recorder.endpoint, BASE)), data) for request, data in found
    ]
    return Cassette(exchanges=tuple(Exchange(request=r, answer=d) for r, d in placed), endpoint=BASE)


class TestConformance(SourceKit):
    source = Node()
    examples = (BODY, RECEIPT, *CALLED, *LOST)
    expected = (
        Expected(
            example=RECEIPT,
            taken="The order by hand; the protocol's fees: 1 TRX for an account, 0.1 for bandwidth.",
            transactions=(
                Stated(
                    id=PAYMENT.id,
                    nets={(A, TRX): -6_100_000, (B, TRX): 5_000_000, (None, TRX): 1_100_000},
                    time=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
                    height=50_000_011,
                ),
            ),
            rows={"events": ({"kind": "activate", "address": A, "other": B, "facts": '{"shown":"fee"}'},)},
        ),
        Expected(
            example=BODY,
            taken="The order by hand.",
            transactions=(Stated(id=PAYMENT.id, nets={(A, TRX): -5_000_000, (B, TRX): 5_000_000}, failed=False),),
        ),
        Expected(
            example=CALLED[1],
            taken="The log as the token's contract writes it.",
            transactions=(
                Stated(id=TOKENS.id, nets={(A, asset(USDT)): -(2**53) - 1, (B, asset(USDT)): 2**53 + 1}),
            ),
        ),
        Expected(
            example=LOST[1],
            taken="The receipt's fee; a call that ran out of energy moves nothing.",
            transactions=(
                Stated(id=FAILED.id, nets={(A, TRX): -13_844_500, (None, TRX): 13_844_500}, failed=True),
            ),
        ),
    )
    recorded = (
        (Details(tx=TxId(chain=CHAIN, text=PAYMENT.id)), _recorded(BODY, RECEIPT)),
        (Settled(tx=TxId(chain=CHAIN, text=PAYMENT.id)), _recorded(BODY, RECEIPT)),
        (Status(address=Address(chain=CHAIN, text=A), asset=asset(USDT)), _held()),
    )
    empty = (_answer(PAYMENT, "wallet", "gettransactionbyid", {}),)
    refused = (_answer(PAYMENT, "wallet", "gettransactionbyid", {"txID": "0" * 64, "raw_data_hex": "00"}),)


def test_a_real_transaction_is_read_with_its_real_signature() -> None:
    said = {"ret": [{"contractRet": "SUCCESS"}], "signature": [CALL_SIGNED], "txID": CALL_ID, "raw_data_hex": CALL}
    found = decoded(exhibit("saved.json", json.dumps(said).encode()))
    (tx,) = found["transactions"]
    assert (tx["id"], tx["proof"], tx["failed"]) == (CALL_ID, "self-authenticating", False)
    assert json.loads(tx["facts"])["from"] == "TGexEkipwwnskd2rDXWvptwLLhjCTcNeCi"
    assert found["events"] == found["gaps"] == []


def test_keys_of_others_that_signed_and_that_were_given_are_events() -> None:
    said = {"signature": list(PAID_SIGNED), "txID": PAID_ID, "raw_data_hex": PAID}
    found = decoded(exhibit("paid.json", json.dumps(said).encode()))
    assert sorted((e["kind"], e["address"], e["other"]) for e in found["events"]) == [
        ("sign", "TRGhNNfnmgLegT4zHNjEqDSADjgmnHvubJ", "TKwhcDup8L2PH5r6hxp5CQvQzZqJLmKvZP"),
        ("sign", "TRGhNNfnmgLegT4zHNjEqDSADjgmnHvubJ", "TNhXo1GbRNCuorvYu5JFWN3m2NYr9QQpVR"),
    ]
    said = {"txID": "5914f3b4c29ab514e26be662f6028c1c5a82677acf0c88904d41a9bdd3d66877", "raw_data_hex": CONTROL}
    found = decoded(exhibit("control.json", json.dumps(said).encode()))
    assert [(e["kind"], e["address"], e["other"]) for e in found["events"]] == [
        ("control", "TZ4UXDV5ZhNW7fb2AMSbgfAEZ7hWsnYS2g", "TPswDDCAWhJAZGdHPidFg5nEf8TkNToDX1")
    ]
    assert json.loads(found["events"][0]["facts"])["alone"] is False
    assert [g["code"] for g in found["gaps"]] == ["unsigned"]


@pytest.mark.parametrize("change", [{"txID": "0" * 64}, {"raw_data_hex": "0a02"}, {"signature": ["00" * 65]}])
def test_an_answer_that_does_not_hold_is_refused_whole(change: dict[str, Any]) -> None:
    with pytest.raises(Error) as caught:
        decoded(_answer(PAYMENT, "wallet", "gettransactionbyid", {**PAYMENT.body(), **change}))
    assert caught.value.code == "tron-answer"


def test_another_transaction_than_was_asked_for_is_refused() -> None:
    with pytest.raises(Error, match="was asked for"):
        decoded(_answer(PAYMENT, "wallet", "gettransactionbyid", TOKENS.body()))


def test_the_json_beside_the_bytes_is_not_read() -> None:
    lie = {"contract": [{"type": "TransferContract", "parameter": {"value": {"amount": 10**12, "to_address": E}}}]}
    said = {**PAYMENT.body(), "raw_data": lie}
    assert moves(decoded(_answer(PAYMENT, "wallet", "gettransactionbyid", said))) == moves(decoded(BODY))


def test_what_is_asked_is_the_settled_state_and_two_requests() -> None:
    double = Double(made=[PAYMENT])
    with asking(double) as recorder:
        got = ask(recorder, PAYMENT.id)
    assert [each.split()[0] for each in double.asked] == [
        "/walletsolidity/gettransactionbyid",
        "/walletsolidity/gettransactioninfobyid",
    ]
    assert moves(decoded(got[1])) == moves(decoded(RECEIPT))
    assert decoded(got[1])["transactions"][0]["whole"]


def test_what_is_not_settled_is_used_and_asked_again() -> None:
    double = Double(made=[replace(PAYMENT, solid=False)])
    with asking(double) as recorder:
        ask(recorder, PAYMENT.id)
        found = decoded(recorder.kept[-1])
        assert moves(found) == moves(decoded(RECEIPT))
        (gap,) = found["gaps"]
        again = ask_of(gap["fill"])
        assert (gap["code"], again) == ("not-solid", Settled(tx=TxId(chain=CHAIN, text=PAYMENT.id)))
        with pytest.raises(Error) as caught:
            list(Node().collect(again, recorder))
        assert caught.value.code == "tron-not-solid"
        double.made = [PAYMENT]
        assert [decoded(each)["gaps"] for each in Node().collect(again, recorder)] == [[], []]


def test_what_was_not_executed_moved_nothing_that_is_known() -> None:
    with asking(Double(made=[replace(PAYMENT, info=None)])) as recorder, pytest.raises(Error) as caught:
        ask(recorder, PAYMENT.id)
    assert caught.value.code == "tron-not-executed"
    assert decoded(recorder.kept[-1])["nothing"]


def test_an_empty_object_is_missing_and_never_an_empty_truth() -> None:
    with asking(Double()) as recorder, pytest.raises(Error) as caught:
        ask(recorder, PAYMENT.id)
    assert caught.value.code == "tron-missing"
    assert [list(filter(decoded(each).get, decoded(each))) for each in recorder.kept] == [["nothing"]] * 2


def test_a_server_without_the_settled_state_is_asked_for_the_newest() -> None:
    double = Double(made=[PAYMENT], faults=[Fault(kind="404", path="/walletsolidity/", times=-1)])
    with asking(double) as recorder:
        got = ask(recorder, PAYMENT.id)
    assert [g["code"] for g in decoded(got[-1])["gaps"]] == ["not-solid"]


@pytest.mark.parametrize("kind", ["html", "error", "429", "403", "reset", "half"])
def test_a_server_that_fails_is_an_error_and_nothing_is_made_up(kind: Any) -> None:
    double = Double(made=[PAYMENT], faults=[Fault(kind=kind, times=-1)])
    with asking(double) as recorder, pytest.raises(Error):
        ask(recorder, PAYMENT.id)


def test_an_issuers_freeze_is_read_from_its_indexed_topic() -> None:
    from recover_chain_tron.events import SIGNATURES

    def logged(signature: str, *words: bytes, data: bytes = b"") -> dict[str, Any]:
        return made.log(USDT, [bytes.fromhex(SIGNATURES[signature]), *words], data)

    account = made.word(B)
    logs = [
        logged("AddedBlackList(address)", account),
        logged("RemovedBlackList(address)", account),
        logged("AddedBlackList(address)", data=account),
        logged("DestroyedBlackFunds(address,uint256)", account, data=(5).to_bytes(32, "big")),
    ]
    found = decoded(shown(made.call(ANN, USDT, b"\x0e\xcb\x93\xc0", info={"log": logs}))[1])
    said = [(e["index"], e["kind"], e["address"], e["amount"]) for e in found["events"]]
    assert sorted(said) == [
        (0, "freeze", B, None),
        (1, "unfreeze", B, None),
        (2, "freeze", B, None),
        (3, "destroy", B, 5),
    ]
    assert moves(found) == [("burn", B, asset(USDT), -5), ("burn", None, asset(USDT), 5)]


def test_who_sends_for_an_owner_is_not_the_payer() -> None:
    """GasFree: a relayer pays the fee, the owner's gas-free account pays the receiver and the relayer's charge."""
    relayer, owner, free, controller = EVE, A, Owner("free").text, Owner("controller").text
    words = [USDT, owner, B]
    data = bytes.fromhex("6f21b898") + b"".join(map(made.word, words)) + bytes(32 * 6)
    logs = [made.transfer(free, B, 100), made.transfer(free, relayer.text, 2)]
    found = decoded(shown(made.call(relayer, controller, data, info={"fee": 9, "log": logs}))[1])
    token = asset(USDT)
    assert sorted(m for m in moves(found) if m[3] < 0) == [
        ("fee", relayer.text, TRX, -9),
        ("transfer", free, token, -100),
        ("transfer", free, token, -2),
    ]
    (event,) = found["events"]
    assert (event["kind"], event["address"], event["other"]) == ("relay", free, owner)
    assert json.loads(event["facts"]) == {"receiver": B, "relayer": relayer.text}
    facts = json.loads(found["transactions"][0]["facts"])
    assert (facts["from"], facts["for"]) == (relayer.text, owner)


def test_calls_inside_move_coins_and_tokens_and_what_they_lend_stays() -> None:
    def inside(note: str, value: int, **more: Any) -> dict[str, Any]:
        return {
            "caller_address": address.decode(E).hex(),
            "transferTo_address": address.decode(B).hex(),
            "note": note.encode().hex(),
            "callValueInfo": [{"callValue": value, **more}] if value else [{}],
        }

    calls = [
        inside("call", 5),
        inside("call", 0),
        inside("call", 7, tokenId="1002000"),
        {**inside("call", 11), "rejected": True},
        inside("delegateResourceOfEnergy", 1_000_000),
        inside("freezeBalanceV2ForEnergy", 9),
        inside("withdrawReward", 3),
        inside("somethingNew", 4),
    ]
    found = decoded(shown(made.call(ANN, E, b"", sun=5, info={"internal_transactions": calls}))[1])
    assert [m for m in moves(found) if m[3] > 0] == [
        ("reward", B, TRX, 3),
        ("internal", B, TRX, 5),
        ("transfer", E, TRX, 5),
        ("internal", B, trc10("1002000"), 7),
    ]
    assert [(e["kind"], e["address"], e["other"], e["amount"]) for e in found["events"]] == [
        ("delegate", E, B, 1_000_000)
    ]
    assert [g["code"] for g in found["gaps"]] == ["internal-unread"]


def test_resources_lent_and_accounts_made_are_events_and_move_nothing() -> None:
    lent = made.message((1, ANN.payload), (2, 1), (3, 10**9), (4, BOB.payload))
    found = decoded(shown(made.other(ANN, "DelegateResourceContract", 57, lent, info={"fee": 0}))[1])
    assert found["legs"] == []
    assert [(e["kind"], e["address"], e["other"], e["amount"], e["facts"]) for e in found["events"]] == [
        ("delegate", A, B, 10**9, '{"resource":"ENERGY"}')
    ]
    fresh = made.message((1, ANN.payload), (2, BOB.payload))
    found = decoded(shown(made.other(ANN, "AccountCreateContract", 0, fresh, info={"fee": 1_100_000}))[1])
    assert [(e["kind"], e["other"]) for e in found["events"]] == [("activate", B)]
    assert moves(found) == [("fee", A, TRX, -1_100_000), ("fee", None, TRX, 1_100_000)]


def test_a_note_that_costs_as_much_as_an_account_makes_none() -> None:
    paid = made.coin(ANN, B, 5, memo=b"invoice 7", info={"fee": 1_000_000})
    assert decoded(shown(paid)[1])["events"] == []


def test_rewards_that_are_claimed_are_new_coins() -> None:
    claim = made.other(
        ANN, "WithdrawBalanceContract", 13, made.message((1, ANN.payload)), info={"withdraw_amount": 9}
    )
    assert moves(decoded(shown(claim)[1])) == [("reward", None, TRX, -9), ("reward", A, TRX, 9)]


def test_tokens_that_contracts_make_and_wrap_are_booked() -> None:
    from recover_chain_tron.events import SIGNATURES

    wrapped = "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR"
    topic = bytes.fromhex(SIGNATURES["Deposit(address,uint256)"])
    logs = [
        made.log(wrapped, [topic, made.word(A)], (8).to_bytes(32, "big")),
        made.transfer(address.ZERO, A, 3),
        made.log(USDT, [topic, made.word(A)], (8).to_bytes(32, "big")),
    ]
    found = decoded(shown(made.call(ANN, wrapped, b"", sun=8, info={"log": logs}))[1])
    assert [m for m in moves(found) if m[3] > 0] == [
        ("mint", A, asset(USDT), 3),
        ("mint", A, asset(wrapped), 8),
        ("transfer", wrapped, TRX, 8),
    ]


def test_a_receipt_from_a_file_says_what_it_does_not_show() -> None:
    found = decoded(exhibit("receipt.json", json.dumps(TOKENS.receipt()).encode()))
    assert [g["code"] for g in found["gaps"]] == ["sender-unknown"]
    assert not found["transactions"][0]["whole"]
    assert [m[0] for m in moves(found)] == ["transfer", "transfer"]


def test_kinds_that_are_not_read_are_gaps_and_their_fee_is_booked() -> None:
    swap = made.other(ANN, "ExchangeTransactionContract", 44, made.message((1, ANN.payload)), info={"fee": 5})
    found = decoded(shown(swap)[1])
    assert [g["code"] for g in found["gaps"]] == ["contract-unread"]
    assert moves(found) == [("fee", A, TRX, -5), ("fee", None, TRX, 5)]
    named = decoded(shown(made.token10(ANN, B, "SEED", 7))[0])
    assert [g["code"] for g in named["gaps"]] == ["trc10-name"]


def test_the_note_in_the_anchor_is_not_sent() -> None:
    with asking(Double(made=[PAYMENT])) as recorder:
        ask(recorder, PAYMENT.id)
    assert recorder.kept[-1].asked is not None
    assert Order.noted(recorder.kept[-1].asked.url.partition("#")[2]) is not None


def test_time_stands_in_milliseconds() -> None:
    assert PAYMENT.at == START
    with pytest.raises(Error, match="seconds"):
        decoded(
            _answer(
                PAYMENT, "wallet", "gettransactioninfobyid", {**PAYMENT.receipt(), "blockTimeStamp": 1700000000}
            )
        )
