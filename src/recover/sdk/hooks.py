"""The five hooks by which a plugin offers chains, sources, heuristics, exporters and templates.

pluggy finds, checks and names plugins; their order never changes a result.
"""

from __future__ import annotations

import pluggy

from recover.sdk.plugin import Chain, Exporter, Heuristic, Source, Template

PROJECT = "recover"
spec = pluggy.HookspecMarker(PROJECT)
plugin = pluggy.HookimplMarker(PROJECT)


@spec
def recover_chains() -> list[Chain]:  # type: ignore[empty-body]
    """The chains whose texts this plugin can read."""


@spec
def recover_sources() -> list[Source]:  # type: ignore[empty-body]
    """The sources of evidence and of labels."""


@spec
def recover_heuristics() -> list[Heuristic]:  # type: ignore[empty-body]
    """The heuristics over ledgers."""


@spec
def recover_exporters() -> list[Exporter]:  # type: ignore[empty-body]
    """The formats a case can leave in."""


@spec
def recover_templates() -> list[Template]:  # type: ignore[empty-body]
    """Folders of data: reports, letters and registers."""
