"""What attacks stand on: the case, what lies outside it, and what must be as it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recover.case import journal
from recover.case.confined import Files
from recover.cli import main as program
from recover.plugins import registry

PAYMENTS = "# toy payments\n1 toy-ann toy-bob 250\n2 toy-bob toy-eve 100\n3 toy-bob toy-zoe 50\n"
OPEN = ("--title", "T", "--examiner", "N", "--agency", "A", "--rule", "fifo")
load = registry.load


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One attack's place. `outside` may not change, whatever is done to `case`."""

    spot: Path
    case: Path
    outside: Path
    capsys: pytest.CaptureFixture[str]

    def do(self, *words: str, case: Path | None = None) -> Told:
        """One command; the case is put in after its name."""
        self.capsys.readouterr()
        code = program.main([words[0], str(case or self.case), *words[1:]])
        out, err = self.capsys.readouterr()
        return Told(code=code, out=out, err=err)

    def add(self, data: str, name: str = "more.txt") -> Told:
        file = self.spot / name
        file.write_text(data)
        return self.do("import", str(file))

    def entries(self) -> list[journal.Entry]:
        return journal.read(Files(self.case).read(journal.FILE))[0]

    def forge(self, *bodies: tuple[str, dict[str, Any]], keep: int | None = None) -> None:
        """Append entries whose hashes are right, as somebody who knows the format can; `keep` cuts before."""
        entries = self.entries()[:keep]
        for kind, body in bodies:
            last = entries[-1]
            entries.append(journal.make(last.number + 1, last.time, kind, body, last.hash))
        (self.case / journal.FILE).write_bytes(b"".join(entry.line() for entry in entries))

    def gaps(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.do("show", "gaps", "--json").out)
        return found


def tree(root: Path) -> dict[str, str]:
    """Every file below a folder with its SHA-256, links by where they lead; nothing is opened that could wait."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif not path.is_dir():
            found[name] = "no file"
    return found


def lies_in(data: bytes, root: Path) -> bool:
    """Whether bytes stand in some file below a folder: as they were, or within a larger one."""
    return any(data in path.read_bytes() for path in root.rglob("*") if path.is_file() and not path.is_symlink())
