"""Labels: what sources call the addresses of the ledger, with services as the register names them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import forms, parts
from recover.ledger.read import key
from recover.linking import overtaken
from recover.linking.alike import Alike, space
from recover.linking.policy import TABLE
from recover.plugins.registry import Plugins
from recover.registers.services import Register

_SERVICE_ROLES = frozenset({"hot-wallet", "deposit"})
_SERVICE_KINDS = frozenset({"exchange", "payment_processor", "hosted_wallet", "custodian", "atm", "gambling"})


POSSIBLE = "possible"
"""The role of a label that speaks of the same text, or of the same script, on another chain: a hint whom to ask,
and no name."""


def labels(case: Case, plugins: Plugins, register: Register, known: pa.Table, by_hand: pa.Table) -> pa.Table:
    """All labels of the places in `known` (chain, address), with `service` as the register names it; `by_hand` are
    those that a person gave.

    A label counts on its own chain. Where addresses have one form on several chains, or one script has a form on
    each, it is a hint on the others: the same key may open both, or nobody may ever have used it there.
    """
    alike = Alike(plugins, known)
    said = pa.concat_tables([overtaken.marked(case, _said(case, plugins, known, alike)), by_hand])
    if not said.num_rows:
        return TABLE.empty_table()
    own = _at(said, known, forms.read(forms.table(plugins, known, _places(said))))
    # Of labels of equal grade, `resolve` keeps the first in this order.
    found = pa.concat_tables([own, _hints(said, known, alike, _contracts(case, said))])
    # By what exhibits hold and not by when they came in, so that every order of importing gives the same label.
    digest = {stored.number: stored.digest for stored in case.exhibits()}
    held = pa.array([digest.get(number, "") for number in found.column("exhibit").to_pylist()], pa.string())
    keys = [(name, "ascending") for name in ("chain", "address", "digest", "place", "method", "label")]
    found = found.append_column("digest", held).sort_by(keys).drop_columns(["digest"])
    names = _names(found, register)
    return found.set_column(
        found.schema.get_field_index("service"), TABLE.field("service"), pa.array(names, pa.string())
    )


def _said(case: Case, plugins: Plugins, known: pa.Table, alike: Alike) -> pa.Table:
    """The assertions of every exhibit about texts that `known` has on any chain, or whose key or script has
    another there."""
    made = forms.table(plugins, known, ())
    texts = pa.concat_arrays([known.column("address").combine_chunks(), made.column("form").combine_chunks()])
    wanted, here = texts.unique(), set(zip(*known.to_pydict().values(), strict=True))
    chains = known.column("chain").unique()
    found = [TABLE.empty_table()]
    stored = {one.number: one.captured for one in case.exhibits()}
    for part in parts.parts(case, plugins):
        if (table := parts.read(case, part, "assertions")) is not None:
            already = pc.is_in(table.column("address"), value_set=wanted)
            # A key opens nothing on a chain that the ledger does not have; what is wanted already is not asked.
            rest = table.filter(pc.and_not(pc.is_in(table.column("chain"), value_set=chains), already))
            bare = ["\0".join(place) for place in _places(rest) if _opens(plugins, place, here)]
            family = pa.array(alike.chains(table.column("chain").unique().to_pylist()), pa.string())
            bare += ["\0".join(place) for place in alike.of(_places(table.filter(_of(table, family))))]
            places = key(table.column("chain"), table.column("address"))
            opened = pc.is_in(places, value_set=pa.array(bare, pa.string()))
            table = table.filter(pc.or_(already, opened))
            exhibit = pa.array([part.exhibit] * table.num_rows, pa.int64())
            found.append(_ahead(table.append_column(TABLE.field("exhibit"), exhibit), stored[part.exhibit]))
    return pa.concat_tables(found)


def _of(table: pa.Table, chains: pa.Array) -> pa.ChunkedArray:
    return pc.is_in(table.column("chain"), value_set=chains)


def _ahead(rows: pa.Table, stored: datetime) -> pa.Table:
    """Labels that give themselves a day after the one on which they were stored are marked: nobody said that."""
    day = (stored + timedelta(days=1)).date().isoformat()
    late = pc.fill_null(pc.greater(rows.column("asserted"), day), False)
    if not pc.any(late).as_py():
        return rows
    marked = [
        {**row, "params": json.dumps({**json.loads(row["params"] or "{}"), "ahead": stored.date().isoformat()})}
        if row["kind"] == "label"
        else row
        for row in rows.filter(late).to_pylist()
    ]
    return pa.concat_tables([rows.filter(pc.invert(late)), pa.Table.from_pylist(marked, schema=rows.schema)])


def _places(rows: pa.Table) -> list[tuple[str, str]]:
    return list(zip(*(rows.column(name).to_pylist() for name in ("chain", "address")), strict=True))


def _opens(plugins: Plugins, place: tuple[str, str], known: set[tuple[str, str]]) -> bool:
    """Whether the key that a label names opens an address that is known."""
    asked = forms.asked(plugins, place[0])
    return asked is not None and any((place[0], form) in known for form in asked(place[1]))


def _at(said: pa.Table, known: pa.Table, other: forms.Forms) -> pa.Table:
    """What is said of places in `known`, on their own chain; a label of another form goes to the ledger's own."""
    keys = key(known.column("chain"), known.column("address"))
    exact = said.filter(pc.is_in(key(said.column("chain"), said.column("address")), value_set=keys))
    moved = [
        {
            **row,
            "address": at,
            "note": f"{row['note']} (said of {row['address']}, which the same key opens)".strip(),
        }
        for row in (said.to_pylist() if other else ())
        for at in other.get((row["chain"], row["address"]), ())
    ]
    return pa.concat_tables([exact, pa.Table.from_pylist(moved, schema=TABLE)])


