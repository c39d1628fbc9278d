"""The TRON chain: addresses, explorer exports and TronGrid-shaped JSON."""

from recover.sdk import Chain, Source, plugin

__all__ = ["recover_chains", "recover_sources"]


@plugin
def recover_chains() -> list[Chain]:
    """TRON mainnet."""
    from recover_chain_tron.chain import Tron

    return [Tron()]


@plugin
def recover_sources() -> list[Source]:
    """Explorer exports, as transfers and as tags, TronGrid, full nodes, TRONSCAN, and event logs of blocks."""
    from recover_chain_tron.coins import Coins
    from recover_chain_tron.explorer import Transfers
    from recover_chain_tron.logs import Logs
    from recover_chain_tron.node import Node
    from recover_chain_tron.tags import Tags
    from recover_chain_tron.trongrid import Grid, TronGrid
    from recover_chain_tron.tronscan import Api, Export

    return [Transfers(), Tags(), TronGrid(), Coins(), Api(), Export(), Logs(), Node(), Grid()]
