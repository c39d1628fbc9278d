"""Coin transactions in one line each, for tests of heuristics; nothing of the product imports this module.

joined(coins("T1", "w:alice 50", "w:bob 30, w:alice2 19"), coins("T2", "T1:1", "w:carol 18"))
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from recover.sdk import Leg, Transaction

CHAIN = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
START = datetime(2026, 1, 1, tzinfo=UTC)
SCRIPTS = {"w": "p2wpkh", "t": "p2tr", "s": "p2sh", "k": "p2pkh", "m": "p2wsh", "n": "multi"}


def coins(
    id: str,
    inputs: str,
    outputs: str,
    *,
    height: int = 1,
    index: int | None = None,
    chain: str = CHAIN,
    whole: bool = True,
    version: int = 2,
    locktime: int = 0,
    sequence: int = 0xFFFFFFFD,
    lowr: bool | None = True,
    vsize: int = 200,
    extension: bool = False,
) -> Transaction:
    """One transaction. Coins stand between commas: `ADDRESS VALUE`, or `TX:NUMBER` for an input shown elsewhere.

    `ADDRESS VALUE TX:NUMBER` is an input that shows what it spends. An address begins with a letter of SCRIPTS and
    a colon; `data` stands for an output that nobody can spend. No inputs make a coinbase.
    """
    paid = [_output(chain, n, text) for n, text in enumerate(_split(outputs))]
    spent = [_input(chain, id, n, text) for n, text in enumerate(_split(inputs))]
    if not spent:
        brought = -sum(leg.amount or 0 for leg in paid)
        spent = [Leg(kind="reward", address=None, asset=_asset(chain), amount=brought, index=0)]
    facts = {
        "inputs": [_script(leg.address) for leg in spent if leg.kind == "input"],
        "locktime": locktime,
        "lowr": lowr,
        "outputs": ["op_return" if leg.address is None else _script(leg.address) for leg in paid],
        "sequence": [sequence for _ in _split(inputs)],
        "version": version,
        "vsize": vsize,
        **({"extension": True} if extension else {}),
    }
    return Transaction(
        chain=chain,
        id=id,
        place=1,
        legs=(*spent, *paid),
        time=START + timedelta(minutes=10 * height),
        height=height,
        index=_number(id) if index is None else index,
        whole=whole,
        facts=json.dumps(facts, sort_keys=True, separators=(",", ":")),
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _asset(chain: str) -> str:
    return f"{chain}/slip44:1"


def _script(address: str | None) -> str:
    return "" if address is None else SCRIPTS.get(address.split(":", 1)[0], "")


def _number(id: str) -> int:
    """The place in its block that an id such as T12 asks for."""
    return int(id[1:]) if id[:1] == "T" and id[1:].isdigit() else 0


def _origin(text: str) -> tuple[str, int]:
    tx, number = text.rsplit(":", 1)
    return tx, int(number)


def _input(chain: str, id: str, number: int, text: str) -> Leg:
    parts = text.split()
    if len(parts) == 1:
        held = Leg(kind="input", address=None, asset=_asset(chain), amount=None, index=number)
        return _spending(held, _origin(parts[0]))
    origin = _origin(parts[2]) if len(parts) > 2 else (f"before {id}", number)
    held = Leg(kind="input", address=parts[0], asset=_asset(chain), amount=-int(parts[1]), index=number)
    return _spending(held, origin)


def _spending(leg: Leg, origin: tuple[str, int]) -> Leg:
    return Leg(
        kind="input", address=leg.address, asset=leg.asset, amount=leg.amount, index=leg.index, spends=origin
    )


def _output(chain: str, number: int, text: str) -> Leg:
    address, value = ("data", "0") if text == "data" else text.split()
    held = None if address == "data" else address
    return Leg(kind="output", address=held, asset=_asset(chain), amount=int(value), index=number)
