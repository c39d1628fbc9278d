"""An index that lists an owner's transactions between two heights, and one answer for each transaction.

`/list/own-ann`: {"list": "own-ann", "from": 1, "to": 90, "ids": ["sig-1", ...]}
`/tx/sig-1`: {"id": "sig-1", "height": 7, "at": 0, "fee": ["own-ann", 5000], "rent": ["own-ann", 2000, "acc-bob1"],
"changes": [["own-ann", "acc-ann1", -100], ["own-bob", "acc-bob1", 100]]}; or {"id": "sig-1", "gone": true}

A transaction says how balances changed, and not who paid whom: its legs have no pair. Rent is coin that goes
with a new sub-account to its owner.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recover.sdk import (
    Ask,
    Batch,
    Coverage,
    Details,
    Error,
    Exhibit,
    History,
    Leg,
    Listed,
    Nothing,
    NotRecognised,
    Recorder,
    Request,
    SourceInfo,
    Transaction,
)
from recover.sdk.batch import Record
from recover_toy_accounts.chain import CHAIN, COIN, TOKEN


class Index:
    """Reads the two kinds of answer, from a server or from a file."""

    info = SourceInfo(
        id="toy-accounts-index",
        version="1",
        title="Index of the toy of owners",
        chains=(CHAIN,),
        place="item",
        media="application/json",
        terms="Made for tests.",
        asks=("History", "Details"),
        limits="It keeps the last blocks only.",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        return head.startswith((b'{"list": "own-', b'{"id": "sig-'))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        if isinstance(ask, Details):
            yield recorder.capture(Request(url=f"{recorder.endpoint}/tx/{ask.tx.text}"))
        if isinstance(ask, History):
            listed = recorder.capture(Request(url=f"{recorder.endpoint}/list/{ask.address.text}"))
            yield listed
            for tx in _json(listed)["ids"]:
                one = Request(url=f"{recorder.endpoint}/tx/{tx}")
                if recorder.stored(one) is None:
                    yield recorder.capture(one)

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        said = _json(exhibit)
        try:
            yield Batch.of(*_records(said))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _cut_off(exhibit.name, error) from None


def _records(said: dict[str, Any]) -> list[Record]:
    if "list" in said:
        owner = said["list"]
        listed = [Listed(chain=CHAIN, tx=tx, address=owner, place=n) for n, tx in enumerate(said["ids"])]
        return [Coverage(chain=CHAIN, address=owner, since_height=said["from"], until_height=said["to"]), *listed]
    if said.get("gone"):
        return [Nothing(why=f"The index no longer keeps {said['id']}.")]
    return [_transaction(said)]


def _transaction(said: dict[str, Any]) -> Transaction:
    legs = [
        Leg(kind="transfer", address=owner, account=account, asset=TOKEN.id, amount=amount, index=n)
        for n, (owner, account, amount) in enumerate(said["changes"])
    ]
    if "rent" in said:
        payer, amount, account = said["rent"]
        owner = {a: o for o, a, _ in said["changes"]}[account]
        legs.append(Leg(kind="transfer", address=payer, asset=COIN.id, amount=-amount, index=0))
        legs.append(Leg(kind="transfer", address=owner, account=account, asset=COIN.id, amount=amount, index=0))
    payer, fee = said["fee"]
    legs.append(Leg(kind="fee", address=payer, asset=COIN.id, amount=-fee, pair=0))
    legs.append(Leg(kind="fee", address=None, asset=COIN.id, amount=fee, pair=0))
    return Transaction(
        chain=CHAIN, id=said["id"], place=0, height=said["height"], index=said["at"], whole=True, legs=tuple(legs)
    )


def _json(exhibit: Exhibit) -> dict[str, Any]:
    try:
        said = json.loads(exhibit.data)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not {"list", "id"} & set(said):
        raise NotRecognised("toy-accounts-file", f"{exhibit.name} is no answer of the index.", "It is none.", "-")
    return said


def _cut_off(name: str, error: Exception) -> Error:
    return Error(
        "toy-accounts-item", f"{name} cannot be read.", f"{type(error).__name__}: {error}.", "Ask the index again."
    )
