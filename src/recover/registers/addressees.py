"""The register of addressees: who can act, read strictly, every fact with its source, date and confidence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from recover.registers.services import Files, Register, files_of, joined, of_files
from recover.sdk.addressee import (
    CONFIDENCES,
    FORMS,
    HOLDS,
    KINDS,
    OF,
    SENDERS,
    STATES,
    TOLD,
    Addressee,
    Body,
    Channel,
    Deposit,
    Form,
    Measure,
    Power,
    Said,
    Standing,
    Time,
)
from recover.sdk.counts import counted
from recover.sdk.errors import Error
from recover.sdk.outside import visible
from recover.sdk.plugin import Template
from recover.sdk.view import Service

OLD = 180
"""Days after which a fact is called old: operators, mailboxes and portals change within months."""

NAMED = ("exchange", "swapper", "payment", "p2p")
"""Kinds whose brand and aliases name a service in a label. An issuer or a chain is no place where value ends."""

_STATE = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_CHAIN = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_LISTS: Mapping[str, type] = {
    "entities": Body,
    "channels": Channel,
    "asks": Said,
    "forms": Form,
    "times": Time,
    "deposits": Deposit,
    "measures": Measure,
    "notes": Said,
}
# What a person writes in the file, where the record's field has another name.
_WRITTEN = {"who": "for", "order": "on_whose_order"}
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """A fact older than `OLD` days, or that says no date: of which entry, what it says, and since when."""

    id: str
    field: str
    says: str
    as_of: str
    days: int | None


def load(template: Template | None) -> Mapping[str, Addressee]:
    """Every entry by id; empty without a register. Raises Error that lists all faults of all files at once."""
    return _loaded(files_of(template))


@lru_cache(maxsize=4)
def _loaded(files: Files) -> Mapping[str, Addressee]:
    # A run asks several times; the same files are read once.
    return MappingProxyType(dict(read(file for file, _, _ in files)))


def read(files: Iterable[Path]) -> Mapping[str, Addressee]:
    """The entries of these files by id. Raises Error that lists every fault."""
    found: dict[str, Addressee] = {}
    wrong: list[str] = []
    for file in files:
        try:
            raw = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            # Whole, as a file of one's own lies in a folder that nobody has by heart.
            wrong.append(f"{file} cannot be read as TOML: {visible(str(error), 120)}")
            continue
        problems: list[str] = []
        entry = _entry(raw, problems)
        if entry is not None and entry.id in found:
            problems.append(f"the id {entry.id} is taken")
        if entry is None or problems:
            wrong += [f"{file.name}: {problem}" for problem in problems]
            continue
        found[entry.id] = entry
    if wrong:
        raise _faulty(wrong)
    return dict(sorted(found.items()))


def _faulty(wrong: Sequence[str]) -> Error:
    return Error(
        "register-entry",
        f"The register of addressees has {counted(len(wrong), 'fault')}.",
        "; ".join(wrong[:20]) + ".",
        "Mend the entries; its README lists the keys. Nothing of a register that is not whole is used.",
    )


def one(raw: Mapping[str, Any], where: str) -> Addressee:
    """One entry that was read elsewhere. Raises Error that lists its faults."""
    problems: list[str] = []
    entry = _entry(raw, problems)
    if entry is None or problems:
        raise _faulty([f"{where}: {problem}" for problem in problems])
    return entry


def services(templates: Mapping[str, Template], more: Mapping[str, Addressee] | None = None) -> Register:
    """Services by every name they go by: the register of services, and what addressees (the installed ones, or
    these) add to it."""
    if more is not None:
        return joined(templates.get("services"), _named(more))
    return _services(files_of(templates.get("services")), files_of(templates.get("addressees")))


@lru_cache(maxsize=4)
def _services(services: Files, addressees: Files) -> Register:
    # Asked for at every round of a pursuit: of the same files it is the same.
    return of_files(services, _named(_loaded(addressees)))


def _named(entries: Mapping[str, Addressee]) -> list[Service]:
    return [service(one) for one in entries.values() if one.kind in NAMED]


def of(service: Service, entries: Mapping[str, Addressee], register: Register) -> Addressee | None:
    """The addressee that answers for a service: the one whose names the register gives to it."""
    if service.id in entries:
        return entries[service.id]
    for entry in entries.values():
        if entry.kind not in NAMED:
            continue
        named = (register.exact(name) for name in (entry.id, entry.brand, *entry.aliases))
        if any(one is not None and one.id == service.id for one in named):
            return entry
    return None


def meant(name: str, entries: Mapping[str, Addressee], register: Register) -> Addressee | None:
    """The entry, of whatever kind, that a person means by a name: by id, brand or alias, else as labels write it.

    None where two entries go by the name: which of them is meant would be a guess.
    """
    if name in entries:
        return entries[name]
    wanted = name.casefold().strip()
    called = [e for e in entries.values() if wanted in {t.casefold() for t in (e.id, e.brand, *e.aliases)}]
    if len(called) == 1:
        return called[0]
    found = register.match(name) if not called else None
    return of(found, entries, register) if found is not None else None


def legal(entry: Addressee) -> dict[str, str]:
    """Whom a letter can name: whom it asks for, else the first entity, unconfirmed; and the other entities."""
    told = [", ".join(part for part in (b.name, b.country, b.number) if part) for b in entry.entities]
    first = "" if entry.to else "".join(told[:1])
    return {"to": entry.to, "entity": first, "entities": "; ".join(told if entry.to else told[1:])}


def service(entry: Addressee) -> Service:
    """The entry as registers of services have it."""
    first = entry.entities[0] if entry.entities else None
    return Service(
        id=entry.id,
        name=entry.brand,
        category=entry.kind,
        aliases=entry.aliases,
        uri=entry.domains[0] if entry.domains else "",
        jurisdictions=tuple(dict.fromkeys(body.country for body in entry.entities if body.country)),
        legal={**legal(entry), "address": "", "channel": ""},
        source=first.source if first else entry.status.source,
        as_of=first.as_of if first else entry.status.as_of,
        deposits={one.chain: one.told == "memo" for one in entry.deposits},
    )


def facts(entry: Addressee) -> Iterator[tuple[str, str, str]]:
    """(field, what it says, date of its source) of every fact that an entry states."""
    if entry.status.value:
        yield "status", entry.status.text or entry.status.value, entry.status.as_of
    if entry.freeze is not None:
        yield "freeze", entry.freeze.can or entry.freeze.how, entry.freeze.as_of
    yield from (("entity", body.name, body.as_of) for body in entry.entities)
    yield from (("channel", channel.value, channel.as_of) for channel in entry.channels)
    for name in ("asks", "times", "notes"):
        yield from ((name, said.what, said.as_of) for said in getattr(entry, name))
    yield from (("form", one.what, one.as_of) for one in entry.forms)
    yield from (("deposit", _told(one), one.as_of) for one in entry.deposits)
    yield from (("measure", measure.what, measure.as_of) for measure in entry.measures)


def _told(one: Deposit) -> str:
    return f"deposits are told apart by {one.told} on {one.chain or 'every chain'}"


def old(entry: Addressee, today: date) -> list[Old]:
    """The facts of an entry that are older than `OLD` days, or whose source has no date."""
    made = []
    for name, says, as_of in facts(entry):
        days = age(as_of, today)
        if days is None or days > OLD:
            made.append(Old(id=entry.id, field=name, says=says, as_of=as_of, days=days))
    return made


def age(as_of: str, today: date) -> int | None:
    """Days since a date as a source gives it, from its first possible day; None where it gives none."""
    if not _DAY.fullmatch(as_of):
        return None
    year, month, day = [*map(int, as_of.split("-")), 1, 1][:3]
    return (today - date(year, month, day)).days


FIELDS = ("status", "entities", "channels", "asks", "forms", "times", "deposits", "freeze")
"""What an entry should say, so that a register can state how much of it is filled."""


def filled(entries: Sequence[Addressee]) -> Mapping[str, int]:
    """How many of the entries say something in each of `FIELDS`."""
    found = dict.fromkeys(FIELDS, 0)
    for entry in entries:
        for name in FIELDS:
            found[name] += bool(entry.status.value) if name == "status" else bool(getattr(entry, name))
    return found


def unsaid(entries: Iterable[Addressee]) -> list[str]:
    """The ids of the services that take deposits and of which no source says how they are told apart."""
    return [entry.id for entry in entries if entry.kind in NAMED and not entry.deposits]


def _entry(raw: Mapping[str, Any], problems: list[str]) -> Addressee | None:
    known = {f.name for f in fields(Addressee)}
    problems += [f"unknown key {visible(key, 40)}" for key in sorted(set(raw) - known)]
    needed = [f.name for f in fields(Addressee) if f.default is MISSING]
    problems += [f"no {key}" for key in needed if key not in raw]
    if problems:
        return None
    for key in ("id", "kind", "brand", "looked"):
        _text(raw[key], key, problems)
    for key in ("aliases", "domains"):
        if not isinstance(raw[key], list) or not all(isinstance(v, str) and v for v in raw[key]):
            problems.append(f"{key} is no list of texts")
    made: dict[str, Any] = {key: _table(Standing, raw["status"], "status", problems) for key in ("status",)}
    made["freeze"] = _table(Power, raw["freeze"], "freeze", problems) if "freeze" in raw else None
    for key, kind in _LISTS.items():
        rows = raw.get(key, [])
        if not isinstance(rows, list):
            problems.append(f"{key} is no list of tables")
            continue
        made[key] = tuple(_table(kind, row, f"{key} {n}", problems) for n, row in enumerate(rows, 1))
    if "to" in raw:
        _text(raw["to"], "to", problems)
    if problems:
        return None
    plain = {key: raw[key] for key in ("id", "kind", "brand", "looked")} | {"to": raw.get("to", "")}
    entry = Addressee(**plain, aliases=tuple(raw["aliases"]), domains=tuple(raw["domains"]), **made)
    problems += _doubts(entry)
    return entry


def _doubts(entry: Addressee) -> list[str]:
    found = [] if _ID.fullmatch(entry.id) else [f"the id {visible(entry.id, 70)!r} is no plain name"]
    if entry.kind not in KINDS:
        found.append(f"the kind {visible(entry.kind, 40)!r} is not one of {', '.join(KINDS)}")
    if entry.status.value not in STATES:
        found.append(f"the status {visible(entry.status.value, 40)!r} is not one of {', '.join(STATES[1:])}")
    for one in entry.deposits:
        if one.told not in TOLD:
            found.append(f"deposits: told {visible(one.told, 40)!r} is not one of {', '.join(TOLD)}")
        if one.chain and not _CHAIN.fullmatch(one.chain):
            found.append(f"deposits: chain {visible(one.chain, 60)!r} is no CAIP-2 id, and not empty")
    for key, known in _CHOICES.items():
        odd = [said for one in entry.forms if (said := getattr(one, key)) not in known]
        found += [f"forms: {key} {visible(said, 40)!r} is not one of {', '.join(known)}" for said in odd]
    odd = [one.sender for one in entry.channels if one.sender not in SENDERS]
    found += [f"channels: sender {visible(said, 40)!r} is not one of {', '.join(SENDERS[1:])}" for said in odd]
    found += _terms(entry)
    twice = {one.chain for one in entry.deposits if sum(o.chain == one.chain for o in entry.deposits) > 1}
    found += [f"deposits: {chain or 'every chain'} is said twice" for chain in sorted(twice)]
    if not entry.brand:
        found.append("the brand is empty")
    if not _DAY.fullmatch(entry.looked) or len(entry.looked) != 10:
        found.append(f"looked {visible(entry.looked, 40)!r} is no date like 2026-11-28")
    return found


def _terms(entry: Addressee) -> list[str]:
    """What is odd about its terms: each says of what it is, and how long, in days or in hours."""
    found = []
    for n, one in enumerate(entry.times, 1):
        for key, known in (("holds", HOLDS), ("sender", SENDERS)):
            if (said := getattr(one, key)) not in known:
                found.append(f"times {n}: {key} {visible(said, 40)!r} is not one of {', '.join(known[1:])}")
        if bool(one.holds) != (bool(one.days) != bool(one.hours)):
            found.append(f"times {n}: what holds says how long, in days or in hours, and nothing else does")
        elif not one.holds and (one.sender or one.unsaid or one.renewable or one.ordered or one.unfiled):
            found.append(f"times {n}: sender, unsaid, renewable, ordered and unfiled are of what holds something")
        elif one.holds == "report" and one.renewable:
            found.append(f"times {n}: a day for a report is not renewed")
    return found


_FLAGS = ("stops", "unsaid", "renewable", "ordered", "unfiled")
_COUNTS = ("days", "hours")
_CODES = ("states",)
_LONGEST = 3_660
_CHOICES: Mapping[str, tuple[str, ...]] = {"form": FORMS, "of": OF, "takes": ("yes", "no")}


def _table(kind: type, raw: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(raw, dict):
        problems.append(f"{where} is no table")
        return None
    named = {_WRITTEN.get(f.name, f.name): f.name for f in fields(kind)}
    # One word for a note's text and for what is asked: what is said.
    given = {("what" if key == "text" and kind is Said else key): value for key, value in raw.items()}
    problems += [f"{where}: unknown key {visible(key, 40)}" for key in sorted(set(given) - set(named))]
    made: dict[str, Any] = {}
    for key, name in named.items():
        if name in _FLAGS:
            made[name] = given.get(key, None if name == "stops" else False)
            if not isinstance(made[name], bool):
                problems.append(f"{where}: {key} is neither true nor false")
        elif name in _CODES:
            made[name] = _codes(given.get(key, []), f"{where}: {key}", problems)
        elif name in _COUNTS:
            made[name] = given.get(key, 0)
            if type(made[name]) is not int or not 0 <= made[name] <= _LONGEST:
                problems.append(f"{where}: {key} is no whole number from 0 to {_LONGEST:,}")
        else:
            made[name] = _text(given.get(key, ""), f"{where}: {key}", problems)
    _sourced(made, where, problems)
    return kind(**made)


def _codes(value: Any, where: str, problems: list[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and _STATE.fullmatch(v) for v in value):
        problems.append(f"{where} is no list of states as in ISO 3166-1, such as TH")
        return ()
    return tuple(value)


def _sourced(made: Mapping[str, Any], where: str, problems: list[str]) -> None:
    """A fact without a source is an invention, and one without a date says so by an empty date."""
    says = any(value for key, value in made.items() if key not in ("source", "as_of", "confidence", *_FLAGS))
    if says and not made["source"]:
        problems.append(f"{where}: it says something, and names no source")
    if says and made["confidence"] not in CONFIDENCES:
        told = visible(str(made["confidence"]), 40)
        problems.append(f"{where}: the confidence {told!r} is not one of {', '.join(CONFIDENCES)}")
    if made["as_of"] and not _DAY.fullmatch(made["as_of"]):
        problems.append(f"{where}: as_of {visible(str(made['as_of']), 40)!r} is no date like 2026-11-28")


def _text(value: Any, where: str, problems: list[str]) -> str:
    if not isinstance(value, str):
        problems.append(f"{where} is no text")
        return ""
    if len(value) > _MOST:
        problems.append(f"{where} has {len(value):,} characters")
    return value
