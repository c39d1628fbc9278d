"""Whose history is here: by chain, asset and sub-account, in a range, and less what an index lists unshown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.core.test_statements import USDT, Tool, tx, who

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


USDC = "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


def _of(asset: str, symbol: str, moves: list[tuple[int, str, str]], head: str) -> str:
    lines = ["#recover-transfers 1", "#source: a test", "#licence: none needed", head]
    lines.append("view,chain,tx,time,from,to,asset,amount,decimals,symbol,status")
    for n, src, dst in moves:
        row = (who("thief"), "eip155:1", tx(n), f"2022-03-{n:02d}T10:00:00.000Z", who(src), who(dst), asset)
        lines.append(",".join([*row, "5000000", "6", symbol, "ok"]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("narrow", [True, False])
def test_an_export_of_one_token_makes_that_token_s_history_whole_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], narrow: bool
) -> None:
    tool = Tool(tmp_path, capsys)
    claim = "#history: complete\n#until: 2022-04-01T00:00:00Z" + (f"\n#asset: {USDT}" if narrow else "")
    tool.open(
        _of(USDT, "USDT", [(1, "victim", "thief")], claim),
        _of(USDC, "USDC", [(2, "victim", "thief")], "#history: partial"),
    )
    assert tool("loss", "--tx", tx(1), "--asset", "USDT")[0] == 0
    assert tool("loss", "--tx", tx(2), "--asset", USDC)[0] == 0
    assert tool("run")[0] == 5
    found = tool.show("findings")
    assert {f["slots"]["asset"] for f in found if f["kind"] == "at-rest"} == ({USDT} if narrow else set())
    gaps = [g for g in tool.show("gaps") if g["code"] == "history-not-collected"]
    # An export that claims every asset is refuted by the other, and then shows neither whole.
    assert [g["subject"] for g in gaps] == [who("thief")] * (1 if narrow else 2)
    assert all(("in other assets alone" in g["why"]) is narrow for g in gaps)
    report = (tool.case / "out/report.md").read_text("utf-8")
    assert ("in other assets alone" in report) is narrow


@pytest.mark.parametrize("narrow", [True, False])
def test_the_address_of_a_loss_is_whole_only_in_every_asset_that_came_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], narrow: bool
) -> None:
    tool = Tool(tmp_path, capsys)
    claim = "#history: complete" + (f"\n#asset: {USDT}" if narrow else "")
    tool.open(
        _of(USDT, "USDT", [(1, "victim", "thief")], claim),
        _of(USDC, "USDC", [(2, "victim", "thief")], "#history: partial"),
    )
    assert tool("loss", "--address", who("thief"))[0] == 0
    tool("run", "--until", "find")
    said = [g["why"] for g in tool.show("gaps") if g["code"] == "history-partial"]
    assert [("Exhibits hold its history in other assets alone." in why) for why in said] == [True] * narrow
