"""Words of a drawing that the page sets itself: those of a script whose letters bear marks.

Typst's reader of SVG gives a mark above or below a letter no text, and PDF/A refuses a glyph without any.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from recover.report.elements import Block, Brief, Picture
from recover.report.lettering import roomy

_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
_NAMED = re.compile(r'([a-z-]+)="([^"]*)"')


def overlaid(brief: Brief) -> Brief:
    """The same document, its drawings without such words, which stand beside them as labels."""
    cover = tuple(_block(block) for block in brief.cover)
    sections = tuple(replace(s, blocks=tuple(_block(block) for block in s.blocks)) for s in brief.sections)
    return replace(brief, cover=cover, sections=sections)


def _block(block: Block) -> Block:
    if not isinstance(block, Picture):
        return block
    labels: list[tuple[str, ...]] = []

    def lifted(found: re.Match[str]) -> str:
        text = unescape(found[2])
        if all(roomy(char) for char in text):
            return found[0]
        said = {"font-weight": "400", **dict(_NAMED.findall(found[1]))}
        labels.append((*(said[name] for name in ("x", "y", "font-size", "font-weight", "fill")), text))
        return ""

    svg = _TEXT.sub(lifted, block.svg)
    return replace(block, svg=svg, labels=tuple(labels))
