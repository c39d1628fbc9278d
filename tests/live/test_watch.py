"""A movement on a real node is told while it is watched, stored as an exhibit, followed, and drafted again."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from tests.live.nodes import need_anvil, need_bitcoind
from tests.live.told import PATIENCE, configured, running
from tests.live.tool import show

from recover.case import derived, open_for_reading
from recover.sdk.ends import recorded
from recover_chain_bitcoin.testing import node
from recover_chain_evm.testing import anvil

pytestmark = pytest.mark.nodes

FIRST, SECOND = "0x" + "ab" * 19 + "01", "0x" + "ab" * 19 + "02"


def alerts(case: Path) -> list[dict[str, Any]]:
    return [row for row in show(case, "exhibits") if row["name"].startswith("alert-")]


def case_of(case: Path, number: int) -> bytes:
    """The content of an exhibit."""
    opened = open_for_reading(case)
    return opened.read(opened.exhibits()[number - 1]).data


@pytest.mark.slow
def test_a_movement_on_an_evm_node(tmp_path: Path) -> None:
    need_anvil()
    case = tmp_path / "case"
    with anvil.node() as chain:
        payer = chain.accounts[0]
        stolen = chain.call("eth_sendTransaction", {"from": payer, "to": FIRST, "value": hex(5 * 10**18)})
        chain.call("anvil_mine", "0x1")
        configured(tmp_path, "evm-rpc", chain.url)
        with running(tmp_path, "now", str(case), f"eth:{stolen}") as told:
            done, _ = told.until("done")
            assert told.process.wait(20) in (0, 5)
        assert done["moving"] == 0, done
        with running(tmp_path, "watch", str(case), "--every", "1") as told:
            assert told.until("case")[0]["places"] == 1
            time.sleep(4)
            chain.call("anvil_impersonateAccount", FIRST)
            moved = {"from": FIRST, "to": SECOND, "value": hex(3 * 10**18)}
            chain.call("evm_setNextBlockTimestamp", int(time.time()))  # its clock began in 2023
            tx = chain.call("eth_sendTransaction", moved)
            chain.call("anvil_mine", "0x1")
            mined = time.monotonic()
            event, at = told.until("moved")
            assert (event["address"], event["transactions"], event["to"]) == (FIRST, [tx], [SECOND])
            assert event["time"][:16].replace("T", " ") in event["said"]
            assert re.search(r"\(\d+ seconds? ago\)", event["said"]), (
                "a movement of long ago is no news of this minute"
            )
            assert at - mined < PATIENCE
            told.until("papers")
            # What was relied on is in a block that no chain has any more: the movement is undone, and said so.
            chain.call("anvil_reorg", 1, [])
            chain.call("anvil_mine", "0x2")
            undone, _ = told.until("reorganised")
            assert tx in json.dumps(undone) or "block" in undone["said"]
    alert = next(row for row in show(case, "exhibits") if row["number"] == event["exhibit"])
    assert alert["name"].startswith("alert-")
    ends = recorded(derived.read(open_for_reading(case), "ends"), "fifo").to_pylist()
    assert [row["reason"] for row in ends if row["address"] == SECOND] == ["rest"]


@pytest.mark.slow
def test_a_movement_on_a_bitcoin_node_is_sighted_then_told(tmp_path: Path) -> None:
    need_bitcoind()
    case = tmp_path / "case"
    with node.start(tmp_path / "node") as chain:
        victim, thief, mule = (chain.wallet(name) for name in ("victim", "thief", "mule"))
        chain.fund(victim, coins=2)
        first, second = chain.address(thief), chain.address(mule)
        stolen = chain.pay(victim, first, "1.5")
        chain.mine()
        outputs = chain.rpc("getrawtransaction", stolen, 1)["vout"]
        output = next(out["n"] for out in outputs if out["scriptPubKey"].get("address") == first)
        chain.settle()
        configured(tmp_path, "bitcoin-core", chain.endpoint)
        secret = {"bitcoin_rpc": chain.secret}
        with running(tmp_path, "now", str(case), f"regtest:{stolen}:{output}", **secret) as told:
            told.until("done")
            assert told.process.wait(20) in (0, 5)
        with running(tmp_path, "watch", str(case), "--every", "1", **secret) as told:
            assert told.until("case")[0]["places"] == 1
            time.sleep(4)
            tx = chain.pay(thief, second, "1.0")
            sighted, _ = told.until("sighted")
            assert "in no block" in sighted["said"]
            assert "may never be confirmed" in sighted["said"]
            chain.mine()
            mined = time.monotonic()
            event, at = told.until("moved")
            assert at - mined < PATIENCE
            assert (event["address"], event["transactions"]) == (first, [tx])
            assert second in event["to"]
            told.until("papers")
            chain.reorganise(1)
            undone, _ = told.until("reorganised")
            assert tx in json.dumps(undone)
    kinds = [json.loads(case_of(case, row["number"]))["event"] for row in alerts(case)]
    assert kinds[:2] == ["sighted", "moved"]
    assert "reorganised" in kinds
