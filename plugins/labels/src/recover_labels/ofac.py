"""Addresses on the US Treasury's list of specially designated nationals, as lists made from it give them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from recover.sdk import Ask, Batch, Exhibit, NotRecognised, Recorder, SourceInfo
from recover_labels.networks import Unplaced, find, shape
from recover_labels.rows import Label, batches, bounded, fault, refuse

_COPY = r"(?:[ _-]*(?:\(\d{1,3}\)|copy))*"
_BARE = re.compile(
    rf"(?:ofac[ _-])?sanctioned[ _-]addresses(?:[ _-]([A-Za-z0-9]{{2,10}}?))?{_COPY}\.(?:json|txt)", re.IGNORECASE
)
"""Also as a browser or a person renames it: without its currency, with a number in brackets, as a copy."""
_LINE = re.compile(rb"[0-9A-Za-z:]{20,110}\s*")
_OBJECT = re.compile(r"ofac[-_]addresses(?:[-_]([A-Za-z0-9]+))?\.json", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LABEL = "OFAC SDN address"


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """The addresses, the currency that the file's name gives ("" for none), the date that the list states."""

    addresses: list[object]
    currency: str
    as_of: str


class Ofac:
    """Reads lists named `sanctioned_addresses_CUR.json` or `.txt`, and `ofac-addresses-cur.json` with a date.

    A name that lost its currency is read by the form of each address; any list of addresses is, with `--as ofac`.
    Of a text, `place` is the address's number, from 0, as of a JSON list.
    """

    info = SourceInfo(
        id="ofac",
        version="1",
        title="OFAC sanctioned addresses (JSON or text)",
        chains=("*",),
        place="item",
        media="JSON or text, a list of sanctioned addresses",
        terms="the list is a work of the US government, in the public domain",
        limits="the currency is read from the file's name, and without it from each address's form; USDT and USDC "
        "are split by the form of the address",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """A JSON list with the known name, or an object with a date and addresses whose name says OFAC."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if _BARE.fullmatch(name) and name.lower().endswith(".txt"):
            return all(_LINE.fullmatch(line) for line in start.splitlines()[:20] if line.strip())
        if start.startswith(b"["):
            return _BARE.fullmatch(name) is not None
        dated = b'"lastUpdated"' in head and b'"addresses"' in head
        return start.startswith(b"{") and dated and _OBJECT.fullmatch(name) is not None

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: lists are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """One label an address; `place` is its index, from 0. Raises Error naming every bad item (up to 20)."""
        found = _read(exhibit)
        problems: list[str] = []
        unplaced = Unplaced()
        labels = list(_labels(found, problems, unplaced))
        if problems:
            refuse("ofac-items", exhibit.name, problems, "Correct these items, or get the list again.")
        yield from batches(self.info.id, self.info.version, labels, unplaced.gaps())


def _read(exhibit: Exhibit) -> List:
    data = bounded("ofac-size", exhibit.name, exhibit.data)
    named = _BARE.fullmatch(exhibit.name)
    if exhibit.name.lower().endswith(".txt"):
        lines = data.decode("utf-8-sig", "replace").split()
        return List(addresses=list(lines), currency=(named and named[1]) or "", as_of="")
    try:
        root: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        refuse("ofac-json", exhibit.name, [f"it is not JSON: {error}"], "Get the list again.")
    bare, named = _BARE.fullmatch(exhibit.name), _OBJECT.fullmatch(exhibit.name)
    if isinstance(root, list):
        return List(addresses=root, currency=(bare and bare[1]) or "", as_of="")
    addresses = root.get("addresses") if isinstance(root, dict) else None
    if isinstance(root, dict) and isinstance(addresses, list):
        stated = root.get("lastUpdated")
        date = stated if isinstance(stated, str) and _DATE.fullmatch(stated) else ""
        return List(addresses=addresses, currency=(named and named[1]) or "", as_of=date)
    raise NotRecognised(
        "ofac-shape",
        f"{exhibit.name} is no list of sanctioned addresses.",
        "It must be a JSON list named sanctioned_addresses_CURRENCY.json, or an object with `addresses`.",
        "Keep the file's published name, because the currency is only there.",
    )


def _labels(found: List, problems: list[str], unplaced: Unplaced) -> Iterator[Label]:
    for place, address in enumerate(found.addresses):
        wrong = fault(address) if isinstance(address, str) else "it is no text"
        if wrong is not None or not isinstance(address, str):
            problems.append(f"item {place}: {wrong}")
            continue
        chain = find(found.currency, address) if found.currency else shape(address)
        if chain is None:
            unplaced.add(found.currency, place)
            continue
        guessed = not found.currency or found.currency.upper() in ("USDT", "USDC")
        yield Label(
            chain=chain,
            address=address,
            grade="B",
            place=place,
            label=_LABEL,
            role="sanctioned",
            category="sanctioned",
            source="OFAC SDN list",
            origin="OFAC SDN list",
            asserted=found.as_of,
            note="The list does not name the network; it is taken from the form of the address."
            if guessed
            else "",
        )
