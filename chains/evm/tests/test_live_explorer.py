"""The explorer source against a double that answers from a real node, and misbehaves when told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from recover.sdk import Address, Arrival, Error, Exhibit, History, amounts
from recover.testing import rows
from recover_chain_evm.live import pages
from recover_chain_evm.live.explorer import Explorer
from recover_chain_evm.testing import facade
from recover_chain_evm.testing.anvil import Anvil
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

pytestmark = pytest.mark.nodes

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
KEY = {"etherscan-key": "a-valid-key"}
Found = dict[str, list[dict[str, Any]]]
Query = dict[str, str]


def history(address: str) -> History:
    return History(address=Address(chain=CHAIN, text=address))


def decoded(exhibits: Iterable[Exhibit]) -> list[Found]:
    return [rows(Explorer().decode(exhibit)) for exhibit in exhibits]


def joined(pages: list[Found], address: str) -> Counter[tuple[Any, ...]]:
    """The legs of an address over all pages: what two pages list once each is one (as the core joins them)."""
    most: Counter[tuple[Any, ...]] = Counter()
    for found in pages:
        most |= Counter(
            (leg["tx"], leg["kind"], leg["asset"], amounts.join(leg["amount"], leg["wide"]))
            for leg in found["legs"]
            if leg["address"] == address
        )
    return most


def on_node(node: Anvil, address: str, asset: str) -> int:
    if asset == COIN:
        return int(node.call("eth_getBalance", address, "latest"), 16)
    data = "0x70a08231" + "0" * 24 + address[2:]
    return int(node.call("eth_call", {"to": asset.rpartition(":")[2], "data": data}, "latest"), 16)


@pytest.mark.parametrize("size", [3, 1000])
@pytest.mark.parametrize("who", ["mule1", "mule4", "mule5", "forwarder1", "account2", "burned", "second"])
def test_a_history_sums_to_what_the_node_says_the_address_holds(
    who: str, size: int, node: Anvil, staged: Staged
) -> None:
    """Wrapping and destruction are in no list, and are found by their logs. Pages of 3 end inside blocks."""
    address = staged.names[who]
    with facade.serving(node) as served:
        exhibits = list(Explorer(size=size).collect(history(address), Tape(endpoint=served.url, secrets=KEY)))
        assert {query.get("page", "1") for query in served.queries} == {"1"}, "no page that may split a block"
    pages = decoded(exhibits)
    total: Counter[str] = Counter()
    for (_, _, asset, amount), count in joined(pages, address).items():
        total[asset] += amount * count
    fake = f"{CHAIN}/erc20:{staged.names['fake']}"  # it logs what it likes
    assert total
    assert all(asset == fake or total[asset] == on_node(node, address, asset) for asset in total)
    assert [(row["address"], row["asset"]) for row in pages[-1]["coverage"]] == [(address, None)]
    assert not [row for found in pages[:-2] for row in found["coverage"]], "only the last requests claim a history"


def test_an_address_without_history_is_empty_and_covered(node: Anvil, staged: Staged) -> None:
    nobody = "0x" + "ab" * 20
    with facade.serving(node) as served:
        exhibits = list(Explorer().collect(history(nobody), Tape(endpoint=served.url, secrets=KEY)))
    pages = decoded(exhibits)
    assert not joined(pages, nobody)
    assert [row["address"] for row in pages[-1]["coverage"]] == [nobody]
    assert all(any(found.values()) for found in pages), "an empty page still says what it is of"


def test_the_key_is_in_no_stored_request(node: Anvil, staged: Staged) -> None:
    with facade.serving(node) as served:
        tape = Tape(endpoint=served.url, secrets=KEY)
        list(Explorer().collect(history(staged.names["ben"]), tape))
        assert {query["apikey"] for query in served.queries} == {"a-valid-key"}
    assert all(request.url.endswith("&apikey={etherscan-key}") for request, _, _ in tape.exchanges)
    assert all("a-valid-key" not in request.url for request, _, _ in tape.exchanges)


def failing(node: Anvil, staged: Staged, fault: Any, source: Explorer | None = None, who: str = "mule1") -> Error:
    came: list[Exhibit] = []
    with facade.serving(node, fault) as served, pytest.raises(Error) as caught:
        came.extend(
            (source or Explorer()).collect(history(staged.names[who]), Tape(endpoint=served.url, secrets=KEY))
        )
    assert not [row for found in decoded(came) for row in found["coverage"]]
    return caught.value


REFUSALS = [
    ("Max rate limit reached, please use API Key for higher rate limit", "rate-limited"),
    ("Max calls per sec rate limit reached (3/sec)", "rate-limited"),
    ("Query Timeout occured. Please select a smaller result dataset", "rate-limited"),
    ("Invalid API Key", "explorer-key"),
    ("Missing/Invalid API Key", "explorer-key"),
    ("Error! Invalid address format", "explorer-refused"),
    ("Result window is too large, PageNo x Offset size must be less than or equal to 10000", "explorer-refused"),
    ("No transactions found", "explorer-refused"),  # as a text in place of a list it is no empty list
]


@pytest.mark.parametrize(("said", "code"), REFUSALS)
@pytest.mark.parametrize("action", ["tokentx", "balancemulti"])
def test_a_refusal_is_told_apart_from_an_empty_list(
    said: str, code: str, action: str, node: Anvil, staged: Staged
) -> None:
    def fault(query: Query) -> Any:
        return facade.refusal(said) if query["action"] == action else None

    error = failing(node, staged, fault, who="ben")
    assert error.code == code
    assert said[:20] in error.why


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Just a moment...</html>",
        b"",
        b"[]",
        b"{}",
        b'{"status":"1","message":"OK"}',
        b'{"status":"1","message":"OK","result":"many"}',
        b'{"status":"1","message":"OK","result":[1]}',
        b'{"status":"1","message":"OK","result":[{"blockNumber":"x"}]}',
        b'{"status":"0","message":"OK","result":[{"blockNumber":"1"}]}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"busy"}}',
    ],
)
def test_an_answer_that_is_none_is_an_error(body: bytes, node: Anvil, staged: Staged) -> None:
    error = failing(node, staged, lambda query: body if query["action"] == "tokentx" else None, who="ben")
    assert error.code in ("explorer-page", "explorer-unreadable", "explorer-refused")


def test_rows_out_of_order_are_an_error(node: Anvil, staged: Staged) -> None:
    honest = facade.Facade(node=node)

    def fault(query: Query) -> Any:
        if query["action"] != "txlist":
            return None
        answer = honest._true(query)
        return {**answer, "result": answer["result"][::-1]}

    assert failing(node, staged, fault).code == "explorer-unreadable"


def test_a_page_that_comes_again_and_again_is_an_error(node: Anvil, staged: Staged) -> None:
    """A server that does not heed the block that a page is to begin with gives the first page for ever."""
    honest = facade.Facade(node=node)

    def fault(query: Query) -> Any:
        return honest._true({**query, "startblock": "0"}) if query["action"] == "txlist" else None

    assert failing(node, staged, fault, Explorer(size=3)).code == "explorer-unreadable"


def test_a_block_that_fills_a_page_is_an_error(node: Anvil, staged: Staged) -> None:
    """The split: three payments by one address in one block, and pages of three rows."""
    assert failing(node, staged, lambda query: None, Explorer(size=3), who="first").code == "explorer-full"


def test_a_reorganisation_while_lists_are_read_is_an_error(node: Anvil, staged: Staged) -> None:
    def fault(query: Query) -> Any:
        if query["action"] == "eth_getBlockByNumber" and query["tag"] != "latest":
            block = node.call("eth_getBlockByNumber", query["tag"], False)
            return {"jsonrpc": "2.0", "id": 1, "result": {**block, "hash": "0x" + "12" * 32}}
        return None

    assert failing(node, staged, fault).code == "chain-reorganised"


def test_a_payment_that_is_left_out_is_missed_by_the_balance(node: Anvil, staged: Staged) -> None:
    """The tokens are claimed, by the request before the last; the coin is not."""
    honest = facade.Facade(node=node)

    def fault(query: Query) -> Any:
        if query["action"] != "txlistinternal":
            return None
        return facade.rows(
            [row for row in honest._true(query)["result"] if row["hash"] != staged.swaps[0].transaction]
        )

    came: list[Exhibit] = []
    with facade.serving(node, fault) as served, pytest.raises(Error) as caught:
        came.extend(Explorer().collect(history(staged.names["mule1"]), Tape(endpoint=served.url, secrets=KEY)))
    assert caught.value.code == "coin-history-incomplete"


def test_a_chain_that_the_explorer_does_not_have_is_an_error(node: Anvil, staged: Staged) -> None:
    ask = History(address=Address(chain="eip155:137", text=staged.names["ben"]))
    with facade.serving(node) as served, pytest.raises(Error) as caught:
        list(Explorer().collect(ask, Tape(endpoint=served.url, secrets=KEY)))
    assert caught.value.code == "explorer-refused"
    assert "chainid" in caught.value.why


def test_a_long_list_goes_on_where_the_money_arrived_and_then_fills_in_what_was_before(
    node: Anvil, staged: Staged
) -> None:
    address = staged.names["mule1"]
    with facade.serving(node) as served:
        plain = list(Explorer(size=3).collect(history(address), Tape(endpoint=served.url, secrets=KEY)))
    heights = sorted({tx["height"] for found in decoded(plain) for tx in found["transactions"]})
    middle = heights[-2]
    asked = History(address=Address(chain=CHAIN, text=address), arrived=Arrival(height=middle))
    with facade.serving(node) as served:
        found = list(Explorer(size=3).collect(asked, Tape(endpoint=served.url, secrets=KEY)))
    assert joined(decoded(found), address) == joined(decoded(plain), address)
    assert decoded(found)[-1]["coverage"] == decoded(plain)[-1]["coverage"] != []
    starts = [pages.Query.of(each).start for each in found if "action=txlist&" in each.name]
    assert starts[:2] == [0, middle]
    assert starts[2:] == sorted(starts[2:])
    assert all(start < middle for start in starts[2:])
