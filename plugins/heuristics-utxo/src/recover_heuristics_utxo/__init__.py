"""Heuristics for coin-based chains: common inputs, change, peel chains, CoinJoins."""

from recover.sdk import Heuristic, plugin


@plugin
def recover_heuristics() -> list[Heuristic]:
    """The heuristics of this member. The modules are imported when asked for, so that start-up stays light."""
    from recover_heuristics_utxo.change.combined import Combined, single
    from recover_heuristics_utxo.deposits import DepositSweep
    from recover_heuristics_utxo.keys import SameKey
    from recover_heuristics_utxo.mixes.detectors import detectors
    from recover_heuristics_utxo.mixes.extension import ExtensionBlock
    from recover_heuristics_utxo.owners import CommonInput

    return [CommonInput(), SameKey(), DepositSweep(), *detectors(), ExtensionBlock(), Combined(), *single()]
