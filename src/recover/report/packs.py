"""Packs: in which order a report stands, what its parts are called and what its author declares, by jurisdiction.

They are data of the template. Wording that a law fixes is printed only where a pack brings the official text with
the digest of it; none does yet, so an empty place says from where it must be taken.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar

from recover.report.elements import Block, Brief, Para, Section, columns, table
from recover.report.render import inside
from recover.report.texts import Texts
from recover.sdk import Error, Template
from recover.sdk.outside import visible

PACKS = re.compile(r"pack-([a-z]{2,12})\.toml")
_TEXTS = re.compile(r"([a-z]{2,3})\.toml")
_MARKS = ("verified", "unverified")
_IDS = frozenset(f"R{n}" for n in range(1, 18))
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What a law asks of a report, told in short, and the sections that answer it."""

    text: str
    sections: tuple[str, ...]
    jurisdiction: str
    source: str
    as_of: date
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare:
    """What the author must complete in a section."""

    section: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words that a law fixes. `official` is empty, or the official text, of which `sha256` is the digest."""

    title: str
    source: str
    official: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One file of the template."""

    title: str
    order: tuple[str, ...]
    titles: Mapping[str, str]
    law: tuple[Law, ...]
    declare: tuple[Declare, ...]
    wording: tuple[Wording, ...]


def must_have(template: Template, pack: str, language: str) -> None:
    """Raises Error for a pack or a language of which the template has no file; empty asks for nothing."""
    for kind, wanted, pattern in (("pack", pack, PACKS), ("language", language, _TEXTS)):
        there = sorted(found[1] for p in template.folder.iterdir() if (found := pattern.fullmatch(p.name)))
        if wanted and wanted not in there:
            raise Error(
                f"{kind}-missing",
                f"The report has no {kind} {visible(wanted, 40)!r}.",
                f"There is: {', '.join(there) or 'none'}.",
                f"Name one of them with --{kind}.",
            )


def load(template: Template, name: str) -> Pack:
    """Raises Error for a pack that is not there, or that does not say what one must say."""
    must_have(template, name, "")
    file = f"pack-{name}.toml"
    try:
        raw = tomllib.loads(inside(template, file))
        pack = Pack(
            title=_text(raw.pop("title")),
            order=tuple(raw.pop("order")),
            titles=dict(raw.pop("titles", {})),
            law=_all(Law, raw.pop("law", [])),
            declare=_all(Declare, raw.pop("declare", [])),
            wording=_all(Wording, raw.pop("wording", [])),
        )
        _must_fit(pack, raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Error(
            "pack-unreadable",
            f"{file} of the template {visible(template.id, 60)} cannot be used.",
            f"{type(error).__name__}: {visible(str(error), 200)}.",
            "Compare it with pack-generic.toml, which is a whole one.",
        ) from error
    return pack


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is missing or empty")
    return value


def _all(kind: type[_T], rows: Sequence[Mapping[str, Any]]) -> tuple[_T, ...]:
    """Records of a kind; a key that it does not have is refused, and so is one that is missing."""
    made = []
    for row in rows:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
        for one in fields(kind):  # type: ignore[arg-type]
            if one.name in values and one.type == "str" and one.name not in ("official", "sha256"):
                _text(values[one.name])
        made.append(kind(**values))
    return tuple(made)


def _must_fit(pack: Pack, more: Mapping[str, Any]) -> None:
    if more:
        raise ValueError(f"unknown: {', '.join(more)}")
    if pack.order[:1] != ("R2",) or set(pack.order) != _IDS - {"R1"} or len(pack.order) != 16:
        raise ValueError("the order must have R2 first, and R3 to R17 once each")
    named = {*pack.titles, *(d.section for d in pack.declare), *(s for one in pack.law for s in one.sections)}
    if named - _IDS:
        raise ValueError(f"there is no section {', '.join(sorted(named - _IDS))}")
    if any(one.mark not in _MARKS or type(one.as_of) is not date for one in pack.law):
        raise ValueError(f"a statement of law needs its date, and the mark {' or '.join(_MARKS)}")
    for one in pack.wording:
        if hashlib.sha256(one.official.encode()).hexdigest() != one.sha256 and (one.official or one.sha256):
            raise ValueError(f"the official text of {one.title} is not the one that its digest is of")


def arranged(paper: Brief, pack: Pack, t: Texts) -> Brief:
    """The report in the pack's order and under its titles, with what its author must complete."""
    place = {ident: n for n, ident in enumerate(pack.order)}
    # A section that packs do not know goes with what stands before it.
    keys, last = {}, 0
    for section in paper.sections:
        last = place.get(section.id, last)
        keys[section.id] = last
    ordered = sorted(paper.sections, key=lambda s: keys[s.id])
    return replace(paper, sections=tuple(_section(s, pack, t) for s in ordered))


def _section(section: Section, pack: Pack, t: Texts) -> Section:
    blocks: list[Block] = list(section.blocks)
    for one in pack.declare:
        if one.section == section.id:
            blocks.append(Para(text=t.say("complete.mark", what=t.own(one.text)), style="blank"))
    if section.id == "R16":
        blocks = [*_wordings(pack, t), *blocks, *_laws(pack, t)]
    return replace(
        section,
        title=t.own(pack.titles[section.id]) if section.id in pack.titles else section.title,
        blocks=tuple(blocks),
    )


def _wordings(pack: Pack, t: Texts) -> list[Block]:
    """The words that a law fixes (CPR PD 35 para 3.3), or of each a blank that says from where they are taken."""
    out: list[Block] = []
    if not pack.wording:
        blank = t.say("complete.mark", what=t.say("declarations.todo_text"))
        out = [Para(text=t.say("declarations.absent"), style="note"), Para(text=blank, style="blank")]
    for one in pack.wording:
        if one.official:
            out += [Para(text=t.own(one.title), style="lead"), Para(text=one.official)]
            out.append(
                Para(text=t.say("pack.official", source=t.own(one.source), digest=one.sha256), style="note")
            )
        else:
            out.append(
                Para(text=t.say("pack.wording", title=t.own(one.title), source=t.own(one.source)), style="blank")
            )
    return out


def _laws(pack: Pack, t: Texts) -> list[Block]:
    rows = [
        (
            t.own(one.text),
            ", ".join(one.sections),
            "\n".join(
                (
                    t.own(one.source),
                    f"{t.own(one.jurisdiction)}, {t.dated(one.as_of.isoformat())}",
                    t.say(f"pack.{one.mark}"),
                )
            ),
        )
        for one in pack.law
    ]
    heads = columns(t, "asked_here", "answered", "origin")
    caption = t.say("pack.caption", title=t.own(pack.title))
    return [table(caption, heads, rows)] if rows else []
