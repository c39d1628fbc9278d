"""Tables and papers that somebody changed, with the digests around them: no command prints a forged figure."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.attack.field import Field, tree

from recover.case import derived, open_for_reading
from recover.plugins import pins
from recover.sdk.errors import Integrity
from recover.trails import recalled


def change(field: Field, name: str, column: str) -> None:
    """Another figure in a derived table, as somebody with a Parquet library writes it there."""
    file = field.case / name
    table = pq.ParquetFile(file).read()
    place = table.schema.get_field_index(column)
    values = [None if v is None else v * 9 for v in table.column(column).to_pylist()]
    pq.write_table(
        table.set_column(place, table.schema.field(place), pa.array(values, table.schema.field(place).type)), file
    )


@pytest.mark.parametrize(
    "command", [("show", "offramps"), ("show", "findings"), ("export", "--out", "x"), ("write", "--stale")]
)
def test_no_command_prints_a_figure_that_no_stage_made(command: tuple[str, ...], field: Field) -> None:
    for file in (field.case / "derived" / "find").glob("*.parquet"):
        file.write_bytes(file.read_bytes() + b" ")
    out = tree(field.case / "out")
    told = field.do(*(str(field.spot / word) if word == "x" else word for word in command))
    assert (told.code, "derived-changed" in told.err) == (3, True)
    assert tree(field.case / "out") == out


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("derived/ledger/transfers.parquet", "amount"),
        ("derived/link/assertions.parquet", "exhibit"),
        ("derived/trace/ends.parquet", "amount"),
        ("derived/find/totals.parquet", "amount"),
        ("derived/decoded", "amount"),
    ],
)
@pytest.mark.parametrize("more", [False, True])
def test_a_forged_table_is_made_again_by_the_next_run_which_says_so(
    name: str, column: str, more: bool, field: Field
) -> None:
    if name == "derived/decoded":
        name = next(f"{name}/{part.name}/legs.parquet" for part in (field.case / name).iterdir())
    before = tree(field.case / "out"), tree(field.case / "derived")
    change(field, name, column)
    if more:
        field.add("# toy payments\n4 toy-eve toy-pal 7\n", "later.txt")
    told = field.do("run")
    assert told.code in (0, 5), told.said
    assert f"{name.rpartition('/')[0]} does not hold what the journal says" in told.err
    assert more or (tree(field.case / "out"), tree(field.case / "derived")) == before
    assert field.do("verify").code == 0


@pytest.mark.parametrize("before", [True, False])
def test_a_planted_part_is_never_taken_for_a_decoded_exhibit(before: bool, field: Field) -> None:
    decoded = "derived/decoded"
    other = Path(shutil.copytree(field.case, field.spot / "other"))
    (old,) = [path.name for path in (other / decoded).iterdir()]
    field.add("# toy payments\n4 toy-eve toy-pal 7\n", "later.txt")
    (new,) = [path.name for path in (field.case / decoded).iterdir() if path.name != old]
    field.do("run")
    if not before:
        assert field.do("import", str(field.spot / "later.txt"), case=other).code == 0
        shutil.rmtree(other / decoded / new)
    # What the new exhibit decodes to stands there, with the payments of another.
    shutil.copytree(other / decoded / old, other / decoded / new)
    if before:
        assert field.do("import", str(field.spot / "later.txt"), case=other).code == 0
    assert field.do("run", case=other).code in (0, 5)
    assert tree(other / decoded) == tree(field.case / decoded)
    assert tree(other / "derived" / "ledger") == tree(field.case / "derived" / "ledger")


@pytest.mark.parametrize("library", ["six", "numpy", "typst", "duckdb", "fontpkg-noto-sans"])
def test_a_version_in_the_journal_excuses_no_other_figure_on_a_page(library: str, field: Field) -> None:
    page = field.case / "out" / "report.html"
    page.write_bytes(page.read_bytes().replace(b"100", b"900"))
    manifest = field.case / "out" / "manifest.json"
    listed = json.loads(manifest.read_text())
    for row in listed["files"]:
        if row["name"] == "report.html":
            row["sha256"] = hashlib.sha256(page.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(listed, sort_keys=True, indent=1) + "\n")
    versions = {**pins.libraries(), library: "0.0.1"}
    forged = hashlib.sha256(manifest.read_bytes()).hexdigest()
    field.forge(("libraries", {"versions": versions}), ("writing", {"manifest": forged}))
    told = field.do("verify")
    assert (told.code, "out/report.html" in told.out) == (3, True)


@pytest.mark.parametrize("tables", [{}, {"../../x": "0"}, {"find/offramps": "0" * 64}, [1], None, "x"])
def test_digests_of_tables_in_the_journal_are_compared(tables: object, field: Field) -> None:
    last = next(e for e in reversed(field.entries()) if e.kind == "ran" and e.body["stage"] == "find")
    field.forge(("ran", {**last.body, "tables": tables}))
    assert field.do("verify").code == 3


@pytest.mark.parametrize("versions", [[], {"six": 1}, None])
def test_versions_in_the_journal_are_versions(versions: object, field: Field) -> None:
    field.forge(("libraries", {"versions": versions}))
    told = field.do("verify")
    assert (told.code, "no entry that recover writes" in told.out) == (3, True)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"files": 1}', b'{"files": [], "head": 1, "entry": 1}'])
def test_a_damaged_manifest_is_named_and_its_papers_are_kept(data: bytes, field: Field) -> None:
    manifest = field.case / "out" / "manifest.json"
    manifest.write_bytes(data)
    page = (field.case / "out" / "report.html").read_bytes()
    told = field.do("verify")
    assert (told.code, "out/manifest.json" in told.out) == (3, True)
    told = field.do("run")
    assert told.code in (0, 5), told.said
    assert "out/manifest.json is not relied on" in told.err
    assert page in [path.read_bytes() for path in (field.case / "aside").iterdir()]
    assert field.do("verify").code in (0, 5)


def test_a_table_that_was_changed_after_it_was_read_is_noticed(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table is read once for as long as its file is the one that was checked, and not a moment longer."""
    case = open_for_reading(field.case)
    real, times = derived._table, list[str]()

    def counted(name: str, *given: Any) -> Any:
        times.append(name)
        return real(name, *given)

    monkeypatch.setattr(derived, "_table", counted)
    read = [derived.read(case, "transfers", columns) for columns in (None, None, ["tx", "src"], None, ["src"])]
    assert len(times) == 2, "kept when it is asked for again"
    assert read[2] == read[0].select(["tx", "src"])
    assert (read[1], read[3]) == (read[0], read[0])
    change(field, "derived/ledger/transfers.parquet", "height")
    with pytest.raises(Integrity, match="not the file that was made"):
        derived.read(case, "transfers")


