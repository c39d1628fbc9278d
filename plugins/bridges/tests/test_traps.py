"""What must not be joined, or not so: look-alikes, replays, unknown layouts, twins, parts, refunds, wrappers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from plugins.bridges.tests import scenes
from plugins.bridges.tests.common import (
    ARB,
    BASE,
    BY,
    ETH,
    GIVEN,
    GOT,
    OTHER,
    RELAYER,
    TOKEN,
    A,
    B,
    Records,
    U,
    V,
    erc20,
    own,
)
from plugins.bridges.tests.made import book, id, log, pay, who
from plugins.bridges.tests.recorded import crossings
from plugins.bridges.tests.scenes import SCENES, a35, burns, f35, mints

from recover.sdk import Heuristic, Log
from recover.testing import Transfer
from recover_bridges import across, debridge, layerzero, mayan, thorchain, wormhole
from recover_bridges.across import Across
from recover_bridges.cctp import Cctp
from recover_bridges.debridge import DeBridge
from recover_bridges.every import every, protocols
from recover_bridges.known import Known
from recover_bridges.layerzero import LayerZero
from recover_bridges.mayan import Mayan
from recover_bridges.thorchain import ThorChain
from recover_bridges.wormhole import Wormhole

C = id("c")


def ask(heuristic: Heuristic, *parts: Sequence[Transfer | Log]) -> list[dict[str, Any]]:
    return crossings([heuristic], book(*(record for part in parts for record in part)))


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(departure, arrival, why refused) of each row; the arrival is empty where no exhibit shows it."""
    return [(row["transactions"][0], row["to_tx"], row.get("refused", "")) for row in rows]


def elsewhere(records: Records, contract: str) -> Records:
    """The same logs, written by another contract."""
    return [replace(each, contract=contract) if isinstance(each, Log) else each for each in records]


def onto(records: Records, chain: str) -> Records:
    """The same on another chain."""
    return [replace(each, chain=chain) for each in records]


@pytest.mark.parametrize("protocol", sorted(SCENES))
def test_contracts_that_write_the_same_events_are_not_the_protocol_s(protocol: str) -> None:
    """Of a departure nothing is followed; an arrival is either not there, or said to be of another contract."""
    heuristic = next(each for each in protocols() if each.protocol == protocol)
    out, into = SCENES[protocol]
    if protocol == "relay":  # its arrival is a payment, by a wallet that must be a solver's
        into = [replace(each, facts=each.facts.replace("0x", "0X9")) for each in into if not isinstance(each, Log)]
        assert all(row["to_tx"] == "" for row in ask(heuristic, out, into))
        return
    for given in ((elsewhere(out, who("d")), into), (out, elsewhere(into, who("d")))):
        rows = [r for r in ask(heuristic, *given) if len(r["transactions"]) == 2 and not r.get("refused")]
        assert {r["level"] for r in rows} <= {"3"}, "a payment that fits is a candidate, whatever was written"


@pytest.mark.parametrize(
    "protocol", ["across", "cctp-v1", "cctp-v2", "hop", "debridge", "celer", "nomad", "wormhole", "layerzero-v2"]
)
def test_a_message_replayed_on_another_domain_is_no_arrival(protocol: str) -> None:
    heuristic = next(each for each in protocols() if each.protocol == protocol)
    out, into = SCENES[protocol]
    for chain in sorted({"eip155:10", "eip155:137", "eip155:43114"} - {each.chain for each in into}):
        rows = ask(heuristic, out, onto(into, chain))
        assert [row for row in rows if len(row["transactions"]) == 2 and not row.get("refused")] == [], chain


def test_a_fill_on_another_chain_is_refused_by_name() -> None:
    pool = own("across", "pool", ARB)
    rows = ask(Across(), a35(), elsewhere(onto(f35(), ARB), pool))
    # Its key is another: the destination chain is a part of it.
    assert sorted(told(rows)) == [(A, "", ""), (B, B, "")]


@pytest.mark.parametrize(
    ("heuristic", "out"),
    [
        (
            Cctp(1),
            [
                replace(e, data=e.data.replace("00000001000000000000", "00000002000000000000", 1))
                if isinstance(e, Log)
                else e
                for e in burns(1)
            ],
        ),
        (LayerZero(), scenes.crossed_layerzero(version=2)[0]),
        (Wormhole(), scenes.crossed_wormhole(kind=9)[0]),
    ],
)
def test_an_unknown_version_is_not_read_and_said(heuristic: Heuristic, out: Records) -> None:
    (row,) = ask(heuristic, out)
    assert (row["refused"], row["key"], row["to_tx"]) == ("version", "0x", "")


