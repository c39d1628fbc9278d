"""verify: every digest, the journal's chain, and everything derived, made again elsewhere and compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recover.case import Case, derived, open_for_reading, settings
from recover.case.checks import Check, exhibits, kept
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error, Integrity
from recover.stages import Progress
from recover.stages.rebuild import STALE, rebuilt


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks, and how many transactions have which proof.

    `compared` is False where the case has results and they could not be held against a rebuild: they are older
    than the case's last input.
    """

    checks: tuple[Check, ...]
    proofs: tuple[tuple[str, int], ...]
    compared: bool = True

    @property
    def ok(self) -> bool:
        """Whether every check holds. What could not be compared is no failure: see `compared`."""
        return all(check.ok for check in self.checks)


def verify(path: Path, plugins: Plugins, progress: Progress) -> Verdict:
    """Examine a case without changing it. A broken journal or case.toml is a failed check, not an exception."""
    try:
        case = open_for_reading(path)
    except Error as error:
        if not isinstance(error, Integrity) and error.code != settings.UNREADABLE:
            raise
        name = "journal" if isinstance(error, Integrity) else "case.toml"
        return Verdict(checks=(Check(name=name, ok=False, detail=f"{error.what} {error.why}"),), proofs=())
    checks = [*kept(case), *exhibits(case, progress)]
    # Made again only from what holds: results from changed evidence would say nothing of the derived tables.
    if all(check.ok for check in checks):
        checks += rebuilt(case, plugins, progress)
    compared = all(check.name != STALE for check in checks)
    return Verdict(checks=tuple(checks), proofs=_proofs(case), compared=compared)


def _proofs(case: Case) -> tuple[tuple[str, int], ...]:
    try:
        grades = derived.read(case, "transactions", ["proof"]).column("proof").value_counts().to_pylist()
    # Proofs are told where there are any; a case not yet decoded has none.
    except (Error, OSError):
        return ()
    return tuple(sorted((row["values"], row["counts"]) for row in grades))
