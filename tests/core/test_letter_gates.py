"""Who may send which letter on which basis, what letters may say, and when what they ask lapses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core import gated

from recover.letters import clocks, drafts, gates
from recover.letters.folders import Kind
from recover.letters.life import Act, Choice, Letter
from recover.plugins import registry
from recover.registers import treaties
from recover.registers.bases import LegalBasis
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


def force(basis: LegalBasis, kind: Kind, *states: str, home: str = "", day: date = DAY) -> list[str]:
    """Why a treaty is refused to an authority that writes to an exchange."""
    found = gates.refusals(basis, "competent_authority", kind, "vasp", day, states, home)
    assert {one.rule for one in found} <= {"PL08"}
    assert all(one.todo for one in found)
    return [one.why for one in found]


def test_a_treaty_between_two_states_counts_where_both_are_parties(desk: drafts.Desk) -> None:
    kind, found = desk.kinds["disclose"], desk.bases["coe.2ap.7"]
    assert found.treaty is not None
    since = {"JP": date(2024, 1, 1), "RS": date(2026, 12, 1)}
    parties = {name: replace(one, since=since[name]) for name, one in found.treaty.parties.items()}
    basis = replace(found, treaty=replace(found.treaty, parties=parties))
    late = date(2026, 12, 1)
    assert force(basis, kind, "RS", "JP", day=late) == force(basis, kind, "rs", " jp", home="RS", day=late) == []
    for states, why in {
        (): "they are not both named",
        ("RS",): "they are not both named",
        ("RS", "RS"): "names RS twice",
        ("RS", "JP", "JP"): "names 3 of them",
        ("TH", "JP"): "TH has no ratification in the register",
        ("RS", "TH"): "TH has no ratification in the register",
        ("Serbia", "JP"): "SERBIA is no state as the register names it",
        ("JP", "RS"): "names JP as the sender's state, and the sender is of RS",
    }.items():
        (said,) = force(basis, kind, *states, home="RS" if states[:1] == ("JP",) else "", day=late)
        assert why in said
    (said,) = force(basis, kind, "RS", "JP")
    assert "is in force for RS from 2026-12-01 on, and not on 2026-11-23" in said
    assert len(force(basis, kind, "TH", "VN")) == 2, "each is told"
    told = force(found, kind, "RS", "JP")
    assert len(told) == 2
    assert all("no day of its entry into force is known" in one for one in told), "as the register stands"


def test_a_treaty_at_home_counts_in_a_party_alone_and_not_between_two(desk: drafts.Desk) -> None:
    kind, basis = desk.kinds["preserve"], desk.bases["coe.bud.16"]
    assert force(basis, kind, home="GB") == []
    for states, home, why in (
        ((), "", "depends on the sender's state, and nobody said which"),
        ((), "TH", "TH has no ratification in the register"),
        (("GB", "GB"), "GB", "names one state alone, and coe.bud.16 works within one"),
        (("TH", "TH"), "", "names one state alone"),
        (("GB", "MT"), "GB", "not between GB and MT"),
        (("TH", "MT"), "", "not between TH and MT"),
    ):
        (said,) = force(basis, kind, *states, home=home)
        assert why in said
    (said,) = force(desk.bases["us.2703f"], kind, "TH", "US", home="US")
    assert "us.2703f depends on no two of them" in said, "an option that would count for nothing"
    assert not [b.id for b in desk.bases.values() if b.id[:4] in ("coe.", "un.c") and b.treaty is None]


def test_every_party_has_a_day_and_a_source_and_what_was_not_read_says_so(desk: drafts.Desk) -> None:
    known = {b.treaty.id: b.treaty for b in desk.bases.values() if b.treaty}
    assert {name: len(one.parties) for name, one in known.items()} == {"coe.bud": 71, "coe.2ap": 2, "un.cyb": 0}
    rows = [party for one in known.values() for party in one.parties.values()]
    assert all(party.source and ("memory" in party.source) != party.read for party in rows)
    assert all(party.since is None or (party.since - party.ratified).days > 80 for party in rows)
    # Between the deposit and the first of a month after three more: Article 36(4).
    bud = known["coe.bud"].parties
    assert (bud["CH"].ratified, bud["CH"].since, bud["CH"].read) == (date(2011, 9, 21), date(2012, 1, 1), True)
    assert {"TH", "IE", "SG", "AE", "HK", "VN"} & set(bud) == set()


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ('GBR = { ratified = 2011-05-25, source = "x" }', "no state in two letters"),
        ('GB = { source = "x" }', "says not when it ratified"),
        ('GB = { ratified = "2011", source = "x" }', "its days are no dates"),
        ('GB = { ratified = 2011-05-25, since = 2011-05-01, source = "x" }', "the wrong way round"),
        ('GB = { ratified = 2011-05-25, source = "y" }', "y is none of the sources"),
        ('GB = { ratified = 2011-05-25, source = "x" }', ""),
    ],
)
def test_a_party_says_when_and_where_it_was_read(row: str, wrong: str, tmp_path: Path) -> None:
    head = 'id = "t"\ntitle = "T"\nchart = "C"\nas_of = 2026-11-30\n[sources]\n'
    (tmp_path / "t.toml").write_text(f'{head}x = {{ text = "a chart", read = true }}\n[parties]\n{row}\n')
    told: list[str] = []
    assert set(treaties.load(tmp_path, told)) == (set() if wrong else {"t"})
    assert [wrong in one for one in told] == ([True] if wrong else [])


def test_a_remedy_names_the_bases_that_are_open_or_says_that_none_is(desk: drafts.Desk) -> None:
    def told(basis: str, kind: str, addressee: str, role: str, state: str = "") -> str:
        choice = Choice(
            id="x", kind=kind, addressee=addressee, role=role, sender={"state": state} if state else {}
        )
        found = gates.refusals(desk.bases[basis], role, desk.kinds[kind], addressee, DAY, (), state)
        assert found
        return " ".join(one.todo for one in gates.advised(found, desk.bases, choice, desk.kinds[kind], DAY))

    assert "Choose another basis: none-voluntary." in told("us.2703f", "preserve", "vasp", "victim")
    nobody = told("none-voluntary", "disclose", "vasp", "victim")
    assert "No basis is open to this sender" in nobody
    assert "Choose another basis" not in nobody
    assert "It may be sent by: authority (none-disclosure, th.cca18); court (none-disclosure)" in nobody
    home = told("none-voluntary", "disclose", "vasp", "competent_authority", "GB")
    assert "Choose another basis: none-disclosure." in home, "and no law of another state"
    assert "It may be sent by: counsel (civ.hold)." in told("none-voluntary", "notice", "vasp", "victim")


def test_an_old_entry_backs_no_letter(desk: drafts.Desk) -> None:
    basis = desk.bases["coe.bud.16"]
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
    home = clocks.Home(key="abc", name="bin CCIB 17", number=9, stamp=at("2025-01-02T00:00:00+00:00"))
    one = clocks.calendar(found, home)
    assert one == clocks.calendar(found, home)
    assert one.count(b"BEGIN:VALARM") == 3
    assert b"DTSTART:20250401T000000Z" in one
    over = clocks.calendar([replace(found[0], over=True)], home)
    assert (over.count(b"BEGIN:VALARM"), over.count(b"STATUS:CANCELLED")) == (0, 1), "no alarm of it goes off"
    uids = [
        re.findall(r"UID:(\S+)", data.decode().replace("\r\n ", ""))
        for data in (one, over, clocks.calendar(found, replace(home, key="abd")))
    ]
    assert uids[0] == uids[1] != uids[2], "one event has one identifier, and another case's has another"
    assert (b"STATUS:CONFIRMED" in one, b"SEQUENCE:9" in one, one.count(b"bin CCIB 17") > 1) == (True, True, True)


def test_the_lawyers_table_is_what_the_gates_say(desk: drafts.Desk) -> None:
    assert gated.FILE.read_text("utf-8") == gated.text(desk), "write it again: python tests/core/gated.py"
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
