"""Traced value that entered a mix: what went in, and how many ways out there are. None of them is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.evidence import Evidence, Place, Row, Slots
from recover.sdk import amounts, kinds

_SHOWN = 10


def made(evidence: Evidence) -> Iterator[Row]:
    """One finding `mix` for each transaction that took traced value and that a detector is sure of."""
    said = _said(evidence)
    if not said:
        return
    table = evidence.material.transfers
    names = pa.array(sorted({tx for _, tx in said}), pa.string())
    part = table.filter(pc.is_in(table["tx"], value_set=names))
    entered = _entered(evidence, part.filter(pc.equal(part["kind"], "input")))
    outputs: dict[Place, list[dict[str, Any]]] = {}
    for one in part.filter(pc.equal(part["kind"], "output")).to_pylist():
        if one["dst"]:
            outputs.setdefault((one["chain"], one["tx"]), []).append(one)
    # A mix is a stop: no rule says which way out is whose without further evidence. So the ways are counted, and
    # the number is itself the finding.
    for mixed in sorted(set(entered) & set(said), key=lambda place: (min(entered[place][1]), place)):
        amount, _, inputs = entered[mixed]
        row = said[mixed]
        mine = outputs.get(mixed, [])
        exits = _exits(row, mine)
        slots: Slots = {
            "asset": mine[0]["asset"] if mine else None,
            "amount": amount,
            "class": row["label"],
            "inputs": inputs,
            "outputs": len(mine),
            "candidates": len(exits),
            "exits": tuple(exits[:_SHOWN]),
            "method": f"{row['method']} {row['version']}",
            "note": row["note"],
        }
        exhibits = tuple(sorted({one["exhibit"] for one in mine}))
        yield "mix", mixed[1], row["grade"], slots, exhibits


def _said(evidence: Evidence) -> dict[Place, Mapping[str, Any]]:
    """Transaction -> the surest detector's assertion."""
    asserted = evidence.asserted
    # One shape can also be an ordinary batch payment: what is only possible blocks merging, and is never said of
    # value.
    sure = pc.and_(pc.equal(asserted["kind"], "mix"), pc.equal(asserted["role"], "definite"))
    found: dict[Place, Mapping[str, Any]] = {}
    for row in sorted(asserted.filter(sure).to_pylist(), key=lambda r: (r["grade"], r["label"])):
        for tx in row["transactions"]:
            found.setdefault((row["chain"], tx), row)
    return found


def _entered(evidence: Evidence, inputs: pa.Table) -> dict[Place, tuple[int, list[int], int]]:
    """Mix -> what of all losses came in, the ledger rows that brought it, and how many inputs it has."""
    ended = evidence.flows.filter(pc.equal(evidence.flows["event"], "end"))
    carried: dict[int, int] = {}
    for seq, amount in zip(ended["seq"].to_pylist(), amounts.exact(ended), strict=True):
        carried[seq] = carried.get(seq, 0) + amount
    order = np.array(sorted(carried), np.int64)
    brought = evidence.material.transfers.select(["seq", "chain", "tx", "leg"]).take(pa.array(order)).to_pylist()
    coins = {(row["chain"], row["tx"], row["leg"]): row["seq"] for row in brought}
    found: dict[Place, tuple[int, list[int], int]] = {}
    for row in inputs.select(["chain", "tx", "spends_tx", "spends_index"]).to_pylist():
        mixed = (row["chain"], row["tx"])
        amount, seqs, count = found.get(mixed, (0, [], 0))
        coin = coins.get((row["chain"], row["spends_tx"], row["spends_index"]))
        if coin is not None:
            amount, seqs = amount + carried[coin], [*seqs, coin]
        found[mixed] = (amount, seqs, count + 1)
    return {mixed: entry for mixed, entry in found.items() if entry[0]}


def _exits(row: Mapping[str, Any], outputs: list[dict[str, Any]]) -> list[str]:
    """Where the value may have gone on: the outputs of the mix's denomination, or all where it has none."""
    denomination = kinds.read(kinds.Mix, row["params"]).denomination
    same = [one["dst"] for one in outputs if denomination is not None and one["amount"] == denomination]
    return same or [one["dst"] for one in outputs]
