"""A long command gives its case back between its rounds: others write, and what they wrote counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recover.capture import own
from recover.case import Case, derived, leased, open_for_reading, open_for_writing
from recover.case.journal import FILE
from recover.declared import losses
from recover.plugins import registry
from recover.pursuit import follow
from recover.pursuit.follow import Budget, Pursuit
from recover.pursuit.telling import Event
from recover.sdk.ends import recorded
from recover.sdk.errors import Error, Integrity
from recover.stages import open
from recover_chain_tron.testing.made import START, USDT, Owner, paid, token_items
from recover_chain_tron.testing.server import Double, Fault, serving

VICTIM, THIEF, SHOP = (Owner(name) for name in ("victim", "thief", "shop"))
THEFT = paid(VICTIM, THIEF.text, 5_000, at=START, height=60_000_001)
HOP = paid(THIEF, SHOP.text, 4_000, at=START + 20_000, height=60_000_008)
PAGES = {THIEF.text: token_items(THEFT) + token_items(HOP), SHOP.text: token_items(HOP)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    open.create(tmp_path / "case", title="Theft", examiner="N", agency="A", rule="fifo")
    return tmp_path / "case"


class Other(threading.Thread):
    """Another command, which waits for the case and writes to it."""

    def __init__(self, path: Path, patience: float = 20.0) -> None:
        super().__init__()
        self.path, self.patience, self.had, self.error = path, patience, 0.0, ""

    def run(self) -> None:
        try:
            with open_for_writing(self.path, "letter draft", patience=self.patience) as case:
                case.save(replace(case.settings, note="from another command"))
                self.had = time.monotonic()
        except Error as error:
            self.error = f"{error.why} {error.todo}"


def test_what_another_command_wrote_meanwhile_counts(path: Path) -> None:
    with open_for_writing(path, "watch") as case:
        other = Other(path)
        other.start()
        time.sleep(0.3)
        assert not other.had, "while it is held, nobody writes"
        with leased.lent(case):
            time.sleep(0.3)
        other.join()
        assert other.had
        assert case.settings.note == "from another command"
        case.note("alert", {"kind": "moved", "said": "x", "exhibit": 1})
    assert [e.kind for e in open_for_reading(path).entries[-2:]] == ["settings", "alert"]


def test_who_waited_in_vain_is_told_how_long_and_what_to_do(path: Path) -> None:
    with open_for_writing(path, "watch"):
        other = Other(path, 0.2)
        other.run()
    assert "`watch`" in other.error
    assert "was waited for 0 s" in other.error
    assert "gives the case back between its rounds" in other.error


def test_a_journal_that_is_another_one_afterwards_is_refused(path: Path) -> None:
    with open_for_writing(path, "watch") as case:
        case.note("alert", {"kind": "moved", "said": "x", "exhibit": 1})
        with pytest.raises(Integrity, match="is another one"):
            _cut(path, case)


def _cut(path: Path, case: Case) -> None:
    with leased.lent(case):
        lines = (path / FILE).read_bytes().splitlines(keepends=True)
        (path / FILE).write_bytes(b"".join(lines[:-1]))


def test_whoever_ends_it_waits_for_nobody(path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_for_writing(path, "watch") as case, leased.lent(case):
        raise KeyboardInterrupt
    with open_for_writing(path, "import"):
        """The lock is free."""


@pytest.fixture
def served() -> Iterator[tuple[Double, str]]:
    double = Double(made=[THEFT, HOP], tokens=PAGES, balances={(USDT, SHOP.text): 4_000}, at=START + 600_000)
    with serving(double) as base:
        yield double, base


def test_a_pursuit_gives_the_case_back_while_it_waits_and_ends_the_same(
    path: Path, served: tuple[Double, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    double, base = served
    monkeypatch.setattr(follow, "_LEND", 0.0)
    double.faults = [Fault(kind="503", path="trc20", times=8)]
    plugins, told = registry.load(), list[Event]()
    with open_for_writing(path, "now") as case:
        losses.declare(case, plugins, tx=f"tron:{THEFT.id}")
        other = Other(path, 60.0)
        other.start()
        pursuit = Pursuit(case=case, plugins=plugins, tell=told.append, budget=Budget(seconds=60, requests=500))
        pursuit.run(own.load({"trongrid": base}))
        ended = time.monotonic()
        _same(case)
    other.join()
    assert 0 < other.had < ended, "the other command did not wait for the end"
    assert open_for_reading(path).settings.note == "from another command"


def _same(case: Case) -> None:
    ends = recorded(derived.read(case, "ends"), "fifo").to_pylist()
    assert {(end["address"], end["amount"]) for end in ends} == {
        (SHOP.text, 4_000),
        (THIEF.text, 1_000),
    }
