"""Forms: places of the ledger that one and the same key opens, as their chains say (`Chain.forms`).

A form is another address, not another spelling: a history of one is no history of the other. But who can open one
can open both, so that a label of one speaks of the other, and a loss at one is a loss at the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.plugins.registry import Plugins

TABLE = pa.schema([("chain", pa.string()), ("form", pa.string()), ("address", pa.string())])

Forms = Mapping[tuple[str, str], tuple[str, ...]]
"""(chain, an address) -> the addresses of the ledger that the same key opens, itself left out."""


def asked(plugins: Plugins, chain: str) -> Callable[[str], tuple[str, ...]] | None:
    """How a chain is asked for other forms of an address; None for one that knows none."""
    found: Callable[[str], tuple[str, ...]] | None = getattr(plugins.chains.get(chain), "forms", None)
    return found


def table(plugins: Plugins, known: pa.Table, others: Iterable[tuple[str, str]]) -> pa.Table:
    """One row for each form of a place in `known` (chain, address), and of `others` for each that is known."""
    rows: set[tuple[str, str, str]] = set()
    wanted = list(others)
    for chain in known.column("chain").unique().to_pylist():
        forms = asked(plugins, chain)
        if forms is None:
            continue
        here = known.filter(pc.equal(known.column("chain"), chain)).column("address").to_pylist()
        rows.update((chain, form, address) for address in here for form in forms(address))
        names = set(here)
        for place, text in wanted:
            if place == chain:
                rows.update((chain, text, form) for form in forms(text) if form in names)
    return pa.Table.from_pylist([dict(zip(TABLE.names, row, strict=True)) for row in sorted(rows)], schema=TABLE)


def read(rows: pa.Table) -> Forms:
    """The rows of `table` as a map."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows.to_pylist():
        found.setdefault((row["chain"], row["form"]), []).append(row["address"])
    return {place: tuple(addresses) for place, addresses in found.items()}


def lost(case: Case, plugins: Plugins) -> list[tuple[str, str]]:
    """The addresses of losses that their chain knows further forms of."""
    return sorted(
        {
            (loss.chain, loss.address)
            for loss in case.settings.losses
            if loss.address and (forms := asked(plugins, loss.chain)) and forms(loss.address)
        }
    )
