"""Editions: what one leaves out stands in none of its files, in no form; what was chosen is journaled."""

from __future__ import annotations

import csv
import html
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tx, who

from recover.case import open_for_reading, open_for_writing, private
from recover.cli import main as program
from recover.declared import edition
from recover.findings import view
from recover.plugins import registry
from recover.report.documents import told
from recover.sealing import recover_verify as outside
from recover.victims import leaks, spelled

FREE = (
    *("Jane Roe of Leeds", "Roe-family statement", "told by Uncle Bob", "Aunt Carol Desk"),
    *("Mallory Finder", "Trent Keeper", "Walter Warden", "Victor Vossler"),
    *("Quentin Quarry", "Nancy Namer", "Oscar Onlooker"),
)
"""What names somebody, each where another command lets a person write freely."""
LISTED = ("Somchai Jaidee", "สมชาย ใจดี", "Heidi Holder")
OWN = [*spelled.own(registry.load().templates.values())]
"""The words of papers: a surname that is one of them tells nobody where it stands alone."""
"""Those of the list of protected names: two in the note of the case, one in a label of an exhibit."""
KEPT_FOR_DEFENCE = {
    "Mallory Finder",
    "Walter Warden",
    "Victor Vossler",
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
    handed = ("--by", "N", "--to", "Walter Warden", "--purpose", "Victor Vossler asked")
    now = datetime.now(
        UTC
    ).isoformat()  # to the second, it could lie before the moment at which the case was opened
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
    found = {seed for file, seed in leaks.find(case, seeds, papers=True, own=OWN) if file.startswith("out/")}
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


def in_bundle(bundle: Path) -> set[str]:
    """Which of the seeds stand in any byte of a bundle: names, contents, packed members, what a PDF holds."""
    wanted = leaks._wanted([(seed, {"name": seed}) for seed in (*FREE, *LISTED)], OWN)
    found: set[str] = set()
    for file in (path for path in bundle.rglob("*") if path.is_file()):
        for data in leaks._texts(file.relative_to(bundle).as_posix().encode(), file.read_bytes()):
            found |= set(wanted.inside(data))
        if file.suffix == ".pdf":
            with pikepdf.open(file) as pdf:
                found |= set(wanted.inside(" ".join(attached(pdf)).encode()))
    return found


@pytest.mark.parametrize("edition", ["V2", "defence"])
def test_a_bundle_of_an_edition_that_leaves_out_names_leaves_them_out(edition: str, seeded: Tool) -> None:
    bundle, whole = seeded.folder / "bundle", seeded.folder / "whole"
    assert seeded("write", "--edition", edition)[0] in (0, 5)
    code, out, _ = seeded("seal", "--out", str(bundle))
    assert (code in (0, 5), f"papers of edition {edition} alone" in out) == (True, True)
    assert in_bundle(bundle) <= (set() if edition == "V2" else KEPT_FOR_DEFENCE)
    case = open_for_reading(seeded.case)
    texts = [path.read_text("utf-8") for path in (*bundle.glob("*.txt"), *bundle.glob("seal/*"))]
    assert case.id not in "".join(texts), "its first entry holds the title"
    for page in ("README.txt", "clerk.html"):
        assert f"papers of edition {edition} alone" in (bundle / page).read_text().replace("\n   ", " ")
    answers = {(name, answer) for name, answer, _ in outside.check(str(bundle))}
    assert ("figures", outside.UNKNOWN) in answers
    assert outside.FAILS not in {answer for _, answer in answers}
    for path in (bundle / "data/papers/totals.csv", bundle / "clerk.html"):
        before = path.read_bytes()
        path.write_bytes(before.replace(b"fifo", b"lifo").replace(b"A</dd>", b"B</dd>"))
        assert path.read_bytes() != before
        assert outside.FAILS in {answer for _, answer, _ in outside.check(str(bundle))}, path.name
        path.write_bytes(before)
    assert "bundle-papers" in opened_of(seeded, bundle)
    assert seeded("seal", "--whole", "--out", str(whole))[0] in (0, 5)
    assert {"Jane Roe of Leeds", "Oscar Onlooker"} <= in_bundle(whole), "the seeds do reach a whole bundle"
    assert "what that edition leaves out" in (whole / "README.txt").read_text().replace("\n   ", " ")
    noted = [e.body for e in open_for_reading(seeded.case).entries if e.kind == "seal"]
    assert [(b["holds"], b["edition"], b["whole"]) for b in noted] == [
        ("papers", edition, False),
        ("case", edition, True),
    ]


def opened_of(tool: Tool, bundle: Path) -> str:
    assert program.main(["open", str(tool.folder / "back"), "--bundle", str(bundle)]) == 2
    assert not (tool.folder / "back").exists()
    return tool.capsys.readouterr().err


def test_papers_of_another_edition_than_was_chosen_are_not_sealed(seeded: Tool) -> None:
    assert seeded("write", "--edition", "V2")[0] in (0, 5)
    with open_for_writing(seeded.case, "papers") as case:
        edition.choose(case, "defence")
    code, _, err = seeded("seal", "--out", str(seeded.folder / "bundle"))
    assert (code, "edition-unwritten" in err) == (2, True)


def test_no_format_holds_what_its_edition_leaves_out(seeded: Tool) -> None:
    """Each exporter, on the view that `recover export` gives it."""
    plugins, case = registry.load(), open_for_reading(seeded.case)
    whole = view.load(case, plugins)
    held = {"V0": {*FREE, *LISTED}, "V2": set[str](), "defence": KEPT_FOR_DEFENCE}
    for wanted, may in held.items():
        shown = told(replace(whole, edition=wanted), [*plugins.templates.values()], private.identities(case))
        for form, exporter in plugins.exporters.items():
            texts = [text for name, data in exporter.files(shown) for text in (name.casefold(), *_inside(data))]
            found = {seed for seed in (*FREE, *LISTED) for text in texts if seed.casefold() in text}
            assert found <= may, f"{form} as {wanted}"


def _inside(data: bytes) -> Iterator[str]:
    """The texts of a file, and of those packed in it."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield from (html.unescape(packed.read(one).decode()).casefold() for one in packed.namelist())
    else:
        yield html.unescape(data.decode()).casefold()
