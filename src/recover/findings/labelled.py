"""What labels mean for action: alerts, services without a letter, and stops at bridges, mixers and nobody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.findings.evidence import Evidence, Row, Slots
from recover.registers import categories
from recover.trails.passages import UNPAID

_LISTED = 10
_STOPS = ("mixer", "bridge")


def made(case: Case, evidence: Evidence) -> Iterator[Row]:
    """Findings `alert`, `no-letter` and `stopped`, in this order."""
    yield from _alerts(evidence)
    yield from _letterless(case, evidence)
    yield from _stopped(case, evidence)
    yield from _unreceived(evidence)


def _alerts(evidence: Evidence) -> Iterator[Row]:
    """One for each address that the case concerns, kind and source: shown whatever the trace says."""
    passed = _passed(evidence)
    for row in evidence.material.told:
        if (row["chain"], row["address"]) not in evidence.touched:
            continue
        for kind in categories.alerts(row):
            sums = passed.get((row["chain"], row["address"]), {})
            slots: Slots = {
                "alert": kind,
                "label": row["label"] or row["category"] or row["role"],
                "source": row["source"] or row["method"],
                "amounts": tuple(f"{asset} {amount}" for asset, amount in sorted(sums.items())),
            }
            slots |= {"ended": row["ended"]} if row["ended"] else {}
            yield "alert", row["address"], row["grade"], slots, (row["exhibit"],) if row["exhibit"] else ()


def _passed(evidence: Evidence) -> dict[tuple[str, str], dict[str, int]]:
    """Traced value that came to each address under the declared rule, by asset."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (address, asset), came in evidence.material.credits.items():
        if amount := sum(came.by_loss.values()):
            found.setdefault((asset.split("/", 1)[0], address), {})[asset] = amount
    return found


def overrides(case: Case) -> dict[str, Mapping[str, Any]]:
    """By service, the last decision of a named person that it gets a letter all the same."""
    return {e.body["letter"]: e.body for e in case.entries if e.kind == "decision" and "letter" in e.body}


def _letterless(case: Case, evidence: Evidence) -> Iterator[Row]:
    """One for each service whose own wallets a strong label calls a market, a mixer or a scam, and for each
    that the register says is under sanctions."""
    allowed = overrides(case)
    found: dict[str, Mapping[str, Any]] = {}
    for row in (row for row in evidence.material.told if row["counts"]):
        target = evidence.material.targets.get((row["chain"], row["address"]))
        known = evidence.material.labels.get((row["chain"], row["address"]))
        # What names the service and what calls it a mixer are of one source, or of two that disagree.
        apart = known is not None and not categories.words(known) & categories.NO_LETTER
        word = categories.unwritable(row, known["grade"] if known is not None and apart else "")
        if target is not None and target[0] and word:
            found.setdefault(target[0], {**row, "word": word})
    for name in sorted({service for service, _ in evidence.material.targets.values() if service}):
        entry = evidence.addressee(name)
        measure = entry.stopped if entry else None
        if measure is not None:
            said = {"word": measure.what, "source": measure.source, "address": "", "grade": "", "exhibit": 0}
            found.setdefault(name, said)
    for service, row in sorted(found.items()):
        decision = allowed.get(service, {})
        slots: Slots = {
            "category": row["word"],
            "source": row["source"] or row["method"],
            "address": row["address"],
            "by": decision.get("by"),
            "reason": decision.get("reason"),
        }
        yield "no-letter", service, row["grade"], slots, (row["exhibit"],) if row["exhibit"] else ()


def _stopped(case: Case, evidence: Evidence) -> Iterator[Row]:
    """Traced value that stopped at a bridge or a mixer: its name, how much, by which transactions."""
    held: dict[tuple[str, str, str], int] = {}
    for end in evidence.material.declared():
        if end["reason"] in _STOPS:
            key = (end["reason"], end["asset"], end["address"])
            held[key] = held.get(key, 0) + end["amount"]
    # What went in under a key is told as a crossing, with that key.
    crossed: set[str] = set()
    for row in derived.read(case, "crossings").to_pylist():
        crossed.add(row["tx"])
        key = ("bridge", row["asset"], row["through"])
        if key in held and row["state"] not in UNPAID:
            held[key] -= int(row["traced"])
    names = {(row["chain"], row["address"]): row for row in evidence.material.told if row["counts"]}
    for (reason, asset, address), amount in sorted(held.items(), key=lambda x: (-x[1], x[0])):
        said = names.get((asset.split("/", 1)[0], address))
        if said is None or not amount:
            continue  # a mix that its shape shows has a finding of its own
        came = evidence.material.credits[address, asset]
        moved = evidence.material.transfers.take(came.seqs).select(["tx", "exhibit"])
        moved = moved.filter(
            pc.invert(pc.is_in(moved.column("tx"), value_set=pa.array(sorted(crossed), pa.string())))
        )
        txs = list(dict.fromkeys(moved.column("tx").to_pylist()))
        slots: Slots = {
            "asset": asset,
            "amount": amount,
            "reason": reason,
            "name": said["service"] or said["label"] or said["category"],
            "count": len(txs),
            "transactions": tuple(txs[:_LISTED]),
        }
        exhibits = set(pc.unique(moved.column("exhibit")).to_pylist()) | ({said["exhibit"]} - {0})
        yield "stopped", address, said["grade"], slots, tuple(sorted(exhibits))


def _unreceived(evidence: Evidence) -> Iterator[Row]:
    """Traced value that left an address and came to nobody: to receivers not shown, or what was destroyed."""
    held: dict[tuple[str, str, str], int] = {}
    for end in evidence.material.declared():
        if end["reason"] in ("open", "burn"):
            key = (end["reason"], end["asset"], end["address"])
            held[key] = held.get(key, 0) + end["amount"]
    ended = evidence.flows.filter(pc.equal(evidence.flows["event"], "end"))["seq"].unique().sort()
    moved = evidence.material.transfers.take(ended).select(["asset", "src", "dst", "kind", "tx", "exhibit"])
    lost = moved.filter(pc.and_(pc.is_null(moved["dst"]), pc.not_equal(moved["kind"], "fee"))).to_pylist()
    for (reason, asset, address), amount in sorted(held.items(), key=lambda x: (-x[1], x[0])):
        mine = [row for row in lost if row["asset"] == asset and row["src"] in (None, address)]
        mine = [row for row in mine if (row["kind"] == "burn") is (reason == "burn")]
        txs = list(dict.fromkeys(row["tx"] for row in mine))
        if amount and txs:
            slots: Slots = {"asset": asset, "amount": amount, "reason": reason, "name": "", "count": len(txs)}
            slots["transactions"] = tuple(txs[:_LISTED])
            yield "stopped", address, "", slots, tuple(sorted({row["exhibit"] for row in mine}))
