"""The live sources as every source must be, on exchanges that were recorded, and the recordings held to the node.

The node's exchanges are anvil's own. The explorer's are those of a double in the documented shape: no such server
can be had. RECOVER_RECORD=1 records them again.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Address, Ask, Crossing, Details, Exhibit, History, Recorder, Source, Status, TxId
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit, rows, save
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
# A filter that lets through the transfer of the staged theft: what a bridge's reader would say of a pay-out's log.
SOUGHT = {
    "contract": "0xdac17f958d2ee523a2206206994597c13d831ec7",
    "topics": [
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
        "0x00000000000000000000000090f79bf6eb2c4f870365e785982e1f101e93b906",
        "0x000000000000000000000000976ea74026e726554db657fa54763abd0c3a0aa9",
    ],
}
SALE = TxId(chain=CHAIN, text="0xdb92a1594f24fac46df29267bae439a581f0916e5cd75d017d7d8c9867651511")

ASKS: dict[str, Ask] = {
    "node-history": History(address=ACCOUNT),
    "node-details": Details(tx=SALE),
    "node-status": Status(address=ICED, asset=USDT),
    "node-crossing": Crossing(
        tx=TxId(chain="eip155:10", text="0x" + "01" * 32),
        protocol="toy",
        key="0x07",
        to=CHAIN,
        sought=json.dumps([SOUGHT]),
        near=datetime.fromtimestamp(anvil.START, UTC),
    ),
    "double-history": History(address=ACCOUNT),
}


def tape(name: str) -> Cassette:
    made = Cassette.load(FOLDER / f"{name}.json")
    made.endpoint = NODE if name.startswith("node") else DOUBLE
    return made


def examples(name: str) -> tuple[Exhibit, ...]:
    return tuple(exhibit(e.request.url, e.answer, media=e.media, asked=e.request) for e in tape(name).exchanges)


ETHER = f"{CHAIN}/slip44:60"
WRAPPED = f"{CHAIN}/erc20:0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
POOL, SELLER = "0x8438ad1c834623cff278ab6829a248e37c2d7e3f", "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f"
# The logs and the call trace of the answer: 40000 USDT to the pool, wrapped ether out of it, unwrapped and sent on
# to the seller, who pays 92126 gas at 1000105997 wei. Unwrapping destroys the wrapped ether.
SOLD = Stated(
    id=SALE.text,
    nets={
        (SELLER, USDT): -40_000_000_000,
        (POOL, USDT): 40_000_000_000,
        (POOL, WRAPPED): -15_640_135_694_256_524_893,
        (None, WRAPPED): 15_640_135_694_256_524_893,
        (WRAPPED.split(":")[-1], ETHER): -15_640_135_694_256_524_893,
        (SELLER, ETHER): 15_640_043_558_491_445_271,
        (None, ETHER): 92_135_765_079_622,
    },
    time=datetime(2023, 11, 14, 22, 27, 20, tzinfo=UTC),
    height=70,
    index=0,
    failed=False,
)
BY_HAND = "Logs, trace and receipt of the answer, added up by hand."
REFUSED = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batches are not supported"}}'


END_OF_HISTORY = examples("node-history")[-1]


class TestNode(SourceKit):
    source = NodeRpc()
    examples = (*examples("node-details"), *examples("node-status"), *examples("node-history")[:2])
    expected = (
        Expected(
            example=examples[2],
            taken=BY_HAND,
            transactions=(SOLD,),
            rows={"events": ({"kind": "swap", "contract": POOL, "tx": SALE.text},)},
        ),
        Expected(
            example=examples[4],
            taken="The words that the contract returned at block 0x62.",
            rows={
                "states": (
                    {
                        "kind": "balance",
                        "address": ICED.text,
                        "asset": USDT,
                        "amount": 20_000_000_000,
                        "height": 98,
                    },
                    {"kind": "frozen", "address": ICED.text, "asset": USDT, "amount": 1},
                )
            },
        ),
    )
    recorded = tuple((ask, tape(name)) for name, ask in ASKS.items() if name.startswith("node"))
    # The answer that ends a history: nothing is left, and nothing was missed.
    empty = (END_OF_HISTORY,)
    refused = (exhibit(NODE, REFUSED, asked=examples[0].asked),)


class TestExplorer(SourceKit):
    source = Explorer()
    examples = examples("double-history")
    expected = (
        Expected(
            example=examples[1],
            taken="The columns of the page: value, and 21000 gas at 5 gwei.",
            transactions=(
                Stated(
                    id="0x5a37c3fc2f5d0256eb69c0946293bd82706db7a68d5a3ba5a1d489bd8f797ca8",
                    nets={
                        (ACCOUNT.text, ETHER): -500_000_000_000_000_000,
                        ("0x2546bcd3c84621e976d8185a91a922ae77ecec30", ETHER): 499_895_000_000_000_000,
                        (None, ETHER): 105_000_000_000_000,
                    },
                    time=datetime(2023, 11, 14, 22, 21, 56, tzinfo=UTC),
                    height=43,
                    index=0,
                ),
            ),
        ),
        Expected(
            example=examples[6],
            taken="The two words of the log DestroyedBlackFunds.",
            rows={
                "events": (
                    {
                        "kind": "destroy",
                        "address": "0xcd3b766ccdd6ae721141f452c550ca635964ce71",
                        "asset": USDT,
                        "amount": 17_653_821_001,
                    },
                )
            },
        ),
        Expected(
            example=examples[9],
            taken="The answer itself: nothing is left.",
            rows={"states": ({"kind": "balance", "address": ACCOUNT.text, "amount": 0},)},
        ),
    )
    recorded = ((ASKS["double-history"], tape("double-history")),)
    empty = examples[2:6]
    refused = (
        exhibit(
            examples[1].name,
            b'{"status":"0","message":"NOTOK","result":"Max rate limit reached"}',
            asked=examples[1].asked,
        ),
    )


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
