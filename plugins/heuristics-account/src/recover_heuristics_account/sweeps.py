"""Who paid whom how much, in columns and exact: the ground that both heuristics stand on.

Transfers are summed to edges (source, destination, asset). A value is a Python integer from the sum on, because
a token amount may have 256 bits; the sums themselves run in two 32-bit halves, so that none can overflow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import amounts

Mask: TypeAlias = npt.NDArray[np.bool_]
Codes: TypeAlias = npt.NDArray[np.int64]
Values: TypeAlias = npt.NDArray[np.object_]

_LOW = np.int64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Value that went from one address to another in one asset; one element an edge, sorted by (src, asset).

    `src`, `dst` and `asset` are codes into `nodes` (CAIP-10 texts; code 0 is nobody: mint or burn) and `assets`
    (CAIP-19). `count` is the number of transfers, `value` their sum in base units (Python integers). The
    transfers of edge e are `rows[first[e]:first[e + 1]]`, as row numbers of `tx` and of `seq`, the
    ledger's order.
    """

    nodes: pa.Array
    assets: tuple[str, ...]
    src: Codes
    dst: Codes
    asset: Codes
    count: Codes
    value: Values
    first: Codes
    rows: Codes
    tx: pa.ChunkedArray
    seq: Codes

    def transactions(self, edges: Iterable[int], limit: int | None = None) -> tuple[str, ...]:
        """The ids of the transactions behind `edges`, each once, in ledger order."""
        parts = [self.rows[self.first[e] : self.first[e + 1]] for e in edges]
        rows = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        rows = rows[np.argsort(self.seq[rows], kind="stable")]
        ids = dict.fromkeys(self.tx.take(pa.array(rows)).to_pylist())
        return tuple(ids)[:limit]


def join(chain: Any, address: Any) -> Any:
    """CAIP-10 texts of two columns: one name for an address wherever several chains meet."""
    return pc.binary_join_element_wise(chain, address, ":")


def edges(transfers: pa.Table) -> Edges:
    """Sum a ledger's transfers to edges.

    Left out: rows the ledger leaves out of lots, fees (they pay the network, not a recipient), rows without
    value, and payments of an address to itself. Mint and burn stay, with nobody on one side.
    """
    table = transfers.filter(counted(transfers))
    nodes, src, dst = _parties(table)
    assets = table["asset"].combine_chunks().dictionary_encode()
    asset = assets.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.lexsort((dst, asset, src)).astype(np.int64)
    keys = (src[rows], asset[rows], dst[rows])
    starts = _starts(*keys)
    first = np.append(starts, len(rows))
    return Edges(
        nodes=nodes,
        assets=tuple(assets.dictionary.to_pylist()),
        src=keys[0][starts],
        dst=keys[2][starts],
        asset=keys[1][starts],
        count=np.diff(first),
        value=_sums(table, rows, starts),
        first=first,
        rows=rows,
        tx=table["tx"],
        seq=table["seq"].to_numpy().astype(np.int64),
    )


def counted(transfers: pa.Table) -> pa.ChunkedArray:
    """Which rows are value that went from one to another, never null: see `edges`."""
    own = pc.fill_null(pc.equal(transfers["src"], transfers["dst"]), False)
    valued = pc.or_(pc.is_valid(transfers["wide"]), pc.fill_null(pc.greater(transfers["amount"], 0), False))
    kept = pc.and_(pc.is_null(transfers["excluded"]), pc.not_equal(transfers["kind"], "fee"))
    return pc.and_(pc.and_(kept, valued), pc.invert(own))


