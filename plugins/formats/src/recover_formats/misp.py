"""MISP: addresses, transactions and exhibits of a case as the objects of one event, not published."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recover.sdk import ExporterInfo, View
from recover.sdk.shareable import Holder, Move, shareable
from recover_formats.text import case_id, clean, decimal, dumps, exact, named, readme, said, stamp, symbol

Object = dict[str, Any]

_ADDRESS = (
    "coin-address",
    "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46",
    "7",
    "financial",
    "An address used in a cryptocurrency",
)
_TRANSACTION = (
    *("cryptocurrency-transaction", "a4aab70f-e43a-48cb-bf82-505de8228dd6", "3", "financial"),
    "An object to describe a cryptocurrency transaction.",
)
_EVIDENCE = (
    *("forensic-evidence", "fe44c648-63ef-43fc-b3de-af71a2e023e4", "2", "misc"),
    "An object template to describe a digital forensic evidence.",
)
"""Templates of misp-objects, as pymisp 2.5 bundles them: name, UUID, version, meta-category, description."""
_BITCOIN = "bip122:000000000019d6689c085ae165831e93"
_BTC = re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{8,87}")
_ADMIRALTY = {"A": "1", "B": "2", "C": "3", "D": "4", "E": "6"}


@dataclass(frozen=True, slots=True)
class Misp:
    """`event.json`: not published, for the own organisation only, nothing to detect by."""

    info = ExporterInfo(id="misp", version="1", title="MISP event", form="MISP core format, JSON", edition="V2")

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """The event, and README.txt."""
        shared = shareable(view)
        key = case_id(view)
        at = {(one.chain, one.address): named(key, one.chain, one.address, "object") for one in shared.holders}
        objects = [_holder(view, one, at) for one in shared.holders]
        objects += [_transaction(view, move, at) for move in shared.moves]
        objects += _exhibits(view)
        event = {
            "uuid": named(key, "event"),
            "info": f"Traced value, case {clean(view.case.reference) or view.head[:12]} (recover)",
            "date": f"{view.case.opened:%Y-%m-%d}",
            "timestamp": _seconds(view),
            "threat_level_id": "4",
            "analysis": "1",
            "distribution": "0",
            "published": False,
            "Orgc": {"name": clean(view.case.agency), "uuid": named(key, "organisation")},
            "Tag": [{"name": "tlp:amber"}, {"name": "PAP:AMBER"}],
        }
        body = f'{dumps({"Event": event})[:-2]},"Object":{dumps(objects, 1)}}}}}\n'
        yield "event.json", body.encode()
        yield readme(view, shared, "misp")


def _seconds(view: View) -> str:
    return str(int(view.case.opened.timestamp()))


def _object(view: View, form: tuple[str, ...], ident: str, attributes: list[Object], comment: str = "") -> Object:
    name, template, version, category, description = form
    made: Object = {"uuid": ident, "name": name, "template_uuid": template, "template_version": version}
    made |= {"meta-category": category, "description": description, "distribution": "5", "comment": comment}
    return made | {"timestamp": _seconds(view), "Attribute": attributes}


def _attribute(
    view: View, ident: str, relation: str, kind: str, value: str, category: str = "Financial fraud"
) -> Object:
    return {
        "uuid": named(ident, relation, value),
        "type": kind,
        "category": category,
        "object_relation": relation,
        "value": value,
        "to_ids": False,
        "disable_correlation": relation not in ("address", "address-crypto", "transaction-number"),
        "distribution": "5",
        "timestamp": _seconds(view),
    }


def _holder(view: View, holder: Holder, at: dict[tuple[str, str], str]) -> Object:
    ident = at[holder.chain, holder.address]
    bitcoin = holder.chain == _BITCOIN and _BTC.fullmatch(holder.address)
    relation, kind = ("address", "btc") if bitcoin else ("address-crypto", "text")
    first = _attribute(view, ident, relation, kind, holder.address, "Financial fraud" if bitcoin else "Other")
    if holder.names:
        best = min(name.grade for name in holder.names)
        first["Tag"] = [{"name": f'admiralty-scale:information-credibility="{_ADMIRALTY[best]}"'}]
    coin = next(
        (one.symbol for one in view.assets.values() if one.chain == holder.chain and "/slip44:" in one.id), ""
    )
    names = [said(name, holder.chain) for name in holder.names]
    told = dumps({"chain": holder.chain, "parts": list(holder.parts), "names": names})
    attributes = [first, _attribute(view, ident, "text", "text", told, "Other")]
    if coin:
        attributes.append(_attribute(view, ident, "symbol", "text", clean(coin.split(" (")[0]), "Other"))
    return _object(view, _ADDRESS, ident, attributes)


def _transaction(view: View, move: Move, at: dict[tuple[str, str], str]) -> Object:
    ident = named(case_id(view), "move", str(move.seq), move.chain, move.tx)
    attributes = [_attribute(view, ident, "transaction-number", "text", move.tx, "Other")]
    attributes.append(_attribute(view, ident, "symbol", "text", symbol(view, move.asset), "Other"))
    if move.time is not None:
        attributes.append(_attribute(view, ident, "time", "datetime", stamp(move.time), "Other"))
    if amount := decimal(view, move.asset, move.amount):
        attributes.append(_attribute(view, ident, "value", "float", amount, "Other"))
    ends = [("transferred-from", one) for one in (move.src, *move.payers)] + [("transferred-to", move.dst)]
    references = [
        {
            "uuid": named(ident, relation, place),
            "object_uuid": ident,
            "referenced_uuid": at[move.chain, place],
            "relationship_type": relation,
        }
        for relation, place in ends
        if place
    ]
    comment = dumps({"chain": move.chain, "kind": move.kind, **exact(view, move)})
    made = _object(view, _TRANSACTION, ident, attributes, comment)
    return {**made, "ObjectReference": references} if references else made


def _exhibits(view: View) -> Iterator[Object]:
    number = clean(view.case.reference) or str(uuid.UUID(view.head[:32]))
    for one in view.exhibits:
        ident = named(case_id(view), "exhibit", one.digest)
        told = f"SHA-256 {one.digest}, {one.size} bytes, taken in {stamp(one.captured)}"
        rows = (
            ("case-number", number),
            ("evidence-number", str(one.number)),
            ("acquisition-tools", f"recover {view.version}"),
            ("additional-comments", told),
        )
        yield _object(view, _EVIDENCE, ident, [_attribute(view, ident, k, "text", v, "Other") for k, v in rows])
