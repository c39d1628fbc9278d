"""Lists of labels in this project's own CSV form: what an examiner writes by hand or from another source.

    #recover-labels 1
    #source: Example Exchange, statement of 2024-05-01
    #grade: B
    #as_of: 2024-05-01
    #licence: CC0-1.0
    #url: https://example.org
    chain,address,service,label,role,category,asserted,note
    eip155:1,0x47ac0Fb4F2D84898e4D9E7b4DaB3C24507a6D503,Example,Example hot 1,hot-wallet,exchange,,

`#source` and `#grade` are needed. The columns `asserted`, `note`, `until` (the last day on which the label was
true), `withdrawn` (the day on which its source took it back) and `why` may be left out, and stand in this order;
`#as_of` stands for an empty `asserted`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from recover.sdk import Ask, Batch, Exhibit, Recorder, SourceInfo, spreadsheet
from recover_labels.rows import (
    GRADE_IDS,
    HOPELESS,
    MOST_LINE,
    MOST_TEXT,
    Label,
    batches,
    bounded,
    canonical,
    fault,
    refuse,
)

FIRST = "#recover-labels 1"
COLUMNS = ["chain", "address", "service", "label", "role", "category"]
OPTIONAL = ["asserted", "note", "until", "withdrawn", "why"]
META = ("source", "as_of", "grade", "licence", "url")
ROLES = ("hot-wallet", "deposit", "sanctioned", "contract", "mixer", "bridge", "other")

_CHAIN = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TODO = "Correct these lines, and import the list again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The lines before the rows: what is said of all of them, the columns, and the number of lines."""

    meta: dict[str, str]
    columns: list[str]
    lines: int


def text(code: str, name: str, data: bytes) -> list[str]:
    """The lines of a UTF-8 file. Raises Error with the line of the first byte that is not."""
    try:
        return data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        refuse(code, name, [f"line {line}: byte {data[error.start]:#04x} is not UTF-8"], "Save the file as UTF-8.")


class LabelsCsv:
    """Reads a list that starts with `#recover-labels 1`."""

    info = SourceInfo(
        id="labels-csv",
        version="1",
        title="List of labels (CSV)",
        chains=("*",),
        place="line",
        media=f"CSV that begins with {FIRST}",
        terms="as the list's #licence line says",
        limits="64 MiB, UTF-8; every line must be right",
    )

    def recognises(self, name: str, head: bytes) -> bool:
        """The first line says so."""
        plain = spreadsheet.plain(head).data
        first = plain.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
        return first.rstrip(b"\r").rstrip().startswith(b"#recover-labels ")

    def collect(self, ask: Ask, recorder: Recorder) -> Iterator[Exhibit]:
        """Nothing: lists are imported."""
        yield from ()

    def decode(self, exhibit: Exhibit) -> Iterator[Batch]:
        """One label a line; `place` is the line, from 1. Raises Error naming every bad line (up to 20)."""
        data = spreadsheet.plain(bounded("labels-csv", exhibit.name, exhibit.data)).data
        lines = text("labels-csv", exhibit.name, data)
        problems: list[str] = []
        head = _head([line.rstrip("\r") for line in lines], problems)
        labels = [] if problems else list(_rows(lines, head, problems))
        if problems:
            refuse("labels-csv", exhibit.name, problems, _TODO)
        yield from batches(self.info.id, self.info.version, labels)


