"""Where value is held: an address of an account chain, or the transaction of a coin chain that mixes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Pool: TypeAlias = tuple[str, str]
"""(address, or transaction of a coin chain; asset)."""

_BROUGHT = ("input", "reward")
"""Kinds of movement that go into the pool of a coin transaction; all others come out of it."""


def coins(table: pa.Table) -> frozenset[str]:
    """The chains of the ledger whose transactions spend outputs."""
    spending = pc.is_in(table.column("kind"), value_set=pa.array(["input", "output"]))
    return frozenset(table.filter(spending).column("chain").unique().to_pylist())


def payer(move: Mapping[str, Any], spending: Collection[str]) -> Pool | None:
    """The pool that a movement comes out of, None where value appears."""
    if move["chain"] in spending:
        return None if move["kind"] in _BROUGHT else (move["tx"], move["asset"])
    return (move["src"], move["asset"]) if move["src"] else None


def receiver(move: Mapping[str, Any], spending: Collection[str]) -> Pool | None:
    """The pool that a movement goes into, None where value ends, or waits in an output."""
    if move["chain"] in spending:
        return (move["tx"], move["asset"]) if move["kind"] in _BROUGHT else None
    return (move["dst"], move["asset"]) if move["dst"] else None
