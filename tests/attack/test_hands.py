"""Files and words that an examiner is given: read or refused by name, and never obeyed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.attack.field import Field, tree

from recover.plugins import registry
from recover.sdk.cells import disarmed

PAYMENT = b"# toy payments\n9 toy-zoe toy-bob 1\n"


@pytest.mark.parametrize(
    "name", [b"caf\xe9.txt", b"\xff\xfe.txt", b"a\nb.txt", b"\x1b[31mred.txt", "‮txt.csv".encode()]
)
def test_a_file_whose_name_is_no_plain_text(name: bytes, field: Field) -> None:
    file = Path(os.fsdecode(os.fsencode(field.spot) + b"/" + name))
    file.write_bytes(PAYMENT)
    told = field.do("import", str(file))
    assert told.code == 0, told.said
    assert field.do("run").code == 5
    listed = field.do("show", "exhibits")
    assert "\x1b" not in listed.said
    assert "\u202e" not in listed.said
    assert field.do("verify").code == 0
    assert json.loads(field.do("show", "exhibits", "--json").out)[1]["number"] == 2


def test_a_case_whose_own_name_is_no_utf8(field: Field) -> None:
    odd = Path(os.fsdecode(os.fsencode(field.spot) + b"/caf\xe9"))
    field.case.rename(odd)
    there = Field(spot=field.spot, case=odd, outside=field.outside, capsys=field.capsys)
    assert there.do("run").code == 5
    assert there.do("verify").code == 0
    assert there.do("nosuch").code == 2


@pytest.mark.parametrize("kind", ["folder", "pipe", "zero", "missing", "loop"])
def test_what_is_no_file_is_not_read_for_ever(kind: str, field: Field) -> None:
    place = field.spot / "thing"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "zero":
        place = Path("/dev/zero")
    elif kind == "loop":
        place.symlink_to(place)
    began = time.monotonic()
    told = field.do("import", str(place))
    assert (told.code, "file-unreadable" in told.err) == (2, True)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "data",
    [
        b"PAR1" + b"\0" * 100 + b"PAR1",
        b"PAR1" + b"\xff" * 8 + b"PAR1",
        b"PAR1PAR1",
        b"PAR1" + b"\x15\x00" * 500 + (1000).to_bytes(4, "little") + b"PAR1",
        b"PAR1" + b"\0" * 20 + (2**31 - 1).to_bytes(4, "little") + b"PAR1",
    ],
)
def test_a_crafted_parquet_is_refused_by_name(data: bytes, field: Field) -> None:
    told = field.add("")
    file = field.spot / "crafted.parquet"
    file.write_bytes(data)
    told = field.do("import", str(file))
    assert told.code == 2, told.said
    assert "crafted.parquet" in told.err
    for source in sorted(registry.load().sources):
        told = field.do("import", str(file), "--as", source)
        assert told.code == 2, (source, told.said)


def test_a_parquet_of_odd_columns_is_refused_by_name(field: Field) -> None:
    file = field.spot / "odd.parquet"
    pq.write_table(pa.table({"hash": [b"\xff"], "value": [1.5], "block_number": [None]}), file)
    assert field.do("import", str(file)).code == 2


def test_a_parquet_with_two_columns_of_one_name_is_refused_by_name(field: Field) -> None:
    file = field.spot / "twice.parquet"
    names = ["number", "hash", "hash", "parent_hash", "timestamp", "miner"]
    pq.write_table(pa.table([pa.array([1])] * len(names), names=names), file)
    for source in ("ethereum-etl-parquet", "bitcoin-etl-parquet"):
        told = field.do("import", str(file), "--as", source)
        assert told.code == 2, (source, told.said)


@pytest.mark.parametrize(
    ("source", "head", "unit"),
    [
        ("bitcoin-etl", b"", b"x\n"),
        ("bitcoin-etl", b"", b"a,\n"),
        ("exchange-wallets", b"exchange_slug,chain,address\n", b"\n"),
        ("exchange-wallets", b"exchange_slug,chain,address\n", b"x\n"),
        ("labels-csv", b"#recover-labels 1\n", b","),
        ("ethereum-etl", b"token_address,from_address,to_address,value,transaction_hash,log_index\n", b"x\n"),
        ("transfers", b"#recover-transfers 1\n", b","),
        ("ofac", b"", b"["),
        ("tagpack", b"", b"- a\n"),
    ],
)
def test_twenty_megabytes_of_what_readers_stumble_over(
    source: str, head: bytes, unit: bytes, field: Field
) -> None:
    file = field.spot / "large"
    file.write_bytes(head + unit * (20_000_000 // len(unit)))
    began = time.process_time()
    assert field.do("import", str(file), "--as", source).code == 2
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        " =1",
        "a\x00b",
        "a\x1b[31m",
        "a\u202eb",
        "a\u200bb",
        "\ud800",
        "a\nb",
        "\ufeff=1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_or_hide(text: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([disarmed(text)])
    data = out.getvalue().encode()
    for bad in (b"\x00", b"\x1b", "\u202e".encode(), "\u200b".encode()):
        assert bad not in data
    assert data.decode().lstrip(' "')[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_control_characters_reach_no_exported_sheet(field: Field) -> None:
    assert field.do("set-aside", "1", "--reason", "evil \x1b]0;title\x07\u202e=cmd").code == 0
    assert field.add("# toy payments\n1 toy-ann toy-bob 250\n").code == 0
    assert field.do("run").code == 5
    assert field.do("export", "--as", "sheets", "--out", str(field.spot / "sheets")).code == 0
    whole = b"".join(p.read_bytes() for p in (field.spot / "sheets").iterdir())
    assert b"set-aside" in whole
    assert not {b for b in whole if b < 32} - {10, 13}
    assert "\u202e".encode() not in whole


@pytest.mark.parametrize(
    "words",
    [
        ("loss", "--address", "toy-\x1b[31m"),
        ("loss", "--address", "../../x"),
        ("loss", "--tx", "9" * 100_000),
        ("show", "\x1b[31m"),
        ("explain", "\u202e"),
        ("run", "--until", "\x1b"),
        ("run", "--source", "\x1b=http://x"),
        ("run", "--source", "no-such-source"),
        ("export", "--out", "IN"),
        ("export", "--out", "IN/out"),
        ("verify", "--head", "\x1b"),
        ("set-aside", "1", "--reason", ""),
        ("set-aside", "99999999999999999999", "--reason", "x"),
        ("elect", "--loss", "\x1b", "--tx", "1", "--asset", "TOY", "--reason", "x"),
    ],
    ids=repr,
)
def test_words_that_mean_no_good(words: tuple[str, ...], field: Field) -> None:
    before = {k: v for k, v in tree(field.case).items() if k != ".lock"}
    told = field.do(*(word.replace("IN", str(field.case)) for word in words))
    assert told.code in (2, 3, 5), told.said
    assert "\x1b" not in told.said
    assert "\u202e" not in told.said
    assert {k: v for k, v in tree(field.case).items() if k != ".lock"} == before


ABSENT = """
import sys
for name in ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty"):
    sys.modules[name] = None
