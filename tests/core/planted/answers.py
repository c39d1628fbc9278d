"""What a service of the planted networks answered, and what it must come to: worked out by hand from the fields.

Every amount that the expectations state is written out as a number here; nothing of them is computed by a decoder.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from recover.sdk import Request


def name(word: str) -> str:
    """The address of a word; the checksum is the chain's rule, written here a second time."""
    return f"P{word}{sha256(word.encode()).hexdigest()[:6]}"


ANN, BOB, EVE, SHOP, DAN = (name(word) for word in ("Ann", "Bob", "Eve", "Shop", "Dan"))
DOLLAR, GEM = name("Dollar"), name("Gem")
T = {n: f"{n:064x}" for n in (1, 2, 3, 4, 5, 6, 7)}
T[8] = "c3" * 16 + "0b" * 16
T[9] = "a1" * 16 + "0c" * 16
T[10] = "0d" * 16 + "b2" * 16


def box(word: str) -> dict[str, str]:
    """Who holds tokens: the sub-account, and its owner."""
    return {"account": name(f"{word}Box"), "owner": name(word)}


def log(index: int, src: str, dst: str, amount: str, token: str = DOLLAR) -> dict[str, Any]:
    symbol, decimals = {DOLLAR: ("DOL", 6), GEM: ("GEM", 18)}[token]
    return {
        "index": index,
        "contract": token,
        "symbol": symbol,
        "decimals": decimals,
        "from": box(src),
        "to": box(dst),
        "amount": amount,
    }


def item(n: int, block: int, position: int, payer: str, fee: str, **more: Any) -> dict[str, Any]:
    made = {"id": T[n], "type": "payment", "status": "ok", "block": block, "position": position, "payer": payer}
    return {**made, "fee": fee, "logs": [], **more}


def page(*items: dict[str, Any], network: str = "main", after: str | None = None, **more: Any) -> bytes:
    body = {"form": "plant-accounts", "network": network, "as_of_ms": 1_656_000_000_000, "next": after}
    return json.dumps({**body, "items": items, **more}, indent=1).encode()


def value(src: str, dst: str, amount: str) -> dict[str, str]:
    return {"from": src, "to": dst, "amount": amount}


def asked(address: str, network: str = "main", cursor: str = "start") -> Request:
    return Request(url=f"https://plant.example/{network}/accounts/{address}/history?cursor={cursor}")


# Bob pays Ann coins; Ann pays tokens of two kinds and coins to four others, and is paid by a failed call.
FIRST = page(
    item(1, 1201, 4, BOB, "120", time_ms=1_655_778_535_000, value=value(BOB, ANN, "9007199254740993")),
    item(
        2,
        1202,
        0,
        ANN,
        "130",
        time_ms=1_655_778_545_000,
        value=value(ANN, EVE, "77"),
        logs=[
            log(3, "Ann", "Bob", "1.500000"),
            log(4, "Ann", "Bob", "1.500000"),
            log(5, "Ann", "Dan", "0.250000000000000001", GEM),
            log(6, "Ann", "Eve", "2.000001"),
        ],
        transfers=[log(3, "Ann", "Bob", "1.500000")],
    ),
    after="c2",
)
SECOND = page(
    item(5, 1203, 0, EVE, "0", type="call", value=value(EVE, ANN, "1")),
    item(3, 1203, 1, ANN, "140", time_ms=1_655_778_555_000, status="reverted", value=value(ANN, EVE, "5000")),
    item(4, 1204, 2, ANN, "150", at="2022-06-21 02:29:25", tag="7731", value=value(ANN, SHOP, "600")),
)
SIDE = page(item(6, 31, 9, DAN, "11", time_ms=1_655_778_535_000, value=value(DAN, EVE, "1000000")), network="side")
EMPTY = page()
REFUSED = page(error="too many requests")


def coin(address: str | None, amount: str) -> dict[str, Any]:
    return {"address": address, "amount": amount}


def spent(n: int, output: int, address: str, amount: str) -> dict[str, Any]:
    return {"id": T[n], "n": output, "address": address, "amount": amount}


BLOCK = json.dumps(
    {
        "form": "plant-coins",
        "block": 77,
        "time_ms": 1_655_778_535_000,
        "txs": [
            {
                "id": T[8],
                "inputs": [spent(7, 0, ANN, "1000")],
                "outputs": [coin(BOB, "600"), coin(None, "0"), coin(DAN, "390")],
            },
            {"id": T[9], "inputs": [spent(8, 0, BOB, "600")], "outputs": [coin(EVE, "100"), coin(BOB, "495")]},
            {"id": T[10], "inputs": [spent(8, 2, DAN, "390")], "outputs": [coin(SHOP, "385")]},
        ],
    },
    indent=1,
).encode()
