"""Who may send which letter on which basis to whom: every refusal names its rule and what would mend it.

The rules are PL01 to PL20 of the reference on legal standards. Those on words are held when a paper is written
(`report/lint.py`); those on who sends what stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from recover.letters.folders import Kind
from recover.letters.life import Choice
from recover.registers.bases import ROLES, LegalBasis
from recover.sdk import Error
from recover.sdk.outside import visible

VOLUNTARY = "none-voluntary"

SENDERS: Mapping[str, str] = {
    "victim": "victim",
    "counsel": "counsel",
    "authority": "competent_authority",
    "court": "judicial_authority",
    "fiu": "fiu",
}
"""What a person says after `--as`, and the role in the register of legal bases."""

PRIVATE = ("victim", "counsel")
"""Roles whose sender is no power of the state."""

OFFICIAL = ("competent_authority", "judicial_authority", "fiu")
"""Roles whose sender is a power of the state."""

OLDEST = timedelta(days=365)
"""An entry of the register that nobody looked at for longer backs no letter (PL08)."""


OTHER = "Choose another basis."
"""A remedy, in whose place `advised` says which bases are open to the sender, or that none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a letter may not be: the rule, what is wrong, and what would mend it."""

    rule: str
    why: str
    todo: str


def refusals(
    basis: LegalBasis, role: str, kind: Kind, addressee: str, day: date, states: Sequence[str] = (), home: str = ""
) -> list[Refusal]:
    """Every reason against a letter of this kind from this sender, on this basis, to this kind of addressee.

    `role` is one of the register's. `states` are those of sender and addressee where the sender named them, as a
    treaty needs. `home` is the state of an authority, where its settings say it: the law of another state gives
    it no power. Empty where the letter may be drafted.
    """
    named = tuple(one.strip().upper() for one in states)
    return [
        *_abroad(basis, role, home),
        *_against(basis, role, kind, addressee, day),
        *_parties(basis, day, named, home),
    ]


def foreign(basis: LegalBasis, role: str) -> tuple[str, ...]:
    """The states of which an authority has to be that uses this basis; none where it is no state's own power."""
    return basis.states if role in OFFICIAL else ()


def _abroad(basis: LegalBasis, role: str, home: str) -> Iterator[Refusal]:
    wanted = foreign(basis, role)
    if wanted and home and home not in wanted:
        yield Refusal(
            rule="PL01",
            why=f"{basis.id} is law of {', '.join(wanted)} and gives its powers there; the sender is of {home}.",
            todo="Choose a basis of your own state, or ask an authority there to use this one.",
        )


_ASKED = ("preserve", "freeze", "disclose", "enquiry", "notice")
"""What is asked for that `--kind` calls so; what is asked of a police has another name."""


def _against(basis: LegalBasis, role: str, kind: Kind, addressee: str, day: date) -> Iterator[Refusal]:
    if role not in basis.may_sign:
        who = ", ".join(_said(one) for one in basis.may_sign)
        todo = f"{OTHER} Or let one of these send it on this one: {who}."
        yield Refusal(rule="PL01", why=f"{basis.id} may not be used by: {_said(role)}.", todo=todo)
    if kind.asks not in ("follow-up", "withdrawal") and kind.asks not in basis.kind:
        backs = ", ".join(basis.kind)
        named = next((one for one in basis.kind if one in _ASKED), "")
        other = f" Or ask for what it backs: --kind {named}." if named else ""
        yield Refusal(rule="kind", why=f"{basis.id} does not back {kind.asks}, only {backs}.", todo=OTHER + other)
    if addressee not in kind.addressees:
        yield Refusal(
            rule="addressee",
            why=f"A letter of the kind {kind.id} does not go to: {addressee}.",
            todo=f"It goes to: {', '.join(kind.addressees)}.",
        )
    if addressee not in basis.addressees:
        yield Refusal(
            rule="reach",
            why=f"{basis.id} does not reach: {addressee}.",
            todo=f"It reaches: {', '.join(basis.addressees)}. {OTHER}",
        )
    if basis.in_force == "no":
        yield Refusal(rule="PL08", why=f"{basis.id} is not known to be in force.", todo=OTHER)
    if basis.id != VOLUNTARY and day - basis.as_of > OLDEST:  # what rests on no law has none that could change
        yield Refusal(
            rule="PL08",
            why=f"The register's entry {basis.id} is of {basis.as_of}, older than {OLDEST.days} days.",
            todo="Let a lawyer look at it, and bring the register up to date.",
        )
    if basis.official_form:
        yield Refusal(
            rule="form",
            why=f"{basis.id} counts only on an official form or as a court's own paper, and neither is at hand.",
            todo="Let the authority issue it, and serve a letter on another basis beside it.",
        )


