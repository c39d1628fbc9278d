"""What is worked out in memory between two rounds, while papers are made beside it, and what these make."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from tests.core.test_statements import EXCHANGE, Tool, export, labels, tool, tx

from recover.case import Case, acknowledged, derived, looked, open_for_writing
from recover.findings import contradicted
from recover.findings.affected import shares
from recover.findings.material import Material
from recover.ledger import parts
from recover.plugins import registry
from recover.plugins.pins import ran
from recover.pursuit import follow, freezing, reached
from recover.pursuit.ahead import Ahead
from recover.pursuit.booked import booked
from recover.pursuit.follow import Budget, Pursuit
from recover.stages import find
from recover.trails import asks

__all__ = ["tool"]

TIMES = 25


@pytest.fixture
def case(tool: Tool) -> Iterator[Case]:
    """A case that was traced and found before, and is gone on with."""
    moves = [("victim", "own", 1000), ("own", "hot", 600), ("own", "far", 300)]
    tool.open(export(moves, ["own"]), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run", "--until", "find")[0] in (0, 5)
    with open_for_writing(tool.case, "test") as opened:
        yield opened


def asked(ahead: Ahead) -> list[Any]:
    """All that a pursuit reads between two rounds."""
    look, plugins = ahead.look, ahead.plugins
    ahead.work()
    ramps = ahead.offramps()
    return [
        reached.resolved(look, ahead.resting()),
        [
            reached.facts(ramp, paid, look.entries[-1].time)
            for ramp, paid in zip(ramps, booked(look, ramps), strict=True)
        ],
        list(freezing.freezable(look, plugins)),
        reached.labelled(look, plugins),
        shares(look),
        asks.outstanding(look),
        ahead.named(),
        sorted(ahead.tables()),
    ]


def test_nothing_is_read_of_tables_that_are_in_the_making(case: Case) -> None:
    ahead = Ahead(case=case, plugins=registry.load())
    ahead.begin()
    expected = asked(ahead)
    assert expected[0]
    for folder in derived.FOLDERS.values():
        for file in (case.derived / folder).iterdir():
            file.write_bytes(b"in the making")
    assert asked(ahead) == expected
    fresh = Ahead(case=case, plugins=registry.load())
    fresh.begin()
    assert not shares(fresh.look)
    assert asks.outstanding(fresh.look), "what the losses name is asked where nothing was traced yet"
    assert asked(fresh) == expected


def test_what_exhibits_disagree_on_is_read_of_what_stands_in_memory_alone(tool: Tool) -> None:
    """As in a round whose answers no file holds yet: what is disputed must not be told as resting."""
    moved = ([("victim", "own", 1000), ("own", "hot", n)] for n in (600, 700))
    tool.open(*(export(moves, ["own"]) for moves in moved), labels(EXCHANGE))
    tool("loss", "--tx", tx(1), "--asset", "USDT")
    assert tool("run", "--until", "find")[0] == 5
    with open_for_writing(tool.case, "test") as opened:
        shutil.rmtree(opened.derived / "decoded")
        ahead = Ahead(case=opened, plugins=registry.load())
        ahead.begin()
        ahead.work()
        look, read = ahead.look, partial(parts.read, ahead.look)
        (one,) = contradicted.found(Material.of(look), parts.parts(look, ahead.plugins), read)
        assert sorted(version.out for version in one.versions) == [600 * 10**6, 700 * 10**6]
        assert not ahead.resting()
        (held,) = freezing.freezable(look, ahead.plugins)
        assert held.disputed == (one.tx,)


def test_papers_are_made_beside_it_again_and_again(case: Case) -> None:
    """Each time the tables change under it, are moved into their place, and are noted only then."""
    ahead = Ahead(case=case, plugins=registry.load())
    ahead.begin()
    # More entries than the journal has: what came since it was read cannot be told from what it says.
    looked.suppose(ahead.look, "asked", [{"ask": "none", "source": "none", "why": "none"}] * 9 * TIMES)
    expected, failed = asked(ahead), list[BaseException]()
    tables = derived.held(ahead.look, "trace")

    def made() -> None:
        try:
            for number in range(TIMES):
                rows = {name: table.slice(0, number % 2 * table.num_rows) for name, table in tables.items()}
                ran(case, "trace", derived.fill(case, "trace", rows, {"number": number}))
        except BaseException as error:
            failed.append(error)

    beside, times = threading.Thread(target=made), 0
    beside.start()
    while beside.is_alive():
        assert asked(ahead) == expected
        times += 1
    beside.join()
    assert not failed
    assert times > 1


def test_what_comes_after_papers_were_begun_is_not_in_them(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the other thread is slow to begin: what came is in no journal yet."""
    pursuit = Pursuit(
        case=case,
        plugins=registry.load(),
        tell=lambda event: None,
        budget=Budget(seconds=60, requests=1),
    )
    begun: list[Callable[[], None]] = []
    given: list[Any] = []
    monkeypatch.setattr(Pursuit, "_due", lambda self: True)
    monkeypatch.setattr(Pursuit, "_settle", lambda self, asking: True)
    pursuit._drafting = _Slow(begun)  # type: ignore[assignment]
    pursuit.ahead.begin()
    pursuit.ahead.work()
    noted = {stage: pursuit.ahead.tables()[stage] for stage in ("decode", "link", "trace")}
    pursuit._draft_if_due(None)  # type: ignore[arg-type]
    # Now an answer comes, and is decoded and joined before the thread has begun.
    body = dict(case.entries[1].body)
    looked.suppose(pursuit.ahead.look, "exhibit", [{**body, "number": len(case.exhibits()) + 1}])
    pursuit.ahead.ready["derived/decoded/later"] = []
    derived.hold(pursuit.ahead.look, "trace", {})
    for name in ("decode", "link", "trace"):
        fake = _Noting(given, name)
        monkeypatch.setitem(follow._STAGES, name, fake)
    monkeypatch.setattr(find, "run", lambda *some: None)
    monkeypatch.setattr(Pursuit, "draft", lambda self: None)
    (work,) = begun
    work()
    assert not (case.derived / "decoded" / "later").exists()
    assert [name for name, _ in given] == ["decode", "link", "trace"]
    assert all(made is noted[name] or made == noted[name] for name, made in given)


