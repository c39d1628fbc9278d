"""Servers that say in the body of an answer, with the status 200, that they are asked too often."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from tests.core.pages import Answer, Pages, Server, good, histories, plugins, put

from recover.capture import collector
from recover.capture.collector import Bounds
from recover.capture.own import Own, Place
from recover.capture.vain import nothing
from recover.case import open_for_writing
from recover.sdk import (
    Ask,
    Error,
    Exhibit,
    Recorder,
    Request,
)
from recover.stages import open as opening


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opening.create(tmp_path / "case", title="T", examiner="N", agency="A", rule="fifo")
    return tmp_path / "case"


class Wordy(Pages):
    """Its server says with the status 200 that it is asked too often, or sends what is no answer."""

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        for exhibit in super().collect(ask, recorder):
            if exhibit.data == b"busy":
                raise Error("rate-limited", "It asks to be asked less.", "It says: busy.", "Ask again.")
            if exhibit.data in NONE:
                raise Error("toy-unreadable", "It cannot be read.", "It is no page of payments.", "Ask again.")
            yield exhibit


NONE = (b"<!DOCTYPE html><html>Bad gateway</html>", b'{"cut": [1, 2', b" ")


@pytest.mark.parametrize(("body", "limits"), [(b"busy", 1), *((each, 0) for each in NONE)])
def test_what_is_no_answer_though_its_status_is_200_is_asked_again_and_that_page_alone(
    body: bytes, limits: int, path: Path
) -> None:
    def often(where: str, key: str, count: int) -> Answer:
        return (200, {}, body) if "page=2" in where and count < 3 else good("toy-x")

    with Server(often) as server:
        source, place = Wordy(pages=4), Place(endpoint=server.url)
        known = plugins(source)
        with open_for_writing(path, "test") as case:
            case.save(replace(case.settings, sources=(source.name,)))
            mine = Own(sources={source.name: place})
            with collector.of(case, known, mine, Bounds(requests=100, pause_ms=1)) as asking:
                (first,) = asking.round(histories("toy-a"), lambda done: None)
                assert (first.answered, first.goes_on) == (False, True)
                assert (asking.hosts()[0].limited, asking.hosts()[0].failed) == (limits, 1)
                assert limits or "Its server sent" in first.tried[0].why
                asking.put(histories("toy-a"))
                (second,) = asking.wait()
                asking.take([second])
        assert (second.answered, second.goes_on) == (False, True)
        came, _ = put(path, histories("toy-a"), (source, place))
    assert came[0].answered
    asked = {path.partition("page=")[2]: count for path, count in server.asked.items()}
    assert asked == {"0": 1, "1": 1, "2": 3, "3": 1}


def test_a_server_that_names_in_words_how_long_it_suspends_is_left_alone_for_so_long(path: Path) -> None:
    began: list[float] = []

    def suspended(where: str, key: str, count: int) -> Answer:
        began.append(time.monotonic())
        words = b'{"Error": "rate exceeded, the query server is suspended for 2s"}'
        return (429, {"Retry-After": "0"}, words) if len(began) < 5 else good("toy-x")

    with Server(suspended) as server:
        bounds = Bounds(requests=100, pause_ms=1)
        came, case = put(path, histories("toy-a"), (Pages(), Place(endpoint=server.url)), bounds=bounds)
    assert came[0].answered
    pauses = [later - sooner for sooner, later in pairwise(began)]
    assert max(pauses[:3]) < 1.5, "at first its header counts: often less is enough"
    assert pauses[3] >= 2
    assert [one.method for one in case.exhibits()] == ["GET 429"] * 4 + ["GET 200"]


def test_a_server_that_says_nothing_until_the_time_is_over_is_named(path: Path) -> None:
    source = Pages()
    with Server(lambda where, key, count: "drip") as server, open_for_writing(path, "test") as case:
        case.save(replace(case.settings, sources=(source.name,)))
        mine = Own(sources={source.name: Place(endpoint=server.url)})
        ends = Bounds(requests=100, ends=time.monotonic() + 5, pause_ms=1, seconds=1)
        with collector.of(case, plugins(source), mine, ends) as asking:
            asking.put(histories("toy-a"))
            while not server.asked:
                time.sleep(0.01)
        (asked,) = [entry.body for entry in case.entries if entry.kind == "asked"]
    assert "not whole after" in asked["why"]
    assert "toy-pages" in str(nothing(case, plugins(source)).why)


def test_a_run_that_is_over_waits_for_no_host(path: Path) -> None:
    with Server(lambda where, key, count: (429, {"Retry-After": "90"}, b"later")) as server:
        bounds = Bounds(requests=100, ends=time.monotonic() + 1, pause_ms=1)
        began = time.monotonic()
        came, _ = put(path, histories("toy-a"), (Pages(), Place(endpoint=server.url)), bounds=bounds)
    assert time.monotonic() - began < 30
    assert (came[0].answered, came[0].goes_on) == (False, True)


class Twofold(Pages):
    """Asks another question where the first got no answer."""

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        try:
            yield recorder.capture(Request(url=f"{recorder.endpoint}/first"))
        except Error:
            yield recorder.capture(Request(url=f"{recorder.endpoint}/second"))


def test_a_source_that_goes_on_with_another_question_hides_no_fault_of_its_server(path: Path) -> None:
    source, later = Twofold(), (429, {"Retry-After": "90"}, b"later")
    with Server(lambda where, key, count: later) as server, open_for_writing(path, "test") as case:
        case.save(replace(case.settings, sources=(source.name,)))
        mine = Own(sources={source.name: Place(endpoint=server.url)})
        with collector.of(case, plugins(source), mine, Bounds(requests=100, pause_ms=1)) as asking:
            asking.put(histories("toy-a"))
            while not server.asked:
                time.sleep(0.01)
        (asked,) = [entry.body for entry in case.entries if entry.kind == "asked"]
    assert "HTTP 429" in asked["why"]
