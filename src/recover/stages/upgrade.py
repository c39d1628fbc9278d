"""upgrade: an older case brought to this format, run again, and what differs, with the change that made it so."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from recover.case import FORMAT, Case, examined
from recover.case.examined import Answer
from recover.case.journal import Entry
from recover.findings.causes import Causes
from recover.findings.differences import Difference, compared, figures
from recover.findings.former import Results
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error, Integrity
from recover.sdk.identity import Spelling
from recover.stages import Outcome, Progress, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What an upgrade came to: the format before, each figure that differs, and where the former results lie.

    `unread` names former tables that are not there or damaged: what they held cannot be compared.
    """

    former: int
    differences: tuple[Difference, ...]
    kept: str
    unread: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def upgrade(case: Case, plugins: Plugins, progress: Progress) -> Upgraded:
    """Bring a case to this format. Nothing is asked of any source, and nothing that was there is deleted.

    The change is journalled before anything is touched. Then the former results and papers are moved aside, whole;
    then the stages run that had run; then what differs is journalled, and only now the case is of this format. Cut
    off anywhere between, it is finished by the next call. Raises Error for a case that is of this format already,
    Integrity where an exhibit does not hold.
    """
    begun = case.unfinished
    if begun is None and case.format == FORMAT:
        raise Error(
            "case-current",
            f"The case {case.path.name} is of format {FORMAT}, which is this program's.",
            "There is nothing to bring up to date.",
            f"`recover run {case.path.name}` makes its results again where something changed.",
        )
    _must_hold(case, progress)
    begun = begun or case.note("upgraded", {"from": case.format, "to": FORMAT, "papers": _papers(case)})
    former = int(begun.body["from"])
    kept = _aside(case, former)
    outcomes = _again(case, plugins, progress, begun)
    found, unread = _compared(case, plugins, kept)
    rows = [{name: _text(value) for name, value in asdict(one).items()} for one in found]
    case.note("differences", {"from": former, "to": FORMAT, "figures": rows, "unread": list(unread)})
    return Upgraded(former=former, differences=tuple(found), kept=kept, unread=unread, outcomes=outcomes)


def _must_hold(case: Case, progress: Progress) -> None:
    for check in examined.stored(case, progress):
        if check.answer is Answer.FAILS:
            raise Integrity(
                "upgrade-damaged",
                f"The case {case.path.name} is damaged: {check.name}.",
                check.detail,
                "Nothing was changed. Put the damaged file back from a copy, and upgrade then.",
            )


def _papers(case: Case) -> list[list[str]]:
    """Every document that stands in `out/`, with its digest: they may have been served."""
    return [[name, hashlib.sha256(case.files.read(name)).hexdigest()] for name in case.files.below("out")]


def _aside(case: Case, former: int) -> str:
    """Move what the former version made to where no stage writes. This program could not make it again."""
    kept = f"former/{former}"
    case.files.make(kept)
    for part in ("derived", "out"):
        if case.files.has(part) and not case.files.has(f"{kept}/{part}"):
            case.files.move(part, f"{kept}/{part}")
    return kept


def _again(case: Case, plugins: Plugins, progress: Progress, begun: Entry) -> tuple[Outcome, ...]:
    done = {e.body["stage"] for e in case.entries if e.kind == "ran" and e.number < begun.number}
    until = max((pins.ORDER.index(stage) for stage in done if stage in pins.ORDER), default=-1)
    case.bringing = FORMAT
    try:
        return tuple(run.STAGE[stage](case, plugins, progress) for stage in pins.ORDER[: until + 1])
    finally:
        case.bringing = None


def _compared(case: Case, plugins: Plugins, kept: str) -> tuple[list[Difference], tuple[str, ...]]:
    spelling = Spelling(chains=plugins.chains)
    before = Results(case=case, folder=case.path / kept / "derived", spelling=spelling)
    after = Results(case=case, folder=case.derived, spelling=spelling)
    rule = case.settings.rule
    old, new = figures(before, rule), figures(after, rule)
    # What the former version did not reach has no figure; what it had and cannot be read would all look new.
    unread = sorted({*before.damaged, *(name for name in before.missing if name not in after.missing)})
    if unread:
        return [], tuple(unread)
    causes = Causes(before=before, after=after, rule=rule, losses=tuple(case.settings.losses))
    return compared(old, new, causes), ()


def _text(value: str | int | None) -> str | None:
    return value if value is None else str(value)
