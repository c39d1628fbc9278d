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


@dataclass(slots=True)
class _Kept:
    mark: Mark
    table: pa.Table | None = None
    whole: bool = False


_kept: OrderedDict[str, _Kept] = OrderedDict()
_lock = threading.Lock()


def once(place: str, mark: Mark, columns: Sequence[str] | None, read: Read) -> pa.Table:
    """The table at a place, or these columns of it as they are named; read where they are not here yet."""
    with _lock:
        found = _kept.get(place)
        if found is not None and found.mark == mark:
            _kept.move_to_end(place)
            table = _of(found, columns)
            if table is not None:
                return table
    table = read(columns)
    with _lock:
        found = _kept.get(place)
        if found is None or found.mark != mark:
            _kept[place] = _Kept(mark)
        elif columns is None or found.table is None:
            found.table, found.whole = table, columns is None
        elif not found.whole:
            for name in (name for name in table.column_names if name not in found.table.column_names):
                found.table = found.table.append_column(table.schema.field(name), table.column(name))
        _kept.move_to_end(place)
        left = sum(one.table.nbytes for one in _kept.values() if one.table is not None)
        for one in [*_kept.values()]:
            if left > MOST and one.table is not None:
                left -= one.table.nbytes
                one.table, one.whole = None, False
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
