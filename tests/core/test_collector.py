"""Many asks at once against servers that fail in every usual way: right, or a named gap; nothing asked twice."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.pages import KEYS, Answer, Pages, Server, good, histories, names, plugins, put

from recover.capture import collector, own
from recover.capture.collector import Bounds
from recover.capture.own import Own, Place
from recover.case import open_for_reading, open_for_writing
from recover.stages import open as opening


@pytest.fixture
def path(tmp_path: Path) -> Path:
    opening.create(tmp_path / "case", title="T", examiner="N", agency="A", rule="fifo")
    return tmp_path / "case"


def test_all_go_out_together_over_few_connections_and_are_numbered_in_their_order(path: Path) -> None:
    def slow_first(where: str, key: str, count: int) -> Answer:
        time.sleep(0.3 if where.endswith("aa") else 0.02)
        return good(where[1:])

    with Server(slow_first) as server:
        came, case = put(path, histories(*names(90)), (Pages(), Place(endpoint=server.url)))
    assert all(done.answered for done in came)
    assert 4 < server.busiest <= 16
    assert len(server.connections) <= collector.WORKERS
    assert [one.name.rsplit("/", 1)[1] for one in case.exhibits()] == names(90)
    assert [one.number for one in case.exhibits()] == list(range(1, 91))


def test_a_storm_of_429_slows_down_and_all_is_answered(path: Path) -> None:
    began = time.monotonic()

    def storm(where: str, key: str, count: int) -> Answer:
        if time.monotonic() - began < 1:
            return 429, {"Retry-After": "1"}, b"slow down"
        return good(where[1:])

    with Server(storm) as server:
        came, case = put(path, histories(*names(20)), (Pages(), Place(endpoint=server.url)))
    assert all(done.answered for done in came)
    assert sum(server.asked.values()) < 80
    assert sum(1 for one in case.exhibits() if "429" in one.method) == sum(server.asked.values()) - 20


@pytest.mark.parametrize(
    ("body", "answered"), [(b"request frequency exceeded", True), (b"you may not see this", False)]
)
def test_a_403_is_asked_again_only_where_it_speaks_of_how_often(path: Path, body: bytes, answered: bool) -> None:
    with Server(lambda where, key, count: (403, {}, body) if count < 3 else good(where[1:])) as server:
        came, _ = put(path, histories("toy-a"), (Pages(), Place(endpoint=server.url)))
    assert came[0].answered is answered
    assert sum(server.asked.values()) == (3 if answered else 1)
    assert answered or "HTTP 403" in came[0].tried[0].why


@pytest.mark.parametrize("fault", ["reset", "half", "drip"])
def test_a_connection_that_breaks_is_tried_again_and_no_half_is_kept(path: Path, fault: str) -> None:
    with Server(lambda where, key, count: fault if count == 1 else good(where[1:])) as server:
        bounds = Bounds(requests=100, seconds=1, pause_ms=1)
        came, case = put(path, histories(*names(5)), (Pages(), Place(endpoint=server.url)), bounds=bounds)
    assert all(done.answered for done in came)
    assert [one.method for one in case.exhibits()] == ["GET 200"] * 5


@pytest.mark.parametrize("fault", ["reset", "half"])
def test_a_server_that_always_breaks_is_left_alone_and_named(path: Path, fault: str) -> None:
    with Server(lambda where, key, count: fault) as server:
        came, case = put(path, histories(*names(30)), (Pages(), Place(endpoint=server.url)))
    assert not any(done.answered for done in came)
    assert all(done.goes_on and done.tried[0].why for done in came)
    assert sum(server.asked.values()) < 60, "a server that is down was asked again and again"
    assert case.exhibits() == ()


def test_a_server_that_hangs_is_not_waited_for_again_and_again(path: Path) -> None:
    began = time.monotonic()
    with Server(lambda where, key, count: "drip") as server:
        bounds = Bounds(requests=100, seconds=1, pause_ms=1)
        came, case = put(path, histories("toy-a"), (Pages(), Place(endpoint=server.url)), bounds=bounds)
    assert not came[0].answered
    assert "not whole after" in came[0].tried[0].why
    assert sum(server.asked.values()) <= 3
    assert time.monotonic() - began < 10, "a second was declared for all attempts together"
    assert case.exhibits() == ()


def test_one_key_of_three_is_spent(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spent(where: str, key: str, count: int) -> Answer:
        return (429, {}, b"quota") if key == KEYS[0] else good(where[1:])

    with Server(spent) as server:
        source = Pages(secrets=("toy-key",))
        came, case = put(path, histories(*names(12)), (source, Place(endpoint=server.url)), keys={"toy-key": KEYS})
    assert all(done.answered for done in came)
    assert set(server.keys) == {KEYS[0], KEYS[1]}
    stored = b"".join(case.packed(one) for one in case.exhibits())
    assert not any(key.encode() in stored for key in KEYS)


def test_a_source_that_answers_without_a_key_is_asked_without_one(path: Path) -> None:
    with Server(lambda where, key, count: good(where[1:])) as server:
        free = Pages(secrets=("toy-key",), optional=("toy-key",))
        came, _ = put(path, histories("toy-a"), (free, Place(endpoint=server.url)))
    assert came[0].answered
    assert server.keys == [""]


def test_a_source_that_needs_a_key_says_which_and_sends_nothing(path: Path) -> None:
    with Server(lambda where, key, count: good(where[1:])) as server:
        came, _ = put(path, histories("toy-a"), (Pages(secrets=("toy-key",)), Place(endpoint=server.url)))
    assert "RECOVER_TOY_KEY" in came[0].tried[0].why
    assert server.keys == []


def test_another_place_answers_where_the_first_does_not(path: Path) -> None:
    with Server(lambda where, key, count: (500, {}, b"")) as down, Server(lambda w, k, c: good(w[1:])) as up:
        came, _ = put(path, histories(*names(4)), (Pages(), Place(endpoint=down.url, more=(up.url,))))
    assert all(done.answered and len(done.tried) == 2 for done in came)
    assert sum(up.asked.values()) == 4


@pytest.mark.parametrize("compare", [False, True])
def test_two_sources_are_asked_the_same_where_that_is_wanted(path: Path, compare: bool) -> None:
    with Server(lambda w, k, c: good(w[1:])) as one, Server(lambda w, k, c: good(w[1:])) as two:
        sources = ((Pages("toy-one"), Place(endpoint=one.url)), (Pages("toy-two"), Place(endpoint=two.url)))
        put(path, histories("toy-a"), *sources, compare=compare)
    assert (sum(one.asked.values()), sum(two.asked.values())) == (1, int(compare))


def test_what_all_asks_have_in_common_is_asked_once(path: Path) -> None:
    with Server(lambda w, k, c: good("toy-a" if "newest" in w else w[1:])) as server:
        came, _ = put(path, histories(*names(15)), (Pages(first="newest"), Place(endpoint=server.url)))
    assert all(done.answered for done in came)
    assert server.asked["/newest"] == 1


def test_a_long_history_goes_on_where_the_budget_ended_it(path: Path) -> None:
    source = Pages(pages=25)
    with Server(lambda where, key, count: good("toy-a")) as server:
        place = Place(endpoint=server.url)
        for _ in range(2):
            came, _ = put(path, histories("toy-a"), (source, place), bounds=Bounds(requests=10, pause_ms=1))
            assert came[0].goes_on
            assert "budget of 10" in came[0].tried[0].why
        came, case = put(path, histories("toy-a"), (source, place), bounds=Bounds(requests=10, pause_ms=1))
    assert came[0].answered
    assert set(server.asked.values()) == {1}
    assert len(case.exhibits()) == 25


def test_answers_that_came_before_a_crash_are_exhibits_and_are_not_asked_for_again(path: Path) -> None:
    source = Pages(pages=10)
    with Server(lambda where, key, count: good("toy-a")) as server:
        place = Place(endpoint=server.url)
        known = plugins(source)
        with open_for_writing(path, "test") as case:
            case.save(replace(case.settings, sources=(source.name,)))
            mine = Own(sources={source.name: place})
            asking = collector.of(case, known, mine, Bounds(requests=6, pause_ms=1))
            asking.put(histories("toy-a"))
            asking.wait()  # and nothing is acknowledged: the program ends here
        assert open_for_reading(path).exhibits() == ()
        with open_for_writing(path, "test") as case:
            assert len(case.exhibits()) == 6
            assert "6 answers that had come" in case.told[0]
        came, case = put(path, histories("toy-a"), (source, place))
    assert came[0].answered
    assert set(server.asked.values()) == {1}
    assert [one.name[-1] for one in case.exhibits()] == [str(n) for n in range(10)]


def test_half_an_answer_on_the_disk_is_set_aside_and_the_whole_ones_before_it_are_kept(path: Path) -> None:
    source = Pages(pages=3)
    with Server(lambda where, key, count: good("toy-a")) as server, open_for_writing(path, "test") as case:
        mine = Own(given={source.name: Place(endpoint=server.url)})
        asking = collector.of(case, plugins(source), mine, Bounds(requests=9, pause_ms=1))
        asking.put(histories("toy-a"))
        asking.wait()
    (file,) = (path / "exhibits").iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    with open_for_writing(path, "test") as case:
        assert len(case.exhibits()) == 2
        assert all(case.read(one).data for one in case.exhibits())
    assert [one.name for one in (path / "aside").iterdir()] == ["0001-0001.warc.gz"]


def test_offline_asks_nobody_whatever_a_case_names(path: Path) -> None:
    with Server(lambda w, k, c: good(w[1:])) as server:
        came, case = put(path, histories("toy-a"), (Pages(), Place(endpoint=server.url)), offline=True)
        assert server.asked == Counter()
    assert came[0].tried == ()
    assert any("offline" in line for line in case.told)


def test_the_users_file_is_read_strictly_and_told_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
offline = "yes"
[sources.a]
endpoints = ["http://127.0.0.1:1", "http://127.0.0.1:2"]
per_second = 50
[sources.b]
per_second = -1
[keys]
k = ["one-key-of-two-keys", "two-key-of-two-keys"]
bad = 7
[defaults]
zone = "Nowhere/Land"
rules = "fifo"
"""
    own.path().write_text(text)
    try:
        with pytest.raises(Exception, match="cannot be read") as caught:
            own.load()
    finally:
        own.path().unlink()
    for told in ("`offline`", "`sources.b.per_second`", "`keys.bad`", "`defaults.rules`", "Nowhere/Land"):
        assert told in str(caught.value)
