"""The evidence ladder: how sure a name is, from everything that sources say of one address.

Steps P0 to P8 say what kind of evidence a label is; grades A to E say how sure it is. Two independent origins
lift a name by one grade, and one origin counts once however often it was copied. A contradiction lowers a name to
the weaker of the two, and is printed. A label that had ended before the transfers here, or was withdrawn, names
nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from recover.sdk.plugin import GRADES

STEPS: Mapping[str, str] = {
    "P0": "a platform's or an authority's record in writing, or control of the key shown",
    "P1": "the service's own list of wallets (signed: A, unsigned: B), or what the ledger itself says",
    "P2": "a court, sanctions or seizure document that names the address",
    "P3": "a documented test payment, or an answer of the service's own interface",
    "P4": "two or more sweeps of all its value to a wallet of P0 to P3",
    "P5": "one such sweep, or a weaker shape",
    "P6": "a member of a cluster that holds labels of P0 to P3 of one service (inherited)",
    "P7": "a vendor's or an explorer's label, media, a forum, a paper",
    "P8": "behaviour only, or nobody says on what it rests",
}

CONFIDENCES: Mapping[str, str] = {
    "ownership": "P0",
    "ledger_immanent": "P1",
    "service_data": "P1",
    "authority_data": "P2",
    "manual_transaction": "P3",
    "service_api": "P3",
    "heuristic": "P5",
    "trusted_provider": "P7",
    "forensic_investigation": "P7",
    "forensic": "P7",
    "untrusted_transaction": "P7",
    "web_crawl": "P7",
    "override": "P8",
    "unknown": "P8",
}
"""TagPack confidences as steps."""

LETTERS = "".join(GRADES)
_LIFTED = LETTERS.index("B")  # counting origins never shows control of a key, so it never gives A
_POISON = "E"
_OWN = re.compile(r"(?:proof of reserves|wallets published by)[:\s]+(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one source says of one address. `root` is where it has it from; days are ISO dates, empty where
    unknown. `counts` is empty where the word counts, else why it does not. `ahead` is the day on which it was
    stored, where that is before the day that it gives itself. `against` is what of the case overtakes it, and
    `opposed` the transaction that the exhibits show otherwise than it does, if that is what.
    """

    service: str
    grade: str
    step: str
    root: str
    said: str
    until: str = ""
    withdrawn: str = ""
    why: str = ""
    ahead: str = ""
    against: str = ""
    opposed: str = ""
    row: int = 0
    counts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a name stands. `words` has all that was said, with what counts; `reasons` say what moved the grade.

    `service` is empty where equal words contradict each other, or nobody names a service.
    """

    service: str
    grade: str
    words: tuple[Word, ...]
    reasons: tuple[str, ...]
    rivals: tuple[str, ...] = ()


def word(row: Mapping[str, Any], number: int = 0) -> Word:
    """An assertion's row as a word."""
    try:
        more = json.loads(row["params"] or "{}")
    except ValueError:
        more = {}
    more = more if isinstance(more, dict) else {}
    told = ("step", "until", "withdrawn", "why", "confidence", "ahead", "against", "opposed")
    said = {name: str(more.get(name) or "") for name in told}
    return Word(
        service=row["service"],
        grade=row["grade"],
        step=said["step"] or CONFIDENCES.get(said["confidence"], ""),
        root=root(row["origin"] or row["source"] or row["method"], row["service"]),
        said=row["asserted"] or "",
        until=said["until"],
        withdrawn=said["withdrawn"],
        why=said["why"],
        ahead=said["ahead"],
        against=said["against"],
        opposed=said["opposed"],
        row=number,
    )


def root(origin: str, service: str = "") -> str:
    """The root of provenance, so that a copy of a copy counts once: whose page it is, whatever page of it.

    What a service publishes of itself is one origin, by whatever list it is passed on.
    """
    text = origin.strip().casefold()
    own = _OWN.search(text)
    if own or (host := urlsplit(text).hostname or "") == "":
        return f"own: {service.casefold()}" if own and service else text
    host = host.removeprefix("www.")
    path = [part for part in urlsplit(text).path.split("/") if part]
    # On a host of many authors the author is the origin, and not the host.
    if host in ("github.com", "gist.github.com", "twitter.com", "mobile.twitter.com", "x.com", "medium.com"):
        host = "/".join([host.removeprefix("mobile."), *path[: 2 if host == "github.com" else 1]])
    name = re.sub(r"[^a-z0-9]", "", service.casefold())
    parts = host.split("/")[0].split(".")
    mine = name and name in (*(re.sub(r"[^a-z0-9]", "", part) for part in parts), "".join(parts), *path)
    return f"own: {service.casefold()}" if mine else host


