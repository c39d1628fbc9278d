"""Which source reads a file, by its content; and of a file that none reads, what it looks like and what helps."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error, NotRecognised
from recover.sdk.plugin import Source, SourceInfo

# Bytes at the head of a file by which it is recognised.
HEAD = 2**16
NAMED = 10  # sources named in the refusal of one file
_TEXT = 80  # characters of the file's own words that are repeated
_AGAIN = "Get the data again, and look at it before it is imported."
_UNPACK = "Unpack it first, and import the files in it."
_MARK = re.compile(r"begins with (#[a-z-]+ [0-9]+)")
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,400})", re.IGNORECASE)
_OWNERS = frozenset({"label", "labels", "service", "entity", "owner", "category", "tag", "name"})
_MOVES = re.compile(r"amount|value|hash|tx|from|to$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """`title` completes "It looks like ..."; `fits` finds it in what sources say of their media, empty for none.

    `said` is the sentence of a mistake that is often made, `todo` what helps then.
    """

    title: str
    fits: str = ""
    said: str = ""
    todo: str = ""


_STARTS: tuple[tuple[bytes, Likeness], ...] = (
    (b"\x1f\x8b", Likeness(title="a gzip archive", todo=_UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Likeness(title="a 7z archive", todo=_UNPACK)),
    (b"Rar!", Likeness(title="a RAR archive", todo=_UNPACK)),
    (b"\xfd7zXZ", Likeness(title="an xz archive", todo=_UNPACK)),
    (b"\x28\xb5\x2f\xfd", Likeness(title="a Zstandard archive", todo=_UNPACK)),
    (b"BZh", Likeness(title="a bzip2 archive", todo=_UNPACK)),
    (b"%PDF-", Likeness(title="a PDF document", todo="Ask for the data behind it, as CSV or JSON.")),
    (b"\x89PNG", Likeness(title="a picture", todo="Ask for the data that it shows, as CSV or JSON.")),
    (b"\xff\xd8\xff", Likeness(title="a picture", todo="Ask for the data that it shows, as CSV or JSON.")),
    (
        b"\xd0\xcf\x11\xe0",
        Likeness(title="an old Excel or Word file", todo="Save it as CSV in UTF-8, and import that."),
    ),
    (
        b"SQLite format 3\0",
        Likeness(title="an SQLite database", todo="Export its tables as CSV, and import those."),
    ),
    (b"PAR1", Likeness(title="a Parquet table", fits="parquet")),
    (b"\xff\xfe", Likeness(title="text in UTF-16", todo="Save it as UTF-8, and import that.")),
    (b"\xfe\xff", Likeness(title="text in UTF-16", todo="Save it as UTF-8, and import that.")),
)


# Tables that people hold and that show no movement on a chain: what they are, and what to export instead.
_FOREIGN: tuple[tuple[frozenset[str], Likeness], ...] = tuple(
    (
        frozenset(columns.split("|")),
        Likeness(
            title=f"a CSV of {title}",
            said="It holds amounts of a whole wallet or account, and neither inputs, outputs nor addresses.",
            todo=todo,
        ),
    )
    for columns, title, todo in (
        (
            "transaction_hash|label|confirmations|value|timestamp",
            "Electrum's history",
            "Get each transaction by its id as raw hexadecimal text or from an explorer, and import that.",
        ),
        (
            "Operation Date|Currency Ticker|Operation Type|Operation Hash",
            "Ledger Live's operations",
            "Export the address from a block explorer, or get each transaction by its hash, and import that.",
        ),
        (
            "Confirmed|Date|Type|Label|Address|ID",
            "a node's own wallet",
            "Get each transaction by its ID with getrawtransaction, and import the answers.",
        ),
        (
            "User_ID|UTC_Time|Account|Operation|Coin|Change",
            "Binance's account statement",
            "Export the exchange's deposits and withdrawals with their ids, and import those transactions.",
        ),
        (
            "txid|refid|time|type|aclass|asset|amount|fee|balance",
            "Kraken's ledger",
            "Its ids are of no chain: ask for those of deposits and withdrawals, and import those transactions.",
        ),
    )
)


def refused(name: str, data: bytes, sources: Iterable[Source]) -> NotRecognised:
    """What is said of a file that no source recognised: what it looks like, and who reads such files."""
    infos = [source.info for source in sources]
    found = look(name, data[:HEAD], whole=len(data) <= HEAD, infos=infos)
    near = fitting(found, infos)
    read = f"Such files are read by {', '.join(near)}." if near else "No source here reads such files."
    why = f"It looks like {found.title}. {found.said or read}"
    default = "Name its source with --as; `recover plugins` lists what each one reads."
    return NotRecognised(
        "file-not-recognised",
        f"{name} is no kind of file that a source here reads.",
        why,
        found.todo or (default if near else "`recover plugins` lists what the sources here read."),
    )


def fitting(found: Likeness, infos: Iterable[SourceInfo]) -> list[str]:
    """The ids of sources that read files of a kind, those found by content first; at most `NAMED`."""
    if not found.fits:
        return []
    near = [info for info in infos if re.search(found.fits, info.media, re.IGNORECASE)]
    return [info.id for info in sorted(near, key=lambda info: (not info.primary, info.id))][:NAMED]


def look(name: str, head: bytes, *, whole: bool, infos: Sequence[SourceInfo] = ()) -> Likeness:
    """What the first bytes of a file look like; `whole` says that they are all of it."""
    if head[:4] == b"PK\x03\x04":
        return _zip(head)
    for start, files in _STARTS:
        if head.startswith(start):
            return files
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if re.match(rb"<!doctype html|<html|<head|<body", text, re.IGNORECASE):
        return _page(text)
    if text[:1] in (b"{", b"["):
        return _json(name, text, whole)
    if text.startswith(b"<"):
        return Likeness(title="XML", fits=r"\bxml\b")
    try:
        # A head can end inside a character, which is at most four bytes long.
        plain = text[: len(text) - 4 * (not whole)].decode("utf-8")
    except UnicodeDecodeError:
        plain = "\0"
    return _plain(plain, infos) if plain and "\0" not in plain else _BINARY


_BINARY = Likeness(title="binary data", fits=r"\bbinary\b|\braw\b|\.dat\b")


def _zip(head: bytes) -> Likeness:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        todo = "Save its sheet as CSV in UTF-8, and import that; what a source above reads, name it with --as."
        return Likeness(title="an Excel workbook", fits=r"\bworkbook\b", todo=todo)
    return Likeness(title="a zip archive", todo=_UNPACK)


def _page(text: bytes) -> Likeness:
    title = _TITLE.search(text)
    named = f" It calls itself {_quoted(title[1].decode('utf-8', 'replace'))}." if title else ""
    return Likeness(
        title="a web page (HTML)",
        said=f"Perhaps an error page was saved instead of the data.{named}",
        todo=_AGAIN,
    )


def _json(name: str, text: bytes, whole: bool) -> Likeness:
    lines = [line for line in text.split(b"\n") if line.strip()]
    first = _loaded(lines[0])
    if isinstance(first, dict) and (len(lines) > 1 or name.lower().endswith((".jsonl", ".ndjson"))):
        return Likeness(title="JSON lines", fits=r"json lines")
    found = _loaded(text) if whole else None
    if whole and found is None:
        return Likeness(title="JSON that is damaged or cut off", fits=_JSON, todo=_AGAIN)
    return _answer(found) or Likeness(title="JSON", fits=_JSON)


_JSON = r"\bjson\b(?! lines)"


def _loaded(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _answer(found: Any) -> Likeness | None:
    """A server's answer in which it refuses, or has nothing to say; also where it answers several at once."""
    answers = found if isinstance(found, list) and found else [found]
    if not all(isinstance(each, Mapping) for each in answers):
        return None
    refusal = next((each["error"] for each in answers if each.get("error")), None)
    if refusal is not None:
        told = refusal.get("message", refusal) if isinstance(refusal, Mapping) else refusal
        return Likeness(
            title="JSON",
            said=f"It is the node's refusal, which shows nothing of the chain: {_quoted(str(told))}.",
            todo="Ask the node again, and import what it answers then.",
        )
    if all("result" in each and each["result"] is None for each in answers):
        return Likeness(
            title="JSON",
            said="It is an empty answer: the node has nothing of what it was asked for.",
            todo="Check what was asked, or ask a node that has it.",
        )
    return None


