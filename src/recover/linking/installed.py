"""Bases of labels that are installed: which there are, and the one that a case pins as an exhibit."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from recover.capture.imports import described, packed, store, taken
from recover.case import Case, Stored, derived
from recover.ledger.read import places
from recover.linking.lookup import Lookup
from recover.plugins import call
from recover.plugins.registry import Plugins
from recover.sdk.errors import Integrity
from recover.sdk.plugin import Source, Template
from recover.sdk.values import Exhibit

ABOUT = "base.toml"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # an installed base is no capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One published list in a base."""

    file: str
    repository: str
    licence: str
    origin: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """What a base leaves out, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An installed base. `chains` counts its labels by CAIP-2 id; `file` is what a case pins, of this digest."""

    id: str
    title: str
    version: str
    file: Path
    sha256: str
    source: str
    rows: int
    services: int
    chains: Mapping[str, int]
    packs: tuple[Pack, ...]
    excluded: tuple[Excluded, ...]

    @property
    def name(self) -> str:
        """The name of its exhibit."""
        return f"{self.id}-{self.version}.csv.gz"


def installed(templates: Mapping[str, Template]) -> list[Base]:
    """Every base that a plugin brings, by id."""
    files = [t.folder / ABOUT for t in templates.values() if t.kind == "register"]
    bases = (_read(file.parent, file.read_text("utf-8")) for file in files if file.is_file())
    return sorted(bases, key=lambda base: base.id)


def pin(case: Case, plugins: Plugins) -> list[Stored]:
    """Store, as exhibits, the installed bases that know an address of this case's ledger.

    A case keeps the version that it has pinned: another one would change its names between two runs. Raises
    Integrity where an installed base is not the one that its description names.
    """
    if not case.settings.base:
        return []
    made = []
    for base in installed(plugins.templates):
        mine = [
            one for one in case.exhibits() if one.name.startswith(f"{base.id}-") and base.source in one.sources
        ]
        if mine:
            if mine[-1].digest != base.sha256:
                case.told.append(
                    f"The case rests on {mine[-1].name}; {base.name} is installed. "
                    f"`recover import {case.typed} {base.file}` takes it in beside the other."
                )
            continue
        here = places(derived.read(case, "transfers", ["chain", "src", "dst"])).column("address").unique()
        if any(
            pc.any(pc.is_in(rows.column("address"), value_set=here)).as_py() for rows in _labels(plugins, base)
        ):
            made.append(take(case, plugins, base))
            case.told.append(
                f"{base.name} knows addresses of this case, and is pinned as exhibit {made[-1].number}."
            )
    return made


def take(case: Case, plugins: Plugins, base: Base) -> Stored:
    """Pin one base."""
    exhibit = described(case, base.file.with_name(base.name), _bytes(base), "")
    ready: Future[bytes] = Future()
    ready.set_result(packed(case, exhibit))
    return store(case, case.next_file(), [(exhibit, [plugins.source(base.source)], ready)])[0]


def of(plugins: Plugins, base: Base) -> Lookup:
    """The labels of an installed base, to be looked up."""
    return Lookup.of(pa.concat_tables(_labels(plugins, base)))


def _labels(plugins: Plugins, base: Base) -> list[pa.Table]:
    source, data = plugins.source(base.source), _bytes(base)
    # Each run of a case that has pinned none asks; a process that runs many reads a base once.
    known = (base.sha256, type(source))
    if known not in _READ:
        _READ[known] = _decoded(source, base, data)
    return _READ[known]


_READ: dict[tuple[str, type[Source]], list[pa.Table]] = {}


def _decoded(source: Source, base: Base, data: bytes) -> list[pa.Table]:
    exhibit = Exhibit(
        digest=base.sha256,
        name=base.name,
        media="application/gzip",
        captured=_NEVER,
        sources=(base.source,),
        data=data,
    )
    found = call.batches(base.source, lambda: source.decode(exhibit))
    return [rows for batch in found if (rows := batch.tables().get("assertions")) is not None]


def unpinned(case: Case, plugins: Plugins) -> list[tuple[Base, pa.Array]]:
    """The bases that a case has not pinned and may, each with the addresses that it knows."""
    if not case.settings.base:
        return []
    names = [one.name for one in case.exhibits()]
    free = [b for b in installed(plugins.templates) if not any(name.startswith(f"{b.id}-") for name in names)]
    every = [(base, [rows.column("address").combine_chunks() for rows in _labels(plugins, base)]) for base in free]
    return [(base, pa.concat_arrays(found).unique()) for base, found in every if found]


def _bytes(base: Base) -> bytes:
    data = taken(base.file)
    if hashlib.sha256(data).hexdigest() != base.sha256:
        raise Integrity(
            "base-changed",
            f"The installed {base.title} is not the one that it says it is.",
            f"Its description names the SHA-256 {base.sha256}, and the file has another.",
            "Install its package again.",
        )
    return data


@lru_cache(maxsize=8)
def _read(folder: Path, about: str) -> Base:
    raw = tomllib.loads(about)
    plain = {
        name: raw[name] for name in ("id", "title", "version", "sha256", "source", "rows", "services", "chains")
    }
    return Base(
        **plain,
        file=folder / raw["file"],
        packs=tuple(Pack(**one) for one in raw["pack"]),
        excluded=tuple(Excluded(**one) for one in raw["excluded"]),
    )
