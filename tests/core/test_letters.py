"""Letters: who may send which on which basis, what a recipient can act on, and the life they lead."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tx, who

from recover.case import open_for_writing
from recover.findings import view
from recover.letters import acts, clocks, drafts, gates, matter, profile, written
from recover.letters.life import Act, Choice, Letter
from recover.plugins import registry
from recover.report import lint
from recover.report.checked import Check
from recover.sdk import Error, Template
from recover.testing import sample

SENDER = """
[sender]
name = "Example & Partners"
address = "1 Example Street, London"
phone = "+44 20 0000 0000"
email = "a@example.org"
controller = "Example & Partners; ten years"

[[sender.officer]]
name = "A. Example"
title = "Solicitor"
role = "counsel"

[[sender.officer]]
name = "B. Example"
title = "Inspector"
role = "authority"
"""
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return list(registry.load().templates.values())


@pytest.fixture(scope="module")
def desk(templates: list[Template]) -> drafts.Desk:
    return drafts.desk(templates)


class Silent:
    def readouterr(self) -> tuple[str, str]:
        return "", ""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was run once: 50 USDT stand at a deposit address of Binance."""
    found = Tool(tmp_path_factory.mktemp("worked"), Silent())  # type: ignore[arg-type]
    found.open(export([*SWEEPS, ("victim", "dep", 50)], ["dep"]), labels(EXCHANGE))
    found("loss", "--tx", tx(5), "--asset", "USDT")
    found("run")
    return found.case


