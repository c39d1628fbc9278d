"""Pro rata in whole numbers, compiled: the same shares as `lots.apportion`. For changes see `nodes`."""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

from recover.tracing.compiled.nodes import AFTER, HEAD, LABEL, NONE, TAIL, Array, Lots, cut, inner, make
from recover.tracing.compiled.wide import WIDE, fetch, nothing, overload, read, short, store, write

_INNER: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "_nrt": False}


class Desk(NamedTuple):
    """Room to reckon in: `sums` and `seen` by loss, `quota` and `rest` by node of a list."""

    sums: Array
    seen: Array
    quota: Array
    rest: Array


@inner
def length(whole: int) -> Any:
    """How many bits an amount of 64 bits has."""
    bits = 0
    while whole >= 256:
        whole >>= 8
        bits += 8
    while whole > 0:
        whole >>= 1
        bits += 1
    return bits


def digit(whole: Any) -> Any:
    """How many bits a digit of `part` may have for amounts up to `whole`: no step may leave the integers."""


def part(a: Any, b: Any, c: Any, bits: int) -> Any:
    """Quotient and remainder of a * b / c for a, b <= c: long division, digits of so many bits of `b`.

    Narrow: c < 2**61, so that a step stays below 2**63. Wide: c < 2**117, a step below 2**127; its digit is
    reckoned from the leading 31 bits, which gives it or a little less, and mended.
    """


@overload(digit, strict=False, jit_options=_INNER)
def _digit(whole: Any) -> Any:
    if whole == WIDE:
        # At most 30: the leading 31 bits, a digit and a carry must fit int64 in `_wide_part`.
        return lambda whole: min(30, 126 - _bits(whole))
    return lambda whole: 62 - length(whole)


@inner
def _bits(whole: Any) -> Any:
    top = short(whole >> 62)
    return 62 + length(top) if top > 0 else length(short(whole))


@overload(part, strict=False, jit_options=_INNER)
def _part(a: Any, b: Any, c: Any, bits: Any) -> Any:
    return _wide_part if c == WIDE else _narrow_part


def _narrow_part(a: int, b: int, c: int, bits: int) -> Any:
    # The product fits 62 bits: no long division.
    if a < 1 << 31 and b < 1 << 31:
        return a * b // c, a * b % c
    q, r = 0, 0
    shift = (61 // bits) * bits
    while shift >= 0:
        # r < c and a <= c, so that a step stays below 2 * c * 2**bits, which `digit` keeps at 2**63.
        d = (b >> shift) & ((1 << bits) - 1)
        if d > 0 or r > 0 or q > 0:
            r = (r << bits) + a * d
            q = (q << bits) + r // c
            r %= c
        shift -= bits
    return q, r


def _wide_part(a: Any, b: Any, c: Any, bits: int) -> Any:
    q = r = a - a
    lead = max(0, _bits(c) - 31)
    # One more than the leading bits: the digit is never too large, and the loop below adds what it lacks.
    head = short(c >> lead) + 1
    mask = (1 << bits) - 1
    shift = (_bits(b) // bits) * bits
    while shift >= 0:
        r = (r << bits) + a * (short(b >> shift) & mask)
        some = short(r >> lead) // head
        r -= c * some
        while r >= c:
            r -= c
            some += 1
        q = (q << bits) + some
        shift -= bits
    return q, r


@inner
def apportion(lots: Lots, k: int, amount: Any, whole: Any, desk: Desk) -> None:
    """Largest remainder over the nodes from `k` on, into `quota`; ties to the earlier."""
    bits = digit(whole)
    after = lots.links[k, AFTER]
    if after != NONE and lots.links[after, AFTER] == NONE:  # the ordinary case: one loss and clean value
        q, r = part(amount, read(lots.sizes, k), whole, bits)
        if r + r >= whole:
            q += 1
        store(desk.quota, 0, q)
        store(desk.quota, 1, amount - q)
        return
    count, left = 0, amount
    while k != NONE:
        q, r = part(amount, read(lots.sizes, k), whole, bits)
        store(desk.quota, count, q)
        store(desk.rest, count, r)
        left -= q
        count += 1
        k = lots.links[k, AFTER]
    # A few units are handed out by looking for the largest remainder each time; many, by halving.
    if left > 16:
        spread(desk, left, count, whole)
        return
    while left > 0:
        best = 0
        for i in range(1, count):
            if fetch(desk.rest, i) > fetch(desk.rest, best):
                best = i
        store(desk.quota, best, fetch(desk.quota, best) + 1)
        # Below every remainder: nobody gets a second unit.
        store(desk.rest, best, nothing(desk.rest) - 1)
        left -= 1


@inner
def spread(desk: Desk, left: Any, count: int, whole: Any) -> None:
    """One unit each to the `left` largest remainders: halves the range in which the least of them lies."""
    low, high = nothing(desk.rest), whole
    while high - low > 1:  # `low` is reached by enough of them, `high` is not
        middle = (low + high) >> 1
        reached = 0
        for i in range(count):
            if fetch(desk.rest, i) >= middle:
                reached += 1
        if left <= reached:
            low = middle
        else:
            high = middle
    for i in range(count):
        if fetch(desk.rest, i) > low:
            store(desk.quota, i, fetch(desk.quota, i) + 1)
            left -= 1
    for i in range(count):
        if fetch(desk.rest, i) == low and left > 0:
            store(desk.quota, i, fetch(desk.quota, i) + 1)
            left -= 1


@inner
def share(lots: Lots, p: int, amount: Any, whole: Any, desk: Desk) -> Any:
    """Takes pro rata from a list with one node a label, which sums to `whole`: the first node of what was
    taken."""
    k = lots.ends[p, HEAD]
    if amount == 0 or amount == whole or k == lots.ends[p, TAIL]:
        return cut(lots, p, amount)[0]
    apportion(lots, k, amount, whole, desk)
    first = last = before = NONE
    i = 0
    while k != NONE:
        after, size, given = lots.links[k, AFTER], read(lots.sizes, k), fetch(desk.quota, i)
        taken = NONE
        if given == size:  # all of it: the node itself goes
            taken = k
            if before == NONE:
                lots.ends[p, HEAD] = after
            else:
                lots.links[before, AFTER] = after
            if after == NONE:
                lots.ends[p, TAIL] = before
        else:
            before = k
            if given > 0:
                write(lots.sizes, k, size - given)
                taken = make(lots, lots.links[k, LABEL], given)
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
