"""link: what sources call an address, what heuristics assert of it, and which addresses a policy joins."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from recover.case import Case, derived
from recover.ledger import forms
from recover.ledger.parts import holds, parts
from recover.linking import persons
from recover.linking.linked import linked
from recover.linking.policy import declared, kept
from recover.plugins.pins import core, pin, ran
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, since


def run(case: Case, plugins: Plugins, progress: Progress, made: Mapping[str, pa.Table] | None = None) -> Outcome:
    """Match labels with the register, run every heuristic that fits a chain here, and join entities; or keep what
    was `made` of this ledger a moment ago.
    """
    began = time.monotonic_ns()
    pin(case, plugins)
    declared(case, plugins)
    inputs = _inputs(case, plugins)
    done = derived.stamp(case, "link") != inputs
    if done:
        # "and without that heuristic?" has to be answered in seconds
        found = made or linked(case, plugins, progress, kept(case, inputs))
        ran(case, "link", derived.fill(case, "link", found, inputs))
    else:
        ran(case, "link")
    names = ("labels", "assertions", "entities")
    counts = tuple((name, derived.read(case, name, ["chain"]).num_rows) for name in names)
    gaps = derived.load(case, case.derived / "link" / "gaps.parquet", "link").num_rows
    return Outcome(stage="link", done=done, counts=counts, gaps=gaps, ms=since(began))


def _inputs(case: Case, plugins: Plugins) -> dict[str, Any]:
    return {
        "core": core(),
        "ledger": derived.made(case, "decode"),
        "labels": [[p.exhibit, p.folder.name] for p in parts(case, plugins) if holds(case, p, "assertions")],
        "heuristics": sorted([h.info.id, h.info.version] for h in plugins.heuristics.values()),
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
        "lost": [list(place) for place in forms.lost(case, plugins)],
        "parameters": {k: dict(v) for k, v in case.settings.parameters.items()},
        "acts": persons.inputs(case),
        "policy": {"merge": list(case.settings.merge), "least": case.settings.least},
    }
