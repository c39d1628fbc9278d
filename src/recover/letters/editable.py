"""A letter as an edited document (DOCX): real headings, tables with header rows, identifiers as text.

What all letters share (styles, fonts, properties of the page) is made by python-docx once for each language; the
body of each is written as the XML that the library would write, which takes a hundredth of its time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from recover.letters import drawings, paragraphs
from recover.report import render
from recover.report.elements import (
    Beside,
    Block,
    Brief,
    Column,
    Facts,
    Items,
    Para,
    Picture,
    Point,
    Points,
    Table,
)

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can say
_MONO = frozenset({"mono", "number"})
_TITLE, _AUTHOR, _FOOTER, _HEADER = "@title@", "@author@", "@footer@", "@header@"
_DAY = datetime(2001, 2, 3, tzinfo=UTC).replace(tzinfo=None)  # the library writes no zone
_MARGIN = 48  # points, of a page of A4
_WIDE = 595 - 2 * _MARGIN
_TWIPS = 20  # of one point
_TYPE, _SMALL, _LEAST = 17, 15, 14  # half points: words, identifiers, and what can be read
_FLOOR = 7  # what a figure may shrink to, where no identifier is left to make room
_TITLE_SIZE, _HEAD_SIZE = 16, 12  # points
_LETTER, _HEAD, _FIXED = 0.62, 0.68, 0.605  # how broad a letter is, by its size: on average, bold, in a fixed face
_PAD = 12  # points beside a cell's text
_FIELD = '<w:fldSimple w:instr=" {} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
_PAGES = (
    f'<w:tab/><w:tab/></w:r>{_FIELD.format("PAGE")}<w:r><w:t xml:space="preserve"> / </w:t></w:r>'
    f"{_FIELD.format('NUMPAGES')}<w:r>"
)
"""What follows the text of a foot: which page this is, of how many, at the right."""
_STACKED = 12  # half points: a table in smaller type has its figures one below the other
_THAI = "Leelawadee UI"
"""A font with Thai that every Word of Windows has, in the size of the letters beside it."""


def docx(brief: Brief) -> bytes:
    """The letter as an edited document, the same bytes for the same letter."""
    parts = dict(_blank(brief.language))
    day = datetime(*brief.date, tzinfo=UTC)
    put = {
        _TITLE: paragraphs.escaped(brief.title),
        _AUTHOR: paragraphs.escaped(brief.author),
        f"<w:t>{_FOOTER}</w:t>": f"{paragraphs.said(brief.footer)}{_PAGES}",
        f"<w:t>{_HEADER}</w:t>": paragraphs.said(f"{brief.running}  {brief.mark}".rstrip()),
        f"{_DAY:%Y-%m-%dT%H:%M:%SZ}": f"{day:%Y-%m-%dT%H:%M:%SZ}",
    }
    for name in ("docProps/core.xml", "word/footer1.xml", "word/header1.xml"):
        parts[name] = _filled(parts[name], put)
    before, found, after = parts["word/document.xml"].partition(b"<w:body>")
    body = "".join(_body(brief))
    parts["word/document.xml"] = b"".join([before, found, body.encode(), after])
    drawings.add(parts, brief, render.drawn)
    return _zipped(parts)


@cache
def _blank(language: str) -> Mapping[str, bytes]:
    """The parts of a document in which nothing is said yet."""
    import docx as library

    doc = library.Document()
    about = doc.core_properties
    about.title, about.author, about.last_modified_by = _TITLE, _AUTHOR, ""
    about.created = about.modified = _DAY
    about.language, about.comments, about.revision = language, "", 1
    _styles(doc, language)
    doc.sections[0].footer.paragraphs[0].text = _FOOTER
    doc.sections[0].header.paragraphs[0].text = _HEADER
    out = io.BytesIO()
    doc.save(out)
    with zipfile.ZipFile(out) as made:
        return {name: made.read(name) for name in made.namelist()}


def _styles(doc: Any, language: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    style = doc.styles["Normal"]
    style.font.size = Pt(9.5)
    style.font.name = "Noto Sans"
    doc.styles["Title"].font.size, doc.styles["Heading 1"].font.size = Pt(_TITLE_SIZE), Pt(_HEAD_SIZE)
    thai = "th" in language
    # Thai is a complex script to Word: it has a font, a size and a language of its own, and lines break between
    # its words only where they are said to be Thai. Headings name the theme's font, which has no Thai.
    for name in ("Normal", "Title", "Heading 1"):
        marks = doc.styles[name].element.get_or_add_rPr()
        marks.get_or_add_rFonts().attrib.pop(qn("w:cstheme"), None)
        marks.rFonts.set(qn("w:cs"), _THAI if thai else "Noto Sans")
    for name, points in (("Normal", 9.5), ("Title", _TITLE_SIZE), ("Heading 1", _HEAD_SIZE)):
        marks = doc.styles[name].element.rPr
        for old in marks.findall(qn("w:szCs")):
            marks.remove(old)
        marks.append(marks.makeelement(qn("w:szCs"), {qn("w:val"): str(round(2 * points))}))
    for spoken in doc.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:bidi"), "th-TH" if thai else "ar-SA")
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Pt(_MARGIN)
    section.top_margin = section.bottom_margin = Pt(_MARGIN + 8)
    section.header_distance = section.footer_distance = Pt(_MARGIN / 2)


def _filled(part: bytes, put: Mapping[str, str]) -> bytes:
    # In one pass: what is put in stays text, whatever it says.
    names = re.compile("|".join(map(re.escape, put)))
    return names.sub(lambda found: put[found[0]], part.decode()).encode()


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    """An archive with one moment for every part: the clock's would make every copy another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            fresh.writestr(info, parts[name])
    return out.getvalue()


