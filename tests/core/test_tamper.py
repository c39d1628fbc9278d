"""What is done to a case or to its bundle, and what each verifier says, with the seal and without."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recover.case import journal
from recover.cli.main import main
from recover.sealing import recover_verify as outside

GAPS, DAMAGED = 5, 3
Tamper = Callable[[Path], Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tamper")
    assert main(["demo", "--out", str(folder / "case"), "--case", "daloia-shaped-example"]) == GAPS
    assert main(["seal", str(folder / "case"), "--out", str(folder / "bundle")]) == 0
    return folder


def changed(name: str) -> Tamper:
    """One byte in the middle of a file."""

    def tamper(case: Path) -> None:
        data = bytearray((case / name).read_bytes())
        data[len(data) // 2] ^= 1
        (case / name).write_bytes(bytes(data))

    return tamper


def removed(name: str) -> Tamper:
    return lambda case: (case / name).unlink()


def added(name: str) -> Tamper:
    return lambda case: (case / name).write_bytes(b"a stranger")


def cut(name: str) -> Tamper:
    return lambda case: (case / name).write_bytes((case / name).read_bytes()[:-7])


def reordered(case: Path) -> None:
    lines = (case / journal.FILE).read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    (case / journal.FILE).write_bytes(b"".join(lines))


def one_less(case: Path) -> None:
    """The last line of the journal taken away whole: the chain of what is left holds."""
    lines = (case / journal.FILE).read_bytes().splitlines(keepends=True)
    (case / journal.FILE).write_bytes(b"".join(lines[:-1]))


def rechained(case: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change entries, and make every hash of the chain fit."""
    prev, lines = journal.GENESIS, []
    for line in (case / journal.FILE).read_bytes().splitlines():
        entry = json.loads(line)
        change(entry)
        rest = {k: entry[k] for k in ("n", "time", "kind", "body")} | {"prev": prev}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        prev = hashlib.sha256(text).hexdigest()
        whole = json.dumps({**rest, "hash": prev}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines.append(whole.encode() + b"\n")
    (case / journal.FILE).write_bytes(b"".join(lines))


def refit(case: Path, name: str, data: bytes) -> None:
    """Put another file in place of one that was made, and make manifest and journal fit it."""
    old = hashlib.sha256((case / name).read_bytes()).hexdigest()
    (case / name).write_bytes(data)
    new = hashlib.sha256(data).hexdigest()
    listed = case / "out/manifest.json"
    before = hashlib.sha256(listed.read_bytes()).hexdigest()
    listed.write_bytes(listed.read_bytes().replace(old.encode(), new.encode()))
    after = hashlib.sha256(listed.read_bytes()).hexdigest()

    def change(entry: dict[str, Any]) -> None:
        text = json.dumps(entry["body"]).replace(old, new).replace(before, after)
        entry["body"] = json.loads(text)

    rechained(case, change)


def another_figure(case: Path) -> None:
    """A figure of the papers, with every digest of them made to fit."""
    result = json.loads((case / "out/result.json").read_bytes())
    row = result["offramps"][0]
    row["amount"] = str(int(row["amount"]) + 1)
    refit(case, "out/result.json", json.dumps(result).encode())


def another_stop(case: Path) -> None:
    """A movement of value that the trace was made from, with every digest made to fit."""
    lines = (case / "derived/trace/legs.jsonl").read_bytes().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if line.startswith(b'{"move"'))
    row = json.loads(lines[place])
    row["move"][3] = str(int(row["move"][3]) + 1)
    lines[place] = json.dumps(row, separators=(",", ":")).encode() + b"\n"
    refit(case, "derived/trace/legs.jsonl", b"".join(lines))


def another_exhibit(case: Path) -> None:
    """An exhibit's content, packed anew, with every digest of the journal made to fit; nothing is traced again."""
    file = case / "exhibits/0001.warc.gz"
    raw = gzip.decompress(file.read_bytes())
    head, _, rest = raw.partition(b"\r\n\r\n")
    body = rest[:-4].replace(b"1", b"2", 1)
    old, new = (hashlib.sha256(one).hexdigest() for one in (rest[:-4], body))
    packed = gzip.compress(head.replace(old.encode(), new.encode()) + b"\r\n\r\n" + body + b"\r\n\r\n", mtime=0)
    file.write_bytes(packed)

    def change(entry: dict[str, Any]) -> None:
        if entry["kind"] == "exhibit" and entry["body"]["number"] == 1:
            entry["body"] |= {"digest": new, "packed": hashlib.sha256(packed).hexdigest(), "length": len(packed)}

    rechained(case, change)


