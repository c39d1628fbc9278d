"""The JSON-RPC source against a real node, with the staged case on it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from recover.sdk import Address, Ask, Details, Error, Exhibit, History, Status, TxId, amounts
from recover.testing import rows
from recover_chain_evm.live import wire
from recover_chain_evm.live.source import NodeRpc
from recover_chain_evm.testing.anvil import Anvil
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

pytestmark = pytest.mark.nodes

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"


def history(address: str) -> History:
    return History(address=Address(chain=CHAIN, text=address))


def collected(node: Anvil, ask: Ask, source: NodeRpc | None = None) -> list[Exhibit]:
    return list((source or NodeRpc()).collect(ask, Tape(endpoint=node.url, source="evm-rpc")))


def decoded(exhibits: Iterable[Exhibit]) -> dict[str, list[dict[str, Any]]]:
    found = [rows(NodeRpc().decode(exhibit)) for exhibit in exhibits]
    return {name: [row for each in found for row in each[name]] for name in found[0]}


def balances(found: dict[str, list[dict[str, Any]]], address: str) -> Counter[str]:
    """What an address's legs sum to, by asset."""
    total: Counter[str] = Counter()
    for leg in found["legs"]:
        if leg["address"] == address:
            total[leg["asset"]] += amounts.join(leg["amount"], leg["wide"])
    return total


def on_node(node: Anvil, address: str, asset: str) -> int:
    if asset == COIN:
        return int(node.call("eth_getBalance", address, "latest"), 16)
    data = "0x70a08231" + "0" * 24 + address[2:]
    return int(node.call("eth_call", {"to": asset.rpartition(":")[2], "data": data}, "latest"), 16)


HISTORIES = ("first", "mule1", "mule4", "mule5", "iced", "burned", "forwarder1", "account2", "ben", "issuer")


@pytest.mark.parametrize("who", HISTORIES)
def test_a_history_sums_to_what_the_node_says_the_address_holds(who: str, node: Anvil, staged: Staged) -> None:
    address = staged.names[who]
    found = decoded(collected(node, history(address)))
    summed = balances(found, address)
    fake = f"{CHAIN}/erc20:{staged.names['fake']}"  # it logs what it likes
    assert summed, "nothing was found"
    for asset, total in summed.items():
        assert asset == fake or total == on_node(node, address, asset), asset
    assert [(row["address"], row["asset"]) for row in found["coverage"]] == [(address, None)]


def test_every_transaction_of_a_history_is_whole_and_proved_to_its_block(node: Anvil, staged: Staged) -> None:
    found = decoded(collected(node, history(staged.names["mule1"])))
    listed = {row["id"] for row in found["transactions"]}
    whole = {row["id"] for row in found["transactions"] if row["whole"] and row["proof"] == "included"}
    assert whole == listed
    sums: Counter[tuple[str, str]] = Counter()
    for leg in found["legs"]:
        sums[leg["tx"], leg["asset"]] += amounts.join(leg["amount"], leg["wide"])
    assert set(sums.values()) == {0}


def test_what_only_calls_show_is_found(node: Anvil, staged: Staged) -> None:
    """The router pays the seller in coins by a call; the bulk payer's refused part is undone and is not there."""
    sale = staged.swaps[0]
    found = decoded(collected(node, Details(tx=TxId(chain=CHAIN, text=sale.transaction))))
    paid = [leg for leg in found["legs"] if leg["kind"] == "internal" and leg["address"] == sale.who]
    assert [leg["amount"] or amounts.join(None, leg["wide"]) for leg in paid] == [sale.bought]
    undone = decoded(collected(node, Details(tx=TxId(chain=CHAIN, text=staged.undone))))
    assert staged.names["usdt"] not in {leg["address"] for leg in undone["legs"]}
    assert staged.names["hot"] in {leg["address"] for leg in undone["legs"]}


def test_others_of_the_block_prove_and_are_not_read(node: Anvil, staged: Staged) -> None:
    """Four transactions stand in the block of the split; who asks for one gets one, proved by all."""
    split = next(height for height in range(staged.tip) if len(block(node, height)["transactions"]) == 4)
    tx = block(node, split)["transactions"][1]
    found = decoded(collected(node, Details(tx=TxId(chain=CHAIN, text=tx))))
    assert {row["id"] for row in found["transactions"]} == {tx}
    assert {row["index"] for row in found["transactions"] if row["proof"] == "included"} == {1}


def block(node: Anvil, height: int) -> dict[str, Any]:
    found: dict[str, Any] = node.call("eth_getBlockByNumber", hex(height), False)
    return found


