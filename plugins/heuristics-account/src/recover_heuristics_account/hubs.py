"""Unlabelled service hubs: one address that several sweeping addresses empty into.

No label says whose it is; the behaviour alone (step P8 of the evidence ladder) says that it is a service's.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from recover.sdk import Assertion, Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.cards import card
from recover_heuristics_account.sweeps import Codes, Edges, Groups, Mask, Values, edges, judged, outflows
from recover_heuristics_account.wallets import Labelled, wallets

PARAMETERS = {
    "fan_in": (3, "addresses: at least so many covered sweeping addresses pay a hub"),
    "share": (95, "percent of an address's outflow in one asset that goes to services and hubs if it sweeps"),
    "destinations": (5, "addresses: at most so many destinations take that share"),
}
_FEWEST = 2
_SHOWN = 50


_kept: list[tuple[tuple[weakref.ref[pa.Table], ...], Field]] = []
"""The last ledger's tables and what was read of them; empty once one of them is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A ledger read once for all heuristics: edges, outflows, whose history is here, what labels say."""

    edges: Edges
    outflows: Groups
    covered: Mask
    anywhere: Mask
    labelled: Labelled

    @classmethod
    def of(cls, ledger: Ledger) -> Field:
        """Read the ledger, once for as long as its tables live: Arrow tables never change."""
        read = (ledger.transfers(), ledger.coverage(), ledger.labels())
        if _kept and all(ref() is table for ref, table in zip(_kept[0][0], read, strict=True)):
            return _kept[0][1]
        found = edges(read[0])
        covered, anywhere = judged(found, read[1])
        labelled = wallets(read[2], found.nodes)
        made = cls(edges=found, outflows=outflows(found), covered=covered, anywhere=anywhere, labelled=labelled)
        _kept[:] = [(tuple(weakref.ref(table, lambda _: _kept.clear()) for table in read), made)]
        return made

    def name(self, node: int) -> tuple[str, str]:
        """(chain, address) of a node."""
        namespace, reference, address = str(self.edges.nodes[node].as_py()).split(":", 2)
        return f"{namespace}:{reference}", address


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The parameters in force."""

    fan_in: int
    share: int
    destinations: int

    @classmethod
    def of(cls, scope: Scope) -> Limits:
        value = {name: scope.parameters.get(name, default) for name, (default, _) in PARAMETERS.items()}
        return cls(**value)


def hubs(field: Field, limits: Limits) -> Mask:
    """Which nodes are hubs, by a greatest fixed point.

    Start from every unlabelled, uncovered node that `fan_in` covered addresses pay, and take out those that
    fewer sweeping addresses pay, until none falls. A removal can only take value from a sweeping address, so the
    result does not depend on any order. "At most `destinations`" is read as: the largest so many carry the
    share; counting them all would make a removal able to add a sweeper.
    """
    found = field.edges
    free = ~field.anywhere
    free[[0, *field.labelled.any]] = False
    hot = _hot(field)
    order = _largest_first(found, field.outflows)
    candidates = _paid(found, field.covered, free, limits)
    while True:
        sweeping = _sweeping(field, order, hot | candidates, limits)
        left = _paid(found, field.covered & sweeping[field.outflows.of], candidates, limits)
        if np.array_equal(left, candidates):
            return candidates
        candidates = left


def _hot(field: Field) -> Mask:
    """Which nodes are wallets of a service that labels name."""
    hot = np.zeros(len(field.anywhere), np.bool_)
    hot[list(field.labelled.hot)] = True
    return hot


def _paid(found: Edges, counted: Mask, among: Mask, limits: Limits) -> Mask:
    """Nodes of `among` that at least `fan_in` distinct senders of `counted` edges pay, twice or more in all."""
    use = counted & among[found.dst]
    pairs = np.unique(np.stack((found.dst[use], found.src[use])), axis=1)
    senders = np.bincount(pairs[0], minlength=len(among))
    transfers = np.zeros(len(among), np.int64)
    np.add.at(transfers, found.dst[use], found.count[use])
    kept: Mask = among & (senders >= limits.fan_in) & (transfers >= _FEWEST)
    return kept


def _largest_first(found: Edges, groups: Groups) -> Codes:
    """Edges in order of (group, value falling, destination)."""
    return np.lexsort((found.dst, -_ranks(found.value), groups.of)).astype(np.int64)


def _ranks(value: Values) -> Codes:
    if not len(value) or max(value) < 2**63:
        return value.astype(np.int64)
    return np.unique(value, return_inverse=True)[1].astype(np.int64)


def _sweeping(field: Field, order: Codes, targets: Mask, limits: Limits) -> Mask:
    """Per group: whether its largest few edges to `targets` carry the share of its outflow."""
    groups = field.outflows
    if not len(order):
        return np.zeros(0, np.bool_)
    starts = groups.first[:-1]
    hit = targets[field.edges.dst[order]]
    nth = np.cumsum(hit)
    before: Codes = (nth - hit)[starts]
    taken = hit & (nth - before[groups.of] <= limits.destinations)
    swept = np.add.reduceat(np.where(taken, field.edges.value[order], 0), starts)
    result: Mask = (swept * 100 >= groups.total * limits.share).astype(np.bool_)
    return result


class Hub:
    """Asserts `hub` for an unlabelled address that sweeping addresses empty into."""

    info = HeuristicInfo(
        id="hub",
        version="1",
        card=card("hub"),
        title="Unlabelled service hub",
        models=("account",),
        asserts=("hub",),
        citation="A rule of this project, beside the deposit-address rule of F. Victor, Address Clustering "
        "Heuristics for Ethereum, FC 2020",
        fails=(
            "it never says whose hub it is: a payment processor or the wallet of one group looks the same",
            "addresses that only pass value among themselves can support each other",
            "a hub with fewer than `fan_in` covered senders is not seen",
        ),
        parameters=PARAMETERS,
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a hub, of grade E, in order of address.

        `params`: {"assets": {asset: received base units as text}, "senders": n, "transfers": n}, counting only
        transfers from covered addresses. `transactions` holds the first 50 ids.
        """
        field, limits = Field.of(ledger), Limits.of(scope)
        mask = hubs(field, limits)
        nodes = sorted(np.flatnonzero(mask), key=lambda node: field.name(int(node)))
        sweeping = _sweeping(field, _largest_first(field.edges, field.outflows), _hot(field) | mask, limits)
        made = [_assertion(field, int(node), mask, sweeping, limits) for node in nodes]
        wanted = [a for a in made if not scope.addresses or a.address in scope.addresses]
        if wanted:
            yield Batch.of(*wanted)


