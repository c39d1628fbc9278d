"""Coin transactions in columns: who spends which output, of what value and script, read once for each ledger.

Transactions are numbered in the ledger's order, addresses by first appearance in it, so that a number means the
same whatever order the rows came in. -1 stands for what the evidence does not show.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Ledger
from recover_heuristics_utxo import facts
from recover_heuristics_utxo.segments import Codes, Mask, heads, owners

_KINDS = pa.array(["input", "output", "reward"])
_READ = ["seq", "chain", "tx", "leg", "src", "dst", "amount", "kind", "spends_tx", "spends_index", "excluded"]
_SERVICE = pa.array(["hot-wallet"])
# A row that is left out of lots for its value or its asset is still a leg of a sound transaction.
_DOUBTED = pa.array(["contradicted", "failed", "reorganised"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The inputs, or the outputs, of all transactions: transaction t has elements `first[t]:first[t + 1]`.

    `owner` is the transaction, `number` the chain's own number there, `address` a code into `Coins.names` (of an
    output, -1: nobody can spend it), `value` base units, `script` a code into `Coins.scripts`.
    """

    first: Codes
    owner: Codes
    number: Codes
    address: Codes
    value: Codes
    script: Codes

    @property
    def count(self) -> Codes:
        return np.diff(self.first)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Coins:
    """All coin transactions of one chain. `origin` is the output that an input spends, `spender` the reverse.

    `whole`: every leg is here, none is contradicted, and it did not fail; nothing else is judged. `tip` is the
    largest height, None where no height is known. `covered` addresses have their whole history here; `service`
    ones are labelled as a service's own wallets. `lowr` is 1, 0 or -1 (unknown).
    """

    chain: str
    ids: Any
    names: Any
    scripts: tuple[str, ...]
    height: Codes
    whole: Mask
    coinbase: Mask
    version: Codes
    locktime: Codes
    lowr: Codes
    vsize: Codes
    inputs: Side
    outputs: Side
    sequence: Codes
    origin: Codes
    spender: Codes
    covered: Mask
    service: Mask
    tip: int | None

    def __len__(self) -> int:
        return len(self.height)

    @property
    def spendable(self) -> Mask:
        """Which outputs somebody can spend."""
        found: Mask = self.outputs.address >= 0
        return found

    def script(self, name: str) -> int:
        """The code of a script type, -2 where no transaction here has it."""
        return self.scripts.index(name) if name in self.scripts else -2


_Key = tuple["weakref.ref[Any]", ...]
_last: list[tuple[_Key, tuple[Coins, ...]]] = []


def read(ledger: Ledger) -> tuple[Coins, ...]:
    """The coin chains of a ledger, in order of their ids. The last answer is kept while its tables live."""
    tables = (ledger.transfers(), ledger.transactions(), ledger.coverage(), ledger.labels())
    if _last and all(ref() is table for ref, table in zip(_last[0][0], tables, strict=True)):
        return _last[0][1]
    found = _all(*tables)
    _last.clear()
    _last.append((tuple(weakref.ref(table, lambda _: _last.clear()) for table in tables), found))
    return found


def _all(moved: pa.Table, known: pa.Table, covered: pa.Table, labels: pa.Table) -> tuple[Coins, ...]:
    coins = pc.is_in(moved["kind"], value_set=_KINDS)
    rows = _ordered(moved.select(_READ).filter(coins))
    spent = rows.filter(pc.is_in(rows["kind"], value_set=pa.array(["input", "output"])))
    chains = sorted(spent["chain"].unique().to_pylist())  # account chains have rewards too, and no outputs
    return tuple(_one(c, *(_of(t, c) for t in (rows, known, covered, labels))) for c in chains)


def _ordered(rows: pa.Table) -> pa.Table:
    """By `seq`; rows that already stand so, as the core gives them, are not moved."""
    seq = rows["seq"].to_numpy()
    return rows if (seq[1:] > seq[:-1]).all() else rows.take(pa.array(np.argsort(seq, kind="stable")))


