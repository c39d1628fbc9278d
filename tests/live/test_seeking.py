"""Looking for what a victim gives: an id of several chains, a payment in no block, a coin payment with change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.live.nodes import need_bitcoind
from tests.live.told import PATIENCE, running

from recover.capture.vain import sought
from recover.case import open_for_reading
from recover.findings.unexamined import unexamined
from recover_chain_bitcoin.testing import node
from recover_chain_bitcoin.testing.node import Node

REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"


@pytest.fixture
def bitcoind(tmp_path: Path) -> Iterator[Node]:
    need_bitcoind()
    with node.start(tmp_path / "node") as started:
        (tmp_path / "recover.toml").write_text(
            f'[defaults]\nrule = "fifo"\n[sources.bitcoin-core]\nendpoint = "{started.endpoint}"\n'
        )
        for name in ("victim", "thief"):
            started.wallet(name)
        started.fund("victim")
        yield started


def now(bitcoind: Node, case: Path, *words: str) -> tuple[list[dict[str, Any]], int, str]:
    """What `now` told, its exit code, and its standard error."""
    with running(case.parent, "now", str(case), *words, bitcoin_rpc=bitcoind.secret) as told:
        out, why = told.all(PATIENCE)
        return out, told.process.returncode, why


def codes(case: Path) -> set[str]:
    return set(unexamined(open_for_reading(case)).column("code").to_pylist())


def said(told: list[dict[str, Any]], kind: str) -> list[str]:
    return [event["said"] for event in told if event["event"] == kind]


def test_a_payment_with_change_is_declared_only_by_its_output(bitcoind: Node, tmp_path: Path) -> None:
    case, held = tmp_path / "case", bitcoind.address("thief")
    paid = bitcoind.pay("victim", held, "2")
    bitcoind.mine(6)
    outs = {str(o["value"])[:2]: o["n"] for o in bitcoind.rpc("getrawtransaction", paid, 1)["vout"]}
    mine = outs.pop("2.")
    (change,) = outs.values()
    told, code, why = now(bitcoind, case, paid)
    assert code == 2
    assert f"{mine}: 2.00000000 rBTC to {held}" in why, why
    assert "which output" in why
    assert not open_for_reading(case).settings.losses
    # Networks of the family that the node is not on have failed at nothing.
    assert not said(told, "failure")
    told, code, why = now(bitcoind, case, f"{REGTEST}:{paid}", "--amount", "2", "--asset", "rBTC")
    assert code in (0, 5), why
    assert [(one.id, one.amount) for one in open_for_reading(case).settings.losses] == [("L1", 2 * 10**8)]
    assert not any("payer's change" in one for one in said(told, "warning"))
    assert "not-answered" not in codes(case), "that other networks were not asked is settled"
    told, code, why = now(bitcoind, tmp_path / "other", f"{REGTEST}:{paid}:{change}")
    assert code == 5, "that the payer's own money may be followed is a gap"
    assert any("looks like the payer's change" in one for one in said(told, "warning"))


def test_a_payment_in_no_block_is_waited_for_and_never_typed_again(bitcoind: Node, tmp_path: Path) -> None:
    case, held = tmp_path / "case", bitcoind.address("thief")
    paid = bitcoind.pay("victim", held, "2")
    told, code, why = now(bitcoind, case, f"{REGTEST}:{paid}", "--within", "3")
    assert code == 2
    assert "no block of its chain holds it" in why
    assert f"recover now {case}. If it was mistyped" in why
    assert sought(open_for_reading(case))["texts"] == [f"{REGTEST}:{paid}"]
    mined = threading.Timer(4.0, bitcoind.mine)
    mined.start()
    told, code, why = now(bitcoind, case, "--amount", "2", "--asset", "rBTC", "--within", "60")
    mined.join()
    assert code in (0, 5), why
    failed = said(told, "failure")
    assert "no block" in failed[0], "what matters most is told first"
    assert any("is asked for again in 10 s" in one for one in failed)
    assert [one.tx for one in open_for_reading(case).settings.losses] == [paid]
    assert not sought(open_for_reading(case))
