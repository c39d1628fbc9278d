"""Labels in columns: one batch for many, because a list may hold hundreds of thousands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import pyarrow as pa

from recover.sdk import Batch, Error, Gap, Grade, table

MOST_BYTES = 64 * 2**20
MOST_TEXT = 2000
MOST_ADDRESS = 256
MOST_LINE = 32_768
HOPELESS = 1_000
"""Problems after which the rest of a list is not read: it is refused in any case, and reading takes time."""
_SHOWN = 20
_BATCH = 50_000
_NONE = pa.array([], pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of one address, with the columns of ASSERTIONS that differ from row to row."""

    chain: str
    address: str
    grade: str
    place: int
    service: str = ""
    label: str = ""
    role: str = "other"
    category: str = ""
    source: str = ""
    origin: str = ""
    asserted: str = ""
    params: str = "{}"
    note: str = ""


def batches(method: str, version: str, labels: Iterable[Label], gaps: Iterable[Gap] = ()) -> Iterator[Batch]:
    """Batches of at most 50,000 labels, then the gaps. `gaps` is read after all labels are."""
    waiting: list[Label] = []
    for label in labels:
        waiting.append(label)
        if len(waiting) == _BATCH:
            yield _batch(method, version, waiting)
            waiting = []
    if waiting:
        yield _batch(method, version, waiting)
    found = tuple(gaps)
    if found:
        yield Batch.of(*found)


def _batch(method: str, version: str, labels: Sequence[Label]) -> Batch:
    columns: dict[str, list[object]] = {name: [getattr(x, name) for x in labels] for name in Label.__slots__}
    same: dict[str, object] = {"kind": "label", "method": method, "version": version, "transactions": []}
    columns |= {name: [value] * len(labels) for name, value in same.items()}
    return Batch(assertions=table("assertions", columns))


def slices(method: str, version: str, columns: Mapping[str, pa.Array], gaps: Iterable[Gap]) -> Iterator[Batch]:
    """The same as `batches`, of labels that are columns already."""
    size = len(columns["address"])
    for first in range(0, size, _BATCH):
        count = min(_BATCH, size - first)
        part: dict[str, object] = {name: column.slice(first, count) for name, column in columns.items()}
        same = {"kind": "label", "method": method, "version": version}
        part |= {name: pa.repeat(pa.scalar(value, pa.string()), count) for name, value in same.items()}
        part["transactions"] = pa.ListArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count + 1), _NONE)
        yield Batch(assertions=table("assertions", part))
    found = tuple(gaps)
    if found:
        yield Batch.of(*found)


def refuse(code: str, name: str, problems: Sequence[str], todo: str) -> NoReturn:
    """Raise one Error that names up to 20 problems of the file `name`."""
    more = f"\n    ... and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    raise Error(
        code,
        f"{name} cannot be read as it stands: {len(problems)} {'problem' if len(problems) == 1 else 'problems'}.",
        "\n    ".join(["", *problems[:_SHOWN]]).strip() + more,
        todo,
    )


def canonical(params: dict[str, object]) -> str:
    """Canonical JSON of what a label carries beside its columns; empty values are left out."""
    kept = {k: v for k, v in params.items() if v not in ("", None, [], ())}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def bounded(code: str, name: str, data: bytes) -> bytes:
    """The same bytes, or an Error when a list is larger than any honest one."""
    if len(data) > MOST_BYTES:
        refuse(
            code, name, [f"it has {len(data):,} bytes; the most is {MOST_BYTES:,}"], "Split the list into parts."
        )
    return data


def fault(address: str) -> str | None:
    """Why a text cannot be an address on any chain, or None."""
    if not address:
        return "the address is empty"
    if len(address) > MOST_ADDRESS:
        return f"the address has {len(address)} characters"
    if not address.isascii() or not address.isprintable() or " " in address:
        return f"the address {address!r} has characters that no address has"
    return None


GRADE_IDS: tuple[Grade, ...] = ("A", "B", "C", "D", "E")
