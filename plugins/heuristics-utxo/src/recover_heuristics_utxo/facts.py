"""The facts of coin transactions as columns: version, lock time, sequence numbers, script types, sizes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow

from recover.sdk import Error

FACTS = pa.schema(
    [
        ("version", pa.int64()),
        ("locktime", pa.int64()),
        ("sequence", pa.list_(pa.int64())),
        ("lowr", pa.bool_()),
        ("inputs", pa.list_(pa.string())),
        ("outputs", pa.list_(pa.string())),
        ("vsize", pa.int64()),
    ]
)
_BLOCK = 2**24


def columns(texts: Any) -> pa.Table:
    """One row a transaction, null where the exhibit does not say. Raises Error for facts of another shape."""
    if not len(texts):
        return FACTS.empty_table()
    widest = pc.max(pc.binary_length(texts)).as_py()
    joined = "\n".join(texts.to_pylist()).encode("utf-8") + b"\n"
    try:
        found = arrow.read_json(
            pa.BufferReader(joined),
            read_options=arrow.ReadOptions(block_size=max(_BLOCK, 2 * widest + 2)),
            parse_options=arrow.ParseOptions(explicit_schema=FACTS, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid as error:
        raise Error(
            "facts-unreadable",
            "The facts of a coin transaction do not have the published form.",
            str(error).splitlines()[0][:200],
            "Correct the source that wrote them, or leave it out of the case.",
        ) from None
    if found.num_rows != len(texts):
        raise Error(
            "facts-unreadable",
            f"The facts of {len(texts)} coin transactions hold {found.num_rows} records.",
            "Each transaction has one JSON object on one line.",
            "Correct the source that wrote them, or leave it out of the case.",
        )
    return found.select(FACTS.names)
