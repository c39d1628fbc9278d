"""Editions: what one leaves out stands in none of its files, in no form; what was chosen is journaled."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tx, who

from recover.case import open_for_reading
from recover.cli import main as program
from recover.sealing import recover_verify as outside
from recover.victims import leaks

FREE = (
    *("Jane Roe of Leeds", "Roe-family statement", "told by Uncle Bob", "Aunt Carol Desk"),
    *("Mallory Finder", "Trent Keeper", "Walter Warden", "Victor Vault"),
    *("Quentin Quarry", "Nancy Namer", "Oscar Onlooker"),
)
"""What names somebody, each where another command lets a person write freely."""
LISTED = ("Somchai Jaidee", "สมชาย ใจดี", "Heidi Holder")
"""Those of the list of protected names: two in the note of the case, one in a label of an exhibit."""
KEPT_FOR_DEFENCE = {
    "Mallory Finder",
    "Walter Warden",
    "Victor Vault",
    "Quentin Quarry",
    "Nancy Namer",
    "Oscar Onlooker",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in which persons are named wherever a person can write."""
    folder = tmp_path_factory.mktemp("seeded")

    def does(*said: str, codes: tuple[int, ...] = (0,)) -> None:
        assert program.main([*said]) in codes, said

    case = str(folder / "c")
    opened = ("--title", "Jane Roe of Leeds", "--examiner", "N", "--agency", "A", "--rule", "fifo")
    does("open", case, *opened, "--note", "called by Somchai Jaidee and สมชาย ใจดี")
    moves = [("victim", "own", 50), ("own", "hot", 20), ("own", "end", 7)]
    named = labels(EXCHANGE, ("end", "Heidi Holder", "deposit", "exchange"))
    for name, text in (("Roe-family statement.csv", export(moves, ["own"])), ("names.csv", named)):
        (folder / name).write_text(text)
        obtained = ("--by", "told by Uncle Bob", "--obtained-from", "Aunt Carol Desk")
        does("import", case, str(folder / name), *obtained)
    (folder / "more.csv").write_text(export([("a", "b", 1)], ["b"]))
    does("import", case, str(folder / "more.csv"))
    does("set-aside", case, "3", "--reason", "Mallory Finder doubts it")
    does("loss", case, "--tx", tx(1), "--asset", "USDT", "--label", "Trent Keeper")
    hand = ("--service", "Kraken", "--role", "deposit", "--source", "Quentin Quarry", "--by", "Nancy Namer")
    does("assert", case, who("own"), *hand, "--reason", "Oscar Onlooker saw it")
    handed = ("--by", "N", "--to", "Walter Warden", "--purpose", "Victor Vault asked")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    does("evidence", "hand-over", case, *handed, "--at", now)
    (folder / "c/private").mkdir(exist_ok=True)
    (folder / "c/private/identities.txt").write_text("\n".join(LISTED) + "\n", "utf-8")
    does("run", case, codes=(5,))
    return folder


