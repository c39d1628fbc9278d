"""Requests per traced address on the staged EVM case: in batches, a block a batch, and as single calls would be.

python benchmarks/evm_requests.py        needs anvil: make nodes
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass

from recover.sdk import Address, History
from recover_chain_evm.live.bundles import BLOCKS
from recover_chain_evm.live.source import NodeRpc
from recover_chain_evm.testing import anvil, scenario
from recover_chain_evm.testing.tape import Tape
from recover_chain_evm.testing.truth import Staged

TRACED = (
    *("first", "mule1", "mule2", "mule3", "mule4", "mule5", "account1", "account2", "second", "iced", "burned"),
    *("forwarder1", "forwarder2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of all traced addresses: HTTP requests, calls inside them, bytes received, seconds."""

    requests: int
    calls: int
    size: int
    seconds: float


def main() -> int:
    if anvil.program() is None:
        print("anvil is not here (make nodes): nothing measured")
        return 0
    with anvil.node() as node:
        staged = scenario.play(node)
        collect(node, staged, BLOCKS)  # web3's import is not what is measured
        for name, blocks in ((f"{BLOCKS} blocks a batch", BLOCKS), ("a block a batch", 1)):
            show(name, collect(node, staged, blocks))
    return 0


def collect(node: anvil.Anvil, staged: Staged, blocks: int) -> Figures:
    source, tape, began = NodeRpc(blocks=blocks), Tape(endpoint=node.url), time.monotonic()
    for who in TRACED:
        ask = History(address=Address(chain="eip155:1", text=staged.names[who]))
        for _ in source.collect(ask, tape):
            pass
    return Figures(
        requests=len(tape.exchanges),
        calls=sum(len(json.loads(request.body)) for request, _, _ in tape.exchanges),
        size=sum(len(body) for _, _, body in tape.exchanges),
        seconds=time.monotonic() - began,
    )


def show(name: str, found: Figures) -> None:
    each = len(TRACED)
    print(
        f"{name}: {found.requests / each:.1f} requests an address ({found.calls / each:.1f} calls in them), "
        f"{found.size / each / 1024:.0f} KiB, {found.seconds / each * 1000:.0f} ms with decoding; {each} addresses"
    )


if __name__ == "__main__":
    sys.exit(main())
