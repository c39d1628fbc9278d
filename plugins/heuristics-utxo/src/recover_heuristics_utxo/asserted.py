"""Assertions in bulk: columns instead of an object each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Batch, HeuristicInfo, Scope, table
from recover_heuristics_utxo.coins import Coins
from recover_heuristics_utxo.segments import Codes, Mask


def canonical(params: Mapping[str, object]) -> str:
    """Parameters as assertions store them."""
    return json.dumps(params, sort_keys=True, separators=(",", ":"))


def parameters(info: HeuristicInfo, scope: Scope) -> dict[str, int]:
    """The parameters in force, by name."""
    return {name: scope.parameters.get(name, default) for name, (default, _) in info.parameters.items()}


def wanted(coins: Coins, scope: Scope) -> Mask:
    """Which addresses the scope asks about."""
    if not scope.addresses:
        return np.ones(len(coins.names), np.bool_)
    held = pa.array(sorted(scope.addresses), pa.string())
    found: Mask = pc.is_in(coins.names, value_set=held).to_numpy(zero_copy_only=False)
    return found


def batch(
    info: HeuristicInfo,
    coins: Coins,
    kind: str,
    *,
    address: Codes | None,
    other: Codes | None,
    transactions: Codes,
    ends: Codes,
    grade: Any,
    params: Any,
    note: Any,
    label: Any = "",
    role: Any = "other",
    height: int | None = None,
) -> Batch:
    """Row r is about `names[address[r]]` ("" for None) and rests on the transactions between two `ends`.

    `grade`, `params`, `note`, `label` and `role` are one text for all rows, or a sequence of texts.
    """
    size = len(ends) - 1
    fixed = {"kind": kind, "chain": coins.chain, "method": info.id, "version": info.version, "source": "recover"}
    texts: dict[str, Any] = {**fixed, "service": "", "category": "", "origin": "", "asserted": ""}
    texts |= {"grade": grade, "params": params, "note": note, "label": label, "role": role}
    data = {name: _column(text, size) for name, text in texts.items()}
    data["address"] = _column("", size) if address is None else coins.names.take(pa.array(address))
    data["other"] = pa.nulls(size, pa.string()) if other is None else coins.names.take(pa.array(other))
    ids = coins.ids.take(pa.array(transactions))
    data["transactions"] = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), ids)
    data["height"] = pa.array(np.full(size, height)) if height is not None else pa.nulls(size, pa.int64())
    data["place"] = pa.array(np.zeros(size, np.int64))
    return Batch(assertions=table("assertions", data))


def _column(text: Any, size: int) -> Any:
    if isinstance(text, str):
        return pa.repeat(pa.scalar(text, pa.string()), size)
    return text if isinstance(text, pa.Array) else pa.array(text, pa.string())


def picked(texts: Sequence[str], codes: Codes) -> Any:
    """One of a few texts for each row."""
    return pa.array(texts, pa.string()).take(pa.array(codes))
