"""Parquet tables of an export, with cells as the decoders want them: texts, whole numbers, lists."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from recover.sdk import NotRecognised

_MOST = 50_000_000
_SMALL, _RATIO = 2**26, 100
"""What unpacks to more than so many bytes, and than so many times its size, is no export of a chain."""


def load(name: str, data: bytes) -> pa.Table:
    """The table in `data`. Raises NotRecognised where it is no Parquet file, or holds absurdly many rows."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        if file.metadata.num_rows > min(_MOST, len(data)):
            raise ValueError(f"it claims {file.metadata.num_rows} rows in {len(data)} bytes")
        claimed = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
        if claimed > max(_SMALL, _RATIO * len(data)):
            raise ValueError(f"it claims to unpack from {len(data)} bytes to {claimed}")
        names = file.schema_arrow.names
        if len(set(names)) < len(names):
            raise ValueError("two of its columns have one name")
        read = file.read()
        read.validate(full=True)  # Parquet calls bytes a text without looking whether they are one
        return read
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        raise NotRecognised(
            "parquet-unreadable",
            f"{name} cannot be read as a Parquet file.",
            f"{(str(error).splitlines() or ['it is damaged'])[0][:200]}.",
            "Export the file again; a download may have been cut off.",
        ) from None


def columns(head: bytes) -> list[str]:
    """The names of the columns where `head` is the whole file, nothing otherwise: they stand at a file's end."""
    try:
        names: list[str] = pq.read_schema(pa.BufferReader(head)).names
    except (pa.ArrowException, OSError, ValueError):
        return []
    return names


def cells(column: pa.ChunkedArray) -> Any:
    """A column as text where it is text, else as a list of values: exact decimals whole, times as seconds."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.string()).combine_chunks()
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value
