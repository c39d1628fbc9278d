"""Blocks with what they spent: sums that must hold, and what is refused when they do not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.sdk import Error, amounts
from recover.testing.exhibits import rows
from recover_chain_bitcoin import decode, networks
from recover_chain_bitcoin.records import Columns, Held
from recover_chain_bitcoin.script import Lock
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import Output

REGTEST = networks.of("regtest")
SUBSIDY = 5_000_000_000
TO = b"\x00\x14" + bytes(20)


def spending(values: Sequence[int], paid: Sequence[int], created: int = SUBSIDY) -> tuple[bytes, object]:
    """A block of a coinbase and one transaction that spends `values` and pays `paid`, and what it spends."""
    first = mined.coinbase(20, mined.pays(TO, created))
    outpoints = [(f"{n + 1:064x}", n) for n in range(len(values))]
    tx = mined.spends(*outpoints, outputs=[mined.pays(TO, value) for value in paid])
    return mined.block(first, tx), ((), tuple(Output(value, TO) for value in values))


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
    st.lists(st.integers(0, 10**12), min_size=1, max_size=5),
    st.integers(0, 2 * SUBSIDY),
)
def test_a_block_is_taken_exactly_when_its_sums_can_be(values: list[int], paid: list[int], created: int) -> None:
    data, prevouts = spending(values, paid, created)
    fee = sum(values) - sum(paid)
    if fee < 0 or created > SUBSIDY + fee:
        with pytest.raises(Error) as caught:
            decode.block(REGTEST, data, prevouts=prevouts)  # type: ignore[arg-type]
        assert caught.value.code == ("more-paid-than-spent" if fee < 0 else "reward-too-large")
        return
    found = rows([decode.block(REGTEST, data, prevouts=prevouts)])  # type: ignore[arg-type]
    by_kind: dict[str, int] = {}
    for leg in found["legs"]:
        by_kind[leg["kind"]] = by_kind.get(leg["kind"], 0) + leg["amount"]
    assert by_kind == {"reward": -created, "input": -sum(values), "output": created + sum(paid)}
    assert {t["height"] for t in found["transactions"]} == {20}


def test_a_node_s_height_must_be_the_one_that_the_block_states() -> None:
    data, _ = spending([5], [5])
    with pytest.raises(Error) as caught:
        decode.block(REGTEST, data, height=21)
    assert caught.value.code == "height-differs"


def test_what_a_node_says_of_a_block_is_kept() -> None:
    data, _ = spending([5], [5])
    (row,) = rows([decode.block(REGTEST, data, tip=25, stale=True)])["blocks"]
    assert (row["tip"], row["stale"], row["sealed"], row["height"]) == (25, True, True, 20)


def test_more_than_a_column_holds_is_exact() -> None:
    """Block 74,638 created two outputs of 92 thousand million coins; their sum has 65 bits."""
    huge = 9_223_372_036_854_277_039
    data = mined.block(mined.coinbase(20, mined.pays(TO, huge), mined.pays(TO, huge)))
    legs = rows([decode.block(REGTEST, data)])["legs"]
    assert {leg["kind"]: amounts.join(leg["amount"], leg["wide"]) for leg in legs} == {
        "reward": -2 * huge,
        "output": huge,
    }


def test_a_value_may_be_known_without_its_script() -> None:
    columns = Columns(REGTEST)
    tx = mined.spends(("11" * 32, 0), ("11" * 32, 1), outputs=[mined.pays(TO, 1)])
    columns.add(tx, place=0, spent=[Held(7, Lock("p2pkh", "somebody")), None])
    found = rows([columns.batch()])
    inputs = {leg["index"]: (leg["amount"], leg["address"]) for leg in found["legs"] if leg["kind"] == "input"}
    assert inputs == {0: (-7, "somebody"), 1: (None, None)}
    assert '"inputs":["p2pkh",""]' in found["transactions"][0]["facts"]


def test_spent_outputs_of_another_transaction_are_refused() -> None:
    tx = mined.spends(("11" * 32, 0), outputs=[mined.pays(TO, 1)])
    with pytest.raises(Error) as caught:
        Columns(REGTEST).add(tx, place=0, spent=[])
    assert caught.value.code == "prevouts-differ"


def test_a_lone_transaction_is_read_with_what_it_spends() -> None:
    tx = mined.spends(("11" * 32, 0), outputs=[mined.pays(TO, 1)])
    found = rows([decode.transaction(REGTEST, tx.raw, spent=[Output(9, TO)], height=5, time=1_700_000_000)])
    (row,) = found["transactions"]
    assert (row["height"], int(row["time"].timestamp()), row["proof"]) == (5, 1_700_000_000, "self-authenticating")
    assert sorted(leg["amount"] for leg in found["legs"]) == [-9, 1]
