"""The pictures of an edited document: each as a PNG in a part of its own, with its description."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from recover.report.elements import Brief, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_MOST = 600  # points: a picture stands on one page
_EMU = 12_700  # of one point
_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_MAIN = "http://schemas.openxmlformats.org/drawingml/2006"
_DRAWN = (
    '<w:p><w:pPr/><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
    '<wp:docPr id="{number}" name="{name}" descr={alt}/><wp:cNvGraphicFramePr/>'
    f'<a:graphic xmlns:a="{_MAIN}/main"><a:graphicData uri="{_MAIN}/picture"><pic:pic xmlns:pic="{_MAIN}/picture">'
    '<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="{name}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"


def inline(block: Picture, alt: str, wide: int) -> str:
    """The paragraph that shows a picture, at most `wide` points wide; `alt` is XML text without controls."""
    box = _BOX.search(block.svg)
    assert box is not None, "every drawing of ours says its size"
    across, down = int(box[1]), int(box[2])
    shown = min(wide, _MOST * across // max(down, 1))
    size = f'cx="{shown * _EMU}" cy="{shown * _EMU * down // across}"'
    name = _name(block)
    return _DRAWN.format(size=size, name=name, number=int(name[3:], 16) or 1, alt=quoteattr(alt))


def add(parts: dict[str, bytes], brief: Brief, drawn: Callable[[list[str]], list[bytes]]) -> None:
    """Put what the pictures of a paper need into the parts of its document."""
    found = {_name(block): block.svg for block in _pictures(brief)}
    if not found:
        return
    images: Mapping[str, bytes] = dict(zip(found, drawn([*found.values()]), strict=True))
    parts.update({f"word/media/{name}.png": image for name, image in images.items()})
    related = "".join(
        f'<Relationship Id="{name}" Type="{_RELATED}" Target="media/{name}.png"/>' for name in images
    )
    _ended(parts, "word/_rels/document.xml.rels", "</Relationships>", related)
    _ended(parts, "[Content_Types].xml", "</Types>", '<Default Extension="png" ContentType="image/png"/>')


def _ended(parts: dict[str, bytes], part: str, end: str, more: str) -> None:
    text = parts[part].decode()
    assert text.count(end) == 1
    parts[part] = text.replace(end, more + end).encode()


def _pictures(brief: Brief) -> Iterator[Picture]:
    for blocks in (brief.cover, *(section.blocks for section in brief.sections)):
        yield from (block for block in blocks if isinstance(block, Picture))


def _name(block: Picture) -> str:
    """By what is drawn: the same picture twice is one part."""
    return f"pic{hashlib.sha256(block.svg.encode()).hexdigest()[:7]}"
