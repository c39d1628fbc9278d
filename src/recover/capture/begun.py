"""What was begun, as the journal has it: rounds, and the moment with which each history was asked for first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from recover.case import Case
from recover.sdk.batch import ask_of, ask_text
from recover.sdk.values import Arrival, Ask, History


@dataclass(frozen=True, slots=True)
class Begun:
    """By ask, its moment; None where it was put without one."""

    found: dict[str, Arrival | None] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case) -> Begun:
        """Of every ask that was put in this case."""
        found: dict[str, Arrival | None] = {}
        for entry in case.entries:
            if entry.kind == "collecting":
                moments = entry.body.get("arrived", {})
                for name in entry.body.get("asks", ()):
                    found.setdefault(name, _read(*moments[name]) if name in moments else None)
        return cls(found)

    def again(self, wanted: Ask) -> Ask:
        """The ask as it was begun: pages from one moment on are of no use to an ask that begins elsewhere."""
        if not isinstance(wanted, History):
            return wanted
        return replace(wanted, arrived=self.found.setdefault(ask_text(wanted), wanted.arrived))


def noted(asks: Sequence[Ask]) -> dict[str, object]:
    """What the journal keeps of the moments of these asks; nothing where none has one."""
    made = {ask_text(one): _written(one.arrived) for one in asks if isinstance(one, History) and one.arrived}
    return {"arrived": made} if made else {}


def by_worth(asks: Sequence[Ask], worth: Sequence[int]) -> list[Ask]:
    """The asks with the most of value first; as they come where nobody says their worth."""
    order = sorted(range(len(asks)), key=lambda n: -worth[n]) if worth else range(len(asks))
    return [asks[n] for n in order]


def left(case: Case) -> list[Ask]:
    """What is still to be asked of a round that was cut off, in its order."""
    asked: dict[str, bool] = {}
    for entry in reversed(case.entries):
        if entry.kind == "asked":
            asked.setdefault(str(entry.body["ask"]), True)
        elif entry.kind == "collecting":
            return [ask_of(name) for name in entry.body.get("asks", ()) if name not in asked]
    return []


def _written(moment: Arrival) -> list[object]:
    return [None if moment.time is None else moment.time.astimezone(UTC).isoformat(), moment.height]


def _read(time: str | None, height: int | None) -> Arrival:
    return Arrival(time=None if time is None else datetime.fromisoformat(time), height=height)
