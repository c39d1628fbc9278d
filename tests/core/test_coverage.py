"""Whose history is here: by chain, asset and sub-account, in a range, and less what an index lists unshown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recover.ledger import coverage
from recover.ledger.coverage import Claim, Covered, Moved

A, B = ("eip155:1", "0xa"), ("eip155:56", "0xa")
COIN, TOKEN = "eip155:1/slip44:60", "eip155:1/erc20:0xt"
EARLY, LATE = datetime(2022, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)
WHOLE: dict[str, Any] = dict.fromkeys(("asset", "account", "since", "until", "since_height", "until_height"))


def claim(**more: Any) -> Claim:
    return Claim(**{**WHOLE, **more})


def covered(
    *claims: Claim, place: tuple[str, str] = A, unshown: tuple[tuple[str, str], ...] = (), moved: Any = None
) -> Covered:
    return Covered(claims={place: claims}, moved=moved or {}, unshown=frozenset(unshown))


def test_a_claim_counts_on_its_own_chain_alone() -> None:
    here = covered(claim())
    assert here.whole("0xa", COIN)
    assert not here.whole("0xa", "eip155:56/slip44:714")
    assert here.claimed(*A)
    assert not here.claimed(*B)


def test_a_claim_of_one_asset_says_nothing_of_another() -> None:
    here = covered(claim(asset=TOKEN))
    assert here.whole("0xa", TOKEN)
    assert not here.whole("0xa", COIN)


def test_a_chain_wide_claim_is_of_that_chain() -> None:
    here = covered(claim(), place=("eip155:1", ""))
    assert here.everywhere(COIN)
    assert not here.everywhere("eip155:56/slip44:714")


@pytest.mark.parametrize(
    ("time", "counts"),
    [
        (datetime(2022, 6, 1, tzinfo=UTC), True),
        (datetime(2024, 6, 1, tzinfo=UTC), False),
        (None, False),
    ],
)
def test_a_bounded_claim_counts_while_nothing_outside_is_known(time: datetime | None, counts: bool) -> None:
    moved = {(*A, COIN): Moved(times=((time, None),))}
    here = covered(claim(since=EARLY, until=LATE), moved=moved)
    assert here.whole("0xa", COIN) is counts
    assert here.until("0xa", COIN) == (LATE if counts else None)
    assert "2022-01-01T00:00:00Z to 2023-01-01T00:00:00Z" in here.why_not(*A)


def test_what_an_index_lists_unshown_takes_a_claim_back() -> None:
    here = covered(claim(), unshown=(A,))
    assert not here.whole("0xa", COIN)
    assert "no exhibit shows" in here.why_not(*A)
    assert not covered(claim(), place=("eip155:1", ""), unshown=(A,)).whole("0xa", COIN)


def test_sub_accounts_have_to_be_claimed_one_by_one() -> None:
    moved = {(*A, TOKEN): Moved(times=((EARLY, None),), accounts=frozenset({"x", "y"}))}
    assert not covered(claim(account="x"), moved=moved).whole("0xa", TOKEN)
    assert covered(claim(account="x"), claim(account="y"), moved=moved).whole("0xa", TOKEN)


TICK = timedelta(milliseconds=1)


@pytest.mark.parametrize(("hole", "whole"), [(TICK, True), (TICK * 0, True), (TICK * -9, True), (2 * TICK, False)])
def test_a_history_in_two_parts_is_whole_only_without_a_hole(hole: timedelta, whole: bool) -> None:
    row = {"chain": A[0], "address": A[1], "asset": TOKEN, **dict.fromkeys(("account", "since_height"))}
    parts = [
        {**row, "until_height": None, "since": LATE, "until": LATE + 9 * TICK},
        {**row, "until_height": None, "since": None, "until": LATE - hole},
    ]
    moved = {(*A, TOKEN): Moved(times=((EARLY, None), (LATE + TICK, None)))}
    here = Covered(claims=coverage._claims(parts), moved=moved, unshown=frozenset())
    assert here.whole(A[1], TOKEN) is whole
    assert here.until(A[1], TOKEN) == (LATE + 9 * TICK if whole else None)


def test_parts_of_two_assets_are_not_one_history() -> None:
    row = {"chain": A[0], "address": A[1], **dict.fromkeys(("account", "since_height", "until_height"))}
    parts = [
        {**row, "asset": TOKEN, "since": LATE, "until": None},
        {**row, "asset": COIN, "since": None, "until": LATE},
    ]
    moved = {(*A, what): Moved(times=((EARLY, None), (LATE + TICK, None))) for what in (TOKEN, COIN)}
    here = Covered(claims=coverage._claims(parts), moved=moved, unshown=frozenset())
    assert not here.whole(A[1], TOKEN)
    assert not here.whole(A[1], COIN)
