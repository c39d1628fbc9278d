"""Coins that were bought: the bank or platform on the way before the coin is recorded, as an addressee.

Account, beneficiary, amount and reference tell who somebody is, and a letter is read by more than its addressee.
So the letter names the way by its number; the schedule that goes with it (`returns.bank_schedule`) has the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recover.case import Case
from recover.letters import gates, identified
from recover.sdk import Error
from recover.victims import known, settled, urgent
from recover.victims.known import Way

KIND = "bank"
"""The kind of letter that asks a bank, or a platform between buyers and sellers, to keep its records."""


def named(case: Case, to: str) -> Way | None:
    """The way that is named in the place of an addressee; None where a name is. Raises Error for none such."""
    found = known.WAY.fullmatch(to.strip())
    if found is None:
        return None
    victim = known.every(case).get(found[1])
    ways = victim.ways if victim else ()
    way = next((one for one in ways if one.id == to.strip()), None)
    if way is None:
        raise Error(
            "no-way",
            f"The case knows no way {to} by which coins were bought.",
            f"Of this victim it knows: {', '.join(one.id for one in ways) or 'none'}.",
            "`recover victim show CASE` lists them; `bank` and `bank_time` of an intake make one.",
        )
    return way


def asked(case: Case, way: Way, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a letter about a way says, where its sender said nothing else. Raises Error without the day."""
    if not way.time:
        raise Error(
            "way-undated",
            f"Nobody said when {way.id} was.",
            f"{way.bank} finds a payment by its day.",
            "`recover victim add CASE --victim V --set bank=... --set bank_time=...` adds it, the bank as before.",
        )
    role, victim = gates.role(said["role"]), known.every(case)[way.victim]
    own = "own" if role in gates.PRIVATE else "other"
    line = f"account={way.id}; direction=debited; holder={own}; beneficiary={identified.APART}; "
    # A bank's day is that of its own clock: a payment after midnight there is of the day before in UTC.
    day = urgent.told(way.time, victim)[:10]
    line += f"other_bank={identified.UNKNOWN}; amount={identified.APART}; value_date={day}; "
    line += f"reference={identified.APART}"
    found = {**said, "about": (line, *said.get("about", ())), "addressee": said.get("addressee") or way.kind}
    found["since"] = said.get("since") or f"{way.time[:10]}T00:00:00+00:00"
    if role in gates.PRIVATE and not said.get("instructed_by"):
        found["instructed_by"] = settled.standing(case)[way.victim]
    return found
