"""What a person sees: results on stdout, reasons on stderr; rich when a terminal looks, plain text when not.

Cells are text from outside until shown: everything passes through `visible`, and nothing is read as markup.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from recover.cli import codec, outlet
from recover.cli.escape import visible, width

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 2
_PROSE = 24  # cells below which wrapped prose is no longer readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and how its cells lie.

    `rank` 0 is always shown; on a narrow terminal, columns go in falling order of rank. `prose` may wrap at
    spaces; everything else is kept in one piece, so that it can be copied.
    """

    title: str
    right: bool = False
    rank: int = 0
    prose: bool = False


Rows = Sequence[Sequence[str]]


def answer(value: object, as_json: bool, human: Callable[[], None]) -> None:
    """The result of a command: JSON when asked for, else what `human` prints."""
    if as_json:
        write(codec.text(value))
    else:
        human()


def stream(values: Iterable[object]) -> None:
    """A list of any length as JSON, without holding all of it."""
    for piece in codec.lines(values):
        write(piece)


def table(columns: Sequence[Column], rows: Rows, empty: str = "nothing") -> None:
    """Rows under headings. Plain text has every column; a terminal as many as it has room for."""
    if not rows:
        remark(f"({empty})")
        return
    # A name from an exhibit may hold terminal commands, or marks that reorder a line so that it reads as another
    # address.
    clean = [[visible(cell) or "-" for cell in row] for row in rows]
    # A pipe gets every column, so that a script does not depend on how wide somebody's window was.
    if not terminal_out():
        _aligned(columns, clean)
        return
    room = _room()
    shown = _fitting(columns, clean, room)
    if _needs(columns, clean, shown) > room:
        _stacked(columns, clean, room)
        return
    _rich(columns, clean, shown)
    left = [columns[i].title for i in range(len(columns)) if i not in shown]
    if left:
        remark(f"No room for: {', '.join(left)}. Widen the terminal, or use --json.")


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Name and value, one a line; the value is never wrapped."""
    broad = max((width(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        write(f"{_pad(name, broad)}{' ' * _GAP}{visible(value) or '-'}\n")


def say(*lines: str) -> None:
    """Lines of a result."""
    for line in lines:
        write(visible(line) + "\n")


def heading(text: str) -> None:
    """A line that stands over what follows, apart from what came before."""
    write("\n")
    if terminal_out():
        from rich.text import Text

        _console().print(Text(visible(text), style="bold"), soft_wrap=True)
    else:
        say(text)


def sentence(text: str, indent: str = "") -> None:
    """Prose in a result; on a terminal it is folded between words, the rest indented."""
    if text:
        write(_folded(visible(text), sys.stdout, indent))


def remark(text: str, indent: str = "") -> None:
    """One line about the result, on stderr; on a terminal folded between words, the rest indented."""
    outlet.flush(sys.stdout)  # so that both read in order where they go to one place
    outlet.put(sys.stderr, _folded(visible(text), sys.stderr, indent))
    outlet.flush(sys.stderr)


def write(text: str) -> None:
    """Text that is already safe, to stdout."""
    outlet.put(sys.stdout, text)


def terminal(stream: TextIO) -> bool:
    """Whether a person looks at it, through something that understands more than plain text."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def terminal_out() -> bool:
    """Whether a person looks at the results."""
    return terminal(sys.stdout)


def _folded(text: str, stream: TextIO, indent: str) -> str:
    if not terminal(stream) or width(text) <= _room():
        return text + "\n"
    head = text[: len(text) - len(text.lstrip())]
    return "\n".join(_wrapped(text.strip(), _room(), head, indent)) + "\n"


def _console() -> Console:
    from rich.console import Console

    # Without markup: square brackets in a name would otherwise be read as commands to rich.
    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)


def _room() -> int:
    return shutil.get_terminal_size().columns


def _aligned(columns: Sequence[Column], rows: Rows) -> None:
    titles = [column.title for column in columns]
    broad = [max(width(row[i]) for row in [titles, *rows]) for i in range(len(columns))]
    for row in [titles, *rows]:
        cells = [_pad(cell, broad[i], columns[i].right) for i, cell in enumerate(row)]
        write((" " * _GAP).join(cells).rstrip() + "\n")


def _fitting(columns: Sequence[Column], rows: Rows, room: int) -> list[int]:
    shown = list(range(len(columns)))
    while _needs(columns, rows, shown) > room:
        out = max(shown, key=lambda i: (columns[i].rank, i))
        # These are never left out: without them the rest has no meaning.
        if columns[out].rank == 0:
            break
        shown.remove(out)
    for i in sorted(set(range(len(columns))) - set(shown), key=lambda i: (columns[i].rank, i)):
        if _needs(columns, rows, more := sorted([*shown, i])) <= room:  # one that went for a broader one's sake
            shown = more
    return shown


def _needs(columns: Sequence[Column], rows: Rows, shown: Sequence[int]) -> int:
    """The least room that leaves every cell in one piece, or every word where it is prose."""
    total = _GAP * (len(shown) - 1)
    for i in shown:
        cells = [columns[i].title, *(row[i] for row in rows)]
        natural = max(map(width, cells))
        total += min(natural, max(_word(cells), _PROSE)) if columns[i].prose else natural
    return total


def _word(cells: Sequence[str]) -> int:
    """The longest word: no table may be narrower, or it would break an address that a sentence names."""
    return max((width(word) for cell in cells for word in cell.split()), default=0)


def _rich(columns: Sequence[Column], rows: Rows, shown: Sequence[int]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i in shown:
        column = columns[i]
        side: Literal["left", "right"] = "right" if column.right else "left"
        least = _word([column.title, *(row[i] for row in rows)]) if column.prose else None
        grid.add_column(
            Text(column.title), justify=side, no_wrap=not column.prose, overflow="fold", min_width=least
        )
    for row in rows:
        grid.add_row(*(Text(row[i]) for i in shown))
    _console().print(grid)


def _stacked(columns: Sequence[Column], rows: Rows, room: int) -> None:
    """One line a cell: for rows wider than the terminal."""
    broad = max(width(column.title) for column in columns)
    for number, row in enumerate(rows):
        write("\n" if number else "")
        for column, cell in zip(columns, row, strict=True):
            beside = max(room - broad - _GAP, _PROSE)
            lines = _wrapped(cell, beside) if column.prose else [cell]
            if max(map(width, lines)) > beside:  # on its own line, where it can be copied whole
                write("\n".join([column.title, *lines]) + "\n")
                continue
            for n, line in enumerate(lines):
                write(f"{_pad('' if n else column.title, broad)}{' ' * _GAP}{line}\n")


def _wrapped(text: str, room: int, head: str = "", indent: str = "") -> list[str]:
    folder = textwrap.TextWrapper(
        # An address that is broken over two lines can be neither copied nor compared.
        room,
        initial_indent=head,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return folder.wrap(text) or [text]


def _pad(text: str, broad: int, right: bool = False) -> str:
    space = " " * (broad - width(text))
    return space + text if right else text + space
