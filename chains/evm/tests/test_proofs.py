"""A block of a real node (anvil 1.7.1): types 0, 1, 2 and 4, a creation, a failure, calls, and an account proof.

`recorded/node.json` holds the request and the answer as they went over the wire; the chain is a test network's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Error, Request, amounts
from recover.testing.exhibits import exhibit, rows
from recover_chain_evm import answers, envelope, header, proofs, rlp, rpc
from recover_chain_evm.networks import known

RECORDED = json.loads((Path(__file__).parent / "recorded" / "node.json").read_text("utf-8"))
NETWORK = known()[1]


def answered() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(RECORDED["answer"])
    return found


def block() -> dict[str, Any]:
    found: dict[str, Any] = answered()[1]["result"]
    return found


def decoded(body: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    asked = Request(url="http://127.0.0.1/", method="POST", body=RECORDED["asked"].encode())
    made = exhibit("node", json.dumps(body).encode(), asked=asked)
    found, refusals = answers.read(made)
    return rows([rpc.batch(NETWORK, found, refusals, made.name)])


def test_the_node_s_hashes_are_recomputed() -> None:
    found = block()
    assert header.hashed(found) == found["hash"]
    assert [tx["type"] for tx in found["transactions"]] == ["0x0", "0x0", "0x1", "0x2", "0x4", "0x2"]
    assert [envelope.identifier(tx) for tx in found["transactions"]] == [
        tx["hash"] for tx in found["transactions"]
    ]
    assert [envelope.sender(tx) for tx in found["transactions"]] == [tx["from"] for tx in found["transactions"]]
    assert proofs.transactions_root(found["transactions"]) == found["transactionsRoot"]
    assert proofs.receipts_root(answered()[2]["result"]) == found["receiptsRoot"]
    assert proofs.withdrawals_root(found["withdrawals"]) == found["withdrawalsRoot"]


def test_a_block_with_everything_is_included_and_whole() -> None:
    found = decoded(answered())
    assert {(tx["proof"], tx["whole"]) for tx in found["transactions"]} == {("included", True)}
    assert [tx["failed"] for tx in sorted(found["transactions"], key=lambda tx: tx["index"])] == [False] * 5 + [
        True
    ]
    totals: dict[tuple[str, str], int] = {}
    for leg in found["legs"]:
        key = (leg["tx"], leg["asset"])
        totals[key] = totals.get(key, 0) + amounts.join(leg["amount"], leg["wide"])
    assert len(totals) == 9
    assert set(totals.values()) == {0}
    assert found["gaps"] == []
    (only,) = found["blocks"]
    assert (only["id"], only["sealed"], only["height"]) == (block()["hash"], False, 1)


def test_a_fee_is_gas_times_price_and_says_what_was_burned() -> None:
    found = decoded(answered())
    fees = {leg["tx"]: leg["amount"] for leg in found["legs"] if leg["kind"] == "fee" and leg["out"]}
    for receipt in answered()[2]["result"]:
        spent = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        assert fees[receipt["transactionHash"]] == -spent
    said = {tx["id"]: json.loads(tx["facts"]) for tx in found["transactions"]}
    base = int(block()["baseFeePerGas"], 16)
    for receipt in answered()[2]["result"]:
        assert int(said[receipt["transactionHash"]]["burnt"]) == int(receipt["gasUsed"], 16) * base


def test_calls_inside_a_failed_transaction_are_dropped_and_its_value_stays_marked() -> None:
    found = decoded(answered())
    failed = RECORDED["sent"][5]
    assert [leg["kind"] for leg in found["legs"] if leg["tx"] == failed and leg["out"]] == ["fee", "transfer"]


def test_an_authority_is_who_signed_it() -> None:
    found = decoded(answered())
    (tx,) = [tx for tx in found["transactions"] if tx["id"] == RECORDED["sent"][4]]
    contract = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
    assert json.loads(tx["facts"])["delegates"] == [["0x70997970c51812dc3a010c7d01b50e0d17dc79c8", contract]]


@pytest.mark.parametrize("what", ["amount", "topic", "address", "left out", "added", "status"])
def test_a_lie_in_a_receipt_is_caught_and_its_logs_are_not_used(what: str) -> None:
    body = answered()
    receipts = body[2]["result"]
    log = receipts[2]["logs"][0]
    if what == "amount":
        log["data"] = "0x" + "00" * 31 + "01"
    elif what == "topic":
        log["topics"][2] = "0x" + "00" * 12 + "11" * 20
    elif what == "address":
        log["address"] = "0xdac17f958d2ee523a2206206994597c13d831ec7"
    elif what == "left out":
        receipts[2]["logs"] = []
    elif what == "added":
        receipts[2]["logs"].append({**log, "logIndex": "0x63"})
    else:
        receipts[5]["status"] = "0x1"
    found = decoded(body)
    assert [gap["code"] for gap in found["gaps"]] == ["receipts-differ"]
    assert [leg for leg in found["legs"] if "/erc20:" in leg["asset"]] == []
    assert {tx["proof"] for tx in found["transactions"]} == {"self-authenticating"}


@pytest.mark.parametrize("what", ["to", "value", "from", "input"])
def test_a_lie_in_a_transaction_is_not_proved(what: str) -> None:
    body = answered()
    tx = body[1]["result"]["transactions"][1]
    tx[what] = {"to": "0x" + "11" * 20, "value": "0x1", "from": "0x" + "22" * 20, "input": "0x1234"}[what]
    found = decoded(body)
    proof = {tx["id"]: tx["proof"] for tx in found["transactions"]}
    assert proof[RECORDED["sent"][1]] == "reported"
    others = {value for name, value in proof.items() if name != RECORDED["sent"][1]}
    # A false sender is not in the list's hash: the rest of the block still proves itself.
    assert others == {"included" if what == "from" else "self-authenticating"}


def test_a_false_header_proves_nothing() -> None:
    body = answered()
    body[1]["result"]["timestamp"] = "0x1"
    assert {tx["proof"] for tx in decoded(body)["transactions"]} == {"self-authenticating"}


def test_a_balance_is_proved_to_the_state_root() -> None:
    answer, root = answered()[4]["result"], block()["stateRoot"]
    found = proofs.account_proof(answer, root)
    assert found is not None
    assert found.balance == int(answer["balance"], 16) > 10**22
    assert found.nonce == 1
    assert found.storage == {0: 0}
    states = {(s["kind"], s["address"], s["proof"]) for s in decoded(answered())["states"]}
    assert ("balance", answer["address"], "included") in states
    assert ("code", answer["address"], "included") in states
    other = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
    assert ("balance", other, "reported") in states


def test_a_false_balance_is_an_error_that_says_so() -> None:
    body = answered()
    body[4]["result"]["balance"] = "0x1"
    with pytest.raises(Error) as caught:
        decoded(body)
    assert "another balance" in caught.value.why
    body = answered()
    body[4]["result"]["accountProof"] = body[4]["result"]["accountProof"][:-1]
    with pytest.raises(Error) as caught:
        decoded(body)
    assert "lacks the node" in caught.value.why


def test_types_that_are_not_known_are_reported() -> None:
    tx = {**block()["transactions"][2], "type": "0x68"}
    assert not proofs.signed(tx)
    with pytest.raises(ValueError, match="type 104"):
        envelope.transaction(tx)


def test_a_deposit_of_op_mainnet_has_the_id_that_its_explorer_shows() -> None:
    """Facts of the chain: the first transaction of block 124,665,056."""
    raw = bytes.fromhex(
        "7ef8f8a0683079df94aa5b9cf86687d739a60a9b4f0835e520ec4d664e2e415dca17a6df94deaddeaddeaddeaddeaddeaddead"
        "deaddead00019442000000000000000000000000000000000000158080830f424080b8a4440a5e200000146b000f79c5000000"
        "00000000040000000066d052e700000000013ad8a3000000000000000000000000000000000000000000000000000000003ef1"
        "278700000000000000000000000000000000000000000000000000000000000000012fdf87b89884a61e74b322bbcf60386f54"
        "3bfae7827725efaaf0ab1de2294a590000000000000000000000006887246668a3b87f54deb3b94ba47a6f63f32985"
    )
    names = ("sourceHash", "from", "to", "mint", "value", "gas", "isSystemTx", "input")
    parts = rlp.decode(raw[1:])
    tx: dict[str, Any] = {name: "0x" + bytes(part).hex() for name, part in zip(names, parts, strict=True)}  # type: ignore[arg-type]
    numbers = {name: hex(int(tx[name][2:] or "0", 16)) for name in ("value", "gas")}
    tx |= {**numbers, "mint": None, "isSystemTx": False, "type": "0x7e"}
    assert envelope.transaction(tx) == raw
    assert envelope.identifier(tx) == "0x312e290cf36df704a2217b015d6455396830b0ce678b860ebfcc30f41403d7b1"
    assert envelope.sender(tx) == "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001"


@pytest.mark.parametrize("v", ["0x0", "0x1", "0x22"])
def test_a_transaction_that_nobody_signed_has_no_signer(v: str) -> None:
    """As OP Mainnet wrote messages from Ethereum before Bedrock: the first kind, with noughts for a signature."""
    tx = {"nonce": "0x1", "gasPrice": "0x0", "gas": "0x1", "to": None, "value": "0x0", "input": "0x"}
    with pytest.raises(ValueError, match="v is"):
        envelope.sender({**tx, "v": v, "r": "0x0", "s": "0x0"})
