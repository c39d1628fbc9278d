"""The rules on small tables: who sweeps, which unlabelled address is a hub, and the grade of a deposit address."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest

from recover.sdk import Assertion, Coverage, Grade, Heuristic, Ledger, Scope
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account import recover_heuristics
from recover_heuristics_account.deposits import DepositAddress
from recover_heuristics_account.hubs import Field, Hub, Limits, hubs
from recover_heuristics_account.sweeps import edges

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
Row = tuple[str | None, str | None, int]
Known = Iterable[Assertion]


def moves(rows: Iterable[Row]) -> list[Transfer]:
    return [Transfer(src=src, dst=dst, amount=amount, asset=COIN, chain=CHAIN) for src, dst, amount in rows]


def toy(
    rows: Sequence[Row], covered: Iterable[str | None], known: Known = (), since: datetime | None = None
) -> Rows:
    """A ledger of (source, destination, amount) rows in one asset; transaction ids are T1, T2 ..."""
    return ledger(
        moves(rows), labels=known, coverage=[Coverage(chain=CHAIN, address=a, since=since) for a in covered]
    )


def hot(address: str, service: str = "Exchange", grade: Grade = "B", role: str = "hot-wallet") -> Assertion:
    return Assertion(
        kind="label",
        chain=CHAIN,
        address=address,
        grade=grade,
        method="m",
        version="1",
        service=service,
        role=role,
    )


def ask(heuristic: Heuristic, found: Ledger, **parameters: int) -> list[dict[str, Any]]:
    batches = heuristic.assertions(found, Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def brief(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [(r["address"], r["grade"], r["service"], r["other"]) for r in rows]


SWEEPS: list[Row] = [("u", "D", 60), ("D", "H", 60), ("v", "D", 40), ("D", "H", 40)]


def test_two_sweeps_to_a_well_known_wallet_give_grade_c() -> None:
    rows = ask(DepositAddress(), toy(SWEEPS, ["D"], [hot("H")]))
    assert brief(rows) == [("D", "C", "Exchange", "H")]
    assert rows[0]["transactions"] == ["T2", "T4"]
    assert json.loads(rows[0]["params"]) == {
        "hot_wallets": ["H"],
        "inflow": "100",
        "outflow": "100",
        "senders": 2,
        "share_ppm": 1_000_000,
        "sweeps": 2,
        "swept": "100",
    }


@pytest.mark.parametrize(
    ("rows", "known", "expected"),
    [
        pytest.param(SWEEPS[:2], [hot("H")], "D", id="one sweep"),
        pytest.param(SWEEPS, [hot("H", grade="D")], "D", id="label of grade D"),
        pytest.param(SWEEPS, [hot("H", grade="C")], "D", id="label of grade C"),
        pytest.param(SWEEPS, [hot("H", grade="E")], "E", id="label of grade E"),
        pytest.param(SWEEPS, [hot("H"), hot("H", "Other", "D")], "D", id="contradicted by a weaker label"),
        pytest.param(SWEEPS, [hot("H"), hot("H", "Other")], None, id="two services, one grade"),
        pytest.param([*SWEEPS, ("D", "x", 5)], [hot("H")], "C", id="95.2 percent"),
        pytest.param([*SWEEPS, ("D", "x", 6)], [hot("H")], None, id="94.3 percent"),
        pytest.param([*SWEEPS, ("D", "J", 5)], [hot("H"), hot("J", "Other")], "C", id="second holds 4.8 percent"),
        pytest.param([*SWEEPS, ("D", "J", 6)], [hot("H"), hot("J", "Other")], None, id="second holds 5.7 percent"),
        pytest.param([*SWEEPS, ("D", "D", 900)], [hot("H")], "C", id="payments to itself are no outflow"),
        pytest.param([*SWEEPS, ("D", None, 6)], [hot("H")], None, id="burnt value is outflow"),
        pytest.param(SWEEPS, [hot("H"), hot("D", role="contract")], None, id="a service's own address"),
        pytest.param(SWEEPS, [hot("H"), hot("D", "", "B", "sanctioned")], "C", id="a sanctioned address"),
        pytest.param(SWEEPS, [hot("H", role="deposit")], None, id="not a hot wallet"),
    ],
)
def test_ladder(rows: list[Row], known: list[Assertion], expected: str | None) -> None:
    found = ask(DepositAddress(), toy(rows, ["D"], known))
    assert [r["grade"] for r in found] == ([] if expected is None else [expected])


def test_exactly_the_share_counts() -> None:
    made = toy([("D", "H", 50), ("D", "H", 45), ("D", "x", 5)], ["D"], [hot("H")])
    assert [r["grade"] for r in ask(DepositAddress(), made)] == ["C"]
    assert ask(DepositAddress(), made, share=96) == []


def test_many_senders_look_like_a_nested_service() -> None:
    rows: list[Row] = [*((f"u{n}", "D", 1) for n in range(201)), ("D", "H", 100), ("D", "H", 101)]
    found = ask(DepositAddress(), toy(rows, ["D"], [hot("H")]))
    assert found[0]["grade"] == "D"
    assert "201 distinct senders" in found[0]["note"]
    assert ask(DepositAddress(), toy(rows[1:], ["D"], [hot("H")]))[0]["grade"] == "C"


def test_uncovered_and_left_out_rows_prove_nothing() -> None:
    known = [hot("H")]
    assert ask(DepositAddress(), toy(SWEEPS, ["u"], known)) == []
    left_out = [replace(t, excluded="spam") if t.src == "D" else t for t in moves(SWEEPS)]
    covered = [Coverage(chain=CHAIN, address="D")]
    assert ask(DepositAddress(), ledger(left_out, labels=known, coverage=covered)) == []
    fee = [*moves(SWEEPS), replace(*moves([("D", None, 50)]), kind="fee")]
    found = ask(DepositAddress(), ledger(fee, labels=known, coverage=covered))
    assert [r["grade"] for r in found] == ["C"]


def test_a_range_of_blocks_is_nobodys_history() -> None:
    whole = toy(SWEEPS, [None], [hot("H")])
    part = toy(SWEEPS, [None], [hot("H")], since=datetime(2024, 1, 1, tzinfo=UTC))
    assert brief(ask(DepositAddress(), whole)) == [("D", "C", "Exchange", "H")]
    assert ask(DepositAddress(), part) == []


def test_amounts_beyond_64_bits_are_exact() -> None:
    big = 2**255
    rows: list[Row] = [("D", "H", big), ("D", "H", big - 1), ("D", "H", 2**63 - 1), ("D", "H", 2**63 - 1)]
    found = ask(DepositAddress(), toy(rows, ["D"], [hot("H")]))
    assert json.loads(found[0]["params"])["swept"] == str(sum(r[2] for r in rows))
    nearly: list[Row] = [("D", "H", 95 * 2**200 - 1), ("D", "H", 1), ("D", "x", 5 * 2**200)]
    assert len(ask(DepositAddress(), toy(nearly, ["D"], [hot("H")]))) == 1
    nearly[1] = ("D", "x", 1)
    assert ask(DepositAddress(), toy(nearly, ["D"], [hot("H")])) == []


FAN: list[Row] = [("A", "K", 10), ("B", "K", 10), ("C", "K", 10)]


def test_three_sweeping_addresses_make_a_hub() -> None:
    found = ask(Hub(), toy(FAN, ["A", "B", "C"]))
    assert [(r["address"], r["grade"], r["asset"]) for r in found] == [("K", "E", None)]
    assert found[0]["transactions"] == ["T1", "T2", "T3"]
    assert json.loads(found[0]["params"]) == {"assets": {COIN: "30"}, "senders": 3, "transfers": 3}


@pytest.mark.parametrize(
    ("more", "known", "said"),
    [
        ([], [], "3 addresses whose history is here paid it 3 times. 3 of them sent at least 95 % of"),
        ([], [], "in one asset to it. Behaviour"),
        ([("C", "H", 1)], [hot("H")], "to it and to wallets of services that labels name. Behaviour"),
        ([("D", "H", 9)], [hot("H")], "in one asset to it. Behaviour"),
        ([("D", "K", 1), ("D", "x", 9)], [], "4 addresses whose history is here paid it 4 times. 3 of them sent"),
        (
            [("C", "Q", 10), ("D", "Q", 10), ("E", "Q", 10)],
            [],
            "to it and to other hubs like it. Behaviour",
        ),
    ],
)
def test_a_hub_is_said_to_be_what_was_counted(more: list[Row], known: list[Assertion], said: str) -> None:
    """Of services only where one of those addresses does pay a wallet that a label names."""
    found = ask(Hub(), toy([*FAN, *more], list("ABCDE"), known))
    assert said in next(row["note"] for row in found if row["address"] == "K")


@pytest.mark.parametrize(
    ("rows", "covered", "known"),
    [
        pytest.param(FAN[:2] * 2, "ABC", [], id="two senders"),
        pytest.param(FAN, "AB", [], id="two covered senders"),
        pytest.param(FAN, "ABCK", [], id="its own history is here"),
        pytest.param(FAN, "ABC", [hot("K")], id="labelled"),
        pytest.param([*FAN, ("C", "x", 1)], "ABC", [], id="one of them does not sweep"),
        pytest.param([*FAN[:2], ("C", "K", 0)], "ABC", [], id="a zero-value look-alike"),
    ],
)
def test_no_hub(rows: list[Row], covered: str, known: list[Assertion]) -> None:
    assert ask(Hub(), toy(rows, list(covered), known)) == []


def test_a_candidate_that_falls_takes_those_it_held_up() -> None:
    """Q does not sweep, so M has two sweepers and falls; then R, half to M and half to K, sweeps no more."""
    rows: list[Row] = [*FAN, ("P", "M", 10), ("Q", "M", 1), ("Q", "x", 10), ("R", "M", 5), ("R", "K", 5)]
    made = toy(rows, list("ABCPQR"))
    assert [r["address"] for r in ask(Hub(), made)] == ["K"]
    assert json.loads(ask(Hub(), made)[0]["params"])["senders"] == 4


MIXED = toy([*FAN, ("D", "H", 60), ("D", "H", 20), ("D", "K", 20)], "ABCD", [hot("H")])


class TestHubConformance(HeuristicKit):
    heuristic = Hub()
    evidence = MIXED


class TestDepositConformance(HeuristicKit):
    heuristic = DepositAddress()
    evidence = MIXED


def test_too_many_destinations_are_no_sweep() -> None:
    names = [f"K{n}" for n in range(6)]
    rows: list[Row] = [(who, k, 10) for who in "ABC" for k in names]
    assert ask(Hub(), toy(rows, list("ABC"))) == []
    assert len(ask(Hub(), toy(rows, list("ABC")), destinations=6)) == 6


def test_service_and_hub_share_an_address() -> None:
    rows: list[Row] = [*FAN, ("D", "H", 60), ("D", "H", 20), ("D", "K", 20)]
    found = ask(DepositAddress(), toy(rows, list("ABCD"), [hot("H")]))
    expected = [("A", "E", "", "K"), ("B", "E", "", "K"), ("C", "E", "", "K")]
    assert brief(found) == [*expected, ("D", "D", "Exchange", "H"), ("D", "E", "", "K")]
    assert [json.loads(r["params"])["swept"] for r in found[3:]] == ["80", "20"]


def test_a_trace_of_a_service_names_nobody() -> None:
    rows: list[Row] = [*FAN, ("D", "H", 5), ("D", "K", 95)]
    found = ask(DepositAddress(), toy(rows, list("ABCD"), [hot("H")]))
    assert brief(found)[3:] == [("D", "E", "", "K")]


def test_an_empty_ledger() -> None:
    assert [ask(h, toy([], [])) for h in recover_heuristics()] == [[] for _ in recover_heuristics()]


def test_scope_limits_what_is_asserted() -> None:
    made = toy(FAN, list("ABC"))
    found = list(DepositAddress().assertions(made, Scope(addresses=frozenset({"B"}))))
    assert [r["address"] for b in found for r in b.tables()["assertions"].to_pylist()] == ["B"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_and_hubs_equal_a_plain_count(seed: int) -> None:
    """The columns against loops over dictionaries, on random ledgers with amounts of all sizes."""
    draw = np.random.default_rng(seed)
    names = [f"a{n}" for n in range(12)]
    sizes = [1, 10, 2**40, 2**63 - 1, 2**70, 2**200]
    rows: list[Row] = [
        (names[draw.integers(12)], names[draw.integers(12)], sizes[draw.integers(6)]) for _ in range(60)
    ]
    covered = names[:7]
    plain: dict[tuple[str | None, str | None], int] = {}
    for src, dst, value in rows:
        if src != dst:
            plain[src, dst] = plain.get((src, dst), 0) + value
    made = toy(rows, covered)
    found = edges(made.transfers())
    text = [str(n).removeprefix(f"{CHAIN}:") for n in found.nodes.to_pylist()]
    sums = {(text[s], text[d]): v for s, d, v in zip(found.src, found.dst, found.value, strict=True)}
    assert sums == plain
    mask = hubs(Field.of(made), Limits(fan_in=2, share=60, destinations=2))
    assert {text[n] for n in np.flatnonzero(mask)} == _slow_hubs(plain, set(covered), 2, 60, 2)


def _slow_hubs(
    plain: Mapping[tuple[str | None, str | None], int], covered: set[str], fan_in: int, share: int, most: int
) -> set[str | None]:
    left = {d for _, d in plain if d not in covered}
    while True:
        sweeping = set()
        for who in covered:
            out = sum(v for (s, _), v in plain.items() if s == who)
            best = sorted((v for (s, d), v in plain.items() if s == who and d in left), reverse=True)[:most]
            if out and sum(best) * 100 >= out * share:
                sweeping.add(who)
        kept = {h for h in left if len({s for s, d in plain if d == h and s in sweeping}) >= fan_in}
        if kept == left:
            return kept
        left = kept


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["deposit-address", "hub"])
def test_a_million_rows_in_seconds(kind: Literal["deposit-address", "hub"]) -> None:
    """A bound far above what is measured (about two seconds), so that only a lost vectorisation breaks it."""
    size = 1_000_000
    draw = np.random.default_rng(7)
    src = pa.array(np.char.add("a", draw.integers(0, 200_000, size).astype(str)))
    dst = pa.array(np.char.add("a", draw.integers(0, 200_000, size).astype(str)))
    text = {"chain": CHAIN, "asset": COIN, "kind": "transfer"}
    columns = {k: pa.array(np.full(size, v)) for k, v in text.items()}
    columns |= {
        "seq": pa.array(range(size), pa.int64()),
        "tx": src,
        "src": src,
        "dst": dst,
        "excluded": pa.nulls(size, pa.string()),
    }
    columns |= {"amount": pa.array(draw.integers(1, 2**50, size)), "wide": pa.nulls(size, pa.binary(33))}
    made = pa.table(columns)

    small = toy([], [f"a{n}" for n in range(1000)], [hot(f"a{n}") for n in range(5000, 9000)])
    large = replace(small, moved=made)
    heuristic: Heuristic = DepositAddress() if kind == "deposit-address" else Hub()
    begun = time.process_time()
    ask(heuristic, large)
    assert time.process_time() - begun < 20
