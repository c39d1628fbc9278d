"""A node with block filters is asked first for the blocks from the one in which the money arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from recover.sdk import Address, Arrival, History
from recover.testing import rows
from recover_chain_bitcoin.live import sources
from recover_chain_bitcoin.testing import node
from recover_chain_bitcoin.testing.node import Node
from recover_chain_bitcoin.testing.scene import CHAIN
from recover_chain_bitcoin.testing.tape import Tape

pytestmark = pytest.mark.nodes
CORE = {source.info.id: source for source in sources()}["bitcoin-core"]


def _core(bitcoind: Node) -> Tape:
    return Tape(endpoint=bitcoind.endpoint, source="bitcoin-core", secrets={"bitcoin-rpc": bitcoind.secret})


def test_a_node_reads_first_from_the_block_of_arrival_and_claims_what_it_has_read(
    needed: None, tmp_path: Path
) -> None:
    with node.start(tmp_path) as bitcoind:
        _read(bitcoind)


def _read(bitcoind: Node) -> None:
    for name in ("payer", "payee"):
        bitcoind.wallet(name)
    bitcoind.fund("payer", coins=4)
    address = bitcoind.address("payee")
    before = bitcoind.pay("payer", address, "1")
    bitcoind.mine()
    bitcoind.mine()
    stolen = bitcoind.pay("payer", address, "2")
    bitcoind.mine()
    bitcoind.settle()
    height = bitcoind.rpc("getblockcount")
    ask = History(address=Address(chain=CHAIN, text=address), arrived=Arrival(height=height))
    tape = _core(bitcoind)
    found: list[tuple[set[str], list[int | None]]] = []
    shown: set[str] = set()
    for each in CORE.collect(ask, tape):
        told = rows(CORE.decode(each))
        shown |= {row["id"] for row in told["transactions"]}
        found += [(set(shown), [row["since_height"] for row in told["coverage"]])] if told["coverage"] else []
    assert found == [({stolen}, [height]), ({before, stolen}, [None])]
    whole = list(CORE.collect(History(address=ask.address), _core(bitcoind)))
    assert {row["id"] for each in whole for row in rows(CORE.decode(each))["transactions"]} == {before, stolen}
