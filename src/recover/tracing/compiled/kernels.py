"""The compiled path: the same pools and lots as `account.run`, in arrays of 64-bit integers or of two limbs.

A pool that holds clean value only is one number, so a move that carries nothing is two additions. When traced
value arrives the pool becomes a linked list of lots, and a number again when the last traced lot has left. A
debit relinks the nodes of a list and copies nothing. The lists of `lifo` begin with the newest lot. Under the
rules that look at age, neighbours of one label are one node; under the others each label has one node. Rules
that set the holder's own value apart keep only traced lots in the list; `prorata` keeps a node there for the clean
lot's place in the order, and its size outside, so that clean value comes in without a look at the list.

`sweep` stops before a move that might not fit into its buffers, and says which; its caller enlarges them and
goes on. All that is compiled together stands in this one file: what numba keeps on disk is renewed when its file
changes.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

from recover.tracing.compiled.books import Book, log, tally
from recover.tracing.compiled.nodes import (
    AFTER,
    CODE,
    COUNT,
    FILLED,
    HEAD,
    LABEL,
    LOGGED,
    MET,
    NEXT,
    NONE,
    OUT,
    TAIL,
    TOUCHED,
    Array,
    Lots,
    append,
    cut,
    drop,
    free,
    inner,
    join,
    make,
    outer,
    push,
)
from recover.tracing.compiled.quotas import Desk, share
from recover.tracing.compiled.wide import fetch, least, nothing, read, store, write

# In the order of `compiled.RULES`. Comparisons below rest on it: up to LIFO lots have an age, from LIBR on the
# clean value stands apart from them, and PRORATA is between.
FIFO, LIFO, PRORATA, LIBR, LIBR_FIFO, TAINTED_FIRST = range(6)
DONE, NODES, LOG, TABLE, MEETS = range(5)
START, MOVE, END = range(3)
FEE, BURN, SWAP, OPEN, CROSSED, UNCOLLECTED = 7, 8, 9, 10, 11, 6  # as in `limits.Reason`
CLEAN = WHOLE = -1
AHEAD, FAR = 64, 1 << 19
"""With more than `FAR` addresses their state is larger than a cache, and reading so many moves ahead pays."""


class Moved(NamedTuple):
    """The ledger and the claims, as `Moves`, `Limits.stop` and `Wants` have them."""

    src: Array
    dst: Array
    amount: Array
    kind: Array
    stop: Array
    want_move: Array
    want_loss: Array
    want_amount: Array


@inner
def _rolling(lots: Lots, p: int, amount: Any, desk: Desk) -> Any:
    """One debit under `prorata`: the clean lot's node is given its size for as long as it takes."""
    whole = nothing(lots.state)
    k = lots.ends[p, HEAD]
    while k != NONE:
        if lots.links[k, LABEL] == CLEAN:
            write(lots.sizes, k, read(lots.state, p))
        whole += read(lots.sizes, k)
        k = lots.links[k, AFTER]
    first = share(lots, p, amount, whole, desk)
    k = first
    while k != NONE:
        if lots.links[k, LABEL] == CLEAN:
            write(lots.state, p, read(lots.state, p) - read(lots.sizes, k))
        k = lots.links[k, AFTER]
    k = lots.ends[p, HEAD]
    if k != NONE and k == lots.ends[p, TAIL] and lots.links[k, LABEL] == CLEAN:
        drop(lots, k)
        lots.ends[p, HEAD] = lots.ends[p, TAIL] = NONE
    return first


@inner
def take(rule: int, lots: Lots, p: int, amount: Any, desk: Desk) -> Any:
    """One debit from a pool with a list: the first node of what it took."""
    if rule == PRORATA:
        return _rolling(lots, p, amount, desk)
    if rule < PRORATA:
        first = cut(lots, p, amount)[0]
        k = lots.ends[p, HEAD]
        if k != NONE and k == lots.ends[p, TAIL] and lots.links[k, LABEL] == CLEAN:
            write(lots.state, p, read(lots.sizes, k))
            drop(lots, k)
            lots.ends[p, HEAD] = lots.ends[p, TAIL] = NONE
        return first
    held = nothing(lots.state)
    k = lots.ends[p, HEAD]
    while k != NONE:
        held += read(lots.sizes, k)
        k = lots.links[k, AFTER]
    # How much of the debit is the holder's own: what traced value leaves over, or as much as there is.
    own = amount - least(amount, held) if rule == TAINTED_FIRST else least(amount, read(lots.state, p))
    write(lots.state, p, read(lots.state, p) - own)
    last = NONE
    if rule == LIBR:
        first = share(lots, p, amount - own, held, desk)
    else:
        first, last = cut(lots, p, amount - own)
    if own == 0:
        return first
    k = make(lots, CLEAN, own)
    # Where its lots leave first the clean one follows them; elsewhere it leads, as on the plain path.
    if rule == TAINTED_FIRST and last != NONE:
        lots.links[last, AFTER] = k
        return first
    lots.links[k, AFTER] = first
    return k


