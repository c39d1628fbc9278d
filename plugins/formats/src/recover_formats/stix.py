"""STIX 2.1: wallets, transactions and names as one bundle, with the public extensions for crypto.

The extensions are those of stix2extensions (cryptocurrency-wallet, cryptocurrency-transaction). An observable's id
is its UUIDv5 over the canonical JSON of what identifies it, in the namespace of the specification (STIX 2.1, 2.9).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recover.sdk import ExporterInfo, View
from recover.sdk.shareable import Holder, Move, Name, Shareable, shareable
from recover_formats.text import (
    Number,
    case_id,
    clean,
    decimal,
    dumps,
    exact,
    named,
    readme,
    said,
    sentence,
    stamp,
    symbol,
)

WALLET = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"
TRANSACTION = "extension-definition--151d042d-4dcf-5e44-843f-1024440318e5"
OWN = "extension-definition--" + named("recover", "stix", "exact")
TLP = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
"""TLP:AMBER of TLP 2.0, by the id that its extension for STIX gives it."""
_TLP_FORM = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_MAKERS = "identity--9779a2db-f98c-5f4b-8d08-8ee04e02dbb5"
_SPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
CONFIDENCE = {"A": 95, "B": 75, "C": 50, "D": 30, "E": 15}

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stix:
    """`bundle.json`, one object a line, in a stated order."""

    info = ExporterInfo(id="stix", version="1", title="STIX bundle", form="STIX 2.1, JSON", edition="V2")

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """The bundle, and README.txt."""
        shared = shareable(view)
        objects = list(_objects(view, shared))
        made = dumps({"type": "bundle", "id": f"bundle--{named(case_id(view), 'bundle', view.head)}"})
        body = f'{made[:-1]},"objects":{dumps(objects, 1)}}}\n'
        yield "bundle.json", body.encode()
        yield readme(view, shared, "stix")


def observable(kind: str, said: Mapping[str, str]) -> str:
    """The id of an observable, by what identifies it."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{kind}--{uuid.uuid5(_SPACE, text)}"


def _objects(view: View, shared: Shareable) -> Iterator[Object]:
    mine = f"identity--{named(case_id(view), 'identity', 'agency')}"
    core = {"created_by_ref": mine, "created": stamp(view.case.opened), "modified": stamp(view.case.opened)}
    marked = {**core, "object_marking_refs": [TLP]}
    yield _head("identity", mine) | {**marked, "name": clean(view.case.agency), "identity_class": "organization"}
    yield from _definitions(core)
    services = {name.service for one in shared.holders for name in one.names if name.service}
    idents = {one: f"identity--{named(case_id(view), 'service', one)}" for one in sorted(services)}
    for service, ident in idents.items():
        told = {"name": clean(service), "identity_class": "organization"}
        yield _head("identity", ident) | marked | told
    listed: list[str] = [*idents.values()]
    for one in _wallets(shared.holders):
        listed.append(one["id"])
        yield one
    for one in _transactions(view, shared.moves):
        listed.append(one["id"])
        yield one
    for one in _relations(view, shared.holders, idents, marked):
        listed.append(one["id"])
        yield one
    if listed:
        title = f"Traced value, case {clean(view.case.reference) or view.head[:12]}"
        group = f"grouping--{named(case_id(view), 'grouping')}"
        told = {
            "name": title,
            "description": "What a trace under one stated rule came to; no one is accused by it.",
        }
        yield _head("grouping", group) | marked | told | {"context": "unspecified", "object_refs": listed}


def _head(kind: str, ident: str) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": ident}


def _definitions(core: Mapping[str, str]) -> Iterator[Object]:
    """The extensions that the objects use, and the marking."""
    base = "https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/automodel_generated/schemas/scos/"
    theirs = {"created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z"}
    for ident, title, what in (
        (WALLET, "CryptocurrencyWallet", "wallet"),
        (TRANSACTION, "CryptocurrencyTransaction", "transaction"),
    ):
        file = f"cryptocurrency-{what}.json"
        told = {
            "name": title,
            "description": f"A new SCO for {what}s of cryptocurrencies.",
            "schema": base + file,
            "version": "1.0",
            "extension_types": ["new-sco"],
        }
        yield _head("extension-definition", ident) | {"created_by_ref": _MAKERS, **theirs} | told
    said = "Chain (CAIP-2), exact amounts in base units as text, grade, source and place of what an object says."
    told = {"name": "Exact values and grades", "description": said, "version": "1.0"}
    made = {"schema": "docs/design/formats.md of recover-forensics", "extension_types": ["property-extension"]}
    yield _head("extension-definition", OWN) | dict(core) | told | made
    form = {_TLP_FORM: {"extension_type": "property-extension", "tlp_2_0": "amber"}}
    yield (
        _head("marking-definition", TLP)
        | {"created": "2022-10-01T00:00:00.000Z", "name": "TLP:AMBER"}
        | {"extensions": form}
    )


