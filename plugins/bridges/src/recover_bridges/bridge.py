"""What every protocol's heuristic shares: its events, its contracts, and how its sides become assertions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_bridges import joining
from recover_bridges.book import Book, Seen
from recover_bridges.cards import card
from recover_bridges.contracts import Own
from recover_bridges.sides import Side
from recover_bridges.words import Event, word

FAILS = (
    "a contract of the protocol that the table does not have yet is not read: what it sent stays where it is",
    "a recipient that is a contract can hand the value on to somebody whom no event of the bridge names",
    "what a router exchanged before or after the bridge is followed only where its sender gave one asset",
)


class Bridge:
    """A protocol: subclasses name its `events` and `read` their logs."""

    protocol: ClassVar[str]
    own: ClassVar[Own]
    events: ClassVar[tuple[Event, ...]]
    info: HeuristicInfo
    twins: ClassVar[bool] = False

    def read(self, book: Book) -> Iterator[Side]:
        """Every departure and arrival that the ledger shows."""
        raise NotImplementedError

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`cross` for each crossing whose key is recorded, both sides or one. See `recover.sdk.kinds.Cross`."""
        book = Book(ledger=ledger, topics=frozenset(self.info.topics))
        made = self._made(book)
        kept = [one for one in made if not scope.addresses or one.address in scope.addresses]
        if kept:
            yield Batch.of(*kept)

    def _made(self, book: Book) -> Iterable[Assertion]:
        return joining.crossings(self.info, self.protocol, book, self.read(book), twins=self.twins)

    def ours(self, book: Book, role: str, *events: Event) -> Iterator[tuple[Seen, Mapping[str, Any]]]:
        """The logs of these events that the protocol's own contracts of a role wrote, each with what it says."""
        for seen in (seen for event in events for seen in book.of(event)):
            if seen.said is not None and self.own.holds(role, seen.chain, seen.contract):
                yield seen, seen.said

    def seek(self, role: str, chain: str, event: Event, *topics: bytes | int | None) -> tuple[dict[str, Any], ...]:
        """Filters of logs by which an event of ours is found on a chain, one a contract."""
        return seek(self.own.at(role, chain), event, *topics)


def seek(contracts: Iterable[str], event: Event, *topics: bytes | int | None) -> tuple[dict[str, Any], ...]:
    """Filters of logs by an event's first topic and those after it; None is any."""
    cells = [None if t is None else f"0x{(word(t) if isinstance(t, int) else t).hex()}" for t in topics]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple({"contract": contract, "topics": [event.topic, *cells]} for contract in sorted(contracts))


def told(
    protocol: str,
    title: str,
    citation: str,
    events: Sequence[Event],
    fails: Sequence[str] = (),
    version: str = "1",
    models: tuple[Literal["utxo", "account"], ...] = ("account",),
) -> HeuristicInfo:
    """The description of a protocol's heuristic."""
    return HeuristicInfo(
        id=f"bridge-{protocol}",
        version=version,
        title=title,
        models=models,
        asserts=("cross",),
        citation=citation,
        fails=(*fails, *FAILS),
        card=card(f"bridge-{protocol}"),
        topics=tuple(sorted({event.topic for event in events})),
    )
