"""Who had dealings with whom, and when: the ground for "first", "before" and "a stranger"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ledger
from recover_heuristics_account.acts import Order, keys, order, plain
from recover_heuristics_account.sweeps import counted

Met = Mapping[tuple[str, str, str], list[Order]]


def between(ledger: Ledger, owners: Iterable[tuple[str, str]]) -> Met:
    """(chain, owner, other) -> where their movements of value stand, in order; addresses in one spelling.

    `owners` are (chain, address) pairs. What is left out of lots (poison above all) is no dealing.
    """
    wanted = {(chain, plain(name)) for chain, name in owners}
    moved, made = ledger.transfers(), ledger.transactions()
    names = {name for _, name in wanted}
    texts = pa.array(sorted(t for t in _texts(moved) if plain(t) in names), pa.string())
    mask = pc.or_(pc.is_in(moved["src"], value_set=texts), pc.is_in(moved["dst"], value_set=texts))
    part = moved.filter(pc.and_(mask, counted(moved)))
    here = made.filter(pc.is_in(keys(made, "id"), value_set=keys(part).unique()))
    places = {(row["chain"], row["id"]): order(row) for row in here.to_pylist()}
    found: dict[tuple[str, str, str], list[Order]] = {}
    for row in part.select(["chain", "tx", "src", "dst"]).to_pylist():
        place = places.get((row["chain"], row["tx"]))
        if row["src"] is None or row["dst"] is None or place is None:
            continue
        one, two = plain(row["src"]), plain(row["dst"])
        for owner, other in ((one, two), (two, one)):
            if (row["chain"], owner) in wanted:
                found.setdefault((row["chain"], owner, other), []).append(place)
    return {key: sorted(places) for key, places in sorted(found.items())}


def _texts(moved: pa.Table) -> set[str]:
    return {t for side in ("src", "dst") for t in moved[side].unique().to_pylist() if t is not None}
