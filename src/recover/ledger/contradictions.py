"""Transactions on which exhibits disagree: no version is followed until a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import duckdb
import pyarrow as pa

from recover.ledger import sql
from recover.sdk.records import Gap

Disputed: TypeAlias = dict[tuple[str, str], tuple[int, int, str]]
"""(chain, transaction) -> two exhibits, the lower first, and what they disagree on."""


def found(db: duckdb.DuckDBPyConnection, disputed: Disputed) -> list[Gap]:
    """A gap for each transaction on which exhibits disagree; leaves them in the table `contradicted`."""
    facts = db.execute(
        """select chain, id, exhibits[1], exhibits[-1],
                  case when times_differ then 'time' when heights_differ then 'block position' else 'outcome' end
           from txs where times_differ or heights_differ or outcomes_differ"""
    ).fetchall()
    rows = dict(disputed)
    each_says = _outcomes(db) if any(what == "outcome" for *_, what in facts) else {}
    for c, t, a, b, what in facts:
        what += each_says.get((c, t), "") if what == "outcome" else ""
        known = rows.get((c, t))
        rows[c, t] = (a, b, f"its {what}") if known is None else (*known[:2], f"its {what} and {known[2]}")
    for query in (sql.MISSING, sql.NUMBERED_TWICE):
        for chain, tx, silent, said in db.execute(query).fetchall():
            # What was said before stands: a fee or an output spent twice tells more than that the exhibits differ.
            low, high = sorted((silent, said))
            known = rows.setdefault((chain, tx), (low, high, "what it moved"))
            if known[2] in ("its time", "its block position"):
                rows[chain, tx] = (*known[:2], f"{known[2]} and what it moved")
    each = sorted(rows.items())
    schema = pa.schema([("chain", pa.string()), ("tx", pa.string())])
    listed = [{"chain": c, "tx": t} for (c, t), _ in each]
    db.register("disputed", pa.Table.from_pylist(listed, schema=schema))
    db.execute("create temp table contradicted as select * from disputed union select * from uneven")
    listed_by = db.execute(
        "select chain, id, exhibits from txs semi join disputed d on d.chain = txs.chain and d.tx = txs.id"
    )
    shown = {(chain, tx): exhibits for chain, tx, exhibits in listed_by.fetchall()}
    return [
        Gap(
            code="contradiction",
            subject=f"{chain}:{tx}",
            why=_both(low, high, what, shown.get((chain, tx), ())),
            # Of two transactions each may be as its exhibit shows it: one of them did not take place.
            effect="None of these transactions is followed until a person decides which of them took place."
            if WHICH in what
            else "No version is followed until a person decides."
            if low != high
            else "No version is followed until a person relies on another exhibit, or on one list of this one.",
        )
        for (chain, tx), (low, high, what) in each
    ]


def _outcomes(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """Of each transaction on whose outcome exhibits differ, which say what."""
    rows = db.execute(
        """select chain, id, failed, list_sort(list(distinct exhibit))
           from transactions semi join (select chain, id from txs where outcomes_differ) d using (chain, id)
           where failed is not null group by all order by chain, id, failed desc"""
    ).fetchall()
    said: dict[tuple[str, str], list[str]] = {}
    for chain, tx, failed, exhibits in rows:
        word = "failed" if failed else "took place"
        said.setdefault((chain, tx), []).append(f"it {word} by {', '.join(map(str, exhibits))}")
    return {key: f" ({'; '.join(parts)})" for key, parts in said.items()}


WHICH = "which transaction"
"""So a contradiction is told in which exhibits of two transactions exclude each other."""


def _both(low: int, high: int, what: str, shown: Sequence[int]) -> str:
    """`shown` are all exhibits that show the transaction: where they are more than two, all are named."""
    if low == high:
        return f"Exhibit {low} disagrees with itself on {what}."
    if len(shown) > _TWO and WHICH not in what:
        said = ", ".join(map(str, shown))
        return f"Exhibits {said} show it, and do not agree on {what}."
    return f"Exhibits {low} and {high} disagree on {what}."


_TWO = 2
