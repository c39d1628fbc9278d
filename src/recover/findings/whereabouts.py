"""Standing: how sure it is that value which no exhibit shows leaving is still where it was last seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import pyarrow as pa

from recover.case import Case
from recover.findings import accounts
from recover.findings.contradicted import Contradiction
from recover.findings.evidence import Evidence, Row, Slots, chain_of
from recover.findings.material import Material
from recover.sdk.records import Gap
from recover.trails import asks
from recover.trails.missing import unit

AT_REST = frozenset({"held", "whole"})
"""Standings of which *at rest* is said: a balance stated after the value came, or a history whole to a moment."""

Holding = tuple[str, str]
"""An address and an asset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The latest balance that exhibits state of a holding: at a block, or without one as a server answered it at a
    moment, which is then its `time`."""

    height: int | None
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

    `word` is whole, held (a balance states as much), less (a balance states less), answered (a balance that names
    no block), seen (no moment is stated), short (more was paid out than had come in, whatever claims a whole
    history), feeless (no exhibit shows what its transactions cost), partial or disputed. `stated`: that balance.
    `after`: whether it was stated after the value came. `slots` are those that findings carry.
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
    (balances, answers), seen = _balances(evidence), last_seen(material, held)
    disputed, lacked = {one.holding: one.exhibits for one in disputes}, accounts.lacking(material, held)
    return [
        _standing(
            material,
            place,
            amount,
            disputed.get(place, ()),
            balances.get(place),
            answers.get(place),
            seen[place],
            lacked.get(place, 0),
            evidence.unpriced.get(place, 0),
        )
        for place, amount in sorted(held.items())
    ]


def _standing(
    material: Material,
    place: Holding,
    amount: int,
    disputed: tuple[int, ...],
    stated: Stated | None,
    answered: Stated | None,
    seen: Seen,
    lacked: int,
    unpriced: int,
) -> Standing:
    time, height = seen.time, seen.height
    when = _when(time)
    later = None if stated is None else after(stated, time, height)
    # What is stated of a moment before the value came says nothing of it.
    below = stated if stated is not None and later is not False and stated.amount < amount else None
    until = material.covered.until(*place)
    word, more = "seen", Slots()
    if disputed:
        word = "disputed"
    elif below is not None:
        # Some of it left: whatever claims that the history is whole, it is not.
        word, more = "less", {"balance": below.amount, "height": below.height}
    elif not material.covered.whole(*place):
        word = "partial"
    elif lacked:
        word, more = "short", {"lacking": lacked}
    elif unpriced:
        word, more = "feeless", {"count": unpriced}
    elif until is not None:
        word, more = "whole", {"until": _moment(until)}
    if stated is not None and later and below is None and word != "disputed":
        word, more = "held", {"height": stated.height}
    elif answered is not None and _alone(word, answered, amount) and after(answered, time, None) is not False:
        word, stated = "answered", answered
        more = {"balance": answered.amount, "asked": _when(answered.time)}
    slots: Slots = {"asset": place[1], "amount": amount, "standing": word, **more, "seen": when}
    return Standing(
        address=place[0],
        asset=place[1],
        amount=amount,
        word=word,
        slots=slots,
        stated=(named := stated if word in ("held", "less", "answered") else below),
        # Those of the movements too; without a balance `cited` finds them with those of all other sums.
        exhibits=tuple(sorted({*([named.exhibit] if named else ()), *seen.exhibits, *disputed}))
        if named or disputed
        else (),
        after=bool(later),
    )


def after(stated: Stated, time: datetime | None, height: int | None) -> bool | None:
    """Whether a balance was stated after the value came; None where exhibits do not let these be compared."""
    if height is not None and stated.height is not None:
        return stated.height >= height
    if stated.time is not None and time is not None:
        return stated.time >= time
    return None


def _alone(word: str, answered: Stated, amount: int) -> bool:
    """Whether a balance that names no block says more than all else: of what a block or a history shows at rest
    only where it is less."""
    return word in _WHY or (word == "whole" and answered.amount < amount)


def _moment(until: datetime | int) -> str | None:
    """As findings write it."""
    return _when(until) if isinstance(until, datetime) else str(until)


def _when(time: datetime | None) -> str | None:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def _balances(evidence: Evidence) -> tuple[dict[Holding, Stated], dict[Holding, Stated]]:
    """The latest balance of each holding at a block; and that of a server which names none, as of its answer."""
    found: tuple[dict[Holding, Stated], dict[Holding, Stated]] = {}, {}
    for row in evidence.rows(evidence.states, "address", "balance"):
        key, height, amount = (row["address"], row["asset"]), row["height"], row["exact"] or 0
        time = row["time"] if height is not None else row["time"] or evidence.asked.get(row["exhibit"])
        if not row["asset"] or (height is None and time is None):
            continue  # of a file that names neither nobody knows as of when it is
        one, into = Stated(height=height, time=time, amount=amount, exhibit=row["exhibit"]), found[height is None]
        if key not in into or _order(into[key]) < _order(one):
            into[key] = one
    return found


def _order(one: Stated) -> tuple[int, datetime, int]:
    """By block; without one, by when it was answered."""
    return (-1, one.time or _EARLY, one.amount) if one.height is None else (one.height, _EARLY, one.amount)


_EARLY = datetime.min.replace(tzinfo=UTC)


def last_seen(material: Material, held: Collection[Holding]) -> dict[Holding, Seen]:
    """When traced value last came to each of these: on a coin chain of the coins that are still there."""
    found: dict[Holding, Seen] = {}
    came = {
        place: material.coins.get(place) or one.seqs
        for place in held
        if (one := material.credits.get(place)) is not None
    }
    every = pa.array([seq for seqs in came.values() for seq in seqs], pa.int64())
    rows = material.transfers.select(["time", "height", "exhibit"]).take(every)
    told = iter(zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True))
    for place in held:
        mine = list(islice(told, len(came.get(place, ()))))
        times = [time for time, _, _ in mine if time is not None]
        heights = [height for _, height, _ in mine if height is not None]
        found[place] = Seen(
            time=max(times, default=None),
            height=max(heights) if heights and len(heights) == len(mine) else None,
            exhibits=frozenset(exhibit for _, _, exhibit in mine),
        )
    return found


def made(found: Collection[Standing]) -> Iterator[Row]:
    """One finding for each holding: what is at rest, then what was not seen leaving."""
    for one in sorted(found, key=lambda s: s.word not in AT_REST):
        yield one.kind, one.address, "", one.slots, one.exhibits


def gaps(case: Case, material: Material, found: Collection[Standing]) -> Iterator[Gap]:
    """One gap for each holding of which it is not shown that the value is still there."""
    # Another exhibit of the case may show it, on which a person decided not to rely.
    chosen = bool(case.set_aside()) or any(e.kind == "decision" and "tx" in e.body for e in case.entries)
    nobody = "no exhibit that the case relies on" if chosen else "no exhibit"
    units = {asset: unit(case, asset) for asset in dict.fromkeys(one.asset for one in found)}
    listed = {place for payment in asks.listed(case) for place in payment.at}
    for one in found:
        shown = units[one.asset]
        never = _NEVER if (one.asset, one.address) in listed else ""
        if one.word == "answered" and one.stated is not None:
            yield _answered(one, one.stated, nobody, shown)
        elif one.stated is not None and one.stated.amount < one.amount:
            stated, missing = one.stated, shown(one.amount - one.stated.amount)
            order = (
                f"At least {missing} left there by a movement that no exhibit shows, and are not traced further."
                + never
                if one.after
                else "No exhibit shows at which height it came, so the two cannot be put in order. Either "
                f"at least {missing} left there by a movement that no exhibit shows, or they came after.{never}"
            )
            yield Gap(
                code="balance-differs",
                subject=f"{chain_of(one.asset)}:{one.address}",
                why=f"Exhibit {stated.exhibit} states a balance of {shown(stated.amount)} at block "
                f"{stated.height}; no exhibit shows {shown(one.amount)} of traced value leaving that came here.",
                effect=order,
            )
        elif one.word in _WHY:
            doubted = one.word == "partial" and material.covered.doubt(chain_of(one.asset), one.address)
            over = one.word == "seen" and (one.address, one.asset) in material.covered.overruled
            why = _DOUBTED if doubted else _OVERRULED if over else _WHY[one.word]
            yield Gap(
                code="not-seen-leaving",
                subject=f"{chain_of(one.asset)}:{one.address}",
                why=f"Traced value came to this address, and {nobody} shows it leaving. {why}",
                effect=f"{shown(one.amount)} may have moved on since, and are not called at rest.",
            )


def _answered(one: Standing, stated: Stated, nobody: str, shown: Callable[[int], str]) -> Gap:
    """That a balance names no block: what it states was held as of the answer, by whoever answered alone."""
    why = f"Exhibit {stated.exhibit}, asked on {_when(stated.time)}, states a balance of {shown(stated.amount)} "
    why += "and names no block."
    effect = f"{shown(one.amount)} may have moved on since, and are not called at rest."
    if stated.amount < one.amount:
        missing = shown(one.amount - stated.amount)
        effect = (
            f"Either at least {missing} left there by a movement that no exhibit shows, or whoever answered "
            "did not know of all that came."
        )
    return Gap(
        code="balance-differs" if stated.amount < one.amount else "not-seen-leaving",
        subject=f"{chain_of(one.asset)}:{one.address}",
        why=f"Traced value came to this address, and {nobody} shows it leaving. {why}",
        effect=effect,
    )


_NEVER = " Or what came there never did: only a list shows it, and a list can show what failed."
_WHY: Mapping[str, str] = {
    "seen": "None states to what moment the history here is whole.",
    "short": "More was paid out there than had come in until then: the history here is not whole.",
    "partial": "The whole history of this address is in no exhibit.",
}
_OVERRULED = "No exhibit that is relied on for all that it shows here states to what moment its history is whole."
_DOUBTED = "The exhibit that claims the whole history of this address is contradicted by another."
