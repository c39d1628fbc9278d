"""A letter in the forms that recipients take: sheets (XLSX), plain text, and an e-mail; `editable` is edited text.

The same letter gives the same bytes in every form: files bear the letter's date, never the clock's.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from recover.letters import delivery, front, identified, named, paper, reporting, sheeted, words
from recover.letters.editable import clean, docx
from recover.letters.matter import Matter
from recover.letters.measured import most
from recover.report import credited, figures, identifiers
from recover.report.elements import Beside, Block, Brief, Facts, Items, Para, Table
from recover.report.identifiers import Row
from recover.report.texts import Texts
from recover.sdk import Asset
from recover.sdk.amounts import decimal
from recover.sdk.cells import disarmed
from recover.sdk.outside import visible

__all__ = ["docx", "given", "mail", "plain", "xlsx"]

_FIRST = (
    "chain_name",
    "symbol",
    "address",
    "memo",
    "direction",
    "asked",
    "tx_hash",
    "block_time_utc",
    "amount",
    "traced",
)
_NUMBERS = ("amount", "traced")
_PLACES = ("chain_name", "symbol", "address", "memo", "hold", "credited", "unswept", "to_addressee", "grade")
_SUMS = ("hold", "credited", "unswept", "to_addressee")
_A3 = 8  # as spreadsheets number sizes of paper
_DIGITS = 15  # of a number in every spreadsheet


def xlsx(m: Matter, brief: Brief, others: Sequence[Matter] = ()) -> bytes:
    """The tables as sheets: ids and exact amounts as text, so that no digit is lost, and amounts to reckon with.

    A column of numbers holds fifteen digits at most in every spreadsheet, so each stands beside the exact text.
    `others` are the letter in its other languages: each has a sheet of its own, and its words in every head.
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
    top = {"text_wrap": True, "valign": "top"}
    faces = _Faces(
        bold=book.add_format({"bold": True, **top}),
        title=book.add_format({"bold": True, "font_size": 14, "valign": "top"}),
        wrap=book.add_format(top),
        text=book.add_format({"num_format": "@", "valign": "top"}),
        figure=book.add_format({"num_format": "#,##0.##################", "valign": "top"}),
    )
    # What is to be held stands there where that is asked.
    places, sums = ([n for n in names if n != "hold" or reporting.held(m)] for names in (_PLACES, _SUMS))
    tables: dict[str, tuple[Sequence[str], Sequence[Mapping[str, str]]]] = {
        "addresses": (_names(places, ("chain", "asset", "raw_credited"), sums), _places(m)),
        "movements": (_names(_FIRST, tuple(f.name for f in fields(Row)), _NUMBERS), _movements(m)),
        "given": (("identifier",), [{"identifier": one} for one in m.choice.about]),
    }
    made = {name: table for name, table in tables.items() if table[1]}
    _letter(
        book.add_worksheet(_sheet(m.texts, "letter")), m, brief, faces, [_sheet(m.texts, name) for name in made]
    )
    told = [m.texts, *(one.texts for one in others)]
    for one in others:
        sheets = [_sheet(m.texts, name) for name in made]
        _letter(book.add_worksheet(_sheet(one.texts, "letter")), one, paper.brief(one), faces, sheets)
    more = {}
    for number, (name, (names, rows)) in enumerate(made.items(), len(told) + 1):
        more[number] = _table(book.add_worksheet(_sheet(m.texts, name)), told, names, rows, faces)
    book.close()
    return sheeted.filled(out.getvalue(), more)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Faces:
    """How cells are set, as the library holds it."""

    bold: Any
    title: Any
    wrap: Any
    text: Any
    figure: Any


def _sheet(t: Texts, key: str) -> str:
    return t.say(f"sheet.{key}")[:31]


def _names(first: Sequence[str], rest: Sequence[str], numbers: Sequence[str]) -> tuple[str, ...]:
    """What people look for first, then every other column, then the numbers to reckon with."""
    return (*first, *(name for name in rest if name not in first), *(f"{name}_number" for name in numbers))


