"""One crossing a protocol, made after its published layout: what left, and what came, as records of a ledger."""

from __future__ import annotations

from typing import Any

from plugins.bridges.tests.common import (
    ARB,
    BASE,
    BY,
    ETH,
    GIVEN,
    GOT,
    OTHER,
    POLYGON,
    RELAYER,
    TOKEN,
    A,
    B,
    Records,
    Scene,
    U,
    V,
    came,
    erc20,
    left,
    own,
)
from plugins.bridges.tests.made import encode, log, pay, who
from plugins.bridges.tests.native_scenes import (
    crossed_arbitrum,
    crossed_gnosis,
    crossed_op,
    crossed_polygon,
    crossed_ronin,
    crossed_scroll,
)

from recover_bridges import (
    across,
    cctp,
    celer,
    chains,
    debridge,
    hop,
    layerzero,
    mayan,
    nomad,
    poly,
    relay,
    thorchain,
    wormhole,
)
from recover_bridges.layerzero import stargate
from recover_bridges.words import Event, keccak256, padded, word


def a35(number: int = 7, *, to: int = 8453, promised: int = GOT, tx: str = A, chain: str = ETH) -> Records:
    """A deposit into Across, version 3.5."""
    said = {
        "token": TOKEN,
        "output": OTHER,
        "amount": GIVEN,
        "promised": promised,
        "destination": to,
        "id": number,
    }
    said |= {"depositor": U, "recipient": V, "deadline": 99}
    pool = own("across", "pool", chain)
    return [
        pay(chain, tx, U, pool, erc20(chain, TOKEN), GIVEN),
        log(across.DEPOSIT_35, chain, tx, pool, 1, **said),
    ]


def f35(number: int = 7, *, origin: int = 1, tx: str = B, chain: str = BASE, **more: Any) -> Records:
    """Its fill."""
    said: dict[str, Any] = {
        "input": TOKEN,
        "token": OTHER,
        "amount": GIVEN,
        "promised": GOT,
        "origin": origin,
        "id": number,
    }
    said |= {"relayer": RELAYER, "depositor": U, "recipient": V, "deadline": 99, "repayment": 10}
    said |= {"updated": {"recipient": V, "amount": GOT}} | more
    paid = pay(chain, tx, RELAYER, V, erc20(chain, OTHER), said["updated"]["amount"])
    return [paid, log(across.FILL_35, chain, tx, own("across", "pool", chain), 1, **said)]


def message(version: int, *, nonce: int = 9, to: int = 6, fee: int = 0, amount: int = GIVEN) -> bytes:
    """A message of CCTP from Ethereum, as it is received."""
    head = version.to_bytes(4, "big") + (0).to_bytes(4, "big") + to.to_bytes(4, "big")
    body = version.to_bytes(4, "big") + padded(TOKEN) + padded(V) + word(amount) + padded(U)
    if version == 0:
        return head + nonce.to_bytes(8, "big") + bytes(96) + body
    return head + word(nonce) + bytes(96) + bytes(8) + body + word(GIVEN) + word(fee) + word(0)


def burns(version: int, tx: str = A, **more: Any) -> Records:
    suffix, event = ("-v2", cctp.BURNED_2) if version else ("", cctp.BURNED_1)
    said = message(version, **more)
    return [
        pay(ETH, tx, U, None, erc20(ETH, TOKEN), GIVEN),
        log(cctp.SENT, ETH, tx, own("cctp", f"transmitter{suffix}", ETH), 1, message=said),
        log(event, ETH, tx, own("cctp", f"messenger{suffix}", ETH), 2, amount=GIVEN, recipient=V, token=TOKEN),
    ]


def mints(version: int, tx: str = B, *, nonce: int = 9, fee: int = 0, chain: str = BASE) -> Records:
    suffix = "-v2" if version else ""
    received, minted = (cctp.RECEIVED_2, cctp.MINTED_2) if version else (cctp.RECEIVED_1, cctp.MINTED_1)
    body = message(version, fee=fee)[148 if version else 116 :]
    number: Any = word(nonce) if version else nonce
    made = {"token": OTHER, "recipient": V, "amount": GIVEN - fee}
    got = {"source": 0, "nonce": number, "body": body}
    return [
        pay(chain, tx, None, V, erc20(chain, OTHER), GIVEN - fee),
        log(minted, chain, tx, own("cctp", f"messenger{suffix}", chain), 1, **made),
        log(received, chain, tx, own("cctp", f"transmitter{suffix}", chain), 2, **got),
    ]


