"""The policy by which a case joins addresses, and the labels and assertions that its last `link` left for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived, settings
from recover.linking.entities import entities
from recover.linking.members import KIND as MEMBER
from recover.linking.members import owners
from recover.linking.ownership import KINDS, Policy, webs
from recover.plugins.registry import Plugins
from recover.sdk.batch import ASSERTIONS
from recover.sdk.errors import Error

TABLE = ASSERTIONS.append(pa.field("exhibit", pa.int64(), nullable=False))
"""Assertions as kept: the published columns and the exhibit they stand in, 0 for a heuristic's."""


def declared(case: Case, plugins: Plugins) -> Policy:
    """What the case merges by. Raises Error for a heuristic that is not here or never says who owns what."""
    named = case.settings.merge
    fit = sorted(h.info.id for h in plugins.heuristics.values() if set(KINDS) & set(h.info.asserts))
    known = {*fit, *settings.MERGE, *plugins.sources}  # a source can say so too, as one that reads a wallet's key
    wrong = [name for name in named if name not in known]
    if wrong:
        raise Error(
            "link-merge",
            f"`link.merge` in case.toml names {', '.join(wrong)}.",
            "No heuristic of this name is installed that asserts whether addresses have one owner.",
            f"Name any of: {', '.join(fit) or 'none is installed'}.",
        )
    return Policy(merge=named, least=case.settings.least)


def last(case: Case) -> Policy:
    """The policy under which the entities that are here were joined. Raises Error when the stage has not run."""
    found = derived.stamp(case, "link").get("policy")
    if not found:
        # Raises where the stage has not run; a stamp without a policy is older than policies.
        derived.read(case, "entities", ["id"])
        return Policy(merge=case.settings.merge, least=case.settings.least)
    return Policy(merge=tuple(found["merge"]), least=found["least"])


def evidence(case: Case) -> tuple[pa.Table, pa.Table]:
    """The labels and the assertions as `link` left them, without what the policy made of them."""
    resolved, asserted = (plain(derived.read(case, name)) for name in ("labels", "assertions"))
    # Members follow from a policy, and must not be evidence under another one.
    return resolved, asserted.filter(pc.not_equal(asserted.column("kind"), MEMBER))


def kept(case: Case, inputs: Mapping[str, Any]) -> tuple[pa.Table, pa.Table] | None:
    """Labels and assertions of the last run, where nothing that they rest on has changed since."""
    last = derived.stamp(case, "link")
    if {**last, "policy": "", "lost": ""} != {**inputs, "policy": "", "lost": ""}:
        return None
    return evidence(case)


def without(case: Case, heuristic: str) -> pa.Table:
    """The entities as they would be if the case did not merge by one heuristic. Nothing is stored.

    Raises Error where the case does not merge by it anyway.
    """
    chosen = last(case)
    if heuristic not in chosen.merge:
        raise Error(
            "without-what",
            f"The case does not merge by {heuristic!r}.",
            f"It merges by: {', '.join(chosen.merge) or 'nothing'} (`link.merge` in case.toml).",
            "Name one of these.",
        )
    resolved, asserted = evidence(case)
    found = webs(resolved, asserted, chosen.without(heuristic))
    return entities(resolved, asserted, [(web, owners(web)) for web in found])


def plain(read: pa.Table) -> pa.Table:
    """The same rows without the marks of the file that they were read from, which would be written again."""
    return pa.table(read.columns, schema=TABLE)
