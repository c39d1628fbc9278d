"""DuckDB in memory, opened once for the process: to open it takes as long as a hundred small statements."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_lock = threading.Lock()
_open: list[duckdb.DuckDBPyConnection] = []
os.register_at_fork(after_in_child=_open.clear)  # its threads stay with the parent


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own: temporary tables and what is registered are gone with it. Any thread may have one.

    Nothing but temporary tables may be made in it, since only these are not shared.
    """
    with _lock:
        if not _open:
            _open.append(duckdb.connect(":memory:", config={"threads": 1}))
        own = _open[0].cursor()
    with own:
        # In UTC: DuckDB cuts and casts times in the zone of the machine, unless told.
        own.execute("set TimeZone = 'UTC'")
        yield own
