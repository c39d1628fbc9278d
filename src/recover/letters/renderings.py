"""A letter in the forms that recipients take: edited text (DOCX), sheets (XLSX), plain text, and an e-mail.

The same letter gives the same bytes in every form: files bear the letter's date, never the clock's.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from recover.letters import words
from recover.letters.matter import Matter
from recover.report.elements import Beside, Block, Brief, Facts, Items, Para, Points, Table
from recover.report.identifiers import Row
from recover.report.texts import Texts
from recover.sdk.cells import disarmed

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can say
_MONO = frozenset({"mono", "number"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def docx(brief: Brief) -> bytes:
    """The letter as an edited document: real headings, tables with header rows, identifiers as text."""
    import docx as library

    doc = library.Document()
    _properties(doc, brief)
    _styles(doc, brief.language)
    for line in brief.letterhead:
        _paragraph(doc, line, bold=line == brief.letterhead[0])
    if brief.mark:
        _paragraph(doc, brief.mark, bold=True)
    doc.add_heading(_clean(brief.title), 0)
    _paragraph(doc, brief.subtitle, bold=True)
    for block in brief.cover:
        _block(doc, block)
    for section in brief.sections:
        doc.add_heading(_clean(f"{section.id}  {section.title}"), 1)
        for block in section.blocks:
            _block(doc, block)
    doc.sections[0].footer.paragraphs[0].text = _clean(brief.footer)
    doc.sections[0].header.paragraphs[0].text = _clean(f"{brief.running}  {brief.mark}".rstrip())
    out = io.BytesIO()
    doc.save(out)
    return _steady(out.getvalue())


def _properties(doc: Any, brief: Brief) -> None:
    day = datetime(*brief.date, tzinfo=UTC).replace(tzinfo=None)
    about = doc.core_properties
    about.title, about.author, about.last_modified_by = _clean(brief.title), _clean(brief.author), ""
    about.created = about.modified = day
    about.language, about.comments, about.revision = brief.language, "", 1


def _styles(doc: Any, language: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = doc.styles["Normal"]
    style.font.size = Pt(9.5)
    style.font.name = "Noto Sans"
    # Thai letters are set in the complex script's font, which Word picks by itself otherwise.
    style.element.rPr.rFonts.set(qn("w:cs"), "Sarabun" if "th" in language else "Noto Sans")
    section = doc.sections[0]
    section.left_margin = section.right_margin = Pt(56)


def _clean(text: str) -> str:
    """Text without what XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _paragraph(doc: Any, text: str, *, bold: bool = False, italic: bool = False, style: str = "Normal") -> None:
    # To be told a style by its name the library searches all of them: for the usual one it need not be told.
    made = doc.add_paragraph(style=None if style == "Normal" else style)
    made._p.get_or_add_pPr()  # as the library leaves it for a style that was named
    run = made.add_run(_clean(text))
    run.bold, run.italic = bold or None, italic or None


def _block(doc: Any, block: Block) -> None:
    if isinstance(block, Para):
        _paragraph(
            doc, block.text, bold=block.style in ("lead", "warning"), italic=block.style in ("note", "blank")
        )
    elif isinstance(block, Beside):
        _rows(doc, [(block.left, block.right)], (False, False), (1, 1))
    elif isinstance(block, Items):
        for item in block.items:
            _paragraph(doc, item, style="List Bullet")
    elif isinstance(block, Facts):
        _rows(doc, [(name, value) for name, value, _ in block.rows], (False, False), (1, 3))
    elif isinstance(block, Table):
        _paragraph(doc, block.caption, bold=True)
        heads = tuple(column.title for column in block.columns)
        broad = tuple(min(max(c.chars, _word(c.title)), 46) + 3 for c in block.columns)
        _rows(doc, [heads, *block.rows], tuple(c.kind in _MONO for c in block.columns), broad, header=True)
    elif isinstance(block, Points):
        for point in block.points:
            cited = f" ({', '.join(map(str, point.exhibits))})" if point.exhibits else ""
            _paragraph(doc, f"{point.number}  [{point.tag}]  {point.text}{cited}")
    elif block.kind == "picture":
        _paragraph(doc, block.alt, italic=True)


