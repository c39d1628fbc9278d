"""How fast each rule traces: `python benchmarks/trace.py --legs 1000000 [--graph FOLDER] [--seed 7] [--json]`.

The ledger is made here and has the shape of real ones: addresses are used again by a power law, hubs are
services at which tracing stops, peel chains pass most of a sum on and on, and mixes gather many addresses and
pay many. Beside each rule stand (a) the floor, one `numpy.add.at` and one `numpy.subtract.at` over the same
arrays, (b) the plain path on the same ledger, in Python, and (c) rolling haircut over a plain dictionary of
floats, and in networkx and rustworkx where they are installed (`beside/haircut.py`). Then the same on amounts of
more than 64 bits, and with `--graph FOLDER` on the real graph of 2009 (`beside/graph2009.py`). Times are the least
of the repeats, after one run that compiles. `--legs 50000000` needs about 12 GiB, most of it to make the ledger.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recover.tracing import ByAddress, ByMove, Claims, Limits, Moves, Reason, account, coins, compiled
from recover.tracing.rules import RULES, rule
from recover.tracing.transactions import OUTSIDE

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.beside import graph2009, haircut

HAIRCUTS: tuple[tuple[str, Callable[[Moves, Claims], object], str], ...] = (
    ("haircut, dict of floats", haircut.plain, ""),
    ("haircut, networkx", haircut.networkx, "networkx"),
    ("haircut, rustworkx", haircut.rustworkx, "rustworkx"),
)
"""Name, how it runs, and the package that it needs."""

PLAIN_LEGS = 1_000_000
"""Above this the slow comparisons are not run."""


def ledger(legs: int, losses: int, seed: int) -> tuple[Moves, Claims, Limits]:
    """A ledger of so many legs; addresses are numbered by first appearance."""
    rng = np.random.default_rng(seed)
    size = legs // 3 + 10
    hubs = max(2, size // 10_000)
    parts = [
        _reuse(rng, legs * 6 // 10, size),
        _peels(rng, legs * 2 // 10, size),
        _mixes(rng, legs * 2 // 10, size),
    ]
    src, dst = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    when = np.concatenate([part[2] for part in parts])
    order = np.argsort(when, kind="stable")
    src, dst = _numbered(src[order], dst[order])
    into_hub = rng.random(len(src)) < 0.03
    addresses = int(max(src.max(), dst.max())) + 1
    dst[into_hub] = rng.integers(0, hubs, int(into_hub.sum())).astype(np.int32) + addresses
    src, amount = _funded(rng, src, dst, addresses + hubs)
    stop = np.zeros(addresses + hubs, np.uint8)
    stop[addresses:] = Reason.SERVICE
    limits = Limits(stop=stop, known=np.ones(addresses + hubs, np.bool_))
    return Moves(src=src, dst=dst, amount=amount), _claims(rng, src, dst, amount, losses), limits


def _reuse(rng: np.random.Generator, legs: int, size: int) -> tuple[NDArray[Any], ...]:
    """Payments between addresses that appear as time passes, the older used more (power law)."""
    when = np.sort(rng.random(legs))
    living = (when * size).astype(np.int64) + 2
    src = (living * rng.random(legs) ** 2.5).astype(np.int64)
    dst = (living * rng.random(legs) ** 2.0).astype(np.int64)
    return src, dst, when


def _peels(rng: np.random.Generator, legs: int, size: int) -> tuple[NDArray[Any], ...]:
    """Chains of 20 fresh addresses; each also pays somebody who is there already."""
    chains = max(1, legs // 40)
    begin = rng.random(chains) * 0.9
    step = np.arange(20)
    link = size + (np.arange(chains)[:, None] * 21 + np.arange(21)[None, :])
    when = begin[:, None] + step[None, :] * 0.001
    other = (size * when * rng.random(when.shape)).astype(np.int64)
    onward = link[:, :-1].ravel(), link[:, 1:].ravel(), when.ravel() + 0.0005
    peeled = link[:, :-1].ravel(), other.ravel(), when.ravel() + 0.0004
    return tuple(np.concatenate([a, b]) for a, b in zip(onward, peeled, strict=True))


def _mixes(rng: np.random.Generator, legs: int, size: int) -> tuple[NDArray[Any], ...]:
    """Gatherers: 50 pay one address within a short time, and it pays 50."""
    mixes = max(1, legs // 100)
    begin = rng.random(mixes) * 0.95
    place = np.repeat(3 * size + np.arange(mixes), 50)
    when = np.repeat(begin, 50)
    payers, paid = ((size * when * rng.random(len(when))).astype(np.int64) for _ in range(2))
    spread = rng.random(len(when)) * 0.01
    into = payers, place, when + spread
    out = place, paid, when + 0.02 + spread
    return tuple(np.concatenate([a, b]) for a, b in zip(into, out, strict=True))


def _numbered(src: NDArray[Any], dst: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    both = np.empty(2 * len(src), np.int64)
    both[::2], both[1::2] = src, dst
    names, first, number = np.unique(both, return_index=True, return_inverse=True)
    rank = np.empty(len(names), np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(names), dtype=np.int32)
    numbered = rank[number]
    return numbered[::2].copy(), numbered[1::2].copy()


def _funded(
    rng: np.random.Generator, src: NDArray[Any], dst: NDArray[Any], size: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each pays a part of what it has, three times in ten all; who has nothing is paid by nobody (a mint)."""
    fresh = np.exp(rng.normal(18, 2.5, len(src))).astype(np.int64) + 1
    part = np.minimum(1 << 20, (rng.random(len(src)) * 1.4 * (1 << 20)).astype(np.int64))
    src, amount = src.copy(), np.zeros(len(src), np.int64)
    fund: Any = _fund
    if find_spec("numba"):
        import numba

        fund = numba.njit(_fund)
    fund(src, dst, fresh, part, amount, np.zeros(size, np.int64))
    return src, amount


