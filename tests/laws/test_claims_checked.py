"""Stated flows with seeded lies: no lie is shown, no true flow fails; an oracle reads the shipped files itself."""

from __future__ import annotations

import csv
import json
import random
import tomllib
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from recover.case import open_for_reading
from recover.cli import main as program
from recover.plugins import registry
from recover.stated import flow as stating
from recover.stated import judged

SHIPPED = Path(__file__).parents[2] / "casefiles"
SEED, COUNT = 20261130, 500


@dataclass(frozen=True)
class Move:
    """A movement as the file has it, its amount in base units."""

    tx: str
    src: str
    dst: str
    asset: str
    amount: int
    time: str


def moves(file: Path) -> list[Move]:
    """Every movement that took place, read by this test's own few lines."""
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = {
        (r["tx"], r["from"], r["to"], r["asset"], r["amount"], r["time"]): None
        for r in csv.DictReader(lines)
        if r.get("status", "ok") == "ok"
    }
    return [Move(tx, src, dst, asset, int(n), time) for tx, src, dst, asset, n, time in rows]


class Truth:
    """Whether a flow took place: one movement, or all of one transaction between these two in this asset."""

    def __init__(self, every: list[Move]) -> None:
        self.one = {(m.tx, m.src, m.dst, m.asset, m.amount) for m in every}
        self.sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
        self.times = {m.tx: m.time for m in every}
        for m in every:
            self.sums[m.tx, m.src, m.dst, m.asset] += m.amount

    def holds(self, m: Move) -> bool:
        known = (m.tx, m.src, m.dst, m.asset, m.amount) in self.one
        summed = self.sums.get((m.tx, m.src, m.dst, m.asset)) == m.amount
        return (known or summed) and self.times.get(m.tx, "")[:10] == m.time[:10]


def lie(move: Move, every: list[Move], dice: random.Random) -> Move:
    """The same flow with one thing changed, as a slip or a forgery changes it."""
    other = dice.choice(every)
    digit = dice.choice("0123456789abcdef")
    return dice.choice(
        [
            replace(move, amount=move.amount + dice.choice([1, -1, 10, 10**6])),
            replace(move, amount=move.amount * 10),
            replace(move, amount=move.amount // 10),
            replace(move, amount=other.amount),
            replace(move, src=other.src),
            replace(move, dst=other.dst),
            replace(move, src=move.dst, dst=move.src),
            replace(move, tx=other.tx),
            replace(move, tx=move.tx[:-1] + digit),
            replace(move, time=f"{int(move.time[:4]) + 1}{move.time[4:]}".replace("-02-29", "-02-28")),
            replace(move, asset=f"{move.asset.partition('/')[0]}/slip44:195"),
        ]
    )


@pytest.mark.parametrize("name", ["tron-seizure-orders-example", "daloia-shaped-example"])
def test_no_lie_is_shown_and_no_true_flow_fails(name: str, tmp_path: Path) -> None:
    folder, path = SHIPPED / name, tmp_path / "case"
    steps = tomllib.loads((folder / "demo.toml").read_text("utf-8"))["import"]
    source = next(one["file"] for one in steps if one["file"].endswith("transfers.csv"))
    said = ("--title", "T", "--examiner", "E", "--agency", "A", "--rule", "fifo")
    assert program.main(["open", str(path), *said]) == 0
    assert program.main(["import", str(path), str(folder / source)]) == 0
    for stage in ("decode", "link"):
        assert program.main([stage, str(path)]) in (0, 5)
    every, dice = moves(folder / source), random.Random(SEED)
    truth = Truth(every)
    chosen = [dice.choice(every) for _ in range(COUNT)]
    lies = [one for one in (lie(dice.choice(every), every, dice) for _ in range(COUNT)) if not truth.holds(one)]
    assert len(lies) > COUNT * 0.8, "else the oracle calls lies true"
    stated = [(move, True) for move in chosen] + [(move, False) for move in lies]
    dice.shuffle(stated)
    listed = [
        {"tx": m.tx, "from": m.src, "to": m.dst, "asset": m.asset, "units": m.amount, "time": m.time[:10]}
        for m, _ in stated
    ]
    case, plugins = open_for_reading(path), registry.load()
    read, ignored = stating.read(case, plugins, "claims.json", json.dumps(listed).encode())
    assert ignored == []
    held = judged.Held(case, [one for one in read if isinstance(one, stating.Flow)])
    found = [
        (held.judged(one).verdict if isinstance(one, stating.Flow) else "unreadable", true, one)
        for one, (_, true) in zip(read, stated, strict=True)
    ]
    assert [one for verdict, true, one in found if true and verdict != "shown"] == []
    assert [one for verdict, true, one in found if not true and verdict == "shown"] == []
    told = [verdict for verdict, true, _ in found if not true]
    # Most lies touch an address whose whole history is here: these are not merely unknown.
    assert told.count("contradicted") > len(told) * 0.5, {v: told.count(v) for v in set(told)}
