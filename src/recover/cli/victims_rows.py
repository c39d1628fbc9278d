"""Victims as JSON has them: every amount as text, in base units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from recover.cli import dates
from recover.cli.codec import Row

if TYPE_CHECKING:
    from recover.case import Case
    from recover.victims.known import Settlement, Victim, Way
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


def way(one: Way) -> Row:
    """A bank or platform on the way before the coin is recorded, without what is sealed of it."""
    return {
        "id": one.id,
        "bank": one.bank,
        "kind": one.kind,
        "when": dates.show(datetime.fromisoformat(one.time)) if one.time else None,
        "payment": one.payment or None,
    }


def person(case: Case, name: str, counted: bool = False) -> Victim:
    """The person of a pseudonym; with `counted`, also of one that counts as another. Raises Error for none."""
    from recover.sdk.errors import Error
    from recover.victims import settled

    every = settled.every(case)
    name = settled.standing(case).get(name, name) if counted else name
    if name not in every:
        raise Error(
            "no-victim",
            f"The case has no victim {name!r}.",
            f"It has {len(every)}.",
            "`recover victim list CASE` shows the pseudonyms.",
        )
    return every[name]


def rows(case: Case, every: Sequence[Victim]) -> list[Row]:
    from recover.victims import known, settled, vault

    held, heads, whole_ = vault.held(case), settled.standing(case), settled.every(case)
    said = known.settlements(case).values()
    return [_row(case, whole_.get(one.id, one), heads[one.id], said, held) for one in every]


def _row(case: Case, victim: Victim, person: str, settled: Iterable[Settlement], held: frozenset[str]) -> Row:
    """A victim, with all that is counted of the person; what counts as another's is counted there alone."""
    claimed: dict[str, int] = {}
    shown: dict[str, int] = {}
    counted = victim.payments if person == victim.id else ()
    for p in counted:
        for sums, amount in ((claimed, p.claimed), (shown, p.shown)):
            if amount is not None and p.asset:
                sums[p.asset] = sums.get(p.asset, 0) + amount
    open_ = sorted({p.state for p in counted} - {"shown"})
    alike = [f"one person with {other}?" for other in victim.alike]
    mine = [one for one in settled if victim.id in (one.one, one.other)]
    if person != victim.id:
        open_, alike = [f"counted as {person}"], []
    return {
        "id": victim.id,
        "taken": dates.show(victim.at),
        "by": victim.by,
        "payments": [payment(case, p) for p in victim.payments],
        "claimed": {asset: str(n) for asset, n in claimed.items()},
        "shown": {asset: str(n) for asset, n in shown.items()},
        "received": {asset: str(n) for asset, n in victim.received.items()} if person == victim.id else {},
        "on_chain": {asset: str(n) for asset, n in victim.on_chain.items()} if person == victim.id else {},
        "open": [*(open_ if victim.payments or person != victim.id else ["no payment known"]), *alike],
        "alike": list(victim.alike),
        "person": person,
        "also": list(victim.also),
        "settled": [
            {
                "other": one.other if one.one == victim.id else one.one,
                "as": "same" if one.same else "different",
                "by": one.by,
                "reason": one.reason,
                "at": dates.show(one.at),
            }
            for one in mine
        ],
        "banks": [{"bank": bank, "when": when or None} for bank, when in victim.banks],
        "ways": [way(one) for one in victim.ways],
        "consent": list(victim.consent),
        "facts": dict(victim.facts),
        "identity": f"erased {victim.erased}" if victim.erased else "sealed" if victim.id in held else "not here",
    }


def whole(case: Case, every: Sequence[Victim]) -> list[Row]:
    from recover.victims import missing_payments, settled

    found = rows(case, every)
    claims, whole_ = missing_payments.claims(case), settled.every(case)
    for row, victim in zip(found, every, strict=True):
        person = whole_.get(victim.id, victim)
        row["payments"] = [payment(case, p, claims) for p in person.payments]
        row["do_now"] = steps(person)
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
