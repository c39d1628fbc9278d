"""Custody of the evidence as persons declare it: earlier holders of exhibits, clocks, hand-overs of the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from recover.case import Case, handled
from recover.sdk.errors import Error
from recover.sdk.facts import CustodyFacts
from recover.sdk.moments import seconds
from recover.sdk.outside import visible

_SKEW = timedelta(minutes=5)


def works(case: Case, name: str) -> None:
    """Note who works on the case from here on, where that is another person than before."""
    if name and name != working(case):
        case.note(handled.WORKED, {"by": name})


def working(case: Case) -> str:
    """Who worked on it last: the examiner of the settings, until another is named."""
    named = [entry.body["by"] for entry in case.entries if entry.kind == handled.WORKED]
    return str(named[-1]) if named else case.settings.examiner


def offset(case: Case, by: str, said: Mapping[str, Any]) -> None:
    """Note how far this computer's clock was off, measured or as a person compared it."""
    _must(by, "--by", "who measured it")
    _must(str(said["source"]), "--source", "what the clock was compared with")
    case.note(handled.OFFSET, {"by": by, **said})


def by_hand(text: str, source: str) -> dict[str, str | int]:
    """An offset that a person read off: seconds, such as -1.5, that the reference is ahead of this computer."""
    import re

    found = re.fullmatch(r"([+-]?)(\d{1,9})(?:\.(\d{1,6}))?\s*s?", text.strip())
    if not found:
        raise Error(
            "offset-unreadable",
            f"{text!r} is no offset.",
            "Looked for seconds, such as 1.5 or -0.25: the right time less what this computer showed.",
            "Write it so.",
        )
    micros = int(found[2]) * 1_000_000 + int((found[3] or "").ljust(6, "0"))
    told: dict[str, str | int] = {
        "method": "said",
        "source": source,
        "answer": "",
        "sent": "",
        "received": "",
        "within": 0,
    }
    return {**told, "offset": -micros if found[1] == "-" else micros}


def apart(micros: int) -> str:
    """How a clock was off, in words: the offset is the reference less this computer."""
    if not micros:
        return "as the reference"
    return f"{seconds(micros)} s {'behind' if micros > 0 else 'ahead of'} the reference"


def held(
    case: Case, number: int, *, holder: str, at: datetime, place: str, sha256: str, how: str, by: str
) -> None:
    """Note who held an exhibit before it came here. Raises Error where the digest stated is not its own."""
    for text, flag, what in (
        (holder, "--holder", "who held it"),
        (place, "--place", "where"),
        (by, "--by", "who enters it"),
    ):
        _must(text, flag, what)
    stored = case.exhibit(number)
    stated = sha256.strip().lower()
    if stated and stated != stored.digest:
        raise Error(
            "held-otherwise",
            f"Exhibit {number} is not the file that {visible(holder, 80)} states.",
            f"Its SHA-256 is {stored.digest}, and {visible(stated, 80)} was stated.",
            "It is another file, or was changed on the way: ask for it again. Nothing was noted.",
        )
    if at > stored.captured:
        raise Error(
            "obtained-later",
            f"Exhibit {number} was stored on {stored.captured:%Y-%m-%d}, before it was held so.",
            f"The time given is {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.",
            "Name the moment at which that person had the file.",
        )
    body = {"number": number, "holder": holder, "at": at.isoformat(), "place": place}
    case.note(handled.HELD, {**body, "sha256": stated, "how": how, "by": by})


