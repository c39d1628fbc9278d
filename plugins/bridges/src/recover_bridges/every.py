"""Every protocol, in one place: what is registered, and what wrappers are resolved to."""

from __future__ import annotations

from recover.sdk import Heuristic
from recover_bridges.across import Across
from recover_bridges.bridge import Bridge
from recover_bridges.cctp import Cctp
from recover_bridges.celer import Celer
from recover_bridges.debridge import DeBridge
from recover_bridges.hop import Hop
from recover_bridges.known import Known
from recover_bridges.layerzero import LayerZero
from recover_bridges.layerzero.stargate import Stargate
from recover_bridges.mayan import Mayan
from recover_bridges.native.arbitrum import Arbitrum
from recover_bridges.native.gnosis import Gnosis
from recover_bridges.native.opstack import OpStack
from recover_bridges.native.polygon import Polygon
from recover_bridges.native.scroll import Scroll
from recover_bridges.nomad import Nomad
from recover_bridges.poly import Poly
from recover_bridges.relay import Relay
from recover_bridges.ronin import Ronin
from recover_bridges.thorchain import ThorChain
from recover_bridges.wormhole import Wormhole


def protocols() -> tuple[Bridge, ...]:
    """Those whose two sides are joined."""
    return (
        *(Across(), Cctp(0), Cctp(1), Hop()),
        *(OpStack(), Arbitrum(), Scroll(), Gnosis(), Polygon(), Ronin()),
        *(LayerZero(), Stargate(), Wormhole(), DeBridge(), Relay(), Mayan(), ThorChain()),
        *(Celer(), Poly(), Nomad()),
    )


def every() -> tuple[Heuristic, ...]:
    """They, and the known ones that are only named."""
    return (*protocols(), Known(protocols))
