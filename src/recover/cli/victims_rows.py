"""Victims as JSON has them: every amount as text, in base units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from recover.cli import dates
from recover.cli.codec import Row

if TYPE_CHECKING:
    from recover.case import Case
    from recover.victims.known import Victim
    from recover.victims.missing_payments import Claims


def steps(victim: Victim) -> list[Row]:
    from recover.case.folder import clock
    from recover.victims import urgent

    return [
        {
            "id": step.id,
            "due": dates.show(step.due) or None,
            "due_local": step.local or None,
            "late": step.late,
            **dict(step.says),
            "source": step.source,
            "as_of": step.as_of,
        }
        for step in urgent.steps(victim, clock())
    ]


def rows(case: Case, every: Sequence[Victim]) -> list[Row]:
    from recover.victims import vault

    held = vault.held(case)
    return [_row(case, one, held) for one in every]


def _row(case: Case, victim: Victim, held: frozenset[str]) -> Row:
    claimed: dict[str, int] = {}
    shown: dict[str, int] = {}
    for p in victim.payments:
        for sums, amount in ((claimed, p.claimed), (shown, p.shown)):
            if amount is not None and p.asset:
                sums[p.asset] = sums.get(p.asset, 0) + amount
    open_ = sorted({p.state for p in victim.payments} - {"shown"})
    alike = [f"one person with {other}?" for other in victim.alike]
    return {
        "id": victim.id,
        "taken": dates.show(victim.at),
        "by": victim.by,
        "payments": [payment(case, p) for p in victim.payments],
        "claimed": {asset: str(n) for asset, n in claimed.items()},
        "shown": {asset: str(n) for asset, n in shown.items()},
        "received": {asset: str(n) for asset, n in victim.received.items()},
        "open": [*(open_ if victim.payments else ["no payment known"]), *alike],
        "alike": list(victim.alike),
        "banks": [{"bank": bank, "when": when or None} for bank, when in victim.banks],
        "consent": list(victim.consent),
        "facts": dict(victim.facts),
        "identity": f"erased {victim.erased}" if victim.erased else "sealed" if victim.id in held else "not here",
    }


def whole(case: Case, every: Sequence[Victim]) -> list[Row]:
    from recover.victims import missing_payments

    found = rows(case, every)
    claims = missing_payments.claims(case)
    for row, victim in zip(found, every, strict=True):
        row["payments"] = [payment(case, p, claims) for p in victim.payments]
        row["do_now"] = steps(victim)
    return found


def payment(case: Case, p: Any, claims: Claims | None = None) -> Row:
    """One payment; with `claims`, where it has no transaction, what the exhibits show that it could be."""
    from recover.victims import missing_payments

    names = ("id", "victim", "chain", "tx", "asset", "time", "service", "loss", "rival", "state")
    row: Row = {name: getattr(p, name) for name in names}
    row |= {name: None if (n := getattr(p, name)) is None else str(n) for name in ("claimed", "shown", "counted")}
    if claims is not None and not p.tx:
        found = missing_payments.candidates(case, p, claims)
        gap = missing_payments.gap(p, found)
        row["gap"] = {"code": gap.code, "why": gap.why, "effect": gap.effect}
        row["candidates"] = [
            {
                "chain": c.chain,
                "tx": c.tx,
                "amount": str(c.amount),
                "to": c.to,
                "claimed_by": c.claimed_by,
                "time": dates.show(c.time),
                "seconds_off": None if c.off is None else int(c.off.total_seconds()),
            }
            for c in found
        ]
    return row
