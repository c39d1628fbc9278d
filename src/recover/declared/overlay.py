"""The user's own part of the register: an agency's entries, and the channels that a named person confirmed.

It lies beside the user's `recover.toml`, and changes whom to write to, never what a trace finds. What a paper
takes from it is journaled in the case first, so that the case alone gives the same paper again.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from recover.capture import own
from recover.case import Case, derived
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.sdk.addressee import Addressee, Channel, Confirmed
from recover.sdk.errors import Error
from recover.sdk.outside import visible

CONFIRMED = "confirmed.jsonl"
REMOVED = "removed.txt"
_UNREAD = ("address removed", "address not in")  # a stored page that hides its mailbox
_ADDRESS = re.compile(r"@|://|\w\.\w{2}|\d")  # a channel that names no place is one whose source hides it


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
    return standing(_kept())


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


def standing(said: Sequence[tuple[Confirmed, bool]]) -> list[Confirmed]:
    """Of confirmations and those taken back, in order, what stands."""
    last = {(one.id, one.value): (one, back) for one, back in said}
    return [one for one, back in last.values() if not back]


def confirm(
    plugins: Plugins,
    name: str,
    number: int,
    *,
    by: str,
    on: str,
    today: date,
    how: str = "",
    value: str = "",
) -> Confirmed:
    """A person's word that channel `number` (from 1) of an entry is the service's own, on a day that has come.

    Raises Error without an entry, a channel, a person, or a day; for a channel whose address nobody has read; and
    for an address that is not the register's: a letter would name what no register has.
    """
    channel = _channel(directory(plugins), name, number)
    if not by.strip():
        raise Error(
            "confirm-by",
            f"A channel of {name} is confirmed by nobody.",
            "A letter prints who confirmed the channel, and on which day.",
            "Say who with --by NAME.",
        )
    _day(on, channel, today)
    if _hidden(channel) and not value:
        raise Error(
            "confirm-unread",
            f"Channel {number} of {name} has no address: {channel.value}.",
            f"The source that was read hides it ({channel.source}).",
            "Read it on the service's own page, and give it with --value.",
        )
    if value and not _hidden(channel) and value.strip() != channel.value:
        raise Error(
            "confirm-other",
            f"Channel {number} of {name} is {visible(channel.value, 120)}, and not {visible(value, 120)}.",
            "A letter would name an address that the register does not have.",
            "Leave out --value; or bring the address with its source in an entry of your own: "
            "`recover register add FILE`.",
        )
    return Confirmed(
        id=name, kind=channel.kind, value=value.strip() or channel.value, by=by.strip(), on=on, how=how
    )


def taken_back(said: Sequence[Confirmed], name: str, value: str) -> Confirmed:
    """The standing confirmation of this very address, whether or not the register still has it."""
    found = [one for one in said if one.id == name and one.value == value.strip()]
    if not found:
        listed = "; ".join(visible(one.value, 120) for one in said if one.id == name) or "none"
        raise Error(
            "confirm-none",
            f"No confirmation of {visible(value, 120)} stands for {visible(name, 60)}.",
            f"What stands: {listed}.",
            "`recover register show ID` lists them.",
        )
    return found[0]


def in_force(said: Sequence[Confirmed], known: Mapping[str, Addressee]) -> list[Confirmed]:
    """The confirmations whose channel the register has now: of a corrected or removed channel none is left."""
    return [one for one in said if one.id in known and any(of(one, c) for c in known[one.id].channels)]


def of(said: Confirmed, channel: Channel) -> bool:
    """Whether a confirmation is of this channel."""
    return said.kind == channel.kind and (said.value == channel.value or _hidden(channel))


def _hidden(channel: Channel) -> bool:
    if channel.value.startswith(_UNREAD):
        return True
    return channel.kind != "post" and not _ADDRESS.search(channel.value)


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


def add(file: Path) -> Addressee:
    """Take a file into the user's own register. Raises Error with its faults, or where it is there already."""
    found = addressees.read([file])
    (entry,) = found.values()
    target = folder() / f"{entry.id}.toml"
    data = file.read_bytes()
    if target.exists() and target.read_bytes() == data:
        raise Error("register-there", f"The entry {entry.id} is there already.", "Nothing would change.", "")
    folder().mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".half")
    fresh.write_bytes(data)
    fresh.replace(target)
    return entry


def _removed() -> set[str]:
    """The ids of the user's own entries that were taken out: cases that took one in take it out too."""
    try:
        return set((folder() / REMOVED).read_text("utf-8").split()) - set(mine())
    except FileNotFoundError:
        return set()


