"""Acts of persons: a name given by hand, a finding reviewed, addresses set apart or joined; each can be undone.

Every act is journaled with who, why and when, stands in papers as that person's, and none is ever deleted: an
undone act stays in the journal, and counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recover.case import Case
from recover.case.folder import clock
from recover.plugins.registry import Plugins
from recover.recognise.names import here, recognise
from recover.sdk.errors import Error
from recover.sdk.plugin import GRADES
from recover.sdk.values import Address
from recover.sdk.view import Finding

KIND = "act"
ROLES = ("hot-wallet", "deposit", "mixer", "bridge", "contract", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act that was journaled. `undone` is empty, or who took it back and why."""

    id: int
    act: str
    by: str
    reason: str
    at: datetime
    body: Mapping[str, Any]
    undone: str = ""


def every(case: Case) -> list[Act]:
    """Every act of a case, in order; those that were undone say so."""
    noted = [entry for entry in case.entries if entry.kind == KIND]
    undone = {e.body["of"]: f"{e.body['by']}: {e.body['reason']}" for e in noted if e.body["act"] == "undo"}
    return [
        Act(
            id=number,
            act=entry.body["act"],
            by=entry.body["by"],
            reason=entry.body["reason"],
            at=entry.time,
            body=entry.body,
            undone=undone.get(number, ""),
        )
        for number, entry in enumerate(noted, 1)
    ]


def standing(case: Case, *kinds: str) -> list[Act]:
    """The acts of these kinds that count."""
    return [act for act in every(case) if act.act in kinds and not act.undone]


def name(
    case: Case,
    plugins: Plugins,
    text: str,
    *,
    by: str,
    reason: str,
    service: str = "",
    role: str = "",
    grade: str = "D",
    source: str = "",
    as_of: str = "",
    until: str = "",
    withdraw: str = "",
) -> Act:
    """A name that a person gives to an address, or, with `withdraw`, one that the person takes from it."""
    if bool(service) == bool(withdraw):
        raise Error(
            "act-what",
            "An assertion names a service, or withdraws one.",
            "It needs one of the two, and not both.",
            "Give --service NAME or --withdraw NAME.",
        )
    if service and not role:
        raise Error(
            "act-role",
            f"What {text} is to {service} is not said.",
            "A trace stops at a service's `hot-wallet`, and what paid it is the credited address; a `deposit` is "
            "itself the credited address.",
            f"Say it with --role: {', '.join(ROLES)}. An address that you know as a customer's is a deposit.",
        )
    for given, known, what in ((grade, GRADES, "grade"), (role or "other", ROLES, "role")):
        if given not in known:
            listed = f"{what.capitalize()}s are {', '.join(known)}."
            raise Error("act-grade", f"The {what} {given!r} is not known.", listed, "Name one of these.")
    _days(as_of, until)
    place = _place(case, plugins, text)
    body = {
        "act": "assert",
        "chain": place.chain,
        "address": place.text,
        "service": service,
        "role": role or "other",
    }
    body |= {"grade": grade, "source": source, "as_of": as_of, "until": until, "withdraw": withdraw}
    return _note(case, body, by, reason)


def split(case: Case, plugins: Plugins, texts: Sequence[str], *, by: str, reason: str) -> Act:
    """Set addresses apart from the rest of their cluster."""
    places = [_place(case, plugins, text) for text in texts]
    _one_chain(places)
    body = {"act": "split", "chain": places[0].chain, "addresses": sorted({place.text for place in places})}
    return _note(case, body, by, reason)


def join(case: Case, plugins: Plugins, texts: Sequence[str], *, by: str, reason: str, grade: str = "") -> Act:
    """Say that addresses have one owner; without a grade, as weakly as the case's policy still joins by."""
    if grade and grade not in GRADES:
        listed = f"Grades are {', '.join(GRADES)}."
        raise Error("act-grade", f"The grade {grade!r} is not known.", listed, "Name one of these.")
    places = [_place(case, plugins, text) for text in texts]
    _one_chain(places)
    names = sorted({place.text for place in places})
    if len(names) < 2:
        raise Error("act-join", "A join needs two addresses.", "One address is one entity.", "Name another.")
    about = {"act": "join", "chain": places[0].chain, "addresses": names, "grade": grade or case.settings.least}
    return _note(case, about, by, reason)


def review(case: Case, finding: Finding, *, accept: bool, by: str, reason: str) -> Act:
    """Accept or reject a finding as it stands now: one that says something else later was not reviewed."""
    body = {"act": "review", "accept": accept, "finding": finding.id, "kind": finding.kind}
    return _note(case, {**body, "subject": finding.subject, "digest": digest(finding)}, by, reason)


