"""Crossings out of a chain of coins: the output that pays the bridge goes on across, and the others as they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import COIN, GOLD, Coverage, World, cross, pay, spend
from tests.core.test_crossings import codes

from recover.sdk.batch import Record
from recover.sealing import recover_verify as outside

KNOWN = [Coverage(chain="coin:1", address=None), Coverage(chain="bank:1", address=None)]
PAID = [("avault", 80), ("achange", 15)]
BACK = pay("tin", (None, "afar", 990, GOLD), minute=5)


def world(folder: Path, *records: Record, **more: Any) -> World:
    """60 of 100 coins are stolen; the thief spends both into a bridge, with change, and the vault spends on."""
    begun: list[Record] = [
        spend("tclean", [], [("athief", 40)]),
        spend("tvictim", [], [("avictim", 60)]),
        spend("ttheft", [("tvictim", 0, "avictim", 60)], [("athief", 60)]),
        spend(
            "tout", [("ttheft", 0, "athief", 60), ("tclean", 0, "athief", 40)], [("avault", 80), ("achange", 15)]
        ),
        spend("tvault", [("tout", 0, "avault", 80)], [("aelse", 79)]),
    ]
    said = [cross("tout", "athief", (COIN, 80), "tin", "afar", (GOLD, 990), **{"source_leg": "0", **more})]
    found = World(folder, [*begun, *records, *KNOWN], said=said)
    return found.lose(tx="coin:1:ttheft", assets=(COIN.id,)).run()


def test_the_output_into_the_bridge_goes_on_across_and_no_further_on_its_chain(tmp_path: Path) -> None:
    found = world(tmp_path, BACK, fee="10")
    # fifo: the 60 stolen coins stand first, and all of them are in the 80 that went into the bridge.
    assert found.ends() == {
        ("1", "avault", "crossed"): 59,
        ("1", "avault", "bridge_fee"): 1,
        ("gold", "afar", "rest"): 743,
    }
    prorata = found.ends("prorata")
    assert (prorata["1", "avault", "crossed"], prorata["1", "achange", "rest"]) == (47, 9)
    assert codes(found) == {"crossing-untimed"}  # these coins have no block
    found.run("write")
    answers = outside.check(str(found.path))
    assert [row for row in answers if row[1] == outside.FAILS] == []
    assert {row[1] for row in answers if row[0] == "figures"} == {outside.HOLDS}


def test_what_is_open_stops_at_the_output(tmp_path: Path) -> None:
    found = world(tmp_path)
    assert found.ends() == {("1", "avault", "bridge"): 60}
    assert codes(found) == {"crossing-open"}


@pytest.mark.parametrize("leg", ["1", "7", None])
def test_another_output_than_is_said_is_not_followed_across(tmp_path: Path, leg: str | None) -> None:
    found = world(tmp_path, BACK, source_leg=leg)
    assert ("gold", "afar", "rest") not in found.ends()
    assert ("1", "aelse", "rest") in found.ends(), "by the movements alone"
    assert codes(found) & {"crossing-uneven", "crossing-unshown"}
