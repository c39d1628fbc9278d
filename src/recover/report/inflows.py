"""Where the inflow of losses by address came from, gross and net, in the instructions (section R3)."""

from __future__ import annotations

from recover.report import figures
from recover.report.elements import Block, Para, columns, table
from recover.report.texts import Texts
from recover.sdk import View
from recover.sdk.outside import visible


def blocks(view: View, t: Texts) -> list[Block]:
    """A row for each asset and origin over all losses by address, then gross and net of each asset."""
    if "origins" not in view.tables:
        return []
    sums: dict[str, dict[tuple[str, str], list[int]]] = {}
    for row in view.tables["origins"]().to_pylist():
        name = row["name"] if row["kind"] in ("service", "hub") else ""
        held = sums.setdefault(row["asset"], {}).setdefault((row["kind"], name), [0, 0])
        held[0] += int(row["amount"])
        held[1] += int(row["after"])
    out: list[Block] = []
    rows = []
    for asset_id, found in sorted(sums.items()):
        asset = figures.asset(view, asset_id)
        for (kind, name), (amount, after) in sorted(found.items(), key=lambda x: (-x[1][0], x[0])):
            where = t.say(f"origins.{kind}", name=visible(figures.name(view, name, name), 90))
            cells = (t.both(n, asset) if n else "0" for n in (amount, after))
            rows.append((where, visible(asset.symbol, 24), *cells))
        gross, after = (sum(held[n] for held in found.values()) for n in (0, 1))
        slots = {"gross": t.units(gross, asset), "net": t.units(gross - after, asset)}
        slots["symbol"] = visible(asset.symbol, 24)
        out.append(Para(text=t.say("origins.sums", **slots)))
    if not rows:
        return []
    heads = columns(t, "from", "asset", "amount:number", "after:number")
    return [table(t.say("origins.caption"), heads, rows), *out]
