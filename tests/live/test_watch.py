"""A movement on a real node is told while it is watched, stored as an exhibit, followed, and drafted again."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.live.tool import show

from recover.case import derived, open_for_reading
from recover.sdk import Error
from recover.sdk.ends import recorded
from recover_chain_bitcoin.testing import node, tools
from recover_chain_evm.testing import anvil

pytestmark = pytest.mark.nodes

FIRST, SECOND = "0x" + "ab" * 19 + "01", "0x" + "ab" * 19 + "02"
PATIENCE = 90
"""Seconds that a test waits for an event: far more than it takes, on a machine that does much else."""


class Told:
    """A running `recover`, and what it tells."""

    def __init__(self, where: Path, *args: str, **secrets: str) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("RECOVER_")}
        env |= {"RECOVER_CONFIG": str(where / "recover.toml")}
        env |= {f"RECOVER_{name.upper()}": value for name, value in secrets.items()}
        command = [sys.executable, "-c", "from recover.cli.main import run; run()", *args, "--json"]
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def until(self, kind: str) -> tuple[dict[str, Any], float]:
        """The next event of a kind, and when it came."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                event = self.events.get(timeout=1)
            except queue.Empty:
                continue
            assert "event" in event, event
            if event["event"] == kind:
                return event, time.monotonic()
        raise AssertionError(f"no {kind} in {PATIENCE} s: {self.stop()}")

    def stop(self) -> str:
        self.process.terminate()
        return self.process.communicate(timeout=20)[1][-2000:]


@contextmanager
def running(where: Path, *args: str, **secrets: str) -> Iterator[Told]:
    told = Told(where, *args, **secrets)
    try:
        yield told
    finally:
        told.stop()


def configured(where: Path, name: str, endpoint: str) -> None:
    (where / "recover.toml").write_text(
        f'[defaults]\nexaminer = "N"\nagency = "A"\nrule = "fifo"\n[sources.{name}]\nendpoint = "{endpoint}"\n'
    )


def skipped(why: str) -> None:
    if os.environ.get("RECOVER_REQUIRE_NODES") == "1":
        pytest.fail(f"RECOVER_REQUIRE_NODES=1, and {why}", pytrace=False)
    pytest.skip(f"NOT RUN AGAINST A REAL NODE: {why}")


def test_a_movement_on_an_evm_node(tmp_path: Path) -> None:
    if anvil.program() is None:
        skipped("anvil is not here: run `make nodes`")
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
            tx = chain.call("eth_sendTransaction", moved)
            chain.call("anvil_mine", "0x1")
            mined = time.monotonic()
            event, at = told.until("moved")
            assert (event["address"], event["transactions"], event["to"]) == (FIRST, [tx], [SECOND])
            assert at - mined < PATIENCE
            told.until("papers")
    alert = next(row for row in show(case, "exhibits") if row["number"] == event["exhibit"])
    assert alert["name"].startswith("alert-")
    ends = recorded(derived.read(open_for_reading(case), "ends"), "fifo").to_pylist()
    assert [row["reason"] for row in ends if row["address"] == SECOND] == ["rest"]


def test_a_movement_on_a_bitcoin_node_is_sighted_then_told(tmp_path: Path) -> None:
    try:
        tools.find("bitcoind", "bitcoind")
    except Error as error:
        skipped(f"{error.what} {error.todo}")
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
            chain.mine()
            mined = time.monotonic()
            event, at = told.until("moved")
            assert at - mined < PATIENCE
            assert (event["address"], event["transactions"]) == (first, [tx])
            assert second in event["to"]
            told.until("papers")