def _letter(sheet: Any, m: Matter, brief: Brief, faces: _Faces, names: Sequence[str]) -> None:
    """The head of the letter, and what the other sheets are."""
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, _BROAD)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(
        0, 0, clean(f"{brief.title} · {brief.subtitle}" + (f" ({brief.mark})" * bool(brief.mark))), faces.title
    )
    rows = [("", clean(brief.running)), *(("", line) for line in words.limits(m))]
    if names:
        rows.append(("", m.texts.say("sheet.guide", names=", ".join(names))))
    if _sheet(m.texts, "movements") in names:
        rows.append(("", m.texts.say("sheet.legend")))
    for block in brief.cover:
        if isinstance(block, Facts):
            rows += [(name, value) for name, value, _ in block.rows]
        elif isinstance(block, Para):
            rows.append(("", block.text))
    for at, (name, value) in enumerate(rows, 1):
        # No spreadsheet but the one that writes a file measures its rows, so that they are measured here.
        lines = sum(max(-(-_broad(line) // _BROAD), 1) for line in value.split("\n"))
        sheet.set_row(at, _LINE * max(lines, -(-_broad(name) // 26), 1) + 3)
        sheet.write_string(at, 0, clean(name), faces.bold)
        sheet.write_string(at, 1, clean(value), faces.wrap)


_BROAD = 90  # characters
_LINE = 15  # points


def _broad(text: str) -> int:
    """How many letters wide; what has no breadth of its own (such as Thai vowels above and below) has none."""
    return sum(not unicodedata.combining(c) and unicodedata.category(c) != "Mn" for c in text)


def _head(t: Texts, name: str) -> str:
    return t.say(f"sheet.{name}") if t.has(f"sheet.{name}") else t.say(f"column.{name}")


def _table(
    sheet: Any, told: Sequence[Texts], names: Sequence[str], rows: Sequence[Mapping[str, str]], faces: _Faces
) -> Sequence[Sequence[sheeted.Cell]]:
    """The head and the first rows; the others are given back."""
    sheet.freeze_panes(1, 0)
    # On paper what people look for, across a page of A3, with the heads on each: all columns would be too small.
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, len(rows), min(len(names), len(_FIRST)) - 1)
    heads = [" / ".join(dict.fromkeys(_head(t, name) for t in told)) for name in names]
    sheet.set_row(0, 2 * len(told) * _LINE)
    columns = [[row.get(name.removesuffix("_number"), "") for row in rows] for name in names]
    for column, (head, cells) in enumerate(zip(heads, columns, strict=True)):
        sheet.write_string(0, column, clean(head), faces.bold)
        sheet.set_column(column, column, _wide(head, cells))
    figures = [number for number, name in enumerate(names) if name.endswith("_number")]
    whole = [[_cell(value, at in figures) for at, value in enumerate(row)] for row in zip(*columns, strict=True)]
    seen = whole[: sheeted.LONG]
    # What is set like the rows above needs one of each face there.
    if not any(isinstance(value, float) for row in seen for value in row):
        seen = whole
    for at, row in enumerate(seen, 1):
        for column, value in enumerate(row):
            if isinstance(value, float):
                sheet.write_number(at, column, value, faces.figure)
            else:
                sheet.write_string(at, column, value, faces.text)
    sheet.autofilter(0, 0, len(rows), len(names) - 1)
    return whole[len(seen) :]


def _cell(value: str, number: bool) -> sheeted.Cell:
    return float(f"{Decimal(value):.{_DIGITS}g}") if number and value else visible(value, len(value))


def _wide(head: str, cells: Sequence[str]) -> int:
    """A column as wide as what it holds: an identifier that is cut on screen or on paper cannot be read off."""
    return min(max(*(len(word) for word in head.split()), 6, *map(len, cells)) + 3, 100)


def _movements(m: Matter) -> Sequence[Mapping[str, str]]:
    return [{f.name: getattr(row, f.name) for f in fields(Row)} for row in reporting.listed(m)]


def _places(m: Matter) -> Sequence[Mapping[str, str]]:
    """What was credited, or where an issuer's token was left; the numbers are exact texts."""
    rows = []
    for r in m.ramps:
        asset = figures.asset(m.view, r.asset)
        paid = None if credited.stopped(r) else r.amount
        sums = dict(zip(_SUMS, (most(r), r.credited, r.still, paid), strict=True))
        rows.append(_place(m, r.chain, asset, r.address, sums) | {"memo": r.memo, "grade": r.grade})
    if not m.ramps:
        for f in m.holdings:
            asset = figures.asset(m.view, str(f.slots.get("asset", "")))
            sums = dict.fromkeys(("hold", "unswept"), figures.number(f, "upto"))
            rows.append(_place(m, asset.id.partition("/")[0], asset, f.subject, sums))
    return rows


def _place(m: Matter, chain: str, asset: Asset, address: str, sums: Mapping[str, int | None]) -> dict[str, str]:
    said = {
        name: "" if amount is None else decimal(amount, asset.decimals, grouped=False)
        for name, amount in sums.items()
    }
    raw = sums.get("credited")
    return said | {
        "chain_name": m.view.chains.get(chain, chain),
        "symbol": asset.symbol,
        "address": address,
        "chain": chain,
        "asset": asset.id,
        "raw_credited": "" if raw is None else str(raw),
    }


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
        return [f"{name}: {words.flat(value)}" for name, value, _ in block.rows]
    if isinstance(block, Table):
        heads = " | ".join(c.title for c in block.columns)
        return [block.caption, heads, *(" | ".join(words.flat(cell) for cell in row) for row in block.rows), ""]
    return []


def mail(both: Sequence[Matter], brief: Brief, attached: Mapping[str, bytes]) -> bytes:
    """An e-mail that opens as a draft, to the channel that a named person confirmed, else to nobody. `both`: the
    letter in each of its languages."""
    m = both[0]
    made, t = EmailMessage(policy=SMTP), m.texts
    mark = f"[{brief.mark}] " if brief.mark else ""
    made["Subject"] = re.sub(r"\s+", " ", clean(mark + brief.running))[:200]
    boxes = (one.value for one in delivery.confirmed(m) if _MAILBOX.fullmatch(one.value))
    for name, said in (("From", m.choice.sender.get("email", "")), ("To", next(boxes, ""))):
        if _MAILBOX.fullmatch(said):
            made[name] = said
    made["X-Unsent"] = "1"
    body = []
    for one in both:  # what a desk acts by, in every language: many read no attachment before they act
        head = Facts(rows=tuple(paper.first(one)))
        body += [front.told(one, head, {}, front.SHOWN).partition(one.texts.say("mail.attached"))[0].rstrip(), ""]
        body += [*words.route(one), ""]
    body.append(t.say("mail.attached"))
    known = {**m.signed, **m.files}
    body += [f"- {name}  SHA-256 {known[name]}" if name in known else f"- {name}" for name in attached]
    made.set_content(clean("\n".join(body)) + "\n", charset="utf-8", cte="base64")
    for name, data in attached.items():
        kind, sub = _MEDIA.get(name.rpartition(".")[2], ("application", "octet-stream"))
        made.add_attachment(data, maintype=kind, subtype=sub, filename=name)
    made.set_boundary("=_" + m.file)  # the library draws one by lot
    return made.as_bytes()


_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")

_MEDIA = {
    "pdf": ("application", "pdf"),
    "csv": ("text", "csv"),
    "png": ("image", "png"),
    "jpg": ("image", "jpeg"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def sheet(m: Matter) -> bytes:
    """The table of the letter: its movements, else what its sender names."""
    rows = identifiers.sheet(listed) if (listed := reporting.listed(m)) else b""
    return rows or given(m.choice.about, m.kind.names, named.seen(m.view, m.choice.about))


def given(about: Sequence[str], form: str = "", seen: Sequence[tuple[str, str, str]] = ()) -> bytes:
    """Identifiers as a table: by the columns of their kind where it has any, else with what `named.seen` has."""
    names: tuple[str, ...] = ("identifier", *(("chain", "first_seen_utc", "last_seen_utc") if seen else ()))
    known: Sequence[tuple[str, ...]] = seen or [()] * len(about)
    rows: list[tuple[str, ...]] = [(one, *more) for one, more in zip(about, known, strict=True)]
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
