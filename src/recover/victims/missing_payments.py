"""Payments whose transaction is not known: a gap each, with what the exhibits show that it could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.victims.known import Payment, every

WITHIN = timedelta(hours=36)
"""How far a victim's time may be off: a day, and the hours of a zone."""

MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A movement of the exhibits that a payment could be. `off` is how far its time is from the one that was
    said, `claimed_by` who claims that transaction already."""

    tx: str
    chain: str
    amount: int
    time: datetime | None
    to: str
    off: timedelta | None
    claimed_by: tuple[str, ...] = ()


Claims = Mapping[tuple[str, str], tuple[str, ...]]
"""(chain, transaction) -> the victims who claim it."""


def candidates(case: Case, payment: Payment, claims: Claims) -> list[Candidate]:
    """Movements of the same amount in the same asset, near the time that was said; the nearest first.

    Empty where nothing was decoded yet, where no amount and no time was said, or where nothing fits.
    """
    if case.files.size("derived/ledger/transfers.parquet") is None or not payment.asset:
        return []
    table = derived.read(case, "transfers", ["chain", "tx", "time", "dst", "asset", "amount", "wide"])
    table = table.filter(pc.equal(table.column("asset"), payment.asset))
    when = datetime.fromisoformat(payment.time) if payment.time else None
    if when is not None:
        near = (
            pa.scalar(when - WITHIN, table.schema.field("time").type),
            pa.scalar(when + WITHIN, table.schema.field("time").type),
        )
        table = table.filter(
            pc.and_(pc.greater_equal(table.column("time"), near[0]), pc.less_equal(table.column("time"), near[1]))
        )
    elif payment.claimed is None:
        return []
    found = []
    for row, amount in zip(table.to_pylist(), amounts.exact(table), strict=True):
        if payment.claimed is None or amount == payment.claimed:
            off = abs(row["time"] - when) if when is not None and row["time"] is not None else None
            found.append(
                Candidate(
                    tx=row["tx"],
                    chain=row["chain"],
                    amount=amount,
                    time=row["time"],
                    to=row["dst"] or "",
                    off=off,
                    claimed_by=claims.get((row["chain"], row["tx"]), ()),
                )
            )
    return sorted(found, key=lambda one: (one.off is None, one.off or timedelta(), one.tx))[:MOST]


def claims(case: Case) -> Claims:
    """Who claims which transaction."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for victim in every(case).values():
        for one in victim.payments:
            if one.tx and victim.id not in found.get((one.chain, one.tx), ()):
                found[one.chain, one.tx] = (*found.get((one.chain, one.tx), ()), victim.id)
    return found


def _listed(one: Candidate) -> str:
    taken = f", claimed by {' and '.join(one.claimed_by)}" if one.claimed_by else ""
    return f"{one.tx} ({one.time:%Y-%m-%d %H:%M} UTC{taken})"


def gap(payment: Payment, found: Sequence[Candidate]) -> Gap:
    """What is missing, and what would fill it."""
    listed = "; ".join(_listed(one) for one in found if one.time)
    return Gap(
        code="payment-without-transaction",
        subject=payment.id,
        why=f"The victim {payment.victim} knows no transaction of this payment."
        + (f" The exhibits show what it could be: {listed}." if listed else " No exhibit shows one that fits."),
        effect="It is claimed, and traced nowhere, until somebody says which transaction it was.",
    )
