"""Endpoints: where traced value ended, or through which address it reached a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.recognise import names
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.errors import Error
from recover.trails.flows import arriving

PASSED_ON = "passed on"
"""What did not end at an off-ramp's address: lots carried it further, into the service's wallets or elsewhere."""


def reached(case: Case, flows: pa.Table, endpoint: str, asset: str, loss: str) -> list[dict[str, Any]]:
    """What ended at the endpoint under the declared rule, or passed through it if an off-ramp has it.

    Raises Error naming what there is instead.
    """
    table = recorded(derived.read(case, "ends"), case.settings.rule)
    chains = {name.split("/", 1)[0] for name in table.column("asset").unique().to_pylist()}
    chain, name = names.split(endpoint, chains)
    here = table.filter(pc.equal(table.column("address"), name))
    if chain is not None:
        here = here.filter(pc.starts_with(here.column("asset"), chain + "/"))
    rows = [{**row, "exact": exact} for row, exact in zip(here.to_pylist(), amounts.exact(here), strict=True)]
    rows += _through(case, flows, name, chain, rows)
    if not rows:
        raise _unknown(name, table.column("address").unique().to_pylist(), case.settings.rule)
    symbols = _symbols(case)
    picked = [
        r for r in rows if asset in ("", r["asset"], symbols.get(r["asset"], "")) and loss in ("", r["loss"])
    ]
    if not picked:
        there = "; ".join(sorted({f"{row['loss']} in {row['asset']}" for row in rows})[:20])
        raise Error(
            "endpoint-without",
            f"Nothing of {loss or 'any loss'} in {asset or 'any asset'} ended at {name}.",
            f"What ended there is {there}.",
            "Name one of these, or leave out --asset and --loss.",
        )
    return picked


def _through(
    case: Case, flows: pa.Table, name: str, chain: str | None, stayed: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    arrivals = recorded(derived.read(case, "arrivals"), case.settings.rule)
    rows = zip(*(arrivals.column(n).to_pylist() for n in ("through", "address", "asset")), strict=True)
    wanted = {a for who, at, a in rows if who == name != at and (chain is None or a.startswith(f"{chain}/"))}
    if not wanted:
        return []
    came = arriving(flows)
    moved = derived.read(case, "transfers", ["dst", "asset"]).take(came.column("seq"))
    columns = (*(came.column(n).to_pylist() for n in ("seq", "loss")), *(c.to_pylist() for c in moved.columns))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for seq, loss, dst, asset, exact in zip(*columns, amounts.exact(came), strict=True):
        if dst == name and asset in wanted:
            row = found.setdefault((loss, asset), {"exact": 0, "seqs": set(), "first": seq})
            row["exact"] += exact
            row["seqs"].add(seq)
    for rest in stayed:
        if (rest["loss"], rest["asset"]) in found:
            found[rest["loss"], rest["asset"]]["exact"] -= rest["exact"]
    base = {"address": name, "reason": PASSED_ON}
    return [
        {**base, "loss": loss, "asset": asset, "transfers": len(row["seqs"]), **row}
        for (loss, asset), row in sorted(found.items())
        if row["exact"]
    ]


def _symbols(case: Case) -> dict[str, str]:
    rows = derived.read(case, "assets", ["asset", "symbol"]).to_pylist()
    return {row["asset"]: row["symbol"] for row in rows if row["symbol"]}


def _unknown(endpoint: str, names: Sequence[str], rule: str) -> Error:
    ordered = sorted(names)
    alike = [name for name in ordered if name[:4] == endpoint[:4]] or ordered
    near = get_close_matches(endpoint, alike[:2000], n=3, cutoff=0.5) or ordered[:3]
    return Error(
        "endpoint-unknown",
        f"No traced value ended at {endpoint!r} under {rule}.",
        f"The nearest of {len(ordered)} endpoints: {', '.join(near)}." if near else "Nothing was traced.",
        "Name an endpoint; `recover show CASE offramps` and `recover trace CASE --rule R` list them.",
    )
