"""Crossings in doubt: whose movement one is, whether one was traced at all, and when its sides were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.scripted import GOLD, THERE, cross, pay
from tests.core.test_crossings import SAME, codes, over, world
from tests.core.test_crossings_told import said as told

from recover.case import derived, open_for_writing
from recover.declared import deeds
from recover.findings.affected import moving
from recover.findings.stored import findings
from recover.sdk.batch import Record
from recover.sdk.records import Transaction


def test_whose_movement_it_is_stays_open_where_two_fit(tmp_path: Path) -> None:
    said = [cross("tout", who, *SAME, refused="twin") for who in ("athief", "aother")]
    found = world(tmp_path, *over(), said=said)
    assert codes(found) == {"crossing-twin"}
    assert found.ends() == {("gold", "abridge", "rest"): 60}


def test_a_payment_that_carried_nothing_traced_is_not_told_of(tmp_path: Path) -> None:
    """The thief crosses twice in one transaction, under FIFO the first time with his own 40 alone."""
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 40, GOLD), ("athief", "abridge", 60, GOLD), minute=3),
        pay("tin", ("arelayer", "afar", 59, THERE), minute=5),
    ]
    said = [
        cross("tout", "athief", (GOLD, 40), "tin", "afar", (THERE, 39), key="0x01", refused="version"),
        cross("tout", "athief", (GOLD, 60), "tin", "afar", (THERE, 59), key="0x02"),
    ]
    found = world(tmp_path, *records, said=said)
    assert codes(found) == set()
    assert found.ends()["gilt", "afar", "rest"] == 59


def test_a_planted_claimant_does_not_make_what_is_followed_not_followed(tmp_path: Path) -> None:
    planted = cross("tout", "athief", (GOLD, 100), "tfake", "afar", (THERE, 99), refused="domain")
    found = world(tmp_path, *over(), said=[cross("tout", "athief", *SAME), planted])
    assert found.ends()["gilt", "aend", "rest"] == 59
    (gap,) = [g for g in found.gaps() if g["code"].startswith("crossing")]
    assert (gap["code"], gap["subject"]) == ("crossing-unused", "tfake")
    assert "is not followed" not in gap["why"]
    assert "No figure changes" in gap["effect"]


def test_what_the_payment_says_is_its_own_and_no_refused_arrival_s(tmp_path: Path) -> None:
    wrong = cross("tout", "athief", (GOLD, 100), "tin", "aelse", (THERE, 99), refused="domain")
    own = cross("tout", "athief", (GOLD, 100), "", "afar", (THERE, 0))
    for n, (given, to) in enumerate((([wrong], ("", "", "")), ([own, wrong], ("bank:2", "afar", THERE.id)))):
        found = world(tmp_path / f"{n}", *over(), said=given)
        claimed, row = derived.read(found.case(), "crossings").to_pylist()
        assert (claimed["state"], claimed["why"]) == ("claimed", row["state"])
        assert row["state"] == "crossing-elsewhere"
        assert (row["to_chain"], row["to_address"], row["into"]) == to


@pytest.mark.parametrize("late", ["tout", "tin"])
def test_a_side_whose_time_no_exhibit_states_is_told_and_asked_for(tmp_path: Path, late: str) -> None:
    made = (r for r in over() if isinstance(r, Transaction))
    records = [replace(r, time=None) if r.id == late else r for r in made]
    found = world(tmp_path, *records, said=[cross("tout", "athief", *SAME)])
    assert any(key[0] == "gilt" for key in found.ends())
    (gap,) = [g for g in found.gaps() if g["code"].startswith("crossing")]
    assert (gap["code"], gap["subject"]) == ("crossing-untimed", late)
    assert json.loads(gap["fill"])["tx"] == ["bank:1" if late == "tout" else "bank:2", late]
    assert not [key for key in moving(derived.read(found.case(), "gaps"), 0)["share"].to_pylist() if not key]


def test_of_two_candidates_the_one_that_a_person_accepts_is_followed_and_papers_say_so(tmp_path: Path) -> None:
    records = [*over(), pay("tother", ("arelayer", "afar", 98, THERE), minute=6)]
    open_ = cross("tout", "athief", (GOLD, 100), "", "afar", (THERE, 0))
    near, far = (
        cross("tout", "athief", (GOLD, 100), tx, "afar", (THERE, n), level=3, fee="1")
        for tx, n in (("tin", 99), ("tother", 98))
    )
    noted = "Candidate 1 of 2 by rate and time."
    said = [open_, far, replace(near, note=noted)]
    found = world(tmp_path, *records, said=said)
    assert (found.ends(), codes(found)) == ({("gold", "abridge", "bridge"): 60}, {"crossing-open"})
    with open_for_writing(found.path, "test") as case:
        listed = [f for f in findings(case) if f.kind == "crossing-candidate"]
        assert [f.slots["to_transaction"] for f in listed] == ["tin", "tother"]
        deeds.review(
            case, listed[0], accept=True, by="An Examiner", reason="The amount is odd, and no other fits."
        )
    for language, words in (
        ("en", f"no key ties the two. {noted} It is followed"),
        ("th", "รายการที่เป็นไปได้ลำดับที่ 1 จาก 2"),
    ):
        assert any(words in text for text in told(found, language))
    assert found.run().ends()["gilt", "aend", "rest"] == 59
    assert not codes(found)
    assert any("which a person accepted as the other side" in text for text in told(found))