def test_poison_is_found_with_the_history_that_it_aims_at(node: Anvil, staged: Staged) -> None:
    found = decoded(collected(node, history(staged.names["mule1"])))
    assert {each.transaction for each in staged.poisoned} <= {row["id"] for row in found["transactions"]}


def test_destroyed_funds_leave_without_a_transfer(node: Anvil, staged: Staged) -> None:
    (held,) = staged.destroyed
    found = decoded(collected(node, history(held.address)))
    burned = [leg for leg in found["legs"] if leg["kind"] == "burn" and leg["address"] == held.address]
    assert [(leg["tx"], leg["amount"]) for leg in burned] == [(held.transaction, -held.amount)]
    assert {row["kind"] for row in found["events"]} >= {"freeze", "destroy"}


def test_approvals_and_what_was_taken_under_them_are_events(node: Anvil, staged: Staged) -> None:
    for theft, kind in zip(staged.thefts, ("approve", "permit"), strict=True):
        found = decoded(collected(node, history(theft.victim)))["events"]
        said = [row for row in found if row["kind"] == kind and row["tx"] == theft.approval]
        assert {(row["address"], row["other"]) for row in said} == {(theft.victim, theft.spender)}
        spent = [row for row in found if row["kind"] == "spend" and row["tx"] == theft.transaction]
        assert {(row["address"], row["amount"]) for row in spent} == {(theft.victim, theft.amount)}


@pytest.mark.parametrize(("who", "frozen"), [("iced", 1), ("burned", 1), ("mule1", 0)])
def test_a_freeze_is_the_contracts_answer_at_the_pinned_block(
    who: str, frozen: int, node: Anvil, staged: Staged
) -> None:
    address, token = staged.names[who], f"{CHAIN}/erc20:{staged.names['usdt']}"
    found = decoded(collected(node, Status(address=Address(chain=CHAIN, text=address), asset=token)))
    said = {row["kind"]: (row["amount"], row["asset"], row["height"]) for row in found["states"]}
    assert said["frozen"] == (frozen, token, staged.tip)
    assert said["balance"] == (on_node(node, address, token), token, staged.tip)


def test_a_balance_and_code_are_proved_by_the_state_root(node: Anvil, staged: Staged) -> None:
    for who in ("mule4", "forwarder1", "double"):  # the last has never been used: its absence is proved
        asked = Status(address=Address(chain=CHAIN, text=staged.names[who]))
        found = decoded(collected(node, asked))["states"]
        assert {row["proof"] for row in found} == {"included"}, who
        said = {row["kind"]: amounts.join(row["amount"], row["wide"]) for row in found}
        code = (len(node.call("eth_getCode", staged.names[who], "latest")) - 2) // 2
        assert said == {"balance": on_node(node, staged.names[who], COIN), "code": code}


def test_odd_tokens_are_flagged_and_a_token_without_decimals_said(node: Anvil, staged: Staged) -> None:
    found = decoded(collected(node, history(staged.names["provider"])))
    taxed, bare = (f"{CHAIN}/erc20:{staged.names[name]}" for name in ("taxed", "bare"))
    assert {(row["code"], row["subject"]) for row in found["gaps"]} == {
        ("token-odd", taxed),
        ("decimals-unknown", bare),
    }
    _, logged, arrived = staged.taxed
    (odd,) = [row["why"] for row in found["gaps"] if row["code"] == "token-odd"]
    assert f"changed by {arrived}," in odd
    assert f"say {logged} base units" in odd
    assert {(row["asset"], row["symbol"], row["decimals"]) for row in found["assets"]} == {
        (taxed, "TAX", 18),
        (bare, "BARE", None),
    }


def test_a_contract_that_is_no_token_says_nothing_of_balances(node: Anvil, staged: Staged) -> None:
    misfit = f"{CHAIN}/erc20:{staged.names['misfit']}"
    asked = Status(address=Address(chain=CHAIN, text=staged.names["mule1"]), asset=misfit)
    found = decoded(collected(node, asked))
    assert found["states"] == []
    assert [(row["code"], row["subject"]) for row in found["gaps"]] == [("abi-unfit", misfit)]


def test_the_newest_block_is_pinned_once_for_a_run(node: Anvil, staged: Staged) -> None:
    source, tape = NodeRpc(), Tape(endpoint=node.url)
    for who in ("ben", "iced"):
        list(source.collect(history(staged.names[who]), tape))
    blocks = [call.params[0] for call in opening(tape)]
    assert blocks == ["latest", *([hex(staged.tip)] * (len(blocks) - 1))]


