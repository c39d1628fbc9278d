"""One level for all: shares that rise together, start late where something came before, and stop at a cap.

Every way to share a pool here is this one calculation: a share is `level * weight - before`, never below zero and
never above `cap`, and the level is the one at which the shares sum to the pool. Whole units, by largest remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One claimant's part, in base units. `name` settles ties; two parts of one calculation have two names."""

    name: str
    weight: int
    before: int = 0
    cap: int


def share(pool: int, parts: Sequence[Part]) -> list[int]:
    """What each gets, in the order given. They sum to the pool, or to all caps where the pool is larger.

    The units that whole numbers leave over go to the largest remainders; of equal remainders, to the larger
    weight, then by name. So the order in which the parts are given changes nothing.
    """
    if pool >= sum(part.cap for part in parts if part.weight):
        return [part.cap if part.weight else 0 for part in parts]
    up, down = _level(pool, parts)
    found, rests = [], []
    for n, part in enumerate(parts):
        whole, rest = divmod(up * part.weight, down)
        if whole < part.before:
            found.append(0)
        elif whole - part.before >= part.cap:
            found.append(part.cap)
        else:
            found.append(whole - part.before)
            if rest:
                rests.append((-rest, -part.weight, part.name, n))
    for *_, n in sorted(rests)[: pool - sum(found)]:
        found[n] += 1
    return found


def _level(pool: int, parts: Sequence[Part]) -> tuple[int, int]:
    """The exact level, as a fraction. The pool is smaller than the sum of all caps."""
    # Two fractions of so many bits differ by more than the last of twice as many: their floors order them exactly.
    bits = 2 * max((max(p.weight, p.before + p.cap) for p in parts), default=1).bit_length() + 2
    turns = []
    for part in parts:
        if part.weight and part.cap:
            for at, joins in ((part.before, True), (part.before + part.cap, False)):
                turns.append(((at << bits) // part.weight, at, part.weight, joins, part))
    turns.sort(key=lambda turn: turn[0])
    weight = before = full = 0
    for n, (_, _, _, joins, part) in enumerate(turns):
        weight += part.weight if joins else -part.weight
        before += part.before if joins else -part.before
        full += 0 if joins else part.cap
        if n + 1 < len(turns) and weight:
            up = pool - full + before
            _, at, of, _, _ = turns[n + 1]
            if up * of <= at * weight:
                return max(up, 0), weight
    return 0, 1  # a pool of nothing, or nobody who could take
