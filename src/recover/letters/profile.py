"""Who sends: the agency or firm and its officers, from the user's own `recover.toml`, said once for every case."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recover.capture import own
from recover.letters import clocks
from recover.letters.gates import PRIVATE
from recover.letters.gates import role as roled
from recover.registers.bases import TREATIES
from recover.sdk import Error

_FIELDS = (
    "name",
    "address",
    "phone",
    "email",
    "website",
    "reference",
    "language",
    "zone",
    "state",
    "controller",
    "logo",
    "templates",
)
_OFFICER = (
    "name",
    "title",
    "badge",
    "bar",
    "authority",
    "phone",
    "email",
    "role",
    "organisation",
    "address",
    "website",
    "controller",
    "zone",
    "state",
)
_OWN = ("name", "address", "phone", "email", "website", "controller", "logo", "reference", "state", "zone")
"""What one body says of itself, and no other sender may bear."""

_SIGNING = ("title", "badge", "bar", "authority")
_REACHED = ("phone", "email", "address", "website", "controller", "zone", "state")

_LOGO = 200_000  # bytes: it is kept in the journal of each case that sends letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The sender's settings. `officers` by role of the register of legal bases; `templates` the own letters;
    `bases` the own entries of the register of legal bases, as texts by id, and `treaties/ID` its treaties."""

    said: Mapping[str, str] = field(default_factory=dict)
    officers: tuple[Mapping[str, str], ...] = ()
    templates: Path | None = None
    bases: Mapping[str, str] = field(default_factory=dict)

    def sender(self, role: str, officer: str = "") -> dict[str, str]:
        """What a letter says of its sender. Raises Error for an officer that is not there, or has another role."""
        fit = [one for one in self.officers if one["role"] == role and officer in ("", one["name"])]
        if officer and not fit:
            names = ", ".join(f"{one['name']} ({one['role']})" for one in self.officers) or "none"
            raise Error(
                "officer-unknown",
                f"There is no officer {officer!r} who sends in this role.",
                f"In recover.toml there are: {names}.",
                "Add the officer below [[sender.officer]], or name another with --officer.",
            )
        found = {name: value for name, value in self.said.items() if name not in ("templates", "language")}
        chosen = fit[0] if fit else {}
        if not self._of_it(role, chosen):
            # Another body than that of [sender]: no letter of theirs bears its name, its page or its crest.
            found = {name: value for name, value in found.items() if name not in _OWN}
            if role == "victim" and chosen:
                found["name"] = chosen["name"]
        if chosen:
            found["officer"] = chosen["name"]
            found |= {name: chosen[name] for name in (*_SIGNING, *_REACHED) if chosen.get(name)}
            if chosen.get("organisation"):
                found["name"] = chosen["organisation"]
        return found

    def _of_it(self, role: str, chosen: Mapping[str, str]) -> bool:
        """Whether a sender writes for the body of [sender]. Raises Error where nobody said it of counsel."""
        body, own = self.said.get("name", ""), chosen.get("organisation", "")
        if role not in PRIVATE or own:
            return role not in PRIVATE or own == body
        if (
            role == "victim"
        ):  # a private person writes for nobody else; [sender] is theirs where it bears their name
            return bool(body) and chosen.get("name") == body
        if not chosen or not self._authority():
            return True
        raise Error(
            "sender-of-whom",
            f"{chosen['name']} sends as counsel, and [sender], {body or 'without a name'}, is an authority's.",
            "Counsel's letter under an authority's name would be taken for that authority's.",
            "Write `organisation`, `address` and `email` of the firm below this [[sender.officer]] of the file; "
            "where [sender] is the firm, write its name as `organisation` too.",
        )

    def _authority(self) -> bool:
        """Whether [sender] is an authority: it is of a state, or an officer of it sends as one."""
        theirs = (one for one in self.officers if one["role"] not in PRIVATE)
        return "state" in self.said or any(not one.get("organisation") for one in theirs)


def load() -> Profile:
    """The profile; an empty one where the file says nothing of a sender. Raises Error that lists all faults."""
    file = own.path()
    try:
        raw = tomllib.loads(file.read_bytes().decode()).get("sender", {})
    except FileNotFoundError:
        raw = {}
    except (OSError, ValueError, RecursionError) as error:
        raise _bad([str(error)]) from error
    if not isinstance(raw, dict):
        raise _bad(["`sender` is not a table"])
    problems: list[str] = []
    officers = raw.pop("officer", [])
    said = _texts(raw, _FIELDS, "sender", problems)
    listed = officers if isinstance(officers, list) and all(isinstance(o, dict) for o in officers) else []
    if listed != officers:
        problems.append("`sender.officer` is no list of tables: write [[sender.officer]]")
    found = [_texts(one, _OFFICER, "sender.officer", problems) for one in listed]
    for one in found:
        problems += [f"an officer has no `{key}`" for key in ("name", "role") if not one.get(key)]
        try:
            one["role"] = roled(one.get("role", ""))
        except Error as error:
            problems.append(f"`sender.officer.role`: {error.what} {error.why}")
    for where, one in (("sender", said), *(("sender.officer", one) for one in found)):
        if "zone" in one and not clocks.place(one["zone"]):
            problems.append(
                f"`{where}.zone`: there is no time zone {one['zone']!r}; write one such as Asia/Bangkok"
            )
        state = one.get("state", "TH")
        if not (len(state) == 2 and state.isascii() and state.isalpha() and state.isupper()):
            problems.append(f"`{where}.state`: {state!r} is no state; write it as in ISO 3166-1: TH")
    if problems:
        raise _bad(problems)
    if "logo" in said:
        said["logo"] = _picture(file.parent / said["logo"])
    templates = file.parent / said.pop("templates") if "templates" in said else None
    return Profile(said=said, officers=tuple(found), templates=templates, bases=_bases(file.parent / BASES))


BASES = "legal_bases"
"""The folder beside `recover.toml` in which an agency keeps its own entries of the register of legal bases."""


def place() -> Path:
    """Where an agency's own entries of the register of legal bases lie."""
    return own.path().parent / BASES


def _bases(folder: Path) -> dict[str, str]:
    try:
        found = {one.stem: one for one in sorted(folder.glob("*.toml"))}
        found |= {f"{TREATIES}/{one.stem}": one for one in sorted((folder / TREATIES).glob("*.toml"))}
        return {name: one.read_text("utf-8") for name, one in found.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise _bad([f"{folder} cannot be read: {error}"]) from error


def _texts(raw: Mapping[str, Any], known: tuple[str, ...], where: str, problems: list[str]) -> dict[str, str]:
    problems += [f"`{where}.{key}` is not a setting" for key in raw if key not in known]
    problems += [
        f"`{where}.{key}` is not text" for key, value in raw.items() if key in known and not isinstance(value, str)
    ]
    return {
        key: value.strip()
        for key, value in raw.items()
        if key in known and isinstance(value, str) and value.strip()
    }


def _picture(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _bad([f"`sender.logo` cannot be read: {error.strerror or error}"]) from error
    if len(data) > _LOGO:
        raise _bad([f"`sender.logo` has more than {_LOGO:,} bytes"])
    return base64.b64encode(data).decode()


def _bad(problems: list[str]) -> Error:
    return Error(
        "sender-unreadable",
        "What recover.toml says of the sender cannot be used.",
        "; ".join(problems) + ".",
        f"Mend [sender] in your own file, {own.path()}.",
    )
