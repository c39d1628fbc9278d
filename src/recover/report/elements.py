"""The parts a document is made of: every string is ready to print, so a template holds layout and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, cast

from recover.report.texts import Texts

_AMOUNT = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?[.,;:]?")

Style = Literal["plain", "lead", "note", "blank", "warning"]
ColumnKind = Literal["text", "mono", "number", "exhibits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Para:
    """One paragraph. `blank` marks words that a person must complete, `warning` what a reader must not miss."""

    text: str
    style: Style = "plain"
    kind: Literal["para"] = "para"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of short statements."""

    items: tuple[str, ...]
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Label and value pairs. The third member of a row says how the value is set: text, mono, blank, or `part:ID`
    behind which the page of that section is printed."""

    rows: tuple[tuple[str, str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `chars`, `word` and `digits`: its longest line, word and amount, so that no template counts."""

    title: str
    kind: ColumnKind = "text"
    chars: int = 0
    word: int = 0
    digits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of ready cells; a second line of a cell (after a line feed) is set smaller."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    anchor: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A numbered statement, tagged as fact, inference or opinion, citing exhibits by number."""

    number: str
    tag: str
    text: str
    exhibits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Numbered statements."""

    points: tuple[Point, ...]
    kind: Literal["points"] = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An SVG drawing with its description for readers who cannot see it."""

    svg: str
    alt: str
    caption: str
    labels: tuple[tuple[str, ...], ...] = ()
    """Words that a page sets over the drawing: x, y, size, weight, colour and text, in the drawing's own units."""
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One text in two languages, side by side."""

    left: str
    right: str
    style: Style = "plain"
    kind: Literal["beside"] = "beside"


Block: TypeAlias = Para | Items | Facts | Table | Points | Picture | Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A headed part. `id` is stable: R1 to R17 in a report, a number in a letter. One that is `fresh` leaves the
    first page to what stands before it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A whole document. `date` is (year, month, day), the latest that the evidence itself bears."""

    language: str
    title: str
    subtitle: str
    author: str
    mark: str
    running: str
    footer: str
    page: str
    contents: str
    exhibit: str
    exhibits: str
    date: tuple[int, int, int]
    cover: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = field(default=())
    letterhead: tuple[str, ...] = ()
    logo: str = ""
    """A picture as Base64, PNG or SVG, above the letterhead."""
    about: str = ""
    """What the cover's part is called."""
    at: str = ""
    """How the page of a section is named, with {page} in it."""

    def json(self) -> str:
        """The form templates receive."""
        # Sorted keys, so that the same document gives the same bytes to the template.
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def columns(t: Texts, *names: str) -> tuple[tuple[str, ColumnKind], ...]:
    """Column heads from `key` or `key:kind`."""
    pairs = (name.partition(":") for name in names)
    return tuple((t.say(f"column.{key}"), cast(ColumnKind, kind or "text")) for key, _, kind in pairs)


def table(
    caption: str, columns: tuple[tuple[str, ColumnKind], ...], rows: Sequence[tuple[str, ...]], anchor: str = ""
) -> Table:
    """A table whose column widths are counted from its own cells."""

    def pieces(at: int, parts: str | None) -> Iterator[str]:
        return (piece for row in rows for line in row[at].split("\n") for piece in line.split(parts))

    def widest(at: int, parts: str | None) -> int:
        return max((len(piece) for piece in pieces(at, parts)), default=0)

    def digits(at: int) -> int:
        return max((len(piece) for piece in pieces(at, None) if _AMOUNT.fullmatch(piece)), default=0)

    made = tuple(
        Column(title=t, kind=k, chars=max(widest(i, "\n"), 4), word=max(widest(i, None), 4), digits=digits(i))
        for i, (t, k) in enumerate(columns)
    )
    return Table(caption=caption, columns=made, rows=tuple(rows), anchor=anchor)


def strings(brief: Brief) -> list[str]:
    """Every printed string of a document, drawings aside: what the language rules are checked against."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for key, inner in sorted(value.items()):
                # Names for the layout, which nobody reads.
                if key not in {"svg", "kind", "style", "anchor", "id", "language", "logo"}:
                    walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner)

    walk(asdict(brief))
    return [text for text in found if text]
