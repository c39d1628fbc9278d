"""The JSON-RPC source before a node that misbehaves: each fault is an error or a gap, never an empty history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest

from recover.sdk import Absent, Address, Arrival, Ask, Details, Error, Exhibit, History, Status, TxId, amounts
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


def collected(url: str, ask: Ask) -> list[Exhibit]:
    return list(NodeRpc().collect(ask, Tape(endpoint=url, source="evm-rpc")))


def decoded(exhibits: Iterable[Exhibit]) -> Found:
    found = [rows(NodeRpc().decode(exhibit)) for exhibit in exhibits]
    return {name: [row for each in found for row in each[name]] for name in found[0]}


def through(node: anvil.Anvil, fault: Fault, ask: Ask) -> Found:
    with proxy.serving(node, fault) as served:
        return decoded(collected(served.url, ask))


def failing(node: anvil.Anvil, fault: Fault, ask: Ask) -> Error:
    """The error that an ask ends with. Nothing that came before it may claim a history."""
    with proxy.serving(node, fault) as served:
        tape = Tape(endpoint=served.url, source="evm-rpc")
        came: list[Exhibit] = []
        with pytest.raises(Error) as caught:
            came.extend(NodeRpc().collect(ask, tape))
    if came:
        assert decoded(came)["coverage"] == []
    for text in (caught.value.code, caught.value.what, caught.value.why, caught.value.todo):
        assert text.strip()
    return caught.value


def legs(found: Found) -> Counter[tuple[Any, ...]]:
    names = ("tx", "kind", "address", "asset", "index")
    return Counter(
        (*(leg[name] for name in names), amounts.join(leg["amount"], leg["wide"])) for leg in found["legs"]
    )


@pytest.fixture(scope="module")
def honest(node: anvil.Anvil, staged: Staged) -> Found:
    """mule1's history from the node itself."""
    return decoded(collected(node.url, history(staged.names["mule1"])))


def capped(most: int, code: int, said: str) -> Fault:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] not in ("eth_getLogs", "trace_filter"):
            return answer
        asked = call["params"][0]
        wide = int(asked["toBlock"], 16) - int(asked["fromBlock"], 16) + 1 > most
        return proxy.error(call, code, said) if wide else answer

    return fault


CAPS = [
    (-32005, "query returned more than 10000 results"),
    (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"),
    (-32000, "exceed maximum block range: 5000"),
    (-32614, "eth_getLogs is limited to a 10,000 range"),
    (-32000, "internal"),
]


@pytest.mark.parametrize(("code", "said"), CAPS)
def test_a_capped_range_is_asked_for_in_parts_that_leave_no_gap(
    code: int, said: str, node: anvil.Anvil, staged: Staged, honest: Found
) -> None:
    with proxy.serving(node, capped(20, code, said)) as served:
        exhibits = collected(served.url, history(staged.names["mule1"]))
        asked = [p[0] for m, p in served.calls if m == "eth_getLogs" and isinstance(p[0].get("address"), list)]
    spans = sorted({(int(a["fromBlock"], 16), int(a["toBlock"], 16)) for a in asked})
    accepted = [span for span in spans if span[1] - span[0] < 20]
    assert accepted[0][0] == 0
    assert accepted[-1][1] == staged.tip
    assert all(a[1] + 1 == b[0] for a, b in pairwise(accepted)), "a range was left out"
    found = decoded(exhibits)
    assert legs(found) == legs(honest)
    assert found["coverage"] == honest["coverage"]
    assert {row["code"] for row in found["gaps"]} == {"search-refused", "token-odd"}


def test_a_single_block_that_is_refused_ends_the_history(node: anvil.Anvil, staged: Staged) -> None:
    error = failing(
        node, capped(0, -32005, "query returned more than 10000 results"), history(staged.names["ben"])
    )
    assert error.code == "node-refused"
    assert "more than 10000" in error.why


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-32005, "daily request count exceeded, request rate limited"),
        (429, "Your app has exceeded its compute units per second capacity"),
        (-32005, "limit exceeded"),
        (-32000, "Too Many Requests"),
    ],
)
def test_a_limited_node_is_an_error_and_not_a_smaller_range(
    code: int, said: str, node: anvil.Anvil, staged: Staged
) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        return proxy.error(call, code, said) if call["method"] == "eth_getLogs" else answer

    assert failing(node, fault, history(staged.names["ben"])).code == "rate-limited"


def test_a_refusal_by_status_is_an_error(node: anvil.Anvil, staged: Staged) -> None:
    with proxy.serving(node, status=429) as served, pytest.raises(Error) as caught:
        collected(served.url, history(staged.names["ben"]))
    assert "429" in caught.value.why


