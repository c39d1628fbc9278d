"""A declared pace: as many as are allowed in any second, also right after a rest, and never more."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from recover.capture.pace import Pace


@dataclass
class Server:
    """A clock that requests live by: each is on its way for up to `jitter`, and answered `latency` later."""

    latency: float
    jitter: float
    now: float = 100.0
    arrived: list[float] = field(default_factory=list)
    open: list[tuple[float, float]] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def send(self, pace: Pace, count: int) -> None:
        for _ in range(count):
            assert pace.turn(lambda seconds: self.wait(pace, seconds)) == ""
            way = self.rng.uniform(0, self.jitter)
            self.arrived.append(self.now + way)
            heapq.heappush(self.open, (self.now + way + self.latency, self.now))

    def wait(self, pace: Pace, seconds: float) -> None:
        ends = self.now + seconds
        while self.open and self.open[0][0] <= ends:
            self.now, left = heapq.heappop(self.open)
            assert pace._open is not None
            pace._open.acquire()
            pace.leave(left)
        self.now = ends

    def most(self) -> int:
        """The largest number that arrived within one second."""
        times = sorted(self.arrived)
        return max(sum(1 for other in times if start <= other < start + 1) for start in times)


@pytest.mark.parametrize("jitter", [0.0, 0.02, 0.15])
def test_rounds_with_rests_between_them_never_pass_what_is_declared(jitter: float) -> None:
    server = Server(latency=0.2, jitter=jitter)
    pace = Pace(host="example.org", per_second=50, at_once=100, clock=lambda: server.now)
    began = server.now
    for size in (1, 3, 9, 27, 81, 243, 36):
        server.send(pace, size)
        server.wait(pace, 0.2 + jitter + 0.3)  # the last answer, and what it takes to see what is asked next
    assert server.most() <= 50
    assert server.now - began < 1.5 * 400 / 50


def test_after_a_limit_one_goes_after_the_other() -> None:
    server = Server(latency=0.2, jitter=0.0)
    pace = Pace(host="example.org", per_second=50, at_once=100, clock=lambda: server.now)
    pace.refused("HTTP 429", 0.0, server.now, limit=True)
    server.wait(pace, 2.0)
    server.send(pace, 10)
    gaps = [later - earlier for earlier, later in zip(server.arrived, server.arrived[1:], strict=False)]
    assert min(gaps) >= 1 / 50


def test_a_host_of_which_nothing_is_declared_is_asked_one_after_the_other() -> None:
    server = Server(latency=0.2, jitter=0.0)
    pace = Pace(host="example.org", clock=lambda: server.now)
    server.send(pace, 10)
    gaps = [later - earlier for earlier, later in zip(server.arrived, server.arrived[1:], strict=False)]
    assert min(gaps) >= 0.1


def test_a_rest_is_as_long_as_a_server_says_and_a_long_one_is_not_waited_for() -> None:
    now, slept = [100.0], list[float]()
    pace = Pace(host="example.org", clock=lambda: now[0])
    pace.refused("HTTP 429", 3_600.0, now[0], limit=True)
    assert pace.rest == 3_600
    assert pace.turn(slept.append) == "HTTP 429"
    assert not slept, "nobody sits out an hour"
    now[0] += 3_599

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    assert pace.turn(sleep) == ""
    assert sum(slept) == pytest.approx(1.0)