def _word(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


_WIDE = 13_600_000 // 2  # of a page between its margins, in English Metric Units


def _rows(
    doc: Any,
    rows: Sequence[tuple[str, ...]],
    mono: tuple[bool, ...],
    broad: tuple[int, ...],
    *,
    header: bool = False,
) -> None:
    """A table whose columns are as broad as their content asks, so that no figure is broken over two lines."""
    from docx.oxml import OxmlElement
    from docx.shared import Emu

    made = doc.add_table(rows=0, cols=len(mono), style="Table Grid")
    made.autofit = False
    widths = [Emu(_WIDE * share // sum(broad)) for share in broad]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate(rows):
        cells = made.add_row().cells
        for cell, text, fixed, width in zip(cells, row, mono, widths, strict=True):
            cell.width = width
            run = cell.paragraphs[0].add_run(_clean(text))
            _sized(run, 13 if fixed else 15)
            if fixed and not (header and number == 0):
                run.font.name = "Source Code Pro"
            run.bold = True if header and number == 0 else None
    if header:  # repeated on every page
        properties = made.rows[0]._tr.get_or_add_trPr()  # the library has no word for it
        properties.append(OxmlElement("w:tblHeader"))
    doc.add_paragraph()


def _sized(run: Any, halves: int) -> None:
    """The size of type in half points, also for letters of a complex script such as Thai."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.size = Pt(halves / 2)
    complex_ = OxmlElement("w:szCs")
    complex_.set(qn("w:val"), str(halves))
    run._r.get_or_add_rPr().append(complex_)  # the library has no word for it


def _steady(data: bytes) -> bytes:
    """The same archive with one moment for every part: the library writes the clock's."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
        for name in sorted(made.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            fresh.writestr(info, made.read(name))
    return out.getvalue()


_NUMBERS = frozenset({"amount", "traced"})


def xlsx(m: Matter, brief: Brief) -> bytes:
    """The tables as sheets: ids and exact amounts as text, so that no digit is lost, and amounts to reckon with.

    A column of numbers holds fifteen digits at most in every spreadsheet; what has more stands as text there too.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": _clean(brief.title),
            "author": _clean(brief.author),
            "created": datetime(*brief.date, tzinfo=UTC),
        }
    )
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    text, figure = (
        book.add_format({"num_format": "@"}),
        book.add_format({"num_format": "#,##0.##################"}),
    )
    first = book.add_worksheet(_sheet(m.texts, "letter"))
    first.set_column(0, 0, 28)
    first.set_column(1, 1, 90)
    at = 0
    for block in brief.cover:
        if isinstance(block, Facts):
            for name, value, _ in block.rows:
                first.write_string(at, 0, _clean(name), bold)
                first.write_string(at, 1, _clean(value), wrap)
                at += 1
    if m.ramps:
        _places(book.add_worksheet(_sheet(m.texts, "addresses")), m, bold, text, figure)
        names = [f.name for f in fields(Row)]
        rows = [{name: getattr(row, name) for name in names} for row in m.rows]
        _movements(book.add_worksheet(_sheet(m.texts, "movements")), names, rows, bold, text, figure)
    if m.choice.about:
        given = book.add_worksheet(_sheet(m.texts, "given"))
        for n, one in enumerate(m.choice.about):
            given.write_string(n, 0, _clean(one), text)
    book.close()
    return out.getvalue()


def _sheet(t: Texts, key: str) -> str:
    return t.say(f"sheet.{key}")[:31]


def _movements(
    sheet: Any, names: Sequence[str], rows: Sequence[Mapping[str, str]], bold: Any, text: Any, figure: Any
) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(
            column, column, 68 if name == "tx_hash" else 44 if name in ("address", "counterparty", "asset") else 20
        )
    for at, row in enumerate(rows, 1):
        for column, name in enumerate(names):
            _cell(sheet, at, column, row[name], name in _NUMBERS, text, figure)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)


def _cell(sheet: Any, at: int, column: int, value: str, number: bool, text: Any, figure: Any) -> None:
    digits = value.replace(".", "").lstrip("0")
    if number and value and len(digits) <= 15:
        sheet.write_number(at, column, Decimal(value), figure)  # beside the exact text, and never read back
    else:
        sheet.write_string(at, column, _clean(value), text)


def _places(sheet: Any, m: Matter, bold: Any, text: Any, figure: Any) -> None:
    names = ("chain", "asset", "address", "memo", "credited", "unswept", "to_addressee", "grade", "raw_credited")
    rows = []
    from recover.report import figures
    from recover.sdk.amounts import decimal

    for r in m.ramps:
        decimals = figures.asset(m.view, r.asset).decimals
        said = [decimal(n, decimals, grouped=False) for n in (r.credited, r.unswept, r.amount)]
        rows.append((r.chain, r.asset, r.address, r.memo, *said, r.grade, str(r.credited)))
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, 44 if name in ("address", "asset") else 20)
    for at, row in enumerate(rows, 1):
        for column, (name, value) in enumerate(zip(names, row, strict=True)):
            _cell(sheet, at, column, value, name in ("credited", "unswept", "to_addressee"), text, figure)


def plain(m: Matter, brief: Brief) -> bytes:
    """The letter as text, for services that take requests only through a portal of their own."""
    lines = [brief.title + (f" ({brief.mark})" if brief.mark else ""), brief.running, ""]
    for block in brief.cover:
        lines += _lines(block)
    for section in brief.sections:
        lines += ["", f"{section.id}. {section.title}", ""]
        for block in section.blocks:
            lines += _lines(block)
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "backslashreplace")


def _lines(block: Block) -> list[str]:
    if isinstance(block, Para):
        return [block.text]
    if isinstance(block, Beside):
        return [block.left, block.right]
    if isinstance(block, Items):
        return [f"- {item}" for item in block.items]
    if isinstance(block, Facts):
        return [f"{name}: {_flat(value)}" for name, value, _ in block.rows]
    if isinstance(block, Table):
        heads = " | ".join(c.title for c in block.columns)
        return [block.caption, heads, *(" | ".join(_flat(cell) for cell in row) for row in block.rows), ""]
    return []


def _flat(text: str) -> str:
    return "; ".join(text.split("\n"))


def mail(m: Matter, brief: Brief, attached: Mapping[str, bytes]) -> bytes:
    """An e-mail that opens as a draft: no addressee is filled in, since nobody has confirmed one."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = re.sub(r"\s+", " ", _clean(brief.running))[:200]
    made["X-Unsent"] = "1"
    body = [words.subject(m), "", *words.limits(m), "", m.texts.say("mail.attached")]
    body += [f"- {name}  SHA-256 {m.files[name]}" if name in m.files else f"- {name}" for name in attached]
    made.set_content("\n".join(body) + "\n", charset="utf-8", cte="base64")
    for name, data in attached.items():
        kind, sub = _MEDIA[name.rpartition(".")[2]]
        made.add_attachment(data, maintype=kind, subtype=sub, filename=name)
    made.set_boundary("=_" + m.file)  # the library draws one by lot
    return made.as_bytes()


_MEDIA = {
    "pdf": ("application", "pdf"),
    "csv": ("text", "csv"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def given(about: Sequence[str]) -> bytes:
    """Identifiers given by hand as a table of one column."""
    return (
        "identifier\r\n" + "".join(f'"{disarmed(_clean(one)).replace(chr(34), chr(34) * 2)}"\r\n' for one in about)
    ).encode()
