"""The time that a pursuit was given is that for all of it: asking ends before it, and what is undone is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from tests.core.test_ahead import _Slow, case
from tests.core.test_statements import Tool, tool

from recover.capture.own import Own
from recover.case import Case
from recover.plugins import registry
from recover.pursuit import late
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.telling import Event

__all__ = ["Tool", "case", "tool"]


def pursued(case: Case, until: float, told: list[Event]) -> Pursuit:
    budget = Budget(seconds=60, requests=1)
    return Pursuit(case=case, plugins=registry.load(), tell=told.append, budget=budget, until=until)


def test_time_is_kept_for_papers_by_how_long_they_took() -> None:
    assert late.reserve(600, 0) == 30
    assert late.reserve(20, 0) == 5
    assert late.reserve(600, 40) == 50
    assert late.reserve(60, 40) == 30, "half of it is for asking"
    assert late.undone("letters") == ("letters", "report")


def test_asking_ends_before_the_time_is_over(case: Case) -> None:
    bounded = pursued(case, time.monotonic() + 60, [])
    assert bounded._asks_until == pytest.approx(bounded.until - 15, abs=1)
    bounded._drafting.took = 20
    assert bounded._asks_until == pytest.approx(bounded.until - 25, abs=1)
    unbounded = pursued(case, float("inf"), [])
    assert unbounded._asks_until == unbounded._began + 60


def test_what_the_time_did_not_reach_is_named_and_done_by_the_next_command(case: Case, tool: Tool) -> None:
    told: list[Event] = []
    pursuit = pursued(case, time.monotonic() + 600, told)
    pursuit._drafting.until = 0.0  # over as soon as asking is
    left = pursuit.end(pursuit.run(Own()))
    assert left == len(late.STEPS), "what is undone is no complete result"
    (warning,) = [event for event in told if event.facts.get("code") == "undone"]
    assert warning.facts["undone"] == ["tables", "findings", "letters", "report"]
    assert all(words in warning.said for words in ("the letters", "the report", f"recover run {case.typed}"))
    done = told[-1]
    assert done.kind == "done"
    assert done.facts["undone"] == pursuit.undone
    assert done.facts["resolved"], "what is known in memory is told"
    assert done.facts["gaps"]
    assert not case.out.exists()
    again = pursued(case, float("inf"), told)
    assert again.end(again.run(Own())) == told[-1].facts["moving"]
    assert told[-1].facts["undone"] == ()
    assert (case.out / "report.pdf").exists()


def test_letters_stand_where_the_time_ends_before_the_report(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Event] = []
    pursuit = pursued(case, time.monotonic() + 600, told)
    whole = Pursuit._alone

    def alone(self: Pursuit, names: Sequence[str]) -> None:
        whole(self, names)
        self._drafting.until = 0.0

    monkeypatch.setattr(Pursuit, "_alone", alone)
    assert pursuit.end(pursuit.run(Own()))
    assert pursuit.undone == ("report",)
    assert list((case.out / "letters").glob("*.pdf"))
    assert not (case.out / "report.pdf").exists()
    assert told[-1].facts["gaps"] is not None


def test_what_came_is_worked_out_though_a_server_says_nothing_more(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that answers 429 to all may hold a round up for minutes."""
    now, done = [0.0], list[str]()
    pursuit = Pursuit(
        case=case,
        plugins=registry.load(),
        tell=lambda event: None,
        budget=Budget(seconds=600, requests=9),
        clock=lambda: now[0],
    )
    pursuit.ahead.begin()
    asking: Any = SimpleNamespace(wait=lambda seconds: [], hold=lambda came: ([], []), hosts=list, open=1)
    monkeypatch.setattr(Pursuit, "_progress", lambda self, asking, drafting=False: done.append("progress"))
    monkeypatch.setattr(Pursuit, "_due", lambda self: False)
    pursuit._take(asking)
    assert done == ["progress"], "not at once: more may come"
    now[0] = 6.0
    pursuit._take(asking)
    assert pursuit.ahead.worked
    tables = pursuit.ahead.tables()
    now[0] = 60.0
    pursuit._take(asking)
    assert pursuit.ahead.tables() == tables, "nothing came since"


def test_a_draft_is_of_tables_that_were_joined_in_memory(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where answers came since the last look: the other thread would join all of them anew."""
    pursuit = pursued(case, float("inf"), [])
    begun: list[Callable[[], None]] = []
    worked: list[bool] = []
    pursuit.ahead.begin()
    pursuit.ahead.work()
    case.acknowledge([dict(case.entries[1].body)])
    assert not pursuit.ahead.tables()

    def settle(self: Pursuit, asking: Any) -> bool:
        self.ahead.settled()
        return True

    monkeypatch.setattr(Pursuit, "_settle", settle)
    monkeypatch.setattr(Pursuit, "_due", lambda self: True)
    monkeypatch.setattr(Pursuit, "_tell", lambda self, asking: worked.append(bool(self.ahead.tables())))
    pursuit._drafting = _Slow(begun)  # type: ignore[assignment]
    pursuit._draft_if_due(None)  # type: ignore[arg-type]
    assert worked == [True]
    assert len(begun) == 1