@pytest.fixture
def tool(
    worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Tool:
    config = tmp_path / "recover.toml"
    config.write_text(SENDER)
    monkeypatch.setenv("RECOVER_CONFIG", str(config))
    shutil.copytree(worked, tmp_path / "c")
    return Tool(tmp_path, capsys)


def letter(tool: Tool, verb: str, *arguments: str) -> tuple[int, Any, str]:
    from recover.cli import main as program

    code = program.main(["letter", verb, str(tool.case), *arguments, "--json"])
    out, err = tool.capsys.readouterr()
    return code, json.loads(out) if out.strip().startswith(("{", "[")) else out, err


def draft(
    tool: Tool, *more: str, kind: str = "preserve", to: str = "binance", as_: str = "counsel"
) -> tuple[int, Any]:
    code, out, _ = letter(tool, "draft", "--kind", kind, "--to", to, "--as", as_, *more)
    return code, out


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


def test_every_sender_has_an_answer_for_every_letter(desk: drafts.Desk) -> None:
    rows = list(gates.table(desk.bases, desk.kinds, DAY))
    assert len(rows) == len(desk.bases) * len(gates.SENDERS) * sum(len(k.addressees) for k in desk.kinds.values())
    assert all(row[4] for row in rows)


def test_a_treaty_between_two_named_states_may_be_used_and_an_old_entry_may_not(desk: drafts.Desk) -> None:
    basis, kind = desk.bases["coe.2ap.7"], desk.kinds["disclose"]
    assert not gates.refusals(basis, "competent_authority", kind, "vasp", DAY, ("TH", "US"))
    assert gates.refusals(basis, "competent_authority", kind, "vasp", DAY, ("TH", "TH"))
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


# what a recipient gets


def test_a_letter_names_account_transaction_amount_period_sender_and_reply_route(tool: Tool) -> None:
    code, row = draft(tool, "--until", "2027-06-30", "--entity", "Binance Holdings Limited")
    assert code == 0
    assert row["id"] == "binance-binance-holdings-limited-preserve"
    said = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    for wanted in (
        who("dep"),
        tx(5),
        "50.000000 USDT",
        "Binance Holdings Limited",
        "A. Example",
        "Please reply to: a@example.org",
        "for the account's whole life",
        "2021-12-05T10:00:00Z (90 days before the first traced credit, 2022-03-05T10:00:00Z)",
        "2027-06-30",
        "no statutory force",
        "Please do not tell the account holder",
        "value of loss L1 began to move",
    ):
        assert wanted in said, wanted
    # What an account is looked up by stands before what is told about it.
    assert said.index(tx(5)) < said.index("5. Facts")


@pytest.mark.parametrize(
    ("kind", "to", "as_", "more"),
    [
        ("preserve", "binance", "victim", ()),
        ("freeze", "binance", "authority", ("--offence", "Fraud")),
        ("freeze", "tether", "authority", ("--addressee", "issuer", "--offence", "Fraud")),
        ("disclose", "binance", "authority", ("--basis", "none-disclosure", "--offence", "Fraud")),
        ("enquiry", "okx", "counsel", ("--addressee", "vasp", "--about", "0xabc")),
        ("notice", "binance", "counsel", ("--basis", "civ.hold", "--court", "the High Court")),
        ("police-report", "the police", "victim", ()),
        ("bank", "A Bank", "victim", ("--about", "IBAN TH00 1234")),
        ("platform", "A Platform", "victim", ("--about", "https://platform.example/user/77")),
        (
            "isp",
            "A Provider",
            "authority",
            ("--about", "192.0.2.1:4711 2022-03-05T10:00:00Z", "--offence", "Fraud"),
        ),
        ("registrar", "A Registrar", "counsel", ("--about", "scam.example")),
    ],
)
@pytest.mark.parametrize("language", ["en", "th"])
def test_every_kind_is_written_in_every_form(
    kind: str, to: str, as_: str, more: tuple[str, ...], language: str, tool: Tool
) -> None:
    words = dict(zip(more[::2], more[1::2], strict=True))
    asked: dict[str, Any] = {name.removeprefix("--"): value for name, value in words.items()}
    asked |= {"role": as_, "language": language, "about": (asked["about"],) if "about" in asked else ()}
    plugins = registry.load()
    with open_for_writing(tool.case, "test") as case:
        choice = acts.draft(case, plugins, profile.load(), kind, to, asked)
        seen = view.load(case, plugins)
        one = Letter(choice.id, choice=choice, drafts=1)
        desk = drafts.desk(list(plugins.templates.values()))
        made = dict(drafts.written(seen, desk, matter.Ways(seen), choice, one, Check((), ())))
    assert {name.rpartition(".")[2] for name in made} == {"pdf", "docx", "xlsx", "csv", "txt", "eml"}, made
    said = made[f"letters/{choice.id}-v1.txt"].decode()
    assert ("ยังไม่ผ่านการอ่านของนักกฎหมายไทย" in said) == (language == "th")
    if "about" in words:
        assert words["--about"] in said


def test_two_languages_stand_side_by_side(tool: Tool) -> None:
    code, row = draft(tool, "--language", "en+th")
    assert code == 0
    said = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert "Request to preserve records / คำขอให้เก็บรักษาข้อมูล" in said
    assert "โปรดเก็บรักษาบันทึก" in said
    assert "Please keep the records" in said


@pytest.mark.parametrize("language", ["klingon", "en+en", "de", "en+th+en", "../th"])
def test_a_language_that_is_not_there_is_refused(language: str, tool: Tool) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    code, out = draft(tool, "--language", language)
    assert (code, out["error"]["code"]) == (2, "language-missing")
    assert (tool.case / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--kind", "preserve", "--to", "binance", "--as", "victim", "--basis", "us.2703f"), "letter-refused"),
        (("--kind", "preserve", "--to", "binance", "--as", "king"), "sender-role"),
        (("--kind", "nothing", "--to", "binance", "--as", "victim"), "letter-kind"),
        (("--kind", "preserve", "--to", "kraken", "--as", "victim"), "addressee-unreached"),
        (("--kind", "bank", "--to", "A Bank", "--as", "victim"), "letter-refused"),
        (("--kind", "disclose", "--to", "binance", "--as", "victim"), "basis-needed"),
        (("--kind", "preserve", "--to", "binance", "--as", "victim", "--basis", "no.such"), "basis-unknown"),
        (("--kind", "preserve", "--to", "binance", "--as", "counsel", "--officer", "Nobody"), "officer-unknown"),
        (("--kind", "preserve", "--to", "a stranger", "--as", "victim"), "addressee-unknown"),
    ],
)
def test_what_cannot_be_a_letter_is_refused_before_anything_is_written(
    arguments: Sequence[str], code: str, tool: Tool
) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    exit_, out, _ = letter(tool, "draft", *arguments)
    assert (exit_, out["error"]["code"]) == (2, code)
    assert (tool.case / "journal.jsonl").read_bytes() == before


