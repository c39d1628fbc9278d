"""Who can act: an unconfirmed channel is in no letter, a confirmed one names its person; sanctions stop one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.core.test_letters import SENDER, letter
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.cli import main as program
from recover.declared import confirming, overlay
from recover.plugins import registry
from recover.registers import addressees
from recover.sdk import Addressee, Error

__all__ = ["tool"]

PORTAL = "app.kodexglobal.com/binance/signup"
MOVES = [("victim", "own", 50), ("own", "hot", 20)]
ENTRY = """
id = "binance"
kind = "exchange"
brand = "Binance"
aliases = []
domains = ["binance.com"]
looked = "2026-11-28"

[status]
value = "operating"
source = "our liaison officer"
as_of = "2026-11-01"
confidence = "told"

[[channels]]
kind = "e-mail"
value = "liaison@example.org"
for = "our agency"
source = "our liaison officer"
as_of = "2026-11-01"
confidence = "told"
"""


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder for each test."""
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "own" / "recover.toml"))
    return tmp_path / "own" / "register"


def register(tool: Tool, *arguments: str) -> tuple[int, Any, str]:
    code = program.main(["register", *arguments, "--json"])
    out, err = tool.capsys.readouterr()
    return code, json.loads(out) if code == 0 else None, err


def pdf(tool: Tool, name: str) -> str:
    pages = PdfReader(tool.case / "out" / name).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


def sheet(tool: Tool, service: str = "binance") -> str:
    return (tool.case / f"out/letters/{service}-preserve-v1-delivery.txt").read_text("utf-8")


def traced(tool: Tool, service: str = "Binance") -> None:
    tool.open(export(MOVES, ["own"]), labels((EXCHANGE[0], service, *EXCHANGE[2:])))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")


def test_the_register_is_listed_with_channels_and_entities(tool: Tool) -> None:
    code, rows, _ = register(tool, "show")
    assert code == 0
    found = {row["id"]: row for row in rows}
    assert len(rows) == len(found) >= 138
    assert all({"id", "kind", "channels", "entities", "looked"} <= set(row) for row in rows)
    assert all(row["channels"] or row["none_found"] for row in rows)
    assert found["binance"]["channels"][0]["confirmed"] is None
    assert {channel["for"] for channel in found["binance"]["channels"]} > {"victims, private parties"}


