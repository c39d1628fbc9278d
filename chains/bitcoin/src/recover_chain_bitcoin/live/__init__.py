"""Live sources: a node of one's own, an Electrum server, an Esplora server. They ask through the recorder only."""

from __future__ import annotations

from recover.sdk import Source


def sources() -> list[Source]:
    """The three, in the order in which they are worth asking."""
    from recover_chain_bitcoin.live.core import Core
    from recover_chain_bitcoin.live.electrum import Electrum
    from recover_chain_bitcoin.live.esplora import Esplora

    return [Core(), Electrum(), Esplora()]
