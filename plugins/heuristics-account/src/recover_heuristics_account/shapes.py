"""Shapes of businesses, from behaviour alone: they say what an address may be, and never whose it is.

A shape stops no trace, joins nothing and names nobody. It tells the examiner what to ask, and warns that the
customer whom a service will name may be a business with customers of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recover.sdk import Assertion, Batch, Card, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import contracts, plain
from recover_heuristics_account.deposits import served
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.sweeps import Codes, Edges, Mask

SHOWN = 50
Values: TypeAlias = dict[str, int]

NOT_MEASURED = Card(
    population="none: no public list names such accounts together with their whole history",
    truth="none at hand; the shape is a lead to a question, and no name rests on it",
)
"""The card of a shape. Counts stay empty, and papers print that it was not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a node looks like: the figures that make it look so, and the edges they come from."""

    node: int
    figures: Values
    edges: Sequence[int]
    note: str
    service: str = ""


def values(info: HeuristicInfo, scope: Scope) -> Values:
    """The parameters in force."""
    return {name: scope.parameters.get(name, default) for name, (default, _) in info.parameters.items()}


def free(ledger: Ledger, field: Field, among: Mask) -> list[int]:
    """Nodes of `among` of which a shape may be said: covered, without a label, and without code."""
    found = among & field.anywhere
    found[[0, *field.labelled.any]] = False
    nodes: list[int] = np.flatnonzero(found).tolist()
    machines = contracts(ledger) if nodes else frozenset()
    return [node for node in nodes if (field.name(node)[0], plain(field.name(node)[1])) not in machines]


class Ends:
    """The edges into and out of a node, found by halving: to ask every edge for every node would take hours."""

    def __init__(self, edges: Edges) -> None:
        self._src = edges.src  # edges are sorted by it
        self._by_dst = np.argsort(edges.dst, kind="stable")
        self._dst = edges.dst[self._by_dst]

    def into(self, node: int) -> Codes:
        first, last = np.searchsorted(self._dst, [node, node + 1])
        found: Codes = np.sort(self._by_dst[first:last])
        return found

    def out(self, node: int) -> Codes:
        first, last = np.searchsorted(self._src, [node, node + 1])
        return np.arange(first, last, dtype=np.int64)


def partners(field: Field) -> tuple[Codes, Codes]:
    """(payers, payees) of every node, each counted once over all assets; nobody is no partner."""
    edges = field.edges
    real = (edges.src > 0) & (edges.dst > 0)
    size = len(edges.nodes)
    pairs = np.unique(edges.src[real] * size + edges.dst[real])
    return np.bincount(pairs % size, minlength=size), np.bincount(pairs // size, minlength=size)


def batch(info: HeuristicInfo, role: str, field: Field, found: Sequence[Shape], scope: Scope) -> Iterator[Batch]:
    """One assertion a shape, of grade E, in order of address. `params` holds the figures as whole numbers, and
    `at` where the shape is an account at a named service."""
    made = []
    for one in found:
        chain, address = field.name(one.node)
        if scope.addresses and address not in scope.addresses:
            continue
        about: dict[str, object] = {**one.figures, **({"at": one.service} if one.service else {})}
        made.append(
            Assertion(
                kind="shape",
                chain=chain,
                address=address,
                grade="E",
                method=info.id,
                version=info.version,
                role=role,
                source="recover",
                transactions=field.edges.transactions(one.edges, SHOWN),
                params=json.dumps(about, sort_keys=True, separators=(",", ":")),
                note=f"{one.note} A shape only: it does not say whose it is, and other businesses look the same.",
            )
        )
    if made:
        yield Batch.of(*sorted(made, key=lambda a: (a.chain, a.address, a.params)))


class NestedService:
    """Asserts `shape` of a deposit address that many unrelated senders pay: perhaps a service's own account."""

    info = HeuristicInfo(
        id="nested-service",
        version="2",
        title="Account of another service at a service",
        models=("account",),
        asserts=("shape",),
        citation="A rule of this project on top of deposit addresses by sweeps; not measured",
        fails=(
            "a popular merchant, a charity or a fraud's collecting address at an exchange looks the same",
            "a desk or a swapper with one account a customer is not seen",
            "it is no better than the labels behind the deposit address",
        ),
        parameters={
            "senders": (50, "distinct senders of the deposit address, at least"),
            "once": (60, "percent of its senders that paid it once or twice, at least"),
        },
        card=NOT_MEASURED,
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`params`: {"at": service, "once": n, "senders": n}: `once` counts senders with one or two payments."""
        field, limits = Field.of(ledger), values(self.info, scope)
        many, _ = partners(field)
        ends = Ends(field.edges)
        paid = bool((many >= limits["senders"]).any())
        deposits = dict(sorted(served(field, Scope(), alone=True))) if paid else {}
        found = []
        for node, service in deposits.items():
            if many[node] < limits["senders"]:
                continue
            into = ends.into(node)
            into = into[field.edges.src[into] > 0]
            senders, times = _payers(field, into)
            once = int((times <= 2).sum())
            if once * 100 >= senders * limits["once"]:
                note = (
                    f"It sweeps to {service}, and {senders} addresses paid it, {once} of them once or twice: "
                    f"its holder at {service} may be a service with customers of its own."
                )
                figures = {"senders": senders, "once": once}
                found.append(Shape(node=node, figures=figures, edges=into.tolist(), note=note, service=service))
        yield from batch(self.info, "nested-service", field, found, scope)


def _payers(field: Field, into: Codes) -> tuple[int, Codes]:
    """(distinct senders, how often each paid)."""
    edges = field.edges
    payers, at = np.unique(edges.src[into], return_inverse=True)
    return len(payers), np.bincount(at, weights=edges.count[into], minlength=len(payers)).astype(np.int64)


class PaymentProcessor:
    """Asserts `shape` of a wallet that many pay once or twice, and that pays on to few: a collecting wallet."""

    info = HeuristicInfo(
        id="payment-processor",
        version="1",
        title="Collecting wallet, as of a payment processor",
        models=("account",),
        asserts=("shape",),
        citation="A rule of this project; not measured",
        fails=(
            "a merchant, a charity and a fraud's collecting wallet look the same",
            "a processor that gives every customer an address of his own is seen only where these are swept",
            "it is looked for only where the address's own history is in the exhibits",
        ),
        parameters={
            "payers": (50, "distinct payers, at least"),
            "once": (80, "percent of its payers that paid once or twice, at least"),
            "payees": (5, "addresses that it pays, at most"),
        },
        card=NOT_MEASURED,
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """`params`: {"once": n, "payees": n, "payers": n}."""
        field, limits = Field.of(ledger), values(self.info, scope)
        payers, payees = partners(field)
        few = (payees > 0) & (payees <= limits["payees"])
        nodes = free(ledger, field, (payers >= limits["payers"]) & few)
        deposits = {node for node, _ in served(field, Scope())} if nodes else set()
        found, ends = [], Ends(field.edges)
        for node in nodes:
            into = ends.into(node)
            into = into[field.edges.src[into] > 0]
            many, times = _payers(field, into)
            once = int((times <= 2).sum())
            if node not in deposits and once * 100 >= many * limits["once"]:
                note = (
                    f"{many} addresses paid it, {once} of them once or twice, and it pays "
                    f"{int(payees[node])} on: it collects for somebody."
                )
                figures = {"payers": many, "once": once, "payees": int(payees[node])}
                found.append(Shape(node=node, figures=figures, edges=into.tolist(), note=note))
        yield from batch(self.info, "payment-processor", field, found, scope)
