"""A digest over the rows of a table: the same rows give it, whatever library, compression or layout holds them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def digest(table: pa.Table) -> str:
    """SHA-256 (hex) over the columns' names, kinds and values, in the order of the rows."""
    found = hashlib.sha256(f"{table.num_rows}".encode())
    for field in table.schema:
        column = table.column(field.name).combine_chunks()
        found.update(f"\0{field.name}\0{field.type}\0".encode())
        _feed(found, column)
    return found.hexdigest()


def _feed(found: hashlib._Hash, column: pa.Array | pa.ChunkedArray) -> None:
    """Where values are missing, then the values, with a fixed one where they are missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind = column.type
    found.update(pc.is_null(column).cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        found.update(pc.fill_null(pc.list_value_length(column), 0).cast(pa.int64()).to_numpy().tobytes())
        _feed(found, pc.list_flatten(column))
    elif pa.types.is_struct(kind):
        for place in range(kind.num_fields):
            _feed(found, pc.struct_field(column, place))
    elif pa.types.is_dictionary(kind):
        _feed(found, column.dictionary_decode())
    elif pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        _texts(found, column)
    elif pa.types.is_boolean(kind):
        found.update(pc.fill_null(column, False).cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
    else:
        whole = column.cast(pa.int64()) if pa.types.is_timestamp(kind) or pa.types.is_null(kind) else column
        if pa.types.is_decimal(kind):
            _texts(found, column.cast(pa.string()))
        else:
            found.update(pc.fill_null(whole, 0).to_numpy(zero_copy_only=False).tobytes())


def _texts(found: hashlib._Hash, column: pa.Array) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    data = pc.fill_null(column.cast(pa.large_binary()), b"")
    found.update(pc.binary_length(data).cast(pa.int64()).to_numpy(zero_copy_only=False).tobytes())
    offsets = data.buffers()[1]
    if len(data) and offsets is not None and data.buffers()[2] is not None:
        places = memoryview(offsets).cast("q")
        first, last = places[data.offset], places[data.offset + len(data)]
        found.update(memoryview(data.buffers()[2])[first:last])
