"""A case of the first format, as the program of that time left it: read, not comparable, and upgraded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recover.case import FORMAT, open_for_reading
from recover.cli.main import app, main

OLDER = Path(__file__).parent / "older" / "case"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLDER, tmp_path / "case"))


def shown(case: Path, *words: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, [words[0], str(case), *words[1:], "--json"])
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.output)
    return found


def test_an_older_case_is_read_and_is_not_comparable(case: Path) -> None:
    assert open_for_reading(case).format == 1
    (row,) = shown(case, "show", "offramps")
    assert (row["service"], row["amount"]) == ("Binance", "30000000")
    assert main(["verify", str(case)]) == 6
    assert main(["run", str(case)]) == 2, "nothing is made again in silence"


def test_an_upgrade_is_journalled_and_says_what_differs_and_why(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name: (case / name).read_bytes() for name in ("case.toml", "exhibits/0001.warc.gz")}
    assert main(["upgrade", str(case), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["from"] == 1
    figures = {(d["figure"], d["subject"]): (d["before"], d["after"]) for d in said["differences"]}
    # A label written with its checksum matched nothing before: 60 of 100 USDT were not seen to reach Kraken.
    assert figures["service", "Kraken"] == (None, 60_000_000) or figures["service", "Kraken"] == (None, "60000000")
    assert ("service", "Binance") not in figures, "what is as it was is not listed"
    assert all(d["why"] for d in said["differences"])
    assert {name: (case / name).read_bytes() for name in kept} == kept
    entries = open_for_reading(case).entries
    assert [e.kind for e in entries if e.kind in ("upgraded", "differences")] == ["upgraded", "differences"]
    assert open_for_reading(case).format == FORMAT
    assert main(["verify", str(case)]) == 0
    assert main(["upgrade", str(case)]) == 2, "a case is upgraded once"
