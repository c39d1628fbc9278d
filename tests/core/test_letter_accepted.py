"""The recipient's register entry chooses the forms of a letter; where it says nothing, all are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_letter_rules import SENDER
from tests.core.test_letter_rules import letter as letter_of
from tests.core.test_letters import draft, letter, tool, worked  # noqa: F401
from tests.core.test_statements import Tool

from recover.cli import main as program
from recover.letters import accepted, delivery, paper
from recover.letters.matter import Matter
from recover.registers import addressees
from recover.sdk import Addressee, Confirmed, Error
from recover.sdk.addressee import FORMS, Channel, Form, Standing

SAID: dict[str, Any] = {"source": "a page", "as_of": "2026-11-01", "confidence": "own"}
PORTAL = Channel(kind="portal", value="https://p.example", who="officials only", sender="official", **SAID)
DESK = Channel(kind="e-mail", value="d@p.example", who="anybody", sender="any", **SAID)
HELP = Channel(kind="e-mail", value="help@p.example", who="help with an account", sender="none", **SAID)


def takes(form: str, of: str, said: str = "yes") -> Form:
    return Form(form=form, of=of, takes=said, what=f"{form} for {of}", **SAID)


def entry(*channels: Channel, forms: tuple[Form, ...] = ()) -> Addressee:
    status = Standing(value="operating", text="", **SAID)
    return Addressee(
        id="p", kind="exchange", brand="P", aliases=(), domains=(), looked="2026-11-28",
        status=status, channels=channels, forms=forms,
    )  # fmt: skip


CSV, SHEET, WORD, NO_PDF = (
    *(takes("csv", "identifiers"), takes("xlsx", "identifiers")),
    *(takes("docx", "letter"), takes("pdf", "letter", "no")),
)
EVERY = ("pdf", "docx", "xlsx", "csv", "portal", "email")


@pytest.mark.parametrize(
    ("known", "role", "asked", "made"),
    [
        (None, "counsel", (), EVERY),
        (entry(), "competent_authority", (), EVERY),
        (entry(HELP), "competent_authority", (), EVERY),
        (entry(PORTAL), "competent_authority", (), ("portal", "pdf", "docx", "xlsx", "csv")),
        (entry(PORTAL), "counsel", (), EVERY),  # its portal is for officials: no way is known for this sender
        (entry(PORTAL, DESK), "counsel", (), ("email", "pdf", "docx", "xlsx", "csv")),
        (entry(PORTAL, DESK), "", (), ("portal", "email", "pdf", "docx", "xlsx", "csv")),
        (entry(DESK, forms=(CSV,)), "counsel", (), ("email", "pdf", "docx", "csv")),
        (entry(forms=(SHEET, CSV)), "counsel", (), ("pdf", "docx", "xlsx", "csv", "portal", "email")),
        # The paper that is signed is there whatever its addressee takes.
        (entry(DESK, forms=(NO_PDF, WORD, CSV)), "counsel", (), ("email", "docx", "csv", "pdf")),
        (entry(DESK, forms=(CSV,)), "counsel", ("xlsx",), ("email", "pdf", "docx", "csv", "xlsx")),
        (entry(DESK, forms=(CSV,)), "counsel", ("all",), ("email", "pdf", "docx", "csv", "portal", "xlsx")),
    ],
)
def test_the_register_chooses_and_the_first_is_the_one_to_serve(
    known: Addressee | None, role: str, asked: tuple[str, ...], made: tuple[str, ...]
) -> None:
    assert tuple(one.form for one in accepted.written(known, role, asked)) == made
    assert {*made} <= {*FORMS}
    facts = {one.form: one.fact for one in accepted.written(known, role, asked)}
    assert facts["pdf"] is None
    assert all(facts[form] for form in made if known and form in {f.form for f in known.forms if f.takes == "yes"})


RU = replace(PORTAL, kind="e-mail", value="case@p.example", who="agencies of two states", states=("BY", "RU"))


@pytest.mark.parametrize(
    ("channel", "role", "state", "why"),
    [
        (PORTAL, "competent_authority", "", ""),
        (PORTAL, "counsel", "TH", "sender"),
        (PORTAL, "", "", ""),
        (HELP, "competent_authority", "TH", "none"),
        (RU, "competent_authority", "RU", ""),
        (RU, "competent_authority", "TH", "state"),
        (RU, "competent_authority", "", "unsaid"),
        (RU, "victim", "RU", "sender"),
        (replace(RU, sender=""), "victim", "BY", ""),
        (replace(RU, sender="any"), "fiu", "GB", "state"),
    ],
)
def test_a_channel_is_open_to_whom_its_source_says(channel: Channel, role: str, state: str, why: str) -> None:
    assert accepted.closed(channel, role, state) == why
    made = [one.fact for one in accepted.written(entry(channel), role, (), state)]
    assert (channel in made) is (not why)
    assert accepted.unfit(entry(channel), role, state) is (why not in ("", "none"))


def at_binance(role: str, state: str, language: str = "en") -> Matter:
    """A letter to a service with four channels, each of them confirmed."""
    m, known = letter_of(role=role, language=language), {"acme": replace(entry(PORTAL, RU, DESK, HELP), id="acme")}
    words = [
        Confirmed(
            id="acme",
            kind=c.kind,
            value=c.value,
            who=c.who,
            source=c.source,
            by="P. Erson",
            on="2026-11-20",
            how="",
        )
        for c in known["acme"].channels
    ]
    view = replace(m.view, addressees=known, confirmed=tuple(words))
    sender = {**SENDER, "state": state} if state else SENDER
    return replace(m, view=view, choice=replace(m.choice, service="acme", sender=sender))


@pytest.mark.parametrize(
    ("role", "state", "offered", "why"),
    [
        ("competent_authority", "TH", {PORTAL, DESK}, "for senders of BY, RU; this one is of TH."),
        (
            "competent_authority",
            "",
            {PORTAL, DESK},
            "for senders of BY, RU, and of which state this one is, nobody said",
        ),
        ("competent_authority", "RU", {PORTAL, RU, DESK}, "It takes no letters."),
        ("counsel", "TH", {DESK}, "It is for another kind of sender."),
    ],
)
def test_a_sheet_offers_the_channels_that_are_open_to_its_sender_and_says_why_not_the_others(
    role: str, state: str, offered: set[Channel], why: str
) -> None:
    m = at_binance(role, state)
    told = delivery.sheet(m).decode()
    open_, _, shut = told.partition("Not for this sender, and in no letter of this one:")
    for channel in (PORTAL, RU, DESK, HELP):
        line = f": {channel.value}\n"
        assert (line in open_.partition("Channels (")[2]) is (channel in offered), channel
        assert (line in shut) is (channel not in offered), channel
    assert why in shut
    # The letter and its cover e-mail name what the sheet offers, whoever confirmed the rest.
    assert {by.value for by in delivery.confirmed(m)} == {one.value for one in offered}
    printed = [row[1] for row in paper._channel(m)]
    assert all(sum(one.value in row for row in printed) == (one in offered) for one in (PORTAL, RU, DESK, HELP))


def test_a_state_in_the_register_is_a_states_code(tmp_path: Path) -> None:
    file = tmp_path / "binance.toml"
    whole = OWN.replace('sender = "official"', 'sender = "official"\nstates = ["RU", "BY"]')
    file.write_text(whole)
    assert addressees.read([file])["binance"].channels[0].states == ("RU", "BY")
    for odd in ('"RU"', '["Russia"]', "[7]", '["ru"]'):
        file.write_text(whole.replace('["RU", "BY"]', odd))
        with pytest.raises(Error, match="register") as wrong:
            addressees.read([file])
        assert "channels 1: states is no list of states" in wrong.value.why


def test_no_way_is_told_where_every_channel_is_for_others() -> None:
    assert accepted.unfit(entry(PORTAL, HELP), "counsel")
    assert not accepted.unfit(entry(PORTAL), "competent_authority")
    assert not accepted.unfit(entry(HELP), "counsel")
    assert not accepted.unfit(entry(replace(PORTAL, sender="")), "victim")


OWN = """
id = "binance"
kind = "exchange"
brand = "Binance"
aliases = []
domains = []
looked = "2026-11-28"

