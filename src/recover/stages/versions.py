"""Versions: what figures come to if a person answered what exhibits leave open in one way, and in another.

Exhibits that disagree on a transaction leave it unfollowed, and one that lacks what another shows may be right.
Each answer that a person could give is traced, so that a reader sees how far a figure hangs on it. It stays a
person's.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from recover.case import Case, derived, looked
from recover.findings.contradicted import readings
from recover.findings.material import Material
from recover.findings.undecided import Answer, Question, Tx, asked
from recover.findings.versioned import Choice, Figures, Pick, Worked, around, choice, picks
from recover.ledger import about, parts, relied
from recover.plugins.registry import Plugins
from recover.sdk.values import TxId
from recover.stages.supposed import work
from recover.stages.unmoved import beside

MOST = 16
"""At most so many choices are traced: all combinations of answers, or each answer alone."""

WORK = 1_000_000
"""Fewer of a large ledger: movements times choices stay below this, so that a run ends."""


@dataclass(kw_only=True)
class Versions:
    """A case whose questions are worked out: what was traced of it, by what it supposes of transactions."""

    case: Case
    plugins: Plugins
    made: dict[Answer, tuple[Case, Figures | None]] = field(default_factory=dict)
    questions: dict[object, Question] = field(default_factory=dict)

    def meet(self, look: Case, material: Material) -> None:
        """Note what this trace leaves open; what was known before stays as it was asked first."""
        found, tables = parts.parts(self.case, self.plugins), partial(parts.read, self.case)

        def read(one: Tx) -> tuple[relied.Relied, ...]:
            every = about.readings(self.case, self.plugins, TxId(chain=one[0], text=one[1]))
            return readings(found, tables, one[1], every)

        for one in asked(look, material, derived.read(self.case, "transfers"), read):
            self.questions.setdefault(one.key, one)

    def figures(self, said: Choice) -> Figures | None:
        """What a choice comes to; None where a loss is more than what then moved."""
        key = tuple(sorted(said.items()))
        if key not in self.made:
            look = looked.at(self.case)
            bodies = [{"chain": c, "tx": tx, "exhibit": n, "list": of, "reason": ""} for (c, tx), (n, of) in key]
            looked.suppose(look, "decision", bodies)
            made = work(look, self.plugins)
            self.made[key] = look, None if made is None else Figures.of(made)
            if made is not None:
                self.meet(look, made)  # by one answer value can come to where exhibits disagree again
        return self.made[key][1]


def worked(case: Case, plugins: Plugins, material: Material) -> Worked:
    """Every question that traced value met by any answer, and what the answers come to."""
    at, known, listed, every = Versions(case=case, plugins=plugins), -1, list[Pick](), True
    at.meet(case, material)
    most = min(MOST, WORK // max(1, material.transfers.num_rows))
    found: tuple[Question, ...] = ()
    while known != len(at.questions):
        found, known = tuple(at.questions[key] for key in sorted(at.questions, key=str)), len(at.questions)
        listed, every = picks(found, most) if found else ([], True)
        tried = {pick: at.figures(choice(found, pick)) for pick in listed}
    beyond = {pick: at.figures(choice(found, pick)) for pick in around(found, listed, most)} if tried else {}
    made = Worked(material=material, questions=found, tried=tried, every=every, around=beyond)
    few = [n for n, one in enumerate(found) if len(one.answers) > 1 and tried and not made.stake(n)]
    looks = {key: look for key, (look, of) in at.made.items() if of is not None}
    return replace(made, **beside(made, few, looks, plugins)) if few else made
