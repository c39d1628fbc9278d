"""Supposed: what figures come to if something in the case were otherwise, worked out in memory as stages do."""

from __future__ import annotations

import pyarrow as pa

from recover.case import Case, derived
from recover.findings.material import Material
from recover.findings.versioned import Figures, Sums
from recover.ledger import joining, parts
from recover.linking.linked import linked
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import decode, trace


def work(
    look: Case,
    plugins: Plugins,
    *,
    join: bool = True,
    link: bool = True,
    ruled: bool = False,
    said: tuple[pa.Table, pa.Table] | None = None,
) -> Material | None:
    """Join, name and trace a case that is looked at, under its declared rule alone; None where that cannot be.

    Without `join` or `link` the tables stand that the case has: what is supposed must not touch them. `said` are
    labels and assertions that still hold. With `ruled` it is traced under every rule.
    """
    if not look.settings.losses:
        return None
    try:
        if join:
            parts.ahead(look, plugins, set())  # of an exhibit that was set aside nothing decoded is kept
            found = parts.parts(look, plugins)
            tables, _ = joining.joined(look, plugins, found, decode.seen(look, plugins, found))
            derived.hold(look, "decode", tables)
        if link or join:
            derived.hold(look, "link", linked(look, plugins, _quiet, said))
        derived.hold(look, "trace", trace.tables(look, plugins, _quiet, alone=not ruled, straight=True)[0])
    except Error:
        return None  # such a case would be refused: a loss of more than its transaction moved
    return Material.of(look)


def sums(material: Material) -> Sums:
    """What reached services and hubs."""
    return Figures.of(material).reached


def _quiet(stage: str, done: int, total: int) -> None:
    """What is supposed tells nothing of its own."""
