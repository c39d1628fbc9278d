"""What an address holds and whether it is frozen, asked of the settled state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recover.sdk import Address, Error, Source, Status
from recover_chain_tron.chain import CHAIN, asset
from recover_chain_tron.node import Node
from recover_chain_tron.shown import TRX
from recover_chain_tron.testing.asking import asking, tables
from recover_chain_tron.testing.made import USDT, Owner
from recover_chain_tron.testing.server import Double, Fault
from recover_chain_tron.trongrid import Grid

WHO = Owner("ann").text
DOUBLE: dict[str, Any] = {
    "accounts": {WHO: {"address": WHO, "balance": 7, "frozenV2": [{"amount": 9}]}},
    "balances": {(USDT, WHO): 2**64 + 1},
    "frozen": frozenset({(USDT, WHO)}),
}


def said(source: Source, asset_: str | None, **more: Any) -> list[dict[str, Any]]:
    with asking(Double(**{**DOUBLE, **more})) as recorder:
        list(source.collect(Status(address=Address(chain=CHAIN, text=WHO), asset=asset_), recorder))
    return tables(source, recorder.kept).get("states", [])


@pytest.mark.parametrize("source", [Node(), Grid()])
def test_a_balance_and_a_freeze_are_said_with_their_block(source: Source) -> None:
    found = said(source, asset(USDT))
    assert [(s["kind"], s["address"], s["asset"], s["amount"], s["wide"] is None) for s in found] == [
        ("balance", WHO, asset(USDT), None, False),
        ("frozen", WHO, asset(USDT), 1, True),
    ]
    assert {(s["height"], s["block"][:16], s["time"]) for s in found} == {
        (60_000_000, f"{60_000_000:016x}", datetime(2023, 11, 16, 2, 0, tzinfo=UTC))
    }


@pytest.mark.parametrize("source", [Node(), Grid()])
def test_of_the_coin_what_is_free_is_said(source: Source) -> None:
    for asset_ in (None, TRX):
        assert [(s["kind"], s["asset"], s["amount"]) for s in said(source, asset_)] == [("balance", TRX, 7)]


def test_an_account_that_was_never_made_holds_nothing_that_is_stated_as_zero() -> None:
    with asking(Double()) as recorder:
        list(Node().collect(Status(address=Address(chain=CHAIN, text=WHO)), recorder))
    found = tables(Node(), recorder.kept)
    assert (found["states"], len(found["nothing"])) == ([], 1)


@pytest.mark.parametrize("kind", ["html", "error", "{}", "429", "reset", "half"])
@pytest.mark.parametrize("path", ["getnowblock", "triggerconstantcontract"])
def test_a_server_that_fails_says_nothing_and_never_zero(kind: Any, path: str) -> None:
    with pytest.raises(Error):
        said(Node(), asset(USDT), faults=[Fault(kind=kind, path=path, times=-1)])
