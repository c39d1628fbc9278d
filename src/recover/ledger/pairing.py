"""Legs of account chains that no exhibit ties to each other, joined by arithmetic where it leaves no choice.

One payer, or one payee, of an asset in one transaction: who paid whom is then plain. Many on both sides could be
joined in several ways, and each way moves value to other people, so what left stays an open end and is a gap. An
open end is never a burn: that the exhibits do not show who received is no sign that nobody did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts
from recover.sdk.batch import Batch, table
from recover.sdk.records import Gap

_KINDS = pa.array(["transfer", "internal"], pa.string())

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Side:
    rows: Sequence[Row]
    total: int

    @property
    def people(self) -> set[str]:
        return {row["address"] for row in self.rows}


def paired(batch: Batch, accounts: Iterable[str]) -> Batch:
    """The batch with its untied legs on the chains `accounts` tied where one side has one address.

    Exact: a leg is cut where several pay one or one pays several, and what no leg of the other side answers stays
    untied. Each transaction with legs left over gets a gap `legs-unpaired`.
    """
    legs = batch.legs
    if legs is None or not legs.column("pair").null_count:
        return batch
    loose = pc.and_(pc.is_null(legs.column("pair")), pc.is_in(legs.column("kind"), value_set=_KINDS))
    loose = pc.and_(loose, pc.is_in(legs.column("chain"), value_set=pa.array(sorted(accounts), pa.string())))
    part = legs.filter(loose)
    if not part.num_rows:
        return batch
    rows = [{**row, "exact": exact} for row, exact in zip(part.to_pylist(), amounts.exact(part), strict=True)]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["chain"], row["tx"], row["view"], row["kind"], row["asset"]), []).append(row)
    made: list[Row] = []
    open_ends: dict[tuple[str, str], int] = {}
    numbers = iter(range(-1, -(2**62), -1))
    for (chain, tx, *_), group in groups.items():
        tied, left = _group(group, numbers)
        made += tied + left
        if left:
            open_ends.setdefault((chain, tx), left[0]["place"])
    kept = legs.filter(pc.invert(loose))
    gaps = [_gap(chain, tx, place) for (chain, tx), place in sorted(open_ends.items())]
    whole = pa.concat_tables([kept, table("legs", [_cells(row) for row in made])])
    told = Batch.of(*gaps).gaps if gaps else None
    parts = [t for t in (batch.gaps, told) if t is not None]
    return replace(batch, legs=whole, gaps=pa.concat_tables(parts) if parts else None)


def _group(group: Sequence[Row], numbers: Iterator[int]) -> tuple[list[Row], list[Row]]:
    """(tied legs, legs left over) of one asset in one transaction."""
    outs = _Side([row for row in group if _leaves(row)], sum(-r["exact"] for r in group if _leaves(r)))
    ins = _Side([row for row in group if not _leaves(row)], sum(r["exact"] for r in group if not _leaves(r)))
    if not outs.rows or not ins.rows or min(len(outs.people), len(ins.people)) > 1:
        return [], list(group)
    # The side with one address answers the other's legs one by one, as far as it reaches.
    many, one = (ins, outs) if len(outs.people) == 1 else (outs, ins)
    if many.total > one.total:
        return [], list(group)
    tied: list[Row] = []
    for row in many.rows:
        number = next(numbers)
        tied += [{**row, "pair": number}, {**_answer(one.rows, row), "pair": number}]
    rest = one.total - many.total
    return tied, [{**one.rows[0], "exact": rest if one is ins else -rest, "pair": None}] if rest else []


def _answer(one: Sequence[Row], row: Row) -> Row:
    """The leg on the side with one address that answers `row`; its sub-account where it used one alone."""
    alone = {each["account"] for each in one}
    return {
        **one[0],
        "exact": -row["exact"],
        "out": not _leaves(row),
        "account": alone.pop() if len(alone) == 1 else None,
        "index": row["index"] if row["index"] is not None else one[0]["index"],
        "memo": row["memo"] if row["memo"] is not None else one[0]["memo"],
        "memo_raw": row["memo_raw"] if row["memo_raw"] is not None else one[0]["memo_raw"],
    }


def _leaves(row: Mapping[str, Any]) -> bool:
    return bool(row["out"]) if row["out"] is not None else row["exact"] < 0


def _cells(row: Row) -> Row:
    amount, wide = amounts.split(row["exact"])
    return {**{k: v for k, v in row.items() if k != "exact"}, "amount": amount, "wide": wide}


def _gap(chain: str, tx: str, place: int) -> Gap:
    return Gap(
        code="legs-unpaired",
        subject=f"{chain}:{tx}",
        why="The exhibit shows what came and what left in this transaction, and not who paid whom.",
        effect="Traced value that left in it is not followed: it is an open end.",
        place=place,
    )
