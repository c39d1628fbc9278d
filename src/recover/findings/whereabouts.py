"""Standing: how sure it is that value which no exhibit shows leaving is still where it was last seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from recover.case import Case
from recover.findings import accounts
from recover.findings.contradicted import Contradiction
from recover.findings.evidence import Evidence, Row, Slots, chain_of
from recover.findings.material import Material
from recover.sdk.records import Gap
from recover.trails.missing import unit

AT_REST = frozenset({"held", "whole"})
"""Standings of which *at rest* is said: a balance stated after the value came, or a history whole to a moment."""

Holding = tuple[str, str]
"""An address and an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The latest balance that exhibits state of a holding."""

    height: int
    time: datetime | None
    amount: int
    exhibit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """When traced value last came to a holding, each None where it is not shown, and the exhibits that show it."""

    time: datetime | None
    height: int | None
    exhibits: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Traced value that no exhibit shows leaving one holding, and how sure it is that it is still there.

    `word` is whole, held (a balance states as much), less (a balance states less), seen (no moment is stated),
    short (more was paid out than had come in, whatever claims a whole history), partial or disputed. `stated`:
    that balance. `after`: whether it was stated after the value came. `slots` are those that findings carry.
    """

    address: str
    asset: str
    amount: int
    word: str
    slots: Slots
    stated: Stated | None = None
    after: bool = False
    exhibits: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its finding."""
        return "at-rest" if self.word in AT_REST else "not-seen-leaving"


def standings(material: Material, evidence: Evidence, disputes: Sequence[Contradiction] = ()) -> list[Standing]:
    """Every holding at which value rests under the declared rule, in order of address and asset."""
    held: dict[Holding, int] = {}
    for end in material.declared():
        if end["reason"] == "rest":
            key = (end["address"], end["asset"])
            held[key] = held.get(key, 0) + end["amount"]
    balances, seen = _balances(evidence), last_seen(material, held)
    disputed, lacked = {one.holding: one.exhibits for one in disputes}, accounts.lacking(material, held)
    return [
        _standing(
            material,
            place,
            amount,
            disputed.get(place, ()),
            balances.get(place),
            seen[place],
            lacked.get(place, 0),
        )
        for place, amount in sorted(held.items())
    ]


def _standing(
    material: Material,
    place: Holding,
    amount: int,
    disputed: tuple[int, ...],
    stated: Stated | None,
    seen: Seen,
    lacked: int,
) -> Standing:
    time, height = seen.time, seen.height
    when = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None
    later = None if stated is None else after(stated, time, height)
    # What is stated of a moment before the value came says nothing of it.
    below = stated if stated is not None and later is not False and stated.amount < amount else None
    until = material.covered.until(*place)
    word, more = "seen", dict[str, int | str]()
    if disputed:
        word = "disputed"
    elif below is not None:
        # Some of it left: whatever claims that the history is whole, it is not.
        word, more = "less", {"balance": below.amount, "height": below.height}
    elif not material.covered.whole(*place):
        word = "partial"
    elif lacked:
        word, more = "short", {"lacking": lacked}
    elif until is not None:
        word, more = "whole", {"until": _moment(until)}
    if stated is not None and later and below is None and word != "disputed":
        word, more = "held", {"height": stated.height}
    slots: Slots = {"asset": place[1], "amount": amount, "standing": word, **more, "seen": when}
    return Standing(
        address=place[0],
        asset=place[1],
        amount=amount,
        word=word,
        slots=slots,
        stated=(named := stated if word in ("held", "less") else below),
        # Those of the movements too; without a balance `cited` finds them with those of all other sums.
        exhibits=tuple(sorted({*([named.exhibit] if named else ()), *seen.exhibits, *disputed}))
        if named or disputed
        else (),
        after=bool(later),
    )


def after(stated: Stated, time: datetime | None, height: int | None) -> bool | None:
    """Whether a balance was stated after the value came; None where exhibits do not let these be compared."""
    if height is not None:
        return stated.height >= height
    if stated.time is not None and time is not None:
        return stated.time >= time
    return None


def _moment(until: datetime | int) -> str:
    return until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(until, datetime) else str(until)


def _balances(evidence: Evidence) -> dict[Holding, Stated]:
    found: dict[Holding, Stated] = {}
    for row in evidence.rows(evidence.states, "address", "balance"):
        if row["asset"] and row["height"] is not None:
            one = Stated(height=row["height"], time=row["time"], amount=row["exact"] or 0, exhibit=row["exhibit"])
            key = (row["address"], row["asset"])
            if key not in found or (found[key].height, found[key].amount) < (one.height, one.amount):
                found[key] = one
    return found


def last_seen(material: Material, held: Collection[Holding]) -> dict[Holding, Seen]:
    """When traced value last came to each of these."""
    found: dict[Holding, Seen] = {}
    rows = material.transfers.select(["time", "height", "exhibit"])
    for place in held:
        came = material.credits.get(place)
        mine = rows.take(pa.array(came.seqs if came else [], pa.int64())).to_pydict()
        times = [time for time in mine["time"] if time is not None]
        heights = mine["height"] if None not in mine["height"] else []
        found[place] = Seen(
            time=max(times, default=None),
            height=max(heights, default=None),
            exhibits=frozenset(mine["exhibit"]),
        )
    return found


def made(found: Collection[Standing]) -> Iterator[Row]:
    """One finding for each holding: what is at rest, then what was not seen leaving."""
    for one in sorted(found, key=lambda s: s.word not in AT_REST):
        yield one.kind, one.address, "", one.slots, one.exhibits


def gaps(case: Case, found: Collection[Standing]) -> Iterator[Gap]:
    """One gap for each holding of which it is not shown that the value is still there."""
    # Another exhibit of the case may show it, on which a person decided not to rely.
    chosen = bool(case.set_aside()) or any(e.kind == "decision" and "tx" in e.body for e in case.entries)
    nobody = "no exhibit that the case relies on" if chosen else "no exhibit"
    units = {asset: unit(case, asset) for asset in dict.fromkeys(one.asset for one in found)}
    for one in found:
        shown = units[one.asset]
        if one.stated is not None and one.stated.amount < one.amount:
            stated, missing = one.stated, shown(one.amount - one.stated.amount)
            order = (
                f"At least {missing} left there by a movement that no exhibit shows, and are not traced further."
                if one.after
                else "No exhibit shows at which height it came, so the two cannot be put in order. Either "
                f"at least {missing} left there by a movement that no exhibit shows, or they came after."
            )
            yield Gap(
                code="balance-differs",
                subject=f"{chain_of(one.asset)}:{one.address}",
                why=f"Exhibit {stated.exhibit} states a balance of {shown(stated.amount)} at block "
                f"{stated.height}; no exhibit shows {shown(one.amount)} of traced value leaving that came here.",
                effect=order,
            )
        elif one.word in _WHY:
            yield Gap(
                code="not-seen-leaving",
                subject=f"{chain_of(one.asset)}:{one.address}",
                why=f"Traced value came to this address, and {nobody} shows it leaving. {_WHY[one.word]}",
                effect=f"{shown(one.amount)} may have moved on since, and are not called at rest.",
            )


_WHY: Mapping[str, str] = {
    "seen": "None states to what moment the history here is whole.",
    "short": "More was paid out there than had come in until then: the history here is not whole.",
    "partial": "The whole history of this address is in no exhibit.",
}
