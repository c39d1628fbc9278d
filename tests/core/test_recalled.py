"""What losses give is recalled part by part: the same as followed in one go, and only for the same input."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from recover.tracing import ByAddress, ByMove, Claims, Kind, Limits, Moves, Trace, rules, trace
from recover.trails import recalled
from recover.trails.recalled import Memory

PLACES = 60


def drawn(dice: random.Random, wide: bool) -> tuple[Moves, Claims, Limits]:
    """Movements within a dozen small circles, to services that they share, and losses in some of them."""
    src, dst, kind = list[int](), list[int](), list[int]()
    for _ in range(240):
        circle = dice.randrange(12) * 4
        one, two = circle + dice.randrange(4), circle + dice.randrange(4)
        to = dice.choice([two, two, two, 50 + dice.randrange(6), -1])
        src.append(dice.choice([one, one, one, 56, -1]) if to >= 0 else one)
        dst.append(to)
        kind.append(int(dice.choice([Kind.TRANSFER, Kind.FEE, Kind.SWAP]) if to < 0 else Kind.TRANSFER))
    sums = [dice.randrange(1, 90) * (2**70 if wide else 1) for _ in src]
    moves = Moves(
        src=np.array(src, np.int32),
        dst=np.array(dst, np.int32),
        kind=np.array(kind, np.uint8),
        amount=sums if wide else np.array(sums, np.int64),
    )
    stop = np.array([1 if 50 <= n < 56 else 0 for n in range(PLACES)], np.uint8)
    paid = [n for n in range(240) if src[n] != dst[n] and dst[n] >= 0]
    claims = Claims(
        losses=6,
        by_move=[ByMove(n, loss, sums[n] // 2) for loss, n in enumerate(sorted(dice.sample(paid, 4)))],
        by_address=[ByAddress(dice.randrange(48), 4, 20, 239), ByAddress(dice.randrange(48), 5, 0, 200)],
    )
    return moves, claims, Limits(stop=stop, known=np.array([dice.random() < 0.8 for _ in range(PLACES)]))


def plain(value: Any) -> Any:
    """A trace as values that compare."""
    if hasattr(value, "__dataclass_fields__"):
        # Lots that were given into a bridge are told where they are asked for, and then nothing is recalled.
        names = [field.name for field in fields(value) if field.name != "given"]
        return {name: plain(getattr(value, name)) for name in names}
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    monkeypatch.setattr(recalled, "LEAST", 8)
    memory = Memory({}, {})
    token = recalled._now.set(memory)
    yield memory
    recalled._now.reset(token)


def followed(given: tuple[Moves, Claims, Limits], rule: str) -> Trace:
    named = rules.rule(rule)
    return recalled.followed(*given, named, flows=True, exposure=not named.claim, given=False, elected=())


def names() -> list[str]:
    return [one.id for one in rules.RULES.values() if "account" in one.models and one.pool and not one.elective]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rule", names())
def test_parts_give_what_the_whole_gives(rule: str, seed: int, small: Memory) -> None:
    given = drawn(random.Random(seed), wide=seed % 4 == 3)
    named = rules.rule(rule)
    whole = plain(trace(*given, named, flows=True, exposure=not named.claim))
    assert plain(followed(given, rule)) == whole
    assert len(small.asked) > 1, "there are several parts"
    # As another process has it: from what was noted.
    noted = small.table()
    small.known.clear()
    small.known.update(zip(noted["key"].to_pylist(), noted["found"].to_pylist(), strict=True))
    assert plain(followed(given, rule)) == whole
    assert small.table() == noted


def test_only_the_part_that_changed_is_followed_again(small: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    moves, claims, limits = drawn(random.Random(1), wide=False)
    followed((moves, claims, limits), "fifo")
    first, ran = {*small.asked}, list[int]()

    def counted(moves: Moves, *given: Any, **more: Any) -> Trace:
        ran.append(len(moves))
        return trace(moves, *given, **more)

    monkeypatch.setattr(recalled, "trace", counted)
    # A row of strangers before all others: every number of a movement is another.
    late = Moves(
        src=np.insert(moves.src, 0, 58),
        dst=np.insert(moves.dst, 0, 59),
        amount=np.insert(np.asarray(moves.amount), 0, 5),
        kind=np.insert(moves.kind, 0, 0) if moves.kind is not None else None,
    )
    later = replace(
        claims,
        by_move=[claim._replace(move=claim.move + 1) for claim in claims.by_move],
        by_address=[claim._replace(first=claim.first + 1, last=claim.last + 1) for claim in claims.by_address],
    )
    small.asked.clear()
    found = followed((late, later, limits), "fifo")
    assert ({*small.asked}, ran) == (first, []), "nothing that losses reach was touched"
    monkeypatch.setattr(recalled, "trace", trace)
    assert plain(found) == plain(trace(late, later, limits, rules.rule("fifo"), flows=True))
    # A unit more in one part.
    monkeypatch.setattr(recalled, "trace", counted)
    row = next(iter(claims.by_move)).move
    amount = np.asarray(moves.amount).copy()
    amount[row] += 1
    small.asked.clear()
    followed((replace(moves, amount=amount), claims, limits), "fifo")
    assert len(ran) == 1 < len(small.asked) == len(first)


def test_where_what_was_given_is_asked_for_nothing_is_recalled(small: Memory) -> None:
    rule = rules.rule("fifo")
    given = drawn(random.Random(1), wide=False)
    found = recalled.followed(*given, rule, flows=True, exposure=False, given=True, elected=())
    assert found.given == trace(*given, rule, flows=True, given=True).given
    assert not small.asked
    followed(given, "fifo")
    assert small.asked


@pytest.mark.parametrize("what", ["amount", "stop", "known", "kind", "loss", "order"])
def test_no_part_is_recalled_for_another_input(what: str, small: Memory) -> None:
    moves, claims, limits = drawn(random.Random(2), wide=False)
    followed((moves, claims, limits), "fifo")
    row, amount = claims.by_move[0].move, np.asarray(moves.amount).copy()
    if what == "amount":
        amount[row] += 1
        moves = replace(moves, amount=amount)
    elif what == "order":
        order = np.arange(240)[::-1]
        moves = replace(moves, src=moves.src[order], dst=moves.dst[order], amount=amount[order])
        claims = replace(claims, by_move=[c._replace(move=239 - c.move, amount=1) for c in claims.by_move])
    elif what == "loss":
        claims = replace(claims, by_move=[replaced._replace(amount=1) for replaced in claims.by_move])
    elif what == "kind":
        assert moves.kind is not None
        moves = replace(moves, kind=np.where(moves.kind == Kind.SWAP, Kind.BURN, moves.kind).astype(np.uint8))
    elif what == "stop":
        limits = replace(limits, stop=np.where(limits.stop == 1, 2, 0).astype(np.uint8))
    else:
        limits = replace(limits, known=~limits.known)
    found = followed((moves, claims, limits), "fifo")
    assert plain(found) == plain(trace(moves, claims, limits, rules.rule("fifo"), flows=True))
