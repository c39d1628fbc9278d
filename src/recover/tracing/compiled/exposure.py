"""The compiled path of `poison`: which losses have touched a balance, one bit each, and so at most 63 of them.

`state` is, by address, [balance, bits], the bits -1 where nothing is followed. The rest is as in `kernels`.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from recover.tracing.compiled.books import Book, log, tally
from recover.tracing.compiled.kernels import DONE, END, LOG, MOVE, START, TABLE, WHOLE, Moved, reason
from recover.tracing.compiled.nodes import CODE, FILLED, LOGGED, NEXT, Array, inner, outer


@inner
def _begin(moved: Moved, book: Book, meta: Array, sums: Array, row: int, asked: int) -> int:
    """Every claim on this move counts in full, whoever has touched it: the claim after the last of them."""
    size = moved.amount[row]
    while asked < len(moved.want_move) and moved.want_move[asked] == row:
        loss = moved.want_loss[asked]
        wanted = size if moved.want_amount[asked] == WHOLE else moved.want_amount[asked]
        more = min(wanted, size - sums[loss])
        asked += 1
        if more <= 0:
            continue
        sums[loss] += more
        book.starts[loss] += more
        at = meta[LOGGED] - 1
        if at >= 0 and book.move[at] == row and book.loss[at] == loss:
            book.amount[at] += more
        else:
            log(book, meta, row, loss, more, START)
    return asked


@outer
def expose(moved: Moved, state: Array, meta: Array, sums: Array, book: Book, flows: bool, row: int) -> int:
    """As `kernels.sweep`."""
    src, dst, want_move = moved.src, moved.dst, moved.want_move
    losses, addresses = len(book.starts), len(moved.stop) + 1
    asked = meta[NEXT]
    meta[CODE] = DONE
    while row < len(src):
        s, d, size = src[row], dst[row], moved.amount[row]
        if s == d and s >= 0:
            row += 1
            continue
        claimed = asked < len(want_move) and want_move[asked] == row
        # Read before the debit, which may empty the balance and with it end the contact.
        bits = max(state[s, 1], 0) if s >= 0 and size > 0 else 0
        if (bits > 0 or claimed) and meta[LOGGED] + 3 * losses > len(book.move):
            meta[CODE] = LOG
            break
        if (bits > 0 or claimed) and 2 * (meta[FILLED] + losses) > len(book.table):
            meta[CODE] = TABLE
            break
        if s >= 0 and state[s, 1] >= 0 and size > 0:
            state[s, 0] -= size
            if state[s, 0] == 0:
                state[s, 1] = 0
        if bits == 0 and not claimed:
            if d >= 0:
                state[d, 0] += size
            row += 1
            continue
        for loss in range(losses):
            # Every loss that touched the balance counts the whole move: so amounts sum to more than the loss.
            sums[loss] = size if bits >> loss & 1 else 0
        asked = _begin(moved, book, meta, sums, row, asked)
        for loss in range(losses):
            if bits >> loss & 1:
                log(book, meta, row, loss, size, MOVE)
        if d >= 0:
            state[d, 0] += size
        for loss in range(losses):
            if sums[loss] == 0:
                continue
            if d >= 0 and state[d, 1] >= 0:
                state[d, 1] |= 1 << loss
                continue
            if flows:
                log(book, meta, row, loss, sums[loss], END)
            key = (loss * addresses + (d if d >= 0 else s) + 1) * 16 + reason(moved, row)
            tally(book, meta, key, sums[loss], row)
        row += 1
    meta[NEXT] = asked
    return row


@outer
def exposed(state: Array, losses: int, place: Array, loss: Array, amount: Array) -> int:
    """As `kernels.remains`."""
    found = 0
    for p in range(len(state)):
        if state[p, 1] <= 0 or state[p, 0] == 0:
            continue
        for label in range(losses):
            if state[p, 1] >> label & 1:
                place[found], loss[found], amount[found] = p, label, state[p, 0]
                found += 1
    return found