def _fund(src: Any, dst: Any, fresh: Any, part: Any, amount: Any, balance: Any) -> None:
    for i in range(len(src)):
        s = src[i]
        held = balance[s]
        if held == 0:
            src[i] = -1
            amount[i] = fresh[i]
        else:
            amount[i] = max(1, (held >> 20) * part[i] + ((held & 0xFFFFF) * part[i] >> 20))
            balance[s] -= amount[i]
        balance[dst[i]] += amount[i]


def _claims(
    rng: np.random.Generator, src: NDArray[Any], dst: NDArray[Any], amount: NDArray[Any], losses: int
) -> Claims:
    """Half of the losses by transaction, half by address: large sums in the first tenth of the ledger."""
    early = len(src) // 10
    large = np.argsort(-np.where(src[:early] != dst[:early], amount[:early], 0), kind="stable")[: 20 * losses]
    rows = rng.choice(large, losses, replace=False)
    half = losses // 2
    by_move = [ByMove(int(i), loss, int(amount[i])) for loss, i in enumerate(rows[:half])]
    by_address = [ByAddress(int(dst[i]), loss + half, int(i), len(src) - 1) for loss, i in enumerate(rows[half:])]
    return Claims(losses=losses, by_move=by_move, by_address=by_address)


def clock(run: Callable[[], object], repeats: int) -> float:
    """Seconds of the quickest of some runs."""
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - began)
    return best


