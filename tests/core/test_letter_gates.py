"""Who may send which letter on which basis, what letters may say, and when what they ask lapses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.letters import clocks, drafts, gates
from recover.letters.life import Act, Choice, Letter
from recover.plugins import registry
from recover.report import lint
from recover.sdk import Template

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return list(registry.load().templates.values())


@pytest.fixture(scope="module")
def desk(templates: list[Template]) -> drafts.Desk:
    return drafts.desk(templates)


# gates


@pytest.mark.parametrize(
    ("basis", "sender", "kind", "addressee", "rule"),
    [
        ("none-voluntary", "victim", "preserve", "vasp", ""),
        ("none-voluntary", "counsel", "enquiry", "bank", ""),
        ("none-voluntary", "victim", "disclose", "vasp", "kind"),
        ("none-disclosure", "victim", "disclose", "vasp", "PL01"),
        ("none-disclosure", "authority", "disclose", "vasp", ""),
        ("us.2703f", "authority", "preserve", "vasp", ""),
        ("us.2703f", "authority", "platform", "platform", ""),
        ("us.2703f", "counsel", "preserve", "vasp", "PL01"),
        ("us.2703f", "victim", "preserve", "vasp", "PL01"),
        ("us.2703f", "authority", "freeze", "vasp", "kind"),
        ("us.2703f", "authority", "bank", "bank", "reach"),
        ("eu.epoc-pr", "court", "platform", "platform", "form"),
        ("eu.epoc-pr", "counsel", "platform", "platform", "PL01"),
        ("civ.hold", "counsel", "notice", "vasp", ""),
        ("civ.hold", "victim", "notice", "vasp", "PL01"),
        ("civ.court", "counsel", "disclose", "vasp", "form"),
        ("un.cyb.25-26", "authority", "preserve", "vasp", "PL08"),
        ("coe.2ap.7", "authority", "disclose", "vasp", "PL08"),
        ("coe.bud.29", "authority", "preserve", "vasp", "reach"),
        ("hk.osco25a", "authority", "freeze", "vasp", "PL01"),
        ("hk.osco25a", "fiu", "freeze", "vasp", ""),
        ("sg.psa5", "authority", "freeze", "vasp", "reach"),
        ("th.ed2566", "victim", "freeze", "vasp", ""),
        ("th.cca26", "victim", "isp", "isp", "PL01"),
        ("gov.igrip", "counsel", "freeze", "vasp", "PL01"),
    ],
)
def test_the_gate_of_a_letter(
    basis: str, sender: str, kind: str, addressee: str, rule: str, desk: drafts.Desk
) -> None:
    found = gates.refusals(desk.bases[basis], gates.role(sender), desk.kinds[kind], addressee, DAY)
    assert [one.rule for one in found][: 1 if rule else 0] == ([rule] if rule else [])
    assert bool(found) == bool(rule)
    assert all(one.why and one.todo for one in found)


def test_no_private_sender_may_use_a_power_of_the_state(desk: drafts.Desk) -> None:
    allowed = [row for row in gates.table(desk.bases, desk.kinds, DAY) if row[4] == "allowed"]
    private = {basis for basis, sender, *_ in allowed if sender in ("victim", "counsel")}
    assert private == {"none-voluntary", "civ.hold", "th.ed2566"}
    assert {row[0] for row in allowed} >= private | {"us.2703f", "th.cca26", "th.amla48", "hk.osco25a"}


def test_an_authority_has_the_powers_of_its_own_state_alone(desk: drafts.Desk) -> None:
    def rules(basis: str, kind: str, sender: str, home: str, addressee: str = "vasp") -> list[str]:
        found = gates.refusals(desk.bases[basis], gates.role(sender), desk.kinds[kind], addressee, DAY, (), home)
        assert all(one.todo for one in found)
        return [one.rule for one in found]

    assert rules("us.2703f", "preserve", "authority", "TH") == ["PL01"]
    assert rules("us.2703f", "preserve", "authority", "US") == rules("us.2703f", "preserve", "authority", "") == []
    assert rules("th.amla48", "freeze", "fiu", "US") == ["PL01"]
    # The office that its limits name, which is no police and no court.
    assert rules("th.amla48", "freeze", "fiu", "TH") == []
    assert (
        rules("th.amla48", "freeze", "authority", "TH") == rules("th.amla48", "freeze", "court", "TH") == ["PL01"]
    )
    # A victim's alert is no power of a state, and a treaty none of one state's own.
    assert rules("th.ed2566", "freeze", "victim", "GB") == []
    assert rules("coe.bud.16", "preserve", "authority", "TH") == ["PL08"], "whether both states are parties"
    of = {row[5] for row in gates.table(desk.bases, desk.kinds, DAY) if row[:2] == ("us.2703f", "authority")}
    assert of == {"US"}, "the table says of which state the sender has to be"
    assert {row[5] for row in gates.table(desk.bases, desk.kinds, DAY) if row[1] == "victim"} == {""}


def test_every_sender_has_an_answer_for_every_letter(desk: drafts.Desk) -> None:
    rows = list(gates.table(desk.bases, desk.kinds, DAY))
    assert len(rows) == len(desk.bases) * len(gates.SENDERS) * sum(len(k.addressees) for k in desk.kinds.values())
    assert all(row[4] for row in rows)


def test_a_treaty_between_two_named_states_may_be_used_and_an_old_entry_may_not(desk: drafts.Desk) -> None:
    basis, kind = desk.bases["coe.2ap.7"], desk.kinds["disclose"]
    assert not gates.refusals(basis, "competent_authority", kind, "vasp", DAY, ("TH", "US"))
    assert gates.refusals(basis, "competent_authority", kind, "vasp", DAY, ("TH", "TH"))
    basis, kind = desk.bases["coe.bud.16"], desk.kinds["preserve"]
    assert not gates.refusals(basis, "competent_authority", kind, "vasp", DAY, ("TH", "MT"))
    assert (basis.needs, basis.days, dict(basis.clock)) == (("provision",), None, {}), "of the national law alone"
    late = DAY + timedelta(days=400)
    (found,) = gates.refusals(desk.bases["us.2703f"], "competent_authority", desk.kinds["preserve"], "vasp", late)
    assert (found.rule, "older" in found.why) == ("PL08", True)


# words


@pytest.mark.parametrize(
    ("text", "asks", "force", "rule"),
    [
        ("You are required to keep it.", "preserve", False, "PL02"),
        ("Failure to comply is an offence.", "preserve", False, "PL02"),
        ("Under 18 U.S.C. 2703(f) please keep it.", "preserve", False, "PL02"),
        ("Please disclose the account.", "preserve", False, "PL03"),
        ("Please freeze the account.", "preserve", False, "PL04"),
        ("Please keep the records.", "freeze", False, "PL04"),
        ("The wallet belongs to Acme.", "preserve", False, "ownership"),
        ("The holder is guilty.", "preserve", False, "PL06"),
        ("You must not tell the user.", "preserve", False, "PL07"),
        ("FATF requires it.", "preserve", False, "PL12"),
        ("The stolen coins came to you.", "preserve", False, "coins"),
        ("The value was frozen.", "disclose", False, "recovered"),
        ("{traced} came to you.", "preserve", False, "rule beside figure"),
    ],
)
def test_a_letter_may_not_say_it_and_says_the_plain_form(text: str, asks: str, force: bool, rule: str) -> None:
    assert rule in {b.rule for b in lint.words({"a": text}, letter=True, force=force, asks=asks)}


@pytest.mark.parametrize(
    ("text", "asks", "force"),
    [
        ("You are required to keep it.", "preserve", True),
        ("Please disclose the account.", "disclose", False),
        ("Please freeze what remains.", "freeze", False),
        ("Please keep the records.", "preserve", False),
        ("Under rule {rule}, {traced} came to you.", "preserve", False),
        ("It is attributed to Acme, grade C.", "preserve", False),
    ],
)
def test_the_same_words_stand_where_they_may(text: str, asks: str, force: bool) -> None:
    assert lint.words({"a": text}, letter=True, force=force, asks=asks) == []


# clocks


Done = tuple[str, datetime, dict[str, str]]


def alive(*acts: Done) -> Letter:
    one = Letter("okx-preserve", choice=Choice(id="okx-preserve", kind="preserve"))
    one.acts = [
        Act(act=act, number=n, time=at, version=1, said={"by": "X", **said})
        for n, (act, at, said) in enumerate(acts, 1)
    ]
    return one


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def term(desk: drafts.Desk, basis: str, one: Letter) -> clocks.Term:
    (found,) = clocks.terms(one, desk.bases[basis])
    return found


def test_a_clock_starts_at_receipt_where_that_is_known(desk: drafts.Desk) -> None:
    issued: Done = ("issue", at("2024-02-28T10:00:00+00:00"), {})
    early = term(desk, "us.2703f", alive(issued))
    assert (early.due, early.start, early.reckoned) == (at("2024-05-28T10:00:00+00:00"), "issue", True)
    got = ("acknowledge", at("2024-03-02T09:00:00+00:00"), {"received": "2024-03-01T08:00:00+00:00"})
    known = term(desk, "us.2703f", alive(issued, got))
    assert (known.due, known.start, known.reckoned) == (at("2024-05-30T08:00:00+00:00"), "receipt", False)


def test_a_renewal_runs_from_the_end_of_the_term_before_it_and_only_as_often_as_the_basis_says(
    desk: drafts.Desk,
) -> None:
    issued: Done = ("issue", at("2025-01-01T00:00:00+00:00"), {})
    renew: Done = ("renew", at("2025-03-01T00:00:00+00:00"), {})
    once = term(desk, "us.2703f", alive(issued, renew))
    assert (once.due, once.left) == (at("2025-06-30T00:00:00+00:00"), 0)
    assert term(desk, "us.2703f", alive(issued, renew, renew)).due == once.due
    assert term(desk, "eu.epoc-pr", alive(issued, renew)).due == at("2025-04-01T00:00:00+00:00")


def test_hours_are_hours_and_the_second_term_runs_from_the_filing(desk: drafts.Desk) -> None:
    issued: Done = ("issue", at("2024-02-27T23:30:00+07:00"), {})
    first = term(desk, "th.ed2566", alive(issued))
    assert first.due == at("2024-03-01T23:30:00+07:00"), "72 hours over a leap day"
    assert first.reminders() == (first.due - timedelta(hours=24),)
    filed: Done = ("filed", at("2024-02-29T10:00:00+07:00"), {})
    second = term(desk, "th.ed2566", alive(issued, filed))
    assert (second.due, second.start) == (at("2024-03-07T10:00:00+07:00"), "filing")


def test_a_day_is_a_day_where_the_clocks_are_put_forward(desk: drafts.Desk) -> None:
    zoned = replace(desk.bases["us.2703f"], clock={**desk.bases["us.2703f"].clock, "zone": "Europe/London"})
    (found,) = clocks.terms(alive(("issue", at("2025-03-01T09:00:00+00:00"), {})), zoned)
    assert found.due == at("2025-05-30T09:00:00+01:00")


def test_a_voluntary_letter_has_no_term(desk: drafts.Desk) -> None:
    assert not list(
        clocks.terms(alive(("issue", at("2025-01-01T00:00:00+00:00"), {})), desk.bases["none-voluntary"])
    )


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.integers(0, 3))  # noqa: DTZ001  # given UTC below
def test_a_term_is_never_longer_than_its_basis_allows(desk: drafts.Desk, began: datetime, renewed: int) -> None:
    start = began.replace(tzinfo=UTC)
    acts: list[Done] = [("issue", start, {}), *[("renew", start, {})] * renewed]
    found = term(desk, "us.2703f", alive(*acts))
    assert timedelta(days=90) <= found.due - start <= timedelta(days=180)


def test_the_calendar_is_the_same_each_time_and_holds_every_reminder(desk: drafts.Desk) -> None:
    found = [term(desk, "us.2703f", alive(("issue", at("2025-01-01T00:00:00+00:00"), {})))]
    one = clocks.calendar(found, at("2025-01-02T00:00:00+00:00"))
    assert one == clocks.calendar(found, at("2025-01-02T00:00:00+00:00"))
    assert one.count(b"BEGIN:VALARM") == 3
    assert b"DTSTART:20250401T000000Z" in one


def test_the_lawyers_table_is_what_the_gates_say(desk: drafts.Desk) -> None:
    text = (Path(__file__).parents[2] / "docs/lawyer/letters.md").read_text("utf-8")
    told = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    said: set[tuple[str, str, str, str]] = set()
    for basis, sender, cell in told:
        for part in filter(None, cell.split("; ")):
            kind, _, addressees = part.partition(": ")
            said |= {(basis.strip("`"), sender, kind, one) for one in addressees.split(", ")}
    rows = gates.table(desk.bases, desk.kinds, DAY)
    assert said == {row[:4] for row in rows if row[4] == "allowed"}
    assert {basis.strip("`") for basis, *_ in told} == set(desk.bases)
