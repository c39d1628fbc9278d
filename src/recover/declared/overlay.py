"""The user's own part of the register: an agency's entries, and the channels that a named person confirmed.

It lies beside the user's `recover.toml`, and changes whom to write to, never what a trace finds. What a paper
takes from it is journaled in the case first, so that the case alone gives the same paper again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from recover.capture import own
from recover.case import Case, derived
from recover.declared import confirming
from recover.plugins.registry import Plugins
from recover.registers import addressees, asked
from recover.sdk.addressee import Addressee, Confirmed
from recover.sdk.errors import Error
from recover.sdk.outside import visible

CONFIRMED = "confirmed.jsonl"
REMOVED = "removed.txt"
_SITE = re.compile(r"(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\.)+[a-z0-9-]{2,}(?:/[-./\w]*)?", re.IGNORECASE)
_PAGE = re.compile(r"\w[./:]\w")  # a source that names a page or a file, and no conversation


def folder() -> Path:
    """Where the user's entries lie, one TOML file each."""
    return own.path().parent / "register"


def mine() -> Mapping[str, Addressee]:
    """The user's own entries, by id. Raises Error that lists every fault."""
    return addressees.read(sorted(folder().glob("*.toml")))


def directory(plugins: Plugins) -> Mapping[str, Addressee]:
    """Every entry: the user's own in place of an installed one of the same id."""
    return {**addressees.load(plugins.templates.get("addressees")), **mine()}


def confirmations() -> list[Confirmed]:
    """What stands confirmed for every case of this user."""
    return confirming.standing(_kept())


def _kept() -> list[tuple[Confirmed, bool]]:
    """Every confirmation in the user's own register, and whether it takes one back, in order."""
    file = folder() / CONFIRMED
    try:
        lines = file.read_bytes().decode().splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(str(error)) from error
    return [_read(line, n) for n, line in enumerate(lines, 1)]


def keep(said: Confirmed, back: bool) -> None:
    """Add it to the user's own confirmations."""
    folder().mkdir(parents=True, exist_ok=True)
    line = json.dumps({**asdict(said), "back": back}, sort_keys=True, ensure_ascii=False) + "\n"
    handle = os.open(folder() / CONFIRMED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "ab") as out:
        out.write(line.encode())
        os.fsync(out.fileno())


def note(case: Case, said: Confirmed, back: bool) -> None:
    """Journal it in one case."""
    case.note("confirmed", {**asdict(said), "back": back})


def add(file: Path, plugins: Plugins, today: date) -> Addressee:
    """Take a file into the user's own register. Raises Error with its faults, or where it is there already."""
    found = addressees.read([file])
    (entry,) = found.values()
    facts: list[Any] = [entry.status, *([entry.freeze] if entry.freeze else []), *entry.entities, *entry.channels]
    facts += [*entry.asks, *entry.forms, *entry.times, *entry.deposits, *entry.measures, *entry.notes]
    heard = sorted({one.source for one in facts if one.confidence == "own" and not _PAGE.search(one.source)})
    if heard:
        raise Error(
            "register-own",
            f"The entry {entry.id} says `own` (the service's own page) of a fact, and names no page.",
            f"Its sources: {'; '.join(visible(one, 120) for one in heard)}.",
            "Name the page as the source; what a person was told has the confidence `told`.",
        )
    doubts = [*_doubts(entry, [one.as_of for one in facts], today), *_twins(entry, plugins)]
    if doubts:
        raise Error(
            "register-doubt",
            f"The entry {visible(entry.id, 60)} cannot be right.",
            "; ".join(doubts) + ".",
            "Correct it. An entry that is to stand in place of an installed one has its id: "
            "`recover register show ID --toml` prints that one to start from.",
        )
    target = folder() / f"{entry.id}.toml"
    data = file.read_bytes()
    if target.exists() and target.read_bytes() == data:
        raise Error("register-there", f"The entry {entry.id} is there already.", "Nothing would change.", "")
    folder().mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".half")
    fresh.write_bytes(data)
    fresh.replace(target)
    return entry


