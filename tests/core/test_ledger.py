"""Joining exhibits: the same leg once, equal legs as often as one exhibit lists them, contradictions named."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.core.scripted import COIN as NATIVE
from tests.core.scripted import spend

from recover.case import derived
from recover.case.acknowledged import Stored
from recover.ledger import Part, build
from recover.ledger.join import Tables
from recover.ledger.parts import origin
from recover.sdk import UINT256, Asset, Batch, Leg, Transaction, amounts

CHAIN = "toy:1"
COIN = f"{CHAIN}/token:coin"
OTHER = f"{CHAIN}/token:other"
COINS = NATIVE.id
LISTED = {COIN: Asset(id=COIN, symbol="COIN", decimals=2)}
START = datetime(2024, 1, 1, tzinfo=UTC)


def pay(
    tx: str,
    src: str,
    dst: str,
    amount: int,
    *,
    at: int = 0,
    view: str | None = None,
    asset: str = COIN,
    place: int = 1,
    height: int | None = None,
    failed: bool = False,
) -> Transaction:
    legs = (
        Leg(kind="transfer", address=src, asset=asset, amount=-amount, pair=0, out=True),
        Leg(kind="transfer", address=dst, asset=asset, amount=amount, pair=0, out=False),
    )
    time = START + timedelta(seconds=at)
    index = None if height is None else 0
    return Transaction(
        chain=CHAIN, id=tx, place=place, legs=legs, time=time, view=view, height=height, index=index, failed=failed
    )


def parts(folder: Path, *exhibits: Sequence[Transaction], origins: Sequence[str] = ()) -> list[Part]:
    found = []
    for number, transactions in enumerate(exhibits, start=1):
        spot = folder / str(number)
        rows = [Batch.of(t) for t in transactions]
        for name in ("transactions", "legs"):
            derived.write(spot, name, pa.concat_tables([r.tables()[name] for r in rows]))
        found.append(Part(exhibit=number, digest=f"{number:064x}", source=f"s{number}", folder=spot))
        found[-1] = replace(found[-1], origin=origins[number - 1] if origins else "")
    return found


def test_a_leg_seen_in_two_exhibits_is_one(tmp_path: Path) -> None:
    joined = build(parts(tmp_path, [pay("t", "a", "b", 5)], [pay("t", "a", "b", 5)]), LISTED, frozenset())
    assert joined.transfers.num_rows == 1
    assert joined.gaps == ()


@pytest.mark.parametrize(
    ("origins", "proof"),
    [
        (("host one.example", "host two.example"), "corroborated"),
        (("said the exchange", "said the police"), "corroborated"),
        (("host one.example", "host one.example"), "reported"),
        (("said the exchange", "host one.example"), "reported"),
        (("", ""), "reported"),
        (("", "host one.example"), "reported"),
    ],
)
def test_exhibits_corroborate_only_from_origins_that_are_known_and_differ(
    origins: tuple[str, str], proof: str, tmp_path: Path
) -> None:
    found = parts(tmp_path, [pay("t", "a", "b", 5)], [pay("t", "a", "b", 5)], origins=origins)
    for some in (found, found[::-1]):
        joined = build(some, LISTED, frozenset())
        assert joined.transactions.column("proof").to_pylist() == [proof]


@pytest.mark.parametrize(
    ("name", "said", "request_", "expected"),
    [
        ("https://api.trongrid.io/v1/accounts/T?limit=200", "", "GET x", "host trongrid.io"),
        ("https://nile.TronGrid.io./wallet", "", "GET y", "host trongrid.io"),
        ("http://127.0.0.1:40277/v1", "", "GET x", "host 127.0.0.1"),
        ("http://127.0.0.1:8545/", "", "GET x", "host 127.0.0.1"),
        ("http://[::1]:8545/", "", "GET x", "host ::1"),
        ("http://node/", "", "GET x", "host node"),
        ("http://[/", "", "GET x", ""),
        ("export.csv", "", "", ""),
        ("export.csv", " The  Exchange ", "", "said the exchange"),
    ],
)
def test_an_origin_is_the_operator_of_a_host_or_what_was_said(
    name: str, said: str, request_: str, expected: str
) -> None:
    one = Stored(
        number=1,
        digest="0" * 64,
        name=name,
        media="",
        size=0,
        method="",
        captured=START,
        sources=(),
        file="",
        offset=0,
        length=0,
        packed="",
        request=request_,
        origin=said,
    )
    assert origin(one) == expected


def test_a_transfer_seen_from_both_wallets_of_one_export_is_one(tmp_path: Path) -> None:
    both = [pay("t", "a", "b", 5, view="a", place=2), pay("t", "a", "b", 5, view="b", place=9)]
    assert build(parts(tmp_path, both), LISTED, frozenset()).transfers.num_rows == 1


def test_two_equal_legs_in_one_listing_are_two(tmp_path: Path) -> None:
    legs = pay("t", "a", "b", 5).legs
    twice = Transaction(
        chain=CHAIN,
        id="t",
        place=1,
        time=START,
        legs=(*legs, *(Leg(kind=g.kind, address=g.address, asset=g.asset, amount=g.amount, pair=1) for g in legs)),
    )
    joined = build(parts(tmp_path, [twice], [pay("t", "a", "b", 5)]), LISTED, frozenset())
    assert joined.transfers.num_rows == 2


def test_exhibits_that_disagree_on_an_amount_are_named_and_neither_is_followed(tmp_path: Path) -> None:
    one, two = [pay("t", "a", "b", 5, view="a")], [pay("t", "a", "b", 6, view="a")]
    joined = build(parts(tmp_path, one, two), LISTED, frozenset())
    assert [g.code for g in joined.gaps] == ["contradiction"]
    assert "Exhibits 1 and 2 disagree on what it moved" in joined.gaps[0].why
    assert joined.transfers.column("excluded").to_pylist() == ["contradicted", "contradicted"]


def test_a_decision_settles_a_contradiction(tmp_path: Path) -> None:
    one, two = [pay("t", "a", "b", 5, view="a")], [pay("t", "a", "b", 6, view="a")]
    joined = build(parts(tmp_path, one, two), LISTED, frozenset(), {(CHAIN, "t"): (2, None)})
    assert joined.gaps == ()
    assert joined.transfers.column("amount").to_pylist() == [6]


def test_a_decision_on_another_chain_settles_nothing_here(tmp_path: Path) -> None:
    one, two = [pay("t", "a", "b", 5, view="a")], [pay("t", "a", "b", 6, view="a")]
    joined = build(parts(tmp_path, one, two), LISTED, frozenset(), {("toy:2", "t"): (2, None)})
    assert [g.code for g in joined.gaps] == ["contradiction"]
    older = build(parts(tmp_path, one, two), LISTED, frozenset(), {(None, "t"): (2, None)})
    assert older.transfers.column("amount").to_pylist() == [6], "a decision without a chain"


def moved(joined: Tables) -> list[tuple[str, str, int]]:
    rows = joined.transfers.filter(pc.is_null(joined.transfers.column("excluded")))
    return sorted((row["src"], row["dst"], row["amount"]) for row in rows.to_pylist())


def both(view: str | None, amount: int, other: int = 3, at: int = 0) -> list[Transaction]:
    """One transaction as an exhibit lists it that shows two movements of it."""
    one = pay("t", "a", "b", amount, view=view, at=at)
    two = pay("t", "x", "y", other, view=view and "x", at=at)
    if view is None:
        return [replace(one, legs=(*one.legs, *(replace(leg, pair=1) for leg in two.legs)))]
    return [one, replace(two, place=2)]


@pytest.mark.parametrize("view", ["a", None])
@pytest.mark.parametrize("relied", [1, 2])
def test_what_only_another_exhibit_shows_and_nobody_disputes_stays(
    relied: int, view: str | None, tmp_path: Path
) -> None:
    found = parts(tmp_path, [pay("t", "a", "b", 5, view="a")], both(view, 6))
    for some in (found, found[::-1]):
        joined = build(some, LISTED, frozenset(), {(CHAIN, "t"): (relied, None)})
        assert joined.gaps == ()
        assert moved(joined) == [("a", "b", 4 + relied), ("x", "y", 3)], "of what is disputed one version alone"


def test_of_a_disputed_moment_every_leg_stays_at_that_relied_on(tmp_path: Path) -> None:
    found = parts(tmp_path, [pay("t", "a", "b", 5, view="a")], both("a", 5, at=60))
    joined = build(found, LISTED, frozenset(), {(CHAIN, "t"): (1, None)})
    assert (joined.gaps, moved(joined)) == ((), [("a", "b", 5), ("x", "y", 3)])
    assert set(joined.transfers.column("time").to_pylist()) == {START}


def test_what_others_dispute_among_themselves_stays_out(tmp_path: Path) -> None:
    found = parts(tmp_path, [pay("t", "a", "b", 5, view="a")], both("a", 6, 3), both("a", 6, 4))
    joined = build(found, LISTED, frozenset(), {(CHAIN, "t"): (1, None)})
    assert (joined.gaps, moved(joined)) == ((), [("a", "b", 5)])
    other = build(found, LISTED, frozenset(), {(CHAIN, "t"): (3, None)})
    assert moved(other) == [("a", "b", 6), ("x", "y", 4)]


def test_what_an_exhibit_relied_on_claims_whole_is_all(tmp_path: Path) -> None:
    whole = [replace(pay("t", "a", "b", 5), whole=True)]
    joined = build(parts(tmp_path, whole, both("a", 6)), LISTED, frozenset(), {(CHAIN, "t"): (1, None)})
    assert (joined.gaps, moved(joined)) == ((), [("a", "b", 5)])


@pytest.mark.parametrize(("relied", "output"), [(1, 60), (2, 61)])
def test_of_a_settled_coin_transaction_the_undisputed_side_stays(relied: int, output: int, tmp_path: Path) -> None:
    whole = spend("tpaid", [("tmint", 0, "victim", 100)], [("thief", 60), ("victim", 35)])
    (side,) = (leg for leg in whole.legs if leg.address == "thief")
    wallet = replace(whole, whole=False, view="thief", legs=(replace(side, amount=61),))
    found = parts(tmp_path, [whole], [wallet])
    assert [gap.code for gap in build(found, {}, frozenset({COINS})).gaps] == ["contradiction"]
    joined = build(found, {}, frozenset({COINS}), {("coin:1", "tpaid"): (relied, None)})
    assert [gap.code for gap in joined.gaps] == []
    rows = [(row["kind"], row["src"] or row["dst"], row["amount"]) for row in joined.transfers.to_pylist()]
    kept = [row for row in rows if row[0] != "fee"]
    assert kept == [("input", "victim", 100), ("output", "thief", output), ("output", "victim", 35)]


def test_exhibits_that_disagree_on_the_time_are_named(tmp_path: Path) -> None:
    joined = build(parts(tmp_path, [pay("t", "a", "b", 5)], [pay("t", "a", "b", 5, at=60)]), LISTED, frozenset())
    assert [(g.code, g.subject) for g in joined.gaps] == [("contradiction", "toy:1:t")]
    assert "its time" in joined.gaps[0].why


def test_two_parts_of_one_transaction_do_not_contradict(tmp_path: Path) -> None:
    one = [pay("t", "a", "b", 5, view="a")]
    two = [pay("t", "c", "d", 6, view="c"), pay("u", "c", "a", 1, view="c", at=9)]
    joined = build(parts(tmp_path, one, two), LISTED, frozenset())
    assert joined.gaps == ()
    assert joined.transfers.num_rows == 3


@pytest.mark.parametrize(
    ("payment", "why"),
    [
        (pay("t", "a", "b", 0), "zero-value"),
        (pay("t", "a", "b", 5, failed=True), "failed"),
        (pay("t", "a", "b", 5, asset=OTHER), "unlisted asset"),
        (pay("t", "a", "b", 5), None),
    ],
)
def test_what_is_left_out_of_lots_says_why(tmp_path: Path, payment: Transaction, why: str | None) -> None:
    joined = build(parts(tmp_path, [payment]), LISTED, frozenset())
    assert joined.transfers.column("excluded").to_pylist() == [why]


def test_a_loss_that_names_an_asset_lists_it(tmp_path: Path) -> None:
    joined = build(parts(tmp_path, [pay("t", "a", "b", 5, asset=OTHER)]), LISTED, frozenset({OTHER}))
    assert joined.transfers.column("excluded").to_pylist() == [None]


def test_amounts_up_to_256_bits_are_kept_exactly(tmp_path: Path) -> None:
    joined = build(
        parts(tmp_path, [pay("t", "a", "b", UINT256), pay("u", "b", "a", 2**63, at=1)]), LISTED, frozenset()
    )
    assert amounts.exact(joined.transfers) == [UINT256, 2**63]
    assert joined.gaps == ()


def test_legs_of_a_pair_that_do_not_cancel_are_a_gap(tmp_path: Path) -> None:
    legs = (
        Leg(kind="transfer", address="a", asset=COIN, amount=-5, pair=0),
        Leg(kind="transfer", address="b", asset=COIN, amount=6, pair=0),
    )
    crooked = Transaction(chain=CHAIN, id="t", place=1, legs=legs, time=START)
    joined = build(parts(tmp_path, [crooked]), LISTED, frozenset())
    assert [g.code for g in joined.gaps] == ["legs-unbalanced"]
    assert joined.transfers.column("excluded").to_pylist() == ["contradicted"]


def test_ties_are_marked_only_where_the_order_is_assumed(tmp_path: Path) -> None:
    loose = [pay("t", "a", "b", 1, at=5), pay("u", "b", "c", 1, at=5), pay("v", "a", "b", 1, at=6)]
    joined = build(parts(tmp_path, loose), LISTED, frozenset())
    assert [t is not None for t in joined.transfers.column("tie").to_pylist()] == [True, True, False]
    sure = [pay("t", "a", "b", 1, height=7), pay("u", "b", "c", 1, height=8)]
    joined = build(parts(tmp_path / "sure", sure), LISTED, frozenset())
    assert joined.transfers.column("tie").to_pylist() == [None, None]


def test_the_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    rng = random.Random(7)
    made = [pay(f"t{n}", rng.choice("abc"), rng.choice("def"), n + 1, at=n // 3, view="a") for n in range(40)]
    first, second = made[:25], made[15:]
    one = parts(tmp_path, first, second)
    again = build(list(reversed(one)), LISTED, frozenset())
    straight = build(one, LISTED, frozenset())
    assert straight.transfers.equals(again.transfers)
    assert straight.transactions.equals(again.transactions)
