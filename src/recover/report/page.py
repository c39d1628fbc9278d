"""The report as one page: one script of its own, no request to anywhere, every text escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from recover.report import lettering
from recover.report.elements import (
    Beside,
    Block,
    Brief,
    Column,
    Facts,
    Items,
    Para,
    Picture,
    Points,
    Section,
    Table,
)


def html(brief: Brief, style: str, script: str = "", board: str = "") -> bytes:
    """A self-contained HTML file, whole without its script. Its policy allows the one style sheet and the one
    script by their digests and nothing else. `board` is the script's data: JSON in which no `<` stands."""
    # Text from outside stands on this page, which counsel opens in a browser. Should one escape be missed, the
    # policy still runs nothing of it and calls nowhere, so nobody learns that a case is being read.
    allowed = f"style-src {_digest(style)}" + (f"; script-src {_digest(script)}" if script else "")
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    tools = f'<script type="application/json" id="board">{board}</script>\n<script>{script}</script>\n'
    # Only numbers of the exhibit list become links: a cited exhibit that is not printed has nowhere to lead.
    known = frozenset(_anchors(brief))
    parts = [
        f'<!DOCTYPE html>\n<html lang="{_e(brief.language)}">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{_e(policy)}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n',
        f"<title>{_e(brief.title)} – {_e(brief.subtitle)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        f'<div class="bar"><span>{_e(brief.running)}</span><strong>{_e(brief.mark)}</strong></div>\n',
        f'<div class="frame">\n<nav aria-label="{_e(brief.contents)}"><h2>{_e(brief.contents)}</h2><ol>',
        f'<li><a href="#R1"><span>R1</span> {_e(brief.about)}</a></li>' if brief.about else "",
        *(f'<li><a href="#{s.id}"><span>{_e(s.id)}</span> {_e(s.title)}</a></li>' for s in brief.sections),
        f'</ol></nav>\n<main>\n<header><p class="kind">{_e(brief.subtitle)}</p>',
        f"<h1>{_e(brief.title)}</h1>\n",
        "</header>\n",
        # The answer first; what the paper is, and of which case, after it.
        *(_section(s, brief, known) for s in brief.sections[:1]),
        '<div class="cover" id="R1">',
        f'<h2><a href="#R1">R1</a> {_e(brief.about)}</h2>\n' if brief.about else "",
        *(_block(b, brief, known) for b in brief.cover),
        "</div>\n",
        *(_section(s, brief, known) for s in brief.sections[1:]),
        f"</main>\n</div>\n<footer>{_e(brief.footer)} · <strong>{_e(brief.mark)}</strong></footer>\n",
        tools if script else "",
        "</body>\n</html>\n",
    ]
    return "".join(parts).encode("utf-8", "backslashreplace")


@cache
def script() -> str:
    """The page's own tools. Not a template's: what runs on a page is this program's alone."""
    return files("recover.report").joinpath("page.js").read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _e(text: str) -> str:
    return escape(text, quote=True)


def _anchors(brief: Brief) -> Iterable[str]:
    for section in brief.sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.anchor:
                yield from (row[0] for row in block.rows)


def _section(s: Section, brief: Brief, known: frozenset[str]) -> str:
    body = "".join(_block(b, brief, known) for b in s.blocks)
    head = f'<h2><a href="#{s.id}">{_e(s.id)}</a> {_e(s.title)}</h2>'
    return f'<section id="{s.id}">{head}\n{body}</section>\n'


def _block(block: Block, brief: Brief, known: frozenset[str]) -> str:
    if isinstance(block, Para):
        return f'<p class="{block.style}">{_prose(block.text)}</p>\n'
    if isinstance(block, Items):
        return "<ul>" + "".join(f"<li>{_prose(item)}</li>" for item in block.items) + "</ul>\n"
    if isinstance(block, Facts):
        rows = (f'<dt>{_e(name)}</dt><dd class="{kind}">{_lines(value)}</dd>' for name, value, kind in block.rows)
        return f"<dl>{''.join(rows)}</dl>\n"
    if isinstance(block, Table):
        return _table(block, known)
    if isinstance(block, Points):
        return _points(block, brief, known)
    if isinstance(block, Beside):
        return f'<div class="beside"><p>{_prose(block.left)}</p><p>{_prose(block.right)}</p></div>\n'
    return _picture(block)


