"""Shortfalls: losses of which less begins than was declared, each with the reason and what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.trails.starts import Rows, arrived, concerns, inflows, inside

Unit = Callable[[str, int], str]
"""An amount of an asset as a sentence has it."""

NOTHING, LESS, FAILED = "loss-begins-nothing", "loss-begins-less", "loss-failed"


def shortfalls(
    losses: Sequence[Loss],
    ledger: Numbered,
    began: Mapping[tuple[str, str], int],
    unit: Unit,
    undone: Collection[tuple[str, str]] = (),
) -> Iterator[Gap]:
    """One gap for each loss, and each asset that it names, of which nothing begins or less than was declared;
    `undone` are the transactions that failed, by chain and id.

    A loss whose transaction or address is in no exhibit has its own gap already.
    """
    begun = {name for name, _ in began}
    short = [loss for loss in losses if _short(loss, began, begun)]
    came = inflows(short, ledger.table, ledger)
    moved = Rows.of(ledger.table, "tx", (loss.tx for loss in short if loss.tx))
    for loss in short:
        if (loss.chain, loss.tx) in undone:
            yield _failed(loss)
            continue
        rows = _rows(ledger, loss, came, moved)
        if rows is None or _unmet(ledger, loss, came):
            continue
        if not loss.assets and loss.id not in begun:
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


def _short(loss: Loss, began: Mapping[tuple[str, str], int], begun: Collection[str]) -> bool:
    """Whether anything may have to be said of a loss: nearly all begin as they are declared."""
    if not loss.assets:
        return loss.id not in begun
    least = 1 if loss.amount is None else loss.amount
    return any(began.get((loss.id, asset), 0) < least for asset in loss.assets)


def _unmet(ledger: Numbered, loss: Loss, came: Rows) -> bool:
    """Whether nothing arrived under the loss's memo, which is said of it already: `empty` has the gap."""
    return loss.memo is not None and not arrived(loss, ledger.at(loss.chain, loss.address or ""), came)


def _rows(ledger: Numbered, loss: Loss, came: Rows, moved: Rows) -> pa.Table | None:
    """What a loss can begin with: the movements of its transaction, or what arrived at its address."""
    names = ledger.at(loss.chain, loss.address) if loss.address else []
    numbers = moved.at(loss.tx) if loss.tx else came.at(*names)
    table = ledger.table.take(pa.array(numbers))
    table = table.filter(pc.equal(table.column("chain"), loss.chain))
    if not loss.tx:
        return table if names else None
    if not table.num_rows:
        return None
    kinds = pa.array(["input", "fee"], pa.string())
    return table.filter(pc.invert(pc.is_in(table.column("kind"), value_set=kinds)))


def _nothing(loss: Loss, rows: pa.Table, asset: str) -> Gap:
    why, remedy = _reason(loss, rows, asset)
    of = f" in {asset}" if asset else ""
    return Gap(
        code=NOTHING,
        subject=f"{loss.chain}:{loss.place}",
        why=f"Nothing begins as loss {loss.id}{of}: {why}",
        effect=f"Nothing of this loss{of} is traced. {remedy}",
    )


def _failed(loss: Loss) -> Gap:
    return Gap(
        code=FAILED,
        subject=f"{loss.chain}:{loss.place}",
        why=f"The transaction of loss {loss.id} failed: its chain holds it as failed; nothing but a fee moved.",
        effect="This payment did not take place. What it was to move stayed with the payer, unless it went by "
        "another transaction: ask for the id of that one.",
    )


def failed(case: Case) -> frozenset[tuple[str, str]]:
    """The transactions, by chain and id, that all exhibits which show their outcome say have failed."""
    made = derived.read(case, "transactions", ["chain", "id", "failed", "contradicted"])
    made = made.filter(pc.and_(made["failed"], pc.invert(made["contradicted"])))
    return frozenset(zip(made["chain"].to_pylist(), made["id"].to_pylist(), strict=True))


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
    listed = [a for a in rows.column("asset").unique().to_pylist() if concerns(loss, a)]
    mine = rows.filter(pc.is_in(rows.column("asset"), value_set=pa.array(listed, pa.string())))
    if asset:
        mine = mine.filter(pc.equal(mine.column("asset"), asset))
    if not mine.num_rows:
        seen = ", ".join(sorted(rows.column("asset").unique().to_pylist())[:5])
        return f"this {place} shows none of it. It shows {seen}.", "Declare the loss in an asset that it shows."
    kept = mine.filter(pc.is_null(mine.column("excluded")))
    if not kept.num_rows:
        reasons = ", ".join(sorted(mine.column("excluded").unique().to_pylist()))
        return f"its movements are left out of lots, because: {reasons}.", _LISTED
    times = kept.column("time").drop_null()
    if loss.address and len(times) and not inside(loss, times).any():
        first, last = (pc.min_max(times)[end].as_py() for end in ("min", "max"))
        return (
            f"what arrived there (from {first:%Y-%m-%d} to {last:%Y-%m-%d}) lies outside its period.",
            "Check --from and --to; both are dates of the Gregorian calendar in UTC.",
        )
    if not any(amounts.exact(kept)):
        return f"this {place} shows no value moved.", "Check it."
    return (
        "what it moved or received carries other losses already, or is paid on at once.",
        "It is counted once, under the loss that carried it first.",
    )