def floor(moves: Moves, size: int) -> None:
    """One pass over the same arrays: what every address received and paid."""
    exact = isinstance(moves.amount, list)
    balance = np.zeros(size + 1, object if exact else np.int64)
    amount = np.array(moves.amount, object) if exact else moves.amount
    np.add.at(balance, moves.dst, amount)
    np.subtract.at(balance, moves.src, amount)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--legs", type=int, default=1_000_000)
    arguments.add_argument("--losses", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--rules", nargs="*", default=list(compiled.RULES))
    arguments.add_argument("--graph", type=Path, help="the folder of the graph of 2009")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    moves, claims, limits = ledger(given.legs, given.losses, given.seed)
    rows = measure(moves, claims, limits, given.rules, given.repeats)
    if given.graph:
        rows += real(given.graph, given.losses, given.repeats)
    if given.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{len(moves):,} legs, {len(limits):,} addresses, {claims.losses} losses")
    print(f"{'what':24}{'seconds':>10}{'M legs/s':>10}{'x floor':>9}{'bytes/leg':>11}")
    for row in rows:
        print(
            f"{row['what']:24}{row['seconds']:10.3f}{row['legs_per_second'] / 1e6:10.2f}{row['times_floor']:9.1f}"
            f"{row['bytes_per_leg']:11.0f}"
        )


def measure(moves: Moves, claims: Claims, limits: Limits, ids: list[str], repeats: int) -> list[dict[str, Any]]:
    """Every figure of one size."""
    least = clock(lambda: floor(moves, len(limits)), repeats)
    rows = [_row("floor (numpy add.at)", least, moves, least, 0)]
    for id in ids:
        if not compiled.fits(moves, claims, rule(id)):
            continue
        compiled.run(moves, claims, limits, rule(id), flows=False)
        for flows in (False, True):
            traced = partial(compiled.run, moves, claims, limits, rule(id), flows=flows)
            grown = memory(traced)
            name = f"{id}, flows" if flows else id
            rows.append(_row(name, clock(traced, repeats), moves, least, grown))
    if len(moves) > PLAIN_LEGS:
        return rows
    for id in ids:
        rows.append(
            _row(f"{id}, plain path", clock(partial(plain, moves, claims, limits, id), 1), moves, least, 0)
        )
    rows += [
        _row(name, clock(partial(run, moves, claims), 1), moves, least, 0)
        for name, run, needs in HAIRCUTS
        if not needs or find_spec(needs)
    ]
    return rows + wide(moves, claims, limits, ids, repeats)


def plain(moves: Moves, claims: Claims, limits: Limits, id: str) -> None:
    """The engine without its compiled path."""
    plan = account.prepare(moves, claims, limits)
    account.run(moves, plan, limits, rule(id), losses=claims.losses, flows=False)


def wide(moves: Moves, claims: Claims, limits: Limits, ids: list[str], repeats: int) -> list[dict[str, Any]]:
    """The same ledger in amounts of a token with 18 decimals, which 64 bits do not hold; its floor is numpy's."""
    times = 10**15
    large = Moves(src=moves.src, dst=moves.dst, amount=[a * times for a in np.asarray(moves.amount).tolist()])
    claimed = [ByMove(c.move, c.loss, c.amount * times) for c in claims.by_move]
    these = Claims(losses=claims.losses, by_move=claimed, by_address=claims.by_address)
    least = clock(lambda: floor(large, len(limits)), 1)
    rows = [_row("wide floor (objects)", least, moves, least, 0)]
    for id in ids:
        if compiled.fits(large, these, rule(id)):
            traced = partial(compiled.run, large, these, limits, rule(id), flows=False)
            traced()
            rows.append(_row(f"wide {id}", clock(traced, repeats), moves, least, memory(traced)))
        rows.append(
            _row(f"wide {id}, plain path", clock(partial(plain, large, these, limits, id), 1), moves, least, 0)
        )
    return rows


def real(folder: Path, losses: int, repeats: int) -> list[dict[str, Any]]:
    """The graph of 2009 under every rule of coin chains. A leg is an input or an output."""
    held, claims, limits = graph2009.read(folder, losses)
    inside = held.spends != OUTSIDE
    legs = Moves(
        src=np.concatenate([np.full(len(held.address), -1, np.int32), held.address[held.spends[inside]]]),
        dst=np.concatenate([held.address, np.full(int(inside.sum()), -1, np.int32)]),
        amount=np.concatenate([np.asarray(held.amount), np.asarray(held.paid)[inside]]),
    )
    claimed = claims.wants(coins.without_change(held), len(limits))
    least = clock(lambda: floor(legs, len(limits)), repeats)
    rows = [_row("2009: floor", least, legs, least, 0)]
    for each in RULES.values():
        if each.pool is not None and "utxo" in each.models:
            traced = partial(coins.plain, held, claims, limits, each, flows=False, follow="stop")
            rows.append(_row(f"2009: {each.id}, plain path", clock(traced, repeats), legs, least, 0))
            if compiled.fits_coins(held, claims, each):
                traced = partial(compiled.run_coins, held, claims, claimed, limits, each, flows=False)
                traced()
                rows.append(_row(f"2009: {each.id}", clock(traced, repeats), legs, least, memory(traced)))
    return rows


def memory(run: Callable[[], object]) -> int:
    """The most bytes that one run holds at once beyond the arrays that it reads."""
    tracemalloc.start()
    run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def _row(what: str, seconds: float, moves: Moves, least: float, grown: int) -> dict[str, Any]:
    return {
        "what": what,
        "seconds": round(seconds, 4),
        "legs_per_second": round(len(moves) / seconds),
        "times_floor": round(seconds / least, 2),
        "bytes_per_leg": round(grown / len(moves), 1),
    }


if __name__ == "__main__":
    main()
