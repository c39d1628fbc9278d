"""Plain transactions are read in columns, and by that path come to the same ledger as by the statements."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from recover.case import derived
from recover.case.rows import digest
from recover.ledger import TABLES, Part, build, plain
from recover.ledger.relied import Relied
from recover.sdk import Asset, Batch, Leg, Transaction
from recover.sdk.values import TxId

CHAINS = ("toy:1", "toy:2")
PEOPLE = ("a", "b", "c", None)
WIDE = 2**90


def leg(dice: random.Random, chain: str, kind: str, amount: int, **said: object) -> Leg:
    return Leg(
        kind=kind,  # type: ignore[arg-type]
        address=dice.choice(PEOPLE[:3]),
        asset=f"{chain}/token:{dice.choice(['x', 'y'])}",
        amount=amount,
        index=dice.choice([None, 0, 1]),
        memo=dice.choice([None, None, "m"]),
        **said,  # type: ignore[arg-type]
    )


def legs(dice: random.Random, chain: str) -> list[Leg]:
    """One to three movements: pairs that cancel, now and then one that does not, and legs that stand alone."""
    found = []
    for number in range(dice.choice([1, 1, 2, 3])):
        amount = dice.choice([0, 1, 5, 5, WIDE])
        first = leg(dice, chain, dice.choice(["transfer", "internal"]), -amount, pair=number, out=True)
        other = dice.choice([amount] * 9 + [amount + 1])
        second = leg(dice, chain, first.kind, other, pair=number, out=False)
        same = dice.random() < 0.9
        changed = {"asset": first.asset, "index": first.index, "memo": first.memo} if same else {}
        found += [first, Leg(**{**{n: getattr(second, n) for n in Leg.__slots__}, **changed})]
    if dice.random() < 0.4:
        found.append(leg(dice, chain, "fee", -dice.choice([1, WIDE])))
    if dice.random() < 0.1:
        found.append(leg(dice, chain, "mint", 3))
    return found


def transaction(dice: random.Random, number: int) -> Transaction:
    chain = dice.choice(CHAINS)
    height = dice.choice([None, number // 2])
    return Transaction(
        chain=chain,
        id=f"t{number}",
        place=dice.randrange(4),
        view=dice.choice([None, None, "a"]),
        height=height,
        index=None if height is None else dice.choice([None, number % 2]),
        failed=dice.choice([False, False, False, True, None]),
        whole=dice.random() < 0.3,
        proof=dice.choice(["reported", "included", "self-authenticating"]),
        legs=tuple(legs(dice, chain)),
    )


def exhibits(dice: random.Random, folder: Path) -> list[Part]:
    """Up to three exhibits over ten ids: most stand in one, some in several, the same or otherwise."""
    known = [transaction(dice, number) for number in range(10)]
    found = []
    for number in range(1, dice.choice([1, 2, 3]) + 1):
        chosen = dice.sample(known, dice.randrange(1, 9))
        listed = [one if dice.random() < 0.8 else transaction(dice, int(one.id[1:])) for one in chosen]
        tables = [Batch.of(one).tables() for one in listed]
        spot = folder / str(number)
        for name in ("transactions", "legs"):
            rows = pa.concat_tables([made[name] for made in tables])
            derived.write(spot, name, rows.take(pa.array(dice.sample(range(rows.num_rows), rows.num_rows))))
        one = Part(exhibit=number, digest=f"{dice.random()}", source=f"s{number}", folder=spot)
        found.append(replace(one, origin=f"host {dice.randrange(3)}"))
    return found


SPLIT = plain.split


def everything(transactions: pa.Table, legs: pa.Table, blocks: pa.Table, decided: object) -> plain.Split:
    """Nothing is plain: every transaction is left to the statements."""
    found = SPLIT(transactions.slice(0, 0), legs.slice(0, 0), blocks, ())
    return plain.Split(made=found.made, moved=found.moved, transactions=transactions, legs=legs)


@pytest.mark.parametrize("seed", range(15))
def test_both_ways_give_the_same_ledger(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    parts = exhibits(dice, tmp_path)
    register = {f"{CHAINS[0]}/token:x": Asset(id=f"{CHAINS[0]}/token:x", symbol="X", decimals=2)}
    first = (CHAINS[0], TxId(chain=CHAINS[0], text="t1").text)
    decided: dict[tuple[str | None, str], Relied] = {first: (1, None)} if dice.random() < 0.3 else {}
    named = frozenset({f"{CHAINS[1]}/token:y"})
    fast = build(parts, register, named, decided)
    monkeypatch.setattr(plain, "split", everything)
    slow = build(parts, register, named, decided)
    for name in TABLES:
        one, two = getattr(fast, name), getattr(slow, name)
        assert one.to_pylist() == two.to_pylist(), name
        assert digest(one) == digest(two), name
    assert sorted(map(repr, fast.gaps)) == sorted(map(repr, slow.gaps))


def test_most_of_a_file_is_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[plain.Split] = []

    def watched(*given: pa.Table) -> plain.Split:
        seen.append(SPLIT(*given))
        return seen[-1]

    monkeypatch.setattr(plain, "split", watched)
    for seed in range(20):
        build(exhibits(random.Random(seed), tmp_path / str(seed)), {}, frozenset())
    assert sum(found.made.num_rows for found in seen) > sum(found.transactions.num_rows for found in seen) // 4
