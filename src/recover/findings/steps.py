"""Steps: which acts lead from one state of a case to a later one, and what each act can be a cause of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from recover.case import Case, derived, settings
from recover.case.journal import Entry
from recover.case.settings import Settings
from recover.findings.differences import Figure

CAUSES: Mapping[str, str] = {
    "exhibit": "evidence that came in",
    "label": "a list of labels, or a name by hand",
    "set-aside": "an exhibit set aside, or used again",
    "rule": "the declared rule",
    "loss": "the losses",
    "policy": "what joins addresses",
    "parameter": "a parameter or a setting",
    "election": "an election of debits",
    "decision": "a person's decision",
    "plugin": "another version of the program or of its plugins",
    "case": "two cases that do not follow from each other",
}
"""What can make a figure another one, by its word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Entries one after the other of one cause: the last of them, and what was done, in a few words each."""

    cause: str
    until: int
    what: tuple[str, ...]


def as_at(case: Case, number: int) -> Case:
    """The case as its journal had it after an entry, for reading; what is derived is that of the whole case."""
    entries = case.entries[:number]
    said = [entry for entry in entries if entry.kind in ("opened", "settings")]
    text = said[-1].body["text"]
    return replace(
        case,
        entries=entries,
        settings=settings.parse(text),
        torn=0,
        _seen=0,
        _known={},
        _listed=(),
        _sealed=(0, {}),
    )


def shared(old: Case, new: Case) -> int:
    """How many entries both journals begin with; 0 where one does not follow from the other."""
    same = 0
    for one, other in zip(old.entries, new.entries, strict=False):
        if one.hash != other.hash:
            break
        same += 1
    # What either did since by itself, but for running, is no step from one to the other.
    return same if same and not [*steps(old, same)] else 0


def steps(case: Case, after: int) -> list[Step]:
    """What was done after an entry that a figure can come from; entries of one cause in a row are one step."""
    labels = _labels(case)
    found: list[Step] = []
    for cause, number, what in _acts(case, after, labels):
        if found and found[-1].cause == cause:
            found[-1] = replace(found[-1], until=number, what=(*found[-1].what, what))
        else:
            found.append(Step(cause=cause, until=number, what=(what,)))
    return found


def _acts(case: Case, after: int, labels: Collection[int]) -> Iterator[tuple[str, int, str]]:
    said: Settings | None = None
    for entry in case.entries:
        before = said
        if entry.kind in ("opened", "settings"):
            said = settings.parse(entry.body["text"])
        if entry.number <= after:
            continue
        if entry.kind == "settings" and before is not None and said is not None:
            for cause, of in _PARTS.items():
                if of(before) != of(said):
                    yield cause, entry.number, f"case.toml, entry {entry.number}"
        elif made := _KINDS.get(entry.kind):
            cause, what = made(entry)
            cause = "label" if cause == "exhibit" and entry.body["number"] in labels else cause
            if cause:
                yield cause, entry.number, what


def _labels(case: Case) -> frozenset[int]:
    """The exhibits that say whose addresses are, and show no movement; empty where the case was not run."""
    if not case.files.has("derived/link/assertions.parquet"):
        return frozenset()
    said = derived.read(case, "assertions", ["exhibit"]).column("exhibit").unique().to_pylist()
    shown = derived.read(case, "transactions", ["exhibits"]).column("exhibits").to_pylist()
    return frozenset(said) - {number for each in shown for number in each or ()}


def _exhibit(entry: Entry) -> tuple[str, str]:
    # A paper of our own that went out, and a price, are read by nothing that traces.
    read = set(entry.body["sources"]) - {"prices"}
    return ("exhibit" if read else ""), f"exhibit {entry.body['number']}, {entry.body['name']}"


def _aside(entry: Entry) -> tuple[str, str]:
    again = "used again" if entry.body["back"] else "set aside"
    return "set-aside", f"exhibit {entry.body['exhibit']}, {again}"


def _act(entry: Entry) -> tuple[str, str]:
    act = str(entry.body.get("act", ""))
    return ("label" if act == "assert" else "decision"), f"{act} by {entry.body.get('by', '?')}"


def _decision(entry: Entry) -> tuple[str, str]:
    return "decision", str(entry.body["reason"])


_KINDS: Mapping[str, Callable[[Entry], tuple[str, str]]] = {
    "exhibit": _exhibit,
    "reading": lambda entry: ("exhibit", f"exhibit {entry.body['number']}, read by another source too"),
    "set-aside": _aside,
    "decision": _decision,
    "act": _act,
}

_PARTS: Mapping[str, Callable[[Settings], object]] = {
    "rule": lambda s: s.rule,
    "loss": lambda s: s.losses,
    "election": lambda s: s.elections,
    "policy": lambda s: (s.merge, s.least),
    "parameter": lambda s: (s.parameters, s.dust),
}


Sums = dict[Figure, int]
"""Every figure of one state, in base units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One figure that is not as it was; None where there was none. `causes` are the steps that moved it."""

    figure: str
    subject: str
    asset: str
    before: int | None
    after: int | None
    causes: tuple[str, ...]
    entries: tuple[int, ...]


def changed(states: Sequence[Sums], found: Sequence[Step]) -> list[Changed]:
    """Each figure that differs between the first state and the last, with the steps that moved it."""
    made = []
    for key in sorted({key for state in states for key in state}):
        values = [state.get(key) for state in states]
        pairs = zip(found, pairwise(values), strict=False)
        moved = [step for step, (one, other) in pairs if one != other]
        if values[0] != values[-1]:
            made.append(
                Changed(
                    figure=key[0],
                    subject=key[1],
                    asset=key[2],
                    before=values[0],
                    after=values[-1],
                    causes=tuple(dict.fromkeys(step.cause for step in moved)),
                    entries=tuple(step.until for step in moved),
                )
            )
    return made
