"""Extension blocks: the transaction in which coins leave the open chain for one whose amounts are hidden.

Litecoin's integrating transaction (LIP 2 and 3) spends what was pegged in and the pool as it was, and pays the
pool as it is and what is pegged out. The order of its inputs and outputs says nothing of whose coins are whose:
what MimbleWimble moved between them is in no block. So it is a mix by construction, and no shape is recognised.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_utxo.cards import card

FACT = '"extension":true'
"""What a decoder says in the facts of such a transaction, whose bytes alone show it."""


class ExtensionBlock:
    """Asserts `mix` of class `extension-block`, definite, for each transaction that its facts call so."""

    info = HeuristicInfo(
        id="mix-extension-block",
        version="1",
        card=card("mix-extension-block"),
        title="Extension block",
        models=("utxo",),
        asserts=("mix",),
        citation="Litecoin Improvement Proposals 2 and 3",
        fails=("an answer that does not show the transaction's own bytes does not show what it is",),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        rows = ledger.transactions()
        rows = rows.filter(pc.match_substring(rows["facts"], FACT)).select(["chain", "id"])
        if rows.num_rows:
            yield Batch.of(*(self._of(row["chain"], row["id"]) for row in rows.to_pylist()))

    def _of(self, chain: str, tx: str) -> Assertion:
        return Assertion(
            kind="mix",
            chain=chain,
            address="",
            grade="A",
            method=self.info.id,
            version=self.info.version,
            label="extension-block",
            role="definite",
            source="recover",
            transactions=(tx,),
            note="It stands for what an extension block moved, whose amounts are hidden; a trace stops here.",
        )