def _wallets(holders: Iterable[Holder]) -> Iterator[Object]:
    """One object an address text: its id has no chain in it."""
    found: dict[str, list[Holder]] = {}
    for one in holders:
        found.setdefault(one.address, []).append(one)
    for address, same in found.items():
        own = {"extension_type": "property-extension", "chains": [one.chain for one in same]}
        parts = {"parts": [{"chain": one.chain, "parts": list(one.parts)} for one in same]}
        yield _head("cryptocurrency-wallet", _wallet(address)) | {
            "value": address,
            "object_marking_refs": [TLP],
            "extensions": {WALLET: {"extension_type": "new-sco"}, OWN: own | parts},
        }


def _wallet(address: str) -> str:
    return observable("cryptocurrency-wallet", {"value": address})


def _transactions(view: View, moves: Sequence[Move]) -> Iterator[Object]:
    """One object a transaction and asset, with the movements of it that carried traced value."""
    found: dict[tuple[str, str, str], list[Move]] = {}
    for move in moves:
        found.setdefault((move.chain, move.tx, move.asset), []).append(move)
    seen: set[str] = set()
    for (chain, tx, asset), same in found.items():
        called = symbol(view, asset)
        ident = observable("cryptocurrency-transaction", {"symbol": called, "value": tx})
        if ident in seen:  # two assets of one symbol in one transaction: the id of the second is told by its asset
            called = asset
            ident = observable("cryptocurrency-transaction", {"symbol": called, "value": tx})
        seen.add(ident)
        payers = [one for move in same for one in (move.src, *move.payers) if one]
        told: Object = {"symbol": called, "value": tx}
        if same[0].time is not None:
            told["execution_time"] = stamp(same[0].time)
        sent = [_sum(view, move, move.src) for move in same if move.src]
        inputs = sent or [{"address_ref": _wallet(one)} for one in dict.fromkeys(payers)]
        outputs = [_sum(view, move, move.dst) for move in same if move.dst]
        told |= {name: rows for name, rows in (("input", inputs), ("output", outputs)) if rows}
        own: Object = {"extension_type": "property-extension", "chain": chain}
        own["moves"] = [_move(view, move) for move in same]
        yield (
            _head("cryptocurrency-transaction", ident)
            | told
            | {
                "object_marking_refs": [TLP],
                "extensions": {TRANSACTION: {"extension_type": "new-sco"}, OWN: own},
            }
        )


def _sum(view: View, move: Move, address: str) -> Object:
    amount = decimal(view, move.asset, move.amount)
    return {"address_ref": _wallet(address), **({"amount": Number(amount)} if amount else {})}


def _move(view: View, move: Move) -> Object:
    ends = {"from": move.src or "", "to": move.dst or "", "kind": move.kind, "height": str(move.height or "")}
    return {key: text for key, text in {**ends, **exact(view, move)}.items() if text}


def _relations(
    view: View, holders: Iterable[Holder], idents: Mapping[str, str], marked: Mapping[str, Any]
) -> Iterator[Object]:
    """A name as a relationship to its service; of a name without a service, a note."""
    for holder in holders:
        for name in holder.names:
            own: Object = {"extension_type": "property-extension", **said(name, holder.chain)}
            key = (case_id(view), holder.chain, holder.address, dumps(own))
            told = {"confidence": CONFIDENCE[name.grade], "extensions": {OWN: own}}
            yield _named(name, holder, idents, marked, key) | told


def _named(
    name: Name, holder: Holder, idents: Mapping[str, str], marked: Mapping[str, Any], key: tuple[str, ...]
) -> Object:
    if name.service:
        ends = {"source_ref": _wallet(holder.address), "target_ref": idents[name.service]}
        told = {"relationship_type": "related-to", "description": sentence(name)}
        return _head("relationship", f"relationship--{named(*key, 'relationship')}") | dict(marked) | told | ends
    told = {"abstract": clean(name.label) or "A name", "content": sentence(name)}
    refs = {"object_refs": [_wallet(holder.address)]}
    return _head("note", f"note--{named(*key, 'note')}") | dict(marked) | told | refs
