"""One party's letter, what may warn a holder, letters about what no trace reached, and those of other members."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.test_letter_rules import choice
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import EXCHANGE, SWEEPS, Tool, export, labels, tx

from recover.letters import identified, scope, written
from recover.sdk import Template
from recover.testing import sample

__all__ = ["templates", "tool", "worked"]


def two_parties(tool: Tool) -> None:
    """100 of L1, then 50 of L2, come to one wallet; it pays the exchange 30, and a deposit address 120."""
    moves = [*SWEEPS, ("victim", "mid", 100), ("other", "mid", 50), ("mid", "hot", 30), ("mid", "dep", 120)]
    shutil.rmtree(tool.case)
    tool.open(export([*moves, ("dep", "hot", 90)], ["mid", "dep"]), labels(EXCHANGE))
    for number in (5, 6):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("run")


def test_counsels_letter_has_the_movements_of_its_own_losses_and_one_pooled_line(tool: Tool) -> None:
    two_parties(tool)
    assert draft(tool, "--loss", "L2", "--until", "2027-06-30")[0] == 0
    rows = [
        (row["tx_hash"], row["direction"], row["traced"])
        for row in csv.DictReader((tool.case / "out/letters/binance-preserve-v1.csv").read_text().splitlines())
    ]
    # First in, first out: the 30 and the first 70 of the 120 are L1's, and so are the first 70 of the 90.
    assert rows == [
        (tx(6), "in", "50.000000"),
        (tx(8), "in", "50.000000"),
        (tx(9), "out", "20.000000"),
        (tx(6), "loss", "50.000000"),
    ]
    said = (tool.case / "out/letters/binance-preserve-v1.txt").read_text()
    assert "Under rule ‘First in, first out’, 20.000000 USDT of traced value went through" in said
    assert "losses that are not named here" not in said, "a sum of one other loss is that one's figure"
    assert (tx(5) in said, "L1" in said, "2 losses" in said) == (False, False, False)
    code, row = draft(tool, "--until", "2027-06-30", as_="authority")
    assert (code, row["id"]) == (0, "binance-preserve-authority")
    whole = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert (tool.case / "out/letters/binance-preserve-v1.txt").read_text() == said, "neither supersedes the other"
    assert "Under rule ‘First in, first out’, 120.000000 USDT of traced value went through" in whole
    assert "not named here" not in whole


def test_anothers_pseudonym_and_figure_are_no_matter_of_a_partys_letter() -> None:
    view = sample.view()
    loss = replace(view.case.losses[0], amount=1_223_250_850)
    view = replace(view, case=replace(view.case, losses=(loss, replace(loss, id="L9", amount=700))))
    taken = [{"id": name, "act": "add"} for name in ("V-22ZMJ6", "V-292AXB")]
    entries = [SimpleNamespace(kind="victim", body=body, time=datetime(2026, 1, 1, tzinfo=UTC)) for body in taken]

    def rules(facts: str, losses: tuple[str, ...] = ("L9",), role: str = "counsel") -> list[str]:
        one = choice(facts=facts, losses=losses, role=role, instructed_by="V-292AXB")
        case: Any = SimpleNamespace(entries=entries)
        return [each.rule for each in scope.others(case, view, one, ())]

    for text in ("Another lost 12,232,508.50 COIN.", "12232508.5 too", "V-22ZMJ6 lost more."):
        assert rules(text) == ["PL11"]
        assert rules(text, role="competent_authority") == []
    assert rules("I, V-292AXB, lost 12,232,508.50.", (loss.id,)) == []
    assert rules("It was 7 at 10:00 on 2026-11-22.", (loss.id,)) == []


def test_a_hold_for_one_party_is_up_to_its_own_value(tool: Tool) -> None:
    two_parties(tool)
    assert draft(tool, "--loss", "L2", kind="freeze")[0] == 0
    said = (tool.case / "out/letters/binance-freeze-v1.txt").read_text()
    assert "Please hold up to 50.000000 USDT under rule ‘First in, first out’" in said  # 20 paid on, 30 unswept


# what may warn the account's holder


@pytest.mark.parametrize(
    ("to", "kind", "more", "refused"),
    [
        ("binance", "preserve", (), False),
        ("binance", "preserve", ("--tell-user",), True),
        ("binance", "preserve", ("--tell-user", "--risk", "They know"), True),
        ("binance", "preserve", ("--tell-user", "--by", "A. Example"), True),
        ("binance", "preserve", ("--tell-user", "--risk", "They know", "--by", "A. Example"), False),
        ("garantex", "enquiry", ("--about", "0xabc"), True),
        ("garantex", "enquiry", ("--about", "0xabc", "--risk", "No other route", "--by", "A. Example"), False),
        ("okx", "enquiry", ("--about", "0xabc"), False),
    ],
)
def test_what_may_warn_the_holder_needs_a_person_who_accepts_it(
    to: str, kind: str, more: tuple[str, ...], refused: bool, tool: Tool
) -> None:
    before = (tool.case / "journal.jsonl").read_bytes()
    code, row = draft(tool, *more, kind=kind, to=to)
    assert (code == 2) == refused
    if refused:
        assert "PL17" in row["error"]["what"]
        assert (tool.case / "journal.jsonl").read_bytes() == before
    elif "--risk" in more:
        journal = (tool.case / "journal.jsonl").read_text()
        assert f'"risk":["A. Example","{more[more.index("--risk") + 1]}"]' in journal.replace('", "', '","')
        sheet = (tool.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
        assert "A. Example accepts that this addressee may warn" in sheet


def test_a_delivery_sheet_knows_an_addressee_that_no_value_reached(tool: Tool) -> None:
    _, row = draft(tool, "--about", "0xabc", "--risk", "None else", "--by", "A", kind="enquiry", to="garantex")
    sheet = (tool.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    assert "Garantex Europe OU" in sheet
    assert "closed 2025-03-06" in sheet
    assert "listed as sanctioned" in sheet


# a letter about what no trace reached, its clock, and what came of it


def test_a_letter_to_a_bank_goes_out_and_its_clock_stands_in_status_and_calendar(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recover.cli import main as program

    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\nzone = "Asia/Bangkok"'))
    said = ("--about", identified.EXAMPLES["payment"], "--until", "2032-02-29")
    ident = draft(tool, *said, "--language", "th", kind="bank", to="A Bank")[1]["id"]
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert (code, out["error"]["code"]) == (2, "letter-incomplete")
    assert "--facts" in out["error"]["why"], "of a payment no trace tells why it is asked about"
    assert "--since" not in out["error"]["why"], "the payment's own day begins the period"
    draft(tool, *said, "--language", "th", "--facts", "The client paid.", kind="bank", to="A Bank")
    later(monkeypatch, datetime(2031, 11, 30, tzinfo=UTC))
    assert letter(tool, "issue", ident, "--by", "A. Example", "--at", "2031-11-29T20:00:00Z")[0] == 0
    text = (tool.case / f"issued/{ident}-v1.txt").read_text()
    assert "2031-11-29T20:00:00Z (2031-11-30T03:00:00+07:00)" in text
    assert "30 พฤศจิกายน พ.ศ. 2574" in text, "the day of the sender's own zone"
    program.main(["status", str(tool.case), "--json"])
    (row,) = [c for c in json.loads(tool.capsys.readouterr()[0])[0]["clocks"] if c.get("letter") == ident]
    assert (row["kind"], row["by"]) == ("until", "2032-02-29T17:00:00+00:00"), "the end of that day in Bangkok"
    calendar = tool.folder / "c.ics"
    assert letter(tool, "list", "--ics", str(calendar))[0] == 0
    assert b"DTSTART;VALUE=DATE:20320229\r\n" in calendar.read_bytes(), "that day, whole, wherever it is looked at"
    assert calendar.read_bytes().count(b"BEGIN:VALARM") == 3


def test_outcomes_say_how_long_each_step_took_and_what_is_held(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = draft(tool, "--until", "2031-06-30", "--entity", "E")[1]["id"]
    later(monkeypatch, datetime(2030, 1, 5, tzinfo=UTC))
    letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-01-01T00:00:00Z")
    letter(tool, "sent", ident, "--by", "C", "--at", "2030-01-01T01:00:00Z")
    letter(tool, "answer", ident, "--by", "C", "--at", "2030-01-01T03:00:00Z")
    _, _, err = letter(tool, "answer", ident, "--by", "C", "--held", "12 USDT", "--at", "2030-01-02T01:00:00Z")
    assert "more than" not in err
    _, _, err = letter(tool, "answer", ident, "--by", "C", "--held", "1000 USDT", "--at", "2030-01-03T01:00:00Z")
    assert "1000 USDT is more than the 50.000000 USDT that were traced" in err
    (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
    assert (row["to_answer"], row["to_hold"], row["held"]) == (7_200, 86_400, "1000 USDT")
    assert row["to_draft"] >= 0
    assert row["to_sent"] > 0
    assert [a["held"] for a in row["acts"] if "held" in a] == ["12 USDT", "1000 USDT"]


# kinds of other authors


def test_a_letter_of_another_member_is_written_by_write(templates: list[Template], tmp_path: Path) -> None:
    own = next(t for t in templates if (t.kind, t.id) == ("letter", "preserve"))
    folder = tmp_path / "quick"
    shutil.copytree(own.folder, folder)
    (folder / "th.toml").unlink()
    quick = replace(own, id="quick", folder=folder)
    made = dict(written.Papers(sample.view(), [*templates, quick]).every())
    assert {"letters/acme-preserve-v1.pdf", "letters/acme-quick-v1.pdf"} <= set(made)
    view = sample.view()
    thai = dict(written.Papers(replace(view, case=replace(view.case, language="th")), [*templates, quick]).every())
    assert "quick ไม่มีถ้อยคำในภาษา: th" in thai["stopped/acme-quick-v1.txt"].decode()
    kind = folder / "kind.toml"
    kind.write_text(kind.read_text().replace("drafts = true\n", ""))
    assert "letters/acme-quick-v1.pdf" not in dict(written.Papers(sample.view(), [*templates, quick]).every())


def test_a_kind_without_words_in_a_language_is_refused_before_it_is_journaled(tool: Tool) -> None:
    from recover.cli import main as program

    folder = tool.folder / "mine" / "quick"
    program.main(["template", "new", str(folder)])
    (folder / "th.toml").unlink()
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\ntemplates = "mine"'))
    tool.capsys.readouterr()
    code, out = draft(tool, "--language", "en+th", kind="quick")
    assert (code, out["error"]["code"]) == (2, "language-missing")
    assert "quick" not in (tool.case / "journal.jsonl").read_text()
