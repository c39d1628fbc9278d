"""A ledger server's answer for one address, and the same bytes as a file.

`/history/m-ann`: {"history": "m-ann", "to": 90, "payments": [["h-1", 7, "m-ann", "m-bob", 100, "4711"], ...]}

A payment is (id, height, payer, payee, amount, memo or null); null for the amount where the server lists it only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recover.sdk import (
    Ask,
    Batch,
    Coverage,
    Error,
    Exhibit,
    History,
    Leg,
    Listed,
    NotRecognised,
    Recorder,
    Request,
    SourceInfo,
    Transaction,
)
from recover_toy_memos.chain import CHAIN, COIN


class Ledger:
    """Payments of one address."""

    info = SourceInfo(
        id="toy-memos-ledger",
        version="1",
        title="Ledger of the toy of memos",
        chains=(CHAIN,),
        place="item",
        media="application/json",
        terms="Made for tests.",
        asks=("History",),
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith(b'{"history": "m-')

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        if isinstance(ask, History):
            yield recorder.capture(Request(url=f"{recorder.endpoint}/history/{ask.address.text}"))

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        said = _json(exhibit)
        try:
            yield Batch.of(*_records(said))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise Error(
                "toy-memos-item",
                f"{exhibit.name} cannot be read.",
                f"{type(error).__name__}: {error}.",
                "Ask again.",
            ) from None


def _records(said: dict[str, Any]) -> Iterator[Coverage | Listed | Transaction]:
    who = said["history"]
    yield Coverage(chain=CHAIN, address=who, until_height=said["to"])
    for place, (tx, height, src, dst, amount, memo) in enumerate(said["payments"]):
        if amount is None:
            yield Listed(chain=CHAIN, tx=tx, address=who, place=place)
            continue
        raw = None if memo is None else memo.encode()
        legs = (
            Leg(kind="transfer", address=src, asset=COIN.id, amount=-amount, pair=0, memo=memo, memo_raw=raw),
            Leg(kind="transfer", address=dst, asset=COIN.id, amount=amount, pair=0, memo=memo, memo_raw=raw),
        )
        yield Transaction(chain=CHAIN, id=tx, place=place, height=height, index=0, whole=True, legs=legs)


def _json(exhibit: Exhibit) -> dict[str, Any]:
    try:
        said = json.loads(exhibit.data)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not {"history", "to", "payments"} <= set(said):
        raise NotRecognised("toy-memos-file", f"{exhibit.name} is no answer of the ledger.", "It is none.", "-")
    return said
