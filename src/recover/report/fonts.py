"""The fonts that documents are set in: open ones, from packages, so that every machine sets the same page."""

from __future__ import annotations

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from recover.sdk import Error
from recover.sdk.outside import escape

_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_serif", "fontpkg_sarabun", "fontpkg_source_code_pro")
# Every text falls back to these two, so a character that neither draws cannot be set at all.
_FALLBACK = ("NotoSans[wdth,wght].ttf", "Sarabun-Regular.ttf")


@cache
def folders() -> tuple[Path, ...]:
    """Where the font files lie. Raises Error naming the package that is not installed."""
    found = []
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise Error(
                "font-missing",
                f"The font package {name.replace('_', '-')} is not installed.",
                "Documents are set in fonts from packages, never in the system's, to be the same everywhere.",
                "Install recover-forensics again with its dependencies.",
            )
        found.append(Path(spec.origin).parent / "files")
    return tuple(found)


@cache
def covered() -> frozenset[int]:
    """The code points that the fonts can draw."""
    files = {path.name: path for folder in folders() for path in folder.iterdir()}
    return frozenset().union(*(cmap(files[name].read_bytes()) for name in _FALLBACK))


def drawable(text: str) -> str:
    """Text with every character that the fonts lack shown by its visible name: PDF/A refuses an empty box."""
    # `covered` reads the two fallbacks alone, so a character that only a third font draws is named too.
    known = covered()
    lacking = {ord(c): escape(c) for c in sorted(set(text)) if c != "\n" and ord(c) not in known}
    return text.translate(lacking) if lacking else text


def cmap(font: bytes) -> set[int]:
    """The code points of an OpenType font (cmap formats 4 and 12, OpenType specification 1.9)."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {
        font[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">I", font, 20 + 16 * i)[0] for i in range(count)
    }
    base = tables[b"cmap"]
    found: set[int] = set()
    for i in range(struct.unpack_from(">H", font, base + 2)[0]):
        at = base + struct.unpack_from(">I", font, base + 8 + 8 * i)[0]
        form = struct.unpack_from(">H", font, at)[0]
        if form == 4:
            found |= _segments(font, at)
        elif form == 12:
            found |= _groups(font, at)
    return found


def _segments(font: bytes, at: int) -> set[int]:
    pairs = struct.unpack_from(">H", font, at + 6)[0]
    ends = struct.unpack_from(f">{pairs // 2}H", font, at + 14)
    starts = struct.unpack_from(f">{pairs // 2}H", font, at + 16 + pairs)
    # The table's last segment must be 0xFFFF, which is no character.
    return {c for low, high in zip(starts, ends, strict=True) for c in range(low, high + 1) if c != 0xFFFF}


def _groups(font: bytes, at: int) -> set[int]:
    groups = struct.unpack_from(">I", font, at + 12)[0]
    spans = (struct.unpack_from(">II", font, at + 16 + 12 * i) for i in range(groups))
    return {c for low, high in spans for c in range(low, high + 1)}
