"""Journals that are older, cut, forged with right hashes, or written by two: said, and nothing stored is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.attack.field import Field, lies_in, tree

from recover.case import folder, journal, open_for_reading, open_for_writing
from recover.plugins import registry
from recover.sdk import Integrity
from recover.stages import collect, run

HEX = "0" * 64
GOOD: dict[str, Any] = {
    "number": 2,
    "digest": HEX,
    "name": "x",
    "media": "text/plain",
    "size": 1,
    "method": "import",
    "sources": ["toy-payments"],
    "file": "0002.warc.gz",
    "offset": 0,
    "length": 10,
    "packed": HEX,
}


@pytest.mark.parametrize("keep", [1, 2, 3, 4, 5, 7, 9])
def test_an_older_journal_loses_no_byte_of_what_was_stored(keep: int, field: Field) -> None:
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    stored = [path.read_bytes() for path in sorted((field.case / "exhibits").iterdir())]
    lines = (field.case / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (field.case / "journal.jsonl").write_bytes(b"".join(lines[:keep]))
    shutil.rmtree(field.case / "out")  # what would tell that the journal is older
    assert field.do("verify").code in (3, 5)
    told = field.do("loss", "--address", "toy-zoe")
    assert told.code == 0, told.said
    assert all(lies_in(data, field.case) for data in stored)
    if keep < len(lines):
        kept = sorted((field.case / "aside").iterdir())
        assert kept
        assert "aside/" in told.err
        said = [e for e in field.entries() if e.kind == "recovered"]
        assert {e.body["aside"] for e in said} == {f"aside/{path.name}" for path in kept}


def test_an_older_journal_beside_newer_papers_is_refused(field: Field) -> None:
    lines = (field.case / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (field.case / "journal.jsonl").write_bytes(b"".join(lines[:3]))
    before = tree(field.case)
    told = field.do("run")
    assert (told.code, "journal-older" in told.err) == (3, True)
    assert {k: v for k, v in tree(field.case).items() if k not in (".lock",)} == {
        k: v for k, v in before.items() if k not in (".lock",)
    }


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_a_last_line_that_is_cut_is_kept_aside(cut: int, field: Field) -> None:
    whole = (field.case / "journal.jsonl").read_bytes()
    (field.case / "journal.jsonl").write_bytes(whole[:-cut])
    lines = whole[:-cut].rfind(b"\n") + 1
    torn = whole[lines:-cut]
    assert field.do("verify").code == 3
    (field.case / "out" / "manifest.json").unlink()
    assert field.do("loss", "--address", "toy-zoe").code == 0
    assert not torn or lies_in(torn, field.case / "aside")
    assert (field.case / "journal.jsonl").read_bytes().startswith(whole[:lines])


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../../outside/file"},
        {"file": "/etc/hostname"},
        {"file": "..\\..\\outside"},
        {"file": "0001.warc.gz/../../../outside/file"},
        {"file": "C:\\x.warc.gz"},
        {"file": "\u0660\u0660\u0660\u0661.warc.gz"},
        {"file": ""},
        {"file": 7},
        {"number": 5},
        {"number": 1},
        {"number": True},
        {"number": "2"},
        {"number": 2.0},
        {"offset": -1},
        {"offset": 2**70},
        {"length": -1},
        {"length": None},
        {"digest": "../x"},
        {"digest": HEX[:-1]},
        {"packed": "g" * 64},
        {"sources": "toy-payments"},
        {"sources": [1]},
        {"name": None},
        {"method": ["import"]},
    ],
    ids=repr,
)
def test_an_exhibit_that_no_version_writes(change: dict[str, Any], field: Field) -> None:
    field.forge(("exhibit", {**GOOD, **change}))
    unread(field)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("exhibit", {}),
        ("exhibit", []),
        ("exhibit", "text"),
        ("reading", {"number": 7, "source": "toy-payments"}),
        ("reading", {"source": "toy-payments"}),
        ("reading", {"number": 1, "source": 5}),
        ("reading", {"number": 1, "chain": ["toy:1"]}),
        ("settings", {"sha256": HEX}),
        ("settings", {"sha256": HEX, "text": 5}),
        ("decision", {"tx": 1, "exhibit": 1, "reason": "r"}),
        ("asked", {"ask": "a", "source": "s"}),
        ("plugins", {"origins": [["a", "b"]]}),
        ("plugins", {"origins": "x"}),
        ("ran", {}),
        ("set-aside", {"exhibit": 1, "back": "no", "reason": "r", "by": "b"}),
    ],
    ids=repr,
)
def test_an_entry_with_a_right_hash_and_a_wrong_body(kind: str, body: Any, field: Field) -> None:
    field.forge((kind, body))
    unread(field)


def unread(field: Field) -> None:
    """Every command ends with 3 and a reason; nothing is touched, inside or outside."""
    before, outside = tree(field.case), tree(field.outside)
    for command in (("verify",), ("run",), ("show", "exhibits")):
        told = field.do(*command)
        assert told.code == 3, told.said
        assert "no entry that recover writes" in told.said
    assert (tree(field.case), tree(field.outside)) == (before, outside)


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: b"[" * 100_000 + b"\n",
        lambda line: b"\xff\xfe\n",
        lambda line: b"{}\n",
        lambda line: b"null\n",
        lambda line: line.replace(b'"kind"', b'"kinb"'),
        lambda line: line.replace(b'"n":', b'"n":1e999,"m":'),
        lambda line: json.dumps(json.loads(line)).encode() + b"\n",
        lambda line: line + line,
        lambda line: line[:-1] + b"\r\n",
        lambda line: b"\n" + line,
        lambda line: line.replace(b'"time":"20', b'"time":"\\ud800'),
    ],
)
def test_a_line_that_is_no_entry(damage: Callable[[bytes], bytes], field: Field) -> None:
    *lines, last = (field.case / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (field.case / "journal.jsonl").write_bytes(b"".join(lines) + damage(last))
    before = tree(field.case)
    assert field.do("verify").code == 3
    assert field.do("run").code == 3
    assert tree(field.case) == before


def test_time_that_runs_backwards_without_a_word_does_not_hold(field: Field) -> None:
    entries = field.entries()
    last = entries[-1]
    early = journal.make(last.number + 1, last.time - timedelta(days=1), "note", {}, last.hash)
    with (field.case / "journal.jsonl").open("ab") as file:
        file.write(early.line())
    told = field.do("verify")
    assert (told.code, "older than the one before it" in told.out) == (3, True)


def test_a_clock_that_was_set_back_is_journaled_and_not_counted_as_held(field: Field) -> None:
    last = open_for_reading(field.case).entries[-1]
    with open_for_writing(field.case, "test", lambda: last.time - timedelta(hours=3)) as case:
        case.note("mark", {})
    assert [e.kind for e in field.entries()][-2:] == ["clock", "mark"]
    told = field.do("verify")
    assert (told.code, "clock was set back" in told.out) == (5, True)
    assert field.do("run").code == 5
    assert "clock-set-back" in {gap["code"] for gap in field.gaps()}


def test_a_case_from_the_future_can_still_be_worked(field: Field) -> None:
    last = open_for_reading(field.case).entries[-1]
    with open_for_writing(field.case, "test", lambda: last.time + timedelta(days=30_000)) as case:
        case.note("mark", {})
    assert field.do("run").code in (0, 5)


@pytest.mark.parametrize("value", ["1", "946684800", "99999999999", "x", "-5", ""])
def test_no_variable_of_the_environment_stands_in_for_the_clock(
    value: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    before = folder.clock()
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    (added,) = [s for s in open_for_reading(field.case).exhibits() if s.number == 2]
    assert (added.captured - before) < timedelta(minutes=5)
    assert (before - added.captured) < timedelta(seconds=1)


def test_what_another_program_wrote_to_the_journal_meanwhile_is_not_written_over(field: Field) -> None:
    with open_for_writing(field.case, "test") as case:
        with (field.case / "journal.jsonl").open("ab") as file:
            file.write(b"{}\n")
        with pytest.raises(Integrity, match="changed by somebody else"):
            case.note("mark", {})
    assert (field.case / "journal.jsonl").read_bytes().endswith(b"{}\n")


def test_text_that_utf8_cannot_hold_is_written_out_and_stops_nothing(field: Field) -> None:
    with open_for_writing(field.case, "test") as case:
        case.note("mark", {"a\udc80": ["\ud800", ("\udfff",)]})
    assert field.entries()[-1].body == {"a\\udc80": ["\\ud800", ["\\udfff"]]}


def test_two_writers_at_once_are_one_too_many(field: Field) -> None:
    with open_for_writing(field.case, "first"):
        told = field.do("loss", "--address", "toy-zoe")
    assert (told.code, "case-locked" in told.err, "`first`" in told.err) == (2, True, True)
    assert field.do("loss", "--address", "toy-zoe").code == 0


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"pid": "\\u001b[31m"}', b"\xff" * 9000, b"null"])
def test_whoever_holds_the_lock_cannot_make_us_say_anything(said: bytes, field: Field) -> None:
    with open_for_writing(field.case, "first"):
        (field.case / ".writer").write_bytes(said)
        told = field.do("loss", "--address", "toy-zoe")
    assert (told.code, "case-locked" in told.err, "\x1b" in told.err) == (2, True, False)


def test_private_files_are_known_to_the_journal_by_a_digest_that_tells_nothing(field: Field) -> None:
    (field.case / "private" / "victims.csv").write_text("Ann Example,ann@example.org\n")
    assert field.do("loss", "--address", "toy-zoe").code == 0
    assert field.do("run").code in (0, 5)
    assert field.do("verify").code == 0
    assert not lies_in(b"Ann Example", Path(field.case / "journal.jsonl").parent / "exhibits")
    assert b"victims" not in (field.case / "journal.jsonl").read_bytes()
    (field.case / "private" / "victims.csv").write_text("Bob Example,bob@example.org\n")
    told = field.do("verify")
    assert (told.code, "private" in told.out) == (3, True)
    shutil.rmtree(field.case / "private")
    assert field.do("verify").code == 5


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=23_000)])
def test_a_case_from_a_computer_whose_clock_was_ahead_is_not_called_false(ahead: timedelta, field: Field) -> None:
    more = field.spot / "later.txt"
    more.write_text("# toy payments\n4 toy-eve toy-pal 7\n")
    known = registry.load()
    with open_for_writing(field.case, "test", lambda: folder.clock() + ahead) as case:
        collect.files(case, known, [more], [], lambda *_: None)
        run.everything(case, known, lambda *_: None)
    told = field.do("verify")
    assert (told.code, "does not hold" in told.out) == (5, False), told.out
    assert "this computer's clock says" in " ".join(told.out.split())
