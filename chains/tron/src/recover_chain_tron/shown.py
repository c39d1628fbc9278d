"""Movements as TRON's services list them, one by one, made into transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import AssetSeen, Gap, Leg, Transaction
from recover_chain_tron import address
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.fields import moment

TRX = f"{CHAIN}/slip44:195"


def trc10(number: str) -> str:
    """The CAIP-19 id of a TRC-10 token, from its number."""
    return f"{CHAIN}/trc10:{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One movement. `kind` is transfer, internal or fee; `dst` is None for a fee. `failed`: None where not said.

    An `amount` of None moves nothing: the transaction is listed, and has no such movement.
    """

    tx: str
    place: int
    kind: str
    src: str | None
    dst: str | None
    asset: str
    amount: int | None
    millis: int
    height: int | None = None
    failed: bool | None = False
    seen: AssetSeen | None = None


def records(shown: Iterable[Shown]) -> list[Transaction | AssetSeen]:
    """Transactions in the order in which they are first listed, then what is said of tokens, each once."""
    rows: dict[str, list[Shown]] = {}
    for each in shown:
        rows.setdefault(each.tx, []).append(each)
    seen = {row.seen.asset: row.seen for listed in reversed(rows.values()) for row in listed if row.seen}
    return [*map(_transaction, rows.values()), *seen.values()]


def _transaction(rows: Sequence[Shown]) -> Transaction:
    """A part of a transaction, never claimed to be whole. What stands inside it shows that it did not fail."""
    said = [row.failed for row in rows if row.failed is not None]
    first = rows[0]
    return Transaction(
        chain=CHAIN,
        id=first.tx,
        place=first.place,
        legs=tuple(leg for count, row in enumerate(rows) for leg in _legs(row, count)),
        time=moment(first.millis),
        height=next((row.height for row in rows if row.height is not None), None),
        failed=any(said) if said else None,
    )


def _legs(row: Shown, pair: int) -> Iterator[Leg]:
    if row.amount is None:
        return
    zero = address.ZERO
    src, dst = (None if each == zero else each for each in (row.src, row.dst))
    kind: Any = row.kind
    if kind == "transfer":
        kind = "mint" if src is None else "burn" if dst is None else "transfer"
    # A movement of nothing has no sign: each leg says which side it is.
    yield Leg(kind=kind, address=src, asset=row.asset, amount=-row.amount, pair=pair, out=True)
    yield Leg(kind=kind, address=dst, asset=row.asset, amount=row.amount, pair=pair, out=False)


def legs(rows: Iterable[Shown]) -> list[Leg]:
    """The legs of movements, whatever transactions they are of."""
    return [leg for count, row in enumerate(rows) for leg in _legs(row, count)]


def unnamed(name: str, more: str = "") -> Gap:
    """The gap of a listing that does not say whose it is, nor whether more follows."""
    return Gap(
        code="history-unnamed",
        subject=name,
        why=f"The file does not hold its request, which alone says whose history it is.{more}",
        effect="Its transfers are used; no address's history counts as whole because of it.",
    )


def several(code: str, txs: Sequence[tuple[str, int]], what: str, effect: str) -> list[Gap]:
    """One gap for all transactions of a kind, about the first of them; none for none."""
    if not txs:
        return []
    tx, place = txs[0]
    count = len({each for each, _ in txs})
    why = f"{what} ({count} here; this is the first)."
    return [Gap(code=code, subject=f"{CHAIN}:{tx}", why=why, effect=effect, place=place)]
