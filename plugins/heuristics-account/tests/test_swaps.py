"""Swaps inside one transaction: what is accepted, and all that is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import Assertion, Event, Ledger, Scope, State
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.swaps import Swap

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
A, B, C = (f"{CHAIN}/erc20:0x{c * 40}" for c in "abc")
WRAPPED = f"{CHAIN}/erc20:0x{'e' * 40}"
SELF = "0x" + "E" * 40  # the wrapped coin's contract, in another letter case
Leg = tuple[str | None, str | None, str, int]
SIMPLE: list[Leg] = [("u", "pool", A, 100), ("pool", "u", B, 7)]


def tx(
    legs: Sequence[Leg],
    *,
    whole: bool = True,
    sender: str | None = "u",
    events: Sequence[Event] = (),
    states: Sequence[State] = (),
    more: Sequence[Transfer] = (),
) -> Rows:
    """One transaction T of (source, destination, asset, amount) legs; beside it `more`."""
    facts = "{}" if sender is None else json.dumps({"from": sender})
    moved = [
        Transfer(src=s, dst=d, asset=a, amount=n, chain=CHAIN, tx="T", facts=facts, height=1)
        for s, d, a, n in legs
    ]
    made = ledger([*moved, *more], events=events, states=states)
    table = made.transactions()
    at = table.schema.get_field_index("whole")
    return replace(made, made=table.set_column(at, table.schema.field("whole"), pa.array([whole] * len(table))))


def ask(found: Ledger) -> list[dict[str, Any]]:
    batches = Swap().assertions(found, Scope())
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def told(found: Ledger) -> list[tuple[str, str | None, str, str, str]]:
    rows = [(r, json.loads(r["params"])) for r in ask(found)]
    return [
        (r["address"], r["other"], f"{p['sold']} {r['asset'][-1]}", f"{p['bought']} {p['into'][-1]}", r["grade"])
        for r, p in rows
    ]


def test_one_out_and_one_in_is_a_swap() -> None:
    (row,) = ask(tx(SIMPLE))
    assert (row["kind"], row["address"], row["asset"], row["transactions"]) == ("swap", "u", A, ["T"])
    assert json.loads(row["params"]) == {"bought": "7", "into": B, "sold": "100"}
    assert (row["grade"], row["other"], row["note"]) == ("B", None, "")


UNWRAPS: list[Leg] = [
    *[("u", "p", A, 100), ("p", "r", WRAPPED, 7)],
    *[("r", None, WRAPPED, 7), (SELF, "r", COIN, 7)],
]
HOPS: list[Leg] = [
    *[("u", "r", A, 100), ("r", "p", A, 99), ("r", "dao", A, 1)],
    *[("p", "q", C, 50), ("q", "u", B, 7)],
]
TO_SELF, TO_OTHER = (None, "100 a", "7 b", "B"), ("w", "100 a", "7 0", "C")


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        pytest.param([*SIMPLE, ("u", "pool", C, 1)], None, id="T4.7: two assets out"),
        pytest.param([*SIMPLE, ("pool", "u", C, 1)], None, id="two assets in"),
        pytest.param(SIMPLE[:1], None, id="a payment"),
        pytest.param(SIMPLE[1:], None, id="a receipt"),
        pytest.param([*SIMPLE, ("pool", "u", A, 100)], None, id="all of it came back"),
        pytest.param([*SIMPLE, ("pool", "u", A, 30)], (None, "70 a", "7 b", "B"), id="a part came back"),
        pytest.param([*SIMPLE, ("u", "dao", A, 3)], (None, "103 a", "7 b", "B"), id="a fee in the asset sold"),
        pytest.param(HOPS, TO_SELF, id="over two pools and a router that keeps a fee"),
        pytest.param([*UNWRAPS, ("r", "u", COIN, 7)], (None, "100 a", "7 0", "B"), id="a router unwraps"),
        pytest.param([*UNWRAPS, ("r", "w", COIN, 7)], TO_OTHER, id="what was bought goes to another"),
        pytest.param([("u", "p", A, 9), ("p", "w", B, 7), ("p", "x", B, 1)], None, id="to two others"),
        pytest.param([("u", "p", A, 9), ("p", "w", B, 7), ("p", "w", C, 7)], None, id="two assets to another"),
        pytest.param([("u", "v", A, 9), ("x", "w", B, 7)], None, id="two payments with nothing in common"),
        pytest.param([("u", "vault", A, 9), ("lender", "u", B, 7)], None, id="a loan against a deposit"),
        pytest.param([("u", None, A, 9), (None, "u", B, 7)], (None, "9 a", "7 b", "B"), id="burnt for minted"),
    ],
)
def test_accepted_and_refused(legs: list[Leg], expected: tuple[str | None, str, str, str] | None) -> None:
    assert told(tx(legs)) == ([] if expected is None else [("u", *expected)])


def test_a_part_of_a_transaction_is_worth_less() -> None:
    assert told(tx(SIMPLE, whole=False)) == [("u", None, "100 a", "7 b", "C")]
    hops: list[Leg] = [("u", "p", A, 100), ("q", "u", B, 7)]
    assert told(tx(hops, whole=False)) == [("u", None, "100 a", "7 b", "D")]
    assert told(tx(hops)) == []


WRAP: list[Leg] = [("u", SELF, COIN, 5), (None, "u", WRAPPED, 5)]
UNWRAP: list[Leg] = [("u", None, WRAPPED, 5), (SELF, "u", COIN, 5)]


@pytest.mark.parametrize(
    ("legs", "note"),
    [
        pytest.param(WRAP, "wrap", id="wrapped"),
        pytest.param(UNWRAP, "unwrap", id="unwrapped"),
        pytest.param([("u", SELF, COIN, 5), (SELF, "u", WRAPPED, 5)], "wrap", id="sent by the contract"),
        pytest.param([("u", SELF, COIN, 5), (None, "u", WRAPPED, 4)], "", id="not one for one"),
        pytest.param([("u", "p", COIN, 5), ("p", "u", B, 5)], "", id="by chance one for one"),
        pytest.param([("u", "p", A, 5), ("p", "u", B, 5)], "", id="of two tokens"),
    ],
)
def test_wrapping_is_named(legs: list[Leg], note: str) -> None:
    assert [row["note"] for row in ask(tx(legs))] == [note]


def test_a_fee_is_no_asset_sold() -> None:
    fee = Transfer(src="u", dst=None, asset=COIN, amount=3, chain=CHAIN, tx="T", kind="fee")
    assert told(tx(SIMPLE, more=[fee])) == [("u", None, "100 a", "7 b", "B")]


def test_who_pays_the_fee_sent_it() -> None:
    fee = Transfer(src="u", dst=None, asset=COIN, amount=3, chain=CHAIN, tx="T", kind="fee")
    assert len(told(tx(SIMPLE, sender=None, more=[fee]))) == 1
    assert told(tx(SIMPLE, sender=None)) == [], "trader and pool cannot be told apart"
    assert len(told(tx(WRAP, sender=None))) == 1, "only one address paid"


@pytest.mark.parametrize("why", ["failed", "contradicted"])
def test_what_failed_or_is_contradicted_is_no_swap(why: str) -> None:
    moved = Transfer(src="u", dst="x", asset=A, amount=1, chain=CHAIN, tx="T", excluded=why)
    assert told(tx(SIMPLE, more=[moved])) == []


def test_movements_without_value_do_not_count() -> None:
    nothing = Transfer(src="u", dst="x", asset=C, amount=0, chain=CHAIN, tx="T", excluded="zero-value")
    assert len(told(tx(SIMPLE, more=[nothing]))) == 1


def test_an_intent_settled_by_a_solver_is_refused() -> None:
    batch: list[Leg] = [("u", "settler", A, 100), ("settler", "p", A, 100)]
    batch += [("p", "settler", B, 8), ("settler", "u", B, 7)]
    assert told(tx(batch, sender="solver")) == []
    filled: list[Leg] = [("u", "filler", A, 100), ("filler", "u", B, 7)]
    spend = Event(kind="spend", chain=CHAIN, tx="T", contract=A, address="u", other="reactor", asset=A)
    assert told(tx(filled, sender="filler", events=[spend])) == [], "another's approval was used"
    person = State(kind="code", chain=CHAIN, address="u", amount=0)
    assert told(tx(filled, sender="filler", states=[person])) == [], "the other side is a person"
    assert len(told(tx(filled, sender="filler"))) == 1, "nothing in the exhibits tells it from a pool"


def test_what_a_log_alone_shows_of_a_pool_is_no_intent() -> None:
    """A pool pays by a transfer of its own; from the log it looks as if somebody moved its tokens."""
    about = {"chain": CHAIN, "tx": "T", "contract": B, "address": "pool", "other": "router", "asset": B}
    spend = Event(kind="spend", facts='{"shown":"log"}', **about)  # type: ignore[arg-type]
    assert len(told(tx(SIMPLE, events=[spend]))) == 1
    approve = Event(kind="approve", **about)  # type: ignore[arg-type]
    assert told(tx(SIMPLE, events=[spend, approve])) == [], "it approves: so it is a party"
    through: list[Leg] = [("u", "r", A, 100), ("r", "pool", A, 100), ("pool", "u", B, 7)]
    executor = replace(spend, kind="spend", facts="{}", address="r", asset=A)
    assert len(told(tx(through, events=[executor]))) == 1, "what only passes through is no party"


def test_the_senders_own_approval_is_no_intent() -> None:
    spend = Event(kind="spend", chain=CHAIN, tx="T", contract=A, address="u", other="router", asset=A)
    assert len(told(tx(SIMPLE, events=[spend]))) == 1


def test_letter_case_of_a_sender_does_not_matter() -> None:
    legs: list[Leg] = [("0xAb", "pool", A, 100), ("pool", "0xAb", B, 7)]
    assert [row["address"] for row in ask(tx(legs, sender="0xaB"))] == ["0xAb"]


AMOUNT = st.sampled_from([1, 7, 2**64, 2**255])
LEGS = st.lists(
    st.tuples(st.sampled_from(["u", "p", "q", "w", None]), st.sampled_from(["u", "p", "q", "w", None]),
              st.sampled_from([A, B, COIN]), AMOUNT).filter(lambda leg: leg[0] != leg[1]),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LEGS)
def test_what_is_asserted_is_what_the_sender_lost_and_somebody_gained(legs: list[Leg]) -> None:
    for row in ask(tx(legs)):
        params = json.loads(row["params"])
        sides = [("u", row["asset"], -int(params["sold"]))]
        sides += [(row["other"] or "u", params["into"], int(params["bought"]))]
        for who, asset, change in sides:
            into = sum(n for _, d, a, n in legs if d == who and a == asset)
            assert into - sum(n for s, _, a, n in legs if s == who and a == asset) == change
        assert int(params["sold"]) > 0
        assert int(params["bought"]) > 0


class TestConformance(HeuristicKit):
    heuristic = Swap()
    evidence = tx(SIMPLE, more=[Transfer(src="x", dst="y", asset=A, amount=1, chain=CHAIN)])


def test_the_kind_is_what_the_core_knows() -> None:
    assert Assertion.__doc__ is not None
    assert "`swap`" in Assertion.__doc__
