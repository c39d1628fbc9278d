"""No letter goes out of a case with sealed identities before its words were held to them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.core.test_letters import draft, letter, tool, worked
from tests.core.test_statements import Tool
from tests.core.test_victims import ANNA, Desk, row

__all__ = ["tool", "worked"]

PHRASE = "correct horse battery"


@pytest.fixture
def sealed(tool: Tool, tmp_path: Path) -> str:
    """The pseudonym of the one victim whose identity the case holds; the phrase that opens it is in `phrase`."""
    (tmp_path / "phrase").write_text(f"{PHRASE}\n")
    name = Desk(tool, tmp_path).take(row(ANNA, 5), "--passphrase-file", str(tmp_path / "phrase"))["new"][0]
    tool("run")
    return str(name)


def test_a_letter_is_issued_only_where_something_opens_the_identities(
    tool: Tool, sealed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ("--entity", "E", "--until", "2031-06-30", "--instructed-by", sealed, "--urgent", "It moves.")
    code, out = draft(tool, *said, "--facts", "Our client Anna  Beispielfrau paid.")
    assert code == 0, out
    ident = out["id"]

    def issue(*more: str) -> tuple[int, str, str, str]:
        done, told, _ = letter(tool, "issue", ident, "--by", "A. Example", *more)
        error = told["error"] if done else {"code": "", "why": "", "do": ""}
        return done, error["code"], error["why"], error["do"]

    opens = ("--passphrase-file", str(tmp_path / "phrase"))
    done, error, why, todo = issue(*opens)
    assert (done, error) == (2, "letter-stopped")
    assert ("PL11" in why, "--facts" in why, "\\x09" in why, "decide" in todo) == (True, True, False, False)
    assert sealed not in why, "which victim a name is of is not for the screen"
    # Not one second later either, with the key left at home.
    before = (tool.case / "journal.jsonl").read_bytes()
    done, error, _, todo = issue()
    assert (done, error) == (2, "letter-identities-locked")
    assert ("--passphrase-file" in todo, "RECOVER_PASSPHRASE" in todo) == (True, True)
    assert (tool.case / "journal.jsonl").read_bytes() == before
    assert not (tool.case / "issued").exists()
    assert draft(tool, *said, "--facts", "Our client paid.")[1]["id"] == ident
    assert issue()[:2] == (2, "letter-identities-locked"), "also where no name stands in it"
    monkeypatch.setenv("RECOVER_PASSPHRASE", PHRASE)
    assert issue() == (0, "", "", "")


def test_a_case_that_came_without_its_identities_says_that_none_was_looked_for(tool: Tool, sealed: str) -> None:
    shutil.rmtree(tool.case / "private")
    said = ("--entity", "E", "--until", "2031-06-30", "--instructed-by", sealed, "--urgent", "It moves.")
    ident = draft(tool, *said)[1]["id"]
    done, _, told = letter(tool, "issue", ident, "--by", "A. Example")
    assert (done, "came without its identities" in told) == (0, True)


def test_a_sealed_victim_who_is_the_sender_is_told_where_her_name_stands_and_what_is_open(
    tool: Tool, sealed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_PASSPHRASE", PHRASE)
    config, plain = tool.folder / "recover.toml", (tool.folder / "recover.toml").read_text()
    config.write_text(f'{plain}\n[[sender.officer]]\nname = "Anna Beispielfrau"\nrole = "victim"\n')
    before = (tool.case / "journal.jsonl").read_bytes()
    said = ("--entity", "E", "--until", "2031-06-30")
    code, out = draft(tool, *said, as_="victim")
    assert (code, out["error"]["code"]) == (2, "identity-sender")
    assert ("recover.toml" in out["error"]["what"], "`name`" in out["error"]["what"]) == (True, True)
    assert "Write V-" not in out["error"]["do"]
    assert b"Beispielfrau" not in (tool.case / "journal.jsonl").read_bytes()
    assert before.count(b'"draft"') == (tool.case / "journal.jsonl").read_bytes().count(b'"draft"')
    # Each road that it names is open.
    for options, role in ((("--instructed-by", sealed), "counsel"), (("--offence", "F s 1"), "authority")):
        code, out = draft(tool, *said, *options, as_=role)
        assert code == 0, (sealed, out)
    code, out = draft(tool, *said, "--urgent", "Anna Beispielfrau waits.", as_="victim")
    assert out["error"]["code"] == "identity-typed", "what was typed is still called so"
    config.write_text(plain)
    code, row_ = draft(tool, *said, "--instructed-by", sealed, "--form", "docx", as_="victim")
    assert code == 0, row_
    text = (tool.case / f"out/letters/{row_['id']}-v1.txt").read_text()
    assert "[to be completed: name, title" in text
    assert letter(tool, "issue", row_["id"], "--by", "A. Example")[0] == 2
