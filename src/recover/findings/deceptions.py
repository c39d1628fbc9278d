"""How a victim was deceived, as far as the exhibits show: drained under an approval, or baited by look-alikes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.evidence import Evidence, Row, Slots
from recover.ledger import lookalikes
from recover.sdk import amounts, kinds

_SHOWN = 10


def made(evidence: Evidence) -> Iterator[Row]:
    """The findings `drain`, `poisoning` and `paid-lookalike`, in that order."""
    yield from _drains(evidence)
    baits = _baits(evidence)
    yield from _poisonings(baits)
    yield from _payments(evidence, baits)


def _drains(evidence: Evidence) -> Iterator[Row]:
    """An approval and what was taken under it, as the heuristic asserts it."""
    rows = evidence.rows(evidence.asserted, "address", "drain")
    for row in sorted(rows, key=lambda r: (r["address"], r["asset"] or "", r["other"] or "", r["method"])):
        said = kinds.read(kinds.Drain, row["params"])
        slots: Slots = {
            "asset": row["asset"],
            "spender": row["other"],
            "amount": said.amount,
            "approvals": said.approvals,
            "transactions": tuple(t["transaction"] for t in said.spendings),
            "takers": tuple(sorted({name for t in said.spendings for name in t["takers"]})),
            "senders": said.senders,
            "method": f"{row['method']} {row['version']}",
        }
        yield "drain", row["address"], row["grade"], slots, _exhibits(evidence, row["chain"], row["transactions"])


def _exhibits(evidence: Evidence, chain: str, transactions: list[str]) -> tuple[int, ...]:
    moved = evidence.material.transfers
    listed = pc.is_in(moved["tx"], value_set=pa.array(transactions, pa.string()))
    here = moved.filter(pc.and_(listed, pc.equal(moved["chain"], chain)))
    return tuple(sorted(here["exhibit"].unique().to_pylist()))


_Baits = dict[tuple[str, str, str], list[dict[str, Any]]]


def _baits(evidence: Evidence) -> _Baits:
    """(victim, imitated, chain) -> the transfers of the poisoning, in order, each with what the ledger says of it.

    Only of victims that the case concerns; `left-out` counts what was left out of the whole ledger.
    """
    moved = evidence.material.transfers
    found = lookalikes.baits(moved, evidence.looks)
    part = moved.take(found["row"])
    exact = amounts.exact(part)
    whole: _Baits = {}
    for bait, row, amount in zip(found.to_pylist(), part.to_pylist(), exact, strict=True):
        # Look-alikes are sent to every active address: what strangers were sent is no finding of this case.
        if (bait["chain"], bait["victim"]) not in evidence.touched:
            continue
        one = {**bait, **{n: row[n] for n in ("tx", "asset", "exhibit")}, "exact": amount}
        whole.setdefault((bait["victim"], bait["imitated"], bait["chain"]), []).append(one)
    return dict(sorted(whole.items()))


def _poisonings(baits: _Baits) -> Iterator[Row]:
    """What was sent to lead somebody astray carries no lot: it is listed, and left out of every figure."""
    for (victim, imitated, _), listed in baits.items():
        bait = [b for b in listed if b["bait"] != "paid"]
        imitators = sorted({b["imitator"] for b in bait})
        slots: Slots = {
            "imitated": imitated,
            "imitators": tuple(imitators[:_SHOWN]),
            "count": len(imitators),
            "dust": sum(b["bait"] == "dust" for b in bait),
            "forged": sum(b["bait"] == "forged" for b in bait),
            "transactions": tuple(dict.fromkeys(b["tx"] for b in bait))[:_SHOWN],
        }
        yield "poisoning", victim, "", slots, tuple(sorted({b["exhibit"] for b in bait}))


def _payments(evidence: Evidence, baits: _Baits) -> Iterator[Row]:
    """A payment to a look-alike is real value and is traced, unlike the bait that led to it."""
    paid: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for listed in baits.values():
        for b in (b for b in listed if b["bait"] == "paid"):
            paid.setdefault((b["victim"], b["imitator"], b["imitated"], b["asset"]), []).append(b)
    for (victim, imitator, imitated, asset), group in sorted(paid.items()):
        slots: Slots = {
            "asset": asset,
            "imitator": imitator,
            "imitated": imitated,
            "amount": sum(b["exact"] for b in group),
            "transactions": tuple(dict.fromkeys(b["tx"] for b in group)),
        }
        yield "paid-lookalike", victim, "", slots, tuple(sorted({b["exhibit"] for b in group}))
