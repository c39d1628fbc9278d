"""Sources that read exported files: tables of blocks, transactions, receipts, logs, token transfers and traces.

Each file shows a part: logs show tokens, traces the chain's own coin, transactions value and, with gas used, the
fee. Files of one case are joined by transaction, so a part that two of them show counts once. A file does not say
of which chain it is, unless it has a column `chain_id`: it is taken to be of Ethereum.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from recover.sdk import Ask, Batch, Error, Exhibit, NotRecognised, Recorder, SourceInfo, sheet
from recover_chain_evm import assumed, dialects, foreign, networks, parquet, tables, values
from recover_chain_evm.dialects import Shape
from recover_chain_evm.frame import Frame, Problems

_CHAIN = "chain_id"
_OTHERS = ("bitcoin", "litecoin", "dogecoin")
_BOM = b"\xef\xbb\xbf"


class Rows:
    """CSV and JSON lines of one dialect. `place` is the line on which a row begins."""

    def __init__(self, id: str, title: str, shapes: Sequence[Shape], terms: str) -> None:
        self._id, self._title, self._shapes, self._terms = id, title, shapes, terms

    @property
    def info(self) -> SourceInfo:
        kinds = ", ".join(dict.fromkeys(shape.kind for shape in self._shapes))
        return SourceInfo(
            id=self._id,
            version="1",
            title=f"Tables of blocks and transactions as {self._title} write them",
            chains=networks.ids(),
            place="line",
            media=f"CSV or JSON lines of {kinds}, as {self._title} write them",
            terms=self._terms,
            limits="Each file is a part; without a column chain_id it is taken to be of Ethereum.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        text = head.removeprefix(_BOM).lstrip(b" \t\r\n")
        if not text.startswith(b"{"):
            listed = sheet.header(head)
            return (shape := dialects.shape_of(self._shapes, listed)) is not None and not _begins_tron(
                shape, listed, head
            )
        try:
            first = values.load(text.split(b"\n", 1)[0])
        except ValueError:
            return False
        if not isinstance(first, dict) or (shape := dialects.shape_of(self._shapes, first)) is None:
            return False
        return not foreign.is_row({name: first.get(column) for name, column in shape.names.items()})

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable lines, NotRecognised where the columns are of no known table."""
        problems = Problems(name=exhibit.name, unit="line")
        if exhibit.data.removeprefix(_BOM).lstrip(b" \t\r\n").startswith(b"{"):
            frames = self._lines(exhibit, problems)
        else:
            frames = [self._sheet(exhibit, problems)]
        yield from _batches(exhibit, frames, problems)

    def _sheet(self, exhibit: Exhibit, problems: Problems) -> tuple[Shape, Frame]:
        shape = dialects.shape_of(self._shapes, sheet.header(exhibit.data))
        if shape is None:
            raise _unknown(exhibit.name, sheet.header(exhibit.data), self._shapes)
        more = [*(column for column in shape.names.values() if column not in shape.needs), _CHAIN]
        read = sheet.read(exhibit.name, exhibit.data, shape.needs, optional=more)
        read.problems.check()
        present = {n: c for n, c in shape.names.items() if c in read.table.column_names}
        present |= {_CHAIN: _CHAIN} if _CHAIN in read.table.column_names else {}
        cells = {name: read.text(column) for name, column in present.items()}
        return shape, Frame(places=read.lines, cells=cells, problems=problems)

    def _lines(self, exhibit: Exhibit, problems: Problems) -> list[tuple[Shape, Frame]]:
        found: dict[int, tuple[Shape, list[Mapping[str, Any]], list[int]]] = {}
        before: tuple[frozenset[str], Shape] | None = None
        for number, line in sheet.written(exhibit.data):
            row = _row(line, number, problems)
            if len(problems.places) == sheet.HOPELESS:
                break  # the file is refused in any case; reading on would only take time
            if row is None:
                continue
            keys = frozenset(row)
            shape = before[1] if before and before[0] == keys else dialects.shape_of(self._shapes, keys)
            if shape is None:
                if foreign.is_table(keys):
                    raise foreign.refused(exhibit.name)
                # A stream also holds what names no movement, such as contracts and tokens.
                if row.get("type") not in ("contract", "token"):
                    problems.add(number, "it is a row of no table that is known")
                continue
            before = (keys, shape)
            _, rows, places = found.setdefault(id(shape), (shape, [], []))
            rows.append(row)
            places.append(number)
        if not found and not problems.places:
            raise _unknown(exhibit.name, (), self._shapes)
        return [
            (shape, Frame.of(rows, {**shape.names, _CHAIN: _CHAIN}, places, problems))
            for shape, rows, places in found.values()
        ]


