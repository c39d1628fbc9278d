"""A Bitcoin Core or Knots node of one's own, by JSON-RPC and REST, with or without its indexes.

Sources: Bitcoin Core 29 RPC documentation; `doc/REST-interface.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recover.sdk import Ask, Batch, Details, Exhibit, History, Recorder, SourceInfo, Spend, Status
from recover_chain_bitcoin import networks
from recover_chain_bitcoin.live import answered
from recover_chain_bitcoin.live.asking import Asking
from recover_chain_bitcoin.live.scan import history, spend

CHAINS: Final = tuple(
    each.id
    for each in networks.every()
    if each.segwit and each.work == "sha256d" and each.id == f"bip122:{each.genesis[:32]}"
)
"""Networks whose nodes speak this interface, and which their genesis block alone tells apart."""


class Core:
    """Transactions with their proofs, histories, spends and balances. `place` is the call's number in its batch.

    Ids are recomputed from bytes; what inputs spend comes from the transactions that made it, where the node keeps
    txindex, else from the node's word, with a gap that says so. A history is claimed whole only at the end, after
    every block that the node's filters name was read, and only if the chain still holds the tip of the beginning.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-core",
            version="1",
            title="Bitcoin Core or Knots: a node of one's own",
            chains=CHAINS,
            place="item",
            media="JSON, answers of a node to a batch of questions; raw blocks of its REST interface",
            terms="A node of one's own: no terms but the law's",
            asks=("History", "Details", "Spend", "Status"),
            patience=600,  # a scan of all unspent outputs takes minutes
            limits="Details and Spend need txindex=1, a History blockfilterindex=1 (else it is in part, and says "
            "so). A pruned node cannot show what it dropped. Histories are of confirmed transactions.",
            primary=False,
            secrets=("bitcoin-rpc",),
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not name.startswith(("http://", "https://")):
            return False
        return answered.is_block(name) or (head.lstrip()[:1] == b"[" and b'"jsonrpc"' in head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Raises Error when the node refuses, lies, is behind, is on another network or has dropped the blocks."""
        chain = ask.chain
        if chain not in CHAINS:
            return
        asking = Asking(recorder=recorder, network=networks.of(chain))
        if isinstance(ask, Details):
            asking.details(ask.tx.text)
        elif isinstance(ask, Spend):
            spend(asking, ask.tx.text, ask.index)
        elif isinstance(ask, Status) and ask.asset in (None, asking.network.native.id):
            asking.balance(ask.address.text)
        elif isinstance(ask, History) and ask.asset in (None, asking.network.native.id):
            arrived = 0 if ask.arrived is None or ask.since or ask.until else ask.arrived.height or 0
            history(asking, ask.address.text, arrived)
        yield from asking.taken

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error where the answer is none to what was asked, or where a recomputed id differs."""
        yield from answered.decode(exhibit)
