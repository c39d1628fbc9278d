"""What verify says: holds, does not hold, not comparable, not checked; it only reads, whatever else happens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.attack.field import Field, Told, tree

from recover.case import folder, open_for_writing
from recover.plugins import pins, registry

HEADS = ("journal", "case.toml", "out", "exhibits", "derived")


def answer(told: Told) -> str:
    found: str = json.loads(told.out)["answer"]
    return found


def checked(field: Field, *more: str) -> tuple[int, str, dict[str, str]]:
    told = field.do("verify", *more, "--json")
    found = json.loads(told.out)
    return told.code, found["answer"], {c["name"]: c["answer"] for c in found["checks"]}


def test_an_untouched_case_holds_and_is_only_read(field: Field) -> None:
    before = tree(field.case)
    code, said, checks = checked(field)
    assert (code, said) == (0, "holds")
    assert set(HEADS) <= set(checks)
    assert tree(field.case) == before


def test_a_case_on_a_medium_that_cannot_be_written_to(field: Field) -> None:
    places = [field.case, *field.case.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        before = {p: p.stat().st_mtime_ns for p in places}
        assert checked(field)[:2] == (0, "holds")
        assert {p: p.stat().st_mtime_ns for p in places} == before
        assert not set(field.case.rglob("*")) - set(places)
    finally:
        for place in places:
            place.chmod(0o755 if place.is_dir() else 0o644)


def test_derived_and_out_gone_is_not_checked(field: Field) -> None:
    shutil.rmtree(field.case / "derived")
    shutil.rmtree(field.case / "out")
    code, said, checks = checked(field)
    assert (code, said) == (5, "not checked")
    assert (checks["derived"], checks["out"]) == ("not checked", "not checked")


@pytest.mark.parametrize("part", ["derived", "out"])
def test_one_of_them_gone_is_not_checked(part: str, field: Field) -> None:
    shutil.rmtree(field.case / part)
    assert checked(field)[:2] == (5, "not checked")


def test_a_forged_page_with_a_journal_cut_to_before_it_does_not_hold(field: Field) -> None:
    page = field.case / "out" / "report.html"
    page.write_text(page.read_text().replace("toy-eve", "toy-bad"))
    lines = (field.case / "journal.jsonl").read_bytes().splitlines(keepends=True)
    for keep in range(1, len(lines)):
        (field.case / "journal.jsonl").write_bytes(b"".join(lines[:keep]))
        code, said, _ = checked(field)
        assert (code, said) == (3, "does not hold"), keep


def test_a_page_and_its_manifest_forged_to_fit_each_other_do_not_hold(field: Field) -> None:
    import hashlib

    page = field.case / "out" / "report.html"
    page.write_text(page.read_text().replace("toy-eve", "toy-bad"))
    manifest = field.case / "out" / "manifest.json"
    listed = json.loads(manifest.read_text())
    for row in listed["files"]:
        if row["name"] == "report.html":
            row["sha256"] = hashlib.sha256(page.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(listed, sort_keys=True, indent=1) + "\n")
    assert checked(field)[0] == 3


@pytest.mark.parametrize("name", ["out/report.html", "out/result.json", "out/report.pdf", "out/manifest.json"])
def test_a_document_that_was_changed_or_taken(name: str, field: Field) -> None:
    place = field.case / name
    data = place.read_bytes()
    place.write_bytes(data + b" ")
    assert checked(field)[0] == 3
    place.unlink()
    assert checked(field)[0] == 3
    place.write_bytes(data)
    assert checked(field)[0] == 0


@pytest.mark.parametrize(
    "name", ["out/extra.pdf", "derived/extra.bin", "derived/trace/extra.parquet", "exhibits/0009.warc.gz"]
)
def test_a_file_that_nobody_made(name: str, field: Field) -> None:
    (field.case / name).write_bytes(b"x")
    assert checked(field)[0] == 3


def test_a_comment_added_to_the_program_is_not_tampering(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "core", lambda: "c" * 64)
    told = field.do("verify")
    assert (told.code, "not one row differs" in told.out) == (6, True)


def test_changed_papers_are_tampering_whatever_the_versions(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "core", lambda: "c" * 64)
    page = field.case / "out" / "report.html"
    page.write_bytes(page.read_bytes() + b" ")
    assert checked(field)[0] == 3


def test_other_libraries_with_the_same_rows_hold(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(pins, "libraries", lambda: {"pyarrow": "1.0"})
    flows = field.case / "derived" / "trace" / "flows.parquet"
    table = pq.read_table(flows)
    pq.write_table(table, flows, compression="none", row_group_size=2)
    told = field.do("verify")
    assert (told.code, "the same rows" in told.out) == (0, True)


def test_the_same_libraries_with_other_bytes_do_not_hold(field: Field) -> None:
    import pyarrow.parquet as pq

    flows = field.case / "derived" / "trace" / "flows.parquet"
    pq.write_table(pq.read_table(flows), flows, compression="gzip")
    told = field.do("verify")
    assert (told.code, "its rows are the same" in told.out) == (3, True)


def test_every_library_that_results_rest_on_is_journaled(field: Field) -> None:
    (said,) = [e.body["versions"] for e in field.entries() if e.kind == "libraries"]
    assert {"pyarrow", "duckdb", "numpy", "typst", "warcio", "CPython"} <= set(said)


def test_the_head_on_a_paper_is_found_in_its_journal_and_in_no_other(field: Field) -> None:
    head = json.loads((field.case / "out" / "manifest.json").read_text())["head"]
    assert checked(field, "--head", head)[:2] == (0, "holds")
    assert checked(field, "--head", head.upper() + " ")[:2] == (0, "holds")
    assert field.do("loss", "--address", "toy-zoe").code == 0
    told = field.do("verify", "--head", head)
    assert (told.code, "1 inputs came later" in told.out) == (5, True)
    for other in ("0" * 64, head[:12], "x", head[:-1] + ("0" if head[-1] != "0" else "1")):
        assert checked(field, "--head", other)[0] == 3


@pytest.mark.parametrize("command", [("write",), ("export", "--out", "OUT")])
def test_stale_results_are_refused_or_marked(command: tuple[str, ...], field: Field) -> None:
    command = tuple(word.replace("OUT", str(field.spot / "exported")) for word in command)
    assert field.do(*command).code in (0, 5)
    assert field.add("# toy payments\n9 toy-zoe toy-bob 1\n").code == 0
    told = field.do(*command)
    assert (told.code, "code: stale" in told.err) == (2, True)
    assert field.do(*command, "--stale").code in (0, 5)
    if command[0] == "write":
        page = (field.case / "out" / "report.html").read_text()
        assert page.count("STALE") >= 3
    else:
        assert list((field.spot / "exported").rglob("STALE.txt"))
    assert field.do("run").code in (0, 5)
    assert field.do(*command).code in (0, 5)
    assert "STALE" not in (field.case / "out" / "report.html").read_text()


def test_results_of_other_code_are_stale(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "core", lambda: "c" * 64)
    told = field.do("export", "--out", str(field.spot / "exported"))
    assert (told.code, "other versions" in told.err) == (2, True)


def tool(*words: str) -> list[str]:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from recover_forensics import run; run()"
    return [sys.executable, "-c", code, str(Path(__file__).parents[1] / "toy" / "src"), *words]


def test_verify_beside_writers_cuts_nothing_and_blames_nobody(field: Field) -> None:
    """Verify again and again while exhibits come in: each answer is one that the case had at some moment."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with open_for_writing(field.case, "import") as case:
                data = f"# toy payments\n{number + 100} toy-a toy-b 1\n".encode()
                store(case, data)
                time.sleep(0.01)

    def store(case: folder.Case, data: bytes) -> None:
        from recover.case import warc

        about = {"digest": warc.sha256(data), "name": "x", "media": "t", "size": len(data), "method": "import"}
        packed = warc.of_file("x", "t", data, folder.clock())
        case.store(packed, case.next_file(), {**about, "sources": ["toy-payments"]})

    from recover.stages.verify import verify

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [verify(field.case, registry.load(), lambda *_: None) for _ in range(8)]
    finally:
        stop.set()
        writer.join()
    assert {v.answer.value for v in found} <= {"not checked", "holds"}, [
        [c for c in v.checks if c.answer.value == "does not hold"] for v in found
    ]
    code, _, checks = checked(field)
    assert (code, checks["exhibits"]) == (5, "holds")
    assert all(p.stat().st_size for p in (field.case / "exhibits").iterdir())


