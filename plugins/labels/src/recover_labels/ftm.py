"""FollowTheMoney entities of partners: wallets that a link, a holder or an exchange gives a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_labels.partners import MOST_OBJECTS, PERSONAL, Reading, capped, inner, shaped, text
from recover_labels.rows import batches, bounded, refuse

_LINE = re.compile(rb'\s*\{[^\n]{0,65000}"schema"\s*:\s*"[A-Z][A-Za-z]+"')
_STATUS = re.compile(r"grade ([A-E])")
_HOLDING = ("managingExchange", "mangingExchange")  # the second as versions before 4 spelled it
_BODIES = frozenset(("LegalEntity", "Company", "Organization", "PublicBody"))
_NAMES = ("name", "alias", "weakAlias", "previousName")
_LINKS = frozenset(("UnknownLink", "Ownership"))

Entity = Mapping[str, Any]


class FollowTheMoney:
    """Reads entities, one a line, and asserts a label for each name of a CryptoWallet."""

    info = SourceInfo(
        id="ftm",
        version="1",
        title="FollowTheMoney entities of a partner",
        chains=("*",),
        place="line",
        media="JSON lines of FollowTheMoney entities, among them CryptoWallet",
        terms="as its publisher states",
        limits="64 MiB; grade C at best; payments and other entities are counted, not read",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """Its first line is an entity: it has a schema and properties."""
        first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        return bool(_LINE.match(first)) and b'"properties"' in first

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: entities are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in the order of the lines; `place` is the line, from 1. Raises Error, NotRecognised."""
        entities = list(_entities(exhibit))
        shaped("ftm-shape", exhibit, "list of FollowTheMoney entities", 0 < len(entities) <= MOST_OBJECTS)
        known = {str(one.get("id")): one for _, one in entities}
        reading = Reading(exhibit, f"FollowTheMoney entities in {exhibit.name}")
        for _, one in entities:
            if one.get("schema") == "Person":
                reading.person(*(value for name in _NAMES for value in _said(one, name)))
        for place, one in entities:
            _read(one, place, known, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _entities(exhibit: Exhibit) -> Iterator[tuple[int, Entity]]:
    data = bounded("ftm-size", exhibit.name, exhibit.data)
    problems: list[str] = []
    for place, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line.decode("utf-8"), parse_float=str)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and isinstance(found.get("properties"), dict):
            yield place, found
        elif len(problems) < 20:
            problems.append(f"line {place}: it is no entity")
    if problems:
        refuse("ftm-lines", exhibit.name, problems, "Ask for the file again, and import that.")


def _read(one: Entity, place: int, known: Mapping[str, Entity], reading: Reading) -> None:
    schema = one.get("schema")
    if schema == "CryptoWallet":
        for name in _HOLDING:
            for service in _said(one, name):
                _label(one, place, {"service": service, "label": service}, "E", reading)
        for own in map(inner, _said(one, "notes")):
            if "grade" in own and not own.get("service"):  # one with a service has a link of its own
                _label(one, place, own, capped(text(own["grade"])), reading)
        for holder in _said(one, "holder"):
            if known.get(holder, {}).get("schema") in _BODIES:
                _label(one, place, {"label": _first(known[holder], "name")}, "E", reading)
            else:
                reading.unread[PERSONAL] += 1
    elif schema in _LINKS:
        _link(one, place, known, reading)
    elif schema not in _BODIES:
        reading.unread[f"entities of the schema {text(schema)[:60] or 'none'}"] += 1


def _link(one: Entity, place: int, known: Mapping[str, Entity], reading: Reading) -> None:
    ends = [known.get(end, {}) for name in ("subject", "object", "owner", "asset") for end in _said(one, name)]
    wallets = [end for end in ends if end.get("schema") == "CryptoWallet"]
    others = [end for end in ends if end.get("schema") in _BODIES]
    if len(wallets) == 1 and len(others) == 1:
        service = _first(others[0], "name")
        stated = _STATUS.search(_first(one, "status"))
        told = {"label": service, "service": service, "asserted": _first(one, "date")}
        told |= {"until": _first(one, "endDate")}
        own = inner(_first(one, "summary"))
        _label(wallets[0], place, {**told, **own}, capped(stated[1]) if stated else "E", reading)
    else:
        reading.unread["links that tie no wallet to a service"] += 1


def _label(wallet: Entity, place: int, told: Mapping[str, Any], grade: str, reading: Reading) -> None:
    address = _first(wallet, "publicKey") or _first(wallet, "cryptoAddress") or _first(wallet, "name")
    network = _first(wallet, "blockchain") or _first(wallet, "currencySymbol")
    chain = told.get("chain") or inner(_first(wallet, "summary")).get("chain")
    reading.add(address, place, grade, {**told, "chain": chain}, network)


def _said(one: Entity, name: str) -> list[str]:
    found = one.get("properties")
    values = found.get(name, []) if isinstance(found, dict) else []
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _first(one: Entity, name: str) -> str:
    return next(iter(_said(one, name)), "")
