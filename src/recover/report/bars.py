"""Bars as SVG, drawn by integer arithmetic: rows of figures, and sums along time.

Told apart without colour: what is full, what is hatched, what is white. Every figure stands beside its bar, so
that nothing is read off a scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from recover.report import lettering

_WIDE = 740
_HEADS = 150
_NAMES = 130
_BARS = 270
_ROW = 17
_THICK = 12
_HEAD = 22
_TALL = 84
"""Pixels of the longest bar of a timeline, each way."""
_CHAR = 7  # pixels of a letter, at most, in the size of names

FULL, HATCHED, WHITE = "#2f3a45", "url(#hatch)", "#ffffff"
_HATCH = (
    '<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="#ffffff"/>'
    '<path d="M0 8L8 0M-1 1L1 -1M7 9L9 7" stroke="#2f3a45" stroke-width="1"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: its name, its amount, the figure ready to print, and how it is filled."""

    name: str
    amount: int
    figure: str
    fill: str = FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stretch of time: what is drawn up, and what down; `name` stands below, where it is not empty."""

    name: str
    up: int
    down: int


def bars(groups: Sequence[tuple[str, Sequence[Bar]]], alt: str) -> str:
    """Rows beside the names of their groups, all on one scale."""
    most = max((bar.amount for _, rows in groups for bar in rows), default=0) or 1
    parts, y = [], 4
    for head, rows in groups:
        lines = _lines(head, len(rows))
        for at, bar in enumerate(rows):
            wide = max(bar.amount * _BARS // most, 1) if bar.amount else 0
            if at < len(lines):
                parts.append(_text(1, y + 10, lines[at], bold=True))
            parts.append(_text(_HEADS, y + 10, _cut(bar.name, _NAMES)))
            if wide:
                parts.append(_box(_HEADS + _NAMES, y, wide, _THICK, bar.fill))
            parts.append(_text(_HEADS + _NAMES + wide + 6, y + 10, bar.figure))
            y += _ROW
        y += 6
    return _svg(parts, y, alt)


def timeline(steps: Sequence[Step], above: str, below: str, alt: str) -> str:
    """What began upward and what arrived downward, stretch by stretch, on one scale."""
    most = max((max(step.up, step.down) for step in steps), default=0) or 1
    each = max((_WIDE - 10) // max(len(steps), 1), 2)
    thick = max(min(each - 2, 26), 1)
    middle = _HEAD + _TALL
    parts = [_text(1, 13, above, bold=True), _text(1, middle + _TALL + 42, below, bold=True)]
    free = 0
    for at, step in enumerate(steps):
        x = 5 + at * each
        up, down = (max(n * _TALL // most, 1) if n else 0 for n in (step.up, step.down))
        if up:
            parts.append(_box(x, middle - up, thick, up, FULL))
        if down:
            parts.append(_box(x, middle + 18, thick, down, HATCHED))
        if step.name and x >= free and x + len(step.name) * _CHAR < _WIDE:
            parts.append(_text(x, middle + 13, step.name))
            free = x + len(step.name) * _CHAR + 8
    for y in (middle, middle + 17):
        parts.append(f'<path d="M1 {y}H{_WIDE - 1}" stroke="#8a8a8a" stroke-width="0.6"/>')
    return _svg(parts, middle + _TALL + 50, alt)


def _svg(parts: Iterable[str], height: int, alt: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" '
        f'height="{height}" role="img" aria-label="{escape(alt, quote=True)}">{_HATCH}'
        f'<rect width="{_WIDE}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def _box(x: int, y: int, wide: int, tall: int, fill: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="{tall}" fill="{fill}" stroke="#2f3a45" stroke-width="0.8"/>'
    )


def _cut(text: str, room: int) -> str:
    most = (room - 8) // _CHAR
    if lettering.held(text, most) == len(text):
        return text
    return text[: lettering.whole(text, lettering.held(text, most - 1))] + "…"


def _lines(text: str, most: int) -> list[str]:
    """A name on as many lines as its rows are, broken between words where it has any."""
    room, out = (_HEADS - 8) // _CHAR, list[str]()
    while (cut := lettering.held(text, room)) < len(text) and len(out) < most - 1:
        at = lettering.space(text, cut + 1)
        at = at if at > 0 else lettering.whole(text, cut)
        out.append(text[:at])
        text = text[at:].lstrip()
    return [*out, _cut(text, _HEADS)]


def _text(x: int, y: int, text: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-family="Noto Sans, Sarabun, sans-serif" font-size="11"{weight} '
        f'fill="#111111">{escape(text, quote=True)}</text>'
    )
