"""Flows under every rule: what a movement carried of each loss by each rule that may back a claim.

The trace stage keeps the flows of the declared rule, which everything else rests on. The others are wanted only by
a reader who checks the range, so they are traced again when asked for, from the same tables, by the same engine.
"""

from __future__ import annotations

import pyarrow as pa

from recover.case import Case, derived
from recover.sdk.errors import Error
from recover.tracing import Rule
from recover.trails import flows
from recover.trails.prepared import Prepared, beside, numbered, run_rule

HOPS = flows.FLOWS.insert(0, pa.field("rule", pa.string()))


def by_rule(case: Case) -> pa.Table:
    """Rows by (rule as listed, seq, event, loss): `rule`, and the columns of the trace stage's flows.

    Raises Error naming the stage to run when there are no flows yet, and, code `hops-mismatch`, when tracing again
    under the declared rule does not give the stored flows.
    """
    stored = derived.read(case, "flows")
    ledger = numbered(case)
    rules = [rule for rule in beside(bool(case.settings.elections)) if rule.claim]
    prepared = Prepared.of(case, ledger)
    parts = [_traced(case, prepared, rule) for rule in rules]
    # The declared rule's flows are here twice, stored and traced again. If they differ, the tables or the code
    # changed in between, and the other rules' flows would not belong to the figures in the report.
    for rule, part in zip(rules, parts, strict=True):
        if rule.id == case.settings.rule and not part.equals(stored):
            raise _mismatch(rule)
    named = [_named(rule, part) for rule, part in zip(rules, parts, strict=True)]
    return pa.concat_tables([HOPS.empty_table(), *named])


def _named(rule: Rule, flows: pa.Table) -> pa.Table:
    return flows.add_column(0, HOPS.field("rule"), pa.array([rule.id] * flows.num_rows, pa.string()))


def _traced(case: Case, prepared: Prepared, rule: Rule) -> pa.Table:
    found = run_rule(rule, prepared.trails, prepared.exchanged, flows=True)
    parts = [flows.flow_table(result, case.settings.losses, trail.seqs) for trail, result, _ in found]
    return flows.ordered(parts).combine_chunks()


def _mismatch(rule: Rule) -> Error:
    return Error(
        "hops-mismatch",
        "The stored flows of this case do not follow from tracing it again.",
        f"Under {rule.id}, the declared rule, the ledger gives other flows than those that are kept.",
        "Run `recover trace` again, then `recover verify`; rely on none of these figures until both agree.",
    )