def test_what_a_packet_claims_of_its_own_id_is_recomputed() -> None:
    out, into = scenes.crossed_layerzero()
    packet, key = scenes.packet()
    forged: Records = [
        log(layerzero.PACKET, ETH, A, own("layerzero", "endpoint", ETH), 1, packet=packet.replace(key, bytes(32)))
        if isinstance(e, Log) and e.topics[0] == layerzero.PACKET.topic
        else e
        for e in out
    ]
    assert [r["refused"] for r in ask(LayerZero(), forged, into) if r["address"]] == ["version"]


def test_a_message_without_value_is_no_crossing() -> None:
    alone = [each for each in burns(0) if not isinstance(each, Log) or len(each.topics) == 1]
    assert ask(Cctp(0), alone) == []


def test_a_fill_long_before_its_deposit_is_refused() -> None:
    """In a made ledger a movement's minute follows the one before: 70 stand between them."""
    between = [pay(ETH, f"0x{n:064x}", who("7"), who("8"), erc20(ETH, TOKEN), 1) for n in range(70)]
    assert told(ask(Across(), f35(), between, a35())) == [(A, B, "early"), (A, "", "")]
    assert told(ask(Across(), f35(), between[:5], a35())) == [(A, B, "")]  # clocks of chains differ


def test_a_fill_of_another_amount_or_recipient_is_refused() -> None:
    other = {"promised": GOT - 1, "updated": {"recipient": V, "amount": GOT - 1}}
    for more in (other, {"deadline": 98}, {"amount": GIVEN + 1}):
        assert told(ask(Across(), a35(), f35(**more))) == [(A, B, "unlike"), (A, "", "")]
    meant: dict[str, Any] = {"recipient": RELAYER, "updated": {"recipient": RELAYER, "amount": GOT}}
    assert told(ask(Across(), a35(), f35(**meant))) == [(A, B, "recipient"), (A, "", "")]


@pytest.mark.parametrize("amount", [GOT - 5, GOT + 5, 0])
def test_a_fill_that_pays_another_amount_than_was_promised_is_refused(amount: int) -> None:
    assert told(ask(Across(), a35(), f35(updated={"recipient": V, "amount": amount}))) == [
        (A, B, "uneven"),
        (A, "", ""),
    ]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("more", [1, -1])
def test_a_mint_of_another_amount_than_was_burned_is_refused(version: int, more: int) -> None:
    paid, minted, received = mints(version)
    assert isinstance(paid, Transfer)
    assert isinstance(minted, Log)
    amount = GIVEN + more
    data = minted.data[:2] + f"{amount:064x}" + minted.data[66:]
    altered: Records = [replace(paid, amount=amount), replace(minted, data=data), received]
    assert told(ask(Cctp(version), burns(version), altered)) == [(A, B, "uneven"), (A, "", "")]


def test_a_fill_of_an_order_by_more_than_was_ordered_is_refused() -> None:
    out, (paid, filled) = SCENES["debridge"]
    assert isinstance(paid, Transfer)
    assert isinstance(filled, Log)
    made = scenes.order()
    for amount, why in ((made["take"], ""), (made["take"] + 1, "uneven")):
        said = {"order": made, "id": debridge.order_id(made), "amount": amount}
        into: Records = [
            replace(paid, amount=amount),
            log(debridge.FULFILLED_2, filled.chain, B, filled.contract, 1, **said),
        ]
        assert told(ask(DeBridge(), out, into))[0] == (A, B, why)


def test_a_number_that_two_fills_answer_is_refused() -> None:
    assert told(ask(Across(), a35(), f35(), f35(tx=C))) == [(A, B, "replayed"), (A, C, "replayed"), (A, "", "")]


def test_a_number_of_two_deposits_joins_neither() -> None:
    assert told(ask(Across(), a35(), a35(tx=C), f35())) == [(A, "", "replayed"), (C, "", "replayed")]


def test_twelve_fills_of_one_amount_are_told_apart() -> None:
    """As in a public case, where twelve equal ones went one way within forty blocks."""
    out = [a35(n, tx=f"0x{n:064x}") for n in range(1, 13)]
    into = [f35(n, tx=f"0x{n + 100:064x}") for n in range(12, 0, -1)]
    assert sorted(told(ask(Across(), *out, *into))) == [
        (f"0x{n:064x}", f"0x{n + 100:064x}", "") for n in range(1, 13)
    ]


def test_two_deposits_in_one_transaction_have_a_leg_each() -> None:
    second: Records = [
        pay(ETH, A, U, own("across", "pool", ETH), erc20(ETH, TOKEN), GIVEN, leg=2),
        *(replace(each, index=3) for each in a35(8) if isinstance(each, Log)),
    ]
    rows = ask(Across(), a35(7), second, f35(7), f35(8, tx=C))
    assert [(row["to_tx"], row["source_leg"], row["sent"]) for row in rows] == [
        (B, "0", str(GIVEN)),
        (C, "2", str(GIVEN)),
    ]