def _plain(text: str, infos: Sequence[SourceInfo]) -> Likeness:
    first = text.splitlines()[0]
    if re.fullmatch(r"[0-9a-fA-F]{16,}", first.strip()):
        return Likeness(title="hexadecimal digits", fits="hexadecimal")
    if re.match(r"(---|[\w-]+:( |$))", first):
        return Likeness(title="YAML", fits=r"yaml")
    for mark in ",;\t":
        if first.count(mark):
            return _sheet(_cells(first, mark), mark, infos)
    return Likeness(title="plain text", fits=r"\btext\b(?!/)")


def _cells(first: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([first], delimiter=mark), [])
    except csv.Error:
        return []


def _sheet(header: Sequence[str], mark: str, infos: Sequence[SourceInfo]) -> Likeness:
    if mark != ",":
        todo = "Save it with commas between its cells, and import that."
        return Likeness(title="a table whose cells no comma parts", fits=_CSV, todo=todo)
    foreign = next((found for columns, found in _FOREIGN if columns <= {cell.strip() for cell in header}), None)
    if foreign is not None:
        return foreign
    names = {cell.strip().lower() for cell in header}
    lines = (found[1] for info in infos if (found := _MARK.search(info.media)))
    # A base of labels is made by a script, and nobody writes one by hand.
    line = next((each for each in lines if "label" in each and "base" not in each), "")
    if line and _OWNERS & names and "address" in names and not any(_MOVES.search(each) for each in names):
        return Likeness(
            title="CSV",
            said=f"Its columns are those of a list of labels, which begins with the line {line}.",
            todo="Put that line in front of it, and import it again: what else it needs is then named.",
        )
    return Likeness(title="CSV", fits=_CSV)


_CSV = r"\bcsv\b"


def _quoted(text: str) -> str:
    """Words of the file, in ASCII and shortened: they come from outside and go to a terminal."""
    flat = " ".join(text.split())
    return ascii(flat if len(flat) <= _TEXT else flat[: _TEXT - 3] + "...")


def source_of(plugins: Plugins, path: Path, data: bytes) -> Source:
    """The one source that recognises a file's head. Raises NotRecognised when none does, Error naming several."""
    head = data[:HEAD]
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    found = [s for s in plugins.sources.values() if s.info.primary and _recognises(s, name, head)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise refused(name, data, plugins.sources.values())
    kinds = "; ".join(f"{s.info.id}: {s.info.media}" for s in found)
    raise Error("file-ambiguous", f"{name} could be read by several sources.", f"{kinds}.", "Name one with --as.")


def _recognises(source: Source, name: str, head: bytes) -> bool:
    """What the source says; one that raises is named, and never takes the program down."""
    return call.everything(source.info.id, lambda: iter([source.recognises(name, head)]))[0]
