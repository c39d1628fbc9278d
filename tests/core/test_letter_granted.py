"""A hold is one when its addressee says so; a report to the police is made when it is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.core.test_letter_gates import at
from tests.core.test_letter_holds import HELD, ISSUED, KNOWN, SENT, Done, ends, on, one, renewable
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool

from recover.cli import letter_acts
from recover.letters import clocks, docket, drafts, holds, running
from recover.plugins import registry

__all__ = ["templates", "tool", "worked"]


def test_a_hold_that_nobody_granted_is_called_one_that_may_be_and_is_not_renewed() -> None:
    renewed: Done = ("renew", "2024-02-10T10:00:00+00:00", {})
    entry = renewable()
    for done, granted, due in (((), False, "2024-03-01"), ((HELD,), True, "2024-03-31")):
        (term,) = holds.terms(one(ISSUED, SENT, *done, renewed), 1, entry, "freeze")
        assert (term.granted, term.due.date().isoformat()) == (granted, due)
        assert running.clock(term) == ("hold" if granted else "ungranted")
        row = {"holds": [docket._hold(term)]}
        assert (letter_acts.ends(row, "hold") == "–") is not granted


def test_who_carries_a_reports_number_is_not_told_to_report() -> None:
    sent = one(ISSUED, SENT, role="victim")
    assert ends(sent, KNOWN["binance"]).keys() == {"report"}
    assert sent.choice is not None
    sent.choice = replace(sent.choice, report="CCIB 88/2569")
    assert ends(sent, KNOWN["binance"]) == {}


def test_a_report_of_long_before_the_letter_shortens_no_term() -> None:
    basis = drafts.desk(list(registry.load().templates.values())).bases["th.ed2566"]
    early: Done = ("filed", "2028-01-01T10:00:00+00:00", {})
    (term,) = clocks.terms(on("th.ed2566", early, kind="freeze"), basis)
    assert (term.start, term.due) == ("issue", at("2028-03-02T10:00:00+00:00"))


def test_a_report_made_before_the_letter_is_recorded_at_its_own_moment(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ("--entity", "E", "--facts", "The client paid.", "--urgent", "Now.", "--until", "2031-06-30")
    ident = draft(tool, *facts, kind="freeze")[1]["id"]
    later(monkeypatch, datetime(2030, 3, 1, tzinfo=UTC))
    assert letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-02-25T00:00:00Z")[0] == 0
    early = ("--by", "C", "--at", "2030-02-20T00:00:00Z")
    code, row, _ = letter(tool, "filed", ident, *early)
    assert (code, row["acts"][-1]["act"], row["acts"][-1]["at"]) == (0, "filed", "2030-02-20T00:00:00+00:00")
    for act in ("sent", "acknowledge", "answer"):
        assert letter(tool, act, ident, *early)[1]["error"]["code"] == "letter-before-issue"
    code, row, _ = letter(tool, "filed", ident, "--by", "C", "--at", "2030-03-02T00:00:00Z")
    assert row["error"]["code"] == "letter-after-now"
