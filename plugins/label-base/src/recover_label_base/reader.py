"""A base of labels read in columns: gzip over CSV, every row with source, date and step of the evidence ladder."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from recover.sdk import GRADES, SCHEMAS, Ask, Batch, Error, Exhibit, Recorder, SourceInfo

FIRST = b"#recover-label-base 1"
COLUMNS = (
    *("chain", "address", "service", "label", "role", "category", "grade", "step"),
    *("source", "origin", "asserted", "until", "withdrawn", "why", "note"),
)
ROLES = ("hot-wallet", "deposit", "sanctioned", "contract", "mixer", "bridge", "other")
STEPS = tuple(f"P{n}" for n in range(9))
_MOST = 256 * 2**20
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"
_CHAIN = r"^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$"
_ADDRESS = r"^[!-~]{1,256}$"


class LabelBase:
    """Reads a whole base; one label a row."""

    info = SourceInfo(
        id="label-base",
        version="1",
        title="Base of labels (gzip CSV)",
        chains=("*",),
        place="item",
        media=f"gzip over CSV that begins with {FIRST.decode()}",
        terms="as base.toml says of each list in it",
        limits="256 MiB unpacked; every row must be right",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """It is gzip, and what is inside begins as a base does."""
        if head[:2] != b"\x1f\x8b":
            return False
        try:
            return zlib.decompressobj(31).decompress(head, 64).startswith(FIRST)
        except zlib.error:
            return False

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: a base is pinned."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """One label a row; `place` is its index, from 0. Raises Error naming what is wrong, column by column."""
        plain = _unpacked(exhibit)
        if not plain.startswith(FIRST + b"\n"):
            raise _bad(exhibit, [f"it does not begin with {FIRST.decode()}"])
        at = plain.index(b"\n") + 1
        while plain[at : at + 1] == b"#":
            at = plain.find(b"\n", at) + 1 or len(plain)
        rows = _table(exhibit, plain[at:])
        wrong = _wrong(rows)
        if wrong:
            raise _bad(exhibit, wrong)
        yield Batch(assertions=_assertions(rows))


def _unpacked(exhibit: Exhibit) -> bytes:
    try:
        stream = zlib.decompressobj(31)
        plain = stream.decompress(exhibit.data, _MOST)
    except zlib.error as error:
        raise _bad(exhibit, [f"it is not gzip ({error})"]) from error
    if not stream.eof or stream.unused_data:
        raise _bad(exhibit, ["it is cut off, longer than 256 MiB, or has something behind its end"])
    return plain


def _table(exhibit: Exhibit, body: bytes) -> pa.Table:
    kinds = {name: pa.string() for name in COLUMNS}
    try:
        rows = pacsv.read_csv(
            io.BytesIO(body),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=max(len(body), 1)),
            convert_options=pacsv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _bad(exhibit, [" ".join(str(error).split())[:200]]) from error
    if tuple(rows.column_names) != COLUMNS:
        raise _bad(exhibit, [f"its columns are {', '.join(rows.column_names)[:200]}"])
    return rows


def _wrong(rows: pa.Table) -> list[str]:
    found = []
    for name, shape in (("chain", _CHAIN), ("address", _ADDRESS), *((n, _DAY) for n in ("asserted", "until"))):
        found += _first(rows, name, pc.match_substring_regex(rows.column(name), shape))
    found += _first(rows, "withdrawn", pc.match_substring_regex(rows.column("withdrawn"), _DAY))
    for name, known in (("role", ROLES), ("grade", tuple(GRADES)), ("step", STEPS)):
        found += _first(rows, name, pc.is_in(rows.column(name), value_set=pa.array(known)))
    found += _first(rows, "source", pc.not_equal(rows.column("source"), ""))
    # A withdrawal without a reason would take a name away, and nobody could say why.
    bare = pc.and_(pc.not_equal(rows.column("withdrawn"), ""), pc.equal(rows.column("why"), ""))
    return found + _first(rows, "why", pc.invert(bare))


def _first(rows: pa.Table, name: str, good: Any) -> list[str]:
    """The first row whose cell is not good."""
    at = pc.index(good, False).as_py()
    return [] if at < 0 else [f"row {at + 1}: {name} {rows.column(name)[at].as_py()[:60]!r}"]


def _assertions(rows: pa.Table) -> pa.Table:
    schema: pa.Schema = SCHEMAS["assertions"]
    size = rows.num_rows
    given: dict[str, Any] = {name: rows.column(name) for name in COLUMNS if name in schema.names}
    given["params"] = _params(rows)
    given["place"] = pa.array(range(size), pa.int64())
    same = {"kind": "label", "method": LabelBase.info.id, "version": LabelBase.info.version}
    made = []
    for field in schema:
        if field.name in given:
            made.append(given[field.name].cast(field.type))
        elif field.name == "transactions":
            made.append(pa.array([[]] * size, field.type))
        else:
            value = same.get(field.name, None if field.nullable else "")
            made.append(pa.repeat(pa.scalar(value, field.type), size))
    return pa.Table.from_arrays(made, schema=schema)


def _params(rows: pa.Table) -> pa.Array:
    """The step, and the end or the withdrawal where a row has one: canonical JSON, made once for each form."""
    columns = [rows.column(name).to_pylist() for name in ("step", "until", "withdrawn", "why")]
    known: dict[tuple[str, ...], str] = {}
    made = []
    for cells in zip(*columns, strict=True):
        if cells not in known:
            known[cells] = _json(dict(zip(("step", "until", "withdrawn", "why"), cells, strict=True)))
        made.append(known[cells])
    return pa.array(made, pa.string())


def _json(cells: dict[str, str]) -> str:
    import json

    kept = {name: value for name, value in cells.items() if value}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _bad(exhibit: Exhibit, why: list[str]) -> Error:
    return Error(
        "label-base",
        f"{re.sub(r'[^ -~]', '?', exhibit.name)[:80]} is no base of labels that can be read.",
        "; ".join(why) + ".",
        "Build it again, or pin the base that is installed.",
    )
