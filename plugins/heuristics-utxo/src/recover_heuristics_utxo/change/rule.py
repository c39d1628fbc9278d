"""A change rule, and the heuristic that asserts what one rule answers on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo.asserted import batch, canonical, parameters, picked, wanted
from recover_heuristics_utxo.cards import card
from recover_heuristics_utxo.change.ground import Ground, ground
from recover_heuristics_utxo.coins import read
from recover_heuristics_utxo.segments import Codes, Mask

Family: TypeAlias = Literal["value", "address", "spender", "cluster", "self", "composite"]
Terms: TypeAlias = Mapping[str, int]

_BULK = 50_000
_COMMON = (
    "one rule alone is weak evidence; several agree in `change`",
    "a payment to oneself and a payment without change look alike",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`find` marks the outputs that may be change; more or fewer than one in a transaction is no answer.

    `dynamic` rules read what happened after the transaction, so that a later tip can change their answer.
    `votes` says whether `change` counts it; composite rules and those that repeat another do not vote. `many`:
    each output marked is an answer of its own. `history`: it rests on where an address first appears.
    """

    id: str
    title: str
    family: Family
    find: Callable[[Ground, Terms], Mask]
    citation: str
    fails: tuple[str, ...]
    dynamic: bool = False
    votes: bool = True
    many: bool = False
    history: bool = False
    parameters: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def answers(self, base: Ground, terms: Terms) -> Codes:
        """The outputs that the rule calls change, in the ledger's order."""
        found = self.find(base, terms) & base.usable
        if not self.many:
            found &= (base.count(found) == 1)[base.owner]
        return np.flatnonzero(found).astype(np.int64)

    def defaults(self) -> Terms:
        return {name: default for name, (default, _) in self.parameters.items()}


class Change:
    """Asserts `change` by one rule: `address` is the first input's, `other` the change address."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        when = " (height-dependent)" if rule.dynamic else ""
        self.info = HeuristicInfo(
            id=rule.id,
            version="1",
            title=rule.title + when,
            models=("utxo",),
            asserts=("change",),
            citation=rule.citation,
            fails=(*rule.fails, *_COMMON),
            parameters={
                **rule.parameters,
                "bulk": (_BULK, "transactions: in a larger ledger it speaks only of addresses asked about"),
            },
            card=card(rule.id),
        )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a transaction, of grade D; E where freshness rests on histories that are not here.

        `params`: {"family", "history"}; `height` is the tip at evaluation for a height-dependent rule, else null.
        """
        terms = parameters(self.info, scope)
        for coins in read(ledger):
            if len(coins) > terms["bulk"] and not scope.addresses:
                continue
            base, asked = ground(coins), wanted(coins, scope)
            found = self.rule.answers(base, terms)
            payer, other = base.payer[base.owner[found]], coins.outputs.address[found]
            found = found[asked[payer] | asked[other]]
            if len(found):
                yield self._batch(base, found)

    def _batch(self, base: Ground, found: Codes) -> Batch:
        coins = base.coins
        owner, other = base.owner[found], coins.outputs.address[found]
        unsure = ~coins.covered[other] & self.rule.history
        texts = [canonical({"family": self.rule.family, "history": h}) for h in ("read", "partial")]
        return batch(
            self.info,
            coins,
            "change",
            address=base.payer[owner],
            other=other,
            transactions=owner,
            ends=np.arange(len(found) + 1),
            grade=picked(("D", "E"), unsure.astype(np.int64)),
            params=picked(texts, unsure.astype(np.int64)),
            note=f"{self.rule.title}.",
            height=coins.tip if self.rule.dynamic else None,
        )
