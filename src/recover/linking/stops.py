"""Stops: the addresses at which a trace ends, by their labels and by what heuristics assert."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.members import KIND as MEMBER


def stops(resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str]]:
    """(address, reason name) of every address at which tracing stops. Deposit addresses stop before hubs.

    Stops are services' labelled wallets, their deposit addresses, and what a cluster adds to them.
    """
    for row in resolved.to_pylist():
        if row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield row["address"], "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield row["address"], "BRIDGE"
        elif row["service"]:
            yield row["address"], "SERVICE"
    kinds = pc.is_in(asserted.column("kind"), value_set=pa.array(["deposit-address", "hub", MEMBER]))
    told = asserted.filter(kinds).select(["address", "kind", "service"]).to_pylist()
    named = {row["address"] for row in told if row["service"]}
    for row in told:
        yield row["address"], "SERVICE" if row["address"] in named else "HUB"


def pools(events: pa.Table) -> list[str]:
    """Contracts at which an exchange took place: what enters is followed only where it was understood."""
    return sorted(events.filter(pc.equal(events.column("kind"), "swap")).column("contract").unique().to_pylist())


def mixes(asserted: pa.Table) -> frozenset[str]:
    """Transactions that a detector calls a mix for certain; a possible one blocks a merge and stops nothing."""
    sure = pc.and_(pc.equal(asserted.column("kind"), "mix"), pc.equal(asserted.column("role"), "definite"))
    return frozenset(tx for found in asserted.filter(sure).column("transactions").to_pylist() for tx in found)
