"""The register of legal bases: dated entries as data, because durations, signatories and forms change."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType

from recover.registers import treaties
from recover.registers.treaties import Treaty
from recover.sdk import Error, Template
from recover.sdk.counts import counted
from recover.sdk.outside import visible

ROLES = ("competent_authority", "judicial_authority", "fiu", "counsel", "victim")
FORCES = ("binding", "states", "voluntary")
IN_FORCE = ("yes", "check", "no")
WITHIN = ("one", "two")
NEEDS = ("provision", "leave", "report")
"""What a basis can need of a letter: its paragraph, a court's leave, the number of a report or complaint."""

_STATE = re.compile(r"[A-Z]{2}")
_NO_STATE = ("UN", "EU")
_CLOCK = frozenset(
    {"start", "days", "hours", "renewals", "renewal_days", "unknown_start", "zone", "then", "then_days"}
    | {"least_days", "most_days"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """What a letter may rest on. `days` is None where the basis sets no clock.

    `kind` are the acts that it backs. `places` are the states where it counts, none where it is no law. `in_force`
    is `check` where that depends on both states, and `official_form` where only an authority's own form counts, so
    that a letter cannot stand for it. `clock`: from `start` (receipt, issue, filing) so many `days` or `hours`, in
    the `zone` of the institution; `then_days` run from `then`. A basis on which a letter itself names the day has
    `most_days`, the most that it may name, and `least_days`, for which the law has it kept without any letter.

    `may_sign` is a hard gate. `verified_by` names the lawyer who checked the entry; until then it is shown as
    unverified, and so is an entry that says `unverified` itself, with the reason in `unverified_why`. `th` are the
    words of a letter in Thai: `limits_text` and `unverified_why`, which a Thai reader could not act on in English,
    and the `title` of what is no law: an act has its own name.
    `open_for` are roles of `may_sign` of which no source at hand says how they use it, or how long it lasts then.
    `records_text` says which records it concerns by the law's own term, where that is not what letters say.
    `needs` are fields of a letter (`NEEDS`) that it cannot go out without on this basis.

    `treaty` is the one that it stands in, with its Parties: `within` says whether it works at home in `one` of
    them, through that state's own law, or between `two`.
    """

    id: str
    title: str
    kind: tuple[str, ...]
    force: str
    may_sign: tuple[str, ...]
    addressees: tuple[str, ...]
    places: tuple[str, ...]
    in_force: str
    official_form: bool
    days: int | None
    clock: Mapping[str, str | int]
    must_state: tuple[str, ...]
    must_not: tuple[str, ...]
    limits_text: str
    source: str
    as_of: date
    verified_by: str
    unverified: bool
    unverified_why: str
    th: Mapping[str, str] = field(default_factory=dict)
    open_for: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    treaty: Treaty | None = None
    within: str = ""
    records_text: str = ""

    def term(self, role: str) -> Mapping[str, str | int]:
        """The clock for a sender; none where no source says how long it lasts for that one."""
        return {} if role in self.open_for else self.clock

    @property
    def states(self) -> tuple[str, ...]:
        """The states whose own law it is, so that only their authorities have its powers; none for a treaty."""
        own = self.force == "binding" and all(
            _STATE.fullmatch(one) and one not in _NO_STATE for one in self.places
        )
        return self.places if own else ()

    def said(self, name: str, language: str) -> str:
        """`title`, `limits_text` or `unverified_why` in a letter's language, else in English."""
        return (self.th.get(name) if language == "th" else "") or getattr(self, name)

    @property
    def checked(self) -> bool:
        """Whether a named lawyer stands behind the entry."""
        return bool(self.verified_by) and not self.unverified


TREATIES = "treaties"
"""The folder, in that of the register, in which the Parties of treaties stand."""


def load(template: Template, own: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, LegalBasis]:
    """Every entry of the register by id; `own` are an agency's, as texts, each in place of the installed one of
    its id, and its treaties, as `treaties/ID`. Raises Error listing what is missing or wrong, file by file."""
    found: dict[str, LegalBasis] = {}
    wrong: list[str] = []
    head = f"{TREATIES}/"
    parties = {name.removeprefix(head): text for name, text in own.items() if name.startswith(head)}
    known = treaties.load(template.folder / TREATIES, wrong, parties)
    for file in sorted(template.folder.glob("*.toml")):
        try:
            raw = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            wrong.append(f"{file.name} is not TOML")
            continue
        problems = [*_problems(raw), *_between(raw, known)]
        if problems:
            wrong += [f"{file.name}: {problem}" for problem in problems]
        elif raw["id"] in found:
            wrong.append(f"{file.name}: the id {visible(str(raw['id']), 40)} is taken")
        else:
            found[raw["id"]] = _entry(raw, known)
    for name, text in own.items():
        if name.startswith(head):
            continue
        try:
            raw = tomllib.loads(text)
        except ValueError:
            wrong.append(f"your own {visible(name, 40)}.toml is not TOML")
            continue
        problems = [*_problems(raw), *_between(raw, known)]
        problems += [] if raw.get("id") == name else [f"its id is not {visible(name, 40)}, as its file is called"]
        wrong += [f"your own {visible(name, 40)}.toml: {problem}" for problem in problems]
        if not problems:
            found[name] = _entry(raw, known)
    # All faults at once: a letter may rest on no register that was read in part.
    if wrong:
        raise Error(
            "legal-basis",
            f"The register of legal bases has {counted(len(wrong), 'fault')}.",
            "; ".join(wrong[:20]) + ".",
            "Mend the entries; a letter may rest on none that is not whole.",
        )
    return found


_TEXT = ("id", "title", "force", "in_force", "limits_text", "source", "verified_by", "unverified_why")
_LISTS = ("kind", "may_sign", "addressees", "places", "must_state", "must_not")
# What an entry must have, neither more nor less. `days` is in its `clock`, where a basis without one says so.
_MORE = frozenset({"th", "open_for", "needs", "treaty", "within", "records_text"})
_KEYS = frozenset(f.name for f in fields(LegalBasis)) - _MORE - {"days"}
_TOLD = frozenset({"title", "limits_text", "unverified_why", "records_text"})


def _problems(raw: Mapping[str, object]) -> list[str]:
    out = [f"no {key}" for key in sorted(_KEYS - set(raw))]
    out += [f"unknown key {visible(key, 40)}" for key in sorted(set(raw) - _KEYS - _MORE)]
    if out:
        return out
    out += [f"{key} is no text" for key in (*_TEXT, "records_text") if not isinstance(raw.get(key, ""), str)]
    for key in (*_LISTS, "open_for", "needs"):
        value = raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            out.append(f"{key} is no list of texts")
    thai = raw.get("th", {})
    if not isinstance(thai, dict) or set(thai) - _TOLD or not all(isinstance(v, str) for v in thai.values()):
        out.append(f"th is no table of {', '.join(sorted(_TOLD))}")
    # By exact type: a date with a time is a date to Python too.
    if type(raw["as_of"]) is not date:
        out.append("as_of is no date")
    out += [
        f"{key} is neither true nor false" for key in ("unverified", "official_form") if type(raw[key]) is not bool
    ]
    if not isinstance(raw["clock"], dict) or set(raw["clock"]) - _CLOCK:
        out.append("clock has unknown parts")
    if not out and raw["force"] not in FORCES:
        out.append(f"force is not one of {', '.join(FORCES)}")
    if not out and raw["in_force"] not in IN_FORCE:
        out.append(f"in_force is not one of {', '.join(IN_FORCE)}")
    if not out and isinstance(raw["may_sign"], list):
        out += [f"{visible(v, 40)} is no sender role" for v in raw["may_sign"] if v not in ROLES]
        out += _further(raw)
    return out


def _further(raw: Mapping[str, object]) -> list[str]:
    roles, needs = raw.get("open_for", []), raw.get("needs", [])
    assert isinstance(roles, list)
    assert isinstance(needs, list)
    signs = raw["may_sign"]
    assert isinstance(signs, list)
    out = [f"open_for: {visible(v, 40)} is not in may_sign" for v in roles if v not in signs]
    return out + [f"needs: {visible(v, 40)} is not one of {', '.join(NEEDS)}" for v in needs if v not in NEEDS]


def _between(raw: Mapping[str, object], known: Mapping[str, Treaty]) -> list[str]:
    """What is wrong with the treaty that an entry names."""
    treaty, within = raw.get("treaty"), raw.get("within")
    if treaty is None and within is None:
        return []
    out = (
        [] if treaty in known else [f"treaty: {visible(str(treaty), 40)} is none of {', '.join(known) or 'none'}"]
    )
    return out if within in WITHIN else [*out, f"within is not one of {', '.join(WITHIN)}"]


def _entry(raw: Mapping[str, object], known: Mapping[str, Treaty]) -> LegalBasis:
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    clock, treaty = raw["clock"], raw.get("treaty")
    assert isinstance(clock, dict)
    plain["treaty"] = known[str(treaty)] if treaty else None
    return LegalBasis(days=clock.get("days"), **plain)  # type: ignore[arg-type]
