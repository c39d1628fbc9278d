"""upgrade: an older case brought to this format, run again, and what differs."""

from __future__ import annotations

from dataclasses import asdict

from recover.case import FORMAT, Case
from recover.findings.differences import Difference, compared, figures
from recover.plugins import pins
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Progress, run


def upgrade(case: Case, plugins: Plugins, progress: Progress) -> tuple[int, list[Difference]]:
    """The format that the case had, and every figure that is not as it was. Nothing is asked of any source.

    The change is journalled before anything is made again, and what differs after. What was issued is an exhibit
    and stays as it is. Raises Error for a case that is of this format already.
    """
    former = case.format
    if former == FORMAT:
        raise Error(
            "case-current",
            f"The case {case.path.name} is of format {FORMAT}, which is this program's.",
            "There is nothing to bring up to date.",
            f"`recover run {case.path.name}` makes its results again where something changed.",
        )
    before = figures(case)
    done = {e.body["stage"] for e in case.entries if e.kind == "ran"}
    until = max((pins.ORDER.index(stage) for stage in done if stage in pins.ORDER), default=-1)
    # First: whoever reads the journal must see why the results after this line are others than those before it.
    case.note("upgraded", {"from": former, "to": FORMAT})
    for stage in pins.ORDER[: until + 1]:
        run.STAGE[stage](case, plugins, progress)
    found = compared(case, before, former)
    rows = [{name: _text(value) for name, value in asdict(one).items()} for one in found]
    case.note("differences", {"from": former, "to": FORMAT, "figures": rows})
    return former, found


def _text(value: str | int | None) -> str | None:
    return value if value is None else str(value)
