"""Exhibits of findings: of sums, what shows the movements; of what names a service, its labels too.

A name that no cited exhibit gives could not be checked by one who has the cited exhibits alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.material import Material
from recover.sdk.view import Finding

_Shown = Mapping[tuple[str, str], frozenset[int]]
"""By an address or a transaction, and an asset, the exhibits that show its movements."""


def cited(found: Sequence[Finding], case: Case, material: Material) -> list[Finding]:
    """The same findings, each that names no exhibit with those that show what it counts."""
    bare = [f for f in found if not f.exhibits]
    names = {name for f in bare for name in _names(f, material)}
    shown = _shown(material.transfers, names)
    losses = _by_loss(case, material) if any(f.kind == "conservation" for f in bare) else {}
    out = _left_out(material.transfers) if any(f.kind == "left-out" for f in bare) else {}

    def exhibits(f: Finding) -> Iterable[int]:
        asset = f.slots.get("asset")
        asset = asset if isinstance(asset, str) else ""
        if f.kind == "conservation":
            return losses.get((f.subject, asset), ())
        if f.kind == "left-out":
            return out.get((f.subject, asset), ())
        return {n for name in _names(f, material) for n in shown.get((name, asset), ())}

    labelled = _naming(material, {name for f in found for name in _services(f)})
    out_of = [f if f.exhibits else replace(f, exhibits=tuple(sorted(exhibits(f)))) for f in found]
    return [
        replace(f, exhibits=tuple(sorted({*f.exhibits, *(n for name in services for n in labelled[name])})))
        if (services := _services(f))
        else f
        for f in out_of
    ]


_NAMING = (
    *("came-back", "withdrawn", "contradicted", "by-version"),
    *("before-change", "settled-otherwise", "order-otherwise"),
)
"""Kinds that name a service and count movements; off-ramps have the exhibits of their own wallets already."""


def _services(f: Finding) -> Collection[str]:
    """The services that a finding names without the exhibits of their labels."""
    if f.kind not in _NAMING:
        return ()
    one, several = f.slots.get("service"), f.slots.get("services")
    named = [one] if isinstance(one, str) else [*several] if isinstance(several, tuple) else []
    return [name for name in (*named, *([f.subject] if f.kind == "came-back" else ())) if name]


def _naming(material: Material, services: Collection[str]) -> Mapping[str, frozenset[int]]:
    """By service, the exhibits that name those of its wallets which movements of the case meet."""
    found: dict[str, set[int]] = {name: set() for name in services}
    mine = {place: name for place, (name, _) in material.targets.items() if name in found}
    wanted = pa.array(sorted({address for _, address in mine}), pa.string())
    for side in ("src", "dst"):
        met = material.transfers.filter(pc.is_in(material.transfers.column(side), value_set=wanted))
        for row in met.group_by(["chain", side]).aggregate([]).to_pylist():
            place = row["chain"], row[side]
            if place in mine:
                found[mine[place]].update(material.exhibits_of.get(place, ()))
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _names(f: Finding, material: Material) -> Collection[str]:
    """The addresses and transactions whose movements a finding counts."""
    if f.kind == "open-end":
        ends = (e for e in material.declared() if e["reason"] == "uncollected" and e["asset"] == f.subject)
        return {e["address"] for e in ends}
    if f.kind in ("came-back", "service-total"):
        return {place[1] for place, target in material.targets.items() if f.subject in target}
    return {f.subject, f.subject.partition(":")[0]}


def _shown(transfers: pa.Table, names: Collection[str]) -> _Shown:
    wanted = pa.array(sorted(names), pa.string())
    kept = transfers.filter(pc.is_null(transfers.column("excluded")))
    found: dict[tuple[str, str], set[int]] = {}
    for side in ("src", "dst", "tx"):
        part = kept.filter(pc.is_in(kept.column(side), value_set=wanted))
        for row in part.group_by([side, "asset", "exhibit"]).aggregate([]).to_pylist():
            for asset in (row["asset"], ""):
                found.setdefault((row[side], asset), set()).add(row["exhibit"])
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _by_loss(case: Case, material: Material) -> _Shown:
    flows = derived.read(case, "flows", ["seq", "loss"])
    moved = material.transfers.select(["asset", "exhibit"]).take(flows.column("seq"))
    rows = moved.append_column("loss", flows.column("loss")).group_by(["loss", "asset", "exhibit"]).aggregate([])
    return _grouped(rows, "loss")


def _left_out(transfers: pa.Table) -> _Shown:
    out = transfers.filter(pc.is_valid(transfers.column("excluded")))
    return _grouped(out.group_by(["excluded", "asset", "exhibit"]).aggregate([]), "excluded")


def _grouped(rows: pa.Table, name: str) -> _Shown:
    found: dict[tuple[str, str], set[int]] = {}
    for row in rows.to_pylist():
        found.setdefault((row[name], row["asset"]), set()).add(row["exhibit"])
    return {key: frozenset(numbers) for key, numbers in found.items()}