def undo(case: Case, number: int, *, by: str, reason: str) -> Act:
    """Take an act back. Raises Error where there is none of this number, or it is undone already."""
    acts = {act.id: act for act in every(case)}
    found = acts.get(number)
    if found is None or found.act == "undo" or found.undone:
        why = "There is no such act." if found is None else "It is undone already, or is itself an undoing."
        listed = ", ".join(str(a.id) for a in acts.values() if a.act != "undo" and not a.undone) or "none"
        raise Error("act-undo", f"Act {number} cannot be undone.", why, f"Acts that can be: {listed}.")
    if found.act == "review" and case.settings.second and person(by) != person(found.by):
        raise Error(
            "act-undo",
            f"Act {number} is a review by {found.by}, and {by} cannot take it back.",
            "This case asks for a second person: what two agreed on is not one other person's to undo.",
            "Review the finding yourself, or let the reviewer take it back.",
        )
    return _note(case, {"act": "undo", "of": number}, by, reason)


def digest(finding: Finding) -> str:
    """What a finding says, without its number, which can change when another stands before it."""
    slots = {key: list(value) if isinstance(value, tuple) else value for key, value in finding.slots.items()}
    said = json.dumps([finding.kind, finding.subject, finding.grade, slots], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()


def accepted(case: Case, kind: str) -> frozenset[str]:
    """The digests of the findings of a kind that reviews accept as they stand."""
    found = {act.body["digest"] for act in standing(case, "review") if act.body["kind"] == kind}
    return frozenset(one for one in found if _state(case, one)[0] == "accepted")


def reviewed(case: Case, finding: Finding) -> tuple[str, tuple[Act, ...]]:
    """What reviews of this very finding come to: "accepted", "rejected", "" or "open", and the reviews.

    Where the case asks for a second person, one person's word leaves it open, and takes nothing from what two have
    agreed on. Where as many as are needed differ it is open too.
    """
    return _state(case, digest(finding))


def _state(case: Case, said: str) -> tuple[str, tuple[Act, ...]]:
    mine = [act for act in standing(case, "review") if act.body["digest"] == said]
    last = {person(act.by): act for act in mine}  # a person's later word takes the place of an earlier one
    if not last:
        return "", ()
    needed = 2 if case.settings.second else 1
    yes = sum(bool(act.body["accept"]) for act in last.values())
    no = len(last) - yes
    state = "open" if (yes >= needed) == (no >= needed) else "accepted" if yes >= needed else "rejected"
    return state, tuple(last.values())


def person(name: str) -> str:
    """One person's name however it is written: without case, points, blanks and the order of its parts."""
    words = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", name).casefold()).split()
    return " ".join(sorted(words)) or name.strip()


def counts(case: Case, act: Act) -> str:
    """Why an act does not count by itself; empty where it does."""
    least = case.settings.least
    if act.act == "join" and act.body["grade"] > least:
        return f"it is of grade {act.body['grade']}, and the case joins from grade {least} upwards"
    if act.act != "review" or not case.settings.second:
        return ""
    mine = [a for a in standing(case, "review") if a.body["digest"] == act.body["digest"]]
    agree = {person(a.by) for a in mine if a.body["accept"] == act.body["accept"]}
    return "" if len(agree) > 1 else "the case asks for a second person, and no other has said the same"


def _note(case: Case, body: Mapping[str, Any], by: str, reason: str) -> Act:
    if not by.strip() or not reason.strip():
        raise Error(
            "act-without-reason",
            "An act needs the name of who does it, and a reason.",
            "It stands in papers as that person's, and the other side will ask.",
            "Say them with --by and --reason.",
        )
    case.note(KIND, {**body, "by": by.strip(), "reason": reason.strip()})
    return every(case)[-1]


def _place(case: Case, plugins: Plugins, text: str) -> Address:
    _, found = recognise(plugins, text, here(case))
    if not isinstance(found, Address):
        raise Error(
            "act-address", f"{text} is a transaction id.", "An act of this kind is about an address.", "Name one."
        )
    return found


def _one_chain(places: Sequence[Address]) -> None:
    if len({place.chain for place in places}) != 1:
        raise Error(
            "act-chains",
            "The addresses are on different chains.",
            "A cluster is of one chain.",
            "Name addresses of one chain.",
        )


def _days(as_of: str, until: str) -> None:
    made: dict[str, date] = {}
    for name, text in (("as_of", as_of), ("until", until)):
        try:
            if text:
                made[name] = date.fromisoformat(text)
        except ValueError as error:
            raise Error(
                "act-day", f"{text!r} is no day.", str(error) + ".", "Write it like 2026-11-28."
            ) from error
    today = clock().date()
    if made.get("as_of", today) > today:
        raise Error(
            "act-day",
            f"{as_of} has not come.",
            f"Today is {today} (UTC).",
            "Give the day as of which it is known.",
        )
    if {"as_of", "until"} <= set(made) and made["until"] < made["as_of"]:
        raise Error(
            "act-day",
            f"It would hold until {until}, before {as_of}, from which on it holds.",
            "A name that ends before it begins says nothing.",
            "Turn the days round, or leave one out.",
        )
