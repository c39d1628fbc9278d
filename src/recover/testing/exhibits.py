"""Exhibits for tests, and what decoding them gave, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from recover.sdk import SCHEMAS, Batch, Exhibit, Request, amounts

CAPTURED = datetime(2026, 1, 1, tzinfo=UTC)


def exhibit(
    name: str,
    data: bytes,
    *,
    media: str = "application/octet-stream",
    source: str = "",
    asked: Request | None = None,
) -> Exhibit:
    """Bytes as an exhibit captured at a fixed time."""
    return Exhibit(
        digest=sha256(data).hexdigest(),
        name=name,
        media=media,
        captured=CAPTURED,
        sources=(source,) if source else (),
        data=data,
        number=1,
        asked=asked,
    )


def of_file(path: Path, *, source: str = "") -> Exhibit:
    """A recorded file as an exhibit."""
    return exhibit(path.name, path.read_bytes(), source=source)


def rows(batches: Iterable[Batch]) -> dict[str, list[dict[str, Any]]]:
    """All rows of all batches by table, in a stated order, so that two ways of decoding can be compared.

    A leg's `out` is filled from its sign where it is null. Raises Error when a table does not have its published
    columns.
    """
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for batch in batches:
        for name, value in batch.tables().items():
            found[name].extend(value.to_pylist())
    for leg in found["legs"]:
        if leg["out"] is None:
            unknown = leg["amount"] is None and leg["wide"] is None
            leg["out"] = leg["kind"] == "input" if unknown else amounts.join(leg["amount"], leg["wide"]) < 0
    # Sources may batch as they like, so the order of batches must not tell two decodings apart.
    return {name: sorted(listed, key=repr) for name, listed in found.items()}
