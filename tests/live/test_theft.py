"""A theft staged on a real node: traced live to the exchange, every proof held, the same again with no node."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.live.nodes import need_bitcoind
from tests.live.tool import made_again, show, tool

from recover.sealing import recover_verify as outside
from recover_chain_bitcoin.testing import deeds, node
from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.owner import Owner
from recover_chain_bitcoin.testing.world import World

pytestmark = [pytest.mark.nodes, pytest.mark.xdist_group("theft")]  # one case serves them all

CHAIN = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
STOLEN = 150_000_000
DEPOSITED = 40_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """The truth: what was stolen by which output, where the exchange was paid, what went into the mix."""

    node: Node
    tx: str
    output: int
    deposit: str
    hot: str
    mixed: str
    stale: str


def play(bitcoind: Node) -> Theft:
    """A theft, a reorganisation over it, a peel chain, a deposit swept with others', and a Whirlpool mix."""
    world = World(node=bitcoind, seed="theft", picked=random.Random("theft"))
    people = ("victim", "thief", "ann", "ben", "cat", "dan", "eve")
    world.join(*(Owner(name=name, kind="bech32", choice="largest", order="change-last") for name in people))
    world.join(Owner(name="exchange", kind="bech32", choice="oldest"), Owner(name="pool", kind="bech32"))
    world.coinbase("victim", 1)
    for name in people[2:]:
        world.coinbase(name, 1)
    world.mine(100)
    theft = deeds.pay(world, "victim", [("thief", world.receive("thief"), STOLEN)])
    world.mine()
    (stale,) = bitcoind.reorganise(1)
    world.mine(2)
    hot = world.receive("exchange")
    deeds.peel(world, "thief", ["ann", "ben"], 1_500_000)
    deposits = [world.receive("exchange") for _ in range(4)]
    deeds.pay(world, "thief", [("exchange", deposits[0], DEPOSITED)], "deposit")
    for name, address in zip(people[2:5], deposits[1:], strict=True):
        deeds.pay(world, name, [("exchange", address, 3_000_000)], "deposit")
    world.mine()
    deeds.sweep(world, "exchange", hot, deposits)
    for name in people[1:]:
        deeds.enter_pool(world, name, "pool", 1)
    world.mine()
    deeds.mix(world, people[2:])
    world.mine()
    mixed = deeds.mix(world, ["thief", *people[2:6]])
    world.mine(6)
    return Theft(
        node=bitcoind,
        tx=theft.tx,
        output=theft.outputs.index("thief"),
        deposit=deposits[0],
        hot=hot,
        mixed=mixed.tx,
        stale=stale,
    )


@pytest.fixture(scope="module")
def theft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theft]:
    need_bitcoind()
    with node.start(tmp_path_factory.mktemp("theft") / "node") as bitcoind:
        yield play(bitcoind)


@pytest.fixture(scope="module")
def case(theft: Theft, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case"
    labels = path.parent / "labels.csv"
    labels.write_text(
        "#recover-labels 1\n#source: Example Exchange, proof of reserves\n#grade: A\n#as_of: 2026-01-01\n"
        "chain,address,service,label,role,category\n"
        f"{CHAIN},{theft.hot},Example Exchange,hot 1,hot-wallet,exchange\n"
    )
    tool(
        *("open", str(path), "--title", "Theft", "--examiner", "N", "--agency", "A", "--rule", "fifo"),
        *("--source", f"bitcoin-core={theft.node.endpoint}", "--rounds", "20", "--requests", "2000"),
    )
    tool("import", str(path), str(labels))
    tool("loss", str(path), "--tx", f"{CHAIN}:{theft.tx}:{theft.output}")
    tool("run", str(path), bitcoin_rpc=theft.node.secret)
    return path


def test_the_offramp_is_the_deposit_address_with_what_was_paid_to_it(case: Path, theft: Theft) -> None:
    ramps = show(case, "offramps")
    assert [(r["service"], r["address"], r["credited"]) for r in ramps] == [
        ("Example Exchange", theft.deposit, str(DEPOSITED))
    ]
    assert ramps[0]["hot_wallets"] == [theft.hot]
    assert int(ramps[0]["credited"]) == sum(int(ramps[0][name]) for name in ("amount", "unswept", "elsewhere"))


def test_every_transaction_is_proved_to_a_sealed_header_and_the_lost_block_is_stale(
    case: Path, theft: Theft
) -> None:
    listed = show(case, "transactions")
    followed = {f["tx"] for f in show(case, "flows")}
    proofs = {t["id"]: t["proof"] for t in listed if t["id"] in followed}
    assert theft.tx in proofs
    assert set(proofs.values()) == {"sealed"}
    assert not any(t["block"] == theft.stale for t in listed)


def test_the_mix_is_named_and_nothing_goes_through_it(case: Path, theft: Theft) -> None:
    listed = {t["id"]: t for t in show(case, "transactions")}
    assert listed[theft.mixed]["mix"]["role"] == "definite"
    flows = show(case, "flows")
    assert theft.mixed not in {f["tx"] for f in flows}
    (found,) = [f for f in show(case, "findings") if f["kind"] == "mix"]
    assert found["subject"] == theft.mixed
    assert found["slots"]["candidates"] == 5
    clusters = show(case, "entities")
    assert not any(theft.mixed in a["transactions"] for c in clusters for a in c["assertions"])


def test_all_that_was_stolen_is_accounted_for(case: Path) -> None:
    (found,) = [f for f in show(case, "findings") if f["kind"] == "conservation"]
    assert found["slots"]["began"] == found["slots"]["ended"] == str(STOLEN)


@pytest.mark.slow
def test_with_the_node_off_the_same_bytes_come_of_the_exhibits(case: Path, tmp_path: Path) -> None:
    made_again(case, tmp_path)


def test_the_outside_verifier_gives_the_same_figures(case: Path) -> None:
    said = outside.check(str(case))
    assert [row for row in said if row[1] == outside.FAILS] == []
    assert any(name == "figures" and answer == outside.HOLDS for name, answer, _ in said)
