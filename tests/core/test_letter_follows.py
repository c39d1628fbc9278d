"""What follows a letter tells of it as it stands when it goes out; what is drafted is no version yet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.core.test_letter_rules import letter as matter_of
from tests.core.test_letters import draft, later, letter, templates, tool, worked
from tests.core.test_statements import Tool

from recover.case import open_for_reading
from recover.cli import main as program
from recover.letters import follows, paper, renderings, running
from recover.letters.life import Act, Choice, Letter
from recover.plugins import registry
from recover.sdk import Error

__all__ = ["templates", "tool", "worked"]


def out(tool: Tool, *more: str) -> str:
    """A letter that was issued."""
    ident: str = draft(tool, "--until", "2031-06-30", "--entity", "E", *more)[1]["id"]
    assert letter(tool, "issue", ident, "--by", "A. Example")[0] == 0
    return ident


@pytest.mark.parametrize(
    ("act", "more"), [("withdraw", ("--reason", "Another loss")), ("follow-up", ("--reason", "the account"))]
)
def test_what_follows_tells_of_the_answers_until_it_goes_out(act: str, more: tuple[str, ...], tool: Tool) -> None:
    ident = out(tool)
    letter(tool, "answer", ident, "--by", "C", "--held", "30.5 USDT")
    after = letter(tool, act, ident, *more, "--reply-by", "2031-05-31", "--by", "C")[1]["id"]
    paper = tool.case / f"out/letters/{after}-v1.txt"
    assert "30.5 USDT" in paper.read_text()
    letter(tool, "answer", ident, "--by", "C", "--held", "7 USDT", "--reference", "MX-9")
    drafted = paper.read_text()
    assert ("30.5 USDT" in drafted, "7 USDT" in drafted, "MX-9" in drafted) == (False, True, True)
    assert letter(tool, "issue", after, "--by", "A. Example")[0] == 0
    issued = (tool.case / f"issued/{after}-v1.txt").read_text()
    assert ("30.5 USDT" in issued, "7 USDT" in issued, "MX-9" in issued) == (False, True, True)
    # What went out stays what it was, and no other version of it is drafted by what comes later.
    letter(tool, "answer", ident, "--by", "C", "--held", "8 USDT")
    tool("write")
    assert not list((tool.case / "out/letters").glob(f"{after}-v2*"))


def test_what_follows_is_not_issued_before_what_it_tells_of_nor_after_another_version(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = out(tool)
    later(monkeypatch, datetime(2030, 1, 5, tzinfo=UTC))
    letter(tool, "sent", ident, "--by", "C")
    after = letter(tool, "follow-up", ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C")[1]["id"]
    later(monkeypatch, datetime(2030, 1, 7, tzinfo=UTC))
    letter(tool, "answer", ident, "--by", "C")
    code, told, _ = letter(tool, "issue", after, "--by", "A. Example", "--at", "2030-01-06T00:00:00Z")
    assert (code, told["error"]["code"]) == (2, "letter-before-draft")
    letter(tool, "answer", ident, "--by", "C", "--held", "30 USDT", "--held-until", "2030-03-01")
    draft(tool, "--until", "2031-07-31", "--entity", "E")
    told = letter(tool, "issue", ident, "--by", "A. Example")[1]
    assert (told["version"], told["until"]) == (2, "2031-07-31")

    def row() -> tuple[object, ...]:
        (found,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
        ends = [one["until"] for one in found["holds"] if one["kind"] == "hold"]
        unsent = found["unsent"] and (found["unsent"]["version"], found["unsent"]["until"])
        return found["version"], found["state"], found["until"], found["held"], ends, unsent

    def due() -> set[str]:
        program.main(["status", str(tool.case), "--json"])
        clocks = json.loads(tool.capsys.readouterr()[0])[0]["clocks"]
        return {c["by"][:10] for c in clocks if c.get("letter") == ident and c["kind"] == "until"}

    # The addressee has the first version, and knows no day of the second.
    held = ["2030-03-02T00:00:00+00:00"]
    assert row() == (1, "answered", "2031-06-30", "30 USDT", held, (2, "2031-07-31"))
    assert due() == {"2031-07-01"}
    said = ("follow-up", ident, "--reason", "x", "--by", "C", "--reply-by")
    _, told, err = letter(tool, *said, "2030-03-01")
    assert (told["id"], "held until" in err) == (after, False), "that day is not over when the hold ends"
    _, _, err = letter(tool, *said, "2030-03-02")
    assert f"of {ident} what is held is held until 2030-03-02T00:00:00+00:00" in err
    assert "it asks until" not in err
    assert "2031-06-30" in (tool.case / f"out/letters/{after}-v1.txt").read_text()
    assert letter(tool, "sent", ident, "--by", "C")[1]["version"] == 2
    assert row() == (2, "sent", "2031-07-31", "30 USDT", held, None), "of the new one it has said nothing"
    assert due() == {"2031-08-01"}
    code, told, _ = letter(tool, "issue", after, "--by", "A. Example")
    assert (code, told["error"]["code"]) == (2, "letter-superseded")


# what was served, and what is only drafted


def test_the_draft_of_another_version_is_told_apart_from_what_was_served(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, datetime(2030, 1, 1, 0, 0, 0, 700_000, tzinfo=UTC))
    ident = out(tool, "--reply-by", "2031-01-31")
    assert letter(tool, "sent", ident, "--by", "C", "--at", "2030-01-01T00:00:00Z")[0] == 0
    later(monkeypatch, datetime(2030, 1, 1, 0, 0, 10, tzinfo=UTC))
    changed = ("--until", "2031-09-30", "--reply-by", "2031-02-28", "--language", "th", "--entity", "E")
    row = draft(tool, *changed)[1]
    assert {Path(one["file"]).name.rpartition("-v")[2][0] for one in row["pending"]["forms"]} == {"2"}
    assert "the first page" in row["differs"]
    (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
    served = ("version", "state", "language", "until", "reply_by", "to_sent")
    assert [row[name] for name in served] == [1, "sent", "en", "2031-06-30", "2031-01-31", 0]
    pending = [row["pending"][name] for name in ("version", "language", "until", "reply_by")]
    assert pending == [2, "th", "2031-09-30", "2031-02-28"]
    calendar = tool.folder / "c.ics"
    letter(tool, "list", "--ics", str(calendar))
    data = calendar.read_text()
    assert ("20310131" in data, "20310228" in data, "20310930" in data) == (True, False, False)
    # What follows the letter asks after what was served.
    after = letter(tool, "follow-up", ident, "--reason", "x", "--by", "C")[1]["id"]
    text = (tool.case / f"out/letters/{after}-v1.txt").read_text()
    assert ("2031-06-30" in text, "2031-09-30" in text) == (True, False)


def test_a_draft_says_which_version_stands_until_it_is_issued(tool: Tool) -> None:
    ident = out(tool)
    more = ("--kind", "preserve", "--to", "binance", "--as", "counsel", "--entity", "E", "--until", "2031-09-30")
    program.main(["letter", "draft", str(tool.case), *more])
    said = " ".join(tool.capsys.readouterr()[0].split())
    assert "version 2; version 1 stands as issued until it is issued" in said
    assert "differs in the first page" in said
    assert f"out/letters/{ident}-v2.pdf" in said
    assert f"issued/{ident}-v1" not in said
    program.main(["letter", "list", str(tool.case)])
    listed = tool.capsys.readouterr()[0]
    assert "version 2" in listed
    assert r"\x" not in listed, "a cell holds no character that has to be escaped"


@pytest.mark.parametrize("language", ["en", "th", "en+th"])
def test_a_follow_up_that_asks_for_nothing_is_not_issued(language: str, tool: Tool) -> None:
    ident = out(tool)
    letter(tool, "sent", ident, "--by", "C")
    code, row, _ = letter(tool, "follow-up", ident, "--by", "C", "--language", language)
    assert code == 0
    assert ["--reason" in one and "--reply-by" in one for one in row["before_issue"]] == [True]
    for more, lacking in (((), {"--reason", "--reply-by"}), (("--reason", "the account"), {"--reply-by"})):
        letter(tool, "follow-up", ident, "--by", "C", "--language", language, *more)
        code, told, _ = letter(tool, "issue", row["id"], "--by", "A. Example")
        assert (code, told["error"]["code"]) == (2, "letter-incomplete")
        assert {one for one in ("--reason", "--reply-by") if one in told["error"]["why"]} == lacking
    whole = ("--reason", "the account", "--reply-by", "2031-05-31")
    letter(tool, "follow-up", ident, "--by", "C", "--language", language, *whole)
    assert letter(tool, "issue", row["id"], "--by", "A. Example")[0] == 0


@pytest.mark.parametrize("language", ["en", "th"])
def test_nobody_is_asked_after_a_letter_that_was_not_sent_nor_unknowingly_before_its_day(
    language: str, tool: Tool
) -> None:
    ident = out(tool, "--reply-by", "2031-01-31")
    asks = ("follow-up", ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C", "--language", language)
    before = (tool.case / "journal.jsonl").read_bytes()
    code, told, _ = letter(tool, *asks)
    assert (code, told["error"]["code"]) == (2, "letter-not-sent")
    assert f"letter sent CASE {ident}" in told["error"]["do"]
    assert "ask after" in told["error"]["why"]
    assert (tool.case / "journal.jsonl").read_bytes() == before
    letter(tool, "sent", ident, "--by", "C")
    after = letter(tool, *asks)[1]["id"]

    def sheet() -> str:
        (found,) = (tool.case / "out/letters").glob(f"{after}-v1*delivery*")
        return found.read_text()

    early = {"en": "asks for an answer by 2031-01-31", "th": "ขอคำตอบภายใน 2031-01-31"}[language]
    assert early in sheet()
    letter(tool, "answer", ident, "--by", "C")
    assert early not in sheet(), "it was answered, and something is open"


def test_a_follow_up_that_was_drafted_of_an_unsent_letter_is_not_issued() -> None:
    issue = Act(act="issue", number=2, time=datetime(2030, 1, 1, tzinfo=UTC), version=1, said={})
    first = Letter("first", acts=[issue])
    after = Choice(id="after", kind="follow-up", of="first-v1")
    with pytest.raises(Error) as refused:
        follows.standing({"first": first}, after)
    assert refused.value.code == "letter-not-sent"
    first.acts.append(replace(first.acts[0], act="sent", number=3))
    follows.standing({"first": first}, after)


# for whom, by whose calendar


@pytest.mark.parametrize("language", ["en", "th"])
def test_what_follows_says_for_whom_and_in_its_own_calendar(language: str, tool: Tool) -> None:
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\nzone = "Asia/Bangkok"'))
    ident = out(tool, "--instructed-by", "V-ABC123", "--loss", "L1", "--language", language)
    issued = (tool.case / f"issued/{ident}-v1.txt").read_text()
    assert "none-voluntary" not in issued
    letter(tool, "answer", ident, "--by", "C")
    for act in ("follow-up", "withdraw"):
        more = ("--reason", "x", "--reply-by", "2031-05-31", "--by", "C")
        row = letter(tool, act, ident, *more)[1]
        text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
        assert "V-ABC123" in text
        assert ("2031-06-30 (30 มิถุนายน พ.ศ. 2574)" in text) is (language == "th")
        years = [line for line in text.splitlines() if "+07:00)" in line]
        assert years
        assert all(("พ.ศ." in line) is (language == "th") for line in years)
        code, told, _ = letter(tool, "issue", row["id"], "--by", "A. Example")
        assert (code, told["losses"]) == (0, "L1")


def test_a_day_until_which_is_held_ends_as_that_of_until_and_an_answer_of_nothing_holds_nothing(
    tool: Tool,
) -> None:
    config = tool.folder / "recover.toml"
    config.write_text(config.read_text().replace("[sender]", '[sender]\nzone = "Asia/Bangkok"'))
    ident = out(tool)
    said = ("answer", ident, "--by", "C", "--held", "30 USDT", "--held-until", "2031-06-30")
    _, _, told = letter(tool, *said)
    assert "end of that day in Asia/Bangkok" in told

    def ends() -> dict[str, str]:
        (row,) = [one for one in letter(tool, "list")[1] if one["id"] == ident]
        return {one["kind"]: one["until"] for one in row["holds"]}

    assert ends()["hold"] == "2031-06-30T17:00:00+00:00"
    program.main(["status", str(tool.case), "--json"])
    clocks = json.loads(tool.capsys.readouterr()[0])[0]["clocks"]
    assert {c["by"] for c in clocks if c.get("letter") == ident and c["kind"] == "until"} == {ends()["hold"]}
    for wrong, code in (
        (("--held", "-5 kangaroos"), "held-unreadable"),
        (("--held", "5 kangaroos"), "held-unreadable"),
        (("--held", "5 EUR"), "held-unreadable"),  # no asset of what reached it
        (("--held", "5"), "held-unreadable"),
        (("--held", ".."), "held-unreadable"),
        (("--held", "5.0000001 USDT"), "amount-unreadable"),
        (("--held", "5 USDT", "--held-until", "2020-01-01"), "hold-ended"),
    ):
        done, refused, _ = letter(tool, "answer", ident, "--by", "C", *wrong)
        assert (done, refused["error"]["code"]) == (2, code), wrong
    for none in ("0 USDT", "0", "0.00 USDT"):
        letter(tool, *said)
        assert "hold" in ends()
        letter(tool, "answer", ident, "--by", "C", "--held", none)
        assert "hold" not in ends(), none
    # Whatever follows says of which letter, of what day, and until when: by that it is found and filed.
    letter(tool, *said, "--reference", "MX-9")
    issued = next(a["told"] for a in letter(tool, "list")[1] if a["id"] == ident for a in a["acts"])
    for act in ("follow-up", "withdraw"):
        row = letter(tool, act, ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C")[1]
        for name in (f"{row['id']}-v1.txt", f"{row['id']}-v1-portal.txt"):
            text = (tool.case / "out/letters" / name).read_text()
            for told in (
                f"/{ident}-v1 (version 1, of {issued[22:32]})" if act == "withdraw" else "You answered the",
                "2031-06-30, to the end of that day (UTC+07:00)",
                "Its version: 1",
                f"It was issued: {issued}",
                "It asked until: 2031-06-30",
                "You said that it is held until: 2031-06-30, to the end of that day",
                "Your reference: MX-9",
            ):
                assert told in text, (name, told)
        if act == "follow-up":
            assert f"(version 1, of {issued[22:32]}) on 20" in text
            assert "said that 30 USDT is held until 2031-06-30, to the end of that day (UTC+07:00). Still" in text


def test_an_acknowledgement_is_recorded_with_the_version_and_the_days_that_it_is_of(tool: Tool) -> None:
    ident = out(tool)
    said = ("--by", "C", "--reference", "MX-9")
    acts_ = letter(tool, "acknowledge", ident, *said)[1]["acts"]
    assert (acts_[-1]["version"], acts_[-1]["reference"]) == (1, "MX-9")
    program.main(
        ["letter", "answer", str(tool.case), ident, *said, "--held", "3 USDT", "--held-until", "2031-06-30"]
    )
    told = " ".join(tool.capsys.readouterr()[0].split())
    assert f"recorded answer of version 1, issued {acts_[0]['told']}" in told
    assert "reference MX-9" in told
    assert "held 3 USDT" in told
    assert "it asks until 2031-06-30" in told
    assert "hold ends 2031-07-01T00:00:00+00:00 (as its answer says)" in told


def test_what_asks_after_a_withdrawn_letter_ends_with_it_and_bears_its_number_of_the_police(tool: Tool) -> None:
    ident = out(tool, "--report", "CCIB 88/2569")
    letter(tool, "sent", ident, "--by", "A. Example")
    after = letter(tool, "follow-up", ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C")[1]["id"]
    said = "Report number: CCIB 88/2569"
    assert said in (tool.case / f"out/letters/{after}-v1.txt").read_text()
    for act in ("issue", "sent"):
        assert letter(tool, act, after, "--by", "A. Example")[0] == 0

    def running_() -> set[str]:
        return {term.letter for term in running.terms(open_for_reading(tool.case), registry.load())}

    back = letter(tool, "withdraw", ident, "--reason", "Another loss", "--by", "C")[1]["id"]
    text = (tool.case / f"out/letters/{back}-v1.txt").read_text()
    assert said in text
    assert "is withdrawn, and with it each letter that only asks after it" in text
    letter(tool, "issue", back, "--by", "A. Example")
    assert after in running_(), "its addressee knows nothing of it yet"
    letter(tool, "sent", back, "--by", "A. Example")
    assert {ident, after} & running_() == set()
    states = {one["id"]: one["state"] for one in letter(tool, "list")[1]}
    assert states[after] == f"sent, and over: {ident} was withdrawn"


def test_an_answer_of_nothing_ends_the_hold_that_was_named(tool: Tool) -> None:
    ident = out(tool)
    letter(tool, "answer", ident, "--by", "C", "--held", "3 USDT", "--held-until", "2031-06-30")
    letter(tool, "answer", ident, "--by", "C", "--held", "0 USDT")
    row = letter(tool, "follow-up", ident, "--reason", "x", "--reply-by", "2031-05-31", "--by", "C")[1]
    text = (tool.case / f"out/letters/{row['id']}-v1.txt").read_text()
    assert "said that 0 USDT is held. Still open" in text
    assert "held until" not in text


def test_counts_of_payments_are_called_so_beside_an_amount() -> None:
    for language, heads in (("en", ("Payments in", "Payments out, traced")), ("th", ("ครั้งที่เข้า",))):
        m = matter_of(language=language)
        text = renderings.plain(m, paper.brief(m)).decode()
        assert [head for head in heads if head not in text] == []
