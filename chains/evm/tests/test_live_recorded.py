"""The live sources as every source must be, on exchanges that were recorded, and the recordings held to the node.

The node's exchanges are anvil's own. The explorer's are those of a double in the documented shape: no such server
can be had. RECOVER_RECORD=1 records them again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Address, Ask, Details, Exhibit, History, Recorder, Source, Status, TxId
from recover.testing import Cassette, Exchange, SourceKit, exhibit, rows, save
from recover_chain_evm.live.explorer import Explorer
from recover_chain_evm.live.source import NodeRpc
from recover_chain_evm.testing import anvil, facade
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

CHAIN = "eip155:1"
FOLDER = Path(__file__).parent / "cassettes"
NODE, DOUBLE = "http://127.0.0.1:8545/", "http://127.0.0.1:8546/v2/api"
SECRETS = {"etherscan-key": "a-valid-key"}

USDT = f"{CHAIN}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
ACCOUNT = Address(chain=CHAIN, text="0x8626f6940e2eb28930efb4cef49b2d1f2c9c1199")
ICED = Address(chain=CHAIN, text="0xdf3e18d64bc6a983f673ab319ccae4f1a57c7097")
SALE = TxId(chain=CHAIN, text="0xdb92a1594f24fac46df29267bae439a581f0916e5cd75d017d7d8c9867651511")

ASKS: dict[str, Ask] = {
    "node-history": History(address=ACCOUNT),
    "node-details": Details(tx=SALE),
    "node-status": Status(address=ICED, asset=USDT),
    "double-history": History(address=ACCOUNT),
}


def tape(name: str) -> Cassette:
    made = Cassette.load(FOLDER / f"{name}.json")
    made.endpoint = NODE if name.startswith("node") else DOUBLE
    return made


def examples(name: str) -> tuple[Exhibit, ...]:
    return tuple(exhibit(e.request.url, e.answer, media=e.media, asked=e.request) for e in tape(name).exchanges)


class TestNode(SourceKit):
    source = NodeRpc()
    examples = (*examples("node-details"), *examples("node-status"), *examples("node-history")[:2])
    recorded = tuple((ask, tape(name)) for name, ask in ASKS.items() if name.startswith("node"))


class TestExplorer(SourceKit):
    source = Explorer()
    examples = examples("double-history")
    recorded = ((ASKS["double-history"], tape("double-history")),)


def moved(url: str, to: str, made: Tape) -> list[Exchange]:
    """The exchanges of a tape as if they had been made at another place."""
    found = []
    for request, status, body in made.exchanges:
        there = type(request)(
            url=request.url.replace(url, to), method=request.method, headers=request.headers, body=request.body
        )
        found.append(Exchange(request=there, answer=body, status=status))
    return found


def recorded_again(name: str, source: Source, url: str) -> list[Exchange]:
    made = Tape(endpoint=url, secrets=SECRETS)
    recorder: Recorder = made
    list(source.collect(ASKS[name], recorder))
    return moved(url, NODE if name.startswith("node") else DOUBLE, made)


def hold(name: str, fresh: list[Exchange]) -> None:
    if os.environ.get("RECOVER_RECORD") == "1":
        FOLDER.mkdir(exist_ok=True)
        save(FOLDER / f"{name}.json", fresh)
    assert tuple(fresh) == tape(name).exchanges


@pytest.mark.nodes
@pytest.mark.parametrize("name", [name for name in ASKS if name.startswith("node")])
def test_the_recording_is_what_the_node_answers(name: str, node: anvil.Anvil, staged: Staged) -> None:
    hold(name, recorded_again(name, NodeRpc(), node.url))


@pytest.mark.nodes
def test_the_recording_is_what_the_double_answers(node: anvil.Anvil, staged: Staged) -> None:
    with facade.serving(node) as served:
        hold("double-history", recorded_again("double-history", Explorer(), served.url))


def test_the_asks_are_of_the_staged_case() -> None:
    """So that the recordings say something: a deposit address with its sweeps, a sale, a frozen balance."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ASKS:
        source: Source = NodeRpc() if name.startswith("node") else Explorer()
        found[name] = [row for each in examples(name) for row in rows(source.decode(each))["legs"]]
    sent = [leg for leg in found["node-history"] if leg["address"] == ACCOUNT.text and leg["kind"] == "transfer"]
    assert len(sent) == 4
    both = [leg for leg in found["double-history"] if leg["address"] == ACCOUNT.text and leg["kind"] == "transfer"]
    assert sorted((leg["tx"], leg["amount"]) for leg in both) == sorted((leg["tx"], leg["amount"]) for leg in sent)
    assert {leg["tx"] for leg in found["node-details"]} == {SALE.text}
