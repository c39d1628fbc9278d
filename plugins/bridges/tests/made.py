"""Logs and payments of our own making, after the published layouts: what tests give to the heuristics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recover.sdk import Log
from recover.testing import Rows, Transfer, ledger
from recover_bridges.words import Event, Param, padded


def encode(params: Sequence[Param], values: Mapping[str, Any]) -> bytes:
    """Values by name as abi.encode writes them; a name that is not given is nought."""
    heads: list[bytes] = []
    tails: list[bytes] = []
    size = sum(each.size for each in params)
    for each in params:
        value = values.get(each.name)
        if not each.dynamic:
            heads.append(encode(each.parts, value or {}) if each.parts else cell(each.type, value))
            continue
        heads.append((size + sum(map(len, tails))).to_bytes(32, "big"))
        if each.parts:
            tails.append(encode(each.parts, value or {}))
        elif each.type.endswith("[]"):
            cells = [cell(each.type[:-2], one) for one in value or ()]
            tails.append(len(cells).to_bytes(32, "big") + b"".join(cells))
        else:
            body = value.encode() if isinstance(value, str) else value or b""
            tails.append(len(body).to_bytes(32, "big") + body + bytes(-len(body) % 32))
    return b"".join([*heads, *tails])


def cell(kind: str, value: Any) -> bytes:
    """One word."""
    if kind == "address":
        return padded(value or "0x" + "0" * 40)
    if kind == "bytes32":
        return padded(value) if isinstance(value, str) else (value or b"").ljust(32, b"\0")
    return int(value or 0).to_bytes(32, "big", signed=int(value or 0) < 0)


def log(event: Event, chain: str, tx: str, contract: str, number: int, /, **values: Any) -> Log:
    """A log of an event."""
    topics = [cell(each.type, values.get(each.name)) for each in event.params if each.indexed]
    data = encode([each for each in event.params if not each.indexed], values)
    return Log(
        chain=chain,
        tx=tx,
        contract=contract,
        topics=(event.topic, *(f"0x{topic.hex()}" for topic in topics)),
        data=f"0x{data.hex()}",
        index=number,
    )


def who(letter: str) -> str:
    """An address of one hexadecimal digit."""
    return "0x" + letter * 40


def id(letter: str) -> str:
    """A transaction's id of one hexadecimal digit."""
    return "0x" + letter * 64


def pay(
    chain: str, tx: str, src: str | None, dst: str | None, asset: str, amount: int, leg: int = 0, **more: Any
) -> Transfer:
    """One movement."""
    kind = "mint" if src is None else "burn" if dst is None else "transfer"
    return Transfer(chain=chain, tx=tx, src=src, dst=dst, asset=asset, amount=amount, leg=leg, kind=kind, **more)


def book(*records: Transfer | Log) -> Rows:
    """A ledger of payments and logs."""
    return ledger(
        [each for each in records if isinstance(each, Transfer)],
        logs=[each for each in records if isinstance(each, Log)],
    )
