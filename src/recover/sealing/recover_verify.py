#!/usr/bin/env python3
"""Check a case, or a sealed bundle, of `recover` without `recover`. Python 3.9 or newer; nothing to install.

    python3 -I recover-verify.py CASE | BUNDLE [--head HASH] [--json]

Exit code 0: all holds. 3: something does not hold, and is named. 6: nothing is wrong, but something could not be
checked, and is named, or there was nothing to check. It only reads, asks nobody, and follows no link. --head says
whether a head that a paper prints stands in the journal, and what was added after it.

Written from `bundle-format.md`, which says what each file holds and how each figure is computed. It shares no line
with the program whose work it checks.
"""

import sys

# Python looks first in the folder of the script, which may be the bundle: nothing of it is run. For the same
# reason nothing else is imported above, not even what Python has for annotations.
if __name__ == "__main__" and not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

import csv
import hashlib
import html
import io
import json
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Optional

HOLDS, FAILS, UNKNOWN, NONE = "holds", "does not hold", "could not be checked", "nothing here to check"
GENESIS = "0" * 64
MOST_FILE = 2**34

Found = list[tuple[str, str, str]]

OTHER = "of another version than this program reads"
"""In each detail that says so, and in no other."""

LATEST = [""]
"""The file that was read last: where a record in it is none, it is named."""


class Broken(Exception):
    """What was read is not what the format says; the text says how."""


# ---------------------------------------------------------------------------------------------------------------
# Files: a folder, or a zip archive, never left and never followed out of.


class Folder:
    """A folder of regular files. A link, a device or a pipe anywhere in it is refused."""

    def __init__(self, root: str, below: str = "") -> None:
        self.root = root
        self.sizes: dict[str, int] = {}
        for place, folders, files in os.walk(os.path.join(root, below), followlinks=False):
            for name in folders + files:
                path = os.path.join(place, name)
                kind = os.lstat(path).st_mode
                told = os.path.relpath(path, root).replace(os.sep, "/")
                if stat.S_ISREG(kind):
                    self.sizes[told] = os.lstat(path).st_size
                elif not stat.S_ISDIR(kind):
                    raise Broken("%s is no regular file (a link, a pipe or a device): nothing is read" % told)

    def read(self, name: str, offset: int = 0, length: Optional[int] = None) -> bytes:
        LATEST[0] = name
        if self.sizes.get(name, 0) > MOST_FILE:
            raise Broken("%s is larger than this program reads" % name)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(os.path.join(self.root, *name.split("/")), flags), "rb") as file:
            file.seek(offset)
            return file.read() if length is None else file.read(length)


