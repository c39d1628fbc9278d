"""What an officer is told of an off-ramp: the transactions, where the service is asked, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.test_ahead import case
from tests.core.test_statements import tool, tx, who

from recover.case import Case
from recover.plugins import registry
from recover.pursuit import lastseen, reached
from recover.pursuit.ahead import Ahead
from recover.pursuit.doors import door
from recover.sdk.view import OffRamp

__all__ = ["case", "tool"]


@pytest.fixture
def ahead(case: Case) -> Ahead:
    made = Ahead(case=case, plugins=registry.load())
    made.begin()
    made.work()
    return made


def ramp(ahead: Ahead) -> OffRamp:
    (found,) = ahead.offramps()
    return found


def test_an_off_ramp_names_its_transaction_the_channel_and_the_hour(ahead: Ahead) -> None:
    one = ramp(ahead)
    assert one.last is not None
    way = door(ahead.case, ahead.plugins, one.service or "")
    assert way is not None
    facts = reached.facts(one, one.last + timedelta(minutes=5), way)
    assert one.transactions == (tx(1),)
    assert f"what transaction {tx(1)} credited" in facts["do"]
    assert "within 11 minutes (until 10:15 UTC)" in facts["do"]
    assert way.value in facts["do"]
    assert "UNCONFIRMED" in facts["do"]
    assert facts["ask_at"] == {"kind": "portal", "value": way.value, "confirmed_by": None}
    assert facts["by"] == one.last + timedelta(minutes=15)
    assert "within 1 minute (" in reached.todo(one, one.last + timedelta(minutes=14, seconds=1), way)


def test_a_clock_that_is_over_is_said_to_be_over(ahead: Ahead) -> None:
    one = ramp(ahead)
    assert one.last is not None
    said = reached.todo(one, one.last + timedelta(hours=1), None)
    assert said.startswith("Its clock was over at 10:15 UTC (the last credit is 1 hour old)")
    assert "No channel for it is known" in said
    assert "at once" not in said
    assert "2022-03-01 10:15 UTC" in reached.todo(one, one.last + timedelta(days=3), None)


def test_resolved_means_one_thing_before_and_after_it_is_stated(ahead: Ahead) -> None:
    (before,), (after,) = reached.resolved(ahead.look, ahead.resting()), reached.resolved(ahead.case)
    assert before == after
    assert before["resolved"] == str(600 * 10**6), "nothing says that the rest is still where it was seen last"


def test_what_was_seen_leaving_is_told_beside_what_rests(ahead: Ahead) -> None:
    (said, facts), *more = lastseen.seen(ahead.look, ahead.plugins)
    assert not more
    assert facts["addresses"] == [{"address": who("far"), "amount": str(300 * 10**6)}]
    assert who("far") in said
    held = list(reached.freezable(ahead.look, ahead.plugins))
    (left,) = lastseen.sums(ahead.look).values()
    assert left == "300.000000 USDT"
    assert f"That is not all: {left} more went" in reached.in_all(held, "c", left)


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "minute", "1 minute"), (2, "minute", "2 minutes"), (1, "address", "1 address"), (0, "gap", "0 gaps")],
)
def test_one_is_no_plural(count: int, noun: str, said: str) -> None:
    assert reached.counted(count, noun) == said
