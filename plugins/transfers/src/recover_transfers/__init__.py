"""The project's own chain-neutral transfer file."""

from recover.sdk import Source, plugin

__all__ = ["recover_sources"]


@plugin
def recover_sources() -> list[Source]:
    """The transfer file."""
    from recover_transfers.source import Transfers

    return [Transfers()]
