"""A double of an XRP Ledger server on loopback: it answers over HTTP JSON-RPC from hand-made transactions.

It is no `rippled`: it knows account_tx (pages by marker), tx, account_info, account_lines and ledger_entry, in API
version 2, and refuses what it does not have with the words and the status 200 that real servers use.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from recover_chain_xrpl.reading import Json
from recover_chain_xrpl.testing.made import Done, page, second


@dataclass(kw_only=True)
class Double:
    """What the server knows, and what it was asked. `limit` is how many transactions it gives on one page."""

    given: Sequence[Done] = ()
    coins: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    nodes: Mapping[str, Json] = field(default_factory=dict)
    tip: int = 90_000_900
    limit: int = 200
    busy: int = 0
    asked: list[Json] = field(default_factory=list)

    def answer(self, request: Json) -> dict[str, Any]:
        """The result for one request."""
        params = (request.get("params") or [{}])[0]
        self.asked.append({"method": request.get("method"), **params})
        if self.busy > 0:
            self.busy -= 1
            return {
                "error": "tooBusy",
                "error_message": "The server is too busy to help you now.",
                "error_code": 9,
            }
        known = {
            "account_tx": self._history,
            "tx": self._transaction,
            "account_info": self._account,
            "account_lines": self._lines,
            "ledger_entry": self._entry,
        }
        answer = known.get(str(request.get("method")))
        return {"error": "unknownCmd", "error_message": "Unknown method."} if answer is None else answer(params)

    def _history(self, params: Json) -> dict[str, Any]:
        who, forward = params["account"], params.get("forward", False)
        mine = [d for d in self.given if who in json.dumps([d.tx, d.meta]) and d.height <= self.tip]
        low, high = (params.get(name, -1) for name in ("ledger_index_min", "ledger_index_max"))
        mine = [d for d in mine if d.height >= low and high in (-1, max(high, d.height))]
        mine.sort(key=lambda d: (d.height, d.index), reverse=not forward)
        if "marker" in params:
            at = params["marker"]["ledger"], params["marker"]["seq"]
            mine = [d for d in mine if ((d.height, d.index) >= at if forward else (d.height, d.index) <= at)]
        size = min(self.limit, params.get("limit", 200))
        rest = mine[size:]
        more: dict[str, Any] = {"marker": {"ledger": rest[0].height, "seq": rest[0].index}} if rest else {}
        bounds = {
            "ledger_index_min": 32570 if low == -1 else low,
            "ledger_index_max": self.tip if high == -1 else high,
        }
        return page(who, mine[:size], **bounds, **more)

    def _transaction(self, params: Json) -> dict[str, Any]:
        for each in self.given:
            if each.id == params["transaction"]:
                return second(each)
        return {"error": "txnNotFound", "error_message": "Transaction not found.", "searched_all": False}

    def _account(self, params: Json) -> dict[str, Any]:
        who = params["account"]
        if who not in self.coins:
            return {"error": "actNotFound", "error_message": "Account not found.", "account": who}
        data = {"Account": who, "Balance": str(self.coins[who]), "LedgerEntryType": "AccountRoot"}
        return {"account_data": data, "ledger_index": self.tip, "validated": True}

    def _lines(self, params: Json) -> dict[str, Any]:
        who, peer = params["account"], params.get("peer")
        shown = [each for each in self.lines.get(who, ()) if peer in (None, each["account"])]
        return {"account": who, "lines": shown, "ledger_index": self.tip, "validated": True}

    def _entry(self, params: Json) -> dict[str, Any]:
        index = params.get("index") or json.dumps(params.get("mptoken"), sort_keys=True)
        if index not in self.nodes:
            return {"error": "entryNotFound", "error_message": "Requested ledger entry not found."}
        return {"index": index, "node": self.nodes[index], "ledger_index": self.tip, "validated": True}


@contextmanager
def serving(double: Double) -> Iterator[str]:
    """The double's address, while it serves."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            result = double.answer(request)
            status = "error" if "error" in result else "success"
            body = json.dumps({"result": {**result, "status": status}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
