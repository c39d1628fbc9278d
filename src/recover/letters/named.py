"""What the ledger has on identifiers that a sender names: their chain, and when they were seen to move value.

Whoever is asked whether an address is theirs looks it up by chain and day.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import extent, unmoving
from recover.report.identifiers import Row
from recover.report.texts import moment
from recover.sdk import View


def seen(view: View, about: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    """(chain by name, first moment, last moment) of each identifier; empty texts where no exhibit shows it.

    An address of several chains has each of them, and the moments over all.
    """
    if "transfers" not in view.tables:
        return tuple(("", "", "") for _ in about)
    moved = view.tables["transfers"]()
    return tuple(_seen(view, moved, one) for one in about)


def rows(view: View, about: Sequence[str]) -> list[Row]:
    """Each as a row of the tables of a letter."""
    return [unmoving.named(one, chain) for one, (chain, _, _) in zip(about, seen(view, about), strict=True)]


def _seen(view: View, moved: pa.Table, text: str) -> tuple[str, str, str]:
    sides = [pc.fill_null(pc.equal(moved.column(name), text), False) for name in ("src", "dst", "tx")]
    here = moved.filter(pc.or_(pc.or_(sides[0], sides[1]), sides[2])).select(["chain", "time"])
    if not here.num_rows:
        return "", "", ""
    span = pc.min_max(here.column("time"))
    first, last = span["min"].as_py(), span["max"].as_py()
    chains = ", ".join(extent.chain(view, name) for name in sorted(set(here.column("chain").to_pylist())))
    return chains, moment(first) if first else "", moment(last) if last else ""
