"""The graph of a case as GraphML, and as two tables that Maltego and spreadsheets read: entities and links."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from recover.sdk import ExporterInfo, View
from recover.sdk.cells import disarmed
from recover.sdk.shareable import Holder, Move, Shareable, shareable
from recover_formats.text import clean, exact, readme, said, stamp, symbol

NODE = ("type", "value", "chain", "parts", "service", "grade", "label", "names")
EDGE = (
    *(
        "type",
        "from",
        "to",
        "chain",
        "tx",
        "time",
        "height",
        "kind",
        "symbol",
        "asset",
        "amount",
        "amount_decimal",
    ),
    *("traced", "traced_decimal", "rule", "exhibit", "place"),
)
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Graph:
    """`graph.graphml` (GraphML 1.0), `entities.csv`, `links.csv`."""

    info = ExporterInfo(
        id="graphml", version="1", title="Graph, and Maltego's tables", form="GraphML 1.0 and CSV", edition="V2"
    )

    def files(self, view: View) -> Iterator[tuple[str, bytes]]:
        """The graph, its tables, and README.txt."""
        shared = shareable(view)
        nodes, edges = drawn(view, shared)
        yield "graph.graphml", _graphml(nodes, edges)
        yield "entities.csv", _table(("id", *NODE), [{"id": key, **row} for key, row in nodes.items()])
        yield "links.csv", _table(EDGE, edges)
        yield readme(view, shared, "graphml")


def drawn(view: View, shared: Shareable) -> tuple[Mapping[str, Row], Sequence[Row]]:
    """Nodes by id, and edges between them."""
    nodes = {f"{one.chain}:{one.address}": _node(one) for one in shared.holders}
    edges: list[Row] = []
    for move in shared.moves:
        coin = move.kind in ("output", "reward") or bool(move.payers)
        middle = f"tx:{move.chain}:{move.tx}"
        if coin:
            nodes.setdefault(middle, {"type": "transaction", "value": move.tx, "chain": move.chain})
            edges += [_edge(view, move, f"{move.chain}:{one}", middle, "pays into") for one in move.payers]
        source = middle if coin else f"{move.chain}:{move.src}" if move.src else _nobody(nodes, move, "left out")
        what = move.kind if move.kind in ("fee", "burn") else "left out"
        target = f"{move.chain}:{move.dst}" if move.dst else _nobody(nodes, move, what)
        edges.append(_edge(view, move, source, target, "pays"))
    # Each payer once a transaction: the outputs of one transaction share its inputs.
    return nodes, list({tuple(row.items()): row for row in edges}.values())


def _nobody(nodes: dict[str, Row], move: Move, what: str) -> str:
    key = f"{what}:{move.seq}"
    nodes[key] = {"type": what, "value": what, "chain": move.chain}
    return key


def _node(holder: Holder) -> Row:
    best = min(holder.names, key=lambda name: name.grade, default=None)
    return {
        "type": "address",
        "value": holder.address,
        "chain": holder.chain,
        "parts": " ".join(holder.parts),
        "service": clean(best.service) if best else "",
        "grade": best.grade if best else "",
        "label": clean(best.label) if best else "",
        "names": " | ".join(
            "; ".join(f"{key}: {text}" for key, text in said(name, holder.chain).items()) for name in holder.names
        ),
    }


def _edge(view: View, move: Move, source: str, target: str, kind: str) -> Row:
    told = {"type": kind, "from": source, "to": target, "chain": move.chain, "tx": move.tx}
    told |= {"time": stamp(move.time) if move.time else "", "symbol": symbol(view, move.asset)}
    told |= {"height": "" if move.height is None else str(move.height)}
    if kind == "pays into":  # which input paid which output, no coin transaction says
        return told
    return {**told, "kind": move.kind, **exact(view, move)}


def _graphml(nodes: Mapping[str, Row], edges: Sequence[Row]) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    for kind, names in (("node", NODE), ("edge", EDGE)):
        lines += [f'<key id="{kind}-{n}" for="{kind}" attr.name="{n}" attr.type="string"/>' for n in names]
    lines.append('<graph id="case" edgedefault="directed">')
    for key, row in nodes.items():
        lines.append(f"<node id={quoteattr(key)}>{_data('node', NODE, row)}</node>")
    for at, row in enumerate(edges):
        ends = f"source={quoteattr(row['from'])} target={quoteattr(row['to'])}"
        lines.append(f'<edge id="e{at}" {ends}>{_data("edge", EDGE, row)}</edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""]).encode()


def _data(kind: str, names: Sequence[str], row: Row) -> str:
    return "".join(f'<data key="{kind}-{n}">{escape(row[n])}</data>' for n in names if row.get(n))


def _table(names: Sequence[str], rows: Sequence[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([disarmed(row.get(name, "")) for name in names] for row in rows)
    return out.getvalue().encode()
