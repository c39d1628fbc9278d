"""A loss that was changed after results is told as changed, and one that is gone as taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recover.case import Settings, folder, open_for_writing
from recover.findings.declaration import declaration
from recover.sdk import Loss
from recover.sdk.view import Declaration

NOW = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
LOSS = Loss(id="L1", chain="toy:1", tx="t", amount=1000, assets=("toy:1/coin",))


def after(path: Path, states: Sequence[Sequence[Loss]]) -> Declaration:
    """What is said once each state of the losses has had its results."""
    chosen = Settings(title="T", examiner="N", agency="A", rule="fifo", opened=NOW)
    folder.create(path / "case", chosen, now=lambda: NOW)
    with open_for_writing(path / "case", "test", lambda: NOW) as case:
        for losses in states:
            case.save(replace(chosen, losses=tuple(losses)))
            case.note("ran", {"stage": "trace"})
        return declaration(case)


def test_a_changed_amount_is_told_with_both(tmp_path: Path) -> None:
    found = after(tmp_path, [[LOSS], [replace(LOSS, amount=400)]])
    assert not found.dropped
    told = [(one.before.amount, one.now.amount, one.declared, one.number) for one in found.altered]
    assert told == [(1000, 400, 2, 4)]


def test_one_that_is_declared_again_at_its_place_under_another_name_is_changed(tmp_path: Path) -> None:
    found = after(tmp_path, [[LOSS], [], [replace(LOSS, id="L2", amount=400)]])
    assert [(one.before.id, one.now.id) for one in found.altered] == [("L1", "L2")]
    assert not found.dropped


def test_one_that_was_set_back_was_another_in_between(tmp_path: Path) -> None:
    found = after(tmp_path, [[LOSS], [replace(LOSS, amount=400)], [LOSS]])
    assert [(one.before.amount, one.now.amount) for one in found.altered] == [(400, 1000)]


def test_one_that_is_gone_is_taken_back(tmp_path: Path) -> None:
    found = after(tmp_path, [[LOSS], []])
    assert not found.altered
    assert [(one.loss, one.declared, one.dropped) for one in found.dropped] == [("L1", 2, 4)]
