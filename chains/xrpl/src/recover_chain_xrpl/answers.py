"""The shapes in which servers answer, brought to one: JSON-RPC, WebSocket and bare, of API versions 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from recover_chain_xrpl.reading import Fault, Json, digest, inner, iso, listed, moment, text, whole

_CTID = re.compile(r"C[0-9A-Fa-f]{15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One transaction as an answer shows it. `meta` is empty where the answer gives none.

    `network` is the number of the network that it stands on, None where the answer does not say.
    """

    place: int
    id: str
    tx: Json
    meta: Json
    validated: bool
    height: int | None
    time: datetime | None
    block: str | None
    network: int | None


def results(document: object) -> list[Json]:
    """The results in a file: of one answer, or of a list of them. Raises Fault."""
    answers = document if isinstance(document, list) else [document]
    found: list[Json] = []
    for answer in answers:
        if not isinstance(answer, dict):
            raise Fault("it is no answer of an XRP Ledger server")
        # JSON-RPC puts errors into the result, WebSocket beside it.
        found.append(answer["result"] if isinstance(answer.get("result"), dict) else answer)
    return found


def single(result: Json) -> bool:
    """Whether a result is one transaction."""
    return any("TransactionType" in inner(result, name) for name in ("tx_json", "tx", "transaction")) or (
        "TransactionType" in result
    )


def item(result: Json, place: int, validated: bool | None = None) -> Item:
    """One transaction in any shape. `validated` is what the answer around it says. Raises Fault."""
    # `tx_json` of version 2, `tx` of account_tx, `transaction` of a subscription; else all stands side by side.
    name = next((n for n in ("tx_json", "tx", "transaction") if isinstance(result.get(n), dict)), "")
    tx = inner(result, name) if name else result
    around = {**tx, **result}
    meta = next((inner(around, n) for n in ("meta", "metaData") if isinstance(around.get(n), dict)), {})
    said = around.get("validated", validated)
    height = next((whole(around, n) for n in ("ledger_index", "inLedger") if n in around), None)
    block = digest(around, "ledger_hash") if "ledger_hash" in around else None
    return Item(
        place=place,
        id=digest(around, "hash"),
        tx=tx,
        meta=meta,
        validated=said is True,
        height=height,
        time=when(around),
        block=block,
        network=_network(around),
    )


def _network(around: Json) -> int | None:
    """Of a field that only young networks must have, else of the compact id, which ends in it (XLS-37d)."""
    if "NetworkID" in around:
        return whole(around, "NetworkID")
    ctid = around.get("ctid")
    return int(ctid[12:], 16) if isinstance(ctid, str) and _CTID.fullmatch(ctid) else None


def when(record: Json) -> datetime | None:
    """The close time of a ledger, in either of its forms. Raises Fault."""
    if "close_time_iso" in record:
        return iso(text(record, "close_time_iso"))
    name = next((n for n in ("date", "close_time") if n in record), "")
    return moment(whole(record, name)) if name else None


def history(result: Json) -> Iterator[Item]:
    """The transactions of account_tx. Raises Fault."""
    for place, each in enumerate(listed(result, "transactions")):
        if not isinstance(each, dict):
            raise Fault(f"transaction {place} is no record")
        if "tx_blob" in each or "meta_blob" in each or isinstance(each.get("meta"), str):
            raise Fault(f"transaction {place} is in binary form: ask with binary false")
        yield item(each, place, True if result.get("validated") is True else None)
