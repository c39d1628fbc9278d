"""What is said of a bundle: whose seal it is, what nobody compared, where nothing was examined, in plain words."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.attack.forging import CASE, JOURNAL, RESULT, SEAL, Bundle, chained, lines
from tests.core.test_tamper import refit

from recover.case import folder, settings
from recover.cli.main import main
from recover.sealing import recover_verify as outside

OPEN = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
FILE = "# a file\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that was opened and never run, with one exhibit, and its bundle."""
    spot = tmp_path_factory.mktemp("told")
    (spot / "a.txt").write_text(FILE)
    assert main(["open", str(spot / "case"), *OPEN]) == 0
    assert main(["seal", str(spot / "case"), "--out", str(spot / "empty")]) == 5, "nothing is in it"
    with folder.open_for_writing(spot / "case", "import") as case:
        from recover.capture.imports import kept

        kept(case, case.next_file(), "a.txt", FILE.encode(), "import")
    assert main(["seal", str(spot / "case"), "--out", str(spot / "bundle")]) == 0
    return spot


@pytest.fixture
def bundle(made: Path) -> Bundle:
    return Bundle.at(made / "bundle")


def test_nothing_holds_where_there_is_nothing_to_check(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert outside.main([str(made / "empty")]) == 6
    out = capsys.readouterr().out
    assert "NO FIGURE WAS RECOMPUTED" in out.splitlines()[-1]
    assert not [line for line in out.splitlines() if line.startswith(("exhibits", "figures")) and " holds" in line]
    assert outside.main([str(made / "bundle")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("HOLDS; NO FIGURE WAS RECOMPUTED")


def test_opening_a_bundle_says_whose_seal_it_is_and_what_nobody_compared(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ([], ["--json"]):
        back = tmp_path / f"back{len(words)}"
        assert main(["open", str(back), "--bundle", str(made / "bundle"), *words]) == 0
        out, err = capsys.readouterr()
        assert "NOT SIGNED AND NOT STAMPED" in out
        assert "data/versions.txt" in out + err
        assert "o figure was recomputed" in err
    said = json.loads(out)
    assert (said["recomputed"], len(said["seal"]), len(said["uncompared"])) == (False, 2, 1)


def test_a_seal_of_a_time_to_come_could_not_be_checked(bundle: Bundle) -> None:
    day = (datetime.now(UTC) + timedelta(days=9)).isoformat(timespec="milliseconds")
    info = bundle.files["bag-info.txt"].split(b"\n")
    info[1] = f"Bagging-Date: {day[:10]}".encode()
    bundle.files["bag-info.txt"] = b"\n".join(info)
    found = bundle.fitted(lambda seal: seal.update(made=day)).found()
    assert ("clock", outside.UNKNOWN) in {row[:2] for row in found}
    assert outside.FAILS not in {answer for _, answer, _ in found}, found


@pytest.mark.parametrize("data", [b"[]\n", b'{"seal":2}\n', b'"\\ud800"\n', b"7", b"\xff", b"{" * 9000])
@pytest.mark.parametrize("name", [SEAL, JOURNAL])
def test_what_is_no_record_is_named_in_plain_words(name: str, data: bytes, made: Path, tmp_path: Path) -> None:
    spoilt = Bundle.at(made / "bundle")
    spoilt.files[name] = data
    for file, body in spoilt.tagged().files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(body)
    told = [detail for _, answer, detail in outside.check(str(tmp_path)) if answer == outside.FAILS]
    assert any(name.split("/")[-1].split(".")[0] in text for text in told), told
    assert not [text for text in told if "Error" in text or "object has no" in text or "codec" in text]


def test_a_head_is_said_to_stand_in_the_journal_and_what_came_after_it(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "v.py"
    file.write_bytes(Path(outside.__file__).read_bytes())
    entries = outside.journal((made / "case/journal.jsonl").read_bytes())

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(file), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    first = run(str(made / "bundle"), "--head", entries[0]["hash"])
    assert (first.returncode, "entry 1; entries" in first.stdout, "(exhibit)" in first.stdout) == (0, True, True)
    assert run(str(made / "bundle"), "--head", "0" * 64).returncode == 3
    helped = run("--help")
    assert (helped.returncode, "--head" in helped.stdout) == (0, True)


def test_nothing_is_left_of_a_bundle_that_cannot_be_opened(bundle: Bundle, tmp_path: Path) -> None:
    bad = {"exhibit": 1, "back": "no", "reason": "x", "by": "x"}
    bundle.entries(lambda entries: [*entries, {**entries[-1], "kind": "set-aside", "body": bad}])
    entries = [json.loads(line) for line in bundle.files[JOURNAL].splitlines()]
    chained(entries)
    bundle.files[JOURNAL] = lines(entries)
    bundle.files |= {RESULT: b"", CASE + "out/manifest.json": b'{"files":[]}'}
    for name, data in bundle.files.items():
        (tmp_path / "b" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "b" / name).write_bytes(data)
    assert main(["open", str(tmp_path / "back"), "--bundle", str(tmp_path / "b")]) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b"]


def test_a_case_that_cannot_be_read_after_all_leaves_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the two ever differ, what this program cannot read is not left behind as if it had been opened."""
    from recover.sdk.errors import Integrity
    from recover.sealing import unsealed

    def refuse(path: Path) -> None:
        raise Integrity("journal-malformed", "no entry", "other fields", "compare")

    monkeypatch.setattr(unsealed, "open_for_reading", refuse)
    assert main(["open", str(tmp_path / "back"), "--bundle", str(made / "bundle")]) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_is_named_as_a_case_is_told_from_one(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(made / "bundle")]) == 2
    err = capsys.readouterr().err
    assert "recover open CASE --bundle" in err
    assert "recover-verify.py" in err


def test_the_first_entry_of_a_case_cannot_be_guessed(tmp_path: Path) -> None:
    """Papers print its hash, and an edition leaves the title out: the same case twice has another hash."""
    now = datetime(2026, 11, 29, tzinfo=UTC)
    chosen = settings.Settings(title="T", examiner="N", agency="A", rule="fifo", opened=now)
    for name in ("one", "two"):
        folder.create(tmp_path / name, chosen, now=lambda: now)
    one, two = (folder.open_for_reading(tmp_path / name) for name in ("one", "two"))
    assert one.id != two.id
    assert {len(str(case.entries[0].body["salt"])) for case in (one, two)} == {32}


@pytest.mark.parametrize("edition", ["V1", "V2"])
def test_a_report_in_another_language_than_the_case_is_sealed(edition: str, tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert main(["demo", "--out", str(case), "--case", "daloia-shaped-example"]) == 5
    bundle = tmp_path / "th.zip"
    assert main(["write", str(case), "--language", "th", "--edition", edition]) == 0
    assert main(["seal", str(case), "--out", str(bundle)]) == 0
    # A bundle of papers alone has no figures to compare them with.
    assert outside.main([str(bundle)]) == (0 if edition == "V1" else 6)
    text = (case / "out/result.json").read_bytes()
    assert b'"language":"th"' in text
    refit(case, "out/result.json", text.replace(b'"language":"th"', b'"language":"en"'))
    assert ("result.json", outside.FAILS) in {one[:2] for one in outside.check(str(case))}
