"""About one transaction: whether its exhibits contradict each other, as the join of all of them finds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.ledger import Part, build
from recover.ledger.parts import named, parts, read, register, views
from recover.ledger.relied import NEVER, Relied
from recover.plugins.registry import Plugins
from recover.sdk.records import Gap
from recover.sdk.values import TxId

Decided: TypeAlias = Mapping[tuple[str | None, str], Relied]
"""By chain and transaction, what is relied on."""

_OF = ("contradiction", "legs-unbalanced")
"""The gaps by which a transaction is not followed until a person settles it."""


def contradictions(case: Case, plugins: Plugins, tx: TxId, said: Decided | None = None) -> tuple[Gap, ...]:
    """Why exhibits leave a transaction unfollowed, whatever a person decided on it; empty where they agree, or
    where a decision as in `said` would settle it.

    It is joined anew from what is decoded, with what it spends and whoever else spends that: a case need not have
    been run since the last exhibit came.
    """
    found = parts(case, plugins)
    legs = {part: rows for part in found if (rows := read(case, part, "legs")) is not None}
    paying = [part.exhibit for part, rows in legs.items() if pc.any(pc.equal(rows["kind"], "fee")).as_py()]
    near = _near(list(legs.values()), tx)

    def narrow(part: Part, name: str) -> pa.Table | None:
        rows = legs.get(part) if name == "legs" else None
        if name in ("transactions", "blocks"):
            rows = read(case, part, name)
        column = {"legs": "tx", "transactions": "id"}.get(name)
        return rows if rows is None or column is None else rows.filter(pc.is_in(rows[column], value_set=near))

    made = build(found, register(plugins), named(case), said, read=narrow, paying=paying)
    subject = f"{tx.chain}:{tx.text}"
    return tuple(gap for gap in made.gaps if gap.code in _OF and gap.subject == subject)


def settles(case: Case, plugins: Plugins, tx: TxId, of: Relied, against: Collection[str]) -> bool:
    """Whether to rely on this, and to take its rivals not to have been, leaves nothing open of a transaction."""
    never: Decided = {(tx.chain, rival): (NEVER, None) for rival in against}
    return not contradictions(case, plugins, tx, {(tx.chain, tx.text): of, **never})


def readings(case: Case, plugins: Plugins, tx: TxId) -> tuple[Relied, ...]:
    """What a person can rely on for a transaction: each exhibit that shows it, or of one that contradicts itself
    each of its lists that does not."""
    known, against, found = views(case, plugins, tx), rivals(case, plugins, tx), list[Relied]()
    for n, lists in sorted(known.items()):
        # Only an exhibit of several lists, or the only one, can leave open what it is relied on for.
        if (len(lists) == 1 and len(known) > 1) or settles(case, plugins, tx, (n, None), against):
            found.append((n, None))
        elif len(lists) > 1:
            found += [(n, one) for one in sorted(lists) if settles(case, plugins, tx, (n, one), against)]
    return tuple(found)


def rivals(case: Case, plugins: Plugins, tx: TxId) -> tuple[str, ...]:
    """The other transactions that exhibits show spending an output which it spends: one of all took place."""
    legs = [rows for part in parts(case, plugins) if (rows := read(case, part, "legs")) is not None]
    return tuple(sorted(_rivals(legs, tx, _spent(legs, tx)) - {tx.text}))


def _near(legs: Sequence[pa.Table], tx: TxId) -> pa.Array:
    """The transaction, those that made what it spends, and those that spend the same."""
    spent = _spent(legs, tx)
    near = {tx.text, *(name for name, _ in spent), *_rivals(legs, tx, spent)}
    return pa.array(sorted(near), pa.string())


_Coins = frozenset[tuple[str, int]]
"""Outputs, each as the transaction that made it and its number."""


def _spent(legs: Sequence[pa.Table], tx: TxId) -> _Coins:
    mine = (pc.field("tx") == tx.text) & (pc.field("chain") == tx.chain)
    return frozenset(
        (row["spends_tx"], row["spends_index"])
        for rows in legs
        for row in rows.filter(mine).select(["spends_tx", "spends_index"]).to_pylist()
        if row["spends_tx"] is not None
    )


def _rivals(legs: Sequence[pa.Table], tx: TxId, spent: _Coins) -> set[str]:
    """All that spend one of these outputs, the transaction itself among them."""
    wanted = pa.array(sorted({name for name, _ in spent}), pa.string())
    mine = pc.is_in(pc.field("spends_tx"), value_set=wanted) & (pc.field("chain") == tx.chain)
    return {
        row["tx"]
        for rows in (legs if spent else ())
        for row in rows.filter(mine).select(["tx", "spends_tx", "spends_index"]).to_pylist()
        if (row["spends_tx"], row["spends_index"]) in spent
    }