def test_a_channel_is_in_a_letter_only_once_a_person_has_confirmed_it(tool: Tool) -> None:
    traced(tool)
    assert PORTAL not in pdf(tool, "letters/binance-preserve-v1.pdf")
    assert PORTAL in sheet(tool), "the examiner's sheet has it, with its source"
    assert "2026-10-02" in sheet(tool)
    case = ("--case", str(tool.case))
    code, made, _ = register(
        tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28", *case
    )
    assert (code, made["by"]) == (0, "I. Roe")
    tool("run")
    letter = pdf(tool, "letters/binance-preserve-v1.pdf")
    assert PORTAL in letter
    assert "confirmedbyI.Roeon2026-11-28" in letter
    assert tool("verify")[0] == 0
    register(tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-29", "--back", *case)
    tool("run")
    assert PORTAL not in pdf(tool, "letters/binance-preserve-v1.pdf")


def test_what_a_user_confirmed_once_is_journaled_by_each_case_that_uses_it(tool: Tool) -> None:
    register(tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28")
    register(tool, "confirm", "okx", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28")
    traced(tool)
    assert PORTAL in pdf(tool, "letters/binance-preserve-v1.pdf")
    noted = [row["body"]["id"] for row in tool.show("journal") if row["kind"] == "confirmed"]
    assert noted == ["binance"], "and nothing of a service that the case does not write to"
    assert tool("verify")[0] == 0


def test_an_agencys_own_entry_stands_in_place_of_the_installed_one(tool: Tool, mine: Path) -> None:
    file = tool.folder / "entry.toml"
    file.write_text(ENTRY)
    assert register(tool, "add", str(file))[0] == 0
    (row,) = register(tool, "show", "binance")[1]
    assert [channel["value"] for channel in row["channels"]] == ["liaison@example.org"]
    traced(tool)
    assert "liaison@example.org" in sheet(tool)
    before = (tool.case / "out/letters/binance-preserve-v1-delivery.txt").read_bytes()
    (mine / "binance.toml").unlink()
    tool("write")
    assert (tool.case / "out/letters/binance-preserve-v1-delivery.txt").read_bytes() == before, "the case has it"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('source = "our liaison officer"\nas_of = "2026-11-01"\nconfidence = "told"\n\n[[', "[["), "status"),
        (('looked = "2026-11-28"', 'looked = "last week"'), "is no date"),
        (('kind = "exchange"', 'kind = "friend"'), "the kind 'friend'"),
        (('confidence = "told"', 'confidence = "sure"'), "the confidence 'sure'"),
        (("domains", "domain"), "unknown key domain"),
    ],
)
def test_an_entry_that_is_not_whole_is_refused_with_its_faults(
    change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "entry.toml"
    file.write_text(ENTRY.replace(*change))
    with pytest.raises(Error) as caught:
        addressees.read([file])
    assert said in caught.value.why


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('as_of = "2026-11-01"', 'as_of = "2031-01-01"'), "it is of 2031-01-01, a day to come"),
        (("domains = [", 'domains = ["javascript:alert(1)", '), "the domain 'javascript:alert(1)' is none"),
        (('id = "binance"', 'id = "newone"'), "is a name of the entry binance"),
    ],
)
def test_an_entry_that_cannot_be_right_is_not_taken(tool: Tool, change: tuple[str, str], said: str) -> None:
    file = tool.folder / "entry.toml"
    file.write_text(ENTRY.replace(*change))
    code, _, err = register(tool, "add", str(file))
    assert (code, said in err) == (2, True), err
    assert dict(overlay.mine()) == {}


def test_nobody_and_no_day_confirm_nothing(tool: Tool) -> None:
    said = ("confirm", "binance", "--channel", "1", "--by", " ", "--on", "2026-11-28")
    assert register(tool, *said)[0] == 2
    code, _, err = register(tool, "confirm", "binance", "--channel", "1", "--by", "N", "--on", "tomorrow")
    assert code == 2
    assert "is no day" in err
    code, _, err = register(tool, "confirm", "binanc", "--channel", "1", "--by", "N", "--on", "2026-11-28")
    assert "The nearest: binance" in err
    assert overlay.confirmations() == []