def _parties(basis: LegalBasis, day: date, states: Sequence[str], home: str) -> Iterator[Refusal]:
    """PL08: a treaty counts where it is in force: between two of its Parties, or at home in one."""
    if basis.treaty is None and basis.in_force != "check":
        if states:
            why = f"--between names states, and {basis.id} depends on no two of them."
            yield _force(why, "Leave --between out.")
    elif basis.within == "one":
        if states:
            yield _at_home(basis, states)
        elif not home:
            why = f"Whether {basis.id} is in force depends on the sender's state, and nobody said which that is."
            yield _force(why, 'Say `state = "XX"` in [sender] of recover.toml, or of the officer.')
        yield from _lacking(basis, (home,) if home and not states else (), day)
    elif len(states) != 2 or states[0] == states[1]:
        said = "they are not both named" if len(states) < 2 else f"--between names {len(states)} of them"
        said = f"--between names {states[0]} twice" if len(states) == 2 else said
        why = f"Whether {basis.id} is in force depends on the sender's state and the addressee's, and {said}."
        todo = "Name them with --between FROM --between TO, after a lawyer has checked both."
        yield _force(why, todo if len(set(states)) != 1 else f"{todo} Within one state its own law counts.")
    else:
        if home and home != states[0]:
            why = f"--between names {states[0]} as the sender's state, and the sender is of {home}."
            yield _force(why, "Name the sender's own state first: --between FROM --between TO.")
        yield from _lacking(basis, states, day)


def _at_home(basis: LegalBasis, states: Sequence[str]) -> Refusal:
    if len(set(states)) == 1:
        why = f"--between names one state alone, and {basis.id} works within one: that of its sender."
        return _force(why, 'Leave --between out; `state = "XX"` in [sender] of recover.toml says which it is.')
    why = f"{basis.id} works through one state's own law, in its territory: not between {' and '.join(states)}."
    return _force(why, f"Ask through the points of contact of both states. {OTHER}")


def _lacking(basis: LegalBasis, states: Sequence[str], day: date) -> Iterator[Refusal]:
    """Each state for which the treaty is not known to be in force. A signature is no ratification."""
    for state in states if basis.treaty else ():
        assert basis.treaty is not None
        if not _STATE.fullmatch(state):
            why = f"{visible(state, 40)} is no state as the register names it."
            yield _force(why, "Name it by its two letters (ISO 3166), such as GB.")
        elif why := basis.treaty.lacking(state, day):
            todo = f"{OTHER} Where the {basis.treaty.chart} says otherwise, add it to the register."
            yield _force(f"{basis.id}: {why}.", todo)


def _force(why: str, todo: str) -> Refusal:
    return Refusal(rule="PL08", why=why, todo=todo)


_STATE = re.compile(r"[A-Z]{2}")


def warned(tell_user: bool, doubt: str, risk: tuple[str, str]) -> list[Refusal]:
    """PL17: a letter that may warn the account's holder goes out where a named person accepts that, and says why.

    `doubt` is what a register says against the addressee: sanctioned, closed, without a licence.
    """
    if risk[0].strip() and risk[1].strip():
        return []
    todo = "Let a named person accept it: --risk WHY --by NAME. Both are kept in the journal."
    found = []
    if tell_user:
        why = "The letter lets its addressee tell the account's holder."
        found.append(Refusal(rule="PL17", why=why, todo=todo))
    if doubt:
        why = f"The register says of the addressee: {visible(doubt, 300)}. It may warn the account's holder."
        found.append(Refusal(rule="PL17", why=why, todo=todo))
    return found


def releasable(basis: LegalBasis) -> bool:
    """Whether a letter on this basis may be issued: no entry of law is, before a named lawyer has checked it."""
    return basis.id == VOLUNTARY or basis.checked