def _assertion(field: Field, node: int, mask: Mask, sweeping: Mask, limits: Limits) -> Assertion:
    found = field.edges
    into = np.flatnonzero(field.covered & (found.dst == node))
    senders, transfers = len(np.unique(found.src[into])), int(found.count[into].sum())
    emptied = into[sweeping[field.outflows.of[into]]]
    where = _where(field, node, mask, np.unique(field.outflows.of[emptied]))
    received: dict[str, int] = {}
    for e in into:
        asset = found.assets[found.asset[e]]
        received[asset] = received.get(asset, 0) + found.value[e]
    chain, address = field.name(node)
    params = {"assets": {k: str(v) for k, v in received.items()}, "senders": senders, "transfers": transfers}
    return Assertion(
        kind="hub",
        chain=chain,
        address=address,
        grade="E",
        method=Hub.info.id,
        version=Hub.info.version,
        source="recover",
        transactions=found.transactions(into, _SHOWN),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=f"No label names this address. {senders} addresses whose history is here paid it {transfers} times. "
        f"{len(np.unique(found.src[emptied]))} of them sent at least {limits.share} % of what they paid out in "
        f"one asset to {where}. Behaviour only: it does not say whose it is.",
    )


def _where(field: Field, node: int, mask: Mask, groups: Codes) -> str:
    """Into what the addresses of these outflows empty beside one hub: only what one of them does pay is named."""
    paid = field.edges.dst[np.isin(field.outflows.of, groups)]
    others, hot = bool((mask[paid] & (paid != node)).any()), bool(_hot(field)[paid].any())
    if others and hot:
        return "it, to other hubs like it and to wallets of services that labels name"
    return (
        "it and to other hubs like it"
        if others
        else "it and to wallets of services that labels name"
        if hot
        else "it"
    )
