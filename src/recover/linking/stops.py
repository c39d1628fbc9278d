"""Stops: the addresses at which a trace ends, by their labels and by what heuristics assert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.ledger.coverage import Covered
from recover.linking.labels import POSSIBLE
from recover.linking.members import KIND as MEMBER
from recover.linking.resolve import DISPUTED

Place = tuple[str, str]
"""A chain and an address on it."""


def stops(case: Case, resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str, str]]:
    """(chain, address, reason name) of every address at which tracing stops: the first of one address counts.

    Stops are services' labelled wallets, what a cluster adds to these, and unlabelled hubs. An address whose habit
    is to sweep to a service is none of them: what it passes on is for the lots to say, not for the habit.
    """
    # Mixers and bridges before services, since a label of one can name a service as well. A trace never goes on
    # through a service's wallet: what happens inside is in that service's books, not on the chain.
    labelled: set[Place] = set()
    hinted: list[Place] = []
    for row in resolved.to_pylist():
        place = (row["chain"], row["address"])
        if row["role"] == POSSIBLE:
            hinted += [place] if row["service"] else []
        elif row["role"] == DISPUTED:
            yield *place, "HUB"
        elif row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield *place, "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield *place, "BRIDGE"
        elif row["service"]:
            labelled.add(place)
            yield *place, "SERVICE"
    members = {(row["chain"], row["address"]): (row["chain"], row["other"]) for row in _of(asserted, MEMBER)}
    yield from ((*place, "SERVICE") for place in members if anchor(place, members) in labelled)
    yield from ((row["chain"], row["address"], "HUB") for row in _of(asserted, "hub"))
    # A label of another chain names nobody on this one and decides nothing: where the history is shown, the trace
    # goes on. Where it would end in any case, it ends as at a hub, with the hint beside it.
    covered = Covered.of(case) if hinted else None
    yield from ((*place, "HUB") for place in hinted if covered is not None and not covered.claimed(*place))


def anchor(place: Place, members: Mapping[Place, Place]) -> Place:
    """The labelled wallet, or the deposit address, by which a member of a cluster belongs to its service."""
    while place in members:
        place = members[place]
    return place


def _of(asserted: pa.Table, kind: str) -> list[dict[str, str]]:
    found = asserted.filter(pc.equal(asserted.column("kind"), kind)).select(["chain", "address", "other"])
    rows: list[dict[str, str]] = found.to_pylist()
    return rows


def pools(events: pa.Table) -> list[Place]:
    """Contracts at which an exchange took place: what enters is followed only where it was understood."""
    rows = events.filter(pc.equal(events.column("kind"), "swap")).select(["chain", "contract"]).to_pylist()
    return sorted({(row["chain"], row["contract"]) for row in rows})


def mixes(asserted: pa.Table) -> frozenset[Place]:
    """Transactions that a detector calls a mix for certain; a possible one blocks a merge and stops nothing."""
    sure = pc.and_(pc.equal(asserted.column("kind"), "mix"), pc.equal(asserted.column("role"), "definite"))
    rows = asserted.filter(sure).select(["chain", "transactions"]).to_pylist()
    return frozenset((row["chain"], tx) for row in rows for tx in row["transactions"])
