"""Words that other exhibits overtake: a statement of which a later version came in, and a payment that they show
otherwise.

A label can keep in `params` which statement it is (`statement`, with the moment of its `version`), and by which
transaction it says that its address was paid (`tx`). Both are held here against everything that the case has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk.outside import visible

_MARKS = ('"statement"', '"tx"')
_MOST = 3
"""So many receivers of a transaction are named where an answer names another."""


def marked(case: Case, rows: pa.Table) -> pa.Table:
    """The same rows; of those that are overtaken, `params` says by what."""
    told = pc.fill_null(rows.column("params"), "")
    has = pc.or_(*(pc.match_substring(told, mark) for mark in _MARKS))
    if not pc.any(has).as_py():
        return rows
    found = rows.filter(has).to_pylist()
    params = [_read(row["params"]) for row in found]
    last = _latest(found, params)
    paid = _paid(case, {_tx(one) for one in params} - {""})
    changed = []
    for row, said in zip(found, params, strict=True):
        more = _overtaken(row, said, last) | _contradicted(row, said, paid)
        changed.append({**row, "params": json.dumps({**said, **more})} if more else row)
    return pa.concat_tables([rows.filter(pc.invert(has)), pa.Table.from_pylist(changed, schema=rows.schema)])


def _read(params: str) -> dict[str, Any]:
    try:
        found = json.loads(params)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _key(row: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[str, str]:
    return row["method"], str(said.get("statement") or "")


def _latest(
    rows: list[dict[str, Any]], params: list[dict[str, Any]]
) -> dict[tuple[str, str], tuple[str, bool, int]]:
    """By statement its latest version, whether that is taken back, and the exhibit; of equal ones what is."""
    found: dict[tuple[str, str], tuple[str, bool, int]] = {}
    for row, said in zip(rows, params, strict=True):
        if key := str(said.get("statement") or ""):
            one = (str(said.get("version") or ""), bool(said.get("withdrawn")), row["exhibit"])
            found[row["method"], key] = max(one, found.get((row["method"], key), one))
    return found


def _overtaken(
    row: Mapping[str, Any],
    said: Mapping[str, Any],
    last: Mapping[tuple[str, str], tuple[str, bool, int]],
) -> dict[str, str]:
    latest = last.get(_key(row, said))
    if latest is None or said.get("withdrawn"):
        return {}
    version, gone, exhibit = latest
    mine = str(said.get("version") or "")
    if gone and version >= mine:
        return {"against": f"its maker took it back, as exhibit {exhibit} says"}
    return {"against": f"a later version of it stands in exhibit {exhibit}"} if version > mine else {}


def _tx(said: Mapping[str, Any]) -> str:
    return str(said.get("tx") or "").casefold()


def _paid(case: Case, wanted: set[str]) -> dict[tuple[str, str], dict[str, None]]:
    """By (chain, transaction) the addresses that it pays, of the transactions that are named."""
    if not wanted:
        return {}
    moved = derived.read(case, "transfers", ["chain", "tx", "dst"])
    names = pc.utf8_lower(moved.column("tx"))
    here = moved.filter(pc.is_in(names, value_set=pa.array(sorted(wanted), pa.string())))
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in here.to_pylist():
        mine = found.setdefault((row["chain"], row["tx"].casefold()), {})
        if row["dst"]:
            mine[row["dst"]] = None
    return found


def _contradicted(
    row: Mapping[str, Any], said: Mapping[str, Any], paid: Mapping[tuple[str, str], dict[str, None]]
) -> dict[str, str]:
    shown = paid.get((row["chain"], _tx(said)))
    if not shown or row["address"] in shown:
        return {}
    first = ", ".join(visible(one, 120) for one in [*shown][:_MOST])
    more = f" and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    return {
        "against": f"the exhibits show the transaction that it names paying {first}{more}",
        "opposed": _tx(said),
    }
