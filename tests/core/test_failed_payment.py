"""A victim's payment that failed on its chain: said as such, in the gap, on page 1 and in what is to be done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.core.scripted import GOLD, World, pay

from recover.report.limitations import _TRACED
from recover.trails.shortfalls import FAILED

PAID = pay("tpaid", ("avictim", "athief", 500, GOLD))


def test_a_payment_that_failed_is_called_failed(tmp_path: Path) -> None:
    world = World(tmp_path, [replace(PAID, failed=True)]).lose(tx="tpaid").run("write")
    (gap,) = [gap for gap in world.gaps() if gap["code"].startswith("loss-")]
    assert gap["code"] == FAILED in _TRACED
    assert "failed" in gap["why"]
    assert "stayed with the payer, unless it went by another transaction" in gap["effect"]
    assert gap["share"] == 1_000_000, "it stands among the limits that matter most"
    page = _text(world)
    assert "Tell the victim that the payment bank:1:tpaid failed on its chain" in page
    assert "None follows from the figures" not in page


def test_one_that_took_place_is_not(tmp_path: Path) -> None:
    world = World(tmp_path, [PAID]).lose(tx="tpaid").run()
    assert FAILED not in {gap["code"] for gap in world.gaps()}


def test_that_exhibits_differ_on_the_outcome_is_told_with_what_each_says(tmp_path: Path) -> None:
    world = World(tmp_path, [PAID], [replace(PAID, failed=True)]).lose(tx="tpaid").run()
    (gap,) = [gap for gap in world.gaps() if gap["code"] == "contradiction"]
    assert "disagree on its outcome (it failed by 2; it took place by 1)" in gap["why"]
    assert FAILED not in {gap["code"] for gap in world.gaps()}, "whether it failed is what is not known"


def _text(world: World) -> str:
    return " ".join(one.read_text() for one in sorted((world.path / "out").rglob("*.html")))
