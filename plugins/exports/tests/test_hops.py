"""Hop and outflow rows of a mixed address: 60 traced and 50 clean come in, and seven things go out."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from recover.sdk import UINT256, View, amounts
from recover.testing import sample
from recover_exports.sheets import Sheets

COIN = sample.COIN.id


def _view(
    flows: list[tuple[int, str, str, int]], moves: list[tuple[str, str | None, int, str, str | None]]
) -> View:
    base = sample.view()
    shared = {"chain": sample.CHAIN, "asset": COIN, "time": sample.NOON, "exhibit": 1}
    rows = []
    for n, (src, dst, amount, kind, excluded) in enumerate(moves):
        narrow, wide = amounts.split(amount)
        spot = {"seq": n, "tx": f"t{n}", "place": n + 2, "height": 100 + n, "leg": n}
        moved = {"src": src, "dst": dst, "amount": narrow, "wide": wide, "kind": kind, "excluded": excluded}
        rows.append({**shared, **spot, **moved})
    schema = base.tables["transfers"]().schema
    schema = schema.append(pa.field("height", pa.int64())).append(pa.field("leg", pa.int64()))
    events = []
    for seq, loss, event, amount in flows:
        narrow, wide = amounts.split(amount)
        events.append({"seq": seq, "loss": loss, "event": event, "amount": narrow, "wide": wide})
    ends = [
        {"loss": "L1", "address": "hot", "reason": "service"},
        {"loss": "L1", "address": "mix", "reason": "fee"},
        {"loss": "L1", "address": "mix", "reason": "rest"},
    ]
    shared_end = {"rule": "fifo", "ties": "as recorded", "asset": COIN, "amount": 1, "transfers": 1}
    made = {
        "transfers": pa.Table.from_pylist(rows, schema=schema),
        "flows": pa.Table.from_pylist(events, schema=base.tables["flows"]().schema),
        "ends": pa.Table.from_pylist([{**shared_end, **e} for e in ends], schema=base.tables["ends"]().schema),
    }
    return replace(base, tables={**base.tables, **{name: partial(_same, t) for name, t in made.items()}})


def _same(table: pa.Table) -> pa.Table:
    return table


def _mixed() -> View:
    moves: list[tuple[str, str | None, int, str, str | None]] = [
        ("mix", "old", 5, "transfer", None),
        ("wallet", "mix", 60, "transfer", None),
        ("owner", "mix", 50, "transfer", None),
        ("mix", "hot", 55, "transfer", None),
        ("mix", None, 3, "fee", None),
        ("mix", "next", 10, "transfer", None),
        ("mix", "shop", 20, "transfer", None),
        ("mix", "lookalike", 0, "transfer", "zero-value"),
        ("mix", "mix", 7, "transfer", None),
        ("owner", "shop", 9, "transfer", None),
    ]
    flows = [
        (1, "L1", "start", 60),
        (3, "L1", "move", 55),
        (3, "L1", "end", 55),
        (4, "L1", "move", 3),
        (4, "L1", "end", 3),
        (5, "L1", "move", 1),
        (5, "L2", "start", 4),
    ]
    return _view(flows, moves)


def _read(view: View, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(dict(Sheets().files(view))[name].decode().splitlines()))


def test_a_hop_row_says_what_was_traced_and_why_it_went_no_further() -> None:
    rows = _read(_mixed(), "hops.csv")
    assert [
        (r["hop_id"], r["raw_amount"], r["traced_amount"], r["event_type"], r["stop_reason"]) for r in rows
    ] == [
        ("1-L1", "60", "60", "transfer", ""),
        ("3-L1", "55", "55", "service_in", "service"),
        ("4-L1", "3", "3", "fee", "fee"),
        ("5-L1", "10", "1", "transfer", ""),
        ("5-L2", "10", "4", "transfer", ""),
    ]
    first: dict[str, Any] = rows[1]
    assert first == {
        "hop_id": "3-L1",
        "seq": "3",
        "chain": "toy:1",
        "block": "103",
        "log_index": "3",
        "tx_hash": "t3",
        "block_time_utc": "2024-01-02T12:00:00.000Z",
        "from": "mix",
        "to": "hot",
        "asset": COIN,
        "contract": "coin",
        "raw_amount": "55",
        "decimals": "2",
        "loss": "L1",
        "traced_amount": "55",
        "began": "0",
        "passed": "55",
        "ended": "55",
        "event_type": "service_in",
        "stop_reason": "service",
        "exhibit": "1",
        "place": "5",
    }


def test_every_outflow_of_a_mixed_address_is_listed_and_balances() -> None:
    rows = _read(_mixed(), "outflows.csv")
    assert [(r["to"], r["moved"], r["traced"], r["clean"], r["fate"], r["reason"]) for r in rows] == [
        ("old", "5", "0", "5", "before", ""),
        ("hot", "55", "55", "0", "stopped", "service"),
        ("", "3", "3", "0", "stopped", "fee"),
        ("next", "10", "5", "5", "followed", ""),
        ("shop", "20", "0", "20", "no traced value", ""),
        ("lookalike", "0", "0", "0", "left out", "zero-value"),
        ("mix", "7", "0", "7", "to itself", ""),
    ]


def test_the_widest_amount_keeps_every_digit() -> None:
    view = _view(
        [(0, "L1", "start", UINT256), (1, "L1", "move", UINT256 - 1)],
        [("wallet", "mix", UINT256, "transfer", None), ("mix", "next", UINT256, "transfer", None)],
    )
    assert _read(view, "hops.csv")[1]["traced_amount"] == str(UINT256 - 1)
    assert [(r["moved"], r["clean"]) for r in _read(view, "outflows.csv")] == [(str(UINT256), "1")]
