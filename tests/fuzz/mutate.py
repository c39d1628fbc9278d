"""Inputs that are nearly right: a source's examples changed as bytes, as JSON, as lines of cells, as Parquet."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, 2**64, 2**255, 2**256, -(2**256), 10**400, float("nan"), float("inf")),
    *(
        "",
        " ",
        "\x00",
        "\ud800",
        "\u202e",
        "0x",
        "0x0",
        "0x" + "f" * 64,
        "0x" + "f" * 65,
        "-0x1",
        "1e309",
        "NaN",
        "x",
    ),
    *("9" * 5000, "\u0661", "1_000", "+1", " 1", "2024-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "1" * 19),
    *([], {}, [[]], [None], {"": ""}, [0] * 1000, {"a": {"b": {"c": {}}}}),
)
TOKENS = (
    *(
        b"",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n",
        b"\r\n",
        b",",
        b'"',
        b'""',
        b"'",
        b";",
    ),
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"null",
        b"NaN",
        b"-",
        b"1e999",
        b"\\u0000",
        b"\\ud800",
        b"0x",
        b"#",
        b"&a *a",
    ),
    *(b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xfd\xff\xff", b"\xfe\xff\xff\xff\xff", b"\x7f" * 8, b"PAR1"),
)

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One input: an example, changed once to six times by ways that fit what it is."""
    data = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        data = rng.choice(_ways(data))(rng, data, seeds)
        if len(data) > 1 << 21:
            data = data[: 1 << 21]
    return data


def _ways(data: bytes) -> list[Mutation]:
    head = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    ways: list[Mutation] = [_bytes, _token, _piece, _splice]
    if data[:4] == b"PAR1":
        return [_parquet, _parquet, _parquet, *ways]
    if head in (b"{", b"["):
        ways += [_json] * 6
    if b"," in data[:4096] or b"\n" in data[:4096]:
        ways += [_cells] * 4
    return ways


def _bytes(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _token(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) * rng.choice((1, 1, 1, 40, 3000)) + data[at + rng.choice((0, 0, 1, 4)) :]


def _piece(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return rng.choice((data[:a] + data[b:], data[:b] + data[a:b] * 3 + data[b:], data[:a], data[b:], data[a:b]))


def _splice(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = rng.choice(seeds)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _cells(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """One cell of one line, by the separator that is there."""
    lines = data.split(b"\n")
    row = rng.randrange(len(lines))
    cells = lines[row].split(b",")
    odd = str(rng.choice(ODD)).encode("utf-8", "surrogatepass")
    cells[rng.randrange(len(cells))] = rng.choice((odd, b'"' + odd + b'"', b""))
    lines[row] = b",".join(cells)
    if rng.random() < 0.2:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"\n".join(lines)


def _json(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """One place of a document, or of one line where each line is a document."""
    for whole in (True, False):
        lines = [data] if whole else data.split(b"\n")
        at = rng.randrange(len(lines))
        try:
            value = json.loads(lines[at])
        except (ValueError, RecursionError):
            continue
        lines[at] = json.dumps(_changed(rng, value)).encode()
        return b"\n".join(lines)
    return _bytes(rng, data, seeds)


def _changed(rng: random.Random, value: Any) -> Any:
    """The value with one place, at any depth, odd, gone or there twice."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: _changed(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        if rng.random() < 0.15:
            return rng.choice((value[:at] + value[at + 1 :], [*value, value[at]], value[::-1]))
        return [*value[:at], _changed(rng, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and value and rng.random() < 0.5:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice(("", "0", "f", "z", "\x00", "\u202e", value)) + value[at + 1 :]
    return rng.choice(ODD)


def _parquet(rng: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A column of another kind, gone, there twice, or with a value that nobody expects."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(data))
        at = rng.randrange(max(1, table.num_columns))
        name = table.schema.names[at] if table.num_columns else "x"
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        return _bytes(rng, data, seeds)
    size = table.num_rows
    kinds: tuple[Any, ...] = (
        pa.nulls(size),
        pa.array([1.5] * size),
        pa.array(["\u202e"] * size),
        pa.array([b"\xff"] * size),
        pa.array([2**63 - 1] * size),
        pa.array([-1] * size),
        pa.array([[1]] * size),
        pa.array([{"a": 1}] * size),
        pa.array([True] * size),
        pa.array(["x"] * size).dictionary_encode(),
        pa.array([0] * size, pa.timestamp("ns")),
    )
    if table.num_columns:
        table = rng.choice(
            (
                lambda: table.set_column(at, name, rng.choice(kinds)),
                lambda: table.remove_column(at),
                lambda: table.append_column(name, rng.choice(kinds)),
                lambda: table.slice(0, 0),
                lambda: pa.concat_tables([table, table]),
            )
        )()
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()
