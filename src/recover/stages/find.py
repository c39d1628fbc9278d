"""find: checkable statements. Off-ramps, value at rest, accounts that close, figures that rest on an order."""

from __future__ import annotations

import time
from functools import partial

import pyarrow as pa

from recover.case import Case, derived, settings
from recover.findings import accounts, completeness, labelled, offramp, origins, statements, totals, whereabouts
from recover.findings.affected import moving
from recover.findings.beyond import stakes
from recover.findings.contradicted import found as contradicted
from recover.findings.declaration import declaration
from recover.findings.evidence import Evidence
from recover.findings.material import Material
from recover.findings.retained import retained
from recover.findings.stored import _FINDINGS, OFFRAMPS, ramp_row, to_row
from recover.findings.unexamined import lacking, unexamined
from recover.findings.unshared import weighed
from recover.ledger.parts import parts, read
from recover.plugins.pins import core, pin, ran
from recover.plugins.registry import Plugins
from recover.stages import Outcome, Progress, answered, before, since, turned, versions


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """State what the trace found. Everything here is a function of derived tables and the case's settings."""
    began = time.monotonic_ns()
    pin(case, plugins)
    inputs = {
        "core": core(),
        **{stage: derived.made(case, stage) for stage in ("decode", "link", "trace")},
        "settings": settings.text(case.settings),
        "exhibits": [[one.number, one.digest] for one in case.used() if one.sources],
        "said": [[e.kind, dict(e.body)] for e in case.entries if e.kind in ("set-aside", "clock", "obtained")],
        "changes": [[one.number, list(one.what)] for one in declaration(case).changes],
        "asked": [dict(e.body) for e in case.entries if e.kind == "asked"],
        "letters": {name: dict(body) for name, body in sorted(labelled.overrides(case).items())},
        "plugins": sorted([o.name, o.sha256] for o in plugins.origins),
    }
    if done := derived.stamp(case, "find") != inputs:
        ran(case, "find", derived.fill(case, "find", _tables(case, plugins, progress), inputs))
        progress("find", 3, 3)
    else:
        ran(case, "find")
    tables = (("off-ramps", "offramps", "address"), ("findings", "findings", "id"))
    counts = tuple((said, derived.read(case, name, [column]).num_rows) for said, name, column in tables)
    gaps = derived.read(case, "gaps", ["code", "share"])
    count = moving(gaps, case.settings.dust).num_rows
    return Outcome(stage="find", done=done, counts=counts, gaps=gaps.num_rows, ms=since(began), moving=count)


def _tables(case: Case, plugins: Plugins, progress: Progress) -> dict[str, pa.Table]:
    """What they are made of, most of a large case's memory, is gone by the time that they are written."""
    progress("find", 0, 3)
    open_ = versions.worked(case, plugins, material := answered.relied(case, plugins, Material.of(case)))
    disputes = contradicted(material, parts(case, plugins), partial(read, case), open_.unmoved)
    ramps = weighed(material, offramp.find(material, {one.holding for one in disputes}), disputes)
    progress("find", 1, 3)
    ramps = retained(case, material, ramps, whole := accounts.close(material, ramps))
    checks, came = completeness.table(case, material, ramps), origins.table(case, material)
    evidence = Evidence.of(case, plugins, material)
    stands, supposed = whereabouts.standings(material, evidence, disputes), [*answered.rows(case, plugins, open_)]
    supposed += [row for stage in (turned, before) for row in stage.rows(case, plugins, material)]
    found = statements.make(case, material, ramps, whole, checks, evidence, came, stands, disputes, supposed)
    short = lacking(case, evidence, checks, stands, whole, found)
    gaps = unexamined(case, short, plugins.firsts(), {**open_.stakes(), **stakes(material, found)})
    sums = totals.table(case.settings.rule, ramps, found, material.under_claims(), came, gaps, material)
    return {
        "offramps": pa.Table.from_pylist([ramp_row(r) for r in ramps], schema=OFFRAMPS),
        "accounts": accounts.table(whole),
        "completeness": checks,
        "findings": pa.Table.from_pylist([to_row(f) for f in found], schema=_FINDINGS),
        "gaps": gaps,
        "origins": came,
        "totals": sums,
    }
