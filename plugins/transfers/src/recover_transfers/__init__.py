"""The project's own chain-neutral files: transfers, and prices."""

from recover.sdk import Source, plugin

__all__ = ["recover_sources"]


@plugin
def recover_sources() -> list[Source]:
    """The transfer file and the price file."""
    from recover_transfers.prices import Prices
    from recover_transfers.source import Transfers

    return [Transfers(), Prices()]