def _body(brief: Brief) -> list[str]:
    made = paragraphs.letterhead(brief)
    made.append(paragraphs.styled(brief.title, "Title"))
    made.append(paragraphs.paragraph(brief.subtitle, bold=True))
    made += _blocks(brief, brief.cover)
    for section in brief.sections:
        made.append(paragraphs.heading(section))
        made += _blocks(brief, section.blocks)
    return made


def _blocks(brief: Brief, blocks: Sequence[Block]) -> list[str]:
    """Blocks one after the other; what stands side by side in a row of them is one table without lines."""
    made: list[str] = []
    for both, found in groupby(blocks, key=lambda block: isinstance(block, Beside)):
        if both:
            rows = [one for one in found if isinstance(one, Beside)]
            bold = frozenset(n for n, one in enumerate(rows) if one.style in ("lead", "warning"))
            boxed = frozenset(n for n, one in enumerate(rows) if one.style == "warning")
            sides = [(one.left, one.right) for one in rows]
            made += _rows(sides, (False, False), (1, 1), bold=bold, boxed=boxed)
        else:
            made += (part for one in found for part in _block(brief, one))
    return made


def _block(brief: Brief, block: Block) -> list[str]:
    if isinstance(block, Para):
        bold, italic = block.style in ("lead", "warning"), block.style in ("note", "blank")
        set_ = paragraphs.BOXED if block.style == "warning" else "<w:pPr/>"
        return [paragraphs.paragraph(block.text, bold=bold, italic=italic, set_=set_)]
    if isinstance(block, Items):
        return [paragraphs.item(item) for item in block.items]
    if isinstance(block, Facts):
        tails = [paragraphs.page(brief, style) for *_, style in block.rows]
        return _rows([(name, value) for name, value, _ in block.rows], (False, False), (1, 3), tails=tails)
    if isinstance(block, Table):
        return [paragraphs.paragraph(block.caption, bold=True, keep=True), *_ruled(block)]
    if isinstance(block, Points):
        return [paragraphs.paragraph(_point(brief, point)) for point in block.points]
    if isinstance(block, Picture):
        return [
            drawings.inline(block, paragraphs.clean(block.alt), _WIDE),
            paragraphs.paragraph(block.caption or block.alt, italic=True),
        ]
    return []


