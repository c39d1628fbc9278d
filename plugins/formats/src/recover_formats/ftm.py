"""FollowTheMoney: wallets, services, and links between them, as entities of its model 4.11, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recover.sdk import ExporterInfo, View
from recover.sdk.shareable import Holder, Move, Name, shareable
from recover_formats.text import case_id, clean, dumps, exact, named, readme, said, sentence, stamp, symbol

Entity = dict[str, Any]

_IDENTIFIER = 64
"""Characters of an identifier of the model, at most."""


@dataclass(frozen=True, slots=True)
class FollowTheMoney:
    """`entities.ftm.json`: no holder and no topic is set, because neither has a grade."""

    info = ExporterInfo(
        id="ftm",
        version="1",
        title="FollowTheMoney entities",
        form="FollowTheMoney 4.11, JSON lines",
        edition="V2",
    )

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """Wallets, then services, then links, and README.txt."""
        shared = shareable(view)
        entities = [_wallet(view, one) for one in shared.holders]
        services = dict.fromkeys(n.service for one in shared.holders for n in one.names if n.service)
        entities += [_service(view, one) for one in services]
        entities += [_name(view, one, name) for one in shared.holders for name in one.names if name.service]
        between = [move for move in shared.moves if move.dst and (move.src or move.payers)]
        entities += [link for move in between for link in _moved(view, move)]
        yield "entities.ftm.json", "".join(dumps(one) + "\n" for one in entities).encode()
        alone = len(shared.moves) - len(between)
        yield readme(view, shared, "ftm", (("movements with one side left out, which can be no link", alone),))


def _entity(ident: str, schema: str, properties: dict[str, list[str]]) -> Entity:
    return {"id": ident, "schema": schema, "properties": {k: v for k, v in properties.items() if any(v)}}


def _ident(view: View, *parts: str) -> str:
    return f"recover-{named(case_id(view), 'ftm', *parts)}"


def _wallet(view: View, holder: Holder) -> Entity:
    names = [dumps(said(name, holder.chain)) for name in holder.names]
    told = dumps({"chain": holder.chain, "parts": list(holder.parts)})
    # What is longer is no identifier of the model, and would be refused: such as a script that has no address.
    short = [holder.address] if len(holder.address) <= _IDENTIFIER else []
    return _entity(
        _ident(view, holder.chain, holder.address),
        "CryptoWallet",
        {
            "name": [holder.address],
            "publicKey": short,
            "cryptoAddress": short,
            "blockchain": [clean(view.chains.get(holder.chain, holder.chain))],
            "summary": [told],
            "notes": names,
        },
    )


def _service(view: View, service: str) -> Entity:
    entry = view.services.get(service)
    told = {"name": [clean(service)], "website": [entry.uri] if entry and entry.uri.startswith("http") else []}
    return _entity(_ident(view, "service", service), "LegalEntity", told)


def _name(view: View, holder: Holder, name: Name) -> Entity:
    key = dumps(said(name, holder.chain))
    return _entity(
        _ident(view, holder.chain, holder.address, "name", key),
        "UnknownLink",
        {
            "subject": [_ident(view, holder.chain, holder.address)],
            "object": [_ident(view, "service", name.service)],
            "role": ["attributed to"],
            "status": [f"grade {name.grade}"],
            "description": [sentence(name)],
            "summary": [key],
            "date": [name.asserted[:10]] if name.asserted else [],
            "publisher": [clean(name.source)],
        },
    )


def _moved(view: View, move: Move) -> Iterator[Entity]:
    payers = [one for one in (move.src, *move.payers) if one]
    for payer in dict.fromkeys(payers):
        yield _entity(
            _ident(view, "move", str(move.seq), payer),
            "UnknownLink",
            {
                "subject": [_ident(view, move.chain, payer)],
                "object": [_ident(view, move.chain, move.dst or "")],
                "role": [f"transferred {symbol(view, move.asset)}"],
                "recordId": [move.tx],
                "date": [stamp(move.time)[:19]] if move.time else [],
                "summary": [dumps({"chain": move.chain, "tx": move.tx, **exact(view, move)})],
            },
        )