@inner
def put(rule: int, lots: Lots, p: int, k: int, amount: Any, traced: bool) -> None:
    """One credit: the chain that begins with `k`. `traced` says whether it carries a loss."""
    apart = rule > PRORATA
    if lots.ends[p, HEAD] == NONE and not traced:
        write(lots.state, p, read(lots.state, p) + amount)
        free(lots, k)
        return
    # A list begins: what was here before is the oldest lot of it.
    if lots.ends[p, HEAD] == NONE and not apart and read(lots.state, p) > 0:
        append(lots, p, make(lots, CLEAN, read(lots.state, p)))
        if rule != PRORATA:
            write(lots.state, p, nothing(lots.state))
    begin = lots.ends[p, HEAD]
    while k != NONE:
        after = lots.links[k, AFTER]
        if rule >= PRORATA and lots.links[k, LABEL] == CLEAN:
            fresh = rule == PRORATA and read(lots.state, p) == 0
            write(lots.state, p, read(lots.state, p) + read(lots.sizes, k))
            if fresh:  # the clean lot's place in the order is where it comes back
                append(lots, p, k)
                begin = lots.ends[p, HEAD]
            else:
                drop(lots, k)
        elif rule == LIFO:
            push(lots, p, k)
        elif rule in (PRORATA, LIBR):
            begin = join(lots, p, k, begin)
        else:
            append(lots, p, k)
        k = after


@inner
def _begin(lots: Lots, k: int, loss: int, wanted: Any) -> Any:
    """Turns at most `wanted` of a chain's clean nodes into `loss`: how much it was, and how much was `loss`
    before."""
    left, before = wanted, nothing(lots.state)
    while k != NONE:
        after, size = lots.links[k, AFTER], read(lots.sizes, k)
        if lots.links[k, LABEL] == loss:
            before += size
        elif lots.links[k, LABEL] == CLEAN and left > 0:
            if size > left:
                rest = make(lots, CLEAN, size - left)
                lots.links[rest, AFTER] = after
                lots.links[k, AFTER] = rest
                size = left
                write(lots.sizes, k, size)
            lots.links[k, LABEL] = loss
            left -= size
        k = after
    return wanted - left, before


@inner
def totals(lots: Lots, k: int, desk: Desk) -> Any:
    """Adds a chain's sizes into `sums`; `seen` lists its losses in the order of appearance. How many they are."""
    count = 0
    while k != NONE:
        label = lots.links[k, LABEL]
        if label != CLEAN:
            if fetch(desk.sums, label) == 0:
                desk.seen[count] = label
                count += 1
            store(desk.sums, label, fetch(desk.sums, label) + read(lots.sizes, k))
        k = lots.links[k, AFTER]
    return count


@inner
def order(seen: Array, count: int) -> None:
    """Sorts the first `count` in place (Shell)."""
    gap = 1
    while gap < count // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, count):
            value = seen[i]
            j = i
            while j >= gap and seen[j - gap] > value:
                seen[j] = seen[j - gap]
                j -= gap
            seen[j] = value
        gap //= 3


@inner
def reason(moved: Moved, row: int) -> Any:
    """Why value ends where this move brings it."""
    d = moved.dst[row]
    if d < 0:
        kind = moved.kind[row] if len(moved.kind) > 0 else 2
        if kind == 5:
            return CROSSED
        return FEE if kind == 1 else SWAP if kind == 3 else OPEN if kind == 4 else BURN
    return moved.stop[d] if moved.stop[d] != 0 else UNCOLLECTED


@inner
def start(lots: Lots, book: Book, desk: Desk, first: int, row: int, loss: int, wanted: Any) -> None:
    """One claim on one move: what begins, and which other losses stand where it wanted more."""
    got, before = _begin(lots, first, loss, wanted)
    if got > 0:
        store(book.starts, loss, fetch(book.starts, loss) + got)
        # Two claims of one loss on one move are one row.
        at = lots.meta[LOGGED] - 1
        if at >= 0 and book.move[at] == row and book.loss[at] == loss:
            store(book.amount, at, fetch(book.amount, at) + got)
        else:
            log(book, lots.meta, row, loss, got, START)
    missing = wanted - got - before
    if missing <= 0:
        return
    for i in range(totals(lots, first, desk)):
        other = desk.seen[i]
        if missing > 0 and other != loss:
            at = lots.meta[MET]
            book.meets[at, 0], book.meets[at, 1], book.meets[at, 2] = row, loss, other
            store(book.meeting, at, least(missing, fetch(desk.sums, other)))
            lots.meta[MET] = at + 1
            missing -= fetch(desk.sums, other)
        store(desk.sums, other, nothing(desk.sums))


@inner
def _touch(moved: Moved, lots: Lots, row: int, ahead: int) -> Any:
    """Reads what the next moves will read. No move's read waits for another's, so the memory answers many at
    once."""
    found = 0
    for i in range(row, ahead):
        k = max(lots.ends[max(moved.src[i], 0), HEAD], 0)
        j = max(lots.ends[max(moved.dst[i], 0), HEAD], 0)
        found += lots.links[max(lots.links[k, AFTER], 0), AFTER] + lots.links[max(lots.links[j, AFTER], 0), AFTER]
    return found


