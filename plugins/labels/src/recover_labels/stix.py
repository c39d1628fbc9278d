"""STIX 2.1 bundles of partners: wallets that relationships, notes, holders or indicators give a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_labels.partners import MOST_OBJECTS, Reading, by_number, capped, loaded, shaped, text
from recover_labels.rows import batches

_HEAD = re.compile(rb'"type"\s*:\s*"bundle"')
_PATTERN = re.compile(r"\[\s*cryptocurrency-wallet:value\s*=\s*'([^']{1,256})'\s*\]")
_READ = frozenset(("cryptocurrency-wallet", "identity", "relationship", "note", "indicator"))
_FRAME = frozenset(("extension-definition", "marking-definition", "grouping", "report"))

Object = Mapping[str, Any]


class Stix:
    """Reads a bundle, and asserts a label for each name that it gives a cryptocurrency-wallet."""

    info = SourceInfo(
        id="stix",
        version="1",
        title="STIX bundle of a partner",
        chains=("*",),
        place="item",
        media="STIX 2.1 bundle (JSON) with cryptocurrency-wallet objects or patterns",
        terms="as its marking (TLP) states",
        limits="64 MiB; grade C at best; transactions and other objects are counted, not read",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """It begins as a bundle does."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and bool(_HEAD.search(head[:2000]))

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: bundles are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Labels in order; `place` is an object's number in the bundle, from 0. Raises Error, NotRecognised."""
        root = loaded("stix-json", exhibit)
        listed = root.get("objects", []) if isinstance(root, dict) and root.get("type") == "bundle" else None
        shaped("stix-shape", exhibit, "STIX bundle", isinstance(listed, list) and len(listed) <= MOST_OBJECTS)
        reading = Reading(exhibit, "")
        objects = [one if isinstance(one, dict) else {} for one in listed or ()]
        known = {str(one.get("id")): one for one in objects}
        for place, one in enumerate(objects):
            _read(one, place, known, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _read(one: Object, place: int, known: Mapping[str, Object], reading: Reading) -> None:
    kind = text(one.get("type"))
    maker = known.get(str(one.get("created_by_ref")), {})
    reading.said = f"STIX bundle by {text(maker.get('name')) or 'nobody named'}"
    if kind == "relationship":
        _related(one, place, known, reading)
    elif kind == "note":
        for ref in _list(one.get("object_refs")):
            _label(known.get(str(ref), {}), one, place, {"label": text(one.get("abstract"))}, reading)
    elif kind == "cryptocurrency-wallet" and "holder_ref" in one:
        holder = known.get(str(one["holder_ref"]), {})
        _label(one, {}, place, _service(holder), reading)
    elif kind == "indicator":
        _indicated(one, place, reading)
    elif kind not in _READ | _FRAME:
        reading.unread[f"STIX objects of the type {kind[:60] or 'none'}"] += 1


def _related(one: Object, place: int, known: Mapping[str, Object], reading: Reading) -> None:
    ends = [known.get(str(one.get(name)), {}) for name in ("source_ref", "target_ref")]
    wallets = [end for end in ends if end.get("type") == "cryptocurrency-wallet"]
    holders = [end for end in ends if end.get("type") == "identity"]
    if len(wallets) == 1 and len(holders) == 1:
        _label(wallets[0], one, place, _service(holders[0]), reading)
    else:
        reading.unread["STIX relationships that tie no wallet to an identity"] += 1


def _service(identity: Object) -> dict[str, str]:
    """An organisation may be a service; whoever else it is, is a name and nothing more."""
    name = text(identity.get("name"))
    return {"label": name, "service": name if identity.get("identity_class") == "organization" else ""}


def _label(wallet: Object, said: Object, place: int, told: Mapping[str, str], reading: Reading) -> None:
    if wallet.get("type") != "cryptocurrency-wallet":
        return
    own = _own(said)
    stated = text(own.get("grade"))
    grade = capped(stated) if stated else by_number(said.get("confidence"))
    chains = _list(_own(wallet).get("chains"))
    chain = own.get("chain") or (chains[0] if len(chains) == 1 else None)
    day = text(said.get("created"))[:10]
    reading.add(text(wallet.get("value")), place, grade, {"asserted": day, **told, **own, "chain": chain})


def _own(one: Object) -> dict[str, Any]:
    """What the extension for exact values says, whoever wrote it."""
    found = one.get("extensions")
    for said in found.values() if isinstance(found, dict) else ():
        if isinstance(said, dict) and ({"grade", "chain"} <= set(said) or "chains" in said):
            return dict(said)
    return {}


def _indicated(one: Object, place: int, reading: Reading) -> None:
    found = _PATTERN.findall(text(one.get("pattern")))
    for address in found:
        told = {"label": text(one.get("name")) or "indicator", "asserted": text(one.get("valid_from"))[:10]}
        reading.add(address, place, by_number(one.get("confidence")), told)
    if not found:
        reading.unread["STIX indicators of no wallet"] += 1


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
