"""A node's answer to `gettransactionbyid`: the bytes of a transaction, checked against its id and its
signatures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import Event, Gap, Leg, Transaction
from recover_chain_tron import acts, fields, order, signed
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.order import Body, Order
from recover_chain_tron.shown import TRX, trc10

_DONE = ("SUCCESS", "DEFAULT")
_MOST = 10  # signatures: a permission has at most five keys


def read(said: Mapping[str, Any]) -> tuple[Body, tuple[str, ...]]:
    """The transaction out of its bytes, and the addresses that signed it. Raises ValueError or KeyError.

    What a server says of it beside the bytes is held against them: an id that is not their hash is refused.
    """
    text = fields.text(said, "raw_data_hex")
    signatures = said.get("signature") or []
    if not isinstance(signatures, list) or len(signatures) > _MOST:
        raise ValueError("signature is no list of up to ten")
    try:
        raw = bytes.fromhex(text)
        made = [bytes.fromhex(each) for each in signatures]
    except (ValueError, TypeError):
        raise ValueError("raw_data_hex or a signature is not hexadecimal") from None
    found = order.read(raw, len(signatures))
    if fields.matched(said, "txID", fields.ID).lower() != found.id:
        raise ValueError(f"its id is not the SHA-256 of its bytes, which is {found.id}")
    return found, tuple(signed.signer(found.id, each) for each in made)


def records(said: Mapping[str, Any]) -> Iterator[Transaction | Event | Gap]:
    """What the bytes order, and whether it was done where the answer says so. Raises ValueError or KeyError."""
    body, signers = read(said)
    moves, gaps = legs(body.id, body.order, None)
    yield Transaction(
        chain=CHAIN,
        id=body.id,
        place=0,
        legs=tuple(moves),
        failed=_failed(said),
        proof="self-authenticating",
        facts=facts(body.order),
    )
    yield from gaps
    yield from acts.of_order(body.id, body.order)
    yield from acts.of_keys(body)
    yield from acts.of_signers(body, signers)
    if not signers:
        yield Gap(
            code="unsigned",
            subject=f"{CHAIN}:{body.id}",
            why="The answer holds the transaction's bytes, and no signature.",
            effect="That its owner sent it rests on the chain's rules, not on these bytes.",
        )


def _failed(said: Mapping[str, Any]) -> bool | None:
    """None where the answer does not say: payments of the first years carry no result."""
    ret = said.get("ret") or [{}]
    if not isinstance(ret, list):
        raise ValueError("ret is not a list")
    outcome = fields.mapping(ret[0], "ret").get("contractRet")
    return None if outcome is None else outcome not in _DONE


def facts(said: Order) -> str:
    """Who sent it, what he called, and for whom."""
    found = {"from": said.owner, "kind": said.kind}
    found |= {"to": said.to} if said.to else {}
    found |= {"method": said.method} if said.method else {}
    found |= {"for": said.user} if said.user else {}
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def legs(tx: str, said: Order, made: str | None) -> tuple[Sequence[Leg], Sequence[Gap]]:
    """What the order itself moves, numbered 0 as the outermost call; `made` is the contract that it created."""
    gaps: list[Gap] = []
    if said.unread:
        gaps.append(_unread(tx, said))
    to = said.to or made
    moves: list[Leg] = []
    if to is not None and said.kind not in order.names() and not said.unread:
        if said.amount:
            moves += pair("transfer", said.owner, to, TRX, said.amount, 0)
        if said.token_amount and _numbered(said.token):
            moves += pair("transfer", said.owner, to, trc10(said.token), said.token_amount, 1)
        elif said.token_amount:
            gaps.append(_named(tx, said))
    return moves, gaps


def pair(
    kind: Any, src: str | None, dst: str | None, what: str, amount: int, number: int, index: int = 0
) -> list[Leg]:
    """The two legs of one movement."""
    return [
        Leg(kind=kind, address=src, asset=what, amount=-amount, pair=number, index=index, out=True),
        Leg(kind=kind, address=dst, asset=what, amount=amount, pair=number, index=index, out=False),
    ]


def _numbered(token: str) -> bool:
    return len(token) == 7 and token.isascii() and token.isdigit()


def _unread(tx: str, said: Order) -> Gap:
    return Gap(
        code="contract-unread",
        subject=f"{CHAIN}:{tx}",
        why=f"The transaction is of the kind {said.kind}, which is not read here.",
        effect="What it moved is left out; only its fee is booked.",
    )


def _named(tx: str, said: Order) -> Gap:
    return Gap(
        code="trc10-name",
        subject=f"{CHAIN}:{tx}",
        why=f"It moves a TRC-10 token by the name {said.token[:40]!a}, and names are not unique.",
        effect="The movement is left out: only a token's number says which it is.",
    )