def test_partial_fills_have_their_shares() -> None:
    pool, there = own("across", "pool", ETH), own("across", "pool", BASE)
    out: Records = [
        pay(ETH, A, U, pool, erc20(ETH, TOKEN), GIVEN),
        log(
            across.DEPOSIT_25,
            ETH,
            A,
            pool,
            1,
            amount=GIVEN,
            origin=1,
            destination=8453,
            id=7,
            token=TOKEN,
            recipient=V,
            depositor=U,
        ),
    ]
    into: Records = []
    for tx, part, index in ((B, 600, 1), (C, 400, 1)):
        said: dict[str, Any] = {"amount": GIVEN, "filled": part, "origin": 1, "destination": 8453, "id": 7}
        said |= {"token": OTHER, "recipient": V, "lp": 10**17, "updated": {"recipient": V}, "depositor": U}
        paid = part - part // 10
        into += [
            pay(BASE, tx, RELAYER, V, erc20(BASE, OTHER), paid),
            log(across.FILL_25, BASE, tx, there, index, **said),
        ]
    rows = ask(Across(), out, into)
    assert [(r["to_tx"], r["sent"], r["whole"], r["received"], r["fee"]) for r in rows] == [
        (B, "600", "1000", "540", "60"),
        (C, "400", "1000", "360", "40"),
    ]


def test_equal_burns_of_the_second_cctp_are_candidates() -> None:
    rows = ask(Cctp(1), burns(1), burns(1, tx=C), mints(1), mints(1, tx=id("d"), nonce=10))
    assert {(r["transactions"][0], r["to_tx"], r["level"]) for r in rows} == {
        (out, into, "3") for out in (A, C) for into in (B, id("d"))
    }


def test_a_fee_that_was_taken_on_the_way_is_masked_in_the_key() -> None:
    (row,) = ask(Cctp(1), burns(1), mints(1, fee=3))
    assert (row["level"], row["sent"], row["received"], row["fee"]) == ("1", "1000", "997", "3")


def test_test_networks_with_the_numbers_of_main_networks_claim_nothing() -> None:
    assert (
        ask(Cctp(1), elsewhere(onto(burns(1), "eip155:11155111"), "0x8fe6b999dc680ccfdd5bf7eb0974218be2542daa"))
        == []
    )
    on_main = elsewhere(burns(1), "0x8fe6b999dc680ccfdd5bf7eb0974218be2542daa")
    assert told(ask(Cctp(1), on_main)) == [(A, "", "domain")]


def test_a_cancelled_order_comes_back() -> None:
    made = scenes.order()
    source = own("debridge", "source", ETH)
    back: Records = [
        pay(ETH, C, source, U, erc20(ETH, TOKEN), GIVEN),
        log(
            debridge.CANCELLED,
            ETH,
            C,
            source,
            1,
            id=debridge.order_id(made),
            beneficiary=U,
            amount=GIVEN,
            token=TOKEN,
        ),
    ]
    (row,) = ask(DeBridge(), SCENES["debridge"][0], back)
    assert (row["transactions"], row["refund"], row["to_chain"], row["received"]) == (
        [A, C],
        True,
        ETH,
        str(GIVEN),
    )


def test_an_order_whose_id_is_not_that_of_its_fields_is_refused() -> None:
    source = own("debridge", "source", ETH)
    forged: Records = [
        log(debridge.CREATED, ETH, A, source, 1, order=scenes.order(take=1), id=debridge.order_id(scenes.order()))
    ]
    rows = ask(DeBridge(), [pay(ETH, A, U, source, erc20(ETH, TOKEN), GIVEN)], forged, SCENES["debridge"][1])
    assert told(rows) == [(A, "", "version"), (B, B, "")]


def test_an_order_of_mayan_comes_back_to_its_own_chain() -> None:
    swift = own("mayan", "swift", ETH)
    back: Records = [
        pay(ETH, C, swift, U, erc20(ETH, TOKEN), GOT),
        log(mayan.REFUNDED, ETH, C, swift, 1, key=b"m", amount=GOT),
    ]
    (row,) = ask(Mayan(), SCENES["mayan"][0], back)
    assert (row["refund"], row["other"], row["transactions"]) == (True, U, [A, C])


