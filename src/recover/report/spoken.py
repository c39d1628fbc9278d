"""The text layer of a PDF: what is copied from a page, or read aloud, is what was written.

Typst's PDF writer (krilla) tells every glyph of a cluster the text of the whole cluster, and corrects that by an
`/ActualText` which ends where a mark is set a little higher: Thai marks were read two and three times. Here each
glyph says its own characters, and each cluster is one piece with its text. Nothing that is seen is changed.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recover.report import cmaps

Matrix = tuple[Decimal, ...]
"""Six numbers, as PDF writes a change of coordinates (ISO 32000-1, 8.3.3)."""

Tables = Mapping[Any, tuple[Mapping[int, str], Mapping[int, str]]]
"""By font: what its writer said of each glyph, and what the glyph says by itself."""


def spoken(made: bytes) -> bytes:
    """The same pages with their text as it was written; the same bytes where no glyph had the text of several."""
    import pikepdf

    with pikepdf.open(io.BytesIO(made)) as pdf:
        fonts = {found.objgen: found for found in pdf.objects if _composite(found)}
        told = {key: both for key, font in fonts.items() if (both := _own(font))}
        if not told:
            return made
        for key, (_, own) in told.items():
            fonts[key].ToUnicode.write(cmaps.written(fonts[key].ToUnicode.read_bytes(), own))
        for page in pdf.pages:
            page.obj.Contents = pdf.make_stream(_mended(page.obj, told))
        for found in pdf.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/Form":
                found.write(_mended(found, told))
        out = io.BytesIO()
        # A name made of the content and not of the clock: the same bytes each time.
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _composite(found: Any) -> bool:
    import pikepdf

    if isinstance(found, pikepdf.Stream) or not isinstance(found, pikepdf.Dictionary):
        return False
    return found.get("/Subtype") == "/Type0" and "/ToUnicode" in found


def _own(font: Any) -> tuple[Mapping[int, str], Mapping[int, str]] | None:
    """Both tables of a font; None where no glyph has the text of its neighbours."""
    said = cmaps.read(font.ToUnicode.read_bytes())
    if all(len(text) == 1 for text in said.values()):
        return None
    file = font.DescendantFonts[0].FontDescriptor.get("/FontFile2")
    names = cmaps.names(file.read_bytes()) if file is not None else {}
    own = {glyph: _alone(names.get(glyph, ""), text) for glyph, text in said.items()}
    return (said, own) if own != said else None


def _alone(name: str, text: str) -> str:
    """What a glyph of this name says by itself, of the text of its cluster."""
    from fontTools.agl import toUnicode

    if len(text) == 1:
        return text
    own, plain = toUnicode(name), _plain(text)
    if own and len(own) < len(plain) and all(letter in plain for letter in own):
        # One glyph for two marks: in the order in which they are typed, not in that in which they are named.
        return own if own in plain else own[::-1] if own[::-1] in plain else text
    # A form of the first letter that bears no name of the list, such as one without its foot before a vowel below.
    return text[0] if "." in name and not own else text


def _plain(text: str) -> str:
    """Text as its glyphs are: a letter that is drawn as two (sara am) is two."""
    return unicodedata.normalize("NFKD", text)


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph: its number, its own text, its cluster's, the text object and run it stands in, the kern before."""

    code: int
    own: str
    cluster: str
    block: int
    run: int
    kern: tuple[Any, ...]


@dataclass(slots=True)
class _Block:
    """One text object: where it stands among the steps, its matrix, its runs (mode, font, matrix), its glyphs."""

    start: int
    end: int
    matrix: Matrix
    runs: list[tuple[Any, Any, Matrix]]
    glyphs: list[_Glyph]


def _mended(holder: Any, told: Tables) -> bytes:
    import pikepdf

    steps = list(pikepdf.parse_content_stream(holder))
    fonts = holder.get("/Resources", {}).get("/Font", {})
    tables = {name: told[font.objgen] for name, font in fonts.items() if font.objgen in told}
    blocks = [_block(steps, start, end, n, tables) for n, (start, end) in enumerate(_texts(steps))]
    out, at = [], 0
    for block, made in zip(blocks, _set(blocks), strict=True):
        out += steps[at : block.start + 1]
        # A text object of another shape than the writer's stays as it is.
        out += made if made is not None else steps[block.start + 1 : block.end]
        at = block.end
    data: bytes = pikepdf.unparse_content_stream([*out, *steps[at:]])
    return data


