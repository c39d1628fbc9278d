"""Words that a letter may not say, in every language of the house; what identifies a person; what is looked up."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_letter_rules import SENDER, choice, desk, letter, templates
from tests.core.test_letters import draft, tool, worked
from tests.core.test_letters import letter as act
from tests.core.test_statements import Tool

from recover.letters import clocks, drafts, front, identified, making, paper, renderings, rules, typed
from recover.letters.life import Act, Letter
from recover.report import lint
from recover.report.checked import Check
from recover.sdk import Error

EXAMPLE = identified.EXAMPLES["payment"]

__all__ = ["tool", "worked"]


@pytest.mark.parametrize(
    ("words", "asks", "rules_"),
    [
        ("ท่านต้องอายัดบัญชีทันที มิฉะนั้นมีความผิด", "preserve", {"PL02", "PL04"}),
        ("ตามคำสั่งศาล โปรดดำเนินการ", "preserve", {"PL02"}),
        ("โปรดส่งข้อมูลผู้ถือบัญชีและธุรกรรมในอนาคต", "preserve", {"PL03"}),
        ("โปรดส่งเอกสารเปิดบัญชีมาด้วย", "freeze", {"PL03"}),
        ("โปรดระงับการถอนเงิน", "preserve", {"PL04"}),
        ("โปรดเก็บรักษาข้อมูลด้วย", "freeze", {"PL04"}),
        ("กระเป๋านี้เป็นของบริษัท", "preserve", {"ownership"}),
        ("ผู้ถือบัญชีเป็นมิจฉาชีพ", "preserve", {"PL06"}),
        ("ห้ามแจ้งลูกค้า", "preserve", {"PL07"}),
        ("เหล่านี้คือเหรียญของผู้เสียหาย", "preserve", {"coins"}),
        ("เงินถูกยึดแล้ว", "preserve", {"recovered"}),
        ("You must freeze it at once or else.", "preserve", {"PL02", "PL04"}),
        ("Please also send us the KYC file and all future transactions.", "preserve", {"PL03"}),
        ("Please give the name of the holder.", "freeze", {"PL03"}),
        ("Please block all withdrawals of the account.", "preserve", {"PL04"}),
        ("Hold the balance until we write.", "disclose", {"PL04"}),
        ("These are the victim's coins.", "preserve", {"coins"}),
        ("p\u00adl\u200bease blo\u200bck all withdra\u00adwals", "preserve", {"PL04"}),
    ],
)
def test_other_words_for_what_may_not_be_said_are_found(words: str, asks: str, rules_: set[str]) -> None:
    assert set(lint.banned(words, letter=True, asks=asks)) == rules_


@pytest.mark.parametrize(
    "words",
    [
        "My client was told to send documents, and paid; the platform then blocked withdrawals.",
        "The client's money was moved on the same day.",
        "ลูกความโอนเงินไปตามที่ได้รับแจ้ง แล้วถอนไม่ได้",
        "โดยไม่ต้องส่งมอบ ไม่ได้ขอให้เปิดเผย",
    ],
)
@pytest.mark.parametrize("asks", ["preserve", "freeze"])
def test_what_happened_may_be_told(words: str, asks: str) -> None:
    assert lint.banned(words, letter=True, asks=asks) == []


@pytest.mark.parametrize("ident", sorted(desk().kinds))
@pytest.mark.parametrize("language", desk().languages())
def test_every_kind_keeps_the_rules_in_every_language_that_it_has(ident: str, language: str) -> None:
    kind = desk().kinds[ident]
    own = desk().layered(kind, language)
    said = {
        key: text
        for key, text in own.entries.items()
        if not key.startswith(("records.categories_kept", "delivery."))
    }
    assert lint.words(said, letter=True, asks=kind.asks) == []


@pytest.mark.parametrize("where", ["facts", "urgent", "why", "offence", "court", "instructed_by", "entity"])
@pytest.mark.parametrize(
    "text",
    [
        "passport AA1234567", "+66812345678", "Tel. 081-234-5678", "โทร ๐๘๑ ๒๓๔ ๕๖๗๘", "หนังสือเดินทางเลขที่ X12345",
        "Call me on 081-234-5678.", "at 0812345678.", "โทร0812345678ครับ", "tel:0612345678", "02-123-4567.",
        "(02) 123 4567", "08-1234-5678", "081.234.5678", "account 123-4-56789-0 was used", "123-456789-0.",
        "เลขบัญชี 1234567890", "Kasikorn Bank, no. 1234567890", "ID 9876501234567.",
    ],
)  # fmt: skip
def test_what_tells_a_person_stands_nowhere_and_nobody_lets_it_pass(where: str, text: str) -> None:
    one, passed = choice(**{where: text}), {("letter", rule) for rule in ("PL11", "identity")}
    kind, basis = ("notice", "civ.hold") if where == "court" else ("preserve", "none-voluntary")
    found = rules.said(one, desk().kinds[kind], desk().bases[basis], [], passed)
    assert {r.rule for r in found} == {"PL11"}
    assert "234" not in " ".join(r.why + r.todo for r in found if where not in ("facts", "urgent", "why"))


def test_a_pseudonym_of_six_digits_is_no_number_of_a_passport() -> None:
    assert list(typed.telling(choice(instructed_by="V-993628", facts="V-373225 paid twice."))) == []
    assert list(typed.telling(choice(facts="V-373225 shows V1234567."))) != []


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T10:00:00+07:00", "1,234.50 USDT at 0.0812345678", "block 01234567", "0xabc0812345678", "s 343",
        "on 01-02-2026 10:00", "08:12:34 5678", "10.081.234.567", "block 1764547200", "user_id=12345678",
        "my bank sent 1000000000 THB", "the account held 1,234,567,890.50 USDT", "complaint 6612345678",
    ],
)  # fmt: skip
def test_moments_amounts_and_heights_are_no_numbers_of_persons(text: str) -> None:
    assert list(typed.telling(choice(facts=text))) == []


@pytest.mark.parametrize(
    ("form", "text", "lacking"),
    [
        ("line", "203.0.113.7", ["port", "second"]),
        ("line", "203.0.113.7:51234", ["second"]),
        ("line", "203.0.113.7:51234 2026-11-01 12:00", ["second"]),
        ("line", "203.0.113.7:51234 2026-11-01T12:00:05+07:00", []),
        ("line", "203.0.113.7 2026-11-01", ["port", "second"]),
        ("line", "2026-11-01 2026-11-02", ["line", "port", "second"]),
        ("line", "203.0.113.7:99999 2026-11-01T12:00:05Z", ["port"]),
        ("line", "203.0.113.7:51234 2026-13-01T12:00:05Z", ["second"]),
        ("line", "[2001:db8::1]:51234 2026-11-01T12:00:05Z", []),
        ("line", "+66 81 234 5678", []),
        ("line", "a customer of yours", ["line", "port", "second"]),
        ("payment", "TH00 1234", [*identified.FORMS["payment"][1:]]),
        ("payment", EXAMPLE.replace("TH00 1234", "unknown").replace("debited", "in").replace("500.00 THB", "5"),
         ["account", "direction", "amount"]),
        ("payment", EXAMPLE.replace("2026-11-01", "1 May"), ["value_date"]),
        ("profile", "https://platform.example/user/77", ["user_id"]),
        ("profile", "https://platform.example/user/77; user_id=unknown", []),
        ("profile", "100004711", []),
        ("domain", "not a domain", ["domain"]),
        ("domain", "203.0.113.7", []),
    ],
)  # fmt: skip
def test_what_is_looked_up_is_named_whole(form: str, text: str, lacking: list[str]) -> None:
    assert identified.lacking(form, text) == lacking


@pytest.mark.parametrize("form", sorted(identified.FORMS))
def test_the_example_that_a_refusal_gives_holds(form: str) -> None:
    assert identified.lacking(form, identified.EXAMPLES[form]) == []
    assert {kind.names for kind in desk().kinds.values()} - {""} == set(identified.FORMS)


def test_a_payment_is_refused_without_its_fields_and_printed_by_columns(tool: Tool) -> None:
    code, out = draft(tool, "--about", "TH00 1234", kind="bank", to="A Bank", as_="victim")
    assert (code, "PL13" in out["error"]["what"], "value_date" in out["error"]["why"]) == (2, True, True)
    said = ("--about", identified.EXAMPLES["payment"], "--loss", "L1")
    code, row = draft(tool, *said, kind="bank", to="A Bank", as_="victim")
    assert code == 0, row
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert "1 | TH00 1234 | debited | the sender's own, or its party's | unknown | unknown | 500.00 THB" in text
    assert "its holder may be told" in text
    assert "Please do not tell the account holder" not in text
    table = (tool.case / f"out/letters/{row['id']}-v1.csv").read_text().splitlines()
    assert table[0] == "account,direction,holder,beneficiary,other_bank,amount,value_date,reference"


def test_a_provider_finds_a_number_and_a_moment_as_they_are_dialled_and_logged() -> None:
    rows = renderings.given(("+66 81 234 5678", "203.0.113.7:51234 2026-11-01T12:00:05+07:00"), "line").decode()
    assert rows.splitlines() == [
        "ip_address_or_number,source_port,moment_utc",
        '"+66 81 234 5678","",""',
        '"203.0.113.7","51234","2026-11-01T05:00:05Z"',
    ]
    assert renderings.given(("=1+1",)).decode().splitlines()[1] == '"\'=1+1"'


@pytest.mark.parametrize(
    ("kind", "text", "since", "rule"),
    [
        ("bank", EXAMPLE + "; colour=red", "", "PL13"),
        ("platform", "https://platform.example/user/77; user_id=1; shoe=9", "", "PL13"),
        ("platform", "https://platform.example/user/77; user_id=1; ad_id=9", "", ""),
        ("platform", "https://platform.example/user/77; user_id=1; second=2026-11-01T12:00:05Z", "", ""),
        ("platform", "https://platform.example/user/77; user_id=1; second=yesterday", "", "PL13"),
        ("platform", "+66 81 234 5678; second=2026-11-01T12:00:05Z", "2026-11-02T00:00:00+00:00", "PL09"),
        ("bank", EXAMPLE, "2026-11-02T00:00:00+00:00", "PL09"),
        ("bank", EXAMPLE, "2026-11-01T12:00:00+00:00", ""),
        ("isp", "203.0.113.7:51234 2026-08-01T12:00:05Z", "2026-10-01T00:00:00+00:00", "PL09"),
        ("isp", "203.0.113.7:51234 2026-08-01T12:00:05Z", "2026-08-01T00:00:00+00:00", ""),
    ],
)
def test_what_no_column_holds_and_a_period_without_its_own_moment_are_refused(
    kind: str, text: str, since: str, rule: str
) -> None:
    found = rules.lines(choice(kind=kind, about=(text,), since=since), desk().kinds[kind], now())
    assert {one.rule for one in found} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("kind", "text", "rule"),
    [
        ("bank", EXAMPLE.replace("2026-11-01", "2028-02-29"), "PL10"),
        ("bank", EXAMPLE.replace("2026-11-01", "2026-11-24"), ""),  # where days begin first it has begun
        ("bank", EXAMPLE.replace("2026-11-01", "2026-11-25"), "PL10"),
        ("bank", EXAMPLE.replace("2026-11-01", "0026-11-01"), "PL13"),
        ("isp", "203.0.113.7:51234 2030-11-01T12:00:05Z", "PL10"),
        ("isp", "203.0.113.7:51234 2026-11-24T01:00:00+07:00", ""),
        ("isp", "203.0.113.7:51234 2026-11-24T01:00:01+07:00", "PL10"),
        ("isp", "203.0.113.7:51234 0001-01-01T00:00:00Z", "PL13"),
        ("platform", "https://platform.example/user/77; user_id=1; second=2026-11-23T18:00:01Z", "PL10"),
    ],
)
def test_no_identifier_is_of_a_moment_that_has_not_come_or_that_no_record_can_have(
    kind: str, text: str, rule: str
) -> None:
    found = rules.lines(choice(kind=kind, about=(text,)), desk().kinds[kind], now())
    assert {one.rule for one in found} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("kind", "about", "since", "told"),
    [
        ("isp", ("203.0.113.7:51234 2026-11-01T12:00:05+07:00", "203.0.113.8:1 2026-12-01T00:00:00Z"), "",
         "from 2026-08-03T05:00:05Z (90 days before 2026-11-01T05:00:05Z, the earliest moment named above)"),
        ("bank", (EXAMPLE,), "", "from 2026-08-03T00:00:00Z (90 days before 2026-11-01T00:00:00Z, the earliest"),
        ("isp", ("203.0.113.7:51234 2026-11-01T12:00:05Z",), "2026-10-01T00:00:00+00:00",
         "from 2026-10-01T00:00:00Z until receipt of this letter"),
        ("isp", ("+66812345678",), "", "period: day and time in UTC"),
        ("platform", ("https://p.example/7; user_id=7; second=2028-02-29T23:59:59Z",), "",
         "from 2027-12-01T23:59:59Z (90 days before 2028-02-29T23:59:59Z"),
        ("registrar", ("shop.example",), "", "period: day and time in UTC"),
    ],
)  # fmt: skip
def test_a_period_begins_before_what_is_named_and_no_such_letter_goes_out_without_facts(
    kind: str, about: tuple[str, ...], since: str, told: str
) -> None:
    m = letter(kind=kind, about=about, since=since, service="", name="Somebody", facts="")
    text = renderings.plain(m, paper.brief(m)).decode()
    assert told in text
    assert {one.why[:3] for one in rules.issued(m, date(2026, 11, 23))} == (
        {"L15"} if told.startswith("period") else set()
    )
    assert "[to be completed: facts" in text, "of what happened no trace tells"
    assert (
        "[to be completed: facts"
        not in renderings.plain(
            m, paper.brief(replace(m, choice=replace(m.choice, facts="A victim was called from it.")))
        ).decode()
    )


# days


def now() -> datetime:
    return datetime(2026, 11, 23, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"until": "9999-12-31"}, True),
        ({"until": "2036-11-24"}, True),
        ({"until": "2036-11-22"}, False),
        ({"until": "2026-11-23"}, False),
        ({"until": "2026-11-23", "sender": {**SENDER, "zone": "Asia/Bangkok"}}, True),  # there it is the day after
        ({"since": "2026-11-23T18:00:01+00:00"}, True),
        ({"since": "2026-11-23T18:00:00+00:00"}, False),
        ({"reply_by": "2020-01-01"}, True),
    ],
)
def test_days_that_no_letter_can_ask_for_are_refused_at_the_draft(more: dict[str, Any], refused: bool) -> None:
    assert {one.rule for one in rules.days(choice(**more), now())} == ({"PL10"} if refused else set())


def test_no_day_breaks_a_clock() -> None:
    for zone in ("Asia/Bangkok", "America/New_York", "UTC", ""):
        one = Letter("a", choice=choice(until="9999-12-31", sender={**SENDER, "zone": zone}))
        one.acts = [Act(act="issue", number=2, time=now(), version=1, said={"until": "9999-12-31"})]
        (term,) = clocks.terms(one, None)
        assert term.due > now() + timedelta(days=1)
        assert clocks.calendar([term], clocks.Home(key="a", name="b", number=1, stamp=now()))


# what a desk needs first


def test_the_first_page_and_the_block_give_ask_account_transaction_day_and_reply() -> None:
    m = letter(until="2027-01-31", reply_by="2026-12-05", sender={**SENDER, "zone": "Asia/Bangkok"})
    cover = {value for block in paper.brief(m).cover if block.kind == "facts" for _, value, _ in block.rows}
    tx = max(m.rows, key=lambda r: int(r.traced_amount or 0) if r.direction == "in" else 0).tx_hash
    wanted = (
        "Please keep the records", m.ramps[0].address, tx, "a@example.org", "Acme Ltd",
        "2027-01-31, to the end of that day (UTC+07:00)", "2026-12-05, to the end of that day",
    )  # fmt: skip
    block = front.block(m, *_head(m)).decode()
    for one in wanted:
        assert any(one in value for value in cover), one
        assert one in block
    assert len(block) <= front.FIELD
    for apart in ("journal", "fifo, declared", "reviewed by no lawyer", m.view.head):
        assert not any(apart in value for value in cover), apart


def _head(m: Any) -> tuple[Any, dict[str, str]]:
    from recover.report.elements import Facts

    return Facts(rows=tuple(paper.first(m))), {}


def test_the_block_stays_short_however_much_the_letter_lists() -> None:
    m = letter(sender={**SENDER, "name": "A Firm with a long name " * 5})
    long = replace(
        m,
        rows=tuple(replace(m.rows[0], tx_hash=f"{n:064x}", direction="in", traced_amount="5") for n in range(500)),
        files={"acme-preserve-v1.csv": "0" * 64},
    )
    block = front.block(long, *_head(long)).decode()
    assert len(block) <= front.FIELD
    assert "more, in acme-preserve-v1.csv" in block


def test_a_private_letter_bears_its_own_reference() -> None:
    view = letter().view
    case = replace(view.case, reference="POLICE 7/2569")
    for role, own in (
        ("counsel", "acme-preserve-v1"),
        ("victim", "acme-preserve-v1"),
        ("competent_authority", "POLICE 7/2569"),
    ):
        m = letter(role=role)
        assert paper.reference(replace(m, view=replace(view, case=case))) == own
        # Two clients' letters to one service are told apart, and a withdrawal of one by its name fits no other.
        of = [letter(role=role, sender={**SENDER, "case": mark}) for mark in ("1a2b3c4d", "5e6f7a8b")]
        bare = {paper.reference(replace(one, view=replace(view, case=replace(case, reference="")))) for one in of}
        assert bare == {"1a2b3c4d/acme-preserve-v1", "5e6f7a8b/acme-preserve-v1"}
    patterned = letter(sender={**SENDER, "case": "1a2b3c4d", "reference": "{reference}/{letter}"})
    assert paper.reference(replace(patterned, view=replace(view, case=replace(case, reference="")))) == (
        "1a2b3c4d/acme-preserve-v1"
    )


# what goes out


def test_a_refused_draft_names_the_one_that_stands(tool: Tool) -> None:
    code, row = draft(tool, "--until", "2031-06-30", "--entity", "E")
    assert code == 0
    code, out = draft(tool, "--until", "2031-06-30", "--entity", "E", "--facts", "You must act.")
    assert code == 2
    assert f"{row['id']} stays as it was drafted at" in out["error"]["do"]
    assert "by A. Example (counsel), until 2031-06-30" in out["error"]["do"]


def test_a_draft_older_than_a_rule_is_held_to_it_at_issue(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(rules, "said", lambda *_: [])
        ident = draft(tool, "--until", "2031-06-30", "--entity", "E", "--facts", "Passport AA1234567")[1]["id"]
    code, out, _ = act(tool, "issue", ident, "--by", "A. Example")
    assert (code, "PL11" in out["error"]["what"]) == (2, True)
    assert not (tool.case / "issued").exists()


def test_a_kind_of_ones_own_is_checked_in_thai_too(tmp_path: Any) -> None:
    making.new(templates(), tmp_path / "mine", "preserve")
    file = tmp_path / "mine" / "th.toml"
    assert making.check(templates(), tmp_path / "mine")
    file.write_text(file.read_text("utf-8").replace("โปรดเก็บรักษาบันทึก", "ท่านต้องส่งมอบบันทึก"), "utf-8")
    with pytest.raises(Error, match=r"th: ask.subject breaks PL0[23]"):
        making.check(templates(), tmp_path / "mine")


def test_every_identifier_is_whole_in_the_pdf_of_two_languages() -> None:
    m = letter()
    one = choice(language="en+th", id="an-exchange-with-a-long-name-and-a-legal-entity-preserve")
    issued = datetime(2026, 11, 23, tzinfo=UTC)
    made = dict(drafts.written(m.view, desk(), m.ways, one, Letter(one.id), Check((), ()), issued))
    text = made[f"letters/{one.id}-v1.txt"].decode()
    pdf = PdfReader(io.BytesIO(made[f"letters/{one.id}-v1.pdf"]))
    shown = "\n".join(page.extract_text() for page in pdf.pages)
    told = {*re.findall(r"\b[0-9a-f]{64}\b", text), *(r.address for r in m.ramps), *(r.tx_hash for r in m.rows)}
    assert len(told) > 4
    assert [word for word in told if word not in shown] == []


def test_a_letter_that_names_its_sender_or_its_party_does_not_say_that_it_names_nobody() -> None:
    def text(**more: Any) -> str:
        m = letter(**more)
        return renderings.plain(m, paper.brief(m)).decode()

    told, none = "left out on purpose", "no name of any person."
    assert told in text(urgent="", sender={**SENDER, "officer": ""})
    for more in ({"role": "victim"}, {"instructed_by": "Nok Somchai"}, {"claim": "against Nok Somchai"}):
        said = text(urgent="", **more)
        assert (told in said, none in said) == (False, False), more
