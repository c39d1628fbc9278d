"""A node that lies: what its own headers, counts and balances contradict is not used, and claims nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recover.sdk import Address, Ask, Details, Error, Exhibit, History, Status, TxId
from recover.testing import rows
from recover_chain_evm.live.source import NodeRpc
from recover_chain_evm.testing import anvil, proxy
from recover_chain_evm.testing.proxy import Fault, Rpc
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

pytestmark = pytest.mark.nodes

CHAIN = "eip155:1"
Found = dict[str, list[dict[str, Any]]]


def history(address: str) -> History:
    return History(address=Address(chain=CHAIN, text=address))


def through(node: anvil.Anvil, fault: Fault, ask: Ask) -> Found:
    with proxy.serving(node, fault) as served:
        exhibits = list(NodeRpc().collect(ask, Tape(endpoint=served.url, source="evm-rpc")))
    found = [rows(NodeRpc().decode(exhibit)) for exhibit in exhibits]
    return {name: [row for each in found for row in each[name]] for name in found[0]}


def failing(node: anvil.Anvil, fault: Fault, ask: Ask) -> Error:
    """The error that an ask ends with. Nothing that came before it may claim a history."""
    came: list[Exhibit] = []
    with proxy.serving(node, fault) as served, pytest.raises(Error) as caught:
        came.extend(NodeRpc().collect(ask, Tape(endpoint=served.url, source="evm-rpc")))
    assert not [row for each in came for row in rows(NodeRpc().decode(each))["coverage"]]
    return caught.value


def in_receipts(change: Callable[[Rpc], None]) -> Fault:
    """Change the receipt of the theft, whose log says how much was taken."""

    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "eth_getBlockReceipts":
            for receipt in answer["result"]:
                if len(receipt["logs"]) == 1:
                    change(receipt)
        return answer

    return fault


def _amount(receipt: Rpc) -> None:
    receipt["logs"][0]["data"] = "0x" + f"{1:064x}"


def _party(receipt: Rpc) -> None:
    receipt["logs"][0]["topics"][2] = "0x" + "0" * 24 + "ab" * 20


def _left_out(receipt: Rpc) -> None:
    receipt["logs"] = []


def _twice(receipt: Rpc) -> None:
    receipt["logs"] *= 2


def _outcome(receipt: Rpc) -> None:
    receipt["status"] = "0x0"


@pytest.mark.parametrize("change", [_amount, _party, _left_out, _twice, _outcome])
def test_a_lie_in_a_receipt_is_caught_by_the_receipts_root(
    change: Callable[[Rpc], None], node: anvil.Anvil, staged: Staged
) -> None:
    error = failing(node, in_receipts(change), history(staged.names["first"]))
    assert error.code == "root-false"
    assert "receipts" in error.what


def test_a_lie_is_caught_again_when_the_stored_bytes_are_read(node: anvil.Anvil, staged: Staged) -> None:
    ask = Details(tx=TxId(chain=CHAIN, text=staged.thefts[0].transaction))
    with proxy.serving(node, in_receipts(_amount)) as served:
        tape = Tape(endpoint=served.url, source="evm-rpc")
        with pytest.raises(Error, match="not its own"):
            list(NodeRpc().collect(ask, tape))
        again = tape.capture(tape.exchanges[-1][0])
    with pytest.raises(Error, match="not its own"):
        list(NodeRpc().decode(again))


@pytest.mark.parametrize(("name", "value"), [("value", "0x1"), ("to", "0x" + "ab" * 20), ("nonce", "0x63")])
def test_a_lie_in_a_transaction_is_caught_by_the_transactions_root(
    name: str, value: str, node: anvil.Anvil, staged: Staged
) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "eth_getBlockByNumber" and call["params"][1]:
            answer["result"]["transactions"][0][name] = value
        return answer

    assert failing(node, fault, history(staged.names["ben"])).code == "root-false"


@pytest.mark.parametrize("name", ["receiptsRoot", "stateRoot", "timestamp"])
def test_a_lie_in_a_header_is_caught_by_its_hash(name: str, node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "eth_getBlockByNumber":
            answer["result"][name] = "0x" + ("00" * 31 + "01" if name != "timestamp" else "65550000")
        return answer

    assert failing(node, fault, history(staged.names["ben"])).code == "header-false"


def other_chain(url: str, who: str) -> list[dict[str, Any]]:
    ask = History(address=Address(chain="eip155:43114", text=who))
    exhibits = list(NodeRpc().collect(ask, Tape(endpoint=url, source="evm-rpc")))
    return [row for exhibit in exhibits for row in rows(NodeRpc().decode(exhibit))["transactions"]]


def test_on_a_chain_whose_headers_are_not_shown_whole_nothing_is_proved(needs_anvil: None) -> None:
    """But once the pinned header gives its hash, every other must."""

    def altered(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "eth_getBlockByNumber" and (all_of or call["params"][1]):
            answer["result"]["extraData"] = "0x07"
        return answer

    with anvil.node(chain=43114) as own:
        own.call("eth_sendTransaction", {"from": own.accounts[0], "to": own.accounts[1], "value": "0x7"})
        own.call("evm_mine")
        assert {row["proof"] for row in other_chain(own.url, own.accounts[1]) if row["whole"]} == {"included"}
        with proxy.serving(own, altered) as served:
            all_of = True
            found = other_chain(served.url, own.accounts[1])
            assert {row["proof"] for row in found if row["whole"]} == {"self-authenticating"}
            all_of = False
            with pytest.raises(Error) as caught:
                other_chain(served.url, own.accounts[1])
    assert caught.value.code == "header-false"


def test_a_balance_that_its_proof_denies_is_an_error(node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        return proxy.result(call, "0x7") if call["method"] == "eth_getBalance" else answer

    ask = Status(address=Address(chain=CHAIN, text=staged.names["mule4"]))
    error = failing(node, fault, ask)
    assert error.code == "answers-contradict"
    assert "balance" in error.why


def test_an_index_that_misses_a_payment_does_not_make_a_history_whole(node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "ots_searchTransactionsBefore":
            answer["result"]["txs"] = [t for t in answer["result"]["txs"] if t["input"] != "0x"]
        return answer

    found = through(node, fault, history(staged.names["mule4"]))
    assert None not in {row["asset"] for row in found["coverage"]}
    assert [row["code"] for row in found["gaps"]] == ["coin-history-incomplete"]


def test_logs_that_a_node_leaves_out_of_a_search_are_missed_by_the_balance(
    node: anvil.Anvil, staged: Staged
) -> None:
    """A range that is cut short with no word of it: the token's own balance does not add up any more."""

    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "eth_getLogs":
            answer["result"] = answer["result"][:-1]
        return answer

    found = through(node, fault, history(staged.names["first"]))
    usdt = f"{CHAIN}/erc20:{staged.names['usdt']}"
    covered = {row["asset"] for row in found["coverage"]}
    assert f"{CHAIN}/slip44:60" in covered
    assert not {usdt, None} & covered
    assert [row["code"] for row in found["gaps"]] == ["token-history-incomplete"]
    assert usdt in found["gaps"][0]["why"]


