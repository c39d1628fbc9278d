"""Common inputs: who is joined, which guard holds back, and what order and tip may not change."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from recover.sdk import Scope, Transaction
from recover.testing import Rows, joined, ledger
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.owners import CommonInput, clusters
from recover_heuristics_utxo.testing import coins


def said(rows: Rows, **parameters: int) -> list[tuple[str, str, str, list[str]]]:
    found = [
        row
        for batch in CommonInput().assertions(rows, Scope(parameters=parameters))
        for row in batch.tables()["assertions"].to_pylist()
    ]
    return [(r["address"], r["other"], r["grade"], r["transactions"]) for r in found]


PAYS = "w:shop 50000, w:back 900"


def test_a_star_from_the_first_address() -> None:
    rows = joined(coins("T1", "w:a 30000, w:b 20000, w:a 10000, w:c 2000", PAYS))
    assert said(rows) == [("w:a", "w:b", "B", ["T1"]), ("w:a", "w:c", "B", ["T1"])]


def test_one_pair_lists_all_its_transactions_up_to_the_cap() -> None:
    rows = joined(*(coins(f"T{n}", "w:a 30000, w:b 25000", PAYS, height=n) for n in range(1, 6)))
    assert said(rows) == [("w:a", "w:b", "B", ["T1", "T2", "T3", "T4", "T5"])]
    (batch,) = CommonInput().assertions(rows, Scope(parameters={"cap": 2}))
    (row,) = batch.tables()["assertions"].to_pylist()
    assert row["transactions"] == ["T1", "T2"]
    assert json.loads(row["params"]) == {"transactions": 5}


def test_a_pair_is_one_whichever_address_comes_first() -> None:
    rows = joined(coins("T1", "w:a 30000, w:b 25000", PAYS), coins("T2", "w:b 30000, w:a 25000", PAYS, height=2))
    assert said(rows) == [("w:a", "w:b", "B", ["T1", "T2"])]


@pytest.mark.parametrize(
    "tx",
    [
        pytest.param(coins("T1", "", "w:a 5000, w:b 5000"), id="coinbase"),
        pytest.param(coins("T1", "w:a 30000, w:a 30000", PAYS), id="one address"),
        pytest.param(coins("T1", "w:a 30000, w:b 30000", PAYS, whole=False), id="a part of a transaction"),
        pytest.param(coins("T1", "P:0, w:b 30000", PAYS), id="an input that is not shown"),
        pytest.param(
            coins("T1", "w:a 90000, w:b 90000", "w:1 80000, w:2 80000, w:3 9000, w:4 8000"), id="CoinJoin"
        ),
        pytest.param(coins("T1", "w:a 90000, w:b 90000", "w:1 80000, w:2 80000, w:3 900"), id="possible CoinJoin"),
        pytest.param(coins("T1", "w:a 9000, w:b 546", "w:1 8000, w:2 90000"), id="dust of unknown making"),
    ],
)
def test_guards_hold_back(tx: Transaction) -> None:
    assert said(joined(tx)) == []


@pytest.mark.parametrize(
    ("inputs", "outputs", "grade"),
    [
        pytest.param("w:a 30000, w:b 25000", "w:1 40000, w:2 14000", "B", id="needs both inputs"),
        pytest.param(
            "w:a 30000, w:b 25000", "w:1 29000, w:2 25000", "C", id="an input not needed: may be a PayJoin"
        ),
        pytest.param("w:a 30000, w:b 25000", "w:1 29000", "B", id="one output is no PayJoin shape"),
        pytest.param("m:a 30000, w:b 25000", "w:1 40000, w:2 14000", "C", id="P2WSH may hide two owners"),
        pytest.param("t:a 30000, t:b 25000", "w:1 40000, w:2 14000", "C", id="taproot may hide two owners"),
        pytest.param("n:a 30000, w:b 25000", "w:1 40000, w:2 14000", "C", id="bare multisig"),
    ],
)
def test_what_two_owners_may_have_signed_is_weaker(inputs: str, outputs: str, grade: str) -> None:
    assert [row[2] for row in said(joined(coins("T1", inputs, outputs)))] == [grade]


def test_one_strong_transaction_makes_a_pair_strong() -> None:
    weak = coins("T1", "w:a 30000, w:b 25000", "w:1 29000, w:2 25000")
    strong = coins("T2", "w:a 30000, w:b 25000", "w:1 40000, w:2 14000", height=2)
    assert [row[2] for row in said(joined(weak, strong))] == ["B"]


def test_dust_of_a_mass_payment_is_left_out_and_a_small_payment_is_not() -> None:
    victims = ", ".join(f"w:v{n} 546" for n in range(12))
    mass = coins("T1", "w:marker 90000", victims)
    small = coins("T2", "w:friend 9000", "w:v1 546, w:friend2 8000", height=2)
    spends = coins("T3", "w:v0 9000, T1:0, w:own 80000", PAYS, height=3)
    apart = coins("T4", "w:v1 9000, T2:0, w:else 80000", PAYS, height=3)
    dusted = coins("T5", "w:own 9000, T1:5", PAYS, height=4)
    pairs = {(a, b) for a, b, *_ in said(joined(mass, small, spends, apart, dusted))}
    assert pairs == {("w:own", "w:v0"), ("w:else", "w:v1")} or pairs == {("w:v0", "w:own"), ("w:v1", "w:else")}
    assert not any("w:v5" in pair for pair in pairs)


def _partition(rows: Rows) -> dict[str, str]:
    (only,) = read(rows)
    names, label = only.names.to_pylist(), clusters(only)
    smallest: dict[int, str] = {}
    for name, root in zip(names, label.tolist(), strict=True):
        smallest[root] = min(name, smallest.get(root, name))
    return {name: smallest[root] for name, root in zip(names, label.tolist(), strict=True)}


def _random(seed: int) -> list[Transaction]:
    draw = random.Random(seed)
    made = []
    for n in range(1, 40):
        inputs = ", ".join(
            f"w:a{draw.randrange(40)} {draw.randrange(10**6, 10**8)}" for _ in range(draw.randint(1, 4))
        )
        outputs = ", ".join(
            f"w:a{draw.randrange(40)} {draw.randrange(1, 10**5)}" for _ in range(draw.randint(1, 3))
        )
        made.append(coins(f"T{n}", inputs, outputs, height=n))
    return made


def _slow(made: list[Transaction], pairs: list[tuple[str, str]]) -> dict[str, str]:
    names = sorted({leg.address for tx in made for leg in tx.legs if leg.address})
    group = {name: {name} for name in names}
    for a, b in pairs:
        whole = group[a] | group[b]
        for name in whole:
            group[name] = whole
    return {name: min(group[name]) for name in names}


@pytest.mark.parametrize("seed", range(4))
def test_the_partition_is_the_same_whatever_the_order_of_blocks(seed: int) -> None:
    made = _random(seed)
    rows = joined(*made)
    expected = _partition(rows)
    assert expected == _slow(made, [(a, b) for a, b, *_ in said(rows)])
    assert len(set(expected.values())) < len(expected)
    for again in range(3):
        mixed = list(made)
        random.Random(again).shuffle(mixed)
        assert _partition(joined(*mixed)) == expected
        assert said(joined(*mixed)) == said(rows)


def test_a_later_block_adds_pairs_and_takes_none() -> None:
    made = _random(7)
    early, late = said(joined(*made[:20])), said(joined(*made))
    assert {row[:2] for row in early} <= {row[:2] for row in late}


def test_two_chains_are_never_joined() -> None:
    other = "bip122:000000000933ea01ad0ee984209779ba"
    rows = joined(
        coins("T1", "w:a 30000, w:b 25000", PAYS), coins("T2", "w:a 30000, w:c 25000", PAYS, chain=other, height=2)
    )
    found = [
        (r["chain"], r["other"])
        for batch in CommonInput().assertions(rows, Scope())
        for r in batch.tables()["assertions"].to_pylist()
    ]
    assert sorted(found) == [(other, "w:c"), ("bip122:0f9188f13cb7b2c71f2a335e3a4fc328", "w:b")]


def test_an_account_ledger_says_nothing() -> None:
    assert said(ledger()) == []


def test_the_answer_is_forgotten_with_the_ledger() -> None:
    rows: Any = joined(coins("T1", "w:a 30000, w:b 25000", PAYS))
    first = read(rows)
    assert read(rows) is first
    assert read(joined(coins("T1", "w:a 30000, w:b 25000", PAYS))) is not first
