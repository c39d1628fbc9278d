"""Hostile input: what parsers and decoders are shown in addition to their own examples."""

from __future__ import annotations

from collections.abc import Iterator

TEXTS = (
    "",
    " ",
    "\x00",
    "\n",
    "a" * 100_000,
    "0x",
    # One digit more than 32 bytes have.
    "0x" + "f" * 65,
    "\u202e1BvBMSEY",  # right-to-left override
    "\u0661\u0662\u0663",  # digits, but not ASCII ones
    "\ud800",  # a lone surrogate cannot be encoded
    "../../etc/passwd",
    "'; DROP TABLE legs; --",
    "=HYPERLINK(1)",
    "1e309",
    "-1",
)

GARBAGE = (
    b"",
    b"\x00" * 4096,
    bytes(range(256)) * 16,
    b"\xff\xfe\x00\xd8",
    # Nested deeper than a recursive parser has stack for.
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"data":' + b"9" * 100_000 + b"}",
    # NaN is no JSON, and 1e400 fits no float: Python's reader takes both.
    b'{"data":[{"a":NaN,"b":1e400}]}',
    b"\xef\xbb\xbf",
    b"a,b,c\n" + b'"' * 10_000,
    # YAML that refers to itself.
    b"a: &a [*a, *a]\n" * 64,
    b"PK\x03\x04" + b"\x00" * 64,
    b"%PDF-1.7\n",
)

# Files that no source may claim: a source that recognises too much makes every import ambiguous.
FOREIGN = (
    ("notes.txt", b"Call with the examiner on Monday, 10:00.\n"),
    ("table.csv", b"name,colour\nrose,red\n"),
    ("answer.json", b'{"name": "rose", "colour": "red"}'),
    ("list.json", b"[1, 2, 3]"),
    ("page.html", b"<!doctype html><title>Rose</title>"),
    ("settings.yaml", b"name: rose\ncolour: red\n"),
    ("scan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    ("empty", b""),
)


def damaged(data: bytes, cuts: int = 12) -> Iterator[tuple[str, bytes]]:
    """(what was done, bytes): `data` cut short, with bytes changed, and with a piece said twice."""
    size = len(data)
    places = sorted({size * k // cuts for k in range(cuts)} | {max(size - 1, 0), min(1, size)})
    for at in places:
        yield f"cut at byte {at}", data[:at]
        if at < size:
            yield f"byte {at} inverted", data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
            # Still text, and often still readable: a digit that changed in a figure.
            yield f"byte {at} made a nine", data[:at] + b"9" + data[at + 1 :]
    yield "the middle left out", data[: size // 3] + data[2 * size // 3 :]
    yield "a digit too many everywhere", data.replace(b"0", b"00")
