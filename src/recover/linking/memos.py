"""Memos: the wallets of services at which deposits are told apart by memo, and what a habit must not say there.

On some chains a service has one deposit address for all its customers, and a tag or memo says whose a deposit is.
Who pays there pays a customer's account, and need not be a customer: a wallet that does nothing else is still no
deposit address. So heuristics of sweeps count for nothing there, and a deposit is a place of its own by its memo.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.linking.labels import POSSIBLE
from recover.linking.stops import Place
from recover.plugins.registry import Plugins
from recover.registers.services import Register

TABLE = pa.schema([("chain", pa.string()), ("address", pa.string())])


def told(resolved: pa.Table, plugins: Plugins, register: Register) -> frozenset[Place]:
    """The labelled wallets of services at which a memo tells customers apart.

    That is the service's own property where the register says it, else what is usual on the chain.
    """
    usual = {name for name, chain in plugins.chains.items() if chain.info.memos}
    found = set()
    for row in resolved.filter(pc.not_equal(resolved.column("role"), POSSIBLE)).to_pylist():
        entry = register.match(row["service"]) if row["service"] else None
        said = entry.by_memo(row["chain"]) if entry is not None else None
        if row["service"] and (row["chain"] in usual if said is None else said):
            found.add((row["chain"], row["address"]))
    return frozenset(found)


def table(places: frozenset[Place]) -> pa.Table:
    """The places as they are stored, in order."""
    return pa.Table.from_pylist([{"chain": c, "address": a} for c, a in sorted(places)], schema=TABLE)


def without_habits(asserted: pa.Table, places: frozenset[Place]) -> pa.Table:
    """The assertions without deposit addresses that sweep to these wallets alone, and without hubs at them."""
    if not places:
        return asserted
    names = ("kind", "chain", "address", "params")
    rows = zip(*(asserted.column(name).to_pylist() for name in names), strict=True)
    keep = [not _habit(kind, chain, address, params, places) for kind, chain, address, params in rows]
    return asserted.filter(pa.array(keep, pa.bool_()))


def _habit(kind: str, chain: str, address: str, params: str, places: frozenset[Place]) -> bool:
    if kind == "hub":
        return (chain, address) in places
    if kind != "deposit-address":
        return False
    said: dict[str, Any] = json.loads(params)
    wallets = said["hot_wallets"]
    return bool(wallets) and all((chain, wallet) in places for wallet in wallets)
