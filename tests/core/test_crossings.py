"""Crossings: traced value goes on on the other chain, in proportion, to the unit; or stops, and it is said why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, ODD, SILVER, THERE, Coverage, World, cross, pay, swap

from recover.case import derived, open_for_writing
from recover.declared import deeds
from recover.findings.affected import moving
from recover.findings.stored import findings
from recover.sdk.batch import Record
from recover.sdk.records import Assertion

KNOWN = [Coverage(chain="bank:1", address=None), Coverage(chain="bank:2", address=None)]


def world(folder: Path, *records: Record, said: list[Assertion]) -> World:
    """A thief who holds 40 clean and 60 stolen gold, and what he does with it."""
    begun: list[Record] = [
        pay("tclean", (None, "athief", 40, GOLD), minute=1),
        pay("ttheft", ("avictim", "athief", 60, GOLD), minute=2),
    ]
    found = World(folder, [*begun, *records, *KNOWN], said=said)
    return found.lose(tx="bank:1:ttheft", amount=60, assets=(GOLD.id,)).run()


def over(amount: int = 100, arrived: int = 99, minute: int = 5, **more: Any) -> list[Record]:
    """All of it into a bridge, and what came of it on the other chain, passed on there."""
    return [
        pay("tout", ("athief", "abridge", amount, GOLD), minute=3, **more),
        pay("tin", ("arelayer", "afar", arrived, THERE), minute=minute),
        pay("ton", ("afar", "aend", arrived, THERE), minute=minute + 1),
    ]


def codes(found: World) -> set[str]:
    return {g["code"] for g in found.gaps() if g["code"].startswith("crossing")}


def test_what_crossed_goes_on_and_the_fee_is_an_end_of_its_own(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 100), "tin", "afar", (THERE, 99), fee="1")]
    found = world(tmp_path, *over(), said=said)
    for rule in ("fifo", "lifo", "prorata"):
        # 60 of 100 are traced: of 99 that arrived 59.4, and of the fee 0.6, each to the nearest unit.
        assert found.ends(rule) == {
            ("gold", "athief", "crossed"): 59,
            ("gold", "athief", "bridge_fee"): 1,
            ("gilt", "aend", "rest"): 59,
        }, rule
    assert not codes(found)


def test_without_a_stated_fee_all_of_it_goes_on(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 100), "tin", "afar", (THERE, 5))]
    found = world(tmp_path, *over(arrived=5), said=said)
    assert found.ends() == {("gold", "athief", "crossed"): 60, ("gilt", "aend", "rest"): 3}


def test_an_open_end_stops_with_its_ask(tmp_path: Path) -> None:
    sought = [{"contract": "abridge", "topics": ["0x01", None]}]
    said = [cross("tout", "athief", (GOLD, 100), "", "afar", (THERE, 0), expected="98", sought=sought)]
    found = world(tmp_path, *over(), said=said)
    assert found.ends() == {("gold", "abridge", "bridge"): 60}
    (gap,) = [g for g in found.gaps() if g["code"] == "crossing-open"]
    assert gap["subject"] == "tout"
    assert gap["why"] == (
        "100 GOLD went into the bridge toy under the key 0x746f7574 to bank:2:afar, and no exhibit shows which "
        "payment is the other side. 98 GILT were promised there."
    )
    assert json.loads(gap["fill"]) == {
        "ask": "Crossing",
        "key": "0x746f7574",
        "protocol": "toy",
        "sought": '[{"contract":"abridge","topics":["0x01",null]}]',
        "to": "bank:2",
        "tx": ["bank:1", "tout"],
    }


def test_a_known_bridge_without_a_key_stops_by_name_and_asks_nothing(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 100), "", None, (THERE, 0), key="0x", level=3, to_chain="", into="")]
    found = world(tmp_path, *over(), said=said)
    assert found.ends() == {("gold", "abridge", "bridge"): 60}
    (gap,) = [g for g in found.gaps() if g["code"] == "crossing-open"]
    assert gap["fill"] is None
    assert "the bridge toy, and" in gap["why"]


def test_an_operators_answer_that_names_a_transaction_not_here_asks_for_it(tmp_path: Path) -> None:
    said = [cross("tout", "athief", (GOLD, 100), "tgone", "afar", (THERE, 99), level=2)]
    found = world(tmp_path, *over(), said=said)
    (gap,) = [g for g in found.gaps() if g["code"] == "crossing-open"]
    assert json.loads(gap["fill"]) == {"ask": "Details", "tx": ["bank:2", "tgone"]}


def test_a_refund_goes_on_as_the_same_loss(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 100, GOLD), minute=3),
        pay("tback", ("abridge", "athief", 95, GOLD), minute=9),
        pay("ton", ("athief", "aend", 95, GOLD), minute=10),
    ]
    said = [cross("tout", "athief", (GOLD, 100), "tback", "athief", (GOLD, 95), fee="5", refund=True)]
    found = world(tmp_path, *records, said=said)
    assert found.ends() == {
        ("gold", "athief", "crossed"): 57,
        ("gold", "athief", "bridge_fee"): 3,
        ("gold", "aend", "rest"): 57,
    }


def test_parts_of_one_deposit_each_carry_theirs_and_the_rest_is_open(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 100, GOLD), minute=3),
        pay("tone", ("arelayer", "afar", 30, THERE), minute=4),
        pay("ttwo", ("aother", "afar", 20, THERE), minute=5),
        pay("tback", ("abridge", "athief", 40, GOLD), minute=9),
    ]
    part = {"whole": "100"}
    said = [
        cross("tout", "athief", (GOLD, 30), "tone", "afar", (THERE, 30), **part),
        cross("tout", "athief", (GOLD, 20), "ttwo", "afar", (THERE, 20), **part),
        cross("tout", "athief", (GOLD, 40), "tback", "athief", (GOLD, 40), refund=True, **part),
    ]
    found = world(tmp_path, *records, said=said)
    assert found.ends() == {
        ("gold", "athief", "crossed"): 54,
        ("gold", "abridge", "bridge"): 6,
        ("gold", "athief", "rest"): 24,
        ("gilt", "afar", "rest"): 30,
    }
    assert codes(found) == {"crossing-open"}


def test_parts_that_sum_to_more_than_left_are_refused(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 100, GOLD), minute=3),
        pay("tone", ("arelayer", "afar", 60, THERE), minute=4),
        pay("ttwo", ("aother", "afar", 50, THERE), minute=5),
    ]
    said = [
        cross("tout", "athief", (GOLD, 60), "tone", "afar", (THERE, 60), whole="100"),
        cross("tout", "athief", (GOLD, 50), "ttwo", "afar", (THERE, 50), whole="100"),
    ]
    found = world(tmp_path, *records, said=said)
    assert (found.ends(), codes(found)) == ({("gold", "abridge", "bridge"): 60}, {"crossing-uneven"})


SAME = (GOLD, 100), "tin", "afar", (THERE, 99)


@pytest.mark.parametrize(
    ("code", "records", "said"),
    [
        pytest.param(
            "crossing-replayed",
            [*over(), pay("tagain", ("arelayer", "afar", 99, THERE), minute=8)],
            [cross("tout", "athief", *SAME), cross("tout", "athief", (GOLD, 100), "tagain", "afar", (THERE, 99))],
            id="two transactions claim one deposit",
        ),
        pytest.param(
            "crossing-replayed",
            [*over(50, 49), pay("tmore", ("athief", "abridge", 50, GOLD), minute=4)],
            [
                cross("tout", "athief", (GOLD, 50), "tin", "afar", (THERE, 49)),
                cross("tmore", "athief", (GOLD, 50), "tin", "afar", (THERE, 49)),
            ],
            id="two deposits claim one pay-out",
        ),
        pytest.param(
            "crossing-replayed",
            [*over(50, 49), pay("tmore", ("athief", "abridge", 50, GOLD), minute=4)],
            [
                cross("tout", "athief", (GOLD, 50), "tin", "afar", (THERE, 49), key="0x01"),
                cross("tmore", "athief", (GOLD, 50), "", "afar", (THERE, 0), key="0x01"),
            ],
            id="one key in two deposits",
        ),
        pytest.param(
            "crossing-elsewhere",
            over(),
            [cross("tout", "athief", *SAME, to_chain="bank:1")],
            id="another domain",
        ),
        pytest.param(
            "crossing-unshown",
            over(),
            [cross("tout", "athief", *SAME, into="")],
            id="chain and contract are right, and no movement is recorded",
        ),
        pytest.param(
            "crossing-uneven",
            over(),
            [cross("tout", "athief", (GOLD, 100), "tin", "afar", (THERE, 98))],
            id="amount",
        ),
        pytest.param(
            "crossing-unshown",
            over(),
            [cross("tout", "athief", (GOLD, 100), "tin", "aelse", (THERE, 99))],
            id="to",
        ),
        pytest.param(
            "crossing-unshown",
            over(),
            [cross("tout", "athief", (GOLD, 100), "tin", None, (THERE, 99))],
            id="nobody",
        ),
        *(
            pytest.param(code, over(), [cross("tout", "athief", *SAME, refused=word)], id=word)
            for word, code in (
                ("recipient", "crossing-recipient"),
                ("unlike", "crossing-unlike"),
                ("a word of its own", "crossing-unlike"),
            )
        ),
        pytest.param(
            "crossing-unlisted",
            [
                pay("tout", ("athief", "abridge", 100, GOLD), minute=3),
                pay("tin", ("arelayer", "afar", 99, ODD), minute=5),
            ],
            [cross("tout", "athief", (GOLD, 100), "tin", "afar", (ODD, 99))],
            id="an asset that no register lists",
        ),
        pytest.param(
            "crossing-replayed",
            [
                pay("tout", ("athief", "abridge", 100, GOLD), ("aother", "abridge", 50, GOLD), minute=3),
                pay("tin", ("arelayer", "afar", 99, THERE), minute=5),
            ],
            [
                cross("tout", "athief", *SAME),
                cross("tout", "aother", (GOLD, 50), "", "afar", (THERE, 0)),
            ],
            id="one key of two senders in one transaction",
        ),
        pytest.param(
            "crossing-uneven", over(), [cross("tout", "athief", *SAME, fee="-1")], id="a fee that is none"
        ),
        pytest.param("crossing-version", over(), [cross("tout", "athief", *SAME, level=0)], id="no level"),
        pytest.param(
            "crossing-early",
            [
                pay("tin", ("arelayer", "afar", 99, THERE), minute=1),
                pay("tout", ("athief", "abridge", 100, GOLD), minute=70),
            ],
            [cross("tout", "athief", *SAME)],
            id="a pay-out long before its deposit",
        ),
        pytest.param(
            "crossing-version", over(), [cross("tout", "athief", *SAME, refused="version")], id="unknown version"
        ),
        pytest.param(
            "crossing-failed",
            [
                pay("tout", ("athief", "abridge", 100, GOLD), minute=3),
                pay("tin", ("arelayer", "afar", 99, THERE), minute=5, failed=True),
            ],
            [cross("tout", "athief", *SAME)],
            id="the pay-out failed",
        ),
    ],
)
def test_what_is_refused_stops_and_is_named(
    tmp_path: Path, code: str, records: list[Record], said: list[Assertion]
) -> None:
    found = world(tmp_path, *records, said=said)
    assert codes(found) == {code}
    assert not {key for key in found.ends() if key[0] == "gilt"}, "nothing of it is followed"
    assert found.ends()["gold", "abridge", "bridge"] == 60
    effects = {g["effect"] for g in found.gaps() if g["code"] == code}
    assert not any(
        "whole transaction" in each for each in effects if code in ("crossing-unlisted", "crossing-early")
    )


def test_what_did_not_leave_as_it_is_said_is_followed_by_the_movements_alone(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[cross("tout", "athief", (GOLD, 101), "tin", "afar", (THERE, 99))])
    assert codes(found) == {"crossing-uneven"}
    assert found.ends() == {("gold", "abridge", "rest"): 60}


def test_a_deposit_that_failed_carries_nothing(tmp_path: Path) -> None:
    found = world(tmp_path, *over(failed=True), said=[cross("tout", "athief", *SAME)])
    assert found.ends() == {("gold", "athief", "rest"): 60}


def test_a_relayer_may_pay_a_little_ahead(tmp_path: Path) -> None:
    found = world(tmp_path, *over(minute=1), said=[cross("tout", "athief", *SAME)])
    assert found.ends()["gilt", "aend", "rest"] == 59
    (gap,) = [g for g in found.gaps() if g["code"].startswith("crossing")]
    assert (gap["code"], gap["subject"]) == ("crossing-ahead", "tin")
    assert "2026-01-01T00:01:00Z" in gap["why"]
    assert "2026-01-01T00:03:00Z" in gap["why"]
    assert "an hour" in gap["effect"]


def test_a_circle_of_crossings_ends(tmp_path: Path) -> None:
    """Each pay-out stands before its deposit by less than an hour: round and round, value would feed itself."""
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 100, GOLD), minute=30),
        pay("tin", ("arelayer", "afar", 99, THERE), minute=10),
        pay("tagain", ("afar", "abridge", 99, THERE), minute=11),
        pay("thome", ("arelayer", "athief", 98, GOLD), minute=5),
    ]
    said = [
        cross("tout", "athief", *SAME),
        cross("tagain", "afar", (THERE, 99), "thome", "athief", (GOLD, 98)),
    ]
    found = world(tmp_path, *records, said=said)
    assert codes(found) == {"crossing-early"}


def test_there_and_back_again(tmp_path: Path) -> None:
    records: list[Record] = [
        *over(),
        pay("tagain", ("aend", "abridge", 99, THERE), minute=8),
        pay("thome", (None, "acash", 98, GOLD), minute=9),
    ]
    said = [
        cross("tout", "athief", *SAME, fee="1"),
        cross("tagain", "aend", (THERE, 99), "thome", "acash", (GOLD, 98), fee="1"),
    ]
    found = world(tmp_path, *records, said=said)
    assert found.ends() == {
        ("gold", "athief", "crossed"): 59,
        ("gold", "athief", "bridge_fee"): 1,
        ("gilt", "aend", "crossed"): 58,
        ("gilt", "aend", "bridge_fee"): 1,
        ("gold", "acash", "rest"): 58,
    }


def test_a_crossing_says_more_than_a_swap_of_the_same_payment(tmp_path: Path) -> None:
    records: list[Record] = [
        pay("tout", ("athief", "abridge", 100, GOLD), ("abridge", "athief", 3, SILVER), minute=3),
        pay("tin", ("arelayer", "afar", 99, THERE), minute=5),
    ]
    said = [swap("tout", "athief", (GOLD, 100), (SILVER, 3)), cross("tout", "athief", *SAME)]
    found = world(tmp_path, *records, said=said)
    assert found.ends() == {("gold", "athief", "crossed"): 60, ("gilt", "afar", "rest"): 59}


def test_a_candidate_is_followed_only_after_a_person_accepted_it(tmp_path: Path) -> None:
    said = [cross("tout", "athief", *SAME, level=3, fee="1")]
    found = world(tmp_path, *over(), said=said)
    assert found.ends() == {("gold", "abridge", "bridge"): 60}
    assert codes(found) == {"crossing-open"}
    with open_for_writing(found.path, "test") as case:
        (one,) = [f for f in findings(case) if f.kind == "crossing-candidate"]
        deeds.review(case, one, accept=True, by="An Examiner", reason="The operator's support said so.")
    assert found.run().ends()["gilt", "aend", "rest"] == 59
    assert not codes(found)
    with open_for_writing(found.path, "test") as case:
        deeds.undo(case, 1, by="An Examiner", reason="It was another payment.")
    assert found.run().ends() == {("gold", "abridge", "bridge"): 60}


def test_an_inflow_over_a_bridge_asks_who_sent_it(tmp_path: Path) -> None:
    sought = [{"contract": "abridge", "topics": ["0x01"]}]
    arrival = cross("tin", "", (GOLD, 0), "tin", "afar", (THERE, 99), key="0x07", sought=sought)
    records: list[Record] = [pay("tin", (None, "afar", 99, THERE), minute=5), *KNOWN]
    found = World(tmp_path, records, said=[replace(arrival, asset=None, transactions=("tin",))])
    found.lose(address="bank:2:afar").run()
    (gap,) = [g for g in found.gaps() if g["code"] == "crossing-begun"]
    assert json.loads(gap["fill"]) == {
        "ask": "Crossing",
        "key": "0x07",
        "protocol": "toy",
        "sought": '[{"contract":"abridge","topics":["0x01"]}]',
        "to": "bank:1",
        "tx": ["bank:2", "tin"],
    }
    assert found.ends() == {("gilt", "afar", "rest"): 99}
    # Where what is declared came from changes no figure, however much it was.
    assert "crossing-begun" not in moving(derived.read(found.case(), "gaps"), 0)["code"].to_pylist()
