"""The logs and transactions of a ledger, as bridges read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ledger, amounts
from recover_bridges.chains import EVM
from recover_bridges.nearness import Payment
from recover_bridges.words import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One log of an event. `said` is None where it has another shape than the event's."""

    chain: str
    tx: str
    contract: str
    index: int
    time: datetime | None
    topics: tuple[bytes, ...]
    data: bytes
    said: Mapping[str, Any] | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.chain, self.tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement; `leg` is the chain's number for it: the log's for tokens, the call's for coins."""

    src: str | None
    dst: str | None
    asset: str
    amount: int
    leg: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """One transaction that did not fail: who sent it, when, in what block, and what moved in it, fees aside."""

    chain: str
    id: str
    sender: str | None
    time: datetime | None
    block: str | None
    facts: Mapping[str, Any]
    moves: tuple[Move, ...]

    def nets(self) -> dict[str, dict[str, int]]:
        """Address -> asset -> gain or loss; what evens out is nought."""
        found: dict[str, dict[str, int]] = {}
        for move in self.moves:
            for name, value in ((move.src, -move.amount), (move.dst, move.amount)):
                if name is not None:
                    held = found.setdefault(name, {})
                    held[move.asset] = held.get(move.asset, 0) + value
        return found


@dataclass
class Book:
    """A ledger's logs of some events, and its transactions when they are asked for."""

    ledger: Ledger
    topics: frozenset[str]
    _made: dict[tuple[str, str], Tx | None] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _logs(self) -> dict[str, list[dict[str, Any]]]:
        table = self.ledger.logs()
        found: dict[str, list[dict[str, Any]]] = {}
        if not table.num_rows:
            return found
        first = pc.list_element(table["topics"], 0) if _all_have_topics(table) else None
        if first is not None:
            table = table.filter(pc.is_in(first, value_set=pa.array(sorted(self.topics), pa.string())))
        for row in table.select(["chain", "tx", "contract", "index", "topics", "data", "time"]).to_pylist():
            if row["chain"].startswith(EVM) and row["topics"] and row["topics"][0] in self.topics:
                found.setdefault(row["topics"][0], []).append(row)
        return found

    def of(self, event: Event) -> list[Seen]:
        """The logs of an event, by chain, transaction and number."""
        found = [_seen(event, row) for row in self._logs.get(event.topic, ())]
        return sorted(found, key=lambda s: (s.chain, s.tx, s.index, s.contract, s.topics, s.data))

    def beside(self, seen: Seen, event: Event) -> list[Seen]:
        """The logs of an event in the same transaction, in order."""
        return self._beside(event).get(seen.place, [])

    def told(self, seen: Seen, event: Event) -> list[Mapping[str, Any]]:
        """What those logs say, without those of another shape than the event's."""
        return [each.said for each in self.beside(seen, event) if each.said is not None]

    def _beside(self, event: Event) -> dict[tuple[str, str], list[Seen]]:
        known: dict[str, dict[tuple[str, str], list[Seen]]] = self.__dict__.setdefault("_grouped", {})
        if event.topic not in known:
            grouped: dict[tuple[str, str], list[Seen]] = {}
            for each in self.of(event):
                grouped.setdefault(each.place, []).append(each)
            known[event.topic] = grouped
        return known[event.topic]

    def prepare(self, places: Iterable[tuple[str, str]]) -> None:
        """Read these transactions at once: one by one would go through the whole ledger each time."""
        wanted = {place for place in places if place not in self._made}
        if not wanted:
            return
        ids = pa.array(sorted({tx for _, tx in wanted}), pa.string())
        moved, made = self.ledger.transfers(), self.ledger.transactions()
        moves: dict[tuple[str, str], list[Move]] = {}
        payers: dict[tuple[str, str], set[str]] = {}
        part = moved.filter(pc.is_in(moved["tx"], value_set=ids))
        for name in (*part["src"].to_pylist(), *part["dst"].to_pylist()):
            if name is not None:
                self._names.setdefault(_same(name), name)
        for place, kind, move in _moves(part):
            if kind != "fee":
                moves.setdefault(place, []).append(move)
            elif move.src is not None:
                payers.setdefault(place, set()).add(move.src)
        self._made |= dict.fromkeys(wanted)
        for row in made.filter(pc.is_in(made["id"], value_set=ids)).to_pylist():
            place = row["chain"], row["id"]
            if place in wanted and not row["failed"]:
                self._made[place] = _tx(row, moves.get(place, []), payers.get(place, set()))

    def tx(self, chain: str, id: str) -> Tx | None:
        """A transaction, None where no exhibit shows it, or where it failed."""
        if (chain, id) not in self._made:
            self.prepare([(chain, id)])
        return self._made[chain, id]

    def paid_to(self, places: frozenset[tuple[str, str]]) -> Mapping[tuple[str, str], list[Payment]]:
        """By (chain, address), the payments that lots can pass, with a time, to each of these."""
        known: dict[Any, dict[tuple[str, str], list[Payment]]] = self.__dict__.setdefault("_paid", {})
        if places not in known:
            moved = self.ledger.transfers()
            names = pa.array(sorted({_same(who) for _, who in places}), pa.string())
            lower = pc.if_else(pc.starts_with(moved["dst"], "0x"), pc.utf8_lower(moved["dst"]), moved["dst"])
            right = pc.and_(pc.is_in(lower, value_set=names), pc.is_valid(moved["time"]))
            rows = moved.filter(
                pc.and_(pc.and_(right, pc.is_null(moved["excluded"])), pc.not_equal(moved["kind"], "fee"))
            )
            found: dict[tuple[str, str], list[Payment]] = {}
            for row, amount in zip(rows.to_pylist(), amounts.exact(rows) if rows.num_rows else [], strict=True):
                place = row["chain"], _same(row["dst"])
                if amount and row["src"] != row["dst"]:
                    one = Payment(
                        tx=row["tx"],
                        asset=row["asset"],
                        amount=amount,
                        time=row["time"],
                        who=place[1],
                        leg=row["leg"],
                    )
                    found.setdefault(place, []).append(one)
            known[places] = found
        return known[places]

    def spelt(self, address: str) -> str:
        """An address as the ledger writes it."""
        return self._names.get(_same(address), address)

    def stated(self, name: str) -> list[tuple[str, str, dict[str, Any]]]:
        """(chain, id, facts) of the transactions whose facts have `name`."""
        table = self.ledger.transactions()
        rows = table.filter(pc.match_substring(table["facts"], f'"{name}":'))
        found = [(r["chain"], r["id"], json.loads(r["facts"])) for r in rows.to_pylist() if not r["failed"]]
        return sorted(((c, i, f) for c, i, f in found if name in f), key=lambda each: each[:2])