def _doubts(entry: Addressee, days: Iterable[str], today: date) -> list[str]:
    """What no source can have said yet, and what is no name of a site."""
    ahead = [day for day in (*days, entry.looked) if (addressees.age(day, today) or 0) < 0]
    found = [f"it is of {day}, a day to come" for day in dict.fromkeys(ahead)]
    return found + [
        f"the domain {visible(one, 60)!r} is none" for one in entry.domains if not _SITE.fullmatch(one)
    ]


def _twins(entry: Addressee, plugins: Plugins) -> list[str]:
    """Names by which a person would mean another entry that is there."""
    known = addressees.load(plugins.templates.get("addressees"))
    was = known.get(entry.id)
    names = {name.casefold() for name in (entry.brand, *entry.aliases)}
    names -= {name.casefold() for name in (was.brand, *was.aliases)} if was else set()
    others = [one for one in {**known, **mine()}.values() if one.id != entry.id]
    return [
        f"{visible(name, 60)!r} is a name of the entry {one.id}"
        for one in others
        for name in (one.brand, *one.aliases)
        if name.casefold() in names
    ]


def _removed() -> set[tuple[str, str]]:
    """Id and SHA-256 of the user's own entries that were taken out: cases that took one in take it out too."""
    try:
        lines = (folder() / REMOVED).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return set()
    pairs = (line.partition(" ") for line in lines)
    return {(id, digest) for id, _, digest in pairs}


def remove(name: str) -> None:
    """Take an entry of the user's own out again. Raises Error where there is none of this id."""
    if name not in mine():
        raise Error(
            "no-own-entry",
            f"There is no entry of your own {visible(name, 60)!r}.",
            f"Your own are: {', '.join(sorted(mine())) or 'none'}; they lie in {folder()}.",
            "An installed entry is no file of yours: `recover register add FILE` puts one in its place.",
        )
    file = folder() / f"{name}.toml"
    # With its text: a case of somebody else may rest on another entry of the same id.
    with (folder() / REMOVED).open("a", encoding="utf-8") as out:
        out.write(f"{name} {_digest(file.read_text('utf-8'))}\n")
    file.unlink()


def drop(case: Case, name: str) -> None:
    """Take an entry out of one case, whoever brought it: the installed one stands again. Raises Error."""
    if name not in brought(case):
        raise Error(
            "no-own-entry",
            f"The case has no entry of its own {visible(name, 60)!r}.",
            f"Its own are: {', '.join(brought(case)) or 'none'}.",
            "What is installed cannot be taken out of a case.",
        )
    case.note("register", {"id": name, "text": ""})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def adopt(case: Case, plugins: Plugins, names: Collection[str] = ()) -> str:
    """Journal what the user's own register says of the services that papers of this case are written to, and of
    those in `names` or named by its letters, to whom papers go that no off-ramp names. Gives the journal's head.
    """
    services = derived.read(case, "offramps", ["service"]).column("service").drop_null().unique().to_pylist()
    own_entries, said = mine(), _kept()
    gone = _removed()
    if not own_entries and not said and not gone:
        return case.head[0]
    shipped = addressees.load(plugins.templates.get("addressees"))
    register = addressees.services(plugins.templates, shipped)
    every = {**shipped, **own_entries}
    found = [register.match(name) for name in services]
    matched = [addressees.of(one, every, register) for one in found if one is not None]
    matched += [addressees.meant(name, every, register) for name in sorted({*names, *lettered(case)})]
    wanted = {one.id for one in matched if one is not None}
    noted = {e.body["id"]: e.body["text"] for e in case.entries if e.kind == "register"}
    for name in sorted(wanted & set(own_entries)):
        text = (folder() / f"{name}.toml").read_text("utf-8")
        if noted.get(name) != text:
            case.note("register", {"id": name, "text": text})
    # An empty text: the entry was removed, and the installed one of its id stands again.
    mine_no_more = (id for id, text in noted.items() if id not in own_entries and (id, _digest(text)) in gone)
    for name in sorted(mine_no_more):
        case.note("register", {"id": name, "text": ""})
    # Journaled once each: what the case itself took back is not confirmed in it again.
    here = Counter((word, back) for word, back, _ in _said(case))
    for word, back in said:
        if word.id in wanted:
            here[word, back] -= 1
            if here[word, back] < 0:
                note(case, word, back)
    return case.head[0]


