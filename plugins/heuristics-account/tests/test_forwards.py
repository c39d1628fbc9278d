"""Deposit addresses by single forwards and by flushes of contracts: the borders of the rules (T4.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import Assertion, Coverage, Event, Grade, Heuristic, Scope, State
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.flushes import ContractForwarder
from recover_heuristics_account.forwards import DepositForward, Forward, Move, confidence, forwards

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
TOKEN = f"{CHAIN}/erc20:0x{'a' * 40}"
WEI, ETHER = 10**16, 10**18  # a hundredth of a coin, and a coin
Row = tuple[str, str, int, int]  # source, destination, amount, height


def hot(address: str, service: str = "Exchange", grade: Grade = "B", role: str = "hot-wallet") -> Assertion:
    about = {"kind": "label", "chain": CHAIN, "method": "m", "version": "1"}
    return Assertion(address=address, grade=grade, service=service, role=role, **about)  # type: ignore[arg-type]


def made(rows: Iterable[Row], asset: str = COIN, known: Iterable[Assertion] = (), **more: Any) -> Rows:
    moves = [Transfer(src=s, dst=d, amount=a, asset=asset, chain=CHAIN, height=h) for s, d, a, h in rows]
    return ledger(moves, labels=[hot("H"), *known], **more)


def ask(heuristic: Heuristic, found: Rows, **parameters: int) -> list[dict[str, Any]]:
    batches = heuristic.assertions(found, Scope(parameters=parameters))
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


@pytest.mark.parametrize(
    ("asset", "kept", "blocks", "fires"),
    [
        pytest.param(COIN, 0, 100, True, id="nothing kept"),
        pytest.param(COIN, WEI, 100, True, id="0.01 kept"),
        pytest.param(COIN, WEI + 10**11, 100, False, id="0.0100001 kept"),
        pytest.param(COIN, WEI + 1, 100, False, id="one base unit more"),
        pytest.param(COIN, -1, 100, False, id="more went out than came in"),
        pytest.param(COIN, 0, 3200, True, id="3,200 blocks"),
        pytest.param(COIN, 0, 3201, False, id="3,201 blocks"),
        pytest.param(COIN, 0, 0, True, id="in one block"),
        pytest.param(TOKEN, 0, 100, True, id="a token, exactly"),
        pytest.param(TOKEN, 1, 100, False, id="a token, all but one base unit"),
        pytest.param("tron:1/slip44:195", 1, 100, False, id="a coin of another kind"),
    ],
)
def test_borders(asset: str, kept: int, blocks: int, fires: bool) -> None:
    rows: list[Row] = [("u", "D", ETHER + kept, 1000), ("D", "H", ETHER, 1000 + blocks)]
    assert len(ask(DepositForward(), made(rows, asset))) == fires


def test_a_border_of_rounding_divides_no_pair() -> None:
    """0.0500001 came in and 0.0499999 went out: rounded to 0.1 they are 0.1 and 0.0."""
    rows: list[Row] = [("u", "D", 50_000_100 * 10**9, 5), ("D", "H", 49_999_900 * 10**9, 6)]
    assert len(ask(DepositForward(), made(rows))) == 1


def test_what_it_says() -> None:
    rows: list[Row] = [("u", "D", ETHER, 5), ("D", "H", ETHER - 7, 6), ("v", "D", 9, 7), ("D", "H", 9, 8)]
    (row,) = ask(DepositForward(), made(rows))
    assert (row["kind"], row["address"], row["service"], row["other"], row["asset"], row["grade"]) == (
        "deposit-address",
        "D",
        "Exchange",
        "H",
        COIN,
        "C",
    )
    assert row["transactions"] == ["T2", "T4"]
    params = json.loads(row["params"])
    assert params.pop("confidence_ppm") == 999_843
    assert params == {
        "hot_wallets": ["H"],
        "inflow": str(ETHER + 9),
        "senders": 2,
        "sweeps": 2,
        "swept": str(ETHER + 2),
    }


def test_the_published_example_of_confidence() -> None:
    one = Forward(blocks=100, kept=WEI // 5, amount=1, hot=1, user=2, tx="T")
    assert confidence(one, blocks=3200, gas=WEI) == 884_375


TWICE: list[Row] = [("u", "D", 5, 1), ("D", "H", 5, 2), ("u", "D", 7, 3), ("D", "H", 7, 4)]
BOTH: list[Row] = [*TWICE, ("u", "D", 8, 5), ("D", "J", 8, 6)]


def code(size: int) -> State:
    return State(kind="code", chain=CHAIN, address="D", amount=size)


@pytest.mark.parametrize(
    ("rows", "known", "more", "grade"),
    [
        pytest.param(TWICE, [], {}, "C", id="two forwards"),
        pytest.param(TWICE[:2], [], {}, "D", id="one forward"),
        pytest.param(TWICE, [hot("H", "Other", "D")], {}, "D", id="contested by a weak label"),
        pytest.param(BOTH, [hot("J", "Other")], {}, None, id="to two services"),
        pytest.param(TWICE, [hot("D", role="contract")], {}, None, id="a service's own address"),
        pytest.param(TWICE, [], {"states": [code(9)]}, None, id="a contract"),
        pytest.param(TWICE, [], {"states": [code(0)]}, "C", id="a key's account"),
        pytest.param(
            TWICE, [], {"coverage": [Coverage(chain=CHAIN, address="D")]}, None, id="its history is here"
        ),
        pytest.param([("u", "D", 5, 2), ("D", "x", 5, 3)], [], {}, None, id="to nobody known"),
        pytest.param([("D", "H", 5, 2), ("u", "D", 5, 3)], [], {}, None, id="paid before it was paid"),
        pytest.param([("H", "D", 5, 2), ("D", "H", 5, 3)], [], {}, None, id="the service's own money"),
    ],
)
def test_ladder(rows: list[Row], known: list[Assertion], more: dict[str, Any], grade: str | None) -> None:
    assert [r["grade"] for r in ask(DepositForward(), made(rows, known=known, **more))] == (
        [] if grade is None else [grade]
    )


def test_one_inflow_serves_one_forward() -> None:
    rows: list[Row] = [("u", "D", 5, 1), ("D", "H", 5, 2), ("D", "H", 5, 3)]
    (row,) = ask(DepositForward(), made(rows))
    assert json.loads(row["params"])["sweeps"] == 1


def test_a_miner_is_no_customer() -> None:
    reward = Transfer(src=None, dst="D", amount=5, asset=COIN, chain=CHAIN, kind="reward", height=1)
    moves = [Transfer(src=s, dst=d, amount=a, asset=COIN, chain=CHAIN, height=h) for s, d, a, h in TWICE]
    assert ask(DepositForward(), ledger([reward, *moves], labels=[hot("H")])) == []


def test_poison_and_what_has_no_height_say_nothing() -> None:
    """T4.3: a transfer that is left out is no inflow."""
    moves = [Transfer(src=s, dst=d, amount=a, asset=COIN, chain=CHAIN, height=h) for s, d, a, h in TWICE]
    out = [Transfer(src=m.src, dst=m.dst, amount=m.amount, asset=COIN, chain=CHAIN, height=m.height,
                    excluded="address poisoning" if m.dst == "D" else None) for m in moves]  # fmt: skip
    assert ask(DepositForward(), ledger(out, labels=[hot("H")])) == []
    bare = [Transfer(src=m.src, dst=m.dst, amount=m.amount, asset=COIN, chain=CHAIN) for m in moves]
    assert ask(DepositForward(), ledger(bare, labels=[hot("H")])) == []


MOVES = st.lists(
    st.tuples(st.booleans(), st.integers(1, 12), st.integers(0, 4)), min_size=1, max_size=25
)  # out or in, amount, blocks since the one before


@settings(max_examples=300, deadline=None)
@given(MOVES, st.integers(0, 3), st.integers(0, 6))
def test_the_index_finds_what_a_plain_search_finds(
    rows: Sequence[tuple[bool, int, int]], gas: int, blocks: int
) -> None:
    height = 0
    came: list[Move] = []
    went: list[Move] = []
    for seq, (out, amount, step) in enumerate(rows):
        height += step
        (went if out else came).append(Move(height=height, seq=seq, amount=amount, other=seq, tx=f"T{seq}"))
    found = [(f.tx, f.user) for f in forwards(came, went, blocks=blocks, gas=gas)]
    used: set[int] = set()
    expected = []
    for out_move in went:
        fits = [
            m
            for m in came
            if m.seq < out_move.seq
            and m.seq not in used
            and out_move.height - m.height <= blocks
            and 0 <= m.amount - out_move.amount <= gas
        ]
        if fits:
            best = min(fits, key=lambda m: (m.amount, m.seq))
            used.add(best.seq)
            expected.append((out_move.tx, best.other))
    assert found == expected


def flush(tx: str, src: str, dst: str, amount: int, caller: str = "clerk", asset: str = TOKEN) -> Transfer:
    return Transfer(
        src=src, dst=dst, amount=amount, asset=asset, chain=CHAIN, tx=tx, height=int(tx[1:]),
        facts=json.dumps({"from": caller, "to": "desk"}),
    )  # fmt: skip


def created(*names: str) -> list[Event]:
    about = {"kind": "create", "chain": CHAIN, "tx": "T0", "contract": "desk", "address": "desk"}
    return [Event(other=name, **about) for name in names]  # type: ignore[arg-type]


FLUSHES = [flush("T1", "F", "H", 5), flush("T2", "F", "H", 6), flush("T2", "G", "H", 1)]


def test_a_contract_that_one_caller_flushes_to_a_service_is_a_deposit_address() -> None:
    found = ask(ContractForwarder(), ledger(FLUSHES, labels=[hot("H")], events=created("F", "G")))
    assert [(r["address"], r["grade"], r["service"]) for r in found] == [
        ("F", "C", "Exchange"),
        ("G", "D", "Exchange"),
    ]
    assert json.loads(found[0]["params"]) == {
        "caller": "clerk",
        "hot_wallets": ["H"],
        "siblings": 2,
        "sweeps": 2,
        "swept": "11",
    }
    assert found[0]["transactions"] == ["T1", "T2"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([flush("T3", "F", "x", 1)], id="it pays somebody else too"),
        pytest.param([flush("T3", "F", "H", 1, caller="another")], id="two callers"),
        pytest.param([flush("T3", "F", "J", 1)], id="two services"),
    ],
)
def test_a_contract_that_does_anything_else_is_none(more: list[Transfer]) -> None:
    known = [hot("H"), hot("J", "Other")]
    found = ask(ContractForwarder(), ledger([*FLUSHES, *more], labels=known, events=created("F", "G")))
    assert [r["address"] for r in found] == ["G"]


def test_an_account_of_a_key_and_a_known_history_are_left_to_other_rules() -> None:
    assert ask(ContractForwarder(), ledger(FLUSHES, labels=[hot("H")])) == []
    whole = [Coverage(chain=CHAIN, address=name) for name in "FG"]
    made_here = ledger(FLUSHES, labels=[hot("H")], events=created("F", "G"), coverage=whole)
    assert ask(ContractForwarder(), made_here) == []


class TestForwardConformance(HeuristicKit):
    heuristic = DepositForward()
    evidence = made([*TWICE, ("x", "y", 1, 9)])


class TestFlushConformance(HeuristicKit):
    heuristic = ContractForwarder()
    evidence = ledger(FLUSHES, labels=[hot("H")], events=created("F", "G"))
