"""The farm's truth against the blocks that it left, read by this member's own parser."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from recover_chain_bitcoin import block, networks, script
from recover_chain_bitcoin.testing import farm, node
from recover_chain_bitcoin.testing.deeds import POOL, POOL_FEE, PREMIX
from recover_chain_bitcoin.testing.farm import Harvest
from recover_chain_bitcoin.testing.owner import master
from recover_chain_bitcoin.testing.world import Deed
from recover_chain_bitcoin.transaction import Output, Tx

pytestmark = pytest.mark.nodes
KINDS = {
    "payment",
    "exact",
    "consolidation",
    "batch",
    "payjoin",
    "joinmarket",
    "whirlpool-tx0",
    "whirlpool",
    "peel",
    "deposit",
    "sweep",
}


@pytest.fixture(scope="module")
def harvest(needed: None, tmp_path_factory: pytest.TempPathFactory) -> Harvest:
    with node.start(tmp_path_factory.mktemp("farm"), indexes=()) as bitcoind:
        return farm.play(bitcoind, seed="1", rounds=8)


@pytest.fixture(scope="module")
def transactions(harvest: Harvest) -> Mapping[str, Tx]:
    return {tx.id: tx for raw in harvest.blocks for tx in block.parse(raw).transactions}


def of_kind(harvest: Harvest, kind: str) -> list[Deed]:
    found = [deed for deed in harvest.deeds if deed.kind == kind]
    assert found, f"no {kind} was played"
    return found


def address(output: Output) -> str | None:
    return script.lock(networks.of("regtest"), output.script).address


def spent(transactions: Mapping[str, Tx], tx: Tx) -> list[Output]:
    return [transactions[each.tx].outputs[each.vout] for each in tx.inputs]


def test_every_kind_of_deed_is_played(harvest: Harvest) -> None:
    assert Counter(deed.kind for deed in harvest.deeds).keys() == KINDS


def test_every_transaction_is_a_deed_and_every_address_has_its_owner(
    harvest: Harvest, transactions: Mapping[str, Tx]
) -> None:
    played = {deed.tx for deed in harvest.deeds}
    assert played == {tx.id for tx in transactions.values() if not tx.is_coinbase}
    for deed in harvest.deeds:
        tx = transactions[deed.tx]
        payers = tuple(harvest.owners[address(out) or ""] for out in spent(transactions, tx))
        assert payers == deed.inputs
        paid = tuple(harvest.owners.get(address(out) or "", "") for out in tx.outputs)
        assert paid == deed.outputs


def test_change_goes_back_to_one_who_pays_and_nothing_else_does_but_by_its_kind(harvest: Harvest) -> None:
    alone = {"consolidation", "payjoin", "joinmarket", "whirlpool", "whirlpool-tx0", "sweep"}
    for deed in harvest.deeds:
        assert all(deed.outputs[index] in deed.inputs for index in deed.change)
        others = [name for index, name in enumerate(deed.outputs) if index not in deed.change]
        if deed.kind not in alone:
            assert not set(others) & set(deed.inputs)


def test_joint_transactions_have_many_owners_and_all_others_have_one(harvest: Harvest) -> None:
    for deed in harvest.deeds:
        joint = deed.kind in ("payjoin", "joinmarket", "whirlpool")
        assert (len(set(deed.inputs)) > 1) is joint


def test_a_whirlpool_mix_is_five_to_five_of_one_denomination(
    harvest: Harvest, transactions: Mapping[str, Tx]
) -> None:
    mixes = of_kind(harvest, "whirlpool")
    for deed in mixes:
        tx = transactions[deed.tx]
        assert [out.value for out in tx.outputs] == [POOL] * 5
        assert {out.value for out in spent(transactions, tx)} <= {POOL, PREMIX}
        assert len(set(deed.inputs)) == 5
    remixed = [sum(out.value == POOL for out in spent(transactions, transactions[deed.tx])) for deed in mixes]
    assert 2 in remixed


def test_entering_the_pool_is_one_owners_transaction_with_data(
    harvest: Harvest, transactions: Mapping[str, Tx]
) -> None:
    for deed in of_kind(harvest, "whirlpool-tx0"):
        values = [out.value for out in transactions[deed.tx].outputs]
        assert values.count(PREMIX) == 2
        assert values.count(POOL_FEE) == 1
        assert deed.outputs[-1] == ""
        assert deed.outputs[values.index(POOL_FEE)] == farm.COORDINATOR


def test_a_joinmarket_shape_has_one_equal_output_and_one_change_each(
    harvest: Harvest, transactions: Mapping[str, Tx]
) -> None:
    for deed in of_kind(harvest, "joinmarket"):
        values = Counter(out.value for out in transactions[deed.tx].outputs)
        ((equal, count),) = values.most_common(1)
        assert count == len(set(deed.inputs)) >= 4
        assert len(deed.change) == count
        assert Counter(deed.outputs) == Counter(dict.fromkeys(set(deed.inputs), 2))
        assert equal >= 20_000_000


def test_deposits_are_given_to_customers_and_swept_into_the_hot_address(
    harvest: Harvest, transactions: Mapping[str, Tx]
) -> None:
    for deed in of_kind(harvest, "deposit"):
        (paid,) = [address(out) for out in transactions[deed.tx].outputs if address(out) in harvest.deposits]
        assert harvest.deposits[paid or ""] == deed.inputs[0]
    for deed in of_kind(harvest, "sweep"):
        tx = transactions[deed.tx]
        assert [address(out) for out in tx.outputs] == [harvest.hot]
        assert {address(out) for out in spent(transactions, tx)} <= set(harvest.deposits)


def test_the_same_seed_gives_the_same_blocks_and_another_seed_others(
    harvest: Harvest, needed: None, tmp_path: Path
) -> None:
    with node.start(tmp_path / "again", indexes=()) as bitcoind:
        assert farm.play(bitcoind, seed="1", rounds=8) == harvest
    with node.start(tmp_path / "other", indexes=()) as bitcoind:
        assert farm.play(bitcoind, seed="2", rounds=1).blocks[:13] != harvest.blocks[:13]


def test_owners_whose_wallets_the_node_runs_have_their_truth_too(needed: None, tmp_path: Path) -> None:
    with node.start(tmp_path, indexes=()) as bitcoind:
        played = farm.play(bitcoind, seed="1", rounds=4, natural=4)
    known = {tx.id: tx for raw in played.blocks for tx in block.parse(raw).transactions}
    paid = [deed for deed in played.deeds if deed.inputs[0].startswith("natural")]
    assert len(paid) == 16
    for deed in paid:
        tx = known[deed.tx]
        assert {played.owners[address(out) or ""] for out in spent(known, tx)} == {deed.inputs[0]}
        assert tuple(played.owners[address(out) or ""] for out in tx.outputs) == deed.outputs
        assert [index for index, name in enumerate(deed.outputs) if name == deed.inputs[0]] == list(deed.change)
    assert any(deed.change == (0,) for deed in paid)
    assert any(deed.change == (1,) for deed in paid)


def test_what_is_written_is_blocks_and_the_truth(harvest: Harvest, tmp_path: Path) -> None:
    harvest.write(tmp_path)
    first, *_, truth = sorted(tmp_path.iterdir())
    assert first.name == "000001.blk"
    assert first.read_bytes() == harvest.blocks[0]
    told = json.loads(truth.read_text("utf-8"))
    assert told["owners"] == dict(harvest.owners)
    assert [deed["tx"] for deed in told["deeds"]] == [deed.tx for deed in harvest.deeds]


def test_a_master_key_is_that_of_the_standard() -> None:
    """BIP 32, test vector 1, with the version bytes of the test networks."""
    made = master(bytes.fromhex("000102030405060708090a0b0c0d0e0f"))
    assert made == (
        "tprv8ZgxMBicQKsPeDgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecvfavji5khqjWaWSFhN3YcCUUdiKH6isR4Pwy3U5y5egddBr16m"
    )
