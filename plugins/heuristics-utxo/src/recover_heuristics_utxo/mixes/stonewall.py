"""Stonewall-like transactions: one owner's decoy and two owners' Stonewallx2 look alike, so only possible."""

from __future__ import annotations

from recover_heuristics_utxo.mixes.shape import Shape, Verdict

LEAST = 5000


def judge(shape: Shape) -> Verdict | None:
    """Two or more inputs, three or four outputs on as many scripts, exactly one value twice (GraphSense-lib)."""
    outputs = len(shape.outputs)
    if len(shape.inputs) < 2 or outputs not in (3, 4) or len(set(shape.payees)) != outputs:
        return None
    if len(shape.repeated) != 1 or shape.repeated[0][1] != 2 or shape.repeated[0][0] < LEAST:
        return None
    return Verdict(
        tx=shape.tx,
        label="stonewall_like",
        role="possible",
        confidence=20,
        rules=("graphsense-stonewall",),
        denomination=shape.repeated[0][0],
        equal=2,
        least=2,
    )
