"""Shortfalls: losses of which less begins than was declared, each with the reason and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.trails.starts import concerns

Unit = Callable[[str, int], str]
"""An amount of an asset as a sentence has it."""

NOTHING, LESS = "loss-begins-nothing", "loss-begins-less"


def shortfalls(
    losses: Sequence[Loss], ledger: Numbered, began: Mapping[tuple[str, str], int], unit: Unit
) -> Iterator[Gap]:
    """One gap for each loss, and each asset that it names, of which nothing begins or less than was declared.

    A loss whose transaction or address is in no exhibit has its own gap already.
    """
    for loss in losses:
        rows = _rows(ledger, loss)
        if rows is None:
            continue
        if not loss.assets and not any(name == loss.id for name, _ in began):
            yield _nothing(loss, rows, "")
        for asset in loss.assets:
            found = began.get((loss.id, asset), 0)
            if not found:
                yield _nothing(loss, rows, asset)
            elif loss.amount is not None and found < loss.amount:
                missing, said = unit(asset, loss.amount - found), unit(asset, loss.amount)
                yield Gap(
                    code=LESS,
                    subject=f"{loss.chain}:{loss.place}",
                    why=f"Loss {loss.id} is declared as {said}, and {unit(asset, found)} begins: the rest "
                    "carries another loss already, or is paid on in the same transaction.",
                    effect=f"{missing} of this loss are not traced under it. Declare what this loss alone took.",
                )


def _rows(ledger: Numbered, loss: Loss) -> pa.Table | None:
    """What a loss can begin with: the movements of its transaction, or what arrived at its address."""
    table = ledger.table.filter(pc.equal(ledger.table.column("chain"), loss.chain))
    if loss.tx:
        mine = pc.and_(pc.equal(table.column("tx"), loss.tx), pc.not_equal(table.column("kind"), "input"))
        mine = pc.and_(mine, pc.not_equal(table.column("kind"), "fee"))
        here = pc.equal(table.column("tx"), loss.tx)
    else:
        names = pa.array(ledger.at(loss.chain, loss.address or ""), pa.string())
        mine = pc.is_in(table.column("dst"), value_set=names)
        here = pc.or_(mine, pc.is_in(table.column("src"), value_set=names))
    if not pc.any(pc.fill_null(here, False)).as_py():
        return None
    return table.filter(pc.fill_null(mine, False))


def _nothing(loss: Loss, rows: pa.Table, asset: str) -> Gap:
    why, remedy = _reason(loss, rows, asset)
    of = f" in {asset}" if asset else ""
    return Gap(
        code=NOTHING,
        subject=f"{loss.chain}:{loss.place}",
        why=f"Nothing begins as loss {loss.id}{of}: {why}",
        effect=f"Nothing of this loss{of} is traced. {remedy}",
    )


_PAYER = (
    "A loss by address says that what arrives there is proceeds; where it is the payer's own address, declare the "
    "payment with --tx."
)
_LISTED = (
    "A contradiction is settled with `recover decide`; an asset that no register lists has to be listed before it "
    "is followed."
)


def _reason(loss: Loss, rows: pa.Table, asset: str) -> tuple[str, str]:
    """Why nothing begins, and what to do."""
    place = "transaction" if loss.tx else "address"
    if not rows.num_rows:
        if loss.tx:
            return "the exhibits show no movement in this transaction.", "Check the transaction."
        return "the exhibits show nothing arriving at this address.", _PAYER
    mine = rows.filter(pa.array([concerns(loss, a) for a in rows.column("asset").to_pylist()], pa.bool_()))
    if asset:
        mine = mine.filter(pc.equal(mine.column("asset"), asset))
    if not mine.num_rows:
        seen = ", ".join(sorted(set(rows.column("asset").to_pylist()))[:5])
        return f"this {place} shows none of it. It shows {seen}.", "Declare the loss in an asset that it shows."
    kept = mine.filter(pc.is_null(mine.column("excluded")))
    if not kept.num_rows:
        reasons = ", ".join(sorted(set(mine.column("excluded").to_pylist())))
        return f"its movements are left out of lots, because: {reasons}.", _LISTED
    times = [t for t in kept.column("time").to_pylist() if t is not None]
    if loss.address and times and not any(_inside(loss, t) for t in times):
        return (
            f"what arrived there (from {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}) lies outside its period.",
            "Check --from and --to; both are dates of the Gregorian calendar in UTC.",
        )
    if not any(amounts.exact(kept)):
        return f"this {place} shows no value moved.", "Check it."
    return (
        "what it moved or received carries other losses already, or is paid on at once.",
        "It is counted once, under the loss that carried it first.",
    )


def _inside(loss: Loss, time: datetime) -> bool:
    return (loss.since is None or time >= loss.since) and (loss.until is None or time <= loss.until)
