"""MISP events of partners: coin addresses, with the name that their object or their event gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_labels.partners import MOST_OBJECTS, Reading, capped, inner, loaded, shaped, text
from recover_labels.rows import batches

_HEAD = re.compile(rb'\s*[\[{]\s*("response"\s*:\s*\[\s*\{\s*)?[\[{]?\s*"Event"\s*:\s*\{')
_CREDIBLE = re.compile(r'admiralty-scale:information-credibility="([1-6])"')
_GRADES = {"1": "A", "2": "B", "3": "C", "4": "D"}
_ADDRESSES = ("address", "address-crypto", "address-xmr")
_TYPES = {"btc": "btc", "xmr": "xmr", "dash": "dash"}
"""Attribute types that are addresses, and the coin of each."""

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
        for place, (event, row) in enumerate(rows):
            maker = event.get("Orgc")
            by = text(maker.get("name")) if isinstance(maker, dict) else ""
            reading.said = f"MISP event {text(event.get('info'))[:200]} by {by or 'nobody named'}"
            _read(event, row, place, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _rows(one: Row, name: str) -> list[Row]:
    value = one.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _read(event: Row, row: Row, place: int, reading: Reading) -> None:
    day = text(event.get("date"))
    if row.get("name") == "coin-address":
        said = {text(a.get("object_relation")): a for a in _rows(row, "Attribute")}
        first = next((said[name] for name in _ADDRESSES if name in said), {})
        own = inner(said.get("text", {}).get("value"))
        network = text(said.get("symbol", {}).get("value")) or _TYPES.get(text(first.get("type")), "")
        _labels(event, first, own, place, network, day, reading)
    elif text(row.get("type")) in _TYPES and "Attribute" not in row:
        network = _TYPES[text(row["type"])]
        label = text(row.get("comment")) or text(event.get("info"))
        told = {"label": label, "asserted": day}
        reading.add(text(row.get("value")), place, _grade(row), told, network)
    else:
        what = f"object {text(row.get('name'))}" if "Attribute" in row else f"attribute of {text(row.get('type'))}"
        reading.unread[f"MISP: {what[:80]}"] += 1


def _labels(event: Row, first: Row, own: Row, place: int, network: str, day: str, reading: Reading) -> None:
    address, names = text(first.get("value")), own.get("names")
    if not isinstance(names, list):  # not as this program writes it: the event's own title is all there is
        title = {"label": text(event.get("info")), "asserted": day}
        reading.add(address, place, _grade(first), title, network)
        return
    for name in names or [{}]:
        told: dict[str, Any] = {
            "asserted": day,
            "chain": own.get("chain"),
            **(name if isinstance(name, dict) else {}),
        }
        reading.add(address, place, capped(text(told.get("grade"))), told, network)


def _grade(row: Row) -> str:
    tags = " ".join(text(tag.get("name")) for tag in _rows(row, "Tag"))
    found = _CREDIBLE.search(tags)
    return capped(_GRADES.get(found[1], "")) if found else "E"
