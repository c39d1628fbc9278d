"""Letters that went out: their forms, moments, words and days, and what follows them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from tests.core.test_letters import draft, later, letter
from tests.core.test_letters_losses import read, tool, two
from tests.core.test_statements import Tool, tx, who

from recover.letters import drafts, matter, paper, renderings, rules
from recover.letters.life import Choice, Letter
from recover.plugins import registry
from recover.testing import sample

__all__ = ["tool", "two"]


def test_every_form_of_what_was_issued_stands_apart_as_it_was_captured(tool: Tool) -> None:
    said = ("--loss", "L2", "--until", "2031-06-30", "--entity", "E", "--form", "all")
    ident = draft(tool, *said)[1]["id"]
    _, done, _ = letter(tool, "issue", ident, "--by", "A. Example")
    forms = {Path(one["file"]).name.removeprefix(f"{ident}-v1") for one in done["files"]}
    assert forms == {".pdf", ".docx", ".xlsx", ".csv", ".txt", "-portal.txt", ".eml", "-delivery.txt"}
    mail = message_from_bytes((tool.case / f"issued/{ident}-v1.eml").read_bytes(), policy=default)
    assert (mail["From"], mail["To"]) == ("a@example.org", None)
    assert "DRAFT" not in mail["Subject"]
    body = mail.get_body().get_content()  # type: ignore[union-attr]
    wanted = ("A. Example", "2031-06-30", "Please reply to: a@example.org", f"{ident}, version 1")
    assert [one for one in wanted if one not in body] == []
    for part in mail.iter_attachments():
        kept = (tool.case / "issued" / str(part.get_filename())).read_bytes()
        assert part.get_payload(decode=True) == kept
    draft(tool, *said[:2], "--until", "2031-07-31", *said[4:])
    drafted = message_from_bytes((tool.case / f"out/letters/{ident}-v2.eml").read_bytes(), policy=default)
    assert drafted["Subject"].startswith("[DRAFT]")


# moments


def test_moments_have_a_zone_have_come_and_follow_each_other(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = draft(tool, "--loss", "L2", "--until", "2031-06-30", "--entity", "E")[1]["id"]
    later(monkeypatch, datetime(2030, 1, 5, tzinfo=UTC))
    letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-01-01T12:00:00Z")

    def code(act: str, *more: str) -> str:
        done, out, _ = letter(tool, act, ident, "--by", "C", *more)
        return str(out["error"]["code"]) if done else ""

    assert code("sent", "--at", "2030-01-02T10:00:00") == "time-without-zone"
    assert code("sent", "--at", "2030-01-06T00:00:00Z") == "letter-after-now"
    assert code("sent", "--at", "2030-01-01T11:00:00Z") == "letter-before-issue"
    _, _, told = letter(tool, "acknowledge", ident, "--by", "C", "--at", "2030-01-03T00:00:00Z")
    assert "No sending of version 1" in told
    assert code("sent", "--at", "2030-01-04T00:00:00Z") == "letter-sent-late"
    assert code("sent", "--at", "2030-01-02T20:00:00+07:00") == ""
    assert code("acknowledge", "--received", "2030-01-02T12:59:59Z") == "letter-before-sent"
    assert code("answer", "--at", "2030-01-02T12:00:00Z") == "letter-before-sent"
    assert code("acknowledge", "--received", "2030-01-06T00:00:00Z") == "letter-after-now"
    done, _, told = letter(tool, "answer", ident, "--by", "C", "--at", "2030-01-04")
    assert (done, "start of that day in UTC" in told) == (0, True)


# the sender's own words


def test_own_words_keep_their_paragraphs_and_are_not_cut(tool: Tool) -> None:
    file = tool.folder / "facts.txt"
    file.write_text("The client paid.\r\n\r\nNothing came.\n")
    said = ("--loss", "L2", "--facts", f"@{file}")
    text = read(tool, draft(tool, *said)[1]["id"])
    assert "The client paid.\nNothing came.\n" in text
    assert "U+000A" not in text
    assert "left out on purpose" not in text, "what somebody wrote may name somebody"
    file.write_text("x" * 20_001)
    code, out = draft(tool, *said)
    assert (code, "20,001 characters" in out["error"]["why"]) == (2, True)


def test_counsel_gives_a_bar_number_and_no_badge(tool: Tool) -> None:
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace('title = "Solicitor"', 'title = "Solicitor"\nbar = "SRA 5544"'))
    assert "bar number SRA 5544" in read(tool, draft(tool, "--loss", "L2")[1]["id"])


# how far a power goes


@pytest.mark.parametrize(
    ("more", "as_", "kind", "said"),
    [
        (("--basis", "us.2703f", "--offence", "F s 1"), "authority", "preserve", "us.2703f is law of US"),
        (("--basis", "th.ed2566"), "authority", "freeze", "th.ed2566 is law of TH"),
        (("--basis", "coe.bud.16"), "authority", "preserve", "coe.bud.16 is law of CH"),
        ((), "authority", "preserve", ""),
    ],
)
def test_where_a_power_does_not_reach_cover_and_delivery_sheet_say_so(
    more: tuple[str, ...], as_: str, kind: str, said: str, tool: Tool
) -> None:
    if "coe.bud.16" in more:  # a treaty that works through the law of one Party: of the sender's own
        config = tool.folder / "recover.toml"
        config.write_text(config.read_text().replace("[sender]\n", '[sender]\nstate = "CH"\n'))
    code, row = draft(tool, *more, as_=as_, kind=kind)
    assert code == 0, row
    text, sheet = (
        (tool.case / f"out/letters/{row['id']}-v1{end}").read_text() for end in (".txt", "-delivery.txt")
    )
    for one in (text[: text.index("1. ")], sheet):
        assert (said in one) if said else ("do not reach" not in one and "for a lawyer to say" not in one)


def test_a_power_reaches_an_addressee_of_its_own_state() -> None:
    view, desk = sample.view(), drafts.desk(list(registry.load().templates.values()))
    service = replace(view.services["Acme"], jurisdictions=("US",))
    view = replace(view, services={**view.services, "Acme": service})
    choice = Choice(
        id="a", kind="preserve", service="Acme", name="Acme", basis="us.2703f", role="competent_authority"
    )
    for language, abroad in (("en", "law of US"), ("th", "เป็นกฎหมายของ US")):
        for states, away in ((("US",), False), (("US", "SC"), True)):
            there = replace(view, services={"Acme": replace(service, jurisdictions=states)})
            (m,) = drafts.matters(there, desk, matter.Ways(view), replace(choice, language=language), Letter("a"))
            assert (abroad in renderings.plain(m, paper.brief(m)).decode()) is away


# after a withdrawal, and what an answer is asked for by


def test_nothing_more_is_asked_on_a_letter_that_was_withdrawn(tool: Tool) -> None:
    ident = draft(tool, "--loss", "L2", "--until", "2031-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    letter(tool, "sent", ident, "--by", "A. Example")
    after = letter(tool, "follow-up", ident, "--reason", "which account.", "--by", "C")[1]["id"]
    assert "Still" not in read(tool, after)
    assert "which account. " not in read(tool, after).replace("account.\n", ""), "no second full stop"
    back = letter(tool, "withdraw", ident, "--reason", "The loss was another", "--by", "C")[1]["id"]
    before = (tool.case / "journal.jsonl").read_bytes()
    for act, more in (("issue", (after,)), ("issue", (ident,)), ("follow-up", (ident,)), ("withdraw", (ident,))):
        said = ("--reason", "x") if act == "withdraw" else ()
        code, out, _ = letter(tool, act, *more, *said, "--by", "C")
        assert (code, out["error"]["code"]) == (2, "letter-withdrawn"), act
    assert (tool.case / "journal.jsonl").read_bytes() == before
    assert not (tool.case / f"out/letters/{after}-v1.pdf").exists()
    states = {one["id"]: one["state"] for one in letter(tool, "list")[1]}
    assert states[after] == f"dropped: {back} took its place"
    assert letter(tool, "issue", back, "--by", "A. Example")[0] == 0


def test_a_day_for_the_answer_is_asked_for_and_stands_in_the_letter(tool: Tool) -> None:
    enquiry = draft(tool, "--entity", "Acme Ltd", kind="enquiry")[1]["id"]
    assert "[to be completed: day by which an answer is asked for]" in read(tool, enquiry)
    code, out, _ = letter(tool, "issue", enquiry, "--by", "A. Example")
    assert (code, "--reply-by" in out["error"]["why"]) == (2, True), "it asks for an answer, and by no day"
    thai = "โปรดตอบภายใน 2031-06-30 (30 มิถุนายน พ.ศ. 2574)"
    for language, by in (("en", "Please answer by 2031-06-30, to the end of that day (UTC)."), ("th", thai)):
        said = ("--reply-by", "2031-06-30", "--language", language)
        assert by in read(tool, draft(tool, *said, kind="enquiry", as_="authority")[1]["id"])


def test_an_enquiry_says_who_named_its_identifiers(tool: Tool) -> None:
    found = read(tool, draft(tool, kind="enquiry", as_="authority")[1]["id"])
    assert "Identifiers that the trace found" in found
    assert "named by hand" not in found
    one = draft(tool, "--about", "a.example", kind="registrar", to="R", as_="authority")[1]["id"]
    assert "for the domain or server named" in read(tool, one)
    named = read(tool, draft(tool, "--about", who("dep"), kind="enquiry", as_="authority")[1]["id"])
    assert "Identifiers named by the sender" in named
    assert "In all: 1 address or transaction named below\n" in named


# what may not go out


def test_nothing_is_issued_again_that_nobody_drafted_and_in_which_nothing_differs(tool: Tool) -> None:
    said = ("--offence", "F s 1", "--until", "2031-06-30", "--entity", "E")
    ident = draft(tool, *said, as_="authority")[1]["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "B. Example")
    assert (code, out["as"], out["sender"], out["until"]) == (
        0, "competent_authority", "Example & Partners", "2031-06-30",
    )  # fmt: skip
    assert draft(tool, *said, "--facts", "You are required to act.", as_="authority")[0] == 2
    code, out, _ = letter(tool, "issue", ident, "--by", "B. Example")
    assert (code, out["error"]["code"]) == (2, "letter-unchanged")
    tool("loss", "--tx", tx(8), "--asset", "USDT")
    tool("run")
    assert letter(tool, "issue", ident, "--by", "B. Example")[1]["version"] == 2


def test_of_a_service_in_the_register_a_person_names_the_legal_entity(tool: Tool) -> None:
    said = ("--loss", "L2", "--until", "2031-06-30")
    ident = draft(tool, *said)[1]["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 2
    assert "--entity" in out["error"]["why"] + out["error"]["do"]
    ident = draft(tool, *said, "--entity", "Nest Clearing and Custody Limited")[1]["id"]
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0
    text = (tool.case / f"issued/{ident}-v1.txt").read_text()
    assert "Nest Clearing and Custody Limited" in text
    assert ("Entities in the register" in text, "jurisdictions in the register" in text) == (False, False)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (("--until", "9999-12-31"), "PL10"),
        (("--until", "2020-01-01"), "PL10"),
        (("--reply-by", "2020-01-01"), "PL10"),
        (("--since", "2999-01-01"), "PL10"),
        (("--facts", "ท่านต้องดำเนินการทันที"), "PL02"),
        (("--facts", "Please also send us the KYC file."), "PL03"),
        (("--facts", "Please block all withdrawals."), "PL04"),
        (("--urgent", "โปรดอายัดบัญชี"), "PL04"),
        (("--facts", "ผู้ถือบัญชีฟอกเงิน"), "PL06"),
        (("--facts", "ห้ามแจ้งผู้ใด"), "PL07"),
        (("--facts", "Passport AA1234567"), "PL11"),
        (("--facts", "Call +66 81 234 5678"), "PL11"),
        (("--facts", "These are the victim's coins."), "PL14"),
        (("--facts", "The client paid 30 USDT for goods that never came, on 1 March 2022."), ""),
        (("--facts", "ลูกค้าจ่ายค่าสินค้าที่ไม่เคยได้รับ"), ""),
    ],
)
def test_words_and_days_that_may_not_be_served_are_refused_in_both_languages(
    more: tuple[str, ...], rule: str, tool: Tool
) -> None:
    code, out = draft(tool, "--loss", "L2", *more)
    assert out["error"]["what"].endswith(f" {rule}.") if rule else code == 0, out


@pytest.mark.parametrize(
    ("about", "refused"),
    [
        ("203.0.113.7", True),
        ("203.0.113.7 2026-11-01T12:00:05Z", True),
        ("203.0.113.7:51234", True),
        ("[2001:db8::1]:51234", True),
        ("203.0.113.7:51234 2026-11-01T12:00:05Z", False),
        ("[2001:db8::1]:51234 2026-11-01T12:00:05Z", False),
        ("+66 81 234 5678", False),
    ],
)
def test_a_network_provider_is_given_address_port_and_second(about: str, refused: bool) -> None:
    desk = drafts.desk(list(registry.load().templates.values()))
    choice = Choice(id="i", kind="isp", name="I", addressee="isp", about=(about,))
    found = rules.lines(choice, desk.kinds["isp"], datetime(2026, 12, 1, tzinfo=UTC))
    assert [r.rule for r in found] == (["PL13"] if refused else [])


def test_a_letter_says_on_its_first_page_what_until_when_and_to_whom_to_reply(tool: Tool) -> None:
    said = ("--loss", "L2", "--until", "2031-06-30", "--reply-by", "2031-01-31", "--language", "en+th")
    text = read(tool, draft(tool, *said)[1]["id"])
    head = text[: text.index("Letter / หนังสือ")]
    wanted = (
        "Please keep the records", "2031-06-30, to the end of that day (UTC)", "2031-01-31", "a@example.org",
        "not yet read by a lawyer of that language",
    )  # fmt: skip
    assert [one for one in wanted if one not in head] == []
    text = read(tool, draft(tool, "--loss", "L2")[1]["id"])
    assert len(re.findall(r"Our reference: \w{8}/binance-preserve-v1", text)) == 1


def test_an_issuer_is_asked_about_no_empty_list(tool: Tool) -> None:
    code, out = draft(tool, "--offence", "F s 1", kind="freeze", to="circle", as_="authority")
    assert (code, "PL13" in out["error"]["what"]) == (2, True)


def test_what_follows_a_letter_names_what_that_letter_named(tool: Tool) -> None:
    said = ("--loss", "L2", "--until", "2031-06-30", "--entity", "E", "--about", who("mine"))
    ident = draft(tool, *said)[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    letter(tool, "sent", ident, "--by", "A. Example")
    for act in ("follow-up", "withdraw"):
        row = letter(tool, act, ident, "--reason", "x", "--by", "C")[1]
        text = read(tool, row["id"])
        assert "Identifiers of the letter that this one follows" in text
        sheet = (tool.case / f"out/letters/{row['id']}-v1.csv").read_text()
        for named in (who("dep"), who("mine")):  # what the trace found, and what its sender gave beside it
            assert text.split("Look up:")[1].split("\n")[0].count(named) == 1
            assert named in sheet
        assert "named by hand" not in text
