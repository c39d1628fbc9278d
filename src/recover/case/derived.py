"""Derived tables as Parquet, where the same rows give the same bytes; and what each stage notes of its inputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from recover.case import reading, seals
from recover.case import rows as rowwise
from recover.case.confined import Files
from recover.case.folder import Case
from recover.sdk.errors import Error, Integrity
from recover.sdk.records import Gap

if TYPE_CHECKING:
    import pyarrow as pa

Progress: TypeAlias = Callable[[str, int, int], None]
"""What work tells while it derives: (stage, done, total); a total of 0 is unknown."""

PLACES = {
    "transactions": ("decode", "ledger/transactions"),
    "transfers": ("decode", "ledger/transfers"),
    "blocks": ("decode", "ledger/blocks"),
    "events": ("decode", "ledger/events"),
    "states": ("decode", "ledger/states"),
    "coverage": ("decode", "ledger/coverage"),
    "unshown": ("decode", "ledger/unshown"),
    "logs": ("decode", "ledger/logs"),
    "prices": ("decode", "ledger/prices"),
    "assets": ("decode", "ledger/assets"),
    "differing": ("decode", "ledger/differing"),
    "fallen": ("decode", "ledger/fallen"),
    "forms": ("link", "link/forms"),
    "memos": ("link", "link/memos"),
    "labels": ("link", "link/labels"),
    "assertions": ("link", "link/assertions"),
    "entities": ("link", "link/entities"),
    "flows": ("trace", "trace/flows"),
    "exchanges": ("trace", "trace/exchanges"),
    "crossings": ("trace", "trace/crossings"),
    "ends": ("trace", "trace/ends"),
    "arrivals": ("trace", "trace/arrivals"),
    "shares": ("trace", "trace/shares"),
    "orders": ("trace", "trace/orders"),
    "ties": ("trace", "trace/ties"),
    "parts": ("trace", "trace/parts"),
    "offramps": ("find", "find/offramps"),
    "findings": ("find", "find/findings"),
    "accounts": ("find", "find/accounts"),
    "completeness": ("find", "find/completeness"),
    "gaps": ("find", "find/gaps"),
    "origins": ("find", "find/origins"),
    "totals": ("find", "find/totals"),
}
"""Table name -> (the stage that makes it, where it lies below `derived/`)."""


FEW = 512
"""Of fewer rows a table is not packed: for each column that takes as long as all else, and saves nothing."""


def write(folder: Files | Path, name: str, table: pa.Table) -> bytes:
    """One Parquet file: zstd, one writer version, rows as given. A path is made a folder where it is none. What
    was written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    clean = table.replace_schema_metadata(None).combine_chunks()
    out = pa.BufferOutputStream()
    packed = "zstd" if clean.num_rows >= FEW else "none"
    pq.write_table(clean, out, compression=packed, row_group_size=1 << 18, version="2.6")
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True)
        folder = Files(folder)
    data: bytes = out.getvalue().to_pybytes()
    folder.write(f"{name}.parquet", data)
    return data


def read(case: Case, name: str, columns: list[str] | None = None) -> pa.Table:
    """A derived table. Raises Error naming the stage to run when it is not there."""
    stage, place = PLACES[name]
    return load(case, case.derived / f"{place}.parquet", stage, columns)


def load(case: Case, path: Path | str, stage: str, columns: list[str] | None = None) -> pa.Table:
    """A table by its path, or by its name in the case. Raises Error when the file is not there, Integrity when it
    is not what was made."""
    name = path if isinstance(path, str) else case.files.name(path)
    if case.held is not None:
        if name not in case.held:
            if _apart(case, name):
                raise _not_run(case, name, stage)
            case.held[name] = _read(case, name, stage, None)
        table = case.held[name]
        return table if columns is None else table.select(columns)
    return _read(case, name, stage, columns)


def _read(case: Case, name: str, stage: str, columns: list[str] | None) -> pa.Table:
    def fresh(wanted: Sequence[str] | None) -> pa.Table:
        data = case.files.read(name)
        seals.check(case, name, data)
        return _table(name, data, None if wanted is None else list(wanted))

    folder, _, last = name.rpartition("/")
    said = seals.known(case).get(folder, {}).get(last)
    try:
        mark = case.files.mark(name)
        if said is None:  # what the journal does not know was not checked, and is not kept either
            return fresh(columns)
        return reading.once(str(case.path / name), (*mark, said), columns, fresh)
    except (FileNotFoundError, NotADirectoryError):
        raise _not_run(case, name, stage) from None


def _not_run(case: Case, name: str, stage: str) -> Error:
    return Error(
        "not-run",
        f"The case {case.typed} has no {PurePosixPath(name).stem} yet.",
        f"The stage `{stage}` has not been run, or its results were deleted.",
        f"`recover run {case.typed} --until {stage}`"
        if case.exhibits()
        else f"The case holds no exhibit. `recover now {case.typed}` asks the sources that you allow; "
        f"`recover import {case.typed} FILE...` takes in a file.",
    )


def here(case: Case, path: Path | str) -> bool:
    """Whether there is such a table, by its path or by its name in the case."""
    name = path if isinstance(path, str) else case.files.name(path)
    if case.held is not None and (name in case.held or _apart(case, name)):
        return name in case.held
    return case.files.size(name) is not None


def _apart(case: Case, name: str) -> bool:
    """Whether the folder of a table stands in memory: there it stands whole, and the disk is not looked at."""
    return case.held is not None and name.rpartition("/")[0] in case.held


def apart(look: Case) -> None:
    """Let a case that is looked at read no table of a stage from the disk: another thread may be writing them."""
    for stage in FOLDERS:
        hold(look, stage, {})


