"""Before: what services had before a choice was changed after results, with all else as it is now.

A change of the rule needs no such run: every rule is traced. A loss, what joins addresses, a parameter, an
election, a decision, a name by hand or a list of labels is taken back, one at a time, and the case traced.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.case import Case
from recover.findings.declaration import declaration
from recover.findings.evidence import Row, Slots
from recover.findings.material import Material
from recover.findings.takenback import labels, undone
from recover.linking import policy
from recover.plugins.registry import Plugins
from recover.stages.supposed import sums, work

MOST = 8
"""At most so many changes, the latest, are worked out; the annex says of which others nothing was."""

WORK = 1_000_000
"""Fewer of a large ledger: movements times changes stay below this, so that a run ends."""


def rows(case: Case, plugins: Plugins, material: Material) -> Iterator[Row]:
    """For each change, one finding for each service whose figure was another; one that says so where none was."""
    every = declaration(case).changes
    lists = labels(case, plugins) if every else frozenset()
    changes = [change for change in every if undone(case, change, lists) is not None]
    most = min(MOST, WORK // max(1, material.transfers.num_rows))
    now = sums(material) if changes else {}
    for change in changes[-most:] if most else ():
        look = undone(case, change, lists)
        assert look is not None
        settled = set(change.what) <= {"losses", "elections", "rule"}
        same = {a for one in case.settings.losses for a in one.assets} == {
            a for one in look.settings.losses for a in one.assets
        }
        # A policy joins addresses by what was asserted before, and asserts nothing.
        said = policy.evidence(case) if set(change.what) == {"policy"} else None
        join = bool({"decisions", "aside"} & set(change.what)) or not same
        made = work(look, plugins, join=join, link=not settled, said=said)
        was = {} if made is None else sums(made)
        about: Slots = {"entry": change.number, "what": change.what}
        moved = [key for key in sorted({*was, *now}) if was.get(key, 0) != now.get(key, 0)]
        for asset, service in moved:
            amount = now.get((asset, service), 0)
            figures: Slots = {
                "asset": asset,
                "service": service,
                "before": was.get((asset, service), 0),
                "amount": amount,
            }
            yield "before-change", service or asset, "", {**about, **figures}, ()
        if not moved:
            yield "before-change", "", "", about, ()
