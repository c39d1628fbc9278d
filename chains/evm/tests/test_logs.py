"""Every family of events, each in its smallest form, and what is not read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.sdk import Error, amounts
from recover.testing.exhibits import rows
from recover_chain_evm import columns, events, logs, topics
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import LOGS
from recover_chain_evm.networks import known

NETWORK = known()[1]
A, B, C, ZERO = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2, 0xC3, 0))
USDT, WETH = "0xdac17f958d2ee523a2206206994597c13d831ec7", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
TX = "0x" + "ab" * 32
BLACK = "DestroyedBlackFunds(address,uint256)"


def word(value: str | int) -> str:
    return (f"{value:x}" if isinstance(value, int) else value[2:]).rjust(64, "0")


def log(
    topic: str, *words: str | int, indexed: int = 0, contract: str = USDT, index: int = 3, **more: Any
) -> dict[str, Any]:
    listed = [topic, *("0x" + word(w) for w in words[:indexed])]
    data = "0x" + "".join(word(w) for w in words[indexed:])
    base = {"transactionHash": TX, "address": contract, "topics": listed, "data": data, "logIndex": hex(index)}
    return base | {"blockNumber": "0x10", "transactionIndex": "0x2", **more}


def read(*listed: dict[str, Any], network: Any = NETWORK) -> dict[str, list[dict[str, Any]]]:
    problems = Problems(name="logs", unit="item")
    found = logs.Logs.of(Frame.of(listed, LOGS, range(len(listed)), problems))
    problems.check()
    made = columns.batch(
        network.id,
        moved=logs.moved(network, found),
        transactions=[logs.transactions(network.id, found)],
        events=events.said(network, found),
        gaps=logs.gaps(network, found),
    )
    return rows([made])


def moves(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """(kind, from, to, contract, amount, log number) of each movement."""
    pairs: dict[int, dict[bool, dict[str, Any]]] = {}
    for leg in found["legs"]:
        pairs.setdefault(leg["pair"], {})[leg["out"]] = leg
    return [
        (
            p[False]["kind"],
            p[True]["address"],
            p[False]["address"],
            p[False]["asset"].rpartition(":")[2],
            amounts.join(p[False]["amount"], p[False]["wide"]),
            p[False]["index"],
        )
        for _, p in sorted(pairs.items())
    ]


def said(found: dict[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """(kind, contract, address, other, amount) of each event."""
    listed = sorted(found["events"], key=lambda e: (e["index"], e["kind"], e["address"]))
    value = [
        None if e["amount"] is None and e["wide"] is None else amounts.join(e["amount"], e["wide"]) for e in listed
    ]
    return [(e["kind"], e["contract"], e["address"], e["other"], v) for e, v in zip(listed, value, strict=True)]


def form(signature: str) -> str:
    return next(f.topic for f in topics.FORMS if f.signature == signature)


@pytest.mark.parametrize("amount", [1, 2**63 - 1, 2**63, 2**64, 2**255, 2**256 - 1])
@pytest.mark.parametrize("indexed", [2, 0])
def test_a_transfer_is_exact_with_its_addresses_in_topics_or_in_data(amount: int, indexed: int) -> None:
    found = read(log(topics.TRANSFER, A, B, amount, indexed=indexed))
    assert moves(found) == [("transfer", A, B, USDT, amount, 3)]
    (tx,) = found["transactions"]
    assert (tx["id"], tx["height"], tx["index"], tx["failed"], tx["whole"]) == (TX, 16, 2, False, False)
    assert found["gaps"] == []


def test_a_transfer_of_nothing_keeps_its_direction() -> None:
    assert moves(read(log(topics.TRANSFER, A, B, 0, indexed=2))) == [("transfer", A, B, USDT, 0, 3)]


def test_the_zero_address_is_a_mint_and_a_burn() -> None:
    found = read(log(topics.TRANSFER, ZERO, B, 5, indexed=2), log(topics.TRANSFER, A, ZERO, 7, indexed=2, index=4))
    assert moves(found) == [("mint", None, B, USDT, 5, 3), ("burn", A, None, USDT, 7, 4)]
    nothing = read(
        log(topics.TRANSFER, ZERO, ZERO, 5, indexed=2), log(topics.TRANSFER, A, B, 1, indexed=2, index=4)
    )
    assert moves(nothing) == [("transfer", A, B, USDT, 1, 4)]


def test_a_single_token_is_an_asset_of_its_own_and_its_number_no_amount() -> None:
    found = read(
        log(topics.TRANSFER, A, B, 77, indexed=3),
        log(topics.TRANSFER, ZERO, B, 2**256 - 1, indexed=3, index=4),
        log(topics.APPROVAL, A, B, 77, indexed=3),
    )
    single = USDT.replace("/erc20:", "/erc721:")
    assert moves(found) == [
        ("transfer", A, B, f"{single}/77", 1, 3),
        ("mint", None, B, f"{single}/{2**256 - 1}", 1, 4),
    ]
    assert said(found) == []
    assert found["gaps"] == []


def test_a_fourth_topic_with_data_is_no_single_token() -> None:
    odd = {**log(topics.TRANSFER, A, B, 77, indexed=3), "data": "0x" + "0" * 64}
    found = read(odd)
    assert moves(found) == []
    assert [(gap["code"], gap["subject"]) for gap in found["gaps"]] == [("token-standard", TX)]


@pytest.mark.parametrize(
    "odd",
    [
        log(topics.TRANSFER, A, B, 1, indexed=1),
        log(topics.TRANSFER, A, B, indexed=2),
        log(topics.TRANSFER, A, B, 1, 2, indexed=2),
        log(topics.TRANSFER, 2**200, B, 1, indexed=2),
        log(form("AddedBlackList(address)"), 2**200, indexed=1),
        log(topics.APPROVAL, A, B, indexed=2),
    ],
)
def test_a_known_event_in_another_shape_is_a_gap(odd: dict[str, Any]) -> None:
    found = read(odd)
    assert moves(found) == []
    assert said(found) == []
    assert [gap["code"] for gap in found["gaps"]] == ["log-unfit"]


def test_wrapping_makes_and_ends_wrapped_coins_only_at_the_chain_s_own_contract() -> None:
    both = (
        log(topics.DEPOSIT, A, 10**19, indexed=1, contract=WETH),
        log(topics.WITHDRAWAL, B, 3, indexed=1, contract=WETH, index=4),
    )
    assert moves(read(*both)) == [("mint", None, A, WETH, 10**19, 3), ("burn", B, None, WETH, 3, 4)]
    assert moves(read(log(topics.DEPOSIT, A, 5, indexed=1, contract=C))) == []
    arbitrum = known()[42161]
    assert arbitrum.wrapped is not None
    assert moves(read(log(topics.DEPOSIT, A, 5, indexed=1, contract=arbitrum.wrapped), network=arbitrum)) == []


@pytest.mark.parametrize("indexed", [0, 1])
def test_destroyed_funds_without_a_transfer_are_burned_once(indexed: int) -> None:
    alone = read(log(form(BLACK), A, 9, indexed=indexed))
    assert moves(alone) == [("burn", A, None, USDT, 9, 3)]
    assert said(alone) == [("destroy", USDT, A, None, 9)]
    newer = form("DestroyedBlockedFunds(address,uint256)")
    both = read(log(topics.TRANSFER, A, ZERO, 9, indexed=2), log(newer, A, 9, indexed=1, index=4))
    assert moves(both) == [("burn", A, None, USDT, 9, 3)]
    assert said(both) == [("destroy", USDT, A, None, 9)]
    # Another amount is another burn.
    assert len(moves(read(log(topics.TRANSFER, A, ZERO, 8, indexed=2), log(newer, A, 9, indexed=1, index=4)))) == 2


@pytest.mark.parametrize(
    ("signature", "kind", "words", "indexed"),
    [
        ("AddedBlackList(address)", "freeze", (A,), 0),
        ("AddedBlackList(address)", "freeze", (A,), 1),
        ("RemovedBlackList(address)", "unfreeze", (A,), 0),
        ("BlockPlaced(address)", "freeze", (A,), 1),
        ("BlockReleased(address)", "unfreeze", (A,), 1),
        ("Blacklisted(address)", "freeze", (A,), 1),
        ("UnBlacklisted(address)", "unfreeze", (A,), 1),
        ("AddressFrozen(address)", "freeze", (A,), 1),
        ("AddressUnfrozen(address)", "unfreeze", (A,), 1),
        ("FreezeAddress(address)", "freeze", (A,), 1),
        ("UnfreezeAddress(address)", "unfreeze", (A,), 1),
        ("FrozenAddressWiped(address)", "destroy", (A,), 1),
        ("Banned(address)", "freeze", (A,), 1),
    ],
)
def test_issuers_freeze(signature: str, kind: str, words: tuple[str, ...], indexed: int) -> None:
    assert said(read(log(form(signature), *words, indexed=indexed))) == [(kind, USDT, A, None, None)]


@pytest.mark.parametrize(
    ("signature", "kind"), [("Freeze(address,address)", "freeze"), ("Unfreeze(address,address)", "unfreeze")]
)
@pytest.mark.parametrize("indexed", [0, 2])
def test_where_the_caller_comes_first_the_account_is_the_second(signature: str, kind: str, indexed: int) -> None:
    assert said(read(log(form(signature), C, A, indexed=indexed))) == [(kind, USDT, A, C, None)]


@pytest.mark.parametrize(
    ("signature", "kind"),
    [("AddedToDenyList(address[])", "freeze"), ("RemovedFromDenyList(address[])", "unfreeze")],
)
def test_a_deny_list_is_an_event_for_each_member(signature: str, kind: str) -> None:
    found = read(log(form(signature), 32, 2, A, B))
    assert said(found) == [(kind, USDT, A, None, None), (kind, USDT, B, None, None)]
    assert said(read(log(form(signature), 32, 3, A, B))) == []


def test_issue_is_booked_to_the_owner_only_where_he_is_shown() -> None:
    shown: dict[str, Any] = {"from": A, "to": USDT}
    found = read(log(topics.ISSUE, 10, **shown), log(topics.REDEEM, 4, index=4, **shown))
    assert moves(found) == [("mint", None, A, USDT, 10, 3), ("burn", A, None, USDT, 4, 4)]
    hidden: dict[str, Any]
    for hidden in ({}, {"from": A, "to": C}):
        found = read({**log(topics.ISSUE, 10), **hidden})
        assert moves(found) == []
        assert [gap["code"] for gap in found["gaps"]] == ["issue-unattributed"]


def test_approvals_and_permits_are_told_apart_by_what_was_called() -> None:
    given = log(topics.APPROVAL, A, B, 2**256 - 1, indexed=2)
    assert said(read(given)) == [("approve", USDT, A, B, 2**256 - 1)]
    permitted = {**given, "from": C, "to": USDT, "method": "0xd505accf"}
    assert said(read(permitted)) == [("permit", USDT, A, B, 2**256 - 1)]
    assert said(read({**permitted, "to": B})) == [("approve", USDT, A, B, 2**256 - 1)]


def test_permit2_names_the_token_that_it_is_about() -> None:
    permit2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"
    found = read(
        log(topics.PERMIT2_PERMIT, A, USDT, B, 7, 99, 0, indexed=3, contract=permit2),
        log(topics.PERMIT2_APPROVAL, A, USDT, B, 8, 99, indexed=3, contract=permit2, index=4),
    )
    assert said(found) == [("permit", permit2, A, B, 7), ("approve", permit2, A, B, 8)]
    assert {event["asset"] for event in found["events"]} == {NETWORK.erc20 + USDT}


def test_spending_by_another_is_said_and_by_the_owner_is_not() -> None:
    moved = log(topics.TRANSFER, A, C, 6, indexed=2)
    direct = read({**moved, "from": B, "to": USDT, "method": events.TRANSFER_FROM})
    assert said(direct) == [("spend", USDT, A, B, 6)]
    assert json.loads(direct["events"][0]["facts"]) == {"sender": B, "to": C, "shown": "call"}
    drainer = "0x" + "dd" * 20
    through = read({**moved, "from": B, "to": drainer, "method": "0x12345678"})
    assert said(through) == [("spend", USDT, A, drainer, 6)]
    assert json.loads(through["events"][0]["facts"])["shown"] == "log"
    assert said(read({**moved, "from": A, "to": USDT, "method": "0xa9059cbb"})) == []
    assert said(read({**moved, "from": A, "to": drainer})) == []
    assert said(read({**moved, "from": B, "to": A})) == [], "a contract that was called paid from its own"
    assert said(read(moved)) == []


def test_swaps_of_three_versions() -> None:
    pool = "0x" + "ee" * 20
    minus = 2**256 - 5
    found = read(
        log(topics.SWAP_V2, A, B, 1, 0, 0, 2, indexed=2, contract=pool),
        log(topics.SWAP_V3, A, B, minus, 7, 1, 1, 1, indexed=2, contract=pool, index=4),
        log(topics.SWAP_V4, 2**255, A, minus, 7, 1, 1, 1, 500, indexed=2, contract=pool, index=5),
    )
    assert said(found) == [("swap", pool, A, B, None), ("swap", pool, A, B, None), ("swap", pool, A, A, None)]
    facts = [json.loads(event["facts"]) for event in sorted(found["events"], key=lambda e: e["index"])]
    assert facts[0] == {
        "protocol": "uniswap-v2",
        "amount0In": "1",
        "amount1In": "0",
        "amount0Out": "0",
        "amount1Out": "2",
    }
    assert facts[1] == {"protocol": "uniswap-v3", "amount0": "-5", "amount1": "7"}
    assert facts[2] == {"protocol": "uniswap-v4", "amount0": "-5", "amount1": "7", "pool": "0x8" + "0" * 63}


def test_a_log_that_a_node_took_back_is_none() -> None:
    assert moves(read(log(topics.TRANSFER, A, B, 1, indexed=2, removed=True))) == []
    assert len(moves(read(log(topics.TRANSFER, A, B, 1, indexed=2, removed=False)))) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"transactionHash": "0x12"}, "tx '0x12' is not 0x and 64"),
        ({"transactionHash": None}, "tx 'null' is not 0x and 64"),
        ({"address": 5}, "contract 'int' is no text"),
        ({"topics": "0x12"}, "a topic is not 0x and 64"),
        ({"topics": {"a": 1}}, "topics is no list of at most four"),
        ({"topics": ["0x" + "ab" * 32] * 5}, "topics is no list of at most four"),
        ({"topics": ["0x" + "g" * 64]}, "a topic is not 0x and 64"),
        ({"topics": [" " * 66]}, "a topic is not 0x and 64"),
        ({"data": "0x123"}, "data '0x123' is not 0x and pairs"),
        ({"data": "\ud800"}, "data"),
        ({"logIndex": "0x10000000000000000"}, "index '18446744073709551616' is out of range"),
        ({"logIndex": -1}, "index"),
        ({"logIndex": 1.5}, "index 'float' is no whole number"),
        ({"blockNumber": True}, "height 'bool' is no whole number"),
    ],
)
def test_a_log_that_cannot_be_read_is_named_with_its_place(change: dict[str, Any], why: str) -> None:
    good = log(topics.TRANSFER, A, B, 1, indexed=2)
    with pytest.raises(Error) as caught:
        read(good, {**good, **change})
    assert f"item 1: {why}" in caught.value.why
    assert caught.value.what == "1 item of logs cannot be read."


def test_twenty_of_many_problems_are_told() -> None:
    with pytest.raises(Error) as caught:
        read(*[log(topics.TRANSFER, A, B, 1, indexed=2, data="x") for _ in range(50)])
    assert caught.value.why.count("item ") == 20
    assert caught.value.why.endswith("and 30 more.")
