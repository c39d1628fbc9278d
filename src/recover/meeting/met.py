"""The acts of a meeting: blind, answer, compare. Each notes with whom, what was sent and what was learned."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from recover.case import Case
from recover.meeting import blinded, exchanged, sessions
from recover.meeting.exchanged import Sheet
from recover.sdk.errors import Error
from recover.sdk.outside import visible

Items = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Who acts here, with whom, and the one thing that a hit tells the other side: a contact."""

    by: str
    other: str
    contact: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a side learned: its own addresses that the other has too, and the contact that the other chose.

    `reply` is the file that lets the other side learn the same; None for the side that learns last.
    """

    session: str
    hits: tuple[tuple[str, str], ...]
    contact: str
    reply: Sheet | None


def blind(case: Case, items: Items, who: Partner) -> Sheet:
    """Begin a meeting: this side's addresses, blinded, padded and in no order. Journaled, the secret kept."""
    _named(who, items)
    session, scalar = secrets.token_hex(16), blinded.secret()
    points, order = _blinded(session, items, scalar)
    sheet = Sheet(step="blind", session=session, contact=who.contact, points=tuple(points))
    said = {"step": "blind", "scalar": scalar.hex(), "order": order, "items": _listed(items)}
    sessions.keep(case, session, {**said, "sent": sheet.digest, "points": sorted(p.hex() for p in points)})
    _note(case, "blind", session, who, count=len(points), sent=sheet.digest)
    return sheet


def answer(case: Case, sheet: Sheet, items: Items, who: Partner) -> Sheet:
    """Blind the other side's points again, in their order, and send this side's with them.

    The secret is not needed any more, and is kept nowhere. Raises Error for a file that was answered before.
    """
    _named(who, items)
    sessions.fresh(case, sheet.session, sheet.digest)
    scalar = blinded.secret()
    again = blinded.blind(sheet.points, scalar)
    points, order = _blinded(sheet.session, items, scalar)
    made = Sheet(
        step="answer",
        session=sheet.session,
        contact=who.contact,
        of=sheet.digest,
        points=tuple(points),
        again=tuple(again),
    )
    said = {"step": "answer", "order": order, "items": _listed(items), "theirs": sheet.contact}
    sessions.keep(case, sheet.session, {**said, "sent": made.digest, "again": sorted(p.hex() for p in again)})
    _note(case, "answer", sheet.session, who, count=len(points), sent=made.digest, received=sheet.digest)
    return made


def compare(case: Case, sheet: Sheet, by: str, deliver: Callable[[Sheet], object]) -> Met:
    """Compare: what of this side the other has too. Raises Error for another meeting's file.

    The side that began makes the file by which the other learns the same, and hands it to `deliver`, once the
    journal has it. Then the secrets are deleted.
    """
    if not by.strip():
        raise _nameless()
    held = sessions.held(case, sheet.session, "blind" if sheet.step == "answer" else "answer")
    if sheet.of != held["sent"]:
        raise exchanged.other()
    if len(sheet.again) != len(held["order"]):
        raise exchanged.other()
    if sheet.step == "answer":
        mine = {bytes.fromhex(one) for one in held["points"]}
        if mine & {*sheet.points} or mine & {*sheet.again}:
            raise exchanged.mirrored()
        theirs = blinded.blind(sheet.points, bytes.fromhex(held["scalar"]))
        reply = Sheet(step="result", session=sheet.session, of=sheet.digest, again=tuple(theirs))
        contact, common = sheet.contact, {*theirs}
    else:
        reply, contact = None, held["theirs"]
        common = {bytes.fromhex(one) for one in held["again"]}
    # Of every point that was sent, which item it is; -1 is padding.
    numbers = [n for n, point in zip(held["order"], sheet.again, strict=True) if n >= 0 and point in common]
    hits = tuple(sorted((chain, text) for chain, text in (held["items"][n] for n in numbers)))
    first = next(one for one in sessions.known(case) if one["id"] == sheet.session)
    body = {"act": "compare", "id": sheet.session, "by": by.strip(), "with": first["with"], "theirs": contact}
    sent = {"sent": reply.digest} if reply else {}
    body |= {"received": sheet.digest, **sent, "hits": [f"{chain}:{text}" for chain, text in hits]}
    case.note(sessions.KIND, body)
    if reply:
        deliver(reply)
    sessions.close(case, sheet.session)
    return Met(session=sheet.session, hits=hits, contact=contact, reply=reply)


def _blinded(session: str, items: Items, scalar: bytes) -> tuple[list[bytes], list[int]]:
    """(points in the order of their bytes, and for each the number of its item, -1 for padding)."""
    points = [blinded.hashed(session, one) for one in items]
    points += blinded.padding(blinded.padded(len(points)) - len(points))
    made = sorted((point, n if n < len(items) else -1) for n, point in enumerate(blinded.blind(points, scalar)))
    return [point for point, _ in made], [n for _, n in made]


def _listed(items: Items) -> list[Sequence[str]]:
    return [list(place) for place in items.values()]


def _note(case: Case, act: str, session: str, who: Partner, count: int, sent: str, received: str = "") -> None:
    body = {"act": act, "id": session, "by": who.by.strip(), "with": who.other.strip(), "contact": who.contact}
    more = {"received": received} if received else {}
    case.note(sessions.KIND, {**body, "scope": who.scope, "count": count, "sent": sent, **more})


def _named(who: Partner, items: Items) -> None:
    if not who.by.strip() or not who.other.strip() or not who.contact.strip():
        raise _nameless()
    if visible(who.contact, 200) != who.contact:
        raise Error(
            "meeting-contact", "The contact cannot be shown whole.", "It has 200 characters at most.", "Mend it."
        )
    if not items:
        raise Error(
            "meeting-empty",
            "Nothing enters the meeting.",
            f"No address is in scope ({who.scope}), once victims' and services' own are left out.",
            "Widen it with --kind and --grade, or `recover run CASE` first.",
        )
    if len(items) > exchanged.LARGEST:
        raise Error(
            "meeting-large",
            f"{len(items):,} addresses are more than a meeting takes.",
            f"It takes {exchanged.LARGEST:,}.",
            "Narrow it with --kind and --grade.",
        )


def _nameless() -> Error:
    return Error(
        "meeting-nameless",
        "A meeting needs the name of who holds it, with whom, and a contact for a hit.",
        "The journal keeps what was learned and to whom it was said.",
        "Say --by, --with and --contact.",
    )
