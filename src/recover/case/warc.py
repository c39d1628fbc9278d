"""WARC records (ISO 28500) as bytes, and back: one gzip member a record, so any record can be read alone."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recover.case import unpacked
from recover.sdk.errors import Integrity
from recover.sdk.values import Request

_SPACE = uuid.UUID("5b1e7f3e-6f0a-5d0c-9d57-6b7265636f76")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer as received: status line and headers, then the body's bytes."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def sha256(data: bytes) -> str:
    """A SHA-256 in hexadecimal, as every digest of this project is written."""
    return hashlib.sha256(data).hexdigest()


def key(request: Request) -> str:
    """What makes two requests the same: SHA-256 over method, URL and body, secrets as placeholders."""
    # With placeholders, so that a replay finds the answer on a machine that has no key.
    return sha256(f"{request.method} {request.url}\n".encode() + request.body)


def of_file(name: str, media: str, data: bytes, now: datetime, digest: str = "") -> bytes:
    """A `resource` record for an imported file; its folder is not recorded. `digest` is its SHA-256, if known."""
    return _pack([("resource", _FILE + _quote(name), data, media)], now, digest)


def of_exchange(request: Request, answer: Answer, now: datetime, about: Mapping[str, Any] | None = None) -> bytes:
    """A `request` and a `response` record, and where `about` is given a `metadata` record that holds it as JSON.

    Secrets stand in the request as placeholders.
    """
    more = [] if about is None else [("metadata", request.url, _json(about), LINE)]
    if is_line(request):
        told = [("request", request.url, request.body, LINE), ("response", request.url, answer.body, LINE)]
        return _pack([*told, *more], now)
    lines = [f"{request.method} {request.url} HTTP/1.1", *(f"{k}: {v}" for k, v in request.headers)]
    asked = "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body
    status = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{k}: {v}" for k, v in answer.headers)]
    got = "\r\n".join(status).encode() + b"\r\n\r\n" + answer.body
    return _pack(
        [
            ("request", request.url, asked, "application/http;msgtype=request"),
            ("response", request.url, got, "application/http;msgtype=response"),
            *more,
        ],
        now,
    )


def _json(about: Mapping[str, Any]) -> bytes:
    return json.dumps(about, sort_keys=True, separators=(",", ":")).encode()


LINE = "application/json"
"""What a line protocol's records hold: the line as sent or received, with no HTTP around it."""


def is_line(request: Request) -> bool:
    """Whether a request goes over a line protocol, and not over HTTP."""
    return request.url.startswith(("tcp://", "ssl://"))


def read(packed: bytes, size: int = unpacked.LARGEST) -> tuple[bytes, Request | None]:
    """The evidence in one stored exhibit: the file, or the body of an answer with the request that it answers.

    Secrets stand in the request as placeholders. `size` is how many bytes the content has. Raises Integrity.
    """
    found: bytes | None = None
    asked: Request | None = None
    try:
        for record in unpacked.records(packed, size):
            data = record.data
            if record.kind == "resource":
                found = data
            elif record.kind == "response":
                found = data if _plain(record) else _parted(data)[1]
            elif record.kind == "request":
                url = record.of.get("warc-target-uri", "")
                asked = Request(url=url, method="POST", body=data) if _plain(record) else _request(url, data)
    except ValueError as error:
        raise _damaged(str(error)[:200]) from error
    if found is None:
        raise _damaged("no resource or response record in it")
    return found, asked


def metadata(packed: bytes) -> bytes:
    """The content of the `metadata` record of a stored exchange; empty where it has none. Raises Integrity."""
    try:
        found = [one.data for one in unpacked.records(packed) if one.kind == "metadata"]
    except ValueError as error:
        raise _damaged(str(error)[:200]) from error
    return found[0] if len(found) == 1 else b""


def contradicts(packed: bytes, name: str, captured: datetime) -> str:
    """What the record's own header says otherwise than the journal, as another tool would print it; else empty."""
    try:
        of = unpacked.head(packed)
        made = datetime.fromisoformat(of.get("warc-date", ""))
    except ValueError as error:
        return f"its record does not say when it was made ({str(error)[:80]!a})"
    uri = of.get("warc-target-uri", "")
    if made.tzinfo is None or abs((made - captured).total_seconds()) > _APART:
        return f"its record says that it was made on {made.isoformat()}, the journal {captured.isoformat()}"
    if uri not in (name, _FILE + _quote(name)):
        return f"its record says that it is of {uri[:100]!a}, the journal {name[:100]!a}"
    return ""


_APART = 86_400
"""Seconds: a record is packed before the journal's entry, and a large import takes its time until then."""

_FILE = "urn:recover:file:"


def _plain(record: unpacked.Record) -> bool:
    return record.of.get("content-type") == LINE


def _parted(data: bytes) -> tuple[bytes, bytes]:
    """The head of an HTTP message and its body. Raises ValueError."""
    end = data.find(b"\r\n\r\n", 0, unpacked.MOST_BESIDE)
    if end < 0:
        raise ValueError("there is no HTTP header in it")
    return data[:end], data[end + 4 :]


def _request(url: str, data: bytes) -> Request:
    head, body = _parted(data)
    first, *rest = head.decode().split("\r\n")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in rest))
    return Request(url=url, method="POST" if first.startswith("POST ") else "GET", headers=headers, body=body)


def _pack(records: Sequence[tuple[str, str, bytes, str]], now: datetime, digest: str = "") -> bytes:
    stamp = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # WARC wants a unique id; a random one would give other bytes each time, and nothing could be compared.
    digests = [digest or sha256(data) for _, _, data, _ in records]
    named = zip(records, digests, strict=True)
    ids = [f"<urn:uuid:{uuid.uuid5(_SPACE, f'{kind} {stamp} {known}')}>" for (kind, _, _, _), known in named]
    packed = b""
    for number, (kind, uri, data, media) in enumerate(records):
        http = media.startswith("application/http")
        body = sha256(data[data.index(b"\r\n\r\n") + 4 :]) if http else digests[number]
        headers = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", ids[number]),
            ("WARC-Date", stamp),
            ("WARC-Target-URI", uri),
            ("WARC-Block-Digest", f"sha256:{digests[number]}"),
            ("WARC-Payload-Digest", f"sha256:{body}"),
        ]
        if number:
            headers.append(("WARC-Concurrent-To", ids[0]))
        packed += _member(kind, headers, data, media)
    return packed


def _member(kind: str, headers: list[tuple[str, str]], data: bytes, media: str) -> bytes:
    """One record as one gzip member. Built without warcio's HTTP parser, which would rewrite header bytes."""
    from warcio.recordloader import ArcWarcRecord
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    rec_headers = StatusAndHeaders("", [*headers, ("Content-Type", media)], protocol="WARC/1.1")
    record = ArcWarcRecord("warc", kind, rec_headers, io.BytesIO(data), None, media, len(data))
    record.payload_length = len(data)
    press = _Press()
    WARCWriter(press, gzip=False, warc_version="1.1").write_record(record)
    return press.whole()


class _Press:
    """A file that keeps only what is written to it in compressed form."""

    def __init__(self) -> None:
        self.press = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(self.press.compress(data))
        return len(data)

    def flush(self) -> None:
        """As a file has it: nothing is held back that could be given on."""

    def whole(self) -> bytes:
        return b"".join([*self.parts, self.press.flush()])


def _quote(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def _damaged(why: str) -> Integrity:
    return Integrity(
        "exhibit-damaged",
        "A stored exhibit cannot be read.",
        f"Its WARC record is damaged: {why}.",
        "Restore the file in exhibits/ from another copy of the case.",
    )
