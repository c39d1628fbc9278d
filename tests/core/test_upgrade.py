"""Cases of the first format, as the program of that time left them: read, not comparable, and upgraded.

`case` has a label written with its checksum. `chains` has one text on two chains (a label of one that named an
off-ramp on the other, a history of one that put value at rest on the other) and an address whose habit split the
value that it passed on.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recover.case import FORMAT, journal, open_for_reading
from recover.case.confined import Files
from recover.cli.commands import app
from recover.cli.main import main
from recover.findings.causes import CHANGES, UNKNOWN
from recover.plugins import pins
from recover.sealing import recover_verify as outside

OLDER = Path(__file__).parent / "older"
GAPS, REFUSED, DAMAGED, APART = 5, 2, 3, 6
# Transfer files of these cases state no moment to which their histories are whole: what rests there is a gap.

USDT = "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"
BSC = "eip155:56/erc20:0x55d398326f99059ff775485246999027b3197955"
E18 = 10**18

TOLD = {
    # Kraken's label is of Ethereum, and the money moved on another chain.
    ("off-ramp", "Kraken through 0x3333333333333333333333333333333333333333", BSC): (60 * E18, None, "own-chain"),
    ("off-ramp", "unlabelled hub through 0x1111111111111111111111111111111111111111", BSC): (
        None,
        60 * E18,
        "own-chain",
    ),
    ("service", "Kraken", BSC): (60 * E18, None, "own-chain"),
    ("ended", "service", BSC): (60 * E18, None, "own-chain"),
    ("ended", "hub", BSC): (None, 60 * E18, "own-chain"),
    # The history of that text is Ethereum's.
    ("ended", "rest", BSC): (40 * E18, None, "history"),
    ("ended", "uncollected", BSC): (None, 40 * E18, "history"),
    # 1,000 came, 960 went on to Binance, 25 elsewhere, 15 are there still.
    ("off-ramp", "Binance through 0x6666666666666666666666666666666666666666", USDT): (10**9, 960_000_000, "lots"),
    ("service", "Binance", USDT): (10**9, 960_000_000, "lots"),
    ("ended", "service", USDT): (10**9, 960_000_000, "lots"),
    ("ended", "rest", USDT): (None, 15_000_000, "lots"),
    ("ended", "uncollected", USDT): (None, 25_000_000, "lots"),
}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLDER / "case", tmp_path / "case"))


@pytest.fixture
def chains(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLDER / "chains", tmp_path / "chains"))


def shown(case: Path, *words: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, [words[0], str(case), *words[1:], "--json"])
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def figures(said: Mapping[str, Any]) -> dict[tuple[str, str, str], tuple[int | None, int | None, str]]:
    def whole(text: str | int | None) -> int | None:
        return None if text is None else int(text)

    return {
        (d["figure"], d["subject"], d["asset"]): (whole(d["before"]), whole(d["after"]), d["cause"])
        for d in said["differences"]
    }


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_older_case_is_read_and_is_not_comparable(case: Path) -> None:
    assert open_for_reading(case).format == 1
    (row,) = shown(case, "show", "offramps")
    assert (row["service"], row["amount"]) == ("Binance", "30000000")
    assert "by an older version" in str(row["stale"])
    assert main(["verify", str(case)]) == APART
    assert main(["run", str(case)]) == REFUSED, "nothing is made again in silence"


def test_an_upgrade_is_journalled_and_says_what_differs_and_why(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {name: (case / name).read_bytes() for name in ("case.toml", "exhibits/0001.warc.gz")}
    assert main(["upgrade", str(case), "--json"]) == GAPS
    said = told(capsys)
    assert said["from"] == 1
    # A label written with its checksum matched nothing before: 60 of 100 USDT were not seen to reach Kraken.
    assert figures(said)["service", "Kraken", USDT] == (None, 60_000_000, "spelling")
    assert ("service", "Binance", USDT) not in figures(said), "what is as it was is not listed"
    # The same 30 to Binance, now under the wallet that paid it there.
    moved = {key[1]: cause for key, (*_, cause) in figures(said).items() if "Binance" in key[1]}
    assert moved == {f"Binance through 0x{digit * 40}": "through" for digit in "13"}
    assert {cause for *_, cause in figures(said).values()} == {"spelling", "through"}
    assert {name: (case / name).read_bytes() for name in kept} == kept
    entries = open_for_reading(case).entries
    assert [e.kind for e in entries if e.kind in ("upgraded", "differences")] == ["upgraded", "differences"]
    assert open_for_reading(case).format == FORMAT
    assert main(["verify", str(case)]) == 0
    assert main(["upgrade", str(case)]) == REFUSED, "a case is upgraded once"


def test_each_figure_that_differs_names_the_one_change_behind_it(
    chains: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["upgrade", str(chains), "--json"]) == GAPS, "two histories are in no exhibit"
    said = told(capsys)
    assert figures(said) == TOLD
    assert all(d["why"].startswith(CHANGES[d["cause"]].sentence) for d in said["differences"])
    at = {(d["figure"], d["subject"], d["asset"]): d["why"] for d in said["differences"]}
    # What is paid on from an address is explained by the address.
    assert "Here: 0x6666666666666666666666666666666666666666." in at["ended", "uncollected", USDT]
    journalled = next(e.body for e in open_for_reading(chains).entries if e.kind == "differences")
    assert figures({"differences": journalled["figures"]}) == TOLD


def test_what_was_there_is_kept_and_verified(chains: Path) -> None:
    (chains / "out/letters").mkdir(parents=True)
    (chains / "out/letters/binance-signed.pdf").write_bytes(b"%PDF-1.7 as it was served")
    before = {part: bytes_of(chains / part) for part in ("derived", "out")}
    assert main(["upgrade", str(chains)]) == GAPS
    assert {part: bytes_of(chains / "former" / "1" / part) for part in before} == before
    # Kept, and no more than that: no list of what was written names it.
    assert sound(chains) == GAPS
    letter = next((chains / "former/1/out/letters").iterdir())
    letter.write_bytes(letter.read_bytes() + b" ")
    assert sound(chains) == DAMAGED


class Killed(BaseException):
    """Nothing after this line runs."""


POINTS = ("journal:1", "move:1", "journal:2", "journal:6", "last")


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_an_upgrade_that_was_cut_off_is_finished_by_the_next(
    chains: Path, point: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes_of(chains / "derived")
    what, _, number = point.partition(":")
    with monkeypatch.context() as patched:
        cut(patched, what, int(number or 0))
        with pytest.raises(Killed):
            main(["upgrade", str(chains)])
    assert open_for_reading(chains).format == 1, "it is not of the newer format before it says what differs"
    assert main(["verify", str(chains)]) == APART
    assert main(["run", str(chains)]) == REFUSED
    capsys.readouterr()
    assert main(["upgrade", str(chains), "--json"]) == GAPS
    assert figures(told(capsys)) == TOLD
    assert bytes_of(chains / "former/1/derived") == before
    assert [e.kind for e in open_for_reading(chains).entries].count("upgraded") == 1
    assert sound(chains) == 0


def cut(patched: pytest.MonkeyPatch, what: str, number: int) -> None:
    """The program ends right after it has moved, or written to the journal, for this time; or before the last."""
    counts = {"move": 0, "journal": 0}
    move, append = Files.move, Files.append

    def moving(self: Files, name: str, new: str, **how: Any) -> None:
        move(self, name, new, **how)
        if new.startswith("former/"):
            done("move")

    def appending(self: Files, name: str, data: bytes, **how: Any) -> int:
        if what == "last" and b'"kind":"differences"' in data:
            raise Killed
        found = append(self, name, data, **how)
        done("journal")
        return found

    def done(kind: str) -> None:
        counts[kind] += 1
        if kind == what and counts[kind] == number:
            raise Killed

    patched.setattr(Files, "move", moving)
    patched.setattr(Files, "append", appending)


def test_an_older_case_without_its_results_says_that_nothing_can_be_compared(
    chains: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(chains / "derived")
    assert main(["upgrade", str(chains), "--json"]) == GAPS
    said = told(capsys)
    assert said["differences"] == []
    assert {"offramps", "ends"} <= set(said["unread"])


def test_a_damaged_former_result_is_named(chains: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (chains / "derived/find/offramps.parquet").write_bytes(b"PAR1 no more")
    assert main(["upgrade", str(chains), "--json"]) == GAPS
    said = told(capsys)
    assert (said["differences"], said["unread"]) == ([], ["offramps"])
    assert (chains / "former/1/derived/find/offramps.parquet").read_bytes() == b"PAR1 no more"


def test_a_damaged_exhibit_stops_it_before_anything_is_touched(chains: Path) -> None:
    file = chains / "exhibits/0001.warc.gz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    before = bytes_of(chains)
    assert main(["upgrade", str(chains)]) == DAMAGED
    assert {k: v for k, v in bytes_of(chains).items() if not k.startswith(".writer")} == before


@pytest.fixture
def newer(chains: Path) -> Path:
    from recover.case import open_for_writing

    with open_for_writing(chains, "test") as opened:
        opened.note("upgraded", {"from": 1, "to": FORMAT + 1})
        opened.note("differences", {"from": 1, "to": FORMAT + 1, "figures": []})
    return chains


def test_a_case_of_a_newer_format_is_read_and_never_written(
    newer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes_of(newer)
    for words in (["upgrade"], ["run"], ["loss", "--address", "eip155:1:0x" + "1" * 40]):
        assert main([words[0], str(newer), *words[1:]]) == REFUSED
        assert "case-newer" in capsys.readouterr().err
    assert main(["verify", str(newer)]) == APART
    assert main(["show", str(newer), "offramps"]) == 0
    assert bytes_of(newer) == before


def test_a_read_only_case_is_left_as_it_is(chains: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in (chains, chains / "journal.jsonl"):
        os.chmod(place, place.stat().st_mode & ~0o222)
    try:
        assert main(["upgrade", str(chains)]) == REFUSED
        assert "case-read-only" in capsys.readouterr().err
        assert not (chains / "former").exists()
    finally:
        os.chmod(chains, chains.stat().st_mode | stat.S_IWUSR)


def test_no_cause_is_left_without_a_sentence() -> None:
    assert UNKNOWN in CHANGES
    assert all(change.sentence.endswith(".") and change.since <= FORMAT for change in CHANGES.values())


def test_results_that_had_not_seen_all_are_not_compared(chains: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (chains / "case.toml").read_text()
    (chains / "case.toml").write_text(text.replace('agency = "', 'agency = "New '))
    assert main(["upgrade", str(chains), "--json"]) == GAPS
    said = told(capsys)
    assert said["differences"] == []
    assert any(one.startswith("the settings of entry") for one in said["unseen"])


def write_result(case: Path, amount: int) -> None:
    """`result.json` of the older case, with this much at its only off-ramp; the journal has the manifest of it."""
    (row,) = shown(case, "show", "offramps")
    ramp = {"address": row["address"], "asset": row["asset"], "amount": str(amount)}
    made = json.dumps({"offramps": [ramp]}).encode()
    rows = [{"name": "result.json", "bytes": len(made), "sha256": hashlib.sha256(made).hexdigest()}]
    opened = open_for_reading(case)
    head, entries = opened.head, opened.entries
    (case / "out").mkdir()
    (case / "out/result.json").write_bytes(made)
    listed = json.dumps({"entry": head[1], "head": head[0], "files": rows}).encode()
    (case / "out/manifest.json").write_bytes(listed)
    body = {"stage": "write", "manifest": hashlib.sha256(listed).hexdigest()}
    with (case / "journal.jsonl").open("ab") as file:
        file.write(journal.make(len(entries) + 1, entries[-1].time, "ran", body, entries[-1].hash).line())


@pytest.mark.parametrize(("amount", "code"), [(30_000_000, GAPS), (10_000_000, DAMAGED)])
def test_a_former_table_is_held_to_the_paper_that_was_written_from_it(
    amount: int, code: int, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_result(case, amount)
    assert main(["upgrade", str(case), "--json"]) == code
    said = told(capsys)
    damaged = code == DAMAGED
    assert said["altered"] == (["derived/find/offramps.parquet"] if damaged else [])
    assert bool(said["differences"]) is not damaged, "nothing is compared with a table that was altered"
    assert main(["verify", str(case)]) == (DAMAGED if damaged else 0)


@pytest.mark.parametrize("act", ["alter", "delete", "add"])
def test_all_that_is_kept_is_held_to_what_it_was(act: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", str(case)]) == GAPS
    place = case / "former/1/derived/find/offramps.parquet"
    if act == "alter":
        place.write_bytes(place.read_bytes() + b"x")
    elif act == "delete":
        place.unlink()
    else:
        place = case / "former/1/extra"
        place.write_bytes(b"x")
    capsys.readouterr()
    assert sound(case) == DAMAGED
    said = capsys.readouterr().out
    assert place.relative_to(case).as_posix() in said
    assert {"alter": "differs from what was there", "delete": "is missing", "add": "was not there"}[act] in said


def test_results_of_another_version_of_one_format_are_kept_and_compared(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["upgrade", str(case)]) == GAPS
    before = bytes_of(case / "derived")
    assert main(["upgrade", str(case)]) == REFUSED
    monkeypatch.setattr(pins, "core", lambda: "0" * 64)
    capsys.readouterr()
    assert main(["upgrade", str(case), "--json"]) == GAPS
    said = told(capsys)
    assert (said["from"], said["to"], said["kept"]) == (FORMAT, FORMAT, f"former/{FORMAT}.1")
    assert said["differences"] == []
    assert bytes_of(case / f"former/{FORMAT}.1/derived") == before
    assert sound(case) == 0
    assert main(["upgrade", str(case)]) == REFUSED


def test_a_run_keeps_the_papers_that_another_version_wrote(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["upgrade", str(case)]) == GAPS
    assert main(["run", str(case)]) == GAPS
    before = bytes_of(case / "out")
    monkeypatch.setattr(pins, "core", lambda: "0" * 64)
    with monkeypatch.context() as patched:
        cut(patched, "move", 1)
        with pytest.raises(Killed):
            main(["run", str(case)])
    assert sound(case) == GAPS, "the papers are kept, and none are written yet"
    capsys.readouterr()
    main(["run", str(case)])
    said = capsys.readouterr().err
    assert f"The papers that another version wrote are kept in former/{FORMAT}.1/out." in said
    assert bytes_of(case / f"former/{FORMAT}.1/out") == before
    assert [e.kind for e in open_for_reading(case).entries].count("kept") == 1
    assert sound(case) == 0
    assert main(["run", str(case)]) == GAPS
    assert not (case / f"former/{FORMAT}.2").exists(), "its own drafts are made anew"
    (case / f"former/{FORMAT}.1/out/report.html").write_bytes(b"another")
    assert sound(case) == DAMAGED


def test_a_run_says_that_another_version_made_what_was_here(
    case: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["upgrade", str(case)]) == GAPS
    assert main(["run", str(case)]) == GAPS
    monkeypatch.setattr(pins, "core", lambda: "0" * 64)
    capsys.readouterr()
    main(["run", str(case), "--until", "trace"])
    assert "Another version of the program or of a plugin made the results" in capsys.readouterr().err
    (case / f"former/{FORMAT}.1").mkdir(parents=True)
    (case / f"former/{FORMAT}.1/mine").write_text("somebody's")
    main(["run", str(case)])
    assert (case / f"former/{FORMAT}.2/out/report.html").is_file(), "papers are kept by when they were written"


def sound(case: Path) -> int:
    """What `verify` ends with; the outside verifier must agree on whether it holds."""
    code = main(["verify", str(case)])
    found = outside.check(str(case))
    wrong = [one for one in found if one[1] == outside.FAILS]
    assert bool(wrong) == (code == DAMAGED), wrong
    return code
