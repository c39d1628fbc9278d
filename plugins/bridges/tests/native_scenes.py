"""Crossings by the chains' own bridges, made after their published layouts."""

from __future__ import annotations

from plugins.bridges.tests.common import (
    ARB,
    BASE,
    ETH,
    GIVEN,
    GOT,
    OTHER,
    POLYGON,
    TOKEN,
    A,
    B,
    Scene,
    U,
    V,
    came,
    erc20,
    left,
    own,
)
from plugins.bridges.tests.made import log, pay, who

from recover_bridges import chains, ronin
from recover_bridges.contracts import data
from recover_bridges.native import arbitrum, gnosis, opstack, polygon, scroll
from recover_bridges.words import keccak256, padded, selector, word


def crossed_op() -> Scene:
    """Down to Base by the standard bridge."""
    call = selector("finalizeBridgeERC20(address,address,address,address,uint256,bytes)")
    call += padded(OTHER) + padded(TOKEN) + padded(U) + padded(V) + word(GIVEN) + word(192) + word(0)
    bridge, there = own("native", "bridge-1", BASE), own("native", "bridge-2", BASE)
    said = {"target": there, "sender": bridge, "message": call, "nonce": (1 << 240) + 5, "gas": 9}
    messenger, key = own("native", "messenger-1", BASE), opstack.message_hash(said, 0)
    return (
        [
            left(ETH, bridge),
            log(opstack.SENT, ETH, A, messenger, 1, **said),
            log(opstack.VALUE, ETH, A, messenger, 2, sender=bridge, value=0),
        ],
        [
            pay(BASE, B, None, V, erc20(BASE, OTHER), GIVEN),
            log(opstack.RELAYED, BASE, B, own("native", "messenger-2", BASE), 1, hash=key),
        ],
    )


def crossed_arbitrum() -> Scene:
    """Up from Arbitrum, in its coin."""
    system, outbox = data("native")["arbitrum-2"]["system"], data("native")["arbitrum-1"]["outbox"][0]
    return (
        [
            pay(ARB, A, U, system, chains.coin(ARB), GIVEN),
            log(arbitrum.OUT, ARB, A, system, 0, caller=U, destination=V, position=3, value=GIVEN),
        ],
        [
            pay(ETH, B, outbox, V, chains.coin(ETH), GIVEN),
            log(arbitrum.EXECUTED, ETH, B, outbox, 0, to=V, sender=U, index=3),
        ],
    )


def crossed_scroll() -> Scene:
    """Down to Scroll, in its coin."""
    here, there = own("native", "scroll", ETH), own("native", "scroll", scroll.L2)
    call = selector("relayMessage(address,address,uint256,uint256,bytes)")
    call += padded(U) + padded(V) + word(GIVEN) + word(4) + word(160) + word(0)
    return (
        [
            pay(ETH, A, U, here, chains.coin(ETH), GIVEN),
            log(scroll.SENT, ETH, A, here, 1, sender=U, target=V, value=GIVEN, nonce=4),
        ],
        [
            pay(scroll.L2, B, there, V, chains.coin(scroll.L2), GIVEN),
            log(scroll.RELAYED, scroll.L2, B, there, 1, hash=keccak256(call)),
        ],
    )


def crossed_gnosis() -> Scene:
    here, there = own("native", "omnibridge", ETH), own("native", "omnibridge", gnosis.L2)
    got = {"token": OTHER, "recipient": V, "value": GOT, "id": b"i"}
    return (
        [left(ETH, here), log(gnosis.BEGUN, ETH, A, here, 1, token=TOKEN, sender=U, value=GIVEN, id=b"i")],
        [came(gnosis.L2, by=None), log(gnosis.BRIDGED, gnosis.L2, B, there, 1, **got)],
    )


def crossed_polygon() -> Scene:
    inner = padded(V) + padded(TOKEN) + word(96) + word(32) + word(GIVEN)
    outer = keccak256(b"DEPOSIT") + word(64) + word(len(inner)) + inner
    sender, receiver = data("native")["polygon-1"]["sender"], data("native")["polygon-2"]["receiver"]
    return (
        [
            left(ETH, data("native")["polygon-1"]["predicates"][0]),
            log(polygon.SYNCED, ETH, A, sender, 1, id=8, receiver=who("8"), data=outer),
        ],
        [came(POLYGON, GIVEN, by=None), log(polygon.COMMITTED, POLYGON, B, receiver, 1, id=8, success=1)],
    )


def crossed_ronin() -> Scene:
    sides = {
        "main": {"account": U, "token": TOKEN, "chain": 1},
        "ronin": {"account": V, "token": OTHER, "chain": 2020},
    }
    receipt = dict(id=2, **sides, info={"amount": GIVEN})
    here, there = own("ronin", "gateway", ETH), own("ronin", "gateway", ronin.L2)
    down, came_down = ronin.Ronin.events[0], ronin.Ronin.events[2]
    return (
        [left(ETH, here), log(down, ETH, A, here, 1, hash=b"h", receipt=receipt)],
        [came(ronin.L2, GIVEN), log(came_down, ronin.L2, B, there, 1, hash=b"h", receipt=receipt)],
    )
