"""What owners, spenders, issuers and pools say in event logs: EVENTS tables, none of which moves anything.

Method: ERC-20, EIP-2612 and Permit2 for allowances; the issuers' contracts for freezes (`topics.FORMS`); Uniswap's
contracts for swaps.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts, table
from recover_chain_evm import columns, topics, words
from recover_chain_evm.address import ZERO
from recover_chain_evm.logs import Column, Logs, assets, fits, is_plain
from recover_chain_evm.networks import Network
from recover_chain_evm.topics import Form

TRANSFER_FROM = "0x23b872dd"
PERMITS = ("0xd505accf", "0x8fcbaf0c")
"""Selectors of `permit` as EIP-2612 has it and as Dai has it."""


def said(network: Network, logs: Logs) -> list[pa.Table]:
    """EVENTS tables: approvals, freezes and the like (`topics.FORMS`), Permit2, swaps, and spending by others."""
    shown = logs.shown()
    found = [_formed(network, logs, form) for form in topics.FORMS if form.topic in shown]
    found += [_spent(network, logs)] if topics.TRANSFER in shown else []
    found += [_permit2(network, logs)] if shown & {topics.PERMIT2_APPROVAL, topics.PERMIT2_PERMIT} else []
    found += [_swapped(network, logs)] if shown & {topic for topic, *_ in _SWAPS} else []
    return [rows for rows in found if rows.num_rows]


def _formed(network: Network, logs: Logs, form: Form) -> pa.Table:
    rows = logs.only(logs.named(form.topic) & fits(logs, form))
    if form.array:
        return _denied(network, rows, form)
    kind: Column | str = form.kind
    if form.kind == "approve":
        kind = pc.if_else(_permitted(rows), "permit", "approve")
    other = None if form.other is None else words.address(words.word(rows.payload, form.other))
    value = None if form.amount is None else words.of_words(words.word(rows.payload, form.amount))
    who = words.address(words.word(rows.payload, form.address))
    return _events(network, rows, kind=kind, address=who, other=other, value=value)


def _permitted(rows: Logs) -> Column:
    """An approval given by calling `permit` on the token: the owner signed it, anybody may send it."""
    called = pc.and_(pc.equal(rows.called, rows.contract), pc.is_in(rows.method, value_set=pa.array(PERMITS)))
    return pc.fill_null(called, False)


def _events(
    network: Network, rows: Logs, *, kind: Column | str, address: Column, other: Column, value: words.Exact | None
) -> pa.Table:
    size = len(rows)
    given = {"amount": value.amount, "wide": value.wide} if value else {}
    given |= {"other": other} if other is not None else {}
    made: pa.Table = table(
        "events",
        {
            "kind": pa.repeat(kind, size) if isinstance(kind, str) else kind,
            "chain": pa.repeat(network.id, size),
            "tx": rows.tx,
            "contract": rows.contract,
            "address": address,
            "asset": assets(network, rows.contract),
            "index": rows.index,
            "place": rows.place,
            **given,
        },
    )
    return made


def _denied(network: Network, rows: Logs, form: Form) -> pa.Table:
    """One event for each member of the list: where it begins, how many, then they."""
    listed: list[dict[str, Any]] = []
    for row, payload in enumerate(rows.payload.to_pylist()):
        members = [payload[i : i + 64] for i in range(128, len(payload) - 63, 64)]
        if int(payload[:64], 16) != 32 or int(payload[64:128], 16) != len(members):
            continue
        base = {
            "kind": form.kind,
            "chain": network.id,
            "tx": rows.tx[row].as_py(),
            "index": rows.index[row].as_py(),
        }
        base |= {
            "contract": (c := rows.contract[row].as_py()),
            "asset": network.erc20 + c,
            "place": rows.place[row].as_py(),
        }
        listed += [{**base, "address": "0x" + m[24:]} for m in members if m.startswith("0" * 24)]
    return table("events", listed)


def _spent(network: Network, logs: Logs) -> pa.Table:
    """Transfers that another than the owner brought about.

    `other` called the token: the sender where the transaction called the token's transferFrom itself, else the
    contract that the transaction called, which is an inference. `facts.shown` says which: call or log.
    """
    rows = logs.only(logs.named(topics.TRANSFER) & is_plain(logs) & np.asarray(pc.is_valid(logs.sender)))
    owner = words.address(words.word(rows.payload, 0))
    direct = pc.and_(
        pc.fill_null(pc.equal(rows.called, rows.contract), False), pc.equal(rows.method, TRANSFER_FROM)
    )
    direct = pc.fill_null(direct, False)
    other = pc.if_else(direct, rows.sender, rows.called)
    apart = pc.and_(pc.not_equal(owner, rows.sender), pc.not_equal(owner, pc.fill_null(other, ZERO)))
    apart = pc.and_(pc.and_(apart, pc.not_equal(owner, ZERO)), pc.is_valid(other))
    apart = pc.and_(apart, pc.or_(direct, pc.not_equal(rows.called, rows.contract)))
    keep = np.asarray(pc.fill_null(apart, False))
    picked, mask = rows.only(keep), pa.array(keep)
    to = words.address(words.word(picked.payload, 1))
    made = _events(
        network,
        picked,
        kind="spend",
        address=owner.filter(mask),
        other=other.filter(mask),
        value=words.of_words(words.word(picked.payload, 2)),
    )
    shown = direct.filter(mask).to_pylist()
    texts = columns.facts(
        {"sender": s, "to": t, "shown": "call" if d else "log"}
        for s, t, d in zip(picked.sender.to_pylist(), to.to_pylist(), shown, strict=True)
    )
    return made.set_column(
        made.column_names.index("facts"), made.schema.field("facts"), pa.array(texts, pa.string())
    )


def _permit2(network: Network, logs: Logs) -> pa.Table:
    """Allowances inside Permit2: owner, token, spender, amount (160 bits)."""
    listed: list[dict[str, Any]] = []
    for topic, kind, size in ((topics.PERMIT2_APPROVAL, "approve", 5), (topics.PERMIT2_PERMIT, "permit", 6)):
        rows = logs.only(logs.named(topic) & (logs.count == 4) & logs.sized(size))
        for row, payload in enumerate(rows.payload.to_pylist()):
            parts = [payload[i : i + 64] for i in range(0, 64 * size, 64)]
            if all(part.startswith("0" * 24) for part in parts[:4]):
                listed.append(_row(network, rows, row, kind, parts[0], parts[2], asset=parts[1], amount=parts[3]))
    return table("events", listed)


def _row(
    network: Network,
    rows: Logs,
    row: int,
    kind: str,
    address: str,
    other: str,
    *,
    asset: str | None = None,
    amount: str | None = None,
    facts: str = "{}",
) -> dict[str, Any]:
    pair = (None, None) if amount is None else amounts.split(int(amount, 16))
    return {
        "kind": kind,
        "chain": network.id,
        "tx": rows.tx[row].as_py(),
        "contract": rows.contract[row].as_py(),
        "address": "0x" + address[24:],
        "other": "0x" + other[24:],
        "asset": None if asset is None else network.erc20 + "0x" + asset[24:],
        "amount": pair[0],
        "wide": pair[1],
        "index": rows.index[row].as_py(),
        "place": rows.place[row].as_py(),
        "facts": facts,
    }


_SWAPS = (
    (topics.SWAP_V2, 6, "uniswap-v2", ("amount0In", "amount1In", "amount0Out", "amount1Out"), False),
    (topics.SWAP_V3, 7, "uniswap-v3", ("amount0", "amount1"), True),
    (topics.SWAP_V4, 8, "uniswap-v4", ("amount0", "amount1"), True),
)


def _swapped(network: Network, logs: Logs) -> pa.Table:
    """Exchanges by a pool. v3 amounts are the pool's view (positive: into it); v4's are the other way round.

    `address` is who called the pool, usually a router. In v4 all pools are in one contract; `facts.pool` names it.
    """
    listed: list[dict[str, Any]] = []
    for topic, size, protocol, names, signed in _SWAPS:
        rows = logs.only(logs.named(topic) & (logs.count == 3) & logs.sized(size))
        for row, payload in enumerate(rows.payload.to_pylist()):
            parts = [payload[i : i + 64] for i in range(0, 64 * size, 64)]
            four = protocol == "uniswap-v4"
            said: dict[str, Any] = {"protocol": protocol, **({"pool": "0x" + parts[0]} if four else {})}
            said |= {name: str(_integer(parts[2 + n], signed)) for n, name in enumerate(names)}
            text = json.dumps(said, sort_keys=True, separators=(",", ":"))
            caller, to = (parts[1], parts[1]) if four else (parts[0], parts[1])
            listed.append(_row(network, rows, row, "swap", caller, to, facts=text))
    return table("events", listed)


def _integer(word: str, signed: bool) -> int:
    value = int(word, 16)
    return value - 2**256 if signed and value >= 2**255 else value
