"""Drains by approval: what is one, and the honest things that look like one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from recover.sdk import Assertion, Event, Ledger, Scope
from recover.testing import HeuristicKit, Rows, Transfer, ledger
from recover_heuristics_account.drains import Drain

CHAIN = "eip155:1"
COIN = f"{CHAIN}/slip44:60"
TOKEN = f"{CHAIN}/erc20:0x{'a' * 40}"
OTHER = f"{CHAIN}/erc20:0x{'b' * 40}"
PERMIT2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"
Move = tuple[str, str, str, str, int]  # transaction, source, destination, asset, amount


def event(kind: str, tx: str, owner: str, other: str, amount: int | None = 2**256 - 1, **more: Any) -> Event:
    about = {"asset": TOKEN, "contract": "token", **more}
    return Event(kind=kind, chain=CHAIN, tx=tx, address=owner, other=other, amount=amount, **about)


def made(
    moves: Sequence[Move],
    events: Sequence[Event],
    senders: dict[str, tuple[str, str]],
    labels: Sequence[Assertion] = (),
) -> Rows:
    """Transactions in the order of their names; each is sent by `senders` (from, to), who pays a fee."""
    rows = []
    for height, (tx, (who, to)) in enumerate(sorted(senders.items())):
        facts = json.dumps({"from": who, "to": to})
        about: dict[str, Any] = {"chain": CHAIN, "tx": tx, "height": height}
        rows.append(Transfer(src=who, dst=None, amount=1, asset=COIN, kind="fee", facts=facts, **about))
        for _, src, dst, asset, amount in (m for m in moves if m[0] == tx):
            rows.append(Transfer(src=src, dst=dst, amount=amount, asset=asset, **about))
    return ledger(rows, events=events, labels=labels)


def ask(found: Ledger) -> list[dict[str, Any]]:
    batches = Drain().assertions(found, Scope())
    return [row for batch in batches for row in batch.tables()["assertions"].to_pylist()]


def label(address: str, role: str = "other", service: str = "", category: str = "") -> Assertion:
    about = {"kind": "label", "chain": CHAIN, "grade": "C", "method": "m", "version": "1"}
    return Assertion(address=address, role=role, service=service, category=category, **about)  # type: ignore[arg-type]


TAKEN: list[Move] = [("t2", "victim", "taker", TOKEN, 70)]
APPROVED = [event("approve", "t1", "victim", "drainer")]
SENT = {"t1": ("victim", "token"), "t2": ("thief", "drainer")}


def test_an_approval_and_then_a_taking_is_a_drain_that_names_the_approval() -> None:
    (row,) = ask(made(TAKEN, APPROVED, SENT))
    assert (row["kind"], row["address"], row["other"], row["asset"]) == ("drain", "victim", "drainer", TOKEN)
    assert (row["grade"], row["transactions"]) == ("D", ["t1", "t2"])
    assert json.loads(row["params"]) == {
        "amount": "70",
        "approvals": ["t1"],
        "senders": ["thief"],
        "spendings": [{"amount": "70", "takers": ["taker"], "transaction": "t2"}],
    }


def test_a_permit_used_in_its_own_transaction_is_a_drain() -> None:
    events = [event("permit", "t2", "victim", "thief", 70, index=0), event("spend", "t2", "victim", "thief", 70)]
    (row,) = ask(made(TAKEN, events, {"t2": ("thief", "token")}))
    assert (row["other"], row["transactions"]) == ("thief", ["t2"])


def test_takings_under_one_approval_are_one_drain() -> None:
    moves: list[Move] = [*TAKEN, ("t3", "victim", "taker2", TOKEN, 30), ("t3", "victim", "kit", TOKEN, 5)]
    (row,) = ask(made(moves, APPROVED, {**SENT, "t3": ("thief", "drainer")}))
    params = json.loads(row["params"])
    assert (params["amount"], row["transactions"]) == ("105", ["t1", "t2", "t3"])
    assert params["spendings"][1]["takers"] == ["kit", "taker2"]


def test_amounts_are_exact_to_256_bits() -> None:
    moves: list[Move] = [("t2", "victim", "taker", TOKEN, 2**255), ("t2", "victim", "kit", TOKEN, 1)]
    assert json.loads(ask(made(moves, APPROVED, SENT))[0]["params"])["amount"] == str(2**255 + 1)


REVOKED = [*APPROVED, event("approve", "t11", "victim", "drainer", 0)]
SWAP: list[Move] = [*TAKEN, ("t2", "pool", "victim", OTHER, 3)]
KNEW: list[Move] = [("t0", "victim", "taker", COIN, 3), *TAKEN]
NOTHING: list[Move] = [("t0", "taker", "victim", COIN, 0), *TAKEN]
PHISHER = label("drainer", category="phishing")


def approval(tx: str = "t1", owner: str = "victim", spender: str = "drainer", asset: str = TOKEN) -> list[Event]:
    return [event("approve", tx, owner, spender, asset=asset)]


@pytest.mark.parametrize(
    ("moves", "events", "senders", "labels", "count"),
    [
        pytest.param(TAKEN, [], {}, [], 0, id="no approval"),
        pytest.param(TAKEN, approval("t3"), {"t3": ("victim", "t")}, [], 0, id="a later approval"),
        pytest.param(TAKEN, REVOKED, {"t11": ("victim", "token")}, [], 0, id="taken back"),
        pytest.param(TAKEN, approval(asset=OTHER), {}, [], 0, id="of another token"),
        pytest.param(TAKEN, approval(spender="router"), {}, [], 0, id="of another spender"),
        pytest.param(TAKEN, approval(owner="else"), {}, [], 0, id="of another owner"),
        pytest.param(TAKEN, APPROVED, {"t2": ("victim", "drainer")}, [], 0, id="the owner sent it"),
        pytest.param(SWAP, APPROVED, {}, [], 0, id="a swap: the owner got something"),
        pytest.param(TAKEN, APPROVED, {}, [label("drainer", "contract")], 0, id="a labelled router"),
        pytest.param(TAKEN, APPROVED, {}, [label("thief", service="Exchange")], 0, id="a service collects"),
        pytest.param(TAKEN, APPROVED, {}, [PHISHER], 1, id="a labelled thief"),
        pytest.param(KNEW, APPROVED, {"t0": ("victim", "taker")}, [], 0, id="owner and taker had dealings"),
        pytest.param(NOTHING, APPROVED, {"t0": ("taker", "victim")}, [], 1, id="a movement without value"),
        pytest.param(TAKEN, approval(spender=PERMIT2), {"t2": ("thief", PERMIT2)}, [], 0, id="well known"),
    ],
)
def test_which_are_drains(
    moves: list[Move], events: list[Event], senders: Any, labels: list[Assertion], count: int
) -> None:
    assert len(ask(made(moves, events, SENT | senders, labels))) == count


def test_a_labelled_thief_is_worth_more() -> None:
    assert ask(made(TAKEN, APPROVED, SENT, [label("taker", category="Phishing")]))[0]["grade"] == "C"


def test_a_taking_that_is_not_in_the_ledger_is_no_drain() -> None:
    assert ask(made([], APPROVED, {"t1": ("victim", "token")})) == []


def test_nothing_shows_who_sent_it() -> None:
    rows = [Transfer(src="victim", dst="taker", amount=7, asset=TOKEN, chain=CHAIN, tx="t2", height=2)]
    assert ask(ledger(rows, events=APPROVED)) == []


class TestConformance(HeuristicKit):
    heuristic = Drain()
    evidence = made([("t0", "x", "y", COIN, 5), *TAKEN], APPROVED, {**SENT, "t0": ("x", "y")})
