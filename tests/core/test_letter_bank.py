"""A bank is asked to hold what is left of a payment: on a law that says so, and by who may."""

from __future__ import annotations

from datetime import date

import pytest
from tests.core.test_letter_rules import desk
from tests.core.test_letters import draft, letter, tool, worked
from tests.core.test_statements import Tool

from recover.letters import gates, identified

__all__ = ["tool", "worked"]

DAY = date(2026, 11, 23)
PAID = ("--about", identified.EXAMPLES["payment"], "--loss", "L1")


@pytest.mark.parametrize(("language", "said"), [("en", "Please hold"), ("th", "โปรดระงับสิ่งที่เหลือของ")])
def test_a_victim_asks_its_bank_to_hold_under_the_decree(language: str, said: str, tool: Tool) -> None:
    more = ("--basis", "th.ed2566", "--addressee", "bank", "--language", language)
    code, row = draft(tool, *PAID, *more, kind="freeze", to="Kasikorn Bank", as_="victim")
    assert code == 0, row
    assert (code, row["kind"], row["basis"]) == (0, "freeze-bank", "th.ed2566"), row
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert all(part in text for part in (said, "500.00 THB", "TH00 1234"))


def test_a_bank_is_asked_of_ones_own_will_and_the_letter_goes_out(tool: Tool) -> None:
    more = (
        "--entity",
        "A Bank Ltd",
        "--facts",
        "The client was deceived.",
        "--urgent",
        "Now.",
        "--until",
        "2031-06-30",
    )
    code, row = draft(tool, *PAID, *more, "--addressee", "bank", kind="freeze", to="A Bank", as_="counsel")
    assert code == 0, row
    assert (code, row["basis"]) == (0, "none-voluntary"), row
    ident = row["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 0, out
    assert letter(tool, "sent", ident, "--by", "A. Example")[1]["state"] == "sent"


def test_a_basis_that_backs_another_letter_says_which(tool: Tool) -> None:
    code, out = draft(tool, *PAID, "--basis", "th.ed2566", kind="bank", to="Kasikorn Bank", as_="victim")
    assert (code, "ask for what it backs: --kind freeze" in out["error"]["do"]) == (2, True)


@pytest.mark.parametrize("who", ["victim", "counsel"])
def test_a_private_sender_that_wants_data_is_told_what_it_can_ask(who: str, tool: Tool) -> None:
    code, out = draft(tool, "--loss", "L1", kind="disclose", to="binance", as_=who)
    assert code == 2
    assert all(way in out["error"]["do"] for way in ("--kind enquiry", "--kind notice", "a court orders more"))


def test_each_basis_that_reaches_an_addressee_backs_a_first_letter_there() -> None:
    """A follow-up alone, to whom no first letter may go, would be no way to ask."""
    rows = [row for row in gates.table(desk().bases, desk().kinds, DAY) if row[4] == "allowed"]
    first = {(row[0], row[1], row[3]) for row in rows if desk().kinds[row[2]].about != "letter"}
    after = {(row[0], row[1], row[3]) for row in rows if desk().kinds[row[2]].about == "letter"}
    assert after == first
    reach = {name for name, basis in desk().bases.items() if "bank" in basis.addressees and "freeze" in basis.kind}
    open_ = {row[0] for row in rows if row[2:4] == ("freeze-bank", "bank")}
    assert reach - open_ == {"civ.court", "uk.orders", "us.seize"}, "an official form or a court's own paper"
