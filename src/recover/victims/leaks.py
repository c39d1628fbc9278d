"""Whether anything that others receive holds what tells who a victim is."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from recover.case import Case
from recover.victims.vault import FOLDER, Vault

_TELLING = ("name", "phone", "email", "postal", "representative", "wallet", "bank_account", "bank_beneficiary")
_LEAST = 5  # characters: shorter ones stand in other words
_MOST = 256 << 20


def telling(record: Mapping[str, Any]) -> set[str]:
    """The texts of a record by which the person could be told."""
    found: set[str] = set()
    sources = [record, record.get("also", {})]
    for one in sources:
        for key in _TELLING:
            said = one.get(key, ())
            found |= {said} if isinstance(said, str) else set(said)
    return {text for text in found if len(text) >= _LEAST}


def find(case: Case, vault: Vault) -> list[tuple[str, str]]:
    """(file, pseudonym) wherever an identity stands outside `private/`: in names, contents and packed members.

    Exhibits are evidence as it came, and may hold what a victim's own statement says: they are searched, and
    told of.
    """
    wanted: dict[bytes, str] = {}
    for name, record in vault.each(vault.names()):
        for text in telling(record):
            wanted.update(dict.fromkeys(_forms(text), name))
    if not wanted:
        return []
    pattern = re.compile(b"|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
    found: dict[tuple[str, str], None] = {}
    for file in case.files.below():
        if file.startswith(("private/", FOLDER)):
            continue
        for data in _texts(file.encode(), case.files.read(file)):
            for hit in pattern.findall(data.lower()):
                found[file, wanted[hit]] = None
    return list(found)


def _forms(text: str) -> Iterator[bytes]:
    for form in {text, " ".join(text.split())}:
        yield form.lower().encode()
        yield form.lower().encode("utf-16-le")
        yield form.encode("unicode_escape").lower()
        yield "".join(c if ord(c) < 128 else f"\\u{ord(c):04x}" for c in form).lower().encode()


def _texts(name: bytes, data: bytes) -> Iterator[bytes]:
    yield name
    yield data
    if data.startswith(b"PK\x03\x04"):
        yield from _zipped(data)
    elif data.startswith(b"\x1f\x8b"):
        yield from _inflated(data, zlib.MAX_WBITS | 16)
    elif data.startswith(b"%PDF"):
        for found in re.finditer(rb"stream\r?\n", data):
            yield from _inflated(data[found.end() : found.end() + (8 << 20)], zlib.MAX_WBITS)


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
