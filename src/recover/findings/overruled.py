"""Overruled: claims to whole histories whose exhibits show what a person did not rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from recover.case import Case, derived
from recover.findings.contradicted import moves_shown
from recover.ledger import Part, Read
from recover.ledger.parts import decided
from recover.ledger.relied import NEVER

Holding = tuple[str, str]
"""An address and an asset."""


def places(case: Case, parts: Sequence[Part], read: Read) -> frozenset[Holding]:
    """Where every exhibit that claims the whole history shows something else in a transaction for which a person
    relied on another exhibit, or list of it: nobody is left who states to what moment the history is whole."""
    chosen = {tx: of for (_, tx), of in decided(case).items()}
    shown = moves_shown(parts, read, set(chosen)) if chosen else {}
    against: dict[Holding, set[int]] = {}
    for (exhibit, tx), (moves, lists) in shown.items():
        number, of = chosen[tx]
        relied, views = shown.get((number, tx), (Counter(), {}))
        relied = relied if of is None else views.get(of or None, Counter())
        if relied or number == NEVER:
            mine, theirs = _by_place(moves), _by_place(relied)
            if of is not None and exhibit == number:  # each of its lists speaks of the address whose list it is
                mine |= {p: _by_place(lists[p[0]]).get(p, Counter()) for p in mine if p[0] in lists}
            for place in sorted({*mine, *theirs}):
                if mine.get(place) != theirs.get(place):
                    against.setdefault(place, set()).add(exhibit)
    if not against:
        return frozenset()
    rows = derived.read(case, "coverage", ["exhibit", "chain", "address", "asset"]).to_pylist()
    claims: dict[tuple[str, str], list[tuple[str | None, int]]] = {}
    for row in rows:
        claims.setdefault((row["chain"], row["address"] or ""), []).append((row["asset"], row["exhibit"]))
    found = set()
    for (address, asset), exhibits in against.items():
        chain = asset.partition("/")[0]
        every = (*claims.get((chain, address), ()), *claims.get((chain, ""), ()))
        claiming = {exhibit for of, exhibit in every if of in (None, asset)}
        if claiming and claiming <= exhibits:
            found.add((address, asset))
    return frozenset(found)


def _by_place(moves: Counter[Any]) -> dict[Holding, Counter[Any]]:
    """What moved, by each address that paid or was paid."""
    found: dict[Holding, Counter[Any]] = {}
    for move, count in moves.items():
        payer, payee, asset, *_ = move
        for side in filter(None, dict.fromkeys((payer, payee))):
            found.setdefault((side, asset), Counter())[move] += count
    return found
