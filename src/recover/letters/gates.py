"""Who may send which letter on which basis to whom: every refusal names its rule and what would mend it.

The rules are PL01 to PL20 of the reference on legal standards. Those on words are held when a paper is written
(`report/lint.py`); those on who sends what stand here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from recover.letters.folders import Kind
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

    `role` is one of the register's. `states` are those of sender and addressee where the sender named them: a
    basis that depends on both states is refused until they are. `home` is the state of an authority, where its
    settings say it: the law of another state gives it no power. Empty where the letter may be drafted.
    """
    return [*_abroad(basis, role, home), *_against(basis, role, kind, addressee, day, states)]


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


def _against(
    basis: LegalBasis, role: str, kind: Kind, addressee: str, day: date, states: Sequence[str]
) -> Iterator[Refusal]:
    if role not in basis.may_sign:
        who = ", ".join(_said(one) for one in basis.may_sign)
        todo = f"Choose another basis, or let one of these send it: {who}."
        yield Refusal(rule="PL01", why=f"{basis.id} may not be used by: {_said(role)}.", todo=todo)
    if kind.asks not in ("follow-up", "withdrawal") and kind.asks not in basis.kind:
        backs = ", ".join(basis.kind)
        yield Refusal(
            rule="kind", why=f"{basis.id} does not back {kind.asks}, only {backs}.", todo="Choose another basis."
        )
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
            todo=f"It reaches: {', '.join(basis.addressees)}. Choose another basis.",
        )
    if basis.in_force == "no":
        yield Refusal(rule="PL08", why=f"{basis.id} is not known to be in force.", todo="Choose another basis.")
    if basis.in_force == "check" and len(set(states)) < 2:
        yield Refusal(
            rule="PL08",
            why=f"Whether {basis.id} is in force depends on both states, and they are not named.",
            todo="Name them with --between FROM --between TO, after a lawyer has checked both.",
        )
    if day - basis.as_of > OLDEST:
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
    register: Mapping[str, LegalBasis], role: str, kind: Kind, addressee: str, day: date
) -> tuple[str, ...]:
    """The bases on which such a letter may be drafted."""
    return tuple(sorted(b.id for b in register.values() if not refusals(b, role, kind, addressee, day)))


def table(
    register: Mapping[str, LegalBasis], kinds: Mapping[str, Kind], day: date
) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(basis, sender, kind, addressee, answer, of) in full: `allowed`, or the rules against it.

    `of` are the states of which the sender has to be: an authority has the powers of its own state alone.
    """
    for basis in sorted(register.values(), key=lambda b: b.id):
        for sender, meant in SENDERS.items():
            for kind in sorted(kinds.values(), key=lambda k: k.id):
                for addressee in kind.addressees:
                    found = refusals(basis, meant, kind, addressee, day)
                    answer = " ".join(dict.fromkeys(one.rule for one in found)) or "allowed"
                    yield basis.id, sender, kind.id, addressee, answer, " ".join(foreign(basis, meant))