CASE: list[tuple[str, Tamper, str]] = [
    ("journal, changed", changed("journal.jsonl"), "journal"),
    ("journal, reordered", reordered, "journal"),
    ("journal, tail cut", cut("journal.jsonl"), "journal"),
    ("journal, removed", removed("journal.jsonl"), "journal"),
    ("settings, changed", changed("case.toml"), "case.toml"),
    ("settings, removed", removed("case.toml"), "case.toml"),
    ("exhibit, changed", changed("exhibits/0001.warc.gz"), "exhibit 1"),
    ("exhibit, removed", removed("exhibits/0002.warc.gz"), "exhibit 2"),
    ("exhibit, tail cut", cut("exhibits/0001.warc.gz"), "exhibit 1"),
    ("exhibit, added", added("exhibits/0003.warc.gz"), "exhibits/0003.warc.gz"),
    ("paper, changed", changed("out/report.pdf"), "out/report.pdf"),
    ("paper, removed", removed("out/report.html"), "out/report.html"),
    ("paper, added", added("out/letter.pdf"), "out/letter.pdf"),
    ("list of papers, changed", changed("out/manifest.json"), "out/manifest.json"),
    ("list of papers, removed", removed("out/manifest.json"), "out/manifest.json"),
    ("table, changed", changed("derived/find/offramps.parquet"), "derived/find/offramps.parquet"),
    ("table, removed", removed("derived/trace/ends.parquet"), "derived/trace/ends.parquet"),
    ("table, added", added("derived/find/more.parquet"), "derived/find/more.parquet"),
    ("legs, changed", changed("derived/trace/legs.jsonl"), "derived/trace/legs.jsonl"),
    ("legs, tail cut", cut("derived/trace/legs.jsonl"), "derived/trace/legs.jsonl"),
    ("figure, all digests fit", another_figure, "result.json"),
    ("movement, all digests fit", another_stop, "flows"),
]
"""What is done, and what the outside verifier names where there is no seal."""

UNNAMED: list[tuple[str, Tamper]] = [
    ("exhibit, all digests fit", another_exhibit),
    ("journal, a line less", one_less),
]
"""What it cannot tell without a seal: movements follow from an exhibit by a decoder, which `recover` has; and a
journal that ends sooner is the journal as it was then, unless a paper or a seal names a later head."""


def fails(path: Path) -> list[str]:
    return [name for name, answer, _ in outside.check(str(path)) if answer == outside.FAILS]


@pytest.mark.parametrize(("tamper", "named"), [row[1:] for row in CASE], ids=[row[0] for row in CASE])
def test_without_a_seal_it_is_named_by_what_holds_the_case_together(
    made: Path, tamper: Tamper, named: str, tmp_path: Path
) -> None:
    case = Path(shutil.copytree(made / "case", tmp_path / "case"))
    tamper(case)
    found = fails(case)
    assert any(name.startswith(named) for name in found or ["nothing"]) or (found and named == "journal"), found


EVERY: dict[str, Tamper] = {**{name: tamper for name, tamper, _ in CASE}, **dict(UNNAMED)}


@pytest.mark.parametrize("tamper", EVERY.values(), ids=EVERY.keys())
def test_with_a_seal_each_file_that_was_touched_is_named(made: Path, tamper: Tamper, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(made / "bundle", tmp_path / "bundle"))
    case = bundle / "data/case"
    before = {p.relative_to(case).as_posix(): p.read_bytes() for p in case.rglob("*") if p.is_file()}
    tamper(case)
    after = {p.relative_to(case).as_posix(): p.read_bytes() for p in case.rglob("*") if p.is_file()}
    touched = {f"data/case/{name}" for name in {*before, *after} if before.get(name) != after.get(name)}
    assert touched
    assert touched <= set(fails(bundle))


@pytest.mark.parametrize(
    "name", ["README.txt", "recover-verify.py", "bundle-format.md", "seal/manifest.json", "manifest-sha256.txt"]
)
def test_what_stands_beside_the_case_is_sealed_too(made: Path, name: str, tmp_path: Path) -> None:
    for tamper in (changed(name), removed(name)):
        bundle = Path(shutil.copytree(made / "bundle", tmp_path / f"bundle-{tamper.__qualname__}"))
        tamper(bundle)
        assert name in fails(bundle)


OURS = ("exhibit, changed", "table, changed", "figure, all digests fit")


@pytest.mark.parametrize("what", [*OURS, "exhibit, all digests fit"])
def test_our_own_verifier_names_it_too(
    made: Path, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper = EVERY[what]
    case = Path(shutil.copytree(made / "case", tmp_path / "case"))
    tamper(case)
    assert main(["verify", str(case)]) == DAMAGED
    assert "does not hold" in capsys.readouterr().out


def test_an_exhibit_that_all_digests_fit_is_not_told_without_a_seal(made: Path, tmp_path: Path) -> None:
    """Said in the format, 10: the outside verifier begins at the movements; ours makes them again."""
    case = Path(shutil.copytree(made / "case", tmp_path / "case"))
    another_exhibit(case)
    assert [name for name in fails(case) if name.startswith("exhibit")] == []


@pytest.mark.parametrize(("shift", "holds"), [(0, True), (-1, False)], ids=["as it came", "overlapping"])
def test_answers_may_lie_in_another_order_than_they_were_asked_for(
    made: Path, shift: int, holds: bool, tmp_path: Path
) -> None:
    case = Path(shutil.copytree(made / "case", tmp_path / "case"))
    first, second = (case / f"exhibits/000{n}.warc.gz" for n in (1, 2))
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two + one)
    second.unlink()

    def change(entry: dict[str, Any]) -> None:
        if entry["kind"] == "exhibit":
            number = entry["body"]["number"]
            entry["body"] |= {"file": "0001.warc.gz", "offset": len(two) + shift if number == 1 else 0}

    rechained(case, change)
    assert bool([name for name in fails(case) if name.startswith("exhibit")]) is not holds
