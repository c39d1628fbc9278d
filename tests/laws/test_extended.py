"""A late exhibit is put into the ledger, and comes to the same tables and gaps as when all is joined again."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recover.case import derived
from recover.case.rows import digest
from recover.ledger import TABLES, Part, build
from recover.ledger.extended import Before, extended
from recover.ledger.join import Tables, stored
from recover.ledger.relied import Relied
from recover.sdk import Asset, Batch, Block, Coverage, Event, Leg, Listed, Transaction
from recover.sdk.records import AssetSeen, Log, Price, State

pytestmark = pytest.mark.slow

SEEDS = int(os.environ.get("RECOVER_JOINS", "3"))
ACCOUNTS, COINS = ("toy:1", "toy:2"), "coin:1"
PEOPLE = ("abcx1", "abcx2", "b", "c", "d")
START = datetime(2024, 1, 1, tzinfo=UTC)
REGISTER = {f"{ACCOUNTS[0]}/token:x": Asset(id=f"{ACCOUNTS[0]}/token:x", symbol="X", decimals=2)}
LOOKS = {ACCOUNTS[0]: (3, 0)}


def moment(number: int) -> datetime:
    return START + timedelta(minutes=number // 3)


def payment(dice: random.Random, number: int, chain: str) -> Transaction:
    """One to three transfers on an account chain."""
    legs: list[Leg] = []
    for pair in range(dice.choice([1, 1, 2, 3])):
        amount = dice.choice([0, 1, 500, 500, 2**90])
        asset = f"{chain}/token:{dice.choice(['x', 'y', 'z'])}"
        index = dice.choice([None, pair])
        for sign in (-1, 1):
            legs.append(
                Leg(
                    kind="transfer",
                    address=dice.choice(PEOPLE),
                    asset=asset,
                    amount=sign * amount,
                    pair=pair,
                    out=sign < 0,
                    index=index,
                )
            )
    if dice.random() < 0.3:
        legs.append(Leg(kind="fee", address=dice.choice(PEOPLE), asset=f"{chain}/token:x", amount=-1))
    return Transaction(
        chain=chain,
        id=f"t{number}",
        place=number,
        view=dice.choice([None, None, "b"]),
        time=dice.choice([moment(number)] * 5 + [None]),
        height=dice.choice([None, number // 2]) if dice.random() < 0.5 else number // 2,
        index=dice.choice([None, number % 2]),
        failed=dice.choice([False] * 8 + [True]),
        whole=dice.random() < 0.3,
        block=f"k{number // 2}" if dice.random() < 0.3 else None,
        proof=dice.choice(["reported", "included"]),
        legs=tuple(legs),
    )


def spend(dice: random.Random, number: int) -> Transaction:
    """A coin transaction: it spends outputs of earlier ones, which its exhibit may not show the worth of."""
    asset, legs = f"{COINS}/native:c", []
    for index in range(dice.choice([1, 1, 2])):
        bare = dice.random() < 0.4
        legs.append(
            Leg(
                kind="input",
                address=None if bare else dice.choice(PEOPLE),
                asset=asset,
                amount=None if bare else -dice.choice([500, 500, 700]),
                out=True,
                index=index,
                spends=(f"c{dice.randrange(max(1, number))}", dice.choice([0, 0, 1])),
            )
        )
    legs += [
        Leg(kind="output", address=dice.choice(PEOPLE), asset=asset, amount=dice.choice([100, 500]), index=index)
        for index in range(dice.choice([1, 2]))
    ]
    return Transaction(
        chain=COINS,
        id=f"c{number}",
        place=number,
        height=number // 3,
        index=number % 3,
        whole=dice.random() < 0.8,
        block=f"b{number // 3}" if dice.random() < 0.8 else None,
        legs=tuple(legs),
    )


def blocks(dice: random.Random) -> list[Block]:
    chain, letter = dice.choice([(COINS, "b"), (ACCOUNTS[1], "k")])
    number = dice.randrange(6)
    return [
        Block(
            chain=chain,
            id=f"{letter}{number}",
            parent=f"{letter}{number - 1}" if number and dice.random() < 0.7 else None,
            height=dice.choice([None, number]),
            time=dice.choice([None, moment(number * 2)]),
            sealed=dice.random() < 0.5,
        )
    ]


def beside(dice: random.Random, number: int) -> list[object]:
    """Records that are no transactions."""
    chain, tx = dice.choice(ACCOUNTS), f"t{dice.randrange(14)}"
    asset = f"{chain}/token:{dice.choice(['y', 'z'])}"
    return dice.sample(
        [
            Event(kind="approval", chain=chain, tx=tx, contract="c", address="b", place=number),
            Log(chain=chain, tx=tx, contract="c", topics=("1", "2"), data="0x", place=number),
            State(kind="balance", chain=chain, address="b", amount=5, height=3, place=number),
            Price(asset=asset, currency="EUR", value=100, scale=2, time=START, source="a bank", place=number),
            Listed(chain=chain, tx=tx, address=dice.choice([None, "b"]), place=number),
            Coverage(chain=chain, address=dice.choice(["b", "c"]), asset=dice.choice([None, asset]), place=number),
            AssetSeen(asset=asset, symbol=dice.choice(["Y", "Y", "X"]), decimals=dice.choice([2, 2, 2, 3])),
        ],
        dice.randrange(4),
    )


def exhibits(dice: random.Random, folder: Path) -> list[Part]:
    with_coins, with_blocks = dice.random() < 0.6, dice.random() < 0.5
    known = [payment(dice, number, dice.choice(ACCOUNTS)) for number in range(14)]
    known += [spend(dice, number) for number in range(10)] if with_coins else []
    found = []
    for number in range(1, dice.choice([2, 3, 4]) + 1):
        chosen = dice.sample(known, dice.randrange(1, 8))
        # Now and then an exhibit says something else of a transaction than another does.
        for at, one in enumerate(chosen):
            if dice.random() < 0.15:
                place = int(one.id[1:])
                chosen[at] = spend(dice, place) if one.chain == COINS else payment(dice, place, one.chain)
        records = [*chosen, *(blocks(dice) if with_blocks else []), *beside(dice, number)]
        tables = [Batch.of(one).tables() for one in records]  # type: ignore[arg-type]
        spot = folder / str(number)
        for name in dict.fromkeys(name for made in tables for name in made):
            derived.write(spot, name, pa.concat_tables([made[name] for made in tables if name in made]))
        part = Part(exhibit=number, digest=f"{dice.random()}", source=f"s{number}", folder=spot)
        found.append(replace(part, origin=f"host {dice.randrange(3)}"))
    return found


def settled(dice: random.Random, parts: Sequence[Part]) -> dict[tuple[str | None, str], Relied]:
    """For a few transactions, one of the exhibits that show them."""
    found: dict[tuple[str | None, str], Relied] = {}
    for part in dice.sample(parts, len(parts)):
        table = stored(part, "transactions")
        shown = table.select(["chain", "id"]).to_pylist() if table is not None else []
        for row in dice.sample(shown, min(2, len(shown))):
            found.setdefault((dice.choice([row["chain"], row["chain"], None]), row["id"]), (part.exhibit, None))
    return found


def again(tables: Tables, folder: Path) -> Before:
    """A ledger as a later run reads it."""
    for name in TABLES:
        derived.write(folder, name, getattr(tables, name))
    derived.write(folder, "gaps", derived.gaps(tables.gaps))
    read = {name: pq.ParquetFile(folder / f"{name}.parquet").read() for name in (*TABLES, "gaps")}
    gaps = read.pop("gaps")
    return Before(tables=Tables(**read, gaps=(), loose=tables.loose), gaps=gaps)


def extend(parts: Sequence[Part], spot: Path, decided: dict[tuple[str | None, str], Relied]) -> Counter[str]:
    """Put the exhibits in one by one; how often that could be done, and how often all had to be joined."""
    said = REGISTER, frozenset({f"{ACCOUNTS[1]}/token:y"}), decided, LOOKS
    before = again(build(parts[:1], *said), spot / "kept1")
    counted: Counter[str] = Counter()
    for size in range(2, len(parts) + 1):
        here = parts[:size]
        whole = build(here, *said)
        found = extended(before, here, {here[-1].exhibit}, *said, stored)
        counted["whole" if found is None else "extended"] += 1
        if found is not None:
            tables, gaps = found
            for name in TABLES:
                one, two = getattr(tables, name), getattr(whole, name)
                assert one.to_pylist() == two.to_pylist(), name
                assert one.column_names == two.column_names, name
            assert gaps.to_pylist() == derived.gaps(whole.gaps).to_pylist()
            kept = again(tables, spot / f"extended{size}").tables
            same = again(whole, spot / f"whole{size}").tables
            for name in TABLES:
                assert digest(getattr(kept, name)) == digest(getattr(same, name)), name
        before = again(whole, spot / f"kept{size}")
    return counted


def test_a_late_exhibit_comes_to_the_same_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recover.ledger.extended.SHARE", 1)
    counted: Counter[str] = Counter()
    for seed in range(SEEDS):
        dice = random.Random(seed)
        parts = exhibits(dice, tmp_path / str(seed))
        decided = settled(dice, parts) if dice.random() < 0.5 else {}
        try:
            counted += extend(parts, tmp_path / str(seed), decided)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    # Or nothing would be tried here.
    assert counted["extended"] > counted["whole"] // 4, counted


def test_only_exhibits_that_show_the_same_are_read(tmp_path: Path) -> None:
    dice = random.Random(5)
    parts = []
    for number in range(1, 6):
        shown = [payment(dice, number * 100 + n, ACCOUNTS[0]) for n in range(30)]
        shown = [replace(one, block=None, failed=False, time=moment(number), view=None) for one in shown]
        tables = [Batch.of(one).tables() for one in shown]
        for name in ("transactions", "legs"):
            rows = pa.concat_tables([made[name] for made in tables])
            derived.write(tmp_path / str(number), name, rows)
        folder = tmp_path / str(number)
        parts.append(Part(exhibit=number, digest=f"{number}", source="s", folder=folder))
    decided: dict[tuple[str | None, str], Relied] = {}
    said = REGISTER, frozenset[str](), decided, LOOKS
    before = again(build(parts[:4], *said), tmp_path / "before")
    seen: set[tuple[int, str]] = set()

    def watched(part: Part, name: str) -> pa.Table | None:
        table = stored(part, name)
        if table is not None:
            seen.add((part.exhibit, name))
        return table

    found = extended(before, parts, {5}, *said, watched)
    assert found is not None
    assert {exhibit for exhibit, _ in seen} == {5}