def _parties(table: pa.Table) -> tuple[pa.Array, Codes, Codes]:
    """All addresses as one dictionary, and the codes of both sides; nobody is code 0."""
    sides = pa.chunked_array([*table["src"].chunks, *table["dst"].chunks], pa.string())
    where = pa.chunked_array([*table["chain"].chunks] * 2, pa.string())
    names, chains = _coded(sides), _coded(where)
    size = len(names.dictionary)
    # Texts are joined once for each address, and not for each row.
    place = chains.indices.to_numpy().astype(np.int64) * size + pc.fill_null(names.indices, 0).to_numpy()
    found, at = np.unique(place, return_inverse=True)
    somebody = pc.is_valid(names.indices).to_numpy(zero_copy_only=False)
    # Numbered as they first appear. Nobody has code 0, whatever the rows say.
    seen = np.full(len(found), len(place))
    np.minimum.at(seen, at[somebody], np.flatnonzero(somebody))
    order = np.argsort(seen, kind="stable")[: int((seen < len(place)).sum())]
    codes = np.zeros(len(found), np.int64)
    codes[order] = np.arange(1, len(order) + 1)
    texts = join(
        chains.dictionary.take(pa.array(found[order] // size)),
        names.dictionary.take(pa.array(found[order] % size)),
    )
    every = np.where(somebody, codes[at], 0)
    nodes = pa.concat_arrays([pa.array([""], pa.string()), texts])
    return nodes, every[: table.num_rows], every[table.num_rows :]


def _coded(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    return (
        pa.concat_arrays(texts.chunks).dictionary_encode()
        if texts.num_chunks
        else pa.array([], pa.string()).dictionary_encode()
    )


def _starts(*keys: Codes) -> Codes:
    """Where a new group begins in columns sorted by `keys`."""
    size = len(keys[0])
    if not size:
        return np.zeros(0, np.int64)
    new = np.zeros(size, np.bool_)
    new[0] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new).astype(np.int64)


def _sums(table: pa.Table, rows: Codes, starts: Codes) -> Values:
    """Exact sums of the amounts in each group."""
    if not len(starts):
        return np.zeros(0, np.object_)
    narrow = pc.fill_null(table["amount"], 0).to_numpy()[rows]
    high = np.add.reduceat(narrow >> 32, starts).astype(np.object_)
    low = np.add.reduceat(narrow & _LOW, starts).astype(np.object_)
    value: Values = high * 2**32 + low
    wide = pc.is_valid(table["wide"]).to_numpy()[rows]
    at = np.flatnonzero(wide)
    cells = table["wide"].take(pa.array(rows[at])).to_pylist()
    for group, cell in zip(np.searchsorted(starts, at, side="right") - 1, cells, strict=True):
        value[group] += amounts.join(None, cell)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Edges of equal (src, asset): group g is edges `first[g]:first[g + 1]`; `total` is its whole outflow."""

    first: Codes
    of: Codes
    total: Values


def outflows(found: Edges) -> Groups:
    """What each address sent away, per asset."""
    starts = _starts(found.src, found.asset)
    first = np.append(starts, len(found.src))
    of = np.repeat(np.arange(len(starts), dtype=np.int64), np.diff(first))
    total = np.add.reduceat(found.value, starts) if len(starts) else np.zeros(0, np.object_)
    return Groups(first=first, of=of, total=total)


def judged(found: Edges, coverage: pa.Table) -> tuple[Mask, Mask]:
    """(per edge, per node): whether the sender's history in that asset is here; whether any of a node's is.

    A row for one address counts for it. A row for a whole chain counts for every address there only when it has
    no start, because a range of blocks is nobody's history.
    """
    whole = np.zeros(len(found.nodes), np.bool_)
    pairs: list[int] = []
    codes = {asset: code for code, asset in enumerate(found.assets)}
    for row, node in _covered(found.nodes, coverage):
        if row["asset"] is None:
            whole[node] = True
        elif row["asset"] in codes:
            pairs.extend(int(n) * len(codes) + codes[row["asset"]] for n in node)
    whole[0] = False
    partly = np.isin(found.src * len(codes) + found.asset, np.array(pairs, np.int64))
    anywhere = whole.copy()
    anywhere[found.src[partly]] = True
    anywhere[[p // len(codes) for p in pairs]] = True
    return (whole[found.src] | partly) & (found.src > 0), anywhere


def _covered(nodes: pa.Array, coverage: pa.Table) -> Iterable[tuple[dict[str, Any], Codes]]:
    """Each coverage row with the codes of the nodes that it speaks of."""
    found = pc.index_in(join(coverage["chain"], coverage["address"]), nodes).to_pylist()
    for row, code in zip(coverage.to_pylist(), found, strict=True):
        if row["address"] is not None:
            yield row, np.array([] if code is None else [code], np.int64)
        elif row["since"] is None:
            yield row, np.flatnonzero(pc.starts_with(nodes, row["chain"] + ":").to_numpy(zero_copy_only=False))
