"""Contracts by which value went into a bridge are nobody's hub, however many send all they have there."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from recover.linking.entrances import entrances
from recover.linking.policy import TABLE
from recover.sdk import Assertion, Batch, Coverage, Scope
from recover.testing import Transfer, ledger
from recover_heuristics_account.hubs import Hub

CHAIN, ASSET = "eip155:1", "eip155:1/erc20:0x" + "e" * 40
BRIDGE = "0x" + "b" * 40
SENDERS = ["0x" + digit * 40 for digit in "123"]


def moves() -> list[Transfer]:
    """Three depositors, of whom each is paid once and sends all of it into one contract."""
    made = []
    for n, who in enumerate(SENDERS):
        for k, (src, dst) in enumerate((("0x" + "f" * 40, who), (who, BRIDGE))):
            tx = f"0x{10 * n + k:064x}"
            made.append(Transfer(chain=CHAIN, tx=tx, src=src, dst=dst, asset=ASSET, amount=5, leg=0))
    return made


def said(refused: str, leg: int | None) -> pa.Table:
    rows = [
        Assertion(
            kind="cross",
            chain=CHAIN,
            address=who,
            asset=ASSET,
            grade="A",
            method="bridge-any",
            version="1",
            source="recover",
            transactions=(f"0x{10 * n + 1:064x}",),
            params=json.dumps({"refused": refused, "source_leg": leg}),
        )
        for n, who in enumerate(SENDERS)
    ]
    made = Batch.of(*rows).tables()["assertions"]
    return made.append_column(TABLE.field("exhibit"), pa.array([0] * made.num_rows, pa.int64()))


@pytest.mark.parametrize(
    ("refused", "leg", "entrance"), [("", 0, True), ("uneven", None, True), ("domain", 0, False)]
)
def test_a_bridge_s_contract_is_no_hub(refused: str, leg: int | None, entrance: bool) -> None:
    found = ledger(moves(), coverage=[Coverage(chain=CHAIN, address=who) for who in SENDERS])
    into = entrances(said(refused, leg), found.transfers())
    assert into["address"].to_pylist() == ([BRIDGE] if entrance else [])
    assert set(into["role"].to_pylist()) <= {"contract"}
    batches = Hub().assertions(replace(found, named=into), Scope())
    hubs = [name for batch in batches for name in batch.tables()["assertions"]["address"].to_pylist()]
    assert hubs == ([] if entrance else [BRIDGE])
