"""Editions of the report: what each leaves out is taken from the view, before a paper, table or drawing is made.

So it stands in no form of it: no text, name, description, attachment or property of a file. What was left out is
counted by kind, and the counts alone are printed. The levels are those by which victims are protected: V0 for the
sealed file, V1 for the court and the lead agency, V2 for a partner agency, a service or an issuer; the defence's
keeps what can be said against the findings.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking import persons
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import View
from recover.victims import spelled

SEALED, COURT, PARTNER, DEFENCE = "V0", "V1", "V2", "defence"
NARROW = (PARTNER, DEFENCE)
"""The editions that leave with nothing that a person wrote freely."""

_PSEUDONYM = re.compile(r"V-[0-9A-Z]+")
_LEAST = 4
"""Characters: what is shorter stands in other words too, and is not looked for elsewhere."""
_LARGE = ("transfers", "transactions", "events", "states", "blocks", "flows")
_T = TypeVar("_T")


def edited(view: View, t: Texts, names: Sequence[str]) -> View:
    """The view as its edition may show it. `names` are identities that no edition but V0 may hold.

    In V1 they stay: a paper that has one is stopped, and a person takes it out of the case. What an exhibit is
    called nobody can take out, so that goes, and is said to be left out.
    """
    if view.edition == SEALED:
        return view
    counts: Counter[str] = Counter(title=int(bool(view.case.title)))
    view = replace(view, case=replace(view.case, title=""))
    if view.edition not in NARROW:
        view = withheld(view, t, names, counts)
    if view.edition in NARROW:
        files, texts = _files(view, t), dict[str, str]()
        view = _unwritten(view, t, counts, texts)
        instead = {**dict.fromkeys(texts, t.say("edition.left")), **files, **_shown(names, t)}
        view = _swapped(view, _Swap(instead, counts, {**texts, **dict.fromkeys(files, "file")}))
    return replace(view, left_out=tuple(sorted((kind, n) for kind, n in counts.items() if n)))


def log(view: View, t: Texts) -> list[Block]:
    """What was left out: kinds and counts, never contents."""
    if not view.left_out:
        return []
    rows = [(t.say(f"edition.kind_{kind}"), f"{count:,}") for kind, count in view.left_out]
    out: list[Block] = [table(t.say("edition.log"), columns(t, "handed_what", "count:number"), rows)]
    if view.edition in NARROW:
        out.append(Para(text=t.say("edition.read"), style="warning"))
    return out


def unnamed(view: View, t: Texts, names: Sequence[str]) -> View:
    """The view for files of data, which are written also where a paper is stopped: no identity stands in them."""
    return _swapped(view, _Swap(_shown(names, t), Counter(), {})) if names and view.edition != SEALED else view


def _shown(names: Sequence[str], t: Texts) -> dict[str, str]:
    return dict.fromkeys(names, t.say("edition.name"))


def withheld(view: View, t: Texts, names: Sequence[str], counts: Counter[str]) -> View:
    """The view without names of files, and of who had them, that may tell somebody, wherever they stand."""
    sought = spelled.Names(names)
    left = {
        e.number: tuple(f for f in ("name", "origin", "by") if f in e.withheld or sought.inside(getattr(e, f)))
        for e in view.exhibits
    }
    named = {one.number: sought.inside(one.name) or "name" in left.get(one.number, ()) for one in view.set_aside}
    if not any(left.values()) and not any(named.values()):
        return view
    counts["file"] += sum("name" in fields for fields in left.values()) + sum(map(bool, named.values()))
    counts["obtained"] += sum(bool(getattr(e, f)) for e in view.exhibits for f in left[e.number] if f != "name")
    held = [(e.name, e.number) for e in view.exhibits if "name" in left[e.number]]
    files = {name: t.say("edition.file", number=number) for name, number in reversed(held) if len(name) >= _LEAST}
    mark = t.say("edition.name")
    exhibits = tuple(
        replace(
            e,
            withheld=left[e.number],
            name=t.say("edition.file", number=e.number) if "name" in left[e.number] else e.name,
            origin=mark if "origin" in left[e.number] and e.origin else e.origin,
            by=mark if "by" in left[e.number] and e.by else e.by,
        )
        for e in view.exhibits
    )
    aside = tuple(
        replace(one, name=t.say("edition.file", number=one.number)) if named[one.number] else one
        for one in view.set_aside
    )
    return _swapped(replace(view, exhibits=exhibits, set_aside=aside), _Swap(files, Counter(), {}))


def _files(view: View, t: Texts) -> dict[str, str]:
    """By the name of a file, what stands in its place: people name files after those whose they were."""
    held = [(e.name, e.number) for e in view.exhibits] + [(e.name, e.number) for e in view.set_aside]
    return {name: t.say("edition.file", number=number) for name, number in reversed(held) if len(name) > 2}


def _unwritten(view: View, t: Texts, counts: Counter[str], texts: dict[str, str]) -> View:
    """The view without what persons wrote freely, and without those who are no party to what it says.

    `texts` takes each with its kind: gaps and findings repeat some of them.
    """
    mark = t.say("edition.left")
    # A name that the papers need stays: it is no free text because somebody also typed it as one.
    parties = {view.case.examiner, view.case.agency, view.case.reference}
    parties |= {name for r in view.offramps for name in (r.service or "", r.service_name)} | {*view.services}

    def gone(kind: str, text: str, instead: str = "") -> str:
        counts[kind] += bool(text)
        if len(text) >= _LEAST and text not in parties:
            texts[text] = kind
        return instead if text else ""

    defence = view.edition == DEFENCE
    losses = tuple(
        loss if _PSEUDONYM.fullmatch(loss.label) else replace(loss, label=gone("label", loss.label))
        for loss in view.case.losses
    )
    made = view.declaration
    if made is not None:
        altered = tuple(
            replace(c, before=replace(c.before, label=""), now=replace(c.now, label="")) for c in made.altered
        )
        made = replace(made, altered=altered)
    exhibits = tuple(
        replace(
            e,
            name=t.say("edition.file", number=e.number),
            by=gone("obtained", e.by, mark),
            origin=gone("obtained", e.origin, mark),
        )
        for e in view.exhibits
    )
    counts["file"] += len(view.exhibits) + len(view.set_aside)
    # The reasons why something was not relied on, and who held it, are what the other side must be able to attack.
    aside = tuple(
        replace(
            one,
            name=t.say("edition.file", number=one.number),
            reason=one.reason if defence else gone("reason", one.reason, mark),
            by=one.by if defence else gone("person", one.by, mark),
        )
        for one in view.set_aside
    )
    for said in () if defence else _sources(view):
        gone("act", said)
    counts["custody"] += 0 if defence else len(view.custody)
    acts = tuple(
        replace(
            act,
            reason=gone("reason", act.reason, mark),
            by=gone("person", act.by, mark),
            about=gone("act", act.about, mark),
            undone=gone("reason", act.undone, mark),
        )
        for act in view.acts
    )
    reviews = {ident: (state, gone("reason", by, mark)) for ident, (state, by) in view.reviews.items()}
    rules = tuple({**rule, "elections": gone("reason", rule.get("elections", ""), mark)} for rule in view.rules)
    return replace(
        view,
        case=replace(view.case, note=gone("note", view.case.note), losses=losses),
        declaration=made,
        exhibits=exhibits,
        set_aside=aside,
        custody=view.custody if defence else (),
        acts=view.acts if defence else acts,
        reviews=view.reviews if defence else reviews,
        rules=view.rules if defence else rules,
        findings=tuple(
            f if defence or f.kind not in _REASONED else replace(f, slots=_cleared(f.slots, gone, mark))
            for f in view.findings
        ),
    )


def _sources(view: View) -> list[str]:
    """What persons wrote of where they have a name from, as the origin has it and as it was typed."""
    if "assertions" not in view.tables:
        return []
    held = view.tables["assertions"]().select(["origin", "params"])
    by_hand = held.filter(pc.starts_with(pc.fill_null(held["origin"], ""), persons.SAID))
    typed = [json.loads(text).get("from") for text in by_hand["params"].to_pylist()]
    said = {text.removeprefix(persons.SAID) for text in by_hand["origin"].to_pylist()} - {persons.NOBODY}
    return sorted(said | {text for text in typed if isinstance(text, str) and text})


_REASONED = frozenset({"settled", "settled-otherwise", "no-letter"})
"""Kinds of finding that say why a person decided, and who did."""


def _cleared(slots: Mapping[str, Any], gone: Callable[[str, str, str], str], mark: str) -> dict[str, Any]:
    kinds = {"reason": "reason", "by": "person"}
    return {
        name: gone(kinds[name], value, mark) if name in kinds and isinstance(value, str) and value else value
        for name, value in slots.items()
    }


@dataclass(frozen=True, slots=True)
class _Swap:
    """Texts that are put in place of others wherever they stand, and how often, by kind."""

    instead: Mapping[str, str]
    counts: Counter[str]
    kinds: Mapping[str, str]

    def pattern(self) -> re.Pattern[str] | None:
        known = sorted((text for text in self.instead if text), key=lambda text: (-len(text), text))
        return re.compile("|".join(map(_alone, known)), re.IGNORECASE) if known else None

    def filled(self, pattern: re.Pattern[str], text: str) -> str:
        known = {name.casefold(): name for name in self.instead}

        def put(found: re.Match[str]) -> str:
            name = known.get(found[0].casefold())
            if name is None:  # a letter that folds into several
                return next(iter(self.instead.values()))
            self.counts[self.kinds.get(name, "identity")] += 1
            return self.instead[name]

        return pattern.sub(put, text)


def _alone(text: str) -> str:
    """A text as a word of its own: a short name inside an address is none. Thai has no such bounds."""
    said = re.escape(text)
    return rf"(?<![0-9A-Za-z]){said}(?![0-9A-Za-z])" if text.isascii() else said


def _swapped(view: View, swap: _Swap) -> View:
    pattern = swap.pattern()
    if pattern is None:
        return view

    def table(name: str, read: Callable[[], pa.Table]) -> Callable[[], pa.Table]:
        # Those that grow with the case are not held.
        return (
            (lambda: _rows(read(), pattern, swap))
            if name in _LARGE
            else cache(lambda: _rows(read(), pattern, swap))
        )

    plain = {f.name: getattr(view, f.name) for f in fields(view) if f.name not in ("tables", "edition", "pack")}
    made = {name: _walked(value, pattern, swap) for name, value in plain.items()}
    return replace(view, **made, tables={name: table(name, read) for name, read in view.tables.items()})


def _walked(value: _T, pattern: re.Pattern[str], swap: _Swap) -> _T:
    made: Any = value
    if isinstance(value, str):
        made = swap.filled(pattern, value)
    elif isinstance(value, list | tuple):
        made = type(value)(_walked(one, pattern, swap) for one in value)
    elif isinstance(value, Mapping):
        made = {_walked(k, pattern, swap): _walked(one, pattern, swap) for k, one in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        had = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        now = {name: _walked(one, pattern, swap) for name, one in had.items()}
        changed = {name: one for name, one in now.items() if one != had[name]}
        made = replace(value, **changed) if changed else value
    return made  # type: ignore[no-any-return]


def _rows(found: pa.Table, pattern: re.Pattern[str], swap: _Swap) -> pa.Table:
    """A table with its texts swapped; its columns are looked through whole, and written again only where one
    has something."""
    for at, field in enumerate(found.schema):
        column = found.column(at)
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
            texts = [[swap.filled(pattern, one) for one in cell or ()] for cell in column.to_pylist()]
            if texts != [cell or [] for cell in column.to_pylist()]:
                found = found.set_column(at, field, pa.chunked_array([pa.array(texts, field.type)]))
        elif pa.types.is_string(kind):
            kept = pc.unique(column.cast(kind)).to_pylist()
            new = {text: swap.filled(pattern, text) for text in kept if text is not None}
            if any(text != said for text, said in new.items()):
                texts_ = [None if text is None else new[text] for text in column.cast(kind).to_pylist()]
                found = found.set_column(at, field, pa.chunked_array([pa.array(texts_, kind).cast(field.type)]))
    return found
