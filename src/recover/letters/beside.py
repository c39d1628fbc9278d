"""Two languages of one letter, side by side: the same parts in the same order, joined block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from recover.report.elements import Beside, Block, Brief, Facts, Items, Para, Picture, Table
from recover.sdk import Error


def beside(left: Brief, right: Brief) -> Brief:
    """`left` with `right` next to it. Raises Error where the two do not say the same things in the same order."""
    if [s.id for s in left.sections] != [s.id for s in right.sections]:
        raise _unlike()
    return replace(
        left,
        title=_both(left.title, right.title),
        running=left.running,
        at=_both(left.at, right.at),
        cover=tuple(_joined(left.cover, right.cover)),
        sections=tuple(
            replace(a, title=_both(a.title, b.title), blocks=tuple(_joined(a.blocks, b.blocks)))
            for a, b in zip(left.sections, right.sections, strict=True)
        ),
    )


def _both(left: str, right: str) -> str:
    return left if left == right else f"{left} / {right}"


def _below(left: str, right: str) -> str:
    # Line by line, so that a moment stays with its transaction. Identifiers and figures are the same in both
    # languages, and one is enough.
    said, other = left.split("\n"), right.split("\n")
    if len(said) != len(other):
        return "\n".join([*said, *other])
    return "\n".join(line for a, b in zip(said, other, strict=True) for line in ([a, b] if a != b else [a]))


def _joined(left: tuple[Block, ...], right: tuple[Block, ...]) -> Iterator[Block]:
    rest = list(right)
    for a in left:
        b = rest.pop(0) if rest else None
        # The second language bears a mark of its own state of review first.
        if b is not None and b.kind != a.kind and isinstance(b, Para) and b.style == "warning":
            yield b
            b = rest.pop(0) if rest else None
        if b is None or b.kind != a.kind:
            raise _unlike()
        yield from _pair(a, b)
    for b in rest:
        if not isinstance(b, Para):
            raise _unlike()
        yield b


def _pair(a: Block, b: Block) -> Iterator[Block]:
    if isinstance(a, Para) and isinstance(b, Para):
        yield Beside(left=a.text, right=b.text, style=a.style) if a.text != b.text else a
    elif isinstance(a, Items) and isinstance(b, Items):
        for x, y in zip_longest(a.items, b.items, fillvalue=""):
            yield Beside(left=f"• {x}" if x else "", right=f"• {y}" if y else "")
    elif isinstance(a, Facts) and isinstance(b, Facts) and len(a.rows) == len(b.rows):
        pairs = zip(a.rows, b.rows, strict=True)
        yield Facts(rows=tuple((_both(x[0], y[0]), _below(x[1], y[1]), x[2]) for x, y in pairs))
    elif isinstance(a, Table) and isinstance(b, Table) and len(a.rows) == len(b.rows):
        heads = tuple(replace(x, title=_both(x.title, y.title)) for x, y in zip(a.columns, b.columns, strict=True))
        rows = tuple(
            tuple(_below(x, y) for x, y in zip(one, two, strict=True))
            for one, two in zip(a.rows, b.rows, strict=True)
        )
        yield replace(a, caption=_both(a.caption, b.caption), columns=heads, rows=rows)
    elif isinstance(a, Picture) and isinstance(b, Picture):
        yield replace(a, caption=_both(a.caption, b.caption))
    else:
        raise _unlike()


def _unlike() -> Error:
    return Error(
        "languages-differ",
        "The letter does not say the same in both languages.",
        "Its parts do not stand in the same order, or one has what the other lacks.",
        "Draft it in one language, and report the difference to the template's author.",
    )
