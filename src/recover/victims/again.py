"""A row that was sent before: one row of one person is one payment, whatever is known of it, and however often."""

from __future__ import annotations

from collections.abc import Sequence

from recover.victims.known import Payment


def same(payment: Payment, had: Sequence[Payment]) -> int | None:
    """Which of a person's payments this row was sent as before; None where it is a new one.

    By transaction and asset; without a transaction by asset, amount, time and service, also where the transaction
    became known since.
    """
    for place, one in enumerate(had):
        if payment.tx and (one.chain, one.tx, one.asset) == (payment.chain, payment.tx, payment.asset):
            return place
        if not payment.tx and (not one.tx or one.learned) and one.row == payment.row:
            return place
    return None


def without(payment: Payment, had: Sequence[Payment]) -> int | None:
    """Which payment without a transaction this one is, now that it is known: same asset, amount and time."""
    if not payment.tx or not payment.time or payment.claimed is None:
        return None
    for place, one in enumerate(had):
        like = (one.asset, one.claimed, one.time) == (payment.asset, payment.claimed, payment.time)
        if like and one.id and not one.tx:
            return place
    return None


def said(payment: Payment, one: Payment) -> str:
    """That it is counted once; and where the amount differs, that the first one stands."""
    told = f"{payment.victim} has this payment already; it is counted once."
    if payment.claimed not in (None, one.claimed):
        told += " It names another amount here than before: the first one stands."
    elif not payment.tx:
        told += " If it is a further payment of the same amount, give the time of each."
    return told
