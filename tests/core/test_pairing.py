"""Legs that no exhibit ties: joined where one side has one address, an open end where it leaves a choice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.ledger.pairing import paired
from recover.sdk import Batch, Leg, Transaction, amounts

CHAIN = "toy:1"
COIN = "toy:1/slip44:1"


def batch(*legs: tuple[str, int], **more: Any) -> Batch:
    made = tuple(Leg(kind="transfer", address=name, asset=COIN, amount=amount, **more) for name, amount in legs)
    return Batch.of(Transaction(chain=CHAIN, id="t", place=7, legs=made))


def moves(found: Batch) -> list[tuple[str | None, str | None, int]]:
    """(payer, payee, amount) of each pair, and what stayed open with nobody on the other side."""
    assert found.legs is not None
    rows = zip(found.legs.to_pylist(), amounts.exact(found.legs), strict=True)
    pairs: dict[Any, dict[bool, tuple[str, int]]] = {}
    loose: list[tuple[str | None, str | None, int]] = []
    for row, amount in rows:
        if row["pair"] is None:
            loose.append((row["address"], None, -amount) if amount < 0 else (None, row["address"], amount))
        else:
            pairs.setdefault(row["pair"], {})[amount < 0] = (row["address"], abs(amount))
    assert all(len(sides) == 2 and sides[True][1] == sides[False][1] for sides in pairs.values())
    tied = [(s[True][0], s[False][0], s[True][1]) for s in pairs.values()]
    return sorted([*tied, *loose], key=repr)


@pytest.mark.parametrize(
    ("legs", "wanted"),
    [
        ([("a", -5), ("b", 5)], [("a", "b", 5)]),
        ([("a", -5), ("b", 2), ("c", 3)], [("a", "b", 2), ("a", "c", 3)]),
        ([("a", -2), ("b", -3), ("c", 5)], [("a", "c", 2), ("b", "c", 3)]),
        ([("a", -2), ("a", -3), ("c", 5)], [("a", "c", 5)]),
        ([("a", -9), ("b", 5)], [("a", "b", 5), ("a", None, 4)]),
        ([("a", -2), ("b", -3), ("c", 1), ("d", 4)], None),
        ([("a", -2), ("c", 5)], None),
        ([("a", -5)], None),
        ([("b", 5)], None),
    ],
)
def test_arithmetic_ties_what_it_leaves_no_choice_for(
    legs: list[tuple[str, int]], wanted: list[tuple[str | None, str | None, int]] | None
) -> None:
    found = paired(batch(*legs), [CHAIN])
    left = [(a, None, -n) if n < 0 else (None, a, n) for a, n in legs]
    assert moves(found) == sorted(wanted or left, key=repr)
    codes = [gap["code"] for gap in found.gaps.to_pylist()] if found.gaps else []
    assert codes == (["legs-unpaired"] if any(None in row for row in moves(found)) else [])


def test_what_is_tied_already_and_other_chains_stay_as_they_are() -> None:
    tied = batch(("a", -5), ("b", 5), pair=1)
    assert paired(tied, [CHAIN]).legs.equals(tied.legs)  # type: ignore[union-attr]
    other = batch(("a", -5), ("b", 5))
    assert paired(other, ["toy:2"]).legs.equals(other.legs)  # type: ignore[union-attr]


def test_the_memo_and_the_sub_accounts_of_both_sides_are_kept() -> None:
    out = Leg(kind="transfer", address="a", asset=COIN, amount=-5, account="a1")
    come = Leg(kind="transfer", address="b", asset=COIN, amount=5, account="b1", memo="77")
    found = paired(Batch.of(Transaction(chain=CHAIN, id="t", place=1, legs=(out, come))), [CHAIN])
    assert found.legs is not None
    rows = {row["address"]: row for row in found.legs.to_pylist()}
    assert (rows["a"]["account"], rows["a"]["memo"]) == ("a1", "77")
    assert (rows["b"]["account"], rows["b"]["memo"]) == ("b1", "77")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-(2**200), 2**200).filter(bool)), max_size=8))
def test_no_unit_appears_or_is_lost(legs: list[tuple[str, int]]) -> None:
    if not legs:
        return
    found = paired(batch(*legs), [CHAIN])
    assert found.legs is not None
    net: dict[str, int] = {}
    for row, amount in zip(found.legs.to_pylist(), amounts.exact(found.legs), strict=True):
        net[row["address"]] = net.get(row["address"], 0) + amount
    wanted: dict[str, int] = {}
    for name, amount in legs:
        wanted[name] = wanted.get(name, 0) + amount
    assert {k: v for k, v in net.items() if v} == {k: v for k, v in wanted.items() if v}
