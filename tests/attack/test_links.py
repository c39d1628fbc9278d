"""Links, pipes and devices in a received case: refused by name; nothing they lead to is written or emptied."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest
from tests.attack.field import Field, tree

FILES = [
    "journal.jsonl",
    "case.toml",
    ".lock",
    ".writer",
    ".case.toml.new",
    ".writer.new",
    "exhibits/0001.warc.gz",
    "exhibits/0009.warc.gz",
    "exhibits/.0001.warc.gz.new",
    "aside/0001-tail",
    "private/names.txt",
    "private/.salt",
    "derived/ledger/stamp.json",
    "derived/trace/flows.parquet",
    "derived/write/stamp.json",
    "derived/write/.stamp.json.new",
    "out/manifest.json",
    "out/report.html",
    "out/unknown.pdf",
    "notes.txt",
]
FOLDERS = [
    "exhibits",
    "private",
    "aside",
    "derived",
    "derived/ledger",
    "derived/.ledger.new",
    "derived/.trace.old",
    "derived/decoded",
    "derived/decoded/.x.new",
    "derived/decoded/0000000000000000.toy-payments.1",
    "derived/write",
    "out",
    ".out.new",
    ".out.old",
    "out/letters",
]


def put(field: Field, name: str) -> Path:
    """The place, free for what is to be put there."""
    place = field.case / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def refuses(field: Field, name: str) -> None:
    """Reading, running, importing and writing all refuse it by its name and leave everything as it is."""
    before, outside = tree(field.case), tree(field.outside)
    for command in (
        ("verify",),
        ("run",),
        ("show", "exhibits"),
        ("write", "--stale"),
        ("loss", "--address", "toy-x"),
    ):
        told = field.do(*command)
        assert told.code == 2, (command, told.said)
        assert name in told.err, (command, told.said)
    assert field.add("# toy payments\n9 toy-a toy-b 1\n").code == 2
    assert tree(field.outside) == outside
    assert tree(field.case) == before


@pytest.mark.parametrize("name", FILES)
def test_a_link_to_a_file_outside(name: str, field: Field) -> None:
    put(field, name).symlink_to(field.outside / "file")
    refuses(field, name)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_link_to_a_folder_outside(name: str, field: Field) -> None:
    put(field, name).symlink_to(field.outside / "folder", target_is_directory=True)
    refuses(field, name)


@pytest.mark.parametrize(
    "name", ["journal.jsonl", ".lock", "exhibits/0009.warc.gz", "case.toml", "out", "derived"]
)
def test_a_link_that_leads_nowhere_makes_nothing_there(name: str, field: Field) -> None:
    put(field, name).symlink_to(field.outside / "not-yet")
    refuses(field, name)
    assert not (field.outside / "not-yet").exists()


@pytest.mark.parametrize("name", ["journal.jsonl", ".lock", "exhibits/0009.warc.gz", "case.toml"])
def test_a_link_within_the_case_is_a_link_too(name: str, field: Field) -> None:
    put(field, name).symlink_to(field.case / "out" / "report.html")
    refuses(field, name)


@pytest.mark.parametrize(
    "name",
    ["journal.jsonl", ".lock", "case.toml", "exhibits/0001.warc.gz", "out/x.pdf", "derived/ledger/stamp.json"],
)
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(name: str, field: Field) -> None:
    os.mkfifo(put(field, name))
    refuses(field, name)


def test_a_socket(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(field.case)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("exhibits/s")
        refuses(field, "exhibits/s")


@pytest.mark.parametrize("name", ["exhibits/0009.warc.gz", "out/zero"])
def test_a_device_that_never_ends(name: str, field: Field) -> None:
    try:
        os.mknod(put(field, name), 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only a privileged user can make a device")
    refuses(field, name)


@pytest.mark.parametrize("name", ["journal.jsonl", "exhibits/0002.warc.gz", ".lock", "case.toml"])
def test_a_second_name_of_a_file_outside_is_never_written_to(name: str, field: Field) -> None:
    os.link(field.outside / "file", put(field, name))
    outside = tree(field.outside)
    for command in (("run",), ("loss", "--address", "toy-x"), ("verify",)):
        assert field.do(*command).code in (0, 2, 3, 5)
    field.add("# toy payments\n9 toy-a toy-b 1\n")
    assert tree(field.outside) == outside


def test_a_journal_that_is_a_second_name_of_its_own_copy_outside_is_not_appended_to(field: Field) -> None:
    journal = field.case / "journal.jsonl"
    os.link(journal, field.outside / "copy")
    outside = tree(field.outside)
    told = field.do("loss", "--address", "toy-x")
    assert (told.code, "hard link" in told.err) == (2, True)
    assert tree(field.outside) == outside


@pytest.mark.parametrize("name", ["case.toml", "out/manifest.json", "derived/ledger/stamp.json"])
def test_a_file_that_is_replaced_leaves_its_second_name_alone(name: str, field: Field) -> None:
    place = field.case / name
    os.link(place, field.outside / "copy")
    outside = tree(field.outside)
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    assert field.do("loss", "--address", "toy-zoe").code == 0
    assert field.do("run").code in (0, 5)
    assert tree(field.outside) == outside


@pytest.mark.parametrize("name", ["journal.jsonl", "case.toml", ".lock", "exhibits/0001.warc.gz"])
def test_a_folder_where_a_file_should_be_ends_with_a_reason(name: str, field: Field) -> None:
    put(field, name).mkdir()
    before = tree(field.outside)
    told = field.do("verify" if name.startswith("exhibits") else "run")
    assert told.code in (2, 3), told.said
    assert "code:" in told.err or "does not hold" in told.out
    assert tree(field.outside) == before


@pytest.mark.parametrize("name", ["exhibits", "derived", "out", "aside", "private"])
def test_a_file_where_a_folder_should_be_ends_with_a_reason(name: str, field: Field) -> None:
    put(field, name).write_bytes(b"kept")
    told = field.do("verify")
    assert told.code in (0, 2, 3, 5), told.said
    told = field.do("run")
    assert told.code in (0, 2, 3, 5), told.said
    assert "recover met an error of its own" not in told.err


def test_a_case_that_is_reached_by_the_examiners_own_link_is_used(field: Field) -> None:
    link = field.spot / "link"
    link.symlink_to(field.case, target_is_directory=True)
    there = Field(spot=field.spot, case=link, outside=field.outside, capsys=field.capsys)
    assert there.do("verify").code == 0