@inner
def _counts(rule: int, lots: Lots, p: int) -> bool:
    """Whether clean value that comes to a list only adds to a number; under `prorata`, if there is some."""
    return rule > PRORATA or (rule == PRORATA and read(lots.state, p) > 0)


@inner
def _full(lots: Lots, book: Book, wants: int, losses: int, nodes: int) -> Any:
    """The buffer that one more move might overflow, or `DONE`."""
    if lots.meta[COUNT] + nodes + wants > len(lots.sizes):
        return NODES
    if lots.meta[LOGGED] + wants + 2 * losses > len(book.move):
        return LOG
    if 2 * (lots.meta[FILLED] + losses) > len(book.table):
        return TABLE
    return MEETS if lots.meta[MET] + wants * losses > len(book.meets) else DONE


@outer
def sweep(moved: Moved, lots: Lots, desk: Desk, book: Book, rule: int, flows: bool, row: int) -> int:
    """Works through the moves from `row` on, until the end or until a buffer could be too small: the next row.

    `meta[CODE]` says which buffer, or `DONE`.
    """
    src, dst, want_move, meta = moved.src, moved.dst, moved.want_move, lots.meta
    losses, addresses = len(book.starts), len(moved.stop) + 1
    nodes = 4 + (losses + 1 if rule in (PRORATA, LIBR) else 0)
    ahead = row if len(lots.ends) > FAR else NONE
    asked = meta[NEXT]
    claimed = want_move[asked] if asked < len(want_move) else NONE
    meta[CODE] = DONE
    while row < len(src):
        if row == ahead:
            ahead = min(len(src), row + AHEAD)
            meta[TOUCHED] = _touch(moved, lots, row, ahead)
        s, d, size = src[row], dst[row], fetch(moved.amount, row)
        if s == d and s >= 0:
            row += 1
            continue
        # Below zero is a pool without a list: NONE has a number to add to, OUT has not.
        paid = lots.ends[s, HEAD] if s >= 0 else OUT
        kept = lots.ends[d, HEAD] if d >= 0 else OUT
        if paid < 0 and row != claimed and (kept < 0 or _counts(rule, lots, d)):  # clean value moves, as a number
            if paid == NONE:
                write(lots.state, s, read(lots.state, s) - size)
            if kept != OUT:
                write(lots.state, d, read(lots.state, d) + size)
            row += 1
            continue
        wants = 0
        while asked + wants < len(want_move) and want_move[asked + wants] == row:
            wants += 1
        # Asked before anything of this move is written: the caller enlarges the buffer and begins with the same
        # row.
        meta[CODE] = _full(lots, book, wants, losses, nodes)
        if meta[CODE] != DONE:
            break
        if paid >= 0:
            first = take(rule, lots, s, size, desk)
        else:
            if paid == NONE:
                write(lots.state, s, read(lots.state, s) - size)
            first = make(lots, CLEAN, size) if size > 0 else NONE
        # What begins here is logged first; below, what came out of the pool is the rest of what is carried.
        begun = meta[LOGGED]
        for w in range(asked, asked + wants):
            wanted = fetch(moved.want_amount, w)
            if wanted == WHOLE:
                wanted = size
            start(lots, book, desk, first, row, moved.want_loss[w], wanted)
        started = meta[LOGGED]
        if wants > 0:
            asked += wants
            claimed = want_move[asked] if asked < len(want_move) else NONE
        count = totals(lots, first, desk)
        order(desk.seen, count)
        for i in range(count):
            carried = fetch(desk.sums, desk.seen[i])
            if begun < started and book.loss[begun] == desk.seen[i]:
                carried -= fetch(book.amount, begun)
                begun += 1
            if carried > 0:
                log(book, lots.meta, row, desk.seen[i], carried, MOVE)
        if kept != OUT:
            for i in range(count):
                store(desk.sums, desk.seen[i], nothing(desk.sums))
            put(rule, lots, d, first, size, count > 0)
            row += 1
            continue
        why = reason(moved, row)
        for i in range(count):
            loss = desk.seen[i]
            ended = fetch(desk.sums, loss)
            if flows:
                log(book, lots.meta, row, loss, ended, END)
            # Loss, place and reason in one key: a reason fits four bits, and + 1 makes room for nobody.
            tally(book, lots.meta, (loss * addresses + (d if d >= 0 else s) + 1) * 16 + why, ended, row)
            store(desk.sums, loss, nothing(desk.sums))
        free(lots, first)
        row += 1
    meta[NEXT] = asked
    return row


@outer
def remains(lots: Lots, desk: Desk, place: Array, loss: Array, amount: Array) -> int:
    """Writes what is at rest, in the order of (address, loss), and says how many rows it is."""
    found = 0
    for p in range(len(lots.ends)):
        if lots.ends[p, HEAD] < 0:
            continue
        count = totals(lots, lots.ends[p, HEAD], desk)
        order(desk.seen, count)
        for i in range(count):
            label = desk.seen[i]
            place[found], loss[found] = p, label
            store(amount, found, fetch(desk.sums, label))
            store(desk.sums, label, nothing(desk.sums))
            found += 1
    return found