def test_a_folder_exchanged_for_a_link_while_it_is_written_to(field: Field) -> None:
    """A second process exchanges `out` and `derived/find` for links outside, over and over, while a run writes."""
    outside = tree(field.outside)
    stop = threading.Event()

    def exchange() -> None:
        for name in ("out", "derived/find", "exhibits"):
            place, kept = field.case / name, field.spot / name.replace("/", "-")
            while not stop.is_set():
                try:
                    os.rename(place, kept)
                    os.symlink(field.outside / "folder", place)
                    os.unlink(place)
                    os.rename(kept, place)
                except OSError:
                    break

    rival = threading.Thread(target=exchange)
    rival.start()
    try:
        for number in range(3):
            file = field.spot / f"{number}.txt"
            file.write_text(f"# toy payments\n{number + 50} toy-zoe toy-bob 1\n")
            field.do("import", str(file))
            field.do("run")
    finally:
        stop.set()
        rival.join()
    assert tree(field.outside) == outside


@pytest.mark.slow
def test_two_processes_import_at_once(field: Field) -> None:
    files = []
    for number in range(4):
        file = field.spot / f"{number}.txt"
        file.write_text(f"# toy payments\n{number + 50} toy-zoe toy-bob 1\n")
        files.append(file)
    command = "from recover.plugins import registry; import recover_chain_toy; l = registry.load\n"
    command += "registry.load = lambda: l(extra=[recover_chain_toy])\nfrom recover_forensics import run; run()"
    path = {"PYTHONPATH": str(Path(__file__).parents[1] / "toy" / "src")}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", command, "import", str(field.case), str(file)], env={**os.environ, **path}
        )
        for file in files
    ]
    codes = [child.wait() for child in running]
    assert set(codes) <= {0, 2}
    assert 0 in codes
    assert field.do("verify").code in (0, 5)
    assert sum(e.kind == "exhibit" for e in field.entries()) == 1 + codes.count(0)
