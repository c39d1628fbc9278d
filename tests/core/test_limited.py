"""Servers that say in the body of an answer, with the status 200, that they are asked too often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.pages import Answer, Pages, Server, good, histories, plugins, put

from recover.capture import collector
from recover.capture.collector import Bounds
from recover.capture.own import Own, Place
from recover.case import open_for_writing
from recover.sdk import (
    Ask,
    Batch,
    Error,
    Exhibit,
    Recorder,
)
from recover.stages import open as opening


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opening.create(tmp_path / "case", title="T", examiner="N", agency="A", rule="fifo")
    return tmp_path / "case"


class Wordy(Pages):
    """Its server says with the status 200 that it is asked too often."""

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        for exhibit in super().collect(ask, recorder):
            if exhibit.data == b"busy":
                raise Error("rate-limited", "It asks to be asked less.", "It says: busy.", "Ask again.")
            yield exhibit

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        if exhibit.data != b"busy":
            yield from super().decode(exhibit)


def test_a_limit_said_with_the_status_200_slows_down_and_that_page_alone_is_asked_again(path: Path) -> None:
    def often(where: str, key: str, count: int) -> Answer:
        return (200, {}, b"busy") if "page=2" in where and count < 3 else good("toy-x")

    with Server(often) as server:
        source, place = Wordy(pages=4), Place(endpoint=server.url)
        known = plugins(source)
        with open_for_writing(path, "test") as case:
            case.save(replace(case.settings, sources=(source.name,)))
            mine = Own(sources={source.name: place})
            with collector.of(case, known, mine, Bounds(requests=100, pause_ms=1)) as asking:
                (first,) = asking.round(histories("toy-a"), lambda done: None)
                assert (first.answered, first.goes_on) == (False, True)
                assert asking.hosts()[0].limited == 1
                asking.put(histories("toy-a"))
                (second,) = asking.wait()
                asking.take([second])
        assert (second.answered, second.goes_on) == (False, True)
        came, _ = put(path, histories("toy-a"), (source, place))
    assert came[0].answered
    asked = {path.partition("page=")[2]: count for path, count in server.asked.items()}
    assert asked == {"0": 1, "1": 1, "2": 3, "3": 1}