@pytest.mark.parametrize(("to", "why"), [(U, ""), (V, "recipient")])
def test_a_refund_of_thorchain_goes_to_who_paid(to: str, why: str) -> None:
    router = own("thorchain", "router", ETH)
    memo = f"REFUND:{A[2:].upper()}"
    back: Records = [
        pay(ETH, C, router, to, erc20(ETH, TOKEN), GOT),
        log(thorchain.OUT, ETH, C, router, 1, vault=who("6"), to=to, asset=TOKEN, amount=GOT, memo=memo),
    ]
    (row,) = ask(ThorChain(), scenes.crossed_thorchain(f"=:BTC.BTC:{'bc1q' + 'x' * 38}")[0], back)
    assert (row["refund"], row.get("refused", "")) == (True, why)


def test_a_memo_that_pays_another_than_was_asked_for_is_refused() -> None:
    out, _ = scenes.crossed_thorchain(f"=:ETH.USDC:{who('9')}")
    assert told(ask(ThorChain(), out, scenes.crossed_thorchain()[1])) == [(A, B, "recipient"), (A, "", "")]
    out, _ = scenes.crossed_thorchain(f"=:BSC.USDC:{V}")
    assert told(ask(ThorChain(), out, scenes.crossed_thorchain()[1])) == [(A, B, "domain"), (A, "", "")]


def test_a_passenger_of_a_bus_is_an_open_end() -> None:
    rode: Records = [
        pay(ETH, A, U, who("7"), erc20(ETH, TOKEN), GIVEN, facts=BY),
        log(layerzero.RODE, ETH, A, own("layerzero", "messaging", ETH), 1, eid=30184, ticket=5),
    ]
    (row,) = ask(LayerZero(), rode)
    assert (row["key"], row["level"], row["to_chain"], row["to_tx"]) == ("0x", "3", BASE, "")
    assert "bus" in row["note"]


def test_a_relayer_s_contract_that_tells_again_of_a_redemption_changes_nothing() -> None:
    out, into = SCENES["wormhole"]
    again: Records = [
        log(wormhole.REDEEMED, BASE, B, who("7"), 3, chain=2, emitter=own("wormhole", "token", ETH), sequence=12)
    ]
    assert ask(Wormhole(), out, into, again) == ask(Wormhole(), out, into)


def test_a_wrapper_has_no_key_of_its_own() -> None:
    known = Known(protocols)
    wrapper = known._wrappers["lifi"]
    diamond = "0x1231deb6f5749ef6ce6943a275a1d3e7486f4eae"
    data = {"bridge": "somebody", "token": TOKEN, "amount": GIVEN, "receiver": V, "chain": 8453}
    wrapped: Records = [log(wrapper, ETH, A, diamond, 5, data=data)]
    (row,) = ask(known, [pay(ETH, A, U, diamond, erc20(ETH, TOKEN), GIVEN, facts=BY)], wrapped)
    assert (row["protocol"], row["key"], row["level"], row["to_chain"]) == ("lifi", "0x", "3", BASE)
    assert "somebody" in row["note"]
    assert ask(known, a35(), wrapped) == [], "the inner bridge has the crossing"
    assert ask(known, elsewhere(wrapped, who("d"))) == []


def test_no_two_heuristics_claim_one_crossing() -> None:
    for protocol, (out, into) in SCENES.items():
        rows = crossings(every(), book(*out, *into))
        assert len({row["protocol"] for row in rows}) == 1, protocol


def test_value_that_a_router_exchanged_first_is_followed_from_who_gave_it() -> None:
    router, pool, spoke = who("7"), who("8"), own("across", "pool", ETH)
    gave = erc20(ETH, who("9"))
    legs = [
        pay(ETH, A, U, router, gave, 77, leg=0, facts=BY),
        pay(ETH, A, router, pool, gave, 77, leg=1),
        pay(ETH, A, pool, router, erc20(ETH, TOKEN), GIVEN, leg=2),
        pay(ETH, A, router, spoke, erc20(ETH, TOKEN), GIVEN, leg=3),
    ]
    logs = [replace(each, index=9) for each in a35() if isinstance(each, Log)]
    (row,) = ask(Across(), [*legs, *logs], f35())
    assert (row["address"], row["asset"], row["sent"], row["source_leg"]) == (U, gave, "77", "0")


def test_a_router_s_own_cut_stays_out_of_what_crossed() -> None:
    router, spoke = who("7"), own("across", "pool", ETH)
    legs = [
        pay(ETH, A, U, router, erc20(ETH, TOKEN), GIVEN + 30, leg=0, facts=BY),
        pay(ETH, A, router, who("8"), erc20(ETH, TOKEN), 30, leg=1),
        pay(ETH, A, router, spoke, erc20(ETH, TOKEN), GIVEN, leg=2),
    ]
    logs = [replace(each, index=9) for each in a35() if isinstance(each, Log)]
    (row,) = ask(Across(), [*legs, *logs], f35())
    assert (row["address"], row["sent"], row["whole"], row["source_leg"]) == (U, str(GIVEN), str(GIVEN + 30), "0")
