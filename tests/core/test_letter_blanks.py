"""What nobody filled: a blank that the letter needs refuses its issue, and any other leaves no trace in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.core.test_letter_rules import desk, letter

from recover.letters import outgoing, paper, renderings
from recover.letters.matter import Matter
from recover.sdk import Error

ABOUT: dict[str, tuple[str, ...]] = {
    "bank": ("account=TH00 1234; holder=other; direction=credited; amount=50 THB; time=2026-11-20T10:00Z",),
    "platform": ("https://a.example/1",),
    "isp": ("address=192.0.2.1; time=2026-11-20T10:00Z",),
    "registrar": ("shop.example",),
    "enquiry": ("0xabc",),
    "freeze-chain": ("0xabc",),
    "freeze-issuer": ("0xabc",),
}
ABOUT["freeze-bank"] = ABOUT["bank"]
MEASURES = ("freeze", "freeze-bank", "freeze-chain", "freeze-issuer")


def bare(kind: str, /, *, issued: bool = True, language: str = "en", **more: Any) -> Matter:
    """A letter in which nothing is filled that it can go out without."""
    said: dict[str, Any] = {"kind": kind, "id": f"acme-{kind}", "urgent": "", "language": language}
    said |= {"about": ABOUT.get(kind, ()), "facts": "A sale.", "court": "High Court", "claim": "Fraud"}
    said |= {
        "instructed_by": "V-7K2M9Q",
        "reply_by": "2026-12-05",
        "why": "nothing came",
        "of": "acme-preserve-v1",
    }
    m = letter(**(said | more))
    return replace(m, files={"acme.csv": "ab" * 32}, issued=m.issued if issued else None)


def text(m: Matter) -> str:
    return renderings.plain(m, paper.brief(m)).decode()


def refused(m: Matter) -> str:
    try:
        outgoing.whole({"x.txt": text(m).encode()}, desk(), m.choice, m.choice.language, paper.addressed(m))
    except Error as error:
        return error.why
    return ""


@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.parametrize("kind", sorted(desk().kinds))
def test_a_blank_refuses_or_was_never_needed(kind: str, language: str) -> None:
    draft, m = bare(kind, issued=False, language=language), bare(kind, language=language)
    t = m.texts
    may = t.entries["complete.may"].partition("{")[0]
    must = t.entries["complete.mark"].partition("{")[0]
    # A draft says of each whether it has to be filled; what goes out holds nothing of those that have not.
    assert may not in text(m)
    spared = [line for line in text(draft).splitlines() if may in line]
    gone = [line for line in text(draft).splitlines() if must in line and line not in text(m).splitlines()]
    assert [line for line in gone if t.say("head.issued_todo") not in line] == [], "no blank of a draft vanishes"
    assert spared, "its addressee's address at least"
    if kind in MEASURES:
        assert "L17: facts known to the sender that show a risk of loss (--urgent)" in refused(m)
        assert "L17" not in refused(bare(kind, language=language, urgent="It moves tonight."))
    else:
        assert "--urgent" not in refused(m)
    assert not re.search(r"[:;,(] *\n(?:\n|$)", text(m)), "no sentence breaks off"
    assert " ()" not in text(m)


@pytest.mark.parametrize(
    ("kind", "left", "told"),
    [
        ("freeze", {"entity": ""}, "L07: legal entity to be confirmed (--entity)"),
        (
            "notice",
            {"facts": ""},
            "L12: facts of the matter in at most one page",
        ),
        ("notice", {"court": ""}, "L19: court to which an application is intended (--court)"),
        ("preserve", {"until": ""}, "L18: day until which the sender asks for it (--until)"),
        ("police-report", {"facts": ""}, "L12: "),
        ("enquiry", {"reply_by": ""}, "day by which an answer is asked for (--reply-by)"),
        ("follow-up", {"why": ""}, "what remains open (--reason)"),
    ],
)
def test_what_a_kind_needs_is_named_by_its_rule_and_remedy(kind: str, left: dict[str, Any], told: str) -> None:
    assert told in refused(bare(kind, urgent="It moves.", **left))
    assert told not in refused(bare(kind, urgent="It moves."))


def test_records_are_kept_without_a_hurry_of_their_own() -> None:
    part = text(bare("preserve")).split("Why now")[1].split("\n\n")[1]
    assert part.strip() == (
        "Records and logs can be deleted in the ordinary course of business, and are then not to be had again."
    )
    draft = text(bare("preserve", issued=False))
    assert "[may be added: facts known to the sender that show a risk of loss]" in draft


@pytest.mark.parametrize(
    ("language", "term", "loose"),
    [("en", "computer traffic data", "transactional data"), ("th", "ข้อมูลจราจรทางคอมพิวเตอร์", "ข้อมูลธุรกรรม")],
)
@pytest.mark.parametrize("kind", ["platform", "isp"])
def test_a_letter_on_the_act_asks_for_records_by_its_term(kind: str, language: str, term: str, loose: str) -> None:
    told = [
        text(bare(kind, language=language, role="competent_authority", basis=basis, addressee=kind))
        for basis in ("th.cca26", "none-voluntary")
    ]
    assert [term in one for one in told] == [True, False]
    assert [loose in one for one in told] == [False, True]
