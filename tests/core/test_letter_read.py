"""Letters read by those who get them: a desk with the served files finds what it needs, and nothing false."""

from __future__ import annotations

import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_letters import SENDER, Silent, draft, letter
from tests.core.test_statements import Tool, export, labels, tx, who

EXCHANGE = ("hot", "Binance", "hot-wallet", "exchange")
MOVES = [
    ("victim", "mule", 25),
    ("other", "mule", 1),
    ("mule", "dep", 18),
    ("dep", "hot", 18),
    ("mule", "rest", 5),
]
OWN = '\n[[sender.officer]]\nname = "V. Example"\nrole = "victim"\n'


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 25 that one person lost 18 went to an exchange by a wallet that got nothing else; 7 stand elsewhere."""
    found = Tool(tmp_path_factory.mktemp("small"), Silent())  # type: ignore[arg-type]
    found.open(export(MOVES, ["victim", "other", "mule", "dep", "rest"]), labels(EXCHANGE))
    found("loss", "--tx", tx(1), "--asset", "USDT")
    found("run")
    return found.case


@pytest.fixture
def tool(small: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Tool:
    (tmp_path / "recover.toml").write_text(SENDER + OWN)
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))
    shutil.copytree(small, tmp_path / "c")
    return Tool(tmp_path, capsys)


def written(tool: Tool, *more: str, ending: str = ".txt", **named: str) -> str:
    code, row = draft(tool, "--form", "all", *more, **named)
    assert code == 0, row
    return (tool.case / f"out/letters/{row['id']}-v1{ending}").read_text()


def test_an_enquiry_says_where_its_data_is_from_and_names_a_payment_that_can_be_found(
    tool: Tool,
) -> None:
    text = written(tool, "--facts", "They paid.", kind="enquiry")
    assert "public chain data, and beside it only what its sender named or wrote by hand" in text
    assert "holds only what" not in text
    # The wallet may be private: what the exchange has in its books is the payment from there.
    assert (who("dep") in text, tx(4) in text, tx(3) in text) == (True, True, False)


def test_the_first_page_names_what_the_exchange_booked_and_no_mixing_that_was_not(tool: Tool) -> None:
    text = written(tool)
    head = text[: text.index("\n1. ")]
    assert f"USDT; {tx(4)}; paid to you " in head
    assert tx(3) not in head
    assert "Value of other origins went through the same addresses" not in text
    assert "of this loss that came by this address" in text


def test_an_issuer_learns_the_range_the_way_and_the_place_of_its_token(tool: Tool) -> None:
    code, row = draft(tool, "--offence", "Fraud s 1", kind="freeze", to="tether", as_="authority")
    assert code == 0, row
    text, portal = (
        (tool.case / f"out/letters/{row['id']}-v1{end}").read_text() for end in (".txt", "-portal.txt")
    )
    # fifo: the first 25 are the victim's, so 2 are left of it; lifo gives the other's 1 away first: 3.
    assert "2.000000 USDT" in text
    assert "under the rules that may back a claim: 2.000000 USDT" in text
    assert "to 3.000000 USDT" in text
    assert "Another rule that may back a claim gives another figure" in text
    assert "Value of other origins went through the same addresses" in text
    assert f"Loss L1 to {who('rest')}, in 2 movements one after the other: 5.000000 USDT" in text
    assert f"Loss L1 to {who('mule')}, in 1 movement: 2.000000 USDT" in text
    assert [line for line in portal.splitlines() if who("rest") in line and "erc20" in line and "5.000000" in line]
    assert "25.000000" not in portal
    assert "act without waiting for the sender" in portal


@pytest.mark.parametrize("language", ["en", "th", "en+th"])
def test_what_is_pasted_into_a_portal_is_enough_to_act_on(language: str, tool: Tool) -> None:
    said = ("--until", "2031-06-30", "--language", language, "--facts", "Kept apart.")
    block = written(tool, *said, ending="-portal.txt")
    lines = {"en": ("Records to keep", "for the account's whole life", "Please do not tell the account holder"),
             "th": ("บันทึกที่ขอให้เก็บ", "ตลอดอายุบัญชี", "โปรดอย่าแจ้งผู้ถือบัญชี")}[language[:2]]  # fmt: skip
    assert [
        one for one in (*lines, who("dep"), tx(4), "2031-06-30", "-v1.pdf", "a@example.org") if one not in block
    ] == []
    assert "Kept apart" not in block
    assert all(len(part) <= 3_500 for part in block.split("-" * 40)), "each language is pasted alone"
    mail = message_from_bytes(
        next((tool.case / "out/letters").glob("binance-preserve*-v1.eml")).read_bytes(), policy=default
    )
    body = mail.get_body().get_content()  # type: ignore[union-attr]
    assert [one for one in (*lines, who("dep"), "A. Example", "journal") if one not in body] == ["journal"]


def test_a_hold_names_the_amount_of_each_account(tool: Tool) -> None:
    block = written(tool, "--facts", "F.", kind="freeze", ending="-portal.txt")
    assert [line for line in block.splitlines() if who("dep") in line and "18.000000 USDT" in line]
    assert "section 2" not in block


@pytest.mark.parametrize("ending", [".txt", "-portal.txt"])
def test_the_police_learn_of_every_place_and_of_the_payment(ending: str, tool: Tool) -> None:
    text = written(tool, "--facts", "F.", kind="police-report", to="the police", as_="victim", ending=ending)
    for place, amount in (("dep", "18.000000 USDT"), ("rest", "5.000000 USDT"), ("mule", "2.000000 USDT")):
        assert (who(place) in text, amount.split()[0] in text) == (True, True), place
    assert tx(1) in text
    if ending == ".txt":
        assert f"{who('victim')}; → {who('mule')}" in text
        assert "Tether can stop this token at this address" in text
        assert "contact the sender first" not in text
        assert f"{who('dep')}; {tx(4)}" in text


def test_a_private_letter_bears_no_name_but_its_signatorys(tool: Tool) -> None:
    said = ("--until", "2031-06-30", "--entity", "E", "--form", "all")
    ident = draft(tool, *said)[1]["id"]
    assert letter(tool, "issue", ident, "--by", "Xaver Issuer")[0] == 0
    for file in (tool.case / "issued").iterdir():
        if file.suffix == ".txt":
            assert "Xaver" not in file.read_text(), file.name
    _, row = draft(tool, *said, "--facts", "Other facts.")
    assert row["id"] == ident
    head = tool.case / f"out/letters/{ident}-v2-portal.txt"
    assert "takes the place" not in head.read_text(), "version 1 was sent to nobody"
    assert letter(tool, "sent", ident, "--by", "C")[0] == 0
    assert "This is version 2. It takes the place of version 1." in head.read_text()


def test_no_longer_than_its_basis_gives(tool: Tool) -> None:
    said = ("--basis", "us.2703f", "--offence", "F", "--entity", "E", "--until")
    code, out = draft(tool, *said, "2035-01-01", as_="authority")
    assert (code, out["error"]["code"]) == (2, "letter-refused")
    assert "us.2703f gives a letter 90 days at most" in out["error"]["why"]
    assert "the 90 days after it need a renewed request" in out["error"]["do"]
    last = out["error"]["do"].partition("Name a day until ")[2][:10]
    code, out = draft(tool, *said, last, as_="authority")
    assert code == 0, "the day that the refusal names"
    assert not [line for line in out["before_issue"] if "PL10" in line], "nor does its issue refuse it"


@pytest.mark.parametrize("basis", ["th.ed2566", "th.cca18"])
def test_a_thai_letter_says_the_limits_of_its_basis_in_thai(basis: str, tool: Tool) -> None:
    kind = "freeze" if basis == "th.ed2566" else "disclose"
    said = ("--basis", basis, "--language", "th", "--offence", "ฉ้อโกง", "--entity", "E")
    # The limits of the one are a victim's: of an officer's use of it no source says any.
    text = written(tool, *said, kind=kind, as_="victim" if basis == "th.ed2566" else "authority")
    (line,) = [one for one in text.splitlines() if "ขอบเขตของฐานกฎหมาย" in one]
    assert not any(word in line for word in ("The ", "Only ", " a "))


def test_all_that_would_stop_the_issue_is_told_at_the_draft(tool: Tool) -> None:
    _, row = draft(tool, kind="freeze", as_="authority")
    told = "\n".join(row["before_issue"])
    wanted = ("offence", "legal entity", "facts", "signatory", "--until", "[sender]")
    assert [one for one in wanted[:3] if one not in told] == []
    assert "--facts" in told
    assert "--until" in told
    said = ("--until", "2031-06-30", "--facts", "F.", "--entity", "E", "--offence", "Fraud s 1", "--urgent", "U.")
    _, row = draft(tool, *said, kind="freeze", as_="authority")
    assert row["before_issue"] == []
    assert letter(tool, "issue", row["id"], "--by", "B. Example")[0] == 0
