"""TronGrid asked live: histories forward from a moment, page by page, and what is claimed of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from recover.sdk import Address, Arrival, Details, Error, Exhibit, History, Request, Status, TxId, ask_of
from recover.testing import Cassette, Exchange, Expected, SourceKit, Stated, exhibit
from recover_chain_tron.asks import Settled
from recover_chain_tron.chain import CHAIN, asset, register
from recover_chain_tron.shown import TRX
from recover_chain_tron.testing import made
from recover_chain_tron.testing.asking import Asking, asking, tables
from recover_chain_tron.testing.made import START, USDT, Owner
from recover_chain_tron.testing.server import Double, Fault, serving
from recover_chain_tron.trongrid import Grid

ANN, BOB, EVE = Owner("ann"), Owner("bob"), Owner("eve")
A, B, E = ANN.text, BOB.text, EVE.text
WHO = Address(chain=CHAIN, text=A)
BEGAN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def at(number: int) -> int:
    return START + 3_000 * number


GIVEN = made.coin(EVE, A, 10_000_000, at=at(0), info={"fee": 268_000})
SPENT = made.coin(ANN, B, 4_000_000, at=at(1), info={"fee": 268_000})
LOST = replace(made.call(ANN, USDT, b"", sun=5, at=at(2)), outcome="REVERT", info={"fee": 700_000})
CALLED = made.call(ANN, B, b"", sun=1_000_000, at=at(3), info={"fee": 0})
TOKENS = [made.paid(EVE, A, 100 + n, at=at(n)) for n in range(5)]
COINS = [made.coin_item(each) for each in (GIVEN, SPENT, LOST, CALLED)]
CALLS = [
    made.call_item(CALLED, 1, B, A, 30),
    made.call_item(CALLED, 2, B, A, 999, note="delegateResourceOfEnergy"),
]
HELD = 10_000_000 - 4_268_000 - 700_000 - 1_000_000 + 30


def double(**more: Any) -> Double:
    given: dict[str, Any] = {
        "made": [GIVEN],
        "coins": {A: COINS},
        "calls": {A: CALLS},
        "tokens": {A: [item for each in TOKENS for item in made.token_items(each)]},
        "accounts": {A: {"address": A, "balance": HELD - 7, "frozenV2": [{"amount": 7}, {"type": "ENERGY"}]}},
    }
    return Double(**{**given, **more})


def ask(server: Double, wanted: History) -> Asking:
    """The recorder after the question was put."""
    with asking(server) as recorder:
        list(Grid().collect(wanted, recorder))
        return recorder


def decoded(found: Sequence[Exhibit]) -> dict[str, list[dict[str, Any]]]:
    return tables(Grid(), found)


def _held() -> Cassette:
    with asking(double()) as recorder:
        list(Grid().collect(Status(address=WHO), recorder))
    base = "https://api.trongrid.io"
    exchanges = [
        Exchange(request=replace(e.asked, url=e.asked.url.replace(recorder.endpoint, base)), answer=e.data)
        for e in recorder.kept
        if e.asked
    ]
    return Cassette(exchanges=tuple(exchanges), endpoint=base)


def _recorded() -> tuple[tuple[Any, Cassette], ...]:
    """Two pages of tokens, and all else, as the double gave them; the address is that of a fixed place."""
    found = ask(double(largest=3), History(address=WHO))
    place = found.endpoint

    def there(url: str) -> str:
        return url.replace(place, "https://api.trongrid.io")

    exchanges = tuple(
        Exchange(request=replace(each.asked, url=there(each.asked.url)), answer=each.data)
        for each in found.kept
        if each.asked
    )
    body = f'{{"value":"{GIVEN.id}"}}'.encode()
    key = (("TRON-PRO-API-KEY", "{trongrid-key}"),)
    base, note = "https://api.trongrid.io/walletsolidity", "kind=TransferContract&owner=" + E + "&to=" + A
    one = (
        Exchange(
            request=Request(url=f"{base}/gettransactionbyid", method="POST", headers=key, body=body),
            answer=json.dumps(GIVEN.body()).encode(),
        ),
        Exchange(
            request=Request(
                url=f"{base}/gettransactioninfobyid#{note}&amount=10000000", method="POST", headers=key, body=body
            ),
            answer=json.dumps(GIVEN.receipt()).encode(),
        ),
    )
    there_ = "https://api.trongrid.io"
    return (
        (History(address=WHO), Cassette(exchanges=exchanges, endpoint=there_)),
        (Details(tx=TxId(chain=CHAIN, text=GIVEN.id)), Cassette(exchanges=one, endpoint=there_)),
        (Settled(tx=TxId(chain=CHAIN, text=GIVEN.id)), Cassette(exchanges=one, endpoint=there_)),
        (Status(address=WHO), _held()),
    )


RECORDED = _recorded()
PAGES = [exhibit(e.request.url, e.answer, asked=e.request) for e in RECORDED[0][1].exchanges]
COIN_PAGE = next(p for p in PAGES if "/transactions?" in p.name)
EMPTY = b'{"data":[],"success":true,"meta":{"at":1700000000000}}'
CALL_PAGE = next(p for p in PAGES if "/internal-transactions?" in p.name)


class TestConformance(SourceKit):
    source = Grid()
    examples = tuple(PAGES)
    expected = (
        Expected(
            example=COIN_PAGE,
            taken="The orders and their fees, by hand.",
            transactions=(
                Stated(
                    id=GIVEN.id,
                    nets={(E, TRX): -10_268_000, (A, TRX): 10_000_000, (None, TRX): 268_000},
                    time=BEGAN,
                    height=50_000_000,
                ),
                Stated(id=LOST.id, nets={(A, TRX): -700_000, (None, TRX): 700_000}, failed=True),
            ),
        ),
        Expected(
            example=CALL_PAGE,
            taken="The one call that pays; what is lent does not move.",
            transactions=(Stated(id=CALLED.id, nets={(B, TRX): -30, (A, TRX): 30}),),
        ),
        Expected(
            example=PAGES[0],
            taken="The logs by hand.",
            transactions=(Stated(id=TOKENS[0].id, nets={(E, asset(USDT)): -100, (A, asset(USDT)): 100}),),
            decimals={asset(USDT): 6},
        ),
        Expected(
            example=PAGES[-1],
            taken="The account's free balance.",
            rows={"states": ({"kind": "balance", "address": A, "asset": TRX, "amount": HELD - 7},)},
        ),
    )
    recorded = RECORDED
    empty = (exhibit(COIN_PAGE.name, EMPTY, asked=COIN_PAGE.asked),)
    refused = (exhibit("https://api.trongrid.io/wallet/gettransactionbyid", b"<html>busy</html>"),)


def test_a_history_of_everything_is_three_lists_and_the_account() -> None:
    found = ask(double(), History(address=WHO))
    assert [each.name.split("/")[-1].partition("?")[0].partition("#")[0] for each in found.kept] == [
        "trc20",
        "transactions",
        "internal-transactions",
        "getaccount",
    ]
    claimed = {c["asset"] for c in decoded(found.kept)["coverage"]}
    assert claimed == {TRX, *register()}


def test_the_coin_is_claimed_only_where_the_lists_add_up_to_what_is_held() -> None:
    short = double(calls={})
    found = decoded(ask(short, History(address=WHO, asset=TRX)).kept)
    assert found["coverage"] == []
    assert [(g["code"], str(HELD) in g["why"]) for g in found["gaps"]] == [("coin-history-differs", True)]


def test_a_history_begins_at_the_moment_that_was_asked_for() -> None:
    since = BEGAN + timedelta(seconds=6)
    found = ask(double(), History(address=WHO, asset=asset(USDT), since=since))
    assert f"min_timestamp={at(2)}" in found.kept[0].name
    assert len(decoded(found.kept)["transactions"]) == 3
    (claim,) = decoded(found.kept)["coverage"]
    assert (claim["asset"], claim["since"]) == (asset(USDT), since)


def test_what_is_claimed_ends_where_the_settled_blocks_end() -> None:
    early = double(at=at(3))
    (claim,) = decoded(ask(early, History(address=WHO, asset=asset(USDT))).kept)["coverage"]
    assert claim["until"] == BEGAN + timedelta(seconds=12)  # the newest transfer shown; the clock says less
    none = double(tokens={}, at=at(100))
    (claim,) = decoded(ask(none, History(address=WHO, asset=asset(USDT))).kept)["coverage"]
    assert claim["until"] == BEGAN + timedelta(seconds=300 - 120)


def test_what_is_not_settled_is_used_at_once_said_and_asked_again() -> None:
    found = decoded(ask(double(at=at(3)), History(address=WHO, asset=asset(USDT))).kept)
    assert len(found["transactions"]) == 5
    assert {(g["code"], ask_of(g["fill"])) for g in found["gaps"]} == {
        ("not-solid", Settled(tx=TxId(chain=CHAIN, text=each.id))) for each in TOKENS
    }
    many = [item for n in range(30) for item in made.token_items(made.paid(EVE, A, n + 1, at=at(n)))]
    crowd = decoded(ask(double(tokens={A: many}, at=at(30)), History(address=WHO, asset=asset(USDT))).kept)
    assert [g["fill"] is None for g in crowd["gaps"]] == [False] * 20 + [True]
    assert "10 more" in crowd["gaps"][-1]["why"]


def test_a_full_page_of_the_last_minutes_is_asked_again() -> None:
    server = double(largest=2, at=at(5))
    with asking(server) as recorder:
        for _ in range(2):
            list(Grid().collect(History(address=WHO, asset=asset(USDT)), recorder))
    assert len(server.asked) == 6


def test_pages_follow_each_other_and_none_is_lost() -> None:
    many = [item for n in range(7) for item in made.token_items(made.paid(EVE, A, n + 1, at=at(n)))]
    found = ask(double(tokens={A: many[::-1]}, largest=2), History(address=WHO, asset=asset(USDT)))
    assert len(found.kept) == 4
    tables = decoded(found.kept)
    assert sorted(leg["amount"] for leg in tables["legs"] if leg["amount"] > 0) == [1, 2, 3, 4, 5, 6, 7]
    assert len(tables["coverage"]) == 1


def test_a_history_that_was_cut_off_goes_on_where_it_stopped() -> None:
    many = [item for n in range(9) for item in made.token_items(made.paid(EVE, A, n + 1, at=at(n)))]
    server = double(tokens={A: many}, largest=2)
    wanted = History(address=WHO, asset=asset(USDT))
    with serving(server) as where:
        recorder = Asking(endpoint=where, budget=3)
        with pytest.raises(Error, match="budget"):
            list(Grid().collect(wanted, recorder))
        assert len(server.asked) == 3
        recorder.budget = 100
        list(Grid().collect(wanted, recorder))
        assert len(server.asked) == 5  # two more pages; none of the first three again
        assert len(set(server.asked)) == 5
    tables = decoded(recorder.kept)
    assert sorted(leg["amount"] for leg in tables["legs"] if leg["amount"] > 0) == list(range(1, 10))
    assert len(tables["coverage"]) == 1


def test_the_last_page_is_asked_again_when_the_history_is() -> None:
    server = double()
    wanted = History(address=WHO, asset=asset(USDT))
    with serving(server) as where:
        recorder = Asking(endpoint=where)
        list(Grid().collect(wanted, recorder))
        server.tokens = {A: [*server.tokens[A], *made.token_items(made.paid(EVE, A, 77, at=at(9)))]}
        list(Grid().collect(wanted, recorder))
    assert len(server.asked) == 2
    assert 77 in {leg["amount"] for leg in decoded(recorder.kept)["legs"]}


@pytest.mark.parametrize(("how", "code"), [("loops", "pages-loop"), ("unordered", "")])
def test_pages_that_go_round_are_an_error_and_those_out_of_order_are_all_there(how: str, code: str) -> None:
    server = double(largest=2, **{how: True})
    wanted = History(address=WHO, asset=asset(USDT))
    if not code:
        assert len(decoded(ask(server, wanted).kept)["transactions"]) == 5
        return
    with pytest.raises(Error) as caught:
        ask(server, wanted)
    assert caught.value.code == code


def test_a_page_that_comes_twice_counts_once() -> None:
    found = ask(double(largest=2, repeats=True), History(address=WHO, asset=asset(USDT)))
    shown = {leg["amount"] for leg in decoded(found.kept)["legs"]}
    assert {100, 101, 102, 103, 104} <= shown
    assert len(decoded(found.kept)["coverage"]) == 1


def test_pages_that_go_back_in_time_are_an_error() -> None:
    server = double(largest=2)
    answer = server.answer

    def back(path: str, query: Any, sent: Any) -> dict[str, Any]:
        found = answer(path, query, sent)
        if "fingerprint" in query:
            found["data"] = [
                {**each, "block_timestamp": each["block_timestamp"] - 60_000} for each in found["data"]
            ]
        return found

    server.answer = back  # type: ignore[method-assign]
    with pytest.raises(Error) as caught:
        ask(server, History(address=WHO, asset=asset(USDT)))
    assert caught.value.code == "pages-unordered"


@pytest.mark.parametrize("kind", ["html", "error", "429", "403", "reset", "half", "{}"])
@pytest.mark.parametrize("path", ["trc20", "/transactions?", "internal", "getaccount"])
def test_a_server_that_fails_claims_nothing(kind: Any, path: str) -> None:
    server = double(faults=[Fault(kind=kind, path=path, times=-1)])
    with serving(server) as where:
        recorder = Asking(endpoint=where)
        if (path, kind) == ("getaccount", "{}"):  # nodes say so of an account that was never made
            list(Grid().collect(History(address=WHO), recorder))
            assert "coin-history-differs" in {g["code"] for g in decoded(recorder.kept)["gaps"]}
            return
        with pytest.raises(Error):
            list(Grid().collect(History(address=WHO), recorder))
    assert TRX not in {c["asset"] for c in decoded(recorder.kept[:-1]).get("coverage", ())}


def test_a_server_that_drips_is_only_slow() -> None:
    found = ask(double(tokens={}, faults=[Fault(kind="drip")]), History(address=WHO, asset=asset(USDT)))
    assert len(decoded(found.kept)["coverage"]) == 1


def test_a_page_whose_bytes_are_of_another_id_is_refused() -> None:
    lie = {**COINS[0], "txID": "0" * 64}
    with pytest.raises(Error, match="SHA-256"):
        ask(double(coins={A: [lie]}), History(address=WHO, asset=TRX))


def test_a_time_in_seconds_is_refused() -> None:
    late = {**made.token_items(TOKENS[0])[0], "block_timestamp": 1_700_000_000}
    with pytest.raises(Error, match="seconds"):
        ask(double(tokens={A: [late]}), History(address=WHO, asset=asset(USDT)))


MANY = [item for n in range(40) for item in made.token_items(made.paid(EVE, A, n + 1, at=START + 300_000 * n))]


def arrived(number: int) -> History:
    """The history of the token, with the moment at which what is followed came: five minutes to a payment."""
    moment = Arrival(time=BEGAN + timedelta(seconds=300 * number))
    return History(address=WHO, asset=asset(USDT), arrived=moment)


def bounds(found: Asking) -> list[tuple[str, str]]:
    """Of each page, the range of time that it was asked for, in payments."""
    said = [dict(parse_qsl(urlsplit(each.name).query)) for each in found.kept]
    return [tuple(one.get(f"{name}_timestamp", "") for name in ("min", "max")) for one in said]  # type: ignore[misc]


def test_a_long_history_begins_where_the_money_arrived_and_then_tells_what_was_before() -> None:
    server = double(tokens={A: MANY}, largest=5, at=START + 300_000 * 60)
    found = ask(server, arrived(25))
    begin = START + 300_000 * 23  # ten minutes before it
    after, before = (str(begin), ""), ("", str(begin - 1))
    assert bounds(found) == [("", ""), *[after] * 4, *[before] * 5]
    assert {tx["id"] for tx in decoded(found.kept)["transactions"]} == {one["transaction_id"] for one in MANY}
    claims = [(c["since"], c["until"]) for c in decoded(found.kept)["coverage"]]
    moment = BEGAN + timedelta(seconds=300 * 23)
    ends = BEGAN + timedelta(seconds=300 * 60 - 120)
    assert claims == [(moment, ends), (None, moment - timedelta(milliseconds=1))]


def test_a_short_history_is_one_page_wherever_the_money_arrived() -> None:
    found = ask(double(tokens={A: MANY}, at=START + 300_000 * 60), arrived(25))
    assert bounds(found) == [("", "")]


def test_what_was_read_of_both_parts_is_not_asked_again() -> None:
    with asking(double(tokens={A: MANY}, largest=5, at=START + 300_000 * 60)) as recorder:
        list(Grid().collect(arrived(25), recorder))
        first = len(recorder.kept)
        list(Grid().collect(arrived(25), recorder))
    assert [(b, "fingerprint" in e.name) for b, e in zip(bounds(recorder), recorder.kept, strict=True)][
        first:
    ] == [((str(START + 300_000 * 23), ""), True)]


def test_the_coin_of_both_parts_adds_up_to_what_is_held() -> None:
    coins = [made.coin(EVE, A, n + 1, at=START + 300_000 * n, info={"fee": 0}) for n in range(12)]
    server = double(
        tokens={},
        calls={},
        coins={A: [made.coin_item(each) for each in coins]},
        accounts={A: {"address": A, "balance": 78}},
        largest=3,
        at=START + 300_000 * 60,
    )
    moment = Arrival(time=BEGAN + timedelta(seconds=300 * 9))
    found = ask(server, History(address=WHO, asset=TRX, arrived=moment))
    (claim,) = decoded(found.kept)["coverage"]
    assert (claim["since"], claim["until"]) == (None, BEGAN + timedelta(seconds=300 * 60 - 120))