def given(
    case: Case,
    *,
    giver: str,
    receiver: str,
    at: datetime,
    purpose: str,
    by: str,
    upto: int,
    manifest: str = "",
    name: str = "",
    receipt: Callable[[], int] | None = None,
    reference: str = "",
) -> str:
    """Note that the case, as its first `upto` entries have it, was handed over: the folder, or a bundle of it.

    Raises Error for a time that cannot be so, and for a bundle that the journal does not know.
    """
    for text, flag, what in (
        (giver, "--from", "who gives"),
        (receiver, "--to", "who receives"),
        (purpose, "--purpose", "what for"),
        (by, "--by", "who enters it"),
    ):
        _must(text, flag, what)
    assert case.now is not None
    if at > case.now() + _SKEW or at < case.entries[0].time:
        raise Error(
            "handed-when",
            f"The case was not handed over at {at.isoformat()}.",
            f"It was opened at {case.entries[0].time:%Y-%m-%dT%H:%M:%SZ}, and what is still to come is no fact.",
            "Name the moment of the hand-over with --at, with its zone.",
        )
    if manifest and handled.sealed(case.entries, manifest) is None:
        raise Error(
            "handed-unknown",
            f"{name} is no bundle that the journal knows.",
            f"Its manifest's SHA-256 is {manifest}, and no entry says that such a bundle was made of this case.",
            "`recover seal` makes one; hand that over.",
        )
    head, number, exhibits, digest = handled.stated(case.entries, upto)
    identity = f"H{sum(e.kind == handled.HANDED and e.body['act'] == 'given' for e in case.entries) + 1}"
    about: dict[str, Any] = {
        "giver": giver,
        "receiver": receiver,
        "at": at.isoformat(),
        "purpose": purpose,
        "by": by,
    }
    about |= {"what": "bundle" if manifest else "folder", "name": name, "upto": upto, "head": head}
    about |= {"entry": number, "exhibits": exhibits, "digest": manifest or digest, "reference": reference}
    # The signed receipt becomes an exhibit last: nothing is kept of a hand-over that is refused.
    about["receipt"] = None if receipt is None else receipt()
    case.note(handled.HANDED, {"act": "given", "id": identity, **about})
    return identity


def receipt(case: Case, identity: str, *, exhibit: Callable[[], int], reference: str, by: str) -> int:
    """Note which exhibit is the signed receipt of a hand-over that was noted before."""
    _must(by, "--by", "who enters it")
    known = [e.body["id"] for e in case.entries if e.kind == handled.HANDED and e.body["act"] == "given"]
    if identity not in known:
        raise Error(
            "handed-unknown",
            f"There is no hand-over {visible(identity, 40)}.",
            f"The journal has {', '.join(known) or 'none'}.",
            "`recover show CASE custody` lists them.",
        )
    number = exhibit()
    about = {"act": "receipt", "id": identity, "receipt": number, "reference": reference, "by": by}
    case.note(handled.HANDED, about)
    return number


def custody(case: Case) -> tuple[CustodyFacts, ...]:
    """All of it in the order of the journal, up to its head: who worked first, as whoever opened the case."""
    found = [
        CustodyFacts(number=entry.number, kind=entry.kind, at=entry.time, about=dict(entry.body))
        for entry in case.entries[: case.head[1]]
        if entry.kind in handled.KINDS
    ]
    first = CustodyFacts(number=1, kind=handled.WORKED, at=case.entries[0].time, about={"by": _first(case)})
    return (first, *found)


def _first(case: Case) -> str:
    from recover.case import settings

    return settings.parse(str(case.entries[0].body["text"])).examiner


def hands(case: Case) -> Sequence[dict[str, Any]]:
    """Every entry of the journal with who did it: the person whom it names, else whoever worked then."""
    by, rows = _first(case), []
    for entry in case.entries:
        if entry.kind == handled.WORKED:
            by = str(entry.body["by"])
        named = entry.body.get("by")
        kept = entry.kind in handled.KINDS
        what = entry.body.get("act") or entry.body.get("stage") or ""
        rows.append(
            {
                "number": entry.number,
                "time": entry.time,
                "by": named if isinstance(named, str) and named else by,
                "what": f"{entry.kind} {what}".rstrip(),
                "reason": str(entry.body.get("reason", "")),
                "about": {k: v for k, v in entry.body.items() if k not in ("by", "act")} if kept else {},
            }
        )
    return rows


def _must(text: str, flag: str, what: str) -> None:
    if not text.strip():
        raise Error(
            "custody-unsaid",
            f"It must be said {what}.",
            "Custody is evidence of who had what when.",
            f"Say it with {flag}.",
        )
