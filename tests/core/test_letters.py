"""Letters: who may send which on which basis, what a recipient can act on, and the life they lead."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tx, who

from recover.case import examined, open_for_reading, open_for_writing
from recover.case.examined import Answer
from recover.findings import view
from recover.letters import acts, drafts, identified, matter, profile
from recover.letters.life import Letter
from recover.plugins import registry
from recover.report.checked import Check
from recover.sdk import Template

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
organisation = "Example & Partners"
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


def later(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """From here on it is this moment: what is said to be done must have come."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return moment

    monkeypatch.setattr("recover.case.folder.datetime", Later)


def draft(
    tool: Tool, *more: str, kind: str = "preserve", to: str = "binance", as_: str = "counsel"
) -> tuple[int, Any]:
    code, out, _ = letter(tool, "draft", "--kind", kind, "--to", to, "--as", as_, *more)
    return code, out


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
        (
            "bank",
            "A Bank",
            "victim",
            (
                "--about",
                identified.EXAMPLES["payment"],
            ),
        ),
        ("platform", "A Platform", "victim", ("--about", "https://platform.example/user/77; user_id=unknown")),
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
    asked["forms"] = ("all",)
    plugins = registry.load()
    with open_for_writing(tool.case, "test") as case:
        choice = acts.draft(case, plugins, profile.load(), kind, to, asked)
        seen = view.load(case, plugins)
        one = Letter(choice.id, choice=choice)
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


def test_a_letter_lives_and_verify_holds_throughout(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "Binance Holdings Limited")[1]["id"]
    assert letter(tool, "sent", ident, "--by", "C")[1]["error"]["code"] == "letter-not-issued"
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 0
    kept = {row["file"]: (tool.case / row["file"]).read_bytes() for row in out["files"]}
    assert not any(b"DRAFT" in data for name, data in kept.items() if name.endswith(".txt"))
    assert tool("verify")[0] in (0, 5)
    sent = open_for_reading(tool.case).entries[-1].time + timedelta(days=2)
    later(monkeypatch, sent + timedelta(days=2))
    assert letter(tool, "sent", ident, "--by", "C", "--channel", "portal", "--at", sent.isoformat())[0] == 0
    said = ("--by", "C", "--received", (sent + timedelta(hours=2)).isoformat(), "--reference", "B-77")
    assert letter(tool, "acknowledge", ident, *said)[0] == 0
    answer = tool.folder / "answer.csv"
    answer.write_text(export([("dep", "next", 50)], ["dep"]).replace(tx(1), tx(6)).replace("03-01", "03-06"))
    assert letter(tool, "answer", ident, str(answer), "--by", "C", "--held", "12 USDT")[1]["state"] == "answered"
    tool("run")
    (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
    assert (row["state"], row["version"], row["issued"], row["held"]) == ("answered", 1, [1], "12 USDT")
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


def test_a_copy_of_an_issued_letter_that_was_changed_or_is_gone_does_not_hold(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    copy = tool.case / f"issued/{ident}-v1.pdf"
    was = copy.read_bytes()
    copy.write_bytes(was + b" ")
    assert tool("verify")[0] == 3
    copy.write_bytes(was)
    checks = examined.issued(open_for_reading(tool.case))
    assert [(c.answer, c.name) for c in checks] == [(Answer.HOLDS, "issued")]
    copy.unlink()
    (gone,) = examined.issued(open_for_reading(tool.case))
    assert (gone.name, gone.detail) == (f"issued/{copy.name}", "was issued, and is gone; the exhibit holds that")
    assert tool("verify")[0] == 3


def test_a_withdrawn_letter_is_drafted_no_more(tool: Tool) -> None:
    ident = draft(tool, "--until", "2027-06-30", "--entity", "E")[1]["id"]
    letter(tool, "issue", ident, "--by", "A. Example")
    letter(tool, "sent", ident, "--by", "A. Example")
    code, row, _ = letter(tool, "withdraw", ident, "--reason", "The loss was another", "--by", "A. Example")
    assert code == 0
    said = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    told = (
        rf"The letter \w{{8}}/{ident}-v1 \(version 1, of \d{{4}}-\d\d-\d\d\) is withdrawn, and with it each letter"
    )
    assert re.search(rf"{told} that only asks after it. Reason: The loss was another\.", said)
    rows = {one["id"]: one for one in letter(tool, "list")[1]}
    assert (rows[ident]["state"], rows[ident]["drafted"]) == ("withdrawal drafted", False)
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
                (datetime.now(UTC).date() + timedelta(days=60)).isoformat(),
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
    ident = draft(tool, "--entity", "E")[1]["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-incomplete")
    assert "until which" in out["error"]["why"] or "day" in out["error"]["why"]


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
