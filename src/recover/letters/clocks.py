"""Clocks of letters: when what was asked lapses, when to renew, when to remind; and the same as a calendar.

Days are calendar days unless a basis says otherwise. A clock starts at receipt where that is known, else at the
earlier day of issue, and says so: a term taken as too short harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recover.letters.life import Letter
from recover.registers.bases import LegalBasis
from recover.report.texts import moment
from recover.sdk import Error
from recover.sdk.outside import visible

REMIND = (timedelta(days=14), timedelta(days=7), timedelta(days=2))
REMIND_HOURS = (timedelta(hours=24),)
REMIND_LAST = (timedelta(hours=6), timedelta(hours=1))
"""Of a clock so short that no other reminder comes before its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One moment that counts: `kind` is `lapses`, `until` or `reply_by`, or by the addressee's own rules `hold`,
    `records` or `report`; `began` what it was counted from. `to` is the addressee by name, `word`
    what ends, for a calendar,
    `last` the day that the letter names itself, where its sender is.

    `reckoned` says that the true start is unknown and an earlier one was taken. `left` are renewals still open.
    `says` and `source` are the register's of an addressee's own term, which nobody has `confirmed`. `over`: it ran
    once, and nothing is asked by it any more. `granted`: of a hold, that its addressee said that it holds.
    """

    letter: str
    version: int
    kind: str
    due: datetime
    began: datetime
    start: str
    reckoned: bool
    left: int
    basis: str
    zone: str = "UTC"
    says: str = ""
    source: str = ""
    confirmed: bool = True
    to: str = ""
    word: str = ""
    last: date | None = None
    over: bool = False
    granted: bool = True

    @property
    def event(self) -> tuple[str, int, str]:
        """What tells it from every other clock of its case."""
        return self.letter, self.version, self.kind

    def reminders(self) -> tuple[datetime, ...]:
        """Moments at which to remind, before it is due and after it began."""
        short = self.due - self.began <= timedelta(days=4)
        for wanted in (REMIND_HOURS if short else REMIND, REMIND_LAST):
            if found := tuple(at for at in (self.due - ahead for ahead in wanted) if at > self.began):
                return found
        return ()


def terms(letter: Letter, basis: LegalBasis | None) -> Iterator[Term]:
    """The clocks of every issued version, in their order: what the law sets, and the day that the letter names.

    Of a version issued after the one that its addressee has nothing runs: nobody was asked by it.
    """
    for version in (one for one in letter.issued if one <= letter.standing):
        choice = letter.chosen(version)
        if basis is not None and basis.term(choice.role if choice else ""):
            yield from _terms(letter, version, basis)
    if last := letter.standing:  # of versions that are superseded nothing is asked any more
        yield from _day(letter, last, "until")
        if letter.at("answer", last) is None:
            yield from _day(letter, last, "reply_by")


def asked(letter: Letter, version: int, name: str) -> str:
    """A day that an issued version names: `until`, or `reply_by`."""
    issued, choice = letter.at("issue", version), letter.chosen(version)
    if issued is None:
        return ""
    return issued.text(name) or (str(getattr(choice, name)) if choice else "")


def _day(letter: Letter, version: int, name: str) -> Iterator[Term]:
    """The end of a day that the letter names, where its sender is."""
    issued, day = letter.at("issue", version), asked(letter, version, name)
    if issued is None or letter.ended or not day:
        return
    zone = zoned(letter, version)
    yield Term(
        letter=letter.id, version=version, kind=name, due=end(date.fromisoformat(day), zone),
        last=date.fromisoformat(day),
        began=issued.moment(), start="issue", reckoned=False, left=0, basis=issued.text("basis"), zone=zone,
    )  # fmt: skip


def zoned(letter: Letter, version: int) -> str:
    """The zone of the sender of a version."""
    choice = letter.chosen(version)
    return (choice.sender.get("zone", "") if choice else "") or "UTC"


def end(last: date, zone: str) -> datetime:
    """The moment at which a day ends in a zone, in UTC."""
    where = place(zone or "UTC") or UTC
    try:
        return datetime.combine(last + timedelta(days=1), time(), where).astimezone(UTC)
    except OverflowError:  # the last day that a calendar has
        return datetime.combine(last, time.max, UTC)


def offset(last: date, zone: str) -> str:
    """How far the clocks of a zone are from UTC when a day ends there, such as UTC+07:00."""
    where = place(zone or "UTC") or UTC
    ahead = datetime.combine(last, time(23, 59), where).utcoffset() or timedelta()
    minutes = abs(ahead) // timedelta(minutes=1)
    return f"UTC{'-' if ahead < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"


def _terms(letter: Letter, version: int, basis: LegalBasis) -> Iterator[Term]:
    clock = basis.clock
    start, reckoned, began = _began(letter, version, str(clock.get("start", "receipt")))
    if began is None or letter.ended:
        return
    zone = str(clock.get("zone", "UTC"))
    days, hours = int(clock.get("days", 0)), int(clock.get("hours", 0))
    if not days and not hours:
        return
    due, left = _later(began, days, zone, hours), int(clock.get("renewals", 0))
    at = filed(letter, version)
    if at is not None and "then_days" in clock and at <= due:
        # A second term replaces the first; where the report came long before the letter, the first is longer.
        second = _later(at, int(clock["then_days"]), zone)
        if second > due:
            due, start, reckoned, began, left = second, "filing", False, at, 0
    for asked_at in renewals(letter, version):
        # A renewal runs from the end of the term before, not from the day on which it was asked; what has lapsed
        # is not renewed.
        if left and asked_at <= due:
            due, left = _later(due, int(clock.get("renewal_days", 0)), zone), left - 1
    yield Term(
        letter=letter.id, version=version, kind="lapses", due=due, began=began, start=start, reckoned=reckoned,
        left=left, basis=basis.id, zone=zone,
    )  # fmt: skip


def renewals(letter: Letter, version: int) -> list[datetime]:
    """The moments at which a version was renewed, in their order."""
    return sorted(a.moment() for a in letter.acts if a.act == "renew" and a.version == version)


def filed(letter: Letter, version: int) -> datetime | None:
    """When the matter was first filed with the police: what was filed again begins no other term."""
    found = (a.moment() for a in letter.acts if a.act == "filed" and a.version == version)
    return min(found, default=None)


def _began(letter: Letter, version: int, start: str) -> tuple[str, bool, datetime | None]:
    issued, sent = letter.at("issue", version), letter.at("sent", version)
    received, at = letter.at("acknowledge", version), filed(letter, version)
    if start == "receipt" and received is not None:
        stated = received.text("received")
        return "receipt", False, datetime.fromisoformat(stated) if stated else received.moment()
    if start == "filing" and at is not None:
        return "filing", False, at
    first = issued or sent
    return "issue", start != "issue", first.moment() if first else None


def place(zone: str) -> ZoneInfo | None:
    """A time zone by its name in the IANA database; None where there is none of it."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def told(time: datetime, zone: str) -> str:
    """A moment in UTC and, where the sender's zone is another, the local time beside it."""
    where = place(zone) if zone else None
    try:
        local = time.astimezone(where) if where else time
    except OverflowError:  # the last day that a calendar has
        local = time
    return moment(time) + (f" ({local.isoformat(timespec='seconds')})" if local.utcoffset() else "")