[status]
value = "operating"
text = ""
source = "a page of https://b.example"
as_of = "2026-11-01"
confidence = "own"

[[channels]]
kind = "portal"
value = "https://b.example/officials"
for = "officials only"
sender = "official"
source = "https://b.example/l"
as_of = "2026-11-01"
confidence = "own"

[[forms]]
form = "csv"
of = "identifiers"
takes = "yes"
what = "identifiers as CSV, please"
source = "https://b.example/l"
as_of = "2026-11-01"
confidence = "own"
"""


@pytest.fixture
def chosen(tool: Tool) -> Tool:  # noqa: F811
    """The case with an entry of the agency's own, whose addressee takes tables as CSV alone."""
    (tool.folder / "own.toml").write_text(OWN)
    assert program.main(["register", "add", str(tool.folder / "own.toml")]) == 0
    tool.capsys.readouterr()
    return tool


def there(tool: Tool, ident: str, where: str = "out/letters") -> set[str]:  # noqa: F811
    return {p.name.removeprefix(f"{ident}-v1") for p in (tool.case / where).glob(f"{ident}-v1*")}


def test_a_letter_is_written_in_what_its_addressee_takes_from_draft_to_issue(chosen: Tool) -> None:
    row: dict[str, Any]
    _, row = draft(chosen, "--until", "2031-06-30", "--offence", "Fraud s 1", "--entity", "E Ltd", as_="authority")
    ident = row["id"]
    made = {".pdf", ".docx", ".csv", ".txt", "-portal.txt", "-delivery.txt"}
    assert there(chosen, ident) == made
    assert [one["form"] for one in row["forms"]] == ["portal", "pdf", "docx", "csv"]
    assert row["forms"][3]["says"] == "identifiers as CSV, please"
    sheet = (chosen.case / f"out/letters/{ident}-v1-delivery.txt").read_text()
    assert f"1. {ident}-v1-portal.txt\n     portal: https://b.example/officials (officials only)" in sheet
    assert "identifiers as CSV, please\n     [https://b.example/l · 2026-11-01 · own]" in sheet
    assert "Not made, as the register names others: email, xlsx" in sheet
    text = (chosen.case / f"out/letters/{ident}-v1.txt").read_text()
    assert f"{ident}-v1.csv" in text
    assert ".xlsx" not in text
    letter(chosen, "issue", ident, "--by", "B. Example")
    assert there(chosen, ident, "issued") == made
    (listed,) = [one for one in letter(chosen, "list")[1] if one["id"] == ident]
    assert listed["forms"][0]["file"] == f"issued/{ident}-v1-portal.txt"
    assert f"issued/{ident}-v1 " in chosen.text("report.md")
    # What follows it finds what it named, and is written alike.
    letter(chosen, "sent", ident, "--by", "C")
    _, after, _ = letter(chosen, "follow-up", ident, "--reason", "no answer", "--by", "C")
    assert there(chosen, after["id"]) == made


