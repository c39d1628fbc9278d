"""The declaration of the rule: the journal entry that made it, and what was changed after results existed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from recover.case import Case, settings
from recover.case.journal import Entry
from recover.case.settings import Settings
from recover.sdk.view import Altered, Change, Declaration, Dropped, Loss, Ruled

RESULTS = "trace"
"""From the run of this stage on there are figures that a choice could have been made by."""


def declaration(case: Case) -> Declaration:
    """Which entry declares the rule of the case, and whether a figure under another one existed before it."""
    said = [entry for entry in case.entries if entry.kind in ("opened", "settings")]
    read = [(entry, settings.parse(entry.body["text"])) for entry in said]
    made = _declaring(read)
    ran = [entry.number for entry in case.entries if entry.kind == "ran" and entry.body.get("stage") == RESULTS]
    gone = tuple(_gone(read, ran))
    return Declaration(
        rule=case.settings.rule,
        number=made.number,
        time=made.time,
        hash=made.hash,
        ruled=tuple(_ruled(read, ran)),
        seen=any(number < made.number for number in ran),
        changes=tuple(_changes(case, read, min(ran))) if ran else (),
        dropped=tuple(one for one in gone if isinstance(one, Dropped)),
        altered=tuple(one for one in gone if isinstance(one, Altered)),
    )


def _ruled(read: Sequence[tuple[Entry, Settings]], ran: Sequence[int]) -> Iterator[Ruled]:
    """Each change of the rule after the first results, in the order of the journal."""
    for (_, before), (entry, after) in pairwise(read):
        had = {_rule_at(read, number) for number in ran if number < entry.number}
        if had and before.rule != after.rule:
            yield Ruled(
                former=before.rule,
                rule=after.rule,
                number=entry.number,
                time=entry.time,
                ran=before.rule in had,
            )


def _gone(read: Sequence[tuple[Entry, Settings]], ran: Sequence[int]) -> Iterator[Dropped | Altered]:
    """Losses with which results were made, and which are not declared so any more: taken back, or changed."""
    last = read[-1][1].losses
    now = {replace(loss, id="", label="") for loss in last}
    since: dict[Loss, int] = {}
    for (entry, before), (later, after) in pairwise(read):
        for loss in before.losses:
            since.setdefault(loss, entry.number)
        for loss in (one for one in before.losses if one not in after.losses):
            begun = since.pop(loss)  # one that is declared again later began then
            if not any(begun < number < later.number for number in ran):
                continue
            if replace(loss, id="", label="") in now:
                continue
            if (same := _same(loss, last)) is not None:
                yield Altered(before=loss, now=same, declared=begun, number=later.number, time=later.time)
            else:
                yield Dropped(
                    loss=loss.id, place=loss.place, declared=begun, dropped=later.number, time=later.time
                )


def _same(loss: Loss, last: Sequence[Loss]) -> Loss | None:
    """What is declared at the place of a loss now: what it marked is counted, wholly or in part."""
    here = [one for one in last if (one.chain, one.place, one.memo) == (loss.chain, loss.place, loss.memo)]
    return next((one for one in here if one.id == loss.id), here[0] if here else None)


def _declaring(read: Sequence[tuple[Entry, Settings]]) -> Entry:
    """The entry from which on the rule is what it is now."""
    made = read[-1][0]
    for entry, then in reversed(read):
        if then.rule != read[-1][1].rule:
            break
        made = entry
    return made


def _rule_at(read: Sequence[tuple[Entry, Settings]], number: int) -> str:
    return [then.rule for entry, then in read if entry.number < number][-1]


def _changes(case: Case, read: Sequence[tuple[Entry, Settings]], first: int) -> list[Change]:
    """What else was changed after the first results, in the order of the journal."""
    found = []
    for (_, before), (entry, after) in pairwise(read):
        what = [name for name, of in _PARTS.items() if of(before) != of(after)]
        if entry.number > first and what:
            found.append(Change(number=entry.number, time=entry.time, what=tuple(what)))
    for entry in case.entries:
        kind = _ENTRIES.get(entry.kind)
        # A letter of our own that went out, or a price: no figure of a trace rests on either. Nor does anybody
        # choose what a server answers to what the trace itself asked: a live case grows round by round by design.
        own = entry.kind == "exhibit" and (
            not set(entry.body["sources"]) - {"prices"} or entry.body["method"] not in ("import", "answer")
        )
        if entry.number > first and kind and not own:
            found.append(Change(number=entry.number, time=entry.time, what=(kind,)))
    return sorted(found, key=lambda change: change.number)


_PARTS: Mapping[str, Callable[[Settings], object]] = {
    "rule": lambda s: s.rule,
    "losses": lambda s: s.losses,
    "elections": lambda s: s.elections,
    "policy": lambda s: (s.merge, s.least),
    "parameters": lambda s: s.parameters,
}
"""What of the settings moves a figure, by the word that papers use for it."""

_ENTRIES = {
    "exhibit": "exhibits",
    "reading": "exhibits",
    "decision": "decisions",
    "act": "acts",
    "set-aside": "aside",
}
"""The same of the journal's other entries, by kind."""

WORDS = (*_PARTS, *dict.fromkeys(_ENTRIES.values()))
"""Every word for a change; each paper that names changes has a text for each, in each language."""
