"""plugins: what is installed, from where, and what is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recover.cli import screen
from recover.cli.options import Json
from recover.cli.screen import Column

if TYPE_CHECKING:
    from recover.plugins.registry import Plugins

_KINDS = ("chains", "sources", "heuristics", "exporters", "templates")


def plugins(json: Json = False) -> None:
    """List what is installed, and what is broken.

    Chains, sources, heuristics, exporters and templates; then each plugin with its version and file hash.
    """
    from recover.plugins import registry

    found = registry.load()
    screen.answer(_plain(found), json, lambda: _told(found))
    # Listing goes on, and the exit code stays 0: a broken plugin is fatal only to a case that names it.
    for broken in found.broken:
        screen.remark(f"The plugin {broken.name} is broken: {broken.reason}")


def _members(found: Plugins) -> list[dict[str, object]]:
    """Every member of every kind: kind, id, version, title, and what tells it from its neighbours."""
    listed: list[dict[str, object]] = []
    for kind in _KINDS:
        for name, member in getattr(found, kind).items():
            info = member if kind == "templates" else member.info
            listed.append(
                {
                    "kind": kind[:-1],
                    "id": name,
                    "version": getattr(info, "version", ""),
                    "title": info.title,
                    "detail": _detail(kind, info),
                }
            )
    return listed


def _detail(kind: str, info: object) -> str:
    slot = {
        "chains": "model",
        "sources": "media",
        "exporters": "form",
        "templates": "kind",
        "heuristics": "asserts",
    }
    value = getattr(info, slot[kind])
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _plain(found: Plugins) -> dict[str, object]:
    members = _members(found)
    kinds = {kind: [_without_kind(m) for m in members if m["kind"] == kind[:-1]] for kind in _KINDS}
    return {**kinds, "plugins": found.origins, "broken": found.broken}


def _without_kind(member: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in member.items() if name != "kind"}


def _told(found: Plugins) -> None:
    columns = (
        Column(title="Kind"),
        Column(title="Id"),
        Column(title="Version", rank=1),
        Column(title="Title", prose=True),
        Column(title="Detail", prose=True, rank=2),
    )
    names = ("kind", "id", "version", "title", "detail")
    screen.table(columns, [[str(m[n]) for n in names] for m in _members(found)], "no plugins")
    screen.say("")
    origins = (Column(title="Plugin"), Column(title="Version"), Column(title="SHA-256"))
    screen.table(origins, [[o.name, o.version, o.sha256] for o in found.origins], "no plugins")
