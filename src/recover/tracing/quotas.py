# mypy: disallow-untyped-decorators=False
"""Pro rata in 64-bit integers, compiled: the same shares as `lots.apportion`. For changes see `nodes`."""

from __future__ import annotations

from typing import Any, NamedTuple

from recover.tracing.nodes import AFTER, HEAD, LABEL, NONE, TAIL, Array, Lots, cut, inner, make


class Desk(NamedTuple):
    """Room to reckon in: `sums` and `seen` by loss, `quota` and `rest` by node of a list."""

    sums: Array
    seen: Array
    quota: Array
    rest: Array


@inner
def digit(whole: int) -> Any:
    """How many bits a digit of `part` may have for amounts up to `whole` < 2**61: its steps stay below 2**63."""
    bits, left = 0, whole
    while left >= 256:
        left >>= 8
        bits += 8
    while left > 0:
        left >>= 1
        bits += 1
    return 62 - bits


@inner
def part(a: int, b: int, c: int, bits: int) -> Any:
    """Quotient and remainder of a * b / c for a, b <= c < 2**61: long division, digits of so many bits of `b`."""
    if a < 1 << 31 and b < 1 << 31:
        return a * b // c, a * b % c
    q, r = 0, 0
    shift = (61 // bits) * bits
    while shift >= 0:
        d = (b >> shift) & ((1 << bits) - 1)
        if d > 0 or r > 0 or q > 0:
            r = (r << bits) + a * d
            q = (q << bits) + r // c
            r %= c
        shift -= bits
    return q, r


@inner
def apportion(lots: Lots, k: int, amount: int, whole: int, desk: Desk) -> None:
    """Largest remainder over the nodes from `k` on, into `quota`; ties to the earlier."""
    count, short, bits = 0, amount, digit(whole)
    while k != NONE:
        q, r = part(amount, lots.sizes[k, 0], whole, bits)
        desk.quota[count], desk.rest[count] = q, r
        short -= q
        count += 1
        k = lots.links[k, AFTER]
    if short > 16:
        spread(desk, short, count, whole)
        return
    for _ in range(short):
        best = 0
        for i in range(1, count):
            if desk.rest[i] > desk.rest[best]:
                best = i
        desk.quota[best] += 1
        desk.rest[best] = -1


@inner
def spread(desk: Desk, short: int, count: int, whole: int) -> None:
    """One unit each to the `short` largest remainders: halves the range in which the least of them lies."""
    low, high = 0, whole
    while high - low > 1:  # `low` is reached by enough of them, `high` is not
        middle = (low + high) >> 1
        reached = 0
        for i in range(count):
            reached += desk.rest[i] >= middle
        if reached >= short:
            low = middle
        else:
            high = middle
    for i in range(count):
        if desk.rest[i] > low:
            desk.quota[i] += 1
            short -= 1
    for i in range(count):
        if desk.rest[i] == low and short > 0:
            desk.quota[i] += 1
            short -= 1


@inner
def share(lots: Lots, p: int, amount: int, whole: int, desk: Desk) -> Any:
    """Takes pro rata from a list with one node a label, which sums to `whole`: the first node of what was
    taken."""
    k = lots.ends[p, HEAD]
    if amount == 0 or amount == whole or k == lots.ends[p, TAIL]:
        return cut(lots, p, amount)[0]
    apportion(lots, k, amount, whole, desk)
    first = last = before = NONE
    i = 0
    while k != NONE:
        after, size, part = lots.links[k, AFTER], lots.sizes[k, 0], desk.quota[i]
        taken = NONE
        if part == size:  # all of it: the node itself goes
            taken = k
            if before == NONE:
                lots.ends[p, HEAD] = after
            else:
                lots.links[before, AFTER] = after
            if after == NONE:
                lots.ends[p, TAIL] = before
        else:
            before = k
            if part > 0:
                lots.sizes[k, 0] = size - part
                taken = make(lots, lots.links[k, LABEL], part)
        if taken != NONE:
            if last == NONE:
                first = taken
            else:
                lots.links[last, AFTER] = taken
            last = taken
        k = after
        i += 1
    lots.links[last, AFTER] = NONE
    return first