class _Slow:
    """Begins nothing by itself."""

    papers = False

    def __init__(self, begun: list[Callable[[], None]]) -> None:
        self.begun = begun

    def start(self, work: Callable[[], None]) -> None:
        self.begun.append(work)

    def turn(self, *_: object) -> None:
        """It stands back for nobody."""


class _Noting:
    """A stage that notes what it was given."""

    def __init__(self, given: list[Any], name: str) -> None:
        self.given, self.name = given, name

    def run(self, case: Case, plugins: Any, progress: Any, made: Any = None) -> None:
        self.given.append((self.name, made))


def test_an_exhibit_that_is_acknowledged_while_others_look_is_never_missed(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = acknowledged.add

    def slow(found: Any, entries: Any) -> None:
        quick(found, entries)
        time.sleep(0.001)  # what is open for a step is held open

    monkeypatch.setattr(acknowledged, "add", slow)
    before, body = len(case.exhibits()), dict(case.entries[1].body)
    over, failed = threading.Event(), list[BaseException]()

    def look() -> None:
        try:
            while not over.is_set():
                case.exhibits()
        except BaseException as error:
            failed.append(error)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    try:
        for one in lookers:
            one.start()
        for number in range(TIMES):
            assert len(case.acknowledge([body])) == 1, number
    finally:
        over.set()
        for one in lookers:
            one.join()
    assert not failed
    assert [one.number for one in case.exhibits()] == list(range(1, before + TIMES + 1))
