"""What a pursuit tells again when it changes, and failures in words."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from recover.capture.asking import plain
from recover.pursuit import freezing, lastseen, news, reached
from recover.pursuit.booked import Booked
from recover.pursuit.freezing import Held
from recover.pursuit.news import News
from recover.pursuit.telling import Event
from recover.sdk.batch import ask_text
from recover.sdk.values import TxId
from recover.trails import asks
from recover.trails.receipts import Listed

TOKEN = "toy:1/erc20:usd"
HELD = Held(
    chain="toy:1",
    address="toy-far",
    asset=TOKEN,
    symbol="USD",
    amount="900",
    decimals=2,
    shown="9.00 USD",
    share=900_000,
    issuer="Tether",
    where="tether.to",
)


@pytest.mark.parametrize(
    ("balance", "kind", "words"),
    [("0", "moved", "0.00 USD held there at block 7; it is gone"), ("700", "freezable", "7.00 USD held there")],
)
def test_a_balance_that_is_asked_after_it_was_told_is_told_again_once(
    balance: str, kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[Event]()
    case: Any = object()
    heard = News(case=case, plugins=case, tell=told.append, pages=9)
    now = [HELD]
    monkeypatch.setattr(freezing, "freezable", lambda case, plugins: now)
    heard._freezable(case)
    assert "its balance was not asked" in told[-1].said
    now[:] = [replace(HELD, balance=balance, height=7)]
    for _ in range(2):
        heard._freezable(case)
    assert [event.kind for event in told] == ["freezable", kind]
    assert words in told[-1].said


def test_a_place_last_seen_is_told_once_until_something_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    told, said = list[Event](), ["9.00 USD at a"]
    case: Any = object()
    heard = News(case=case, plugins=case, tell=told.append, pages=9)
    monkeypatch.setattr(lastseen, "seen", lambda case, plugins: [(one, {}) for one in said])
    heard.last_seen(case)
    heard.last_seen()
    said[:] = ["9.00 USD at a (7.00 USD held there)"]
    heard.last_seen()
    assert [event.said for event in told] == ["9.00 USD at a", "9.00 USD at a (7.00 USD held there)"]


def test_an_off_ramp_waits_a_moment_for_the_receipts_it_rests_on_and_is_taken_back_where_they_deny_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, now = list[Event](), [0.0]
    case: Any = SimpleNamespace(typed="case")
    heard = News(case=case, plugins=case, tell=told.append, pages=9, clock=lambda: now[0])
    tx = Listed(tx=TxId(chain="toy:1", text="t1"), exhibits=(1,), at=((TOKEN, "toy-hot"),), share=1)
    open_ = [tx]
    ramp: Any = SimpleNamespace(service="", amount=9, credited=9, chain="toy:1", sweep_transactions=("t1",))
    monkeypatch.setattr(asks, "listed", lambda look: open_)
    monkeypatch.setattr(news, "booked", lambda look, ramps: [Booked(("t1",), None, None)] * len(ramps))
    monkeypatch.setattr(freezing, "freezable", lambda case, plugins: [])
    monkeypatch.setattr(News, "unlabelled", lambda self, look: None)
    plain: dict[str, Any] = {"came": 9, "name": ("hot",), "who": "a hub", "where": "directly", "hub": "hot"}
    plain |= {"counts": {}, "facts": {"shown": "9 USD", "do": "Ask."}}
    for name, value in plain.items():
        monkeypatch.setattr(reached, name, lambda *words, value=value: value)
    on_the_way = {ask_text(tx.ask)}
    heard.reached([ramp], case, on_the_way)
    assert (told, heard.holding(), heard.overdue) == ([], True, False)
    now[0] = 6.0
    assert (heard.holding(), heard.overdue) == (False, True)
    heard.reached([ramp], case, on_the_way)
    assert "NOT CONFIRMED: only lists show transaction t1" in told[-1].said
    open_.clear()
    heard.reached([ramp], case)
    assert told[-1].said == "9 USD by now reached a hub, directly. Ask."
    heard.reached([], case)
    heard.reached([], case)
    assert [event.kind for event in told] == ["off-ramp", "off-ramp", "warning"]
    assert told[-1].said.startswith("NOT SO, as far as is known by now: 9 USD reached a hub.")
    # Where its receipts come while it waits, it is told once, and whole.
    other = News(case=case, plugins=case, tell=told.append, pages=9, clock=lambda: now[0])
    open_.append(tx)
    other.reached([ramp], case, on_the_way)
    open_.clear()
    other.reached([ramp], case)
    assert (len(told), other.holding()) == (4, False)


def test_a_failure_is_said_in_words_and_its_address_without_the_query() -> None:
    why = "toy gave no answer to GET http://h/v1/a/trc20?limit=200&x=%2C. ReadError: [Errno 104] reset by peer"
    assert plain(why) == (
        "toy gave no answer to GET http://h/v1/a/trc20. The connection was broken off (ReadError): "
        "[Errno 104] reset by peer."
    )
    assert plain("It answers nothing.") == "It answers nothing."


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "no exhibit states a balance of it, as nobody was asked for one"),
        ({"balance": "700"}, "named no block"),
        ({"balance": "0", "height": 7}, "it is gone from there"),
        ({"balance": "900", "height": 7, "frozen": True}, "it is frozen already"),
        ({"balance": "900", "height": 7, "disputed": ("t1",)}, "exhibits disagree"),
        ({"balance": "900", "height": 7}, "below the least share"),
    ],
)
def test_why_no_request_to_freeze_was_drafted_is_said_with_what_does_it(said: dict[str, Any], why: str) -> None:
    told = freezing.undrafted([replace(HELD, **said)], "case")
    assert "that Tether can freeze no letter was drafted by itself: " in told
    assert why in told
    assert "recover letter draft case --kind freeze --to Tether" in told