def remove(name: str) -> None:
    """Take an entry of the user's own out again. Raises Error where there is none of this id."""
    if name not in mine():
        raise Error(
            "no-own-entry",
            f"There is no entry of your own {visible(name, 60)!r}.",
            f"Your own are: {', '.join(sorted(mine())) or 'none'}; they lie in {folder()}.",
            "An installed entry is no file of yours: `recover register add FILE` puts one in its place.",
        )
    with (folder() / REMOVED).open("a", encoding="utf-8") as out:
        out.write(f"{name}\n")
    (folder() / f"{name}.toml").unlink()


def adopt(case: Case, plugins: Plugins, names: Collection[str] = ()) -> str:
    """Journal what the user's own register says of the services that papers of this case are written to, and of
    those in `names`, to whom papers go that no off-ramp names. Gives the journal's head then.
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
    matched += [addressees.meant(name, every, register) for name in names]
    wanted = {one.id for one in matched if one is not None}
    noted = {e.body["id"]: e.body["text"] for e in case.entries if e.kind == "register"}
    for name in sorted(wanted & set(own_entries)):
        text = (folder() / f"{name}.toml").read_text("utf-8")
        if noted.get(name) != text:
            case.note("register", {"id": name, "text": text})
    # An empty text: the entry was removed, and the installed one of its id stands again.
    for name in sorted(gone & {id for id, text in noted.items() if text}):
        case.note("register", {"id": name, "text": ""})
    # Journaled once each: what the case itself took back is not confirmed in it again.
    here = {(one, back) for one, back in _said(case)}
    for word, back in said:
        if word.id in wanted and (word, back) not in here:
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


def confirmed(case: Case, known: Mapping[str, Addressee]) -> tuple[Confirmed, ...]:
    """The channels that stand confirmed in this case's own journal, and that its register has."""
    return tuple(in_force(heard(case), known))


def heard(case: Case) -> list[Confirmed]:
    """All that stands confirmed in this case's own journal."""
    return standing(_said(case))


def _said(case: Case) -> list[tuple[Confirmed, bool]]:
    names = [f.name for f in fields(Confirmed)]
    noted = (entry.body for entry in case.entries if entry.kind == "confirmed")
    return [(Confirmed(**{name: body[name] for name in names}), body["back"]) for body in noted]


def _channel(known: Mapping[str, Addressee], name: str, number: int) -> Channel:
    entry = known.get(name)
    if entry is None:
        raise unknown(name, known)
    if not number:
        raise Error(
            "no-channel",
            "Which channel is confirmed is not said.",
            f"The register has {len(entry.channels)} of {entry.brand}.",
            f"`recover register show {name}` numbers them: --channel N.",
        )
    if not 1 <= number <= len(entry.channels):
        raise Error(
            "no-channel",
            f"{entry.brand} has no channel {number}.",
            f"The register has {len(entry.channels)} of it, looked for on {entry.looked}.",
            f"`recover register show {name}` numbers them; `recover register add FILE` brings one of your own.",
        )
    return entry.channels[number - 1]


def meant(plugins: Plugins, name: str, known: Mapping[str, Addressee]) -> Addressee:
    """The entry that a person means: by id, brand, alias, domain, or as labels write it."""
    wanted = name.casefold().strip()
    by_domain = [e for e in known.values() if wanted in e.domains]
    found = addressees.meant(name, known, addressees.services(plugins.templates, known))
    if found is None and len(by_domain) == 1:
        found = by_domain[0]
    if found is None:
        raise unknown(name, known)
    return found


def source(plugins: Plugins, id: str) -> Path:
    """The file of an entry: the user's own, else the installed one."""
    own_file = folder() / f"{id}.toml"
    template = plugins.templates.get("addressees")
    return own_file if own_file.exists() or template is None else template.folder / f"{id}.toml"


def unknown(name: str, known: Mapping[str, Addressee]) -> Error:
    """There is no such entry; the nearest are named."""
    from difflib import get_close_matches

    called = {text.casefold(): e.id for e in known.values() for text in (e.id, e.brand, *e.aliases)}
    near = [called[text] for text in get_close_matches(name.casefold(), called, n=3, cutoff=0.75)]
    return Error(
        "no-addressee",
        f"The register has no entry {visible(name, 80)!r}.",
        f"The nearest: {', '.join(dict.fromkeys(near))}." if near else "No name in it is like this one.",
        "`recover register show` lists them all.",
    )


def _day(on: str, channel: Channel, today: date) -> None:
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = None
    if day is None or len(on) != 10:
        raise Error(
            "confirm-on",
            f"{visible(on, 40)!r} is no day.",
            "A letter prints on which day the channel was confirmed.",
            "Write it like 2026-11-28, with --on.",
        )
    if day > today or (len(channel.as_of) == 10 and on < channel.as_of):
        raise Error(
            "confirm-on",
            f"On {on} nobody can have confirmed it.",
            f"That day has not come: today is {today} (UTC)."
            if day > today
            else f"The register has the channel as of {channel.as_of}, which is later.",
            "Give the day on which it was confirmed.",
        )


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
