"""Answers as servers give them, made by hand: a few entries before and after say what a transaction did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from recover_chain_xrpl.addresses import classic, raw
from recover_chain_xrpl.reading import Json

# The ledger stamps its closes in seconds since the year 2000.
_BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
_NEUTRAL = "rrrrrrrrrrrrrrrrrrrrBZbvji"  # ACCOUNT_ONE, which stands in for the issuer in a trust line's balance


def account(name: str) -> str:
    """An invented account, the same for one name: nobody has its key."""
    return classic(sha256(name.encode()).digest()[:20])


def number(name: str) -> str:
    """64 digits for a transaction, a ledger or an entry, the same for one name."""
    return sha256(name.encode()).hexdigest().upper()


def money(currency: str, issuer: str, value: str) -> dict[str, str]:
    """An issued amount."""
    return {"currency": currency, "issuer": issuer, "value": value}


def node(how: str, kind: str, index: str, **fields: Any) -> dict[str, Any]:
    """An affected node: `how` is Created, Modified or Deleted, `fields` FinalFields and the like."""
    return {f"{how}Node": {"LedgerEntryType": kind, "LedgerIndex": index, **fields}}


def root(who: str, before: int | None, after: int | None, **more: Any) -> dict[str, Any]:
    """An account's coins in drops before (none: it did not exist) and after (none: it was deleted)."""
    index = number(f"root {who}")
    if before is None:
        return node("Created", "AccountRoot", index, NewFields={"Account": who, "Balance": str(after), **more})
    final = {"Account": who, "Balance": str(after or 0), **more}
    how = "Modified" if after is not None else "Deleted"
    changed = {"Balance": str(before)} if before != (after or 0) else {}
    return node(how, "AccountRoot", index, FinalFields=final, PreviousFields=changed)


def line(who: str, currency: str, issuer: str, before: str | None, after: str) -> dict[str, Any]:
    """What `who` holds of a currency of `issuer`, before (none: there was no line) and after.

    Below zero, it is `issuer` who holds what `who` issued.
    """
    low, high = sorted((who, issuer), key=raw)

    def balance(value: str) -> dict[str, str]:
        other = value.removeprefix("-") if value.startswith("-") or value == "0" else f"-{value}"
        return money(currency, _NEUTRAL, value if who == low else other)

    said = {
        "Balance": balance(after),
        "LowLimit": money(currency, low, "0"),
        "HighLimit": money(currency, high, "0"),
    }
    index = number(f"line {low} {high} {currency}")
    if before is None:
        return node("Created", "RippleState", index, NewFields=said)
    return node("Modified", "RippleState", index, FinalFields=said, PreviousFields={"Balance": balance(before)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One transaction, and what it did. `minute` counts from 2026-01-01, `height` and `index` are its place."""

    kind: str
    account: str
    nodes: Sequence[Json]
    fields: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    fee: int = 10
    outcome: str = "tesSUCCESS"
    delivered: Any = None
    height: int = 90_000_000
    index: int = 0
    minute: int = 0
    validated: bool = True

    @property
    def id(self) -> str:
        return number(self.name or f"{self.kind} {self.account} {self.height} {self.index}")

    @property
    def time(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=self.minute)

    @property
    def tx(self) -> dict[str, Any]:
        said = {"TransactionType": self.kind, "Account": self.account, "Fee": str(self.fee), "Sequence": 1}
        return {**said, "SigningPubKey": "", **self.fields}

    @property
    def meta(self) -> dict[str, Any]:
        said = {
            "AffectedNodes": list(self.nodes),
            "TransactionIndex": self.index,
            "TransactionResult": self.outcome,
        }
        return said if self.delivered is None else {**said, "delivered_amount": self.delivered}


def first(done: Done) -> dict[str, Any]:
    """A transaction as `tx` gives it in API version 1: its fields beside everything else."""
    seconds = int((done.time - _BEGAN).total_seconds())
    around = {"date": seconds, "ledger_index": done.height, "inLedger": done.height, "validated": done.validated}
    return {**done.tx, "hash": done.id, "meta": done.meta, **around}


def second(done: Done) -> dict[str, Any]:
    """A transaction as API version 2 gives it: its fields in `tx_json`."""
    iso = done.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    around = {"hash": done.id, "ledger_index": done.height, "ledger_hash": number(f"ledger {done.height}")}
    return {**around, "tx_json": done.tx, "meta": done.meta, "close_time_iso": iso, "validated": done.validated}


def listed(done: Done, version: int) -> dict[str, Any]:
    """A transaction as `account_tx` lists it."""
    if version == 2:
        return second(done)
    flat = first(done)
    meta, validated = flat.pop("meta"), flat.pop("validated")
    return {"meta": meta, "tx": flat, "validated": validated}


def page(who: str, given: Sequence[Done], *, version: int = 2, **around: Any) -> dict[str, Any]:
    """The result of account_tx: `around` may set ledger_index_min, ledger_index_max and marker."""
    shown = [listed(each, version) for each in given]
    said = {"account": who, "ledger_index_min": 32570, "ledger_index_max": 90_000_900, "limit": 200}
    return {**said, "transactions": shown, "validated": True, **around}


def rpc(result: Json) -> bytes:
    """An answer over JSON-RPC: success and failure stand in the result."""
    status = "error" if "error" in result else "success"
    return json.dumps({"result": {**result, "status": status}}, indent=1).encode()


def websocket(result: Json) -> bytes:
    """An answer over WebSocket: success stands beside the result."""
    return json.dumps({"id": 1, "result": result, "status": "success", "type": "response"}, indent=1).encode()
