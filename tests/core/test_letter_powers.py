"""What a letter asks for stands on the power it has: what follows it, whose law, which term and which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.core.test_letter_rules import (
    DAY,
    SENDER,
    choice,
    desk,
    letter,
    printed,
    said,
)

from recover.letters import clocks, follows, outgoing, paper, rules
from recover.letters.life import Act, Letter
from recover.sdk import Error


def test_no_power_is_lent_to_a_letter_that_has_none() -> None:
    for field in ("provision", "leave", "court"):
        assert said(**{field: "section 7"}) == {"PL02"}, field
    assert said(instructed_by="Criminal Court of Thailand", role="victim") == {"PL02"}
    binding = {"basis": "th.cca18", "role": "competent_authority"}
    assert said(**binding, provision="section 18 (2)", leave="Court 5/2569") == set()
    notice = {"basis": "civ.hold", "kind": "notice", "id": "acme-notice"}
    assert (said(**notice, court="the High Court"), said(**notice, leave="x")) == (set(), {"PL02"})


@pytest.mark.parametrize(("kind", "rules_"), [("preserve", {"PL03"}), ("freeze", {"PL03"}), ("disclose", set())])
def test_what_follows_a_letter_asks_for_no_more_than_that_one(kind: str, rules_: set[str]) -> None:
    first = Letter("first", choice=choice(id="first", kind=kind, number=1))
    first.acts = [Act(act="issue", number=2, time=datetime(2026, 11, 23, tzinfo=UTC), version=1, said={})]
    why = "Please send the identification file and IP logs of the account holder."
    for after in ("follow-up", "withdrawal"):
        one = choice(id="after", kind=after, of="first-v1", why=why)
        asking = follows.asking({"first": first}, desk(), one)
        found = rules.said(one, asking, desk().bases["none-voluntary"], [], ())
        assert {each.rule for each in found} == rules_
        plain = replace(one, why="the account")
        assert rules.said(plain, asking, desk().bases["none-voluntary"], [], ()) == []
        unknown = follows.asking({}, desk(), one)
        assert {r.rule for r in rules.said(one, unknown, desk().bases["none-voluntary"], [], ())} == {"PL03"}


def test_words_that_a_named_person_lets_pass_are_no_breach() -> None:
    one = choice(facts="The holder is guilty.")
    assert (
        rules.said(one, desk().kinds["preserve"], desk().bases["none-voluntary"], [], {("letter", "PL06")}) == []
    )


def test_words_that_compel_stand_where_the_basis_does() -> None:
    one = choice(facts="You are required to keep it.", basis="us.2703f", role="competent_authority")
    assert desk().bases["us.2703f"].force != "voluntary"
    assert rules.said(one, desk().kinds["preserve"], desk().bases["us.2703f"], [], ()) == []


def test_what_a_basis_needs_is_asked_for_and_what_no_source_says_is_said_to_be_open() -> None:
    # Paragraphs of one section have different conditions, and a victim's alert is no request of an officer.
    said = {"basis": "th.cca18", "role": "competent_authority", "kind": "disclose", "id": "acme-disclose"}
    bare = printed(letter(**said))
    assert "[to be completed: paragraph of the legal basis" in bare
    assert "[to be completed: court, number and day of its leave" in bare
    whole = printed(letter(**said, provision="section 18 (2)", leave="none is needed", report="88/2569, Bureau"))
    assert ("section 18 (2)" in whole, "88/2569, Bureau" in whole, "its leave" in whole) == (True, True, False)

    freeze = {"basis": "th.ed2566", "kind": "freeze", "id": "acme-freeze", "until": ""}
    victim = printed(letter(**freeze, role="victim"))
    assert "72 hours from receipt under th.ed2566" in victim
    officer = letter(**freeze, role="competent_authority")
    assert "72 hours" not in printed(officer)
    assert "no source that says how this sender uses th.ed2566" in printed(officer)
    assert "no source that says how long th.ed2566 lasts for this sender" in printed(officer)
    assert officer.basis.term("competent_authority") == {}
    one = Letter("acme-freeze", choice=officer.choice)
    one.acts = [Act(act="issue", number=2, time=datetime(2026, 11, 23, tzinfo=UTC), version=1, said={})]
    assert [*clocks.terms(one, officer.basis)] == [], "no clock of the victim's runs for an officer"
    two = Letter("acme-freeze", choice=replace(officer.choice, role="victim"), acts=one.acts)
    assert [term.kind for term in clocks.terms(two, officer.basis)] == ["lapses"]


def test_where_a_day_is_named_and_a_term_set_it_is_said_which_counts_on_the_first_page_too() -> None:
    said = {"basis": "us.2703f", "role": "competent_authority"}
    m = letter(**said, until="2027-02-01")
    cover = " ".join(
        value for block in paper.brief(m).cover if block.kind == "facts" for _, value, _ in block.rows
    )
    assert "90 days from receipt under us.2703f" in cover
    assert "only a request without force remains until that day" in cover
    assert "only a request without force" not in printed(letter(**said, until=""))


def test_an_authority_of_no_named_state_is_warned_and_sends_nothing_on_a_states_own_law() -> None:
    said = {"basis": "us.2703f", "role": "competent_authority"}
    warned = "the sender's settings do not say of which state"
    assert warned in printed(letter(**said))
    at_home = letter(**said, sender={**SENDER, "state": "US"})
    assert warned not in printed(at_home)
    with pytest.raises(Error, match="PL01"):
        outgoing.sendable(desk(), choice(**said), "A. Example", "", DAY)
    with pytest.raises(Error, match="PL08") as refused:  # of its own state: that nobody checked the entry remains
        outgoing.sendable(desk(), at_home.choice, "A. Example", "", DAY)
    assert "PL01" not in str(refused.value)


def test_a_pseudonym_is_called_one_and_a_name_is_not() -> None:
    assert "Instructed by: V-2CPXWD (a pseudonym" in printed(letter(instructed_by="V-2CPXWD"))
    assert "Instructed by: the claimant\n" in printed(letter(instructed_by="the claimant"))
