"""Transactions and blocks as the Arrow columns that every source of this chain hands over.

Columns are filled directly, with no object a leg: a block has thousands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from recover.sdk import Batch, Block, Error, Gap, amounts, table
from recover.sdk.records import Proof
from recover_chain_bitcoin import bulk, facts
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.script import Lock
from recover_chain_bitcoin.transaction import Output, Tx


class Held(NamedTuple):
    """A spent output of which an exhibit shows the value and the address, and not the script."""

    value: int
    lock: Lock


Spent: TypeAlias = Sequence[Output | Held | None]
"""What a transaction's inputs spend, one entry an input; None where the exhibit does not show it."""


_KINDS = ("reward", "input", "output")
_OUTPUT = 2


class _Entry(NamedTuple):
    tx: Tx
    coinbase: bool
    fresh: bool
    place: int
    spent: Spent
    block: str | None
    height: int | None
    order: int | None
    time: int | None
    proof: str


class Columns:
    """Rows in the making, of one network. `add`, `block` and `gap` collect them, `batch` writes the tables.

    Inputs are negative `input` legs, outputs `output` legs, and a coinbase's input is a `reward` leg. The fee is
    the core's to work out. `seen` are the ids whose legs the exhibit has given already: a transaction that stands
    in two blocks, one of which lost, has a row for each of them and legs once.
    """

    def __init__(self, network: Network, seen: set[str] | None = None) -> None:
        self.network = network
        self.seen: set[str] = set() if seen is None else seen
        self._entries: list[_Entry] = []
        self._blocks: list[Block] = []
        self._gaps: list[Gap] = []

    def add(
        self,
        tx: Tx,
        *,
        place: int,
        spent: Spent | None = None,
        block: str | None = None,
        height: int | None = None,
        index: int | None = None,
        time: int | None = None,
        proof: Proof = "self-authenticating",
    ) -> None:
        """One whole transaction. `time` is Unix seconds. Raises Error when it pays more than it spends."""
        coinbase = tx.is_coinbase
        shown: Spent = () if coinbase or spent is None else spent
        if spent is not None and not coinbase:
            _check_spent(tx, spent)
        fresh = tx.id not in self.seen
        self.seen.add(tx.id)
        self._entries.append(_Entry(tx, coinbase, fresh, place, shown, block, height, index, time, proof))

    def block(self, block: Block) -> None:
        """One block's row."""
        self._blocks.append(block)

    def gap(self, gap: Gap) -> None:
        self._gaps.append(gap)

    def __len__(self) -> int:
        """How many transactions were added."""
        return len(self._entries)

    def batch(self) -> Batch:
        """Everything added, as one batch."""
        rest = Batch.of(*self._blocks, *self._gaps)
        if not self._entries:
            return rest
        known = bulk.locks(self.network, _scripts(self._entries))
        return Batch(
            transactions=_transactions(self.network, self._entries, known),
            legs=_legs(self.network, [each for each in self._entries if each.fresh], known),
            blocks=rest.blocks,
            gaps=rest.gaps,
        )


Locks: TypeAlias = Mapping[bytes, Lock]


def _scripts(entries: Sequence[_Entry]) -> Iterator[bytes]:
    for entry in entries:
        yield from [each.script for each in entry.tx.outputs]
        yield from [each.script for each in entry.spent if isinstance(each, Output)]


def _held(known: Locks, spent: Output | Held | None) -> Lock | None:
    if isinstance(spent, Output):
        return known[spent.script]
    return None if spent is None else spent.lock


def _transactions(network: Network, entries: Sequence[_Entry], known: Locks) -> pa.Table:
    count = len(entries)
    times = pa.array([each.time for each in entries], pa.int64())
    return table(
        "transactions",
        {
            "chain": pa.repeat(pa.scalar(network.id, pa.string()), count),
            "id": [each.tx.id for each in entries],
            "time": times.cast(pa.timestamp("s")).cast(pa.timestamp("us", tz="UTC")),
            "height": [each.height for each in entries],
            "index": [each.order for each in entries],
            "failed": pa.repeat(pa.scalar(False), count),
            "whole": pa.repeat(pa.scalar(True), count),
            "block": [each.block for each in entries],
            "proof": [each.proof for each in entries],
            "facts": [_facts(each, known) for each in entries],
            "place": [each.place for each in entries],
        },
    )


