"""The sentences on what a letter rests on, how far that reaches, and whether the paper was issued."""

from __future__ import annotations

from recover.letters import force, powers
from recover.letters.gates import VOLUNTARY
from recover.letters.matter import Matter
from recover.letters.whether import Condition, _lawless, _unchecked


def _unsaid(m: Matter) -> bool:
    return m.choice.role == "" and m.kind.about != "case"


FORCE = (
    Condition(
        "reach.home",
        "",
        "the basis is one state's own law, and nobody said of which state the authority is",
        lambda m: bool(powers.home(m)),
    ),
    Condition(
        "unverified.banner",
        "",
        "the basis was checked by nobody",
        lambda m: m.basis.id != VOLUNTARY and not m.basis.checked,
    ),
    Condition(
        "reach.away",
        "",
        "the register places the addressee outside the states whose law the basis is",
        lambda m: powers.outside(m) == "away",
    ),
    Condition(
        "reach.open",
        "",
        "it names no state of the addressee, or the basis counts by treaty",
        lambda m: m.issued is None and powers.outside(m) == "open",
    ),
    Condition(
        "reach.unsettled",
        "",
        "the same of what goes out",
        lambda m: m.issued is not None and powers.outside(m) == "open",
    ),
    Condition("force.draft", "", "it was not issued", lambda m: m.issued is None),
    Condition(
        "force.binding", "", "a state's own law compels, and the addressee is there by the register", force.binds
    ),
    Condition(
        "force.named", "", "of any other law", lambda m: m.basis.force != "voluntary" and not force.binds(m)
    ),
    Condition("unverified.sender", "", "nobody has said who sends it", _unsaid),
    Condition("unverified.basis", "", "the basis was checked by nobody", _unchecked),
    Condition("unverified.basis_none", "", "a draft rests on no law", _lawless(False)),
    Condition("unverified.basis_none_issued", "", "what goes out rests on no law", _lawless(True)),
    Condition(
        "unverified.basis_checked",
        "",
        "a lawyer has checked the basis",
        lambda m: m.basis.id != VOLUNTARY and m.basis.checked,
    ),
)
