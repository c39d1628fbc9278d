"""A file that no source recognises: what it looks like, who reads such files, and what helps."""

from __future__ import annotations

import io
import zipfile

import pytest

from recover.plugins.registry import load
from recover.recognise import files
from recover.sdk import Source, SourceInfo

SOURCES = list(load().sources.values())
OPEN = b"<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head></html>"


def zipped(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "looks", "helps"),
    [
        ("a.json", b'{"result":null,"error":{"code":-5,"message":"No such tx"},"id":1}', "'No such tx'", "Ask"),
        ("a.json", b'[{"id":1,"error":"busy"},{"id":2,"result":[]}]', "the node's refusal", "Ask the node again"),
        ("a.json", b'{"jsonrpc":"2.0","id":1,"result":null}', "an empty answer", "Check what was asked"),
        ("a.json", OPEN, "a web page (HTML). Perhaps an error page", "Get the data again"),
        ("a.json", OPEN, "'502 Bad Gateway'", "Get the data again"),
        ("a.json", b'{"a": [1, 2', "JSON that is damaged or cut off", "Get the data again"),
        ("a.gz", b"\x1f\x8b\x08\x00", "a gzip archive", "Unpack it first"),
        ("a.zip", zipped("a.csv"), "a zip archive", "Unpack it first"),
        ("a.xlsx", zipped("xl/workbook.xml"), "an Excel workbook", "as CSV in UTF-8"),
        ("a.pdf", b"%PDF-1.7\n", "a PDF document", "CSV or JSON"),
        ("a.csv", "a,b\n".encode("utf-16"), "text in UTF-16", "UTF-8"),
        ("a.csv", b"a;b;c\n1;2;3\n", "a table whose cells no comma parts", "commas"),
        ("a.csv", b"address,chain,label,category\n", "which begins with the line #recover-labels 1", "in front"),
        ("a.csv", b"\xef\xbb\xbfChain,Address,Service\r\n", "the line #recover-labels 1", "in front"),
    ],
)
def test_a_mistake_that_is_often_made_has_its_own_sentence(name: str, data: bytes, looks: str, helps: str) -> None:
    said = files.refused(name, data, SOURCES)
    assert said.code == "file-not-recognised"
    assert looks in said.why
    assert helps in said.todo


@pytest.mark.parametrize(
    ("name", "data", "title", "reads"),
    [
        ("a.json", b'{"a": 1}', "JSON", {"bitcoin-core-json", "evm-rpc-file"}),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "JSON lines", {"ethereum-etl"}),
        ("a.jsonl", b'{"a": 1}\n', "JSON lines", {"ethereum-etl"}),
        ("a.csv", b"a,b,c\n1,2,3\n", "CSV", {"labels-csv", "transfers", "tron-explorer-trc20"}),
        ("a.csv", b"address,label,amount\n", "CSV", {"transfers"}),
        ("a.yaml", b"tags:\n- a\n", "YAML", {"tagpack"}),
        ("a.parquet", b"PAR1\0\0", "a Parquet table", {"ethereum-etl-parquet"}),
        ("a.dat", bytes(1000), "binary data", {"bitcoin-blkfile"}),
        ("a.hex", b"00ff" * 100, "hexadecimal digits", {"bitcoin-block"}),
        ("a.txt", b"hello there\n", "plain text", {"wallet-discovery"} & {s.info.id for s in SOURCES}),
        ("a.png", b"\x89PNG\r\n\x1a\n", "a picture", set()),
    ],
)
def test_only_sources_of_its_kind_are_named(name: str, data: bytes, title: str, reads: set[str]) -> None:
    said = files.refused(name, data, SOURCES)
    assert said.why.startswith(f"It looks like {title}. ")
    named = {
        source.info.id
        for source in SOURCES
        if f"{source.info.id}," in said.why or f" {source.info.id}." in said.why
    }
    assert reads <= named
    assert len(named) <= files.NAMED
    assert len(said.why) < 250
    assert bool(reads) is bool(named)


class Many:
    def __init__(self, number: int, primary: bool) -> None:
        self.info = SourceInfo(
            id=f"source-{number}",
            version="1",
            title="T",
            chains=("*",),
            place="line",
            media="text/csv",
            terms="none",
            primary=primary,
        )


def test_of_many_the_ones_found_by_content_are_named_first() -> None:
    many: list[Source] = [Many(number, number > 3) for number in range(14)]  # type: ignore[misc]
    said = files.refused("a.csv", b"a,b\n", many)
    named = [*range(10, 14), *range(4, 10)]
    assert said.why.endswith(f"read by {', '.join(f'source-{n}' for n in named)}.")


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 70_000,
        b'{"error": "' + b"\\u001b[31m" * 50 + b'"}',
        b"<title>\x1b[31m",
        "é".encode() * 40_000,
        b"\xff",
        b"\n\n",
        b'"' * 70_000 + b",",
        b"a,\0",
        b"PK\x03\x04",
        b'{"error": {"message": ["\\ud800"]}}',
        b"<html><title>\x1b[31m\xff</title>",
    ],
)
def test_no_file_breaks_it_and_its_words_cannot_speak_to_a_terminal(data: bytes) -> None:
    said = files.refused("a", data, SOURCES)
    assert said.why.isascii()
    assert said.why.isprintable()
    assert len(said.why) < 300
