"""A bulk source's columns of text made into transactions and legs: one transfer a row, checked, exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts
from recover.sdk.batch import Batch, table
from recover.sdk.records import Gap
from recover.sdk.values import UINT256

# Any 18 digits fit int64; 19 may not.
_SHORT = 18
# A sign and 32 bytes, as in `recover.sdk.amounts`.
_WIDE = pa.binary(33)
_MICROS = pa.timestamp("us", tz="UTC")

Column = Any  # pyarrow has no types to name: an Array or ChunkedArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Amounts as the two columns of `recover.sdk.amounts`."""

    amount: Column
    wide: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRows:
    """Columns of one length, a row a transfer. `src` and `dst` are null for a mint and a burn."""

    chain: Column
    view: Column
    tx: Column
    time: Column
    failed: Column
    src: Column
    dst: Column
    asset: Column
    value: Exact
    place: Column
    height: Column | None = None
    index: Column | None = None
    leg: Column | None = None

    def batch(self, **more: pa.Table) -> Batch:
        """Transactions, one a view, and two legs a transfer, tied by its place."""
        return Batch(transactions=self._transactions(), legs=self._legs(), **more)

    def _transactions(self) -> pa.Table:
        """Rows of one transaction in one view are one; rows that contradict each other stay apart."""
        columns = {"chain": self.chain, "id": self.tx, "view": self.view, "time": self.time}
        columns |= {"failed": self.failed, "place": self.place}
        columns |= {n: c for n, c in (("height", self.height), ("index", self.index)) if c is not None}
        keys = [name for name in columns if name != "place"]
        found = firsts(pa.table(columns), keys)
        # Never whole: a list of one wallet's transfers may leave out other legs of a transaction.
        whole = pa.array(np.zeros(found.num_rows, np.bool_))
        return table("transactions", {**{n: found.column(n) for n in found.column_names}, "whole": whole})

    def _legs(self) -> pa.Table:
        # A transfer has two sides; where the exhibit shows value without a payer or without a payee, the kind says
        # so.
        kind = pc.if_else(pc.is_null(self.src), "mint", pc.if_else(pc.is_null(self.dst), "burn", "transfer"))
        shared = {"chain": self.chain, "tx": self.tx, "view": self.view, "kind": kind, "asset": self.asset}
        shared |= {"pair": self.place, "place": self.place}
        shared |= {"index": self.leg} if self.leg is not None else {}
        less = {"address": self.src, "amount": pc.negate(self.value.amount), "wide": _negative(self.value.wide)}
        more = {"address": self.dst, "amount": self.value.amount, "wide": self.value.wide}
        # A zero-value leg has no sign, so each leg says whether it leaves.
        less["out"] = pa.array(np.ones(len(self.place), np.bool_))
        more["out"] = pa.array(np.zeros(len(self.place), np.bool_))
        return pa.concat_tables([table("legs", shared | less), table("legs", shared | more)])


def firsts(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The distinct `keys`, each with the least `place`, in order of place."""
    # One thread, and sorted: the same rows give the same table on every machine.
    found = rows.group_by(list(keys), use_threads=False).aggregate([("place", "min")])
    found = found.rename_columns([*keys, "place"])
    return found.sort_by([("place", "ascending"), *((key, "ascending") for key in keys)])


def assets(**columns: Column) -> pa.Table:
    """What the rows say of each asset (asset, symbol, name, decimals, place): one row for each thing said."""
    found = firsts(pa.table(columns), ["asset", "symbol", "name", "decimals"])
    return table("assets", {name: found.column(name) for name in found.column_names})


def number(texts: Column) -> Column:
    """Numbers from at most 18 digits; null where the cell is empty."""
    return pc.cast(pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts), pa.int64())


def conflicts(seen: pa.Table) -> list[Gap]:
    """A gap for each token that is given two numbers of decimals. `seen` is in order of place."""
    first: dict[str, tuple[int, int]] = {}
    gaps: dict[str, Gap] = {}
    for row in seen.to_pylist():
        token, decimals, line = row["asset"], row["decimals"], row["place"]
        if decimals is None:
            continue
        other, before = first.setdefault(token, (decimals, line))
        if other != decimals and token not in gaps:
            gaps[token] = Gap(
                code="decimals-differ",
                subject=token,
                why=f"Line {before} gives this token's decimals as {other}, line {line} as {decimals}.",
                effect="Amounts in base units are not touched; how they are shown is in doubt.",
                place=line,
            )
    return list(gaps.values())


def whole_number(texts: Column) -> Column:
    """Which cells are plain digits, at most 2**256 - 1, with no needless zero before them."""
    # 2^256 - 1 has 78 digits.
    plain = pc.match_substring_regex(texts, r"^(0|[1-9][0-9]{0,77})$")
    longest = pc.equal(pc.utf8_length(texts), 78)
    if not pc.any(pc.and_(plain, longest)).as_py():
        return plain
    limit = str(UINT256)  # of equal length, so that the order of texts is the order of numbers
    return pc.and_(plain, pc.or_(pc.invert(longest), pc.less_equal(texts, limit)))


def exact(texts: Column) -> Exact:
    """Amounts from digits; the cells must have passed `whole_number`."""
    short = pc.less_equal(pc.utf8_length(texts), _SHORT)
    value = pc.cast(pc.if_else(short, texts, "0"), pa.int64())
    wide = pa.nulls(len(texts), _WIDE)
    # Nearly always: only amounts of more than 18 digits go through Python, one by one.
    if pc.all(short).as_py():
        return Exact(amount=value, wide=wide)
    value, size = _flat(value), len(texts)
    cells: dict[int, tuple[int | None, bytes | None]] = {
        row: amounts.split(int(texts[row].as_py())) for row in np.flatnonzero(~np.asarray(short)).tolist()
    }
    mask = np.zeros(size, np.bool_)
    mask[list(cells)] = True
    value = pc.replace_with_mask(value, pa.array(mask), pa.array([c[0] for c in cells.values()], pa.int64()))
    wide = pc.replace_with_mask(wide, pa.array(mask), pa.array([c[1] for c in cells.values()], _WIDE))
    return Exact(amount=value, wide=wide)


def why_no_amount(text: str) -> str:
    """What is wrong with a cell that `whole_number` refused."""
    if text.startswith("-"):
        return "is negative"
    if "." in text:
        return "has a decimal point; amounts are whole base units"
    if text.isascii() and text.isdigit():
        return "begins with a zero" if len(text) > 1 and text[0] == "0" else "is above 2^256 - 1"
    return "is not a whole number of base units"


def micros(millis: Column) -> Column:
    """Milliseconds since 1970 as UTC times in the published unit."""
    return pc.cast(pc.cast(millis, pa.timestamp("ms", tz="UTC")), _MICROS)


def mapped(texts: Column, read: Callable[[str], str | None]) -> tuple[Column, dict[str, str]]:
    """Each cell through `read`, called once for each distinct text; and why it raised ValueError, by text."""
    distinct = pc.unique(texts)
    good: list[str | None] = []
    why: dict[str, str] = {}
    for text in distinct.to_pylist():
        try:
            good.append(read(text))
        except ValueError as error:
            why[text] = str(error)
            good.append(None)
    return pa.array(good, pa.string()).take(pc.index_in(_flat(texts), value_set=distinct)), why


def _negative(wide: Column) -> Column:
    if wide.null_count == len(wide):
        return wide
    return pa.array([None if cell is None else b"\x00" + cell[1:] for cell in wide.to_pylist()], _WIDE)


def _flat(column: Column) -> Column:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
