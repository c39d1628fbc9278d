"""The first payments on Bitcoin, from raw blocks: every id proved, every coin where it must be, by every rule."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pytest

from recover.case import Case, derived, open_for_reading, open_for_writing
from recover.cli import recipe
from recover.declared import losses
from recover.findings import view
from recover.plugins import registry
from recover.sdk import amounts
from recover.stages import collect, open, run

EXAMPLE = Path(__file__).parents[2] / "casefiles" / "bitcoin-first-payments-example"
EXPECTED: dict[str, Any] = tomllib.loads((EXAMPLE / "expected.toml").read_text("utf-8"))


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    path = tmp_path_factory.mktemp("first") / "case"
    plugins = registry.load()
    told = recipe.read(EXAMPLE / "demo.toml")
    open.create(path, title=told.title, examiner="N", agency="A", rule=told.rule)
    with open_for_writing(path, "test") as opened:
        collect.files(opened, plugins, [EXAMPLE / "blocks.dat"], [], quiet)
        for loss in told.losses:
            losses.declare(opened, plugins, tx=loss.tx, label=loss.label)
        run.everything(opened, plugins, quiet)
    return open_for_reading(path)


def test_every_transaction_is_proved_from_its_bytes(case: Case) -> None:
    listed = derived.read(case, "transactions").to_pylist()
    assert len(listed) == EXPECTED["transactions"]
    assert {row["proof"] for row in listed} == {EXPECTED["proof"]}
    blocks = derived.read(case, "blocks").to_pylist()
    assert [row["height"] for row in blocks] == list(range(EXPECTED["blocks"]))
    assert all(row["sealed"] for row in blocks)


def test_the_coins_are_where_they_must_be(case: Case) -> None:
    moved = derived.read(case, "transfers").to_pylist()
    spent = {(row["spends_tx"], row["spends_index"]) for row in moved if row["kind"] == "input"}
    flows = derived.read(case, "flows")
    found = {}
    for row, amount in zip(flows.to_pylist(), amounts.exact(flows), strict=True):
        place = moved[row["seq"]]
        if (place["tx"], place["leg"]) not in spent:
            found[place["tx"], place["leg"]] = amount
    assert found == {(row["tx"], row["output"]): row["amount"] for row in EXPECTED["rest"]}


def test_every_rule_gives_the_same(case: Case) -> None:
    ends = derived.read(case, "ends")
    sums: dict[str, int] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        sums[row["rule"]] = sums.get(row["rule"], 0) + amount
    assert set(sums.values()) == {EXPECTED["began"]}
    assert "highest_out" in sums


def test_every_pool_of_the_sheets_closes(case: Case) -> None:
    """What a reader adds up: of each transaction, what its inputs bring is what its outputs and its fee take."""
    plugins = registry.load()
    files = dict(plugins.exporters["sheets"].files(view.load(case, plugins)))
    pools: dict[str, dict[str, int]] = {}
    for row in csv.DictReader(files["pools.csv"].decode("utf-8").splitlines()):
        sums = pools.setdefault(row["pool"], {})
        sign = 1 if row["entry"] == "in" else -1
        for name in ("amount", *(column for column in row if column.startswith("traced_"))):
            sums[name] = sums.get(name, 0) + sign * int(row[name])
    assert len(pools) == 7
    assert all(total == 0 for sums in pools.values() for total in sums.values())
    hops = list(csv.DictReader(files["hops.csv"].decode("utf-8").splitlines()))
    assert sum(int(row["began"]) for row in hops) == sum(int(row["ended"]) for row in hops) == EXPECTED["began"]