def _texts(steps: list[Any]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, step in enumerate(steps):
        word = str(step.operator)
        if word == "BT":
            start = at
        elif word == "ET":
            yield start, at


_IN_A_RUN = ("Tr", "Tf", "Tm")


def _block(steps: list[Any], start: int, end: int, number: int, tables: Tables) -> _Block:
    import pikepdf

    near = (s for s in reversed(steps[max(0, start - 4) : start]) if str(s.operator) == "cm")
    matrix = next((tuple(Decimal(n) for n in s.operands) for s in near), ())
    made = _Block(start, end, matrix, [], [])
    head: dict[str, Any] = {}
    stated = ""
    for step in steps[start + 1 : end]:
        word = str(step.operator)
        if word == "BDC":
            stated = str(step.operands[1].get("/ActualText", ""))
        elif word == "EMC":
            stated = ""
        elif word in _IN_A_RUN:
            head[word] = step
        elif word in ("Tj", "TJ") and len(head) == len(_IN_A_RUN):
            made.runs.append((head["Tr"], head["Tf"], tuple(Decimal(n) for n in head["Tm"].operands)))
            said, own = tables.get(str(head["Tf"].operands[0]), ({}, {}))
            parts = step.operands[0] if word == "TJ" else [step.operands[0]]
            run, kern = len(made.runs) - 1, list[Any]()
            for part in parts:
                if not isinstance(part, pikepdf.String):
                    kern.append(part)
                    continue
                data = bytes(part)
                for n in range(0, len(data), 2):
                    code = int.from_bytes(data[n : n + 2])
                    text = stated or said.get(code, "")
                    made.glyphs.append(_Glyph(code, own.get(code, ""), text, number, run, tuple(kern)))
                    kern = []
        else:
            return _Block(start, end, (), [], [])
    return made


def _set(blocks: list[_Block]) -> Iterator[list[Any] | None]:
    """The steps of each text object again, its clusters whole; None for one that is left as it is."""
    moved: set[int] = set()
    for number, block in enumerate(blocks):
        if number in moved:
            yield []  # its marks went to the letter that bears them
        elif not block.runs:
            yield None
        else:
            glyphs, after = list(block.glyphs), number + 1
            whole = _clusters(glyphs)
            # A mark that is set higher is an object of its own: what the last cluster lacks stands there.
            while after < len(blocks) and blocks[after].glyphs and not _complete(whole[-1]):
                more = _clusters([*whole[-1], *blocks[after].glyphs])
                if len(more) > 1 or not _flat(block.matrix) or not _flat(blocks[after].matrix):
                    break
                whole[-1] = more[0]
                moved.add(after)
                after += 1
            yield _steps(whole, blocks, number)


def _flat(matrix: Matrix) -> bool:
    """Whether places can be carried over: a matrix that is there, and that folds nothing away."""
    return len(matrix) == 6 and matrix[0] * matrix[3] != matrix[1] * matrix[2]


def _said(cluster: list[_Glyph]) -> str:
    return "".join(g.own for g in cluster)


def _complete(cluster: list[_Glyph]) -> bool:
    return _said(cluster) == _plain(cluster[0].cluster) or _said(cluster) == cluster[0].cluster


def _clusters(glyphs: list[_Glyph]) -> list[list[_Glyph]]:
    found: list[list[_Glyph]] = []
    for glyph in glyphs:
        last = found[-1] if found else []
        goes_on = last and not _complete(last) and len(glyph.cluster) > 1 and glyph.cluster == last[0].cluster
        if goes_on and _plain(glyph.cluster).startswith(_said(last) + glyph.own):
            last.append(glyph)
        else:
            found.append([glyph])
    return found


def _steps(clusters: list[list[_Glyph]], blocks: list[_Block], here: int) -> list[Any]:
    import pikepdf

    def step(word: str, *operands: Any) -> Any:
        return pikepdf.ContentStreamInstruction(list(operands), pikepdf.Operator(word))

    out: list[Any] = []
    run: tuple[int, int] | None = None
    for cluster in clusters:
        text = cluster[0].cluster
        marked = text != "" and (len(cluster) > 1 or cluster[0].own != text)
        if marked:
            stated = pikepdf.String(b"\xfe\xff" + text.encode("utf-16-be"))
            out.append(step("BDC", pikepdf.Name("/Span"), pikepdf.Dictionary(ActualText=stated)))
        for glyph in cluster:
            if run != (glyph.block, glyph.run):
                run = (glyph.block, glyph.run)
                mode, font, matrix = blocks[glyph.block].runs[glyph.run]
                if glyph.block != here:
                    matrix = _carried(matrix, blocks[glyph.block].matrix, blocks[here].matrix)
                out += [mode, font, step("Tm", *(round(n, 6) for n in matrix))]
            out.append(step("TJ", pikepdf.Array([*glyph.kern, pikepdf.String(glyph.code.to_bytes(2))])))
        if marked:
            out.append(step("EMC"))
    return out


def _carried(matrix: Matrix, there: Matrix, here: Matrix) -> Matrix:
    """A matrix of one text object as another one must say it, so that the place on the page is the same."""
    import pikepdf

    moved = pikepdf.Matrix(*matrix) @ pikepdf.Matrix(*there) @ pikepdf.Matrix(*here).inverse()
    return tuple(Decimal(str(n)) for n in moved.shorthand)
