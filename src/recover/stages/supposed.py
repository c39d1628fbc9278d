"""Supposed: what figures come to if something in the case were otherwise, worked out in memory as stages do."""

from __future__ import annotations

from recover.case import Case, derived
from recover.findings import offramp
from recover.findings.material import Material
from recover.findings.versioned import Sums
from recover.ledger import joining, parts
from recover.linking.linked import linked
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import decode, trace


def work(look: Case, plugins: Plugins, *, join: bool = True, link: bool = True) -> Material | None:
    """Join, name and trace a case that is looked at, under its declared rule alone; None where that cannot be.

    Without `join` or `link` the tables stand that the case has: what is supposed must not touch them.
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
            derived.hold(look, "link", linked(look, plugins, _quiet))
        derived.hold(look, "trace", trace.tables(look, plugins, _quiet, alone=True)[0])
    except Error:
        return None  # such a case would be refused: a loss of more than its transaction moved
    return Material.of(look)


def sums(material: Material) -> Sums:
    """What reached services and hubs."""
    found: dict[tuple[str, str], int] = {}
    for ramp in offramp.find(material):
        key = ramp.asset, ramp.service or ""
        found[key] = found.get(key, 0) + ramp.amount
    return found


def _quiet(stage: str, done: int, total: int) -> None:
    """What is supposed tells nothing of its own."""
