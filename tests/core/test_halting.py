"""Ctrl-C: answered at once, and nothing is left half done; the second one ends the program."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv
from tests.core.test_ahead import case
from tests.core.test_statements import tool

from recover.capture.own import Own, Place
from recover.case import Case
from recover.plugins import registry
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.halting import Halting
from recover.pursuit.telling import Event

__all__ = ["case", "tool"]


PATIENCE = 120
"""Seconds in which a test ends on a machine that does much else."""


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


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts every connection, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("times", [1, 2])
def test_nobody_waits_for_a_server_that_says_nothing(case: Case, silent: str, times: int) -> None:
    """One Ctrl-C: what is known is told and drafted. Two at once: it is told, and that is all."""
    told = list[Event]()
    budget = Budget(seconds=PATIENCE, requests=9)
    pursuit = Pursuit(case=case, plugins=registry.load(), tell=told.append, budget=budget)
    entries, others = len(case.entries), {*threading.enumerate()}
    mine = Own(given={"evm-rpc": Place(endpoint=silent)})

    def pressed() -> None:
        while not any(event.facts.get("requests") for event in told):
            time.sleep(0.05)
        press()
        while not pursuit.halting.asked:
            time.sleep(0.001)
        if times == 2:
            press()

    later, began = threading.Thread(target=pressed), time.monotonic()
    later.start()
    if times == 1:
        assert "ended by hand" in pursuit.run(mine)
        assert any(event.kind == "papers" for event in told)
    else:
        with pytest.raises(KeyboardInterrupt):
            pursuit.run(mine)
        last = told[-1]
        assert last.kind == "done"
        assert "Stopped at once" in last.said
        assert f"recover now {case.path} goes on" in last.said
        assert not case.out.exists()
        assert f"No paper stands in {case.out}." in last.said, "of none that is not there is it said how old it is"
    later.join()
    assert time.monotonic() - began < PATIENCE
    assert [thread for thread in {*threading.enumerate()} - others if "_work" in thread.name] == []
    noted = [entry for entry in case.entries[entries:] if entry.kind == "asked"]
    assert all(entry.body["goes_on"] for entry in noted), "its ask stays open"


def test_one_during_the_first_letter_lets_it_be_finished_and_two_lose_nothing(case: Case) -> None:
    told = list[Event]()

    def followed(presses: int) -> Pursuit:
        def tell(event: Event) -> None:
            told.append(event)
            if event.kind == "papers" and not made.halting.asked:
                for _ in range(presses):
                    press()

        made = Pursuit(case=case, plugins=registry.load(), tell=tell, budget=Budget(seconds=PATIENCE, requests=9))
        return made

    with pytest.raises(KeyboardInterrupt):
        followed(2).run(Own())
    assert [event.kind for event in told[-2:]] == ["papers", "done"]
    assert "letters" in told[-2].said, "the first letter stands there"
    told.clear()
    followed(1).run(Own())
    papers = [event for event in told if event.kind == "papers"]
    assert "the report" in papers[-1].said
    assert (case.out / "report.pdf").exists()


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
