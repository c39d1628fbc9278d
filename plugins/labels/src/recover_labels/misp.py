"""MISP events of partners: coin addresses, with the name that their object or their event gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_labels.partners import (
    MOST_OBJECTS,
    REPLACED,
    TAKEN_BACK,
    Reading,
    capped,
    inner,
    loaded,
    published,
    shaped,
    text,
)
from recover_labels.rows import batches
from recover_labels.versions import Statement, denied, moment, newest

_HEAD = re.compile(rb'\s*[\[{]\s*("response"\s*:\s*\[\s*\{\s*)?[\[{]?\s*"Event"\s*:\s*\{')
_CREDIBLE = re.compile(r'admiralty-scale:information-credibility="([1-6])"')
_GRADES = {"1": "A", "2": "B", "3": "C", "4": "D"}
_ADDRESSES = ("address", "address-crypto", "address-xmr")
_TYPES = {"btc": "btc", "xmr": "xmr", "dash": "dash"}
"""Attribute types that are addresses, and the coin of each."""

_PERSONS = frozenset(("person", "victim"))
_NAMES = frozenset(("full-name", "first-name", "last-name", "alias", "name"))
_FEED = re.compile(
    r"(?P<what>[A-Z][a-z ]{1,60}); grade (?P<grade>[A-E]); sources: \d+\. "
    r"(?:Valid until (?P<until>\d{4}-\d{2}-\d{2})|Withdrawn )"
)
"""The text of an entry of a feed of this program."""

Row = Mapping[str, Any]


class Misp:
    """Reads events, and asserts a label for each coin address."""

    info = SourceInfo(
        id="misp",
        version="1",
        title="MISP event of a partner",
        chains=("*",),
        place="item",
        media="MISP event (JSON) with coin-address objects or attributes",
        terms="as its tags (TLP, PAP) state",
        limits="64 MiB; grade C at best; transactions and other objects are counted, not read",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """It begins with an event."""
        return bool(_HEAD.match(head.removeprefix(b"\xef\xbb\xbf")[:400]))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: events are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in order; `place` counts objects, then attributes, of all events from 0. Raises Error."""
        root = loaded("misp-json", exhibit)
        listed = root.get("response", root) if isinstance(root, dict) else root
        events = [
            one.get("Event") for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)
        ]
        found = [one for one in events if isinstance(one, dict)]
        rows = [(event, row) for event in found for row in (*_rows(event, "Object"), *_rows(event, "Attribute"))]
        shaped("misp-shape", exhibit, "MISP event", bool(found) and len(rows) <= MOST_OBJECTS)
        reading = Reading(exhibit, "")
        kept = newest([row for _, row in rows], "uuid", _version, "deleted")
        reading.unread[REPLACED] += len(rows) - len(kept)
        for _, row in rows:
            _persons(row, reading)
        for place, (event, row) in enumerate(rows):
            if place not in kept:
                continue
            maker = event.get("Orgc")
            by = text(maker.get("name")) if isinstance(maker, dict) else ""
            reading.said = f"MISP event {text(event.get('info'))[:200]} by {by or 'nobody named'}"
            _read(event, row, place, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _rows(one: Row, name: str) -> list[Row]:
    value = one.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _version(row: Row) -> object:
    return row.get("timestamp")


def _persons(row: Row, reading: Reading) -> None:
    """Note the names of persons in an object or an attribute; of a person's object all that names it."""
    named = {
        kind: text(one.get("value"))
        for one in (row, *_rows(row, "Attribute"))
        for kind in (text(one.get("object_relation")), text(one.get("type")))
        if kind in _NAMES
    }
    if text(row.get("name")) in _PERSONS or "Attribute" not in row or named.keys() & {"full-name", "last-name"}:
        reading.person(*(named[kind] for kind in named if kind != "first-name"))
        reading.person(f"{named.get('first-name', '')} {named.get('last-name', '')}")


def _read(event: Row, row: Row, place: int, reading: Reading) -> None:
    day = text(event.get("date"))
    if row.get("name") == "coin-address":
        _object(event, row, place, day, reading)
    elif text(row.get("type")) in _TYPES and "Attribute" not in row:
        network = _TYPES[text(row["type"])]
        label = text(row.get("comment")) or text(event.get("info"))
        told = {"label": label, "asserted": day}
        reading.add(text(row.get("value")), place, _grade(row), told, network, _statement(event, row))
    else:
        what = f"object {text(row.get('name'))}" if "Attribute" in row else f"attribute of {text(row.get('type'))}"
        reading.unread[f"MISP: {what[:80]}"] += 1


def _object(event: Row, row: Row, place: int, day: str, reading: Reading) -> None:
    """A coin-address object: of two attributes of one relation the one that stands counts, else one taken back."""
    said: dict[str, Row] = {}
    for one in sorted(_rows(row, "Attribute"), key=lambda a: not denied(a.get("deleted"))):
        said[text(one.get("object_relation"))] = one
    address = next((said[name] for name in _ADDRESSES if name in said), {})
    network = text(said.get("symbol", {}).get("value")) or _TYPES.get(text(address.get("type")), "")
    told, of = said.get("text", {}), _statement(event, row, address)
    if denied(told.get("deleted")) and not of.gone:
        reading.unread[TAKEN_BACK] += 1
        told = {}
    names = inner(told.get("value")).get("names")
    where, at = inner(told.get("value")).get("chain"), text(address.get("value"))
    if entry := _FEED.match(text(told.get("value"))):
        category = text(row.get("comment")) or entry["what"].casefold().replace(" ", "-")
        own = published(category, network, entry["grade"]) | {"asserted": day, "until": entry["until"] or ""}
        reading.add(at, place, capped(entry["grade"]), own, network, of)
    elif not isinstance(names, list):  # not as this program writes it: the event's own title is all there is
        title = {"label": text(event.get("info")), "asserted": day}
        reading.add(at, place, _grade(address), title, network, of)
    else:
        for name in names or [{}]:
            mine: dict[str, Any] = {"chain": where, **(name if isinstance(name, dict) else {})}
            reading.add(at, place, capped(text(mine.get("grade"))), mine, network, of)


def _statement(event: Row, row: Row, *parts: Row) -> Statement:
    """What an object or an attribute says, taken back where it or a part of it is deleted."""
    gone = next((one for one in (event, row, *parts) if denied(one.get("deleted"))), None)
    maker = event.get("Orgc")
    by = text(maker.get("uuid")) or text(maker.get("name")) if isinstance(maker, dict) else ""
    ident = f"{by} {text(row.get('uuid'))}" if row.get("uuid") else ""
    return Statement(
        ident, moment(_version(gone or row)), "" if gone is None else "its maker deleted it in the event"
    )


def _grade(row: Row) -> str:
    tags = " ".join(text(tag.get("name")) for tag in _rows(row, "Tag"))
    found = _CREDIBLE.search(tags)
    return capped(_GRADES.get(found[1], "")) if found else "E"