def hopped() -> Scene:
    bridge = own("hop", "usdt", ARB)
    said: dict[str, Any] = {
        "destination": 1,
        "recipient": V,
        "amount": GIVEN,
        "nonce": b"n",
        "fee": GIVEN - GOT,
        "least": 0,
    }
    said |= {"nonce": said["nonce"].ljust(32, b"\0"), "deadline": 0}
    key = hop.transfer_id(said)
    return (
        [left(ARB, None), log(hop.SENT, ARB, A, bridge, 1, id=key, **said)],
        [came(ETH), log(hop.BONDED, ETH, B, own("hop", "usdt", ETH), 1, id=key, amount=GIVEN)],
    )


def packet(version: int = 1, nonce: int = 6) -> tuple[bytes, bytes]:
    """A packet of LayerZero from TOKEN on Ethereum to OTHER on Base, and its guid."""
    sender, receiver = padded(TOKEN), padded(OTHER)
    key = layerzero.guid(nonce, 30101, sender, 30184, receiver)
    head = bytes([version]) + nonce.to_bytes(8, "big") + (30101).to_bytes(4, "big") + sender
    return head + (30184).to_bytes(4, "big") + receiver + key, key


def crossed_layerzero(version: int = 1) -> Scene:
    made, key = packet(version)
    endpoints = [own("layerzero", "endpoint", chain) for chain in (ETH, BASE)]
    origin = {"eid": 30101, "sender": TOKEN, "nonce": 6}
    got = {"guid": key, "eid": 30101, "to": V, "received": GOT}
    said = {"guid": key, "eid": 30184, "from": U, "sent": GIVEN, "received": GOT}
    return (
        [
            left(ETH, None),
            log(layerzero.PACKET, ETH, A, endpoints[0], 1, packet=made),
            log(layerzero.OFT_SENT, ETH, A, TOKEN, 2, **said),
        ],
        [
            came(BASE, by=None),
            log(layerzero.OFT_RECEIVED, BASE, B, OTHER, 1, **got),
            log(layerzero.DELIVERED, BASE, B, endpoints[1], 2, origin=origin, receiver=OTHER),
        ],
    )


def crossed_stargate() -> Scene:
    said = {"kind": 1, "to": bytes.fromhex(V[2:]), "payload": b"", "swap": {"amount": GOT}}
    types = Event(f"X({stargate._TYPES})").params
    body = encode(types, said)
    app, there = own("layerzero", "stargate-v1", ETH), own("layerzero", "stargate-v1", ARB)
    path = bytes.fromhex(app[2:])
    data = (5).to_bytes(8, "big") + (101).to_bytes(2, "big") + path + (110).to_bytes(2, "big") + bytes(20) + body
    nodes = [own("layerzero", "node-v1", chain) for chain in (ETH, ARB)]
    got = {"source": 101, "path": path + bytes(20), "application": there, "nonce": 5, "hash": keccak256(body)}
    swap = {"chain": 110, "from": U, "amount": GIVEN}
    return (
        [
            pay(ETH, A, U, who("7"), erc20(ETH, TOKEN), GIVEN, facts=BY),
            log(stargate.SWAP, ETH, A, who("7"), 1, **swap),
            log(stargate.PACKET, ETH, A, nodes[0], 2, payload=data),
        ],
        [
            came(ARB, by=who("6")),
            log(stargate.REMOTE, ARB, B, who("6"), 1, to=V, amount=GOT),
            log(stargate.RECEIVED, ARB, B, nodes[1], 2, **got),
        ],
    )


def crossed_wormhole(kind: int = 1) -> Scene:
    payload = bytes([kind]) + word(GIVEN) + padded(TOKEN) + (2).to_bytes(2, "big") + padded(V)
    payload += (30).to_bytes(2, "big") + word(0)
    core, bridge = own("wormhole", "core", ETH), own("wormhole", "token", ETH)
    redeemed = {"chain": 2, "emitter": bridge, "sequence": 12}
    said = {"sender": bridge, "sequence": 12, "payload": payload}
    return (
        [
            pay(ETH, A, U, bridge, erc20(ETH, TOKEN), GIVEN, facts=BY),
            log(wormhole.PUBLISHED, ETH, A, core, 1, **said),
        ],
        [came(BASE, by=None), log(wormhole.REDEEMED, BASE, B, own("wormhole", "token", BASE), 1, **redeemed)],
    )


def order(**more: Any) -> dict[str, Any]:
    bare = {name: bytes.fromhex(a[2:]) for name, a in (("maker", U), ("giveToken", TOKEN), ("takeToken", OTHER))}
    made = dict(nonce=1, giveChain=1, give=GIVEN, takeChain=8453, take=GOT, receiver=bytes.fromhex(V[2:]), **bare)
    return made | dict.fromkeys(("patcher", "authority", "taker", "beneficiary", "call"), b"") | more


def crossed_debridge() -> Scene:
    made = order()
    key = debridge.order_id(made)
    here, there = own("debridge", "source", ETH), own("debridge", "destination", BASE)
    return (
        [left(ETH, here), log(debridge.CREATED, ETH, A, here, 1, order=made, id=key)],
        [came(BASE), log(debridge.FULFILLED, BASE, B, there, 1, order=made, id=key, sender=RELAYER)],
    )


