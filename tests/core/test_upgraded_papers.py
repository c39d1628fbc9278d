"""Papers that stood in a case of the first format: kept as they are found, and held to what was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.core.test_upgrade import DAMAGED, GAPS, REFUSED, bytes_of, chains, told

from recover.case import journal, open_for_reading
from recover.cli.main import main

__all__ = ["chains"]


def with_papers(case: Path) -> Path:
    """The older case with a paper and its manifest, which its journal knows."""
    paper, listed = case / "out/report.html", case / "out/manifest.json"
    paper.parent.mkdir()
    paper.write_text("20,000")
    head, entries = open_for_reading(case).head, open_for_reading(case).entries
    rows = [{"name": "report.html", "bytes": 6, "sha256": hashlib.sha256(b"20,000").hexdigest()}]
    listed.write_text(json.dumps({"entry": head[1], "head": head[0], "files": rows}))
    body = {"stage": "write", "manifest": hashlib.sha256(listed.read_bytes()).hexdigest()}
    entry = journal.make(len(entries) + 1, entries[-1].time, "writing", body, entries[-1].hash)
    with (case / "journal.jsonl").open("ab") as file:
        file.write(entry.line())
    return paper


def test_a_paper_that_was_altered_before_an_upgrade_does_not_hold_after_it(
    chains: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = with_papers(chains)
    paper.write_text("90,000")
    assert main(["upgrade", str(chains), "--json"]) == DAMAGED
    assert told(capsys)["altered"] == ["out/report.html"]
    assert main(["verify", str(chains)]) == DAMAGED
    assert "former/1/out/report.html" in capsys.readouterr().out


def test_a_paper_as_it_was_written_holds_after_an_upgrade(chains: Path) -> None:
    with_papers(chains)
    assert main(["upgrade", str(chains)]) == GAPS
    assert main(["verify", str(chains)]) == 0


def test_nothing_takes_the_place_of_what_is_kept_there_already(chains: Path) -> None:
    paper = with_papers(chains)
    (chains / "former/1/out").mkdir(parents=True)
    (chains / "former/1/out/x").write_text("x")
    before = bytes_of(chains)
    assert main(["upgrade", str(chains)]) == REFUSED
    assert {**bytes_of(chains), ".lock": b""} == {**before, ".lock": b""}
    assert paper.exists()