@pytest.mark.parametrize("method", ["eth_getBlockReceipts", "eth_getBlockByNumber", "eth_getTransactionByHash"])
def test_null_where_the_chain_has_something_is_an_error(method: str, node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        opening = call["method"] == "eth_getBlockByNumber" and call["params"][1] is False
        return proxy.result(call, None) if call["method"] == method and not opening else answer

    ask = Details(tx=TxId(chain=CHAIN, text=staged.thefts[0].transaction))
    error = failing(node, fault, ask)
    assert error.code == "answer-null"
    # Of a transaction that is asked for by its id no more is known than that this node has it not.
    assert ("has no transaction" if method == "eth_getTransactionByHash" else method) in error.what


def test_a_transaction_in_no_block_is_sighted_and_stays_open(node: anvil.Anvil, staged: Staged) -> None:
    nowhere = dict.fromkeys(("blockHash", "blockNumber", "transactionIndex", "blockTimestamp"))

    def fault(call: Rpc, answer: Rpc) -> Rpc:
        asked = call["method"] == "eth_getTransactionByHash"
        return proxy.result(call, {**answer["result"], **nowhere}) if asked else answer

    tape = Tape(endpoint="", source="evm-rpc")
    wanted = Details(tx=TxId(chain=CHAIN, text=staged.swaps[0].transaction))
    with proxy.serving(node, fault) as served:
        tape.endpoint = served.url
        with pytest.raises(Absent) as caught:
            list(NodeRpc().collect(wanted, tape))
    assert caught.value.code == "unconfirmed"


def test_a_node_without_proofs_gives_a_balance_on_its_word(node: anvil.Anvil, staged: Staged) -> None:
    found = through(node, proxy.without("eth_getProof"), Status(address=history(staged.names["mule4"]).address))
    assert {row["proof"] for row in found["states"]} == {"reported"}
    assert [row["code"] for row in found["gaps"]] == ["state-unknown"]


def test_a_freeze_that_cannot_be_asked_is_unknown_and_not_unfrozen(node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        asked = call["method"] == "eth_call" and call["params"][0]["data"].startswith("0xe47d6060")
        return proxy.error(call, -32000, "missing trie node") if asked else answer

    token = f"{CHAIN}/erc20:{staged.names['usdt']}"
    ask = Status(address=Address(chain=CHAIN, text=staged.names["iced"]), asset=token)
    found = through(node, fault, ask)
    assert [row["kind"] for row in found["states"]] == ["balance"]
    assert [row["code"] for row in found["gaps"]] == ["state-unknown"]


def test_a_reorganisation_between_two_asks_is_an_error(needs_anvil: None) -> None:
    with anvil.node() as own:
        a, b = own.accounts[:2]
        own.call("anvil_mine", hex(3))
        own.call("eth_sendTransaction", {"from": a, "to": b, "value": "0x7"})
        own.call("evm_mine")
        source, tape = NodeRpc(), Tape(endpoint=own.url)
        assert decoded(source.collect(history(b), tape))["coverage"] != []
        own.call("anvil_reorg", 2, [])
        with pytest.raises(Error) as caught:
            list(source.collect(history(b), tape))
    assert caught.value.code == "chain-reorganised"


@pytest.mark.parametrize(("chain", "code"), [(56, "other-chain"), (4242, "other-chain")])
def test_a_node_of_another_chain_is_an_error(chain: int, code: str, needs_anvil: None) -> None:
    with anvil.node(chain=chain) as own, pytest.raises(Error) as caught:
        collected(own.url, history(own.accounts[0]))
    assert caught.value.code == code
    assert f"eip155:{chain}" in caught.value.what


@pytest.mark.parametrize(
    "missing",
    [
        ("ots_searchTransactionsBefore",),
        ("debug_traceTransaction",),
        ("ots_searchTransactionsBefore", "debug_traceTransaction"),
    ],
)
def test_another_way_of_asking_finds_the_same(
    missing: tuple[str, ...], node: anvil.Anvil, staged: Staged, honest: Found
) -> None:
    found = through(node, proxy.without(*missing), history(staged.names["mule1"]))
    assert legs(found) == legs(honest)
    assert found["coverage"] == honest["coverage"]


def test_without_an_index_of_calls_only_tokens_are_covered(node: anvil.Anvil, staged: Staged) -> None:
    fault = proxy.without("ots_searchTransactionsBefore", "trace_filter")
    found = through(node, fault, history(staged.names["mule5"]))
    assert f"{CHAIN}/erc20:{staged.names['weth']}" in {row["asset"] for row in found["coverage"]}
    assert None not in {row["asset"] for row in found["coverage"]}
    assert [row["code"] for row in found["gaps"]] == ["coin-history-incomplete"]


def test_without_tracing_what_moved_inside_is_a_gap(node: anvil.Anvil, staged: Staged) -> None:
    fault = proxy.without("debug_traceTransaction", "trace_transaction", "ots_getInternalOperations")
    sale = staged.swaps[0]
    found = through(node, fault, Details(tx=TxId(chain=CHAIN, text=sale.transaction)))
    assert [row["code"] for row in found["gaps"]] == ["calls-unseen"]
    assert not any(row["whole"] for row in found["transactions"])
    assert "internal" not in {leg["kind"] for leg in found["legs"]}


def test_inner_operations_alone_do_not_say_what_was_undone(node: anvil.Anvil, staged: Staged) -> None:
    fault = proxy.without("debug_traceTransaction", "trace_transaction")
    found = through(node, fault, Details(tx=TxId(chain=CHAIN, text=staged.undone)))
    assert [row["code"] for row in found["gaps"]] == ["calls-unseen"]
    assert "undone" in found["gaps"][0]["why"]
    sent = [leg for leg in found["legs"] if leg["kind"] == "transfer" and leg["address"] == staged.names["shop"]]
    assert len(sent) == 1, "the transaction's own value is booked once"


def test_a_batch_that_is_too_large_is_asked_for_in_halves(
    node: anvil.Anvil, staged: Staged, honest: Found
) -> None:
    most = 0

    def fault(call: Rpc, answer: Rpc) -> Rpc:
        nonlocal most
        own = call["method"] == "eth_getBlockReceipts" and int(call["params"][0], 16) > 0
        most = most + 1 if own else most if call["method"].startswith(("eth_getBlockByN", "debug_")) else 0
        return proxy.error(call, -32008, "Response is too large: batch exceeds 25 MB") if most > 2 else answer

    with proxy.serving(node, fault) as served:
        found = decoded(collected(served.url, history(staged.names["mule1"])))
    assert max_legs(found) == max_legs(honest)
    assert found["coverage"] == honest["coverage"]
    assert {row["proof"] for row in found["transactions"] if row["whole"]} == {"included"}


def max_legs(found: Found) -> set[tuple[Any, ...]]:
    """The legs, each once: a block that came with a refused batch is read from it too."""
    return set(legs(found))


def test_without_receipts_of_the_block_nothing_is_proved_to_it(
    node: anvil.Anvil, staged: Staged, honest: Found
) -> None:
    found = through(node, proxy.without("eth_getBlockReceipts"), history(staged.names["mule1"]))
    assert legs(found) == legs(honest)
    assert "included" not in {row["proof"] for row in found["transactions"]}
    assert "self-authenticating" in {row["proof"] for row in found["transactions"]}


def test_pages_that_do_not_go_down_are_an_error(node: anvil.Anvil, staged: Staged) -> None:
    def fault(call: Rpc, answer: Rpc) -> Rpc:
        if call["method"] == "ots_searchTransactionsBefore":
            call = {**call, "params": [call["params"][0], staged.tip + 1, 1]}
            again: Rpc = node.call(call["method"], *call["params"])
            return proxy.result(call, {**again, "lastPage": False})
        return answer

    assert failing(node, fault, history(staged.names["ben"])).code == "search-unreadable"


def raw(spoil: Callable[[bytes], bytes], node: anvil.Anvil, ask: Ask) -> Error:
    """The error for a body that is spoilt as a whole."""
    honest = proxy.Proxy(node=node, fault=proxy.honest)
    with (
        proxy.server(lambda path, body: (200, spoil(honest.answer(body)))) as port,
        pytest.raises(Error) as caught,
    ):
        collected(f"http://127.0.0.1:{port}/", ask)
    return caught.value


REFUSED = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not supported"}}'


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda body: REFUSED, "node-refused"),
        (lambda body: body[: len(body) // 2], "answer-unreadable"),
        (lambda body: b"[]", "answer-unreadable"),
        (lambda body: b"{}", "answer-unreadable"),
        (lambda body: b"<html>busy</html>", "answer-unreadable"),
        (lambda body: body.replace(b'"id": 2', b'"id": 1', 1), "answer-unreadable"),
        (lambda body: body.replace(b'"result"', b'"results"', 1), "answer-unreadable"),
        (lambda body: body.replace(b'"result": "0x1"', b'"result": "one"', 1), "witness-unreadable"),
    ],
)
def test_an_answer_that_is_none_is_an_error(
    spoil: Callable[[bytes], bytes], code: str, node: anvil.Anvil, staged: Staged
) -> None:
    assert raw(spoil, node, history(staged.names["ben"])).code == code


def test_where_a_range_is_capped_the_search_begins_where_the_money_arrived(
    node: anvil.Anvil, staged: Staged, honest: Found
) -> None:
    wanted = History(address=Address(chain=CHAIN, text=staged.names["mule1"]), arrived=Arrival(height=40))
    with proxy.serving(node, capped(20, *CAPS[0])) as served:
        exhibits = collected(served.url, wanted)
        asked = [p[0] for m, p in served.calls if m == "eth_getLogs" and isinstance(p[0].get("address"), list)]
    spans = [(int(a["fromBlock"], 16), int(a["toBlock"], 16)) for a in asked]
    accepted = [span for span in spans if span[1] - span[0] < 20]
    assert accepted[0][0] == 40
    assert all(a[1] + 1 == b[0] for a, b in pairwise(sorted(accepted))), "a range was left out"
    assert (min(accepted)[0], max(accepted)[1]) == (0, staged.tip)
    assert legs(decoded(exhibits)) == legs(honest)
    assert decoded(exhibits)["coverage"] == honest["coverage"]
