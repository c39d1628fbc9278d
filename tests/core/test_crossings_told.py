"""What papers say of crossings: one sentence with both transactions and the key, in English and in Thai."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.scripted import GOLD, THERE, World, cross, pay
from tests.core.test_crossings import SAME, over, world

from recover.cli.main import main
from recover.findings import view
from recover.plugins import registry
from recover.report import phrases, sentences
from recover.report.texts import Texts
from recover.sealing import recover_verify as outside

_LOADED = registry.load()
REPORT = _LOADED.templates["report"].folder
PHRASES = phrases.folders([*_LOADED.templates.values()])


def said(found: World, language: str = "en") -> list[str]:
    """What the report says of crossings."""
    seen = view.load(found.case(), found.plugins)
    texts = Texts.load(REPORT, language, PHRASES)
    kinds = {f.id: f.kind for f in seen.findings}
    return [p.text for p in sentences.points(seen, texts) if kinds[p.number].startswith("crossing")]


def test_a_crossing_is_one_sentence_with_both_transactions_and_the_key(tmp_path: Path) -> None:
    found = world(tmp_path, *over(), said=[cross("tout", "athief", *SAME, fee="1")])
    (told,) = said(found)
    assert told == (
        "In transaction tout, athief sent 100 GOLD into the bridge toy; in transaction tin on bank:2, afar "
        "received 99 GILT for it, and both transactions record the key 0x746f7574. The bridge, or who paid "
        "out for it, kept 1 GILT. Under rule fifo, 60 GOLD of what was sent was traced value, and 59 GILT of "
        "what arrived is traced on, in proportion. Grade A (confirmed)."
    )
    doubted = replace(cross("tout", "athief", *SAME, fee="1"), note="Anybody can write this key.")
    (again,) = said(world(tmp_path / "doubted", *over(), said=[doubted]))
    assert again == told.replace("kept 1 GILT.", "kept 1 GILT. Anybody can write this key.")
    (thai,) = said(found, "th")
    assert all(text in thai for text in ("tout", "tin", "0x746f7574", "athief", "afar", "toy"))
    assert not re.search(r"\b(sent|into|bridge|traced|both)\b", thai)


def test_a_case_with_crossings_is_written_and_the_outside_verifier_holds_it(tmp_path: Path) -> None:
    records = [
        *over(),
        pay("tback", ("abridge", "athief", 7, GOLD), minute=9),
        pay("tagain", ("aend", "aother", 60, THERE), minute=9),
    ]
    claims = [
        cross("tout", "athief", (GOLD, 80), "tin", "afar", (THERE, 99), fee="1", whole="100"),
        cross("tout", "athief", (GOLD, 10), "tback", "athief", (GOLD, 7), fee="3", whole="100", refund=True),
        cross("tagain", "aend", (THERE, 60), "", "athief", (GOLD, 0), expected="59"),
    ]
    found = world(tmp_path, *records, said=claims).run("write")
    answers = outside.check(str(found.path))
    assert [row for row in answers if row[1] == outside.FAILS] == []
    assert {row[1] for row in answers if row[0] in ("figures", "result.json")} == {outside.HOLDS}
    back, there, rest, again = said(found)
    assert "sent 80 GOLD into" in there
    assert "7 GOLD came back to athief, and both transactions record" in back
    assert "sent 10 GOLD into" in rest
    assert "; 59 GOLD were promised there. " in again
    assert len(said(found, "th")) == 4
    for name in ("report.html", "annex/findings.csv", "totals.csv"):
        assert (found.path / "out" / name).read_text("utf-8")
    assert "crossing carried" in (found.path / "out/totals.csv").read_text("utf-8")
    assert "crossing-open amount" in (found.path / "out/totals.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "settles"),
    [
        ({"refused": "recipient"}, "The bridge's operator can say which"),
        ({"refused": "unfinal"}, "An exhibit of that transaction whole"),
    ],
)
def test_a_recorded_other_side_that_is_not_followed_is_named_with_what_would_settle_it(
    tmp_path: Path, more: dict[str, Any], settles: str
) -> None:
    found = world(tmp_path, *over(), said=[cross("tout", "athief", *SAME, **more)])
    opened, claimed = said(found)
    assert "60 GOLD of it was traced value, and stops there" in opened
    assert claimed.startswith(
        "Transaction tin on bank:2 is recorded as the other side of what athief sent into the bridge toy in "
        "transaction tout, 100 GOLD under the key 0x746f7574: 99 GILT to afar. "
        "It is a candidate and is not followed: "
    )
    assert settles in claimed
    (gap,) = [g for g in found.gaps() if g["code"].startswith("crossing")]
    assert "Recorded as its other side is 99 GILT to bank:2:afar by transaction tin." in gap["why"]
    assert found.ends() == {("gold", "abridge", "bridge"): 60}
    assert all("tin" in text for text in said(found, "th")[1:])


def test_a_recorded_other_side_without_an_amount_is_named_by_its_transaction(tmp_path: Path) -> None:
    bare = cross("tout", "athief", (GOLD, 100), "tin", "afar", (THERE, 0), refused="unlike")
    found = world(tmp_path, *over(), said=[bare])
    claimed = said(found)[1]
    assert "100 GOLD under the key 0x746f7574. It is a candidate and is not followed" in claimed
    (gap,) = [g for g in found.gaps() if g["code"].startswith("crossing")]
    assert "Recorded as its other side is transaction tin on bank:2." in gap["why"]


def test_of_two_that_claim_one_key_both_are_named(tmp_path: Path) -> None:
    records = [*over(), pay("tother", ("arelayer", "afar", 98, THERE), minute=6)]
    two = [cross("tout", "athief", (GOLD, 100), tx, "afar", (THERE, n)) for tx, n in (("tin", 99), ("tother", 98))]
    found = world(tmp_path, *records, said=two)
    assert [text[:18] for text in said(found)[1:]] == ["Transaction tin on", "Transaction tother"]
    (gap,) = [g for g in found.gaps() if g["code"] == "crossing-replayed"]
    assert "99 GILT to bank:2:afar by transaction tin" in gap["why"]
    assert "98 GILT to bank:2:afar by transaction tother" in gap["why"]


def test_a_crossing_is_listed_with_both_its_legs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [cross("tout", "athief", *SAME, fee="1")]
    found = world(tmp_path, *over(), said=said)
    for more in ([], ["--address", "afar"], ["--tx", "tin"], ["--loss", "L1"], ["--least", "100"]):
        assert main(["show", str(found.path), "crossings", "--json", *more]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert row == {
            "state": "followed",
            "why": "",
            "protocol": "toy",
            "key": "0x746f7574",
            "level": 1,
            "accepted": False,
            "refund": False,
            "fee": "1",
            "grade": "A",
            "method": "scripted-says 1",
            "note": "",
            "source": {
                "chain": "bank:1",
                "tx": "tout",
                "address": "athief",
                "asset": GOLD.id,
                "amount": "100",
                "traced": "60",
                "leg": [2],
            },
            "destination": {
                "chain": "bank:2",
                "tx": "tin",
                "address": "afar",
                "asset": THERE.id,
                "amount": "99",
                "promised": "",
                "traced": "59",
                "leg": [3],
            },
            "exhibits": [1],
        }
    assert main(["show", str(found.path), "crossings", "--json", "--least", "101"]) == 0
    assert not json.loads(capsys.readouterr().out)
    assert main(["show", str(found.path), "crossings"]) == 0
    assert "toy" in capsys.readouterr().out
