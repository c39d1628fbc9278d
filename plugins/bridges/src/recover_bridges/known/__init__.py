"""Bridges that are known by name and not joined here, and wrappers of bridges that nobody reads: stops that name.

A wrapper (LI.FI, Socket) has no key of its own: what it hands to a bridge that is read here is that bridge's
crossing, and only what is left is a stop.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Ledger, Scope
from recover_bridges import chains
from recover_bridges.book import Book, Seen
from recover_bridges.bridge import Bridge, told
from recover_bridges.joining import crossings
from recover_bridges.sides import Sent, about
from recover_bridges.words import Event, keccak256


@lru_cache(maxsize=1)
def _read() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "bridges.toml").read_text("utf-8"))


def _topics(bridge: Mapping[str, Any]) -> tuple[str, ...]:
    hashed = (f"0x{keccak256(text.encode('ascii')).hex()}" for text in bridge.get("events", ()))
    return (*hashed, *bridge.get("topics", ()))


class Named(Event):
    """An event of which only the first topic is read."""

    def __init__(self, topic: str) -> None:
        super().__init__("")
        self.__dict__["topic"] = topic

    def read(self, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
        return {}


class Known:
    """Asserts `cross` without a key or another side: a stop that names the bridge and says what would close it."""

    def __init__(self, others: Callable[[], Iterable[Bridge]]) -> None:
        self._others = others
        self._wrappers = {each["id"]: Event(each["event"]) for each in _read()["wrapper"]}
        events = [Named(topic) for each in _read()["bridge"] for topic in _topics(each)]
        mine = [*events, *self._wrappers.values()]
        self.info = told(
            "known",
            "Bridges that are known by name, and wrappers of bridges that are not read",
            "the protocols' published events and contracts; names only, nothing is joined",
            # To see whether somebody reads the inner bridge, what the others read is read too.
            [*mine, *(event for each in others() for event in each.events)],
            ("an event is taken for its bridge's by its name alone: another contract can write the same",),
        )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One `cross` a transaction and bridge, with the key of no bytes; `note` says what would close it."""
        book = Book(ledger=ledger, topics=frozenset(self.info.topics))
        read = {side.place for each in self._others() for side in each.read(book) if not side.refused}
        made = [*self._bridges(book, ledger, read), *self._wrapped(book, read)]
        kept = [one for one in made if not scope.addresses or one.address in scope.addresses]
        if kept:
            yield Batch.of(*kept)

    def _bridges(self, book: Book, ledger: Ledger, read: set[tuple[str, str]]) -> Iterator[Assertion]:
        for bridge in _read()["bridge"]:
            found: dict[tuple[str, str], Sent] = {}
            note = f"{bridge['title']}; what would close it: {bridge['closes']}"
            for topic in _topics(bridge):
                for seen in book.of(Named(topic)):
                    if seen.place not in read:
                        found.setdefault(seen.place, Sent(**about(seen), key=b"", to_chain="", note=note))
            for chain, tx, contract in _into(ledger, bridge.get("contracts", {})):
                side = Sent(
                    chain=chain,
                    tx=tx,
                    index=-1,
                    time=None,
                    key=b"",
                    to_chain="",
                    own=frozenset({contract}),
                    note=note,
                )
                if side.place not in read:
                    found.setdefault(side.place, side)
            yield from crossings(self.info, bridge["id"], book, found.values(), twins=True)

    def _wrapped(self, book: Book, read: set[tuple[str, str]]) -> Iterator[Assertion]:
        for wrapper in _read()["wrapper"]:
            found: dict[tuple[str, str], Sent] = {}
            for seen in book.of(self._wrappers[wrapper["id"]]):
                ours = seen.contract in wrapper["contracts"].get(seen.chain, ())
                if seen.said is not None and ours and seen.place not in read:
                    found.setdefault(seen.place, self._inner(seen, wrapper["title"]))
            yield from crossings(self.info, wrapper["id"], book, found.values(), twins=True)

    def _inner(self, seen: Seen, title: str) -> Sent:
        said = (seen.said or {}).get("data", seen.said)
        name = said["bridge"] if isinstance(said["bridge"], str) else "one that it does not name in clear"
        shown = name if name.isascii() and name.isprintable() else "one whose name cannot be printed"
        return Sent(
            **about(seen),
            key=b"",
            to_chain=chains.evm(said["chain"]),
            token=said["token"],
            amount=said["amount"],
            recipient=said["receiver"],
            note=f"{title} hands it to another bridge: {shown[:60]}; what would close it: its own events",
        )


def _into(ledger: Ledger, contracts: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """(chain, transaction, contract) of what went into contracts, once each."""
    if not contracts:
        return []
    names = pa.array(sorted({name for listed in contracts.values() for name in listed}), pa.string())
    moved = ledger.transfers()
    part = moved.filter(pc.is_in(pc.utf8_lower(moved["dst"]), value_set=names)).select(["chain", "tx", "dst"])
    rows = {(r["chain"], r["tx"], r["dst"].lower()) for r in part.to_pylist()}
    return sorted(row for row in rows if row[2] in contracts.get(row[0], ()))
