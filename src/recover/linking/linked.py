"""Linked: all that is made of a ledger and what sources call its addresses, as tables."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.case.derived import Progress
from recover.ledger import forms
from recover.ledger.read import places
from recover.linking import memos
from recover.linking.alarms import alarms
from recover.linking.asserted import asserted_here
from recover.linking.entities import entities
from recover.linking.members import members, owners
from recover.linking.ownership import webs
from recover.linking.policy import TABLE, declared
from recover.linking.resolve import again
from recover.plugins.registry import Plugins
from recover.registers import addressees


def linked(
    case: Case, plugins: Plugins, progress: Progress, before: tuple[pa.Table, pa.Table] | None = None
) -> dict[str, pa.Table]:
    """What is made of a ledger, by name; `before` are labels and assertions that still hold."""
    register = addressees.services(plugins.templates)
    resolved, asserted = before or asserted_here(case, plugins, register, progress)
    joined = [(web, owners(web)) for web in webs(resolved, asserted, declared(case, plugins))]
    moved = derived.read(case, "transfers", ["chain", "src", "dst", "time"])
    gaps = again(asserted, moved)
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
