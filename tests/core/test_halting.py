"""Ctrl-C: answered at once, and nothing is left half done; the second one ends the program."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv
from tests.core.test_ahead import case
from tests.core.test_statements import tool

from recover.case import Case
from recover.plugins import registry
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.halting import Halting

__all__ = ["case", "tool"]


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0)  # a handler runs between two steps


def test_the_first_is_answered_at_once_and_interrupts_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Halting() as halting:
        press()
        assert halting.asked
        assert "Stopping" in capfd.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            press()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_file_that_is_being_read_is_read_to_its_end() -> None:
    rows = 3_000_000
    data = pa.py_buffer(b"a,b\n" + b"1,2\n" * rows)
    with Halting() as halting:
        later = threading.Timer(0.02, press)
        later.start()
        while not halting.asked:
            assert csv.read_csv(pa.BufferReader(data)).num_rows == rows
        later.join()


def test_in_another_thread_the_handler_stays_as_it_was() -> None:
    before, seen = signal.getsignal(signal.SIGINT), list[Any]()

    def other() -> None:
        with Halting():
            seen.append(signal.getsignal(signal.SIGINT))

    one = threading.Thread(target=other)
    one.start()
    one.join()
    assert seen == [before]


class Asking:
    """A collector of which nothing comes; `pressed` is pressed while it is waited for."""

    open, sent, places, stopped = 1, 0, (), ""

    def __init__(self, pressed: Callable[[], None]) -> None:
        self.pressed, self.waits = pressed, 0

    def put(self, asks: Any, worth: Any = ()) -> None:
        """Nothing is put."""

    def stop(self, why: str) -> None:
        self.stopped = why

    def hosts(self) -> list[Any]:
        return []

    def hold(self, came: Any) -> tuple[list[Any], list[Any]]:
        return [], []

    @property
    def paces(self) -> Any:
        return type("Paces", (), {"found": {}})()

    def wait(self, seconds: float) -> list[Any]:
        self.waits += 1
        self.pressed()
        return []


def test_a_pursuit_stops_where_nothing_is_half_done(case: Case) -> None:
    pursuit = Pursuit(
        case=case,
        plugins=registry.load(),
        tell=lambda event: None,
        budget=Budget(seconds=60, requests=9),
    )
    asking = Asking(press)
    with pursuit.halting:
        why = pursuit._follow(asking)  # type: ignore[arg-type]
    assert (why, asking.waits) == ("it was ended by hand; the same command goes on", 1)
    assert asking.stopped
