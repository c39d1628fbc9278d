"""What is asserted of common ownership, as edges between numbered addresses, and which edges the case counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.linking.clustering import Clusters, Numbers, cluster
from recover.sdk.plugin import GRADES

# `same-owner` is what common-input heuristics say (Nakamoto 2008, section 10: inputs of one transaction have one
# owner). `change` is the weaker one: Meiklejohn et al. saw it join large services into one, so a case merges by it
# only if its policy names it.
KINDS = ("same-owner", "change")
"""The kinds of assertion that say of two addresses that one person holds both."""

PERSON, APART = "person", "apart"
"""The method of what a person says, and the kind of assertion by which a person sets addresses apart."""

COUNTS, NOT_MERGED, TOO_WEAK, MIXED, REFUSED, SPLIT = range(6)
"""Why an edge joins, or does not."""

LETTERS = "".join(GRADES)
# Tags as votes against a merge: Ermilov, Panov, Yanovich, Automatic Bitcoin Address Clustering. Only sure labels
# vote: a weak one, wrong, would split an owner.
OWNER = LETTERS.index("B")
"""Labels up to this grade keep apart what they give to different services."""

_TIES = ("low", "high", "grade", "kind", "method", "version", "all", "address", "exhibit")
_LINKS = ("chain", "address", "other", "grade", "kind", "method", "version", "transactions", "exhibit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What joins addresses: assertions of the heuristics `merge`, of grade `least` or better."""

    merge: tuple[str, ...]
    least: str

    def without(self, heuristic: str) -> Policy:
        """The same, but for one heuristic."""
        return Policy(merge=tuple(name for name in self.merge if name != heuristic), least=self.least)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mark:
    """A service named for one address of a web, by a label or a heuristic."""

    number: int
    service: str
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Web:
    """The edges of one chain. Addresses are numbered in the order of their text, so the smallest names a cluster.

    `rows` are the assertions behind the edges `one` - `two`, in an order that depends on nothing but them; `state`
    says of each whether it counts. `grade` is by row, as a place in `LETTERS`.
    """

    chain: str
    names: pa.Array
    rows: pa.Table
    one: Numbers
    two: Numbers
    grade: NDArray[np.uint8]
    state: NDArray[np.uint8]
    clusters: Clusters
    marks: tuple[Mark, ...]

    @property
    def root(self) -> Numbers:
        return self.clusters.root

    def __len__(self) -> int:
        return len(self.names)

    def counting(self) -> NDArray[np.int64]:
        """The rows that join two addresses."""
        return np.flatnonzero(self.state == COUNTS)


def webs(resolved: pa.Table, asserted: pa.Table, policy: Policy) -> list[Web]:
    """One web a chain, in order. `resolved` has one label an address, `asserted` everything that is asserted."""
    two = pc.fill_null(pc.not_equal(asserted.column("address"), asserted.column("other")), False)
    owned = asserted.select(_LINKS).filter(pc.and_(two, _kinds(asserted, KINDS)))
    # What bears on a merge and joins nothing itself: mixes speak against it, deposit addresses name a service.
    beside = asserted.filter(_kinds(asserted, ("mix", "deposit-address", APART)))
    chains = sorted(owned.column("chain").unique().to_pylist())
    if len(chains) > 1:
        return [_web(name, _of(owned, name), _of(resolved, name), _of(beside, name), policy) for name in chains]
    return [_web(name, owned, _of(resolved, name), _of(beside, name), policy) for name in chains]


def _kinds(table: pa.Table, kinds: tuple[str, ...]) -> pa.ChunkedArray:
    return pc.is_in(table.column("kind"), value_set=pa.array(kinds))


def _of(table: pa.Table, chain: str) -> pa.Table:
    return table.filter(pc.equal(table.column("chain"), chain))


def _web(chain: str, owned: pa.Table, resolved: pa.Table, beside: pa.Table, policy: Policy) -> Web:
    names = pc.unique(pa.chunked_array([*owned.column("address").chunks, *owned.column("other").chunks]))
    # Numbered by their text, so that a cluster's id, its smallest number, never depends on the order of arrival.
    names = names.take(pc.array_sort_indices(names))
    rows, low, high = _ordered(owned, names)
    grade = codes(rows.column("grade"))
    state = _judged(rows, grade, policy, _mixes(beside))
    _apart(state, low, high, names, beside)
    marks = tuple(_marks(names, resolved, beside))
    owner = _owners(len(names), marks)
    # The policy chooses first; only edges that count can be refused.
    used = np.flatnonzero(state == COUNTS)
    clusters = cluster(len(names), low[used], high[used], owner=owner, rank=grade[used])
    state[used[clusters.refused]] = REFUSED
    return Web(
        chain=chain,
        names=names,
        rows=rows,
        one=low,
        two=high,
        grade=grade,
        state=state,
        clusters=clusters,
        marks=marks,
    )