def test_what_an_address_held_before_the_first_block_is_not_claimed(node: anvil.Anvil, staged: Staged) -> None:
    found = through(node, proxy.honest, history(staged.names["faucet"]))
    assert f"{CHAIN}/slip44:60" not in {row["asset"] for row in found["coverage"]}
    assert [row["code"] for row in found["gaps"]] == ["coin-history-incomplete"]


def test_balances_that_cannot_be_asked_leave_a_history_unclaimed(node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        asked = call["method"] == "eth_call" and call["params"][0]["to"] == staged.names["usdt"]
        return proxy.error(call, -32000, "missing trie node") if asked else answer

    found = through(node, fault, history(staged.names["first"]))
    assert f"{CHAIN}/erc20:{staged.names['usdt']}" not in {row["asset"] for row in found["coverage"]}
    assert [row["code"] for row in found["gaps"]] == ["token-history-incomplete"]


SEARCHED = ("eth_getLogs", "ots_searchTransactionsBefore", "eth_getBlockReceipts", "debug_traceTransaction")


@pytest.mark.parametrize("method", [*SEARCHED, "eth_getTransactionCount", "eth_getBalance", "eth_chainId"])
@pytest.mark.parametrize("value", [7, [{}], "0xzz"])
def test_an_answer_of_another_kind_is_an_error_or_claims_nothing(
    method: str, value: Any, node: anvil.Anvil, staged: Staged
) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        return proxy.result(call, value) if call["method"] == method else answer

    try:
        found = through(node, fault, history(staged.names["ben"]))
    except Error as error:
        said = [error.code, error.what, error.why, error.todo]
    else:
        assert None not in {row["asset"] for row in found["coverage"]}
        said = [row["why"] for row in found["gaps"]]
    assert said
    assert all(text.strip() for text in said)
