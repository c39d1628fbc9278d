"""Distributions: what a court or a committee ordered to be paid to whom, interim or final, kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recover.case import Case
from recover.sdk.errors import Error

KIND = "distribution"
STAGES = ("interim", "final")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One distribution that was recorded. `paid` is what each claimant gets, in base units of `asset`."""

    id: str
    asset: str
    stage: str
    mode: str
    pool: int
    reserve: int
    costs: int
    paid: Mapping[str, int]
    authority: str
    by: str
    at: datetime


def every(case: Case) -> list[Distribution]:
    """All that were recorded, in order."""
    found = []
    for entry in case.entries:
        if entry.kind == KIND:
            body = entry.body
            sums = {name: int(body[name]) for name in ("pool", "reserve", "costs")}
            texts = {name: str(body[name]) for name in ("id", "asset", "stage", "mode", "authority", "by")}
            paid = {name: int(amount) for name, amount in body["paid"].items()}
            found.append(Distribution(**texts, **sums, paid=paid, at=entry.time))  # type: ignore[arg-type]
    return found


def paid(case: Case, asset: str) -> dict[str, int]:
    """What earlier distributions of this asset gave each claimant."""
    found: dict[str, int] = {}
    for one in every(case):
        if one.asset == asset:
            for name, amount in one.paid.items():
                found[name] = found.get(name, 0) + amount
    return found


def record(
    case: Case,
    *,
    asset: str,
    stage: str,
    mode: str,
    sums: tuple[int, int, int],
    shares: Sequence[tuple[str, int]],
    disputed: Sequence[str],
    authority: str,
    by: str,
) -> Distribution:
    """Journal a distribution as it was ordered. `sums` are pool, reserve and costs.

    Raises Error without an order and a name, while claims to one payment are not settled, and after a final one.
    """
    if stage not in STAGES or not authority.strip() or not by.strip():
        raise Error(
            "distribution-without-order",
            "A distribution is recorded as it was ordered.",
            f"It needs interim or final, the order or decision it rests on, and who records it; here {stage!r}.",
            "Say --record interim|final, --authority ORDER and --by NAME.",
        )
    if disputed:
        raise Error(
            "distribution-disputed",
            "Two claim the same payment, and nobody has settled it.",
            f"Disputed: {', '.join(disputed[:12])}.",
            "A person settles it: enter what each is allowed as a claim (`recover claims add --loss L`).",
        )
    before = [one for one in every(case) if one.asset == asset]
    if any(one.stage == "final" for one in before):
        raise Error(
            "distribution-final",
            "A final distribution of this asset was recorded already.",
            f"It is {before[-1].id}.",
            "What comes in later is a matter for the court that made the final order.",
        )
    name = f"D{len(every(case)) + 1}"
    pool, reserve, costs = map(str, sums)
    body = {"id": name, "asset": asset, "stage": stage, "mode": mode, "pool": pool, "reserve": reserve}
    body |= {"costs": costs, "authority": authority.strip(), "by": by.strip()}
    case.note(KIND, {**body, "paid": {who: str(amount) for who, amount in sorted(shares) if amount}})
    return every(case)[-1]