def crossed_relay() -> Scene:
    solver = own("relay", "solver", ETH)
    facts = f'{{"from":"{solver}","tail":"0x{b"k".ljust(32, bytes(1)).hex()}"}}'
    depository = own("relay", "depository", ARB)
    said = {"from": U, "token": TOKEN, "amount": GIVEN, "id": b"k"}
    return (
        [left(ARB, depository), log(relay.TOKEN, ARB, A, depository, 1, **said)],
        [pay(ETH, B, solver, V, chains.coin(ETH), GOT, facts=facts)],
    )


def crossed_mayan() -> Scene:
    swift = own("mayan", "swift", ETH)
    return (
        [
            pay(ETH, A, U, swift, erc20(ETH, TOKEN), GIVEN, facts=BY),
            log(mayan.CREATED, ETH, A, swift, 1, key=b"m"),
        ],
        [
            pay(BASE, B, swift, V, erc20(BASE, OTHER), GOT),
            log(mayan.FULFILLED, BASE, B, swift, 1, key=b"m", amount=GOT),
        ],
    )


def crossed_thorchain(memo: str = "") -> Scene:
    """From Ethereum's coin to a token of the same chain."""
    router, vault = own("thorchain", "router", ETH), who("6")
    wish = memo or f"=:ETH.USDC-0X4444:{V}"
    out = f"OUT:{A[2:].upper()}"
    return (
        [
            pay(ETH, A, U, router, erc20(ETH, TOKEN), GIVEN),
            log(thorchain.DEPOSIT, ETH, A, router, 1, to=vault, asset=TOKEN, amount=GIVEN, memo=wish),
        ],
        [
            pay(ETH, B, router, V, erc20(ETH, OTHER), GOT),
            log(thorchain.OUT, ETH, B, router, 1, vault=vault, to=V, asset=OTHER, amount=GOT, memo=out),
        ],
    )


def crossed_celer() -> Scene:
    here, there = own("celer", "bridge", ETH), own("celer", "bridge", POLYGON)
    said = {"id": b"c", "sender": U, "receiver": V, "token": TOKEN, "amount": GIVEN, "to": 137}
    got = {"receiver": V, "token": OTHER, "amount": GOT, "from": 1, "answers": b"c"}
    return (
        [left(ETH, here), log(celer.SENT, ETH, A, here, 1, **said)],
        [came(POLYGON, by=there), log(celer.RELAYED, POLYGON, B, there, 1, **got)],
    )


def crossed_poly() -> Scene:
    """Ethereum's manager alone is known: an arrival there."""
    manager, proxy = own("poly", "manager", ETH), who("9")
    got = {"from": 17, "id": b"p"}
    return (
        [],
        [
            came(ETH, by=proxy),
            log(poly.UNLOCKED, ETH, B, proxy, 1, asset=OTHER, recipient=V, amount=GOT),
            log(poly.EXECUTED, ETH, B, manager, 2, **got),
        ],
    )


def crossed_nomad() -> Scene:
    router, there, home = (
        own("nomad", "router", ETH),
        own("nomad", "router", "eip155:1284"),
        own("nomad", "home", ETH),
    )
    said = {"token": TOKEN, "from": U, "to": 1650811245, "recipient": V, "amount": GIVEN}
    got = {"number": (6648936 << 32) + 4, "token": OTHER, "recipient": V, "amount": GIVEN}
    return (
        [
            left(ETH, router),
            log(nomad.DISPATCHED, ETH, A, home, 1, number=(1650811245 << 32) + 4),
            log(nomad.SENT, ETH, A, router, 2, **said),
        ],
        [came("eip155:1284", GIVEN, by=None), log(nomad.RECEIVED, "eip155:1284", B, there, 1, **got)],
    )


SCENES: dict[str, Scene] = {
    "across": (a35(), f35()),
    "cctp-v1": (burns(0), mints(0)),
    "cctp-v2": (burns(1), mints(1, fee=2)),
    "hop": hopped(),
    "op-stack": crossed_op(),
    "arbitrum": crossed_arbitrum(),
    "scroll": crossed_scroll(),
    "gnosis": crossed_gnosis(),
    "polygon": crossed_polygon(),
    "ronin": crossed_ronin(),
    "layerzero-v2": crossed_layerzero(),
    "stargate-v1": crossed_stargate(),
    "wormhole": crossed_wormhole(),
    "debridge": crossed_debridge(),
    "relay": crossed_relay(),
    "mayan": crossed_mayan(),
    "thorchain": crossed_thorchain(),
    "celer": crossed_celer(),
    "poly": crossed_poly(),
    "nomad": crossed_nomad(),
}
"""By protocol."""
