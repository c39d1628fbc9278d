"""Equal outputs without a service's marks: BlockSci's `is_coinjoin`, and the margin band around it.

Both are `possible` here: an ordinary batch payment of equal amounts has the same shape, so it blocks a merge and
calls nobody a user of a mixer.
"""

from __future__ import annotations

from recover_heuristics_utxo.mixes.shape import Shape, Verdict

DUST = 546
MARKERS = (546, 2730)


def blocksci(shape: Shape) -> bool:
    """BlockSci `is_coinjoin`: half of the outputs, rounded up, have one value, and as many input addresses pay."""
    inputs, outputs = len(shape.inputs), len(shape.outputs)
    parties = (outputs + 1) // 2
    if inputs < 2 or outputs < 3 or parties > inputs or parties > len(set(shape.payers)):
        return False
    if not shape.repeated:
        return False
    value, count = shape.repeated[0]
    return count == parties and value not in MARKERS


def margin(shape: Shape) -> bool:
    """Two equal outputs to two addresses that pay nothing in, and two sets of payers that could each fund one."""
    payers = set(shape.payers)
    if len(payers) < 2 or len(shape.outputs) < 3:
        return False
    return any(
        value > DUST and len(set(shape.equal(value)) - payers) >= 2 and _two(shape, value)
        for value, _ in shape.repeated
    )


def _two(shape: Shape, value: int) -> bool:
    """Whether two sets of payers may each hold `value`; where a value is not shown, they may."""
    if not shape.known:
        return True
    held: dict[int, int] = {}
    for payer, amount in zip(shape.payers, shape.inputs, strict=True):
        held[payer] = held.get(payer, 0) + amount
    whole, largest = sum(held.values()), max(held.values())
    return whole - largest >= value if largest >= value else whole >= 2 * value


def judge(shape: Shape) -> Verdict | None:
    """A verdict of class `generic` or `possible`."""
    if blocksci(shape):
        label, confidence, rule, value = "generic", 40, "blocksci-is-coinjoin", shape.repeated[0][0]
    elif margin(shape):
        fitting = [v for v, _ in shape.repeated if v > DUST and len(set(shape.equal(v)) - set(shape.payers)) >= 2]
        label, confidence, rule, value = "possible", 10, "blocksci-is-possible-coinjoin", fitting[0]
    else:
        return None
    paid = shape.equal(value)
    return Verdict(
        tx=shape.tx,
        label=label,
        role="possible",
        confidence=confidence,
        rules=(rule,),
        denomination=value,
        equal=len(paid),
        least=len(set(paid)),
    )
