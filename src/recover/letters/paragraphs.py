"""The paragraphs of an edited document (DOCX), as the XML that they are."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from recover.report.elements import Brief, Section

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

KEPT = "<w:pPr><w:keepNext/></w:pPr>"
RIGHT = '<w:pPr><w:jc w:val="right"/></w:pPr>'
_SIDES = "".join(
    f'<w:{side} w:val="single" w:sz="{size}" w:space="4" w:color="B3261E"/>'
    for side, size in (("top", 4), ("left", 24), ("bottom", 4), ("right", 4))
)
BOXED = f"<w:pPr><w:pBdr>{_SIDES}</w:pBdr></w:pPr>"
"""A warning stands in a box, as it does in the other forms."""
TIGHT = '<w:pPr><w:spacing w:before="0" w:after="60" w:line="240" w:lineRule="auto"/></w:pPr>'
"""Of a head: the first page has room for what a desk acts by."""
AFTER = f"<w:p>{TIGHT}</w:p>"
"""What parts two tables, which would be one."""


def clean(text: str) -> str:
    """Text without what XML cannot hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(text: str) -> str:
    """Text as a property of the document holds it."""
    return escape(clean(text), {"\r": "&#13;"})


def said(text: str) -> str:
    """The content of a run: its text, its tabs and its breaks."""
    made = []
    for part in re.split("([\t\n\r])", clean(text)):
        if part in ("\n", "\r"):
            made.append("<w:br/>")
        elif part == "\t":
            made.append("<w:tab/>")
        elif part:
            space = ' xml:space="preserve"' if part != part.strip() else ""
            made.append(f"<w:t{space}>{escape(part)}</w:t>")
    return "".join(made)


def paragraph(
    text: str, *, bold: bool = False, italic: bool = False, keep: bool = False, set_: str = "<w:pPr/>"
) -> str:
    """`keep` leaves it on the page of what follows: a caption at the foot of a page is one of nothing."""
    # Each mark twice: the second is for letters of a complex script such as Thai.
    marks = "<w:b/><w:bCs/>" * bold + "<w:i/><w:iCs/>" * italic
    marked = f"<w:rPr>{marks}</w:rPr>" if marks else "<w:rPr/>"
    return f"<w:p>{KEPT if keep else set_}<w:r>{marked}{said(text)}</w:r></w:p>"


def letterhead(brief: Brief) -> list[str]:
    """Who sends, the first line bold, and that it is a draft."""
    first, *rest = brief.letterhead or ("",)
    made = [paragraph(first, bold=True, set_=TIGHT)] if first else []
    made += [paragraph("\n".join(rest), set_=TIGHT)] if rest else []
    return [*made, paragraph(brief.mark, bold=True, set_=TIGHT)] if brief.mark else made


def styled(text: str, style: str) -> str:
    """A paragraph of a style that the document has."""
    run = f"<w:r>{said(text)}</w:r>" if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run}</w:p>'


def item(text: str) -> str:
    """One of a list."""
    return f'<w:p><w:pPr><w:pStyle w:val="ListBullet"/></w:pPr><w:r><w:rPr/>{said(text)}</w:r></w:p>'


def heading(section: Section) -> str:
    """A heading that a field can name by the section's id."""
    made = styled(f"{section.id}  {section.title}", "Heading1")
    mark = f'<w:bookmarkStart w:id="{section.id}" w:name="part{section.id}"/><w:bookmarkEnd w:id="{section.id}"/>'
    return made.replace("</w:pPr>", f"{'<w:pageBreakBefore/>' * section.fresh}</w:pPr>{mark}", 1)


def page(brief: Brief, style: str) -> str:
    """On which page the part begins that a fact names, as a field that the program works out which opens it."""
    ident = style.removeprefix("part:")
    if ident == style:
        return ""
    known = "2" if any(one.fresh and one.id == ident for one in brief.sections) else "…"
    field = f'<w:fldSimple w:instr=" PAGEREF part{ident} \\h " w:dirty="true"><w:r><w:t>{known}</w:t></w:r>'
    field += "</w:fldSimple>"
    return field.join(f"<w:r>{said(piece)}</w:r>" for piece in f" · {brief.at}".split("{page}"))
