"""Fees of which one exhibit shows the amount and another the payer, or no exhibit the amount."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from recover.ledger import Part, build
from recover.sdk import Batch, Leg, Transaction
from recover.sdk.amounts import exact
from recover.sdk.batch import SCHEMAS

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
A = "0x" + "a" * 40
B = "0x" + "b" * 40


def fee(payer: str | None, amount: int | None) -> tuple[Leg, Leg]:
    less = None if amount is None else -amount
    return (
        Leg(kind="fee", address=payer, asset=COIN, amount=less, pair=0, out=True),
        Leg(kind="fee", address=None, asset=COIN, amount=amount, pair=0, out=False),
    )


def shown(tx: str, legs: tuple[Leg, ...], sender: str = "") -> Batch:
    facts = f'{{"from":"{sender}"}}' if sender else "{}"
    return Batch.of(Transaction(chain=CHAIN, id=tx, place=1, legs=legs, height=1, failed=False, facts=facts))


def ledger(folder: Path, *batches: Batch) -> tuple[list[tuple[Any, ...]], dict[str, str]]:
    """(transaction, payer, amount) of every fee, and the gaps by code with their reason."""
    parts = []
    for number, batch in enumerate(batches, start=1):
        place = folder / str(number)
        place.mkdir()
        for name in SCHEMAS:
            if (rows := batch.tables().get(name)) is not None:
                parquet.write_table(rows, place / f"{name}.parquet")
        parts.append(Part(exhibit=number, digest=str(number) * 64, source="s", folder=place))
    made = build(parts, {}, frozenset({COIN}))
    rows = made.transfers
    found = zip(
        rows["tx"].to_pylist(), rows["src"].to_pylist(), exact(rows), rows["kind"].to_pylist(), strict=True
    )
    return [(tx, src, amount) for tx, src, amount, kind in found if kind == "fee"], {
        gap.code: gap.why for gap in made.gaps
    }


RECEIPT = shown("0x1", fee(None, 21_000))
SENT = shown("0x1", (), sender=A)
TRACE = shown("0x1", fee(A, None))
WHOLE = shown("0x1", fee(A, 21_000), sender=A)


@pytest.mark.parametrize(
    "batches", [(RECEIPT, SENT), (SENT, RECEIPT), (RECEIPT, SENT, TRACE), (WHOLE, RECEIPT, TRACE), (TRACE, WHOLE)]
)
def test_what_exhibits_show_in_parts_is_one_fee(tmp_path: Path, batches: tuple[Batch, ...]) -> None:
    assert ledger(tmp_path, *batches) == ([("0x1", A, 21_000)], {})


def test_a_fee_that_nobody_is_shown_to_pay_is_a_gap(tmp_path: Path) -> None:
    found, gaps = ledger(tmp_path, RECEIPT, shown("0x2", fee(None, 5)))
    assert found == []
    assert gaps == {
        "payer-unknown": "Who paid the fees of these transactions is in no exhibit (2 here; this is one of them)."
    }


def test_a_fee_without_its_amount_is_a_gap_and_no_fee_of_nothing(tmp_path: Path) -> None:
    found, gaps = ledger(tmp_path, TRACE, shown("0x2", fee(B, 7)))
    assert found == [("0x2", B, 7)]
    assert list(gaps) == ["fee-unknown"]


def test_two_senders_of_one_transaction_name_no_payer(tmp_path: Path) -> None:
    found, gaps = ledger(tmp_path, RECEIPT, SENT, shown("0x1", (), sender=B))
    assert (found, "payer-unknown" in gaps) == ([], True)
