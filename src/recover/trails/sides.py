"""What is asserted of a crossing, both its sides; and which candidates a person accepted."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case
from recover.declared import deeds
from recover.sdk import kinds
from recover.sdk.kinds import Cross
from recover.sdk.view import Finding

CANDIDATE = "crossing-candidate"
"""The kind of finding of a crossing that rests on amount, rate and time alone."""


def named(key: str) -> str:
    """A key as it is told of: empty where no bytes of one are recorded."""
    return "" if key == "0x" else key


def bridge(protocol: str, key: str) -> str:
    """A bridge with the key of one passage, where there is one."""
    return f"{protocol} under the key {key}" if named(key) else protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One assertion of a crossing, with what it carries."""

    chain: str
    tx: str
    owner: str
    asset: str
    other: str | None
    grade: str
    method: str
    note: str
    cross: Cross

    @property
    def deposit(self) -> tuple[str, str, str, str, str, str, int]:
        """What left: of one key, in one transaction."""
        cross = self.cross
        leg = -1 if cross.source_leg is None else cross.source_leg
        return (cross.protocol, cross.key, self.chain, self.tx, self.owner, self.asset, leg)

    @property
    def accepted_as(self) -> Finding:
        """What a person accepts or rejects of a candidate. No figure stands in it: it is the same before a trace
        follows it and after."""
        cross = self.cross
        slots: dict[str, str | int | tuple[str, ...] | None] = {
            "protocol": cross.protocol,
            "key": cross.key,
            "asset": self.asset,
            "sold": cross.sent,
            "transaction": self.tx,
            "to_chain": cross.to_chain,
            "to_transaction": cross.to_tx,
            "into": cross.into,
            "bought": cross.received,
            "to": self.other or "",
            "method": self.method,
        }
        return Finding(id="", kind=CANDIDATE, subject=self.owner, grade="D", slots=slots, exhibits=())


def accepted(case: Case) -> frozenset[str]:
    """The digests of the candidates that persons accepted, as they stand."""
    return deeds.accepted(case, CANDIDATE)


def read(asserted: pa.Table) -> list[Said]:
    """What is asserted of crossings, each once, in order; one that several assert stands with its surest level."""
    rows = asserted.filter(pc.equal(asserted.column("kind"), "cross")).to_pylist()
    found: dict[tuple[object, ...], Said] = {}
    for row in rows:
        cross = kinds.read(Cross, row["params"])
        if not row["address"]:  # it arrived, and no exhibit shows from where: there is nothing to follow on
            continue
        said = Said(
            chain=row["chain"],
            tx=row["transactions"][0],
            owner=row["address"],
            asset=row["asset"] or "",
            other=row["other"],
            grade=row["grade"],
            method=f"{row['method']} {row['version']}",
            note=row["note"],
            cross=cross,
        )
        key = (*said.deposit, cross.to_chain, cross.to_tx, cross.target_leg, cross.refund)
        if key not in found or found[key].cross.level > cross.level:
            found[key] = said
    return [found[key] for key in sorted(found, key=str)]
