"""Parts of a ledger between which no lot passes are traced apart, and come to the figures of the whole."""

from __future__ import annotations

import random
import shutil
from typing import Any

import pytest
from tests.core.test_orders import KRAKEN, at
from tests.core.test_statements import EXCHANGE, Tool, labels, tool, tx, who

from recover.case import derived, open_for_reading
from recover.trails import orders
from recover.trails.separate import Part, parts

__all__ = ["tool"]

WALLETS = ("a", "b", "c", "d", "e", "f", "g", "h")
PLACES = (*WALLETS, "victim", "hot", "hot2", "friend")


def drawn(dice: random.Random) -> list[tuple[str, str, str, int]]:
    """Payments of few moments between wallets that seldom pay each other, so that ties and parts are many."""
    moves = [("01T10:00:00", "victim", dice.choice(WALLETS), 40)]
    for _ in range(24):
        src = dice.choice(("victim", "friend", *WALLETS, *WALLETS))
        near = [*WALLETS[WALLETS.index(src) // 2 * 2 :][:2], "hot", "hot2"] if src in WALLETS else WALLETS
        dst = dice.choice([one for one in near if one != src])
        moves.append((f"0{dice.randrange(1, 6)}T10:00:00", src, dst, dice.randrange(1, 60)))
    return sorted(moves, key=lambda move: move[0])


@pytest.mark.parametrize("seed", range(1, 5))
def test_orders_tried_part_by_part_are_those_of_the_whole(
    seed: int, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    moves = drawn(dice)
    tool.open(at(moves, WALLETS), labels(EXCHANGE, KRAKEN))
    paid = [number for number, move in enumerate(moves, 1) if move[1] == "victim" and move[2] in WALLETS]
    tool("loss", "--tx", tx(paid[0]), "--asset", "USDT")
    for wallet in dice.sample([one for one in WALLETS if any(one == move[2] for move in moves)], 2):
        tool("loss", "--address", who(wallet), "--asset", "USDT")
    found = list[int]()

    def counted(*given: Any) -> list[Part]:
        made = parts(*given)
        found.append(len(made))
        return made

    def one(trail: Any, own: Any, *rest: Any) -> list[Part]:
        return [Part(listed={trail.asset: trail}, ties=dict(enumerate(own)), remake=rest[-1])]

    def rows() -> list[Any]:
        tool("run", "--until", "trace")
        case = open_for_reading(tool.case)
        names = ("orders", "ties", "gaps", "ends")
        return [derived.load(case, f"derived/trace/{name}.parquet", "trace").to_pylist() for name in names]

    monkeypatch.setattr(orders, "parts", counted)
    apart = rows()
    shutil.rmtree(tool.case / "derived" / "trace")
    monkeypatch.setattr(orders, "parts", one)
    assert rows() == apart
    assert apart[0], "some order moves a figure"
    assert found[0] > 1, "there are several parts"
