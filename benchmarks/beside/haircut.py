"""Rolling haircut as one would write it in an afternoon, three times: what `trace.py` is set beside.

One taint, floats for value, no order inside a block, no conservation: none of them is evidence. The graph is built
in the time that is measured, as it has to be before the first question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from recover.tracing import Claims, Moves

Rows = Iterable[tuple[int, int, int]]


def plain(moves: Moves, claims: Claims) -> Mapping[int, float]:
    """Dictionaries: by address, the taint at the end."""
    rows = zip(moves.src.tolist(), moves.dst.tolist(), np.asarray(moves.amount).tolist(), strict=True)
    held: dict[int, float] = {}
    taint: dict[int, float] = {}
    begins = {c.move: c.amount for c in claims.by_move}
    for i, (src, dst, amount) in enumerate(rows):
        whole = held.get(src, 0)
        part = taint.get(src, 0) * min(1.0, amount / whole) if whole else 0
        held[src], taint[src] = max(0, whole - amount), taint.get(src, 0) - part
        held[dst] = held.get(dst, 0) + amount
        taint[dst] = taint.get(dst, 0) + max(part, begins.get(i, 0))
    return taint


def networkx(moves: Moves, claims: Claims) -> Mapping[int, float]:
    """A MultiDiGraph whose edges carry amount and time, and whose nodes hold balance and taint."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    rows = zip(moves.src.tolist(), moves.dst.tolist(), np.asarray(moves.amount).tolist(), strict=True)
    graph.add_edges_from((s, d, {"amount": amount, "time": i}) for i, (s, d, amount) in enumerate(rows))
    nx.set_node_attributes(graph, 0, "held")
    nx.set_node_attributes(graph, 0, "taint")
    begins = {c.move: c.amount for c in claims.by_move}
    for src, dst, edge in sorted(graph.edges(data=True), key=lambda edge: edge[2]["time"]):
        payer, payee = graph.nodes[src], graph.nodes[dst]
        part = payer["taint"] * min(1.0, edge["amount"] / payer["held"]) if payer["held"] else 0
        payer["held"], payer["taint"] = max(0, payer["held"] - edge["amount"]), payer["taint"] - part
        payee["held"] += edge["amount"]
        payee["taint"] += max(part, begins.get(edge["time"], 0))
    return {node: held["taint"] for node, held in graph.nodes(data=True)}


def rustworkx(moves: Moves, claims: Claims) -> Mapping[int, float]:
    """The same on a PyDiGraph: its nodes are numbered from 0, so nobody (-1) is the first."""
    import rustworkx as rx

    graph = rx.PyDiGraph()
    size = int(max(moves.src.max(), moves.dst.max())) + 2
    graph.add_nodes_from([{"held": 0, "taint": 0} for _ in range(size)])
    rows = zip(moves.src.tolist(), moves.dst.tolist(), np.asarray(moves.amount).tolist(), strict=True)
    graph.add_edges_from([(s + 1, d + 1, (i, amount)) for i, (s, d, amount) in enumerate(rows)])
    begins = {c.move: c.amount for c in claims.by_move}
    for src, dst, (time, amount) in sorted(graph.weighted_edge_list(), key=lambda edge: edge[2][0]):
        payer, payee = graph[src], graph[dst]
        part = payer["taint"] * min(1.0, amount / payer["held"]) if payer["held"] else 0
        payer["held"], payer["taint"] = max(0, payer["held"] - amount), payer["taint"] - part
        payee["held"] += amount
        payee["taint"] += max(part, begins.get(time, 0))
    return {node - 1: graph[node]["taint"] for node in graph.node_indices()}
