"""What partners send, read as labels: bounded, placed on a chain, and never surer than grade C.

A partner's claim is no better than what it rests on, which is in none of our exhibits: whatever it is called
there, here it is C at best (moderate), D where it is called weak, E where nothing says how sure it is.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from recover.sdk import Exhibit, Gap, NotRecognised
from recover.sdk.counts import counted
from recover_labels.lists import ROLES
from recover_labels.networks import DATA, Unplaced, find, shape
from recover_labels.rows import MOST_TEXT, Label, bounded, canonical, fault, refuse
from recover_labels.versions import UNVERSIONED, Statement

MOST_OBJECTS = 500_000
CHAIN = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUG = re.compile(r"[a-z]{1,30}(?:-[a-z]{1,30}){0,4}")
_KEPT = ("label", "service", "category", "origin", "source")
_MOST_WORDS = 8
"""Words of a person's name that are looked for in a label."""
PERSONAL = "names of persons, or of holders of no stated kind: no person is a label of an address"
TAKEN_BACK = "statements that their maker took back: they name nothing"
REPLACED = "earlier versions of what stands in the file again: the latest counts"


@cache
def _grades() -> Mapping[str, str]:
    told = tomllib.loads((DATA / "partners.toml").read_text(encoding="utf-8"))
    return dict(told["grades"])


def capped(stated: str) -> str:
    """The grade here of what a partner calls by a letter; E for anything else."""
    return _grades().get(stated, "E")


def by_number(confidence: object) -> str:
    """The grade here of a STIX confidence from 0 to 100."""
    if not isinstance(confidence, int) or isinstance(confidence, bool):
        return "E"
    return "C" if confidence >= 50 else "D" if confidence >= 25 else "E"


@dataclass(slots=True)
class Reading:
    """What is learned while one file is read: labels, and counts that become gaps."""

    exhibit: Exhibit
    said: str
    labels: dict[Label, None] = field(default_factory=dict)
    unplaced: Unplaced = field(default_factory=Unplaced)
    unread: Counter[str] = field(default_factory=Counter)
    odd: list[tuple[str, int]] = field(default_factory=list)
    persons: set[str] = field(default_factory=set)

    def person(self, *names: object) -> None:
        """Note what the file calls a person by: no label may say it."""
        self.persons |= {" ".join(_words(text(name))) for name in names} - {""}

    def add(
        self,
        address: str,
        place: int,
        grade: str,
        told: Mapping[str, Any],
        network: str = "",
        of: Statement = UNVERSIONED,
    ) -> None:
        """One label, from a mapping with the names that `recover export` gives: all of it is a partner's word.

        `of` is the statement that names the address: one that its maker took back is a label that does not count.
        """
        if (wrong := fault(address) or _long(told)) is not None:
            self.odd.append((wrong, place))
            return
        if self._personal(told):
            self.unread[PERSONAL] += 1
            return
        chain = self._chain(told.get("chain"), network, address)
        if chain is None:
            self.unplaced.add(network, place)
            return
        asserted = str(told.get("asserted", ""))[:10]
        label = Label(
            chain=chain,
            address=address,
            grade=grade,
            place=place,
            service=text(told.get("service")),
            label=text(told.get("label")) or text(told.get("service")),
            role=told["role"] if told.get("role") in ROLES else "other",
            category=text(told.get("category")),
            source=self.said,
            origin=text(told.get("origin")) or self.said,
            asserted=asserted if _DATE.fullmatch(asserted) else "",
            params=canonical(
                {
                    **{name: text(told.get(name)) for name in ("grade", "source", "tx")},
                    "until": day if _DATE.fullmatch(day := text(told.get("until"))[:10]) else "",
                    **of.params(f"{self.exhibit.captured:%Y-%m-%d}"),
                }
            ),
        )
        if label.label:
            self.labels[label] = None
            self.unread[TAKEN_BACK] += bool(of.gone)
        else:
            self.unread["addresses without a name"] += 1

    def _personal(self, told: Mapping[str, Any]) -> bool:
        """Whether a label would say what this file calls a person by."""
        if not self.persons:
            return False
        for name in _KEPT:
            words = _words(text(told.get(name)))
            runs = (words[at : at + n] for n in range(1, _MOST_WORDS + 1) for at in range(len(words)))
            if any(" ".join(run) in self.persons for run in runs):
                return True
        return False

    def settled(self) -> list[Label]:
        """The labels, where one file is one mouth: of one address and service, they have the first origin stated.

        Two pages that one partner names would else lift the partner's own word by a grade.
        """
        first: dict[tuple[str, str, str], str] = {}
        for one in self.labels:
            first.setdefault((one.chain, one.address, one.service.casefold()), one.origin)
        return [replace(one, origin=first[one.chain, one.address, one.service.casefold()]) for one in self.labels]

    def _chain(self, stated: object, network: str, address: str) -> str | None:
        if isinstance(stated, str) and CHAIN.fullmatch(stated):
            return stated
        return (find(network, address) if network else None) or self.exhibit.chain or shape(address)

    def gaps(self) -> Iterator[Gap]:
        """What of the file is no label here."""
        yield from self.unplaced.gaps()
        for what, count in sorted((what, count) for what, count in self.unread.items() if count):
            yield Gap(
                code="partner-not-read",
                subject=what,
                why=f"{counted(count, 'record')} of a partner's file: {what}. A partner's word shows no movement.",
                effect="No figure rests on them. `recover check` holds stated movements against the exhibits.",
            )
        for why, place in self.odd:
            yield Gap(
                code="label-address",
                subject=f"record {place}",
                why=f"It cannot be a label: {why}.",
                effect="This record labels nothing.",
                place=place,
            )


def text(value: object) -> str:
    """A text of the file on one line; empty for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def _words(value: str) -> list[str]:
    return re.findall(r"\w+", value.casefold())


def _long(told: Mapping[str, Any]) -> str | None:
    kept = ((name, told.get(name)) for name in _KEPT)
    name = next((k for k, v in kept if isinstance(v, str) and len(v) > MOST_TEXT), None)
    return None if name is None else f"the field {name} has more than {MOST_TEXT} characters"


def loaded(code: str, exhibit: Exhibit) -> Any:
    """The JSON of a file. Numbers with a point stay text. Raises Error with the reason."""
    data = bounded(code, exhibit.name, exhibit.data)
    try:
        return json.loads(data.decode("utf-8-sig"), parse_float=str, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        refuse(code, exhibit.name, [f"it is no JSON ({error})"[:300]], "Ask for the file again, and import that.")


def inner(value: object) -> Mapping[str, Any]:
    """A JSON object that stands in a text, as `recover export` puts one there; empty for anything else."""
    if not isinstance(value, str) or not value.startswith("{"):
        return {}
    try:
        found = json.loads(value, parse_float=str, parse_constant=_constant)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def published(category: str, chain: str, grade: str) -> dict[str, str]:
    """What an entry of a feed of this program says of an address: what it was used for, and no name."""
    known = category if _SLUG.fullmatch(category) else ""
    return {"category": known, "label": (known or "listed in a feed").replace("-", " ")} | {
        "chain": chain,
        "grade": grade.upper(),
    }


def _constant(text: str) -> object:
    raise ValueError(f"{text} is no JSON")


def shaped(code: str, exhibit: Exhibit, what: str, fits: bool) -> None:
    """Raises NotRecognised where a file has not the shape of its format."""
    if not fits:
        raise NotRecognised(
            code,
            f"{exhibit.name} is no {what}.",
            f"Its outermost value is not that of a {what}, or has more than {MOST_OBJECTS:,} records.",
            "Import the file itself, or name the right source with --as.",
        )
