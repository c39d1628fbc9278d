"""Which gaps a reader must know of first: those that traced value met, before those that it did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import instead, lacks
from recover.sdk import View
from recover.trails.inpart import PARTIAL
from recover.trails.missing import ASKED
from recover.trails.unread import HELD, LATE, OPENING

_TRACED = (
    "loss-not-found",
    "loss-failed",
    "loss-is-change",
    "history-not-collected",
    "spent-unfollowed",
    "contradiction",
    "order-contradicted",
    OPENING,
    HELD,
    PARTIAL,
    LATE,
    *("crossing-open", "crossing-uneven", "crossing-replayed", "crossing-elsewhere"),
    *("crossing-early", "crossing-failed", "crossing-version", "crossing-unlisted", "crossing-disputed"),
    *("crossing-dust", "crossing-unshown", "crossing-recipient", "crossing-unlike", "crossing-twin"),
    *("crossing-untimed", "crossing-ahead"),
    "swap-uneven",
    "swap-unasserted",
    "losses-overlap",
    *("election-shared", "election-spent", "election-takes-nothing"),
)
"""Codes that say where a trace itself fell short, the worst first; a contradiction does where the trace met it."""

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Gaps of one code, of which traced value met `met`; what `gap` says is said of one of those, where any is."""

    gap: lacks.Missing
    met: int


def ranked(view: View) -> tuple[Limit, ...]:
    """All gaps by code: those that concern most traced value, those that it met, then the others by number."""
    if "gaps" not in view.tables:
        return ()
    rows = lacks.gap_rows(view)
    met = _met(view, sorted({row["subject"] for row in rows}))
    still = frozenset(subject for subject in met if _bare(view, subject) in instead.still(view))
    listed: dict[str, list[_Row]] = {}
    for row in rows:
        listed.setdefault(row["code"], []).append(row)
    # What exhibits leave open, and no figure hangs on, limits nothing.
    here = {code: met - still if code in ASKED else met for code in listed}
    return tuple(sorted((_limit(code, mine, here[code]) for code, mine in listed.items()), key=_rank))


def _limit(code: str, rows: Sequence[_Row], met: frozenset[str]) -> Limit:
    # A contradiction can lie anywhere in the exhibits, and limits a figure only where traced value met it.
    own = code in _TRACED and code != "contradiction"
    mine = [row for row in rows if own or row["subject"] in met]
    return Limit(gap=lacks.missing(code, mine or rows, len(rows)), met=len(mine))


def _rank(limit: Limit) -> tuple[int, int, str]:
    """By money where the gaps say how much they concern; else by whether the trace itself met them."""
    code = limit.gap.code
    if limit.gap.share:
        return -1, -limit.gap.share, code
    # By kind, not by number: one transaction of a loss that is missing outweighs thousands of unread transfers.
    if limit.met and code in _TRACED:
        return 0, _TRACED.index(code), code
    return (1, -limit.met, code) if limit.met else (2, -limit.gap.count, code)


def _met(view: View, subjects: Sequence[str]) -> frozenset[str]:
    """Which subjects (addresses, assets, transactions, their chain before them or not) traced value met.

    A transaction that is not followed counts where it pays out of, or into, an address that held traced value.
    """
    if not {"flows", "transfers"} <= set(view.tables):
        return frozenset()
    spelt = {subject: _bare(view, subject) for subject in subjects}
    wanted = pa.array(sorted({*spelt.values()}), pa.string())
    moved = view.tables["transfers"]().select(["tx", "src", "dst", "asset"])
    carried = moved.take(view.tables["flows"]().column("seq").unique())
    places = pa.concat_arrays([carried.column(side).combine_chunks() for side in ("src", "dst")]).unique()
    paid = moved.filter(
        pc.and_(
            pc.is_in(moved.column("tx"), value_set=wanted),
            pc.or_(*(pc.is_in(moved.column(side), value_set=places.drop_null()) for side in ("src", "dst"))),
        )
    )
    known = [places, *(carried.column(name).unique() for name in ("tx", "asset")), paid.column("tx").unique()]
    here = {text for array in known for text in array.drop_null().to_pylist()}
    return frozenset(subject for subject, text in spelt.items() if text in here)


def _bare(view: View, subject: str) -> str:
    """A subject without the chain that may stand before it; an asset's id keeps it."""
    chains = {asset.split("/", 1)[0] for asset in view.assets}
    head, _, tail = subject.rpartition(":")
    return tail if head in chains else subject
