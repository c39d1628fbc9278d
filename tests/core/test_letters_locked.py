"""No letter goes out of a case with sealed identities before its words were held to them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.test_letter_rules import letter as matter_of
from tests.core.test_letters import draft, letter, tool, worked
from tests.core.test_statements import Tool, labels
from tests.core.test_victims import ANNA, Desk, row

from recover.cli import main
from recover.letters import located, outgoing, paper, renderings
from recover.letters.life import Choice
from recover.plugins import registry
from recover.report import shown
from recover.testing import sample

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


def test_the_name_of_a_file_is_in_papers_only_where_it_tells_nobody(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was received, it is nobody's to change: a letter names the exhibit, and is not stopped by it."""

    def take_in(name: str, *more: str) -> str:
        (tmp_path / name).write_text(labels(("other", "Bybit", "hot-wallet", "exchange")).replace("a list", name))
        return tool("import", str(tmp_path / name), *more)[2]

    (tmp_path / "phrase").write_text(f"{PHRASE}\n")
    opens = ("--passphrase-file", str(tmp_path / "phrase"))
    take_in("Beispielfrau_Anna.csv", "--obtained-from", "handed over by Anna Beispielfrau", "--by", "N")
    Desk(tool, tmp_path).take(row(ANNA, 5), *opens)
    # What came later, while nothing opened the identities, is held back until something does.
    assert "were not held against the sealed identities" in take_in("annas-BEISPIELFRAU.csv")
    take_in("list.csv")

    def papers() -> str:
        assert tool("run")[0] in (0, 5)
        kept = ("report.md", "report.html", "result.json", "letters/binance-preserve-v1.txt")
        return "".join((tool.case / "out" / name).read_text("utf-8") for name in kept)

    said = papers()
    assert "beispielfrau" not in said.casefold().replace("annas-", "")
    assert "list.csv" not in said
    assert said.count("[name of the file left out: it may tell who somebody is]") == 0, "none of these is cited"
    assert all(f"exhibit-{number}" in said for number in (3, 4, 5))
    assert "name left out" in said, "of how it was obtained"
    assert tool("verify")[0] in (0, 5)
    assert main.main(["victim", "check", str(tool.case), *opens]) == 3, "the journal keeps them"
    tool.capsys.readouterr()
    said = papers()
    assert "list.csv" in said
    assert "beispielfrau" not in said.casefold()
    ident = draft(tool, "--entity", "E", "--until", "2031-06-30", "--loss", "all", "--urgent", "Now.")[1]["id"]
    assert letter(tool, "issue", ident, "--by", "A. Example", *opens)[0] == 0


def test_a_letter_that_is_stopped_says_where_the_name_stands_and_what_to_do() -> None:
    view = sample.view()
    exhibit = replace(view.exhibits[0], name="Jane Roe.csv", origin="Jane Roe")
    made = replace(view, exhibits=(exhibit, *view.exhibits[1:]), case=replace(view.case, reference="JANE-ROE/7"))
    spots = located.places(made, ["Jane Roe"])
    assert [where for where, _ in spots] == [
        "the file name of exhibit 1",
        "what was said of how exhibit 1 was obtained",
        "the reference of the case",
    ]
    error = outgoing.stopped(Choice(id="a-preserve", kind="preserve"), "identity\tletter\t\tPL11\n", spots)
    assert "PL11" in error.why
    assert "the file name of exhibit 1" in error.why
    assert "`recover victim check CASE`" in error.todo
    assert "case.toml" in error.todo
    assert "Roe" not in f"{error.what}{error.why}{error.todo}"
    assert located.places(view, ["Jane Roe"]) == []
    other = outgoing.stopped(Choice(id="a-preserve", kind="preserve"), "identity\tletter\t\tPL11\n", [])
    assert "the texts of its kind" in other.why


def test_a_listed_name_in_the_name_of_a_file_stops_no_paper_and_stands_in_none() -> None:
    view, templates_ = replace(sample.view(), edition="V1"), list(registry.load().templates.values())
    named = replace(view.exhibits[0], name="moves of Jane Roe.csv", by="Jane Roe")
    gone = replace(view, exhibits=(named, *view.exhibits[1:]))
    made = shown(gone, templates_, ["Jane Roe"])
    assert (made.exhibits[0].name, made.exhibits[0].by) == ("exhibit-1", "[name left out]")
    assert made.exhibits[0].withheld == ("name", "by")
    assert dict(made.left_out)["file"] == 1
    assert shown(gone, templates_, ["John Doe"]).exhibits == gone.exhibits
    assert shown(replace(gone, edition="V0"), templates_, ["Jane Roe"]).exhibits == gone.exhibits, (
        "the sealed file"
    )
    plain = matter_of()
    letter_ = replace(plain, view=replace(plain.view, exhibits=made.exhibits))
    text = renderings.plain(letter_, paper.brief(letter_)).decode()
    assert "[name of the file left out: it may tell who somebody is]" in text
