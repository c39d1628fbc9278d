"""Answers of XRP Ledger servers, saved as files or asked live."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_chain_xrpl.assets import CHAIN
from recover_chain_xrpl.collect import collect
from recover_chain_xrpl.decode import decode

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
# What only these answers hold, each with what must stand beside it.
_SIGNS = (
    (b'"AffectedNodes"', b'"TransactionResult"'),
    (b'"TransactionType"', b'"SigningPubKey"'),
    (b'"ledger_index_min"', b'"transactions"'),
    (b'"ledger_hash"', b'"transaction_hash"'),
    (b'"account_data"', b'"AccountRoot"'),
    (b'"lines"', b'"limit_peer"'),
    (b'"node"', b'"LedgerEntryType"'),
)


class XrplServer:
    """`rippled`, `xrpld` and Clio, in both API versions, over JSON-RPC and WebSocket."""

    info = SourceInfo(
        id="xrpl-server",
        version="1",
        title="XRP Ledger server",
        chains=(CHAIN,),
        place="item",
        media="JSON answers of tx, account_tx, ledger, account_info, account_lines and ledger_entry",
        terms="The ledger is public. Public servers are for light use; a server of one's own has no such limit.",
        asks=("History", "Details", "Status"),
        limits="A server answers for the ledgers that it holds: only one with full history shows a whole account.",
        endpoint="https://s2.ripple.com:51234/",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return bool(_JSON.match(head)) and any(all(sign in head for sign in signs) for signs in _SIGNS)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        yield from collect(ask, recorder)

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        yield from decode(exhibit)
