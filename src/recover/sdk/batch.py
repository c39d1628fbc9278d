"""Batches: what decoders and heuristics hand over, as Arrow tables with fixed schemas.

A small plugin writes `Batch.of(records)`; a bulk source fills the columns itself and calls `Batch(...)`.
`transactions` and `legs` are joined by (`tx`, `view`); row order inside a batch carries no meaning. `after` holds
ids apart by spaces. A leg's `out` is null where its sign says it; a pair of zero-value legs must say which one
leaves. An input whose exhibit does not show what it spends has neither `amount` nor `wide`; other legs have one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa

from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.outside import fitting
from recover.sdk.records import (
    Assertion,
    AssetSeen,
    Block,
    Coverage,
    Event,
    Gap,
    Leg,
    Listed,
    Log,
    Nothing,
    Price,
    State,
    Transaction,
)
from recover.sdk.values import Address, Ask, TxId

Record: TypeAlias = (
    Transaction | AssetSeen | Coverage | Listed | Nothing | Log | Price | Assertion | Gap | Block | Event | State
)

CONTRACT = 3
"""The version of the tables below: decoded parts of another version are made again."""

_time = pa.timestamp("us", tz="UTC")
_text = pa.string()


def _schema(**columns: tuple[pa.DataType, bool]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=null) for name, (kind, null) in columns.items()])


TRANSACTIONS = _schema(
    chain=(_text, False),
    id=(_text, False),
    view=(_text, True),
    time=(_time, True),
    height=(pa.int64(), True),
    index=(pa.int64(), True),
    failed=(pa.bool_(), True),
    whole=(pa.bool_(), False),
    block=(_text, True),
    proof=(_text, False),
    facts=(_text, False),
    after=(_text, True),
    place=(pa.int64(), False),
)
LEGS = _schema(
    chain=(_text, False),
    tx=(_text, False),
    view=(_text, True),
    kind=(_text, False),
    address=(_text, True),
    asset=(_text, False),
    amount=(pa.int64(), True),
    wide=(pa.binary(33), True),
    out=(pa.bool_(), True),
    pair=(pa.int64(), True),
    index=(pa.int64(), True),
    spends_tx=(_text, True),
    spends_index=(pa.int64(), True),
    account=(_text, True),
    memo=(_text, True),
    memo_raw=(pa.binary(), True),
    place=(pa.int64(), False),
)
BLOCKS = _schema(
    chain=(_text, False),
    id=(_text, False),
    parent=(_text, True),
    height=(pa.int64(), True),
    time=(_time, True),
    sealed=(pa.bool_(), False),
    stale=(pa.bool_(), False),
    tip=(pa.int64(), True),
    work=(pa.decimal128(38, 0), True),
    place=(pa.int64(), False),
)
EVENTS = _schema(
    kind=(_text, False),
    chain=(_text, False),
    tx=(_text, False),
    contract=(_text, False),
    address=(_text, False),
    other=(_text, True),
    asset=(_text, True),
    amount=(pa.int64(), True),
    wide=(pa.binary(33), True),
    index=(pa.int64(), True),
    facts=(_text, False),
    place=(pa.int64(), False),
)
STATES = _schema(
    kind=(_text, False),
    chain=(_text, False),
    address=(_text, False),
    asset=(_text, True),
    amount=(pa.int64(), True),
    wide=(pa.binary(33), True),
    height=(pa.int64(), True),
    block=(_text, True),
    time=(_time, True),
    proof=(_text, False),
    facts=(_text, False),
    place=(pa.int64(), False),
)
ASSETS = _schema(
    asset=(_text, False),
    symbol=(_text, False),
    name=(_text, False),
    decimals=(pa.int64(), True),
    place=(pa.int64(), False),
)
COVERAGE = _schema(
    chain=(_text, False),
    address=(_text, True),
    asset=(_text, True),
    since=(_time, True),
    until=(_time, True),
    since_height=(pa.int64(), True),
    until_height=(pa.int64(), True),
    account=(_text, True),
    place=(pa.int64(), False),
)
LISTED = _schema(
    chain=(_text, False),
    tx=(_text, False),
    address=(_text, True),
    place=(pa.int64(), False),
)
NOTHING = _schema(why=(_text, False), place=(pa.int64(), False))
LOGS = _schema(
    chain=(_text, False),
    tx=(_text, False),
    contract=(_text, False),
    index=(pa.int64(), True),
    topics=(pa.list_(_text), False),
    data=(_text, False),
    place=(pa.int64(), False),
)
PRICES = _schema(
    asset=(_text, False),
    currency=(_text, False),
    value=(pa.int64(), True),
    wide=(pa.binary(33), True),
    scale=(pa.int64(), False),
    time=(_time, False),
    source=(_text, False),
    place=(pa.int64(), False),
)
ASSERTIONS = _schema(
    kind=(_text, False),
    chain=(_text, False),
    address=(_text, False),
    grade=(_text, False),
    method=(_text, False),
    version=(_text, False),
    service=(_text, False),
    label=(_text, False),
    role=(_text, False),
    category=(_text, False),
    source=(_text, False),
    origin=(_text, False),
    asserted=(_text, False),
    other=(_text, True),
    asset=(_text, True),
    transactions=(pa.list_(_text), False),
    params=(_text, False),
    note=(_text, False),
    height=(pa.int64(), True),
    place=(pa.int64(), False),
)
GAPS = _schema(
    code=(_text, False),
    subject=(_text, False),
    why=(_text, False),
    effect=(_text, False),
    fill=(_text, True),
    place=(pa.int64(), False),
)

SCHEMAS = {
    "transactions": TRANSACTIONS,
    "legs": LEGS,
    "blocks": BLOCKS,
    "events": EVENTS,
    "states": STATES,
    "assets": ASSETS,
    "coverage": COVERAGE,
    "listed": LISTED,
    "nothing": NOTHING,
    "logs": LOGS,
    "prices": PRICES,
    "assertions": ASSERTIONS,
    "gaps": GAPS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Up to thirteen Arrow tables (`SCHEMAS`), each None where a plugin has nothing of that kind."""

    transactions: pa.Table | None = None
    legs: pa.Table | None = None
    blocks: pa.Table | None = None
    events: pa.Table | None = None
    states: pa.Table | None = None
    assets: pa.Table | None = None
    coverage: pa.Table | None = None
    listed: pa.Table | None = None
    nothing: pa.Table | None = None
    logs: pa.Table | None = None
    prices: pa.Table | None = None
    assertions: pa.Table | None = None
    gaps: pa.Table | None = None

    @classmethod
    def of(cls, *records: Record) -> Batch:
        """A batch from objects: the eight-line plugin's way."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
        for record in records:
            _add(record, rows)
        return cls(**{name: table(name, rows[name]) for name in SCHEMAS if rows[name]})

    def tables(self) -> dict[str, pa.Table]:
        """The tables present, each checked against its schema. Raises Error naming the table."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        for name, value in found.items():
            if not value.schema.equals(SCHEMAS[name]):
                raise Error(
                    "batch-schema",
                    f"The {name} table of a batch does not have the published columns.",
                    f"Expected {SCHEMAS[name].names}, got {value.schema.names} (types and nullability count).",
                    "Build it with recover.sdk.table(name, columns).",
                )
        return found


