"""What the compiled paths write down: flows, ends, overlaps and starts. For changes see `nodes`."""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

from recover.tracing.compiled.nodes import FILLED, LOGGED, NONE, Array, inner
from recover.tracing.compiled.wide import fetch, store


class Book(NamedTuple):
    """What is written down. Flows: `move`, `loss`, `amount`, `event`. Ends: `table` [key, transfers, first, last]
    by open addressing, `sums` their amounts. Overlaps: `meets` [move, loss, held], `meeting` their amounts. And
    `starts`, by loss."""

    move: Array
    loss: Array
    amount: Array
    event: Array
    table: Array
    sums: Array
    meets: Array
    meeting: Array
    starts: Array


@inner
def tally(book: Book, meta: Array, key: int, amount: Any, move: int) -> None:
    """Adds to the end row of this key; the size of the table is a power of two."""
    mask = len(book.table) - 1
    # Fibonacci hashing: the factor is 2**64 divided by the golden ratio, as a signed integer. It overflows, and is
    # meant to; the lowest bits, which are mixed least, are dropped. `passes.rehash` has the same line.
    at = ((key * -7046029254386353131) >> 24) & mask
    while book.table[at, 0] != key:
        if book.table[at, 0] == NONE:
            book.table[at, 0], book.table[at, 2], book.table[at, 3] = key, move, move
            meta[FILLED] += 1
            break
        at = (at + 1) & mask
    store(book.sums, at, fetch(book.sums, at) + amount)
    book.table[at, 1] += 1
    book.table[at, 2] = min(book.table[at, 2], move)
    book.table[at, 3] = max(book.table[at, 3], move)


@inner
def log(book: Book, meta: Array, move: int, loss: int, amount: Any, event: int) -> None:
    at = meta[LOGGED]
    book.move[at], book.loss[at], book.event[at] = move, loss, event
    store(book.amount, at, amount)
    meta[LOGGED] = at + 1