class ParquetTables:
    """The same tables as Parquet files. `place` is the row's number, from 0."""

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(
            id="ethereum-etl-parquet",
            version="1",
            title="ethereum-etl: tables as Parquet",
            chains=networks.ids(),
            place="item",
            media="Parquet of blocks, transactions, receipts, logs, token_transfers or traces, and named so",
            terms="those of whoever exported the file; the facts are the chain's",
            limits="Each file is a part; without a column chain_id it is taken to be of Ethereum. Floating-point "
            "amounts are refused.",
        )

    def recognises(self, name: str, head: bytes) -> bool:
        """By its name, and by its columns where the whole file is shown: other chains' exports have such names."""
        if not head.startswith(b"PAR1") or not any(shape.kind in name.lower() for shape in dialects.ETL):
            return False
        if shown := parquet.columns(head):
            shape = dialects.shape_of(dialects.ETL, shown)
            return shape is not None and not _of_tron(shape, name, head)
        return not any(coin in name.lower() for coin in _OTHERS)

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """A file source: it answers no asks."""
        return iter(())

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """Raises Error naming up to 20 unreadable rows, NotRecognised where the columns are of no known table."""
        problems = Problems(name=exhibit.name, unit="item")
        read = parquet.load(exhibit.name, exhibit.data)
        shape = dialects.shape_of(dialects.ETL, read.column_names)
        if shape is None:
            raise _unknown(exhibit.name, read.column_names, dialects.ETL)
        yield from _batches(exhibit, [(shape, _framed(shape, read, problems))], problems)


def ethereum_etl() -> Rows:
    """What ethereum-etl writes, table by table or as a stream."""
    return Rows(
        "ethereum-etl",
        "the tools of ethereum-etl",
        dialects.ETL,
        "those of whoever exported the file; the facts are the chain's",
    )


def graphsense() -> Rows:
    """The same tables as the GraphSense tools hand them on."""
    return Rows(
        "graphsense-evm",
        "the tools of GraphSense",
        dialects.GRAPHSENSE,
        "those of whoever exported the file; the facts are the chain's",
    )


def _row(line: bytes, number: int, problems: Problems) -> Mapping[str, Any] | None:
    try:
        return values.fields(values.line(line), "the line")
    except (ValueError, RecursionError) as error:
        problems.add(number, f"it is no JSON object: {str(error)[:80]}")
        return None


def _framed(shape: Shape, read: pa.Table, problems: Problems) -> Frame:
    names = {n: c for n, c in {**shape.names, _CHAIN: _CHAIN}.items() if c in read.column_names}
    cells = {name: parquet.cells(read.column(column)) for name, column in names.items()}
    return Frame(places=np.arange(read.num_rows, dtype=np.int64), cells=cells, problems=problems)


def _of_tron(shape: Shape, name: str, data: bytes) -> bool:
    """Whether a whole Parquet file is TRON's; what cannot be read is told when it is decoded."""
    try:
        read = parquet.load(name, data)
    except NotRecognised:
        return False
    return foreign.is_frame(_framed(shape, read, Problems(name=name, unit="item")))


def _begins_tron(shape: Shape, listed: Sequence[str], head: bytes) -> bool:
    """Whether the first row of a sheet is TRON's."""
    lines = head.removeprefix(_BOM).decode("utf-8", "replace").split("\n", 2)
    try:
        first = next(csv.reader(lines[1:2]), [])
    except csv.Error:
        return False
    cells = dict(zip(listed, first, strict=False))
    return foreign.is_row({name: cells.get(column) for name, column in shape.names.items()})


def _batches(exhibit: Exhibit, frames: Sequence[tuple[Shape, Frame]], problems: Problems) -> Iterator[Batch]:
    if any(foreign.is_frame(frame) for _, frame in frames):
        raise foreign.refused(exhibit.name)
    numbers = _numbers(exhibit.name, [frame for _, frame in frames])
    network, taken = assumed.network(exhibit, next(iter(numbers), None))
    by_kind: dict[str, list[Frame]] = {}
    for shape, frame in frames:
        by_kind.setdefault(shape.kind, []).append(frame)
    yield tables.batch(network, by_kind, problems, exhibit.topics)
    if taken:
        yield Batch.of(*taken)


def _numbers(name: str, frames: Sequence[Frame]) -> set[int]:
    """The one chain id that a column `chain_id` names; none where there is no such column. Raises Error."""
    numbers = {number for frame in frames for number in frame.exact(_CHAIN, optional=True) if number is not None}
    known = networks.known()
    if len(numbers) > 1 or (numbers and next(iter(numbers)) not in known):
        raise Error(
            "chain-unknown",
            f"{name} is of chain {', '.join(map(str, sorted(numbers)))}.",
            f"One file is read as of one chain, and known are {', '.join(str(n) for n in known)}.",
            "Split the file by chain; a further chain is a few lines in networks.toml.",
        )
    return numbers


def _unknown(name: str, columns: Sequence[str], shapes: Sequence[Shape]) -> NotRecognised:
    listed = set(columns)
    if foreign.is_table(listed):
        return foreign.refused(name)
    near = min(shapes, key=lambda shape: len(set(shape.needs) - listed))
    missing = ", ".join(column for column in near.needs if column not in listed)
    return NotRecognised(
        "columns-differ",
        f"{name} does not have the columns of a table that is known.",
        f"It is nearest to {near.kind}, and lacks {missing}.",
        "Name another source with --as, or export the file again with all columns.",
    )
