"""Find plugins, name the broken ones, and refuse two that claim one id."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy

from recover.plugins import spelling
from recover.sdk import hooks
from recover.sdk.errors import Error, PluginFailed
from recover.sdk.plugin import Chain, Exporter, Heuristic, Source, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A plugin that could not be loaded, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a plugin came from: distribution version, and SHA-256 over its files' names and contents."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A plugin that was registered; its files are read when somebody asks for their hash."""

    name: str
    version: str
    module: object


@dataclass(slots=True, kw_only=True)
class Plugins:
    """Everything found, by id, in order of id. `doubts` are names that look misspelt in plugins that work."""

    chains: dict[str, Chain] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    heuristics: dict[str, Heuristic] = field(default_factory=dict)
    exporters: dict[str, Exporter] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    doubts: list[Broken] = field(default_factory=list)
    loaded: list[Loaded] = field(default_factory=list)
    _origins: tuple[Origin, ...] | None = field(default=None, init=False, repr=False)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where each came from, in order of name; read once, so that all stages of a run note the same."""
        if self._origins is None:
            self._origins = tuple(
                Origin(name=one.name, version=one.version, sha256=files_hash(one.module)) for one in self.loaded
            )
        return self._origins

    def source(self, name: str) -> Source:
        """Raises Error with the nearest name when there is none."""
        if name not in self.sources:
            raise _unknown("source", name, self.sources, self.broken)
        return self.sources[name]

    def chain(self, name: str) -> Chain:
        """Raises Error with the nearest id when there is none."""
        if name not in self.chains:
            raise _unknown("chain", name, self.chains, self.broken)
        return self.chains[name]

    def firsts(self) -> dict[str, date]:
        """By chain, the day of its first block, where it declares one."""
        return {chain.info.id: chain.info.first for chain in self.chains.values() if chain.info.first is not None}

    def need(self, names: Iterable[str]) -> None:
        """Raises PluginFailed when a plugin that the case names is broken or absent."""
        loaded = {one.name for one in self.loaded}
        for name in names:
            if name not in loaded:
                reason = next((b.reason for b in self.broken if b.name == name), "it is not installed")
                raise PluginFailed(
                    "plugin-needed",
                    f"The case names the plugin {name}, which cannot be used.",
                    reason,
                    "Install or mend it, or take its name out of `plugins` in case.toml.",
                )


def load(*, extra: Sequence[ModuleType | object] = ()) -> Plugins:
    """All installed plugins and `extra` ones. Raises PluginFailed when two claim one id."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    found = Plugins()
    names: dict[object, str] = {}
    # In the order of names, not of installation: the same plugins give the same results and the same messages.
    for point in sorted(entry_points(group=hooks.PROJECT), key=lambda p: (p.name, p.value)):
        _guard(found, point.name, lambda point=point: _register(manager, names, found, point))  # type: ignore[misc]
    for module in extra:
        name = getattr(module, "__name__", type(module).__name__)
        _guard(found, name, lambda module=module, name=name: _add(manager, names, found, module, name))  # type: ignore[misc]
    for kind, ids in _KINDS.items():
        _gather(manager, names, found, kind, ids)
    found.loaded.sort(key=lambda one: one.name)
    return found


def _register(manager: pluggy.PluginManager, names: dict[object, str], found: Plugins, point: EntryPoint) -> None:
    module = point.load()
    version = point.dist.version if point.dist else "0"
    _add(manager, names, found, module, point.name, version)


def _add(
    manager: pluggy.PluginManager,
    names: dict[object, str],
    found: Plugins,
    module: object,
    name: str,
    version: str = "0",
) -> None:
    if name in names.values():
        raise PluginFailed(
            "plugin-twice",
            f"Two plugins are called {name}.",
            "A plugin's name must say which one was used.",
            "Remove one of them.",
        )
    manager.register(module, name=name)
    try:
        # pluggy accepts a hook that it does not know until asked to check; a misspelt one would never be called.
        manager.check_pending()
    except pluggy.PluginValidationError:
        manager.unregister(module)
        raise
    names[module] = name
    found.doubts += [Broken(name=name, reason=why) for why in spelling.hooks_missed(module)]
    found.loaded.append(Loaded(name=name, version=version, module=module))


