"""A brief and a template become a PDF. Typst sees two texts and one JSON: no folder, network or system font."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from recover.report.elements import Brief
from recover.report.fonts import drawable, folders
from recover.report.overlaid import overlaid
from recover.report.spoken import spoken
from recover.sdk import Error, Template
from recover.sdk.outside import visible

STANDARD = "a-3a"
"""PDF/A-3 at conformance level A: archival, tagged, with room for attachments."""

# Bytes of one file of a template.
_LIMIT = 1 << 20
_IMPORT = re.compile(r'^#import "blocks\.typ": \*$', re.MULTILINE)
_DRAWN = """\
#set page(width: auto, height: auto, margin: 0pt)
#for (at, drawing) in json(bytes(sys.inputs.drawings)).enumerate() {
  if at > 0 { pagebreak() }
  image(bytes(drawing), format: "svg")
}
"""
_REACHES = re.compile(r"\b(?:import|include|eval|plugin|read)\b|@[a-z]+/")


def main(template: Template) -> str:
    """A template's `main.typ`. Raises Error when it is not there, not in its folder, or reaches out of it.

    Typst would fetch `@preview` packages from the network, so the one import allowed is `blocks.typ`.
    """
    text = inside(template, "main.typ")
    # By words, in the whole file: a comment that says `read` is refused as well, which is the safe side.
    found = _REACHES.search(_IMPORT.sub("", text))
    if found:
        raise Error(
            "template-reaches-out",
            f"The template {visible(template.id, 60)} uses {found[0]!r} in main.typ.",
            'A template may import "blocks.typ" and nothing else: documents are made without network or files.',
            'Keep the one line `#import "blocks.typ": *` and draw with what it offers.',
        )
    return text


def inside(template: Template, name: str) -> str:
    """One text file of a template's folder, at most 1 MiB. Raises Error for a name that leads elsewhere."""
    folder = template.folder.resolve()
    # After links are followed: a link in the folder could lead to any file of the machine.
    path = (folder / name).resolve()
    if path.parent != folder or Path(name).name != name:
        raise Error(
            "template-outside",
            f"{visible(name, 80)!r} is not a file of the template {visible(template.id, 60)}.",
            "The name, or a link, leads out of the template's folder.",
            "Put the file itself into the folder.",
        )
    try:
        data = path.read_bytes()[: _LIMIT + 1]
        text = data.decode("utf-8")
    except (OSError, ValueError) as error:
        raise Error(
            "template-unreadable",
            f"The template {visible(template.id, 60)} has no readable {name}.",
            f"{type(error).__name__} while reading it as UTF-8.",
            "Reinstall the template's plugin.",
        ) from error
    if len(data) > _LIMIT:
        raise Error(
            "template-too-large",
            f"{name} of the template {visible(template.id, 60)} is larger than 1 MiB.",
            "A template holds layout; data comes from the case.",
            "Take the data out of it.",
        )
    return text


def pdf(template: Template, brief: Brief) -> bytes:
    """The document as PDF/A-3a, the same bytes for the same brief. Raises Error with Typst's own reason."""
    import typst

    sources = {"main.typ": main(template).encode(), "blocks.typ": library().encode()}
    if brief.logo:
        name, picture = logo(brief.logo)
        sources[name] = picture
        brief = replace(brief, logo=name)
    if brief.mark:
        sources["mark.svg"] = outlined(drawable(brief.mark))
    year, month, day = brief.date
    try:
        made = typst.compile(  # type: ignore[call-overload]  # its stub omits the form without output
            sources,
            font_paths=_fonts(),
            # A font of the machine would set other lines and pages there, and give other bytes.
            ignore_system_fonts=True,
            # As data, never as markup: a text of a case that looks like Typst code stays text.
            sys_inputs={"brief": drawable(overlaid(brief).json())},
            pdf_standards=[STANDARD],
            # PDF writes its own making into the file; the clock's time would make every copy another.
            timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
        )
    except typst.TypstError as error:
        raise Error(
            "template-failed",
            f"The template {visible(template.id, 60)} could not be set.",
            f"Typst says: {visible(str(error), 600)}.",
            "Mend the template; the case's data cannot be at fault, as it is never markup.",
        ) from error
    assert isinstance(made, bytes)
    return spoken(made)


def logo(text: str) -> tuple[str, bytes]:
    """A letterhead's picture: its name for the layout, and its bytes. Raises Error for no PNG and no SVG."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "logo.png", data
    # An SVG may name files and addresses; Typst reads none of them, and other readers never get the file.
    if data.lstrip()[:5] in (b"<?xml", b"<svg ") and b"<svg" in data and b"<!ENTITY" not in data:
        return "logo.svg", data
    raise Error(
        "logo-unreadable",
        "The picture of the letterhead cannot be used.",
        "It is no PNG and no SVG.",
        "Name another file in [sender] of recover.toml.",
    )


_MARK = """
#set page(width: auto, height: auto, margin: 24pt, fill: none)
#set text(font: ("Noto Sans", "Sarabun"), size: 120pt, weight: 700, fill: rgb("#f3f4f6"), tracking: 10pt)
#sys.inputs.mark
"""


@cache
def outlined(mark: str) -> bytes:
    """What stands across a page, as an SVG of outlines."""
    import typst

    made = typst.compile(
        {"main.typ": _MARK.encode()},
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="svg",
        sys_inputs={"mark": mark},
    )
    assert isinstance(made, bytes)
    return made


def drawn(drawings: Sequence[str]) -> list[bytes]:
    """SVG drawings as PNG, two dots for each of their units, with the fonts of the papers alone.

    Drawn without the machine's own graphics, so that each dot is the same on every one.
    """
    import typst

    if not drawings:
        return []
    made = typst.compile(
        {"main.typ": _DRAWN.encode()},
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="png",
        ppi=144,
        sys_inputs={"drawings": json.dumps([drawable(one) for one in drawings])},
    )
    return [made] if isinstance(made, bytes) else [*made]


@cache
def _fonts() -> Any:
    """The fonts, found once: to read their folders for each paper takes longer than to set a short one."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in folders()])


@cache
def library() -> str:
    """The layout of every kind of block, which templates import."""
    return files("recover.report").joinpath("blocks.typ").read_text("utf-8")