# life


def test_a_letter_lives_and_verify_holds_throughout(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "Binance Holdings Limited")[1]["id"]
    assert letter(tool, "sent", ident, "--by", "C")[1]["error"]["code"] == "letter-not-issued"
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 0
    kept = {row["file"]: (tool.case / row["file"]).read_bytes() for row in out["files"]}
    assert not any(b"DRAFT" in data for name, data in kept.items() if name.endswith(".txt"))
    assert tool("verify")[0] in (0, 5)
    assert letter(tool, "sent", ident, "--by", "C", "--channel", "portal", "--at", "2026-12-01T10:00:00Z")[0] == 0
    said = ("--by", "C", "--received", "2026-12-01T12:00:00Z", "--reference", "B-77")
    assert letter(tool, "acknowledge", ident, *said)[0] == 0
    answer = tool.folder / "answer.csv"
    answer.write_text(export([("dep", "next", 50)], ["dep"]).replace(tx(1), tx(6)).replace("03-01", "03-06"))
    assert letter(tool, "answer", ident, str(answer), "--by", "C", "--held", "12 USDT")[1]["state"] == "answered"
    tool("run")
    (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
    assert (row["state"], row["version"], row["issued"], row["held"]) == ("answered", 2, [1], "12 USDT")
    assert {act["act"] for act in row["acts"]} == {"issue", "sent", "acknowledge", "answer"}
    assert tool("verify")[0] in (0, 5)
    for name, data in kept.items():
        assert (tool.case / name).read_bytes() == data, "what was issued never changes"
    shown = {e["name"]: e for e in tool.show("exhibits")}
    digest = hashlib.sha256(kept[f"issued/{ident}-v1.pdf"]).hexdigest()
    assert shown[f"{ident}-v1.pdf"]["digest"] == digest


def test_an_answer_is_followed_and_a_scan_is_kept(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    more = tool.folder / "more.csv"
    more.write_text(export([("dep", "next", 50)], ["dep"]).replace(tx(1), tx(6)).replace("03-01", "03-06"))
    scan = tool.folder / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 a scan")
    assert letter(tool, "answer", ident, str(more), str(scan), "--by", "C")[0] == 0
    tool("run")
    assert any(row["tx"] == tx(6) for row in tool.show("transfers"))
    assert "scan.pdf" in {e["name"] for e in tool.show("exhibits")}


def test_a_changed_copy_of_an_issued_letter_does_not_hold(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    copy = tool.case / f"issued/{ident}-v1.pdf"
    copy.write_bytes(copy.read_bytes() + b" ")
    assert tool("verify")[0] == 3


def test_a_withdrawn_letter_is_drafted_no_more(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    code, row, _ = letter(tool, "withdraw", ident, "--reason", "The loss was another", "--by", "A. Example")
    assert code == 0
    said = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert f"The letter {ident}-v1 is withdrawn. Reason: The loss was another." in said
    rows = {one["id"]: one for one in letter(tool, "list")[1]}
    assert (rows[ident]["state"], rows[ident]["drafted"]) == ("withdrawn", False)
    assert letter(tool, "sent", ident, "--by", "C")[1]["error"]["code"] == "letter-withdrawn"


@pytest.mark.parametrize(
    ("drafted", "by", "rule"),
    [
        (("--as", "counsel", "--until", "2027-06-30", "--entity", "E"), "", "L06"),
        (("--as", "victim", "--until", "2027-06-30", "--entity", "E"), "V", "L06"),
        (("--as", "authority", "--until", "2027-06-30", "--entity", "E"), "V", "L11"),
        (
            (
                "--as",
                "authority",
                "--until",
                "2027-06-30",
                "--offence",
                "F",
                "--basis",
                "us.2703f",
                "--entity",
                "E",
            ),
            "V",
            "PL08",
        ),
    ],
)
def test_what_may_not_go_out_is_not_issued(drafted: tuple[str, ...], by: str, rule: str, tool: Tool) -> None:
    _, row, _ = letter(tool, "draft", "--kind", "preserve", "--to", "binance", *drafted)
    code, out, _ = letter(tool, "issue", row["id"], "--by", by)
    assert code == 2
    assert rule in out["error"]["what"] + out["error"]["why"]
    assert not (tool.case / "issued").exists()


def test_an_open_blank_forbids_to_issue(tool: Tool) -> None:
    ident = draft(tool)[1]["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-incomplete")
    assert "until which" in out["error"]["why"] or "day" in out["error"]["why"]


# clocks


def alive(*acts: tuple[str, datetime, dict[str, str]]) -> Letter:
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
    issued = ("issue", at("2024-02-28T10:00:00+00:00"), {})
    early = term(desk, "us.2703f", alive(issued))
    assert (early.due, early.start, early.reckoned) == (at("2024-05-28T10:00:00+00:00"), "issue", True)
    got = ("acknowledge", at("2024-03-02T09:00:00+00:00"), {"received": "2024-03-01T08:00:00+00:00"})
    known = term(desk, "us.2703f", alive(issued, got))
    assert (known.due, known.start, known.reckoned) == (at("2024-05-30T08:00:00+00:00"), "receipt", False)


def test_a_renewal_runs_from_the_end_of_the_term_before_it_and_only_as_often_as_the_basis_says(
    desk: drafts.Desk,
) -> None:
    issued = ("issue", at("2025-01-01T00:00:00+00:00"), {})
    renew = ("renew", at("2025-03-01T00:00:00+00:00"), {})
    once = term(desk, "us.2703f", alive(issued, renew))
    assert (once.due, once.left) == (at("2025-06-30T00:00:00+00:00"), 0)
    assert term(desk, "us.2703f", alive(issued, renew, renew)).due == once.due
    assert term(desk, "eu.epoc-pr", alive(issued, renew)).due == at("2025-04-01T00:00:00+00:00")


def test_hours_are_hours_and_the_second_term_runs_from_the_filing(desk: drafts.Desk) -> None:
    issued = ("issue", at("2024-02-27T23:30:00+07:00"), {})
    first = term(desk, "th.ed2566", alive(issued))
    assert first.due == at("2024-03-01T23:30:00+07:00"), "72 hours over a leap day"
    assert first.reminders() == (first.due - timedelta(hours=24),)
    filed = ("filed", at("2024-02-29T10:00:00+07:00"), {})
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
    acts = [("issue", start, {}), *[("renew", start, {})] * renewed]
    found = term(desk, "us.2703f", alive(*acts))
    assert timedelta(days=90) <= found.due - start <= timedelta(days=180)


def test_the_calendar_is_the_same_each_time_and_holds_every_reminder(desk: drafts.Desk) -> None:
    found = [term(desk, "us.2703f", alive(("issue", at("2025-01-01T00:00:00+00:00"), {})))]
    one = clocks.calendar(found, at("2025-01-02T00:00:00+00:00"))
    assert one == clocks.calendar(found, at("2025-01-02T00:00:00+00:00"))
    assert one.count(b"BEGIN:VALARM") == 3
    assert b"DTSTART:20250401T000000Z" in one


# forms


def test_the_same_letter_gives_the_same_bytes_in_every_form(templates: list[Template]) -> None:
    first, second = (dict(written.papers(sample.view(), templates)) for _ in range(2))
    assert first == second
    assert {name.rpartition(".")[2] for name in first} >= {"pdf", "docx", "xlsx", "csv", "txt", "eml"}


def test_hostile_text_stays_text_in_every_form(templates: list[Template]) -> None:
    view = sample.view()
    ramps = tuple(replace(r, basis=sample.HOSTILE, memo=sample.HOSTILE, by_memo=True) for r in view.offramps)
    made = dict(written.papers(replace(view, offramps=ramps), templates))
    docx = _xml(made["letters/acme-preserve-v1.docx"], "word/document.xml")
    assert "&lt;script&gt;" in docx
    assert "\u202e" not in docx
    sheets = made["letters/acme-preserve-v1.xlsx"]
    names = zipfile.ZipFile(io.BytesIO(sheets)).namelist()
    assert not [name for name in names if "externalLink" in name]
    assert all("<f>" not in _xml(sheets, name) for name in names if name.startswith("xl/worksheets/sheet"))


def _xml(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()


def test_a_service_learns_of_no_other_service(templates: list[Template]) -> None:
    view = sample.view()
    other = replace(view.offramps[0], service="Other", service_name="Other", address="dep2", through="dep2")
    made = dict(written.papers(replace(view, offramps=(*view.offramps, other)), templates))
    assert "dep2" not in made["letters/acme-preserve-v1.txt"].decode()
    assert "Other" not in made["letters/acme-preserve-v1.txt"].decode()


# own kinds


def test_an_agency_copies_changes_and_uses_a_kind(tool: Tool) -> None:
    from recover.cli import main as program

    folder = tool.folder / "mine" / "quick"
    assert program.main(["template", "new", str(folder)]) == 0
    assert program.main(["template", "check", str(folder)]) == 0
    text = (folder / "en.toml").read_text().replace("Request to preserve records", "Quick request")
    (folder / "en.toml").write_text(text)
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\ntemplates = "mine"'))
    tool.capsys.readouterr()
    code, row = draft(tool, kind="quick")
    assert code == 0, row
    assert "Quick request" in (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert tool("verify")[0] in (0, 5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Please keep the records listed below", "You are required to keep"), "PL02"),
        (('kind_value = "', 'kind_valu = "'), "head.kind_valu is no text that a letter uses"),
    ],
)
def test_a_kind_that_breaks_a_rule_is_named(
    change: tuple[str, str], said: str, tmp_path: Path, templates: list[Template]
) -> None:
    from recover.letters import making

    making.new(templates, tmp_path / "bad", "preserve")
    file = tmp_path / "bad" / "en.toml"
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(Error) as caught:
        making.check(templates, tmp_path / "bad")
    assert said in caught.value.why


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_and_saves_every_form_without_loss(templates: list[Template], tmp_path: Path) -> None:
    made = dict(written.papers(sample.view(), templates))
    for ending, form in (("docx", "docx"), ("xlsx", "xlsx")):
        (tmp_path / f"a.{ending}").write_bytes(made[f"letters/acme-preserve-v1.{ending}"])
        saved = tmp_path / "saved"
        command = [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            form,
        ]
        subprocess.run([*command, "--outdir", str(saved), str(tmp_path / f"a.{ending}")], check=True, timeout=120)
    words = _words(_xml((tmp_path / "saved/a.docx").read_bytes(), "word/document.xml"))
    for wanted in _words(_xml(made["letters/acme-preserve-v1.docx"], "word/document.xml")):
        assert wanted in words, wanted
    sheet = zipfile.ZipFile(tmp_path / "saved/a.xlsx").read("xl/sharedStrings.xml").decode()
    for row in csv.reader(io.StringIO(made["letters/acme-preserve-v1.csv"].decode())):
        assert html.escape(row[6], quote=False) in sheet, "a transaction's id was lost"


def _words(xml: str) -> set[str]:
    texts = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)
    return {word for text in texts for word in html.unescape(text).split()}


def test_the_senders_own_words_and_only_its_losses_stand_in_the_letter(tool: Tool) -> None:
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    words = ("--facts", "The client was told of a sale.", "--urgent", "It moves tonight.", "--loss", "L2")
    code, row = draft(tool, *words)
    assert code == 0, row
    said = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert "The client was told of a sale." in said
    assert "It moves tonight." in said
    assert "value of loss L2 began" in said
    assert "value of loss L1 began" not in said


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