def _later(began: datetime, days: int, zone: str, hours: int = 0) -> datetime:
    """So much later by the calendar of a place: a day is a day there also when its clocks are put forward, and an
    hour an hour."""
    where = place(zone)
    if where is None:
        raise Error(
            "zone-unknown",
            f"There is no time zone {zone!r}.",
            "A clock runs in the zone of the institution.",
            "Write a name such as Asia/Bangkok in the register's entry.",
        )
    there = (began.astimezone(where) + timedelta(days=days)).astimezone(UTC)
    return there + timedelta(hours=hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The case of a calendar: `key` tells it from every other, `name` is for a reader; `number` grows with it."""

    key: str
    name: str
    number: int
    stamp: datetime


def calendar(found: Iterable[Term], home: Home) -> bytes:
    """The terms as an iCalendar file (RFC 5545), the same bytes for the same terms. The stamp is never the clock.

    One that comes later replaces an event of its identifier, from whatever file: it is its case's own. One that is
    over is cancelled, for it would stay in a calendar that has it.
    """
    from icalendar import Alarm, Calendar, Event

    made = Calendar()
    made.add("prodid", "-//recover//letters//EN")
    made.add("version", "2.0")
    for term in sorted(found, key=lambda t: (t.due, t.letter, t.version)):
        event = Event()
        event.add("uid", "{}-{}-v{}-{}@recover.invalid".format(home.key, *term.event))
        event.add("dtstamp", home.stamp.astimezone(UTC))
        event.add("sequence", home.number)
        event.add("status", "CANCELLED" if term.over else "CONFIRMED")
        # A day that the letter names is that day where its sender is: its end has the next day's date.
        last = term.last
        event.add("dtstart", last or term.due)
        summary = f"{visible(term.to or term.letter, 80)}: {term.word or term.kind} ({visible(home.name, 80)})"
        event.add("summary", summary)
        named = f"case {visible(home.name, 80)}, letter {term.letter}, version {term.version}; "
        named += told(term.due, term.zone)
        why = "" if last else f"; {term.basis}"
        source = f" [{term.source}]" if term.source else ""
        event.add("description", named + why + (f"; {term.says}{source}" if term.says else ""))
        for at in () if term.over else term.reminders():
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", f"{summary} {last or told(term.due, term.zone)}")
            # A day has no moment from which a calendar could count back.
            if last:
                alarm.add("trigger", at.astimezone(UTC), parameters={"value": "DATE-TIME"})
            else:
                alarm.add("trigger", at - term.due)
            event.add_component(alarm)
        made.add_component(event)
    data: bytes = made.to_ical()
    return data
