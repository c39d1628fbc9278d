"""Money that moves faster than its chain settles: followed at once, said, and asked again until it is settled."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from recover.capture import own
from recover.case import Case, open_for_writing
from recover.declared import losses
from recover.findings import stored
from recover.findings.unexamined import unexamined
from recover.plugins import registry
from recover.pursuit import beginning, follow
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.telling import Event
from recover.sdk.errors import Error
from recover.stages import open, run
from recover_chain_tron.testing.made import START, USDT, Owner, paid, token_items
from recover_chain_tron.testing.server import Double, Fault, serving

VICTIM, THIEF, SHOP = (Owner(name) for name in ("victim", "thief", "shop"))
THEFT = paid(VICTIM, THIEF.text, 5_000, at=START, height=60_000_001)
HOP = paid(THIEF, SHOP.text, 4_000, at=START + 20_000, height=60_000_008)
PAGES = {THIEF.text: token_items(THEFT) + token_items(HOP), SHOP.text: token_items(HOP)}


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture
def young() -> Double:
    """Forty seconds after the theft: nothing of it is settled. The shop's balance is frozen."""
    made = [replace(each, solid=False) for each in (THEFT, HOP)]
    held = {(USDT, SHOP.text): 4_000, (USDT, THIEF.text): 1_000}
    return Double(made=made, tokens=PAGES, balances=held, frozen=frozenset({(USDT, SHOP.text)}), at=START + 40_000)


def test_a_theft_of_this_minute_is_followed_from_its_link_to_a_freeze(tmp_path: Path, young: Double) -> None:
    plugins = registry.load()
    open.create(tmp_path / "case", title="Theft", examiner="N", agency="A", rule="fifo")
    young.faults = [Fault(kind="reset", path="trc20")]
    with serving(young) as base, open_for_writing(tmp_path / "case", "test") as case:
        mine = own.load({"trongrid": base})
        losses.declare(case, plugins, tx=f"https://tronscan.org/#/transaction/{THEFT.id}")
        run.everything(case, plugins, quiet, until="find", mine=mine)
        found = stored.findings(case)
        assert {(f.kind, f.subject, f.slots["amount"]) for f in found if f.kind in ("frozen", "freezable")} == {
            ("frozen", SHOP.text, 4_000),
            ("freezable", THIEF.text, 1_000),
        }
        assert codes(case) >= {"not-solid"}
        # Whoever reads it has loaded nothing of what a plugin defines.
        status = [
            sys.executable,
            "-c",
            "from recover_forensics import run; run()",
            "status",
            str(case.path),
            "--json",
        ]
        (told,) = json.loads(subprocess.run(status, capture_output=True, check=False).stdout)
        assert told["problem"] == ""
        assert "Settled" in {one["ask"] for one in told["open"]}
        # A few minutes later everything is settled: the same figures, and no gap of it is left.
        young.made, young.at = [THEFT, HOP], START + 600_000
        run.everything(case, plugins, quiet, until="find", mine=mine)
        again = stored.findings(case)
        assert [(f.kind, f.subject) for f in again] == [(f.kind, f.subject) for f in found]
        assert "not-solid" not in codes(case)


def codes(case: Case) -> set[str]:
    return set(unexamined(case).column("code").to_pylist())


def test_an_amount_is_held_against_its_transaction_before_it_is_declared(tmp_path: Path, young: Double) -> None:
    plugins = registry.load()
    open.create(tmp_path / "case", title="Theft", examiner="N", agency="A", rule="fifo")
    told: list[Event] = []
    with serving(young) as base, open_for_writing(tmp_path / "case", "test") as case:
        mine = own.load({"trongrid": base})

        def declare(amount: str | None, asset: str | None = "USDT") -> list[tuple[str, int | None]]:
            beginning.declare(case, plugins, mine, [f"tron:{THEFT.id}"], amount, asset, told.append)
            return [(loss.id, loss.amount) for loss in case.settings.losses]

        with pytest.raises(Error, match="larger than what transaction") as caught:
            declare("0.006")
        assert caught.value.code == "loss-too-large"
        assert "0.006000 USDT" in caught.value.why
        assert "0.005000 USDT" in caught.value.why
        assert not any(e.kind == "settings" and THEFT.id in e.body["text"] for e in case.entries)
        assert declare("0.0004") == [("L1", 400)]
        # A digit more was meant: nothing was traced yet, and the journal keeps both.
        assert declare("0.004") == [("L2", 4_000)], "an id is never another loss's"
        assert told[-2].facts["back"] is True
        assert declare("0.004") == declare(None) == declare(None, None) == [("L2", 4_000)]
        run.everything(case, plugins, quiet, until="trace", mine=mine)
        with pytest.raises(Error, match="is loss L2 of this case already") as caught:
            declare("0.003")
        assert "--drop L2" in caught.value.todo
        losses.drop(case, "L2")
        assert declare("0.003") == [("L3", 3_000)]


def test_an_amount_of_what_nobody_shows_is_not_declared(tmp_path: Path) -> None:
    plugins = registry.load()
    open.create(tmp_path / "case", title="Theft", examiner="N", agency="A", rule="fifo")
    with serving(Double()) as base, open_for_writing(tmp_path / "case", "test") as case:
        mine = own.load({"trongrid": base})
        with pytest.raises(Error, match="Nothing was collected"):
            beginning.declare(case, plugins, mine, [f"tron:{THEFT.id}"], "1", "USDT", lambda event: None)
        assert not case.settings.losses


def test_of_web_pages_alone_no_paper_is_made(
    tmp_path: Path, young: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are stored as exhibits like all that a server sends; but nothing collected is no report."""
    plugins, told = registry.load(), list[Event]()
    open.create(tmp_path / "case", title="Theft", examiner="N", agency="A", rule="fifo")
    young.faults = [Fault(kind="html", times=-1)]
    monkeypatch.setattr(follow, "_FIRST", 0)
    with serving(young) as base, open_for_writing(tmp_path / "case", "test") as case:
        losses.declare(case, plugins, tx=f"tron:{THEFT.id}")
        budget = Budget(seconds=2, requests=100)
        with pytest.raises(Error, match="Nothing was collected"):
            Pursuit(case=case, plugins=plugins, tell=told.append, budget=budget).run(own.load({"trongrid": base}))
        assert any(one.sources for one in case.used()), "what came is stored"
        assert {event.kind for event in told} >= {"failure", "progress"}
        assert "papers" not in {event.kind for event in told}
        assert not [*(tmp_path / "case" / "out").glob("*.pdf")]
