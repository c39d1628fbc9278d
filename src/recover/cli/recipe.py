"""A shipped case's recipe, `demo.toml`: what the case is called, which files go in, and what was lost."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from recover.cli import dates
from recover.sdk.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to import, and the sources that read it; none named means by content."""

    path: Path
    digest: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A loss as `recover loss` takes it."""

    address: str | None = None
    tx: str | None = None
    amount: str | None = None
    assets: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that `recover open`, `import` and `loss` would be told."""

    title: str
    examiner: str
    agency: str
    rule: str
    reference: str = ""
    note: str = ""
    language: str = "en"
    files: tuple[File, ...] = ()
    losses: tuple[Lost, ...] = ()


def find(name: str = "") -> Recipe:
    """The recipe of a shipped case, by default the one whose folder holds `MAIN`. Raises Error naming them all."""
    import recover

    # In an installed package the cases lie in it, in a checkout at its root.
    package = Path(recover.__file__).parent
    roots = (package / "casefiles", *(parent / "casefiles" for parent in package.parents[:2]))
    shipped = {file.parent.name: file for root in roots for file in sorted(root.glob("*/demo.toml"))}
    name = name or next((case for case, file in sorted(shipped.items()) if (file.parent / "MAIN").is_file()), "")
    if name in shipped:
        return read(shipped[name])
    raise Error(
        "no-demo",
        f"There is no shipped case called {name!r}." if name else "No case is shipped with this installation.",
        f"Looked for casefiles/*/demo.toml beside the package; found: {', '.join(sorted(shipped)) or 'none'}.",
        "Name one of these with --case." if shipped else "Install recover again, or run from a checkout.",
    )


def read(path: Path) -> Recipe:
    """Raises Error naming what is wrong in the recipe."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        files = tuple(_file(path.parent, table) for table in raw.pop("import", ()))
        losses = tuple(_loss(table) for table in raw.pop("loss", ()))
        return Recipe(**raw, files=files, losses=losses)
    except (tomllib.TOMLDecodeError, TypeError, KeyError, OSError, UnicodeDecodeError) as error:
        raise Error(
            "demo-recipe",
            f"{path.parent.name}/{path.name} cannot be used.",
            f"{type(error).__name__}: {error}.",
            "Install recover again, or mend the recipe.",
        ) from error


def _file(folder: Path, table: Mapping[str, Any]) -> File:
    path = folder / table["file"]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    named = table.get("source", [])
    return File(path=path, digest=digest, sources=(named,) if isinstance(named, str) else tuple(named))


def _loss(table: Mapping[str, Any]) -> Lost:
    known = dict(table)
    since, until = known.pop("from", None), known.pop("to", None)
    return Lost(
        **{**known, "assets": tuple(known.get("assets", ()))},
        # TOML has times of its own; as text they are read by the rules that the command line has.
        since=None if since is None else dates.parse(str(since)),
        until=None if until is None else dates.parse(str(until), end=True),
    )
