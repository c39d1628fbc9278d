"""Every protocol is held to the kit, on a crossing of our own making."""

from __future__ import annotations

from plugins.bridges.tests.common import BY, ETH, A, U, erc20
from plugins.bridges.tests.made import book, pay, who
from plugins.bridges.tests.scenes import SCENES

from recover.sdk import Ledger
from recover.testing import HeuristicKit
from recover_bridges.across import Across
from recover_bridges.cctp import Cctp
from recover_bridges.celer import Celer
from recover_bridges.debridge import DeBridge
from recover_bridges.every import protocols
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


def made(protocol: str) -> Ledger:
    out, into = SCENES[protocol]
    return book(*out, *into)


def test_every_protocol_has_a_scene_and_one_heuristic() -> None:
    assert sorted(SCENES) == sorted(each.protocol for each in protocols())
    assert len({each.info.id for each in protocols()}) == len(protocols())


class TestAcross(HeuristicKit):
    heuristic = Across()
    evidence = made("across")


class TestCctpFirst(HeuristicKit):
    heuristic = Cctp(0)
    evidence = made("cctp-v1")


class TestCctpSecond(HeuristicKit):
    heuristic = Cctp(1)
    evidence = made("cctp-v2")


class TestHop(HeuristicKit):
    heuristic = Hop()
    evidence = made("hop")


class TestOpStack(HeuristicKit):
    heuristic = OpStack()
    evidence = made("op-stack")


class TestArbitrum(HeuristicKit):
    heuristic = Arbitrum()
    evidence = made("arbitrum")


class TestScroll(HeuristicKit):
    heuristic = Scroll()
    evidence = made("scroll")


class TestGnosis(HeuristicKit):
    heuristic = Gnosis()
    evidence = made("gnosis")


class TestPolygon(HeuristicKit):
    heuristic = Polygon()
    evidence = made("polygon")


class TestRonin(HeuristicKit):
    heuristic = Ronin()
    evidence = made("ronin")


class TestLayerZero(HeuristicKit):
    heuristic = LayerZero()
    evidence = made("layerzero-v2")


class TestStargate(HeuristicKit):
    heuristic = Stargate()
    evidence = made("stargate-v1")


class TestWormhole(HeuristicKit):
    heuristic = Wormhole()
    evidence = made("wormhole")


class TestDeBridge(HeuristicKit):
    heuristic = DeBridge()
    evidence = made("debridge")


class TestRelay(HeuristicKit):
    heuristic = Relay()
    evidence = made("relay")


class TestMayan(HeuristicKit):
    heuristic = Mayan()
    evidence = made("mayan")


class TestThorChain(HeuristicKit):
    heuristic = ThorChain()
    evidence = made("thorchain")


class TestCeler(HeuristicKit):
    heuristic = Celer()
    evidence = made("celer")


class TestPoly(HeuristicKit):
    heuristic = Poly()
    evidence = made("poly")


class TestNomad(HeuristicKit):
    heuristic = Nomad()
    evidence = made("nomad")


class TestKnown(HeuristicKit):
    heuristic = Known(protocols)
    evidence = book(
        pay(ETH, A, U, "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2", erc20(ETH, who("3")), 5, facts=BY)
    )
