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
    withdrawn: str = ""


def every(case: Case) -> list[Distribution]:
    """All that were recorded, in order; those that were taken back say by whom and why."""
    found = []
    noted = [entry for entry in case.entries if entry.kind == KIND]
    gone = {e.body["id"]: f"{e.body['by']}: {e.body['reason']}" for e in noted if e.body.get("act") == "withdraw"}
    for entry in noted:
        if entry.body.get("act") != "withdraw":
            body = entry.body
            sums = {name: int(body[name]) for name in ("pool", "reserve", "costs")}
            texts = {name: str(body[name]) for name in ("id", "asset", "stage", "mode", "authority", "by")}
            paid = {name: int(amount) for name, amount in body["paid"].items()}
            back = gone.get(body["id"], "")
            found.append(Distribution(**texts, **sums, paid=paid, at=entry.time, withdrawn=back))  # type: ignore[arg-type]
    return found


def standing(case: Case) -> list[Distribution]:
    """Those that count."""
    return [one for one in every(case) if not one.withdrawn]


def withdraw(case: Case, name: str, *, by: str, reason: str) -> Distribution:
    """Take back one that was recorded by mistake; the journal keeps it. Raises Error where none stands."""
    found = {one.id: one for one in standing(case)}
    if name not in found or not by.strip() or not reason.strip():
        raise Error(
            "distribution-withdraw",
            f"The distribution {name!r} is not taken back.",
            "None of this id stands." if name not in found else "It needs the name of who does it, and a reason.",
            f"Distributions that stand: {', '.join(found) or 'none'}. Say --by and --reason.",
        )
    case.note(KIND, {"act": "withdraw", "id": name, "by": by.strip(), "reason": reason.strip()})
    return next(one for one in every(case) if one.id == name)


def paid(case: Case, asset: str) -> dict[str, int]:
    """What earlier distributions of this asset gave each claimant."""
    found: dict[str, int] = {}
    for one in standing(case):
        if one.asset == asset:
            for name, amount in one.paid.items():
                found[name] = found.get(name, 0) + amount
    return found


def _settle(loss: str, names: Sequence[str]) -> str:
    """What settles who is paid for a loss that several claim."""
    return (
        f"One person under two pseudonyms: `recover victim settle CASE {names[0]} {names[1]} --as same`. Two "
        f"persons: enter what each is allowed with `recover claims add CASE --loss {loss} --claimant V`."
    )


def record(
    case: Case,
    *,
    asset: str,
    stage: str,
    mode: str,
    sums: tuple[int, int, int],
    shares: Sequence[tuple[str, int]],
    disputed: Sequence[tuple[str, Sequence[str]]],
    alike: Sequence[tuple[str, str]] = (),
    carried: Sequence[str] = (),
    authority: str,
    by: str,
) -> Distribution:
    """Journal a distribution as it was ordered. `sums` are pool, reserve and costs.

    Raises Error without an order and a name, while claims to one payment, whether two claimants are one person, or
    whether a hop is a loss, are not settled, for the same order and figures again, and after a final one.
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
            f"Disputed: {'; '.join(f'{loss}, by ' + ' and '.join(names) for loss, names in disputed[:12])}.",
            _settle(*disputed[0]),
        )
    if carried:
        raise Error(
            "distribution-carried",
            "A payment that carries what began as another loss is claimed as a loss of its own.",
            f"Its value would be paid for twice: {', '.join(carried[:12])}.",
            "A person settles it: enter what is allowed of it with `recover claims add CASE --loss L`, and why in "
            "--basis.",
        )
    if alike:
        raise Error(
            "distribution-alike",
            "Two claimants may be one person, and nobody has settled it.",
            f"They have one telephone or e-mail: {', '.join(' and '.join(pair) for pair in alike[:12])}.",
            "`recover victim settle CASE V1 V2 --as same|different --by NAME --reason WHY`.",
        )
    before = [one for one in standing(case) if one.asset == asset]
    for one in before:
        if (one.authority.casefold(), one.stage, (one.pool, one.reserve, one.costs)) == (
            authority.strip().casefold(),
            stage,
            sums,
        ):
            raise Error(
                "distribution-twice",
                f"{authority} was recorded already, with the same figures: it is {one.id}.",
                f"{one.by} did it at {one.at:%Y-%m-%d %H:%M} UTC. Twice, it would stand as paid twice.",
                f"`recover claims withdraw CASE {one.id} --by NAME --reason WHY` takes back a mistake.",
            )
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
