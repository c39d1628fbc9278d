"""Candidates for hot wallets, grown from labelled ones: leads to a label, never a label.

A candidate is not a seed: nothing grows from it until another source names it. So the depth is one, always: seed
(0), its deposit addresses, and what they or the seed deal with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import contracts, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.deposits import served
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.sweeps import Edges

_DEPTH = 1
_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A node that may be a wallet of `service`: how many of its deposit addresses pay it, how many it pays."""

    node: int
    service: str
    deposits: int
    withdrawals: int
    edges: tuple[int, ...]


class HotWalletGrowth:
    """Asserts `hub` for an unlabelled address that behaves like a wallet of a service with labelled ones."""

    info = HeuristicInfo(
        id="hot-wallet-growth",
        version="1",
        card=card("hot-wallet-growth"),
        title="Candidate for a service's wallet",
        models=("account",),
        asserts=("hub",),
        citation="Rules of this project, not measured",
        fails=(
            "a market maker or a broker that many customers of one service pay looks the same",
            "it is no better than the labels behind it: sold and shared wallets mislead it",
            "wallets come and go: it says when the signs were seen, not that they still hold",
        ),
        parameters={
            "deposits": (20, "deposit addresses of one service that pay it, at least"),
            "trips": (10, "or transfers to the service's wallets, and as many back, at least"),
            "withdrawals": (100, "and then addresses without a label that it pays, at least"),
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a candidate, in order of address. Grade E, with no service: a candidate names nobody.

        Left aside: contracts, whatever has a label, deposit addresses, and what deals so with two services.
        `params`: {"candidate": service, "deposits": n, "depth": 1, "first": time, "last": time, "withdrawals": n}.
        """
        value = {n: scope.parameters.get(n, default) for n, (default, _) in self.info.parameters.items()}
        field = Field.of(ledger)
        deposits = _deposits(field)
        found = [*_paid(field, deposits, value), *_round(field, value)]
        machines = contracts(ledger)
        made: dict[tuple[str, str], Assertion] = {}
        for node in sorted({c.node for c in found}):
            chain, address = field.name(node)
            mine = [c for c in found if c.node == node]
            wanted = not scope.addresses or address in scope.addresses
            alone = len({c.service for c in mine}) == 1
            if wanted and alone and node not in deposits and (chain, plain(address)) not in machines:
                made[chain, address] = _assertion(ledger, field, mine[0])
        if made:
            yield Batch.of(*(made[key] for key in sorted(made)))


def _span(ledger: Ledger, edges: Edges, used: tuple[int, ...]) -> tuple[str, str]:
    """The first and the last moment of the transfers behind edges, as texts; empty where none is shown."""
    rows = np.concatenate([edges.rows[edges.first[e] : edges.first[e + 1]] for e in used])
    table = ledger.transfers()
    times = table["time"].filter(pc.is_in(table["seq"], value_set=pa.array(edges.seq[rows])))
    found = pc.min_max(times)
    first, last = found["min"].as_py(), found["max"].as_py()
    return ("", "") if first is None else (str(first), str(last))


def _deposits(field: Field) -> dict[int, str]:
    """Node -> service of the deposit addresses that the rule over whole histories finds; one service only."""
    found: dict[int, set[str]] = {}
    for node, service in served(field, Scope()):
        found.setdefault(node, set()).add(service)
    return {node: next(iter(names)) for node, names in sorted(found.items()) if len(names) == 1}


def _paid(field: Field, deposits: dict[int, str], value: dict[str, int]) -> Iterator[Candidate]:
    """What at least so many deposit addresses of one service pay."""
    edges = field.edges
    payers: dict[tuple[int, str], dict[int, list[int]]] = {}
    for e in np.flatnonzero(np.isin(edges.src, np.array(list(deposits), np.int64))).tolist():
        node = int(edges.dst[e])
        if node and node not in field.labelled.any:
            groups = payers.setdefault((node, deposits[int(edges.src[e])]), {})
            groups.setdefault(int(edges.src[e]), []).append(e)
    for (node, service), groups in sorted(payers.items()):
        if len(groups) >= value["deposits"]:
            used = tuple(e for listed in groups.values() for e in listed)
            yield Candidate(node=node, service=service, deposits=len(groups), withdrawals=0, edges=used)


def _round(field: Field, value: dict[str, int]) -> Iterator[Candidate]:
    """What moves value to and fro with one service's wallets, and pays many besides."""
    edges, hot = field.edges, field.labelled.hot
    trips: dict[tuple[int, str], list[int]] = {}
    used: dict[tuple[int, str], list[int]] = {}
    for e in np.flatnonzero(
        np.isin(edges.src, np.array(list(hot))) ^ np.isin(edges.dst, np.array(list(hot)))
    ).tolist():
        one, two = int(edges.src[e]), int(edges.dst[e])
        node, wallet, back = (two, hot[one], 1) if one in hot else (one, hot[two], 0)
        if node and node not in field.labelled.any:
            count = trips.setdefault((node, wallet.service), [0, 0])
            count[back] += int(edges.count[e])
            used.setdefault((node, wallet.service), []).append(e)
    for (node, service), count in sorted(trips.items()):
        if min(count) < value["trips"]:
            continue
        paid = {int(n) for n in edges.dst[edges.src == node]} - set(field.labelled.any) - {0}
        if len(paid) >= value["withdrawals"]:
            yield Candidate(
                node=node, service=service, deposits=0, withdrawals=len(paid), edges=tuple(used[node, service])
            )


def _assertion(ledger: Ledger, field: Field, c: Candidate) -> Assertion:
    edges = field.edges
    chain, address = field.name(c.node)
    first, last = _span(ledger, edges, c.edges)
    params = {
        "candidate": c.service,
        "deposits": c.deposits,
        "depth": _DEPTH,
        "first": first,
        "last": last,
        "withdrawals": c.withdrawals,
    }
    sign = (
        f"{c.deposits} deposit addresses attributed to {c.service} pay it"
        if c.deposits
        else f"it moves value to and fro with wallets labelled {c.service}, and pays {c.withdrawals} addresses"
    )
    return Assertion(
        kind="hub",
        chain=chain,
        address=address,
        grade="E",
        method=HotWalletGrowth.info.id,
        version=HotWalletGrowth.info.version,
        source="recover",
        transactions=edges.transactions(c.edges, _SHOWN),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=f"A candidate only, one step from labelled wallets: {sign}. No source names it.",
    )
