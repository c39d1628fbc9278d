"""A drain staged on a real EVM node: traced live through swaps to the exchange, receipts proved, again offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.nodes import need_anvil
from tests.live.tool import made_again, show, tool

from recover.sealing import recover_verify as outside
from recover_chain_evm.testing import anvil, scenario
from recover_chain_evm.testing.truth import Staged

pytestmark = [pytest.mark.slow, pytest.mark.nodes, pytest.mark.xdist_group("drain")]  # one case serves them all

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"


@pytest.fixture(scope="module")
def running() -> Iterator[anvil.Anvil]:
    need_anvil()
    with anvil.node() as node:
        yield node


@pytest.fixture(scope="module")
def staged(running: anvil.Anvil) -> Staged:
    return scenario.play(running)


@pytest.fixture(scope="module")
def case(running: anvil.Anvil, staged: Staged, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case"
    labels = path.parent / "labels.csv"
    labels.write_text(
        "#recover-labels 1\n#source: Example Exchange, proof of reserves\n#grade: A\n#as_of: 2026-01-01\n"
        "chain,address,service,label,role,category\n"
        f"{CHAIN},{staged.names['hot']},Example Exchange,hot 1,hot-wallet,exchange\n"
    )
    tool(
        *("open", str(path), "--title", "Drain", "--examiner", "N", "--agency", "A", "--rule", "fifo"),
        *("--source", f"evm-rpc={running.url}", "--rounds", "20", "--requests", "5000"),
    )
    tool("import", str(path), str(labels))
    for theft in staged.thefts:
        tool("loss", str(path), "--tx", f"{CHAIN}:{theft.transaction}")
    tool("run", str(path), code=5)  # other rules carry value to an address whose history is not asked for
    return path


def asset(contract: str) -> str:
    return f"{CHAIN}/erc20:{contract}" if contract else COIN


def test_every_offramp_is_right_to_the_unit(case: Path, staged: Staged) -> None:
    ramps = show(case, "offramps")
    assert {r["service"] for r in ramps} == {"Example Exchange"}
    found = {(r["address"], r["asset"]): (int(r["credited"]), int(r["swept"])) for r in ramps}
    assert found == {(one.address, asset(one.asset)): (one.arrived, one.swept) for one in staged.landings}


def test_what_the_issuer_froze_and_destroyed_is_found(case: Path, staged: Staged) -> None:
    findings = show(case, "findings")
    frozen = {f["subject"]: f["slots"] for f in findings if f["kind"] == "frozen"}
    iced = frozen[staged.frozen[0].address]
    assert (iced["amount"], iced["balance"]) == (str(staged.frozen[0].amount), str(staged.frozen[0].amount))
    assert (iced["by_events"], iced["by_call"]) == ("frozen", "frozen")
    (destroyed,) = [f for f in findings if f["kind"] == "destroyed"]
    assert (destroyed["subject"], destroyed["slots"]["destroyed"]) == (
        staged.destroyed[0].address,
        str(staged.destroyed[0].amount),
    )


def test_poisoned_transfers_are_listed_and_ignored(case: Path, staged: Staged) -> None:
    left = {(r["tx"], r["excluded"]) for r in show(case, "transfers") if r["excluded"]}
    why = {"zero-value": "zero-value", "dust": "address poisoning", "counterfeit": "look-alike of USDT"}
    assert {(one.transaction, why[one.kind]) for one in staged.poisoned} <= left
    assert not {one.transaction for one in staged.poisoned} & {f["tx"] for f in show(case, "flows")}
    assert [f["subject"] for f in show(case, "findings") if f["kind"] == "poisoning"] == [staged.names["mule1"]]


def test_the_drains_name_their_approvals(case: Path, staged: Staged) -> None:
    drains = {f["subject"]: f["slots"] for f in show(case, "findings") if f["kind"] == "drain"}
    for theft in staged.thefts:
        assert drains[theft.victim]["approvals"] == [theft.approval]
        assert theft.transaction in drains[theft.victim]["transactions"]


def test_receipts_are_proved_and_every_asset_adds_up(case: Path) -> None:
    followed = {f["tx"] for f in show(case, "flows")}
    assert {t["proof"] for t in show(case, "transactions") if t["id"] in followed} == {"included"}
    for found in show(case, "findings"):
        if found["kind"] == "conservation":
            slots = found["slots"]
            assert int(slots["began"]) + int(slots.get("exchanged", 0)) == int(slots["ended"])


@pytest.mark.slow
def test_with_the_node_off_the_same_bytes_come_of_the_exhibits(case: Path, tmp_path: Path) -> None:
    made_again(case, tmp_path, code=5)


def test_the_outside_verifier_gives_the_same_figures_and_proves_the_receipts(case: Path) -> None:
    said = outside.check(str(case))
    assert [row for row in said if row[1] == outside.FAILS] == []
    assert any(name == "figures" and answer == outside.HOLDS for name, answer, _ in said)
    assert any("transactions by receipts that the headers of" in detail for _, _, detail in said)