def test_a_form_that_is_asked_for_is_made_too_and_kept_in_the_journal(chosen: Tool) -> None:
    code, out = draft(chosen, "--form", "doc")
    assert (code, out["error"]["code"]) == (2, "letter-form")
    _, row = draft(chosen, "--form", "xlsx", "--loss", "all")
    assert {".xlsx", ".csv", ".eml"} <= there(chosen, row["id"])
    sheet = (chosen.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    assert "made because it was asked for" in sheet
    assert chosen("verify")[0] == 0


@pytest.mark.parametrize(
    ("role", "way"),
    [
        ("victim", "--as victim` writes the report), or counsel, who can apply to a court"),
        ("counsel", "--as counsel` writes the report), or an application to a court"),
        ("authority", ""),
    ],
)
def test_a_desk_that_is_shut_to_the_sender_is_told_first_with_the_ways_that_are_open(
    chosen: Tool, role: str, way: str
) -> None:
    from recover.cli import main as command

    _, row = draft(chosen, "--loss", "all", as_=role)
    sheet = (chosen.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    shut = "None of the channels that the register knows at Binance is open to a private sender"
    assert (shut in row["shut"], shut in sheet) == (bool(way), bool(way))
    assert way in row["shut"]
    if way:
        first = next(line for line in sheet.splitlines() if line.startswith("! "))
        assert first == f"! {row['shut']}", "before all else that is told"
        assert sheet.index(first) < sheet.index("Files")
    said = [
        "letter",
        "draft",
        str(chosen.case),
        "--kind",
        "preserve",
        "--to",
        "binance",
        "--as",
        role,
        "--loss",
        "all",
    ]
    command.main(said)
    out = chosen.capsys.readouterr().out
    assert out.lstrip().startswith("no way to it") is bool(way)


def test_one_open_channel_is_a_way_and_an_officials_state_is_told_as_before(tool: Tool) -> None:  # noqa: F811
    t = letter_of().texts
    one = letter_of().choice
    assert delivery.shut(t, entry(PORTAL, DESK), one, "P") == ""
    assert delivery.shut(t, None, one, "P") == ""
    assert delivery.shut(t, entry(PORTAL, HELP), one, "P").startswith("None of the channels")
    official = replace(one, role="competent_authority", sender={**SENDER, "state": "TH"})
    assert delivery.shut(t, entry(replace(PORTAL, states=("TR",))), official, "P") == ""


def test_where_nothing_is_known_all_forms_are_made_and_it_is_said(chosen: Tool) -> None:
    said = ("--about", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "--addressee", "vasp")
    _, row = draft(chosen, *said, kind="enquiry", to="Nobody Exchange")
    sheet = (chosen.case / f"out/letters/{row['id']}-v1-delivery.txt").read_text()
    assert "The register does not say which forms Nobody Exchange takes, so all are made" in sheet
    assert len(there(chosen, row["id"])) == 8
