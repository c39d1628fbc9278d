"""What is too long for the paper: its tables in full, as files beside it that a spreadsheet reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import attributed, byvictim, data, editions, opposed
from recover.report.texts import Texts
from recover.sdk import View, amounts
from recover.trails.flows import arriving

_MOVED = ("seq", "chain", "tx", "time", "height", "src", "dst", "asset", "exhibit")


def files(view: View) -> Iterator[tuple[str, bytes]]:
    """(relative name, bytes) of each annex that the case's tables allow."""
    if "routes" in view.tables:
        yield "annex/routes.csv", data.sheet(view.tables["routes"]())
    if {"flows", "transfers"} <= set(view.tables):
        yield "annex/movements.csv", data.sheet(movements(view))
    if view.owners:
        yield byvictim.FILE, data.sheet(byvictim.sheet(view))
    yield "annex/findings.csv", data.sheet(_findings(view))
    yield "annex/plugins.csv", data.sheet(_plugins(view))
    yield "annex/offramps.csv", data.sheet(_offramps(view))
    if "assertions" in view.tables:
        yield "annex/labels.csv", data.sheet(_texts(attributed.claimed(view), attributed.COLUMNS))
    if view.edition == editions.DEFENCE:
        yield "annex/conflicts.csv", data.sheet(_texts(opposed.labels(view), attributed.COLUMNS))


def movements(view: View) -> pa.Table:
    """One row for each movement and loss: what it moved, and what of it carried that loss, in base units."""
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    took = arriving(flows)
    sums: dict[tuple[int, str], int] = {}
    keys = zip(took.column("seq").to_pylist(), took.column("loss").to_pylist(), strict=True)
    for key, amount in zip(keys, amounts.exact(took), strict=True):
        sums[key] = sums.get(key, 0) + amount
    part = moved.filter(pc.is_in(moved.column("seq"), value_set=took.column("seq").unique()))
    whole = dict(zip(part.column("seq").to_pylist(), amounts.exact(part), strict=True))
    known = {row["seq"]: row for row in part.select(list(_MOVED)).to_pylist()}
    rows = [
        {**known[seq], "moved": str(whole[seq]), "loss": loss, "traced": str(amount)}
        for (seq, loss), amount in sorted(sums.items(), key=lambda pair: (pair[0][0], len(pair[0][1]), pair[0][1]))
    ]
    names = (*_MOVED, "moved", "loss", "traced")
    return pa.table({name: [str(row[name]) if row[name] is not None else "" for row in rows] for name in names})


def _findings(view: View) -> pa.Table:
    rows = [
        {
            "id": f.id,
            "kind": f.kind,
            "subject": f.subject,
            "grade": f.grade,
            "exhibits": " ".join(str(n) for n in f.exhibits),
            "slots": json.dumps(data.plain(dict(f.slots)), sort_keys=True, ensure_ascii=False),
        }
        for f in view.findings
    ]
    names = ("id", "kind", "subject", "grade", "exhibits", "slots")
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


_RAMP = (
    *("service", "through", "memo", "account", "chain", "asset", "credited", "amount", "unswept", "elsewhere"),
    "fees",
    *("unfollowed", "swept", "transfers", "sweeps", "grade", "deposit", "basis", "first", "last"),
)


def _offramps(view: View) -> pa.Table:
    """Every row of R9 and R10: what came to an address, what went on, where else, and on what its name rests."""
    rows = []
    for r in view.offramps:
        row = {name: data.plain(getattr(r, name)) for name in _RAMP}
        row["paid elsewhere"] = " ".join(f"{place}={amount}" for place, amount in r.elsewhere_at.items())
        row["exhibits"] = " ".join(map(str, r.exhibits))
        rows.append(row)
    return _texts(rows, (*_RAMP, "paid elsewhere", "exhibits"))


def _plugins(view: View) -> pa.Table:
    names = ("plugin", "version", "sha256")
    return _texts([dict(zip(names, one, strict=True)) for one in view.plugins], names)


def _texts(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pa.Table:
    cells = {name: ["" if row[name] is None else str(row[name]) for row in rows] for name in names}
    return pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()})


def edition(view: View, t: Texts) -> dict[str, bytes]:
    """What this edition leaves out, by kind and count; nothing where it leaves nothing out."""
    if not view.left_out:
        return {}
    rows = {
        "edition": [view.edition for _ in view.left_out],
        "kind": [t.say(f"edition.kind_{kind}") for kind, _ in view.left_out],
        "count": [str(count) for _, count in view.left_out],
    }
    return {"annex/edition.csv": data.sheet(pa.table({k: pa.array(v, pa.string()) for k, v in rows.items()}))}


def said(files: Mapping[str, bytes]) -> list[str]:
    """The words of files, for whoever looks for what must not stand in them."""
    return [made.decode("utf-8", "replace") for made in files.values()]
