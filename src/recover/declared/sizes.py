"""Sizes: how much a payment moved, and whether the losses that are declared of it say more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from recover.plugins.registry import Plugins
from recover.recognise.names import asset_of
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.values import Asset
from recover.sdk.view import Loss

Leg: TypeAlias = tuple[str, int | None, str | None, str, int | None]
"""(kind, index, address, asset, amount); an amount that is not shown is None."""


def moved(listed: Sequence[Sequence[Leg]], asset: str) -> int | None:
    """The most of an asset that an exhibit shows the transaction to have moved; None where none shows all of
    it."""
    shown = [legs for legs in listed if all(amount is not None for *_, amount in legs)]
    sums = [sum(amount for *_, of, amount in legs if of == asset and amount and amount > 0) for legs in shown]
    return max(sums, default=None)


def single(listed: Sequence[Sequence[Leg]], loss: Loss, asset: Asset) -> None:
    """Raises Error where an exhibit shows the transaction, and it moved less than is claimed."""
    most = moved(listed, loss.assets[0])
    if most is not None and loss.amount is not None and loss.amount > most:
        raise Error(
            "loss-too-large",
            f"The loss is larger than what transaction {loss.tx} moved.",
            f"It claims {said(loss.amount, asset)}, and the exhibits show {said(most, asset)} moved.",
            "Correct --amount; it is in units of --asset, and in base units where its decimals are not known.",
        )


def together(
    legs: Mapping[str, Sequence[Sequence[Leg]]], loss: Loss, others: Sequence[Loss], plugins: Plugins
) -> None:
    """Raises Error where this loss and those declared before it say more of one payment than exhibits show it to
    have moved: who is short would hang on the order in which they were typed."""
    if not (loss.tx and loss.amount):
        return
    key = (loss.chain, loss.tx, loss.assets)
    before = [one for one in others if one.amount and (one.chain, one.tx, one.assets) == key]
    most = moved(legs.get(loss.tx, ()), loss.assets[0])
    if not before or most is None or loss.amount + sum(one.amount or 0 for one in before) <= most:
        return
    asset = asset_of(plugins, loss.chain, loss.assets[0])
    stand = " and ".join(f"loss {one.id} claims {said(one.amount or 0, asset)}" for one in before)
    raise Error(
        "loss-too-large",
        f"The losses of transaction {loss.tx} are together larger than what it moved.",
        f"{stand[0].upper()}{stand[1:]}, this one {said(loss.amount, asset)}, and the exhibits show "
        f"{said(most, asset)} moved.",
        "Correct the amounts. Where two persons claim the same value, declare one loss and enter the rival claim "
        "with `recover claims add`.",
    )


def said(amount: int, asset: Asset) -> str:
    """An amount in a sentence: in units of its asset where its decimals are known."""
    if asset.decimals is None:
        return f"{amount} base units of {asset.id}"
    return f"{amounts.decimal(amount, asset.decimals)} {asset.symbol}"
