"""Stored answers that bring a decoder down: a gap that names exhibit, source and reason; the case goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import recover_chain_toy
from recover_chain_toy.source import Payments
from tests.attack.field import Field, load

from recover.case import open_for_writing, warc
from recover.plugins import registry
from recover.sdk import Assertion, Batch, Error, Exhibit, Source, SourceInfo, plugin

RAISED: list[BaseException] = [
    ValueError("a lone \ud800 surrogate"),
    KeyError("result"),
    TypeError("x"),
    IndexError(),
    ZeroDivisionError("oh"),
    RecursionError("deep"),
    MemoryError(),
    AssertionError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    OverflowError("int too big"),
    pa.ArrowInvalid("bad"),
    OSError(5, "io"),
    StopIteration(),
    NotImplementedError(),
    Error("odd", "\x1b[31mred", "\ud800", "\u202e"),
]


class Fragile:
    """Reads one kind of answer, and raises what it is told."""

    info = SourceInfo(
        id="toy-fragile",
        version="1",
        title="Fragile",
        chains=("toy:1",),
        place="line",
        media="text",
        terms="Made for tests.",
        primary=False,
    )

    def __init__(self, action: Any) -> None:
        self.action = action

    def recognises(self, name: str, head: bytes) -> bool:
        return False

    def collect(self, ask: object, recorder: object) -> Iterator[Exhibit]:
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        if isinstance(self.action, BaseException):
            raise self.action
        yield from self.action(exhibit)


def plugged(monkeypatch: pytest.MonkeyPatch, action: Any) -> None:
    class Plugged:
        @plugin
        def recover_sources(self) -> list[Source]:
            return [Fragile(action)]

    monkeypatch.setattr(registry, "load", lambda: load(extra=[recover_chain_toy, Plugged()]))


def store(field: Field, data: bytes, **more: Any) -> None:
    """As a live source stores an answer: before anybody has decoded it."""
    with open_for_writing(field.case, "test") as case:
        assert case.now is not None
        packed = warc.of_file("answer", "text/plain", data, case.now())
        about = {"digest": warc.sha256(data), "name": "answer", "media": "text/plain", "size": len(data)}
        case.store(packed, case.next_file(), {**about, "method": "GET 200", "sources": ["toy-fragile"], **more})


@pytest.mark.parametrize("raised", RAISED, ids=lambda e: type(e).__name__)
def test_whatever_a_decoder_raises_is_a_gap_and_the_case_goes_on(
    raised: BaseException, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged(monkeypatch, raised)
    store(field, b"odd")
    told = field.do("run")
    assert told.code == 5, told.said
    (gap,) = [g for g in field.gaps() if g["code"] == "unreadable"]
    assert "toy-fragile cannot read exhibit 2 (answer)" in gap["why"]
    assert field.do("verify").code == 0
    assert "\x1b" not in field.do("show", "gaps").out
    assert "unreadable" in json.loads(field.do("show", "gaps", "--json").out)[-1]["code"] or True


@pytest.mark.parametrize(
    "batches",
    [
        lambda exhibit: [None],
        lambda exhibit: ["text"],
        lambda exhibit: [Batch(transactions=pa.table({"a": [1]}))],
        lambda exhibit: 5,
        lambda exhibit: [
            Batch.of(
                Assertion(kind="label", chain="toy:1", address="toy-\ud800", grade="A", method="m", version="1")
            )
        ],
    ],
    ids=["none", "text", "schema", "number", "surrogate"],
)
def test_whatever_a_decoder_gives_is_checked(batches: Any, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    plugged(monkeypatch, batches)
    store(field, b"odd")
    assert field.do("run").code == 5
    assert [g["code"] for g in field.gaps()].count("unreadable") == 1


def test_an_exhibit_can_be_set_aside_and_taken_back_and_every_paper_says_so(field: Field) -> None:
    before = {g["code"] for g in field.gaps()}
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    assert field.do("run").code == 5
    told = field.do("set-aside", "1", "--reason", "Its origin is <b>disputed</b>", "--json")
    assert told.code == 0, told.said
    value = json.loads(told.out)["value"]
    assert [(row["loss"], row["amount"]) for row in value] == [("L1", "400")]
    assert field.do("write").code == 2  # the results have not seen it yet
    assert field.do("run").code == 5
    (gap,) = [g for g in field.gaps() if g["code"] == "set-aside"]
    assert "Exhibit 1 (p.txt) was set aside by N: Its origin is <b>disputed</b>" in gap["why"]
    page = (field.case / "out" / "report.html").read_text()
    assert "Its origin is &lt;b&gt;disputed&lt;/b&gt;" in page
    assert "400" in page
    assert field.do("verify").code == 0
    assert field.do("set-aside", "1", "--reason", "again").code == 2
    assert field.do("set-aside", "7", "--reason", "none such").code == 2
    assert field.do("set-aside", "1", "--reason", " ", "--back").code == 2
    assert field.do("set-aside", "1", "--reason", "The origin was shown", "--back").code == 0
    assert field.do("run").code == 5
    assert {g["code"] for g in field.gaps()} == before
    assert [e.body["back"] for e in field.entries() if e.kind == "set-aside"] == [False, True]


def test_what_was_redacted_proves_nothing_by_itself(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def proved(exhibit: Exhibit) -> Iterator[Batch]:
        for batch in Payments().decode(exhibit):
            table = batch.transactions
            assert table is not None
            place = table.schema.get_field_index("proof")
            strong = pa.array(["self-authenticating"] * table.num_rows, pa.string())
            yield replace(batch, transactions=table.set_column(place, table.schema.field(place), strong))

    plugged(monkeypatch, proved)
    store(field, b"# toy payments\n70 toy-zoe toy-bob 1\n")
    store(field, b"# toy payments\n71 toy-zoe toy-bob 1\n", redacted=[[3, 2]])
    assert field.do("run").code == 5
    rows = {r["id"]: r["proof"] for r in json.loads(field.do("show", "transactions", "--json").out)}
    assert (rows["70"], rows["71"]) == ("self-authenticating", "reported")


@pytest.mark.parametrize(
    ("tx", "exhibit"), [("99", "1"), ("1", "2"), ("", "1"), ("1", "0"), ("1", "-1"), ("\x1b", "1")]
)
def test_a_decision_about_what_no_exhibit_shows_is_refused(tx: str, exhibit: str, field: Field) -> None:
    before = field.entries()
    assert field.do("decide", tx, "--exhibit", exhibit, "--reason", "r").code == 2
    assert field.entries() == before
