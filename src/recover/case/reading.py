"""Derived tables that this process has read, kept for as long as each file stays the one that was checked.

Papers ask a hundred times for the same table, and of most others nobody asks twice: kept is what is asked for
again. What is given again is what was read when the journal's digest was held against it; another file in its
place, or an entry that says another digest, has it read and checked again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 640 << 20
"""Bytes that are kept of all tables together; those that were asked for longest ago go first."""

Mark = tuple[object, ...]
"""What tells one file from another: the way to it, its place on the disk and times, and what the journal says."""

Read = Callable[[Sequence[str] | None], "pa.Table"]
"""Read and check these columns of the file, or all."""


PLACES = 4096
"""Files that are remembered at most, read or not: a process that works many cases does not slow down with them."""


@dataclass(slots=True)
class _Kept:
    mark: Mark
    table: pa.Table | None = None
    whole: bool = False
    size: int = 0


class _Shelf:
    """What is kept, that asked for longest ago first. A table's size is asked for once: Arrow walks all of it."""

    def __init__(self) -> None:
        self.places: OrderedDict[str, _Kept] = OrderedDict()
        self.size = 0

    def put(self, place: str, mark: Mark, table: pa.Table | None = None, whole: bool = False) -> None:
        self.drop(place)
        self.places[place] = one = _Kept(mark, table, whole, 0 if table is None else table.nbytes)
        self.size += one.size
        while self.size > MOST or len(self.places) > PLACES:
            self.drop(next(iter(self.places)))

    def drop(self, place: str) -> None:
        gone = self.places.pop(place, None)
        self.size -= gone.size if gone else 0


_shelf = _Shelf()
_lock = threading.Lock()


def once(place: str, mark: Mark, columns: Sequence[str] | None, read: Read) -> pa.Table:
    """The table at a place, or these columns of it as they are named; read where they are not here yet."""
    with _lock:
        found = _shelf.places.get(place)
        if found is not None and found.mark == mark:
            _shelf.places.move_to_end(place)
            table = _of(found, columns)
            if table is not None:
                return table
    table = read(columns)
    with _lock:
        found = _shelf.places.get(place)
        if found is None or found.mark != mark:
            _shelf.put(place, mark)
        elif columns is None or found.table is None:
            _shelf.put(place, mark, table, whole=columns is None)
        elif not found.whole:
            held = found.table
            for name in (name for name in table.column_names if name not in held.column_names):
                held = held.append_column(table.schema.field(name), table.column(name))
            _shelf.put(place, mark, held)
    return table


def _of(found: _Kept, columns: Sequence[str] | None) -> pa.Table | None:
    if found.table is None:
        return None
    if columns is None:
        return found.table if found.whole else None
    if not found.whole and not set(columns) <= {*found.table.column_names}:
        return None
    return those(found.table, columns)


def those(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The columns of these names, in this order, as many as there are."""
    return table.select([name for name in columns if name in table.column_names])