class Archive:
    """A zip archive of a bundle: stored or deflated files with plain relative names, each once."""

    def __init__(self, path: str) -> None:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Broken("is no folder and no file")
        self.zip = zipfile.ZipFile(path)
        self.sizes: dict[str, int] = {}
        for one in self.zip.infolist():
            parts = one.filename.split("/")
            kind = one.external_attr >> 16
            if one.filename.startswith("/") or "\\" in one.filename or ".." in parts or ":" in parts[0]:
                raise Broken("the archive names %r, which leads out of it" % one.filename)
            if stat.S_IFMT(kind) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Broken("%s is no regular file (a link, a pipe or a device): nothing is read" % one.filename)
            if one.filename != one.orig_filename or not (one.filename.isascii() or one.flag_bits & 0x800):
                raise Broken("the archive names %r, which readers spell in more than one way" % one.filename)
            if one.filename in self.sizes:
                raise Broken("%s stands twice in the archive" % one.filename)
            if one.flag_bits & 1 or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Broken(
                    "%s is encrypted, or packed by another method than stored and deflated" % one.filename
                )
            if one.filename.endswith("/") and one.file_size:
                raise Broken("%s is named as a folder and has content" % one.filename)
            swollen = one.file_size > 2**20 and one.file_size > 200 * one.compress_size
            if one.file_size > MOST_FILE or swollen:
                raise Broken("%s would unpack to %d bytes" % (one.filename, one.file_size))
            if not one.filename.endswith("/"):
                self.sizes[one.filename] = one.file_size
        parents = {name.rsplit("/", n)[0] for name in self.zip.namelist() for n in range(1, name.count("/") + 1)}
        if parents & set(self.sizes):
            raise Broken("%s is a file and a folder in one" % min(parents & set(self.sizes)))
        try:
            seamless(path, self.zip)
        except (OSError, ValueError, struct.error, zlib.error) as error:
            raise Broken("is no whole zip archive (%s)" % error) from None
        self.last = "", b""
        heads = {name.split("/")[0] for name in self.sizes}
        self.head = heads.pop() + "/" if len(heads) == 1 and "bagit.txt" not in self.sizes else ""
        self.sizes = {name[len(self.head) :]: size for name, size in self.sizes.items()}

    def read(self, name: str, offset: int = 0, length: Optional[int] = None) -> bytes:
        LATEST[0] = name
        if self.last[0] != name:
            try:
                with self.zip.open(self.head + name) as file:
                    data = file.read(self.sizes[name] + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
                raise Broken("%s cannot be unpacked: it is damaged (%s)" % (name, error)) from None
            if len(data) != self.sizes[name]:
                raise Broken("%s does not unpack to the size that the archive says" % name)
            self.last = name, data
        data = self.last[1]
        return data[offset:] if length is None else data[offset : offset + length]


SPARE = {0x0001: 28, 0x5455: 13, 0x7875: 15, 0x000A: 36, 0xCAFE: 0}
"""Extra fields that a packer adds of itself, with the most that each can hold: long sizes (which `recover seal`
writes), times, owners, and the mark of `jar`. Any other can give a member another name or content."""


def extras(data: bytes, name: str) -> dict[int, bytes]:
    """The extra fields of a header, none but these, each once and to the last byte."""
    made: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        if kind in made or size > SPARE.get(kind, -1) or at + 4 + size > len(data):
            raise Broken("the archive has an extra field at %s that can say something else than its list" % name)
        made[kind] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return made


def widened(short: tuple[int, ...], more: bytes) -> tuple[int, ...]:
    """Sizes of which those that are full stand in the extra field for long ones, in this order."""
    long = list(struct.unpack("<%dQ" % (len(more) // 8), more[: len(more) // 8 * 8]))
    return tuple(long.pop(0) if one == 0xFFFFFFFF and long else one for one in short)


def seamless(path: str, archive: zipfile.ZipFile) -> None:
    """That an archive holds its listed files and nothing else, wherever a reader begins: nothing before, between
    and behind, no comment, and each file's own header and packed bytes as the list has them."""
    with open(path, "rb") as file:
        end = 0
        for one in sorted(archive.infolist(), key=lambda one: one.header_offset):
            file.seek(one.header_offset)
            head = file.read(30)
            if one.header_offset != end or len(head) < 30 or head[:4] != b"PK\x03\x04":
                raise Broken("the archive holds something before %s that it does not list" % one.filename)
            _, _, flags, method, _, _, crc, packed, size, names, more = struct.unpack("<4sHHHHHIIIHH", head)
            if file.read(names) != one.orig_filename.encode("utf-8" if one.flag_bits & 0x800 else "cp437"):
                raise Broken("the archive gives %s another name at its place" % one.filename)
            if one.comment:
                raise Broken("the archive has a comment at %s" % one.filename)
            extras(one.extra, one.filename)
            long = extras(file.read(more), one.filename).get(1, b"")
            said = (crc, *widened((size, packed), long))
            listed = (one.CRC, one.file_size, one.compress_size)
            later = flags & 8 and said in ((0, 0, 0), (0, 0xFFFFFFFF, 0xFFFFFFFF))
            if (flags, method) != (one.flag_bits, one.compress_type) or (said != listed and not later):
                raise Broken("the archive says something else of %s at its place than in its list" % one.filename)
            packed_whole(file, one)
            end = one.header_offset + 30 + names + more + one.compress_size
            if flags & 8:  # sizes stand behind what was written to a stream, in one of four forms
                after = file.read(24)
                forms = [
                    mark + struct.pack(form, *(listed[i] for i in (0, 2, 1)))
                    for mark in (b"PK\x07\x08", b"")
                    for form in ("<IQQ", "<III")
                    if form == "<IQQ" or max(listed) < 2**32
                ]
                form = next((form for form in forms if after.startswith(form)), b"")
                if not form:
                    raise Broken("the archive says something else of %s behind it than in its list" % one.filename)
                end += len(form)
        file.seek(archive.start_dir)
        table = file.read(2**28)
    if archive.start_dir != end:
        raise Broken("the archive holds something behind its files that it does not list")
    at, count = 0, 0
    while table[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(table):
        at, count = at + 46 + sum(struct.unpack_from("<HHH", table, at + 28)), count + 1
    ended, long_ = (count, count, at, archive.start_dir), False
    if table[at : at + 4] == b"PK\x06\x06":
        size, _, _, disk, first, *told = struct.unpack_from("<QHHIIQQQQ", table, at + 4)
        where = struct.unpack_from("<4sIQI", table, at + 56)
        if (size, disk, first, *told, *where) != (44, 0, 0, *ended, b"PK\x06\x07", 0, archive.start_dir + at, 1):
            raise Broken("the archive ends in two ways")
        at, long_ = at + 56 + 20, True
    if len(table) - at != 22 or table[at : at + 4] != b"PK\x05\x06":
        raise Broken("the archive holds something behind its end, or a comment")
    disk, first, *told = struct.unpack_from("<HHHHII", table, at + 4)
    full = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    if disk or first or any(a != b and not (long_ and a == most) for a, b, most in zip(told, ended, full)):
        raise Broken("the archive lists another number of files than it says, or at another place")


def packed_whole(file: Any, one: zipfile.ZipInfo) -> None:
    """That the packed bytes of a file are its content from the first to the last; a stream that ends sooner hides
    what stands behind it from one reader, and shows it to another."""
    left, size, press = one.compress_size, 0, zlib.decompressobj(-zlib.MAX_WBITS)
    if one.compress_type == zipfile.ZIP_STORED:
        size, left = left, 0
        file.seek(one.compress_size, os.SEEK_CUR)
    while left and size <= one.file_size and not press.eof:
        data = file.read(min(left, 2**16))
        if not data:
            break
        left -= len(data)
        while data and size <= one.file_size and not press.eof:
            size += len(press.decompress(data, 2**20))
            data = press.unconsumed_tail
    if one.compress_type != zipfile.ZIP_STORED and not press.eof and not left:
        size += len(press.flush())
    whole = one.compress_type == zipfile.ZIP_STORED or (press.eof and not press.unused_data)
    if left or size != one.file_size or not whole:
        raise Broken("the packed bytes of %s are not its content to their last byte" % one.filename)


class Part:
    """What stands below one folder of a bundle, seen as a tree of its own."""

    def __init__(self, whole: Any, head: str) -> None:
        self.whole, self.head = whole, head
        self.sizes = {name[len(head) :]: size for name, size in whole.sizes.items() if name.startswith(head)}

    def read(self, name: str, offset: int = 0, length: Optional[int] = None) -> bytes:
        return bytes(self.whole.read(self.head + name, offset, length))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parsed(data: bytes, what: str) -> Any:
    """JSON without repeated keys, numbers that are no integers, or depth that brings a reader down."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            raise Broken("%s has a key twice" % what)
        return made

    def refused(text: str) -> Any:
        raise Broken("%s holds %s" % (what, text))

    try:
        made = json.loads(
            data.decode("utf-8"), object_pairs_hook=once, parse_constant=refused, parse_float=refused
        )
        if re.search(rb"\\u[dD][89a-fA-F]", data):
            json.dumps(made, ensure_ascii=False).encode("utf-8")
        return made
    except UnicodeEncodeError:
        raise Broken("%s holds half a character, which no text can hold" % what) from None
    except RecursionError:
        raise Broken("%s is nested deeper than can be read" % what) from None
    except ValueError:
        raise Broken("%s is no JSON that can be read" % what) from None


def table(data: bytes, what: str) -> dict[str, Any]:
    """The same of a file that is one object."""
    made = parsed(data, what)
    if not isinstance(made, dict):
        raise Broken("%s is no object of JSON" % what)
    return made


def digits(text: Any) -> int:
    """An amount as every file here writes it: a text of digits, with a sign only where it is below zero."""
    if type(text) is not str or len(text) > 400 or not re.match(r"(0|-?[1-9][0-9]*)\Z", text):
        raise Broken("%s is no text of digits" % repr(text)[:60])
    return int(text)


def natural(text: Any) -> int:
    amount = digits(text)
    if amount < 0:
        raise Broken("%s is below zero" % text)
    return amount


def counted(value: Any, least: int = 0) -> bool:
    """Whether this is an integer of JSON, not below `least`: `true` is none, though Python takes it for 1."""
    return type(value) is int and value >= least


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


# ---------------------------------------------------------------------------------------------------------------
# The journal and what it acknowledges (bundle-format.md, 3 and 4).


TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+00:00\Z")


def dated(text: str) -> bool:
    try:
        return datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def journal(data: bytes) -> list[dict[str, Any]]:
    if not data.endswith(b"\n"):
        raise Broken("the journal does not end with a whole line: its tail is cut or torn")
    entries: list[dict[str, Any]] = []
    before = GENESIS
    for number, line in enumerate(data[:-1].split(b"\n"), start=1):
        what = "line %d of the journal" % number
        entry = parsed(line, what)
        if not isinstance(entry, dict) or set(entry) != {"n", "time", "kind", "body", "prev", "hash"}:
            raise Broken("%s has not the fields of an entry" % what)
        if canonical(entry) != line:
            raise Broken("%s is not written in canonical JSON" % what)
        if not isinstance(entry["time"], str) or not TIME.match(entry["time"]) or not dated(entry["time"]):
            raise Broken("%s has no time" % what)
        if not isinstance(entry["body"], dict):
            raise Broken("%s has no body" % what)
        if not counted(entry["n"]) or entry["n"] != number:
            raise Broken("%s numbers itself %r: a line was removed, added or moved" % (what, entry["n"]))
        if entry["prev"] != before:
            raise Broken("%s does not follow from the line before it" % what)
        said = entry.pop("hash")
        if sha256(canonical(entry) + b"\n") != said:
            raise Broken("%s does not have the hash that it states: it was changed" % what)
        entry["hash"] = before = said
        entries.append(entry)
    if not entries or entries[0]["kind"] != "opened":
        raise Broken("the journal does not begin with the opening of a case")
    return entries


FIELDS = """
opened: sha256=hex text=text
settings: sha256=hex text=text
exhibit: number=count digest=hex name=text media=text size=count method=text sources=texts file=warc offset=count
exhibit: length=count packed=hex
reading: number=count
obtained: number=count obtained=time?
decision: reason=text
asked: ask=text source=text why=text
plugins: origins=origins
set-aside: exhibit=count back=flag reason=text by=text
act: act=text by=text reason=text
register: id=text text=text
confirmed: id=text kind=text value=text by=text on=text how=text back=flag
upgraded: from=count to=count
kept: from=count kept=former
examiner: by=text
offset: by=text source=text sent=text received=text answer=text method=ntp|https|said offset=whole within=count
held: by=text holder=text place=text how=text number=count at=time sha256=hex-
handed: id=text by=text act=given|receipt
handed given: giver=text receiver=text purpose=text name=text upto=count entry=count exhibits=count head=hex
handed given: digest=hex what=folder|bundle at=time
handed receipt: receipt=count
ran: stage=text
decoded: sealed=sealed
writing: manifest=hex
signed: by=text of=hex files=files
seal: bundle=text manifest=hex by=text
libraries: versions=names
letter: act=text id=text
papers: edition=text pack=text language=text
act assert: chain=text address=text service=text role=text grade=text source=text as_of=text until=text
act assert: withdraw=text
act split: chain=text addresses=texts
act join: chain=text addresses=texts
act review: finding=text kind=text subject=text digest=hex accept=flag
act undo: of=count
claim: id=text by=text act=add|withdraw
claim add: claimant=text kind=text basis=text asset=text amount=units received=units rank=rank
claim withdraw: reason=text
victim: id=text act=add|more|erase|settle|reopen|lift|hold
victim add: payments=payments
victim settle: other=text as=same|different by=text reason=text
victim reopen: other=text by=text reason=text
victim lift: by=text reason=text
victim hold: by=text reason=text
plan: id=text by=text act=set|destination
plan set: source=text asset=text authority=text
plan destination: to=text device=text
custody: id=text by=text address=text asset=text units=units act=record|attest|hand-over|convert
distribution: id=text by=text
distribution None: asset=text stage=text mode=text authority=text pool=units reserve=units costs=units paid=sums
distribution withdraw: reason=text
indicator: id=text by=text reason=text act=add|undo
indicator add: type=text value=text chain=text platform=text user_id=text category=text grade=text source=text
indicator add: first_seen=time last_seen=time exhibit=count digest=text
feed: id=text by=text act=build|withhold|release
feed build: covert=text cleared=text contact=text tlp=text at=time entries=rows
feed withhold: value=text chain=text reason=text
feed release: value=text chain=text reason=text
meeting: id=text by=text act=blind|answer|compare
meeting blind: with=text contact=text scope=text count=count sent=text
meeting answer: with=text contact=text scope=text count=count sent=text received=text
meeting compare: with=text received=text hits=texts
"""
"""What an entry of a kind, and of a kind and an `act`, must have (bundle-format.md, 3)."""

PERHAPS = """
*: format=count ask=text captured=time tx=text exhibit=count paper=text rule=text letter=text by=text origin=text
*: source=text chain=text request=text manifest=hex head=hex kept=former tables=digests sealed=sealed files=copies
*: papers=pairs redacted=ranges salt=text withheld=texts
claim: claimant=text kind=text basis=text asset=text place=text priority=text loss=text reason=text amount=units
claim: received=units traced=units- rank=rank
plan: source=text asset=text authority=text to=text device=text units=units- fee_most=units- roles=names
custody: source=text tx=text to=text authority=text note=text value=text block=text time=text proof=text fee=units-
custody: target=text money=units currency=text height=count? confirmations=count? payers=texts roles=names
custody: exhibits=counts
victim: by=text reason=text key=text payments=payments banks=pairs received=sums facts=facts consent=texts
victim: back=backs alike=texts other=text as=same|different ways=payments
distribution: act=withdraw asset=text stage=text mode=text authority=text pool=units reserve=units costs=units
distribution: paid=sums reason=text
indicator: type=text value=text chain=text platform=text user_id=text category=text grade=text source=text
indicator: first_seen=time last_seen=time exhibit=count digest=text reason=text
feed: value=text chain=text reason=text covert=text cleared=text contact=text tlp=text at=time entries=rows
meeting: with=text contact=text theirs=text scope=text sent=text received=text count=count hits=texts
"""
"""What it may have, and then is of this form; `*` are those of the kinds above that stand before `claim`."""


def table_of(text: str) -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {}
    for line in text.strip().splitlines():
        kind, _, fields = line.partition(": ")
        made.setdefault(kind, {}).update(dict(one.split("=", 1) for one in fields.split(" ")))
    return made


NEEDED, MAY = table_of(FIELDS), table_of(PERHAPS)
OTHERS = ("claim", "victim", "plan", "custody", "distribution", "indicator", "feed", "meeting")


def unshaped(kind: Any, body: dict[str, Any]) -> Iterator[str]:
    """Why an entry is none that the program writes; nothing of a kind that this table does not name."""
    if kind not in NEEDED:
        return
    act = body.get("act")
    due = dict(NEEDED[kind])
    due.update(NEEDED.get("%s %s" % (kind, act), {}))
    if kind == "act" and "act %s" % act not in NEEDED:
        yield "is no act of a person that the program knows"
    if kind == "custody" and ("money" in body) != ("currency" in body):
        yield "has an amount of money without its currency, or the reverse"
    for name, form in due.items():
        if name not in body:
            yield "has no field %s" % name
        elif not formed(body[name], form):
            yield "has a field %s of another form than the program writes" % name
    for name, form in MAY.get(kind if kind in OTHERS else "*", {}).items():
        if name in body and name not in due and not formed(body[name], form):
            yield "has a field %s of another form than the program writes" % name


HEX = re.compile("[0-9a-f]{64}")
UNITS = re.compile("0|[1-9][0-9]{0,77}")
INSIDE = re.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LISTS = {"texts": "text", "counts": "count?", "copies": "copy", "files": "file", "payments": "payment"}
LISTS.update({"rows": "names"})
LISTS.update({"pairs": "pair", "ranges": "counted", "counted": "count", "origins": "origin", "backs": "back"})
MAPS = {
    "names": "text",
    "sums": "units",
    "facts": "text",
    "payment": "text",
    "digests": "hex",
    "sealed": "digests",
}


def formed(value: Any, form: str) -> bool:
    """Whether a value is of a form of the tables above."""
    if form in LISTS:
        return isinstance(value, list) and all(formed(one, LISTS[form]) for one in value)
    if form in MAPS:
        if not isinstance(value, dict) or not all(formed(one, MAPS[form]) for one in value.values()):
            return False
        if form in ("digests", "sealed"):
            return all(INSIDE.fullmatch(name) for name in value)
        sums = all(
            formed(value[key], "units")
            for key in ("claimed", "shown", "instead")
            if form == "payment" and key in value
        )
        times = [key for key in value if key.endswith("_time") or (form == "payment" and key == "time")]
        return sums and all(
            not value[key] or formed(value[key], "time") for key in times if form in ("facts", "payment")
        )
    if form == "count":
        return counted(value) and value < 2**62
    if form == "whole":
        return type(value) is int and abs(value) < 2**62
    if form == "rank":
        return counted(value, 1) and value < 2**31
    if form == "flag":
        return type(value) is bool
    if form.endswith("?"):
        return value is None or formed(value, form[:-1])
    if form in ("copy", "file"):
        if not isinstance(value, dict) or not formed(value.get("name"), "text"):
            return False
        inside = form == "copy" or "/" not in value["name"]
        return inside and formed(value.get("sha256"), "hex") and formed(value.get("exhibit"), "count")
    if form in ("pair", "origin"):
        return formed(value, "texts") and len(value) == (2 if form == "pair" else 3)
    if form == "back":
        return formed(value, "texts") and len(value) == 3 and formed(value[2], "units")
    if not isinstance(value, str):
        return False
    if form.endswith("-"):
        return not value or formed(value, form[:-1])
    if form == "time":
        try:
            return datetime.fromisoformat(re.sub("Z$", "+00:00", value)).tzinfo is not None
        except ValueError:
            return False
    patterns = {"hex": HEX, "units": UNITS, "warc": re.compile(r"[0-9]{4,9}\.warc\.gz")}
    patterns["former"] = re.compile(r"former/[0-9]+(\.[0-9]+)?")
    if form in patterns:
        return patterns[form].fullmatch(value) is not None
    return form == "text" or value in form.split("|")


INPUTS = {"opened", "settings", "exhibit", "reading", "decision", "plugins", "asked", "set-aside", "clock"}
INPUTS |= {
    "obtained",
    "upgraded",
    "act",
    "register",
    "confirmed",
    "offset",
    "held",
    "handed",
}  # kinds of entries on which results depend


KINDS = {
    *("ran", "decoded", "writing", "letter", "signed", "seal", "examiner", "kept", "differences", "libraries"),
    *("private", "recovered", "collecting", "alert", "victim", "elected", "claim", "distribution", "custody"),
    *("plan", "papers", "indicator", "feed", "meeting"),
}
KINDS |= INPUTS
"""Every kind that an entry can have."""


def head_of(entries: list[dict[str, Any]]) -> tuple[str, int]:
    for entry in reversed(entries):
        if entry["kind"] in INPUTS:
            return entry["hash"], entry["n"]
    return GENESIS, 0


def check_ahead(what: str, time: str, found: Found) -> None:
    """A moment that lies after this computer's own clock, to which nothing else here looks."""
    now = datetime.now(timezone.utc)
    if moment(time) > now + timedelta(minutes=5):
        told = "%s is of %s, and this computer's clock says %s: one of the two is wrong"
        found.append(("clock", UNKNOWN, told % (what, time, now.isoformat(timespec="seconds"))))


def check_head(entries: list[dict[str, Any]], head: str, found: Found) -> None:
    """Whether the head that a paper prints is one of this journal's, and what came after it."""
    wanted = head.strip().lower()
    at = [e["n"] for e in entries if e["hash"] == wanted and e["kind"] in INPUTS]
    if not at:
        found.append(
            ("head", FAILS, "no entry of this journal on which results depend has the hash %s" % wanted[:80])
        )
        return
    later = [e for e in entries[at[0] :] if e["kind"] in INPUTS]
    told = "; ".join("%d (%s)" % (e["n"], e["kind"]) for e in later[:20])
    more = ", of %d" % len(later) if len(later) > 20 else ""
    told = (
        "entries on which results can depend were added since: %s%s" % (told, more)
        if later
        else "nothing was added"
    )
    found.append(("head", HOLDS, "is that of entry %d; %s" % (at[0], told)))


def check_journal(tree: Any, found: Found) -> list[dict[str, Any]]:
    if "journal.jsonl" not in tree.sizes:
        raise Broken("there is no journal.jsonl: this is no case")
    entries = journal(tree.read("journal.jsonl"))
    for entry in entries:
        for why in unshaped(entry["kind"], entry["body"]):
            found.append(("journal", FAILS, "entry %d (%s) %s" % (entry["n"], entry["kind"], why)))
    late = [e["n"] for a, e in zip(entries, entries[1:]) if e["time"] < a["time"] and e["kind"] != "clock"]
    if late:
        found.append(
            ("journal", FAILS, "entry %d is older than the one before it, and no entry says why" % late[0])
        )
    back = [b["n"] for a, b in zip(entries, entries[1:]) if b["time"] < a["time"] and b["kind"] == "clock"]
    if back:
        told = "the clock was set back at entry %d: moments before it may be late" % back[0]
        found.append(("clock", UNKNOWN, told))
    for entry in entries:
        if entry["kind"] not in KINDS:
            told = "entry %d is of the kind %s, which this program does not know: what rests on it is not checked"
            found.append(("journal", UNKNOWN, told % (entry["n"], str(entry["kind"])[:60])))
    for entry in (e for e in entries if e["kind"] in ("opened", "upgraded")):
        of = entry["body"].get("format", 1) if entry["kind"] == "opened" else entry["body"]["to"]
        if not counted(of, 1):
            found.append(("journal", FAILS, "entry %d states %r as the format of the case" % (entry["n"], of)))
        elif of > 2:
            found.append(("journal", UNKNOWN, "the case is of format %d, %s" % (of, OTHER)))
    check_ahead(
        "entry %d" % max(entries, key=lambda e: str(e["time"]))["n"], max(e["time"] for e in entries), found
    )
    head, _ = head_of(entries)
    found.append(
        ("journal", HOLDS, "%d entries, each with the hash of the one before; head %s" % (len(entries), head))
    )
    texts = [e["body"] for e in entries if e["kind"] in ("opened", "settings")]
    if any(sha256(body["text"].encode("utf-8")) != body["sha256"] for body in texts):
        found.append(("case.toml", FAILS, "an entry holds a text of which it states another digest"))
    elif "case.toml" not in tree.sizes:
        found.append(("case.toml", FAILS, "is missing"))
    elif sha256(tree.read("case.toml")) != texts[-1]["sha256"]:
        found.append(("case.toml", FAILS, "differs from the text in the journal"))
    else:
        found.append(("case.toml", HOLDS, "is the text that the journal holds"))
    return entries


MICRO = timedelta(microseconds=1)


def check_custody(entries: list[dict[str, Any]], data: bytes, found: Found) -> None:
    """Hand-overs, earlier holders of exhibits, and clocks that were measured (bundle-format.md, 3)."""
    rows, before = 0, len(found)
    lines_ = data.split(b"\n")
    digests = {e["body"]["number"]: e["body"]["digest"] for e in entries if e["kind"] == "exhibit"}
    given: set[str] = set()
    for entry in entries:
        body, why = entry["body"], ""
        rows += entry["kind"] in ("examiner", "offset", "held", "handed")
        if entry["kind"] == "offset" and body["method"] != "said":
            if clock_offset(body) != (body["offset"], body["within"]):
                why = "its offset does not follow from what the server answered"
        elif entry["kind"] == "held":
            if digests.get(body["number"]) is None:
                why = "names exhibit %r, which is not there" % body["number"]
            elif body["sha256"] not in ("", digests[body["number"]]):
                why = "states another digest than exhibit %d has" % body["number"]
        elif entry["kind"] == "handed" and body["act"] == "given":
            why = check_handed(entries, lines_, entry)
            given.add(body["id"])
        elif entry["kind"] == "handed" and body["id"] not in given:
            why = "is a receipt of %r, which was not handed over before" % body["id"]
        if entry["kind"] == "handed" and body.get("receipt") is not None and body["receipt"] not in digests:
            why = "has exhibit %r as its receipt, which is not there" % body["receipt"]
        if why:
            found.append(("custody", FAILS, "entry %d of the journal %s" % (entry["n"], why)))
    if rows and len(found) == before:
        found.append(("custody", HOLDS, "%d entries fit the journal and the exhibits that they name" % rows))


def check_handed(entries: list[dict[str, Any]], lines_: list[bytes], entry: dict[str, Any]) -> str:
    body, upto = entry["body"], entry["body"]["upto"]
    if not 0 < upto < entry["n"]:
        return "hands over %r entries, and there were %d" % (upto, entry["n"] - 1)
    exhibits = sum(one["kind"] == "exhibit" for one in entries[:upto])
    if (body["head"], body["entry"], body["exhibits"]) != (*head_of(entries[:upto]), exhibits):
        return "hands over another head, or another number of exhibits, than the journal then had"
    if body["what"] == "folder":
        then = sha256(b"".join(line + b"\n" for line in lines_[:upto]))
        return "" if body["digest"] == then else "states another digest than the journal then had"
    for one in entries[upto : entry["n"] - 1]:
        if one["kind"] == "seal" and one["body"]["manifest"] == body["digest"]:
            return ""
        if one["kind"] != "clock":
            break
    return "hands over a bundle that was not made of the case as it then was"


def clock_offset(body: dict[str, Any]) -> Optional[tuple[int, int]]:
    """(server less computer, within), in microseconds; None for an answer that tells no time."""
    try:
        sent, received = datetime.fromisoformat(body["sent"]), datetime.fromisoformat(body["received"])
        took = (received - sent) // MICRO
        if took < 0:
            return None
        if body["method"] == "https":
            second = parsedate_to_datetime(body["answer"])
            return (second - sent) // MICRO + 500000 - took // 2, 500000 + took // 2 + 1
        packet = bytes.fromhex(body["answer"])
        if len(packet) < 48 or packet[0] & 7 != 4 or not 0 < packet[1] < 16:
            return None
        era = datetime(1900, 1, 1, tzinfo=timezone.utc)
        moments = []
        for at in (32, 40):
            seconds, parts = struct.unpack(">II", packet[at : at + 8])
            if not seconds and not parts:
                return None
            # Seconds begin anew every 2^32: those nearest to the computer's own moment are meant.
            near = (sent - era) // timedelta(seconds=1)
            seconds += (near - seconds + 2**31) // 2**32 * 2**32
            moments.append(era + timedelta(seconds=seconds, microseconds=(parts * 1000000) >> 32))
        there = (moments[1] - moments[0]) // MICRO
        offset = ((moments[0] - sent) // MICRO + (moments[1] - received) // MICRO) // 2
        return offset, max(took - there, 0) // 2 + 1
    except (ValueError, OverflowError, TypeError):
        return None


def members(packed: bytes, most: int) -> Iterator[bytes]:
    """The gzip members of a stored record, unpacked; together no more than `most` bytes."""
    room = most
    while packed:
        press = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            data = press.decompress(packed, room + 1)
        except zlib.error as error:
            raise Broken("is not gzip (%s)" % error) from None
        if len(data) > room:
            raise Broken("unpacks to more than the journal says")
        if not press.eof:
            raise Broken("is cut off")
        if packed[3]:
            raise Broken("has more in the head of its gzip than its record")
        room -= len(data)
        packed = press.unused_data
        yield data


def warc(member: bytes) -> tuple[dict[str, str], bytes]:
    """The header and the block of one WARC record."""
    end = member.find(b"\r\n\r\n")
    lines = member[:end].decode("utf-8").split("\r\n") if end >= 0 else [""]
    if lines[0] != "WARC/1.1":
        raise Broken("is no WARC/1.1 record")
    of: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(": ")
        if not colon or name.lower() in of:
            raise Broken("has a header line that is none, or twice")
        of[name.lower()] = value
    size = int(of["content-length"]) if re.match("[0-9]{1,18}\\Z", of.get("content-length", "")) else -1
    block, tail = member[end + 4 : end + 4 + size], member[end + 4 + size :]
    if size < 0 or len(block) != size or tail != b"\r\n\r\n":
        raise Broken("has not the length that it states")
    if of.get("warc-block-digest") != "sha256:" + sha256(block):
        raise Broken("does not hold the block whose digest it states")
    return of, block


def plain_object(block: bytes) -> bool:
    """Whether these bytes are a JSON object with its keys in order and nothing between its parts."""
    try:
        found = json.loads(block.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and json.dumps(found, sort_keys=True, separators=(",", ":")).encode() == block


def content(packed: bytes, size: int) -> tuple[bytes, datetime, str]:
    """The evidence in a stored exhibit (the file, or the body of the answer), when it was stored, and of what."""
    got: Optional[bytes] = None
    dates, places, kinds = [], [], []
    for member in members(packed, size + 8 * 2**20):
        of, block = warc(member)
        http = of.get("content-type", "").startswith("application/http")
        body = block[block.find(b"\r\n\r\n") + 4 :] if http else block
        if of.get("warc-payload-digest") != "sha256:" + sha256(body):
            raise Broken("does not hold the payload whose digest it states")
        if of.get("warc-type") not in ("resource", "response", "request", "metadata"):
            raise Broken("holds a record of another kind beside its content")
        kinds.append(of["warc-type"])
        if of["warc-type"] == "metadata":
            if not plain_object(block):
                raise Broken("holds metadata that is no JSON object as the program writes it")
        elif of["warc-type"] != "request":
            if got is not None:
                raise Broken("holds two contents")
            got = body
            dates.append(of.get("warc-date", ""))
            places.append(of.get("warc-target-uri", ""))
    if got is None:
        raise Broken("holds no resource and no response")
    # What was asked stands in metadata behind an answer; anywhere else it would be content beside the content.
    if "metadata" in kinds and kinds != ["request", "response", "metadata"]:
        raise Broken("holds metadata beside what is no answer")
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\Z", dates[0]):
        raise Broken("holds a record without a date")
    return got, moment(dates[0]), places[0]


def quoted(name: str) -> str:
    """A file's name as WARC records have it: percent-encoded, all but letters, digits and `-._~`."""
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(chr(c) if c in plain else "%%%02X" % c for c in name.encode("utf-8"))


def check_exhibits(tree: Any, entries: list[dict[str, Any]], found: Found, seen: Callable[[bytes], None]) -> None:
    noted = [e for e in entries if e["kind"] == "exhibit"]
    bodies = [e["body"] for e in noted]
    places: dict[str, list[tuple[int, int, int]]] = {}
    wrong = 0
    for number, body in enumerate(bodies, start=1):
        name = "exhibits/%s" % body["file"]
        try:
            if not counted(body["number"]) or body["number"] != number:
                raise Broken("the journal numbers it %r" % body["number"])
            for key in ("offset", "length", "size"):
                if not counted(body[key]):
                    raise Broken("the journal states %r as its %s" % (body[key], key))
            if "/" in body["file"] or name not in tree.sizes:
                raise Broken("its file %s is missing" % name)
            places.setdefault(name, []).append((body["offset"], body["length"], number))
            packed = tree.read(name, body["offset"], body["length"])
            if len(packed) != body["length"] or sha256(packed) != body["packed"]:
                raise Broken("its stored bytes are not those that the journal acknowledges")
            if not 0 <= body["size"] <= 2**32:
                raise Broken("the journal states a size that no exhibit has")
            if body["size"] > 2**26 and body["size"] > 400 * body["length"]:
                raise Broken("would unpack to %d bytes" % body["size"])
            data, stored, of = content(packed, body["size"])
            if len(data) != body["size"] or sha256(data) != body["digest"]:
                raise Broken("its content is not what the journal acknowledges")
            said = moment(body.get("captured", noted[number - 1]["time"]))
            if abs((stored - said).total_seconds()) > 86400:
                raise Broken(
                    "its record is of %s, and the journal says %s" % (stored.isoformat(), said.isoformat())
                )
            if of not in (body["name"], "urn:recover:file:" + quoted(body["name"])):
                raise Broken("its record is of %s, and the journal says %s" % (of[:100], body["name"][:100]))
            seen(data)
        except Broken as error:
            wrong += 1
            found.append(("exhibit %d" % number, FAILS, str(error)))
    # Answers lie in the order in which they came, and are acknowledged in that of what was asked.
    for name, size in sorted(tree.sizes.items()):
        end = 0
        for offset, length, number in sorted(places.get(name, ())) if name.startswith("exhibits/") else ():
            if offset != end:
                wrong += 1
                found.append(("exhibit %d" % number, FAILS, "it does not begin where the record before it ends"))
            end = offset + length
        if name.startswith("exhibits/") and name not in places and not size:
            found.append((name, UNKNOWN, "is empty, and the journal says nothing of it"))
        if name.startswith("exhibits/") and size != end:
            wrong += 1
            found.append((name, FAILS, "has %d bytes, and the journal acknowledges %d" % (size, end)))
    since = {e["body"]["number"]: e["n"] for e in noted}
    for entry in entries:
        if entry["kind"] in ("reading", "obtained"):
            number = entry["body"]["number"]
            if since.get(number, entry["n"]) >= entry["n"]:
                wrong += 1
                told = "entry %d of the journal names it, and it is not there" % entry["n"]
                found.append(("exhibit %d" % number, FAILS, told))
    if not wrong and not bodies:
        found.append(("exhibits", NONE, "the journal acknowledges no exhibit"))
    elif not wrong:
        found.append(("exhibits", HOLDS, "%d exhibits: stored bytes, WARC records and contents" % len(bodies)))


def check_made(tree: Any, entries: list[dict[str, Any]], found: Found) -> None:
    """Results and papers against the digests that the journal noted when they were made."""
    said: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry["kind"] in ("ran", "decoded"):
            said.update(entry["body"].get("sealed", {}))
    wrong, held, absent = 0, 0, []
    folders = {n.rsplit("/", 1)[0] for n in tree.sizes if n.startswith("derived/")}
    for folder, files in sorted(said.items()):
        if folder not in folders:
            absent.append(folder)
            continue
        here = {n[len(folder) + 1 :] for n in tree.sizes if n.startswith(folder + "/")}
        for name in sorted(here | set(files)):
            place = "%s/%s" % (folder, name)
            why = ""
            if name not in files:
                why = "was not made by any run that the journal knows"
            elif name not in here:
                why = "is missing"
            elif sha256(tree.read(place)) != files[name]:
                why = "is not the file that was made"
            held += not why
            wrong += bool(why)
            if why:
                found.append((place, FAILS, why))
    # A folder that no entry of the journal names is half of a run that was cut off: nothing rests on it.
    for folder in sorted(folders - set(said)):
        found.append((folder, UNKNOWN, "the journal says nothing of it"))
    known = {e["body"]["digest"][:16] for e in entries if e["kind"] == "exhibit"}
    for folder in sorted(folders):
        if folder.startswith("derived/decoded/") and folder[16:32] not in known:
            found.append((folder, UNKNOWN, "was made of an exhibit that is not in the journal"))
    if absent and any(not folder.startswith("derived/decoded/") for folder in absent):
        found.append(
            (
                "derived",
                UNKNOWN,
                "is not here whole (%s): made again from the exhibits by recover alone" % absent[0],
            )
        )
    if held and not wrong:
        found.append(("derived", HOLDS, "%d files as the journal says they were made" % held))
    check_papers(tree, entries, found)


def other_head(entries: list[dict[str, Any]], said: dict[str, Any], key: str = "entry") -> Iterator[str]:
    """Why papers were not made from this journal: they name no head, or one that it has not at that entry."""
    if said.get(key) is None or said.get("head") is None:
        yield "names no head of the journal, so that nothing says what it was made from"
        return
    number = digits(said[key]) if isinstance(said[key], str) else said[key]
    if not counted(number, 1) or number > len(entries) or entries[number - 1]["hash"] != said["head"]:
        yield "names entry %d with the hash %s, which this journal does not have" % (number, said.get("head"))


def check_papers(tree: Any, entries: list[dict[str, Any]], found: Found) -> None:
    here = {n[4:] for n in tree.sizes if n.startswith("out/")}
    known = {e["body"].get("manifest") for e in entries if e["kind"] in ("ran", "writing")} - {None}
    if here and "manifest.json" not in here:
        found.append(("out/manifest.json", FAILS, "is missing, so that nothing vouches for the papers"))
    elif here:
        data = tree.read("out/manifest.json")
        listed = {row["name"]: row["sha256"] for row in table(data, "out/manifest.json")["files"]}
        wrong = []
        if len(listed) != len(parsed(data, "out/manifest.json")["files"]):
            wrong.append(("out/manifest.json", "lists a file twice"))
        if sha256(data) not in known:
            wrong.append(("out/manifest.json", "is not one that the journal says was written"))
        wrong += [("out/manifest.json", why) for why in other_head(entries, parsed(data, "out/manifest.json"))]
        if "result.json" in here:
            stated = table(tree.read("out/result.json"), "out/result.json")
            wrong += [("out/result.json", why) for why in other_head(entries, stated, "entries")]
        check_newer(entries, parsed(data, "out/manifest.json"), found)
        for name in sorted(here - {"manifest.json"} | set(listed)):
            if name not in listed:
                wrong.append(("out/" + name, "is in no list of what was written"))
            elif name not in here:
                wrong.append(("out/" + name, "is missing"))
            elif sha256(tree.read("out/" + name)) != listed[name]:
                wrong.append(("out/" + name, "differs from what was written"))
        found.extend((name, FAILS, why) for name, why in wrong)
        if not wrong:
            told = "%d files of out/ as they were written; NOT read: what reports and letters print" % len(listed)
            found.append(("papers", HOLDS, told))
    elif known and [e for e in entries if e["kind"] == "ran" or "aside" in e["body"]][-1]["kind"] == "ran":
        found.append(("papers", UNKNOWN, "the journal says that papers were written, and they are not here"))
    known_ = ("exhibits/", "derived/", "out/", "issued/", "former/", "aside/", "private/")
    aside = tuple(str(e["body"]["aside"]) for e in entries if e["kind"] == "recovered" and e["body"].get("aside"))
    kept_ = tuple(
        "%s/" % e["body"].get("kept", "former/%s" % e["body"]["from"]) for e in entries if e["kind"] in WHEN
    )
    put = 0
    for name in sorted(tree.sizes):
        own = ("case.toml", "journal.jsonl") if isinstance(tree, Part) else OWN
        if not name.startswith(known_) and name not in own:
            found.append((name, UNKNOWN, "is no file of a case: nothing vouches for it"))
        elif name.startswith("former/") and not name.startswith(kept_):
            found.append((name, UNKNOWN, "was moved there by no entry of the journal: nothing vouches for it"))
        elif name.startswith("aside/") and not (name in aside or name.startswith(tuple(a + "/" for a in aside))):
            found.append((name, UNKNOWN, "was put aside by no entry of the journal: nothing vouches for it"))
        put += name.startswith("aside/")
    if put:
        found.append(("aside", HOLDS, "%d files that were put aside, NOT compared: nothing rests on them" % put))
    issued = {}
    for entry in entries:
        if entry["kind"] == "signed" or (entry["kind"] == "letter" and entry["body"].get("act") == "issue"):
            issued.update({row["name"]: row["sha256"] for row in entry["body"].get("files", [])})
    for name in sorted(n for n in tree.sizes if n.startswith("issued/") and n[7:] not in issued):
        found.append((name, UNKNOWN, "was issued by no entry of the journal: nothing vouches for it"))
    for name, digest in sorted(issued.items()):
        place = "issued/" + name
        if place not in tree.sizes:
            found.append((place, FAILS, "was issued, and is gone; the exhibit holds that"))
        elif sha256(tree.read(place)) != digest:
            found.append((place, FAILS, "is not what was issued; the exhibit holds that"))
    for entry in entries:
        if entry["kind"] in WHEN:
            check_former(tree, entries, entry, found)


def evidence(entry: dict[str, Any]) -> bool:
    """Whether an entry is one on which a figure can depend: no copy of a paper of ours, and no hand-over."""
    if entry["kind"] == "exhibit":
        return bool(entry["body"]["sources"]) or entry["body"]["method"] not in ("issued", "signed", "receipt")
    return entry["kind"] in INPUTS - {"clock", "offset", "held", "handed"}


def check_newer(entries: list[dict[str, Any]], said: dict[str, Any], found: Found) -> None:
    """What was added since the head that the papers name: they say nothing of it."""
    if counted(said.get("entry"), 1):
        later = [e for e in entries[said["entry"] :] if evidence(e)]
        if later:
            told = "are older than entry %d (%s) of the journal, on which results depend: they say nothing of it"
            found.append(("papers", UNKNOWN, told % (later[0]["n"], later[0]["kind"])))


OWN = ("case.toml", "journal.jsonl", ".lock", ".writer")
"""What lies in a case folder itself; the lock and its holder in no bundle."""

WHEN = {"upgraded": "when the case was upgraded", "kept": "when a run of another version kept the papers"}
"""Entries that say what was moved below former/, results and papers or papers alone (bundle-format.md, 3)."""


def check_former(tree: Any, entries: list[dict[str, Any]], entry: dict[str, Any], found: Found) -> None:
    body, when, wrong = entry["body"], WHEN[entry["kind"]], []
    kept = str(body.get("kept", "former/%s" % body["from"]))
    for name, why in body.get("altered", ()):
        wrong.append((kept + "/" + name, when + ": " + why))
    for name in body.get("strangers", ()):
        found.append((kept + "/" + name, UNKNOWN, "stood in no list of what was written " + when))
    said = list(body.get("papers", ())) + list(body.get("results", ()))
    # Cut off, not all of it may have been moved yet; what ends the move stands after it.
    ends = "differences" if entry["kind"] == "upgraded" else "writing"
    moved = any(one["kind"] == ends and one["n"] > entry["n"] for one in entries)
    for name, digest in said:
        place = kept + "/" + name
        if place not in tree.sizes and not moved:
            place = name
        if place not in tree.sizes:
            wrong.append((kept + "/" + name, "is missing"))
        elif sha256(tree.read(place)) != digest:
            wrong.append((kept + "/" + name, "differs from what was there"))
    # An older entry names papers alone, and says nothing of what else lies there.
    part = kept + "/" if "results" in body else kept + "/out/"
    known = {kept + "/" + name for name, _ in said}
    wrong.extend(
        (name, "was not there " + when)
        for name in sorted(tree.sizes)
        if name.startswith(part) and name not in known
    )
    found.extend((name, FAILS, why) for name, why in wrong)
    if known and not wrong:
        found.append((kept, HOLDS, "%d files as they were %s" % (len(said), when)))


# ---------------------------------------------------------------------------------------------------------------
# Rules: what a debit takes from a pool (bundle-format.md, 7). A pool is a list of [label, amount]; None is clean.

Lots = list[list[Any]]


def shares(amount: int, weights: list[int]) -> list[int]:
    """Whole units in proportion, by largest remainder, ties to the earlier."""
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    order = sorted(range(len(parts)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def cut(pool: Lots, places: list[int], amount: int) -> Lots:
    """Takes `amount` from the lots at `places`, in that order; whole lots until it is reached."""
    taken: Lots = []
    for place in places:
        if not amount:
            break
        part = min(amount, pool[place][1])
        pool[place][1] -= part
        amount -= part
        if part:
            taken.append([pool[place][0], part])
    assert not amount, "a pool paid out more than it held"
    pool[:] = [lot for lot in pool if lot[1]]
    return taken


def by_label(pool: Lots, amount: int, of: Callable[[Any], bool]) -> Lots:
    """Takes `amount` from the labels that `of` admits, in proportion; lots of one label are one."""
    sums: dict[Any, int] = {}
    for label, size in pool:
        if of(label):
            sums[label] = sums.get(label, 0) + size
    parts = dict(zip(sums, shares(amount, list(sums.values())))) if amount else {}
    kept: Lots = []
    for label, size in pool:
        if not of(label):
            kept.append([label, size])
        elif label in sums:
            left = sums.pop(label) - parts.get(label, 0)
            kept += [[label, left]] if left else []
    pool[:] = kept
    return [[label, part] for label, part in parts.items() if part]


def take(rule: str, pool: Lots, amount: int, elected: Optional[set] = None) -> Lots:  # type: ignore[type-arg]
    """Which lots a debit of `amount` takes; `pool` is what is left."""
    clean = [i for i, lot in enumerate(pool) if lot[0] is None]
    traced = [i for i, lot in enumerate(pool) if lot[0] is not None]
    own = min(amount, sum(pool[i][1] for i in clean))
    if rule == "fifo":
        return cut(pool, list(range(len(pool))), amount)
    if rule == "lifo":
        return cut(pool, list(range(len(pool)))[::-1], amount)
    if rule == "prorata":
        return by_label(pool, amount, lambda label: True)
    if rule in ("tainted_first", "highest_out"):
        return cut(pool, traced + clean, amount)
    if rule == "libr-fifo":
        return cut(pool, clean + traced, amount)
    if rule in ("libr", "oatway"):
        first: Lots = []
        if elected:
            mine = sum(lot[1] for lot in pool if lot[0] in elected)
            first = by_label(pool, min(amount, mine), lambda label: label in elected)
            amount -= sum(lot[1] for lot in first)
            clean = [i for i, lot in enumerate(pool) if lot[0] is None]
            own = min(amount, sum(pool[i][1] for i in clean))
        mixed = cut(pool, clean, own)
        return first + mixed + by_label(pool, amount - own, lambda label: label is not None)
    raise Broken("the rule %r is not one of the format" % rule)


class Pool:
    """What one address, or one coin transaction, holds under a rule. `poison` counts contact and not value."""

    def __init__(self, rule: str) -> None:
        self.rule, self.balance = rule, 0
        self.lots: Lots = []
        self.touched: list[Any] = []

    def put(self, lots: Lots, amount: int) -> None:
        self.balance += amount
        if self.rule == "poison":
            self.touched += [lot[0] for lot in lots if lot[0] is not None and lot[0] not in self.touched]
            return
        for label, size in lots:
            # Rules that do not look at age have one lot a label, where its first unit came.
            near = self.lots if self.rule in ("prorata", "libr", "oatway") else self.lots[-1:]
            same = [lot for lot in near if lot[0] == label]
            if same:
                same[0][1] += size
            elif size:
                self.lots.append([label, size])

    def take(self, amount: int, elected: Optional[set] = None) -> Lots:  # type: ignore[type-arg]
        if not amount:
            return []
        self.balance -= amount
        if self.rule != "poison":
            return take(self.rule, self.lots, amount, elected)
        taken: Lots = [[label, amount] for label in self.touched] or [[None, amount]]
        if not self.balance:
            self.touched = []
        return taken

    def left(self) -> Lots:
        if self.rule != "poison":
            return self.lots
        return [[label, self.balance] for label in self.touched if self.balance]


def sums(lots: Lots) -> dict[str, int]:
    made: dict[str, int] = {}
    for label, size in lots:
        if label is not None:
            made[label] = made.get(label, 0) + size
    return made


def begin(rule: str, lots: Lots, wanted: list[tuple[Optional[str], int, bool]]) -> tuple[Lots, dict[str, int]]:
    """Lets losses begin on a movement: only clean value turns, first in the order of lots that an exchange
    brought, in which clean ones pass over as much; then earlier losses first."""
    started: dict[str, int] = {}
    passed, lacking = 0, sum(size for label, size in lots if label is not None)
    for loss, amount, came in wanted:
        if loss is None:
            less = min(amount, lacking)
            passed, lacking = passed + amount - less, lacking - less
            continue
        if rule == "poison":
            held = sums(lots).get(loss, 0)
            more = min(amount, max([lot[1] for lot in lots] or [0]) - held)
            if more > 0:
                lots = [lot for lot in lots if lot[0] != loss] + [[loss, held + more]]
                started[loss] = started.get(loss, 0) + more
            continue
        made: Lots = []
        before = passed if came else 0
        for label, size in lots:
            over = min(size, before) if label is None else 0
            before -= over
            part = min(size - over, amount) if label is None else 0
            amount -= part
            started[loss] = started.get(loss, 0) + part
            made += [one for one in ([label, over], [loss, part], [label, size - over - part]) if one[1]]
        lots = made
    return lots, {loss: n for loss, n in started.items() if n}


# ---------------------------------------------------------------------------------------------------------------
# Traces: every movement of legs.jsonl, in order (bundle-format.md, 6 and 7).


Wanted = dict[int, list[tuple[Optional[str], Optional[int], bool]]]
"""By movement: a loss (none: clean value, passed over), how much (none: all of it), and whether by an exchange."""


class Asset:
    """The movements of one asset, and the claims on them."""

    def __init__(self, name: str, model: str) -> None:
        self.name, self.model = name, model
        self.where: dict[int, tuple[str, str, bool, bool, bool]] = {}
        self.moves: list[list[Any]] = []
        self.seen: set[int] = set()
        self.spent: set[int] = set()
        self.made: dict[int, tuple[Optional[int], str]] = {}
        self.moment: Optional[datetime] = None
        self.backward: Optional[str] = None
        self.last = -1
        self.spends: list[list[Any]] = []
        self.claims: list[tuple[str, int, Optional[int]]] = []
        self.last_claimed: dict[int, Optional[int]] = {}
        self._coins: dict[int, tuple[str, int]] = {}
        self._places: dict[tuple[str, int], int] = {}
        self.elected: dict[int, set] = {}  # type: ignore[type-arg]

    def met(self, model: str, seqs: list[int]) -> None:
        """Notes movements of this asset, each of which stands once, in lines of its own model."""
        if self.model != model:
            raise Broken("a line of the other model than that of its asset")
        if len(set(seqs)) != len(seqs) or self.seen & set(seqs):
            raise Broken("a movement stands twice")
        self.seen.update(seqs)

    def timed(self, time: Optional[str]) -> None:
        """Notes a movement's time, and the first that is before the time of a movement above it."""
        now = instant(time)
        if now is not None and self.moment is not None and now < self.moment:
            self.backward = self.backward or time
        self.moment = max(self.moment, now) if now and self.moment else now or self.moment

    def text(self, number: Optional[int]) -> str:
        return "" if number is None else self.where[number][0]

    def movements(self) -> dict[int, tuple[int, str, str, Optional[str], str]]:
        """By seq: place in the order, payer, receiver, memo, transaction; an output has no payer of its own."""
        made: dict[int, tuple[int, str, str, Optional[str], str]] = {}
        for seq, src, dst, _, _, tx, _, memo in self.moves:
            made[seq] = (len(made), self.text(src), self.text(dst), memo, tx)
        for tx, _, _, outs in self.spends:
            for seq, place, *_ in outs:
                made[seq] = (len(made), "", self.text(place), None, tx)
        return made

    def amounts(self) -> dict[int, int]:
        """By seq, the amount of a movement."""
        made = {move[0]: int(move[3]) for move in self.moves}
        made.update({out[0]: int(out[2]) for _, _, _, outs in self.spends for out in outs})
        return made

    def times(self) -> dict[int, Optional[str]]:
        """By seq, the time of a movement."""
        made = {move[0]: move[6] for move in self.moves}
        made.update({out[0]: out[3] for _, _, _, outs in self.spends for out in outs})
        return made

    def coins(self) -> dict[int, tuple[str, int]]:
        """By seq of an output: its transaction, and its number in it."""
        if not self._coins:
            self._coins = {seq: (tx, leg) for tx, _, _, outs in self.spends for seq, _, _, _, leg in outs}
        return self._coins

    def places(self) -> dict[tuple[str, int], int]:
        if not self._places:
            self._places = {place: seq for seq, place in self.coins().items()}
        return self._places

    def wanted(self, losses: list[str], more: list[tuple[Optional[str], int, int]]) -> Wanted:
        """By movement, what is to begin there: the lots that came by exchange in their order, then by loss, named
        amounts before all of it."""
        found: Wanted = {}
        for label, seq, n in more:
            found.setdefault(seq, []).append((label, n, True))
        rows = [(seq, losses.index(loss), n is None, i, n) for i, (loss, seq, n) in enumerate(self.claims)]
        for seq, loss, _, _, amount in sorted(rows, key=lambda row: row[1:4]):
            found.setdefault(seq, []).append((losses[loss], amount, False))
        return found


class Traced:
    """What one rule gives for one asset: (loss, place, reason) -> amount, flows, and arrivals."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, Optional[int], str], int] = {}
        self.flows: list[tuple[int, str, str, int]] = []
        self.order: dict[int, int] = {}
        self.given: dict[int, Lots] = {}
        self.again: list[tuple[Optional[str], int, int]] = []

    def end(self, place: Optional[int], reason: str, lots: dict[str, int]) -> None:
        for loss, amount in lots.items():
            key = (loss, place, reason)
            self.ends[key] = self.ends.get(key, 0) + amount

    def flow(self, seq: int, event: str, lots: dict[str, int]) -> None:
        self.flows += [(seq, event, loss, amount) for loss, amount in lots.items()]


def trace_account(asset: Asset, rule: str, wanted: Wanted) -> Traced:
    made = Traced()
    least: dict[int, int] = {}
    running: dict[int, int] = {}
    for _, src, dst, amount, *_ in asset.moves:
        if src == dst:
            continue
        if src is not None:
            running[src] = running.get(src, 0) - amount
            least[src] = min(least.get(src, 0), running[src])
        if dst is not None:
            running[dst] = running.get(dst, 0) + amount
    pools: dict[int, Pool] = {}

    def pool(place: int) -> Pool:
        if place not in pools:
            pools[place] = Pool(rule)
            opening = -least.get(place, 0)
            pools[place].put([[None, opening]] if opening else [], opening)
        return pools[place]

    followed = {n for n, (_, stop, known, _, _) in asset.where.items() if known and not stop}
    for seq, src, dst, amount, kind, *_ in asset.moves:
        if src == dst and src is not None:
            continue
        lots: Lots = [[None, amount]] if amount else []
        if src in followed:
            lots = pool(src).take(amount, asset.elected.get(seq) if rule == "oatway" else None)
        moved = sums(lots)
        lots, started = begin(
            rule, lots, [(loss, amount if n is None else n, came) for loss, n, came in wanted.get(seq, ())]
        )
        if kind in ("swap", "crossed"):
            made.given[seq] = [list(lot) for lot in lots]
        made.flow(seq, "start", started)
        made.flow(seq, "move", moved)
        carried = sums(lots)
        if dst in followed:
            pool(dst).put(lots, amount)
        elif carried:
            made.flow(seq, "end", carried)
            if dst is None:
                made.end(src, {"transfer": "burn"}.get(kind, kind), carried)
            else:
                made.end(dst, asset.where[dst][1] or "uncollected", carried)
    for place, one in pools.items():
        made.end(place, "rest", sums(one.left()))
    return made


def trace_coins(asset: Asset, rule: str, wanted: Wanted) -> Traced:
    made = Traced()
    held: dict[int, tuple[Optional[int], Lots]] = {}
    for tx, mix, ins, outs in asset.spends:
        carrying = [coin for coin, _, _ in ins if coin in held]
        if mix:
            for coin in carrying:
                place, lots = held.pop(coin)
                if mix == "crossed":
                    made.given[coin] = lots
                made.flow(coin, "end", sums(lots))
                made.end(place, mix, sums(lots))
            carrying = []
        paid = sum(int(n) for _, _, n in ins) - sum(int(out[2]) for out in outs)
        if paid < 0:
            raise Broken("transaction %s of legs.jsonl pays more than it has" % tx)
        whole = Pool(rule)
        filled: dict[int, Lots] = {}
        if carrying:
            for coin, _, n in ins:
                lots = held.pop(coin)[1] if coin in held else [[None, int(n)]] if int(n) else []
                whole.put(lots, 0 if rule == "poison" else sum(lot[1] for lot in lots))
            if rule == "poison":
                whole.balance = paid + sum(int(out[2]) for out in outs)
            places = list(range(len(outs)))
            if rule == "highest_out":
                places.sort(key=lambda i: (-int(outs[i][2]), i))
            for i in places:
                filled[i] = whole.take(int(outs[i][2]))
            fee = sums(whole.take(paid))
            made.end(None, "fee", fee)
        for i, (seq, place, n, *_) in enumerate(outs):
            lots = filled.get(i) or ([[None, int(n)]] if int(n) else [])
            moved = sums(lots)
            lots, started = begin(
                rule, lots, [(loss, int(n) if a is None else a, came) for loss, a, came in wanted.get(seq, ())]
            )
            made.flow(seq, "start", started)
            made.flow(seq, "move", moved)
            carried = sums(lots)
            stop = "burn" if place is None else asset.where[place][1]
            if carried and stop:
                made.flow(seq, "end", carried)
                made.end(place, stop, carried)
            elif carried:
                held[seq] = (place, lots)
    for coin, (place, lots) in held.items():
        known = place is not None and asset.where[place][2]
        if not known:
            made.flow(coin, "end", sums(lots))
        made.end(place, "rest" if known else "uncollected", sums(lots))
    return made


class Coined:
    """On a coin chain, what each owner's coins paid of each loss under one rule: by output, and as fees."""

    def __init__(self, asset: Asset, made: Traced, rule: str, losses: list[str]) -> None:
        self.outputs: dict[tuple[int, str], list[tuple[int, int]]] = {}
        self.fees: dict[int, int] = {}
        held: dict[int, dict[str, int]] = {}
        moved: dict[int, dict[str, int]] = {}
        for seq, event, loss, n in made.flows:
            mine = held.setdefault(seq, {})
            mine[loss] = mine.get(loss, 0) + (-n if event == "end" else n)
            if event == "move":
                moved.setdefault(seq, {})[loss] = n
        for _, _, ins, outs in asset.spends:
            coins = [(owner, held[coin]) for coin, owner, _ in ins if coin in held]
            for loss in sorted({loss for _, mine in coins for loss in mine}, key=losses.index):
                pool = Pool(rule)
                for owner, mine in coins:
                    if mine.get(loss, 0):
                        pool.put([[owner, mine[loss]]], mine[loss])
                for seq, *_ in outs:
                    paid = sums(pool.take(moved.get(seq, {}).get(loss, 0)))
                    self.outputs[seq, loss] = [(int(owner), n) for owner, n in paid.items()]
                for who, n in sums(pool.left()).items():
                    self.fees[int(who)] = self.fees.get(int(who), 0) + n


def arrivals(
    asset: Asset, made: Traced, rule: str, losses: list[str]
) -> dict[tuple[str, str, str, str, Optional[str]], int]:
    """(loss, through, address, reason, memo) -> amount that ended at a service or hub, and who passed it on."""
    found: dict[tuple[str, str, str, str, Optional[str]], int] = {}
    receiver: dict[int, tuple[Optional[int], Optional[int], Optional[str]]] = {}
    for seq, src, dst, _, _, _, _, memo in asset.moves:
        receiver[seq] = (src, dst, memo)
    for _, _, _, outs in asset.spends:
        receiver.update({seq: (None, place, None) for seq, place, *_ in outs})
    carried = {(seq, loss): n for seq, event, loss, n in made.flows if event == "move"}
    coined = Coined(asset, made, rule, losses).outputs if asset.model != "account" else {}

    def add(loss: str, payer: Optional[int], seq: int, amount: int) -> None:
        _, at, memo = receiver[seq]
        assert at is not None
        text, stop, _, deposit, by_memo = asset.where[at]
        told = (memo or "") if by_memo else None
        through = text if payer is None or told is not None or deposit else asset.text(payer)
        key = (loss, through, text, stop, told)
        found[key] = found.get(key, 0) + amount

    for seq, event, loss, n in made.flows:
        at = receiver[seq][1]
        if event != "end" or at is None or asset.where[at][1] not in ("service", "hub"):
            continue
        passed = carried.get((seq, loss), 0)
        if passed and asset.model == "account":
            add(loss, receiver[seq][0], seq, passed)
        elif passed:
            for who, part in coined[seq, loss]:
                add(loss, who, seq, part)
        if n > passed:
            add(loss, None, seq, n - passed)
    return found


class Shared:
    """On a coin chain, what each address's coins paid under one rule: to whom, as fees, and back to itself."""

    def __init__(self, asset: Asset, made: Traced, rule: str, losses: list[str]) -> None:
        self.change: dict[tuple[int, str], int] = {}
        self.paid: dict[str, dict[str, int]] = {}
        coined = Coined(asset, made, rule, losses)
        self.fees = {asset.text(who): n for who, n in coined.fees.items()}
        place = {out[0]: out[1] for _, _, _, outs in asset.spends for out in outs}
        for (seq, loss), paid in coined.outputs.items():
            for who, part in paid if place[seq] is not None else ():
                if who == place[seq]:
                    self.change[seq, loss] = part
                    continue
                mine = self.paid.setdefault(asset.text(who), {})
                to = asset.text(place[seq])
                mine[to] = mine.get(to, 0) + part


SHAPES: dict[str, tuple[str, ...]] = {
    "address": ("number", "text", "text", "truth", "truth", "truth"),
    "move": ("number", "number or null", "number or null", "amount", "text", "text or null", "text or null")
    + ("text or null",),
    "spend": ("text or null", "text", "list", "list"),
    "claim": ("text", "number", "amount or null"),
    "elected": ("text", "number"),
}
"""What stands in each line of an asset, field by field."""


def fitting(value: Any, shape: str) -> None:
    """That a field is of its kind, and of no other that Python would take for it."""
    if value is None and shape.endswith(" or null"):
        return
    kind = shape.split(" ")[0]
    if kind == "amount":
        natural(value)
    elif not (counted(value) if kind == "number" else type(value) is {"truth": bool, "list": list}.get(kind, str)):
        raise Broken("%s is no %s" % (repr(value)[:60], shape))


def instant(time: Optional[str]) -> Optional[datetime]:
    """A moment of legs.jsonl: one that there is, in UTC."""
    if time is None:
        return None
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z", time):
        raise Broken("%s is no moment" % time[:60])
    try:
        return datetime.fromisoformat(time[:-1] + "+00:00")
    except ValueError:
        raise Broken("%s is no moment" % time[:60]) from None


def each_once(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise Broken("%s twice" % what)


class Legs:
    """The whole of legs.jsonl."""

    def __init__(self, data: bytes) -> None:
        lines = data.split(b"\n")
        if lines.pop() != b"":
            raise Broken("legs.jsonl does not end with a whole line")
        self.head = parsed(lines[0], "line 1 of legs.jsonl") if lines else {}
        if self.head.get("record") != "recover-legs" or self.head.get("version") not in (1, 2, 3):
            raise Unread("legs.jsonl is %s: nothing is recomputed from it" % OTHER)
        if not counted(self.head["version"]):
            raise Broken("line 1 of legs.jsonl states a version that is no integer")
        self.claimed = 0  # transactions that the papers call proved
        self.losses = [loss["id"] for loss in self.head["losses"]]
        each_once(self.losses, "line 1 of legs.jsonl has a loss")
        for loss in self.head["losses"]:
            if loss["amount"] is not None:
                natural(loss["amount"])
            if loss["output"] is not None and not counted(loss["output"]):
                raise Broken("line 1 of legs.jsonl has an output that is no integer")
        self.assets: dict[str, Asset] = {}
        self.exchanges: list[dict[str, Any]] = []
        self.crossings: list[dict[str, Any]] = []
        self.stated: dict[str, dict[tuple[Any, ...], int]] = {"end": {}, "arrival": {}, "flow": {}}
        here: Optional[Asset] = None
        for number, line in enumerate(lines[1:], start=2):
            one = parsed(line, "line %d of legs.jsonl" % number)
            try:
                here = self._line(one, here)
            except Broken as error:
                raise Broken("line %d of legs.jsonl: %s" % (number, error)) from None
            except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
                raise Broken("line %d of legs.jsonl is none of its kinds (%s)" % (number, error)) from None

    def _line(self, one: dict[str, Any], here: Optional[Asset]) -> Optional[Asset]:
        kinds = set(one)
        if kinds == {"asset", "model"}:
            if one["asset"] in self.assets:
                raise Broken("the asset %s was begun before" % one["asset"])
            if one["model"] not in ("account", "utxo"):
                raise Broken("the model %r is not one of the format" % one["model"])
            fitting(one["asset"], "text")
            self.assets[one["asset"]] = Asset(one["asset"], one["model"])
            return self.assets[one["asset"]]
        if len(kinds) != 1:
            raise Broken("has %d kinds" % len(kinds))
        ((kind, row),) = one.items()
        if kind in SHAPES:
            if here is None:
                raise Broken("no asset was begun")
            if len(row) != len(SHAPES[kind]):
                raise Broken("has %d fields" % len(row))
            for value, shape in zip(row, SHAPES[kind]):
                fitting(value, shape)
            self._of_asset(here, kind, row)
        elif kind in ("exchange", "crossing"):
            if self.head["version"] == 1:  # it carried lots on in another order
                raise Unread("legs.jsonl has an exchange and is %s: nothing is recomputed from it" % OTHER)
            if set(row) != EXCHANGE | (CROSSING if kind == "crossing" else set()):
                raise Broken("has not the fields of %s" % ("a crossing" if kind == "crossing" else "an exchange"))
            natural(row["gave"])
            for seq in row["out"]:
                fitting(seq, "number")
            for pair in row["back"] + row["refunds"]:
                fitting(pair[0], "number")
                natural(pair[1])
            self.exchanges.append(row)
            if kind == "crossing":
                self._crossing(row)
        else:
            key = tuple(row[:-1])
            self.stated[kind][key] = self.stated[kind].get(key, 0) + natural(row[-1])
            if len(row) != {"end": 6, "arrival": 8, "flow": 4}[kind]:
                raise Broken("has %d fields" % len(row))
            if kind == "flow":
                fitting(row[0], "number")
        return here

    def _of_asset(self, here: Asset, kind: str, row: list[Any]) -> None:
        if kind == "address":
            if row[0] in here.where:
                raise Broken("the address of number %d was named before" % row[0])
            here.where[row[0]] = tuple(row[1:])
        elif kind == "move":
            seq, src, dst, amount, what, tx, time, memo = row
            here.timed(time)
            # Of one moment, which no exhibit orders, a later number may stand first.
            if seq < here.last and time != here.moves[-1][6]:
                raise ValueError("its movements are not in order")
            here.met("account", [seq])
            here.last = max(here.last, seq)
            here.moves.append([seq, src, dst, int(amount), what, tx, time, memo])
        elif kind == "spend":
            for coin, owner, amount in row[2]:
                fitting(coin, "number or null")
                fitting(owner, "number or null")
                natural(amount)
            for seq, place, amount, time, leg in row[3]:
                fitting(seq, "number")
                fitting(place, "number or null")
                natural(amount)
                fitting(time, "text or null")
                instant(time)
                fitting(leg, "number or null")
            here.met("utxo", [out[0] for out in row[3]])
            if here.spent & {out[0] for out in row[3]}:
                raise Broken("an output is spent in a line above its own")
            here.made.update({out[0]: (out[1], out[2]) for out in row[3]})
            spent = [coin for coin, _, _ in row[2] if coin is not None]
            if len(set(spent)) != len(spent) or here.spent & set(spent):
                raise Broken("an output is spent that was spent before")
            here.spent.update(spent)
            for coin, owner, amount in row[2]:
                if coin in here.made and here.made[coin] != (owner, amount):
                    raise Broken("output %d is spent with another amount or owner than it was made with" % coin)
            owners = {owner for coin, owner, _ in row[2] if coin is not None}
            if self.head["version"] < 3 and not row[1] and len(owners) > 1:  # each paid by its share, by any rule
                raise Unread("legs.jsonl has coins of several and is %s: nothing is recomputed from it" % OTHER)
            here.spends.append(row)
        elif kind == "claim":
            self._known(row[0])
            here.claims.append((row[0], row[1], None if row[2] is None else int(row[2])))
        else:
            self._known(row[0])
            here.elected.setdefault(row[1], set()).add(row[0])

    def _crossing(self, row: dict[str, Any]) -> None:
        fitting(row["at"], "number or null")
        for name in ("protocol", "key", "to_tx"):
            fitting(row[name], "text")
        if not counted(row["level"]) or row["level"] not in (1, 2, 3):
            raise Broken("the level %r of a crossing is none of the format" % (row["level"],))
        if natural(row["fee"]) + natural(row["open"]) > natural(row["gave"]):
            raise Broken("a bridge kept and holds more than went into it")
        here = self.assets.get(row["asset"])
        if here is None or not row["out"]:
            raise Broken("a crossing is of no asset that the file has")
        if row["at"] is not None and row["at"] not in here.where:
            raise Broken("the address of number %d has no line" % row["at"])
        self.crossings.append(row)

    def _known(self, loss: str) -> None:
        if loss not in self.losses:
            raise Broken("the loss %r is none of line 1" % loss)

    def run(self, rule: str) -> dict[str, Traced]:
        """Every asset under one rule, exchanges followed until nothing more comes in."""
        model = {"highest_out": "utxo", "oatway": "account"}.get(rule)
        fitting = {name: a for name, a in self.assets.items() if model in (None, a.model)}
        given: dict[str, dict[str, list[tuple[Optional[str], int, int]]]] = {name: {} for name in fitting}
        made: dict[str, Traced] = {}
        work, rounds = list(fitting), 0
        while work:
            name, rounds = work.pop(0), rounds + 1
            if rounds > MOST_ROUNDS + 8 * len(fitting):
                raise Unread("exchanges feed each other in more rounds than this program computes")
            asset = fitting[name]
            wanted = asset.wanted(self.losses, [c for each in given[name].values() for c in each])
            step = trace_account if asset.model == "account" else trace_coins
            made[name] = step(asset, rule, wanted)
            mine = [x for x in self.exchanges if x["asset"] == name and x["into"] in fitting]
            for into in sorted({x["into"] for x in mine} | {name for x in mine if x["refunds"]}):
                claims = exchanged(made[name], mine, into, self.losses, rule, asset)
                if claims != given[into].get(name, []):
                    given[into][name] = claims
                    work += [into] if into not in work else []
        for name, one in made.items():
            one.again = given[name].get(name, [])
            parted(fitting[name], one, [x for x in self.crossings if x["asset"] == name])
        return made


def parted(asset: Asset, made: Traced, crossings: list[dict[str, Any]]) -> None:
    """What went into bridges, by loss: what crossed, what the bridge kept, and what it is shown to hold."""
    groups: dict[tuple[int, ...], list[Any]] = {}
    for one in crossings:
        group = groups.setdefault(tuple(one["out"]), [int(one["gave"]), 0, 0, None])
        group[1] += int(one["fee"])
        group[2] += int(one["open"])
        group[3] = one["at"] if group[3] is None else group[3]
    payers = {move[0]: move[1] for move in asset.moves}
    # Of coins several can have paid: what crossed ends where the output paid.
    payers.update({out[0]: out[1] for _, _, _, outs in asset.spends for out in outs})
    ended: dict[int, dict[str, int]] = {}
    for seq, event, loss, n in made.flows:
        if event == "end":
            ended.setdefault(seq, {})[loss] = n
    made.ends = {key: n for key, n in made.ends.items() if key[2] != "crossed"}
    for out, (gave, fee, unpaid, at) in groups.items():
        lost: dict[str, int] = {}
        for seq in out:
            for loss, n in ended.get(seq, {}).items():
                lost[loss] = lost.get(loss, 0) + n
        if fee + unpaid > gave:
            raise Broken("bridges kept and hold more of what left by %s than that was" % list(out))
        for loss, n in lost.items():
            # One movement can be under several keys: what it carried is divided once.
            crossed, kept, held = shares(n, [gave - fee - unpaid, fee, unpaid])
            payer = payers.get(out[0])
            made.end(payer, "crossed", {loss: crossed})
            made.end(payer, "bridge_fee", {loss: kept})
            made.end(payer if at is None else at, "bridge", {loss: held})


def exchanged(
    made: Traced, mine: list[dict[str, Any]], into: str, losses: list[str], rule: str, asset: Asset
) -> list[tuple[Optional[str], int, int]]:
    """The lots that go on in the asset that was had: each in the share that was given of it, and in the order in
    which they were given. Clean ones keep their place, but those behind the last that carries a loss."""
    found: list[tuple[Optional[str], int, int]] = []
    amounts: dict[int, int] = {}
    ended: dict[int, dict[str, int]] = {}
    for seq, event, loss, n in made.flows:
        if event == "end":
            ended.setdefault(seq, {})[loss] = n
    for one in mine:
        if into not in (one["into"], one["asset"]):
            continue
        lost: dict[str, int] = {}
        for seq in one["out"]:
            for loss, n in ended.get(seq, {}).items():
                lost[loss] = lost.get(loss, 0) + n
        if not lost:
            continue
        came = (one["back"] if into == one["into"] else []) + (one["refunds"] if into == one["asset"] else [])
        names, gave = sorted(lost, key=losses.index), int(one["gave"])
        whole, had = sum(lost.values()), sum(int(n) for _, n in came)
        if whole > gave:
            for seq, room in came:
                parts = [(name, min(int(room), had * min(lost[name], gave) // gave)) for name in names]
                found += [(name, seq, part) for name, part in parts if part]
            continue
        lots: Lots = [[name, lost[name]] for name in names] + [[None, gave - whole]]
        if rule not in ("prorata", "libr", "oatway", "poison"):
            amounts = amounts or asset.amounts()
            lots = []
            for seq in one["out"]:
                for label, size in made.given.get(seq) or [[None, amounts[seq]]]:
                    if lots and lots[-1][0] == label:
                        lots[-1][1] += size
                    elif size:
                        lots.append([label, size])
        left = [[label, part] for (label, _), part in zip(lots, shares(had, [size for _, size in lots]))]
        for seq, room in came:
            laid, space = [], int(room)
            while left and space:
                part = min(left[0][1], space)
                laid.append((left[0][0], seq, part))
                left[0][1] -= part
                space -= part
                if not left[0][1]:
                    left.pop(0)
            while laid and laid[-1][0] is None:
                laid.pop()
            found += [lot for lot in laid if lot[2]]
    return found


EXCHANGE = {"tx", "asset", "into", "gave", "out", "back", "refunds"}
CROSSING = {"fee", "open", "at", "protocol", "key", "level", "to_tx"}
"""The fields of an exchange, and what a crossing has beside them."""

MOST_ROUNDS = 1000
RULES = ("fifo", "lifo", "prorata", "libr", "libr-fifo", "tainted_first", "highest_out", "oatway", "poison")
NO_CLAIM = ("highest_out", "poison")


def named(key: tuple[Any, ...]) -> str:
    return ", ".join(str(part) for part in key if part not in (None, ""))[:200]


def differing(what: str, stated: dict[Any, int], computed: dict[Any, int], found: Found) -> None:
    """Each figure that is not what the movements give; three are named, the others counted."""
    wrong = sorted((k for k in set(stated) | set(computed) if stated.get(k, 0) != computed.get(k, 0)), key=str)
    for key in wrong[:3]:
        told = (named(key), stated.get(key, 0), computed.get(key, 0))
        found.append((what, FAILS, "%s: stated as %d, and the movements give %d" % told))
    if len(wrong) > 3:
        found.append((what, FAILS, "%d further figures differ" % (len(wrong) - 3)))


def check_figures(tree: Any, entries: list[dict[str, Any]], found: Found) -> Optional[Legs]:
    """Every traced figure, under every rule, from every movement."""
    ran = [e for e in entries if e["kind"] == "ran" and "derived/trace" in e["body"].get("sealed", {})]
    if not ran:
        if any(name.startswith(("out/", "issued/")) for name in tree.sizes) or any(
            e["kind"] in ("writing", "letter") or e["body"].get("stage") in ("find", "write") for e in entries
        ):
            why = "papers were made of figures, and no trace is in the journal: none of them can be recomputed"
            found.append(("figures", UNKNOWN, why))
        else:
            found.append(("figures", NONE, "the journal here names no trace, and no paper states a figure"))
        return None
    if "derived/trace/legs.jsonl" not in tree.sizes:
        found.append(
            ("figures", UNKNOWN, "derived/trace/legs.jsonl is not here: nothing can be recomputed without it")
        )
        return None
    try:
        legs = Legs(tree.read("derived/trace/legs.jsonl"))
    except Unread as error:
        found.append(("figures", UNKNOWN, str(error)))
        return None
    check_declared(legs, entries[: ran[-1]["n"]], found)
    texts = [(e["n"], e["body"]["text"]) for e in entries if e["kind"] in ("opened", "settings")]
    then = [text for number, text in texts if number < ran[-1]["n"]][-1]
    since: Found = []
    if texts[-1][1] != then and found[-1][1] == HOLDS:
        check_declared(legs, entries, since)
    if any(answer == FAILS for _, answer, _ in since):
        more = "the settings were changed after the trace, and declare another rule or other losses now"
        found.append(("declared", UNKNOWN, more))
    check_claims(legs, found)
    for asset in legs.assets.values():
        if asset.backward:
            told_ = "a movement of %s of %s stands behind a later one: their order is not that of their times"
            found.append(("order", UNKNOWN, told_ % (asset.name, asset.backward)))
    elected = any(asset.elected for asset in legs.assets.values())
    ends: dict[tuple[Any, ...], int] = {}
    came: dict[tuple[Any, ...], int] = {}
    flows: dict[tuple[Any, ...], int] = {}
    declared: dict[str, Traced] = {}
    for rule in RULES:
        if rule == "oatway" and not elected:
            continue
        try:
            traced = legs.run(rule)
        except Unread as error:
            found.append(("figures", UNKNOWN, "under %s: %s" % (rule, error)))
            return legs
        for name, made in traced.items():
            asset = legs.assets[name]
            balance(rule, asset, made, found)
            for (loss, place, reason), n in made.ends.items():
                key = (rule, loss, name, whose(asset, asset.text(place), reason), reason)
                ends[key] = ends.get(key, 0) + n
            if rule not in NO_CLAIM:
                for (loss, through, address, reason, memo), n in arrivals(asset, made, rule, legs.losses).items():
                    came[rule, loss, name, through, address, reason, memo] = n
            if rule == legs.head["rule"]:
                declared[name] = made
                for seq, event, loss, n in made.flows:
                    flows[seq, loss, event] = flows.get((seq, loss, event), 0) + n
    stated: dict[tuple[Any, ...], int] = {}
    for (rule, loss, name, address, reason), n in legs.stated["end"].items():
        asset_ = legs.assets.get(name)
        where = whose(asset_, address, reason) if asset_ else address
        stated[rule, loss, name, where, reason] = stated.get((rule, loss, name, where, reason), 0) + n
    before = len(found)
    differing("ends", stated, {k: n for k, n in ends.items() if n}, found)
    differing("arrivals", legs.stated["arrival"], {k: n for k, n in came.items() if n}, found)
    differing("flows", legs.stated["flow"], {k: n for k, n in flows.items() if n}, found)
    if len(found) == before:
        rules = sorted({key[0] for key in ends})
        count = sum(len(a.moves) + len(a.spends) for a in legs.assets.values())
        told = (len(ends) + len(came) + len(flows), len(rules), count)
        found.append(("figures", HOLDS, "%d traced figures under %d rules, recomputed from %d movements" % told))
    check_result(tree, entries, legs, declared, came, ends, ran[-1]["n"], found)
    return legs


def whose(asset: Asset, address: str, reason: str) -> str:
    """A fee of a coin chain has no address of its own: what a loss paid in fees is one sum."""
    return "" if asset.model == "utxo" and reason in ("fee", "burn") else address


def balance(rule: str, asset: Asset, made: Traced, found: Found) -> None:
    """What began of a loss has ended somewhere, to the unit."""
    if rule == "poison":
        return
    left: dict[str, int] = {}
    for _, event, loss, n in made.flows:
        if event == "start":
            left[loss] = left.get(loss, 0) + n
    for (loss, _, _), n in made.ends.items():
        left[loss] = left.get(loss, 0) - n
    for loss, n in left.items():
        if n:
            found.append(("conservation", FAILS, "%s of %s under %s is out by %d" % (loss, asset.name, rule, n)))


class Toml:
    """`case.toml` as TOML 1.0 has it. What it can also say and this program does not read (texts of several lines,
    numbers with fractions) raises Unread, and what TOML does not allow raises Broken: nothing is passed over."""

    KEY = re.compile(r"""([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'""")
    DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)?)?")
    BLANK = re.compile(r"[ \t]*")
    SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
    REST = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.whole: dict[str, Any] = {}
        self.begun: set[int] = set()
        table = self.whole
        while self._passed(self.SPACE) is not None and self.at < len(text):
            if self._is("[["):
                names = self._names()
                made = self._down(self.whole, names[:-1]).setdefault(names[-1], [])
                if not isinstance(made, list) or id(made) in self.begun:
                    raise self._wrong()
                table = {}
                made.append(table)
                self._want("]]")
            elif self._is("["):
                names = self._names()
                table = self._down(self.whole, names)
                if id(table) in self.begun:
                    raise self._wrong()
                self.begun.add(id(table))
                self._want("]")
            else:
                self._pair(table)
            if self._passed(self.REST) is None:
                raise self._wrong()

    def _wrong(self) -> Broken:
        return Broken("is no TOML at line %d" % (self.text.count("\n", 0, self.at) + 1))

    def _passed(self, what: Any) -> Optional[str]:
        found = what.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return str(found.group())

    def _is(self, mark: str) -> bool:
        here = self.text.startswith(mark, self.at)
        self.at += len(mark) * here
        return here

    def _want(self, mark: str) -> None:
        self._passed(self.BLANK)
        if not self._is(mark):
            raise self._wrong()

    def _names(self) -> list[str]:
        names: list[str] = []
        while not names or self._is("."):
            self._passed(self.BLANK)
            found = self.KEY.match(self.text, self.at)
            if found is None:
                raise self._wrong()
            self.at = found.end()
            names.append(found[1] or found[3] or ("" if found[2] is None else unquoted(found[2])))
            self._passed(self.BLANK)
        return names

    def _down(self, table: dict[str, Any], names: list[str]) -> dict[str, Any]:
        for name in names:
            inside = table.setdefault(name, {})
            inside = inside[-1] if isinstance(inside, list) and inside else inside
            if not isinstance(inside, dict):
                raise self._wrong()
            table = inside
        return table

    def _pair(self, table: dict[str, Any]) -> None:
        names = self._names()
        self._want("=")
        self._passed(self.BLANK)
        table = self._down(table, names[:-1])
        if names[-1] in table:
            raise self._wrong()
        table[names[-1]] = self._value()

    def _value(self) -> Any:
        if self._is('"""') or self._is("'''"):
            raise Unread("has a text of several lines, which this program does not read")
        for word, value in (("true", True), ("false", False)):
            if self._is(word):
                return value
        if self.text[self.at : self.at + 1] in ("'", '"'):
            return self._names_one()
        if self._is("["):
            return self._several("]", lambda made: made.append(self._value()), [])
        if self._is("{"):
            return self._several("}", self._pair, {})
        date = self._passed(self.DATE)
        if date:
            return Moment(date)
        number = self._passed(re.compile(r"[+-]?(?:0|[1-9](?:_?[0-9])*)(?![0-9A-Za-z_.:-])"))
        if number is None:
            raise Unread(
                "has at line %d a value that this program does not read" % (self.text.count("\n", 0, self.at) + 1)
            )
        return int(number)

    def _names_one(self) -> str:
        found = self.KEY.match(self.text, self.at)
        if found is None:
            raise self._wrong()
        self.at = found.end()
        return found[3] if found[3] is not None else unquoted(found[2])

    def _several(self, end: str, one: Callable[[Any], Any], made: Any) -> Any:
        self._passed(self.SPACE)
        while not self._is(end):
            one(made)
            self._passed(self.SPACE)
            if not self._is(","):
                self._want(end)
                break
            self._passed(self.SPACE)
        if isinstance(made, list):
            self.begun.add(id(made))
        return made


class Moment(str):
    """A date of TOML, as it is written."""


def settings(text: str) -> dict[str, Any]:
    """What this program compares of `case.toml`."""
    made = Toml(text).whole
    for key in ("rule", "reference", "agency", "examiner"):
        if not isinstance(made.get(key, ""), str):
            raise Broken("has something else than a text as its %s" % key)
    losses = made.get("loss", [])
    if not isinstance(losses, list) or not all(isinstance(one, dict) for one in losses):
        raise Broken("has losses that are none")
    return made


LOSS = ("id", "chain", "address", "tx", "amount", "output", "since", "until", "memo", "assets")
"""What legs.jsonl and the settings say of a loss; the settings also have its `label`."""


def check_declared(legs: Legs, entries: list[dict[str, Any]], found: Found) -> None:
    """The rule and the losses of legs.jsonl against the settings that were in force when it was made."""
    text = [e["body"]["text"] for e in entries if e["kind"] in ("opened", "settings")][-1]
    try:
        made = settings(text)
    except Unread as error:
        found.append(("declared", UNKNOWN, "the text of the settings %s" % error))
        return
    except Broken as error:
        found.append(("declared", FAILS, "the text of the settings %s" % error))
        return
    if made.get("rule") != legs.head["rule"]:
        found.append(("declared rule", FAILS, "legs.jsonl names %s, and the settings do not" % legs.head["rule"]))
    told = [loss_as_told(loss) for loss in made.get("loss", [])]
    strange = {key for loss in made.get("loss", []) for key in loss} - set(LOSS) - {"label"}
    if told != [loss_as_told(loss) for loss in legs.head["losses"]]:
        found.append(("declared losses", FAILS, "legs.jsonl does not name the losses that the settings declare"))
    elif strange:
        told_ = "the settings say of a loss what this program does not know: %s" % ", ".join(sorted(strange))
        found.append(("declared", UNKNOWN, told_))
    elif made.get("rule") == legs.head["rule"]:
        found.append(
            ("declared", HOLDS, "rule %s and %d losses as in the settings" % (legs.head["rule"], len(told)))
        )


def loss_as_told(loss: dict[str, Any]) -> tuple[Any, ...]:
    """A loss, as it can be compared: what is not said is null, and a moment is one however it is written."""
    row = [loss.get(key) for key in LOSS]
    row[6:8] = [moment(one) if one else None for one in row[6:8]]
    row[4] = None if row[4] is None else str(row[4])
    row[9] = sorted(row[9] or [])
    return tuple(row)


def unquoted(text: str) -> str:
    """What stands between the quotes of a text of TOML; its escapes are those of JSON, but for the long one."""
    long = re.sub(r"\\\\|\\U[0-9A-Fa-f]{8}", lambda m: astral(m.group()), text)
    try:
        return str(json.loads('"%s"' % long.replace("\t", "\\t")))
    except ValueError:
        raise Broken("has a text that is none in TOML") from None


def astral(text: str) -> str:
    """An escape of TOML with eight digits as JSON has it; a backslash that stands for itself stays."""
    if text == "\\\\":
        return text
    try:
        return json.dumps(chr(int(text[2:], 16)))[1:-1]
    except (ValueError, OverflowError):
        raise Broken("has a text that is none in TOML") from None


def moment(text: str) -> datetime:
    got = datetime.fromisoformat(re.sub(r"Z$", "+00:00", text.strip().replace(" ", "T", 1)))
    return got if got.tzinfo else got.replace(tzinfo=timezone.utc)


def check_claims(legs: Legs, found: Found) -> None:
    """A loss by address claims every payment to it in its period, and nothing else; one by transaction its own."""
    for loss in legs.head["losses"]:
        for asset in legs.assets.values():
            asset.last_claimed = {seq: n for one, seq, n in asset.claims if one == loss["id"]}
            if len(asset.last_claimed) != sum(one == loss["id"] for one, _, _ in asset.claims):
                found.append(("claims", FAILS, "%s claims one movement twice" % loss["id"]))
        if not loss["address"]:
            check_named(legs, loss, found)
            continue
        for name, asset in legs.assets.items():
            claimed = asset.last_claimed
            concerned = name.startswith(loss["chain"] + "/") and (not loss["assets"] or name in loss["assets"])
            due, same, like = due_of(asset, loss) if concerned else (set(), set(), set())
            named_ = [seq for seq, n in claimed.items() if n is not None]
            other = [seq for seq in claimed if seq not in due | same | like]
            left = sorted(due - set(claimed))
            if named_:
                told = "%s claims a part of movement %d, and one by address claims whole ones" % (
                    loss["id"],
                    named_[0],
                )
                found.append(("claims", FAILS, told))
            elif other:
                told = "%s claims movement %d, which is none of its own" % (loss["id"], other[0])
                found.append(("claims", FAILS, told))
            elif set(claimed) - due - same:
                told = (
                    "%s claims output %d at another form of address: whether one key opens both was not computed"
                )
                found.append(("claims", UNKNOWN, told % (loss["id"], min(set(claimed) - due - same))))
            if left:
                told = "%s leaves out payment %d to its address" % (loss["id"], left[0])
                found.append(("claims", FAILS, told))


def due_of(asset: Asset, loss: dict[str, Any]) -> tuple[set[int], set[int], set[int]]:
    """The payments to a loss's address in its period; those to another address that the same key opens; and, on
    chains of which this program knows no forms, those to any other."""
    due: set[int] = set()
    same: set[int] = set()
    like: set[int] = set()
    for seq, src, dst, _, _, _, time, memo in asset.moves:
        if src != dst and asset.text(dst) == loss["address"] and within(loss, time, memo):
            due.add(seq)
    for _, _, ins, outs in asset.spends:
        own = {owner for coin, owner, _ in ins if coin is not None}
        for seq, place, _, time, *_ in outs:
            if place in own or place is None or not within(loss, time, None):
                continue
            if asset.text(place) == loss["address"]:
                due.add(seq)
            elif not asset.name.startswith(BITCOIN):
                like.add(seq)
            elif opened(asset.text(place)) & opened(loss["address"]):
                same.add(seq)
    return due, same, like


def opened(address: str) -> set[bytes]:
    """What opens an address of Bitcoin: the digest of a key, or of the script that asks for that key alone."""
    try:
        return opened_by(address)
    except (ValueError, OverflowError):
        return set()


def opened_by(address: str) -> set[bytes]:
    key = b""
    if address.startswith("pk("):
        key = hash160(bytes.fromhex(address[3:-1]))
    elif address[:3].lower() == "bc1":
        found = bech32(address)
        key = found[1] if found and found[0] == 0 and len(found[1]) == 20 else b""
    else:
        number = 0
        for c in address:
            number = number * 58 + ALPHABET.index(c)
        raw = number.to_bytes(25, "big")
        if raw[:1] == b"\x05":
            return {b"script" + raw[1:21]}
        key = raw[1:21]
    return {key, b"script" + hash160(b"\x00\x14" + key)} if key else set()


def hash160(data: bytes) -> bytes:
    return ripemd160(hashlib.sha256(data).digest())


# fmt: off
ORDER = (
    7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8, 3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12,
    1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2, 4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
)
OTHER_ORDER = (
    5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12, 6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
    15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13, 8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
    12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
)
SHIFT = (
    11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8, 7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
    11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5, 11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
    9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
)
OTHER_SHIFT = (
    8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6, 9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
    9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5, 15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
    8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
)
ADDED = (0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
OTHER_ADDED = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0)
# fmt: on


def ripemd160(data: bytes) -> bytes:
    """RIPEMD-160 (Dobbertin, Bosselaers, Preneel, 1996), which not every OpenSSL has any more."""
    order = (*range(16), *ORDER)
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    mixes: tuple[Callable[[int, int, int], int], ...] = (
        lambda x, y, z: x ^ y ^ z,
        lambda x, y, z: (x & y) | (~x & z),
        lambda x, y, z: (x | ~y) ^ z,
        lambda x, y, z: (x & z) | (y & ~z),
        lambda x, y, z: x ^ (y | ~z),
    )
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(padded), 64):
        words = struct.unpack("<16I", padded[at : at + 64])
        lines_ = []
        for rounds, places, turns, added in (
            (mixes, order, SHIFT, ADDED),
            (mixes[::-1], OTHER_ORDER, OTHER_SHIFT, OTHER_ADDED),
        ):
            a, b, c, d, e = state
            for j in range(80):
                t = (a + rounds[j // 16](b, c, d) + words[places[j]] + added[j // 16]) & 0xFFFFFFFF
                t = ((t << turns[j] | t >> (32 - turns[j])) + e) & 0xFFFFFFFF
                a, e, d, c, b = e, d, (c << 10 | c >> 22) & 0xFFFFFFFF, b, t
            lines_.append((a, b, c, d, e))
        one, two = lines_
        state = [(state[(i + 1) % 5] + one[(i + 2) % 5] + two[(i + 3) % 5]) & 0xFFFFFFFF for i in range(5)]
    return struct.pack("<5I", *state)


def bech32(address: str) -> Optional[tuple[int, bytes]]:
    """Version and program of a segwit address (BIP 173 and 350); None where it is none."""
    low = address.lower()
    values = ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".find(c) for c in low[3:]]
    if len(values) < 8 or min(values) < 0 or address not in (low, low.upper()):
        return None
    check_ = 1
    for value in (3, 3, 0, 2, 3, *values):
        top = check_ >> 25
        check_ = (check_ & 0x1FFFFFF) << 5 ^ value
        for i, made in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check_ ^= made if top >> i & 1 else 0
    number = 0
    for value in values[1:-6]:
        number = number << 5 | value
    bits = 5 * (len(values) - 7)
    if check_ != (1 if values[0] == 0 else 0x2BC830A3) or number & ((1 << bits % 8) - 1):
        return None
    return values[0], (number >> bits % 8).to_bytes(bits // 8, "big")


def check_named(legs: Legs, loss: dict[str, Any], found: Found) -> None:
    """A loss by transaction: its claims lie in that transaction, and are together what was declared, or what it
    moved where no amount was."""
    mine, whole_, begun = loss["id"], 0, False
    for name, asset in legs.assets.items():
        claims = asset.last_claimed
        begun = begun or bool(claims)
        moved = {
            seq: n
            for seq, src, dst, n, kind, tx, _, _ in asset.moves
            if tx == loss["tx"] and src != dst and kind != "fee"
        }
        moved.update(
            {
                seq: int(n)
                for tx, _, _, outs in asset.spends
                for seq, _, n, _, leg in outs
                if tx == loss["tx"] and loss["output"] in (None, leg)
            }
        )
        concerned = name.startswith(loss["chain"] + "/") and (not loss["assets"] or name in loss["assets"])
        other = [seq for seq in claims if seq not in moved or not concerned]
        if other:
            found.append(("claims", FAILS, "%s claims movement %d, which is none of its own" % (mine, other[0])))
            continue
        amounts = {seq: moved[seq] if n is None else n for seq, n in claims.items()}
        more = [seq for seq, n in amounts.items() if n > moved[seq]]
        if more:
            found.append(("claims", FAILS, "%s claims more of movement %d than it moved" % (mine, more[0])))
        whole_ += sum(amounts.values())
        if loss["amount"] is not None and claims:
            found.extend(parted_claims(legs, name, loss, amounts))
        if loss["amount"] is None and len(moved) == 1 and amounts != moved:
            found.append(
                ("claims", FAILS, "%s claims a part of movement %d, and all was declared" % (mine, min(moved)))
            )
        elif loss["amount"] is None and claims and amounts != kept(asset, loss["tx"], moved):
            told = "%s claims %d of several movements of its transaction: what is its own was not computed"
            found.append(("claims", UNKNOWN, told % (mine, sum(amounts.values()))))
    if loss["amount"] is not None and begun and whole_ != int(loss["amount"]):
        found.append(("claims", FAILS, "%s claims %d, and %s were declared" % (mine, whole_, loss["amount"])))
    if not begun:
        found.append(("claims", UNKNOWN, "%s begins on no movement of legs.jsonl" % mine))


def parted_claims(
    legs: Legs, name: str, loss: dict[str, Any], claimed: dict[int, int]
) -> Iterator[tuple[str, str, str]]:
    """Whether a loss of a stated amount takes the first part of its transaction that none before it takes."""
    due, sure = parts_due(legs, name, loss)
    if due == claimed:
        return
    seq = min(seq for seq in set(due) | set(claimed) if due.get(seq) != claimed.get(seq))
    if sure:
        told = "%s claims %d of movement %d, and takes %d of it, as the first part that is left for it"
        yield "claims", FAILS, told % (loss["id"], claimed.get(seq, 0), seq, due.get(seq, 0))
    else:
        told = "%s claims %d of movement %d: which part of its transaction is its own was not computed"
        yield "claims", UNKNOWN, told % (loss["id"], claimed.get(seq, 0), seq)


def parts_due(legs: Legs, name: str, loss: dict[str, Any]) -> tuple[dict[int, int], bool]:
    """What a loss of a stated amount takes of each movement of its transaction; and whether that is sure: where
    value goes on through an exchange or a bridge, or to an address that is not followed, and where a loss declared
    before has a part of it, it is not."""
    asset, losses = legs.assets[name], legs.head["losses"]
    before: dict[int, int] = {}
    for number, one in enumerate(losses):
        for mine, seq, _ in asset.claims if one["address"] else ():
            if mine == one["id"]:
                before.setdefault(seq, number)
    gone: dict[int, int] = {}
    for number, one in enumerate(losses):
        concerned = name.startswith(one["chain"] + "/") and (not one["assets"] or name in one["assets"])
        if one["address"] or one["tx"] != loss["tx"] or not concerned:
            continue
        whole_, sure = takeable(asset, one)
        left = {
            seq: 0 if before.get(seq, number) < number else max(0, n - gone.get(seq, 0))
            for seq, n in whole_.items()
        }
        first = laid(left, sum(left.values()) if one["amount"] is None else int(one["amount"]))
        more = sum(whole_.values()) if one["amount"] is None else int(one["amount"])
        rest = {seq: n - first.get(seq, 0) for seq, n in whole_.items()}
        beyond_ = laid(rest, more - sum(first.values()))
        mine_ = {seq: first.get(seq, 0) + beyond_.get(seq, 0) for seq in whole_}
        mine_ = {seq: n for seq, n in mine_.items() if n}
        if one["id"] == loss["id"]:
            # What an earlier loss took is checked as that loss's own, and none is called false for another.
            return mine_, sure and not gone and not any(before.get(seq, number) < number for seq in whole_)
        for seq, n in mine_.items():
            gone[seq] = gone.get(seq, 0) + n
    return {}, False


def laid(left: dict[int, int], amount: int) -> dict[int, int]:
    """The first part of these movements, up to an amount."""
    made: dict[int, int] = {}
    for seq, n in left.items():
        if min(n, amount):
            made[seq] = min(n, amount)
            amount -= made[seq]
    return made


def takeable(asset: Asset, loss: dict[str, Any]) -> tuple[dict[int, int], bool]:
    """What of each movement of its transaction a loss can take, in their order; and whether that is sure."""
    if asset.model == "account":
        mine = [m for m in asset.moves if m[5] == loss["tx"] and m[1] != m[2] and m[4] != "fee"]
        places = [asset.where[m[2]] for m in mine if m[2] is not None]
        plain_ = all(m[4] not in ("swap", "crossed") for m in mine)
        sure = plain_ and (all(at[2] and not at[1] for at in places) or len(mine) == 1)
        return kept(asset, loss["tx"], {m[0]: m[3] for m in mine}), sure
    for tx, _, ins, outs in asset.spends:
        if tx != loss["tx"]:
            continue
        if loss["output"] is not None:
            return {seq: int(n) for seq, _, n, _, leg in outs if leg == loss["output"]}, True
        owners = {owner for _, owner, _ in ins}
        paid = {seq: int(n) for seq, place, n, *_ in outs if place is not None and place not in owners}
        alike_ = {seq: n for seq, n in paid.items() if str(n) == str(loss["amount"])}
        # One output is the loss: that of exactly its amount, or the only one that does not go back to who paid.
        return (alike_ if len(alike_) == 1 else paid), None not in owners and 1 in (len(alike_), len(paid))
    return {}, False


def kept(asset: Asset, tx: str, moved: dict[int, int]) -> dict[int, int]:
    """How much of each movement of one transaction is claimed, so that nothing is counted twice: at an address
    that is not followed what stays there, and what it paid on where that came."""
    if asset.model != "account":
        return moved
    rows = [(seq, src, dst, n) for seq, src, dst, n, *_ in asset.moves if seq in moved]
    left: dict[Optional[int], int] = {}
    for _, src, dst, n in rows:
        left[dst] = left.get(dst, 0) + n
        left[src] = left.get(src, 0) - n
    carried: dict[Optional[int], int] = {}
    made: dict[int, int] = {}
    for seq, src, dst, n in rows:
        used = min(n, carried.get(src, 0))
        claimed = n - used
        carried[src] = carried.get(src, 0) - used
        follows = dst is not None and asset.where[dst][2] and not asset.where[dst][1]
        if dst is not None and not follows:
            claimed = max(0, min(claimed, left[dst]))
            left[dst] -= claimed
        if dst is not None:
            carried[dst] = carried.get(dst, 0) + (n if follows else used)
        if claimed:
            made[seq] = claimed
    return made


def within(loss: dict[str, Any], time: Optional[str], memo: Optional[str]) -> bool:
    if loss["memo"] is not None and memo != loss["memo"]:
        return False
    if not loss["since"] and not loss["until"]:
        return True
    if time is None:
        return False
    here = moment(time)
    return not (loss["since"] and here < moment(loss["since"])) and not (
        loss["until"] and here > moment(loss["until"])
    )


Sums = dict[tuple[Any, ...], int]


LEFT = re.compile(r"\[left out of this edition\]|\[name left out\]|\bexhibit-[0-9]+\b")
"""What stands in papers where their edition leaves something out."""


class Papers:
    """Figures of out/result.json beside those that the movements give, by what each is of."""

    def __init__(self, result: Any, legs: Legs, declared: dict[str, Traced], came: Sums, ends: Sums) -> None:
        self.result, self.legs, self.declared, self.came, self.ends = result, legs, declared, came, ends
        self.rule = result["case"]["rule"]
        self.stated: Sums = {}
        self.computed: Sums = {}
        self.words: list[tuple[str, str, str]] = []
        self.unknown: list[str] = []
        self.reported = 0
        self.gaps = 0
        self.left = 0
        self.narrow, self.language = False, ""
        self.cut = ""
        self.places: dict[tuple[str, str, str], int] = {}
        for (ruled, _, name, at, why), n in ends.items():
            if ruled == self.rule:
                self.places[name, at, why] = self.places.get((name, at, why), 0) + n
        self.arrived: dict[tuple[str, str], list[tuple[tuple[Any, ...], int]]] = {}
        for key, n in came.items():
            self.arrived.setdefault((key[2], key[3]), []).append((key, n))
        self.reviewed = False
        self.apart: set[str] = set()
        self.coined: dict[str, Shared] = {}

    def hold(self, key: tuple[Any, ...], stated: Any, computed: int) -> None:
        """One figure: what the papers state of it, and what follows; several under one key are added."""
        self.put(key, digits(stated), computed)

    def put(self, key: tuple[Any, ...], stated: int, computed: int) -> None:
        self.stated[key] = self.stated.get(key, 0) + stated
        self.computed[key] = self.computed.get(key, 0) + computed

    def strange(self, what: str) -> None:
        """A row or a field that nothing here computes: it is named, and never passed over."""
        if what not in self.unknown:
            self.unknown.append(what)

    def text(self, key: tuple[Any, ...], stated: Any, due: Any) -> None:
        """A text that a person wrote: an edition may leave it out, or a name in it, and marks where."""
        parts = LEFT.split(stated) if isinstance(stated, str) else []
        marked = len(parts) > 1 and re.fullmatch(".*".join(map(re.escape, parts)), str(due), re.DOTALL)
        if stated != due and (marked or (stated == "" and self.narrow)):
            self.left += 1
        else:
            self.same(key, stated, due)

    def same(self, key: tuple[Any, ...], stated: Any, computed: Any) -> None:
        if stated != computed:
            self.words.append((named(key), str(stated)[:80], str(computed)[:80]))

    def ended(self, asset: str, at: str, *reasons: str) -> int:
        """What ended of an asset at a place under the declared rule, for any of these reasons."""
        return sum(self.places.get((asset, at, why), 0) for why in reasons)

    def ramps(self) -> None:
        """What of each off-ramp went on to a service, by rule and loss, and under the declared rule in all."""
        seen: set[tuple[Any, ...]] = set()
        for row in self.result["offramps"]:
            stops, through = set(row["hot_wallets"]), row["through"]
            place = (through, row["service"] or "", row["asset"], row["memo"] or "")
            for name in sorted(set(row) - HELD - set(TAKEN)):
                self.strange("the field %r of an off-ramp" % name)
            self.ramp(row, place)
            if place in seen:
                raise Broken("the off-ramp %s stands twice" % named(place))
            seen.add(place)
            for name in ("whole_in", "passed_on", "at_rest", "reversed_ties"):
                if row.get(name) is not None:
                    digits(row[name])
            by_rule: dict[str, int] = {}
            by_loss: dict[tuple[str, str], int] = {}
            for (ruled, loss, _, _, address, _, memo), n in self.arrived.get((row["asset"], through), ()):
                if address in stops and (not row["by_memo"] or (memo or "") == (row["memo"] or "")):
                    by_rule[ruled] = by_rule.get(ruled, 0) + n
                    by_loss[ruled, loss] = by_loss.get((ruled, loss), 0) + n
            self.hold(("declared", self.rule, *place), row["amount"], by_rule.get(self.rule, 0))
            for ruled in set(row["by_rule"]) | set(by_rule):
                self.hold(("by rule", ruled, *place), row["by_rule"].get(ruled, "0"), by_rule.get(ruled, 0))
            told = {(r, loss): n for r, losses in row["by_rule_and_loss"].items() for loss, n in losses.items()}
            for key in set(told) | set(by_loss):
                self.hold(("by loss", *key, *place), told.get(key, "0"), by_loss.get(key, 0))
            mine = {loss: n for (ruled, loss), n in by_loss.items() if ruled == self.rule}
            for loss in set(row["by_loss"]) | set(mine):
                self.hold(("by loss", loss, *place), row["by_loss"].get(loss, "0"), mine.get(loss, 0))
            if row["asset"] in self.legs.assets:
                self.credit(row, place, by_rule.get(self.rule, 0))

    def ramp(self, row: Any, place: tuple[Any, ...]) -> None:
        """What one off-ramp says that stands elsewhere in the same papers, or in legs.jsonl."""
        asset = self.legs.assets.get(row["asset"])
        if asset is None:
            self.same((*place, "asset"), row["asset"], "none of legs.jsonl")
        about = [one for one in self.result["assets"] if one["id"] == row["asset"]]
        due = {
            "chain": row["asset"].split("/")[0],
            "address": row["through"],
            "service_name": row["service"] or "",
            "arrived": row["credited"],
            "reversed_ties": row["by_order"].get("amount", {}).get("reversed"),
        }
        if about:
            due["decimals"] = about[-1]["decimals"]
        for one in about:
            due["decimals"] = one["decimals"]
            if not bears(one["symbol"], row["symbol"], row["asset"], self.result["assets"]):
                due["symbol"] = one["symbol"]
        if len(about) != 1:
            self.same((*place, "asset"), "one asset", "%d in the list of assets" % len(about))
        accounts = [f["slots"] for f in self.result["findings"] if f["kind"] == "account"]
        mine = [
            f
            for f, s in zip((f for f in self.result["findings"] if f["kind"] == "account"), accounts)
            if (f["subject"], s["asset"]) == (row["through"], row["asset"])
        ]
        slots = mine[0]["slots"] if mine else {}
        if row["whole_in"] is not None and not mine:
            self.same((*place, "whole_in"), row["whole_in"], "no finding")
        elif row["whole_in"] is not None:
            due.update(whole_in=slots["arrived"], passed_on=slots["passed_on"])
            due["at_rest"] = slots.get("at_rest", slots.get("not_seen_leaving"))
        told = [f for f in self.result["findings"] if f["kind"] == "off-ramp"]
        told = [
            f
            for f in told
            if (f["subject"], f["slots"].get("asset"), f["slots"].get("service") or "")
            == (row["through"], row["asset"], row["service"] or "")
        ]
        for f in told if len(told) == 1 and not row["by_memo"] else ():
            self.same((*place, "grade"), row["grade"], f["grade"])
            due.update({key: value for key, value in f["slots"].items() if key in row and key != "service"})
        for key, value in due.items():
            self.same((*place, key), row[key], value)
        each_once(row["hot_wallets"], "a hot wallet stands")
        places = list(asset.where.values()) if asset and asset.model == "account" else []
        followed = any(one[0] == row["through"] and one[2] and not one[1] for one in places)
        for at in row["hot_wallets"] if places else ():
            known = [one for one in places if one[0] == at]
            if (followed or at == row["through"]) and not (known and known[0][1] in ("service", "hub")):
                self.same((*place, "hot_wallets"), at, "no wallet of a service or hub")

    def credit(self, row: Any, place: tuple[Any, ...], amount: int) -> None:
        """What was credited at one off-ramp, and what of it is still there, is not followed, or went elsewhere."""
        asset, through = self.legs.assets[row["asset"]], row["through"]
        made = self.declared.get(row["asset"]) or Traced()
        known = next(
            (one for one in asset.where.values() if one[0] == through), (through, "", False, False, False)
        )
        here = known[1] in ("service", "hub")
        moves = asset.movements()
        came: dict[int, int] = {}
        paid: dict[str, int] = {}
        shared = self.shared(asset, made) if asset.model != "account" else None
        for seq, event, loss, n in sorted(made.flows, key=lambda flow: moves[flow[0]][0]):
            _, src, dst, memo, _ = moves[seq]
            if event == "move" and shared:
                n -= shared.change.get((seq, loss), 0)
            if not n:
                continue
            counted = event == "start" or (event == "move" and (row["by_memo"] or not here or known[3]))
            if counted and dst == through and (not row["by_memo"] or (memo or "") == (row["memo"] or "")):
                came[seq] = came.get(seq, 0) + n
            if event == "move" and src == through and not row["by_memo"] and dst:
                paid[dst] = paid.get(dst, 0) + n
        fees = 0 if here else self.ended(asset.name, through, "fee")
        if shared and not here:
            paid, fees = shared.paid.get(through, {}), shared.fees.get(through, 0)
        self.hold(("fees", *place), row["fees"], fees)
        credited = sum(came.values())
        for name in ("credited", "arrived"):
            self.hold((name, *place), row[name], credited)
        self.hold(("credits", *place), row["transfers"], len(came))
        self.same(("credited by", *place), row["transactions"], list(dict.fromkeys(moves[seq][4] for seq in came)))
        times = asset.times()
        at_ = sorted(instant(times[seq]) for seq in came if times[seq] is not None)  # type: ignore[type-var]
        for name, moment_ in (("first", at_[:1]), ("last", at_[-1:])):
            due = moment_[0].strftime("%Y-%m-%dT%H:%M:%SZ") if moment_ and moment_[0] else None
            self.same((name, *place), row[name], due)
        rest = self.ended(asset.name, through, "rest")
        lost = self.ended(asset.name, through, "uncollected", "open")
        if (through, asset.name) in self.disputed():
            rest, lost = 0, rest + lost
        rest, lost = (0, 0) if here else (rest, lost)
        if here:
            self.retained(row, place)
        else:
            self.hold(("unswept", *place), row["unswept"], rest)
        self.hold(("not followed", *place), row["unfollowed"], lost)
        self.hold(("elsewhere", *place), row["elsewhere"], 0 if here else credited - amount - rest - lost - fees)
        hot = set(row["hot_wallets"])
        others = {} if here else {at: n for at, n in paid.items() if at not in hot}
        ordered = sorted(others, key=lambda at: (-others[at], at))
        mine = [r for r in self.result["offramps"] if (r["service"], r["asset"]) == (row["service"], row["asset"])]
        own = {r["address"] for r in mine if row["service"] and r["through"] in r["hot_wallets"]}
        # All that are the service's own are named, however many.
        first = ordered[:10] + [at for at in ordered[10:] if at in own]
        for at in set(first) | set(row["elsewhere_at"]):
            self.hold(
                ("elsewhere to", at, *place), row["elsewhere_at"].get(at, "0"), others[at] if at in first else 0
            )
        if asset.model == "account" and (here or (known[2] and not known[1])):
            # All that it ever paid to these wallets, traced or not: every movement of it is here.
            if here and known[3]:
                self.deposit(row, place)
                return
            swept = [] if here else [one for one in asset.moves if asset.text(one[1]) == through]
            swept = [one for one in swept if one[2] != one[1] and asset.text(one[2]) in hot]
            self.hold(("paid in all", *place), row["swept"], sum(one[3] for one in swept))
            self.hold(("payments", *place), row["sweeps"], len(swept))
            self.same(("paid by", *place), row["sweep_transactions"], list(dict.fromkeys(one[5] for one in swept)))
        elif asset.model != "account" and not here:
            self.gathered(asset, row, place)
        if not here:
            most = max([0, *(sum(map(digits, losses.values())) for losses in row["by_rule_and_loss"].values())])
            if digits(row["swept"]) < most:
                self.same(("paid in all", *place), row["swept"], "at least %d, which a rule traces" % most)

    def retained(self, row: Any, place: tuple[Any, ...]) -> None:
        """What is still where a trace stops: no more than came, or than the account of the address has left."""
        bounds = {name: (digits(one["least"]), digits(one["most"])) for name, one in row["unswept_bounds"].items()}
        if bounds:
            self.apart.add("what is still at deposit addresses at which a trace stops, but that it fits the rest")
        most = {**row["by_loss"], "": min(row["amount"], row["at_rest"] or "0", key=digits)}
        for name, (low, high) in bounds.items():
            if not low <= high <= digits(most.get(name, "0")):
                self.same((*place, "unswept_bounds", name), "%d to %d" % (low, high), most.get(name, "0"))
        low, high = bounds.get("", (0, 1))
        self.same((*place, "unswept"), row["unswept"], str(low) if low == high else None)

    def gathered(self, asset: Asset, row: Any, place: tuple[Any, ...]) -> None:
        """What the coins of an address can have paid to these wallets at most, transaction by transaction."""
        made = {tx: (ins, outs) for tx, _, ins, outs in asset.spends}
        listed, hot, through = row["sweep_transactions"], set(row["hot_wallets"]), row["through"]
        most, count = 0, 0
        for tx, (ins, outs) in made.items():
            brought = sum(digits(n) for _, at, n in ins if at is not None and asset.text(at) == through)
            paid = [digits(n) for _, at, n, *_ in outs if at is not None and asset.text(at) in hot]
            if brought and paid:
                most, count = most + min(brought, sum(paid)), count + len(paid)
                if tx not in listed:
                    self.same(("paid by", *place), listed, "with %s" % tx)
        if set(listed) <= set(made):
            self.hold(("paid in all", *place), row["swept"], most)
            self.hold(("payments", *place), row["sweeps"], count)
            return
        self.apart.add(COINS_PAID)
        if digits(row["swept"]) < most or digits(row["sweeps"]) < count:
            self.same(("paid in all", *place), row["swept"], "at least %d" % most)

    def shared(self, asset: Asset, made: Traced) -> Shared:
        """What coins of each address paid of an asset, worked out once."""
        if asset.name not in self.coined:
            self.coined[asset.name] = Shared(asset, made, self.rule, list(self.legs.losses))
        return self.coined[asset.name]

    def deposit(self, row: Any, place: tuple[Any, ...]) -> None:
        """What a deposit address paid on to its service: a trace stops there, and other findings say it too."""
        self.apart.add("what deposit addresses paid on, at which a trace stops")
        self.same((*place, "payments"), int(row["sweeps"]) > 0, digits(row["swept"]) > 0)
        for f in self.result["findings"]:
            if (f["subject"], f["slots"].get("asset")) != (row["through"], row["asset"]):
                continue
            if f["kind"] == "label-against":
                self.hold(("paid in all", *place), row["swept"], digits(f["slots"]["to_own"]))
            if f["kind"] == "account" and digits(row["swept"]) > digits(f["slots"]["swept"]):
                self.same(("paid in all", *place), row["swept"], "at most %s" % f["slots"]["swept"])

    def disputed(self) -> set[tuple[str, str]]:
        """Places of which exhibits show value leaving, and disagree: nothing that rests there is called so."""
        found = (f for f in self.result["findings"] if f["kind"] == "contradicted")
        return {(f["subject"], f["slots"]["asset"]) for f in found}

    def totals(self) -> None:
        """The table of totals: of each off-ramp, of each service, and by how value ended."""
        ramps = self.result["offramps"]
        due: dict[tuple[Any, ...], list[int]] = {}

        def add(figure: str, subject: str, service: str, asset: str, rule: str, loss: str, n: int) -> None:
            rows = due.setdefault(("total", figure, subject, service, asset, rule, loss), [])
            of_one = subject and not figure.startswith("endpoint ")
            if of_one or figure.startswith("came from ") or not rows:
                rows.append(n)  # one row for each row that it is of; else one for the sum
            else:
                rows[0] += n

        groups: dict[tuple[str, str], list[Any]] = {}
        for row in ramps:
            service, asset = row["service"] or "unlabelled hubs", row["asset"]
            groups.setdefault((service, asset), []).append(row)
            for rule, losses in row["by_rule_and_loss"].items():
                add("traced", row["through"], service, asset, rule, "", sum(map(digits, losses.values())))
                add("service traced", "", service, asset, rule, "", digits(row["by_rule"][rule]))
                for loss, n in losses.items():
                    add("traced of loss", row["through"], service, asset, rule, loss, digits(n))
                    if rule == self.rule:
                        add("service traced of loss", "", service, asset, rule, loss, digits(n))
            for name in ("credited", "unswept", "elsewhere", "fees", "unfollowed"):
                if row[name] is not None:
                    add(name, row["through"], service, asset, self.rule, "", digits(row[name]))
            bounds = row["unswept_bounds"].get("", {}) if row["unswept"] is None else {}
            for name, n in bounds.items():
                add("unswept at " + name, row["through"], service, asset, self.rule, "", digits(n))
            add("credits", row["through"], service, asset, self.rule, "", digits(row["transfers"]))
            for name, figure in (("swept", "paid in all"), ("sweeps", "payments")):
                add(figure, row["through"], service, asset, "", "", digits(row[name]))
        for (service, asset), rows in groups.items():
            for figure, (least, most) in zip(("paid in all", "payments"), self.paid(asset, rows)):
                figure = "service " + figure
                said = (
                    r
                    for r in self.result["totals"]
                    if (r["figure"], r["service"], r["asset"]) == (figure, service, asset)
                )
                told = digits(next((r["amount"] for r in said), "0"))
                add(figure, "", service, asset, "", "", max(least, min(told, most)))
            once = {where(row): row for row in rows}
            sums = {
                n: sum(digits(r[n] or "0") for r in once.values()) for n in ("credited", "unswept", "unfollowed")
            }
            add("service unfollowed", "", service, asset, self.rule, "", sums["unfollowed"])
            fees = sum(digits(r["fees"]) for r in once.values())
            add("service fees", "", service, asset, self.rule, "", fees)
            others = {where(row) for key, more in groups.items() if key != (service, asset) for row in more}
            shared = ", also counted at others" if others & set(once) else ""
            shared += "" if all(r["unswept"] is not None for r in once.values()) else ", where one figure is told"
            add("service unswept" + shared, "", service, asset, self.rule, "", sums["unswept"])
            add("service addresses", "", service, asset, "", "", len(once))
            if len(once) == 1:
                credited = sums["credited"] - within_themselves(rows)
                gone = sum(digits(r["amount"]) for r in rows) + sum(map(resting, once.values()))
                gone += sums["unfollowed"] + fees
                add("service credited", "", service, asset, self.rule, "", credited)
                add("service elsewhere", "", service, asset, self.rule, "", credited - gone)
        for (ruled, loss, asset, at, reason), n in self.ends.items():
            for one in ("", loss) if ruled == self.rule else ():
                add("ended " + reason, "", "", asset, ruled, one, n)
            if ruled not in NO_CLAIM:
                add("began in all", "", "", asset, ruled, "", n)
            if reason not in ("service", "hub") and ruled not in NO_CLAIM:
                add("endpoint " + reason, at or "", "", asset, ruled, "", n)
        begun: dict[tuple[str, str], dict[str, int]] = {}
        ran = {key[0] for key in self.ends} - set(NO_CLAIM)
        for (ruled, loss, asset, _, _), n in self.ends.items():
            if ruled in ran:
                held = begun.setdefault((asset, loss), dict.fromkeys(ran, 0))
                held[ruled] += n
        for (asset, loss), held in begun.items():
            for ruled, n in held.items() if len(set(held.values())) > 1 else ():
                add("began of loss", "", "", asset, ruled, loss, n)
        for row in ramps:
            place = (row["through"], row["service"] or "unlabelled hubs", row["asset"])
            for at, n in row["elsewhere_at"].items():
                add("elsewhere to " + at, *place, self.rule, "", digits(n))
            for figure, orders in row["by_order"].items():
                for order, n in orders.items():
                    name = "traced" if figure == "amount" else figure
                    add("%s, order %s" % (name, order), *place, self.rule, "", digits(n))
            for order, losses in row["by_order_and_loss"].items():
                for loss, n in losses.items():
                    add("traced of loss, order " + order, *place, self.rule, loss, digits(n))
            for name, losses in row["by_rule_and_order"].items():
                ruled, _, order = name.partition(" ")
                for loss, n in losses.items():
                    add("traced of loss, order " + order, *place, ruled, loss, digits(n))
        for (service, asset), rows in groups.items():
            for order in {order for row in rows for order in row["by_order_and_loss"]}:
                for row in rows:
                    for loss, n in row["by_order_and_loss"].get(order, row["by_loss"]).items():
                        add(
                            "service traced of loss, order " + order,
                            "",
                            service,
                            asset,
                            self.rule,
                            loss,
                            digits(n),
                        )
        for (service, asset), rows in groups.items():
            for name in {name for row in rows for name in row["by_rule_and_order"]}:
                ruled, _, order = name.partition(" ")
                for row in rows:
                    sums = row["by_rule_and_order"].get(name)
                    n = digits(row["by_rule"].get(ruled, "0")) if sums is None else sum(map(digits, sums.values()))
                    add("service traced, order " + order, "", service, asset, ruled, "", n)
        for (service, asset), rows in groups.items():
            for order in {order for row in rows for order in row["by_order"].get("amount", {})}:
                n = sum(digits(row["by_order"].get("amount", {}).get(order, row["amount"])) for row in rows)
                add("service traced, order " + order, "", service, asset, self.rule, "", n)
        self.others(add)
        self.table(due)

    def paid(self, asset: str, rows: list[Any]) -> tuple[tuple[int, int], tuple[int, int]]:
        """The least and the most that places can have paid to wallets of their rows, and in how many payments: an
        output counts once, if the coins of several paid it. Of a transaction that no lot can come to the movements
        here show nothing."""
        whole, count = sum(digits(row["swept"]) for row in rows), sum(digits(row["sweeps"]) for row in rows)
        ids = {tx for row in rows for tx in row["sweep_transactions"]}
        known = self.legs.assets.get(asset)
        once = len(ids) == sum(len(row["sweep_transactions"]) for row in rows)
        if once or known is None or known.model == "account":
            return (whole, whole), (count, count)
        by = [tx for row in rows for tx in row["sweep_transactions"]]
        shared = {tx for tx in ids if by.count(tx) > 1}
        anew = [row for row in rows if shared & set(row["sweep_transactions"])]
        every, ids = ids, {tx for row in anew for tx in row["sweep_transactions"]}
        least = most = whole - sum(digits(row["swept"]) for row in anew)
        fewest = paid = count - sum(digits(row["sweeps"]) for row in anew)
        for tx, _, ins, outs in known.spends:
            mine = [row for row in anew if tx in row["sweep_transactions"]]
            payers = {row["through"] for row in mine}
            hot = {at for row in mine for at in row["hot_wallets"]} - payers
            here = any(row["through"] in row["hot_wallets"] for row in mine)
            wanted = (known.text(at) not in payers if here else known.text(at) in hot for _, at, *_ in outs)
            to = [digits(out[2]) for out, of_it in zip(outs, wanted) if mine and of_it]
            brought = sum(digits(n) for _, at, n in ins if at is not None and known.text(at) in payers)
            low = high = min(brought, sum(to))
            few = many = len(to)
            if here and to:
                # Which are the service's its row does not say: one at least, and no more than it has room for.
                room = min(digits(row["sweeps"]) - len(row["sweep_transactions"]) + 1 for row in mine)
                low, high = min(brought, min(to)), min(brought, sum(sorted(to)[-max(1, room) :]))
                few, many = 1, min(len(to), max(1, room))
            least, most, fewest, paid = least + low, most + high, fewest + few, paid + many
        # What several rows share is one payment at least, whatever it is.
        count -= len(by) - len(every)
        if ids - {tx for tx, *_ in known.spends}:
            self.apart.add(COINS_PAID)
            return (min(whole, least), whole), (min(count, fewest), count)
        return (min(whole, least), min(whole, most)), (min(count, fewest), min(count, paid))

    def others(self, add: Callable[..., None]) -> None:
        """Of the table of totals what is a sum over other rows of result.json, which the movements do not give."""
        for row in self.result["origins"]:
            amount, kind, asset = digits(row["amount"]), row["kind"], row["asset"]
            twice = digits(row["twice"])
            add("inflow that keeps another loss", "", "", asset, "", "", amount if kind == "loss" else 0)
            add("inflow that begins losses", "", "", asset, "", "", 0 if kind == "loss" else amount)
            add("inflow from services and hubs", "", "", asset, "", "", amount * (kind in ("service", "hub")))
            add("inflow from other addresses", "", "", asset, "", "", amount if kind == "other" else 0)
            after = digits(row["after"])
            reached = 0 if kind == "loss" else after
            add("inflow after traced value had reached its place", "", "", asset, "", "", reached)
            add("inflow that may be counted twice", "", "", asset, "", "", twice)
            add("inflow that names no payer", "", "", asset, "", "", digits(row["payerless"]))
            net = -twice if kind == "loss" else amount - twice
            add("inflow net of what may be counted twice", "", "", asset, "", "", net)
            for more, n in (
                ("", amount),
                (" after it was reached", after),
                (" and may be counted twice", twice),
            ):
                add("came from %s%s" % (kind, more), row["name"], "", asset, "", row["loss"], n)
        for f in self.result["findings"]:
            if f["kind"] == "account":
                for name, slot in (("payments", "own"), ("paid", "own_amount")):
                    if f["slots"].get(slot):
                        asset = f["slots"]["asset"]
                        add(name + " to themselves", "", "", asset, "", "", digits(f["slots"][slot]))
        for gap in self.result["gaps"]:
            add("gaps " + gap["code"], "", "", "", "", "", digits(gap["count"]))

    def table(self, due: dict[tuple[Any, ...], list[int]]) -> None:
        """Each row of the table of totals against these sums; against a finding or a gap where it is of one."""
        slots: dict[tuple[str, str, str], list[str]] = {}
        for f in self.result["findings"]:
            asset = f["slots"].get("asset")
            for name, value in f["slots"].items():
                key = ("%s %s" % (f["kind"], name), f["subject"], asset if isinstance(asset, str) else "")
                slots.setdefault(key, []).append(value)
        ways = ("passed", "hangs")  # at a place, or on what a person can settle: a code has rows of one of them
        passed = {
            "gap %s: %s at most" % (g["code"], way): dict(g["affects"])
            for g in self.result["gaps"]
            for way in ways
        }
        most: dict[tuple[str, str], int] = {}
        met: set[tuple[Any, ...]] = set()
        own = {key[1] for key in due}
        told: dict[tuple[Any, ...], list[int]] = {}
        for row in self.result["totals"]:
            if set(row) != {"figure", "subject", "service", "asset", "rule", "loss", "amount"}:
                self.strange("the fields %s of a row of totals" % ", ".join(sorted(row)))
                continue
            figure = row["figure"]
            place = (figure, row["subject"], row["asset"])
            if figure in own or figure in FIGURES or figure.startswith(("ended ", "came from ")):
                key_ = ("total", figure, row["subject"], row["service"], row["asset"], row["rule"], row["loss"])
                told.setdefault(key_, []).append(digits(row["amount"]))
            elif place in slots:
                self.reported += 1
                digits(row["amount"])
                if row["amount"] in slots[place]:
                    slots[place].remove(row["amount"])
                else:
                    self.same(("total", *place), row["amount"], ", ".join(map(str, slots[place])) or "nothing")
                if row["rule"] != self.rule or row["service"] or row["loss"]:
                    self.strange("the row %s of totals" % named(("total", *row.values())))
            elif figure in passed:
                self.gaps += 1
                of = (figure, row["asset"])
                most[of] = max(most.get(of, 0), natural(row["amount"]))
                if (*place, row["rule"]) in met:
                    raise Broken("the row %s of totals stands twice" % named(place))
                met.add((*place, row["rule"]))
            else:
                self.strange("the figure %r of totals" % row["figure"])
        for gap in self.result["gaps"]:
            names = ["gap %s: %s at most" % (gap["code"], way) for way in ways]
            figure = next((name for name in names if any(one == name for one, _ in most)), names[0])
            affects = passed[figure]
            for asset in set(affects) | {name for one, name in most if one in names}:
                self.hold((figure, asset), str(most.get((figure, asset), 0)), natural(affects.get(asset, "0")))
        for key in set(told) | set(due):
            here, there = told.get(key, []), due.get(key, [])
            self.put(key, sum(here), sum(there))
            if len(here) > max(len(there), 1) or sorted(n for n in here if n) != sorted(n for n in there if n):
                self.same((*key, "rows"), sorted(here), sorted(there))

    def standing(self) -> dict[tuple[str, str], str]:
        """By place, the word for value that no exhibit shows leaving it; `seen` where there is none."""
        found = (f for f in self.result["findings"] if f["kind"] in ("at-rest", "not-seen-leaving"))
        words = {(f["subject"], f["slots"].get("asset")): str(f["slots"].get("standing") or "seen") for f in found}
        home = (f for f in self.result["findings"] if f["kind"] == "returned" and f["slots"].get("all") == "yes")
        words.update({(f["subject"], f["slots"].get("asset")): "home" for f in home})
        unswept = (row for row in self.result["offramps"] if resting(row))
        return {**words, **{(row["through"], row["asset"]): "unswept" for row in unswept}}

    def answer(self) -> None:
        """The table of page 1: every row of it under every rule, its share, and that it adds up to what began."""
        words, ramps = self.standing(), self.result["offramps"]
        pools = {
            (f["subject"], f["slots"].get("asset")) for f in self.result["findings"] if f["kind"] == "swap-stopped"
        }

        spent = {
            (f["subject"], f["slots"].get("asset")) for f in self.result["findings"] if f["kind"] == "spent-open"
        }

        def word(asset: str, at: str, why: str) -> str:
            if why == "swap" and (at, asset) in pools:
                return "swap-stopped"
            if why == "uncollected" and (at, asset) in spent:
                return "spent"
            return words.get((at, asset), "seen") if why == "rest" else why

        due: dict[tuple[str, str], dict[str, int]] = {}
        whole: dict[str, int] = {}
        reached: dict[str, int] = {}
        spots: dict[tuple[str, str], set[str]] = {}
        for (ruled, _, asset, at, why), n in self.ends.items():
            if ruled == self.rule:
                whole[asset] = whole.get(asset, 0) + n
            if why == "rest" and ruled == self.rule:
                spots.setdefault((asset, word(asset, at, why)), set()).add(at)
            elif why not in ("service", "hub", "rest"):
                sums_ = due.setdefault((asset, word(asset, at, why)), {})
                sums_[ruled] = sums_.get(ruled, 0) + n
            elif ruled == self.rule:
                reached[asset] = reached.get(asset, 0) + n
        # Of value at rest the places of the declared rule are counted, under each of the others too; those that
        # others alone reach have a row of their own.
        for (ruled, _, asset, at, why), n in self.ends.items():
            if why == "rest":
                mine = at in spots.get((asset, word(asset, at, why)), ())
                sums_ = due.setdefault((asset, word(asset, at, why) if mine else "besides"), {})
                sums_[ruled] = sums_.get(ruled, 0) + n
        groups: dict[tuple[str, str], list[Any]] = {}
        for row in ramps:
            groups.setdefault((row["asset"], row["service"] or "unlabelled hubs"), []).append(row)
            reached[row["asset"]] = reached.get(row["asset"], 0) - digits(row["amount"])
            sums_ = due.setdefault((row["asset"], row["service"] or "unlabelled hubs"), {})
            for ruled, n in row["by_rule"].items():
                sums_[ruled] = sums_.get(ruled, 0) + digits(n)
        due.update({(asset, "unplaced"): {self.rule: n} for asset, n in reached.items()})
        seen: set[tuple[str, str]] = set()
        met: set[tuple[str, str, int]] = set()
        for row in self.result["answer"]:
            asset, to = row["asset"], row["to"]
            key = ("page 1", to or "all", asset)
            kind = next((n for n, fields in enumerate(ROWS) if set(row) == fields), -1)
            if kind < 0 or (kind == 1 and to not in ("", "came back", "given back")):
                self.strange("the row %s of page 1 with the fields %s" % (to or "all", ", ".join(sorted(row))))
                continue
            if (asset, to, kind) in met:
                raise Broken("the row %s of page 1 stands twice" % (to or "all"))
            met.add((asset, to, kind))
            if "addresses" in row:
                natural(row["addresses"])
            if "by_rule" in row:
                seen.add((asset, to))
                here = due.get((asset, to), {})
                self.hold(key, row["amount"], here.get(self.rule, 0))
                ruled = row["by_rule"] if (asset, to) in groups or to not in ("swap", "swap-stopped") else {}
                for rule, n in ruled.items():
                    self.hold((*key, rule), n, here.get(rule, 0))
            elif to == "":
                self.hold(key, row["amount"], whole.get(asset, 0))
            elif to == "came back":
                # By the table of origins beside it: whose wallets are one place, no movement says.
                twice = sum(digits(one["twice"]) for one in self.result["origins"] if one["asset"] == asset)
                self.hold(key, row["amount"], -twice)
            elif to == "given back":
                self.hold(key, row["amount"], -self.again(asset))
            elif (asset, to) not in groups:
                self.same(key, "a row of page 1", "no off-ramp")
            elif "stake" in row:
                rows = groups.get((asset, to), [])
                still = {where(one): resting(one) for one in rows}
                most = sum(digits(one["amount"]) for one in rows) + sum(still.values())
                if not self.reviewed or not 0 <= digits(row["stake"]) <= most:
                    self.hold((*key, "stake"), row["stake"], most)
            elif "credited" in row:
                rows = [one for one in groups.get((asset, to), []) if one["through"] not in one["hot_wallets"]]
                once = {where(one): digits(one["credited"]) for one in rows}
                self.hold((*key, "credited"), row["credited"], sum(once.values()) - within_themselves(rows))
            if "share" in row:
                n = digits(row["amount"] if "amount" in row else row["credited"])
                self.same((*key, "share"), row["share"], percent(n, whole.get(asset, 0)))
        for (asset, to), by_rule in due.items():
            if (asset, to) not in seen and by_rule.get(self.rule):
                self.put(("page 1", to, asset), 0, by_rule[self.rule])
            elif (asset, to) not in seen and to == "besides":
                for rule, n in by_rule.items():
                    self.put(("page 1", to, asset, rule), 0, 0 if rule in NO_CLAIM else n)
        for asset in whole:
            if (asset, "given back", 1) not in met and self.again(asset):
                self.put(("page 1", "given back", asset), 0, -self.again(asset))
        for asset, n in whole.items():
            if n and (asset, "", 1) not in met:
                self.put(("page 1", "all", asset), 0, n)
        stated: dict[tuple[str, str], int] = {}
        each_once(["%s %s" % (row["asset"], row["reason"]) for row in self.result["ends"]], "a row of ends stands")
        for row in self.result["ends"]:
            natural(row["amount"])
            if set(row) != {"address", "amount", "asset", "loss", "reason"}:
                self.strange("the fields %s of a row of ends" % ", ".join(sorted(row)))
            # Ends are summed over losses and addresses.
            self.same(("ends", row["reason"], "address and loss"), (row["address"], row["loss"]), ("", ""))
            reason = "swap" if row["reason"] == "swap-stopped" else row["reason"]
            stated[row["asset"], reason] = stated.get((row["asset"], reason), 0) + digits(row["amount"])
        ended: dict[tuple[str, str], int] = {}
        for (ruled, _, asset, _, why), n in self.ends.items():
            ended[asset, why] = ended.get((asset, why), 0) + (n if ruled == self.rule else 0)
        for key_ in set(stated) | set(ended):
            self.put(("ends", *key_), stated.get(key_, 0), ended.get(key_, 0))

    def again(self, asset: str) -> int:
        """What of an asset was given in exchanges or into bridges, had back in it, and began there again."""
        made = self.declared.get(asset)
        if made is None:
            return 0
        began = {(seq, loss): n for seq, event, loss, n in made.flows if event == "start"}
        had: dict[tuple[int, str], int] = {}
        for label, seq, n in made.again:
            if label is not None:
                had[seq, label] = had.get((seq, label), 0) + n
        return sum(min(n, began.get(key, 0)) for key, n in had.items())

    def account(self) -> None:
        """That what began of each loss is what ended, as the report says it with its parts."""
        due: Sums = {}
        for asset, made in self.declared.items():
            for _, event, loss, n in made.flows:
                if event == "start":
                    due[loss, asset] = due.get((loss, asset), 0) + n
        met = set()
        stated = [
            {"id": f["id"], "kind": f["kind"], "subject": f["subject"], **f["slots"]}
            for f in self.result["findings"]
            if f["kind"] in ("conservation", "account")
        ]
        if sorted(map(canonical, stated)) != sorted(map(canonical, self.result["conservation"])):
            self.same(("the rows of conservation",), "other rows", "those of the findings")
        self.wallets()
        for row in self.result["conservation"]:
            if row["kind"] == "account":
                continue
            loss, asset = row["subject"], row["asset"]
            key = ("account of the loss", loss, asset)
            if row["kind"] != "conservation":
                self.strange("the account %r of %s" % (row["kind"], loss))
                continue
            if (loss, asset) in met:
                raise Broken("the account of the loss %s stands twice" % loss)
            met.add((loss, asset))
            self.same((*key, "rule"), row["rule"], self.rule)
            parts: dict[str, int] = {}
            for (ruled, one, name, _, why), n in self.ends.items():
                if (ruled, one, name) == (self.rule, loss, asset):
                    parts[why] = parts.get(why, 0) + n
            for name in sorted(set(row) - ACCOUNT - set(REASONS) - set(parts)):
                self.strange("the field %r of the account of %s" % (name, loss))
            began = digits(row["began"]) + digits(row.get("exchanged", "0"))
            self.put((*key, "began"), began, due.get((loss, asset), 0))
            self.hold((*key, "ended"), row["ended"], sum(parts.values()))
            told = {k: digits(n) for k, n in row.items() if k in parts or k in REASONS}
            # What no exhibit shows leaving has its own words.
            told["rest"] = sum(digits(row.get(k, "0")) for k in ("rest", "not_seen_leaving", "disputed"))
            for why in set(told) | set(parts):
                self.put((*key, why), told.get(why, 0), parts.get(why, 0))
        for loss, asset in sorted(set(due) - met):
            if due[loss, asset]:
                self.words.append((named(("account of the loss", loss, asset)), "nothing", str(due[loss, asset])))

    def wallets(self) -> None:
        """One wallet's account over its whole history: what came, and what left, by every movement of it."""
        reached_ = {(key[2], key[3]) for key, n in self.ends.items() if n} | self.receivers()
        for f in (f for f in self.result["findings"] if f["kind"] == "account"):
            slots = f["slots"]
            asset = self.legs.assets.get(slots["asset"])
            known = [one for one in (asset.where.values() if asset else ()) if one[0] == f["subject"]]
            # The file holds all movements of an address that a lot came to, and of no other.
            reached = (slots["asset"], f["subject"]) in reached_
            followed = known and known[0][2] and not known[0][1]
            if asset is None or asset.model != "account" or not followed or not reached:
                self.apart.add("accounts of wallets that no traced value came to, or that are not followed")
                continue
            key = ("account", f["subject"], slots["asset"])
            rows = [one for one in asset.moves if one[1] != one[2]]
            came = sum(one[3] for one in rows if asset.text(one[2]) == f["subject"])
            left = sum(one[3] for one in rows if asset.text(one[1]) == f["subject"])
            self.hold((*key, "arrived"), slots["arrived"], came)
            self.put((*key, "left"), digits(slots["swept"]) + digits(slots["passed_on"]), left)
            rest = digits(slots.get("at_rest", slots.get("not_seen_leaving", "0")))
            self.put((*key, "still there"), rest, digits(slots["opening"]) + came - left)

    def receivers(self) -> set[tuple[str, str]]:
        """Whom traced value came to under the declared rule, by asset."""
        made: set[tuple[str, str]] = set()
        for name, traced in self.declared.items():
            moves = self.legs.assets[name].movements()
            made |= {(name, moves[seq][2]) for seq, event, _, n in traced.flows if event != "end" and n}
        return made

    def share(self, row: Any, other: int) -> Optional[str]:
        """What share of what left an address went to the service of a row. Of coins not all spends are here: no
        share where they were spent together with those of others, and else none above that of those shown."""
        asset, swept = self.legs.assets.get(row["asset"]), digits(row["swept"])
        if asset is None or asset.model == "account":
            return percent(swept, other + swept)
        told = [
            one["share"]
            for one in self.result["edges"]
            if (one["address"], one["asset"], one["service"]) == (row["through"], row["asset"], row["service"])
        ]
        self.apart.add("what share of the coins that left an address went to a service, but that it fits the rest")
        gone = 0
        for _, _, ins, outs in asset.spends:
            whose = {"" if at is None else asset.text(at) for _, at, n in ins if digits(n)}
            if row["through"] in whose:
                if len(whose) > 1 or sum(digits(n) for *_, n in ins) < sum(digits(out[2]) for out in outs):
                    return None
                gone += sum(digits(out[2]) for out in outs if asset.text(out[1]) != row["through"])
        most = percent(swept, max(gone, other + swept))
        fits = [one for one in told if one is None or tenths(one) <= tenths(most)]
        return fits[0] if fits else most

    def edges(self) -> None:
        """Of what left an address, the part that went to the service of a row; and what services paid it."""
        due = []
        for row in (r for r in self.result["offramps"] if r["service"]):
            mine = [r for r in self.result["offramps"] if where(r)[:2] == where(row)[:2]]
            other = sum(digits(r["swept"]) for r in mine if r["hot_wallets"] != row["hot_wallets"])
            other = max(other, digits(row["elsewhere"]))
            for f in self.result["findings"]:
                if f["kind"] == "account" and (f["subject"], f["slots"]["asset"]) == where(row)[:2]:
                    gone = digits(f["slots"]["swept"]) + digits(f["slots"]["passed_on"])
                    other = max(other, gone - digits(row["swept"]))
            share = self.share(row, other)
            due.append(
                {"address": row["through"], "asset": row["asset"], "service": row["service"], "share": share}
            )
        self.same(("edges",), self.result["edges"], due)
        paid: dict[str, dict[str, int]] = {"": {}}
        for f in (f for f in self.result["findings"] if f["kind"] == "withdrawn"):
            for name in ("", str(f["slots"]["service"])):
                sums_ = paid.setdefault(name, {})
                sums_[f["slots"]["asset"]] = sums_.get(f["slots"]["asset"], 0) + digits(f["slots"]["amount"])
        told = {name: {a: digits(n) for a, n in sums_.items()} for name, sums_ in self.result["withdrawn"].items()}
        self.same(("withdrawn",), told, paid)

    def beside(self, entries: list[dict[str, Any]]) -> None:
        """What the papers repeat of the journal: exhibits, settings, declaration, plugins, what was set aside."""
        then = [e for e in entries if e["n"] <= digits(self.result["entries"])]
        exhibits = exhibits_told(then)
        rows = {digits(row["number"]): row for row in self.result["exhibits"]}
        if len(rows) != len(self.result["exhibits"]):
            raise Broken("an exhibit stands twice in the list of exhibits")
        for number in sorted(set(rows) | {n for n, one in exhibits.items() if one["method"] != "issued"}):
            due, row = exhibits.get(number), rows.get(number)
            if due is None or row is None:
                self.same(
                    ("exhibit %d" % number,),
                    "listed" if row else "not listed",
                    "in the journal" if due else "none",
                )
                continue
            for name, value in due.items():
                hold = self.text if name in ("name", "by", "origin") else self.same
                hold(("exhibit %d" % number, name), row[name], value)
        for what, told in (("findings", self.result["findings"]), ("offramps", self.result["offramps"])):
            cited = {n for one in told for n in one["exhibits"]}
            for n in sorted(cited - set(map(str, exhibits))):
                self.same((what,), "exhibit %s" % n, "no such exhibit in the journal")
        texts = [e for e in then if e["kind"] in ("opened", "settings")]
        made = settings(texts[-1]["body"]["text"])
        due_ = facts(made)
        # How papers are written is chosen after the settings: the last entry of it before they were, if it says.
        due_["language"] = self.language or due_["language"]
        told = self.result["case"]["losses"]
        for loss, mine in zip(told, due_["losses"]):
            self.text(("case", loss["id"], "label"), loss["label"], mine["label"])
            mine["label"] = loss["label"]
        for name, value in due_.items():
            hold = self.text if name in ("agency", "examiner", "note", "reference") else self.same
            hold(("case", name), self.result["case"][name], value)
        dates = [moment(self.result["case"]["opened"]), *(moment(row["captured"]) for row in rows.values())]
        self.same(("date",), self.result["date"], seconds(max(dates)))
        first = texts[-1]
        for one in reversed(texts):
            if settings(one["body"]["text"]).get("rule") != made.get("rule"):
                break
            first = one
        ran = [e["n"] for e in entries if e["kind"] == "ran" and e["body"].get("stage") == "trace"]
        due = {"rule": made.get("rule"), "number": str(first["n"]), "hash": first["hash"]}
        due.update(time=seconds(moment(first["time"])), seen=any(n < first["n"] for n in ran))
        for name, value in due.items():
            self.same(("declaration", name), self.result["declaration"][name], value)
        self.same(
            ("rules declared",), [r["id"] for r in self.result["rules"] if r["declared"] != "no"], [self.rule]
        )
        ruled = {key[0] for key in self.ends} | {key[0] for key in self.came}
        self.same(
            ("rules",),
            sorted({r["id"] for r in self.result["rules"]} & set(RULES)),
            sorted(ruled | {r["id"] for r in self.result["rules"]} & set(RULES)),
        )
        for pins in [e["body"]["origins"] for e in then if e["kind"] == "plugins"][-1:]:
            own = [dict(zip(("name", "version", "sha256"), row)) for row in pins]
            self.same(("plugins",), self.result["plugins"], own)
            mine = [row["version"] for row in own if row["name"] == "recover"]
            self.same(("version",), [self.result["version"]], mine)
        aside: dict[str, Any] = {}
        for e in then:
            if e["kind"] == "set-aside":
                aside.pop(str(e["body"]["exhibit"]), None)
                if not e["body"]["back"]:
                    aside[str(e["body"]["exhibit"])] = e["body"]
        self.same(("set aside",), [row["number"] for row in self.result["set_aside"]], sorted(aside, key=int))
        for row in self.result["set_aside"]:
            for name in ("reason", "by") if row["number"] in aside else ():
                self.text(("set aside", row["number"], name), row[name], aside[row["number"]][name])


def exhibits_told(entries: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """By number, what the journal says of each exhibit, as the papers repeat it."""
    made: dict[int, dict[str, Any]] = {}
    for e in entries:
        body = e["body"]
        if e["kind"] == "exhibit":
            one = {key: body[key] for key in ("digest", "name", "media", "method")}
            one.update(size=str(body["size"]), sources=list(body["sources"]), by="", origin="", obtained=None)
            made[body["number"]] = {**one, "captured": seconds(moment(body.get("captured", e["time"])))}
        elif e["kind"] == "reading" and "source" in body:
            made[body["number"]]["sources"].append(body["source"])
        elif e["kind"] == "obtained":
            one = made[body["number"]]
            one.update({key: body[key] for key in ("by", "origin") if body.get(key)})
            one["obtained"] = seconds(moment(body["obtained"])) if body.get("obtained") else one["obtained"]
    return made


def facts(made: dict[str, Any]) -> dict[str, Any]:
    """What the papers repeat of the settings; the title they leave out, since it may name somebody."""
    link, told = made.get("link", {}), []
    for loss in made.get("loss", []):
        row = {key: loss.get(key) for key in LOSS}
        row.update(label=loss.get("label", ""), assets=list(loss.get("assets", [])))
        row.update({key: None if row[key] is None else str(row[key]) for key in ("amount", "output")})
        row.update({key: row[key] and seconds(moment(row[key])) for key in ("since", "until")})
        told.append(row)
    return {
        **{key: made.get(key, "") for key in ("agency", "examiner", "note", "reference", "rule")},
        "title": "",
        "language": made.get("language", "en"),
        "losses": told,
        "least": link.get("least", "C"),
        "merge": link.get("merge", ["common-input"]),
        "dust": str(made.get("find", {}).get("dust", 10)),
        "opened": seconds(moment(made["opened"])),
    }


def seconds(time: datetime) -> str:
    """A moment as papers print it."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


APART = (
    "decimals, symbols and names of assets, on which every printed amount rests",
    "the period and number of records of exhibits",
    "findings, but for those of off-ramps, losses and accounts",
    "gaps, origins, routes, stretches of time, single movements, rows of letters, sequences, counts of addresses",
    "how many transactions have which proof",
    "later changes of the declaration, and the texts of rules and heuristics",
)
"""What of result.json is compared with nothing, as the verdict says it."""

REASONS = (
    "service",
    "hub",
    "mixer",
    "bridge",
    "uncollected",
    "burn",
    "fee",
    "open",
    "swap",
    "crossed",
    "bridge_fee",
)
ACCOUNT = {"id", "kind", "subject", "asset", "rule", "began", "exchanged", "ended"}
ACCOUNT |= {"rest", "not_seen_leaving", "disputed"}
ROWS = (
    {"asset", "to", "amount", "share", "addresses", "by_rule"},
    {"asset", "to", "amount", "share"},
    {"asset", "to", "credited", "share"},
    {"asset", "to", "stake"},
)
"""The fields that a row of page 1 has: of a destination, of a sum, of what was credited, of what is at stake."""

COINS_PAID = "payments to a service in transactions that no lot can come to, but that they fit the rest"

FIGURES = {"traced", "traced of loss", "credited", "unswept", "elsewhere", "unfollowed", "credits", "paid in all"}
FIGURES |= {"payments", "fees", "service addresses", "unswept at least", "unswept at most"}
FIGURES |= {"service " + name for name in FIGURES - {"credits", "service addresses"}}
"""What the table of totals has of off-ramps and services, whether there are any or not."""

# fmt: off
WHOLE = {
    "answer", "assets", "case", "conservation", "date", "declaration", "edges", "ends", "entries", "exhibits",
    "findings", "format", "gaps", "head", "heuristics", "listed", "movements", "offramps", "origins", "plugins",
    "proofs", "routes", "rules", "sequences", "set_aside", "stretches", "totals", "version", "withdrawn",
}
"""The parts of result.json."""
HELD = {
    "service_name", "address", "chain", "asset", "amount", "arrived", "swept", "whole_in", "passed_on", "at_rest",
    "transfers", "sweeps", "first", "last", "transactions", "sweep_transactions", "exhibits", "by_rule", "by_loss",
    "reversed_ties", "through", "credited", "unswept", "elsewhere", "elsewhere_at", "fees", "unfollowed",
    "by_rule_and_loss", "memo",
}
TAKEN = (
    "service", "decimals", "symbol", "hot_wallets", "grade", "basis", "deposit", "possible", "account", "by_memo",
    "by_order", "by_order_and_loss", "by_rule_and_order", "unswept_bounds",
)
"""The fields of an off-ramp: held to what is computed or stands in two places, or taken as stated."""
# fmt: on


def resting(row: Any) -> int:
    """What is unswept at an off-ramp beside its amount: of that it is a part where a trace stops."""
    return 0 if row["through"] in row["hot_wallets"] else digits(row["unswept"])


def told_apart(asset: str) -> list[str]:
    """What can tell an asset from others of its symbol: chain, reference, both cut in the middle; its id."""
    chain, _, own = asset.partition("/")
    space, _, reference = chain.partition(":")
    cut_ = [one if len(one) <= 14 else one[:6] + "\u2026" + one[-4:] for one in (reference, own.partition(":")[2])]
    return ["%s:%s" % (space, cut_[0]), cut_[1], asset]


def bears(shown: str, symbol: str, asset: str, listed: list[Any]) -> bool:
    """Whether a list calls an asset by its symbol: alone or, where several bear one, cut where it is long, with a
    mark in brackets: of the asset itself, or a name of its chain, which no asset of another chain has there."""
    known = MARKED.fullmatch(shown)
    if shown == symbol or known is None:
        return shown == symbol
    stem, mark = known.groups()
    if stem != symbol and not (stem.endswith("\u2026") and symbol.startswith(stem[:-1])):
        return False
    alike = {one["id"].split("/")[0] for one in listed if one["symbol"].endswith("(%s)" % mark)}
    return mark in told_apart(asset) or alike == {asset.split("/")[0]}


MARKED = re.compile(r"(.+) \(([^()]+?)(?: #[0-9]+)?\)")


def where(row: Any) -> tuple[str, str, str]:
    return row["address"], row["asset"], row["memo"] if row["by_memo"] else ""


def within_themselves(rows: list[Any]) -> int:
    """What went from some of these places to others of them: a sum over all of them counts it twice."""
    known = {row["address"] for row in rows}
    once = {where(row): row for row in rows}
    return sum(digits(n) for row in once.values() for at, n in row["elsewhere_at"].items() if at in known)


def tenths(share: str) -> int:
    """A share as it is printed, in tenths of a per cent; 0 for less than one."""
    return int(re.sub(r"[^0-9]", "", share) or "0") if not share.startswith("<") else 0


def percent(amount: int, whole_: int) -> str:
    """A share as page 1 prints it: one decimal, rounded half up."""
    tenths = (abs(amount) * 2000 + whole_) // (2 * whole_) if whole_ else 0
    if not tenths and amount:
        return "<0.1%"
    return "%s%d.%d%%" % ("-" if amount < 0 else "", tenths // 10, tenths % 10)


def check_result(
    tree: Any,
    entries: list[dict[str, Any]],
    legs: Legs,
    declared: dict[str, Traced],
    came: Sums,
    ends: Sums,
    traced: int,
    found: Found,
) -> None:
    """The figures of out/result.json against what was recomputed."""
    wrote = [e["n"] for e in entries if e["kind"] == "ran" and e["body"].get("stage") == "write"]
    if "out/result.json" not in tree.sizes:
        if any(name.startswith("out/") for name in tree.sizes):
            why = "is not here, and papers are: no figure of theirs can be compared with the movements"
            found.append(("result.json", UNKNOWN, why))
        return
    if not wrote or wrote[-1] < traced:
        found.append(("result.json", UNKNOWN, "the papers are older than the last trace"))
        return
    result = table(tree.read("out/result.json"), "out/result.json")
    before = len(found)
    if result["case"]["rule"] != legs.head["rule"]:
        told = (result["case"]["rule"], legs.head["rule"])
        found.append(("result.json", FAILS, "is under the rule %s, and the trace under %s" % told))
    if result.get("format") in EARLIER:
        why = (
            "states its figures in format %s, by other rules than those of format %s that this program reads: the "
        )
        why = why % (result["format"], RESULT) + "verifier that lies in the bundle reads them"
        found.append(("result.json", UNKNOWN, why))
        return
    if result.get("format") != RESULT:
        found.append(("result.json", UNKNOWN, "is " + OTHER))
        return
    papers = Papers(result, legs, declared, came, ends)
    for name in sorted(set(result) - WHOLE):
        papers.strange("the part %r" % name)
    # A finding that a person rejected is in no letter, and not at stake.
    chosen = [e["body"] for e in entries if e["kind"] == "papers" and e["n"] < wrote[-1]]
    papers.narrow = bool(chosen) and chosen[-1].get("edition") in ("V2", "defence")
    papers.language = chosen[-1].get("language", "") if chosen else ""
    papers.reviewed = any(e["kind"] == "act" and e["body"].get("act") == "review" for e in entries)
    parts = (
        papers.ramps,
        papers.totals,
        papers.answer,
        papers.account,
        papers.edges,
        lambda: papers.beside(entries),
    )
    for each in parts:
        try:
            each()
        except Unread as error:
            found.append(("result.json", UNKNOWN, "beside the settings: %s" % error))
        except KeyError as error:
            # Another version of the program states less, or under other names: that is not wrong, and not held.
            told = (error.args[0], result.get("version"))
            papers.cut = "the rest of the parts that lack something; "
            found.append(("result.json", UNKNOWN, "does not state %r, as version %s wrote it" % told))
        except Broken as error:
            found.append(("result.json", FAILS, str(error)))
    found += [
        ("result.json", UNKNOWN, "%s is none that this program knows" % what) for what in papers.unknown[:10]
    ]
    if len(papers.unknown) > 10:
        found.append(
            ("result.json", UNKNOWN, "%d further rows or fields are unknown" % (len(papers.unknown) - 10))
        )
    differing("result.json", papers.stated, papers.computed, found)
    for key, stated, computed in papers.words[:3]:
        found.append(
            ("result.json", FAILS, "%s: stated as %s, and what it is of gives %s" % (key, stated, computed))
        )
    if len(papers.words) > 3:
        found.append(("result.json", FAILS, "%d further statements differ" % (len(papers.words) - 3)))
    check_sheets(tree, result, papers, found)
    if papers.stated and not any(answer == FAILS for _, answer, _ in found[before:]):
        told_ = "%d figures of result.json are those of the movements, or sums of its own rows" % len(
            papers.stated
        )
        if papers.reported:
            told_ += "; %d more are only what findings beside them state" % papers.reported
        found.append(("result.json", HOLDS, told_))
        told_ = papers.cut + "; ".join((*APART, *sorted(papers.apart), "of off-ramps " + ", ".join(TAKEN)))
        if papers.left:
            told_ += "; %d texts that their edition leaves out" % papers.left
        if papers.gaps:
            told_ += "; %d rows of gaps in totals, but for the largest of each code and asset" % papers.gaps
        found.append(("result.json", HOLDS, "NOT compared, and as the papers state it: " + told_))
    legs.claimed = sum(digits(n) for grade, n in result["proofs"].items() if grade != "reported")


RESULT, EARLIER = "5", ("1", "2", "3", "4")
"""The format of result.json that section 8 of bundle-format.md describes, and those that came before."""

SHEETS = {
    "totals.csv": ("figure", "subject", "service", "asset", "rule", "loss", "amount"),
    "annex/findings.csv": ("id", "kind", "subject", "grade", "exhibits", "slots"),
    "annex/movements.csv": ("seq", "chain", "tx", "time", "height", "src", "dst", "asset")
    + ("exhibit", "moved", "loss", "traced"),
    "annex/routes.csv": (),
}
"""The tables beside the papers, with their columns; those of routes are the fields that result.json has of one."""


class Strict(csv.excel):
    strict = True


def cells(data: bytes, name: str) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), Strict))
    except (csv.Error, ValueError) as error:
        raise Broken("is no CSV that can be read (%s)" % error) from None


def cell(value: Any) -> str:
    """What a cell is to hold: nothing for null, a moment as one, a character that nobody sees by its number."""
    text = "" if value is None else str(value)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def alike(got: str, due: str) -> bool:
    """Whether a cell is this text, with an apostrophe where a spreadsheet would take it for a formula."""
    if got == due:
        return True
    seen = [re.sub("\u2039U\\+([0-9A-F]{4,6})\u203a", lambda m: chr(int(m[1], 16)), text) for text in (got, due)]
    if seen[0] in (seen[1], "'" + seen[1]):
        return True
    try:
        return bool(re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]", due)) and moment(got) == moment(due)
    except ValueError:
        return False


def sheet_rows(name: str, result: Any, papers: Optional[Papers]) -> list[dict[str, Any]]:
    """The rows that a table is to have: of result.json or, of movements, what was recomputed."""
    if name == "totals.csv":
        return list(result["totals"])
    if name == "annex/routes.csv":
        return list(result["routes"])
    if name == "annex/findings.csv":
        return [
            {
                **{key: f[key] for key in ("id", "kind", "subject", "grade")},
                "exhibits": " ".join(f["exhibits"]),
                "slots": json.dumps(f["slots"], sort_keys=True, ensure_ascii=False),
            }
            for f in result["findings"]
        ]
    rows: list[dict[str, Any]] = []
    for asset_, made in papers.declared.items() if papers else ():
        asset, parts = papers.legs.assets[asset_], dict[tuple[int, str], int]()  # type: ignore[union-attr]
        for seq, event, loss, n in made.flows:
            if event in ("start", "move"):
                parts[seq, loss] = parts.get((seq, loss), 0) + n
        moves = asset.movements()
        amounts = {seq: amount for seq, _, _, amount, *_ in asset.moves}
        amounts.update({seq: int(n) for _, _, _, outs in asset.spends for seq, _, n, *_ in outs})
        for (seq, loss), n in parts.items():
            _, src, dst, _, tx = moves[seq]
            row = {"seq": seq, "tx": tx, "dst": dst, "asset": asset_, "moved": amounts[seq], "loss": loss}
            row.update({"traced": n, "chain": asset_.split("/")[0]})
            if asset.model == "account":
                row["src"] = src
            # A swap or a burn has no party on one side here, and the paper may name the contract that took it.
            rows.append({name: value for name, value in row.items() if value or name not in ("src", "dst")})
    return sorted(rows, key=lambda row: (row["seq"], len(row["loss"]), row["loss"]))


def check_sheets(tree: Any, result: Any, papers: Optional[Papers], found: Found) -> None:
    """The tables beside the papers, row by row; without movements, those that are rows of result.json."""
    held: list[str] = []
    for name, columns in SHEETS.items():
        if papers is None and name == "annex/movements.csv":
            continue
        if "out/" + name not in tree.sizes:
            found.append(("out/" + name, UNKNOWN, "is not here to compare"))
            continue
        try:
            told, due = cells(tree.read("out/" + name), name), sheet_rows(name, result, papers)
            if not told or (columns and tuple(told[0]) != columns):
                found.append(("out/" + name, UNKNOWN, "has other columns than this program knows"))
                continue
            if len(told) - 1 != len(due):
                raise Broken("has %d rows, and there are %d" % (len(told) - 1, len(due)))
            for number, (got, row) in enumerate(zip(told[1:], due), start=2):
                if len(got) != len(told[0]) or (not columns and set(row) != set(told[0])):
                    raise Broken("row %d has other columns than the first" % number)
                for column, text in zip(told[0], got):
                    if column in row and not alike(text, cell(row[column])):
                        seen = (number, text[:80], column, cell(row[column])[:80])
                        raise Broken("row %d states %s as its %s, and it is %s" % seen)
            held.append(name)
        except Broken as error:
            found.append(("out/" + name, FAILS, str(error)))
        except KeyError as error:
            found.append(("out/" + name, UNKNOWN, "result.json states no %s to compare with" % error))
    if held:
        of = "result.json and the movements say" if papers else "result.json says"
        found.append(("tables", HOLDS, "%s: row by row as %s" % (", ".join(held), of)))


# ---------------------------------------------------------------------------------------------------------------
# Proofs: transaction ids and Merkle roots from raw blocks of Bitcoin (bundle-format.md, 8).

MAGIC = (bytes.fromhex("f9beb4d9"),)
EASIEST = 0xFFFF << 208
"""The largest target of a block of Bitcoin: about 2^32 hashes are needed to meet it."""


def double(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


class Bytes:
    """A reader of Bitcoin's wire format."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def some(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise Broken("it ends too soon")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        first = self.some(1)[0]
        if first < 253:
            return first
        return int.from_bytes(self.some({253: 2, 254: 4, 255: 8}[first]), "little")


class Tx:
    """One transaction: its id, the outputs that it spends, and its own outputs as (amount, script)."""

    def __init__(self, raw: Bytes) -> None:
        start = raw.at
        version = raw.some(4)
        segwit = raw.data[raw.at : raw.at + 2] == b"\x00\x01"
        if segwit:
            raw.some(2)
        middle = raw.at
        self.spends: list[tuple[str, int]] = []
        for _ in range(raw.number()):
            tx, index = raw.some(32)[::-1].hex(), int.from_bytes(raw.some(4), "little")
            raw.some(raw.number())
            raw.some(4)
            self.spends.append((tx, index))
        self.outs: list[tuple[int, bytes]] = []
        for _ in range(raw.number()):
            amount = int.from_bytes(raw.some(8), "little")
            self.outs.append((amount, raw.some(raw.number())))
        body = raw.data[middle : raw.at]
        if segwit:
            for _ in self.spends:
                for _ in range(raw.number()):
                    raw.some(raw.number())
        self.base = len(body) + 8
        self.id = double(version + body + raw.some(4))[::-1].hex()
        self.size = raw.at - start
        self.time = 0  # of its block


def merkle(ids: list[bytes]) -> bytes:
    while len(ids) > 1:
        ids = ids + ids[-1:] if len(ids) % 2 else ids
        ids = [double(ids[i] + ids[i + 1]) for i in range(0, len(ids), 2)]
    return ids[0]


def compact(number: int) -> bytes:
    for size, first in ((1, b""), (2, b"\xfd"), (4, b"\xfe"), (8, b"\xff")):
        if number < (253 if size == 1 else 256**size):
            return first + number.to_bytes(size, "little")
    raise Broken("a number of more than eight bytes")


def laid_out(one: dict[str, Any]) -> bytes:
    """The bytes of a transaction without witnesses, from its fields as Esplora names them."""
    made = struct.pack("<i", one["version"]) + compact(len(one["vin"]))
    for spent in one["vin"]:
        script = bytes.fromhex(spent["scriptsig"])
        made += bytes.fromhex(spent["txid"])[::-1] + struct.pack("<I", spent["vout"])
        made += compact(len(script)) + script + struct.pack("<I", spent["sequence"])
    made += compact(len(one["vout"]))
    for out in one["vout"]:
        script = bytes.fromhex(out["scriptpubkey"])
        made += struct.pack("<Q", out["value"]) + compact(len(script)) + script
    return made + struct.pack("<I", one["locktime"])


def matched(data: bytes) -> list[str]:
    """The ids that a header with a partial Merkle tree shows to stand in its block (BIP 37). Raises Broken."""
    raw = Bytes(data)
    root = raw.some(80)[36:68]
    total = int.from_bytes(raw.some(4), "little")
    hashes = [raw.some(32) for _ in range(min(raw.number(), 100_000))]
    flags = raw.some(raw.number())
    if raw.at != len(data) or not 0 < total <= 4_000_000 // 60:
        raise Broken("bytes are left over, or it counts more transactions than a block has")
    bits = [flags[n // 8] >> n % 8 & 1 for n in range(8 * len(flags))]
    ids: list[str] = []

    def walk(height: int, place: int) -> bytes:
        if not bits:
            raise Broken("it ends too soon")
        below = bits.pop(0)
        if not below or not height:
            if not hashes:
                raise Broken("it ends too soon")
            here = hashes.pop(0)
            if below:
                ids.append(here[::-1].hex())
            return here
        left = walk(height - 1, 2 * place)
        if 2 * place + 1 >= (total + (1 << height - 1) - 1) >> height - 1:
            return double(left + left)
        right = walk(height - 1, 2 * place + 1)
        if right == left:
            raise Broken("two neighbours in it are equal")
        return double(left + right)

    if walk((total - 1).bit_length(), 0) != root or hashes or any(bits) or len(bits) > 7:
        raise Broken("its hashes do not give its Merkle root")
    return ids


class Proofs:
    """What raw bytes among the exhibits prove by themselves."""

    def __init__(self) -> None:
        self.txs: dict[str, Tx] = {}
        self.held: dict[str, Tx] = {}
        self.placed: dict[str, int] = {}
        self.headers: set[bytes] = set()
        self.wrong: list[str] = []
        self.receipts = Receipts()

    @property
    def blocks(self) -> int:
        return len(self.headers)

    def see(self, data: bytes) -> None:
        self.receipts.see(data)
        if data[:4] in MAGIC:
            self._file(data)
        elif b'"scriptpubkey"' in data and len(data) <= 2**26:
            self._fields(data)
        elif re.fullmatch(rb"\s*([0-9a-f]{2}){60,4000000}\s*", data):
            self._text(bytes.fromhex(data.strip().decode()))

    def settle(self) -> None:
        """What two answers of a server of Esplora prove together: one holds a transaction, one its Merkle path."""
        for tx in sorted(set(self.held) & set(self.placed) - set(self.txs)):
            self.held[tx].time = self.placed[tx]
            self.txs[tx] = self.held[tx]

    def lacking(self) -> str:
        """What of such answers proves nothing, and why; empty where there is nothing."""
        bare, empty = len(set(self.held) - set(self.txs)), len(set(self.placed) - set(self.txs))
        told = ["of %d whose bytes are here no Merkle path is" % bare] if bare else []
        told += ["of %d whose Merkle path is here no bytes are" % empty] if empty else []
        return "; " + ", and ".join(told) if told else ""

    def _fields(self, data: bytes) -> None:
        """Transactions by their fields, as Esplora lists them: their bytes, and so their ids, made again."""
        try:
            listed = json.loads(data)
        except (ValueError, RecursionError):
            return
        for one in listed if isinstance(listed, list) else [listed]:
            try:
                tx = Tx(Bytes(laid_out(one)))
                if tx.id != one["txid"]:
                    raise Broken("its fields give the id %s" % tx.id)
                self._hold(tx)
            except Broken as error:
                self.wrong.append("transaction %s: %s" % (str(one.get("txid"))[:64], error))
            except (KeyError, ValueError, TypeError, AttributeError, struct.error, OverflowError):
                continue

    def _text(self, data: bytes) -> None:
        """A transaction's bytes, or a header with a Merkle path, which are hexadecimal text."""
        try:
            raw = Bytes(data)
            tx = Tx(raw)
            if raw.at == len(data) and tx.spends and tx.outs:
                self._hold(tx)
                return
        except Broken:
            pass
        try:
            found = matched(data)
        except Broken as error:
            self.wrong.append("a Merkle path: %s" % error)
            return
        try:
            self._worked(data[:80])
        except Broken as error:
            self.wrong.append("the header of a Merkle path: %s" % error)
            return
        self.placed.update({tx: struct.unpack("<I", data[68:72])[0] for tx in found})

    def _hold(self, tx: Tx) -> None:
        # A node of a Merkle tree has 64 bytes too (CVE-2017-12842): a path proves no such transaction.
        if tx.base != 64:
            self.held.setdefault(tx.id, tx)

    def _worked(self, head: bytes) -> None:
        bits = struct.unpack("<I", head[72:76])[0]
        target = (bits & 0x7FFFFF) * 256 ** max((bits >> 24) - 3, 0)
        if bits & 0x800000 or target > EASIEST:
            raise Broken("its header states less work than any block of this chain has")
        if int.from_bytes(double(head), "little") > target:
            raise Broken("its header does not meet the work that it states")
        self.headers.add(head)

    def _file(self, data: bytes) -> None:
        at = 0
        while data[at : at + 4] in MAGIC and at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            try:
                self._block(data[at + 8 : at + 8 + size])
            except (Broken, KeyError) as error:
                self.wrong.append("the block at byte %d: %s" % (at, error))
            at += 8 + size

    def _block(self, data: bytes) -> None:
        head, raw = data[:80], Bytes(data)
        raw.some(80)
        txs = [Tx(raw) for _ in range(raw.number())]
        if not txs:
            raise Broken("holds no transaction")
        if len({tx.id for tx in txs}) != len(txs):
            raise Broken("holds a transaction twice")
        if merkle([bytes.fromhex(tx.id)[::-1] for tx in txs]) != head[36:68]:
            raise Broken("its transactions do not give its Merkle root")
        self._worked(head)
        for tx in txs:
            tx.time = struct.unpack("<I", head[68:72])[0]
            self.txs[tx.id] = tx


def check_proofs(legs: Optional[Legs], proofs: Proofs, found: Found) -> None:
    for why in proofs.wrong:
        found.append(("proof", UNKNOWN, "%s, so that it proves nothing: what it shows is as reported" % why))
    proofs.settle()
    if legs is None:
        return
    proved, reported, before = Shown(proofs), 0, len(found)
    for asset in legs.assets.values():
        for row in asset.spends:
            reported += not proved.spend(asset, row, found)
        reported += len({move[5] for move in asset.moves})
    reported -= check_receipts(legs, proofs.receipts, found)
    shown = len(proofs.txs) + len(proofs.receipts.proved)
    if legs.claimed > shown:
        told_ = "the papers call %d transactions proved by exhibits, and bytes that this program reads show %d%s"
        found.append(("proof", UNKNOWN, told_ % (legs.claimed, shown, proofs.lacking())))
    if proved.seen and not any(answer == FAILS for _, answer, _ in found[before:]):
        told = (len(proved.seen), proofs.blocks, "".join("; NOT compared: " + text for text in proved.apart()))
        found.append(
            (
                "proof",
                HOLDS,
                "%d transactions by their own bytes, in %d blocks whose Merkle roots and stated work hold: which "
                "outputs they spend, and each output's number, order, amount, receiver and time%s; that these are "
                "blocks of the chain, their hashes show where somebody has the chain" % told,
            )
        )
    if reported:
        found.append(
            (
                "proof",
                HOLDS,
                "%d transactions are as legs.jsonl states them, and NOT compared with the exhibits: no raw bytes "
                "here show those (`recover verify` makes them again from the exhibits)" % reported,
            )
        )


class Shown:
    """`spend` lines beside the bytes of their transactions."""

    def __init__(self, proofs: Proofs) -> None:
        self.txs = proofs.txs
        self.seen: set[str] = set()
        self.unspelt, self.unworth = 0, 0

    def apart(self) -> list[str]:
        """What of these lines their bytes do not say, or this program does not read, by how often."""
        told = [(self.unspelt, "whom %d outputs pay, whose scripts this program does not spell")]
        told.append((self.unworth, "what %d inputs were worth and whose they were, which no bytes here show"))
        return [text % count for count, text in told if count]

    def spend(self, asset: Asset, row: list[Any], found: Found) -> bool:
        """Whether bytes show this transaction; what they say otherwise is named."""
        tx, stop, ins, outs = row
        raw = self.txs.get(tx)
        if raw is None:
            return False
        wrong = ["stands twice"] if tx in self.seen else []
        self.seen.add(tx)
        wrong += self._outputs(asset, raw, outs)
        wrong += self._inputs(asset, raw, ins, outs, stop)
        found.extend(("proof", FAILS, "%s %s" % (tx, why)) for why in wrong[:3])
        return True

    def _outputs(self, asset: Asset, raw: Tx, outs: list[Any]) -> Iterator[str]:
        # An output of nothing carries nothing, and may be left out.
        due = [n for n, (amount, _) in enumerate(raw.outs) if amount or n in {out[4] for out in outs}]
        if [out[4] for out in outs] != due:
            yield "has other outputs, or in another order, by its bytes"
            return
        for _, place, amount, time, leg in outs:
            due_amount, script = raw.outs[leg]
            if due_amount != int(amount):
                yield "pays %d by its output %d, by its bytes, and not %s" % (due_amount, leg, amount)
            if time is not None and instant(time) != datetime.fromtimestamp(raw.time, timezone.utc):
                yield "is of another time by the header of its block than %s" % time
            if not self._owner(asset, place, script):
                yield "pays somebody else by its output %d, by its bytes" % leg

    def _owner(self, asset: Asset, place: Optional[int], script: bytes) -> bool:
        if asset.name.startswith(BITCOIN) and (script[:1], script[1:2], len(script)) in WITNESS:
            text = asset.text(place)
            return text.lower().startswith("bc1") and bech32(text) == (script[0] and 1, script[2:])
        spelt_ = spelt(script, asset.name)
        self.unspelt += spelt_ is None and not script.startswith(b"\x6a")
        if script.startswith(b"\x6a"):  # nobody can spend it
            return place is None
        return spelt_ is None or spelt_ == asset.text(place)

    def _inputs(self, asset: Asset, raw: Tx, ins: list[Any], outs: list[Any], stop: str) -> Iterator[str]:
        paid = sum(int(out[2]) for out in outs)
        if raw.spends == [("00" * 32, 2**32 - 1)]:  # new coins, of which the bytes say what is paid
            if [row[:2] for row in ins] != [[None, None]] or int(ins[0][2]) != paid:
                yield "makes new coins by its bytes, and spends none"
            return
        here = ins[: len(raw.spends)]
        # An input that no exhibit shows is worth what is missing, in one row more.
        more = [row for row in ins[len(raw.spends) :] if row[:2] != [None, None]]
        short = paid - sum(int(row[2]) for row in here)
        if len(here) != len(raw.spends) or more or sum(int(row[2]) for row in ins[len(here) :]) != max(short, 0):
            yield "has %d inputs by its bytes, and here others" % len(raw.spends)
            return
        for (coin, owner, amount), source in zip(here, raw.spends):
            made = asset.places().get(source)
            if coin is None and made is not None and not stop:
                yield "spends output %d of %s by its bytes, and here another" % (source[1], source[0])
            elif coin is not None and asset.coins().get(coin, source) != source:
                yield "spends other outputs by its bytes"
            before = self.txs.get(source[0])
            if before is None or source[1] >= len(before.outs):
                self.unworth += made is None
                continue
            worth, script = before.outs[source[1]]
            if coin is None and stop:
                continue
            if (coin is not None and (int(amount), self._owner(asset, owner, script)) != (worth, True)) or (
                coin is None and int(amount) not in (0, worth)
            ):
                yield "spends %d by its bytes, of output %d of %s, and here another" % (
                    worth,
                    source[1],
                    source[0],
                )


def spelt(script: bytes, asset: str) -> Optional[str]:
    """The address of an output script on Bitcoin; None where this program does not spell it."""
    if not asset.startswith(BITCOIN):
        return None
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return base58(b"\x00" + script[3:23])
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return base58(b"\x05" + script[2:22])
    if len(script) in (35, 67) and script[0] == len(script) - 2 and script[-1:] == b"\xac":
        return "pk(%s)" % script[1:-1].hex()
    return None


WITNESS = {(b"\x00", b"\x14", 22), (b"\x00", b"\x20", 34), (b"\x51", b"\x20", 34)}
"""How scripts begin that pay a key or script by a witness (BIP 141 and 341), and how long they are."""
BITCOIN = "bip122:000000000019d6689c085ae165831e93/"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data: bytes) -> str:
    data += double(data)[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


# ---------------------------------------------------------------------------------------------------------------
# Proofs: headers and receipts of blocks of EVM chains, as nodes answer them (bundle-format.md, 8).

ROUNDS = (
    0x1, 0x8082, 0x800000000000808a, 0x8000000080008000, 0x808b, 0x80000001, 0x8000000080008081,
    0x8000000000008009, 0x8a, 0x88, 0x80008009, 0x8000000a, 0x8000808b, 0x800000000000008b,
    0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x800a,
    0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x80000001, 0x8000000080008008
)  # fmt: skip
TURNS = (1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44)
LANES = (10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1)
FULL = 2**64 - 1


def keccak(data: bytes) -> bytes:
    """Keccak-256 as these chains use it: with the padding from before SHA-3."""
    state = [0] * 25
    data += b"\x01" + b"\0" * (135 - len(data) % 136)
    data = data[:-1] + bytes([data[-1] | 0x80])
    for at in range(0, len(data), 136):
        for i, lane in enumerate(struct.unpack("<17Q", data[at : at + 136])):
            state[i] ^= lane
        for constant in ROUNDS:
            sides = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
            for x in range(5):
                turned = sides[(x + 1) % 5]
                mixed = sides[(x - 1) % 5] ^ ((turned << 1 | turned >> 63) & FULL)
                for y in range(0, 25, 5):
                    state[x + y] ^= mixed
            last = state[1]
            for turn, lane in zip(TURNS, LANES):
                last, state[lane] = state[lane], (last << turn | last >> (64 - turn)) & FULL
            for y in range(0, 25, 5):
                row = state[y : y + 5]
                for x in range(5):
                    state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
            state[0] ^= constant
    return struct.pack("<4Q", *state[:4])


def rlp(item: Any) -> bytes:
    """Recursive length prefix: bytes, or a list of such."""
    if isinstance(item, bytes) and len(item) == 1 and item[0] < 128:
        return item
    body = item if isinstance(item, bytes) else b"".join(rlp(one) for one in item)
    base, size = (128 if isinstance(item, bytes) else 192), len(body)
    if size < 56:
        return bytes([base + size]) + body
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(long)]) + long + body


def octets(text: Any) -> bytes:
    return bytes.fromhex(text[2:])


def whole(text: Any) -> bytes:
    number = int(text, 16)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def node(pairs: list[tuple[str, bytes]]) -> Any:
    """A node of a Merkle-Patricia trie over (nibbles, value)."""

    def path(nibbles: str, leaf: bool) -> bytes:
        odd = len(nibbles) % 2
        return bytes.fromhex(("%x" % (2 * leaf + odd)) + ("" if odd else "0") + nibbles)

    def link(below: list[tuple[str, bytes]]) -> Any:
        made = node(below)
        return made if len(rlp(made)) < 32 else keccak(rlp(made))

    if len(pairs) == 1:
        return [path(pairs[0][0], True), pairs[0][1]]
    first, last = min(pairs)[0], max(pairs)[0]
    shared = first[: next((n for n, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))]
    if shared:
        return [path(shared, False), link([(nibbles[len(shared) :], value) for nibbles, value in pairs])]
    branch: list[Any] = []
    for digit in "0123456789abcdef":
        below = [(nibbles[1:], value) for nibbles, value in pairs if nibbles.startswith(digit)]
        branch.append(link(below) if below else b"")
    return branch + [next((value for nibbles, value in pairs if not nibbles), b"")]


def listed_root(values: list[bytes]) -> bytes:
    """The root of the trie that has each value at the RLP of its place."""
    pairs = [(rlp(whole(hex(n))).hex(), value) for n, value in enumerate(values)]
    return keccak(rlp(node(pairs))) if pairs else keccak(rlp(b""))


HEADER = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom")
HEADER_TAIL = (
    ("baseFeePerGas",),
    ("withdrawalsRoot",),
    ("blobGasUsed", "excessBlobGas"),
    ("parentBeaconBlockRoot",),
)
NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
COUNTS = {"baseFeePerGas", "blobGasUsed", "excessBlobGas"}


def header_hash(block: dict[str, Any]) -> bytes:
    """The hash of a block by its own fields, as far as the forks go that this program knows."""
    fields: list[Any] = [octets(block[name]) for name in HEADER] + [whole(block[name]) for name in NUMBERS]
    fields += [octets(block["extraData"]), octets(block["mixHash"]), octets(block["nonce"])]
    for names in (*HEADER_TAIL, ("requestsHash",)):
        if names[0] in block:
            fields += [whole(block[name]) if name in COUNTS else octets(block[name]) for name in names]
    return keccak(rlp(fields))


def receipt(one: dict[str, Any]) -> bytes:
    logs = [
        [octets(log["address"]), [octets(t) for t in log["topics"]], octets(log["data"])] for log in one["logs"]
    ]
    outcome = whole(one["status"]) if one.get("status") is not None else octets(one["root"])
    kind = int(one.get("type") or "0x0", 16)
    body = rlp([outcome, whole(one["cumulativeGasUsed"]), octets(one["logsBloom"]), logs])
    return (bytes([kind]) if kind else b"") + body


class Receipts:
    """Receipts that the header of their block proves, by transaction: the transfers of tokens in their logs."""

    def __init__(self) -> None:
        self.headers: dict[str, dict[str, Any]] = {}
        self.lists: list[list[dict[str, Any]]] = []
        self.proved: dict[str, dict[tuple[str, str, str, int], int]] = {}
        self.blocks = 0

    def see(self, data: bytes) -> None:
        """Notes the blocks and lists of receipts in an answer of a node; anything else proves nothing here."""
        if data[:1] not in (b"{", b"[") or len(data) > 2**26:
            return
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            return
        for one in answer if isinstance(answer, list) else [answer]:
            got = one.get("result") if isinstance(one, dict) else None
            if isinstance(got, dict) and "receiptsRoot" in got and isinstance(got.get("hash"), str):
                self.headers[got["hash"]] = got
            elif isinstance(got, list) and got and isinstance(got[0], dict) and "cumulativeGasUsed" in got[0]:
                self.lists.append(got)

    def prove(self) -> None:
        for rows in self.lists:
            try:
                block = self.headers[rows[0]["blockHash"]]
                rows = sorted(rows, key=lambda one: int(one["transactionIndex"], 16))
                if [int(one["transactionIndex"], 16) for one in rows] != list(range(len(rows))):
                    continue
                if header_hash(block) != octets(block["hash"]):
                    continue
                if listed_root([receipt(one) for one in rows]) != octets(block["receiptsRoot"]):
                    continue
                self.blocks += 1
                self.proved.update({one["transactionHash"].lower(): transfers(one) for one in rows})
            except (KeyError, ValueError, TypeError, AttributeError, RecursionError, AssertionError):
                continue


CHAIN = "that these are blocks of the chain, their hashes show where somebody has it; ids are as reported"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


def transfers(one: dict[str, Any]) -> dict[tuple[str, str, str, int], int]:
    """(token, payer, receiver, amount) -> how many logs of a receipt say so (ERC-20)."""
    made: dict[tuple[str, str, str, int], int] = {}
    for log in one["logs"]:
        topics = [topic.lower() for topic in log["topics"]]
        if len(topics) == 3 and topics[0] == TRANSFER and len(log["data"]) == 66:
            sides = ["0x" + topic[26:] for topic in topics[1:]]
            key = (log["address"].lower(), sides[0], sides[1], int(log["data"], 16))
            made[key] = made.get(key, 0) + 1
    return made


def check_receipts(legs: Legs, proofs: Receipts, found: Found) -> int:
    """Every proved payment of a token stands in the logs of its receipt; how many transactions are proved."""
    proofs.prove()
    seen: set[str] = set()
    for asset in legs.assets.values():
        chain, _, token = asset.name.partition("/erc20:")
        if not chain.startswith("eip155:") or asset.model != "account":
            continue
        asked: dict[tuple[str, tuple[str, str, str, int]], int] = {}
        for _, src, dst, amount, _, tx, _, _ in asset.moves:
            # What an asset's own contract makes or destroys it may say by other logs than transfers.
            if tx in proofs.proved and token and None not in (src, dst):
                sides = [asset.text(side) for side in (src, dst)]
                key = (tx, (token, sides[0], sides[1], amount))
                asked[key] = asked.get(key, 0) + 1
                seen.add(tx)
        for (tx, row), count in asked.items():
            if count > proofs.proved[tx].get(row, 0):
                found.append(("proof", FAILS, "a movement of %s in %s is not in its receipt" % (token, tx)))
    if seen:
        told = (len(seen), proofs.blocks)
        found.append(
            (
                "proof",
                HOLDS,
                "%d transactions by receipts that the headers of %d blocks state; %s" % (*told, CHAIN),
            )
        )
    return len(seen)


# ---------------------------------------------------------------------------------------------------------------
# The whole: a case folder, or a bundle with its seal (bundle-format.md, 2 and 9).


def check_case(tree: Any, found: Found, head: str = "") -> None:
    entries = check_journal(tree, found)
    if head:
        check_head(entries, head, found)
    proofs = Proofs()
    try:
        check_custody(entries, tree.read("journal.jsonl"), found)
        check_exhibits(tree, entries, found, proofs.see)
        check_made(tree, entries, found)
        check_proofs(check_figures(tree, entries, found), proofs, found)
    except MALFORMED:
        found.append(("case", FAILS, malformed()))
    if {("exhibits", NONE), ("figures", NONE)} <= {row[:2] for row in found}:
        told = "holds no exhibit, no trace and no paper: nothing of it was examined but its journal"
        found.append(("case", UNKNOWN, told))
    if any(name.startswith("private/") for name in tree.sizes):
        return
    if any(e["kind"] == "private" for e in entries):
        found.append(("private", HOLDS, "was left out on purpose: it holds names of persons"))


def malformed() -> str:
    """What is said of a record that cannot even be looked at."""
    where = "a record of %s, or of a file beside it," % LATEST[0] if LATEST[0] else "a record"
    return "%s is not what the format says: something stands where another thing should" % where


def check_paper_bundle(tree: Any, found: Found) -> None:
    """Papers alone: whether they are those of their list and name one head, and the tables fit result.json."""
    listed_, data = "manifest.json", set(tree.sizes)
    if not {listed_, "result.json"} <= data:
        found.append(("papers", FAILS, "have no manifest.json, or no result.json: nothing vouches for them"))
        return
    made, result = table(tree.read(listed_), listed_), table(tree.read("result.json"), "result.json")
    listed = {row["name"]: row["sha256"] for row in made["files"]}
    wrong = []
    if (result.get("head"), result.get("entries")) != (made.get("head"), str(made.get("entry"))):
        wrong.append((listed_, "names another head than result.json"))
    for name in sorted(data - {listed_} | set(listed)):
        if name not in listed:
            wrong.append((name, "is in no list of what was written"))
        elif name in data and sha256(tree.read(name)) != listed[name]:
            wrong.append((name, "differs from what was written"))
        elif name in data and name.startswith(APARTS):
            wrong.append((name, "is no paper of the report, and no bundle of papers holds it"))
        elif name not in data and not name.startswith(APARTS):
            wrong.append((name, "is missing"))
    found.extend((name, FAILS, why) for name, why in wrong)
    if not wrong:
        told = "%d files as their list has them; NOT read: what reports print" % (len(data) - 1)
        found.append(("papers", HOLDS, told))
        check_sheets(Out(tree), result, None, found)
    told = "this is a bundle of papers alone: movements, exhibits and journal are not in it, and no figure can be "
    found.append(("figures", UNKNOWN, told + "computed again from it; that takes the whole bundle, or the case"))


APARTS = ("letters/", "stopped/")
"""Written beside a report, and no part of it: a letter is its recipient's."""


class Out:
    """The files of papers alone as they lie in a case."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.sizes = {"out/" + name: size for name, size in tree.sizes.items()}

    def read(self, name: str) -> bytes:
        made: bytes = self.tree.read(name[4:])
        return made


def lines(tree: Any, name: str) -> dict[str, str]:
    """A BagIt manifest: path -> digest."""
    made: dict[str, str] = {}
    for line in tree.read(name).decode("utf-8").splitlines():
        digest, _, path = line.partition("  ")
        if not path or path in made:
            raise Broken("%s has a line that is none, or a path twice" % name)
        made[path] = digest
    return made


def check_bag(tree: Any, found: Found) -> None:
    """BagIt's own manifests (RFC 8493), with both digests."""
    before = len(found)
    data = {name for name in tree.sizes if name.startswith("data/")}
    own = ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt")
    tags = {name for name in tree.sizes if not name.startswith("data/") and name not in own}
    digests: dict[str, tuple[str, str]] = {}
    folded: dict[str, str] = {}
    for name in sorted(tree.sizes):
        other = folded.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            found.append((name, FAILS, "would be one file with %s where names are not told apart by case" % other))
    for name in sorted(data | tags):
        try:
            whole = tree.read(name)
        except Broken as error:
            found.append((name, FAILS, str(error)))
            whole = b""
        digests[name] = (sha256(whole), hashlib.sha512(whole).hexdigest())
    for place, kind in enumerate(("sha256", "sha512")):
        for manifest, wanted in (("manifest-%s.txt" % kind, data), ("tagmanifest-%s.txt" % kind, tags)):
            if manifest not in tree.sizes:
                found.append((manifest, FAILS, "is missing"))
                continue
            listed = lines(tree, manifest)
            for name in sorted(wanted | set(listed)):
                if name not in listed:
                    found.append((name, FAILS, "was added: it is not in %s" % manifest))
                elif name not in digests:
                    found.append((name, FAILS, "is missing, and stands in %s" % manifest))
                elif listed[name] != digests[name][place]:
                    found.append((name, FAILS, "is not the file of %s" % manifest))
    if len(found) == before:
        found.append(("bag", HOLDS, "%d files by SHA-256 and SHA-512" % len(digests)))
    check_seal(tree, digests, found)


BESIDE = {"bagit.txt", "bag-info.txt", "README.txt", "clerk.html", "bundle-format.md", "recover-verify.py"}
BESIDE |= {"manifest-sha256.txt", "manifest-sha512.txt", "data/versions.txt"}
RUN = (".py", ".pyc", ".pyo", ".pyw", ".pth", ".so", ".pyd")

OLD_CLERK = (
    "eb461d06fac05d3b07d615045185e7b6f2bca3861fb28c334303384e8bab9d17",
    "6dfd268a350ec30913ca430ed61c6f7728297333006c929775e388089454cffc",
)
"""SHA-256 of the page for a clerk with [[NAME]] where its values stand, as each version of the program has it."""

CLERK = {
    "case": "89fd7f3feb58d2429281b5aed5ab0b6a0b8dca015a7ad7682b5949849cd16560",
    "papers": "9a57c8f3ae21d3a854a738c7e3360288c3693bf815026606dff1eef5ea1a66e3",
}
"""The same of bundles of version 2, by what they hold."""

EDITIONS = ("", "V1", "V2", "defence")
"""Editions that are in bundles; empty where no papers were written."""


def holding(seal: dict[str, Any]) -> str:
    """What a bundle holds, as its pages say it."""
    if seal["holds"] == "papers":
        return "papers of edition %s alone; no figure can be computed again from them" % seal["edition"]
    if not seal["edition"]:
        return "the whole case; no papers were written"
    told = "the whole case; its papers are of edition %s, and what that edition leaves out of them is in the "
    return told % str(seal["edition"]) + "bundle all the same"


def closing(put: dict[str, bool]) -> str:
    """How a bundle is closed, as its pages say it."""
    words = (
        ("p7s", "signed"),
        ("tsr", "stamped by an authority for time stamps"),
        ("ots", "given to OpenTimestamps"),
    )
    told = ", ".join(word for name, word in words if put[name])
    return told or "NOT SIGNED AND NOT STAMPED: whoever can write to it can change it and seal it anew"


# fmt: off
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)
# fmt: on


def check_clerk(tree: Any, entries: list[dict[str, Any]], seal: dict[str, Any], found: Found) -> None:
    """The page for a clerk, byte by byte: with its values taken out, it is the page that the program writes.

    Beside papers alone there is no journal, and `entries` is empty: its values are those of result.json.
    """
    name = "clerk.html"
    if name not in tree.sizes:
        return
    try:
        if entries:
            made = settings([e["body"]["text"] for e in entries if e["kind"] in ("opened", "settings")][-1])
            count, head = sum(e["kind"] == "exhibit" for e in entries), head_of(entries)[0]
        else:
            result = table(tree.read("data/papers/result.json"), "result.json")
            made, count, head = result["case"], len(result["exhibits"]), result["head"]
        opened = moment(made["opened"])
        values = [made.get(key, "") for key in ("reference", "agency", "examiner")]
    except Unread as error:
        found.append((name, UNKNOWN, "cannot be made again: the text of the settings %s" % error))
        return
    values[0] = values[0] or "(none)"
    plain_ = all(value.isprintable() and len(value) <= 160 for value in values)
    day = "%02d %s %04d" % (opened.day, MONTHS[opened.month - 1], opened.year)
    values += [day, f"{count:,}"]
    rows = [
        (key, "<dd>%s</dd>", value)
        for key, value in zip(("reference", "agency", "examiner", "opened", "exhibits"), values)
    ]
    rows.append(("head", "<dd><code>%s</code></dd>", head))
    known: tuple[str, ...] = OLD_CLERK
    if seal["seal"] > 1:
        rows += [("holds", "<dd>%s</dd>", holding(seal)), ("closed", "<dd>%s</dd>", closing(seal["put"]))]
        known = (CLERK[seal["holds"]],)
    page, at = tree.read(name), 0
    for key, form_, value in rows:
        mine = (form_ % html.escape(value)).encode("utf-8")
        at = page.find(mine, at)
        if at < 0:
            break
        mark = (form_ % ("[[%s]]" % key)).encode()
        page, at = page[:at] + mark + page[at + len(mine) :], at + len(mark)
    if at >= 0 and sha256(page) in known:
        told = "is the program's page, with the settings' names, %s exhibits and the head %s" % (
            values[4],
            rows[5][2],
        )
        found.append((name, HOLDS, told))
    elif not plain_:
        found.append(
            (name, UNKNOWN, "cannot be made again: the settings have names that it prints in another way")
        )
    else:
        found.append((name, FAILS, "is not the page that the program makes of this journal and these settings"))


def check_info(tree: Any, seal: dict[str, Any], found: Found) -> None:
    """What BagIt's own files say, and that nothing of the table is missing."""
    alone = seal.get("holds") == "papers"
    for name in sorted(BESIDE - ({"data/versions.txt"} if alone else set()) - set(tree.sizes)):
        found.append((name, FAILS, "is missing"))
    if "bagit.txt" in tree.sizes and tree.read("bagit.txt") != BAGIT:
        found.append(("bagit.txt", FAILS, "does not declare BagIt 1.0 in UTF-8"))
    sizes = [size for name, size in tree.sizes.items() if name.startswith("data/")]
    due = {
        "Bag-Software-Agent": "recover %s" % seal["program"],
        "Bagging-Date": seal["made"][:10],
        "External-Identifier": seal["case"] or seal["head"],
        "Payload-Oxum": "%d.%d" % (sum(sizes), len(sizes)),
    }
    info = "".join("%s: %s\n" % row for row in due.items()).encode("utf-8")
    if "bag-info.txt" in tree.sizes and tree.read("bag-info.txt") != info:
        found.append(("bag-info.txt", FAILS, "does not say what this bag is (%s)" % "; ".join(due)))
    digests = {name: sha256(tree.read(name)) for name in OURS if name in tree.sizes}
    try:
        with open(os.path.abspath(__file__), "rb") as file:
            same = sha256(file.read()) == digests.get("recover-verify.py")
    except (OSError, NameError):  # where Python was given this program in another way than as a file
        same = False
    told = "the verifier in the bundle is %s; " % (
        "this program" if same else "another file than this program, and was not run"
    )
    told += "NOT compared with those of the program: " + ", ".join(
        "%s (SHA-256 %s)" % row for row in digests.items()
    )
    found.append(("pages", HOLDS, told))


OURS = ("README.txt", "bundle-format.md", "recover-verify.py", "data/versions.txt")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SEAL = {"seal", "case", "head", "entry", "made", "by", "certificate", "program", "python", "put", "files"}
"""What a seal of version 1 says; one from before `certificate` was added says nothing of it."""

ADDED_KEYS = {"holds", "edition"}
"""What one of version 2 says beside."""


def check_seal(tree: Any, digests: dict[str, tuple[str, str]], found: Found) -> None:
    """seal/manifest.json against every file, and what was put to it: signature, time stamps."""
    name = "seal/manifest.json"
    if name not in tree.sizes:
        found.append((name, FAILS, "is missing: this bundle has no seal"))
        return
    data = tree.read(name)
    seal = table(data, name)
    if canonical(seal) + b"\n" != data:
        found.append((name, FAILS, "is not canonical JSON"))
    if not counted(seal.get("seal"), 1) or seal["seal"] > 2:
        found.append((name, UNKNOWN, "is " + OTHER))
        return
    before = len(found)
    for why in misshapen(seal):
        found.append((name, FAILS, why))
    listed = {row["path"]: row for row in seal["files"]}
    if [row["path"] for row in seal["files"]] != sorted(listed):
        found.append((name, FAILS, "its files are not in order, or one stands twice"))
    put = {"%s%s" % (name, ending) for ending in ("", ".p7s", ".tsr", ".ots")}
    wanted = {one for one in digests if one not in put}
    for path in sorted(wanted | set(listed)):
        if path not in listed:
            found.append((path, FAILS, "was added: it is not in the seal"))
        elif path not in digests:
            found.append((path, FAILS, "is missing, and was sealed"))
        elif (listed[path]["sha256"], listed[path]["sha512"]) != digests[path]:
            found.append((path, FAILS, "is not the file that was sealed"))
        elif not counted(listed[path]["bytes"]) or listed[path]["bytes"] != tree.sizes[path]:
            found.append((path, FAILS, "has not the size that was sealed"))
    for path in sorted(digests):
        if path in put or path in BESIDE:
            continue
        if path.startswith("seal/"):
            found.append((path, FAILS, "is no part of a seal: it lies where a reader looks for one"))
        elif path.startswith("data/case/private/"):
            found.append((path, FAILS, "is private, and no bundle holds that"))
        elif path.lower().endswith(RUN) or ("/" in path and not path.startswith("data/")):
            found.append((path, FAILS, "is a file that Python could run instead of its own"))
        elif seal.get("holds") == "papers" and path.startswith("data/case/"):
            found.append((path, FAILS, "is of the case, and the seal says that papers alone are in this bundle"))
        elif not path.startswith(papers_or_case(seal)):
            found.append((path, UNKNOWN, "is no file of a bundle: the seal alone vouches for it"))
    check_ahead("the seal", seal["made"], found)
    if seal.get("holds") == "papers":
        made = table(tree.read("data/papers/manifest.json"), "manifest.json")
        if (seal["head"], seal["entry"]) != (made.get("head"), made.get("entry")):
            found.append((name, FAILS, "names another head than the papers"))
        check_clerk(tree, [], seal, found)
    elif "data/case/journal.jsonl" not in tree.sizes:
        found.append((name, FAILS, "says that a case is in this bundle, and no journal is"))
    else:
        check_sealed(tree, seal, found)
    check_info(tree, seal, found)
    if not any(answer == FAILS for _, answer, _ in found[before:]):
        found.append(("seal", HOLDS, "%d files as they were sealed; it says on %s" % (len(listed), seal["made"])))
    check_put(tree, seal, data, found)


def papers_or_case(seal: dict[str, Any]) -> str:
    """The folder of what a bundle holds."""
    return "data/papers/" if seal.get("holds") == "papers" else "data/case/"


def check_sealed(tree: Any, seal: dict[str, Any], found: Found) -> None:
    """What a seal says of the case in its bundle, and the page for a clerk."""
    name = "seal/manifest.json"
    try:
        entries = journal(tree.read("data/case/journal.jsonl"))
        if (seal["head"], seal["entry"], seal["case"]) != (*head_of(entries), entries[0]["hash"]):
            found.append((name, FAILS, "names another case, or another head of its journal"))
        if seal["made"] < entries[-1]["time"]:
            told = "says that it was made at %s, before the last entry of the journal in it (%s)"
            found.append((name, FAILS, told % (seal["made"], entries[-1]["time"])))
        if seal["seal"] > 1 and seal["edition"] != edition_of(tree, entries):
            found.append((name, FAILS, "names another edition of the papers than the journal does"))
        check_clerk(tree, entries, seal, found)
    except (Broken, KeyError):
        pass  # said of the journal itself


def edition_of(tree: Any, entries: list[dict[str, Any]]) -> str:
    """The edition of the papers in a bundle; empty where there are none."""
    if "data/case/out/manifest.json" not in tree.sizes:
        return ""
    wrote = [e["n"] for e in entries if e["kind"] == "writing"]
    until = wrote[-1] if wrote else len(entries)
    chosen = [e["body"]["edition"] for e in entries[:until] if e["kind"] == "papers"]
    return str(chosen[-1]) if chosen else "V1"


def misshapen(seal: dict[str, Any]) -> Iterator[str]:
    """What is not in a seal as it should be."""
    due = SEAL - {"certificate"} if seal["seal"] == 1 else SEAL | ADDED_KEYS
    if due - set(seal):
        raise Broken("seal/manifest.json does not say its %s" % min(due - set(seal)))
    if set(seal) - due - {"certificate"}:
        yield "says more or less than a seal does: %s" % ", ".join(sorted(set(seal) ^ due))[:200]
    if seal["seal"] > 1 and (seal["holds"] not in ("case", "papers") or seal["edition"] not in EDITIONS):
        raise Broken("seal/manifest.json does not say what the bundle holds")
    if seal.get("holds") == "papers" and (seal["case"] or seal["edition"] not in ("V2", "defence")):
        yield "names a case, or an edition that leaves nothing out, beside papers alone"
    put = seal["put"]
    if (
        not isinstance(put, dict)
        or set(put) != {"p7s", "tsr", "ots"}
        or not all(type(v) is bool for v in put.values())
    ):
        raise Broken("seal/manifest.json does not say what was put to it")
    if not isinstance(seal["made"], str) or not TIME.match(seal["made"]) or not dated(seal["made"]):
        raise Broken("seal/manifest.json does not say when it was made")
    if not all(isinstance(seal[key], str) for key in ("by", "case", "head", "program", "python")):
        raise Broken("seal/manifest.json has something else than texts where they should stand")
    if bool(seal["by"]) != put["p7s"] or bool(seal.get("certificate", put["p7s"])) != put["p7s"]:
        yield "names a signer without a signature, or none beside one"


ANEW = "whoever can write to the bundle can seal it anew"


def check_put(tree: Any, seal: dict[str, Any], data: bytes, found: Found) -> None:
    """What was put to the seal, and what that shows of whose it is and when it was made: by itself, nothing."""
    for part in ("p7s", "tsr", "ots"):
        name = "seal/manifest.json." + part
        what = {"p7s": "signature", "tsr": "time stamp", "ots": name}[part]
        if name not in tree.sizes:
            if seal["put"][part]:
                found.append((name, FAILS, "is missing, and the seal says that it was put"))
            continue
        if not seal["put"][part]:
            found.append((what, FAILS, "is there, and the seal says that none was put: it was added by somebody"))
            continue
        try:
            if part == "p7s":
                found.append((what, HOLDS, check_signature(tree.read(name), data)))
                check_signer(tree.read(name), data, seal, found)
            elif part == "tsr":
                found.append((what, HOLDS, check_stamp(tree.read(name), data, seal["made"])))
            else:
                found.append(check_ots(name, tree.read(name), data))
        except Broken as error:
            found.append((what, FAILS, str(error)))
        except Unread as error:
            found.append((what, UNKNOWN, str(error)))
        except MALFORMED:
            found.append((what, FAILS, "is not what it should be: something stands where another thing should"))
    if seal["put"]["p7s"]:
        told = "SIGNED with a certificate that nobody here vouches for: until its issuer, or its SHA-256 from "
        told += "elsewhere, shows whose it is, %s with another of the same name" % ANEW
    elif seal["put"]["tsr"]:
        told = "NOT SIGNED, and stamped by an authority that nobody here vouches for: until its certificate shows "
        told += "whose it is, %s and stamp it" % ANEW
    elif seal["put"]["ots"]:
        told = "NOT SIGNED AND NOT STAMPED, but for the calendars' proof: until a block has it, %s" % ANEW
    else:
        told = "NOT SIGNED AND NOT STAMPED: " + ANEW
    found.append(("seal", HOLDS, told))


MALFORMED = (KeyError, TypeError, ValueError, IndexError, AssertionError, AttributeError, StopIteration)
MALFORMED += (ArithmeticError, struct.error)  # type: ignore[assignment]


class Unread(Exception):
    """What is there may be right, and this program cannot tell."""


def der(data: bytes, at: int = 0) -> tuple[int, bytes, bytes, int]:
    """Tag, content, the whole element, and where the next one begins."""
    if at + 2 > len(data):
        raise Broken("its DER ends too soon")
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= 128:
        count = length & 127
        if not 0 < count < 5:
            raise Unread("it is written with lengths that this program does not read")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > len(data):
        raise Broken("its DER ends too soon")
    return tag, data[start : start + length], data[at : start + length], start + length


def inner(data: bytes) -> list[tuple[int, bytes, bytes]]:
    made, at = [], 0
    while at < len(data):
        tag, content_, whole, at = der(data, at)
        made.append((tag, content_, whole))
    return made


Point = Optional[tuple[int, int]]

OIDS = {
    "2a864886f70d010702": "signed-data",
    "2a864886f70d010904": "message-digest",
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
    "2a864886f70d010101": "rsa",
    "2a864886f70d01010b": "rsa",
    "2a864886f70d01010c": "rsa",
    "2a864886f70d01010d": "rsa",
    "2a864886f70d01010a": "rsa-pss",
    "2a864886f70d010108": "mgf1",
    "2a8648ce3d0201": "ec",
    "2a8648ce3d040302": "ec",
    "2a864886f70d0109100104": "tst-info",
}


def oid(data: bytes) -> str:
    return OIDS.get(data.hex(), data.hex())


def signed_data(data: bytes) -> tuple[list[tuple[int, bytes, bytes]], bytes]:
    """The parts of CMS SignedData, and the content that it carries (empty where it is detached)."""
    _, outer, _, _ = der(data)
    kind, wrapped = inner(outer)[:2]
    if oid(kind[1]) != "signed-data":
        raise Broken("is no CMS SignedData")
    parts = inner(inner(wrapped[1])[0][1])
    carried = inner(parts[2][1])
    inside = inner(carried[1][1])[0][1] if len(carried) > 1 else b""
    return parts, inside


def verified(data: bytes, content_: bytes, carries: bool = False) -> tuple[bytes, str]:
    """Checks every signer of a CMS signature over `content_`; gives the certificate that made it and its digest's
    name. `carries` is whether the content stands in it, as in a time stamp."""
    if der(data)[3] != len(data):
        raise Broken("has something behind its end")
    parts, inside = signed_data(data)
    if bool(inside) != carries:
        raise Broken("is a signature of another form: one beside its content, and no other, belongs here")
    certificates = [whole for tag, body, _ in parts if tag == 0xA0 for _, _, whole in inner(body)]
    signers = [inner(body) for _, body, _ in inner(parts[-1][1])]
    if not signers or not certificates:
        raise Broken("holds no signer, or no certificate")
    made = [verified_one(signer, certificates, content_) for signer in signers]
    if len(made) > 1:
        raise Broken(
            "was made by %d signers (%s): one, whom the seal names, belongs here"
            % (len(made), "; ".join(subject(certificate) for certificate, _ in made))
        )
    return made[0]


def verified_one(
    signer: list[tuple[int, bytes, bytes]], certificates: list[bytes], content_: bytes
) -> tuple[bytes, str]:
    algorithm = oid(inner(signer[2][1])[0][1])
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise Unread("it uses a digest that this program does not compute")
    attributes = next((one for one in signer if one[0] == 0xA0), None)
    if attributes is None:
        raise Broken("has no signed attributes")
    said = [
        inner(inner(body)[1][1])[0][1]
        for _, body, _ in inner(attributes[1])
        if oid(inner(body)[0][1]) == "message-digest"
    ]
    if said != [hashlib.new(algorithm, content_).digest()]:
        raise Broken("was made over another file")
    message = b"\x31" + attributes[2][1:]
    place = next((n for n, one in enumerate(signer) if one[0] == 4), 0)
    if not place:
        raise Broken("holds no signature")
    signature, how = signer[place][1], inner(signer[place - 1][1])
    named_ = inner(signer[1][1]) if signer[1][0] == 0x30 else None
    for certificate in certificates:
        body = inner(inner(inner(certificate)[0][1])[0][1])
        first = 1 if body[0][0] == 0xA0 else 0
        mine = named_ and (body[first][1], body[first + 2][2]) == (named_[1][1], named_[0][2])
        key_id = signer[1][1] in extension(certificate, "551d0e")
        if mine or (named_ is None and key_id):
            if check_key(body[first + 5][1], algorithm, message, signature, how):
                return certificate, algorithm
            raise Broken("is not one that the certificate's key made (%s)" % subject(certificate))
    raise Broken("names a certificate that it does not hold")


def extension(certificate: bytes, identifier: str) -> bytes:
    """The content of an extension of a certificate, by its object identifier; empty where there is none."""
    body = inner(inner(inner(certificate)[0][1])[0][1])
    for _, rows, _ in (one for one in body if one[0] == 0xA3):
        for _, row, _ in inner(inner(rows)[0][1]):
            fields = inner(row)
            if fields[0][1].hex() == identifier:
                return fields[-1][1]
    return b""


def check_key(
    key: bytes, algorithm: str, message: bytes, signature: bytes, how: list[tuple[int, bytes, bytes]]
) -> bool:
    """Whether a key made a signature; `how` is the algorithm that the signer names, with its parameters."""
    kind, bits = inner(key)
    name = oid(inner(kind[1])[0][1])
    if name in ("rsa", "rsa-pss"):
        modulus, exponent = (int.from_bytes(one[1], "big") for one in inner(inner(bits[1][1:])[0][1]))
        if not 1 < modulus < 2**16384 or not 1 < exponent < 2**64 or len(signature) > 2048:
            raise Unread("its key is larger than this program computes with")
        size = (modulus.bit_length() + 7) // 8
        raised = pow(int.from_bytes(signature, "big"), exponent, modulus)
        if name == "rsa-pss" and oid(how[0][1]) != "rsa-pss":
            raise Broken("is PKCS #1 1.5, and the certificate's key is for PSS alone")
        if oid(how[0][1]) == "rsa-pss":
            return pss(raised, modulus.bit_length() - 1, message, algorithm, how)
        digest = hashlib.new(algorithm, message).digest()
        head = {
            "sha256": "3031300d060960864801650304020105000420",
            "sha384": "3041300d060960864801650304020205000430",
        }
        info = bytes.fromhex(head.get(algorithm, "3051300d060960864801650304020305000440")) + digest
        padded = b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info
        return raised.to_bytes(size, "big") == padded
    curve = CURVES.get(inner(kind[1])[1][1].hex()) if name == "ec" else None
    if curve is not None:
        return on_curve(curve, bits[1][1:], hashlib.new(algorithm, message).digest(), signature)
    raise Unread("its key is of a kind that this program does not compute: use openssl, as README.txt prints")


def pss(raised: int, bits: int, message: bytes, algorithm: str, how: list[tuple[int, bytes, bytes]]) -> bool:
    """RSASSA-PSS (RFC 8017, 9.1.2), with the digest of the signer and MGF1 of the same."""
    fields = {tag: inner(body)[0] for tag, body, _ in inner(how[1][1])} if len(how) > 1 else {}
    names = [oid(inner(fields[0xA0][1])[0][1])] if 0xA0 in fields else [""]
    mask = inner(fields[0xA1][1]) if 0xA1 in fields else []
    names.append(oid(inner(mask[1][1])[0][1]) if len(mask) > 1 and oid(mask[0][1]) == "mgf1" else "")
    if names != [algorithm, algorithm]:
        raise Unread("it is RSA-PSS with other digests than the signer's: use openssl, as README.txt prints")
    salted = int.from_bytes(fields[0xA2][1], "big") if 0xA2 in fields else 20
    digest = hashlib.new(algorithm, message).digest()
    size, length = (bits + 7) // 8, len(digest)
    if raised >> 8 * size or size < length + salted + 2:
        return False
    whole_ = raised.to_bytes(size, "big")
    masked, given, spare = whole_[: size - length - 1], whole_[size - length - 1 : -1], 8 * size - bits
    if whole_[-1] != 0xBC or masked[0] >> (8 - spare):
        return False
    stream = b"".join(
        hashlib.new(algorithm, given + struct.pack(">I", n)).digest() for n in range(len(masked) // length + 1)
    )
    block = bytearray(a ^ b for a, b in zip(masked, stream))
    block[0] &= 0xFF >> spare
    empty = len(block) - salted - 1
    if any(block[:empty]) or block[empty] != 1:
        return False
    return hashlib.new(algorithm, bytes(8) + digest + bytes(block[empty + 1 :])).digest() == given


class Curve:
    """A curve of NIST (FIPS 186-4): y^2 = x^3 - 3x + b over a prime, with its order and generator."""

    def __init__(self, p: int, n: str, b: str, x: str, y: str) -> None:
        self.p, self.n, self.b, self.g = p, int(n, 16), int(b, 16), (int(x, 16), int(y, 16))
        self.size = (p.bit_length() + 7) // 8

    def plus(self, a: Point, b: Point) -> Point:
        if a is None or b is None:
            return a or b
        if a[0] == b[0] and (a[1] + b[1]) % self.p == 0:
            return None
        if a == b:
            slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, self.p) % self.p
        else:
            slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, self.p) % self.p
        x = (slope * slope - a[0] - b[0]) % self.p
        return x, (slope * (a[0] - x) - a[1]) % self.p

    def times(self, n: int, a: Point) -> Point:
        made: Point = None
        while n:
            made = self.plus(made, a) if n & 1 else made
            a, n = self.plus(a, a), n >> 1
        return made


CURVES = {
    "2a8648ce3d030107": Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    ),
    "2b81040022": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    ),
    "2b81040023": Curve(
        2**521 - 1,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
        "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
        "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dba"
        "a14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
        "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c"
        "97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    ),
}
"""P-256, P-384 and P-521, by their object identifiers."""


def on_curve(curve: Curve, key: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether a key on a curve made an ECDSA signature (FIPS 186-4, 6.4)."""
    size = curve.size
    if len(key) != 2 * size + 1 or key[0] != 4:
        raise Unread("its key is compressed")
    point = (int.from_bytes(key[1 : size + 1], "big"), int.from_bytes(key[size + 1 :], "big"))
    if (point[1] ** 2 - point[0] ** 3 + 3 * point[0] - curve.b) % curve.p:
        raise Broken("names a key that is no point of its curve")
    r, s = (int.from_bytes(one[1], "big") for one in inner(inner(signature)[0][1]))
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    number = int.from_bytes(digest, "big") >> max(8 * len(digest) - curve.n.bit_length(), 0)
    back = pow(s, -1, curve.n)
    got = curve.plus(curve.times(number * back % curve.n, curve.g), curve.times(r * back % curve.n, point))
    return got is not None and got[0] % curve.n == r


def subjects(certificate: bytes) -> list[str]:
    body = inner(inner(inner(certificate)[0][1])[0][1])
    names = body[5 if body[0][0] == 0xA0 else 4][1]
    return [inner(inner(rdn)[0][1])[1][1].decode("utf-8", "replace") for _, rdn, _ in inner(names)]


def subject(certificate: bytes) -> str:
    return ", ".join(subjects(certificate))


SHORT = {"550403": "CN", "550407": "L", "550408": "ST", "55040a": "O", "55040b": "OU", "550406": "C"}
SHORT.update({"550409": "STREET", "0992268993f22c640119": "DC", "0992268993f22c640101": "UID"})


def dotted(data: bytes) -> str:
    """An object identifier by its numbers."""
    arcs, number = [], 0
    for one in data:
        number = number << 7 | one & 127
        if one < 128:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def distinguished(certificate: bytes) -> str:
    """Whom a certificate names, as RFC 4514 writes it: the last part first."""
    body = inner(inner(inner(certificate)[0][1])[0][1])
    names = body[5 if body[0][0] == 0xA0 else 4][1]
    parts = []
    for _, rdn, _ in inner(names):
        pairs = [inner(pair) for _, pair, _ in inner(rdn)]
        told = [(SHORT.get(kind[1].hex(), dotted(kind[1])), value) for kind, value in pairs]
        parts.append("+".join("%s=%s" % (name, escaped(plain(*value[:2]))) for name, value in told))
    return ",".join(reversed(parts))


def plain(tag: int, data: bytes) -> str:
    """The text of a value of a name, by its kind of string."""
    return data.decode({0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}.get(tag, "utf-8"), "replace")


def check_signer(data: bytes, manifest: bytes, seal: dict[str, Any], found: Found) -> None:
    """Whether the seal names whom the certificate names, and this certificate."""
    certificate, _ = verified(data, manifest)
    named_ = distinguished(certificate)
    if not named_ or seal["by"] != named_:
        told = (named_ or "nobody", seal["by"] or "nobody")
        found.append(("signature", FAILS, "was made with the key of %s, and the seal names %s" % told))
    elif seal.get("certificate", sha256(certificate)) != sha256(certificate):
        found.append(("signature", FAILS, "was made with another certificate of this name than the seal states"))


def escaped(text: str) -> str:
    """A value of a distinguished name as RFC 4514 writes it."""
    made = re.sub(r'([,+"\\<>;])', r"\\\1", text).replace("\0", "\\00")
    made = "\\" + made if made[:1] in ("#", " ") else made
    return made[:-1] + "\\ " if made.endswith(" ") and len(text) > 1 else made


def check_signature(data: bytes, manifest: bytes) -> str:
    certificate, _ = verified(data, manifest)
    told = (subject(certificate), sha256(certificate))
    return "made with the key of %s; certificate SHA-256 %s. Whose it is, only its issuer can say" % told


def check_stamp(data: bytes, manifest: bytes, made: str) -> str:
    """An RFC 3161 response over seal/manifest.json, of about the moment at which the seal says it was made."""
    _, outer, _, end = der(data)
    if end != len(data):
        raise Broken("has something behind its end")
    parts = inner(outer)
    if len(parts) < 2 or int.from_bytes(inner(parts[0][1])[0][1], "big") > 1:
        raise Broken("the authority refused")
    tokens, info = signed_data(parts[1][2])
    if oid(inner(tokens[2][1])[0][1]) != "tst-info":
        raise Broken("holds something else than a time stamp")
    certificate, _ = verified(parts[1][2], info, carries=True)
    if bytes.fromhex("06082b06010505070308") not in extension(certificate, "551d25"):
        raise Broken("was made with a certificate that is not for time stamps (%s)" % subject(certificate))
    fields = inner(inner(info)[0][1])
    imprint = inner(fields[2][1])
    algorithm = oid(inner(imprint[0][1])[0][1])
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise Unread("it stamps a digest that this program does not compute")
    if imprint[1][1] != hashlib.new(algorithm, manifest).digest():
        raise Broken("was made over another file")
    time = next(body.decode() for tag, body, _ in fields if tag == 0x18)
    try:
        when = datetime.strptime(time[:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    except ValueError:
        when = None
    if when is None or not re.match(r"[0-9]{14}(\.[0-9]+)?Z\Z", time):
        raise Broken("states %s, and there is no such moment" % time[:40])
    if abs((when - moment(made)).total_seconds()) > 86400:
        raise Broken(
            "is of %s, more than a day from %s, when the seal says that it was made" % (when.isoformat(), made)
        )
    told = (when.isoformat(), subject(certificate), sha256(certificate))
    return (
        "of seal/manifest.json, not of the signature beside it: %s, by an authority nobody here vouches for, "
        "which calls itself %s (certificate SHA-256 %s): whose that is, only its issuer can say" % told
    )


OTS_HEAD = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"


class Stamp:
    """A detached OpenTimestamps proof, read to its end: each attestation, and what it is of."""

    def __init__(self, data: bytes, digest: bytes) -> None:
        self.data, self.at = data, 0
        self.pending: list[str] = []
        self.bitcoin: list[tuple[int, str]] = []
        self.other = 0
        self.work = 2**22
        self._walk(digest, 0)
        if self.at != len(data):
            raise Broken("has %d bytes after its end" % (len(data) - self.at))

    def _some(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise Broken("ends too soon")
        self.at += count
        return self.data[self.at - count : self.at]

    def _works(self, much: int) -> None:
        """No calendar's proof takes a thousandth of this."""
        self.work -= much + 1
        if self.work < 0:
            raise Unread("takes more work to follow than any calendar's proof")

    def _number(self) -> int:
        made, shift = 0, 0
        while True:
            one = self._some(1)[0]
            made |= (one & 127) << shift
            shift += 7
            if one < 128:
                return made
            if shift > 63:
                raise Broken("holds a number that is none")

    def _walk(self, message: bytes, deep: int) -> None:
        """One node: every branch but the last begins with 0xff."""
        if deep > 256:
            raise Broken("is nested deeper than any calendar does")
        tag = self._some(1)[0]
        while tag == 0xFF:
            self._branch(self._some(1)[0], message, deep)
            tag = self._some(1)[0]
        self._branch(tag, message, deep)

    def _branch(self, tag: int, message: bytes, deep: int) -> None:
        if tag == 0:
            kind, payload = self._some(8), self._some(min(self._number(), 8192))
            if kind == bytes.fromhex("83dfe30d2ef90c8e"):
                self.pending.append(payload[1:].decode("utf-8", "replace"))
            elif kind == bytes.fromhex("0588960d73d71901"):
                height, shift = 0, 0
                for one in payload:
                    height, shift = height | (one & 127) << shift, shift + 7
                self.bitcoin.append((height, message[::-1].hex()))
            else:
                self.other += 1
            return
        if tag in (0xF0, 0xF1):
            more = self._some(min(self._number(), 4096))
            message = message + more if tag == 0xF0 else more + message
            self._works(len(message))
        elif tag in (0x02, 0x08):
            self._works(len(message))
            message = hashlib.new({0x02: "sha1", 0x08: "sha256"}[tag], message).digest()
        elif tag == 0x67:
            self._works(64 * (len(message) + 136))
            message = keccak(message)
        elif tag == 0xF2:
            message = message[::-1]
        else:
            raise Unread("uses an operation that this program does not compute: `ots verify` does")
        if len(message) > 4096:
            raise Broken("makes a message longer than any calendar does")
        self._walk(message, deep + 1)


def check_ots(name: str, data: bytes, manifest: bytes) -> tuple[str, str, str]:
    """A proof is followed to its attestations; whether a block has the root it names, `ots verify` looks up."""
    if not data.startswith(OTS_HEAD + b"\x01\x08"):
        return name, FAILS, "is no OpenTimestamps proof over SHA-256"
    at = len(OTS_HEAD) + 2
    digest = hashlib.sha256(manifest).digest()
    if data[at : at + 32] != digest:
        return name, FAILS, "was made over another file"
    try:
        stamp = Stamp(data[at + 32 :], digest)
    except Broken as error:
        return name, FAILS, str(error)
    except Unread as error:
        return name, UNKNOWN, str(error)
    if stamp.bitcoin:
        told = "over this manifest, if block %d of Bitcoin has the Merkle root %s: `ots verify` looks it up"
        return name, HOLDS, told % stamp.bitcoin[0]
    if stamp.pending:
        told = "over this manifest, PENDING at %s: it shows no time yet; `ots upgrade` asks for the block"
        return name, HOLDS, told % ", ".join(stamp.pending)
    return name, UNKNOWN, "is over this manifest, and attested by nobody that this program knows"


def check_tree(tree: Any, found: Found, head: str = "") -> None:
    if "bagit.txt" in tree.sizes:
        check_bag(tree, found)
        parts = {name.split("/")[1] for name in tree.sizes if name.startswith("data/")}
        if "papers" in parts and "case" not in parts:
            check_paper_bundle(Part(tree, "data/papers/"), found)
            if head:
                said = table(tree.read("data/papers/manifest.json"), "manifest.json").get("head")
                same = head.strip().lower() == said
                told = (
                    "is that of the papers here"
                    if same
                    else "is not that of the papers here, and no journal is here"
                )
                found.append(("head", HOLDS if same else UNKNOWN, told))
            return
        tree = Part(tree, "data/case/")
    check_case(tree, found, head)


def check(path: str, head: str = "") -> Found:
    """All that was found of a case or a bundle, in order; `head` as --head has it."""
    found: Found = []
    LATEST[0] = ""
    try:
        if os.path.islink(path):
            raise Broken("%s is a link: name the folder itself" % path)
        check_tree(Folder(path) if os.path.isdir(path) else Archive(path), found, head)
    except Broken as error:
        found.append((os.path.basename(path) or path, FAILS, str(error)))
    except MALFORMED:
        found.append((os.path.basename(path) or path, FAILS, malformed()))
    except zipfile.BadZipFile as error:
        found.append(
            (os.path.basename(path) or path, FAILS, "is no folder, and no whole zip archive (%s)" % error)
        )
    except (OSError, RecursionError, MemoryError, NotImplementedError) as error:
        found.append((os.path.basename(path) or path, UNKNOWN, "cannot be read (%s)" % error))
    return found


def main(arguments: list[str]) -> int:
    head, left = "", list(arguments)
    if "--help" in left or "-h" in left:
        print(__doc__)
        return 0
    if "--head" in left[:-1]:
        head = left.pop(left.index("--head") + 1)
        left.remove("--head")
    paths = [one for one in left if not one.startswith("--")]
    if len(paths) != 1 or set(left) - set(paths) - {"--json"}:
        sys.stderr.write("usage: python3 -I recover-verify.py CASE|BUNDLE [--head HASH] [--json]\n")
        return 2
    found = check(paths[0], head)
    answers = {answer for _, answer, _ in found}
    worst = FAILS if FAILS in answers else UNKNOWN if UNKNOWN in answers or HOLDS not in answers else HOLDS
    counted_ = any(row[:2] == ("figures", HOLDS) for row in found)
    if "--json" in arguments:
        rows = [{"name": n, "answer": a, "detail": d} for n, a, d in found]
        print(json.dumps({"answer": worst, "recomputed": counted_, "checks": rows}, indent=1))
    else:
        for name, answer, detail in found:
            told = "%-22s %s: %s" % (name, answer, detail)
            print(
                "".join(c if c.isprintable() else "?" for c in told).encode("ascii", "backslashreplace").decode()
            )
        more = "" if counted_ else "; NO FIGURE WAS RECOMPUTED"
        print("\n%s %s%s" % (paths[0], worst.upper(), more))
    return {FAILS: 3, UNKNOWN: 6, HOLDS: 0}[worst]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
