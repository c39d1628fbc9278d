"""upgrade: an older case brought to this format, run again, and what differs, with the change that made it so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recover.case import FORMAT, Case, examined, former
from recover.case.journal import Entry
from recover.findings import journaled
from recover.findings.causes import CHANGES, VERSION
from recover.findings.differences import Difference, late, noted, since
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Outcome, Progress, run


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade came to: the format before, each figure that differs, where the former results lie, what of
    them is damaged, what they had not seen (then nothing is compared), and papers that were not as written."""

    former: int
    differences: tuple[Difference, ...]
    kept: str
    unread: tuple[str, ...]
    unseen: tuple[str, ...]
    altered: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


def upgrade(case: Case, plugins: Plugins, progress: Progress) -> Upgraded:
    """Bring a case to this format. Nothing is asked of any source, and nothing that was there is deleted.

    The change is journalled, the former results and papers are moved aside, the stages run, what differs is
    journalled: only now the case is of this format, and cut off before, the next call finishes it. Raises Error
    for a case of this format already, Integrity where an exhibit does not hold.
    """
    begun = case.unfinished
    if begun is None and case.format == FORMAT and not pins.foreign(case, plugins):
        raise Error(
            "case-current",
            f"The case {case.typed} is of format {FORMAT}, which is this program's, and this version made its "
            "results.",
            "There is nothing to bring up to date.",
            f"`recover run {case.typed}` makes its results again where something changed.",
        )
    examined.must_hold(case, progress)
    begun = begun or former.begin(case, journaled.unlike(case))
    was = int(begun.body["from"])
    kept = former.aside(case, begun)
    done = _again(case, plugins, progress, begun)
    # Results that had not seen all that the case held differ for that reason too: nothing is compared with them.
    unseen = late(case.entries[: begun.number - 1])
    # A table that was altered is nobody's figure, and none is taken from it.
    altered = tuple(name for name, _ in begun.body.get("altered", ()))
    damaged = tuple(name for name in altered if name.startswith("derived/"))
    found, unread = ([], damaged) if unseen or damaged else since(case, plugins.chains, kept)
    if was == FORMAT:
        found = [replace(one, cause=VERSION, why=CHANGES[VERSION].sentence) for one in found]
    case.note("differences", {"from": was, "to": FORMAT, "figures": noted(found), "unread": list(unread)})
    return Upgraded(was, tuple(found), kept, unread, unseen, altered, done)


def _again(case: Case, plugins: Plugins, progress: Progress, begun: Entry) -> tuple[Outcome, ...]:
    before = {e.body["stage"] for e in case.entries if e.kind == "ran" and e.number < begun.number}
    until = max((pins.ORDER.index(stage) for stage in before if stage in pins.ORDER), default=-1)
    case.bringing = FORMAT
    try:
        return tuple(run.STAGE[stage](case, plugins, progress) for stage in pins.ORDER[: until + 1])
    finally:
        case.bringing = None
