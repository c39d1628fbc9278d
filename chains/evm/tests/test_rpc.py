"""A node's answers taken together, and what a node can get wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Error, Exhibit, NotRecognised, Request, amounts
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_evm import answers, rpc
from recover_chain_evm.networks import known
from recover_chain_evm.nodefile import NodeFile

RECORDED = json.loads((Path(__file__).parent / "recorded" / "node.json").read_text("utf-8"))
ASKED = json.loads(RECORDED["asked"])
ANSWERED = json.loads(RECORDED["answer"])
BLOCK, RECEIPTS, TRACES, PROOF = (ANSWERED[n]["result"] for n in range(1, 5))
A, B = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2))
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
ETHEREUM = known()[1]
ETHER = "eip155:1/slip44:60"


def answer(result: Any, id: Any = 1) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode()


def asked(*calls: tuple[str, list[Any]]) -> Request:
    body = [{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(calls)]
    return Request(url="http://127.0.0.1/", method="POST", body=json.dumps(body).encode())


def replied(*results: Any) -> bytes:
    return json.dumps([{"jsonrpc": "2.0", "id": n, "result": r} for n, r in enumerate(results)]).encode()


def decode(made: Exhibit, network: Any = ETHEREUM) -> dict[str, list[dict[str, Any]]]:
    found, refusals = answers.read(made)
    return rows([rpc.batch(network, found, refusals, made.name)])


class TestNodeFile(SourceKit):
    source = NodeFile()
    examples = (
        exhibit("node.json", RECORDED["answer"].encode()),
        exhibit("block.json", answer(BLOCK)),
        exhibit("receipts.json", answer(RECEIPTS)),
        exhibit("receipt.json", answer(RECEIPTS[3])),
        exhibit("traces.json", answer(TRACES)),
        exhibit("trace_block.json", answer(RECORDED["parity"])),
        exhibit("logs.json", answer([log for receipt in RECEIPTS for log in receipt["logs"]])),
    )
    # Fees are gas used times the price paid for it: 21000 x 20 gwei, 33898 x 20 gwei, 21100 x 2 gwei.
    expected = (
        Expected(
            example=examples[0],
            taken="Values and receipts of the block, multiplied by hand.",
            transactions=(
                Stated(
                    id="0x49ba7e723c0714ad206da6d5e495467eff6ad534ddbd2a03918c25d42f1485f8",
                    nets={
                        ("0x70997970c51812dc3a010c7d01b50e0d17dc79c8", ETHER): -1_000_420_000_000_000_000,
                        ("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", ETHER): 1_000_000_000_000_000_000,
                        (None, ETHER): 420_000_000_000_000,
                    },
                    time=datetime(2023, 11, 14, 22, 13, 32, tzinfo=UTC),
                    height=1,
                    index=1,
                    failed=False,
                ),
                # The contract sends back at once what it is paid: only the fee is gone.
                Stated(
                    id="0x42d4603b802fd2503631b3bacef4c884af2232c367f8637968305a51b5bcdd94",
                    nets={
                        ("0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", ETHER): -677_960_000_000_000,
                        (None, ETHER): 677_960_000_000_000,
                    },
                ),
                Stated(
                    id="0x84e2f38cc39ccf1358ac3a7ae1e15b297fccaae65ef8227b4b7228884f076774",
                    nets={
                        ("0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc", ETHER): -42_200_000_000_000,
                        (None, ETHER): 42_200_000_000_000,
                    },
                    failed=True,
                ),
            ),
            rows={
                "events": (
                    {
                        "kind": "create",
                        "address": "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
                        "other": "0x5fbdb2315678afecb367f032d93f642f64180aa3",
                    },
                )
            },
        ),
    )
    foreign = (
        ("bitcoin.json", b'{"result":{"hash":"00","height":1,"tx":[]},"error":null,"id":1}'),
        ("page.json", b'{"data":[{"transaction_id":"ab","token_info":{}}],"success":true}'),
    )


def test_the_same_log_in_two_answers_is_one() -> None:
    logs = [log for receipt in RECEIPTS for log in receipt["logs"]]
    made = exhibit("both", replied(RECEIPTS, logs))
    found = decode(made)
    assert len([leg for leg in found["legs"] if "/erc20:" in leg["asset"]]) == 2 * len(logs) == 6


def test_value_is_one_whether_the_block_or_its_calls_show_it() -> None:
    both, block = decode(exhibit("a", replied(BLOCK, TRACES))), decode(exhibit("b", replied(BLOCK)))

    def own(found: dict[str, list[dict[str, Any]]]) -> set[tuple[Any, ...]]:
        return {(g["tx"], g["address"], g["amount"]) for g in found["legs"] if g["kind"] == "transfer"}

    assert own(both) == own(block)
    assert len([leg for leg in both["legs"] if leg["kind"] == "transfer"]) == len(own(block))


def test_otterscan_s_operations_need_their_transaction() -> None:
    name = RECORDED["sent"][2]
    question = ("ots_getInternalOperations", [name])
    operations = RECORDED["otterscan"][name]
    assert len(operations) == 2, "the node lists the transaction itself first"
    with_it = asked(("eth_getBlockByNumber", ["0x1", True]), ("eth_getBlockReceipts", ["0x1"]), question)
    found = decode(exhibit("x", replied(BLOCK, RECEIPTS, operations), asked=with_it))
    inner = [leg for leg in found["legs"] if leg["kind"] == "internal" and not leg["out"]]
    assert [(leg["tx"], leg["amount"]) for leg in inner] == [(name, 5 * 10**17)]
    alone = decode(exhibit("x", replied(operations), asked=asked(question)))
    assert alone["legs"] == []
    assert [gap["code"] for gap in alone["gaps"]] == ["calls-unplaced"]


def test_operations_that_a_failed_transaction_tried_are_dropped() -> None:
    name = RECORDED["sent"][5]
    calls = asked(
        ("eth_getBlockByNumber", ["0x1", True]),
        ("eth_getBlockReceipts", ["0x1"]),
        ("ots_getInternalOperations", [name]),
    )
    found = decode(exhibit("x", replied(BLOCK, RECEIPTS, RECORDED["otterscan"][name]), asked=calls))
    assert [leg for leg in found["legs"] if leg["kind"] == "internal"] == []


def test_withdrawals_and_rewards_are_credits() -> None:
    block = {**BLOCK, "withdrawals": [{"index": "0x7", "validatorIndex": "0x1", "address": A, "amount": "0x2"}]}
    found = decode(exhibit("x", answer(block)))
    credits = [leg for leg in found["legs"] if leg["kind"] == "reward" and not leg["out"]]
    assert [(leg["tx"], leg["address"], leg["amount"], leg["index"]) for leg in credits] == [
        ("withdrawals:1", A, 2 * 10**9, 7)
    ]
    reward = {"author": B, "rewardType": "block", "value": "0x5"}
    trace = {"action": reward, "blockNumber": 9, "type": "reward", "traceAddress": [], "transactionHash": None}
    found = decode(exhibit("x", answer([trace])))
    assert [(leg["tx"], leg["amount"]) for leg in found["legs"] if not leg["out"]] == [("rewards:9", 5)]
    late = decode(exhibit("x", answer([{**trace, "blockNumber": 15_537_394}])))
    assert late["legs"] == []
    assert [gap["code"] for gap in late["gaps"]] == ["reward-impossible"]


def test_state_is_read_where_its_block_is_pinned() -> None:
    question = "0xe47d6060" + "00" * 12 + A[2:]
    calls = asked(
        ("eth_call", [{"to": USDT, "data": question}, "0x10"]),
        ("eth_call", [{"to": USDT, "data": "0x70a08231" + "00" * 12 + A[2:]}, "0x10"]),
        ("eth_getBalance", [A, {"blockHash": "0x" + "cd" * 32}]),
        ("eth_getCode", [A, "0x10"]),
        ("eth_call", [{"to": USDT, "data": question}, "latest"]),
        ("eth_call", [{"to": B, "data": question}, "0x10"]),
    )
    one, many = "0x" + "00" * 31 + "01", "0x" + "00" * 31 + "2a"
    found = decode(exhibit("x", replied(one, many, hex(2**200), "0x6001", one, one), asked=calls))
    listed = [
        (s["kind"], s["address"], s["height"], None if s["asset"] is None else s["asset"].split("/")[1])
        for s in found["states"]
    ]
    assert sorted(listed, key=repr) == [
        ("balance", A, 16, f"erc20:{USDT}"),
        ("balance", A, None, "slip44:60"),
        ("code", A, 16, None),
        ("frozen", A, 16, f"erc20:{USDT}"),
    ]
    value = {s["kind"]: amounts.join(s["amount"], s["wide"]) for s in found["states"] if s["kind"] != "balance"}
    assert value == {"frozen": 1, "code": 2}


def test_a_node_of_another_chain_is_an_error() -> None:
    with pytest.raises(Error) as caught:
        decode(exhibit("x", RECORDED["answer"].encode()), known()[56])
    assert caught.value.code == "other-chain"
    two = replied(BLOCK, {**BLOCK["transactions"][2], "chainId": "0x5"})
    with pytest.raises(Error) as caught:
        decode(exhibit("x", two))
    assert caught.value.code == "several-chains-shown"
    with pytest.raises(Error) as caught:
        list(NodeFile().decode(exhibit("x", replied({**BLOCK["transactions"][2], "chainId": "0x5"}))))
    assert caught.value.code == "chain-unknown"


def test_a_refusal_is_an_error_and_in_a_batch_a_gap() -> None:
    refused = {
        "jsonrpc": "2.0",
        "id": 0,
        "error": {"code": -32005, "message": "query returned more than 10000 results"},
    }
    with pytest.raises(Error) as caught:
        decode(exhibit("x", json.dumps(refused).encode(), asked=asked(("eth_getLogs", [{}]))))
    assert caught.value.code == "node-refused"
    assert "more than 10000" in caught.value.why
    body = json.dumps([refused, {"jsonrpc": "2.0", "id": 1, "result": RECEIPTS}]).encode()
    calls = asked(("eth_getLogs", [{}]), ("eth_getBlockReceipts", ["0x1"]))
    found = decode(exhibit("x", body, asked=calls))
    # The receipts came without their transactions, whose values they do not show: that is said as well.
    assert {g["code"] for g in found["gaps"]} == {"node-refused", "value-unknown"}
    assert [g["subject"] for g in found["gaps"] if g["code"] == "node-refused"] == ["eth_getLogs"]
    assert found["transactions"]


def test_an_answer_that_is_missing_or_null_is_a_gap_and_never_empty() -> None:
    calls = asked(("eth_getBlockReceipts", ["0x1"]), ("eth_getTransactionReceipt", [RECORDED["sent"][0]]))
    body = json.dumps([{"jsonrpc": "2.0", "id": 1, "result": None}]).encode()
    found = decode(exhibit("x", body, asked=calls))
    assert sorted((g["code"], g["subject"]) for g in found["gaps"]) == [
        ("answer-empty", RECORDED["sent"][0]),
        ("node-refused", "eth_getBlockReceipts"),
    ]


@pytest.mark.parametrize("id", [7, None, "0", [1]])
def test_an_answer_to_another_question_is_an_error(id: Any) -> None:
    with pytest.raises(Error) as caught:
        decode(exhibit("x", answer(RECEIPTS, id), asked=asked(("eth_getBlockReceipts", ["0x1"]))))
    assert caught.value.code == "answer-unasked"


def test_an_answer_given_twice_is_an_error() -> None:
    body = json.dumps([{"jsonrpc": "2.0", "id": 0, "result": []}] * 2).encode()
    with pytest.raises(Error) as caught:
        decode(exhibit("x", body, asked=asked(("eth_getLogs", [{}]))))
    assert caught.value.code == "answer-unasked"


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({**BLOCK, "transactions": [5]}, "transaction 0 of the block is neither an object nor an id"),
        ({k: v for k, v in BLOCK.items() if k != "hash"}, "hash is missing"),
        ({**BLOCK, "timestamp": "0xffffffffff"}, "time"),
        ([{**RECEIPTS[2], "logs": None}], "logs is no list"),
        ([{**RECEIPTS[2], "logs": [{**RECEIPTS[2]["logs"][0], "data": "0x0"}]}], "data '0x0' is not"),
        ([{**RECORDED["parity"][0], "action": None}], "action is no object"),
    ],
)
def test_what_cannot_be_read_is_named(result: Any, why: str) -> None:
    with pytest.raises(Error) as caught:
        decode(exhibit("x", answer(result)))
    assert caught.value.code == "rows-unreadable"
    assert why in caught.value.why


@pytest.mark.parametrize("data", [b"", b"[]", b"5", b'"x"', b"{}", b'{"result":1.5}', b"[1]", b'[{"id":1}]'])
def test_what_is_no_answer_is_not_recognised(data: bytes) -> None:
    with pytest.raises(NotRecognised):
        answers.read(exhibit("x", data))


def test_a_transaction_that_a_node_could_not_trace_is_a_gap() -> None:
    name = RECORDED["sent"][2]
    refused = {"txHash": name, "error": "execution timeout"}
    found = decode(exhibit("x", answer([refused, TRACES[1]])))
    assert [(g["code"], g["subject"]) for g in found["gaps"]] == [("calls-missing", name)]
    assert "execution timeout" in found["gaps"][0]["why"]
    assert [tx["id"] for tx in found["transactions"]] == [RECORDED["sent"][1]]


def test_a_reward_of_nothing_is_none() -> None:
    reward = {"author": B, "rewardType": "block", "value": "0x0"}
    trace = {"action": reward, "blockNumber": 20_000_000, "type": "reward", "traceAddress": []}
    found = decode(exhibit("x", answer([{**trace, "transactionHash": None}])))
    assert found["legs"] == found["gaps"] == found["transactions"] == []


def test_a_block_kept_by_name_height_and_time_alone_gives_its_time_to_what_stands_in_it() -> None:
    short = {name: BLOCK[name] for name in ("timestamp", "number", "hash")}
    bare = [{key: value for key, value in each.items() if key != "blockTimestamp"} for each in RECEIPTS]
    for given in bare:
        given["logs"] = [{k: v for k, v in log.items() if k != "blockTimestamp"} for log in given["logs"]]
    time = datetime.fromtimestamp(int(BLOCK["timestamp"], 16), UTC)
    without = decode(exhibit("node.json", replied(*bare)))["transactions"]
    found = decode(exhibit("node.json", replied(*bare, short)))["transactions"]
    assert {row["time"] for row in without} == {None}
    assert {row["time"] for row in found} == {time}
    other = {**short, "hash": "0x" + "7" * 64}
    assert {row["time"] for row in decode(exhibit("node.json", replied(*bare, other)))["transactions"]} == {None}


def test_a_transaction_without_its_signature_is_taken_at_its_source_s_word() -> None:
    """As operators and explorers answer it: neither gas nor signature, so that nothing of it proves itself."""
    whole = next(tx for tx in BLOCK["transactions"] if tx["value"] != "0x0")
    kept = ("hash", "from", "to", "value", "input", "nonce", "blockNumber", "blockHash", "transactionIndex")
    for names in (kept, ("hash", "from", "to", "value", "blockNumber", "blockHash")):
        found = decode(exhibit("tx.json", answer({name: whole[name] for name in names})))
        (row,) = found["transactions"]
        assert (row["id"], row["proof"]) == (whole["hash"], "reported")
        assert {leg["out"]: leg["address"] for leg in found["legs"]} == {True: whole["from"], False: whole["to"]}
        assert row["whole"] is False


def test_an_answer_in_no_known_shape_is_never_dropped_in_silence() -> None:
    found = decode(exhibit("odd.json", answer({"txid": "0x1", "gasUsed": 1})))
    (gap,) = found["gaps"]
    assert gap["code"] == "answer-unread"
    assert "gasUsed, txid" in gap["why"]
