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
        "hops": pa.Table.from_pylist(
            [{"rule": "fifo", **event} for event in events], schema=base.tables["hops"]().schema
        ),
        "ends": pa.Table.from_pylist([{**shared_end, **e} for e in ends], schema=base.tables["ends"]().schema),
    }
    rule = {"id": "fifo", "claim": "yes"}
    return replace(
        base, tables={**base.tables, **{name: partial(_same, t) for name, t in made.items()}}, rules=(rule,)
    )


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
        "parent_hops": "1-L1",
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
        "mixed_balance_before": "110",
        "mixed_balance_after": "55",
        "traced_before": "60",
        "traced_after": "5",
        "event_type": "service_in",
        "stop_reason": "service",
        "link_evidence": "",
        "link_grade": "",
        "exhibit": "1",
        "place": "5",
        "note": "",
    }


def test_every_row_balances_and_names_the_hops_that_may_have_funded_it() -> None:
    rows = _read(_mixed(), "hops.csv")
    assert [(r["hop_id"], r["parent_hops"], r["traced_before"], r["traced_after"]) for r in rows] == [
        ("1-L1", "", "0", "0"),
        ("3-L1", "1-L1", "60", "5"),
        ("4-L1", "1-L1", "5", "2"),
        ("5-L1", "1-L1", "2", "1"),
        ("5-L2", "", "0", "0"),
    ]
    again = _read(_mixed(), "hops_by_rule.csv")
    assert [{**r, "rule": "fifo"} for r in again] == again
    assert [r["hop_id"] for r in again] == [r["hop_id"] for r in rows]
    for r in [*rows, *again]:
        n = {name: int(text) for name, text in r.items() if text.isdecimal()}
        assert n["traced_amount"] == n["began"] + n["passed"]
        assert n["traced_before"] - n["passed"] == n["traced_after"]
        assert n["mixed_balance_before"] - n["raw_amount"] == n["mixed_balance_after"]


def test_a_pool_is_an_account_that_runs_from_its_opening_balance() -> None:
    rows = [r for r in _read(_mixed(), "pools.csv") if r["pool"] == "mix"]
    assert [(r["entry"], r["seq"], r["amount"], r["before"], r["after"]) for r in rows] == [
        ("opening", "", "5", "0", "5"),
        ("out", "0", "5", "5", "0"),
        ("in", "1", "60", "0", "60"),
        ("in", "2", "50", "60", "110"),
        ("out", "3", "55", "110", "55"),
        ("out", "4", "3", "55", "52"),
        ("out", "5", "10", "52", "42"),
        ("out", "6", "20", "42", "22"),
    ]
    assert [(r["traced_fifo"], r["held_fifo"]) for r in rows] == [
        *(("0", "0"), ("0", "0"), ("60", "60"), ("0", "60")),
        *(("55", "5"), ("3", "2"), ("1", "1"), ("0", "1")),
    ]


def test_many_parents_are_named_by_the_first_and_the_last() -> None:
    count = 25
    moves: list[tuple[str, str | None, int, str, str | None]] = [("wallet", "mix", 1, "transfer", None)] * count
    flows = [(n, "L1", "start", 1) for n in range(count)]
    last = _view([*flows, (count, "L1", "move", 9)], [*moves, ("mix", "next", 9, "transfer", None)])
    assert _read(last, "hops.csv")[-1]["parent_hops"] == "0-L1..24-L1"


def test_a_pool_that_was_emptied_starts_anew() -> None:
    moves: list[tuple[str, str | None, int, str, str | None]] = [
        ("wallet", "mix", 4, "transfer", None),
        ("mix", "next", 4, "transfer", None),
        ("wallet", "mix", 6, "transfer", None),
        ("mix", "next", 6, "transfer", None),
    ]
    flows = [(0, "L1", "start", 4), (1, "L1", "move", 4), (2, "L1", "start", 6), (3, "L1", "move", 6)]
    assert [r["parent_hops"] for r in _read(_view(flows, moves), "hops.csv")] == ["", "0-L1", "", "2-L1"]


def test_the_pool_of_a_coin_is_its_transaction() -> None:
    """60 traced and 40 clean are spent together; 50 and 47 are paid, and 3 are the fee."""
    made = _coins()
    rows = _read(made, "hops.csv")
    names = ("hop_id", "parent_hops", "traced_amount", "mixed_balance_before", "traced_before", "traced_after")
    assert [tuple(r[name] for name in names) for r in rows] == [
        ("0-L1", "", "60", "60", "0", "0"),
        ("4-L1", "0-L1", "50", "100", "60", "10"),
        ("5-L1", "0-L1", "7", "50", "10", "3"),
        ("6-L1", "0-L1", "3", "3", "3", "0"),
    ]
    assert (rows[-1]["event_type"], rows[-1]["ended"]) == ("fee", "3")
    pools = [r for r in _read(made, "pools.csv") if r["pool"] == "t1"]
    assert [(r["entry"], r["amount"], r["after"], r["traced_fifo"], r["held_fifo"]) for r in pools] == [
        ("in", "60", "60", "60", "60"),
        ("in", "40", "100", "0", "60"),
        ("out", "50", "50", "50", "10"),
        ("out", "47", "3", "7", "3"),
        ("out", "3", "0", "3", "0"),
    ]
    assert [(r["tx_hash"], r["moved"], r["traced"], r["fate"]) for r in _read(made, "outflows.csv")] == [
        ("t1", "50", "50", "followed"),
        ("t1", "47", "7", "followed"),
        ("t1", "3", "3", "stopped"),
    ]


def _coins() -> View:
    """Two outputs are spent in t1, the second from outside the ledger."""
    kinds: list[tuple[str, str | None, str | None, int, int, str | None, int | None]] = [
        ("output", None, "wallet", 60, 0, None, None),
        ("fee", None, None, 0, 0, None, None),
        ("input", "wallet", None, 60, 0, "t0", 0),
        ("input", "owner", None, 40, 1, "elsewhere", 3),
        ("output", None, "next", 50, 0, None, None),
        ("output", None, "change", 47, 1, None, None),
        ("fee", None, None, 3, 0, None, None),
    ]
    base = _view([(0, "L1", "start", 60), (4, "L1", "move", 50), (5, "L1", "move", 7)], [])
    schema = base.tables["transfers"]().schema
    schema = schema.append(pa.field("spends_tx", pa.string())).append(pa.field("spends_index", pa.int64()))
    names = ("kind", "src", "dst", "amount", "leg", "spends_tx", "spends_index")
    shared = {"chain": sample.CHAIN, "asset": COIN, "time": sample.NOON, "exhibit": 1, "height": 1}
    rows = [
        {**shared, "seq": n, "tx": "t0" if n < 2 else "t1", "place": n, **dict(zip(names, row, strict=True))}
        for n, row in enumerate(kinds)
    ]
    made = pa.Table.from_pylist(rows, schema=schema)
    return replace(base, tables={**base.tables, "transfers": partial(_same, made)})


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
