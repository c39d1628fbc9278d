"""What an addressee holds by its own rules: a clock with its source; and days at odd places of a calendar."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_letter_gates import at
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool

from recover.case import open_for_reading
from recover.letters import clocks, docket, drafts, holds
from recover.letters.life import Act, Choice, Letter
from recover.plugins import registry
from recover.registers import addressees
from recover.sdk import Addressee, Error
from recover.sdk.addressee import Time

__all__ = ["templates", "tool", "worked"]

KNOWN = addressees.load(registry.load().templates["addressees"])
Done = tuple[str, str, dict[str, str]]


def one(*done: Done, role: str = "competent_authority", kind: str = "freeze", until: str = "") -> Letter:
    found = Letter("a-1", choice=Choice(id="a-1", kind=kind, role=role, until=until, number=1))
    found.acts = [
        Act(act=act, number=n, time=at(time), version=1, said={"by": "X", **said})
        for n, (act, time, said) in enumerate(done, 2)
    ]
    return found


def ends(letter: Letter, entry: Addressee, asks: str = "freeze") -> dict[str, datetime]:
    return {term.kind: term.due for term in holds.terms(letter, 1, entry, asks)}


ISSUED: Done = ("issue", "2024-01-30T10:00:00+00:00", {})
SENT: Done = ("sent", "2024-01-31T10:00:00+00:00", {})
GOT: Done = ("acknowledge", "2024-02-03T10:00:00+00:00", {"received": "2024-02-01T10:00:00+00:00"})
HELD: Done = ("answer", "2024-02-05T10:00:00+00:00", {"held": "12 USDT"})
NONE: Done = ("answer", "2024-02-05T10:00:00+00:00", {})


@pytest.mark.parametrize(
    ("done", "due"),
    [
        ([ISSUED], None),  # nothing reached it
        ([ISSUED, SENT], "2024-03-01T10:00:00+00:00"),  # 30 days over 29 February
        ([ISSUED, SENT, GOT], "2024-03-02T10:00:00+00:00"),
        ([ISSUED, SENT, GOT, HELD], "2024-03-02T10:00:00+00:00"),  # the hold began no earlier than the receipt
        ([ISSUED, HELD], "2024-02-29T10:00:00+00:00"),  # of the receipt nobody said anything: from the issue
        ([ISSUED, SENT, NONE], None),  # it answered, and holds nothing that it said
    ],
)
def test_an_addressees_own_term_runs_from_what_reached_it(done: list[Done], due: str | None) -> None:
    found = [*holds.terms(one(*done), 1, KNOWN["kucoin"], "freeze")]
    assert [term.due for term in found] == ([at(due)] if due else [])
    for term in found:
        assert (term.kind, term.confirmed) == ("hold", False)
        assert term.basis == "kucoin"
        assert "lifted after 30 days" in term.says
        assert "2026-08-31, cites own page" in term.source
        assert term.reckoned is (SENT not in done)


def test_whose_letter_of_what_kind_and_with_what_day_it_is_decides_the_term() -> None:
    sent = (ISSUED, SENT)
    assert ends(one(*sent, until="2025-01-01"), KNOWN["kucoin"]) == {}, "the letter names a day itself"
    assert ends(one(*sent, until="2025-01-01"), KNOWN["mexc"]) == {"hold": at("2024-03-01T10:00:00+00:00")}
    assert ends(one(*sent), KNOWN["mexc"], "preserve") == {"records": at("2024-03-31T10:00:00+00:00")}
    assert ends(one(*sent, HELD), KNOWN["mexc"], "preserve").keys() == {"hold", "records"}
    assert ends(one(*sent), KNOWN["mexc"], "enquiry") == {}
    assert ends(one(*sent), KNOWN["binance"]) == {}, "its seven days are for a victim"
    assert ends(one(*sent, role="victim"), KNOWN["binance"]) == {"report": at("2024-02-07T10:00:00+00:00")}
    assert ends(one(*sent, role="counsel"), KNOWN["gate"]) == {"report": at("2024-02-01T10:00:00+00:00")}
    assert ends(one(*sent), KNOWN["okx"]) == {}, "no source says how long"


def test_what_its_answer_says_counts_in_place_of_the_register() -> None:
    said = ("answer", "2024-02-05T10:00:00+00:00", {"held": "12 USDT", "held_until": "2024-12-31T17:00:00+00:00"})
    (term,) = holds.terms(one(ISSUED, SENT, said), 1, KNOWN["kucoin"], "freeze")
    assert (term.due, term.basis, term.confirmed) == (at("2024-12-31T17:00:00+00:00"), "answer", True)
    assert [*holds.terms(one(ISSUED, SENT, said), 1, None, "freeze")] == [term], "of any addressee"


def test_an_answer_of_nothing_ends_every_clock_of_the_registers_until_another_answer() -> None:
    none: Done = ("answer", "2024-02-05T10:00:00+00:00", {"held": "0"})
    renewed: Done = ("renew", "2024-02-06T10:00:00+00:00", {})
    for asks in ("preserve", "freeze"):
        assert ends(one(ISSUED, SENT), KNOWN["mexc"], asks)
        assert ends(one(ISSUED, SENT, none), KNOWN["mexc"], asks) == {}
        assert ends(one(ISSUED, SENT, none, renewed), KNOWN["mexc"], asks) == {}
    assert ends(one(ISSUED, SENT, none, HELD), KNOWN["mexc"], "preserve").keys() == {"hold", "records"}


def renewable() -> Addressee:  # it holds for thirty days, and again where it is asked
    (time,) = [t for t in KNOWN["mexc"].times if t.holds == "value"]
    return replace(KNOWN["mexc"], times=(replace(time, renewable=True),))


def test_a_renewal_counts_from_the_end_of_the_term_and_only_where_a_source_knows_one() -> None:
    asked: Done = ("renew", "2024-03-20T09:00:00+00:00", {})
    early: Done = ("renew", "2024-01-31T11:00:00+00:00", {})
    for done in (asked, early):  # 60 and 60 from 31 January: one that is asked for at once is not lost
        found = ends(one(ISSUED, SENT, done), KNOWN["mexc"], "preserve")
        assert found == {"records": at("2024-05-30T10:00:00+00:00")}
    assert ends(one(ISSUED, SENT, asked), KNOWN["mexc"]) == {"hold": at("2024-03-01T10:00:00+00:00")}


def test_after_its_withdrawal_was_sent_nothing_is_held() -> None:
    gone = one(ISSUED, SENT, HELD)
    gone.ended = True
    assert ends(gone, KNOWN["kucoin"]) == {}


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ('holds = "value"', "how long"),
        ('holds = "value"\ndays = 3\nhours = 4', "how long"),
        ("days = 3", "how long"),
        ('holds = "everything"\ndays = 3', "not one of value, records"),
        ('holds = "value"\ndays = -3', "no whole number"),
        ('holds = "value"\ndays = true', "no whole number"),
        ('holds = "value"\ndays = 3\nunsaid = "yes"', "neither true nor false"),
        ('holds = "value"\ndays = 3\nsender = "everybody"', "not one of official"),
        ("renewable = true", "of what holds something"),
        ('holds = "value"\ndays = 3\nrenewable = true\nsender = "private"', ""),
    ],
)
def test_a_term_says_of_what_and_how_long(rows: str, wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    said = 'what = "freeze"\nvalue = "some"\nsource = "a page"\nas_of = ""\nconfidence = "told"\n'
    status = '[status]\nvalue = ""\ntext = ""\nsource = ""\nas_of = ""\nconfidence = ""\n'
    head = 'id = "x"\nkind = "exchange"\nbrand = "X"\naliases = []\ndomains = []\nlooked = "2026-11-28"\n'
    file.write_text(f"{head}{status}[[times]]\n{said}{rows}\n")
    if wrong:
        with pytest.raises(Exception, match=wrong):
            addressees.read([file])
    else:
        assert addressees.read([file])["x"].times[0].renewable is True


def test_every_time_that_is_a_term_says_so() -> None:
    """A freeze or preservation of so many days, in words alone, would be a clock that nobody hears."""
    bare = [
        (entry.id, time.value)
        for entry in KNOWN.values()
        for time in entry.times
        if any(word in time.what for word in ("freeze", "preservation"))
        and any(word in time.value for word in ("day", "week", "hour"))
        and not time.holds
    ]
    assert bare == []


# in the list, the status and the calendar


def test_a_hold_stands_in_list_status_and_calendar_with_its_source(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recover.cli import main as program

    facts = ("--entity", "E", "--facts", "The client paid.", "--urgent", "Now.", "--until", "2031-06-30")
    ident = draft(tool, *facts, kind="freeze")[1]["id"]
    later(monkeypatch, datetime(2030, 3, 1, tzinfo=UTC))
    assert letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-02-25T00:00:00Z")[0] == 0
    assert letter(tool, "sent", ident, "--by", "C", "--at", "2030-02-25T12:00:00Z")[0] == 0

    def row() -> list[dict[str, Any]]:
        (found,) = [each for each in letter(tool, "list")[1] if each["id"] == ident]
        return found["holds"]  # type: ignore[no-any-return]

    (hold,) = row()
    assert (hold["kind"], hold["until"], hold["start"], hold["confirmed"]) == (
        "report", "2030-03-04T12:00:00+00:00", "sending", False,
    )  # fmt: skip
    assert "courtesy freeze" in hold["says"]
    assert "binance.com/ro/amp/support" in hold["source"]
    program.main(["status", str(tool.case)])
    told = " ".join(tool.capsys.readouterr()[0].split())
    assert "2030-03-04 12:00:00 RUNNING" in told
    assert "(as the register says of binance, unconfirmed)" in told
    assert "a police report must follow within 7 days" in told
    calendar = tool.folder / "c.ics"

    def events() -> bytes:
        assert letter(tool, "list", "--ics", str(calendar))[0] == 0
        return calendar.read_bytes().replace(b"\r\n ", b"")

    text = events()
    assert b"DTSTART:20300304T120000Z" in text
    assert b"unconfirmed" in text
    assert b"courtesy freeze" in text
    assert b"a hold" not in text, "nobody granted one"
    code, out, _ = letter(tool, "renew", ident, "--by", "C", "--at", "2030-02-28T00:00:00Z")
    assert (code, out["error"]["code"]) == (2, "letter-no-renewal")
    assert letter(tool, "renew", ident, "--at", "2030-02-28T12:00:00Z")[0] == 2, "by nobody"
    said = ("--held", "12 USDT", "--held-until", "2030-05-31T23:59:59+07:00")
    assert letter(tool, "answer", ident, "--by", "C", *said)[0] == 0
    hold, report = sorted(row(), key=lambda each: each["kind"])
    assert (report["kind"], hold["until"], hold["by"], hold["confirmed"]) == (
        "report", "2030-05-31T16:59:59+00:00", "as its answer says", True,
    )  # fmt: skip
    assert (b"the hold that its answer named ends" in events(), b"by its own rules" in events()) == (True, False)
    program.main(["status", str(tool.case), "--json"])
    rows = [c for c in json.loads(tool.capsys.readouterr()[0])[0]["clocks"] if c.get("kind") == "hold"]
    assert [(c["by"], c["confirmed"]) for c in rows] == [("2030-05-31T16:59:59+00:00", True)]
    assert tool("verify")[0] in (0, 5)


# renewals, counted


LEAP = "2028-02-28T10:00:00+00:00"


def on(basis: str, *acts: Done, kind: str = "preserve", asks: str = "") -> Letter:
    found = one(("issue", LEAP, {"basis": basis, "asks": asks}), *acts, kind=kind)
    role = "victim" if basis == "th.ed2566" else "competent_authority"
    found.choice = Choice(id="a-1", kind=kind, name="Nobody", basis=basis, role=role, number=1)
    return found


@pytest.mark.parametrize(
    ("basis", "acts", "at_", "code"),
    [
        # 90 + 90, over 29 February 2028: until 28 May, then 26 August
        ("us.2703f", (), "2028-05-28T10:00:00+00:00", ""),
        ("us.2703f", (), "2028-05-28T10:00:01+00:00", "letter-lapsed"),
        ("us.2703f", ("2028-05-28T10:00:00+00:00",), "2028-06-01T00:00:00+00:00", "letter-no-renewal"),
        ("us.2703f", ("2028-05-29T10:00:00+00:00",), "2028-05-30T00:00:00+00:00", "letter-lapsed"),
        # 60 + 30: until 28 April, then 28 May
        ("eu.epoc-pr", (), "2028-04-28T10:00:00+00:00", ""),
        ("eu.epoc-pr", (), "2028-04-28T10:00:01+00:00", "letter-lapsed"),
        ("eu.epoc-pr", ("2028-04-01T10:00:00+00:00",), "2028-04-02T00:00:00+00:00", "letter-no-renewal"),
        # 30, and five times 30
        ("sg.psa5", ("2028-03-01T00:00:00+00:00",) * 4, "2028-03-02T00:00:00+00:00", ""),
        ("sg.psa5", ("2028-03-01T00:00:00+00:00",) * 5, "2028-03-02T00:00:00+00:00", "letter-no-renewal"),
        ("th.amla48", (), "2028-03-01T00:00:00+00:00", "letter-no-renewal"),
        ("th.ed2566", (), "2028-02-29T00:00:00+00:00", "letter-no-renewal"),
        ("none-voluntary", (), "2028-03-01T00:00:00+00:00", "letter-no-renewal"),
        ("no-such-basis", (), "2028-03-01T00:00:00+00:00", "letter-no-renewal"),
    ],
)
def test_a_renewal_is_counted_and_comes_before_the_lapse(
    basis: str, acts: tuple[str, ...], at_: str, code: str, worked: Path
) -> None:
    letter_ = on(basis, *(("renew", moment, {}) for moment in acts))
    case, plugins = open_for_reading(worked), registry.load()
    if not code:
        docket.renewable(case, letter_, 1, plugins, at(at_))
        return
    with pytest.raises(Error) as refused:
        docket.renewable(case, letter_, 1, plugins, at(at_))
    assert refused.value.code == code
    assert "PL10" in refused.value.why
    assert "--held-until" in refused.value.todo or "--at" in refused.value.todo


def test_a_renewal_that_came_too_late_or_too_often_moves_no_clock() -> None:
    bases_ = drafts.desk(list(registry.load().templates.values())).bases
    for basis, acts, due in (
        ("us.2703f", ("2028-05-28T10:00:01+00:00",), "2028-05-28T10:00:00+00:00"),
        ("us.2703f", ("2028-05-28T10:00:00+00:00",) * 3, "2028-08-26T10:00:00+00:00"),
        ("eu.epoc-pr", ("2028-03-01T00:00:00+00:00",) * 2, "2028-05-28T10:00:00+00:00"),
    ):
        (term,) = clocks.terms(on(basis, *(("renew", moment, {}) for moment in acts)), bases_[basis])
        assert (term.due, term.left) == (
            at(due),
            1 if due.startswith("2028-05-28T10:00:00") and "us" in basis else 0,
        )
    many: list[Done] = [("renew", f"2024-03-0{n}T00:00:00+00:00", {}) for n in range(1, 6)]
    assert ends(one(ISSUED, SENT, *many), KNOWN["mexc"], "preserve") == {
        "records": at("2024-05-30T10:00:00+00:00")
    }


@pytest.mark.parametrize(
    ("acts", "at_", "code"),
    [
        ((), "2028-03-02T10:00:00+00:00", ""),  # 72 hours from 28 February, over the leap day
        ((), "2028-03-02T10:00:01+00:00", "letter-lapsed"),
        (("2028-02-29T10:00:00+00:00",), "2028-03-01T10:00:00+00:00", "letter-filed"),
        (("2028-02-29T10:00:00+00:00",), "2028-02-29T09:00:00+00:00", ""),  # the moment stood wrong
        ((), "2028-02-27T10:00:00+00:00", ""),  # before the letter
    ],
)
def test_seven_days_run_once_from_a_report_within_the_72_hours(acts: tuple[str, ...], at_: str, code: str) -> None:
    done: list[Done] = [("filed", moment, {}) for moment in acts]
    plugins = registry.load()
    if not code:
        docket.fileable(on("th.ed2566", *done, kind="freeze"), 1, plugins, at(at_))
    else:
        with pytest.raises(Error, match=code) as refused:
            docket.fileable(on("th.ed2566", *done, kind="freeze"), 1, plugins, at(at_))
        assert "PL10" in refused.value.why
    docket.fileable(on("none-voluntary", *done, kind="freeze"), 1, plugins, at(at_))
    basis = drafts.desk(list(plugins.templates.values())).bases["th.ed2566"]
    (term,) = clocks.terms(on("th.ed2566", *done, ("filed", at_, {}), kind="freeze"), basis)
    first = min((*acts, at_))
    wanted = at("2028-03-02T10:00:00+00:00") if code == "letter-lapsed" else at(first) + timedelta(days=7)
    assert term.due == wanted


def test_what_follows_a_letter_and_what_asks_for_no_hold_have_no_term_to_renew(worked: Path) -> None:
    case, plugins = open_for_reading(worked), registry.load()
    for asks, left in (("preserve", True), ("follow-up", False), ("withdrawal", False)):
        letter_ = on("us.2703f", asks=asks)
        if left:
            docket.renewable(case, letter_, 1, plugins, at(LEAP))
        else:
            with pytest.raises(Error, match="letter-no-renewal"):
                docket.renewable(case, letter_, 1, plugins, at(LEAP))
    # An enquiry that was answered with a hold: its clock runs, and it is not an enquiry's to be renewed.
    for asks, count in (("freeze", 1), ("enquiry", 0), ("preserve", 0)):
        found = holds.terms(one(ISSUED, SENT, HELD, role="victim"), 1, renewable(), asks)
        assert [term.left for term in found if term.kind == "hold"] == [count]


# odd days


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2028-02-29", "Asia/Bangkok", "2028-02-29T17:00:00+00:00"),
        ("2027-02-28", "Asia/Bangkok", "2027-02-28T17:00:00+00:00"),
        ("2026-12-31", "Asia/Bangkok", "2026-12-31T17:00:00+00:00"),
        ("2026-12-31", "Pacific/Kiritimati", "2026-12-31T10:00:00+00:00"),
        ("2026-12-31", "America/Los_Angeles", "2027-01-01T08:00:00+00:00"),
        ("2026-03-28", "Europe/London", "2026-03-29T00:00:00+00:00"),  # the night before the clocks go forward
        ("2026-03-29", "Europe/London", "2026-03-29T23:00:00+00:00"),  # a day of 23 hours
        ("2026-10-24", "Europe/London", "2026-10-24T23:00:00+00:00"),
        ("2026-10-25", "Europe/London", "2026-10-26T00:00:00+00:00"),  # a day of 25 hours
        ("2026-09-05", "America/Santiago", "2026-09-06T04:00:00+00:00"),  # midnight itself is left out there
    ],
)
def test_a_day_ends_when_it_ends_where_the_sender_is(day: str, zone: str, end: str) -> None:
    assert clocks.end(date.fromisoformat(day), zone) == at(end)


@pytest.mark.parametrize(
    ("start", "zone", "due"),
    [
        ("2028-02-29T08:00:00+00:00", "UTC", "2028-05-29T08:00:00+00:00"),
        ("2027-11-30T23:59:59+07:00", "Asia/Bangkok", "2028-02-28T23:59:59+07:00"),
        ("2027-12-01T23:59:59+07:00", "Asia/Bangkok", "2028-02-29T23:59:59+07:00"),
        ("2026-01-28T01:30:00+00:00", "Europe/London", "2026-04-28T01:30:00+01:00"),
        ("2025-12-29T01:30:00+00:00", "Europe/London", "2026-03-29T02:30:00+01:00"),  # 01:30 is not there that day
        ("2026-07-27T01:30:00+01:00", "Europe/London", "2026-10-25T01:30:00+01:00"),  # the first of two
        ("2026-10-03T12:00:00+00:00", "UTC", "2027-01-01T12:00:00+00:00"),
    ],
)
def test_ninety_days_are_ninety_days_of_the_calendar_there(start: str, zone: str, due: str) -> None:
    from dataclasses import replace

    desk = drafts.desk(list(registry.load().templates.values()))
    basis = replace(desk.bases["us.2703f"], clock={**desk.bases["us.2703f"].clock, "zone": zone})
    (found,) = clocks.terms(one(("issue", start, {}), kind="preserve"), basis)
    assert found.due == at(due)
    renewed = one(("issue", start, {}), ("renew", start, {}), kind="preserve")
    (twice,) = clocks.terms(renewed, basis)
    assert abs((twice.due - found.due) - timedelta(days=90)) <= timedelta(hours=1)
    assert twice.left == found.left - 1


def test_hours_run_on_through_a_change_of_clocks_and_a_year() -> None:
    desk = drafts.desk(list(registry.load().templates.values()))
    (found,) = clocks.terms(
        one(("issue", "2027-12-30T06:00:00+07:00", {}), role="victim"), desk.bases["th.ed2566"]
    )
    assert found.due == at("2028-01-02T06:00:00+07:00")
    filed = one(
        ("issue", "2028-02-25T06:00:00+07:00", {}), ("filed", "2028-02-27T23:00:00+07:00", {}), role="victim"
    )
    (second,) = clocks.terms(filed, desk.bases["th.ed2566"])
    assert second.due == at("2028-03-05T23:00:00+07:00"), "seven days over 29 February"
    where = desk.bases["th.ed2566"]
    there = replace(where, clock={**where.clock, "zone": "Europe/London"})
    (spring,) = clocks.terms(one(("issue", "2028-03-24T12:00:00+00:00", {}), role="victim"), there)
    assert spring.due == at("2028-03-27T12:00:00+00:00"), "72 hours over the night in which clocks go forward"
    hours = Time(what="x", value="y", source="s", as_of="", confidence="told", holds="value", hours=24)
    entry = Addressee(
        id="x", kind="exchange", brand="X", aliases=(), domains=(), looked="2026-11-28",
        status=KNOWN["okx"].status, times=(hours,),
    )  # fmt: skip
    sent = one(("issue", "2026-03-28T12:00:00+00:00", {}), ("sent", "2026-03-28T12:00:00+00:00", {}))
    assert ends(sent, entry) == {"hold": at("2026-03-29T13:00:00+01:00")}
    (term,) = holds.terms(sent, 1, entry, "freeze")
    assert [term.due - each for each in term.reminders()] == [timedelta(hours=6), timedelta(hours=1)]
    home = clocks.Home(key="a", name="b", number=1, stamp=term.began)
    assert clocks.calendar([term], home).count(b"BEGIN:VALARM") == 2
