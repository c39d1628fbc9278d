"""Pools as accounts: every movement into and out of a place that held traced value, with its running balance.

A pool is one asset of one address; on a coin chain it is one transaction, whose inputs go in and whose outputs and
fee come out. The opening balance is the least that an address must have held before the first exhibit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import View
from recover_exports.accounts import Account, accounts
from recover_exports.held import Ledger, follow
from recover_exports.places import Pool


def rows(view: View) -> Iterator[Sequence[Any]]:
    """The heading, then pool by pool its account: before + amount (in) or - amount (out) = after.

    Listed is every pool that held traced value under any rule that may back a claim. For each of these rules:
    what of all losses the movement put in or took out, and what the pool held traced after it.
    """
    table = view.tables["transfers"]()
    ledger = Ledger.of(table)
    books = {rule: follow(ledger, flows) for rule, flows in _flows(view).items()}
    yield (
        *("pool", "asset", "decimals", "entry", "seq", "tx_hash", "from", "to", "amount", "before", "after"),
        *(f"{what}_{rule}" for rule in books for what in ("traced", "held")),
    )
    wanted = sorted({pool for book in books.values() for pool in book.since})
    for pool, account in accounts(table, wanted).items():
        yield from _rows(view, ledger, pool, account, {rule: book.moved for rule, book in books.items()})


def _flows(view: View) -> dict[str, pa.Table]:
    table = view.tables["hops"]()
    ids = [rule["id"] for rule in view.rules if rule["claim"] == "yes"]
    there = set(table.column("rule").unique().to_pylist())
    return {id: table.filter(pc.equal(table.column("rule"), id)) for id in ids if id in there}


def _rows(
    view: View, ledger: Ledger, pool: Pool, account: Account, moved: Mapping[str, Mapping[tuple[Pool, int], int]]
) -> Iterator[Sequence[Any]]:
    known = view.assets.get(pool[1])
    head = (*pool, known.decimals if known else None)
    nothing = (0, 0) * len(moved)
    if account.opening:
        yield (*head, "opening", None, None, None, None, account.opening, 0, account.opening, *nothing)
    held = dict.fromkeys(moved, 0)
    for entry in account.entries:
        move = ledger.move(entry.seq)
        traced = {rule: put.get((pool, entry.seq), 0) for rule, put in moved.items()}
        for rule, amount in traced.items():
            held[rule] += -amount if entry.out else amount
        yield (
            *(*head, "out" if entry.out else "in", entry.seq, move["tx"], move["src"], move["dst"]),
            *(entry.amount, entry.before, entry.after),
            *(cell for rule in moved for cell in (traced[rule], held[rule])),
        )
