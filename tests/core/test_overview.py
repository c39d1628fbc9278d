"""How cases stand, and which sources are set up: told of every case, also where one cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recover.capture import own
from recover.cli.main import main
from recover.stages import open as opening


@pytest.fixture(autouse=True)
def nothing_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration in which no case of another test left where its sources are."""
    monkeypatch.setenv("RECOVER_CONFIG", str(tmp_path / "recover.toml"))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_folder_of_cases_is_told_with_the_one_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        opening.create(tmp_path / name, title=name, examiner="N", agency="A", rule="fifo")
    journal = tmp_path / "two" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"fifo", b"lifo"))
    code, found = told(capsys, "status", str(tmp_path))
    assert code == 5
    assert [(row["title"], bool(row["problem"])) for row in found] == [("one", False), ("", True)]
    assert "journal" in found[1]["problem"]
    # What could not be read is not there: a 0 would say that nothing is.
    counts = ("open_count", "gaps", "offramps", "papers", "letters", "losses", "exhibits")
    assert {found[1][name] for name in counts} == {None}
    assert (found[0]["open_count"], found[0]["gaps"], found[0]["offramps"]) == (0, None, None)
    assert main(["status", str(tmp_path)]) == 5
    said = capsys.readouterr().out
    row = next(line for line in said.splitlines() if line.startswith(str(tmp_path / "two")))
    assert "could not be read" in row
    assert "0" not in row.replace(str(tmp_path), "")
    assert found[1]["problem"][:40] in said


def test_a_folder_without_a_case_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(tmp_path)]) == 2
    assert "no-case" in capsys.readouterr().err


def test_doctor_says_of_each_source_what_is_not_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = told(capsys, "doctor")
    assert code == 5
    rows = {row["source"]: row for row in found["sources"]}
    assert not any(row["ready"] for row in rows.values())
    assert "where it is to ask" in rows["bitcoin-core"]["lacking"][0]
    assert "RECOVER_ETHERSCAN_KEY" in rows["evm-explorer"]["todo"]
    assert rows["trongrid-trc20"]["lacking"] == []


def test_doctor_of_what_is_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    own.path().write_text(
        "[sources.trongrid-trc20]\nper_second = 15\n[sources.elsewhere]\n"
        '[keys]\ntrongrid-key = ["first-key-of-ours", "second-key-of-ours"]\n'
    )
    try:
        code, found = told(capsys, "doctor")
    finally:
        own.path().unlink()
    assert code == 5, "it lists histories, and looks up no transaction id"
    (ready,) = [row for row in found["sources"] if row["ready"]]
    assert (ready["source"], ready["per_second"], ready["keys"]) == ("trongrid-trc20", 15, {"trongrid-key": 2})
    assert found["not_installed"] == ["elsewhere"]
    assert "first-key" not in json.dumps(found)


@pytest.mark.parametrize(
    ("text", "ready", "said"),
    [
        (
            '[sources.trongrid]\nendpoint = "http://127.0.0.1:9/?key={trongrid-key}"\n',
            False,
            "RECOVER_TRONGRID_KEY",
        ),
        (
            (
                '[sources.trongrid]\nendpoint = "http://127.0.0.1:9"\n'
                '[keys]\ntrongrid-key = { env = "NOT_SET_HERE" }\n'
            ),
            True,
            "the variable NOT_SET_HERE, which your recover.toml names for trongrid-key, is not set",
        ),
        ('[sources.trongrid]\nendpoint = "http://127.0.0.1:9"\n', True, "it answers without a key"),
    ],
)
def test_doctor_of_a_key_that_is_written_and_not_there(
    text: str, ready: bool, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own.path().write_text(text)
    try:
        code, found = told(capsys, "doctor")
    finally:
        own.path().unlink()
    (row,) = [row for row in found["sources"] if row["source"] == "trongrid"]
    assert (code, row["ready"], bool(row["lacking"])) == (0 if ready else 5, ready, not ready)
    assert said in row["todo"]