def _all_have_topics(table: pa.Table) -> bool:
    return bool(pc.all(pc.greater(pc.list_value_length(table["topics"]), 0)).as_py())


def _seen(event: Event, row: Mapping[str, Any]) -> Seen:
    topics = tuple(bytes.fromhex(topic[2:]) for topic in row["topics"])
    data = bytes.fromhex(row["data"][2:])
    try:
        said = event.read(topics, data)
    except ValueError:
        said = None
    return Seen(
        chain=row["chain"],
        tx=row["tx"],
        contract=row["contract"].lower(),
        index=-1 if row["index"] is None else row["index"],
        time=row["time"],
        topics=topics,
        data=data,
        said=said,
    )


def _moves(rows: pa.Table) -> Iterator[tuple[tuple[str, str], str, Move]]:
    rows = rows.sort_by("seq") if rows.num_rows else rows
    exact = amounts.exact(rows) if rows.num_rows else []
    for row, amount in zip(rows.to_pylist(), exact, strict=True):
        if row["excluded"] in ("failed", "contradicted") or not amount:
            continue
        src, dst = (None if row[n] is None else _same(row[n]) for n in ("src", "dst"))
        move = Move(src=src, dst=dst, asset=row["asset"], amount=amount, leg=row["leg"])
        yield (row["chain"], row["tx"]), row["kind"], move


def _same(text: str) -> str:
    """One text for every spelling of an address: letter case is a checksum in hexadecimal ones."""
    return text.lower() if text.startswith("0x") else text


def _tx(row: Mapping[str, Any], moves: list[Move], payers: set[str]) -> Tx:
    facts = json.loads(row["facts"])
    sender = facts.get("from") or (next(iter(payers)) if len(payers) == 1 else None)
    return Tx(
        chain=row["chain"],
        id=row["id"],
        sender=None if sender is None else _same(sender),
        time=row["time"],
        block=row["block"],
        facts=facts,
        moves=tuple(moves),
    )