@fitting
def table(name: str, data: Sequence[dict[str, Any]] | dict[str, Any]) -> pa.Table:
    """A table of schema `name` from row dictionaries or columns; absent columns are null, but for `proof`
    (reported) and `facts` ({}). Raises Error for a null that may not be, and for a text that is none.
    """
    schema = SCHEMAS[name]
    if isinstance(data, dict):
        size = len(next(iter(data.values()))) if data else 0
        full = [
            data[f.name].cast(f.type)
            if isinstance(data.get(f.name), pa.Array | pa.ChunkedArray)
            else pa.array(data[f.name], f.type)
            if f.name in data
            else _absent(f, size)
            for f in schema
        ]
        made = pa.Table.from_arrays(full, schema=schema)
    else:
        usual = {f.name: _USUAL[f.name] for f in schema if f.name in _USUAL and not f.nullable}
        rows = pa.array([{**usual, **row} for row in data], pa.struct(list(schema))).flatten()  # quicker so
        made = pa.Table.from_arrays(rows, schema=schema)
    for f in schema:
        if not f.nullable and made.column(f.name).null_count:
            raise Error(
                "batch-null",
                f"Column {f.name} of {name} has an empty cell.",
                "The schema says that this cell is always known.",
                "Fill it, or yield a Gap for what the exhibit does not say.",
            )
    return made


