"""Locks: a file system that has none, a holder that says nothing, an interrupt before anything stands."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from tests.attack.field import Field, tree

from recover.case import open_for_writing
from recover.sdk import Error, Exit


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO, errno.EINVAL])
def test_a_file_system_that_cannot_lock_is_said_and_nothing_is_written(
    number: int, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = tree(field.case)
    told = field.do("run")
    assert (told.code, "case-unlockable" in told.err) == (2, True), told.said
    assert os.strerror(number) in told.err
    assert {n: d for n, d in tree(field.case).items() if n != ".lock"} == {
        n: d for n, d in before.items() if n != ".lock"
    }
    assert field.do("verify").code == 0


def test_a_lock_that_another_holds_is_never_called_impossible(field: Field) -> None:
    with (
        open_for_writing(field.case, "somebody"),
        pytest.raises(Error) as caught,
        open_for_writing(field.case, "me"),
    ):
        pass
    assert caught.value.code == "case-locked"


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3, 0.6, 1.0])
def test_an_interrupt_at_any_moment_is_no_traceback(after: float, field: Field) -> None:
    start = "from recover_forensics import run; run()"
    words = [sys.executable, "-c", start, "set-aside", str(field.case), "1", "--reason", "x"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(after)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    # Before the program's first line runs, Python itself ends; after it, every interrupt is said.
    assert "in run" not in err, err
    assert "Traceback" not in err or child.returncode != Exit.INTERRUPTED, err


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_names_the_file(call: str, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, refuse)
    told = field.add("# toy payments\n4 toy-eve toy-pal 7\n")
    assert told.code == 2, told.said
    assert "a file cannot be used" not in told.err
    assert "Nothing that was acknowledged is lost" in told.err
