"""The seizure orders' case asked of a double of TronGrid equals the import of its file, figure by figure."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recover.capture import own
from recover.case import open_for_writing
from recover.declared import losses
from recover.findings import stored
from recover.linking import installed
from recover.plugins import registry
from recover.sdk import Finding, OffRamp
from recover.stages import collect, open, run
from recover_chain_tron.testing.server import Double, Fault, serving

EXAMPLE = Path(__file__).parents[2] / "casefiles" / "tron-seizure-orders-example"
RECIPE = tomllib.loads((EXAMPLE / "demo.toml").read_text())
Result = tuple[tuple[OffRamp, ...], tuple[Finding, ...]]


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def worked(path: Path, base: str = "") -> Result:
    """The example's case: its labels from the installed base, its transfers from the server where one is given."""
    plugins = registry.load()
    mine = own.load({"trongrid": base}) if base else own.load()
    open.create(path, title="Orders", examiner="N", agency="A", rule="fifo")
    with open_for_writing(path, "test") as case:
        for step in RECIPE["import"]:
            if not (base and step["source"] == "transfers"):
                collect.files(case, plugins, [EXAMPLE / step["file"]], [step["source"]], quiet)
        for loss in RECIPE["loss"]:
            losses.declare(case, plugins, address=loss["address"], assets=["USDT"], label=loss["label"])
        for known in installed.installed(plugins.templates):
            installed.take(case, plugins, known)
        if base:
            collect.ask(case, plugins, quiet, mine)
        run.everything(case, plugins, quiet, until="find", mine=own.load())
        return stored.offramps(case), stored.findings(case)


def served() -> Double:
    """The shipped transfers as pages of their wallets; of everybody else the server says that it does not
    serve.
    """
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with (EXAMPLE / "transfers.csv").open(newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            contract = row["asset"].rpartition(":")[2]
            info = {"symbol": row["symbol"], "address": contract, "decimals": int(row["decimals"]), "name": ""}
            at = datetime.fromisoformat(row["time"])
            item = {
                "transaction_id": row["tx"],
                "token_info": info,
                "block_timestamp": int(at.timestamp()) * 1000 + at.microsecond // 1000,
                "from": row["from"],
                "to": row["to"],
                "type": "Transfer",
                "value": row["amount"],
            }
            pages[row["view"]].append(item)
    return Double(tokens=dict(pages), closed=True, at=1_800_000_000_000)


def figures(result: Result) -> tuple[list[Any], list[Any]]:
    """Everything that a reader is told, without where in which exhibit it stands."""
    places = ("exhibits", "basis")
    ramps = [{k: v for k, v in asdict(ramp).items() if k not in places} for ramp in result[0]]
    # A server says up to when a history is whole, and a file does not: the one difference that there may be.
    until = ("standing", "until")
    words = {"not-seen-leaving": "at-rest"}
    slots = {"account": {"not_seen_leaving": "at_rest"}, "conservation": {"not_seen_leaving": "rest"}}
    told = [
        (
            words.get(f.kind, f.kind),
            f.subject,
            sorted((slots.get(f.kind, {}).get(k, k), str(v)) for k, v in f.slots.items() if k not in until),
        )
        for f in result[1]
    ]
    return ramps, sorted(told)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return worked(tmp_path_factory.mktemp("imported") / "case")


def test_the_served_case_equals_the_imported_one(
    imported: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVER_TRONGRID_KEY", "a key of the double's")
    # It limits once and resets twice: neither changes a figure.
    double = served()
    double.faults = [Fault(kind="429", times=1), Fault(kind="reset", path="trc20", times=2)]
    with serving(double) as base:
        found = worked(tmp_path / "case", base)
    assert figures(found) == figures(imported)
    assert (len(found[0]), len(found[1])) == (25, 164)
    assert [f.kind for f in found[1]].count("shown-beyond") == 23, "payments on from addresses of partial history"
    assert [f.kind for f in found[1]].count("shape") == 2
    assert {f.slots["standing"] for f in found[1] if f.kind == "at-rest"} == {"whole"}
    # Of each wallet its pages, the lists of the coin and of calls, and what it holds.
    assert sum("/transactions/trc20" in each and "fingerprint" not in each for each in double.asked) >= 20
