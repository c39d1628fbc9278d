"""Addresses that more than one service may have: whom sources and payments name, and who has to be asked."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.labels import POSSIBLE
from recover.linking.resolve import endings, shady
from recover.report import figures
from recover.sdk import OffRamp, View

AGAINST = "label-against"
"""The kind of finding of payments that speak against a label."""


@figures.settled
def places(view: View) -> Mapping[figures.Spot, tuple[str, ...]]:
    """By address that traced value came to or through, the services that it may be of, where these are several."""
    found = _labelled(view)
    for f in figures.of_kind(view, AGAINST):
        if view.reviews.get(f.id, ("",))[0] != "rejected":
            here = (str(f.slots["asset"]).split("/", 1)[0], f.subject)
            found.setdefault(here, set()).update((str(f.slots["service"]), str(f.slots["other"])))
    return {place: tuple(sorted(names)) for place, names in sorted(found.items()) if len(names) > 1}


def _labelled(view: View) -> dict[figures.Spot, set[str]]:
    """By wallet of an off-ramp, whose it is by labels that count; an unverified word takes nothing from a name."""
    here = {spot for r in view.offramps if r.amount or r.resting for spot in _spots(r)}
    if not here or "assertions" not in view.tables:
        return {}
    said = view.tables["assertions"]()
    wanted = pc.and_(
        pc.equal(said["kind"], "label"),
        pc.is_in(said["address"], value_set=pa.array(sorted({address for _, address in here}), pa.string())),
    )
    rows = [row for row in said.filter(wanted).to_pylist() if row["service"] and row["role"] != POSSIBLE]
    found: dict[figures.Spot, set[str]] = {}
    for row, (counts, _) in zip(rows, endings(rows, view.tables["transfers"]()), strict=True):
        if counts and row["grade"] < "E" and not shady(row) and (row["chain"], row["address"]) in here:
            found.setdefault((row["chain"], row["address"]), set()).add(row["service"])
    return found


def _spots(r: OffRamp) -> set[figures.Spot]:
    return {(r.chain, address) for address in (r.address, *r.hot_wallets)}


@figures.settled
def asked(view: View) -> Mapping[str, tuple[str, ...]]:
    """By service that gets no other letter on them, the addresses that it is to be asked about."""
    barred = {f.subject for f in figures.of_kind(view, "no-letter") if not f.slots.get("by")}
    found: dict[str, list[str]] = {}
    for spot, names in places(view).items():
        for name in names:
            told = any(spot in _spots(r) for r in figures.at_stake(view, name))
            if name not in barred and not told:
                found.setdefault(name, []).append(spot[1])
    return {name: tuple(dict.fromkeys(addresses)) for name, addresses in sorted(found.items())}


def rivals(view: View, service: str) -> tuple[str, ...]:
    """The other services that the addresses of which one is asked may be of."""
    mine = set(asked(view).get(service, ()))
    names = {name for (_, address), found in places(view).items() if address in mine for name in found}
    return tuple(sorted(names - {service}))


def stake(view: View, service: str) -> dict[str, int]:
    """By asset, the traced value that reached a service or hub at the addresses of which a service is asked."""
    mine, held = set(asked(view).get(service, ())), dict[str, int]()
    for r in view.offramps:
        if mine & {r.address, *r.hot_wallets}:
            held[r.asset] = held.get(r.asset, 0) + r.amount
    return held
