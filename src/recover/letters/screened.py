"""Screened first: addresses that may be forced persons' stand in no letter until a trained person has screened.

Rows, findings and ways of such addresses are taken from the view of which all letters are made, so that they stand
in no figure, table, text or file of one; what one of them paid to an address that is named counts in the sum of
that, and has no row.
The report, which the court has, is made of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import lint
from recover.report.identifiers import Row
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.view import OffRamp

if TYPE_CHECKING:
    from recover.letters.matter import Matter

TABLE = "unscreened"

LEFT_OUT = "left_out"
"""The table of addressees of whom a view leaves something out: services and issuers, by name."""

RULE = "screening"
"""What stops a letter in which such an address stands all the same. Nobody lets it pass: a cue is lifted."""

_DASH = "–"

_Places = frozenset[tuple[str, str]]
Table = Callable[[], pa.Table]


def shown(view: View) -> View:
    """The view as letters may have it."""
    held = _places(view)
    if not held:
        return view
    gone = {ramp.service or "" for ramp in view.offramps if _credits(ramp) & held}
    names = sorted(gone | {str(one.slots.get("issuer", "")) for one in view.findings if _about(one, held)})
    left = pa.table({"name": pa.array([name for name in names if name], pa.string())})
    tables = {**view.tables, LEFT_OUT: lambda: left}
    tables |= {name: _without(view.tables[name], held) for name in ("routes", "rested") if name in tables}
    tables |= {name: _masked(view.tables[name], held, sides) for name, sides in _SIDES.items() if name in tables}
    return replace(
        view,
        offramps=tuple(ramp for ramp in view.offramps if not _credits(ramp) & held),
        findings=tuple(one for one in view.findings if not _about(one, held)),
        tables=tables,
    )


def places(view: View) -> list[tuple[str, str]]:
    """Chain and address of all that are held back, in order: of their number a sender is told, and not which."""
    return sorted(_places(view))


def nameable(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of a letter without payments of such an address: who looks their transactions up finds who paid."""
    return tuple(row for row in rows if row.counterparty != _DASH)


def partly(view: View, *names: str) -> bool:
    """Whether letters leave out something of a service or an issuer of these names; of any, where none is said."""
    if LEFT_OUT not in view.tables:
        return False
    left = {one.casefold() for one in view.tables[LEFT_OUT]()["name"].to_pylist()}
    return not left.isdisjoint(one.casefold() for one in names) if names else bool(left)


def short(m: Matter) -> bool:
    """Whether a letter states sums and they are not of all that was found for its addressee."""
    one = m.service
    names = () if m.kind.about == "case" else (m.key, m.choice.service, m.choice.name, one.id, one.name)
    return bool(m.ramps or m.crossings or m.holdings) and partly(m.view, *names)


def breaches(view: View, t: Texts, said: Iterable[str]) -> list[lint.Breach]:
    """Each such address that a letter names all the same, as what its sender wrote may."""
    held = {address.casefold(): address for _, address in _places(view)}
    if not held:
        return []
    found = {word for text in said for word in _WORD.findall(text.casefold())} & held.keys()
    return [lint.Breach(rule=RULE, where=held[word], text=t.say("delivery.unscreened")) for word in sorted(found)]


_WORD = re.compile(r"[0-9a-z]{20,}")
"""No address of any chain here is shorter."""


def _places(view: View) -> _Places:
    if TABLE not in view.tables:
        return frozenset()
    return frozenset((row["chain"], row["address"]) for row in view.tables[TABLE]().to_pylist())


def _credits(ramp: OffRamp) -> set[tuple[str, str]]:
    # A service's own wallet is nobody's who is paid there.
    return {(ramp.chain, ramp.through)} if not ramp.stops else set()


def _about(one: Finding, held: _Places) -> bool:
    asset = str(one.slots.get("asset", ""))
    return (asset.partition("/")[0], one.subject) in held


def _without(made: Table, held: _Places) -> Table:
    """A table of ways without those that pass such an address: a hop is no proof where it may not be named."""

    @cache
    def left() -> pa.Table:
        whole = made()
        rows = whole.select([*_WAY, "src", "dst"]).to_pylist()
        chains = [row["asset"].partition("/")[0] for row in rows]
        past = {
            tuple(row[name] for name in _WAY)
            for chain, row in zip(chains, rows, strict=True)
            if {(chain, row["src"]), (chain, row["dst"])} & held
        }
        return whole.filter(pa.array([tuple(row[name] for name in _WAY) not in past for row in rows], pa.bool_()))

    return left


_WAY = ("asset", "loss", "through", "service", "way")


_SIDES = {"transfers": ("src", "dst"), "ends": ("address",)}


def _masked(made: Table, held: _Places, sides: Iterable[str]) -> Table:
    """Movements, or where value ended, with a dash in place of such an address."""
    chains: dict[str, list[str]] = {}
    for chain, address in sorted(held):
        chains.setdefault(chain, []).append(address)

    def left() -> pa.Table:
        whole = made()
        for side in sides:
            there = pa.array([False] * whole.num_rows, pa.bool_())
            for chain, addresses in chains.items():
                known = pc.is_in(whole[side], value_set=pa.array(addresses, pa.string()))
                there = pc.or_(there, pc.and_(pc.starts_with(whole["asset"], f"{chain}/"), known))
            place = whole.column_names.index(side)
            whole = whole.set_column(place, side, pc.if_else(there, _DASH, whole[side]))
        return whole

    return left
