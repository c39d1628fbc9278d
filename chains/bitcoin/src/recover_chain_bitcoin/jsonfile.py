"""Saved answers of nodes and explorers as files: JSON of Bitcoin Core's family, and of Esplora."""

from __future__ import annotations

import json
from collections.abc import Iterator

from recover.sdk import Ask, Batch, Exhibit, NotRecognised, Recorder, SourceInfo
from recover_chain_bitcoin import corejson, esplora, networks, node
from recover_chain_bitcoin.node import Node
from recover_chain_bitcoin.wire import named

_MARK = b"\xef\xbb\xbf"


class CoreFile:
    """`getblock` at verbosity 1 to 3 and `getrawtransaction`, with or without the JSON-RPC answer around it.

    `place` is the number of the transaction in the block.
    """

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-core-json",
            version="1",
            title="Saved JSON of Bitcoin Core or Knots",
            chains=tuple(each.id for each in networks.every()),
            place="item",
            media="JSON of getblock (verbosity 1, 2, 3) or getrawtransaction (verbose)",
            terms="Public block data",
            limits="What inputs spend is shown at verbosity 3 only, and is the node's word.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not _object(head, b"{"):
            return False
        block = b'"merkleroot"' in head and b'"chainwork"' in head
        return block or (b'"scriptPubKey"' in head and b'"vout"' in head and b'"txid"' in head)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error for a refusal of the node, and for what is not as the node states it (see `corejson`)."""
        with named(exhibit.name):
            top = corejson.result(node.load(exhibit.data))
            yield corejson.batch(corejson.network_of(top), top)


class EsploraFile:
    """A transaction, a list of transactions or an address summary. `place` is the number in the list."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="bitcoin-esplora-json",
            version="1",
            title="Saved JSON of Esplora or mempool.space",
            chains=tuple(each.id for each in networks.every()),
            place="item",
            media="JSON of /tx/ID, /address/ADDRESS/txs, /block/HASH/txs or /address/ADDRESS",
            terms="Public block data; the server's terms of use",
            limits="What inputs spend is the server's word; a saved page claims no whole history.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        if not _object(head, b"{["):
            return False
        first = _first(head)
        if first is not None:
            return esplora.is_transaction(first) or esplora.is_summary(first)
        return b'"scriptpubkey"' in head and b'"vin"' in head and b'"locktime"' in head

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: it reads files."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 transactions that are not as the server states them (see `esplora`)."""
        with named(exhibit.name):
            top = node.load(exhibit.data)
            one = next(top.items(), top) if isinstance(top.value, list) else top
            if not (esplora.is_transaction(one) or esplora.is_summary(one)):
                raise NotRecognised(
                    "json-unknown",
                    "It is no transaction, list of transactions or address of Esplora.",
                    "It has not the members that Esplora gives.",
                    "Name the source that it came from with --as.",
                )
            yield esplora.batch(esplora.network_of(top), top)


def _object(head: bytes, openers: bytes) -> bool:
    return head.removeprefix(_MARK).lstrip(b" \t\r\n")[:1] in [bytes([each]) for each in openers]


def _first(head: bytes) -> Node | None:
    """The object, or the first of a list, if it is whole in what is shown."""
    text = head.removeprefix(_MARK).decode("utf-8", "ignore").lstrip(" \t\r\n[")
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return Node(value=value)
