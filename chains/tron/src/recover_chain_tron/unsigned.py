"""Proposed transactions: the raw bytes that are signed (`raw_data_hex`), read from the bytes and never signed.

The JSON beside them (`raw_data`) is what a server made of them, and is not believed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from recover.sdk import Moved, Proposal, other_form
from recover_chain_tron import order, wire
from recover_chain_tron.chain import CHAIN, asset
from recover_chain_tron.order import Body
from recover_chain_tron.shown import TRX, trc10

_LARGEST = 1 << 18
_EXPIRES, _FEE = 8, 18
_TRANSFER, _FROM, _APPROVE = "a9059cbb", "23b872dd", "095ea7b3"


def proposed(data: bytes) -> Proposal:
    """What a proposed transaction does. Raises NotRecognised for bytes that are none."""
    if len(data) > _LARGEST:
        raise other_form(f"a file of {len(data):,} bytes", "no transaction is so large")
    try:
        raw, signed, said = _bytes(data.strip())
        body = order.read(raw)
        if said and said.lower() != body.id:
            raise ValueError(f"its id is not the SHA-256 of its bytes, which is {body.id}")
        return _told(body, wire.read(raw), signed)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise other_form(
            "no TRON transaction that can be read", str(error) or "a part of it is missing"
        ) from error


def _bytes(text: bytes) -> tuple[bytes, bool, str]:
    if text.startswith(b"{"):
        found: Any = json.loads(text)
        found = found.get("transaction", found)
        return bytes.fromhex(found["raw_data_hex"]), bool(found.get("signature")), str(found.get("txID", ""))
    raw = bytes.fromhex(text.decode("ascii").removeprefix("0x"))
    if len(raw) == 32:
        raise ValueError("32 bytes alone may be a private key, and no key belongs here")
    return raw, False, ""


def _told(body: Body, whole: wire.Message, signed: bool) -> Proposal:
    said, moves, says, warns, unread = body.order, list[Moved](), list[str](), list[str](), list[str]()
    lets: list[Moved] = []
    if said.kind == "TriggerSmartContract":
        _call(body, moves, lets, says, unread)
    elif said.unread or said.kind in order.names() or not said.to:
        unread.append(f"It is a {said.kind}, and no transfer.")
        warns += [f"It gives {key.address} the permission {key.permission}." for key in body.keys]
    if said.amount and said.to and said.kind not in order.names() and not said.unread:
        moves.insert(0, Moved(asset=TRX, amount=said.amount, src=said.owner, dst=said.to))
    if said.token_amount:
        moves.append(
            Moved(asset=trc10(said.token), amount=said.token_amount, src=said.owner, dst=said.to, index=1)
        )
    if ends := whole.number(_EXPIRES):
        says.append(f"It lapses at {datetime.fromtimestamp(ends // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC.")
    if said.permission:
        says.append(f"It uses the permission number {said.permission} of the account.")
    if body.memo:
        says.append(f"It carries a note of {len(body.memo)} bytes, which everybody can read.")
    return Proposal(
        chain=CHAIN,
        form="raw data",
        id=body.id,
        sender=said.owner,
        moves=tuple(moves),
        lets=tuple(lets),
        fee_most=whole.number(_FEE) or None,
        says=tuple(says),
        warns=tuple(warns),
        unread=tuple(unread),
        signed=signed,
    )


def _call(body: Body, moves: list[Moved], lets: list[Moved], says: list[str], unread: list[str]) -> None:
    said, data = body.order, body.data
    words = [data[at : at + 32] for at in range(4, len(data), 32)]
    whole = len(data) == 4 + 32 * len(words) and all(len(word) == 32 for word in words)
    token = asset(said.to)
    if said.method == _TRANSFER and whole and len(words) == 2:
        moves.append(
            Moved(asset=token, amount=int.from_bytes(words[1], "big"), src=said.owner, dst=order.word(words[0]))
        )
    elif said.method == _FROM and whole and len(words) == 3:
        amount, src, dst = int.from_bytes(words[2], "big"), order.word(words[0]), order.word(words[1])
        moves.append(Moved(asset=token, amount=amount, src=src, dst=dst))
        says.append("It moves what another account has let the signer take.")
    elif said.method == _APPROVE and whole and len(words) == 2:
        lets.append(Moved(asset=token, amount=int.from_bytes(words[1], "big"), dst=order.word(words[0])))
        unread.append("It is an approval, and no transfer.")
    else:
        unread.append(f"It calls {said.to} with 0x{said.method or 'no method'}, which is not read here.")