@pytest.mark.parametrize("known", [True, False])
def test_what_was_recalled_is_never_what_somebody_planted(
    known: bool, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what a trace notes of its parts the next one uses what the journal knows, and `verify` uses nothing."""
    monkeypatch.setattr(recalled, "LEAST", 1)
    shutil.rmtree(field.case / "derived" / "trace")
    assert field.do("run").code in (0, 5)
    file = field.case / "derived" / "trace" / "passes.parquet"
    table = pq.read_table(file)
    assert table.num_rows > 3, "parts are recalled here"
    forged = [re.sub(r"\d{3,}", lambda m: str(int(m[0]) + 1), text) for text in table["found"].to_pylist()]
    assert forged != table["found"].to_pylist()
    true = derived.made(open_for_reading(field.case), "trace")
    pq.write_table(table.set_column(1, "found", pa.array(forged)), file)
    if known:
        # Somebody who knows the format says so in the journal too.
        folder = field.case / "derived" / "trace"
        sums = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(folder.iterdir())}
        field.forge(("decoded", {"sealed": {"derived/trace": sums}}))
        told = field.do("verify")
        assert (told.code, "passes" in told.said) == (3, True)
        return
    (field.case / "derived" / "link" / "stamp.json").write_text("{}")
    assert field.do("run").code in (0, 5)
    assert derived.made(open_for_reading(field.case), "trace") == true
    assert field.do("verify").code in (0, 5)
