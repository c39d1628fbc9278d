"""Stonewall-like transactions: a decoy of one owner, a Stonewallx2 and a JoinMarket round of two look alike.

So none is more than possible. A JoinMarket round of one taker and one maker pays two equal outputs and one or two
changes, which is this shape; the rules of `joinmarket` ask for three equal outputs, and do not see it.
"""

from __future__ import annotations

from recover_heuristics_utxo.mixes.shape import Shape, Verdict

LEAST = 5000
LABEL = "stonewall_like"
ALIKE = ("stonewall", "stonewallx2", "joinmarket of two")
"""What else has this shape, as `params` lists it."""

NOTE = (
    "A Stonewall, of one owner or of two, and a JoinMarket round of two parties all have this shape, and ordinary "
    "payments may: its inputs join no addresses, and it says nothing of anybody."
)


def judge(shape: Shape) -> Verdict | None:
    """Two or more inputs, three or four outputs on as many scripts, exactly one value twice (GraphSense-lib)."""
    outputs = len(shape.outputs)
    if len(shape.inputs) < 2 or outputs not in (3, 4) or len(set(shape.payees)) != outputs:
        return None
    if len(shape.repeated) != 1 or shape.repeated[0][1] != 2 or shape.repeated[0][0] < LEAST:
        return None
    return Verdict(
        tx=shape.tx,
        label=LABEL,
        role="possible",
        confidence=20,
        rules=("graphsense-stonewall",),
        denomination=shape.repeated[0][0],
        equal=2,
        least=2,
    )
