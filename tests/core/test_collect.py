"""Trace, ask, decode, again: a live source on loopback fills what a trace lacks, and no network gives the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import recover_chain_toy
from recover_chain_toy.source import Payments
from tests.core.loopback import Server

from recover.capture import Replay, own
from recover.capture.own import Limits
from recover.case import Case, derived, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.plugins.registry import Plugins
from recover.sdk import (
    Ask,
    Batch,
    Coverage,
    Error,
    Exhibit,
    Exit,
    History,
    Recorder,
    Request,
    Source,
    SourceInfo,
    plugin,
)
from recover.stages import collect, open, run

WHOLE = b"# toy payments\n1 toy-victim toy-thief 100\n"
NEXT = b"# toy payments\n1 toy-victim toy-thief 100\n2 toy-thief toy-mule 60\n"
LAST = b"# toy payments\n2 toy-thief toy-mule 60\n3 toy-mule toy-friend 45\n"


class Histories:
    """Answers History from a server: one page of toy payments for each address."""

    def __init__(self, url: str, raises: Exception | None = None) -> None:
        self.url, self.raises = url, raises
        self.info = SourceInfo(
            id="toy-histories",
            version="1",
            title="Histories",
            chains=("toy:1",),
            place="line",
            media="text",
            terms="Made for tests.",
            asks=("History",),
            endpoint=url,
        )

    def recognises(self, name: str, head: bytes) -> bool:
        return False

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        assert isinstance(ask, History)
        if self.raises is not None:
            raise self.raises
        yield recorder.capture(Request(url=f"{self.url}/{ask.address.text}"))

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from Payments().decode(exhibit)
        yield Batch.of(Coverage(chain="toy:1", address=exhibit.name.rsplit("/", 1)[1]))


def plugins(source: Histories) -> Plugins:
    class Live:
        @plugin
        def recover_sources(self) -> list[Source]:
            return [source]

    return registry.load(extra=[recover_chain_toy, Live()])


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    case = tmp_path / "case"
    open.create(case, title="T", examiner="N", agency="A", rule="fifo")
    (tmp_path / "first.txt").write_bytes(WHOLE)
    known = registry.load(extra=[recover_chain_toy])
    with open_for_writing(case, "test") as opened:
        collect.files(opened, known, [tmp_path / "first.txt"], [], quiet)
        losses.declare(opened, known, tx="1")
        opened.save(replace(opened.settings, sources=("toy-histories",)))
        own.keep(opened.id, opened.path, {"toy-histories": ""})
    return case


def ends(case: Case) -> dict[str, tuple[str, int]]:
    rows = derived.read(case, "ends").to_pylist()
    mine = [r for r in rows if r["rule"] == "fifo" and r["ties"] == "as recorded"]
    return {r["address"]: (r["reason"], r["amount"]) for r in mine}


def test_a_trace_asks_until_no_allowed_source_can_answer(path: Path) -> None:
    server = Server((200, NEXT), (200, LAST), (200, b"# toy payments\n3 toy-mule toy-friend 45\n"))
    known = plugins(Histories(server.url))
    with open_for_writing(path, "test") as case:
        run.everything(case, known, quiet, until="find")
        found = ends(case)
        assert [asked["path"] for asked in server.asked] == ["/toy-thief", "/toy-mule", "/toy-friend"]
        assert found == {"toy-thief": ("rest", 40), "toy-mule": ("rest", 15), "toy-friend": ("rest", 45)}
        server.close()
        replayed = Replay(case=case).capture(Request(url=f"{server.url}/toy-mule"))
        assert replayed.data == LAST
        for folder in ("decoded", "ledger", "link", "trace", "find"):
            for file in sorted((case.derived / folder).rglob("*.parquet")):
                file.unlink()
            (case.derived / folder / "stamp.json").unlink(missing_ok=True)
        for empty in sorted((case.derived / "decoded").iterdir()):
            empty.rmdir()
        run.everything(case, known, quiet, until="find")
        assert ends(case) == found


def test_offline_is_the_default_and_the_ask_stays_in_the_gap(path: Path) -> None:
    server = Server((200, NEXT))
    with open_for_writing(path, "test") as case:
        case.save(replace(case.settings, sources=()))
        run.everything(case, plugins(Histories(server.url)), quiet, until="find")
        assert server.asked == []
        (gap,) = derived.read(case, "gaps").to_pylist()
        assert (gap["code"], gap["subject"]) == ("history-not-collected", "toy-thief")
        assert '"ask":"History"' in gap["fill"]
    server.close()


def test_a_refusal_is_a_gap_and_never_a_zero(path: Path) -> None:
    server = Server((403, b"no"))
    with open_for_writing(path, "test") as case:
        run.everything(case, plugins(Histories(server.url)), quiet, until="find")
        codes = {row["code"]: row["why"] for row in derived.read(case, "gaps").to_pylist()}
        assert set(codes) == {"history-not-collected", "not-answered"}
        assert "HTTP 403" in codes["not-answered"]
        assert ends(case) == {"toy-thief": ("uncollected", 100)}
    server.close()


def test_the_budget_bounds_what_is_asked(path: Path) -> None:
    server = Server((200, NEXT), (200, LAST))
    with open_for_writing(path, "test") as case:
        mine = replace(own.load(), bounds={case.id: Limits(requests=1, rounds=1)})
        run.everything(case, plugins(Histories(server.url)), quiet, until="find", mine=mine)
        assert len(server.asked) == 1
        assert ends(case)["toy-mule"] == ("uncollected", 60)
    server.close()


def test_a_source_that_raises_anything_is_a_named_failure(path: Path) -> None:
    with open_for_writing(path, "test") as case, pytest.raises(Error) as caught:
        run.everything(
            case, plugins(Histories("http://127.0.0.1:9", ZeroDivisionError("oh"))), quiet, until="find"
        )
    assert caught.value.exit is Exit.PLUGIN
    assert "toy-histories" in caught.value.what
