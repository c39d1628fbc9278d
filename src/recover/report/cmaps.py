"""The table by which a PDF says which characters a glyph stands for (ISO 32000-1, 9.10.3), read and written."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

_BLOCK = re.compile(rb"\d+ beginbfchar\n.*?endbfchar\n", re.DOTALL)
_ROW = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_MOST = 100
"""Rows in one block of a CMap, at most."""


def read(data: bytes) -> dict[int, str]:
    """Glyph and text of every single row."""
    rows = [row for block in _BLOCK.findall(data) for row in _ROW.findall(block)]
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in rows}


def written(data: bytes, table: Mapping[int, str]) -> bytes:
    """The CMap with these rows in place of its own."""
    rows = [b"<%04X> <%s>\n" % (n, table[n].encode("utf-16-be").hex().upper().encode()) for n in sorted(table)]
    parts = [rows[n : n + _MOST] for n in range(0, len(rows), _MOST)]
    blocks = b"".join(b"%d beginbfchar\n%sendbfchar\n" % (len(part), b"".join(part)) for part in parts)
    first = _BLOCK.search(data)
    assert first is not None
    return data[: first.start()] + blocks + _BLOCK.sub(b"", data[first.start() :])


def names(font: bytes) -> dict[int, str]:
    """The name of every glyph of an embedded TrueType font, by its number."""
    from fontTools.ttLib import TTFont

    return dict(enumerate(TTFont(io.BytesIO(font), lazy=True).getGlyphOrder()))
