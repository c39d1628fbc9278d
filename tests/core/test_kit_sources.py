"""The conformance kit of sources: each of its tests refuses the source that it is there for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.core.tried import CHAIN, COIN, REQUEST, TAPE, failures, refuse

from recover.sdk import (
    Address,
    Ask,
    Batch,
    ChainInfo,
    Coverage,
    Error,
    Exhibit,
    History,
    Leg,
    Nothing,
    Recorder,
    SourceInfo,
    Transaction,
    TxId,
)
from recover.testing import (
    Expected,
    SourceKit,
    Stated,
    exhibit,
)


def lines(data: bytes) -> list[list[str]]:
    rows = [line.split(",") for line in data.decode("ascii", "replace").splitlines()[1:]]
    if not data.startswith(b"try\n") or any(len(r) != 3 or not r[2].isdigit() or len(r[2]) > 20 for r in rows):
        raise Error("x", "A line cannot be read.", "It has not three fields.", "Mend it.")
    return rows


@dataclass
class Tried:
    """A good source, with one thing that can be made wrong."""

    fault: str = ""
    calls: int = 0

    @property
    def info(self) -> SourceInfo:
        asks = ("History",) if self.fault != "undeclared" else ()
        chains = ("try:2",) if self.fault == "chain" else ("try:1",)
        return SourceInfo(
            id="try",
            version="1",
            title="Try",
            chains=chains,
            place="line",
            media="text",
            terms="" if self.fault == "terms" else "none",
            asks=("History", "Spend") if self.fault == "unrecorded" else asks,
            secrets=() if self.fault == "secret" else ("try-key",),
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if self.fault == "decodes-head":
            head.decode("utf-8")
        return True if self.fault == "greedy" else head.startswith(b"try\n")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        if isinstance(ask, History) or self.fault == "eager":
            got = recorder.capture(REQUEST)
            yield exhibit("own", b"try\n1,ann,5\n") if self.fault == "own-bytes" else got

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        self.calls += 1
        if self.fault == "unguarded":
            exhibit.data.decode("ascii")
        place = 99 if self.fault == "place" else 2
        for row in lines(exhibit.data):
            n = 0 if self.fault == "zero" else int(row[2])
            off = 1 if self.fault == "sum" else self.calls if self.fault == "impure" else 0
            pair = None if self.fault == "sum" else 0
            legs = (
                Leg(kind="transfer", address=row[1], asset=COIN.id, amount=-n, pair=pair),
                Leg(kind="transfer", address="bob", asset=COIN.id, amount=n + off, pair=pair),
            )
            whole = self.fault != "impure"
            yield Batch.of(Transaction(chain="try:1", id=row[0], place=place, legs=legs, whole=whole))
        if exhibit.asked is not None:
            yield Batch.of(Coverage(chain="try:1", address="ann"))
        elif not lines(exhibit.data):
            yield Batch.of(Nothing(why="The register has no lines."))


ASK = History(address=Address(chain="try:1", text="ann"))
EXAMPLE = exhibit("try.txt", b"try\n1,ann,5\n2,ann,18446744073709551616\n")
STATED = Expected(
    example=EXAMPLE,
    taken="Read off the lines.",
    transactions=(
        Stated(id="1", nets={("ann", COIN.id): -5, ("bob", COIN.id): 5}),
        Stated(id="2", nets={("ann", COIN.id): -18446744073709551616, ("bob", COIN.id): 18446744073709551616}),
    ),
)


@dataclass
class Named:
    """The chain of the source below: ids are digits, all else is an address."""

    info: ChainInfo = CHAIN

    def parse(self, text: str) -> Address | TxId:
        if text.isdigit():
            return TxId(chain=CHAIN.id, text=text)
        return Address(chain=CHAIN.id, text=refuse(text))


GIVEN: dict[str, Any] = {
    "examples": (EXAMPLE,),
    "expected": (STATED,),
    "recorded": ((ASK, TAPE),),
    "chains": (Named(),),
    "one_page": "A register is read in one piece.",
    "empty": (exhibit("empty.txt", b"try\n"),),
    "refused": (exhibit("refused.txt", b"busy\n"),),
}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("", ""),
        ("terms", "test_it_tells_of_itself"),
        ("chain", "test_what_it_decodes_holds_together"),
        ("sum", "test_what_it_decodes_holds_together"),
        ("zero", "test_what_it_decodes_holds_together"),
        ("place", "test_what_it_decodes_holds_together"),
        ("impure", "test_decoding_twice_gives_equal_tables"),
        ("unguarded", "test_damaged_bytes_are_refused_or_hold_together"),
        ("unguarded", "test_garbage_is_refused_or_holds_together"),
        ("greedy", "test_it_leaves_the_files_of_others_alone"),
        ("decodes-head", "test_it_leaves_the_files_of_others_alone"),
        ("unrecorded", "test_each_ask_it_declares_is_recorded"),
        ("undeclared", "test_each_ask_it_declares_is_recorded"),
        ("own-bytes", "test_recorded_asks_are_answered_through_the_recorder"),
        ("secret", "test_its_secrets_are_declared"),
        ("eager", "test_other_asks_bring_nothing"),
    ],
)
def test_sources(fault: str, expected: str) -> None:
    # The fresh process takes two seconds, and what it is there for is in test_planted.py.
    found = failures(SourceKit, "fresh_process" if fault else "", source=Tried(fault), **GIVEN)
    assert expected in found if expected else found == set(), found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"expected": ()}, "test_it_states_what_its_examples_come_to"),
        ({"expected": (replace(STATED, taken=" "),)}, "test_it_states_what_its_examples_come_to"),
        ({"expected": (replace(STATED, transactions=()),)}, "test_it_states_what_its_examples_come_to"),
        (
            {"expected": (replace(STATED, transactions=(Stated(id="1", nets={("ann", COIN.id): 6}),)),)},
            "test_its_examples_come_to_what_is_stated",
        ),
        (
            {"expected": (replace(STATED, transactions=(Stated(id="9", nets={}),)),)},
            "test_its_examples_come_to_what_is_stated",
        ),
        ({"expected": (replace(STATED, decimals={COIN.id: 6}),)}, "test_its_examples_come_to_what_is_stated"),
        (
            {"expected": (replace(STATED, transactions=(), rows={"events": ({"kind": "x"},)}),)},
            "test_what_its_examples_show_is_stated_once",
        ),
        ({"chains": ()}, "test_what_it_names_is_spelt_as_its_chain_spells_it"),
        ({"one_page": ""}, "test_a_history_is_recorded_page_by_page"),
        ({"empty": ()}, "test_empty_answers_and_refusals_say_so"),
        ({"refused": ()}, "test_empty_answers_and_refusals_say_so"),
        ({"refused": (EXAMPLE,)}, "test_empty_answers_and_refusals_say_so"),
    ],
)
def test_what_an_author_gives(change: dict[str, Any], expected: str) -> None:
    assert expected in failures(SourceKit, "fresh_process", source=Tried(), **{**GIVEN, **change})


def test_a_source_without_an_expectation_is_told_what_to_do() -> None:
    made = type("TestBare", (SourceKit,), {"__module__": __name__, "source": Tried(), "examples": (EXAMPLE,)})()
    with pytest.raises(AssertionError, match="set `expected` to what at least one example comes to"):
        made.test_it_states_what_its_examples_come_to()
