"""A letter in the forms that recipients take: sheets (XLSX), plain text, and an e-mail; `editable` is edited text.

The same letter gives the same bytes in every form: files bear the letter's date, never the clock's.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from recover.letters import delivery, front, identified, words
from recover.letters.editable import clean, docx
from recover.letters.matter import Matter
from recover.report.elements import Beside, Block, Brief, Facts, Items, Para, Table
from recover.report.identifiers import Row
from recover.report.texts import Texts
from recover.sdk.cells import disarmed

__all__ = ["docx", "given", "mail", "plain", "xlsx"]

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
            "title": clean(brief.title),
            "author": clean(brief.author),
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
    first.fit_to_pages(1, 0)
    at = 0
    for block in brief.cover:
        if isinstance(block, Facts):
            for name, value, _ in block.rows:
                first.write_string(at, 0, clean(name), bold)
                first.write_string(at, 1, clean(value), wrap)
                at += 1
    if m.ramps:
        _places(book.add_worksheet(_sheet(m.texts, "addresses")), m, bold, text, figure)
        names = [f.name for f in fields(Row)]
        rows = [{name: getattr(row, name) for name in names} for row in m.rows]
        _movements(book.add_worksheet(_sheet(m.texts, "movements")), names, rows, bold, text, figure)
    if m.choice.about:
        given = book.add_worksheet(_sheet(m.texts, "given"))
        for n, one in enumerate(m.choice.about):
            given.write_string(n, 0, clean(one), text)
    book.close()
    return out.getvalue()


def _sheet(t: Texts, key: str) -> str:
    return t.say(f"sheet.{key}")[:31]


def _movements(
    sheet: Any, names: Sequence[str], rows: Sequence[Mapping[str, str]], bold: Any, text: Any, figure: Any
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, _wide(name, [row[name] for row in rows]))
    for at, row in enumerate(rows, 1):
        for column, name in enumerate(names):
            _cell(sheet, at, column, row[name], name in _NUMBERS, text, figure)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)


def _wide(name: str, cells: Sequence[str]) -> int:
    """A column as wide as what it holds: an identifier that is cut on screen or on paper cannot be read off."""
    return min(max(map(len, (name, *cells))) + 2, 100)


def _cell(sheet: Any, at: int, column: int, value: str, number: bool, text: Any, figure: Any) -> None:
    digits = value.replace(".", "").lstrip("0")
    if number and value and len(digits) <= 15:
        sheet.write_number(at, column, Decimal(value), figure)  # beside the exact text, and never read back
    else:
        sheet.write_string(at, column, clean(value), text)


def _places(sheet: Any, m: Matter, bold: Any, text: Any, figure: Any) -> None:
    names = ("chain", "asset", "address", "memo", "credited", "unswept", "to_addressee", "grade", "raw_credited")
    rows = []
    from recover.report import credited, figures
    from recover.sdk.amounts import decimal

    for r in m.ramps:
        decimals = figures.asset(m.view, r.asset).decimals
        said = [decimal(n, decimals, grouped=False) for n in (r.credited, r.unswept, r.amount)]
        said[2:] = [""] if credited.stopped(r) else said[2:]
        rows.append((r.chain, r.asset, r.address, r.memo, *said, r.grade, str(r.credited)))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
        sheet.set_column(column, column, _wide(name, [row[column] for row in rows]))
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


def mail(m: Matter, brief: Brief, head: Facts, attached: Mapping[str, bytes]) -> bytes:
    """An e-mail that opens as a draft, to the channel that a named person confirmed, else to nobody."""
    made, t = EmailMessage(policy=SMTP), m.texts
    mark = f"[{brief.mark}] " if brief.mark else ""
    made["Subject"] = re.sub(r"\s+", " ", clean(mark + brief.running))[:200]
    boxes = (one.value for one in delivery.confirmed(m) if _MAILBOX.fullmatch(one.value))
    for name, said in (("From", m.choice.sender.get("email", "")), ("To", next(boxes, ""))):
        if _MAILBOX.fullmatch(said):
            made[name] = said
    made["X-Unsent"] = "1"
    # What a desk acts by, in the first language of the letter: many read no attachment before they act.
    body = [front.told(m, head, {}, front.SHOWN).partition(t.say("mail.attached"))[0].rstrip(), ""]
    body += [*words.route(m), "", t.say("mail.attached")]
    body += [f"- {name}  SHA-256 {m.files[name]}" if name in m.files else f"- {name}" for name in attached]
    made.set_content(clean("\n".join(body)) + "\n", charset="utf-8", cte="base64")
    for name, data in attached.items():
        kind, sub = _MEDIA[name.rpartition(".")[2]]
        made.add_attachment(data, maintype=kind, subtype=sub, filename=name)
    made.set_boundary("=_" + m.file)  # the library draws one by lot
    return made.as_bytes()


_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")

_MEDIA = {
    "pdf": ("application", "pdf"),
    "csv": ("text", "csv"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def given(about: Sequence[str], form: str = "") -> bytes:
    """Identifiers given by hand as a table: by their columns where the kind of letter has any."""
    names: tuple[str, ...] = ("identifier",)
    rows: list[tuple[str, ...]] = [(one,) for one in about]
    if form and not any(identified.lacking(form, one) for one in about):
        names = tuple(identified.COLUMNS.get(name, name) for name in identified.FORMS[form])
        rows = [tuple("" if cell == "–" else cell for cell in row) for row in identified.rows(form, about)]
    lines = [",".join(names), *(",".join(_quoted(cell) for cell in row) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()


_NUMBER = re.compile(r"\+[0-9 ]{6,20}")
"""A telephone number, which no spreadsheet runs: with a mark before it nobody finds it."""


def _quoted(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f'"{text}"'
    return f'"{disarmed(clean(text)).replace(chr(34), chr(34) * 2)}"'