def entries(case: Case, plugins: Plugins) -> Mapping[str, Addressee]:
    """The register as this case has it: the installed entries, and those that its journal took in."""
    return {**addressees.load(plugins.templates.get("addressees")), **brought(case)}


def brought(case: Case) -> Mapping[str, Addressee]:
    """The entries that this case's journal took in, and that were not removed since."""
    last = {entry.body["id"]: entry for entry in case.entries if entry.kind == "register"}
    made = [
        addressees.one(tomllib.loads(e.body["text"]), f"journal entry {e.number}")
        for e in last.values()
        if e.body["text"]
    ]
    return {one.id: one for one in made}


def who(case: Case, plugins: Plugins, name: str) -> Addressee | None:
    """The entry that a name means in the register as this case has it, whether or not an off-ramp names it."""
    known = entries(case, plugins)
    return addressees.meant(name, known, addressees.services(plugins.templates, known))


def lettered(case: Case) -> frozenset[str]:
    """Whom letters name, whether or not value reached them."""
    drafts = (e.body for e in case.entries if e.kind == "letter" and e.body.get("act") == "draft")
    return frozenset(name for body in drafts if (name := body.get("name")))


def confirmed(case: Case, known: Mapping[str, Addressee]) -> tuple[Confirmed, ...]:
    """The confirmations that stand in this case's own journal, and whose channel is in its register."""
    early = {word for word, _, day in _said(case) if word.on > day}  # dated after it was journaled
    return tuple(one for one in confirming.in_force(heard(case), known) if one not in early)


def heard(case: Case) -> list[Confirmed]:
    """All that stands confirmed in this case's own journal."""
    return confirming.standing([(word, back) for word, back, _ in _said(case)])


def _said(case: Case) -> list[tuple[Confirmed, bool, str]]:
    """Each confirmation in the journal, whether it takes one back, and the day on which it was journaled."""
    names = [f.name for f in fields(Confirmed)]
    noted = [entry for entry in case.entries if entry.kind == "confirmed"]
    # An older version wrote no source: its word is of no channel that can be told.
    words = [Confirmed(**{name: str(entry.body.get(name, "")) for name in names}) for entry in noted]
    return [(w, e.body["back"], e.time.date().isoformat()) for w, e in zip(words, noted, strict=True)]


def meant(plugins: Plugins, name: str, known: Mapping[str, Addressee]) -> Addressee:
    """The entry that a person means: by id, brand, alias, domain, or as labels write it."""
    wanted = name.casefold().strip()
    by_domain = [e for e in known.values() if wanted in e.domains]
    found = addressees.meant(name, known, addressees.services(plugins.templates, known))
    if found is None and len(by_domain) == 1:
        found = by_domain[0]
    if found is None:
        raise asked.unknown(name, known)
    return found


def source(plugins: Plugins, id: str) -> Path:
    """The file of an entry: the user's own, else the installed one."""
    own_file = folder() / f"{id}.toml"
    template = plugins.templates.get("addressees")
    return own_file if own_file.exists() or template is None else template.folder / f"{id}.toml"


def _read(line: str, number: int) -> tuple[Confirmed, bool]:
    try:
        raw: dict[str, Any] = json.loads(line)
        back = raw.pop("back")
        made = Confirmed(**raw)
        if not isinstance(back, bool) or not all(isinstance(v, str) for v in raw.values()):
            raise ValueError("a value is not of its kind")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(f"line {number}: {error}") from error
    return replace(made), back


def _unreadable(why: str) -> Error:
    return Error(
        "confirmed-unreadable",
        f"{CONFIRMED} in the user's own register cannot be read.",
        visible(why, 200) + ".",
        "Mend or delete the file; what a case has journaled stays in the case.",
    )