def standing(words: Iterable[Word], first: str = "", last: str = "") -> Standing:
    """What a name comes to. `first` and `last` are the days of the first and last transfer of the address here."""
    found = [_judged(one, first) for one in words]
    counting = [one for one in found if not one.counts and one.service]
    if not counting:
        best = min((one.grade for one in found if not one.counts), default="E")
        return Standing(service="", grade=best, words=tuple(found), reasons=tuple(_told(found)))
    by: dict[str, list[Word]] = {}
    for one in counting:
        by.setdefault(one.service, []).append(one)
    lifted = {service: _lifted(mine) for service, mine in by.items()}
    reasons = _told(found)
    order = sorted(lifted, key=lambda service: (lifted[service][0], service))
    best = order[0]
    grade, why = lifted[best]
    reasons += [why] if why else []
    equal = [service for service in order if lifted[service][0] == grade]
    if len(equal) > 1:
        reasons.append(f"Words of one grade name different services: {', '.join(equal)}. It is named by none.")
        return Standing(service="", grade=grade, words=tuple(found), reasons=tuple(reasons), rivals=tuple(equal))
    for rival in order[1:]:
        weaker = lifted[rival][0]
        if weaker == _POISON:
            # Anybody can write an unverified word: it is printed, and takes nothing from a name.
            reasons.append(f"An unverified word names {rival}: printed, and it lowers nothing.")
        elif weaker > grade:
            reasons.append(f"A word of grade {weaker} names {rival}: the contradiction lowers {best} to {weaker}.")
            grade = max(grade, weaker)
    return Standing(service=best, grade=grade, words=tuple(found), reasons=tuple(reasons), rivals=tuple(order[1:]))


def tied(stood: str, shown: Iterable[str] = (), *, lowered: bool = False, opposed: bool = False) -> str:
    """The grade of what ties an address to a service: the best of what labels come to and of what is shown of it.

    `stood` is the grade of its labels for that service, empty where none names it, and `shown` are those of what
    heuristics show for the same service: what supports a name never weakens it, nor lifts one that another label
    has `lowered`. Where what left the address speaks against its label, as `opposed` says, it is D at best.
    """
    grade = stood if stood and lowered else min([*([stood] if stood else []), *shown], default="E")
    return max(grade, OPPOSED) if opposed else grade


OPPOSED = "D"
"""What at best ties an address to a service that it only pays, or whose label its payments speak against."""


def _judged(one: Word, first: str) -> Word:
    if one.withdrawn:
        return replace(one, counts=f"withdrawn on {one.withdrawn}: {one.why or 'no reason is given'}")
    if one.against:
        return replace(one, counts=one.against)
    if one.ahead:
        return replace(one, counts=f"it is dated {one.said}, and was stored before, on {one.ahead}")
    if one.until and first and one.until < first:
        return replace(one, counts=f"it ended on {one.until}, and the first transfer here is of {first}")
    return one


def ending(row: Mapping[str, Any], first: str = "", last: str = "") -> tuple[bool, str]:
    """Whether a label counts, and why it does not, or since when it holds no more by what its source says.

    Whoever prints a label prints that beside it; it is empty where nothing ends the label.
    """
    one = _judged(word(row), first)
    if one.counts or not one.until:
        return not one.counts, one.counts
    if last > one.until:
        return True, f"it ended on {one.until}, and transfers here go on to {last}: it is taken to name these too"
    return True, f"it is said to hold until {one.until}"


def _lifted(mine: Sequence[Word]) -> tuple[str, str]:
    """The grade of one service's words, and why it is above the best of them, if it is."""
    best = min(one.grade for one in mine)
    # Names without a page are one origin: nobody can see that two of them do not come from one mouth.
    roots = sorted({one.root if _page(one.root) else UNSTATED for one in mine if one.grade == best})
    at = LETTERS.index(best)
    if len(roots) < 2 or at <= _LIFTED:
        return best, ""
    higher = LETTERS[at - 1]
    listed = ", ".join(roots)
    return higher, f"{len(roots)} independent origins of grade {best} ({listed}) lift it to {higher}."


UNSTATED = "origins without a page"


def _page(root: str) -> bool:
    """Whether a root says whose page it is, so that two of them can be told apart."""
    host = root.partition("/")[0]
    return root.startswith("own: ") or ("." in host.strip(".") and " " not in host)


def _told(found: Sequence[Word]) -> list[str]:
    """What does not count, and copies that count once."""
    told = [
        f"A word for {one.service or 'no service'} does not count: {one.counts}." for one in found if one.counts
    ]
    seen: dict[tuple[str, str], int] = {}
    for one in found:
        if not one.counts and one.service:
            seen[(one.service, one.root)] = seen.get((one.service, one.root), 0) + 1
    told += [f"{n} words for {s} are of one origin ({r}), and count once." for (s, r), n in seen.items() if n > 1]
    return told