def _prose(text: str) -> str:
    """Text in a paragraph, isolated: letters written from the right reorder nothing around them."""
    return f"<bdi>{_unparted(_e(text))}</bdi>"


def _unparted(text: str) -> str:
    """Thai words that no line parts, and numbers with the word that they count."""
    if text.isascii():
        return _PSEUDONYM.sub(_WHOLE, text) if "V-" in text else text
    text = _PSEUDONYM.sub(_WHOLE, text)
    return lettering.unparted().sub(_WHOLE, lettering.COUNTED.sub("\N{NO-BREAK SPACE}", text))


_WHOLE = r'<span class="w">\g<0></span>'
_PSEUDONYM = re.compile(r"\bV-[0-9A-Z]{6}\b")


def _lines(text: str) -> str:
    first, *rest = text.split("\n")
    if not rest and first.isascii() and "V-" not in first:
        return _e(first)  # a cell alone reorders nothing, and five thousand rows have no elements to spare
    return _prose(first) + "".join(f"<small>{_prose(line)}</small>" for line in rest)


def _cite(numbers: Iterable[str], known: frozenset[str]) -> str:
    return ", ".join(f'<a href="#exhibit-{_e(n)}">{_e(n)}</a>' if n in known else _e(n) for n in numbers)


def _table(b: Table, known: frozenset[str]) -> str:
    heads = "".join(f'<th scope="col" class="{c.kind}">{_e(c.title)}</th>' for c in b.columns)
    rows = []
    for row in b.rows:
        mark = f' id="{_e(b.anchor)}-{_e(row[0])}"' if b.anchor else ""
        cells = []
        for column, cell in zip(b.columns, row, strict=True):
            linked = column.kind == "exhibits" and not b.anchor and cell != "–"
            inner = _cite(cell.split(", "), known) if linked else _lines(cell)
            head = f' data-head="{_e(column.title)}"' if len(b.rows) <= _FEW else ""
            cells.append(f'<td class="{_fit(column)}"{head}>{inner}</td>')
        rows.append(f"<tr{mark}>{''.join(cells)}</tr>\n")
    body = f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>"
    caption = f"<caption><span>{_e(b.caption)}</span></caption>"
    few = " few" if len(b.rows) <= _FEW else ""
    return f'<div class="table{few}" tabindex="0"><table>{caption}\n{body}</table></div>\n'


_FEW = 12
"""A table of no more rows stands on a narrow screen as a card for each, so that no column is out of sight."""


def _fit(column: Column) -> str:
    """How a column's cells may be broken: an `address` on a small screen, `long` words anywhere, numbers never."""
    if column.kind in ("number", "exhibits"):
        return column.kind
    if column.word > _WORD:
        return f"{column.kind} {'long' if column.word > _ADDRESS else 'address'}"
    return "text prose" if column.kind == "text" and column.chars > _PROSE else column.kind


# Characters: beyond the first a word does not fit a narrow column; the second holds the usual address forms.
_WORD, _ADDRESS = 24, 44
_PROSE = 60


def _points(b: Points, brief: Brief, known: frozenset[str]) -> str:
    out = []
    for p in b.points:
        words = brief.exhibit if len(p.exhibits) == 1 else brief.exhibits
        before, _, after = words.partition("{numbers}")
        cited = f" <small>({_e(before)}{_cite((str(n) for n in p.exhibits), known)}{_e(after)})</small>"
        out.append(
            f'<li id="{_e(p.number)}"><b>{_e(p.number)}</b><i>{_e(p.tag)}</i>'
            f"<span>{_prose(p.text)}{cited if p.exhibits else ''}</span></li>\n"
        )
    return f'<ol class="points">{"".join(out)}</ol>\n'


def _picture(b: Picture) -> str:
    # The drawing is our own: its texts were escaped where it was drawn, and it holds no link and no script.
    return (
        f'<figure><div class="paper" tabindex="0">{b.svg}</div><figcaption>{_e(b.caption)}</figcaption></figure>\n'
    )