def _of(table: pa.Table, chain: str) -> pa.Table:
    here = pc.equal(table["chain"], chain)
    return table if pc.all(here).as_py() else table.filter(here)


def _one(chain: str, rows: pa.Table, known: pa.Table, covered: pa.Table, labels: pa.Table) -> Coins:
    coded = rows["tx"].combine_chunks().dictionary_encode()
    tx, ids = _codes(coded), coded.dictionary
    size = len(ids)
    held = known.select(["height", "whole", "failed", "facts"])
    own = held.take(pc.index_in(ids, value_set=known["id"].combine_chunks()))
    said = facts.columns(pc.fill_null(own["facts"], "{}"))
    side = pc.coalesce(rows["src"], rows["dst"]).combine_chunks().dictionary_encode()
    address, names = np.where(pc.is_valid(side).to_numpy(False), _codes(side), -1), side.dictionary
    kind = rows["kind"].combine_chunks()
    parts = {k: np.flatnonzero(pc.equal(kind, k).to_numpy(False)) for k in ("input", "output", "reward")}
    scripts = tuple(sorted({*_names(said["inputs"]), *_names(said["outputs"])} - {""}))
    inputs = _side(rows, parts["input"], tx, address, size, said["inputs"], scripts)
    outputs = _side(rows, parts["output"], tx, address, size, said["outputs"], scripts)
    _typed(inputs, outputs, len(names))
    origin, spender = _linked(rows, _order(rows, parts["input"], tx), ids, inputs, outputs)
    coinbase = np.zeros(size, np.bool_)
    coinbase[tx[parts["reward"]]] = True
    height = _numbers(own["height"])
    return Coins(
        chain=chain,
        ids=ids,
        names=names,
        scripts=scripts,
        height=height,
        whole=_whole(rows, own, tx, size),
        coinbase=coinbase,
        version=_numbers(said["version"]),
        locktime=_numbers(said["locktime"]),
        lowr=_numbers(said["lowr"].cast(pa.int64())),
        vsize=_numbers(said["vsize"]),
        inputs=inputs,
        outputs=outputs,
        sequence=_listed(said["sequence"], inputs, size),
        origin=origin,
        spender=spender,
        covered=_covered(names, covered),
        service=_service(names, labels),
        tip=int(height.max()) if size and height.max() >= 0 else None,
    )


def _codes(coded: Any) -> Codes:
    found: Codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _numbers(column: Any) -> Codes:
    found: Codes = pc.fill_null(column, -1).to_numpy().astype(np.int64)
    return found


def _whole(rows: pa.Table, own: pa.Table, tx: Codes, size: int) -> Mask:
    sound = pc.and_(pc.fill_null(own["whole"], False), pc.invert(pc.fill_null(own["failed"], False)))
    found: Mask = sound.to_numpy().astype(np.bool_)
    found[tx[np.flatnonzero(pc.is_in(rows["excluded"], value_set=_DOUBTED).to_numpy())]] = False
    return found


def _order(rows: pa.Table, part: Codes, tx: Codes) -> Codes:
    """Rows of one kind by transaction and by their own number; rows without one stay in the ledger's order."""
    number = _numbers(rows["leg"])[part]
    order: Codes = part[np.lexsort((number, tx[part]))]
    return order


def _side(rows: pa.Table, part: Codes, tx: Codes, address: Codes, size: int, said: Any, scripts: Any) -> Side:
    order = _order(rows, part, tx)
    owner = tx[order]
    first = np.searchsorted(owner, np.arange(size + 1)).astype(np.int64)
    number = _numbers(rows["leg"])[order]
    number = np.where(number >= 0, number, np.arange(len(order)) - first[owner])
    side = Side(
        first=first,
        owner=owner,
        number=number,
        address=address[order],
        value=_numbers(rows["amount"])[order],
        script=np.full(len(order), -1, np.int64),
    )
    side.script[:] = _listed(_coded(said, scripts), side, size)
    return side


