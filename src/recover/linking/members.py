"""Which service a cluster belongs to, and the addresses that belong to it by their cluster alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.linking.clustering import spread
from recover.linking.ownership import LETTERS, REFUSED, Mark, Web

KIND = "member"
"""The kind of assertion that the core makes of an address: it belongs to a service by its cluster."""

METHOD, VERSION = "cluster", "1"
_INHERITED = LETTERS.index("C")
_CONTESTED = LETTERS.index("D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The service of a cluster ("" where equal labels contradict), and every service named in it with its grade.

    `marks` are those that name `service`.
    """

    service: str
    grade: int
    named: Mapping[str, int]
    marks: tuple[Mark, ...]


def owners(web: Web) -> dict[int, Owner]:
    """By root: the service that the best label in the cluster names; equal ones that differ name none."""
    marks: dict[int, list[Mark]] = {}
    for mark in web.marks:
        marks.setdefault(int(web.root[mark.number]), []).append(mark)
    return {root: _owner(found) for root, found in sorted(marks.items())}


def _owner(marks: Sequence[Mark]) -> Owner:
    named: dict[str, int] = {}
    for mark in marks:
        named[mark.service] = min(mark.grade, named.get(mark.service, mark.grade))
    best = min(named.values())
    leading = [service for service, grade in named.items() if grade == best]
    service = leading[0] if len(leading) == 1 else ""
    chosen = tuple(mark for mark in marks if mark.service == service)
    return Owner(service=service, grade=best, named=dict(sorted(named.items())), marks=chosen)


def contested(web: Web) -> NDArray[np.int64]:
    """Roots of the clusters that a refused edge touches."""
    rows = np.flatnonzero(web.state == REFUSED)
    return np.unique(np.concatenate([web.root[web.one[rows]], web.root[web.two[rows]]])).astype(np.int64)


def members(web: Web, found: Mapping[int, Owner], schema: pa.Schema) -> pa.Table:
    """One assertion for each address that only its cluster gives to a service, by address.

    `other` is the next address on a shortest chain to one that a label names, `transactions` what ties the two.
    The grade is C at best (step P6 of the evidence ladder), no better than the label and than the weakest edge of
    the cluster, and D at best where an edge of the cluster was refused: what lies between two services may belong
    to either.
    """
    inherits = np.full(len(web), -1, np.int32)
    services = sorted({owner.service for owner in found.values() if owner.service})
    for root, owner in found.items():
        inherits[root] = services.index(owner.service) if owner.service else -1
    inherits = inherits[web.root]
    # What a label or a sweep says of an address itself is better than anything its cluster lends it.
    inherits[[mark.number for mark in web.marks]] = -1
    chosen = np.flatnonzero(inherits >= 0)
    if not len(chosen):
        return schema.empty_table()
    rows = web.counting()
    sources = np.array([m.number for o in found.values() if o.service for m in o.marks], np.int32)
    # From all labelled addresses of all clusters in one search: no counting edge leads from one cluster to
    # another.
    came = spread(len(web), web.one[rows], web.two[rows], np.unique(sources))
    edge = rows[came[chosen]]
    # The other end of the edge, without asking which end this one is.
    following = web.one[edge] + web.two[edge] - chosen
    grade = _grades(web, found)[web.root[chosen]]
    return _table(web, schema, chosen, following, edge, pa.array(services).take(inherits[chosen]), grade)


def _grades(web: Web, found: Mapping[int, Owner]) -> NDArray[np.uint8]:
    """By root, the grade that its members inherit."""
    grade = np.full(len(web), _INHERITED, np.uint8)
    for root, owner in found.items():
        grade[root] = max(owner.grade, _INHERITED)
    rows = web.counting()
    # The weakest edge of the whole cluster: which chain of edges ties an address to its service is not unique.
    np.maximum.at(grade, web.root[web.one[rows]], web.grade[rows])
    np.maximum.at(grade, contested(web), _CONTESTED)
    return grade


def _table(
    web: Web,
    schema: pa.Schema,
    chosen: NDArray[np.int64],
    following: NDArray[np.int64],
    edge: NDArray[np.int64],
    service: pa.Array,
    grade: NDArray[np.uint8],
) -> pa.Table:
    rows = web.rows.take(pa.array(edge))
    other = web.names.take(pa.array(following))
    method, version = (rows.column(name).combine_chunks() for name in ("method", "version"))
    note = pc.binary_join_element_wise("Of one owner with ", other, ", by ", method, " ", version, ".", "")
    columns = {
        "kind": KIND,
        "chain": web.chain,
        "address": web.names.take(pa.array(chosen)),
        "grade": pa.array(list(LETTERS)).take(pa.array(grade)),
        "method": METHOD,
        "version": VERSION,
        "service": service,
        "role": "other",
        "source": "recover",
        "other": other,
        "transactions": rows.column("transactions"),
        "params": "{}",
        "note": note,
        "place": 0,
        "exhibit": 0,
    }
    return pa.Table.from_arrays([_column(f, columns, len(chosen)) for f in schema], schema=schema)


def _column(field: pa.Field, columns: Mapping[str, object], size: int) -> pa.Array:
    value = columns.get(field.name, None if field.nullable else "")
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return value.cast(field.type)
    return pa.repeat(pa.scalar(value, field.type), size)
