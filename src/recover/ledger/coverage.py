"""Whose history the exhibits claim to hold, on which chain, of what, and from when to when.

"Nothing happened" and "nobody looked" differ in nothing but this. A claim counts for its own chain, asset and
sub-accounts, in its own range; an index that lists a transaction which no exhibit shows takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.sdk.moments import reach

Place = tuple[str, str]
"""(chain, address); the address is empty where a claim is about every address of the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim about one place. `asset` None is every asset, `account` None every sub-account."""

    asset: str | None
    account: str | None
    since: datetime | None
    until: datetime | None
    since_height: int | None
    until_height: int | None

    @property
    def bounded(self) -> bool:
        return any(x is not None for x in (self.since, self.until, self.since_height, self.until_height))

    def holds(self, time: datetime | None, height: int | None) -> bool:
        """Whether a movement at this time and height lies in the range; not where the exhibit does not say."""
        return _inside(time, self.since, self.until) and _inside(height, self.since_height, self.until_height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the ledger shows of one place in one asset: times and heights of its movements, and sub-accounts."""

    times: tuple[tuple[datetime | None, int | None], ...] = ()
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """Why a claim is not believed: exhibit `exhibit` lacks transaction `tx` of the address `at`, which `other`
    shows. `asset` is that of the claim, None where it is of every asset."""

    asset: str | None
    exhibit: int
    at: str
    tx: str
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """The claims by place, and what of them the ledger bears out; `fallen` are those that it refutes. `overruled`
    are places, with an asset, of which a person relied on another exhibit than on those that claim them."""

    claims: Mapping[Place, Sequence[Claim]]
    moved: Mapping[tuple[str, str, str], Moved]
    unshown: frozenset[Place]
    fallen: Mapping[Place, Sequence[Fallen]] = field(default_factory=dict)
    overruled: frozenset[tuple[str, str]] = frozenset()
    _at: dict[Place, list[tuple[str, Moved]]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        # By place: every claim asks, and there are as many as places.
        for (chain, address, asset), moved in self.moved.items():
            self._at.setdefault((chain, address), []).append((asset, moved))

    @classmethod
    def of(cls, case: Case) -> Covered:
        claims = _claims(_said(case))
        listed = derived.read(case, "unshown", ["chain", "address"]).to_pylist()
        narrow = sorted({place for place, said in claims.items() if any(c.bounded or c.account for c in said)})
        return cls(
            claims=claims,
            moved=_moved(case, narrow) if narrow else {},
            unshown=frozenset((row["chain"], row["address"] or "") for row in listed),
            fallen=_fallen(case),
        )

    def addresses(self, chain: str | None = None) -> list[Place]:
        """The places that are claimed one by one, on one chain or on all."""
        return [place for place in self.claims if place[1] and chain in (None, place[0])]

    def claimed(self, chain: str, address: str) -> bool:
        """Whether the whole history of this address is here in any asset."""
        if (chain, address) in self.unshown:
            return False
        return any(
            self._counts((chain, address), claim) for claim in self.claims.get((chain, address), ())
        ) or any(self._counts((chain, ""), claim) for claim in self.claims.get((chain, ""), ()))

    def whole(self, address: str, asset: str) -> bool:
        """Whether the whole history of this address in this asset is here, as far as anything of it is known."""
        if (asset.split("/", 1)[0], address) in self.unshown:
            return False
        return self._holds(address, asset) or self.everywhere(asset)

    def everywhere(self, asset: str) -> bool:
        """Whether every address's history of this asset is here."""
        return self._holds("", asset)

    def until(self, address: str, asset: str) -> datetime | int | None:
        """The moment or the height to which the history is claimed; None where a claim names no end, or no exhibit
        is relied on for all that it shows there."""
        if (address, asset) in self.overruled:
            return None
        chain = asset.split("/", 1)[0]
        ends: list[datetime | int] = []
        for place in ((chain, address), (chain, "")):
            for claim in self._counting(place, asset):
                end = claim.until if claim.until is not None else claim.until_height
                if end is None:
                    return None
                ends.append(end)
        times = [end for end in ends if isinstance(end, datetime)]
        heights = [end for end in ends if isinstance(end, int)]
        return max(times) if times else max(heights, default=None)

    def late(self, address: str, asset: str) -> str:
        """The moment or height at which the history begins where no claim reaches back to its beginning; else
        empty."""
        chain = asset.split("/", 1)[0]
        claims = [c for place in ((chain, address), (chain, "")) for c in self._counting(place, asset)]
        if any(c.since is None and not c.since_height for c in claims):
            return ""
        return min((_shown(c.since, c.since_height) for c in claims), default="")

    def why_not(self, chain: str, address: str, asset: str | None = None) -> str:
        """Why a history that exhibits hold in part does not count as whole; empty where none claims it. With an
        asset: why that in this asset does not."""
        if (chain, address) in self.unshown:
            return "An index lists transactions of this address that no exhibit shows."
        if (one := self.doubt(chain, address, asset)) is not None:
            return (
                f"Exhibit {one.exhibit} claims it, and lacks transaction {one.tx} of {one.at}, which exhibit "
                f"{one.other} shows."
            )
        every = self.claims.get((chain, address), ())
        said = [c for c in every if asset is None or c.asset in (None, asset)]
        if every and not said:
            return "Exhibits hold its history in other assets alone."
        ranges = [f"from {_shown(c.since, c.since_height)} to {_shown(c.until, c.until_height)}" for c in said]
        if not ranges:
            return ""
        return f"Exhibits hold its history {' and '.join(dict.fromkeys(ranges))}, and movements outside are known."

    def doubt(self, chain: str, address: str, asset: str | None = None) -> Fallen | None:
        """A claim to the whole history of an address, or to that in an asset, that is not believed, and why; None
        where there is none."""
        said = [*self.fallen.get((chain, address), ()), *self.fallen.get((chain, ""), ())]
        return next((one for one in said if asset is None or one.asset in (None, asset)), None)

    def _holds(self, address: str, asset: str) -> bool:
        return bool(self._counting((asset.split("/", 1)[0], address), asset))

    def _counting(self, place: Place, asset: str) -> list[Claim]:
        said = [
            c for c in self.claims.get(place, ()) if c.asset in (None, asset) and self._counts(place, c, asset)
        ]
        whole = [claim for claim in said if claim.account is None]
        if whole:
            return whole
        # Sub-accounts are claimed one by one: all that the ledger shows have to be.
        named = {claim.account for claim in said}
        shown = self.moved.get((*place, asset), Moved()).accounts
        return said if said and shown <= named else []

    def _counts(self, place: Place, claim: Claim, asset: str | None = None) -> bool:
        """Whether a claim may be relied on: nothing unshown is listed, and no movement lies outside its range."""
        if place in self.unshown:
            return False
        if not claim.bounded:
            return True
        asset = asset or claim.asset
        here = [moved for what, moved in self._at.get(place, ()) if what in (asset or what,)]
        return all(claim.holds(*when) for moves in here for when in moves.times)


def _said(case: Case) -> Iterator[dict[str, Any]]:
    """The claims as exhibits make them, none to a moment after that at which its exhibit was obtained."""
    known = {one.number: one for one in case.exhibits()}
    for row in derived.read(case, "coverage").to_pylist():
        if row["until"] is not None and (one := known.get(row["exhibit"])) is not None:
            row["until"] = reach(row["until"], one.captured, one.obtained)
        yield row


def _fallen(case: Case) -> dict[Place, list[Fallen]]:
    found: dict[Place, list[Fallen]] = {}
    for row in derived.read(case, "fallen").to_pylist():
        one = Fallen(**{name: row[name] for name in Fallen.__slots__})
        found.setdefault((row["chain"], row["address"] or ""), []).append(one)
    return found


def _claims(rows: Iterable[Mapping[str, Any]]) -> dict[Place, list[Claim]]:
    found: dict[Place, list[Claim]] = {}
    for row in rows:
        claim = Claim(**{name: row[name] for name in Claim.__slots__})
        said = found.setdefault((row["chain"], row["address"] or ""), [])
        if claim not in said:
            said.append(claim)
    return {place: _joined(said) for place, said in found.items()}


def _joined(said: Sequence[Claim]) -> list[Claim]:
    """Claims in time that follow each other without a hole are one, and so are those in height: a history can be
    read in two parts."""
    timed = [c for c in said if (c.since_height, c.until_height) == (None, None)]
    high = [c for c in said if c not in timed and (c.since, c.until) == (None, None)]
    return [
        *(c for c in said if c not in timed and c not in high),
        *_following(timed, ("since", "until"), _TICK, _NEVER),
        *_following(high, ("since_height", "until_height"), 1, 0),
    ]


def _following(said: Sequence[Claim], names: tuple[str, str], tick: Any, never: Any) -> list[Claim]:
    """Claims bounded by these two fields, joined where one begins no later than a tick after another ends."""
    first, last = names
    parts: dict[tuple[str, str], list[Claim]] = {}
    for claim in said:
        parts.setdefault((claim.asset or "", claim.account or ""), []).append(claim)
    made: list[Claim] = []
    for each in parts.values():
        each.sort(key=lambda c: (getattr(c, first) is not None, getattr(c, first) or never))
        whole = each[:1]
        for claim in each[1:]:
            end, since, until = getattr(whole[-1], last), getattr(claim, first), getattr(claim, last)
            if end is not None and (since is None or since <= end + tick):
                whole[-1] = replace(whole[-1], **{last: None if until is None else max(end, until)})
            elif end is not None:
                whole.append(claim)
        made += whole
    return made


_NEVER = datetime.min.replace(tzinfo=UTC)
_TICK = timedelta(milliseconds=1)
"""The finest step in which servers bound a history in time."""


def _moved(case: Case, places: Sequence[Place]) -> dict[tuple[str, str, str], Moved]:
    """What the ledger shows of places with a narrow claim; an empty address is every address of its chain."""
    columns = ["chain", "src", "dst", "asset", "time", "height", "src_account", "dst_account"]
    rows = derived.read(case, "transfers", columns)
    names = pa.array(sorted({address for _, address in places if address}), pa.string())
    wide = pa.array(sorted({chain for chain, address in places if not address}), pa.string())
    touched = pc.or_kleene(pc.is_in(rows["src"], value_set=names), pc.is_in(rows["dst"], value_set=names))
    rows = rows.filter(pc.or_kleene(touched, pc.is_in(rows["chain"], value_set=wide)))
    wanted = set(places)
    times: dict[tuple[str, str, str], list[tuple[datetime | None, int | None]]] = {}
    accounts: dict[tuple[str, str, str], set[str]] = {}
    for row in rows.to_pylist():
        for side in ("src", "dst"):
            for place in ((row["chain"], row[side]), (row["chain"], "")):
                if place in wanted:
                    key = (*place, row["asset"])
                    times.setdefault(key, []).append((row["time"], row["height"]))
                    if row[f"{side}_account"]:
                        accounts.setdefault(key, set()).add(row[f"{side}_account"])
    return {
        key: Moved(times=tuple(dict.fromkeys(when)), accounts=frozenset(accounts.get(key, ())))
        for key, when in times.items()
    }


def _inside(value: Any, low: Any, high: Any) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def _shown(time: datetime | None, height: int | None) -> str:
    if time is not None:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "an unstated moment" if height is None else f"block {height}"
