"""The reasons of an entity: its assertions as JSON texts, written in columns, since there can be millions."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_UNSAFE = '["\\\\\\x00-\\x1f]'
"""What JSON has to escape."""


def texts(rows: pa.Table) -> pa.Array:
    """One JSON object a row, its keys in order. `rows` have the columns of an assertion and `exhibit`."""
    # Keys in their sorted order and without spaces, as `json.dumps` writes the reasons that come one by one.
    parts = [
        '{"address":',
        quoted(rows.column("address")),
        ',"exhibit":',
        pc.cast(rows.column("exhibit"), pa.string()),
        ',"grade":',
        quoted(rows.column("grade")),
        ',"heuristic":',
        quoted(rows.column("method")),
        ',"kind":',
        quoted(rows.column("kind")),
        ',"other":',
        quoted(rows.column("other")),
        ',"transactions":[',
        pc.binary_join(_quoted_lists(rows.column("transactions")), ","),
        '],"version":',
        quoted(rows.column("version")),
        "}",
        "",
    ]
    return _flat(pc.binary_join_element_wise(*parts))


def quoted(cells: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Texts as JSON strings."""
    cells = _flat(cells)
    plain = pc.binary_join_element_wise('"', cells, '"', "")
    unsafe = pc.match_substring_regex(cells, _UNSAFE)
    if not pc.any(unsafe).as_py():
        return plain
    told = [json.dumps(cell, ensure_ascii=False) for cell in cells.filter(unsafe).to_pylist()]
    return pc.replace_with_mask(plain, unsafe, pa.array(told, pa.string()))


def lists(group: np.ndarray[tuple[int], np.dtype[np.int64]], cells: pa.Array, groups: int) -> pa.Array:
    """The cells of each group as one list; `group` ascends."""
    offsets = np.searchsorted(group, np.arange(groups + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), cells)


def _quoted_lists(column: pa.ChunkedArray) -> pa.Array:
    one = _flat(column)
    sizes = pc.list_value_length(one).to_numpy()
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), quoted(one.flatten()))


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    return column