def _hints(said: pa.Table, known: pa.Table, alike: Alike, contracts: frozenset[tuple[str, str]]) -> pa.Table:
    """Labels of the same text or script on another chain of one address space, at grade D at best; none of a
    contract.

    A contract on one chain says nothing of another: anybody may have put other code there, or nobody any.
    """
    told = said.filter(pc.equal(said.column("kind"), "label")).to_pylist()
    named = {(row["chain"], row["address"]) for row in told}
    places: dict[str, list[str]] = {}
    for row in known.to_pylist():
        places.setdefault(row["address"], []).append(row["chain"])
    locked = alike.of(named)
    made = []
    for row in told:
        own = (row["chain"], row["address"])
        texts = [
            (chain, row["address"]) for chain in places.get(row["address"], ()) if space(chain) == space(own[0])
        ]
        for there in dict.fromkeys((*texts, *locked.get(own, ()))):
            if there[0] == own[0] or there in named or {there, own} & contracts:
                continue
            of = "this text" if there[1] == own[1] else f"{own[1]}, which has the same script,"
            note = f"The label is of {of} on {own[0]}, and of no address on {there[0]}."
            found = {"chain": there[0], "address": there[1], "role": POSSIBLE, "note": note}
            made.append({**row, **found, "grade": max(row["grade"], "D")})
    return pa.Table.from_pylist(made, schema=TABLE)


def _contracts(case: Case, said: pa.Table) -> frozenset[tuple[str, str]]:
    """Places that an exhibit shows to be a contract's, or that a source calls one."""
    states, events = derived.read(case, "states"), derived.read(case, "events", ["kind", "chain", "other"])
    code = states.filter(pc.and_(pc.equal(states.column("kind"), "code"), pc.greater(states.column("amount"), 0)))
    made = events.filter(pc.equal(events.column("kind"), "create"))
    told = said.filter(pc.equal(said.column("role"), "contract"))
    rows = [*code.select(["chain", "address"]).to_pylist(), *told.select(["chain", "address"]).to_pylist()]
    rows += made.select(["chain", "other"]).rename_columns(["chain", "address"]).to_pylist()
    return frozenset((row["chain"], row["address"]) for row in rows)


def _names(said: pa.Table, register: Register) -> list[str]:
    """The register's name where one matches; else the label's own, if the source says that it is a service."""
    # One look-up for each text: bulk sources repeat a name on every row.
    known: dict[tuple[str, str], str] = {}
    found = []
    columns = (said.column(c).to_pylist() for c in ("service", "label", "role", "category"))
    for service, label, role, category in zip(*columns, strict=True):
        if (service, label) not in known:
            entry = register.match(service) or register.match(label)
            known[(service, label)] = entry.name if entry else ""
        own = service if role in _SERVICE_ROLES or category in _SERVICE_KINDS else ""
        found.append(known[(service, label)] or own)
    return found
