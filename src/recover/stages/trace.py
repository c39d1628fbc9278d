"""trace: every loss through the ledger, under the declared rule and under every other, for comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pyarrow as pa

from recover.case import Case, derived, settings
from recover.declared.admissible import declarable
from recover.plugins.pins import core, pin, ran
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.stages import Outcome, Progress, since
from recover.tracing import rules
from recover.trails import legs, recalled
from recover.trails.arrivals import ARRIVALS
from recover.trails.flows import CAME, ENDS, ordered
from recover.trails.orders import ORDERS, TIES
from recover.trails.partly import PARTS
from recover.trails.shares import SHARES
from recover.trails.sides import accepted
from recover.trails.traced import Found, traced

Made = tuple[Mapping[str, pa.Table], Callable[[], Mapping[str, bytes]]]
"""The tables of a trace, and what writes the texts beside them: nobody reads these between two rounds."""


def run(case: Case, plugins: Plugins, progress: Progress, made: Made | None = None) -> Outcome:
    """Trace each asset that a loss concerns, or keep what was `made`. Raises Error without a loss it can trace."""
    began = time.monotonic_ns()
    if not case.settings.losses:
        why, do = "A trace follows a loss; without one there is nothing to follow.", "--address A` or `--tx ID`"
        raise Error("no-loss", f"The case {case.typed} declares no loss.", why, f"`recover loss {case.typed} {do}")
    declarable(case.settings.rule)  # case.toml may name any: it is edited by hand, and comes from others
    pin(case, plugins)
    inputs = {
        "core": core(),
        # By what stands in them, not by when they were made: a change that left them as they are changes no trace.
        "ledger": derived.made(case, "decode"),
        "link": derived.made(case, "link"),
        "settings": settings.text(settings.traced(case.settings)),
        "rules": sorted(rules.RULES),
        "accepted": sorted(accepted(case)),
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
    }
    if done := derived.stamp(case, "trace") != inputs:
        found, texts = made or tables(case, plugins, progress)
        ran(case, "trace", derived.fill(case, "trace", found, inputs, texts()))
    else:
        ran(case, "trace")
    rows = ((name, derived.read(case, name, []).num_rows) for name in ("flows", "ends"))
    gaps = derived.load(case, case.derived / "trace" / "gaps.parquet", "trace").num_rows
    counts = ("losses", len(case.settings.losses)), *rows
    return Outcome(stage="trace", done=done, counts=counts, gaps=gaps, ms=since(began))


def tables(case: Case, plugins: Plugins, progress: Progress, **few: bool) -> Made:
    """What the ledger and its labels give; `few`: `alone` under the declared rule, `straight` in one order."""
    with recalled.recalling(case, core()) as memory:
        found = traced(case, plugins, progress, **few)
    rows = {**_tables(found), **({} if few else {"passes": memory.table()})}
    return rows, lambda: {legs.FILE: found.legs(rows)}


def _tables(found: Found) -> dict[str, pa.Table]:
    return {
        "flows": ordered(found.flows),
        "exchanges": pa.concat_tables([CAME.empty_table(), *found.came]),
        "crossings": found.crossings,
        "ends": pa.concat_tables([ENDS.empty_table(), *found.ends]),
        "arrivals": pa.concat_tables([ARRIVALS.empty_table(), *found.arrivals]),
        "shares": pa.concat_tables([SHARES.empty_table(), *found.shares]),
        "orders": pa.Table.from_pylist([*found.tried.orders, *found.partly.orders], schema=ORDERS),
        "ties": pa.Table.from_pylist(found.tried.ties, schema=TIES),
        "parts": pa.Table.from_pylist(found.partly.parts, schema=PARTS),
        "gaps": derived.gaps(found.gaps),
    }
