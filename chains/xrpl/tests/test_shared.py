"""Recorded answers of real servers, where they lie beside the checkout, against the changes they must give."""

import csv
from pathlib import Path

import pytest

from recover.testing import of_file, rows
from recover_chain_xrpl import XrplServer

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "xrpl"
COIN = "xrpl:0/slip44:144"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the evaluation data is not beside the checkout"),
]


def wanted() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    with (FOLDER / "xrp_changes.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["hash"], {})[row["account"]] = int(row["drops"])
    return found


def files() -> list[Path]:
    return sorted((FOLDER / "raw").glob("*.json"))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem[:8])
def test_each_account_changes_by_what_its_entries_say(path: Path) -> None:
    answer = of_file(path)
    assert XrplServer().recognises(answer.name, answer.data[:65_536])
    found = rows(XrplServer().decode(answer))
    (tx,) = found["transactions"]
    assert (tx["id"], tx["whole"], tx["failed"]) == (path.stem, True, False)
    nets: dict[str, int] = {}
    for leg in found["legs"]:
        # Entries that hold value, such as escrows, are no accounts and not in the table.
        if leg["asset"] == COIN and leg["address"] and "." not in leg["address"]:
            nets[leg["address"]] = nets.get(leg["address"], 0) + leg["amount"]
    assert {who: net for who, net in nets.items() if net} == wanted()[path.stem]


def test_all_that_was_recorded_is_read() -> None:
    assert {path.stem for path in files()} == wanted().keys()
    assert len(wanted()) == 18
