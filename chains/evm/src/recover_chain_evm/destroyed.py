"""What a contract's self-destruction does to its coin.

Until Cancun the account was deleted at the end of its transaction: what it sent to itself, and what still arrived,
was gone from the supply. Since then (EIP-6780) that holds only for a contract made in the same transaction; any
other keeps what it sends to itself. The yellow paper calls the operation SELFDESTRUCT, exports call it suicide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recover.sdk import Gap
from recover_chain_evm.networks import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of a transaction that stands, by its place in depth-first order (None where that is not shown)."""

    row: int
    number: int | None
    kind: str
    src: str | None
    dst: str | None
    value: int | None


@dataclass(slots=True, kw_only=True)
class Fate:
    """Rows that move nothing, rows whose value ended, and what arrived too late: (row, contract, value)."""

    still: set[int] = field(default_factory=set)
    burned: set[int] = field(default_factory=set)
    late: list[tuple[int, str, int]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)


def fate(network: Network, steps: Sequence[Step], height: int | None) -> Fate:
    """What becomes of the coin of contracts that destroyed themselves in one transaction."""
    found = Fate()
    made = {step.dst for step in steps if step.kind.startswith("create")}
    for step in (step for step in steps if step.kind in ("selfdestruct", "suicide")):
        if step.src is None or step.dst is None or step.value is None:
            found.unknown.append(step.row)
            continue
        deleted = _deleted(network, height, step.src in made)
        if step.src == step.dst:
            {True: found.burned, False: found.still, None: found.still}[deleted].add(step.row)
            if deleted is None:
                found.unknown.append(step.row)
        if deleted and step.number is not None:
            found.late += [
                (each.row, step.src, each.value)
                for each in steps
                if each.dst == step.src and each.value and (each.number or 0) > step.number
            ]
    return found


def _deleted(network: Network, height: int | None, made: bool) -> bool | None:
    """Whether the account was deleted; None where neither the height nor the fork's is known."""
    if made:
        return True
    if height is None or network.cancun is None:
        return None
    return height < network.cancun


def gap(txs: Sequence[tuple[str, int]]) -> list[Gap]:
    """One gap for all self-destructions of which it is not known what they did; none for none."""
    if not txs:
        return []
    tx, place = txs[0]
    return [
        Gap(
            code="self-destruct-unknown",
            subject=tx,
            why=f"Contracts destroyed themselves, and it is not shown whom they paid, or whether it was before the"
            f" fork that keeps what they pay themselves ({len(txs)} here; this is the first).",
            effect="Their coin is shown as staying with them, and may have ended.",
            place=place,
        )
    ]
