"""Derived tables as Parquet, where the same rows give the same bytes; and what each stage notes of its inputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

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
    "forms": ("link", "link/forms"),
    "memos": ("link", "link/memos"),
    "labels": ("link", "link/labels"),
    "assertions": ("link", "link/assertions"),
    "entities": ("link", "link/entities"),
    "flows": ("trace", "trace/flows"),
    "exchanges": ("trace", "trace/exchanges"),
    "ends": ("trace", "trace/ends"),
    "arrivals": ("trace", "trace/arrivals"),
    "orders": ("trace", "trace/orders"),
    "ties": ("trace", "trace/ties"),
    "offramps": ("find", "find/offramps"),
    "findings": ("find", "find/findings"),
    "accounts": ("find", "find/accounts"),
    "completeness": ("find", "find/completeness"),
    "gaps": ("find", "find/gaps"),
    "origins": ("find", "find/origins"),
    "totals": ("find", "find/totals"),
}
"""Table name -> (the stage that makes it, where it lies below `derived/`)."""


def write(folder: Files | Path, name: str, table: pa.Table) -> None:
    """One Parquet file: zstd, one writer version, rows as given. A path is made a folder where it is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    clean = table.replace_schema_metadata(None).combine_chunks()
    out = pa.BufferOutputStream()
    pq.write_table(clean, out, compression="zstd", row_group_size=1 << 18, version="2.6")
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True)
        folder = Files(folder)
    folder.write(f"{name}.parquet", out.getvalue().to_pybytes())


def read(case: Case, name: str, columns: list[str] | None = None) -> pa.Table:
    """A derived table. Raises Error naming the stage to run when it is not there."""
    stage, place = PLACES[name]
    return load(case, case.derived / f"{place}.parquet", stage, columns)


def load(case: Case, path: Path, stage: str, columns: list[str] | None = None) -> pa.Table:
    """Raises Error when the file is not there, Integrity when it is no Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = case.files.name(path)
    if case.files.size(name) is None:
        raise Error(
            "not-run",
            f"The case {case.path.name} has no {path.stem} yet.",
            f"The stage `{stage}` has not been run, or its results were deleted.",
            f"`recover run {case.path.name} --until {stage}`",
        )
    try:
        return pq.ParquetFile(pa.BufferReader(case.files.read(name))).read(columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise Integrity(
            "derived-damaged",
            f"{path.name} cannot be read.",
            f"It is not the file that was written: {error}.",
            "Delete derived/ and run again: everything in it is rebuilt from the exhibits.",
        ) from error


FOLDERS = {"decode": "ledger", "link": "link", "trace": "trace", "find": "find"}
"""Stage -> where its tables lie below `derived/`."""


def digests(case: Case, stage: str) -> dict[str, str]:
    """The logical digest of each table that a stage made, by its name below `derived/`."""
    root = FOLDERS[stage]
    names = [name for name in case.files.listed(f"derived/{root}") if name.endswith(".parquet")]
    places = {f"{root}/{name.removesuffix('.parquet')}": case.derived / root / name for name in names}
    return {name: rowwise.digest(load(case, path, stage)) for name, path in places.items()}


def rows(case: Case, path: Path) -> int:
    """How many rows a derived table has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with case.files.open(case.files.name(path)) as file:
        return int(pq.ParquetFile(pa.PythonFile(file, mode="r")).metadata.num_rows)


def gaps(found: Iterable[Gap]) -> pa.Table:
    """Gaps as their table, empty where there are none."""
    from recover.sdk.batch import SCHEMAS, Batch

    return Batch.of(*found).gaps or SCHEMAS["gaps"].empty_table()


def stamp(folder: Path) -> Mapping[str, Any]:
    """What a stage noted of its inputs when it last ran; empty if it did not, or was cut off."""
    try:
        found = json.loads(Files(folder).read("stamp.json"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def mark(folder: Files, inputs: Mapping[str, Any]) -> None:
    """Note a stage's inputs, in canonical JSON."""
    folder.write("stamp.json", json.dumps(inputs, sort_keys=True, indent=1).encode() + b"\n")