def _facts(entry: _Entry, known: Locks) -> str:
    tx = entry.tx
    if entry.coinbase:
        inputs = ["coinbase"]
    elif entry.spent:
        held = [_held(known, each) for each in entry.spent]
        inputs = ["" if each is None else each.kind for each in held]
    else:
        inputs = [""] * len(tx.inputs)
    return facts.text(tx, inputs, [known[each.script].kind for each in tx.outputs])


def _legs(network: Network, fresh: Sequence[_Entry], known: Locks) -> pa.Table:
    """All rewards, then all inputs, then all outputs: the order of rows carries no meaning."""
    rewards = [each for each in fresh if each.coinbase]
    spenders = [each for each in fresh if not each.coinbase]
    spent = [each for entry in spenders for each in (entry.spent or [None] * len(entry.tx.inputs))]
    held = [_held(known, each) for each in spent]
    created = [amounts.split(-sum(o.value for o in each.tx.outputs)) for each in rewards]
    sizes = [1] * len(rewards) + [len(each.tx.inputs) for each in spenders] + [len(e.tx.outputs) for e in fresh]
    before, after = len(rewards), sum(sizes) - len(rewards) - len(spent)
    owners = [*rewards, *spenders, *fresh]
    repeats = np.array(sizes, np.int64)
    owner = np.repeat(np.arange(len(owners)), repeats)
    starts = np.cumsum(repeats) - repeats
    kinds = np.repeat(np.arange(3), [before, len(spent), after])
    return table(
        "legs",
        {
            "chain": pa.repeat(pa.scalar(network.id, pa.string()), len(owner)),
            "tx": pa.array([each.tx.id for each in owners], pa.string()).take(pa.array(owner)),
            "kind": pa.array(_KINDS, pa.string()).take(pa.array(kinds)),
            "address": [None] * before
            + [None if each is None else each.address for each in held]
            + [known[o.script].address for each in fresh for o in each.tx.outputs],
            "asset": pa.repeat(pa.scalar(network.native.id, pa.string()), len(owner)),
            "amount": [amount for amount, _ in created]
            + [None if each is None else -each.value for each in spent]
            + [o.value for each in fresh for o in each.tx.outputs],
            "wide": [wide for _, wide in created] + [None] * (len(spent) + after),
            "out": kinds < _OUTPUT,
            "index": np.arange(len(owner)) - starts[owner],
            "spends_tx": [None] * before + [i.tx for each in spenders for i in each.tx.inputs] + [None] * after,
            "spends_index": [None] * before
            + [i.vout for each in spenders for i in each.tx.inputs]
            + [None] * after,
            "place": np.array([each.place for each in owners], np.int64)[owner],
        },
    )


def _check_spent(tx: Tx, shown: Spent) -> None:
    if len(shown) != len(tx.inputs):
        raise _spent_differ(tx, len(shown))
    if None in shown:
        return
    spent = sum(each.value for each in shown if each is not None)
    paid = sum(each.value for each in tx.outputs)
    if paid > spent:
        raise Error(
            "more-paid-than-spent",
            f"Transaction {tx.id} pays more than it spends.",
            f"Its outputs hold {paid} base units, and the outputs that it is said to spend held {spent}.",
            "What it spends was reported falsely or for another transaction: get it from another server.",
        )


def _spent_differ(tx: Tx, count: int) -> Error:
    return Error(
        "prevouts-differ",
        "The spent outputs are not those of this transaction.",
        f"Transaction {tx.id} has {len(tx.inputs)} inputs, and {count} spent outputs are given.",
        "Take the transaction and what it spends from one and the same server.",
    )
