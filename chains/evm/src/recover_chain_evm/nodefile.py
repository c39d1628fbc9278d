"""The source that reads a node's answers from files: JSON-RPC responses saved as they came."""

from __future__ import annotations

from collections.abc import Iterator

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_chain_evm import answers, assumed, foreign, networks, printed, rpc, saved

_KEYS = (b'"stateRoot"', b'"logsBloom"', b'"blockHash"', b'"traceAddress"', b'"callType"', b'"accountProof"')
_BARE = (b'"logsBloom"', b'"transactionHash"', b'"cumulativeGasUsed"')
"""What a receipt has that was saved by itself, without the answer around it."""
_OURS = (*_KEYS, b'"transactionHash"', b'"gasUsed"', b'"txHash"', b'"gasPrice"', b'"maxFeePerGas"')
"""The last two: a transaction in no block, from a node that leaves the block's fields out."""


class NodeFile:
    """Responses to `eth_`, `debug_`, `trace_` and `ots_` requests, single or batch. `place` counts their items.

    Of which chain they are is shown by `eth_chainId` or by a transaction; without either, Ethereum.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="evm-rpc-file",
            version="1",
            title="JSON-RPC responses of an EVM node, from files",
            chains=networks.ids(),
            place="item",
            media="JSON, a JSON-RPC response of an EVM node",
            terms="those of whoever ran the node; the facts are the chain's",
            limits="A trace that does not name its transaction cannot be used; without a chain id it is taken to "
            "be of Ethereum.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if printed.begins(head):
            return True
        start = head.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
        if start not in (b"{", b"[") or saved.begins(head):
            return False
        if b'"result"' not in head and not all(key in head for key in _BARE):
            return False
        return any(key in head for key in _OURS) and not foreign.is_answer(head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises NotRecognised for other JSON, Error for a refusal and naming up to 20 unreadable items."""
        if foreign.is_answer(exhibit.data):
            raise foreign.refused(exhibit.name)
        found, refusals = answers.read(printed.plain(exhibit))
        number = rpc.shown_chain(found, exhibit.name)
        network, taken = assumed.network(exhibit, number)
        yield rpc.batch(network, found, refusals, exhibit.name, exhibit.topics)
        if taken:
            yield Batch.of(*taken)
