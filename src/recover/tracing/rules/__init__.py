"""The tracing rules, in the order in which a report lists them."""

from __future__ import annotations

from difflib import get_close_matches

from recover.sdk import Error
from recover.tracing.rule import Rule
from recover.tracing.rules.fifo import FIFO
from recover.tracing.rules.highest_out import HIGHEST_OUT
from recover.tracing.rules.libr import LIBR, LIBR_FIFO
from recover.tracing.rules.lifo import LIFO
from recover.tracing.rules.oatway import OATWAY
from recover.tracing.rules.pari_passu import PARI_PASSU, distribute
from recover.tracing.rules.poison import POISON
from recover.tracing.rules.prorata import PRORATA
from recover.tracing.rules.tainted_first import TAINTED_FIRST

# Those that can trace are run beside the declared one: a report shows the range, and which of them give zero.
_ALL = (FIFO, LIFO, PRORATA, LIBR, LIBR_FIFO, TAINTED_FIRST, HIGHEST_OUT, OATWAY, PARI_PASSU, POISON)

RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
"""Every rule by its id."""

__all__ = ["RULES", "Rule", "distribute", "rule"]


def rule(id: str) -> Rule:
    """The rule of this id. Raises Error with the nearest id, and all of them, for a name that is no rule."""
    if id in RULES:
        return RULES[id]
    near = get_close_matches(id.lower().replace(" ", "_"), RULES, n=1, cutoff=0.5)
    raise Error(
        "rule-unknown",
        f"There is no tracing rule {id!r}." + (f" The nearest is {near[0]}." if near else ""),
        f"The rules are {', '.join(RULES)}.",
        "Name one of these.",
    )
