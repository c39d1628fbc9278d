"""link: what sources call an address, what heuristics assert of it, and which addresses a policy joins."""

from __future__ import annotations

import time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import forms
from recover.ledger.parts import holds, parts
from recover.ledger.read import places
from recover.linking import memos, persons
from recover.linking.alarms import alarms
from recover.linking.asserted import asserted_here
from recover.linking.entities import entities
from recover.linking.members import members, owners
from recover.linking.ownership import webs
from recover.linking.policy import TABLE, declared, kept
from recover.linking.resolve import again, swept_elsewhere
from recover.plugins.pins import core, pin, ran
from recover.plugins.registry import Plugins
from recover.registers import addressees
from recover.stages import Outcome, Progress, since


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Match labels with the register, run every heuristic that fits a chain here, and join entities."""
    began = time.monotonic_ns()
    pin(case, plugins)
    declared(case, plugins)
    inputs = _inputs(case, plugins)
    done = derived.stamp(case, "link") != inputs
    if done:
        _link(case, plugins, progress, inputs)
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


def _link(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    found_before = kept(case, inputs)  # "and without that heuristic?" has to be answered in seconds
    ran(case, "link", derived.fill(case, "link", tables(case, plugins, progress, found_before), inputs))


def tables(
    case: Case, plugins: Plugins, progress: Progress, before: tuple[pa.Table, pa.Table] | None = None
) -> dict[str, pa.Table]:
    """What is made of a ledger, by name; `before` are labels and assertions that still hold."""
    register = addressees.services(plugins.templates)
    resolved, asserted = before or asserted_here(case, plugins, register, progress)
    joined = [(web, owners(web)) for web in webs(resolved, asserted, declared(case, plugins))]
    moved = derived.read(case, "transfers", ["chain", "src", "dst", "time"])
    gaps = [*again(asserted, moved), *swept_elsewhere(resolved, asserted)]
    for web, found in joined:
        gaps += alarms(web, found, places(moved.filter(pc.equal(moved["chain"], web.chain))).num_rows)
    return {
        "forms": forms.table(plugins, places(moved), forms.lost(case, plugins)),
        "memos": memos.table(memos.told(resolved, plugins, register)),
        "labels": resolved,
        "assertions": pa.concat_tables([asserted, *(members(web, found, TABLE) for web, found in joined)]),
        "entities": entities(resolved, asserted, joined),
        "gaps": derived.gaps(gaps),
    }
