"""What one exhibit lacks of a transaction is a gap only where no other exhibit of the case shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.core.scripted import GOLD, Coverage, World, pay

from recover.case import derived
from recover.sdk.batch import Record
from recover.sdk.records import Gap

KNOWN = Coverage(chain="bank:1", address=None)


def receipt(tx: str) -> Gap:
    return Gap(code="value-unknown", subject=f"bank:1:{tx}", why="Its receipt alone is here.", effect="Coin.")


def told(world: World) -> list[str]:
    case = world.case()
    rows = derived.load(case, case.derived / "ledger" / "gaps.parquet", "decode").to_pylist()
    return sorted(gap["subject"] for gap in rows if gap["code"] == "value-unknown")


@pytest.mark.parametrize("turned", [False, True])
def test_a_receipt_is_no_gap_where_another_exhibit_shows_its_transaction(turned: bool, tmp_path: Path) -> None:
    moved = pay("tone", ("avictim", "athief", 10, GOLD), minute=1)
    bare: list[Record] = [moved, pay("ttwo", ("athief", "aend", 10, GOLD), minute=2), KNOWN]
    bare += [receipt("tone"), receipt("ttwo")]
    whole: list[Record] = [pay("tone", ("avictim", "athief", 10, GOLD), minute=1, facts='{"value":"0"}')]
    found = World(tmp_path, *([whole, bare] if turned else [bare, whole])).run("decode")
    assert told(found) == ["bank:1:ttwo"], "what no exhibit shows is still said"


def test_without_the_other_exhibit_both_are_gaps(tmp_path: Path) -> None:
    moved = pay("tone", ("avictim", "athief", 10, GOLD), minute=1)
    assert told(World(tmp_path, [moved, KNOWN, receipt("tone")]).run("decode")) == ["bank:1:tone"]
