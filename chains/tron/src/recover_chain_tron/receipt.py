"""A node's answer to `gettransactioninfobyid`: when a transaction was done, how it ended, what it cost and moved.

The receipt does not say who sent the transaction. The request that it answers does, in its anchor, which is never
sent: `collect` wrote there what the bytes of the body say. A receipt from a file has no anchor, and is a part
only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recover.sdk import Event, Gap, Leg, Transaction
from recover_chain_tron import acts, body, events, fields
from recover_chain_tron.body import pair
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.order import Order
from recover_chain_tron.shown import TRX, trc10

_DONE = (None, "", "DEFAULT", "SUCCESS")
_MOVES = ("", "call", "create", "suicide")
_STAYS = ("freeze", "unfreeze", "vote", "cancelAllUnfreeze", "withdrawExpireUnfreeze")
_EXTRA = 1_000_000  # sun: a note costs this much, and so do signatures beyond the first (chain parameters)


def records(said: Mapping[str, Any], order: Order | None, topics: frozenset[str]) -> Iterator[Any]:
    """The whole transaction where its order is known, else what the receipt alone shows.

    Raises ValueError or KeyError.
    """
    tx = fields.matched(said, "id", fields.ID).lower()
    receipt = fields.mapping(said.get("receipt") or {}, "receipt")
    failed = said.get("result") not in (None, "SUCESS", "SUCCESS") or receipt.get("result") not in _DONE
    logs = events.read(said.get("log"))
    fee = fields.amount(said, "fee")
    moves, found = _inside(tx, said.get("internal_transactions") or [])
    gaps: list[Gap] = []
    if order is not None:
        made = fields.account(said, "contract_address") if said.get("contract_address") else None
        ordered, unread = body.legs(tx, order, made)
        gaps += unread
        moves = [*_rewards(said, order), *ordered, *moves]
        moves += pair("fee", order.owner, None, TRX, fee, _FEE) if fee else []
    moves += events.legs(logs, _LOGS)
    yield Transaction(
        chain=CHAIN,
        id=tx,
        place=0,
        legs=tuple(moves),
        time=fields.moment(fields.millis(said.get("blockTimeStamp"))),
        height=fields.amount(said, "blockNumber"),
        failed=failed,
        whole=order is not None and not gaps,
        facts="{}" if order is None else body.facts(order),
    )
    yield from gaps
    yield from _gaps(tx, order, fee, logs)
    yield from found
    yield from events.said(tx, logs)
    yield from events.wanted(tx, logs, topics)
    if order is not None:
        yield from acts.of_order(tx, order)
        yield from acts.of_receipt(tx, order, _flat(order, fee, receipt), _payers(logs, order))


_FEE, _LOGS, _INSIDE = 2, 1_000_000, 1_000  # pairs: of the order 0 and 1, of rewards 3, of calls and of logs


def _flat(order: Order, fee: int, receipt: Mapping[str, Any]) -> int:
    metered = fields.amount(receipt, "net_fee") + fields.amount(receipt, "energy_fee")
    return fee - metered - order.extras * _EXTRA


def _payers(logs: Sequence[events.Recorded], order: Order) -> list[str]:
    """Who paid the receiver for whom a relayer sent: a gas-free account of the user, as the token recorded it."""
    paid = (leg for leg in events.legs(logs, 0) if order.user and leg.out and leg.address)
    return [str(leg.address) for leg in paid if leg.address not in (order.owner, order.receiver)]


def _rewards(said: Mapping[str, Any], order: Order) -> list[Leg]:
    """Rewards of voters and witnesses are new coins when they are claimed. What was frozen was the owner's
    anyway.
    """
    amount = fields.amount(said, "withdraw_amount")
    return pair("reward", None, order.owner, TRX, amount, 3) if amount else []


def _inside(tx: str, listed: Any) -> tuple[list[Leg], list[Event | Gap]]:
    if not isinstance(listed, list):
        raise ValueError("internal_transactions is not a list")
    moves: list[Leg] = []
    said: list[Event | Gap] = []
    for index, raw in enumerate(listed, start=1):
        each = fields.mapping(raw, f"internal transaction {index}")
        caller, to = fields.account(each, "caller_address"), fields.account(each, "transferTo_address")
        note = bytes.fromhex(str(each.get("note") or "")).decode("utf-8", "replace")
        values = [fields.mapping(value, "callValueInfo") for value in each.get("callValueInfo") or []]
        if each.get("rejected"):
            continue
        if note not in _MOVES:
            event = acts.inside(tx, index, note, caller, to, sum(fields.amount(v, "callValue") for v in values))
            said += [event] if event is not None else []
            if event is None and note == "withdrawReward":
                values = [{**value, "reward": True} for value in values]
            elif event is None and not note.startswith(_STAYS):
                said.append(_strange(tx, note))
            if note != "withdrawReward":
                continue
        for part, value in enumerate(values):
            amount = fields.amount(value, "callValue")
            token = str(value.get("tokenId") or "")
            what = trc10(token) if token and token != "_" else TRX
            kind, src = ("reward", None) if note == "withdrawReward" else ("internal", caller)
            if amount:
                moves += pair(kind, src, to, what, amount, _INSIDE + 8 * index + part, index)
    return moves, said


def _strange(tx: str, note: str) -> Gap:
    return Gap(
        code="internal-unread",
        subject=f"{CHAIN}:{tx}",
        why=f"A call inside it is marked {note[:40]!a}, which is not read here.",
        effect="What it moved, if anything, is left out.",
    )


def _gaps(tx: str, order: Order | None, fee: int, logs: Sequence[events.Recorded]) -> Iterator[Gap]:
    if order is None:
        yield Gap(
            code="sender-unknown",
            subject=f"{CHAIN}:{tx}",
            why=f"The receipt came without its request, and does not say who paid its fee of {fee} sun.",
            effect="The fee and what the transaction itself paid are left out until its body is here.",
        )
    odd = events.odd(logs)
    if odd:
        yield Gap(
            code="token-standard",
            subject=f"{CHAIN}:{tx}",
            why=f"Logs named Transfer are not in the shape of TRC-20 ({len(odd)} here).",
            effect="They are left out: what they move is no amount.",
        )
