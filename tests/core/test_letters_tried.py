"""What a compliance officer and a duty lawyer look for in letters: what stands where, and who was asked."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from tests.core.test_letter_gates import at
from tests.core.test_letter_holds import ISSUED as OUT
from tests.core.test_letter_holds import KNOWN, SENT, Done, ends, one
from tests.core.test_letter_portal import service
from tests.core.test_letter_rules import letter as made
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool, tx, who

from recover.letters import delivery, holds, measured, paper, renderings, sections

__all__ = ["templates", "tool", "worked"]

MINE = "0x" + "ab" * 20
ISSUED = ("--entity", "E", "--until", "2031-06-30", "--facts", "The client paid.")


def rows(tool: Tool, ident: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((tool.case / f"out/letters/{ident}-v1.csv").read_text())))


@pytest.mark.parametrize("kind", ["preserve", "freeze", "notice"])
def test_an_identifier_named_by_hand_stands_in_the_body_and_in_every_table(kind: str, tool: Tool) -> None:
    said = ("--basis", "civ.hold") if kind == "notice" else ()
    code, row = draft(tool, *ISSUED, *said, "--about", MINE, "--about", who("dep"), kind=kind)
    assert code == 0, row
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    body = text.partition("Identifiers named by the sender")[2]
    assert MINE in body, "a table of its own"
    assert who("dep") not in body.partition("\n\n")[0], "what was traced stands in its own table already"
    assert "1 identifier, listed below" in text
    assert ("asks you to hold no amount" in text) is (kind == "freeze")
    found = rows(tool, row["id"])
    assert [one["address"] for one in found if one["direction"] == "named"] == [MINE]
    assert f" {len(found)} rows" in text


def test_a_chains_own_body_is_an_addressee_and_who_is_not_known_is_asked_by_every_kind(tool: Tool) -> None:
    code, row = draft(tool, "--about", MINE, kind="freeze", to="arbitrum")
    assert (code, row["kind"], row["id"]) == (0, "freeze-chain", "arbitrum-freeze"), row
    code, out = draft(tool, "--about", MINE, kind="freeze", to="nobody-knows-it")
    assert (code, out["error"]["code"]) == (2, "addressee-unknown")
    for kind in ("chain", "bridge", "issuer", "police"):
        assert kind in out["error"]["do"]


def test_an_issuer_is_not_asked_for_a_services_account_without_a_word() -> None:
    m = made(kind="freeze-issuer", name="Tether")
    ramp = replace(m.view.offramps[0], deposit=True)
    there = replace(m, view=replace(m.view, offramps=(ramp,)))
    for about, told in (((ramp.address,), True), ((MINE,), False)):
        found = delivery.warnings(replace(there, choice=replace(m.choice, about=about)))
        assert any(f"calls {ramp.address} a deposit address" in line for line in found) is told


def test_what_nobody_was_sent_is_dropped_and_not_taken_back(tool: Tool) -> None:
    ident = draft(tool, *ISSUED)[1]["id"]
    assert letter(tool, "drop", ident, "--reason", "Wrong.")[0] == 2, "by nobody"
    code, row, _ = letter(tool, "drop", ident, "--by", "A", "--reason", "Wrong.")
    assert (code, row["state"], row["files"]) == (0, "dropped", [])
    assert not list((tool.case / "out/letters").glob(f"{ident}-v*"))
    again = letter(tool, "drop", ident, "--by", "A", "--reason", "Again.")[1]
    assert again["error"]["code"] == "letter-nothing-to-drop"
    assert letter(tool, "issue", ident, "--by", "A. Example")[1]["error"]["code"] == "letter-dropped"
    assert draft(tool, *ISSUED)[1]["state"] == "draft"
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0
    code, out, _ = letter(tool, "withdraw", ident, "--by", "A", "--reason", "Wrong.")
    assert (code, out["error"]["code"]) == (2, "letter-not-sent")
    assert "letter drop" in out["error"]["do"]
    assert len(letter(tool, "list")[1]) == 1, "no withdrawal is drafted"
    assert letter(tool, "drop", ident, "--by", "A", "--reason", "Wrong.")[1]["state"] == "dropped"
    assert (tool.case / f"issued/{ident}-v1.pdf").is_file(), "what was issued is kept"
    calendar = tool.folder / "c.ics"
    letter(tool, "list", "--ics", str(calendar))
    text = calendar.read_text()
    assert ("VALARM" in text, text.count("BEGIN:VEVENT") - text.count("STATUS:CANCELLED")) == (False, 0), (
        "nobody is asked"
    )
    assert tool("verify")[0] in (0, 5)


def test_a_version_that_went_out_stands_when_the_next_is_dropped(tool: Tool) -> None:
    ident = draft(tool, *ISSUED)[1]["id"]
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0
    assert letter(tool, "sent", ident, "--by", "A")[0] == 0
    out = letter(tool, "drop", ident, "--by", "A", "--reason", "Wrong.")[1]
    assert out["error"]["code"] == "letter-nothing-to-drop", "it went out"
    draft(tool, *ISSUED[:4], "--facts", "The client paid twice.")
    code, row, _ = letter(tool, "drop", ident, "--by", "A", "--reason", "Wrong.")
    assert (code, row["state"], row["pending"]) == (0, "sent", None)
    calendar = tool.folder / "c.ics"
    letter(tool, "list", "--ics", str(calendar))
    assert calendar.read_text().count("BEGIN:VEVENT") == 1


def test_both_languages_stand_in_portal_mail_and_sheets(tool: Tool) -> None:
    row = draft(tool, *ISSUED, "--language", "en+th", "--form", "all")[1]
    stem = tool.case / f"out/letters/{row['id']}-v1"
    portal = stem.with_name(stem.name + "-portal.txt").read_text()
    body = message_from_bytes(stem.with_suffix(".eml").read_bytes(), policy=default).get_body()
    assert body is not None
    for text in (portal, body.get_content()):
        assert "Please keep the records" in text
        assert "โปรดเก็บ" in text
        assert text.count(who("dep")) >= 2
    import zipfile

    with zipfile.ZipFile(stem.with_suffix(".xlsx")) as book:
        words = b"".join(book.read(name) for name in book.namelist()).decode()
    assert "โปรดเก็บ" in words
    assert "Transaction / " in words


def test_a_thai_day_is_that_of_the_senders_zone_and_says_so() -> None:
    m = made(language="th", sender={"zone": "Asia/Bangkok"})
    assert m.texts.dated("2024-02-28T17:30:00Z") == "2024-02-28T17:30:00Z (29 กุมภาพันธ์ พ.ศ. 2567 00:30 UTC+07:00)"
    assert m.texts.dated("2024-02-28") == "2024-02-28 (28 กุมภาพันธ์ พ.ศ. 2567)"
    plain = made(language="th", sender={})
    assert plain.texts.dated("2024-02-28T17:30:00Z").endswith("(28 กุมภาพันธ์ พ.ศ. 2567 17:30 UTC)")
    english = made(sender={"zone": "Asia/Bangkok"})
    assert english.texts.dated("2024-02-28T17:30:00Z") == "2024-02-28T17:30:00Z"


def bounded(monkeypatch: pytest.MonkeyPatch, twice: int, **more: Any) -> Any:
    m = made(**more)
    asset = m.ramps[0].asset
    monkeypatch.setattr("recover.report.inflows.twice", lambda *_: {asset: twice})
    return m


def test_what_may_be_counted_twice_stands_beside_the_sum_and_is_no_more_than_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    m = bounded(monkeypatch, 10**30, kind="freeze")
    whole = measured.whole(m)
    said = f"At most {whole} of it may be the same value twice."
    assert said in measured.upto(m), "the first page, the portal and the sheet"
    text = renderings.plain(m, paper.brief(m)).decode()
    assert text.count(said) == 2, "on the first page and in its section"
    assert f"Of the {whole} that this letter is about (" in text
    assert f"called its deposit addresses), at most {whole} may be the same value twice" in text
    assert said not in measured.upto(bounded(monkeypatch, 0, kind="freeze"))


def test_the_range_over_rules_stands_where_a_sum_is_asked_for() -> None:
    for kind in ("freeze", "notice"):
        m = made(kind=kind)
        told = measured.upto(m) if kind == "freeze" else "\n".join(line for line, _ in sections.claimed(m))
        assert "What went on to you is from 0.00 COIN (‘Last in, first out’) to 6.00 COIN" in told
        alike = tuple(replace(r, by_rule=dict.fromkeys(r.by_rule, r.amount)) for r in m.ruled)
        assert measured.bounded(replace(m, ramps=alike[:1], ruled=alike)) == []


def test_an_identifier_of_an_edited_letter_can_be_read() -> None:
    import re

    from tests.core.test_letter_desk import HASH, wide

    from recover.letters import editable

    text = "".join(editable._ruled(wide()))
    assert text.count(HASH) == 1
    sizes = [int(size) for size in re.findall(r'<w:sz w:val="(\d+)"/>', text)]
    assert min(sizes) >= editable._LEAST, "half points"
    row = next(one for one in text.split("<w:tr>") if HASH in one)
    assert 'gridSpan w:val="4"' in row, "in a row of its own above its figures"


def test_a_loss_of_the_table_cites_its_exhibit(tool: Tool) -> None:
    ident = draft(tool, *ISSUED)[1]["id"]
    assert {row["exhibit"] for row in rows(tool, ident) if row["direction"] == "loss"} == {"1"}


def test_the_police_can_enter_a_report_from_a_portals_field(tool: Tool) -> None:
    row = draft(tool, kind="police-report", to="City Police", as_="counsel")[1]
    portal = (tool.case / f"out/letters/{row['id']}-v1-portal.txt").read_text()
    losses = portal.partition("Paid by: ")[2].partition("\n")[0]
    for part in ("L1: " + tx(5), f"{who('victim')} → {who('dep')}", "2022-03-05T10:00:00Z", "50.000000 USDT"):
        assert part in losses


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (("--until", "2031-06-30", "--reply-by", "2031-07-01"), "for an answer only by 2031-07-01"),
        (("--until", "2031-06-30", "--reply-by", "2031-06-30"), ""),
    ],
)
def test_hasty_days_are_told_and_kept(days: tuple[str, ...], told: str, tool: Tool) -> None:
    code, _, err = letter(tool, "draft", "--kind", "preserve", "--to", "binance", "--as", "counsel", *days)
    assert code == 0
    assert (told in " ".join(err.split())) if told else ("It asks until" not in err)


def test_a_day_with_an_hour_is_refused(tool: Tool) -> None:
    code, _ = draft(tool, "--until", "2031-06-30T12:00:00+07:00")
    assert code == 2
    assert "2031" not in json.dumps(letter(tool, "list")[1])


SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
BASIS = ("--basis", "us.2703f", "--offence", "F s 1", "--entity", "E", "--until")


def test_a_basis_that_an_agencys_own_register_verifies_is_issued_and_its_clock_runs(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recover.cli import main as program

    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]\n", '[sender]\nstate = "US"\n'))
    ident = draft(tool, *BASIS, SOON, as_="authority")[1]["id"]
    refused = letter(tool, "issue", ident, "--by", "A. Example")[1]["error"]
    assert "legal_bases/us.2703f.toml beside your recover.toml" in refused["do"]
    assert program.main(["letter", "basis", "us.2703f"]) == 0
    text, err = tool.capsys.readouterr()
    file = tool.folder / "legal_bases/us.2703f.toml"
    assert str(file) in err
    file.parent.mkdir()
    checked = text.replace('verified_by = ""', 'verified_by = "Dr Law"')
    file.write_text(checked.replace("unverified = true", "unverified = false"))
    draft(tool, *BASIS, SOON, as_="authority")
    code, out, _ = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 0, out
    assert "verified by Dr Law" in (tool.case / f"issued/{ident}-v1.txt").read_text()
    shutil.rmtree(file.parent)  # what was issued rests on the entry as it was then
    assert letter(tool, "sent", ident, "--by", "A")[0] == 0
    first = next(r for r in letter(tool, "list")[1] if r["id"] == ident)["lapses"]
    assert letter(tool, "renew", ident, "--by", "A")[0] == 0
    then = next(r for r in letter(tool, "list")[1] if r["id"] == ident)["lapses"]
    assert datetime.fromisoformat(then) - datetime.fromisoformat(first) == timedelta(days=90)
    assert tool("verify")[0] in (0, 5)
    file.parent.mkdir()
    file.write_text("id = 1")
    assert draft(tool, *BASIS, SOON, as_="authority")[1]["error"]["code"] == "legal-basis"


def test_a_credit_says_how_much_of_it_is_traced() -> None:
    from recover.letters import front

    m = service(1)
    (row, *_) = [r for r in m.rows if r.direction == "in"]
    assert "(traced under rule ‘First in, first out’: 1.5)" in front.move(
        m, replace(row, amount="4.0", traced="1.5")
    )
    assert "traced" not in front.move(m, replace(row, amount="4.0", traced="4.0"))


def test_a_day_for_a_report_is_no_hold_and_over_once_there_is_one() -> None:
    """Gate wants a victim's report to the police within a day, and says of no hold how long it lasts."""
    filed: Done = ("filed", "2024-01-31T20:00:00+00:00", {})
    for role in ("victim", "counsel"):
        assert ends(one(OUT, SENT, role=role), KNOWN["gate"]).keys() == {"report"}
        assert ends(one(OUT, SENT, filed, role=role), KNOWN["gate"]) == {}
    assert ends(one(OUT, SENT), KNOWN["gate"]) == {}, "of an authority it wants none"
    assert ends(one(OUT, SENT, role="victim"), KNOWN["gate"], "preserve") == {}
    # A courtesy freeze at its choice, after which a report follows in seven days: how long it lasts, nobody says.
    assert ends(one(OUT, SENT, role="victim"), KNOWN["binance"]).keys() == {"report"}
    assert ends(one(OUT, SENT, filed, role="victim"), KNOWN["binance"]) == {}


