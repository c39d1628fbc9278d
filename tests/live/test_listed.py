"""What a server's lists show and the chain does not: payments that failed, and indexes that lag behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recover.capture import own, vain
from recover.capture.alerts import Channels
from recover.case import Case, derived, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.pursuit import frontier
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.lookout import Lookout
from recover.pursuit.telling import Event
from recover.sdk.batch import ask_of
from recover.sdk.values import Details, History
from recover.stages import collect, open, run
from recover.trails import asks
from recover_chain_tron.testing.made import START, USDT, Made, Owner, paid, token_items
from recover_chain_tron.testing.server import Double, Fault, serving

VICTIM, THIEF, MULE, FRIEND = (Owner(name) for name in ("victim", "thief", "mule", "friend"))
OKX = "TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9R"
"""A wallet that the installed base names."""

USD = 10**6
THEFT = paid(VICTIM, THIEF.text, 900 * USD, at=START)
PASSED = paid(THIEF, MULE.text, 900 * USD, at=START + 30_000)
CREDIT = paid(MULE, OKX, 600 * USD, at=START + 60_000)
SMALL = paid(MULE, OKX, 100 * USD, at=START + 90_000)


def failed(each: Made) -> Made:
    """The same transaction, of which the receipt says that it moved nothing."""
    info = {"receipt": {"energy_usage_total": 9, "result": "OUT_OF_ENERGY"}, "result": "FAILED"}
    return replace(each, outcome="OUT_OF_ENERGY", info=info)


def double(*listed: Made, wrong: Sequence[Made] = (), **more: Any) -> Double:
    """A server whose lists hold all of these, and whose receipts say that the `wrong` ones failed."""
    tokens: dict[str, list[Any]] = {}
    held: dict[tuple[str, str], int] = {}
    for each in listed:
        for item in token_items(each):
            for who, sign in ((item["from"], -1), (item["to"], 1)):
                tokens.setdefault(who, []).append(item)
                here = held.get((USDT, who), 0)
                held[USDT, who] = here + (0 if each in wrong else sign * int(item["value"]))
    made = [failed(each) if each in wrong else each for each in listed]
    balances = {place: max(0, value) for place, value in held.items()}
    return Double(made=made, tokens=tokens, balances=balances, at=START + 600_000, **more)


@contextmanager
def opened(where: Path, address: str | None = None) -> Iterator[Case]:
    """A case of the theft, by its transaction or by where it arrived."""
    open.create(where / "case", title="T", examiner="N", agency="A", rule="fifo")
    with open_for_writing(where / "case", "test") as case:
        losses.declare(case, registry.load(), address=address, tx=None if address else f"tron:{THEFT.id}")
        yield case


class Pursued:
    """One pursuit: what it told, and how much it says is missing."""

    def __init__(self, case: Case, halt: int = 0, seconds: float = 90, **places: str) -> None:
        self.told: list[Event] = []
        self.pursuit = Pursuit(
            case=case, plugins=registry.load(), tell=self.tell, budget=Budget(seconds=seconds, requests=500)
        )
        self.halt = halt
        self.missing = self.pursuit.end(
            self.pursuit.run(own.load({n.replace("_", "-"): u for n, u in places.items()}))
        )

    def tell(self, event: Event) -> None:
        self.told.append(event)
        if event.kind == "progress" and self.halt and event.facts["asks_answered"] >= self.halt:
            self.pursuit.halting.asked = True

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.told if kind in (event.kind, event.facts.get("code"))]

    @property
    def letters(self) -> list[str]:
        return [*self.of("papers")[-1].facts["letters"]]


def gaps(case: Case) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in derived.read(case, "gaps").to_pylist()}


def asked(case: Case, kind: type[Details] | type[History]) -> list[tuple[str, str]]:
    """What was asked of this kind, in order: the source, and the transaction or the address."""
    found = [(str(e.body["source"]), ask_of(e.body["ask"])) for e in case.entries if e.kind == "asked"]
    return [(who, vain.about(one)) for who, one in found if isinstance(one, kind)]


@pytest.mark.parametrize("end", [OKX, FRIEND.text])
def test_a_payment_that_failed_is_neither_told_nor_written_as_one_that_arrived(end: str, tmp_path: Path) -> None:
    """Its list shows it; its receipt is asked before anything rests on it, and says otherwise."""
    last = paid(MULE, end, 900 * USD, at=START + 60_000)
    server = double(THEFT, PASSED, last, wrong=(last,))
    with serving(server) as url, opened(tmp_path) as case:
        one = Pursued(case, trongrid=url, trongrid_trc20=url)
        assert any(last.id in line and "gettransactioninfobyid" in line for line in server.asked)
        assert one.of("off-ramp") == []
        assert one.letters == []
        assert one.missing
        assert "contradiction" in gaps(case)
        said = " ".join(event.said for event in one.told if event.kind != "progress")
        assert "gone from there" not in said
        assert "Exhibits disagree on what left" in said
        assert "900.000000 USDT held there" in said, "what lies where it was before is asked, and told"


def test_a_payment_whose_receipt_nobody_gives_is_a_gap_that_counts_and_is_said_in_line_and_letter(
    tmp_path: Path,
) -> None:
    server = double(THEFT, PASSED, SMALL, CREDIT, wrong=(CREDIT,))
    with serving(server) as url, opened(tmp_path, address=f"tron:{THIEF.text}") as case:
        one = Pursued(case, trongrid_trc20=url)
        (ramp,) = one.of("off-ramp")
        assert {CREDIT.id, SMALL.id} <= set(ramp.facts["unread"])
        assert "NOT CONFIRMED" in ramp.said
        rows = [row for row in derived.read(case, "gaps").to_pylist() if row["code"] == "receipt-unread"]
        shares = [row["share"] for row in rows if CREDIT.id in row["subject"] or SMALL.id in row["subject"]]
        assert len(shares) == 2
        assert all(shares)
        assert one.missing >= 2
        letter = (case.out / "letters" / "okx-preserve-v1.txt").read_text()
        assert "only lists of what addresses moved are held" in letter
        assert CREDIT.id in letter.partition("only lists of what")[2]
        # Another source that can answer: the receipts are asked, the largest first, and the letter is gone.
        two = Pursued(case, tron_node=url)
        ids = [tx for _, tx in asked(case, Details)]
        assert ids.index(CREDIT.id) < ids.index(SMALL.id)
        assert "receipt-unread" not in gaps(case)
        assert [ramp.facts["amount"] for ramp in two.of("off-ramp")] == [str(100 * USD)]
        assert "NOT CONFIRMED" not in two.of("off-ramp")[0].said


def test_receipts_that_fail_end_no_run(tmp_path: Path) -> None:
    """Papers are in the making when what failed is put again: one thread alone writes what the stages make."""
    server = double(THEFT, PASSED, SMALL, CREDIT)
    server.faults = [Fault(kind="503", path=tx, times=-1) for tx in (SMALL.id, CREDIT.id)]
    with serving(server) as url, opened(tmp_path) as case:
        one = Pursued(case, seconds=25, trongrid=url, trongrid_trc20=url)
        assert [event for event in one.told if event.facts.get("why") == "waiting"], "it was put again"
        assert "NOT CONFIRMED" in one.of("off-ramp")[0].said
        assert "okx-preserve-v1.pdf" in one.letters


def test_a_receipt_that_comes_is_no_gap(tmp_path: Path) -> None:
    with serving(double(THEFT, PASSED, CREDIT)) as url, opened(tmp_path) as case:
        one = Pursued(case, trongrid=url)
        (ramp,) = one.of("off-ramp")
        assert ramp.facts["unread"] == []
        assert one.letters == ["okx-preserve-v1.pdf", "tether-freeze-v1.pdf"]
        assert (one.missing, gaps(case)) == (0, {})


def test_a_list_that_lags_ends_no_question_and_goes_to_another_source_and_to_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontier, "LAGS", (0.1,))
    server = double(THEFT, CREDIT)
    whole = double(THEFT, PASSED, CREDIT)
    server.tokens = {}
    with serving(server) as url, opened(tmp_path) as case:
        one = Pursued(case, trongrid=url, trongrid_trc20=url)
        who = [source for source, where in asked(case, History) if where == THIEF.text]
        assert who == ["trongrid", "trongrid-trc20", "trongrid"], "another source, and once more a little later"
        assert "that lists all that is known and stays open" in one.of("done")[0].facts["why"]
        assert one.of("done")[0].facts["asks_open"] == 1
        (seen,) = one.of("last-seen")
        assert [place["balance"] for place in seen.facts["addresses"]] == [str(900 * USD)]
        assert one.missing
        # A stage and a second command: both ask again.
        assert (
            dict(collect.ask(case, registry.load(), quiet, own.load({"trongrid": url})).counts)["open asks"] == 1
        )
        server.tokens, server.made, server.balances = whole.tokens, whole.made, whole.balances
        two = Pursued(case, trongrid=url, trongrid_trc20=url)
        (ramp,) = two.of("off-ramp")
        assert ramp.facts["amount"] == str(600 * USD)
        assert asks.outstanding(case) == []


def test_rounds_of_a_run_ask_again_what_a_lagging_list_answered(tmp_path: Path) -> None:
    whole, server = double(THEFT, PASSED, CREDIT), double(THEFT, PASSED, CREDIT)
    server.tokens = {}
    with serving(server) as url, opened(tmp_path) as case:
        mine, plugins = own.load({"trongrid": url}), registry.load()
        ended = []
        for tokens in ({}, whole.tokens):
            server.tokens = tokens
            run.everything(case, plugins, quiet, until="trace", mine=mine)
            ended.append({*derived.read(case, "ends").column("address").to_pylist()})
        assert THIEF.text in ended[0]
        assert OKX in ended[1]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def test_papers_of_a_run_that_was_ended_have_the_labels_of_its_addresses(tmp_path: Path) -> None:
    """It is ended while the list is on its way that first shows a wallet which the installed base names."""
    with serving(double(THEFT, PASSED, CREDIT, latency_ms=400)) as url, opened(tmp_path) as case:
        one = Pursued(case, halt=2, trongrid=url)
        assert "ended by hand" in one.of("done")[0].facts["why"]
        assert one.of("labels")
        (ramp,) = one.of("off-ramp")
        assert ramp.facts["service"] == "OKX"
        assert "okx-preserve-v1.pdf" in one.letters
        assert OKX not in json.dumps([event.facts for event in one.of("last-seen")], default=str)
        (barred,) = one.of("no-freeze-letter")
        assert "as nobody was asked for one" in barred.said


@pytest.mark.parametrize(
    ("faults", "lags", "unseen"),
    [
        ([Fault(kind="{}", path="triggerconstant", times=-1)], True, [FRIEND.text]),
        ([Fault(kind="404", path="internal-transactions", times=-1)], False, []),
        ([], False, None),
    ],
)
def test_a_look_that_was_shown_nothing_says_so(
    faults: list[Fault], lags: bool, unseen: list[str] | None, tmp_path: Path
) -> None:
    gone = paid(THIEF, FRIEND.text, 900 * USD, at=START + 30_000)
    server = double(THEFT, gone)
    with serving(server) as url, opened(tmp_path) as case:
        mine, told = own.load({"trongrid": url, "trongrid-trc20": url}), list[Event]()
        run.everything(case, registry.load(), quiet, until="trace", mine=mine)
        server.faults = faults
        server.tokens = {} if lags else server.tokens
        watch = Lookout(case=case, fresh=registry.load, mine=mine, tell=told.append, channels=Channels())
        assert watch.begin() == 1
        assert watch.look() == 0
        assert watch.unseen == (unseen or [])
        assert watch.failed == ([] if unseen is None else ["trongrid"])
