"""Two Ethereum thefts of 2024 with published flows: every address and terminal that the ground truth reaches.

The files give a value in US dollars for each flow and no asset, so this checks ways, not amounts: the dollars are
traced as if they were one asset, in units of 10^-12 dollar, cut off. Nor do they give an order inside one
transaction.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from recover.case import derived, open_for_reading, open_for_writing
from recover.declared import losses
from recover.plugins import registry
from recover.sdk import amounts
from recover.stages import collect, open, run

HEISTS = Path(__file__).parents[3] / "shared" / "data" / "evm-heists"
CHAIN = "eip155:1"
ZERO = "0x" + 40 * "0"
DOLLAR = f"{CHAIN}/notional:usd"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not HEISTS.is_dir(), reason="the evaluation data is not beside the checkout"),
]


def listed(name: str) -> list[str]:
    return [line.strip().lower() for line in (HEISTS / name).read_text("utf-8").splitlines() if line.strip()]


def flows(name: str) -> list[dict[str, str]]:
    with (HEISTS / name / "flows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    paid = {(row["Tx_hash"], row["To"]) for row in rows}  # inside a transaction, who is paid in it pays after that
    return sorted(rows, key=lambda r: (int(r["Block"]), r["Tx_hash"], (r["Tx_hash"], r["From"]) in paid, r["To"]))


def quiet(stage: str, done: int, total: int) -> None:
    """No progress is shown."""


def traced(name: str, folder: Path) -> tuple[set[str], set[str]]:
    """(addresses that traced value reached, addresses where it ended) when every outflow of a source is a loss."""
    rows = flows(name)
    lines = ["#recover-transfers 1", "#source: a published ground truth", "#licence: for evaluation"]
    lines += [
        "#history: complete",
        "view,chain,tx,time,from,to,asset,amount,decimals,symbol,status,height,index,leg",
    ]
    for number, row in enumerate(rows):
        amount = int(Decimal(row["Value_in_USD"]) * 10**12)
        time = row["Timestamp"].replace(" ", "T") + ".000Z"
        side = [row["From"].lower(), row["To"].lower()]
        cells = [CHAIN, row["Tx_hash"], time, *side, DOLLAR, str(amount), "12", "", "ok", row["Block"]]
        lines += [",".join([view, *cells, "0", str(number)]) for view in dict.fromkeys(side)]
    (folder / "flows.csv").write_text("\n".join(lines) + "\n", "utf-8")
    plugins = registry.load()
    open.create(folder / "case", title=name, examiner="N", agency="A", rule="prorata")
    sources = set(listed(f"{name}/source_addresses.csv"))
    with open_for_writing(folder / "case", "test") as case:
        collect.files(case, plugins, [folder / "flows.csv"], [], quiet)
        run.everything(case, plugins, quiet, until="link")
        for tx in dict.fromkeys(row["Tx_hash"] for row in rows if row["From"].lower() in sources):
            losses.declare(case, plugins, tx=f"{CHAIN}:{tx}", assets=(DOLLAR,))
        run.everything(case, plugins, quiet, until="find")
    found = open_for_reading(folder / "case")
    moved = derived.read(found, "transfers").take(derived.read(found, "flows").column("seq")).to_pylist()
    ends = derived.read(found, "ends")
    ended = {
        row["address"]
        for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True)
        if amount and row["rule"] == "prorata"
    }
    return {row["dst"] for row in moved}, ended


@pytest.mark.parametrize(("name", "addresses", "terminals"), [("54m", 151, 13), ("LIFI", 93, 33)])
def test_every_address_and_terminal_of_the_truth_is_reached(
    name: str, addresses: int, terminals: int, tmp_path: Path
) -> None:
    reached, ended = traced(name, tmp_path)
    sources = set(listed(f"{name}/source_addresses.csv"))
    truth = {row[side].lower() for row in flows(name) for side in ("From", "To")}
    assert len(truth) == addresses
    # What went to the zero address was destroyed, and is at no place.
    assert truth - sources - {ZERO} <= reached
    final = set(listed(f"{name}/terminal_addresses.csv"))
    assert len(final) == terminals
    assert final - {ZERO} <= ended
