"""The staged case itself: the same on every node, its contracts what their sources give, its truth the node's."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from recover_chain_evm.testing import anvil, compiled, scenario
from recover_chain_evm.testing.truth import Staged

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tools" / "contracts.py"

pytestmark = pytest.mark.nodes


def held(node: anvil.Anvil, token: str, who: str) -> int:
    data = compiled.contract("LegacyDollar").call("balanceOf", who)
    return int(node.call("eth_call", {"to": token, "data": data}, "latest"), 16)


def test_the_same_case_gives_the_same_blocks(node: anvil.Anvil, staged: Staged) -> None:
    with anvil.node() as other:
        again = scenario.play(other)
        assert again == staged
        assert (
            other.call("eth_getBlockByNumber", "latest", False)["hash"]
            == (node.call("eth_getBlockByNumber", hex(staged.tip), False)["hash"])
        )


def test_the_node_agrees_with_what_the_case_says_of_balances(node: anvil.Anvil, staged: Staged) -> None:
    names = staged.names
    assert [held(node, h.asset, h.address) for h in staged.frozen] == [h.amount for h in staged.frozen]
    assert [held(node, h.asset, h.address) for h in staged.destroyed] == [0]
    assert held(node, staged.resting.asset, staged.resting.address) == staged.resting.amount
    assert held(node, names["taxed"], names["provider"]) == staged.taxed[2] < staged.taxed[1]
    split = sum(held(node, names["usdt"], names[who]) for who in ("mule1", "mule2", "mule3", "burned"))
    assert split == 1, "only the dust that was sent to poison is left of what was split"


def test_what_landed_was_stolen_and_nothing_else(staged: Staged) -> None:
    """USDT and USDC by their transfers; the coin by what the sale brought, less what rests and went in fees."""
    stolen = {theft.asset: theft.amount for theft in staged.thefts}
    usdt, usdc = (staged.names[name] for name in ("usdt", "usdc"))
    sold = sum(each.sold for each in (*staged.swaps, staged.to_another))
    ended = sum(each.amount for each in (*staged.frozen, *staged.destroyed))
    landed = {(each.asset, each.address): each.arrived for each in staged.landings}
    assert sold + ended + landed[usdt, staged.names["account1"]] == stolen[usdt]
    assert landed[usdc, staged.names["forwarder1"]] + staged.resting.amount == stolen[usdc]
    assert landed[usdc, staged.names["forwarder2"]] == staged.swaps[1].bought
    coins = sum(each.arrived for each in staged.landings if not each.asset)
    assert 0 < coins < staged.swaps[0].bought


def test_look_alikes_agree_at_both_ends_only() -> None:
    one = "0x" + "12345678" * 5
    other = scenario.look_alike(one)
    assert (other[:6], other[-4:]) == (one[:6], one[-4:])
    assert all(a != b for a, b in zip(one[6:-4], other[6:-4], strict=True))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, "0x" + "ab" * 20], ["00" * 31 + "01", "00" * 12 + "ab" * 20]),
        ([b"\x07" * 32], ["07" * 32]),
        (
            ["USDT", 5],
            ["00" * 31 + "40", "00" * 31 + "05", "00" * 31 + "04", "55534454" + "00" * 28],
        ),
        ([[1, 2]], ["00" * 31 + "20", "00" * 31 + "02", "00" * 31 + "01", "00" * 31 + "02"]),
    ],
)
def test_arguments_are_written_as_the_abi_has_them(values: list[compiled.Value], words: list[str]) -> None:
    assert compiled.encode(values).hex() == "".join(words)


def test_contracts_are_what_their_sources_give() -> None:
    spec = importlib.util.spec_from_file_location("contracts", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    if shutil.which("node") is None or not script.SOLC.is_dir():
        why = "the Solidity compilers are not here: run tools/solc.sh; the contracts were not compiled again"
        if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
            pytest.fail(why)
        pytest.skip(why)
    assert script.main([]) == 0
