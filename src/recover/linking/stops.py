"""Stops: the addresses at which a trace ends, by their labels and by what heuristics assert."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.members import KIND as MEMBER


def stops(resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str, str]]:
    """(chain, address, reason name) of every address at which tracing stops. Deposit addresses stop before hubs.

    Stops are services' labelled wallets, their deposit addresses, and what a cluster adds to them.
    """
    # Mixers and bridges before services, since a label of one can name a service as well. A trace never goes on
    # through a service's wallet: what happens inside is in that service's books, not on the chain.
    for row in resolved.to_pylist():
        if row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield row["chain"], row["address"], "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield row["chain"], row["address"], "BRIDGE"
        elif row["service"]:
            yield row["chain"], row["address"], "SERVICE"
    kinds = pc.is_in(asserted.column("kind"), value_set=pa.array(["deposit-address", "hub", MEMBER]))
    # One address can be a hub in one asset and a deposit address in another: then it is the service's.
    told = asserted.filter(kinds).select(["chain", "address", "kind", "service"]).to_pylist()
    named = {(row["chain"], row["address"]) for row in told if row["service"]}
    for row in told:
        place = (row["chain"], row["address"])
        yield *place, "SERVICE" if place in named else "HUB"


def pools(events: pa.Table) -> list[tuple[str, str]]:
    """Contracts at which an exchange took place: what enters is followed only where it was understood."""
    rows = events.filter(pc.equal(events.column("kind"), "swap")).select(["chain", "contract"]).to_pylist()
    return sorted({(row["chain"], row["contract"]) for row in rows})


def mixes(asserted: pa.Table) -> frozenset[tuple[str, str]]:
    """Transactions that a detector calls a mix for certain; a possible one blocks a merge and stops nothing."""
    sure = pc.and_(pc.equal(asserted.column("kind"), "mix"), pc.equal(asserted.column("role"), "definite"))
    rows = asserted.filter(sure).select(["chain", "transactions"]).to_pylist()
    return frozenset((row["chain"], tx) for row in rows for tx in row["transactions"])
