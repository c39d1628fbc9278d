"""STIX 2.1 bundles of partners: wallets that relationships, notes, holders or indicators give a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo
from recover_labels.partners import (
    CHAIN,
    MOST_OBJECTS,
    PERSONAL,
    REPLACED,
    Reading,
    by_number,
    capped,
    loaded,
    published,
    shaped,
    text,
)
from recover_labels.rows import batches
from recover_labels.versions import Statement, denied, moment, newest

_HEAD = re.compile(rb'"type"\s*:\s*"bundle"')
_TEXT = r"'((?:[^'\\]|\\.){1,256})'"
_MANY = r"'(?:[^'\\]|\\.)*'"
_COMPARED = re.compile(rf"([a-z0-9-]+:[\w.'-]+)\s*(?:=|\bIN\b)\s*({_MANY}|\(\s*{_MANY}(?:\s*,\s*{_MANY})*\s*\))")
"""One comparison of a pattern, with a text or with a list of them (STIX 2.1, 9.6)."""
_GRADED = re.compile(r"grade-([a-e])")
_SERVICES = ("organization",)
_CALLED = ("group", "class", "system")
"""Classes of identities that are services, and that are names and nothing more; any other may be a person."""
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
        kept = newest(objects, "id", _version, "revoked")
        reading.unread[REPLACED] += len(objects) - len(kept)
        known = {str(objects[number].get("id")): objects[number] for number in sorted(kept)}
        for one in known.values():
            if one.get("type") == "identity" and one.get("identity_class") not in (*_SERVICES, *_CALLED):
                reading.person(one.get("name"))
        for place in sorted(kept):
            _read(objects[place], place, known, reading)
        yield from batches(self.info.id, self.info.version, reading.settled(), reading.gaps())


def _version(one: Object) -> object:
    return one.get("modified") or one.get("created")


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
        _held(one, {}, place, known.get(str(one["holder_ref"]), {}), reading)
    elif kind == "indicator":
        _indicated(one, place, reading)
    elif kind not in _READ | _FRAME:
        reading.unread[f"STIX objects of the type {kind[:60] or 'none'}"] += 1


def _related(one: Object, place: int, known: Mapping[str, Object], reading: Reading) -> None:
    ends = [known.get(str(one.get(name)), {}) for name in ("source_ref", "target_ref")]
    wallets = [end for end in ends if end.get("type") == "cryptocurrency-wallet"]
    holders = [end for end in ends if end.get("type") == "identity"]
    if len(wallets) == 1 and len(holders) == 1:
        _held(wallets[0], one, place, holders[0], reading)
    else:
        reading.unread["STIX relationships that tie no wallet to an identity"] += 1


def _held(wallet: Object, said: Object, place: int, holder: Object, reading: Reading) -> None:
    """A wallet that is tied to an identity: an organisation may be a service, a group or a system is a name and
    nothing more, and who may be a person is neither.
    """
    kind = holder.get("identity_class")
    if holder and kind not in (*_SERVICES, *_CALLED):
        reading.unread[PERSONAL] += 1
        return
    name = text(holder.get("name"))
    _label(wallet, said, place, {"label": name, "service": name if kind in _SERVICES else ""}, reading, holder)


def _label(
    wallet: Object,
    said: Object,
    place: int,
    told: Mapping[str, str],
    reading: Reading,
    holder: Object | None = None,
) -> None:
    if wallet.get("type") != "cryptocurrency-wallet":
        return
    own = _own(said)
    stated = text(own.get("grade"))
    grade = capped(stated) if stated else by_number(said.get("confidence"))
    chains = _list(_own(wallet).get("chains"))
    chain = own.get("chain") or (chains[0] if len(chains) == 1 else None)
    # A name with a grade of its own says also when it was asserted, or that nobody knows: not the day of the file.
    dated = {} if stated else {"asserted": text(said.get("created"))[:10]}
    until = {"until": text(said.get("stop_time"))}
    made = _statement(said or wallet, *(one for one in (wallet, holder) if one))
    reading.add(
        text(wallet.get("value")), place, grade, {**dated, **until, **told, **own, "chain": chain}, of=made
    )


def _statement(one: Object, *about: Object) -> Statement:
    """What `one` says, taken back where it is revoked, or where what it speaks `about` is."""
    gone = next((each for each in (one, *about) if denied(each.get("revoked"))), None)
    ident = f"{text(one.get('created_by_ref'))} {text(one.get('id'))}" if one.get("id") else ""
    version = moment(_version(one if gone is None else gone))
    return Statement(
        ident, version, "" if gone is None else f"its maker revoked the {text(gone.get('type'))[:60]}"
    )


def _own(one: Object) -> dict[str, Any]:
    """What the extension for exact values says, whoever wrote it."""
    found = one.get("extensions")
    for said in found.values() if isinstance(found, dict) else ():
        if isinstance(said, dict) and ({"grade", "chain"} <= set(said) or "chains" in said):
            return dict(said)
    return {}


def _indicated(one: Object, place: int, reading: Reading) -> None:
    found, whole = _wallets(text(one.get("pattern")))
    grade = by_number(one.get("confidence"))
    told = {"label": text(one.get("name")) or "indicator", "asserted": text(one.get("valid_from"))[:10]}
    told |= {"until": text(one.get("valid_until"))}
    tags = [tag for tag in _list(one.get("labels")) if isinstance(tag, str)]
    if stated := next((match[1] for tag in tags if (match := _GRADED.fullmatch(tag))), ""):
        own = published(tags[0], next((tag for tag in tags if CHAIN.fullmatch(tag)), ""), stated)
        grade, told = capped(stated.upper()), told | own | {"asserted": text(one.get("modified"))[:10]}
    for address in found if whole else ():
        reading.add(address, place, grade, told, of=_statement(one))
    if found and not whole:
        reading.unread["STIX patterns that ask for more than one of several wallets"] += 1
    elif not found:
        reading.unread["STIX indicators of no wallet"] += 1


def _wallets(pattern: str) -> tuple[list[str], bool]:
    """The wallets that a pattern has, and whether any one of them is all that it asks for."""
    rest = _COMPARED.sub(" c ", pattern)
    whole = set(re.findall(r"[^\s\[\]()]+", rest)) <= {"c", "OR"}
    found = [
        re.sub(r"\\(.)", r"\1", value)
        for path, values in _COMPARED.findall(pattern)
        if path == "cryptocurrency-wallet:value"
        for value in re.findall(_TEXT, values)
    ]
    return [*dict.fromkeys(found)], whole and "NOT" not in rest


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
