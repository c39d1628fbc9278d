"""Crossings against a simulator of single units: random ledgers of two chains, with refunds, parts and open ends.

The simulator goes through both chains once, in the order of time, and knows nothing of assets traced again.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import pytest
from tests.core.scripted import GOLD, THERE, Coverage, World, cross, pay
from tests.laws.simulator import Wallet, take

from recover.sdk import amounts
from recover.sdk.batch import Record
from recover.sdk.records import Assertion
from recover.sdk.values import Asset
from recover.sealing import recover_verify as outside

RUNS = int(os.environ.get("RECOVER_CROSSINGS", "12"))
RULES = ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first")
OTHER = {GOLD.id: THERE, THERE.id: GOLD}


@dataclass
class Move:
    """One movement; `loss` begins by it, it is the deposit `into` a bridge, or it is a pay-out `of` one."""

    tx: str
    src: str | None
    dst: str
    amount: int
    asset: Asset
    loss: str = ""
    into: int | None = None
    of: tuple[int, int] | None = None


@dataclass
class Deposit:
    """`parts` are (what of it was filled, what arrived, what was kept), `open` the rest."""

    amount: int
    parts: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def open(self) -> int:
        return self.amount - sum(part for part, _, _ in self.parts)


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder, from exact fractions."""
    quotas = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [int(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - quotas[i], i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def made(rng: random.Random) -> tuple[list[Move], list[Deposit], list[Assertion]]:
    """A ledger in the order of time, one movement a minute."""
    moves: list[Move] = []
    deposits: list[Deposit] = []
    said: list[Assertion] = []
    waiting: list[Move] = []
    for number in range(rng.randint(8, 30)):
        if waiting and rng.random() < 0.5:
            moves.append(waiting.pop(rng.randrange(len(waiting))))
            continue
        asset = rng.choice([GOLD, THERE])
        src, dst = rng.sample([f"a{n}" for n in range(4)], 2)
        move = Move(f"t{number}", src, dst, rng.randint(1, 30), asset)
        if number < 2:
            move.loss = f"L{number + 1}"
        elif rng.random() < 0.4:
            move.dst, move.into = "abridge", len(deposits)
            deposits.append(_passage(rng, move, len(deposits), waiting, said))
        moves.append(move)
    return [*moves, *waiting], deposits, said


def _passage(rng: random.Random, move: Move, number: int, waiting: list[Move], said: list[Assertion]) -> Deposit:
    deposit = Deposit(move.amount)
    left = move.amount
    if rng.random() < 0.1:
        said.append(cross(move.tx, str(move.src), (move.asset, left), "", "a0", (OTHER[move.asset.id], 0)))
        return deposit
    whole = rng.random() < 0.5
    while left and (not deposit.parts or (not whole and rng.random() < 0.7)):
        part = left if whole else rng.randint(1, left)
        left -= part
        back = rng.random() < 0.3
        asset = move.asset if back else OTHER[move.asset.id]
        arrived, fee = rng.randint(1, 40), rng.choice([0, 0, rng.randint(1, 9)])
        to = str(move.src) if back else rng.choice(["a0", "a1", "a2", "a3"])
        payer = rng.choice([None, *({"a0", "a1", "a2", "a3"} - {to})])
        tx = f"{move.tx}x{len(deposit.parts)}"
        waiting.append(Move(tx, payer, to, arrived, asset, of=(number, len(deposit.parts))))
        deposit.parts.append((part, arrived, fee))
        more = {} if whole else {"whole": str(move.amount)}
        sent, had = (move.asset, part), (asset, arrived)
        said.append(cross(move.tx, str(move.src), sent, tx, to, had, fee=str(fee), refund=back, **more))
    return deposit


def simulated(moves: Sequence[Move], deposits: Sequence[Deposit], rule: str) -> Counter[tuple[str, str, str, str]]:
    """(loss, asset, address, reason) -> units, one pass through time."""
    balance: Counter[tuple[str, str]] = Counter()
    least: Counter[tuple[str, str]] = Counter()
    for move in moves:
        if move.src is not None:
            balance[move.asset.id, move.src] -= move.amount
            here = (move.asset.id, move.src)
            least[here] = min(least[here], balance[here])
        if move.into is None:
            balance[move.asset.id, move.dst] += move.amount
    wallets: dict[tuple[str, str], Wallet] = {}
    given: dict[int, list[str | None]] = {}
    ends: Counter[tuple[str, str, str, str]] = Counter()

    def wallet(asset: Asset, name: str) -> Wallet:
        key = (asset.id, name)
        return wallets.setdefault(key, [["opening", None] for _ in range(-least[key])])

    for move in moves:
        tokens: Wallet = [["mint", None] for _ in range(move.amount)]
        if move.src is not None:
            tokens = take(wallet(move.asset, move.src), move.amount, rule)
        if move.of is not None:
            _laid(tokens, _lots(given[move.of[0]], move.amount, rule))
        for token in [token for token in tokens if token[1] is None] if move.loss else []:
            token[1] = move.loss
        if move.into is None:
            wallet(move.asset, move.dst).extend(tokens)
            continue
        deposit = deposits[move.into]
        given[move.into] = [None if token[1] is None else str(token[1]) for token in tokens]
        gone = Counter(str(token[1]) for token in tokens if token[1] is not None)
        fee = sum(shared(part, [arrived, kept])[1] for part, arrived, kept in deposit.parts)
        for loss, count in gone.items():
            crossed, kept, held = shared(count, [deposit.amount - fee - deposit.open, fee, deposit.open])
            ends[loss, move.asset.id, str(move.src), "crossed"] += crossed
            ends[loss, move.asset.id, str(move.src), "bridge_fee"] += kept
            ends[loss, move.asset.id, "abridge", "bridge"] += held
    for (asset, name), tokens in wallets.items():
        for token in tokens:
            if token[1] is not None:
                ends[str(token[1]), asset, name, "rest"] += 1
    return +ends


def _lots(given: Sequence[str | None], arrived: int, rule: str) -> list[tuple[str | None, int]]:
    """What arrives, label by label in the order of the units that were given; of labels alone under rules by which
    units have no order, the clean ones last."""
    if rule in ("prorata", "libr"):
        given = sorted(given, key=lambda label: (label is None, label))
    runs = [(label, len([*units])) for label, units in groupby(given)]
    if all(label is None for label, _ in runs):
        return []
    parts = shared(arrived, [count for _, count in runs])
    return [(label, part) for (label, _), part in zip(runs, parts, strict=True)]


def _laid(tokens: Wallet, lots: Sequence[tuple[str | None, int]]) -> None:
    """Lays lots over the clean units, in their order; a clean lot passes over as many, less those that are not."""
    lacking = sum(token[1] is not None for token in tokens)
    room = [token for token in tokens if token[1] is None]
    for label, count in lots:
        if label is None:
            less = min(count, lacking)
            lacking -= less
            room = room[count - less :]
        else:
            for token in room[:count]:
                token[1] = label
            room = room[count:]


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_rule_is_as_the_simulator_has_it_and_as_the_outside_verifier_does(seed: int, tmp_path: Path) -> None:
    moves, deposits, said = made(random.Random(seed))
    records: list[Record] = [
        pay(move.tx, (move.src, move.dst, move.amount, move.asset), minute=minute)
        for minute, move in enumerate(moves)
    ]
    known = [Coverage(chain=chain, address=None) for chain in ("bank:1", "bank:2")]
    world = World(tmp_path, [*records, *known], said=said)
    for move in (move for move in moves if move.loss):
        world.lose(tx=f"{move.asset.chain}:{move.tx}", assets=(move.asset.id,))
    world.run("trace")
    table = world.table("ends")
    legs = outside.Legs((world.path / "derived/trace/legs.jsonl").read_bytes())
    for rule in (*RULES, "poison"):
        rows = [row for row in table if (row["rule"], row["ties"]) == (rule, "as recorded")]
        found = {
            (row["loss"], row["asset"], row["address"], row["reason"]): amounts.join(row["amount"], row["wide"])
            for row in rows
        }
        if rule != "poison":
            assert found == simulated(moves, deposits, rule), rule
        again = {
            (loss, name, legs.assets[name].text(place), reason): n
            for name, one in legs.run(rule).items()
            for (loss, place, reason), n in one.ends.items()
            if n
        }
        assert again == found, f"{rule}, by the outside verifier"
