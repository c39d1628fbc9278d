"""The compiled passes before and after the sweep: first the opening balances, last which moves brought what rests.

Nothing here makes an array, and nothing here checks its input: `recover.tracing.compiled` does both.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from recover.tracing.compiled.nodes import HEAD, NONE, OUT, TAIL, Array, outer
from recover.tracing.compiled.wide import fetch, nothing, store, write

END = 2  # as in `kernels`


@outer
def lows(src: Array, dst: Array, amount: Array, balances: Array) -> None:
    """By address two amounts, running balance and least running balance or zero; the buffer comes as zeros."""
    for row in range(len(src)):
        s, d = src[row], dst[row]
        # A payment to oneself moves nothing, and must not seem to need an opening balance.
        if s == d:
            continue
        moved = fetch(amount, row)
        if s >= 0:
            left = fetch(balances, 2 * s) - moved
            store(balances, 2 * s, left)
            if left < fetch(balances, 2 * s + 1):
                store(balances, 2 * s + 1, left)
        if d >= 0:
            store(balances, 2 * d, fetch(balances, 2 * d) + moved)


@outer
def open_pools(follow: Array, balances: Array, state: Array, ends: Array) -> None:
    """Turns what `lows` found into pools: the opening balance is the first clean value of each."""
    for p in range(len(follow)):
        write(state, p, nothing(balances) - fetch(balances, 2 * p + 1))
        ends[p, HEAD] = NONE if follow[p] else OUT
        ends[p, TAIL] = NONE


@outer
def rehash(table: Array, sums: Array, wider: Array, room: Array) -> None:
    """Moves the end rows of one table, and their amounts, into a larger, empty one."""
    mask = len(wider) - 1
    for i in range(len(table)):
        key = table[i, 0]
        if key == NONE:
            continue
        at = ((key * -7046029254386353131) >> 24) & mask  # as in `kernels`
        while wider[at, 0] != NONE:
            at = (at + 1) & mask
        store(room, at, fetch(sums, i))
        for c in range(4):
            wider[at, c] = table[i, c]


@outer
def arrivals(
    dst: Array, moves: Array, losses: Array, events: Array, at: Array, place: Array, loss: Array, spans: Array
) -> None:
    """For each row at rest [how many moves brought its loss there, the first, the last], read from the log.

    `at` is, by address, its first row at rest, or -1. A move that began and carried one loss is one move.
    """
    for i in range(len(moves)):
        row = moves[i]
        p = dst[row]
        # What ended on arrival is counted where it ended; here is counted what stayed.
        if events[i] == END or p < 0 or at[p] == NONE:
            continue
        k = at[p]
        while k < len(place) and place[k] == p and loss[k] < losses[i]:
            k += 1
        if k == len(place) or place[k] != p or loss[k] != losses[i] or spans[k, 2] == row:
            continue
        if spans[k, 0] == 0:
            spans[k, 1] = row
        spans[k, 0] += 1
        spans[k, 2] = row