# What a plugin does not claim is not claimed for it: the weakest proof, and no facts.
_USUAL = {"proof": "reported", "facts": "{}"}


def _absent(f: pa.Field, size: int) -> pa.Array:
    usual = f.name in _USUAL and not f.nullable
    return pa.repeat(pa.scalar(_USUAL[f.name], f.type), size) if usual else pa.nulls(size, f.type)


def _add(record: Record, rows: dict[str, list[dict[str, Any]]]) -> None:
    plain = {name: getattr(record, name) for name in record.__slots__}  # `asdict` copies every id of a list
    if isinstance(record, Transaction):
        del plain["legs"]
        rows["transactions"].append({**plain, "after": " ".join(record.after) or None})
        rows["legs"].extend(_leg_rows(record))
    elif type(record) in _PLAIN:
        rows[_PLAIN[type(record)]].append(plain)
    elif isinstance(record, Price):
        value, wide = amounts.split(record.value)
        rows["prices"].append({**plain, "value": value, "wide": wide})
    elif isinstance(record, Event | State):
        amount, wide = (None, None) if record.amount is None else amounts.split(record.amount)
        rows["events" if isinstance(record, Event) else "states"].append({**plain, "amount": amount, "wide": wide})
    elif isinstance(record, Assertion):
        rows["assertions"].append({**plain, "transactions": list(record.transactions)})
    elif isinstance(record, Gap):
        rows["gaps"].append({**plain, "fill": None if record.fill is None else ask_text(record.fill)})


_PLAIN: dict[type, str] = {
    AssetSeen: "assets",
    Coverage: "coverage",
    Listed: "listed",
    Nothing: "nothing",
    Block: "blocks",
    Log: "logs",
}
"""Records whose fields are the columns of their table."""


def _leg_rows(tx: Transaction) -> Iterable[dict[str, Any]]:
    for leg in tx.legs:
        amount, wide = (None, None) if leg.amount is None else amounts.split(leg.amount)
        yield {
            "chain": tx.chain,
            "tx": tx.id,
            "view": tx.view,
            "kind": leg.kind,
            "address": leg.address,
            "asset": leg.asset,
            "amount": amount,
            "wide": wide,
            "out": _leaves(leg),
            "pair": leg.pair,
            "index": leg.index,
            "spends_tx": None if leg.spends is None else leg.spends[0],
            "spends_index": None if leg.spends is None else leg.spends[1],
            "account": leg.account,
            "memo": leg.memo,
            "memo_raw": leg.memo_raw,
            "place": tx.place,
        }


def _leaves(leg: Leg) -> bool:
    if leg.out is not None:
        return leg.out
    # An input whose worth its exhibit does not show has no sign; an input can only leave.
    return leg.kind == "input" if leg.amount is None else leg.amount < 0


def ask_text(ask: Ask) -> str:
    """An ask as canonical JSON, the form that gaps store; without what only says where to begin."""

    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        if isinstance(value, Address | TxId):
            return [value.chain, value.text]
        return value

    # Keys sorted, times in UTC: one ask is one text, whoever made it.
    slots = {f.name: plain(getattr(ask, f.name)) for f in fields(ask) if f.compare}  # type: ignore[arg-type]
    return json.dumps({"ask": type(ask).__name__, **slots}, sort_keys=True, separators=(",", ":"))


def ask_of(text: str) -> Ask:
    """The ask that `ask_text` wrote. Raises Error for a kind that no installed plugin defines."""
    slots: dict[str, Any] = json.loads(text)
    name = slots.pop("ask")
    kind = Ask.kinds.get(name)
    if kind is None:
        raise Error(
            "ask-unknown",
            f"A gap asks for {name!r}, which nothing here defines.",
            f"Known kinds: {', '.join(sorted(Ask.kinds))}.",
            "Install the plugin that wrote it, or run the case again without it.",
        )
    made = {f.name: _slot(str(f.type), slots[f.name]) for f in fields(kind) if f.name in slots}  # type: ignore[arg-type]
    return kind(**made)


def _slot(kind: str, value: Any) -> Any:
    if value is None:
        return None
    for made in (Address, TxId):
        if kind.startswith(made.__name__):
            return made(chain=value[0], text=value[1])
    return datetime.fromisoformat(value) if kind.startswith("datetime") else value
