# mypy: disallow-untyped-decorators=False
"""The compiled path: the same pools and lots as `account.run`, in arrays of 64-bit integers.

Lots are nodes of linked lists, so a debit relinks them and copies nothing; a node is used again when it is free. The
lists of `lifo` begin with the newest lot. Under the rules that look at age, neighbours of one label are one node;
under the others each label has one node, and `held` is the sum of the list. Rules that set the holder's own value
apart keep it in `own`.

`sweep` stops before a move that might not fit into its buffers, and says which; its caller enlarges them and goes on.
Nothing here checks its input: `recover.tracing.compiled` does.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

FIFO, LIFO, PRORATA, LIBR, LIBR_FIFO, TAINTED_FIRST = range(6)
DONE, NODES, LOG, TABLE, MEETS = range(5)
FREE, FRESH, COUNT, NEXT, LOGGED, FILLED, MET, CODE, CELLS = range(9)
"""Cells of `meta`: first free node, first node never used, nodes in use, next want, and how much of each buffer is
used."""

START, MOVE, END = range(3)
FEE, BURN, UNCOLLECTED = 7, 8, 6  # as in `limits.Reason`
CLEAN = -1
WHOLE = -1
NONE = -1

NODE = np.dtype([("size", np.int64), ("label", np.int32), ("next", np.int32)], align=True)
POOL = np.dtype([("head", np.int32), ("tail", np.int32)], align=True)
CELL = np.dtype(
    [("key", np.int64), ("amount", np.int64), ("transfers", np.int64), ("first", np.int64), ("last", np.int64)],
    align=True,
)

Array: TypeAlias = NDArray[Any]


@njit(cache=True, error_model="numpy", inline="always")
def _make(nodes: Array, meta: Array, label: int, size: int) -> int:
    k = meta[FREE]
    if k >= 0:
        meta[FREE] = nodes[k]["next"]
    else:
        k = meta[FRESH]
        meta[FRESH] += 1
    meta[COUNT] += 1
    nodes[k]["size"] = size
    nodes[k]["label"] = label
    nodes[k]["next"] = NONE
    return k  # type: ignore[no-any-return]


@njit(cache=True, error_model="numpy", inline="always")
def _drop(nodes: Array, meta: Array, k: int) -> None:
    nodes[k]["next"] = meta[FREE]
    meta[FREE] = k
    meta[COUNT] -= 1