def _head(lines: list[str], problems: list[str]) -> Head:
    if lines[0].rstrip() != FIRST:
        problems.append(f"line 1: {lines[0][:60]!r} instead of {FIRST!r}")
    meta: dict[str, str] = {}
    number = 1
    while number < len(lines) and lines[number].startswith("#"):
        key, colon, value = lines[number][1:].partition(":")
        key = key.strip()
        if not colon or key not in META or key in meta or len(value) > MOST_TEXT:
            problems.append(
                f"line {number + 1}: {lines[number][:60]!r} is not one of #{': #'.join(META)}:, each once"
            )
        meta[key] = value.strip()
        number += 1
    if not meta.get("source"):
        problems.append("the line `#source: ...` is missing: a label needs somebody who says it")
    if meta.get("grade") not in GRADE_IDS:
        problems.append(f"the line `#grade: ...` must give one of {', '.join(GRADE_IDS)}")
    if meta.get("as_of") and not _DATE.fullmatch(meta["as_of"]):
        problems.append(f"#as_of: {meta['as_of'][:40]!r} is no date like 2024-12-31; spreadsheets rewrite dates")
    columns = _cells(lines[number]) if number < len(lines) else []
    extra = columns[len(COLUMNS) :]
    if columns[: len(COLUMNS)] != COLUMNS or extra != [name for name in OPTIONAL if name in extra]:
        wanted = f"{','.join(COLUMNS)} (then, if wanted, any of {','.join(OPTIONAL)} in this order)"
        problems.append(f"line {number + 1}: the columns are {','.join(columns)[:100]!r} instead of {wanted}")
    return Head(meta=meta, columns=columns, lines=number + 1)


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line[:MOST_LINE]]), [])
    except csv.Error:
        return []


def _rows(lines: list[str], head: Head, problems: list[str]) -> Iterator[Label]:
    seen: dict[tuple[str, ...], int] = {}
    # Each line is parsed alone: a quote left open is that line's fault, and no later line is eaten by it.
    for number, line in enumerate(lines[head.lines :], head.lines + 1):
        if len(problems) == HOPELESS:
            return
        bare = line.rstrip("\r")
        if not bare and number == len(lines):
            continue
        if len(bare) > MOST_LINE:
            problems.append(f"line {number}: it has {len(bare):,} characters")
            continue
        try:
            cells = next(csv.reader([bare], strict=True), [])
        except csv.Error as error:
            problems.append(f"line {number}: {error}")
            continue
        wrong = _wrong(cells, head)
        key = tuple(cells)
        if wrong is None and key in seen:
            wrong = f"the same as line {seen[key]}"
        if wrong is not None:
            problems.append(f"line {number}: {wrong}")
            continue
        seen[key] = number
        yield _label(dict(zip(head.columns, (c.strip() for c in cells), strict=True)), number, head.meta)


def _wrong(cells: list[str], head: Head) -> str | None:
    if len(cells) != len(head.columns):
        return f"{len(cells)} cells instead of {len(head.columns)}"
    row = dict(zip(head.columns, (c.strip() for c in cells), strict=True))
    if not _CHAIN.fullmatch(row["chain"]):
        return f"the chain {row['chain'][:60]!r} is no CAIP-2 id like eip155:1"
    if row["role"] not in ROLES:
        return f"the role {row['role'][:60]!r} is not one of {', '.join(ROLES)}"
    if not row["service"] and not row["label"]:
        return "neither a service nor a label"
    for name in ("asserted", "until", "withdrawn"):
        if row.get(name) and not _DATE.fullmatch(row[name]):
            return f"{name} {row[name][:40]!r} is no date like 2024-12-31"
    # A withdrawal without a reason would take a name away, and nobody could say why.
    if row.get("withdrawn") and not row.get("why"):
        return "it is withdrawn, and `why` says no reason"
    if any(len(c) > MOST_TEXT for c in cells):
        return f"a cell has more than {MOST_TEXT} characters"
    return fault(row["address"])


def _label(row: dict[str, str], line: int, meta: dict[str, str]) -> Label:
    params: dict[str, object] = {"licence": meta.get("licence", "")}
    params |= {name: row[name] for name in ("until", "withdrawn", "why") if row.get(name)}
    return Label(
        chain=row["chain"],
        address=row["address"],
        grade=meta["grade"],
        place=line,
        service=row["service"],
        label=row["label"] or row["service"],
        role=row["role"],
        category=row["category"],
        source=meta["source"],
        origin=meta.get("url") or meta["source"],
        asserted=row.get("asserted") or meta.get("as_of", ""),
        params=canonical(params),
        note=row.get("note", ""),
    )