import os
for name in ("getuid", "geteuid", "fchmod", "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC"):
    if hasattr(os, name):
        delattr(os, name)
os.supports_dir_fd = set()
from recover.case import confined
assert not confined.AT
from recover.plugins import registry
import recover_chain_toy
load = registry.load
registry.load = lambda: load(extra=[recover_chain_toy])
from recover.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_the_commands_work_where_nothing_is_posix(field: Field) -> None:
    """Not Windows itself, but what the modules are like there: those that only POSIX has are absent."""
    path = {"PYTHONPATH": str(Path(__file__).parents[1] / "toy" / "src")}
    file = field.spot / "more.txt"
    file.write_bytes(PAYMENT)

    (field.case / ".lock").unlink()  # a system without locks takes a file for one

    def bare(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", ABSENT, words[0], str(field.case), *words[1:]]
        return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **path})

    for words, codes in (
        (("import", str(file)), {0}),
        (("run",), {5}),
        (("verify",), {0}),
        (("show", "gaps"), {0}),
    ):
        done = bare(*words)
        assert done.returncode in codes, (words, done.stdout, done.stderr)
    (field.case / "exhibits" / "0009.warc.gz").symlink_to(field.outside / "file")
    outside = tree(field.outside)
    done = bare("run")
    assert (done.returncode, "exhibits/0009.warc.gz" in done.stderr) == (2, True)
    assert tree(field.outside) == outside


def test_a_configuration_that_never_ends_is_refused(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_CONFIG", "/dev/zero")
    told = field.do("collect")
    assert (told.code, "no file" in told.err) == (2, True), told.said


def test_what_says_that_it_has_no_bytes_is_not_waited_for(field: Field) -> None:
    file = Path("/proc/kmsg")
    if not file.exists():
        pytest.skip("only Linux has files that are made up as they are read")
    assert field.do("import", str(file)).code == 2


def test_no_character_that_turns_the_line_round_stands_raw_in_a_result(field: Field) -> None:
    toml = field.case / "case.toml"
    toml.write_text(toml.read_text().replace('note = ""', 'note = "a\\u202eb\\u200bc"'))
    assert field.do("run").code in (0, 5)
    data = (field.case / "out" / "result.json").read_text("utf-8")
    assert "\u202e" not in data
    assert "\u200b" not in data
    assert json.loads(data)["case"]["note"] == "a\u202eb\u200bc"


def test_a_few_bytes_that_unpack_to_many_are_not_unpacked(field: Field) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = field.spot / "transactions.parquet"
    pq.write_table(pa.table({"input": ["a" * 100_000_000]}), file, compression="zstd", use_dictionary=False)
    assert file.stat().st_size < 100_000
    told = field.do("import", str(file), "--as", "ethereum-etl-parquet")
    assert (told.code, "claims to unpack" in told.err) == (2, True), told.said
