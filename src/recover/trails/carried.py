"""Carried: the movements that carried a loss, as the stored flows have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recover.ledger.numbered import Numbered
from recover.sdk import amounts
from recover.trails.trail import Trail

Figures = Mapping[tuple[int, str, str], int]
"""(seq, loss, event) -> amount: the stored flows."""


def stored_figures(flows: pa.Table) -> Figures:
    keys = zip(*(flows.column(name).to_pylist() for name in ("seq", "loss", "event")), strict=True)
    return dict(zip(keys, amounts.exact(flows), strict=True))


def carried_of(figures: Figures, seq: int, loss: str) -> int:
    """What one movement carried of a loss, by whatever ways."""
    return figures.get((seq, loss, "start"), 0) + figures.get((seq, loss, "move"), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One movement that carried the loss: `began` became proceeds by it. `dst` is the pool that it filled: an
    address, or on a coin chain a transaction. `payer` and `receiver` are addresses."""

    move: int
    seq: int
    dst: str | None
    began: int
    payer: str | None
    receiver: str | None


def edges(trail: Trail, ledger: Numbered, figures: Figures, loss: str) -> list[Edge]:
    """The movements that carried the loss, in the trail's order."""
    seqs = {seq for seq, who, event in figures if who == loss and event != "end"}
    carried = np.flatnonzero(np.isin(trail.seqs, np.array(sorted(seqs), np.int64)))
    table = ledger.table.select(["dst"]).take(pa.array(trail.seqs[carried]))
    found = []
    for move, receiver in zip(carried.tolist(), table.column("dst").to_pylist(), strict=True):
        seq, payer = int(trail.seqs[move]), trail.payer(move)
        found.append(
            Edge(
                move=move,
                seq=seq,
                dst=trail.ends(move)[1],
                began=figures.get((seq, loss, "start"), 0),
                payer=ledger.names[payer] if payer >= 0 else None,
                receiver=receiver,
            )
        )
    return found
