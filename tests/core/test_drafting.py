"""Papers made beside the asking: one after the other, behind what is asked next, and nothing waits for them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from tests.core.test_ahead import case
from tests.core.test_statements import Tool, tool

from recover.capture import collector
from recover.capture.own import Own
from recover.case import Case
from recover.ledger.database import database
from recover.plugins import registry
from recover.pursuit.ahead import Ahead
from recover.pursuit.drafting import Drafting
from recover.pursuit.follow import Budget, Pursuit

__all__ = ["Tool", "case", "tool"]

SOON = 20


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What lets work that waits go on; in the end it always does."""
    event = threading.Event()
    yield event
    event.set()


def test_work_is_queued_and_nobody_waits_for_it(held: threading.Event) -> None:
    drafting, done = Drafting(), list[str]()

    def first() -> None:
        held.wait(SOON)
        done.append("tables")

    drafting.start(first, counts=False)
    assert not drafting.papers, "tables that are written keep nothing from being acknowledged"
    drafting.start(lambda: done.append("papers"))
    assert drafting.papers
    assert not done
    held.set()
    drafting.finish()
    assert done == ["tables", "papers"]
    assert drafting.ended
    assert not drafting.papers


def test_what_it_raised_is_raised_once_and_by_whoever_looks_next() -> None:
    drafting, over = Drafting(), threading.Event()

    def broken() -> None:
        over.set()
        raise OSError("the disk is full")

    drafting.start(broken, counts=False)
    over.wait(SOON)
    with pytest.raises(OSError, match="full"):
        drafting.finish()
    drafting.mind()
    drafting.start(broken)
    while drafting.papers:
        threading.Event().wait(0.01)
    with pytest.raises(OSError, match="full"):
        drafting.mind()


def test_it_stands_back_while_what_is_asked_next_is_worked_out(held: threading.Event) -> None:
    drafting, turns, began = Drafting(), list[int](), threading.Event()

    def work() -> None:
        began.set()
        held.wait(SOON)
        drafting.turn("write", 1, 0)
        turns.append(1)

    drafting.start(work)
    began.wait(SOON)
    with drafting.behind():
        held.set()
        threading.Event().wait(0.2)
        assert not turns
        drafting.finish()  # whoever waits for it lets it go on
    assert turns == [1]


def test_what_came_is_acknowledged_while_tables_are_written(case: Case, held: threading.Event) -> None:
    pursuit = Pursuit(
        case=case, plugins=registry.load(), tell=lambda event: None, budget=Budget(seconds=60, requests=1)
    )
    taken: list[int] = []
    asking: Any = SimpleNamespace(take=lambda: taken.append(1))
    pursuit._drafting.start(lambda: cast("None", held.wait(SOON)), counts=False)
    assert pursuit._settle(asking)
    pursuit._drafting.start(lambda: None)
    assert not pursuit._settle(asking), "papers are of what was here when they were begun"
    held.set()
    pursuit._drafting.finish()
    assert pursuit._settle(asking)
    assert len(taken) == 2


def test_what_was_worked_out_stands_while_nothing_more_is_acknowledged(case: Case) -> None:
    ahead = Ahead(case=case, plugins=registry.load())
    ahead.begin()
    ahead.work()
    assert ahead.tables()
    case.note("asked", {"ask": "none", "source": "none", "why": "none"})
    ahead.settled()
    assert ahead.tables(), "no join is made twice of the same exhibits"
    case.acknowledge([dict(case.entries[1].body)])
    ahead.settled()
    assert not ahead.tables()


def test_threads_that_ask_get_their_turn_soon_and_only_while_they_ask(case: Case) -> None:
    usual = sys.getswitchinterval()
    with collector.of(case, registry.load(), Own()):
        assert sys.getswitchinterval() < usual / 5
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_one_database_sees_nothing_of_another() -> None:
    """Though both are opened in one process, at once, in two threads."""
    both, found = threading.Barrier(2, timeout=SOON), dict[int, Any]()

    def use(number: int) -> None:
        with database() as db:
            db.register("read", pa.table({"n": [number]}))
            both.wait()
            db.execute("create temp table kept as select n, current_setting('TimeZone') from read")
            both.wait()
            found[number] = db.execute("select * from kept").fetchall()

    threads = [threading.Thread(target=use, args=(number,)) for number in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {1: [(1, "UTC")], 2: [(2, "UTC")]}
    with database() as db:
        assert not db.execute("select * from information_schema.tables").fetchall()