_KINDS: dict[str, Callable[[Any], str]] = {
    "chains": lambda x: x.info.id,
    "sources": lambda x: x.info.id,
    "heuristics": lambda x: x.info.id,
    "exporters": lambda x: x.info.id,
    "templates": lambda x: x.id,
}


def _gather(
    manager: pluggy.PluginManager,
    names: dict[object, str],
    found: Plugins,
    kind: str,
    ids: Callable[[Any], str],
) -> None:
    owners: dict[str, str] = {}
    members: dict[str, Any] = {}
    # One by one, not by calling the hook: so a plugin that raises is named, and the others still answer.
    for hook in getattr(manager.hook, f"recover_{kind}").get_hookimpls():
        name = names[hook.plugin]
        listed: list[Any] = []
        _guard(found, name, lambda hook=hook, listed=listed: listed.extend(hook.function()))  # type: ignore[misc]
        for member in listed:
            if lack := spelling.lacks(kind, member):
                # It would fail where it is called first, in the middle of a case.
                found.broken.append(Broken(name=name, reason=f"{lack}."))
                continue
            found.doubts += [Broken(name=name, reason=why) for why in spelling.methods_missed(kind, member)]
            identity = ids(member)
            if identity in members:
                raise PluginFailed(
                    "id-twice",
                    f"Two plugins claim the {kind[:-1]} id {identity}: {owners[identity]} and {name}.",
                    "An id must name one thing, or results could change with what is installed.",
                    "Remove one of the two plugins.",
                )
            members[identity] = member
            owners[identity] = name
    getattr(found, kind).update(sorted(members.items()))


def _guard(found: Plugins, name: str, action: Callable[[], object]) -> None:
    try:
        action()
    # Two plugins of one name or id are no broken plugin that can be left out: which of them would count?
    except PluginFailed:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is named, and the rest works
        found.broken.append(Broken(name=name, reason=f"{type(error).__name__}: {error}"))


def files_hash(module: object) -> str:
    """SHA-256 over the names and contents of a package's files, the same wherever it is installed."""
    file = getattr(module, "__file__", None) or getattr(sys.modules.get(type(module).__module__), "__file__", None)
    if file is None:
        return hashlib.sha256().hexdigest()
    folder, name = os.path.split(file)
    return _hash(tuple(_listed(folder, "") if name == "__init__.py" else [_stood(file, name)]))


_Stood = tuple[str, str, int, int, int, int]
"""A file: its path as `PurePath` orders it, where it is, and what would tell that it was changed."""


@lru_cache(maxsize=256)
def _hash(files: tuple[_Stood, ...]) -> str:
    """Over files as they stand; a process that asks again reads none that has not been changed."""
    digest = hashlib.sha256()
    for relative, path, *_ in sorted(files, key=lambda file: file[0].split("/")):
        with open(path, "rb") as file:
            content = file.read()
        # Names and lengths go into the digest with the contents, so that moving bytes between files changes it.
        digest.update(f"{relative}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _listed(folder: str, under: str) -> Iterator[_Stood]:
    """The files of a package. Compiled ones differ from machine to machine, and example cases take no part."""
    for entry in os.scandir(folder):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in ("__pycache__", "casefiles"):
                yield from _listed(entry.path, f"{under}{entry.name}/")
        elif entry.is_file():
            yield _stood(entry.path, under + entry.name)


def _stood(path: str, relative: str) -> _Stood:
    at = os.stat(path)
    return relative, path, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns


def _unknown(kind: str, name: str, known: Iterable[str], broken: Sequence[Broken]) -> Error:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}? " if near else ""
    lame = f" Broken plugins: {', '.join(b.name for b in broken)}." if broken else ""
    return Error(
        f"no-{kind}",
        f"There is no {kind} called {name}.",
        f"Known: {', '.join(sorted(known)) or 'none'}.{lame}",
        f"{hint}`recover plugins` lists them.",
    )
