"""The gate of the feed: what a case could tell others, and for each why it goes out or stays.

Only what two persons accepted goes out, with grade A or B, and only what says of itself that it was used to harm.
A traced address says where value went, not whose it is: it is entered as an indicator, with its capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from recover.case import Case, derived
from recover.declared.deeds import person, reviewed
from recover.findings import stored
from recover.plugins.registry import Plugins
from recover.prevention import indicators
from recover.prevention.exempt import Withheld
from recover.recognise.names import here, recognise
from recover.registers import hosts
from recover.sdk.errors import Error
from recover.sdk.values import Address
from recover.sdk.view import Finding

GOOD = ("A", "B")
_TOLD = ("sanctions", "terrorism", "abuse")
"""Alerts whose grade is that of a public source's word on the address itself. An agency's own list is its own."""

Key = tuple[str, str, str]
"""(type, chain, value) of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What could be an entry. `reasons` are codes and words why it is none; `of` is the indicator or finding."""

    of: str
    type: str
    value: str
    chain: str
    category: str
    grade: str
    first_seen: str
    last_seen: str
    sources: int
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> Key:
        return self.type, self.chain, self.value


def candidates(
    case: Case,
    plugins: Plugins,
    withheld: Withheld,
    kept_back: Mapping[tuple[str, str], str],
    tells: Callable[[str], bool],
) -> list[Candidate]:
    """Every indicator that counts and every reviewed finding about an address, each with the reasons against it.

    `kept_back` are values that a named person keeps from the feed; `tells` says whether a text tells a person.
    """
    seen = _Seen(case)
    found = [_of_indicator(case, one, seen) for one in indicators.standing(case).values()]
    found += _of_findings(case, plugins, seen)
    aside = case.set_aside()
    judged = []
    for one, finding in found:
        reasons = [*_reviewed(case, finding), *_fit(one, withheld)]
        if why := kept_back.get((one.chain, one.value)):
            reasons.append(("held", f"a named person keeps it back: {why}"))
        if any(number in aside for number in finding.exhibits):
            reasons.append(("capture", "the exhibit that it stands on was set aside"))
        if tells(f"{one.value}\n{one.chain}"):
            reasons.append(("person", "it tells a person whose identity is sealed"))
        judged.append(replace(one, reasons=(*one.reasons, *reasons)))
    return _once(judged)


def _once(found: list[Candidate]) -> list[Candidate]:
    """One candidate for each thing: one with nothing against it, then the surest, speaks for all."""
    groups: dict[Key, list[Candidate]] = {}
    for one in found:
        groups.setdefault(one.key, []).append(one)
    chosen = []
    for group in groups.values():
        best = min(group, key=lambda one: (bool(one.reasons), one.grade or "Z", one.of))
        chosen.append(best)
    return sorted(chosen, key=lambda one: one.key)


def _reviewed(case: Case, finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.grade not in GOOD:
        yield "grade", f"its grade is {finding.grade or 'none'}, and A or B is needed"
    state, acts = reviewed(case, finding)
    accepting = {person(act.by) for act in acts if act.body["accept"]}
    if state != "accepted" or len(accepting) < 2:
        said = f"its review is {state}" if state not in ("", "accepted") else f"{len(accepting)} accepted it"
        yield "review", f"two persons have to accept it, and {said}"


def _fit(one: Candidate, withheld: Withheld) -> Iterator[tuple[str, str]]:
    """Reasons in the thing itself."""
    if one.type == "address" and (why := withheld.why(one.chain, one.value)):
        yield "address", why
    if one.type != "address" and (why := withheld.inside(f"{one.value} {one.chain}")):
        yield "address", why
    if one.type == "line":
        yield "line", "a network address is used by many in turn: it belongs into a letter to its provider"
    if one.type == "domain" and (why := hosts.shared(one.value)):
        yield "shared", why
    if one.type == "url" and (why := hosts.shared(hosts.of_url(one.value))):
        rest = one.value.partition("://")[2].partition("/")[2]
        if not rest:
            yield "shared", why


def _of_indicator(case: Case, one: indicators.Indicator, seen: _Seen) -> tuple[Candidate, Finding]:
    first, last, exhibits = one.first_seen, one.last_seen, {one.exhibit}
    if one.type == "address":
        since, until, shown = seen.of(one.chain, one.value)
        first, last = min(first, since or first), max(last, until or last)
        exhibits |= shown
    return (
        Candidate(
            of=one.id,
            type=one.type,
            value=one.value,
            chain=one.chain or one.platform,
            category=one.category,
            grade=one.grade,
            first_seen=_utc(first),
            last_seen=_utc(last),
            sources=len(exhibits),
        ),
        one.finding,
    )


def _of_findings(case: Case, plugins: Plugins, seen: _Seen) -> list[tuple[Candidate, Finding]]:
    """Findings about an address that somebody reviewed: what nobody looked at is not even listed."""
    found = []
    for finding in stored.findings(case):
        if not reviewed(case, finding)[1] or (place := _place(case, plugins, finding.subject)) is None:
            continue
        since, until, shown = seen.of(place.chain, place.text)
        against: tuple[tuple[str, str], ...] = ()
        if finding.kind != "alert":
            against = (("kind", f"a finding of the kind {finding.kind} says where value went, not what it is"),)
        elif finding.slots.get("alert") not in _TOLD:
            against = (("kind", "the list that names it is its agency's to publish"),)
        one = Candidate(
            of=finding.id,
            type="address",
            value=place.text,
            chain=place.chain,
            category="other",
            grade=finding.grade,
            first_seen=_utc(since),
            last_seen=_utc(until),
            sources=len(shown | {*finding.exhibits}),
            reasons=against,
        )
        found.append((one, finding))
    return found


def _place(case: Case, plugins: Plugins, subject: str) -> Address | None:
    try:
        _, found = recognise(plugins, subject, here(case))
    except Error:
        return None
    return found if isinstance(found, Address) else None


class _Seen:
    """When an address moves value in the exhibits, and in which."""

    def __init__(self, case: Case) -> None:
        self._moved = derived.read(case, "transfers", ["chain", "src", "dst", "time", "exhibit"])

    def of(self, chain: str, text: str) -> tuple[str, str, set[int]]:
        """(first, last) in ISO 8601, empty where it is not seen, and the exhibits."""
        sides = [pc.fill_null(pc.equal(self._moved[name], text), False) for name in ("src", "dst")]
        mine: list[dict[str, Any]] = self._moved.filter(pc.or_(*sides)).to_pylist()
        mine = [row for row in mine if row["chain"] == chain]
        times = sorted(row["time"] for row in mine if row["time"] is not None)
        exhibits = {row["exhibit"] for row in mine}
        return (times[0].isoformat(), times[-1].isoformat(), exhibits) if times else ("", "", exhibits)


def _utc(text: str) -> str:
    """A moment to the second, as every form writes it; empty for one that is not known."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
