"""Shapes: when each speaks, what silences it, and that none names anybody or is called measured."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recover.sdk import Assertion, Coverage, Heuristic, Scope, State
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.deals import DeskShape, EscrowShape
from recover_heuristics_account.shapes import NestedService, PaymentProcessor

CHAIN = "eip155:1"
TOKEN = f"{CHAIN}/erc20:0x{'a' * 40}"
START = datetime(2026, 1, 1, tzinfo=UTC)
HOT = Assertion(
    kind="label",
    chain=CHAIN,
    address="H",
    grade="B",
    method="m",
    version="1",
    service="Exchange",
    role="hot-wallet",
)
Move = tuple[str, str, int, int]
"""Payer, payee, amount, hours after the start."""


def made(moves: list[Move], *covered: str, labels: tuple[Assertion, ...] = (), code: str = "") -> Rows:
    rows = [
        Transfer(src=s, dst=d, amount=a, asset=TOKEN, chain=CHAIN, time=START + timedelta(hours=h))
        for s, d, a, h in sorted(moves, key=lambda move: move[3])
    ]
    states = [State(kind="code", chain=CHAIN, address=code, amount=9)] if code else []
    return ledger(rows, labels=labels, coverage=[Coverage(chain=CHAIN, address=a) for a in covered], states=states)


def ask(heuristic: Heuristic, found: Rows, **parameters: int) -> list[tuple[str, dict[str, Any]]]:
    batches = heuristic.assertions(found, Scope(parameters=parameters))
    rows = [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]
    assert all((r["kind"], r["grade"], r["service"], r["label"]) == ("shape", "E", "", "") for r in rows)
    return [(r["address"], json.loads(r["params"])) for r in rows]


def nested(many: int, again: int = 1) -> list[Move]:
    came = [(f"p{n}", "D", 10, n) for n in range(many) for _ in range(again)]
    return [*came, ("D", "H", 5 * many * again, many + 1), ("D", "H", 5 * many * again, many + 2)]


def collected(many: int, payees: int = 1) -> list[Move]:
    out = [("W", f"x{n}", 10 * many // payees, many + n) for n in range(payees)]
    return [*[(f"p{n}", "W", 10, n) for n in range(many)], *out]


def escrow(deals: int, hold: int = 5, kept: int = 2) -> list[Move]:
    pairs = [
        ((f"b{n}", "M", 1000 + 10 * n, n), ("M", f"s{n}", (1000 + 10 * n) * (100 - kept) // 100, n + hold))
        for n in range(deals)
    ]
    return [move for pair in pairs for move in pair]


def desk(many: int, amount: int) -> list[Move]:
    return [
        move
        for n in range(many)
        for k in (0, 1)
        for move in ((f"c{n}", "K", amount, 4 * n + k), ("K", f"c{n}", amount, 4 * n + 2 + k))
    ]


def test_a_deposit_address_that_many_pay_may_be_a_service_of_its_own() -> None:
    found = ask(NestedService(), made(nested(50), "D", labels=(HOT,)))
    assert found == [("D", {"at": "Exchange", "once": 50, "senders": 50})]
    assert ask(NestedService(), made(nested(49), "D", labels=(HOT,))) == []
    assert ask(NestedService(), made(nested(50, again=3), "D", labels=(HOT,))) == []
    assert ask(NestedService(), made(nested(50), "D")) == [], "without a labelled wallet it is at no service"
    fan: list[Move] = [(name, "K", 10, 0) for name in ("A", "B", "C")]
    hub = made([*nested(50), *fan, ("D", "K", 2_000, 60)], *"ABCD", labels=(HOT,))
    assert ask(NestedService(), hub) == [], "most of it goes to a hub that nobody names"
    assert ask(NestedService(), made(nested(50), labels=(HOT,))) == [], "without its history nothing is said"


def test_a_wallet_that_many_pay_once_and_that_pays_few_collects() -> None:
    assert ask(PaymentProcessor(), made(collected(50), "W")) == [("W", {"once": 50, "payees": 1, "payers": 50})]
    assert ask(PaymentProcessor(), made(collected(50, payees=6), "W")) == []
    assert ask(PaymentProcessor(), made(collected(49), "W")) == []
    assert ask(PaymentProcessor(), made(collected(50))) == []
    assert ask(PaymentProcessor(), made(collected(50), "W", code="W")) == [], "a contract is no wallet"
    assert ask(PaymentProcessor(), made(nested(50), "D", labels=(HOT,))) == [], (
        "what sweeps to a service is nested"
    )


def test_value_that_is_held_and_handed_to_another_is_an_escrow() -> None:
    (row,) = ask(EscrowShape(), made(escrow(20), "M"))
    assert row == ("M", {"deals": 20, "payees": 20, "payers": 20, "payments": 20})
    assert ask(EscrowShape(), made(escrow(19), "M")) == []
    assert ask(EscrowShape(), made(escrow(20, hold=0), "M")) == [], "it was not held"
    assert ask(EscrowShape(), made(escrow(20, hold=24 * 31), "M")) == [], "it was held for too long"
    assert ask(EscrowShape(), made(escrow(20, kept=6), "M")) == [], "it keeps too much"


def test_what_goes_back_to_its_payer_is_no_escrow() -> None:
    moves = [m for n in range(25) for m in ((f"b{n}", "M", 1000 + n, n), ("M", f"b{n}", 1000 + n, n + 5))]
    assert ask(EscrowShape(), made(moves, "M")) == []


def test_a_payment_in_answers_one_payment_out() -> None:
    moves = [("b0", "M", 1000, 0), *[("M", f"s{n}", 1000, 5 + n) for n in range(30)]]
    moves += [(f"b{n}", "M", 7, 1) for n in range(1, 30)]
    assert ask(EscrowShape(), made(moves, "M")) == []


def test_round_sums_both_ways_with_the_same_partners_are_a_desk() -> None:
    assert ask(DeskShape(), made(desk(10, 50_000), "K")) == [("K", {"partners": 10, "round": 40, "transfers": 40})]
    assert ask(DeskShape(), made(desk(9, 50_000), "K")) == []
    assert ask(DeskShape(), made(desk(10, 51_234), "K")) == []
    assert ask(DeskShape(), made(desk(10, 50_000))) == []


@pytest.mark.parametrize("heuristic", [NestedService(), PaymentProcessor(), EscrowShape(), DeskShape()])
def test_a_shape_has_a_card_that_claims_no_rate(heuristic: Heuristic) -> None:
    card = heuristic.info.card
    assert card is not None
    assert (card.n, card.tp, card.fp, card.measured) == (None, None, None, "")
    assert "not measured" in heuristic.info.citation


class TestNestedConformance(HeuristicKit):
    heuristic = NestedService()
    evidence = made(nested(50), "D", labels=(HOT,))


class TestProcessorConformance(HeuristicKit):
    heuristic = PaymentProcessor()
    evidence = made(collected(50), "W")


class TestEscrowConformance(HeuristicKit):
    heuristic = EscrowShape()
    evidence = made(escrow(20), "M")


class TestDeskConformance(HeuristicKit):
    heuristic = DeskShape()
    evidence = made(desk(10, 50_000), "K")