@pytest.fixture
def seeded(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tool:
    shutil.copytree(made / "c", tmp_path / "c")
    return Tool(tmp_path, capsys)


def standing(tool: Tool) -> set[str]:
    """Which of the seeds stand anywhere in what was written: in names, text, properties and packed members."""
    case = open_for_reading(tool.case)
    seeds = [(seed, {"name": seed}) for seed in (*FREE, *LISTED)]
    found = {seed for file, seed in leaks.find(case, seeds, papers=True) if file.startswith("out/")}
    for path in (tool.case / "out").rglob("*.pdf"):
        with pikepdf.open(path) as pdf:
            shown = " ".join(attached(pdf))
        found |= {seed for seed, _ in seeds if seed.casefold() in shown.casefold()}
    return found


def attached(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Names, descriptions and contents of what a PDF holds, its properties and its pictures' words."""
    for name, spec in pdf.attachments.items():
        yield f"{name} {spec.description} {spec.filename} {spec.get_file().read_bytes().decode()}"
    yield str(pdf.docinfo)
    yield pdf.Root.Metadata.read_bytes().decode() if "/Metadata" in pdf.Root else ""
    yield from (str(one.get("/Alt", "")) for one in pdf.objects if isinstance(one, pikepdf.Dictionary))


def test_an_edition_holds_what_it_may_and_nothing_else(seeded: Tool) -> None:
    assert "Trent Keeper" in standing(seeded), "the seeds do reach papers"
    assert (seeded.case / "out/stopped/report.txt").exists(), "the court's edition is stopped by a listed name"

    assert seeded("write", "--edition", "V0")[0] in (0, 5)
    assert {*FREE, *LISTED} - standing(seeded) <= {"Heidi Holder"}
    assert "V0, SEALED FILE" in seeded.text("report.html")

    assert seeded("write", "--edition", "V2")[0] in (0, 5)
    assert (seeded.case / "out/report.pdf").exists()
    assert standing(seeded) == set()

    assert seeded("write", "--edition", "defence")[0] in (0, 5)
    assert standing(seeded) <= KEPT_FOR_DEFENCE
    assert "Mallory Finder doubts it" in seeded.text("report.html")


def test_what_is_left_out_is_counted_and_the_figures_are_those_of_the_court(seeded: Tool) -> None:
    seeded("write", "--edition", "V0")
    whole = json.loads((seeded.case / "out/result.json").read_bytes())
    seeded("write", "--edition", "V2")
    narrow = json.loads((seeded.case / "out/result.json").read_bytes())
    for name in ("conservation", "totals", "edges", "routes", "ends"):
        shown = json.dumps(narrow[name], ensure_ascii=False).replace("[name left out]", "Heidi Holder")
        assert json.loads(shown) == whole[name]
    rows = list(csv.DictReader(io.StringIO((seeded.case / "out/annex/edition.csv").read_text())))
    counted = {row["kind"]: int(row["count"]) for row in rows}
    assert counted["name of a file"] == 4, "three exhibits, and one of them again where it is set aside"
    assert counted["title of the case file"] == 1
    assert counted["note of the case file"] == 1
    page = seeded.text("report.html")
    assert all(kind in page for kind in counted)


@pytest.mark.parametrize("edition", ["V0", "V2", "defence"])
def test_papers_of_a_chosen_edition_are_made_again(edition: str, seeded: Tool) -> None:
    seeded("write", "--edition", edition)
    assert seeded("verify")[0] in (0, 5)
    assert [found for found in outside.check(str(seeded.case)) if found[1] == outside.FAILS] == []
    # It stays: a later run writes the same edition, and asks nothing.
    before = (seeded.case / "out/report.html").read_bytes()
    seeded("run")
    assert (seeded.case / "out/report.html").read_bytes() == before


def test_what_there_is_not_is_refused_and_changes_nothing(seeded: Tool) -> None:
    journal = (seeded.case / "journal.jsonl").read_bytes()
    for option, word in (("edition", "unknown"), ("pack", "missing"), ("language", "missing")):
        refused, _, err = seeded("write", f"--{option}", "zz")
        assert (refused, f"code: {option}-{word}" in err) == (2, True)
    assert (seeded.case / "journal.jsonl").read_bytes() == journal


def test_the_edition_of_the_sealed_file_goes_into_no_bundle(seeded: Tool) -> None:
    seeded("write", "--edition", "V0")
    code, _, err = seeded("seal", "--out", str(seeded.folder / "bundle"))
    assert (code, "code: edition-sealed" in err) == (2, True)
    seeded("write", "--edition", "V2")
    assert seeded("seal", "--out", str(seeded.folder / "bundle"))[0] in (0, 5)


def test_the_defence_finds_conflicts_rules_cards_and_commands(seeded: Tool) -> None:
    other = labels(("hot", "OKX", "hot-wallet", "exchange"), grade="C")
    (seeded.folder / "other.csv").write_text(other)
    seeded("import", str(seeded.folder / "other.csv"))
    seeded("run")
    seeded("write", "--edition", "defence")
    page = seeded.text("report.html")
    rows = list(csv.DictReader(io.StringIO((seeded.case / "out/annex/conflicts.csv").read_text())))
    assert {row["service"] for row in rows} == {"Binance", "OKX"}
    assert "recover trace CASE --rule RULE" in page
    assert "RULE is one of lifo" in page
    assert "recover explain CASE ADDRESS" in page
    assert "These heuristics also ran" not in page
    assert "Exhibits that were set aside" in page
