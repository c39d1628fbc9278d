"""Traced value that changed its asset: both sides of each exchange, and what entered a pool and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.evidence import Evidence, Row, Slots, chain_of
from recover.sdk import amounts, kinds
from recover.trails.flows import arriving


def made(evidence: Evidence) -> Iterator[Row]:
    """The findings `swap`, in the order of the ledger, then `swap-stopped`, in order of contract and asset."""
    yield from _exchanged(evidence)
    yield from _stopped(evidence)


def _exchanged(evidence: Evidence) -> Iterator[Row]:
    """One finding for each exchange that traced value came to."""
    swaps = evidence.rows(evidence.asserted, "address", "swap")
    carried: dict[str, list[_Carried]] = {}
    for one in _carried(evidence, [tx for row in swaps for tx in row["transactions"]]):
        carried.setdefault(one[1], []).append(one)
    found: list[tuple[int, Row]] = []
    for row in swaps:
        said, tx = kinds.read(kinds.Swap, row["params"]), row["transactions"][0]
        into, to = said.into, row["other"] or row["address"]
        here = carried.get(tx, ())
        gave = [c for c in here if (c[2], c[4]) == (row["address"], row["asset"])]
        had = [c for c in here if (c[3], c[4]) == (to, into)]
        # A block holds everybody's exchanges: one that no traced value came to is no finding of this case.
        if not gave:
            continue
        slots: Slots = {
            "asset": row["asset"],
            "sold": said.sold,
            **_back(evidence, tx, row["address"], row["asset"]),
            "amount": sum(c[5] for c in gave),
            "into": into,
            "bought": said.bought,
            "carried": sum(c[5] for c in had),
            "to": "" if row["other"] is None else row["other"],
            "transaction": tx,
            "form": row["note"],
            "method": f"{row['method']} {row['version']}",
        }
        exhibits = tuple(sorted({c[6] for c in (*gave, *had)}))
        found.append((gave[0][0], ("swap", row["address"], row["grade"], slots, exhibits)))
    yield from (row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1][1])))


def _back(evidence: Evidence, tx: str, owner: str, asset: str) -> Slots:
    """`gave`, all of the asset that was given at once, and `back`, what of it came back by the same transaction;
    nothing where none did."""
    moved = evidence.material.transfers
    rows = moved.filter(pc.and_(pc.equal(moved["tx"], tx), pc.equal(moved["asset"], asset)))
    rows = rows.filter(pc.and_(pc.is_null(rows["excluded"]), pc.not_equal(rows["kind"], "fee")))
    sides = zip(rows["src"].to_pylist(), rows["dst"].to_pylist(), amounts.exact(rows), strict=True)
    gave = back = 0
    for src, dst, amount in sides:
        gave, back = gave + amount * (src == owner), back + amount * (dst == owner)
    return {"gave": gave, "back": back} if back else {}


def _stopped(evidence: Evidence) -> Iterator[Row]:
    """One finding for each contract of exchanges at which traced value ended, for no exchange was understood.

    What an address gave in an exchange ends with the same reason, at that address and not at a contract.
    """
    # A contract that the chain itself records as having exchanged. What it gave for this value is not shown, so it
    # is said to have stopped there.
    traded = evidence.events.filter(pc.equal(evidence.events["kind"], "swap")).select(["chain", "contract"])
    pools = {(row["chain"], row["contract"]) for row in traded.to_pylist()}
    held: dict[tuple[str, str], int] = {}
    owners: set[tuple[str, str]] = set()
    for end in evidence.material.declared():
        if end["reason"] == "swap":
            place = (end["address"], end["asset"])
            owners.add(place)
            if (chain_of(end["asset"]), end["address"]) in pools:
                held[place] = held.get(place, 0) + end["amount"]
    given, moved = _given(evidence, owners), _ended(evidence)
    for (contract, asset), amount in sorted(held.items()):
        came = [row for row in _entered(moved, contract, asset) if (row["tx"], row["src"], asset) not in given]
        transactions = list(dict.fromkeys(row["tx"] for row in came))
        slots: Slots = {
            "asset": asset,
            "amount": amount,
            "transactions": tuple(transactions[:_LISTED]),
            "count": len(transactions),
        }
        yield "swap-stopped", contract, "", slots, tuple(sorted({row["exhibit"] for row in came}))


_LISTED = 10


def _given(evidence: Evidence, owners: set[tuple[str, str]]) -> set[tuple[str, str, str]]:
    """(transaction, owner, asset) of the exchanges that the trace took as such."""
    rows = evidence.asserted.filter(pc.equal(evidence.asserted["kind"], "swap")).to_pylist()
    taken = (row for row in rows if (row["address"], row["asset"]) in owners)
    return {(tx, row["address"], row["asset"]) for row in taken for tx in row["transactions"]}


def _ended(evidence: Evidence) -> pa.Table:
    """The transfers with which traced value ended, in the order of the ledger."""
    ended = evidence.flows.filter(pc.equal(evidence.flows["event"], "end"))["seq"].unique().sort()
    return evidence.material.transfers.take(ended)


def _entered(moved: pa.Table, contract: str, asset: str) -> list[dict[str, Any]]:
    """Those of `moved` by which value came to `contract`."""
    here = pc.and_(pc.equal(moved["dst"], contract), pc.equal(moved["asset"], asset))
    return list(moved.filter(here).select(["tx", "src", "exhibit"]).to_pylist())


_Carried = tuple[int, str, str | None, str | None, str, int, int]


def _carried(evidence: Evidence, transactions: list[str]) -> list[_Carried]:
    """(row, transaction, source, destination, asset, traced amount, exhibit) of what `transactions` moved.

    A fee is no part of an exchange, though the sender pays it in an asset that may be the one exchanged.
    """
    moved = evidence.material.transfers
    ids = pa.array(sorted(set(transactions)), pa.string())
    seqs = moved.filter(pc.is_in(moved["tx"], value_set=ids))["seq"]
    mine = evidence.flows.filter(pc.is_in(evidence.flows["seq"], value_set=seqs.combine_chunks()))
    took = arriving(mine)
    sums: dict[int, int] = {}
    for seq, amount in zip(took["seq"].to_pylist(), amounts.exact(took), strict=True):
        sums[seq] = sums.get(seq, 0) + amount
    part = moved.take(pa.array(sorted(sums), pa.int64())).to_pylist()
    return [
        (r["seq"], r["tx"], r["src"], r["dst"], r["asset"], sums[r["seq"]], r["exhibit"])
        for r in part
        if r["excluded"] is None and r["kind"] != "fee"
    ]
