"""What a PDF shows to a reader: the characters of its pages, by the table in which each font tells its glyphs.

In the bytes a name stands as numbers of glyphs, so that a search of the bytes finds no name in any PDF.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<\s*([0-9A-Fa-f]+)\s*>\s*<\s*([0-9A-Fa-f]+)\s*>")
_TRIPLE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")
_WIDEST = 1 << 16
"""Codes of one range, at most: no font has more glyphs."""

_LINES = frozenset({"Td", "TD", "T*", "'", '"'})


def text(data: bytes) -> Iterator[str]:
    """The text of each page and of each form that pages show. Nothing where the file cannot be opened."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for page in pdf.pages:
                yield _shown(page.obj, pikepdf)
            for found in pdf.objects:
                if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Form":
                    yield _shown(found, pikepdf)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError):  # cut off, locked, or none at all
        return


def _shown(place: Any, library: Any) -> str:
    fonts = place.get("/Resources", {}).get("/Font", {})
    tables: dict[str, Callable[[bytes], str]] = {}
    read: Callable[[bytes], str] = _plain
    out, height = list[str](), None
    for one in library.parse_content_stream(place):
        said, name = one.operands, str(one.operator)
        if name == "Tf":
            key = str(said[0])
            if key not in tables:
                tables[key] = _font(fonts.get(key))
            read = tables[key]
        elif name == "Tm":
            # Another height is another line; the next piece of the same line goes on with its word.
            out += ["\n"] if height not in (None, said[5]) else []
            height = said[5]
        elif name == "BT" or (name in _LINES and (len(said) < 2 or said[1] != 0)):
            out.append("\n")
        if name in ("Tj", "'", '"'):
            out.append(read(bytes(said[-1])))
        elif name == "TJ":
            out += (read(bytes(part)) for part in said[0] if isinstance(part, library.String))
    return "".join(out)


def _font(font: Any) -> Callable[[bytes], str]:
    if font is None or "/ToUnicode" not in font:
        return _plain
    table, width = _table(font.ToUnicode.read_bytes()), 2 if font.get("/Subtype") == "/Type0" else 1
    return lambda codes: "".join(
        table.get(int.from_bytes(codes[at : at + width], "big"), "") for at in range(0, len(codes), width)
    )


def _plain(codes: bytes) -> str:
    return codes.decode("latin-1")


def _table(data: bytes) -> Mapping[int, str]:
    """Glyph and text of a CMap (ISO 32000-1, 9.10.3), single rows and ranges."""
    found: dict[int, str] = {}
    for block in _CHARS.findall(data):
        found |= {int(code, 16): _said(said) for code, said in _PAIR.findall(block)}
    for block in _RANGES.findall(data):
        for first, last, said, listed in _TRIPLE.findall(block):
            low, high = int(first, 16), min(int(last, 16), int(first, 16) + _WIDEST)
            if said:
                start = int(said, 16)
                texts = (_said(b"%0*X" % (len(said), start + n)) for n in range(high - low + 1))
            else:
                texts = (_said(one) for one in _HEX.findall(listed))
            found |= dict(zip(range(low, high + 1), texts, strict=False))
    return found


def _said(digits: bytes) -> str:
    even = digits if len(digits) % 2 == 0 else b"0" + digits
    return bytes.fromhex(even.decode()).decode("utf-16-be", "replace")