def hold(case: Case, stage: str, tables: Mapping[str, pa.Table], inputs: Mapping[str, Any] | None = None) -> None:
    """Let tables of a stage stand in memory for those that it would write. Only for a case that is looked at."""
    assert case.held is not None
    case.held[f"derived/{FOLDERS[stage]}"] = None
    case.held[f"derived/{FOLDERS[stage]}/stamp"] = inputs or {}
    for name, table in tables.items():
        case.held[f"derived/{FOLDERS[stage]}/{name}.parquet"] = table


def held(case: Case, stage: str) -> dict[str, pa.Table]:
    """The tables of a stage that stand in memory, by name."""
    root = f"derived/{FOLDERS[stage]}/"
    found = {name: table for name, table in (case.held or {}).items() if name.startswith(root) and "." in name}
    return {name.removeprefix(root).removesuffix(".parquet"): table for name, table in found.items()}


def as_it_is(case: Case, name: str) -> pa.Table:
    """A table by its name in the case, whatever the journal says of it: to compare it, never to rest on it."""
    return _table(name, case.files.read(name))


_LARGE = 1 << 20
"""Bytes of a table from which on several threads read it: to wake them takes longer than to read a small one."""


def _table(name: str, data: bytes, columns: list[str] | None = None) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.ParquetFile(pa.BufferReader(data)).read(columns=columns, use_threads=len(data) >= _LARGE)
        return found if columns is None else reading.those(found, columns)
    except (pa.ArrowException, OSError) as error:
        raise Integrity(
            "derived-damaged",
            f"{PurePosixPath(name).name} cannot be read.",
            f"It is not the file that was written: {error}.",
            "Delete derived/ and run again: everything in it is rebuilt from the exhibits.",
        ) from error


def decoded(case: Case, name: str) -> list[Path]:
    """Where one table of each decoded part lies, whatever exhibit it is of, if the journal knows it."""
    folders = sorted(folder for folder in seals.known(case) if folder.startswith("derived/decoded/"))
    places = [f"{folder}/{name}.parquet" for folder in folders]
    return [case.path / place for place in places if case.files.size(place) is not None]


FOLDERS = {"decode": "ledger", "link": "link", "trace": "trace", "find": "find"}
"""Stage -> where its tables lie below `derived/`."""


def digests(case: Case, stage: str) -> dict[str, str]:
    """The logical digest of each table that a stage made, by its name below `derived/`."""
    root = FOLDERS[stage]
    names = [name for name in case.files.listed(f"derived/{root}") if name.endswith(".parquet")]
    # As they are: this is what the journal is about to say.
    return {
        f"{root}/{name.removesuffix('.parquet')}": rowwise.digest(as_it_is(case, f"derived/{root}/{name}"))
        for name in names
    }


def fill(
    case: Case,
    stage: str,
    tables: Mapping[str, pa.Table],
    inputs: Mapping[str, Any],
    texts: Mapping[str, bytes] | None = None,
) -> dict[str, str]:
    """Put all tables of a stage in the place of its last ones, with its inputs; the digest of each, by its name.

    `texts` are files that stand beside the tables, by name.

    The digests stand beside the tables, so that a crash never leaves those of one run with the tables of another.
    """
    with case.rebuilding(case.derived / FOLDERS[stage]) as fresh:
        for name, table in tables.items():
            write(fresh, name, table)
        made = {f"{FOLDERS[stage]}/{name}": rowwise.digest(_stored(table)) for name, table in tables.items()}
        for name, text in (texts or {}).items():
            fresh.write(name, text)
        fresh.write(_MADE, json.dumps(made, sort_keys=True, indent=1).encode() + b"\n")
        mark(fresh, inputs)
    return dict(sorted(made.items()))


_MADE = "tables.json"


def made(case: Case, stage: str) -> Mapping[str, Any]:
    """The digests of the tables of a stage that are here: what a later stage has seen of it. Empty for none, and
    for tables that stand in memory, of which nothing was noted.

    Raises Integrity where they are not what was made.
    """
    if case.held is not None and f"derived/{FOLDERS[stage]}" in case.held:
        return {}
    name = f"derived/{FOLDERS[stage]}/{_MADE}"
    try:
        data = case.files.read(name)
        seals.check(case, name, data)
        found = json.loads(data)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _stored(table: pa.Table) -> pa.Table:
    """A table as it is read again: Parquet has its own name for what stands in a list."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            kind = pa.list_(pa.field("element", field.type.value_type))
            table = table.set_column(at, field.name, table.column(at).cast(kind))
    return table


def rows(case: Case, path: Path | str) -> int:
    """How many rows a derived table has. Raises as `load` does."""
    return int(load(case, path, "decode", []).num_rows)


def gaps(found: Iterable[Gap]) -> pa.Table:
    """Gaps as their table, empty where there are none."""
    from recover.sdk.batch import SCHEMAS, Batch

    return Batch.of(*found).gaps or SCHEMAS["gaps"].empty_table()


def stamp(case: Case, folder: str) -> Mapping[str, Any]:
    """What a stage noted of its inputs when it last ran; empty if it did not, was cut off, or what it made is not
    there any more as it was made."""
    if case.held is not None:
        return dict(case.held.get(f"derived/{folder}/stamp", {}))
    try:
        found = json.loads(case.files.read(f"derived/{folder}/stamp.json"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and seals.mind(case, f"derived/{folder}") else {}


def mark(folder: Files, inputs: Mapping[str, Any]) -> None:
    """Note a stage's inputs, in canonical JSON."""
    folder.write("stamp.json", json.dumps(inputs, sort_keys=True, indent=1).encode() + b"\n")