def test_what_an_addressee_keeps_after_an_order_is_kept_after_no_request() -> None:
    sent = one(OUT, SENT)
    assert [*holds.terms(sent, 1, KNOWN["binance"], "preserve")] == []
    (term,) = holds.terms(sent, 1, KNOWN["binance"], "preserve", force=True)
    assert term.due == at("2024-04-30T10:00:00+00:00")


def test_an_answer_of_nothing_has_no_hold_to_measure_and_a_calendar_speaks_to_who_knows_no_program(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = ("--entity", "E", "--facts", "The client paid.", "--urgent", "Now.")
    ident = draft(tool, *facts, "--until", "2031-06-30", "--reply-by", "2031-01-02", kind="freeze")[1]["id"]
    later(monkeypatch, datetime(2030, 3, 1, tzinfo=UTC))
    assert letter(tool, "issue", ident, "--by", "A. Example", "--at", "2030-02-25T00:00:00Z")[0] == 0
    assert letter(tool, "sent", ident, "--by", "C", "--at", "2030-02-25T12:00:00Z")[0] == 0
    calendar = tool.folder / "c.ics"
    letter(tool, "list", "--ics", str(calendar))
    text = calendar.read_text().replace("\n ", "")
    assert "DTSTART;VALUE=DATE:20310630" in text, "the day that the letter names, and not the one after it"
    heads = [line for line in text.splitlines() if line.startswith("SUMMARY")]
    assert len(heads) == 3
    assert all(line.startswith("SUMMARY:Binance: ") and "_" not in line for line in heads), heads
    assert letter(tool, "answer", ident, "--by", "C", "--held", "0")[0] == 0
    (row,) = [each for each in letter(tool, "list")[1] if each["id"] == ident]
    assert (row["to_hold"], row["holds"], row["held"]) == (None, [], "0")
    assert row["to_answer"] is not None
