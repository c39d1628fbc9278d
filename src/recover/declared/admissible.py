"""The rule of a case: which rules can be declared, before anything is traced."""

from __future__ import annotations

from recover.sdk.errors import Error
from recover.tracing import Rule, rules


def declarable(name: str) -> Rule:
    """The rule, if it can be applied at every hop of a case and back a claim."""
    rule = rules.rule(name)
    why = ""
    # `pari_passu` shares by total contribution and has no hops; `poison` counts the same value more than once.
    if rule.pool is None:
        why = "It shares out what is left, and follows nothing."
    elif not rule.claim:
        why = "It is a measure of exposure, which no court accepts for a claim."
    if why:
        fit = (r.id for r in rules.RULES.values() if r.claim and r.pool is not None)
        what = f"The rule {name} cannot be declared for a case."
        raise Error("rule-undeclarable", what, why, f"Declare one of {', '.join(fit)}.")
    return rule