def opening(tape: Tape) -> list[wire.Call]:
    """The second call of each batch: which block it is pinned to."""
    bodies = [json.loads(request.body) for request, _, _ in tape.exchanges]
    return [wire.Call(method=body[1]["method"], params=tuple(body[1]["params"])) for body in bodies]


def test_the_same_ask_sends_the_same_bytes(node: Anvil, staged: Staged) -> None:
    tapes = [Tape(endpoint=node.url), Tape(endpoint=node.url)]
    for tape in tapes:
        list(NodeRpc().collect(history(staged.names["mule1"]), tape))
    assert tapes[0].exchanges == tapes[1].exchanges


def test_small_batches_find_the_same(node: Anvil, staged: Staged) -> None:
    one, many = (decoded(collected(node, history(staged.names["mule1"]), NodeRpc(blocks=n))) for n in (1, 16))

    def legs(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
        names = ("tx", "kind", "address", "asset", "amount", "wide", "index")
        return sorted((tuple(leg[name] for name in names) for leg in found["legs"]), key=repr)

    assert legs(one) == legs(many)


def test_web3_works_over_the_recorder(node: Anvil, staged: Staged) -> None:
    """What any code asks through web3.py is stored first, and answered from the stored bytes."""
    Web3 = pytest.importorskip("web3", reason="web3.py is not installed, nothing was asked through it").Web3
    from web3.providers.base import JSONBaseProvider

    from recover_chain_evm.live.provider import Provider
    from recover_chain_evm.live.wire import Call

    class Through(JSONBaseProvider):
        """web3's shape over the product's own door."""

        def make_request(self, method: Any, params: Any) -> Any:
            return self.make_batch_request([(method, params)])[0]

        def make_batch_request(self, requests: list[tuple[Any, Any]]) -> Any:
            calls = [Call(method=str(method), params=tuple(params or ())) for method, params in requests]
            return [{"jsonrpc": "2.0", "id": a.place, "result": a.result} for a in door.ask(calls)]

        def is_connected(self, show_traceback: bool = False) -> bool:
            return True

    tape = Tape(endpoint=node.url)
    door = Provider(recorder=tape)
    web3 = Web3(Through())
    who = Web3.to_checksum_address(staged.names["iced"])
    abi = [
        {
            "name": "isBlackListed",
            "type": "function",
            "stateMutability": "view",
            "inputs": [{"name": "", "type": "address"}],
            "outputs": [{"name": "", "type": "bool"}],
        }
    ]
    token = web3.eth.contract(address=Web3.to_checksum_address(staged.names["usdt"]), abi=abi)
    assert web3.eth.chain_id == staged.chain
    assert token.functions.isBlackListed(who).call() is True
    with web3.batch_requests() as batch:
        batch.add(web3.eth.get_transaction_count(who))
        batch.add(web3.eth.get_balance(who))
        got: list[Any] = list(batch.execute())
    assert got == [1, on_node(node, staged.names["iced"], COIN)]
    sent = [[call["method"] for call in json.loads(request.body)] for request, _, _ in tape.exchanges]
    assert {"eth_chainId", "eth_call"} <= {method for (method,) in sent[:-1]}
    assert sent[-1] == ["eth_getTransactionCount", "eth_getBalance"]


def test_nothing_here_loads_web3() -> None:
    code = (
        "import sys, recover_chain_evm.live.source, recover_chain_evm.live.explorer, recover_chain_evm.abi as abi;"
    )
    code += "from recover_chain_evm import rlp, signature, trie; abi.call('a(address)', '0x' + '11' * 20);"
    code += "abi.text(b''); rlp.decode(b'1'); print('web3' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_the_libraries_leave_the_limit_of_recursion_alone() -> None:
    """Some of the family lift it to 100,000; a deeply nested answer would then overflow the stack."""
    code = "import sys; before = sys.getrecursionlimit(); import eth_abi, eth_keys, rlp, trie;"
    code += "print(before == sys.getrecursionlimit())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "True"


def test_an_unknown_transaction_is_an_error(node: Anvil, staged: Staged) -> None:
    with pytest.raises(Error) as caught:
        collected(node, Details(tx=TxId(chain=CHAIN, text="0x" + "12" * 32)))
    assert caught.value.code == "answer-null"
    assert f"has no transaction 0x{'12' * 32}" in caught.value.what
    assert "implied" not in caught.value.why, "the node said nothing of it before"