def _point(brief: Brief, point: Point) -> str:
    words = brief.exhibit if len(point.exhibits) == 1 else brief.exhibits
    cited = f" ({words.format(numbers=', '.join(map(str, point.exhibits)))})" if point.exhibits else ""
    return f"{point.number}  [{point.tag}]  {point.text}{cited}"


_TABLE = """\
<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:type="auto" w:w="0"/><w:tblLayout w:type="fixed"/>\
<w:tblLook w:firstColumn="1" w:firstRow="1" w:lastColumn="0" w:lastRow="0" w:noHBand="0" w:noVBand="1" \
w:val="04A0"/></w:tblPr>"""


def _word(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


def _shared(columns: Sequence[Column], rows: Sequence[tuple[str, ...]]) -> tuple[list[float], list[int]]:
    """The width of each column in points, and the size of its type in half points.

    An identifier or an amount stands on one line, in smaller type where there is too little room: the first part
    of one that is broken is read for the whole. A word of a head is not broken either.
    """
    long = [max((_word(row[at]) for row in rows), default=0) for at in range(len(columns))]
    need = _wants(columns, rows, _SMALL)
    need = need if sum(need) <= _WIDE else _wants(columns, rows, _LEAST)
    fixed = [c.kind in _MONO for c in columns]
    words = sum(width for width, mono in zip(need, fixed, strict=True) if not mono)
    spare = _WIDE - sum(need)
    if spare < 0:
        less = max(_WIDE - words, 0) / max(sum(need) - words, 1)
        given = [width * less if mono else width for width, mono in zip(need, fixed, strict=True)]
    else:
        wants = [
            0 if mono or c.kind == "exhibits" else min(c.chars, 90) for c, mono in zip(columns, fixed, strict=True)
        ]
        # A number of a row needs no more than its head.
        wants = wants if any(wants) else [0 if c.kind == "exhibits" else 1 for c in columns]
        wants = wants if any(wants) else [1] * len(columns)
        given = [width + spare * want / sum(wants) for width, want in zip(need, wants, strict=True)]
    sizes = [
        max(min(_SMALL, int((width - _PAD) * 2 / (max(chars, 1) * _FIXED))), _FLOOR) if mono else _TYPE
        for width, chars, mono in zip(given, long, fixed, strict=True)
    ]
    return given, sizes


def _ruled(block: Table) -> list[str]:
    rows = [tuple(column.title for column in block.columns), *block.rows]
    kept, over = _kept(block), list[str]()
    if len(kept) < len(rows[0]):  # an identifier too broad for its column stands in a row of its own, above
        over = ["\n".join(cell for at, cell in enumerate(row) if at not in kept) for row in rows]
    columns = [block.columns[at] for at in kept]
    rows = [tuple(row[at] for at in kept) for row in rows]
    given, sizes = _shared(columns, rows[1:])
    right = frozenset(n for n, column in enumerate(columns) if column.kind == "number")
    if min(sizes) < _STACKED and len(right) > 1:
        return _ruled(_stacked(block))
    return _rows(rows, tuple(c.kind in _MONO for c in columns), given, sizes, right=right, over=over)


def _stacked(block: Table) -> Table:
    """A table too wide for a page: its figures stand in one column, each on a line of its own behind its head."""
    figures = [n for n, column in enumerate(block.columns) if column.kind == "number"]
    others = [n for n in range(len(block.columns)) if n not in figures]
    rows = []
    for row in block.rows:
        lines = (f"{block.columns[n].title}: {row[n].replace(chr(10), ' ')}" for n in figures)
        rows.append((*(row[n] for n in others), "\n".join(lines)))
    told = max((len(line) for row in rows for line in row[-1].split("\n")), default=0)
    title = block.columns[figures[0]].title
    last = replace(block.columns[figures[0]], title=f"{title} …", kind="text", word=20, chars=told, digits=0)
    return replace(block, columns=(*(block.columns[n] for n in others), last), rows=tuple(rows))


def _kept(block: Table) -> list[int]:
    """The columns that have room beside each other, with every identifier on one line that can be read."""
    kept = [*range(len(block.columns))]
    while len(kept) > 1:
        columns = [block.columns[at] for at in kept]
        rows = [tuple(row[at] for at in kept) for row in block.rows]
        need = _wants(columns, rows, _LEAST)
        broad = [at for at, c in zip(kept, columns, strict=True) if c.kind == "mono"]
        if sum(need) <= _WIDE or not broad:
            break
        kept.remove(max(broad, key=lambda at: max((_word(row[at]) for row in block.rows), default=0)))
    return kept


def _wants(columns: Sequence[Column], rows: Sequence[tuple[str, ...]], size: int) -> list[float]:
    """How broad each column has to be, in points, with identifiers in this size of type."""
    need = []
    for at, c in enumerate(columns):
        head, long = _word(c.title) * _HEAD * _TYPE / 2, max((_word(row[at]) for row in rows), default=0)
        words = max(min(c.word, 20), c.digits) * _LETTER * _TYPE / 2
        need.append(max(head, long * _FIXED * size / 2 if c.kind in _MONO else words) + _PAD)
    return need


def _rows(
    rows: Sequence[tuple[str, ...]],
    mono: tuple[bool, ...],
    given: Sequence[float],
    sizes: Sequence[int] = (),
    bold: frozenset[int] | None = None,
    right: frozenset[int] = frozenset(),
    over: Sequence[str] = (),
    tails: Sequence[str] = (),
    boxed: frozenset[int] = frozenset(),
) -> list[str]:
    """A table of columns so broad, relative to each other, those `right` set to the right; with `sizes` of type it
    has a head, with `bold` rows no lines. `over` are texts above the cells of each row, as broad as the table;
    `tails` is what follows the last text of each, ready to be read. `boxed` rows are warnings."""
    widths = [round(_WIDE * share / sum(given) * _TWIPS) for share in given]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    made = [
        f"{_TABLE if bold is None else _TABLE.replace('TableGrid', 'TableNormal')}<w:tblGrid>{grid}</w:tblGrid>"
    ]
    starts = [f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/></w:tcPr><w:p>' for width in widths]
    for number, row in enumerate(rows):
        head = bool(sizes) and number == 0
        if over:
            made.append(_above(over[number], sum(widths), len(widths), head))
        # A header is repeated on every page, and no row goes over two.
        made.append(f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>")
        for at, (start, text, fixed) in enumerate(zip(starts, row, mono, strict=True)):
            font = '<w:rFonts w:ascii="Source Code Pro" w:hAnsi="Source Code Pro"/>' if fixed and not head else ""
            # In half points, also for letters of a complex script such as Thai.
            size = _TYPE if head or not sizes else sizes[at]
            strong = "<w:b/><w:bCs/>" if head or number in (bold or ()) else ""
            set_ = paragraphs.RIGHT if at in right else ""
            set_ = set_.replace("<w:jc", "<w:keepNext/><w:jc") or paragraphs.KEPT if head else set_
            set_ = paragraphs.BOXED if number in boxed else set_
            made.append(f"{start}{set_}<w:r><w:rPr>{font}{strong}")
            made.append(f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>{paragraphs.said(text)}')
            tail = tails[number] if tails and at == len(row) - 1 else ""
            made.append(f"</w:r>{tail}</w:p></w:tc>")
        made.append("</w:tr>")
    return [*made, f"</w:tbl>{paragraphs.AFTER}"]


def _above(text: str, wide: int, columns: int, head: bool) -> str:
    """A row of one cell, which stays with the row below it."""
    font = "" if head else '<w:rFonts w:ascii="Source Code Pro" w:hAnsi="Source Code Pro"/>'
    marks = f'{font}{"<w:b/><w:bCs/>" * head}<w:sz w:val="{_SMALL}"/><w:szCs w:val="{_SMALL}"/>'
    cell = f'<w:tcPr><w:tcW w:type="dxa" w:w="{wide}"/><w:gridSpan w:val="{columns}"/></w:tcPr>'
    row = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' * head}</w:trPr>"
    run = f"<w:r><w:rPr>{marks}</w:rPr>{paragraphs.said(text)}</w:r>"
    return f"<w:tr>{row}<w:tc>{cell}<w:p>{paragraphs.KEPT}{run}</w:p></w:tc></w:tr>"
