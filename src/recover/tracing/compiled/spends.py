"""The compiled path of coin chains: one pool, filled and emptied transaction by transaction.

A coin that carries traced value is a chain of lots, held by its first node; all others are clean without being
stored. A transaction that spends none such, and in which nothing is claimed, is not touched. Who changes what this
shares with `kernels` touches this file too: see `nodes`.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

from recover.tracing.compiled.books import Book, log, tally
from recover.tracing.compiled.kernels import (
    BURN,
    CLEAN,
    DONE,
    END,
    FEE,
    LIBR,
    LOG,
    MEETS,
    MOVE,
    NODES,
    PRORATA,
    TABLE,
    UNCOLLECTED,
    WHOLE,
    order,
    put,
    start,
    take,
    totals,
)
from recover.tracing.compiled.nodes import (
    CODE,
    COUNT,
    FILLED,
    HEAD,
    LOGGED,
    MET,
    NEXT,
    NONE,
    TAIL,
    Array,
    Lots,
    free,
    inner,
    make,
    outer,
)
from recover.tracing.compiled.quotas import Desk
from recover.tracing.compiled.wide import fetch, nothing, read, store, write


class Spent(NamedTuple):
    """The ledger and the claims, as `Coins`, `Limits.stop` and `Wants` have them. `mix`: a cell a transaction."""

    input_start: Array
    spends: Array
    paid: Array
    output_start: Array
    address: Array
    amount: Array
    mix: Array
    stop: Array
    want_move: Array
    want_loss: Array
    want_amount: Array


@inner
def _brings(spent: Spent, held: Array, t: int) -> bool:
    """Whether transaction `t` spends a coin that carries traced value."""
    for i in range(spent.input_start[t], spent.input_start[t + 1]):
        if spent.spends[i] >= 0 and held[spent.spends[i]] != NONE:
            return True
    return False


@inner
def _full(spent: Spent, lots: Lots, book: Book, t: int, wants: int, rule: int) -> Any:
    """The buffer that one more transaction might overflow, or `DONE`."""
    losses = len(book.starts)
    used = spent.input_start[t + 1] - spent.input_start[t]
    made = spent.output_start[t + 1] - spent.output_start[t]
    each = 4 + (losses + 1 if rule in (PRORATA, LIBR) else 0)
    if lots.meta[COUNT] + used + (made + 1) * each + wants > len(lots.sizes):
        return NODES
    if lots.meta[LOGGED] + wants + (used + 2 * made) * losses > len(book.move):
        return LOG
    if 2 * (lots.meta[FILLED] + (used + made + 1) * losses) > len(book.table):
        return TABLE
    return MEETS if lots.meta[MET] + wants * losses > len(book.meets) else DONE


@inner
def _end(
    spent: Spent, lots: Lots, desk: Desk, book: Book, first: int, coin: int, place: int, why: int, flows: bool
) -> None:
    """All that a chain carries ends with `coin` at address `place`; the chain is freed."""
    addresses = len(spent.stop) + 1
    count = totals(lots, first, desk)
    order(desk.seen, count)
    for i in range(count):
        loss = desk.seen[i]
        ended = fetch(desk.sums, loss)
        if flows:
            log(book, lots.meta, coin, loss, ended, END)
        tally(book, lots.meta, (loss * addresses + place + 1) * 16 + why, ended, coin)
        store(desk.sums, loss, nothing(desk.sums))
    free(lots, first)


@inner
def _fill(spent: Spent, lots: Lots, held: Array, t: int, rule: int) -> Any:
    """Puts the inputs of `t` into the pool, in order; says what they sum to."""
    whole = nothing(spent.paid)
    for i in range(spent.input_start[t], spent.input_start[t + 1]):
        coin, paid = spent.spends[i], fetch(spent.paid, i)
        whole += paid
        if coin >= 0 and held[coin] != NONE:
            first = held[coin]
            held[coin] = NONE
            put(rule, lots, 0, first, paid, True)
        elif paid > 0:
            put(rule, lots, 0, make(lots, CLEAN, paid), paid, False)
    return whole


@inner
def _draw(lots: Lots, desk: Desk, amount: Any, rule: int) -> Any:
    """One debit of the pool: the first node of what it took."""
    if lots.ends[0, HEAD] >= 0:
        return take(rule, lots, 0, amount, desk)
    write(lots.state, 0, read(lots.state, 0) - amount)
    return make(lots, CLEAN, amount) if amount > 0 else NONE


@inner
def _arrive(
    spent: Spent, lots: Lots, desk: Desk, book: Book, held: Array, first: int, coin: int, asked: int, flows: bool
) -> int:
    """One output: what begins, what came, and whether it ends; the next claim."""
    begun = lots.meta[LOGGED]
    while asked < len(spent.want_move) and spent.want_move[asked] == coin:
        wanted = fetch(spent.want_amount, asked)
        if wanted == WHOLE:
            wanted = fetch(spent.amount, coin)
        start(lots, book, desk, first, coin, spent.want_loss[asked], wanted)
        asked += 1
    started = lots.meta[LOGGED]
    count = totals(lots, first, desk)
    order(desk.seen, count)
    for i in range(count):
        carried = fetch(desk.sums, desk.seen[i])
        store(desk.sums, desk.seen[i], nothing(desk.sums))
        if begun < started and book.loss[begun] == desk.seen[i]:
            carried -= fetch(book.amount, begun)
            begun += 1
        if carried > 0:
            log(book, lots.meta, coin, desk.seen[i], carried, MOVE)
    place = spent.address[coin]
    why = BURN if place < 0 else spent.stop[place]
    if count == 0:
        free(lots, first)
    elif why != 0:
        _end(spent, lots, desk, book, first, coin, place, why, flows)
    else:
        held[coin] = first
    return asked


@outer
def spend(spent: Spent, lots: Lots, desk: Desk, book: Book, held: Array, rule: int, flows: bool, t: int) -> int:
    """Works through the transactions from `t` on, to the end or until a buffer could be too small: the next one.

    `meta[CODE]` says which buffer, or `DONE`.
    """
    meta = lots.meta
    asked = meta[NEXT]
    meta[CODE] = DONE
    while t < len(spent.mix):
        low, high = spent.output_start[t], spent.output_start[t + 1]
        wants = 0
        while asked + wants < len(spent.want_move) and spent.want_move[asked + wants] < high:
            wants += 1
        brings = _brings(spent, held, t)
        # Nearly all transactions: none of their coins carries anything.
        if not brings and wants == 0:
            t += 1
            continue
        meta[CODE] = _full(spent, lots, book, t, wants, rule)
        if meta[CODE] != DONE:
            break
        # As on the plain path: what enters a mix ends at the coins that brought it, and what comes out is clean.
        if brings and spent.mix[t] != 0:
            for i in range(spent.input_start[t], spent.input_start[t + 1]):
                coin = spent.spends[i]
                if coin >= 0 and held[coin] != NONE:
                    first = held[coin]
                    held[coin] = NONE
                    _end(spent, lots, desk, book, first, coin, spent.address[coin], spent.mix[t], flows)
            brings = False
        left = _fill(spent, lots, held, t, rule) if brings else nothing(spent.paid)
        for coin in range(low, high):
            size = fetch(spent.amount, coin)
            if brings:
                first = _draw(lots, desk, size, rule)
                left -= size
            else:
                first = make(lots, CLEAN, size) if size > 0 else NONE
            asked = _arrive(spent, lots, desk, book, held, first, coin, asked, flows)
        if brings:
            # The fee last, with what is left; it has no output, so it is noted at the first and makes no flow row.
            _end(spent, lots, desk, book, _draw(lots, desk, left, rule), low, NONE, FEE, False)
            write(lots.state, 0, nothing(lots.state))
            lots.ends[0, HEAD] = lots.ends[0, TAIL] = NONE
        t += 1
    meta[NEXT] = asked
    return t


@outer
def unspent(
    spent: Spent, lots: Lots, desk: Desk, book: Book, held: Array, rest: Array, flows: bool, coin: int
) -> int:
    """Ends what is held by coins from `coin` on, for the reason that `rest` gives its address; the next coin."""
    losses = len(book.starts)
    lots.meta[CODE] = DONE
    while coin < len(held):
        if held[coin] != NONE:
            if 2 * (lots.meta[FILLED] + losses) > len(book.table):
                lots.meta[CODE] = TABLE
                break
            if lots.meta[LOGGED] + losses > len(book.move):
                lots.meta[CODE] = LOG
                break
            place = spent.address[coin]
            ends = flows and rest[place] == UNCOLLECTED
            _end(spent, lots, desk, book, held[coin], coin, place, rest[place], ends)
            held[coin] = NONE
        coin += 1
    return coin
