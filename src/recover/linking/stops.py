"""Stops: the addresses at which a trace ends, by their labels and by what heuristics assert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.members import KIND as MEMBER


def stops(resolved: pa.Table, asserted: pa.Table) -> Iterable[tuple[str, str]]:
    """(address, reason name) of every address at which tracing stops: the first of one address counts.

    Stops are services' labelled wallets, what a cluster adds to these, and unlabelled hubs. An address whose habit
    is to sweep to a service is none of them: what it passes on is for the lots to say, not for the habit.
    """
    labelled = set()
    for row in resolved.to_pylist():
        if row["service"]:
            labelled.add(row["address"])
        if row["role"] == "mixer" or row["category"] in ("mixing_service", "mixer"):
            yield row["address"], "MIXER"
        elif row["role"] == "bridge" or row["category"] == "defi_bridge":
            yield row["address"], "BRIDGE"
        elif row["service"]:
            yield row["address"], "SERVICE"
    members = {row["address"]: row["other"] for row in _of(asserted, MEMBER)}
    yield from ((name, "SERVICE") for name in members if anchor(name, members) in labelled)
    yield from ((row["address"], "HUB") for row in _of(asserted, "hub"))


def anchor(name: str, members: Mapping[str, str]) -> str:
    """The labelled wallet, or the deposit address, by which a member of a cluster belongs to its service."""
    while name in members:
        name = members[name]
    return name


def _of(asserted: pa.Table, kind: str) -> list[dict[str, str]]:
    found = asserted.filter(pc.equal(asserted.column("kind"), kind)).select(["address", "other"])
    rows: list[dict[str, str]] = found.to_pylist()
    return rows


def pools(events: pa.Table) -> list[str]:
    """Contracts at which an exchange took place: what enters is followed only where it was understood."""
    return sorted(events.filter(pc.equal(events.column("kind"), "swap")).column("contract").unique().to_pylist())


def mixes(asserted: pa.Table) -> frozenset[str]:
    """Transactions that a detector calls a mix for certain; a possible one blocks a merge and stops nothing."""
    sure = pc.and_(pc.equal(asserted.column("kind"), "mix"), pc.equal(asserted.column("role"), "definite"))
    return frozenset(tx for found in asserted.filter(sure).column("transactions").to_pylist() for tx in found)
