"""verify: every digest, the journal's chain, and all that is derived, made again elsewhere. It only reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recover.case import Case, derived, examined, open_for_reading, settings
from recover.case.examined import Answer, Check
from recover.case.trees import settled
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error, Exit, Integrity
from recover.stages import Progress
from recover.stages.rebuild import rebuilt

EXITS = {
    Answer.HOLDS: Exit.DONE,
    Answer.UNCHECKED: Exit.GAPS,
    Answer.APART: Exit.APART,
    Answer.FAILS: Exit.INTEGRITY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks, and how many transactions have which proof."""

    checks: tuple[Check, ...]
    proofs: tuple[tuple[str, int], ...]

    @property
    def answer(self) -> Answer:
        """The worst of all: what was not checked is never counted as held."""
        order = list(Answer)
        return max((check.answer for check in self.checks), key=order.index, default=Answer.UNCHECKED)


def verify(path: Path, plugins: Plugins, progress: Progress, head: str = "") -> Verdict:
    """Examine a case as it is at this moment, without changing it; no lock is taken, and the medium may be
    read-only.

    `head` is the hash printed on a paper: whether this journal led to that paper. A broken journal or case.toml is
    a failed check, not an exception.
    """
    try:
        case = open_for_reading(path)
    except Error as error:
        if not isinstance(error, Integrity) and error.code != settings.UNREADABLE:
            raise
        name = "journal" if isinstance(error, Integrity) else "case.toml"
        return Verdict(checks=(examined.bad(name, f"{error.what} {error.why}"),), proofs=())
    found = [*examined.kept(case), *examined.headed(case, head), *examined.papers(case), *examined.issued(case)]
    found += examined.former(case)
    found += [*examined.stored(case, progress), *examined.identities(case)]
    if all(check.answer is not Answer.FAILS for check in found):
        found += settled(case, list(rebuilt(case, plugins, progress)))
    return Verdict(checks=tuple(found), proofs=_proofs(case))


def _proofs(case: Case) -> tuple[tuple[str, int], ...]:
    try:
        grades = derived.read(case, "transactions", ["proof"]).column("proof").value_counts().to_pylist()
    except (Error, OSError, KeyError):
        return ()
    return tuple(sorted((row["values"], row["counts"]) for row in grades))