def test_a_letter_names_no_channel_that_the_register_has_no_more(tool: Tool) -> None:
    file = tool.folder / "entry.toml"
    file.write_text(ENTRY)
    register(tool, "add", str(file))
    register(tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28")
    traced(tool)
    assert "liaison@example.org" in pdf(tool, "letters/binance-preserve-v1.pdf")
    assert "the agency's own" in sheet(tool)
    file.write_text(ENTRY.replace("liaison@example.org", "other@example.org"))
    register(tool, "add", str(file))
    tool("run")
    assert "liaison@example.org" not in pdf(tool, "letters/binance-preserve-v1.pdf")
    (row,) = register(tool, "show", "Binance")[1]
    assert (row["own"], row["not_in_register"]) == (True, ["liaison@example.org"])
    gone = (
        "confirm",
        "binance",
        "--back",
        "--value",
        "liaison@example.org",
        "--by",
        "I. Roe",
        "--on",
        "2026-11-29",
    )
    assert register(tool, *gone)[0] == 0
    assert register(tool, *gone)[0] == 2, "it stands no more"
    assert register(tool, "remove", "binance")[0] == 0
    tool("run")
    assert PORTAL in sheet(tool)
    assert "the agency's own" not in sheet(tool)
    assert tool("verify")[0] == 0
    assert register(tool, "remove", "binance")[0] == 2


def test_what_is_issued_names_no_channel_that_was_corrected_since_the_run(tool: Tool, mine: Path) -> None:
    (file := tool.folder / "entry.toml").write_text(ENTRY)
    register(tool, "add", str(file))
    register(tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28")
    traced(tool)
    file.write_text(ENTRY.replace("liaison@example.org", "other@example.org"))
    register(tool, "add", str(file))
    (mine.parent / "recover.toml").write_text(SENDER)
    asked = (
        "--kind",
        "preserve",
        "--to",
        "binance",
        "--as",
        "counsel",
        "--entity",
        "B Ltd",
        "--until",
        "2027-06-30",
    )
    assert letter(tool, "draft", *asked)[0] == 0
    (ident,) = [row["id"] for row in letter(tool, "list")[1] if "b-ltd" in row["id"]]
    code, _, err = letter(tool, "issue", ident, "--by", "A. Example")
    assert code == 0, err
    named = {
        one.name.endswith("-delivery.txt"): "liaison@example.org" in one.read_text("utf-8")
        for one in (tool.case / "issued").glob("*.txt")
    }
    assert named == {False: False, True: True}, "the letter does not name it; the examiner's sheet says why"


def told(text: str, tmp_path: Path) -> Mapping[str, Addressee]:
    (file := tmp_path / "entry.toml").write_text(text)
    return addressees.read([file])


@pytest.mark.parametrize(
    "change",
    [
        ('"liaison@example.org"', '"other@example.org"'),
        ('kind = "e-mail"', 'kind = "portal"'),
        ('for = "our agency"', 'for = "victims"'),
        ("our liaison officer", "a letter of theirs"),
        ('as_of = "2026-11-01"', 'as_of = "2026-11-28"'),
        ('as_of = "2026-11-01"', 'as_of = "2026-12"'),
        ('"liaison@example.org"', '"address removed from the stored page"'),
        ('id = "binance"', 'id = "other"'),
    ],
)
def test_a_confirmation_is_of_one_channel_as_it_stands(change: tuple[str, str], tmp_path: Path) -> None:
    known = told(ENTRY, tmp_path)
    about: dict[str, Any] = {"by": "I. Roe", "on": "2026-11-27", "today": date(2026, 11, 29)}
    word = confirming.confirm(known, "binance", 1, **about)
    assert confirming.in_force([word], known) == [word]
    assert change[0] in ENTRY
    assert confirming.in_force([word], told(ENTRY.replace(*change), tmp_path)) == []
    assert confirming.in_force([replace(word, source="")], known) == [], "as an older version wrote it"
    (back,) = confirming.taken_back([word], {}, "binance", 0, word.value, **{**about, "by": "B. Two"})
    assert (back.by, confirming.standing([(word, False), (back, True)])) == ("B. Two", [])


@pytest.mark.parametrize(
    ("change", "on", "code"),
    [
        (('"liaison@example.org"', '"address removed from the stored page"'), "2026-11-27", "confirm-unread"),
        (('as_of = "2026-11-01"', 'as_of = "2026-11"'), "2026-10-31", "confirm-on"),
        (('as_of = "2026-11-01"', 'as_of = ""'), "2026-11-27", "confirm-on"),
        (("", ""), "2026-11-30", "confirm-on"),
    ],
)
def test_no_day_before_the_source_and_no_address_that_no_register_has(
    change: tuple[str, str], on: str, code: str, tmp_path: Path
) -> None:
    with pytest.raises(Error) as caught:
        confirming.confirm(
            told(ENTRY.replace(*change), tmp_path), "binance", 1, by="N", on=on, today=date(2026, 11, 29)
        )
    assert caught.value.code == code


def test_an_own_entry_names_the_page_that_it_calls_the_services_own(tool: Tool) -> None:
    (file := tool.folder / "entry.toml").write_text(ENTRY.replace('"told"', '"own"'))
    code, _, err = register(tool, "add", str(file))
    assert code == 2
    assert "names no page" in err


def test_a_case_says_which_entry_it_brought_and_lets_it_go(tool: Tool, mine: Path) -> None:
    (file := tool.folder / "entry.toml").write_text(ENTRY)
    register(tool, "add", str(file))
    register(tool, "confirm", "binance", "--channel", "1", "--by", "I. Roe", "--on", "2026-11-28")
    traced(tool)
    assert "Register entry: our liaison officer, as of 2026-11-01" in sheet(tool)
    for left in mine.iterdir():
        left.unlink()  # a colleague has none of it
    file.write_text(ENTRY.replace("liaison@example.org", "another@example.org"))
    register(tool, "add", str(file))
    register(tool, "remove", "binance")
    tool("write")
    assert "liaison@example.org" in pdf(tool, "letters/binance-preserve-v1.pdf"), "another entry was removed"
    assert register(tool, "remove", "binance", "--case", str(tool.case))[0] == 0
    assert register(tool, "remove", "binance", "--case", str(tool.case))[0] == 2
    tool("write")
    assert "liaison@example.org" not in pdf(tool, "letters/binance-preserve-v1.pdf")
    assert "I. Roe confirmed e-mail: liaison@example.org on 2026-11-28. That counts no more" in sheet(tool)
    assert "our liaison officer" not in sheet(tool)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--on", "2026-11-28", "--value", "x@example.org"), "--value is for --back"),
        (("--on", "2099-01-01"), "has not come"),
        (("--on", "1990-01-01"), "as of 2026-10-02, which is later"),
        (("--on", "2026-11-28", "--channel", "0"), "Which channel"),
        (("--on", "2026-11-28", "--back"), "No confirmation of"),
    ],
)
def test_what_cannot_be_confirmed_is_refused(tool: Tool, more: tuple[str, ...], said: str) -> None:
    code, _, err = register(tool, "confirm", "binance", "--channel", "1", "--by", "N", *more)
    assert code == 2
    assert said in err
    assert overlay.confirmations() == []


