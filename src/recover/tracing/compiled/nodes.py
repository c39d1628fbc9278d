"""Lists of lots in arrays, compiled: what `kernels.sweep` makes its pools of.

numba keeps compiled code on disk and renews it when the outer function's file changes, not when this one does:
who changes this file, `wide`, `quotas`, `books` or `kernels` touches all of `kernels.py`, `passes.py`,
`exposure.py` and `spends.py`.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numba
from numpy.typing import NDArray

from recover.tracing.compiled.wide import least, read, write

Array: TypeAlias = NDArray[Any]

NONE, OUT = -1, -2
# A pool's row and a node's row have the same two link columns.
HEAD, TAIL = LABEL, AFTER = 0, 1
FREE, FRESH, COUNT, NEXT, LOGGED, FILLED, MET, CODE, TOUCHED, CELLS = range(10)
"""Cells of `meta`: first free node, first node never used, nodes in use, next want, how full each buffer is."""

# No kernel makes an array, so none needs reference counts; they cost more than the tracing, atomic as they are.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
njit: Any = numba.njit
inner = njit(forceinline=True, no_cpython_wrapper=True, **_OPTIONS)
outer = njit(cache=True, **_OPTIONS)


class Lots(NamedTuple):
    """The pools, by row.

    `state` and `ends` (two views of the same bytes) are an address: [-, amount] and [head, tail, -, -] int32. The
    amount (a wide one has two columns) is the clean value outside of the list. A
    head is a node, `NONE` for a pool without a list, or `OUT` where nothing is followed. `sizes` and `links` are a
    node: [-, size] and [label, next, -, -]. A node is used again when it is free.
    """

    state: Array
    ends: Array
    sizes: Array
    links: Array
    meta: Array


@inner
def make(lots: Lots, label: int, size: Any) -> Any:
    # Freed nodes before fresh ones: the buffer grows with what is held at once, not with all that ever was.
    k = lots.meta[FREE]
    if k >= 0:
        lots.meta[FREE] = lots.links[k, AFTER]
    else:
        k = lots.meta[FRESH]
        lots.meta[FRESH] += 1
    lots.meta[COUNT] += 1
    write(lots.sizes, k, size)
    lots.links[k, LABEL] = label
    lots.links[k, AFTER] = NONE
    return k


@inner
def drop(lots: Lots, k: int) -> None:
    lots.links[k, AFTER] = lots.meta[FREE]
    lots.meta[FREE] = k
    lots.meta[COUNT] -= 1


@inner
def free(lots: Lots, first: int) -> None:
    while first != NONE:
        after = lots.links[first, AFTER]
        drop(lots, first)
        first = after


@inner
def cut(lots: Lots, p: int, amount: Any) -> Any:
    """Takes from the head of a list: first and last node of what was taken."""
    first = last = NONE
    k = lots.ends[p, HEAD]
    while amount > 0:
        size = read(lots.sizes, k)
        taken, after = k, lots.links[k, AFTER]
        if size > amount:
            write(lots.sizes, k, size - amount)
            # The node keeps its place with what is left of it; what was cut off is a new one.
            taken, after = make(lots, lots.links[k, LABEL], amount), k
        if last == NONE:
            first = taken
        else:
            lots.links[last, AFTER] = taken
        last, k = taken, after
        amount -= least(size, amount)
    lots.ends[p, HEAD] = k
    if k == NONE:
        lots.ends[p, TAIL] = NONE
    if last != NONE:
        lots.links[last, AFTER] = NONE
    return first, last


@inner
def append(lots: Lots, p: int, k: int) -> None:
    """One node behind the tail; a neighbour of the same label takes it in."""
    tail = lots.ends[p, TAIL]
    if tail != NONE and lots.links[tail, LABEL] == lots.links[k, LABEL]:
        write(lots.sizes, tail, read(lots.sizes, tail) + read(lots.sizes, k))
        drop(lots, k)
        return
    if tail == NONE:
        lots.ends[p, HEAD] = k
    else:
        lots.links[tail, AFTER] = k
    lots.links[k, AFTER] = NONE
    lots.ends[p, TAIL] = k


@inner
def push(lots: Lots, p: int, k: int) -> None:
    """One node before the head; a neighbour of the same label takes it in."""
    head = lots.ends[p, HEAD]
    if head != NONE and lots.links[head, LABEL] == lots.links[k, LABEL]:
        write(lots.sizes, head, read(lots.sizes, head) + read(lots.sizes, k))
        drop(lots, k)
        return
    if head == NONE:
        lots.ends[p, TAIL] = k
    lots.links[k, AFTER] = head
    lots.ends[p, HEAD] = k


@inner
def join(lots: Lots, p: int, k: int, begin: int) -> Any:
    """One node to the one of its label, or behind the tail; says from which node on to look for the next.

    Debits come in the order of a list, so the next label stands most often right behind this one.
    """
    label = lots.links[k, LABEL]
    at = begin
    while at != NONE and lots.links[at, LABEL] != label:
        at = lots.links[at, AFTER]
    if at == NONE:
        at = lots.ends[p, HEAD]
        while at != begin and lots.links[at, LABEL] != label:
            at = lots.links[at, AFTER]
        if at == begin:  # NONE for an empty list
            append(lots, p, k)
            return lots.ends[p, HEAD]
    write(lots.sizes, at, read(lots.sizes, at) + read(lots.sizes, k))
    drop(lots, k)
    after = lots.links[at, AFTER]
    return after if after != NONE else lots.ends[p, HEAD]
