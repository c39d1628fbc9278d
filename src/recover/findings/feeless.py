"""Feeless: addresses of a chain's own coin that paid by transactions of which no exhibit shows the fee.

Who sends a transaction on an account chain pays for it in that coin. A list of transfers leaves that out, so by it
alone nobody holds what is shown, and nothing of it can be called at rest.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.material import Material, at
from recover.findings.payments import Holding
from recover.ledger.fees import UNSHOWN
from recover.plugins.registry import Plugins
from recover.sdk.records import Gap


def unpriced(case: Case, plugins: Plugins, material: Material) -> dict[Holding, int]:
    """By holding that traced value came to, by how many transactions it paid whose fees no exhibit shows.

    An exhibit that shows any fee shows all, and so does one that shows a transaction whole. Where the trace stops
    nothing hangs on it.
    """
    chains = (chain.info for chain in plugins.chains.values() if chain.info.model == "account")
    coins = {info.id: info.native.id for info in chains}
    held = [one for one in material.credits if coins.get(at(*one)[0]) == one[1]]
    held = [one for one in held if at(*one) not in material.halts]
    if not held:
        return {}
    moved = material.transfers
    fees = moved.filter(pc.equal(moved["kind"], "fee"))
    names = pa.array(sorted({address for address, _ in held}), pa.string())
    counts = pc.or_(pc.is_null(moved["excluded"]), pc.fill_null(pc.equal(moved["excluded"], "failed"), False))
    mine = moved.filter(pc.and_(counts, pc.is_in(moved["src"], value_set=names)))
    mine = mine.filter(pc.not_equal(mine["kind"], "fee"))
    senders = _senders(case, mine["tx"], {*pc.unique(fees["exhibit"]).to_pylist()})
    priced, payers = (
        {*zip(*(fees[name].to_pylist() for name in ("chain", one)), strict=True)} for one in ("tx", "src")
    )
    found: dict[tuple[str, str], set[str]] = {}
    for row in mine.select(["chain", "tx", "src", "asset"]).to_pylist():
        place, tx = (row["chain"], row["src"]), (row["chain"], row["tx"])
        # Of whom an exhibit shows fees it shows those of all that they sent: a token can be moved by another.
        other = place in payers and row["asset"] != coins[row["chain"]]
        if tx not in priced and senders.get(tx, row["src"]) == row["src"] and not other:
            found.setdefault(place, set()).add(row["tx"])
    return {one: len(found[at(*one)]) for one in sorted(held) if at(*one) in found}


def _senders(case: Case, txs: pa.ChunkedArray, listing: Collection[int]) -> dict[tuple[str, str], str]:
    """Who sent these transactions, where exhibits tell; empty where one shows the fee, if any was paid."""
    rows = derived.read(case, "transactions", ["chain", "id", "whole", "exhibits", "facts"])
    rows = rows.filter(pc.is_in(rows["id"], value_set=pc.unique(txs)))
    found: dict[tuple[str, str], str] = {}
    for row in rows.to_pylist():
        sender = json.loads(row["facts"] or "{}").get("from")
        if row["whole"] or {*listing} & {*(row["exhibits"] or ())}:
            found[row["chain"], row["id"]] = ""
        elif sender:
            found[row["chain"], row["id"]] = sender
    return found


def gaps(material: Material, held: Mapping[Holding, int]) -> Iterator[Gap]:
    """One for each such address."""
    for (address, asset), count in held.items():
        symbol = material.assets[asset][0] or asset
        several = "transactions" if count > 1 else "transaction"
        yield Gap(
            code=UNSHOWN,
            subject=f"{at(address, asset)[0]}:{address}",
            why=f"This address paid by {count} {several} of which no exhibit shows the fee, and who sends a "
            f"transaction pays for it in {symbol}.",
            effect="So it can have held less than what is shown: nothing there is called at rest, and figures at "
            "its outflows can change by what the fees were. An export of its transactions, which lists fees, "
            "settles it.",
        )
