"""In which forms a letter is written: those that its addressee takes, as the register says, and those asked for.

A letter has a paper, tables, and what it goes with. Of each the register chooses where it says something; where it
says nothing, all are written, and the delivery sheet says so. The PDF is always there: it is the paper that is
signed, whatever its addressee wants to have beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from recover.letters.gates import PRIVATE
from recover.sdk import Addressee, Error
from recover.sdk.addressee import FORMS, Channel, Form

ENDINGS: Mapping[str, str] = {
    "portal": "-portal.txt",
    "email": ".eml",
    "pdf": ".pdf",
    "docx": ".docx",
    "xlsx": ".xlsx",
    "csv": ".csv",
}
"""What the file of each form ends in. The whole letter as text (`.txt`) is always there, to be read anywhere."""

ALL = "all"

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "way": ("portal", "email"),
    "letter": ("pdf", "docx"),
    "identifiers": ("xlsx", "csv"),
}
_BY: Mapping[str, str] = {"portal": "portal", "form": "portal", "support": "portal", "e-mail": "email"}
"""The form for each kind of channel."""

Fact = Form | Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One form that is written, and the register's own fact behind it; None where it says nothing of it."""

    form: str
    fact: Fact | None = None
    asked: bool = False


def written(entry: Addressee | None, role: str, asked: Sequence[str], state: str = "") -> list[Written]:
    """The forms of a letter from a sender of this role and state, the one to serve first at the top."""
    said = _said(entry, role, state)
    refused = {one.form for one in entry.forms if one.takes == "no" and one.of == "letter"} if entry else set()
    found: list[Written] = []
    # By a portal or a mailbox that is known the letter is served; else the paper is what is handed over.
    groups = ("way", "letter", "identifiers") if said["way"] else ("letter", "identifiers", "way")
    for group in groups:
        mine = [(form, fact) for form, fact in said[group] if form in _GROUPS[group]]
        found += [Written(form=form, fact=fact) for form, fact in mine]
        if not mine:
            found += [Written(form=form) for form in _GROUPS[group] if form not in refused]
    # Identifiers can be asked for in the form of a paper.
    for form, fact in (one for group in groups for one in said[group]):
        if form not in {one.form for one in found}:
            found.append(Written(form=form, fact=fact))
    there = {one.form for one in found}
    wanted = [form for form in ENDINGS if form in asked or ALL in asked]
    if "pdf" not in there | {*wanted}:
        found.append(Written(form="pdf"))
    return [*found, *(Written(form=form, asked=True) for form in wanted if form not in there)]


def names(entry: Addressee | None, role: str, asked: Sequence[str], state: str = "") -> frozenset[str]:
    """The forms that are written."""
    return frozenset(one.form for one in written(entry, role, asked, state))


def words(fact: Fact) -> str:
    """What the register says: its words, or the channel with who may write by it."""
    if isinstance(fact, Channel):
        return f"{fact.kind}: {fact.value} ({fact.who})" if fact.who else f"{fact.kind}: {fact.value}"
    return fact.what


def unfit(entry: Addressee | None, role: str, state: str = "") -> bool:
    """Whether the register knows channels for letters to this addressee, and none is for such a sender."""
    ways = [one for one in entry.channels if one.kind in _BY and one.sender != "none"] if entry else []
    return bool(ways) and all(closed(one, role, state) for one in ways)


def check(asked: Sequence[str]) -> None:
    """Raises Error for a form that there is not."""
    if odd := [one for one in asked if one not in (*FORMS, ALL)]:
        raise Error(
            "letter-form",
            f"A letter has no form {', '.join(odd)}.",
            f"Forms: {', '.join(FORMS)}, or {ALL}.",
            "Name one of them with --form.",
        )


def _said(entry: Addressee | None, role: str, state: str) -> dict[str, list[tuple[str, Fact]]]:
    """By group, each form that the register names, with the first fact that does."""
    found: dict[str, dict[str, Fact]] = {group: {} for group in _GROUPS}
    if entry is None:
        return {group: [] for group in found}
    for channel in entry.channels:
        if channel.kind in _BY and not closed(channel, role, state):
            found["way"].setdefault(_BY[channel.kind], channel)
    for one in entry.forms:
        if one.takes == "yes":
            group = "way" if one.form in _GROUPS["way"] else one.of
            found[group].setdefault(one.form, one)
    return {group: [*here.items()] for group, here in found.items()}


def closed(channel: Channel, role: str, state: str = "") -> str:
    """Why it is not open to a sender of this role and state; empty where it is, as far as its source says.

    `none`: it takes no letter. `sender`: it is for the other kind of sender. `state`: it is for senders of other
    states; `unsaid`: it is for those of some, and of which this one is nobody said.
    """
    mine: Collection[str] = (
        ("official", "private") if not role else ("private" if role in PRIVATE else "official",)
    )
    if channel.sender == "none":
        return "none"
    if channel.sender not in ("", "any", *mine):
        return "sender"
    if channel.states and state not in channel.states:
        return "state" if state else "unsaid"
    return ""