def test_a_service_under_sanctions_gets_no_letter_until_a_person_decides(tool: Tool) -> None:
    traced(tool, "Garantex")
    assert not list((tool.case / "out").glob("letters/*"))
    assert "sanctions of the United States" in tool.text("report.html")
    tool("decide", "--letter", "Garantex", "--by", "N", "--reason", "the liquidator holds its records")
    tool("run")
    assert pdf(tool, "letters/garantex-preserve-v1.pdf")
    assert "closed 2025-03-06" in sheet(tool, "garantex")
    assert "listed as sanctioned" in sheet(tool, "garantex")


def test_how_deposits_are_told_is_said_or_said_to_be_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    """Of services alone: nobody asks an issuer or a desk how it tells deposits apart."""

    def words(*arguments: str) -> str:
        assert program.main(["register", *arguments]) == 0
        return "".join(capsys.readouterr())

    found = json.loads(words("check", "--json").splitlines()[0])
    taking, said = (
        sum(found["kinds"][kind][field] for kind in ("exchange", "swapper", "payment", "p2p"))
        for field in ("entries", "deposits")
    )
    assert len(found["deposits_unknown"]) == taking - said > 0
    assert said > 0
    for command in ("check", "show"):
        assert f"not known of {taking - said} of these {taking} services" in words(command)
    assert "not known of this service" in words("show", found["deposits_unknown"][0])
    for known in ("bitvavo", "tether"):
        assert "not known of" not in words("show", known)


def test_facts_age_after_180_days(tool: Tool) -> None:
    _, found, _ = register(tool, "check")
    assert found["old_after_days"] == 180
    old = {(one["id"], one["field"], one["as_of"]) for one in found["old"]}
    assert ("coinbase", "entity", "2023-02-17") in old
    assert all(one["days"] is None or one["days"] > 180 for one in found["old"])


def test_an_entry_is_found_by_any_of_its_names_and_of_any_kind() -> None:
    plugins = registry.load()
    known = addressees.load(plugins.templates["addressees"])
    register = addressees.services(plugins.templates, known)

    def found(name: str) -> str:
        entry = addressees.meant(name, known, register)
        return entry.id if entry else ""

    assert [
        found(n) for n in ("Tether", "tether", "Kraken Hot Wallet 4", "payward", "THORChain", "chainabuse")
    ] == [*("tether", "tether", "kraken", "kraken", "thorchain", "chainabuse")]
    assert found("nobody at all") == ""
    for entry in known.values():
        assert found(entry.id) == entry.id
