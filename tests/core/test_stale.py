"""Results that have not seen all that a case holds say so, and papers that no longer follow are moved aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.case import open_for_writing
from recover.case.manifest import MANIFEST
from recover.plugins import registry
from recover.stages import run, write

__all__ = ["tool"]

MOVES = [("victim", "own", 50), ("own", "hot", 50), ("other", "own", 7)]


@pytest.fixture
def worked(tool: Tool) -> Tool:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    tool("run")
    return tool


def added_loss(tool: Tool) -> None:
    tool("loss", "--tx", tx(3), "--asset", "USDT")


def added_exhibit(tool: Tool) -> None:
    path = tool.folder / "more.csv"
    path.write_text(export([("a", "b", 1)], ["b"]))
    tool("import", str(path))


def edited(tool: Tool) -> None:
    toml = tool.case / "case.toml"
    toml.write_text(toml.read_text().replace('rule = "fifo"', 'rule = "lifo"'))


DERIVED = ("offramps", "totals", "findings", "rules", "gaps", "transfers", "origins")


@pytest.mark.parametrize("change", [added_loss, added_exhibit, edited])
def test_what_is_shown_of_a_stale_case_says_so(change: Callable[[Tool], None], worked: Tool) -> None:
    assert "STALE" not in "".join("".join(worked("show", what, "--json")[1:]) for what in DERIVED)
    change(worked)
    for what in DERIVED:
        _, out, err = worked("show", what, "--json")
        if change is added_loss and what == "transfers":
            assert "STALE" not in out + err, "a loss changes no transfer"
            continue
        assert "STALE" in err
        rows = json.loads(out)
        assert rows
        assert all("STALE" in row["stale"] for row in rows)
    for what in ("losses", "exhibits", "journal"):
        assert "STALE" not in "".join(worked("show", what)[1:]), "what is kept is never stale"


def papers(tool: Tool) -> list[Path]:
    return [p for p in (tool.case / "out").rglob("*") if p.is_file()] if (tool.case / "out").is_dir() else []


def test_papers_are_moved_aside_when_a_loss_is_taken_back(worked: Tool) -> None:
    before = len(papers(worked))
    assert before
    code, _, err = worked("loss", "--drop", "L1")
    assert code == 0
    assert "no longer follow from the case: loss L1 was taken back" in err
    assert papers(worked) == []
    aside = [p for p in (worked.case / "aside").rglob("*") if p.is_file()]
    assert len(aside) == before
    code, out, _ = worked("verify")
    assert code == 5, "what is derived has not seen that the loss is gone"
    assert "were moved to aside" in out
    assert worked("run")[0] == 2, "a case without a loss traces nothing"
    assert papers(worked) == []


def test_papers_are_moved_aside_when_a_loss_is_taken_out_by_hand(worked: Tool) -> None:
    toml = worked.case / "case.toml"
    text = toml.read_text()
    toml.write_text(text[: text.index("[[loss]]")])
    code, _, err = worked("run")
    assert code == 2
    assert "no longer follow from the case" in err
    assert papers(worked) == []


def test_papers_are_moved_aside_when_an_exhibit_is_set_aside(worked: Tool) -> None:
    _, _, err = worked("set-aside", "1", "--reason", "forged")
    assert "no longer follow from the case: exhibit 1 was set aside" in err
    assert papers(worked) == []
    worked("run")
    assert papers(worked)


def test_papers_that_have_not_seen_a_new_loss_are_said_to(worked: Tool) -> None:
    _, _, err = worked("loss", "--tx", tx(3), "--asset", "USDT")
    assert "have not seen all that the case holds now" in err
    assert papers(worked)


def test_a_loss_that_was_taken_back_after_results_is_said_on_every_paper(worked: Tool) -> None:
    worked("loss", "--tx", tx(3), "--asset", "USDT")
    worked("run")
    assert "after results had been made with it" not in worked.text("report.html")
    worked("loss", "--drop", "L2")
    worked("run")
    said = "after results had been made with it"
    page = worked.text("report.html")
    assert f"Loss L2 at {tx(3)} was declared by journal entry" in page
    assert said in page
    assert said in worked.text("letters/binance-preserve-v1.txt")
    assert tx(3) not in worked.text("letters/binance-preserve-v1.txt")
    worked("loss", "--tx", tx(3), "--asset", "USDT")
    worked("run")
    assert said not in worked.text("report.html"), "it is declared again"


def test_a_loss_that_was_taken_back_before_any_result_is_not_said(tool: Tool) -> None:
    tool.open(export(MOVES, ["own"]), labels(EXCHANGE))
    for number in (1, 3):
        tool("loss", "--tx", tx(number), "--asset", "USDT")
    tool("loss", "--drop", "L2")
    tool("run")
    assert "after results had been made with it" not in tool.text("report.html")


def test_letters_that_stand_there_before_their_report_are_no_finished_papers(worked: Tool) -> None:
    whole = {path.name: path.read_bytes() for path in papers(worked)}
    plugins = registry.load()
    added_loss(worked)

    def cut_off(names: Sequence[str]) -> None:
        assert {name.rpartition("/")[2] for name in names} == {path.name for path in papers(worked)} - {MANIFEST}
        raise KeyboardInterrupt

    with open_for_writing(worked.case, "test") as case:
        run.everything(case, plugins, lambda stage, done, total: None, until="find")
        with pytest.raises(KeyboardInterrupt):
            write.run(case, plugins, lambda stage, done, total: None, first=cut_off)
    assert any(path.suffix == ".pdf" for path in papers(worked))
    assert not any(path.name.startswith("report") for path in papers(worked))
    code, out, _ = worked("verify")
    assert (code, "letters that stand before their report are here" in out) == (5, True)
    assert worked("run")[0] in (0, 5)
    assert worked("verify")[0] == 0
    assert {path.name for path in papers(worked)} == set(whole)
