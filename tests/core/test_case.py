"""The case folder: chained, locked, never created by reading, brought back to what was acknowledged."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.core.loopback import Server

from recover.capture import Live, Replay
from recover.case import Settings, Stored, folder, open_for_reading, open_for_writing, settings, warc
from recover.case.confined import Files
from recover.sdk import Error, Integrity, Loss, Request

NOW = datetime(2026, 3, 4, 5, 6, 7, 891000, tzinfo=UTC)
CHOSEN = Settings(title="T", examiner="N", agency="A", rule="fifo", opened=NOW.replace(microsecond=0))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case"
    folder.create(path, CHOSEN, now=lambda: NOW)
    return path


def put(path: Path, data: bytes, name: str = "a.csv") -> Stored:
    about = {"digest": warc.sha256(data), "name": name, "media": "text/csv", "size": len(data), "method": "import"}
    with open_for_writing(path, "test", lambda: NOW) as opened:
        packed = warc.of_file(name, "text/csv", data, NOW)
        return opened.store(packed, opened.next_file(), {**about, "sources": ["x"]})


def test_what_was_stored_is_read_back(case: Path) -> None:
    stored = put(case, b"one\n")
    assert open_for_reading(case).read(stored).data == b"one\n"


def test_a_warc_file_is_read_by_another_reader(case: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    put(case, b"one\n", "naïve name.csv")
    with (case / "exhibits" / "0001.warc.gz").open("rb") as file:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Target-URI"), r.raw_stream.read())
            for r in ArchiveIterator(file)
        ]
    assert records == [("resource", "urn:recover:file:na%C3%AFve%20name.csv", b"one\n")]


def test_reading_never_creates(tmp_path: Path) -> None:
    with pytest.raises(Error, match="is not a case"):
        open_for_reading(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_new_case_never_takes_a_place(case: Path) -> None:
    with pytest.raises(Error, match="is not an empty folder"):
        folder.create(case, CHOSEN)


@pytest.mark.parametrize("spot", [0, 20, 200, -2])
def test_one_changed_byte_in_the_journal_is_found(case: Path, spot: int) -> None:
    put(case, b"one\n")
    file = case / "journal.jsonl"
    data = bytearray(file.read_bytes())
    data[spot] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(Integrity, match="does not hold"):
        open_for_reading(case)


def test_one_changed_byte_in_an_exhibit_is_found_wherever_it_is(case: Path) -> None:
    stored = put(case, b"one\n" * 50)
    file = case / "exhibits" / stored.file
    whole = file.read_bytes()
    for spot in range(0, len(whole), 7):
        file.write_bytes(whole[:spot] + bytes([whole[spot] ^ 1]) + whole[spot + 1 :])
        with pytest.raises(Integrity):
            open_for_reading(case).read(stored)


def test_a_torn_tail_is_reported_and_cut_back_to_the_last_entry(case: Path) -> None:
    put(case, b"one\n")
    before = (case / "journal.jsonl").read_bytes()
    with (case / "journal.jsonl").open("ab") as file:
        file.write(b'{"n":3,"ti')
    assert open_for_reading(case).torn == 10
    with open_for_writing(case, "test", lambda: NOW) as opened:
        assert len(opened.exhibits()) == 1
    assert (case / "journal.jsonl").read_bytes().startswith(before)
    assert json.loads((case / "journal.jsonl").read_bytes().splitlines()[-1])["kind"] == "recovered"


def test_bytes_that_were_never_acknowledged_are_cut_from_an_exhibit_file(case: Path) -> None:
    stored = put(case, b"one\n")
    with (case / "exhibits" / stored.file).open("ab") as file:
        file.write(b"half a record")
    with open_for_writing(case, "test", lambda: NOW) as opened:
        assert opened.read(stored).data == b"one\n"
    assert (case / "exhibits" / stored.file).stat().st_size == stored.length


def test_the_lock_says_who_holds_it(case: Path) -> None:
    with (
        open_for_writing(case, "recover import", lambda: NOW),
        pytest.raises(Error) as caught,
        open_for_writing(case, "b"),
    ):
        pass
    assert f"process {os.getpid()}" in caught.value.why
    assert "recover import" in caught.value.why


def test_a_dead_writer_holds_no_lock(case: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from recover.case import open_for_writing\n"
        "with open_for_writing(Path(sys.argv[1]), 'doomed'): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(case)], check=False).returncode == 9
    with open_for_writing(case, "after", lambda: NOW):
        pass


def test_settings_are_read_as_they_were_written() -> None:
    loss = Loss(id="L1", chain="toy:1", tx="t", amount=2**200, assets=("toy:1/x:y",), label='a "quoted"\nlabel')
    chosen = settings.parse(settings.text(CHOSEN.with_loss(loss)))
    assert chosen == CHOSEN.with_loss(loss)
    assert settings.text(chosen) == settings.text(CHOSEN.with_loss(loss))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("format = 1", "format = 2"), "`format` is not 1"),
        (lambda t: t.replace('rule = "fifo"', ""), "`rule` is missing"),
        (lambda t: t.replace('title = "T"', "title = 4"), "`title` is not text"),
        (lambda t: 'colour = "red"\n' + t, "`colour` is not a setting"),
        (lambda t: t + "[[", "not TOML"),
    ],
)
def test_settings_that_cannot_be_used_say_why(change: Callable[[str], str], said: str) -> None:
    with pytest.raises(Error) as caught:
        settings.parse(change(settings.text(CHOSEN)))
    assert said in caught.value.why


def test_a_hand_edit_is_taken_up_and_recorded(case: Path) -> None:
    file = case / "case.toml"
    file.write_text(file.read_text().replace('title = "T"', 'title = "Another"'))
    assert open_for_reading(case).edited
    with open_for_writing(case, "test", lambda: NOW) as opened:
        assert opened.settings.title == "Another"
        assert opened.entries[-1].body["by"] == "hand"


class Cut(Exception):
    """The program ends here."""


def cut_off(case: Path, new: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of the settings that ends between the journal's entry and case.toml."""

    def end(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patched, open_for_writing(case, "test", lambda: NOW) as made:
        patched.setattr(Files, "put", end)
        with pytest.raises(Cut):
            made.save(new)


def test_a_change_that_was_cut_off_is_finished(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(case, CHOSEN.with_loss(Loss(id="L1", chain="toy:1", address="a")), monkeypatch)
    assert b'"L1"' not in (case / "case.toml").read_bytes()
    assert len(open_for_reading(case).settings.losses) == 1
    with open_for_writing(case, "test", lambda: NOW) as opened:
        assert len(opened.settings.losses) == 1
        assert "the change was finished" in opened.told[0]
        assert opened.entries[-1].body.get("by") != "hand"
    assert b'"L1"' in (case / "case.toml").read_bytes()
    assert not (case / ".case.toml.new").exists()


SWAPS = [
    ('rule = "fifo"', 'rule = "lifo"'),
    ('amount = "1000"', 'amount = "400"'),
    ('least = "C"', 'least = "D"'),
]


@pytest.mark.parametrize(("one", "other"), SWAPS)
@pytest.mark.parametrize("crash", [False, True])
def test_what_is_set_back_by_hand_counts_each_time(
    case: Path, one: str, other: str, crash: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(CHOSEN, rule="fifo").with_loss(Loss(id="L1", chain="toy:1", address="a", amount=1000))
    with open_for_writing(case, "test", lambda: NOW) as opened:
        opened.save(chosen)
    file = case / "case.toml"
    for turn in range(4):
        if crash:  # another command is cut off; it is finished, and is no reason to doubt what comes after
            cut_off(case, replace(open_for_reading(case).settings, note=f"{turn}"), monkeypatch)
            with open_for_writing(case, "test", lambda: NOW) as opened:
                assert opened.settings.note == f"{turn}"
        said = file.read_text()
        assert (one in said) is (turn % 2 == 0)
        edited = said.replace(one, other) if one in said else said.replace(other, one)
        file.write_text(edited)
        with open_for_writing(case, "test", lambda: NOW) as opened:
            entry = opened.entries[-1]
            assert (entry.kind, entry.body["by"], entry.body["text"]) == ("settings", "hand", edited)
            assert opened.settings == settings.parse(edited)
        assert file.read_text() == edited


def test_an_edit_after_a_cut_off_change_counts(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = case / "case.toml"
    cut_off(case, replace(CHOSEN, note="by the command"), monkeypatch)
    edited = file.read_text().replace('title = "T"', 'title = "By hand"')
    file.write_text(edited)
    with open_for_writing(case, "test", lambda: NOW) as opened:
        assert opened.entries[-1].body["by"] == "hand"
    assert file.read_text() == edited


def test_nothing_writes_over_an_edit_that_was_made_while_a_command_ran(case: Path) -> None:
    file = case / "case.toml"
    edited = file.read_text().replace('title = "T"', 'title = "By hand"')
    with open_for_writing(case, "test", lambda: NOW) as opened:
        file.write_text(edited)
        with pytest.raises(Error, match="was changed while this command ran"):
            opened.save(replace(CHOSEN, note="by the command"))
    assert file.read_text() == edited


def test_a_live_answer_is_stored_before_use_and_holds_no_key(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_TOY_KEY", "s3cret-s3cret-s3cret")
    server = Server((503, b"later"), (200, b'{"a":1}'))
    request = Request(url=f"{server.url}/x", headers=(("X-Key", "{toy-key}"),))
    with open_for_writing(case, "test", lambda: NOW) as opened:
        live = Live(case=opened, source="toy", file=opened.next_file(), budget=9, sleep=lambda _: None)
        exhibit = live.capture(request)
        live.close()
        assert exhibit.data == b'{"a":1}'
        assert Replay(case=opened).capture(request).digest == exhibit.digest
        assert [s.sources for s in opened.exhibits()] == [(), ("toy",)]
        stored = b"".join(gzip.decompress(opened.packed(s)) for s in opened.exhibits())
    server.close()
    assert [seen["X-Key"] for seen in server.asked] == ["s3cret-s3cret-s3cret"] * 2
    assert b"{toy-key}" in stored
    assert b"s3cret" not in stored


def test_an_answer_that_repeats_the_key_is_stored_without_it(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_TOY_KEY", "s3cret-s3cret-s3cret")
    server = Server((200, b"your key is s3cret-s3cret-s3cret."))
    with open_for_writing(case, "test", lambda: NOW) as opened:
        live = Live(case=opened, source="toy", file=opened.next_file(), budget=9, sleep=lambda _: None)
        got = live.capture(Request(url=f"{server.url}/x", headers=(("X-Key", "{toy-key}"),)))
        live.close()
        assert got.data == b"your key is " + b"*" * 20 + b"."
        assert got.redacted
        (stored,) = opened.exhibits()
        assert stored.redacted == ((12, 20),)
        assert stored.method == "GET 200, redacted"
    server.close()


def test_a_refusal_is_kept_and_told_and_never_an_empty_answer(case: Path) -> None:
    server = Server((403, b"no"))
    with open_for_writing(case, "test", lambda: NOW) as opened:
        live = Live(case=opened, source="toy", file=opened.next_file(), budget=9, sleep=lambda _: None)
        with pytest.raises(Error) as caught:
            live.capture(Request(url=f"{server.url}/x"))
        live.close()
        assert "HTTP 403" in caught.value.why
        assert len(opened.exhibits()) == 1
    server.close()


def test_replay_answers_only_from_the_case(case: Path) -> None:
    with pytest.raises(Error, match="holds no answer"):
        Replay(case=open_for_reading(case)).capture(Request(url="http://127.0.0.1:1/none"))
