"""Whether anything that others receive holds what tells who a victim is."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from email import message_from_bytes
from typing import Any

from recover.case import Case
from recover.sdk.errors import Error
from recover.victims import printed, spelled
from recover.victims.vault import FOLDER

_TELLING = ("name", "phone", "email", "postal", "representative", "wallet", "bank_account", "bank_beneficiary")
_NAMES = ("name", "representative")
_LEAST = 5  # characters: shorter ones stand in other words
_MOST = 256 << 20


def telling(record: Mapping[str, Any], alone: bool = True) -> set[str]:
    """The texts of a record by which the person could be told; `alone`: a surname by itself too."""
    found, names = set[str](), set[str]()
    sources = [record, record.get("also", {})]
    for one in sources:
        for key in _TELLING:
            said = one.get(key, ())
            texts = {said} if isinstance(said, str) else set(said)
            found |= texts
            names |= texts if key in _NAMES and alone else set()
    lone = {spelled.surname(name) for name in names} - {""}
    return {text for text in found if len(text) >= _LEAST} | lone


_PAPERS = ("out/", "issued/", "case.toml")
"""What others receive first, and what of a case a person types."""

_KEPT = (
    "What the journal acknowledged is never taken out. Hand on no copy of this case: open a new one, import the "
    "exhibits there (`recover show CASE exhibits` lists them), and write the pseudonym where the name was typed."
)
_WRITTEN = "Take the words out of what was typed or drafted, and write the papers again: `recover run CASE`."
_AS_IT_CAME = (
    "An exhibit is kept as it came: say so when the case is handed on, or set it aside and import a redacted one."
)
TODO = (
    (("journal.jsonl", "case.toml", "issued/"), _KEPT),
    (("out/",), _WRITTEN),
    (("exhibits/",), _AS_IT_CAME),
)
"""What to do about a leak, by where it stands."""


def find(
    case: Case,
    records: Iterable[tuple[str, Mapping[str, Any]]],
    papers: bool = False,
    own: Iterable[str] = (),
) -> list[tuple[str, str]]:
    """(file, pseudonym) wherever an identity stands outside `private/`: in names, contents and packed members.

    Exhibits are evidence as it came, and may hold what a victim's own statement says: they are searched, and told
    of. With `papers`, only what was written for others is searched: an intake of thousands does not wait. `own`
    are the texts of which papers are made: a surname that is a word of them is not looked for alone.
    """
    wanted = _wanted(records, own)
    found: dict[tuple[str, str], None] = {}
    for file in case.files.below():
        if file.startswith(("private/", FOLDER)) or (papers and not file.startswith(_PAPERS)):
            continue
        for data in _texts(file.encode(), case.files.read(file)):
            for name in wanted.inside(data):
                found[file, name] = None
    return list(found)


class Minds:
    """Shown what a person typed before it is noted: raises Error where it tells who a victim is."""

    def __init__(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        held = list(records)
        self._typed, self._sender = _sought(held), _sought(held, alone=False)

    def __call__(self, body: Mapping[str, Any]) -> None:
        sender = body.get("sender")
        if isinstance(sender, Mapping):
            body = {key: said for key, said in body.items() if key != "sender"}
        for name in self._typed.inside("\n".join(_strings(body))):
            raise Error(
                "identity-typed",
                f"What was typed tells who {name} is.",
                "It would stand in the journal for ever, which everybody who checks the case receives.",
                f"Write {name} in its place. Nothing was noted.",
            )
        for key, said in sender.items() if isinstance(sender, Mapping) else ():
            for name in self._sender.inside("\n".join(_strings(said))):
                raise _sealed(name, "name" if key == "officer" else key)


def _strings(said: object) -> Iterator[str]:
    """The texts of what is noted, one after another."""
    if isinstance(said, Mapping):
        for one in said.values():
            yield from _strings(one)
    elif isinstance(said, list | tuple):
        for one in said:
            yield from _strings(one)
    else:
        yield str(said)


def _sealed(name: str, key: str) -> Error:
    """Nobody typed it: the settings of who sends name a victim whose identity is sealed."""
    return Error(
        "identity-sender",
        f"`{key}` of the sender in recover.toml tells who {name} is, whose identity is sealed in this case.",
        "The journal keeps what a letter says of its sender, and everybody who checks the case receives it: no "
        "letter in a sealed victim's own name is drafted here. Nothing was noted.",
        f"Let another send it: `--as counsel --instructed-by {name}`, or `--as authority`. Or take this "
        f"[[sender.officer]] out of recover.toml and draft it again with `--as victim --instructed-by {name}`: "
        "the victim fills the blanks of its .docx by hand and sends it, and it is not issued here.",
    )


def _sought(records: Iterable[tuple[str, Mapping[str, Any]]], alone: bool = True) -> spelled.Sought:
    return spelled.Sought((text, name) for name, record in records for text in telling(record, alone))


def _wanted(records: Iterable[tuple[str, Mapping[str, Any]]], own: Iterable[str] = ()) -> _Wanted:
    held = [(text, name, telling(record, alone=False)) for name, record in records for text in telling(record)]
    usual = spelled.usual({text for text, _, whole in held if text not in whole}, own)
    return _Wanted(
        spelled.Sought((text, name) for text, name, whole in held if text in whole or text not in usual)
    )


class _Wanted:
    """The same in bytes, in each way in which a text could stand in them."""

    def __init__(self, sought: spelled.Sought) -> None:
        self._sought = sought

    def inside(self, data: bytes) -> Iterator[str]:
        for text in _readings(data):
            yield from self._sought.inside(text)


def _readings(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    yield text
    if b"\0" in data:
        yield data.decode("utf-16-le", "ignore")
    if _ESCAPE.search(text):
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrt])")


def _texts(name: bytes, data: bytes) -> Iterator[bytes]:
    yield name
    yield data
    if data.startswith(b"\x1f\x8b"):
        for record in _inflated(data, zlib.MAX_WBITS | 16):
            yield from _packed(record)
    else:
        yield from _packed(data)


def _packed(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them; before a packed file may stand the head of a stored record."""
    yield data
    start = data[:_HEAD]
    if (at := start.find(b"PK\x03\x04")) >= 0:
        yield from _zipped(data[at:])
    if (at := start.find(b"%PDF-")) >= 0:
        for found in re.finditer(rb"stream\r?\n", data):
            yield from _inflated(data[found.end() : found.end() + (8 << 20)], zlib.MAX_WBITS)
        yield from (page.encode("utf-8", "replace") for page in printed.text(data[at:]))
    elif (at := start.find(b"X-Unsent:")) >= 0:  # a letter's e-mail, whose parts are in base64
        for part in message_from_bytes(data[max(start.rfind(b"Subject:", 0, at), 0) :]).walk():
            inner = None if part.is_multipart() else part.get_payload(decode=True)
            if isinstance(inner, bytes):
                yield from _packed(inner)


_HEAD = 8192


def _zipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for info in packed.infolist():
                yield info.filename.encode()
                if info.file_size < _MOST:
                    yield packed.read(info)
    except (zipfile.BadZipFile, OSError, zlib.error):
        return


def _inflated(data: bytes, bits: int) -> Iterable[bytes]:
    """Every member that unpacks, one after another, up to a bound."""
    left, total = data, 0
    while left and total < _MOST:
        press = zlib.decompressobj(bits)
        try:
            made = press.decompress(left, _MOST)
        except zlib.error:
            return
        yield made
        total += len(made)
        if bits == zlib.MAX_WBITS or not press.eof:
            return
        left = press.unused_data
