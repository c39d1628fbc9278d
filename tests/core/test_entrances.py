"""Contracts by which value went into a bridge are nobody's hub, however many send all they have there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

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


def said(refused: str, leg: int | None, level: int = 1) -> pa.Table:
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
            params=json.dumps(
                {"protocol": "any", "key": "0x1", "level": level, "to_chain": "", "to_tx": "", "into": ""}
                | {"sent": "5", "received": "0", "refused": refused, "source_leg": leg}
            ),
        )
        for n, who in enumerate(SENDERS)
    ]
    made = Batch.of(*rows).tables()["assertions"]
    return made.append_column(TABLE.field("exhibit"), pa.array([0] * made.num_rows, pa.int64()))


@pytest.mark.parametrize(
    ("refused", "leg", "level", "entrance"),
    [
        ("", 0, 1, True),
        ("", None, 2, True),
        ("uneven", None, 1, False),
        ("domain", 0, 1, False),
        ("", 1, 1, False),
        ("", 0, 3, False),
    ],
)
def test_a_bridge_s_contract_is_no_hub(refused: str, leg: int | None, level: int, entrance: bool) -> None:
    found = ledger(moves(), coverage=[Coverage(chain=CHAIN, address=who) for who in SENDERS])
    into = entrances(said(refused, leg, level), found.transfers())
    assert into["address"].to_pylist() == ([BRIDGE] if entrance else [])
    assert set(into["role"].to_pylist()) <= {"contract"}
    batches = Hub().assertions(replace(found, named=into), Scope())
    hubs = [name for batch in batches for name in batch.tables()["assertions"]["address"].to_pylist()]
    assert hubs == ([] if entrance else [BRIDGE])


ROUTER, POOL, VAULT, OTHER = ("0x" + digit * 40 for digit in "6789")


@pytest.mark.parametrize(
    ("legs", "kept"),
    [
        pytest.param(
            [(SENDERS[0], ROUTER, 5, ASSET), (ROUTER, VAULT, 5, ASSET)], [VAULT], id="a router hands it on"
        ),
        pytest.param([(SENDERS[0], VAULT, 5, ASSET), (VAULT, None, 5, ASSET)], [VAULT], id="burned"),
        pytest.param(
            [(SENDERS[0], POOL, 5, ASSET), (POOL, VAULT, 3, ASSET + "1")],
            [],
            id="a pool gives another asset for it",
        ),
        pytest.param(
            [(SENDERS[0], VAULT, 5, ASSET), (SENDERS[0], OTHER, 2, ASSET)], [VAULT], id="a payment beside it"
        ),
        pytest.param([(SENDERS[0], ROUTER, 5, ASSET), (ROUTER, VAULT, 4, ASSET)], [], id="less than was sent"),
    ],
)
def test_only_who_kept_what_went_in_is_a_contract_of_the_bridge(
    legs: list[tuple[Any, ...]], kept: list[str]
) -> None:
    made = [
        Transfer(chain=CHAIN, tx=f"0x{1:064x}", src=src, dst=dst, asset=asset, amount=n, leg=k)
        for k, (src, dst, n, asset) in enumerate(legs)
    ]
    assert entrances(said("", None), ledger(made).transfers())["address"].to_pylist() == kept
