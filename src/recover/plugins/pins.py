"""Which code made the results: recorded in the journal before anything is derived, again only when it changed."""

from __future__ import annotations

from functools import cache

import recover
from recover.case import Case
from recover.plugins.registry import Origin, Plugins, files_hash


def pin(case: Case, plugins: Plugins) -> None:
    """Note the core's and the plugins' versions and file hashes. Raises PluginFailed if a named one is broken."""
    # First: a result made without a plugin that the case names must not come to be.
    plugins.need(case.settings.plugins)
    found = origins(plugins)
    # `plugins` entries move the journal's head, so an unchanged set is not noted again: papers would change.
    if found != recorded(case):
        broken = [{"name": b.name, "reason": b.reason} for b in plugins.broken]
        case.note("plugins", {"origins": [[o.name, o.version, o.sha256] for o in found], "broken": broken})


@cache
def core() -> str:
    """SHA-256 over the core's own files: what a stage notes, so that changed code makes it run again."""
    return files_hash(recover)


def origins(plugins: Plugins) -> list[Origin]:
    """The core, then every plugin."""
    return [Origin(name="recover", version=recover.__version__, sha256=core()), *plugins.origins]


def recorded(case: Case) -> list[Origin]:
    """What the journal last said; empty before the first run."""
    for entry in reversed(case.entries):
        if entry.kind == "plugins":
            return [Origin(name=n, version=v, sha256=h) for n, v, h in entry.body["origins"]]
    return []
