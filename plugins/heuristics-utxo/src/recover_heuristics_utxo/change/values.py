"""Change by value: the transaction's own amounts and nothing else."""

from __future__ import annotations

from recover_heuristics_utxo.change.ground import Ground
from recover_heuristics_utxo.change.rule import Rule, Terms
from recover_heuristics_utxo.segments import Mask

_BLOCKSCI = "H. Kalodner et al., BlockSci, USENIX Security 2020"
_MN = "M. Moeser, A. Narayanan, Resurrecting Address Clustering in Bitcoin, FC 2022"


def optimal(base: Ground, terms: Terms) -> Mask:
    """Smaller than the smallest input; with one input every output is, so two are needed."""
    limit = base.smallest * (base.coins.inputs.count >= 2)
    found: Mask = base.coins.outputs.value < limit[base.owner]
    return found


def optimal_fee(base: Ground, terms: Terms) -> Mask:
    """Smaller than the smallest input less the fee; two inputs are needed."""
    limit = (base.smallest - base.fee) * (base.coins.inputs.count >= 2) * (base.fee >= 0)
    found: Mask = base.coins.outputs.value < limit[base.owner]
    return found


def power_of_ten(base: Ground, terms: Terms) -> Mask:
    """Not divisible by 10^digits: people pay round amounts."""
    found: Mask = base.coins.outputs.value % 10 ** terms["digits"] != 0
    return found


RULES = (
    Rule(
        id="change-optimal",
        title="Change is smaller than the smallest input",
        family="value",
        find=optimal,
        citation=_BLOCKSCI,
        fails=("a wallet that consolidates adds inputs it does not need",),
    ),
    Rule(
        id="change-optimal-fee",
        title="Change is smaller than the smallest input less the fee",
        family="value",
        find=optimal_fee,
        citation=_MN,
        fails=("a wallet that consolidates adds inputs it does not need",),
    ),
    Rule(
        id="change-power-of-ten",
        title="Change is not a round amount",
        family="value",
        find=power_of_ten,
        citation=f"{_BLOCKSCI}; {_MN}",
        fails=("payments priced in another currency are not round", "change can be round by chance"),
        parameters={"digits": (6, "decimal digits: an amount divisible by 10 to this power is round")},
    ),
)