def _typed(inputs: Side, outputs: Side, size: int) -> None:
    """Fill the script types of inputs and outputs whose address has one elsewhere: an address has one script."""
    known = np.full(size, -1, np.int64)
    for side in (inputs, outputs):
        there = (side.address >= 0) & (side.script >= 0)
        np.maximum.at(known, side.address[there], side.script[there])
    for side in (inputs, outputs):
        missing = (side.address >= 0) & (side.script < 0)
        side.script[missing] = known[side.address[missing]]


def _names(lists: Any) -> list[str]:
    return [str(name) for name in pc.unique(pc.list_flatten(lists)).to_pylist() if name is not None]


def _coded(lists: Any, scripts: tuple[str, ...]) -> Any:
    """Lists of script types as lists of codes."""
    flat = lists.combine_chunks()
    codes = pc.index_in(flat.values, value_set=pa.array(scripts, pa.string()))
    made = pa.ListArray.from_arrays(flat.offsets, codes.cast(pa.int64()), mask=pc.is_null(flat))
    return pa.chunked_array([made])


def _listed(lists: Any, side: Side, size: int) -> Codes:
    """What each transaction's list says of each input or output; -1 past the list's end."""
    held = lists.combine_chunks()
    lengths = _numbers(pa.chunked_array([pc.list_value_length(held)]))
    flat = pc.fill_null(pc.list_flatten(held), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.maximum(lengths, 0), out=start[1:])
    there = side.number < lengths[side.owner]
    found = np.full(len(side.number), -1, np.int64)
    found[there] = flat[(start[side.owner] + side.number)[there]]
    return found


def _linked(rows: pa.Table, order: Codes, ids: Any, inputs: Side, outputs: Side) -> tuple[Codes, Codes]:
    """The output that each input spends, and the first input that spends each output."""
    spent = _numbers(pc.index_in(rows["spends_tx"], value_set=ids))[order]
    index = _numbers(rows["spends_index"])[order]
    wide = max(int(outputs.number.max(initial=0)), int(index.max(initial=0))) + 1
    keys = outputs.owner * wide + outputs.number
    wanted = np.where((spent >= 0) & (index >= 0), spent * wide + index, -1)
    at = np.searchsorted(keys, wanted)
    hit = np.zeros(len(wanted), np.bool_)
    hit[at < len(keys)] = keys[at[at < len(keys)]] == wanted[at < len(keys)]
    origin = np.where(hit, at, -1).astype(np.int64)
    spender = np.full(len(keys), -1, np.int64)
    backwards = np.flatnonzero(hit)[::-1]
    spender[origin[backwards]] = backwards
    return origin, spender


def _covered(names: Any, covered: pa.Table) -> Mask:
    """Addresses whose whole history is here: by name, or by a row for the whole chain from its beginning."""
    if any(r["address"] is None and r["since"] is None and r["until"] is None for r in covered.to_pylist()):
        return np.ones(len(names), np.bool_)
    found: Mask = pc.is_in(names, value_set=pc.drop_null(covered["address"])).to_numpy(zero_copy_only=False)
    return found


def _service(names: Any, labels: pa.Table) -> Mask:
    hot = labels.filter(pc.is_in(labels["role"], value_set=_SERVICE))
    found: Mask = pc.is_in(names, value_set=hot["address"].combine_chunks()).to_numpy(zero_copy_only=False)
    return found


def payer(coins: Coins) -> Codes:
    """The address of each transaction's first input, -1 where it is not shown."""
    return heads(coins.inputs.first, coins.inputs.address)


def spending(coins: Coins) -> Codes:
    """For each output the transaction that spends it, -1 where none is shown."""
    found = np.full(len(coins.spender), -1, np.int64)
    spent = coins.spender >= 0
    found[spent] = coins.inputs.owner[coins.spender[spent]]
    return found


def by_owner(first: Codes, values: Codes) -> Codes:
    """Each transaction's value, repeated for each of its elements."""
    found: Codes = values[owners(first)]
    return found
