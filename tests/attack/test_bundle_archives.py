"""Journals, records and archives of a bundle that one reader reads otherwise than another: each is named."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attack.forging import CASE, JOURNAL, LEGS, RESULT, Bundle, digest

from recover.cli.main import main
from recover.sealing import recover_verify as outside

DAMAGED, APART = 3, 6


def test_an_exhibit_on_which_papers_rest_cannot_be_taken_out(account: Bundle) -> None:
    gone = digest(gzip.decompress(account.files[CASE + "exhibits/0002.warc.gz"]))
    del account.files[CASE + "exhibits/0002.warc.gz"]
    for name in [name for name in account.files if "labels-csv" in name]:
        del account.files[name]
    account.entries(
        lambda entries: [
            entry
            for entry in entries
            if not (entry["kind"] == "exhibit" and entry["body"]["number"] == 2)
            and not (entry["kind"] == "decoded" and "labels-csv" in str(entry["body"]))
        ]
    )
    entries = [json.loads(line) for line in account.files[JOURNAL].splitlines()]
    head = outside.head_of(entries)
    account.files[RESULT] = account.files[RESULT].replace(b'"entries":"8"', b'"entries":"%d"' % (head[1] - 2))
    assert gone
    assert "result.json" in account.fitted().named()


def test_a_kind_that_the_format_does_not_have_could_not_be_checked(account: Bundle) -> None:
    account.entries(lambda entries: [*entries, entries[-1] | {"kind": "nonsense", "body": {"x": 1}}])
    assert "journal" in account.fitted().named(outside.UNKNOWN)


def test_every_kind_that_the_program_writes_is_known() -> None:
    from recover.case import journal, returnable

    assert set(journal.INPUTS) == outside.INPUTS
    assert set(returnable.NEEDED) <= outside.KINDS


RECORDED = {
    **dict.fromkeys(("id", "by", "asset", "stage", "mode", "authority"), "x"),
    **dict.fromkeys(("pool", "reserve", "costs"), "1"),
    "paid": {"V-A": "1"},
}
BODIES = [
    ("distribution", RECORDED, True),
    ("distribution", {key: value for key, value in RECORDED.items() if key != "paid"}, False),
    ("distribution", {"id": "D1", "by": "N", "act": "withdraw", "reason": "typed wrong"}, True),
    ("distribution", {"id": "D1", "by": "N", "act": "withdraw"}, False),
    ("distribution", {"id": "D1", "by": "N", "act": "other", "reason": "x"}, False),
    ("victim", {"id": "V", "act": "more", "back": [["1 x", "x", "5"]], "alike": ["V-B"]}, True),
    ("victim", {"id": "V", "act": "more", "back": [["1 x", "x", "-5"]]}, False),
    ("victim", {"id": "V", "act": "more", "payments": [{"instead": "one"}]}, False),
]


@pytest.mark.parametrize(("kind", "body", "holds"), BODIES)
def test_the_program_and_the_verifier_read_one_form(kind: str, body: dict[str, Any], holds: bool) -> None:
    from recover.case import returnable

    needed = all(name in body and fits(body[name]) for name, fits in returnable.NEEDED[kind].items())
    assert (needed and returnable.fits(kind, body)) is holds
    assert (not list(outside.unshaped(kind, body))) is holds


@pytest.mark.parametrize("value", [True, "2", 0, None])
def test_the_format_of_a_case_is_a_number(value: Any, account: Bundle) -> None:
    account.entries(lambda entries: entries[0]["body"].update(format=value))
    assert "journal" in account.fitted().named()


def stored(*records: tuple[bytes, bytes, bytes]) -> bytes:
    made = b""
    for kind, length, data in records:
        head = b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Date: 2026-11-29T10:38:28Z\r\nWARC-Target-URI: x\r\n" % kind
        sums = b"sha256:" + digest(data).encode()
        head += b"Content-Length: %s\r\nWARC-Block-Digest: %s\r\nWARC-Payload-Digest: %s\r\n" % (
            length,
            sums,
            sums,
        )
        made += gzip.compress(head + b"\r\n" + data + b"\r\n\r\n", mtime=0)
    return made


def test_a_record_is_read_to_the_letter() -> None:
    whole = stored((b"resource", b"8", b"a,b\n1,2\n"))
    assert outside.content(whole, 8)[0] == b"a,b\n1,2\n"
    for forged in (
        stored((b"resource", b"+8", b"a,b\n1,2\n")),
        stored((b"resource", b"0_8", b"a,b\n1,2\n")),
        whole + stored((b"metadata", b"1", b"x")),
        whole + stored((b"conversion", b"1", b"x")),
        whole + whole,
        whole[:3] + b"\x08" + whole[4:10] + b"words\0" + whole[10:],
        gzip.compress(gzip.decompress(whole).replace(b"WARC-Date: 2026-11-29T10:38:28Z\r\n", b""), mtime=0),
    ):
        with pytest.raises(outside.Broken):
            outside.content(forged, 8)


# What another reader of an archive sees.


def packed(bundle: Bundle, path: Path, change: Callable[[zipfile.ZipInfo], Any] = lambda one: None) -> bytearray:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(bundle.files.items()):
            one = zipfile.ZipInfo("d/" + name)
            one.compress_type = zipfile.ZIP_DEFLATED
            change(one)
            archive.writestr(one, data)
    return bytearray(path.read_bytes())


def widened(data: bytearray, path: Path, name: str, more: bytes, local: bool) -> None:
    """Bytes behind the packed bytes of one member; `local`: its own header has them too."""
    with zipfile.ZipFile(path) as archive:
        (one,) = [one for one in archive.infolist() if one.filename == name]
        directory = archive.start_dir
    at = one.header_offset
    end = at + 30 + sum(struct.unpack_from("<HH", data, at + 26)) + one.compress_size
    if local:
        struct.pack_into("<I", data, at + 18, one.compress_size + len(more))
    data[end:end] = more
    place = directory + len(more)
    while data[place : place + 4] == b"PK\x01\x02":
        (offset,) = struct.unpack_from("<I", data, place + 42)
        if offset == at:
            struct.pack_into("<I", data, place + 20, one.compress_size + len(more))
        if offset > at:
            struct.pack_into("<I", data, place + 42, offset + len(more))
        place += 46 + sum(struct.unpack_from("<HHH", data, place + 28))
    struct.pack_into("<I", data, place + 16, directory + len(more))
    path.write_bytes(bytes(data))


def hidden(name: bytes, body: bytes) -> bytes:
    """A local record that no directory lists."""
    crc = zlib.crc32(body)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 33, crc, len(body), len(body), len(name), 0)
    return head + name + body


def test_an_archive_shows_every_reader_the_same(account: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"

    def answer() -> int:
        return outside.main([str(path)])

    data = packed(account, path)
    assert answer() == 0
    report = f"d/{CASE}out/report.md"
    widened(bytearray(data), path, report, hidden(b"d/data/case/out/report.html", b"ANOTHER REPORT"), local=False)
    assert answer() == DAMAGED
    widened(bytearray(data), path, report, b"SECRET " * 100, local=True)
    assert answer() == DAMAGED
    for at, form, value in ((8, "<H", 0), (6, "<H", 2), (14, "<I", 7), (18, "<I", 7), (22, "<I", 7)):
        other = bytearray(data)
        struct.pack_into(form, other, 0 + at, value)
        path.write_bytes(bytes(other))
        assert answer() == DAMAGED, at
    upath = b"\x01" + bytes(4) + b"d/EVIL.txt"
    for change in (
        lambda one: setattr(one, "comment", b"THE COURT HAS SEEN THIS"),
        lambda one: setattr(one, "extra", b"\xfe\xca\x04\x00abcd"),
        lambda one: setattr(one, "extra", b"\x75\x70" + struct.pack("<H", len(upath)) + upath),
        lambda one: setattr(one, "external_attr", 0o010777 << 16),
    ):
        packed(account, path, change)
        assert answer() == DAMAGED
    packed(account, path, lambda one: setattr(one, "extra", b"UT\x05\x00\x03abcd"))
    assert answer() == 0, "times, as common packers add them"


def test_a_case_of_another_version_is_not_opened(account: Bundle, tmp_path: Path) -> None:
    changes: dict[str, Callable[[Bundle], Any]] = {
        "legs": lambda b: b.files.update({LEGS: b.files[LEGS].replace(b'"version":3', b'"version":4', 1)}),
        "case": lambda b: b.entries(lambda entries: entries[0]["body"].update(format=9)),
    }
    for name, change in changes.items():
        bundle = Bundle(account.files)
        change(bundle)
        for place, data in bundle.fitted().files.items():
            (tmp_path / name / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / place).write_bytes(data)
        assert main(["open", str(tmp_path / f"{name}-case"), "--bundle", str(tmp_path / name)]) == APART
        assert not (tmp_path / f"{name}-case").exists()
