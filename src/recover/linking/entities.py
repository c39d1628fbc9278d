"""Entities: addresses joined by labels, by sweeps and by common ownership, under the policy of the case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.linking import grounds, habits
from recover.linking.members import Owner
from recover.linking.ownership import LETTERS, Web

TABLE = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("service", pa.string()),
        ("grade", pa.string()),
        ("chain", pa.string()),
        ("addresses", pa.list_(pa.string())),
        ("assertions", pa.string()),
    ]
)

_Key = tuple[str, str, str]  # chain, kind, and a service's name or a hub's address


@dataclass(slots=True)
class _Piece:
    """Columns of one length: addresses of groups, or reasons (JSON texts and grades) of groups."""

    group: NDArray[np.int64]
    cells: pa.Array


@dataclass(slots=True)
class _Groups:
    """Entities in the making, by number: `keys` of those that labels and sweeps make, then the clusters."""

    keys: dict[_Key, int]
    heads: list[pa.Table]
    members: list[_Piece]
    reasons: list[_Piece]
    grades: list[NDArray[np.uint8]]
    size: int


def entities(resolved: pa.Table, asserted: pa.Table, found: Sequence[tuple[Web, Mapping[int, Owner]]]) -> pa.Table:
    """Addresses joined: a service's labelled wallets, the deposit addresses that sweep to them, and what is of one
    owner with any of these; hubs alone; other clusters.

    An entity's id is its smallest address, so the same partition has the same ids whatever the order. An address
    that has a service of its own is never drawn into another by its cluster.
    """
    groups = _named(resolved, asserted)
    for web, owners in found:
        _add(groups, web, owners)
    return _table(groups)


def _named(resolved: pa.Table, asserted: pa.Table) -> _Groups:
    """Services with their labelled wallets and deposit addresses, and hubs."""
    made: dict[_Key, list[dict[str, Any]]] = {}
    labelled: dict[tuple[str, str], str] = {}
    for row in resolved.filter(pc.not_equal(resolved.column("service"), "")).to_pylist():
        made.setdefault((row["chain"], "service", row["service"]), []).append(row)
        labelled[row["chain"], row["address"]] = row["service"]
    kinds = pc.is_in(asserted.column("kind"), value_set=pa.array(["hub", habits.KIND]))
    rows = asserted.filter(kinds).to_pylist()
    called = {place: habits.named(by)[0] for place, by in habits.words(rows).items()}
    for row in rows:
        if row["kind"] == "hub":
            made.setdefault((row["chain"], "hub", row["address"]), []).append(row)
        # An address is one service's: where a label names another than its habit, the label's, and the gap
        # label-habit-conflict says so; where its habits name several, the surest one's (habits-conflict).
        elif row["service"] and row["service"] == labelled.get(
            (row["chain"], row["address"]), called[row["chain"], row["address"]]
        ):
            made.setdefault((row["chain"], "service", row["service"]), []).append(row)
    # Sorted, so that groups have the same numbers whatever came first.
    keys = sorted(made)
    numbered = [(n, row) for n, key in enumerate(keys) for row in made[key]]
    group = np.array([n for n, _ in numbered], np.int64)
    heads = [{"chain": c, "kind": kind, "service": name if kind == "service" else None} for c, kind, name in keys]
    return _Groups(
        keys={key: n for n, key in enumerate(keys)},
        heads=[pa.Table.from_pylist(heads, schema=_HEAD)],
        members=[_Piece(group, pa.array([row["address"] for _, row in numbered], pa.string()))],
        reasons=[_Piece(group, pa.array([_reason(row) for _, row in numbered], pa.string()))],
        grades=[np.array([LETTERS.index(row["grade"]) for _, row in numbered], np.uint8)],
        size=len(keys),
    )


_HEAD = pa.schema([TABLE.field(name) for name in ("chain", "kind", "service")])


def _reason(row: Mapping[str, Any]) -> str:
    plain = {
        "address": row["address"],
        "heuristic": row["method"],
        "version": row["version"],
        "grade": row["grade"],
        "kind": row["kind"],
        "transactions": list(row["transactions"]),
        "exhibit": row["exhibit"],
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _add(groups: _Groups, web: Web, owners: Mapping[int, Owner]) -> None:
    """A web's clusters: each to the service that it belongs to, or an entity of its own."""
    free = np.ones(len(web), np.bool_)
    free[[mark.number for mark in web.marks]] = False
    count = np.bincount(web.root[free], minlength=len(web))
    of = np.full(len(web), -1, np.int64)  # by root, the number of its entity
    for root, owner in owners.items():
        if owner.service:
            of[root] = groups.keys[web.chain, "service", owner.service]
    # One address alone is no cluster: an entity says that several belong together.
    own = np.flatnonzero((count > 1) & (of < 0))
    of[own] = groups.size + np.arange(len(own))
    head = {"chain": web.chain, "kind": "cluster", "service": None}
    groups.heads.append(pa.table({f.name: pa.repeat(pa.scalar(head[f.name], f.type), len(own)) for f in _HEAD}))
    groups.size += len(own)
    chosen = np.flatnonzero(free & (of[web.root] >= 0))
    groups.members.append(_Piece(of[web.root[chosen]], web.names.take(pa.array(chosen))))
    rows = web.counting()
    rows = rows[of[web.root[web.one[rows]]] >= 0]
    groups.reasons.append(_Piece(of[web.root[web.one[rows]]], grounds.texts(web.rows.take(pa.array(rows)))))
    groups.grades.append(web.grade[rows])


def _table(groups: _Groups) -> pa.Table:
    group, addresses = _sorted(groups.members, groups.size)
    members = grounds.lists(group, addresses, groups.size)
    number = np.concatenate([piece.group for piece in groups.reasons])
    order = np.argsort(number, kind="stable")
    cells = pa.concat_arrays([piece.cells for piece in groups.reasons]).take(pa.array(order))
    grade = np.zeros(groups.size, np.uint8)
    # No surer than the weakest thing it rests on.
    np.maximum.at(grade, number, np.concatenate(groups.grades))
    joined = pc.binary_join(grounds.lists(number[order], cells, groups.size), ",")
    heads = pa.concat_tables(groups.heads)
    columns = {
        "id": pc.list_element(members, 0),
        "grade": pa.array(list(LETTERS)).take(pa.array(grade)),
        "addresses": members,
        "assertions": pc.binary_join_element_wise("[", joined, "]", ""),
        **{f.name: heads.column(f.name) for f in _HEAD},
    }
    found = pa.table([columns[f.name] for f in TABLE], schema=TABLE)
    return found.sort_by([(name, "ascending") for name in ("chain", "id", "kind", "service")])


def _sorted(pieces: Sequence[_Piece], size: int) -> tuple[NDArray[np.int64], pa.Array]:
    """Each group's addresses once, in order."""
    cells = pa.concat_arrays([piece.cells for piece in pieces])
    names = pc.unique(cells)
    names = names.take(pc.array_sort_indices(names))
    # Group and name in one number: `unique` then sorts by both and drops what was said twice, in one pass.
    number = pc.index_in(cells, value_set=names).to_numpy().astype(np.int64)
    key = np.unique(np.concatenate([piece.group for piece in pieces]) * max(len(names), 1) + number)
    return key // max(len(names), 1), names.take(pa.array(key % max(len(names), 1)))
