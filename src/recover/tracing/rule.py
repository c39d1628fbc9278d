"""What a tracing rule says about itself, so that a report can state it and a court can test it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from recover.sdk import Error
from recover.tracing.lots import Pool

Model = Literal["account", "utxo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One convention for which lots a debit takes.

    `law` is its label in law, `source` where the text of the rule is, `used_when` and `refused_when` what courts
    have said. `claim` says whether a figure under it may back a claim; `conserves` whether the traced amounts sum
    to the loss. `blind` rules never look at whether a lot is traced, so that they can be read backward. `highest`:
    outputs of a coin transaction are filled largest first. `elective`: needs the debits that the claimant elects.
    `pool` makes an empty pool, None for a rule that only distributes.
    """

    id: str
    law: str
    title: str
    source: str
    used_when: str
    refused_when: str
    pool: Callable[[], Pool] | None
    models: tuple[Model, ...] = ("account", "utxo")
    claim: bool = True
    conserves: bool = True
    blind: bool = False
    highest: bool = False
    elective: bool = False

    def fresh(self) -> Pool:
        """An empty pool of this rule. Raises Error for a rule that does not trace."""
        if self.pool is None:
            raise Error(
                "rule-distributes",
                f"The rule {self.id} cannot trace.",
                f"{self.title} shares out what is left; it follows nothing from hop to hop.",
                "Name a tracing rule, and use this one to distribute what was recovered.",
            )
        return self.pool()

    def demand(self, model: Model, exposure: bool) -> None:
        """Raises Error unless this rule traces on `model` and, without `exposure`, may back a claim figure."""
        # Three refusals before anything is traced, so that no figure exists under a rule that cannot carry it.
        self.fresh()
        if model not in self.models:
            raise Error(
                "rule-model",
                f"The rule {self.id} does not apply to {_MODELS[model]}.",
                f"It is defined for {' and '.join(_MODELS[m] for m in self.models)} only.",
                "Declare a rule that is defined for this chain.",
            )
        # A rule that counts value more than once, or that no law stands behind, is never a loss or claim figure.
        if not self.claim and not exposure:
            raise Error(
                "rule-no-claim",
                f"The rule {self.id} cannot back a claim figure.",
                f"{self.refused_when}",
                "Declare another rule for the claim; this one may be shown beside it as a measure of exposure.",
            )


_MODELS: dict[Model, str] = {"account": "account chains", "utxo": "coin chains"}
