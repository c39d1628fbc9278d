"""A wrong record is named with its plugin, place and reason when the batch is taken, and never later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from recover.plugins import call
from recover.sdk import Assertion, Batch, Error, Exit, Leg, PluginFailed, Transaction, kinds

CHAIN = "toy:1"
SAID = Assertion(kind="label", chain=CHAIN, address="a", grade="B", method="m", version="1")


def refused(batch: Batch) -> str:
    with pytest.raises(PluginFailed) as caught:
        call.batches("guess", lambda: [batch])
    assert caught.value.exit == Exit.PLUGIN
    assert "guess" in caught.value.what
    return caught.value.why


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "deposit-address", "params": '{"swept":"5"}'}, "params has no 'hot_wallets'"),
        ({"kind": "deposit-address", "params": '{"hot_wallets":["h"],"swept":1.5}'}, "whole number"),
        ({"kind": "deposit-address", "params": '{"hot_wallets":"h","swept":"5"}'}, "no tuple[str"),
        ({"kind": "swap", "params": '{"sold":"1","bought":"2"}'}, "params has no 'into'"),
        ({"kind": "cross", "params": "[]"}, "no JSON object"),
        ({"kind": "guess"}, "kind is 'guess'"),
        ({"grade": "F"}, "grade is 'F'"),
        ({"address": ""}, "names no address"),
        ({"method": ""}, "empty method"),
    ],
)
def test_a_wrong_assertion_is_named(change: Mapping[str, Any], why: str) -> None:
    assert why in refused(Batch.of(replace(SAID, **change)))


@pytest.mark.parametrize(
    ("leg", "why"),
    [
        (Leg(kind="transfer", address="a", asset="", amount=1), "empty asset"),
        (Leg(kind="gift", address="a", asset="x", amount=1), "kind is 'gift'"),  # type: ignore[arg-type]
        (Leg(kind="transfer", address="a", asset="x", amount=None), "no amount"),
    ],
)
def test_a_wrong_leg_is_named(leg: Leg, why: str) -> None:
    assert why in refused(Batch.of(Transaction(chain=CHAIN, id="t", place=12, legs=(leg,))))
    assert "place 12" in refused(Batch.of(Transaction(chain=CHAIN, id="t", place=12, legs=(leg,))))


@pytest.mark.parametrize("amount", [1.5, True, "5", None])
def test_an_amount_that_is_no_integer_is_refused_and_never_cut(amount: Any) -> None:
    leg = Leg(kind="transfer", address="a", asset="x", amount=amount)
    if amount is None:
        return
    with pytest.raises(Error, match="An amount is"):
        Batch.of(Transaction(chain=CHAIN, id="t", place=1, legs=(leg,)))


def test_what_is_right_passes_and_further_keys_are_kept() -> None:
    text = '{"hot_wallets":["h"],"more":{"x":1},"swept":"115792089237316195423570985008687907853269984665640564039457584007913129639935"}'  # noqa: E501 - one JSON text
    made = Batch.of(replace(SAID, kind="deposit-address", params=text))
    assert call.batches("guess", lambda: [made]) == [made]
    assert kinds.read(kinds.Deposit, text).swept == 2**256 - 1
