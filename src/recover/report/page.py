"""A brief as one self-contained HTML page: no script, no request to anywhere, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from recover.report.blocks import Block, Brief, Facts, Items, Para, Picture, Points, Section, Table

_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_STYLE = """
:root{--ink:#1b1f24;--soft:#5b6470;--line:#c9ced6;--tint:#f3f5f8;--page:#fff;--amber:#fff6e0;--amber-ink:#7a4300;
--red:#fdecec;--red-ink:#8c1d18;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#a3adba;--line:#3a424d;--tint:#222831;--page:#15191f;
--amber:#3a2f14;--amber-ink:#f3c98b;--red:#43201e;--red-ink:#f5b5b1;--link:#8ec0f5}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 "Noto Sans",system-ui,sans-serif}
.draft{background:var(--amber);color:var(--amber-ink);padding:.4rem 1rem;font-weight:600;text-align:center;
border-bottom:1px solid var(--line)}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 1rem}
h2{font-size:1.25rem;margin:2.6rem 0 .8rem;padding-top:.8rem;border-top:2px solid var(--line)}
h2 span,.kicker,figcaption,.note{color:var(--soft)}
.kicker{text-transform:uppercase;letter-spacing:.06em;font-size:.85rem;font-weight:600}
a{color:var(--link)}
nav ol{columns:2 18rem;padding:0;list-style:none;font-size:.92rem;margin:.5rem 0}
nav li{padding:.12rem 0;break-inside:avoid}
p{max-width:56rem;overflow-wrap:anywhere}
li{max-width:56rem;overflow-wrap:anywhere}
.lead{font-weight:600;margin-top:1.6rem}
.blank,.warning{padding:.6rem .9rem;border-left:4px solid var(--amber-ink);background:var(--amber);color:var(--amber-ink);
font-style:italic}
.warning{border-color:var(--red-ink);background:var(--red);color:var(--red-ink);font-style:normal;font-weight:600}
dl{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;margin:1rem 0;border-top:1px solid var(--line)}
dt,dd{margin:0;padding:.4rem .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
dt{color:var(--soft)}
dd.blank{padding:.4rem .5rem;border-left:0}
.mono,td.mono,td.number{font-family:"Source Code Pro",ui-monospace,monospace;font-size:.86em}
.wide{overflow:auto;max-height:80vh;border:1px solid var(--line);border-radius:4px;margin:.4rem 0 1.4rem}
table{border-collapse:collapse;width:100%;font-size:.88rem}
th{position:sticky;top:0;background:var(--tint);text-align:left;padding:.45rem .6rem;white-space:nowrap;z-index:1;
box-shadow:inset 0 -1px var(--line)}
td{padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td small{color:var(--soft);display:block}
td.mono{white-space:nowrap}
td.number{text-align:right;white-space:nowrap}
th.number{text-align:right}
td.text{min-width:9rem;overflow-wrap:anywhere}
.caption{font-weight:600;font-size:.92rem;margin:1.4rem 0 .3rem}
.points{list-style:none;padding:0}
.points li{display:grid;grid-template-columns:3.4rem 6.2rem 1fr;gap:.4rem;padding:.45rem 0;
border-bottom:1px solid var(--line);max-width:none}
.points b{font-weight:600}
.tag{font-size:.75rem;background:var(--tint);border:1px solid var(--line);border-radius:3px;padding:.05rem .35rem;
height:fit-content;width:fit-content}
figure{margin:1.2rem 0;overflow-x:auto}
figure svg{width:100%;min-width:44rem;height:auto;background:#fff;border:1px solid var(--line);border-radius:4px}
footer{color:var(--soft);font-size:.85rem;border-top:1px solid var(--line);padding:1rem;text-align:center;
overflow-wrap:anywhere}
@media (max-width:40rem){dl{grid-template-columns:1fr}dt{border:0;padding-bottom:0}
.points li{grid-template-columns:auto auto;}.points li>div{grid-column:1/-1}}
@media print{.wide{max-height:none;overflow:visible;border:0}th{position:static}body{font-size:10pt}
h2{break-after:avoid}tr{break-inside:avoid}nav{break-after:page}}
"""


def page(brief: Brief, head: str) -> bytes:
    """The whole page as UTF-8. `head` is the journal's whole head, for the foot of the page."""
    body = "".join(_page(brief, head))
    return f'<!doctype html>\n<html lang="{escape(brief.language, quote=True)}">\n{body}</html>\n'.encode()


def _page(brief: Brief, head: str) -> Iterator[str]:
    title = f"{brief.title} – {brief.subtitle}"
    yield '<head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
    yield f'<body><div class="draft">{escape(brief.mark)}</div>\n<main>'
    yield f'<p class="kicker">{escape(brief.subtitle)}</p><h1 id="R1">{escape(brief.title)}</h1>\n'
    for block in brief.cover:
        yield from _block(block, brief)
    yield f'<nav aria-label="{escape(brief.contents, quote=True)}"><p class="lead">{escape(brief.contents)}</p><ol>'
    for section in brief.sections:
        yield f'<li><a href="#{section.id}">{escape(section.id)} {escape(section.title)}</a></li>'
    yield "</ol></nav>\n"
    for section in brief.sections:
        yield from _section(section, brief)
    yield f'</main><footer>{escape(brief.footer)}<br><span class="mono">{escape(head)}</span></footer></body>\n'


def _section(section: Section, brief: Brief) -> Iterator[str]:
    ident = escape(section.id, quote=True)
    yield f'<section aria-labelledby="{ident}"><h2 id="{ident}"><span>{ident}</span> {escape(section.title)}</h2>\n'
    for block in section.blocks:
        yield from _block(block, brief)
    yield "</section>\n"


def _block(block: Block, brief: Brief) -> Iterator[str]:
    if isinstance(block, Para):
        kind = f' class="{block.style}"' if block.style != "plain" else ""
        yield f"<p{kind}>{_lines(block.text)}</p>\n"
    elif isinstance(block, Items):
        yield "<ul>" + "".join(f"<li>{_lines(item)}</li>" for item in block.items) + "</ul>\n"
    elif isinstance(block, Facts):
        rows = (f'<dt>{escape(n)}</dt><dd class="{kind}">{_lines(value)}</dd>' for n, value, kind in block.rows)
        yield "<dl>" + "".join(rows) + "</dl>\n"
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Points):
        yield from _points(block, brief)
    elif isinstance(block, Picture):
        yield f"<figure>{block.svg}<figcaption>{escape(block.caption)}</figcaption></figure>\n"


def _table(block: Table) -> Iterator[str]:
    yield f'<p class="caption">{escape(block.caption)}</p><div class="wide" tabindex="0"><table><thead><tr>'
    for column in block.columns:
        yield f'<th scope="col" class="{column.kind}">{escape(column.title)}</th>'
    yield "</tr></thead><tbody>"
    for row in block.rows:
        yield "<tr>"
        for at, (column, text) in enumerate(zip(block.columns, row, strict=True)):
            anchor = f' id="{escape(f"{block.anchor}-{text}", quote=True)}"' if block.anchor and at == 0 else ""
            cited = column.kind == "exhibits" and not anchor
            yield f'<td class="{column.kind}"{anchor}>{_cited(text) if cited else _lines(text)}</td>'
        yield "</tr>\n"
    yield "</tbody></table></div>\n"


def _points(block: Points, brief: Brief) -> Iterator[str]:
    yield '<ol class="points">'
    for point in block.points:
        ident = escape(point.number, quote=True)
        said = escape(point.text)
        if point.exhibits:
            words = brief.exhibit if len(point.exhibits) == 1 else brief.exhibits
            before, _, after = words.partition("{numbers}")
            numbers = _cited(", ".join(str(n) for n in point.exhibits))
            said += f' <span class="note">({escape(before)}{numbers}{escape(after)})</span>'
        yield f'<li id="{ident}"><b>{ident}</b><span class="tag">{escape(point.tag)}</span><div>{said}</div></li>\n'
    yield "</ol>\n"


def _cited(text: str) -> str:
    """Exhibit numbers as links to their rows."""
    parts = text.split(", ")
    linked = (
        f'<a href="#exhibit-{escape(n, quote=True)}">{escape(n)}</a>' if n.isdigit() else escape(n) for n in parts
    )
    return ", ".join(linked)


def _lines(text: str) -> str:
    """The first line as it is, further lines smaller."""
    first, *rest = text.split("\n")
    return escape(first) + "".join(f"<small>{escape(line)}</small>" for line in rest)
