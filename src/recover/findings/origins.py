"""Origins: where the inflow of a loss by address came from, which was instructed to be proceeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.material import Material, at
from recover.findings.payments import Target
from recover.linking.stops import Place
from recover.sdk import amounts
from recover.sdk.view import Loss

TABLE = pa.schema(
    [
        *((name, pa.string()) for name in ("loss", "asset", "kind", "name")),
        *((name, pa.string()) for name in ("amount", "after")),
        ("transfers", pa.int64()),
    ]
)
"""One row for each loss by address, asset and origin: `kind` is service, hub, loss (value that carries another
loss, and keeps it) or other. `after` is what came from a service or hub that traced value had reached before."""


def table(case: Case, material: Material) -> pa.Table:
    """The origins of every loss by address, the largest first within one loss and asset; exact."""
    places: dict[Place, list[Loss]] = {}
    for loss in case.settings.losses:
        if loss.address:
            places.setdefault((loss.chain, loss.address), []).append(loss)
    flows = derived.read(case, "flows")
    rows = _rows(flows, material.transfers)
    reached = _reached(flows, material)
    found: dict[tuple[str, str, str, str], list[int]] = {}
    for row in rows:
        here = places.get(at(row["dst"] or "", row["asset"]), ())
        mine = next((x for x in here if _inside(x, row)), None)
        if mine is None or row["src"] == row["dst"]:
            continue
        kind, name = _origin(material, row)
        sums = found.setdefault((mine.id, row["asset"], kind, name), [0, 0, 0])
        sums[0] += row["exact"]
        target = material.targets.get(at(row["src"] or "", row["asset"]))
        here_before = target and reached.get((row["asset"].split("/", 1)[0], target), row["seq"]) < row["seq"]
        if kind in ("service", "hub") and here_before:
            sums[1] += row["exact"]
        sums[2] += 1
    made = [
        {
            **dict(zip(("loss", "asset", "kind", "name"), key, strict=True)),
            "amount": str(amount),
            "after": str(after),
            "transfers": count,
        }
        for key, (amount, after, count) in sorted(found.items(), key=lambda x: (_place(x[0]), -x[1][0], x[0]))
    ]
    return pa.Table.from_pylist(made, schema=TABLE)


def _place(key: tuple[str, str, str, str]) -> tuple[int, str]:
    return int(key[0][1:]) if key[0][1:].isdigit() else 0, key[1]


def _inside(loss: Loss, row: Mapping[str, Any]) -> bool:
    """Value that keeps another loss is told too where it came in the period of this one."""
    if loss.assets and row["asset"] not in loss.assets:
        return False
    if row["event"] == "start" or row["loss"] == loss.id:
        return bool(row["event"] == "start" and row["loss"] == loss.id)
    time = row["time"]
    if time is None:
        return loss.since is None and loss.until is None
    return (loss.since is None or time >= loss.since) and (loss.until is None or time <= loss.until)


def _origin(material: Material, row: Mapping[str, Any]) -> tuple[str, str]:
    if row["event"] == "move":
        return "loss", row["loss"]
    target = material.targets.get(at(row["src"] or "", row["asset"]))
    if target is None:
        return "other", ""
    return ("service", target[0]) if target[0] else ("hub", target[1])


def _rows(flows: pa.Table, transfers: pa.Table) -> list[dict[str, Any]]:
    took = flows.filter(pc.is_in(flows.column("event"), value_set=pa.array(["start", "move"], pa.string())))
    moved = transfers.select(["src", "dst", "asset", "time"]).take(took.column("seq"))
    pairs = zip(took.to_pylist(), moved.to_pylist(), amounts.exact(took), strict=True)
    return [{**one, **other, "exact": exact} for one, other, exact in pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What a service paid, after traced value had reached it, to an address that traced value had passed."""

    service: str
    address: str
    asset: str
    amount: int
    transactions: tuple[str, ...]
    exhibits: tuple[int, ...]


def withdrawn(case: Case, material: Material) -> list[Withdrawn]:
    """Value that left a service for where traced value had been, and that no loss by address counts as inflow."""
    reached = _reached(derived.read(case, "flows"), material)
    counted = {(loss.chain, loss.address) for loss in case.settings.losses if loss.address}
    passed = {holding: min(came.seqs) for holding, came in material.credits.items() if came.seqs}
    names = pa.array(sorted({address for _, address in material.targets}), pa.string())
    moved = material.transfers
    wanted = pc.and_(pc.is_in(moved.column("src"), value_set=names), pc.is_null(moved.column("excluded")))
    rows = moved.filter(wanted)
    found: dict[tuple[str, str, str], list[Any]] = {}
    columns = ("seq", "tx", "src", "dst", "asset", "exhibit")
    for row, amount in zip(rows.select(list(columns)).to_pylist(), amounts.exact(rows), strict=True):
        place, holding = at(row["dst"] or "", row["asset"]), (row["dst"], row["asset"])
        target = material.targets.get(at(row["src"], row["asset"]))
        first = max(
            passed.get(holding, row["seq"]), reached.get((place[0], target), row["seq"]) if target else row["seq"]
        )
        if target and target[0] and place not in material.targets and place not in counted and first < row["seq"]:
            held = found.setdefault((target[0], row["dst"], row["asset"]), [0, [], set()])
            held[0] += amount
            held[1].append(row["tx"])
            held[2].add(row["exhibit"])
    return [
        Withdrawn(
            service=service,
            address=address,
            asset=asset,
            amount=amount,
            transactions=tuple(dict.fromkeys(txs)),
            exhibits=tuple(sorted(exhibits - {None, 0})),
        )
        for (service, address, asset), (amount, txs, exhibits) in sorted(found.items())
    ]


def _reached(flows: pa.Table, material: Material) -> dict[tuple[str, Target], int]:
    """By chain, and service or hub there, the first movement by which traced value reached it: movements of two
    chains have no common order."""
    ended = flows.filter(pc.equal(flows.column("event"), "end"))
    moved = material.transfers.select(["dst", "asset"]).take(ended.column("seq"))
    columns: Sequence[list[Any]] = (ended.column("seq").to_pylist(), *(c.to_pylist() for c in moved.columns))
    found: dict[tuple[str, Target], int] = {}
    for seq, dst, asset in zip(*columns, strict=True):
        target = material.targets.get(at(dst or "", asset))
        if target is not None:
            key = (asset.split("/", 1)[0], target)
            found[key] = min(seq, found.get(key, seq))
    return found
