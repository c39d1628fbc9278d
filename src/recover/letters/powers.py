"""Whether the law that a letter rests on reaches its addressee: a power ends at the border of its state."""

from __future__ import annotations

import re

from recover.letters.gates import foreign
from recover.letters.matter import Matter
from recover.sdk.outside import visible

_STATE = re.compile(r"[A-Z]{2}")

_STATES = ("UN", "EU", "CoE", "INT")
"""Places of the register that are no state: who belongs to them, and since when, is for a lawyer."""


def outside(m: Matter) -> str:
    """The key of what has to be said of the basis and the addressee's country; empty where nothing has.

    `away`: the register places the addressee in other states. `open`: it names none, or whether the basis counts
    there depends on treaties, which is for a lawyer to say.
    """
    if m.basis.force == "voluntary" or not m.basis.places or m.kind.about == "letter":
        return ""
    there, here = set(countries(m)), set(_here(m))
    if not there or here & set(_STATES):
        return "open"
    return "" if there <= here else "away"


def _here(m: Matter) -> tuple[str, ...]:
    """The states in which the basis counts: of a treaty those that were named, or the sender's own."""
    if m.basis.treaty is None:
        return m.basis.places
    named = tuple(one.strip().upper() for one in m.choice.states)
    return named or ((m.choice.state,) if m.basis.within == "one" and m.choice.state else m.basis.places)


def parties(m: Matter) -> list[str]:
    """Since when the treaty behind a letter is in force for each of the states that count, and who says so."""
    known = m.basis.treaty.parties if m.basis.treaty else {}
    title = m.basis.treaty.title if m.basis.treaty else ""
    return [
        m.texts.say(
            "delivery.party",
            state=one.state,
            title=title,
            since=str(one.since or "–"),
            ratified=str(one.ratified),
            source=visible(one.source, 200),
        )
        for one in (known[state] for state in _here(m) if state in known)
    ]


def home(m: Matter) -> str:
    """The warning that nobody said of which state an authority is, whose basis is one state's own law."""
    wanted = foreign(m.basis, m.choice.role)
    if not wanted or m.choice.state or m.kind.about == "letter":
        return ""
    return m.texts.say("reach.home", id=m.basis.id, places=", ".join(wanted))


def countries(m: Matter) -> tuple[str, ...]:
    """The states in which the register places the addressee: of the legal entity addressed, where it knows it."""
    entry = m.view.addressees.get(m.choice.service) or m.view.addressees.get(m.choice.name)
    bodies = entry.entities if entry else ()
    wanted = m.choice.entity.casefold()
    mine = [b.country for b in bodies if wanted and b.name.casefold() in wanted]
    found = mine or ([] if wanted and bodies else [*(b.country for b in bodies), *m.service.jurisdictions])
    # Such as AE (ADGM): a part of a state that has its own law is still of that state.
    return tuple(dict.fromkeys(state[0] for state in map(_STATE.match, found) if state))


def said(m: Matter) -> str:
    """The warning in the letter's language; empty where there is none."""
    key = outside(m)
    if not key:
        return ""
    slots = {"id": m.basis.id, "places": ", ".join(visible(one, 12) for one in _here(m))}
    there = ", ".join(visible(one, 12) for one in countries(m))
    if key == "open" and m.issued:  # what its sender had to have settled is no addressee's to read
        key = "unsettled"
    return m.texts.say(f"reach.{key}", there=there or m.texts.say("reach.nowhere"), **slots)
