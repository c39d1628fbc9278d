"""The register of services: matching what a label calls a service with one entry."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from recover.sdk.errors import Error
from recover.sdk.plugin import Template
from recover.sdk.view import Service

# What sources write around a service's name: the role of the wallet, punctuation, and its number there.
_NOISE = re.compile(r"\b(hot|cold|wallets?|reserves?|deposits?|exchange|funds?)\b|[-_#:.]|\b\d+\b")


Files: TypeAlias = tuple[tuple[Path, int, int], ...]
"""Files of a register, each with when it was changed, in nanoseconds, and its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Services by every name they go by."""

    services: Mapping[str, Service]
    names: Mapping[str, str]

    def match(self, text: str) -> Service | None:
        """The service that a label's text names: exact first, then without numbers and words like `hot`."""
        for name in (text.casefold().strip(), _plain(text)):
            if name in self.names:
                return self.services[self.names[name]]
        return None

    def exact(self, text: str) -> Service | None:
        """The service that goes by exactly this name."""
        found = self.names.get(text.casefold().strip())
        return self.services[found] if found is not None else None


def load(template: Template | None) -> Register:
    """Read the register's folder; empty without one. Raises Error naming a file that is not an entry."""
    return joined(template, ())


def joined(template: Template | None, more: Iterable[Service]) -> Register:
    """The register's folder, and services that another register knows and it does not.

    A service of which any name stands in the folder is that one; of the others, a name that is taken stays with
    whoever has it. Raises Error naming a file that is not an entry.
    """
    return of_files(files_of(template), more)


def files_of(template: Template | None) -> Files:
    """The files of a register that is a folder, in order, each with what tells whether it was changed."""
    found = ((file, file.stat()) for file in (sorted(template.folder.glob("*.toml")) if template else []))
    return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in found)


def of_files(files: Files, more: Iterable[Service]) -> Register:
    """The same of files that were listed."""
    services: dict[str, Service] = {}
    names: dict[str, str] = {}
    plains: dict[str, set[str]] = {}
    for file, service in _read(files):
        services[service.id] = service
        for name in (service.id, service.name, *service.aliases):
            other = names.setdefault(name.casefold().strip(), service.id)
            if other != service.id:
                raise _bad(file.name, f"the name {name!r} is also used by {other}")
            plains.setdefault(_plain(name), set()).add(service.id)
    for service in more:
        called = [name.casefold().strip() for name in (service.id, service.name, *service.aliases)]
        known = next((names[name] for name in called if name in names), service.id)
        services[known] = _more(services[known], service) if known in services else service
        for name in called:
            if names.setdefault(name, known) == known:
                plains.setdefault(_plain(name), set()).add(known)
    # Exact names before plain ones, whatever the order of the files. A plain name that two services come to names
    # neither: which of them is meant would be a guess.
    alone = {plain: ids.pop() for plain, ids in plains.items() if len(ids) == 1}
    return Register(services=services, names={**alone, **names})


@lru_cache(maxsize=4)
def _read(files: Files) -> tuple[tuple[Path, Service], ...]:
    # A pursuit asks at every round; the same files are read once.
    return tuple((file, _entry(file.name, tomllib.loads(file.read_text("utf-8")))) for file, _, _ in files)


def _more(known: Service, other: Service) -> Service:
    """A service with what another register adds to it: how deposits are told apart."""
    return replace(known, deposits={**other.deposits, **known.deposits})


def _plain(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text.casefold()).split())


def _entry(file: str, raw: dict[str, Any]) -> Service:
    known = {f.name for f in fields(Service)}
    strange = sorted(set(raw) - known)
    if strange:
        raise _bad(file, f"unknown keys {', '.join(strange)}")
    for name in ("aliases", "jurisdictions"):
        raw[name] = tuple(raw.get(name, ()))
    try:
        return Service(**raw)
    except TypeError as error:
        raise _bad(file, str(error)) from error


def _bad(file: str, why: str) -> Error:
    return Error(
        "register-entry",
        f"{file} is not an entry of the register of services.",
        why + ".",
        "Mend the file; its README lists the keys.",
    )
