"""What went out: its files kept as exhibits and in `issued/`, and the entry that says what it named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from recover.capture.imports import kept, taken
from recover.case import Case
from recover.letters import changed, front, life, lived, matter
from recover.sdk import Error

NAMED = 200
"""So many identifiers a letter repeats of one that it follows, at most."""


def keep(
    case: Case, letter: life.Letter, made: list[matter.Matter], files: Mapping[str, bytes], by: str, at: datetime
) -> list[tuple[str, int]]:
    """Store the files of a letter as exhibits and in `issued/`, and journal its issue; (file, exhibit) of each."""
    m = made[0]
    choice, version, file, rows = m.choice, letter.version, case.next_file(), []
    case.files.make("issued")
    for name, data in files.items():
        stored = kept(case, file, name, data, "issued")
        case.files.write(f"issued/{name}", data)
        rows.append({"name": name, "sha256": stored.digest, "exhibit": stored.number})
    said = {
        "by": by,
        "at": at.isoformat(),
        "files": rows,
        "service": choice.service,
        "kind": choice.kind,
        "until": choice.until,
        "reply_by": choice.reply_by,
        "named": [*dict.fromkeys(row.address for row in m.rows if row.address)][:NAMED],
        "asked": front.places(m)[:NAMED],
        "moves": [*dict.fromkeys(row.tx_hash for row in m.rows if row.tx_hash)][:NAMED],
        "asks": m.kind.asks,
        "parts": changed.parts(made, at),
    }
    lived.note(case, "issue", choice.id, version, {**said, "basis": choice.basis})
    return [(str(row["name"]), int(str(row["exhibit"]))) for row in rows]


def papers(file: str, signed: Sequence[Path]) -> dict[str, bytes]:
    """The papers that were signed, by the names under which they are kept. Raises Error for what is none."""
    found: dict[str, bytes] = {}
    for number, path in enumerate(signed, 1):
        data, suffix = taken(path), path.suffix.casefold()[:8]
        if suffix == ".pdf" and b"%PDF-" not in data[:1024]:
            raise Error(
                "signed-unreadable",
                f"{path} is no PDF.",
                "It was given as the signed paper, which is served in place of the unsigned one.",
                "Name the file that was signed, or the scan of the paper.",
            )
        found[f"{file}-signed{f'-{number}' if number > 1 else ''}{suffix}"] = data
    return found