def role(said: str) -> str:
    """The register's role for what a person says. Raises Error."""
    found = SENDERS.get(said, said)
    if found not in ROLES:
        raise Error(
            "sender-role",
            f"There is no sender {said!r}.",
            f"A letter is sent as {', '.join(SENDERS)}.",
            "Say which with --as.",
        )
    return found


def _said(role: str) -> str:
    return next((word for word, meant in SENDERS.items() if meant == role), role)


def refused(found: Sequence[Refusal], stands: str = "") -> Error:
    """The refusals as one error; `stands` tells of the letter that they leave as it was."""
    return Error(
        "letter-refused",
        "This letter may not be: " + ", ".join(dict.fromkeys(one.rule for one in found)) + ".",
        "\n        ".join(f"{one.rule}: {one.why}" for one in found),
        "\n        ".join(dict.fromkeys([*(one.todo for one in found), *filter(None, [stands])])),
    )


def fitting(
    register: Mapping[str, LegalBasis], role: str, kind: Kind, addressee: str, day: date, home: str = ""
) -> tuple[str, ...]:
    """The bases on which such a letter may be drafted."""
    open_ = (b.id for b in register.values() if not refusals(b, role, kind, addressee, day, (), home))
    return tuple(sorted(open_))


def unbacked(
    register: Mapping[str, LegalBasis], role: str, kind: Kind, addressee: str, day: date, home: str
) -> Error:
    """What is said of a letter whose basis nobody named: the ones that fit, or that its sender has none for it."""
    fit = fitting(register, role, kind, addressee, day, home)
    told = f"Bases that fit this sender and addressee: {', '.join(fit)}."
    return Error(
        "basis-needed",
        f"A letter of the kind {kind.id} needs a legal basis.",
        told if fit else "No basis in the register is open to this sender for it.",
        "Name one with --basis." if fit else _senders(register, kind, addressee, day),
    )


def advised(
    found: Sequence[Refusal], register: Mapping[str, LegalBasis], choice: Choice, kind: Kind, day: date
) -> list[Refusal]:
    """The refusals, each with the bases that are open in place of a remedy that names none."""
    if not any(OTHER in one.todo for one in found):
        return [*found]
    fit = fitting(register, choice.role, kind, choice.addressee, day, choice.state)
    told = f"Choose another basis: {', '.join(fit)}." if fit else _senders(register, kind, choice.addressee, day)
    return [replace(one, todo=one.todo.replace(OTHER, told)) for one in found]


def _senders(register: Mapping[str, LegalBasis], kind: Kind, addressee: str, day: date) -> str:
    """Who may send a letter for which its sender has no basis, and on which: a remedy."""
    able = {who: fitting(register, meant, kind, addressee, day) for who, meant in SENDERS.items()}
    told = "; ".join(f"{who} ({', '.join(fit)})" for who, fit in able.items() if fit)
    no = f"No basis is open to this sender for a letter of the kind {kind.id} to: {addressee}."
    if kind.asks == "disclose":
        no += " `--kind enquiry` asks whose an address is, counsel gives a `--kind notice`, a court orders more."
    return f"{no} It may be sent by: {told}." if told else f"{no} Nobody may send it there: choose another kind."


def table(
    register: Mapping[str, LegalBasis], kinds: Mapping[str, Kind], day: date
) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(basis, sender, kind, addressee, answer, of) in full: `allowed`, or the rules against it; `first` where none
    may go there that a letter could follow.

    `of` are the states of which the sender has to be: an authority has the powers of its own state alone.
    """
    firsts = [kind for kind in kinds.values() if kind.about != "letter"]
    for basis in sorted(register.values(), key=lambda b: b.id):
        for sender, meant in SENDERS.items():
            for kind in sorted(kinds.values(), key=lambda k: k.id):
                for addressee in kind.addressees:
                    found = refusals(basis, meant, kind, addressee, day)
                    rules = [one.rule for one in found]
                    if kind.about == "letter" and not any(
                        addressee in one.addressees and not refusals(basis, meant, one, addressee, day)
                        for one in firsts
                    ):
                        rules = rules or ["first"]
                    answer = " ".join(dict.fromkeys(rules)) or "allowed"
                    yield basis.id, sender, kind.id, addressee, answer, " ".join(foreign(basis, meant))