def _ordered(rows: pa.Table, names: pa.Array) -> tuple[pa.Table, Numbers, Numbers]:
    """The rows in their own order, with the smaller and the larger number of their two addresses."""
    ends = [pc.index_in(rows.column(name), value_set=names).to_numpy() for name in ("address", "other")]
    low, high = np.minimum(*ends), np.maximum(*ends)
    # Numbers sort fast, and settle nearly all; only pairs with several assertions are sorted by their texts.
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    again = np.zeros(len(order) + 1, np.bool_)
    again[1:-1] = (low[1:] == low[:-1]) & (high[1:] == high[:-1])
    several = np.flatnonzero(again[:-1] | again[1:])  # pairs with more than one assertion
    if len(several):
        tied = rows.take(pa.array(order[several])).append_column("low", pa.array(low[several]))
        tied = tied.append_column("high", pa.array(high[several]))
        tied = tied.append_column("all", pc.binary_join(tied.column("transactions"), ","))
        keys = [(key, "ascending") for key in _TIES]
        order[several] = order[several][pc.sort_indices(tied, sort_keys=keys).to_numpy()]
    return rows.take(pa.array(order)).combine_chunks(), low.astype(np.int32), high.astype(np.int32)


def codes(grades: pa.ChunkedArray) -> NDArray[np.uint8]:
    """Grades as places in `LETTERS`: the smaller the surer."""
    found: NDArray[np.int32] = pc.index_in(grades, value_set=pa.array(list(LETTERS))).to_numpy()
    return found.astype(np.uint8)


def _judged(rows: pa.Table, grade: NDArray[np.uint8], policy: Policy, mixes: pa.Array) -> NDArray[np.uint8]:
    state = np.full(rows.num_rows, COUNTS, np.uint8)
    flat, parent = flattened(rows.column("transactions"))
    mixed = np.asarray(pc.is_in(flat, value_set=mixes))
    # Mixed only where every transaction behind it mixes: one that does not is support enough.
    size = np.bincount(parent, minlength=rows.num_rows)
    state[(size > 0) & (np.bincount(parent[mixed], minlength=rows.num_rows) == size)] = MIXED
    state[grade > LETTERS.index(policy.least)] = TOO_WEAK
    # Later ones overrule: a reader is told first what the examiner chose, then what the evidence lacks.
    merging = pc.is_in(rows.column("method"), value_set=pa.array([*policy.merge, PERSON], pa.string()))
    state[~np.asarray(merging)] = NOT_MERGED
    return state


def flattened(lists: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64]]:
    """Everything in a column of lists, and the row that each came from."""
    one = lists.combine_chunks()
    one = pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one
    parent: NDArray[np.int64] = pc.list_parent_indices(one).to_numpy().astype(np.int64)
    return one.flatten(), parent


def _apart(state: NDArray[np.uint8], low: Numbers, high: Numbers, names: pa.Array, beside: pa.Table) -> None:
    """No edge leads out of addresses that a person set apart."""
    rows = beside.filter(_kinds(beside, (APART,)))
    for act in pc.unique(rows.column("place")).to_pylist():
        group = rows.filter(pc.equal(rows.column("place"), act)).column("address")
        mine = np.asarray(pc.is_in(names, value_set=group.combine_chunks()))
        state[mine[low] != mine[high]] = SPLIT


def _mixes(beside: pa.Table) -> pa.Array:
    """Transactions that mix, or may: their inputs may have many owners. Other roles of a mix say no such thing."""
    mixes = beside.filter(_kinds(beside, ("mix",)))
    mixes = mixes.filter(pc.is_in(mixes.column("role"), value_set=pa.array(["definite", "possible"], pa.string())))
    return pc.unique(flattened(mixes.column("transactions"))[0])


def _marks(names: pa.Array, resolved: pa.Table, beside: pa.Table) -> Iterator[Mark]:
    """Labels first; of an address that no label gives to a service, what a heuristic says of its sweeps."""
    labelled: set[int] = set()
    for table in (resolved, beside.filter(_kinds(beside, ("deposit-address",)))):
        table = table.filter(pc.not_equal(table.column("service"), ""))
        number = pc.index_in(table.column("address"), value_set=names)
        here = table.append_column("number", number).filter(pc.is_valid(number))
        rows: list[dict[str, Any]] = here.select(["number", "service", "grade"]).to_pylist()
        yield from (
            Mark(number=row["number"], service=row["service"], grade=LETTERS.index(row["grade"]))
            for row in rows
            if row["number"] not in labelled
        )
        labelled.update(row["number"] for row in rows)


def _owners(size: int, marks: tuple[Mark, ...]) -> Numbers | None:
    """By address, a number of the service that a label of owner grade names."""
    # None at all is the ordinary case, and clusters then need no second pass.
    sure = [mark for mark in marks if mark.grade <= OWNER]
    if not sure:
        return None
    numbers = {service: n for n, service in enumerate(sorted({mark.service for mark in sure}))}
    owner = np.full(size, -1, np.int32)
    for mark in sure:
        owner[mark.number] = numbers[mark.service]
    return owner
