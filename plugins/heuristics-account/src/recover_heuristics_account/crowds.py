"""Wallets that a crowd uses: so many movements with so many others that their history is not paged to its end.

Nobody asks a service's wallet for three hundred thousand transfers to follow one of them: what went in there is
mixed with everybody's. The first pages show that it is such a wallet, and a trace stops there with that reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.cards import card
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.sweeps import Codes

_SHOWN = 50


class Crowd:
    """Asserts `hub` for an unlabelled address with very many movements, whose whole history is not here."""

    info = HeuristicInfo(
        id="crowd",
        version="1",
        card=card("crowd"),
        title="Wallet used by a crowd",
        models=("account",),
        asserts=("hub",),
        citation="A rule of this project, not measured",
        fails=(
            "it never says whose wallet it is: a service, a pool of an exchange and a busy merchant look the same",
            "one person who pays thousands of addresses by a script looks the same",
            "an address whose whole history is here is followed, however many use it",
        ),
        parameters={
            "transfers": (4000, "transfers of it that the exhibits show, at least"),
            "others": (300, "different addresses that it deals with there, at least"),
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion an address, of grade E, in order of address.

        `params`: {"others": n, "transfers": n}, as the exhibits show them. `transactions` holds the first 50 ids.
        """
        least = {name: scope.parameters.get(name, default) for name, (default, _) in self.info.parameters.items()}
        field = Field.of(ledger)
        edges, size = field.edges, len(field.edges.nodes)
        count = np.bincount(edges.src, edges.count, size) + np.bincount(edges.dst, edges.count, size)
        claims = ledger.coverage().select(["chain", "address", "since"]).to_pylist()
        whole = {(row["chain"], row["address"]) for row in claims if row["since"] is None}
        made = []
        for node in np.flatnonzero(count >= least["transfers"]).tolist():
            chain, address = field.name(node) if node else ("", "")
            here = {(chain, address), (chain, "")} & whole
            if (
                not node
                or here
                or node in field.labelled.any
                or (scope.addresses and address not in scope.addresses)
            ):
                continue
            used = np.flatnonzero((edges.src == node) | (edges.dst == node))
            others = len(np.unique(np.concatenate([edges.src[used], edges.dst[used]]))) - 1
            if others >= least["others"]:
                made.append(_assertion(field, chain, address, used, int(count[node]), others))
        if made:
            yield Batch.of(*sorted(made, key=lambda one: (one.chain, one.address)))


def _assertion(field: Field, chain: str, address: str, used: Codes, count: int, others: int) -> Assertion:
    return Assertion(
        kind="hub",
        chain=chain,
        address=address,
        grade="E",
        method=Crowd.info.id,
        version=Crowd.info.version,
        source="recover",
        transactions=field.edges.transactions(used, _SHOWN),
        params=json.dumps({"others": others, "transfers": count}, sort_keys=True, separators=(",", ":")),
        note=f"No label names this address. The exhibits show {count} transfers of it with {others} other "
        "addresses, and not its whole history. Behaviour only: it does not say whose it is.",
    )
