"""Disks that are full or fail at any moment: what was acknowledged stays, and the next run goes on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.attack.field import Field, lies_in, tree

from recover.case import confined, open_for_writing
from recover.sdk import Error

Write = Callable[[int, memoryview], int]


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str, after: int, code: int = errno.ENOSPC) -> Iterator[None]:
    """The system call of this name writes half of what it is given the time after, and then fails."""
    real = getattr(os, call)
    left = [after]

    def fails(*arguments: object, **more: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            return real(*arguments, **more)
        if call == "write" and left[0] == -1:
            handle, data = arguments
            assert isinstance(handle, int)
            assert isinstance(data, memoryview)
            real(handle, data[: len(data) // 2])
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(f"recover.case.confined.os.{call}", fails)
        yield


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "rename", "mkdir"])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 5, 8, 13])
def test_a_disk_that_is_full_at_any_moment(
    call: str, after: int, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tree(field.outside)
    acknowledged = [p.read_bytes() for p in sorted((field.case / "exhibits").iterdir())]
    journal = (field.case / "journal.jsonl").read_bytes()
    file = field.spot / "more.txt"
    file.write_text("# toy payments\n9 toy-zoe toy-bob 1\n")
    with failing(monkeypatch, call, after):
        told = field.do("import", str(file))
        again = field.do("run")
    assert told.code in (0, 2), told.said
    assert again.code in (0, 2, 3, 5), again.said
    assert "Traceback" not in told.said + again.said
    assert (field.case / "journal.jsonl").read_bytes().startswith(journal)
    assert all(lies_in(data, field.case) for data in acknowledged)
    if told.code != 0:
        assert field.do("import", str(file)).code == 0
    assert field.do("run").code in (0, 5)
    assert field.do("verify").code == 0
    assert tree(field.outside) == outside


@pytest.mark.parametrize("code", [errno.EIO, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_disk_that_fails_in_other_ways(code: int, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    with failing(monkeypatch, "write", 1, code):
        told = field.add("# toy payments\n9 toy-zoe toy-bob 1\n")
    assert (told.code, "The operating system says" in told.err) == (2, True)
    assert field.do("verify").code == 0


def test_a_half_written_line_does_not_spoil_the_next_one_in_the_same_process(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_for_writing(field.case, "test") as case:
        with failing(monkeypatch, "write", 0), pytest.raises(OSError, match="No space"):
            case.note("mark", {"a": "b" * 500})
        case.note("mark", {"c": 1})
    assert field.entries()[-1].body == {"c": 1}
    assert field.do("verify").code == 0


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "a/../x", "", ".", "..", "a//b", "a/./b", "a\0b", "a\\b", "x" * 300, "a/"],
)
def test_the_file_layer_takes_no_name_that_leads_elsewhere(name: str, field: Field) -> None:
    place = confined.Files(field.case)
    for action in (place.read, place.size, place.has, place.discard, place.make):
        with pytest.raises(Error) as caught:
            action(name)
        assert caught.value.code == "case-outside"
    for write in (place.append, place.write):
        with pytest.raises(Error):
            write(name, b"x")


@pytest.mark.parametrize("name", ["c:x", "nul", "COM1.txt", "a.", "a ", "LPT9"])
def test_names_that_mean_a_device_or_stream_on_windows(
    name: str, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "WINDOWS", True)
    with pytest.raises(Error, match="no name inside the case"):
        confined.Files(field.case).write(name, b"x")


@pytest.mark.parametrize("name", ["link", "folder/file", "pipe"])
def test_without_openat_links_are_refused_too(name: str, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "AT", False)
    place = confined.Files(field.case)
    (field.case / "link").symlink_to(field.outside / "file")
    (field.case / "folder").symlink_to(field.outside / "folder")
    os.mkfifo(field.case / "pipe")
    outside = tree(field.outside)
    for action in (lambda: place.read(name), lambda: place.append(name, b"x"), lambda: place.write(name, b"x")):
        with pytest.raises(Error, match="is not used"):
            action()
    with pytest.raises(Error, match="is not used"):
        place.survey()
    assert tree(field.outside) == outside


def test_without_openat_a_case_works_the_same(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "AT", False)
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    assert field.do("run").code == 5
    assert field.do("verify").code == 0
