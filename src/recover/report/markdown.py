"""The report as Markdown: the same words and figures, for a reader who edits or compares text.

What comes from outside is escaped, so that no label or note can draw a link, a heading or a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from recover.report.elements import Beside, Block, Brief, Facts, Items, Para, Points, Table

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(brief: Brief) -> bytes:
    """The whole document in the order of the page: the answer first."""
    lines = [f"# {_plain(brief.title)}", "", f"{_plain(brief.subtitle)} · **{_plain(brief.mark)}**", ""]
    for section in brief.sections:
        lines += [f"## {section.id} {_plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block, brief), ""]
    lines.append(_plain(brief.footer))
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "backslashreplace")


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split("\n")))


def _cell(text: str) -> str:
    return "<br>".join(_MARKS.sub(r"\\\1", line) for line in text.split("\n"))


def _block(block: Block, brief: Brief) -> Iterator[str]:
    if isinstance(block, Para):
        marks = {"lead": "**", "warning": "**", "note": "*", "blank": "*"}.get(block.style, "")
        yield f"{marks}{_plain(block.text)}{marks}"
    elif isinstance(block, Items):
        yield from (f"- {_plain(item)}" for item in block.items)
    elif isinstance(block, Facts):
        yield from (f"- {_plain(name)}: {_plain(value)}" for name, value, _ in block.rows)
    elif isinstance(block, Table):
        yield f"**{_plain(block.caption)}**"
        yield ""
        yield f"| {' | '.join(_cell(c.title) for c in block.columns)} |"
        yield f"|{'|'.join('---:' if c.kind == 'number' else '---' for c in block.columns)}|"
        yield from (f"| {' | '.join(_cell(cell) for cell in row)} |" for row in block.rows)
    elif isinstance(block, Points):
        for point in block.points:
            words = brief.exhibit if len(point.exhibits) == 1 else brief.exhibits
            cited = f" ({words.format(numbers=', '.join(map(str, point.exhibits)))})" if point.exhibits else ""
            yield f"- **{_plain(point.number)}** ({_plain(point.tag)}) {_plain(point.text)}{_plain(cited)}"
    elif isinstance(block, Beside):
        yield _plain(block.left)
    else:
        yield f"*{_plain(block.alt)}*"
