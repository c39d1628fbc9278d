"""What labels say of the addresses in a ledger: which are wallets of which service, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover_heuristics_account.sweeps import join

# An address with one of these roles is a machine of somebody's service, so it is nobody's deposit address.
_OWN = frozenset({"hot-wallet", "contract", "mixer", "bridge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A hot wallet: its service as the label writes it, the grade of the label, services that others name."""

    service: str
    grade: str
    contested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Codes of nodes: `hot` are wallets of a named service, `own` belong to a service, `any` have a label."""

    hot: dict[int, Wallet]
    own: frozenset[int]
    any: frozenset[int]


def wallets(labels: pa.Table, nodes: pa.Array) -> Labelled:
    """Read the labels of `nodes`. A wallet that two labels of one grade give to two services is nobody's."""
    codes = pc.index_in(join(labels["chain"], labels["address"]), nodes)
    here = labels.append_column("node", codes).filter(pc.is_valid(codes))
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in here.select(["node", "service", "grade", "role"]).to_pylist():
        rows.setdefault(row["node"], []).append(row)
    hot = {node: wallet for node in sorted(rows) if (wallet := _wallet(rows[node])) is not None}
    own = frozenset(node for node in rows if any(row["role"] in _OWN for row in rows[node]))
    return Labelled(hot=hot, own=own, any=frozenset(rows))


def _wallet(rows: list[dict[str, Any]]) -> Wallet | None:
    best: dict[str, str] = {}
    for row in rows:
        if row["role"] == "hot-wallet" and row["service"]:
            best[row["service"]] = min(row["grade"], best.get(row["service"], row["grade"]))
    if not best:
        return None
    (service, grade), *others = sorted(best.items(), key=lambda item: (item[1], item[0]))
    if not others:
        return Wallet(service=service, grade=grade)
    if others[0][1] == grade:
        return None
    # A contradiction lowers to the weaker of the two grades (tracing ladder).
    return Wallet(service=service, grade=max(g for _, g in others), contested=tuple(s for s, _ in others))
