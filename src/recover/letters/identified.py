"""What an addressee looks up, as its kind of letter names it: a line, a payment, a profile, a domain.

A network address without port and second names thousands, an account without the payment nobody's transfer: such
an identifier is named with all that its addressee needs, and what is not known is said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_address

from recover.registers import hosts
from recover.report.texts import Texts
from recover.sdk import Error
from recover.sdk.outside import visible
from recover.victims.known import WAY

FORMS: Mapping[str, tuple[str, ...]] = {
    "line": ("line", "port", "second"),
    "payment": (
        *("account", "direction", "holder", "beneficiary", "other_bank", "amount", "value_date", "reference"),
    ),
    "profile": ("profile", "user_id", "ad_id", "second"),
    "domain": ("domain",),
}
"""What a kind of letter names (`names` of its `kind.toml`), and the columns that this has."""

EXAMPLES: Mapping[str, str] = {
    "line": "203.0.113.7:51234 2026-11-01T12:00:05Z",
    "payment": "account=TH00 1234; direction=debited; holder=own; beneficiary=unknown; other_bank=unknown; "
    "amount=500.00 THB; value_date=2026-11-01; reference=INV 7",
    "profile": "https://platform.example/user/77; user_id=100004711",
    "domain": "shop.example",
}

APART = "apart"
"""In the schedule that goes with the letter, for the addressee alone: it tells who somebody is."""

_APART = ("beneficiary", "amount", "reference")

UNKNOWN = "unknown"
_MAY = ("holder", "beneficiary", "other_bank", "reference", "user_id")
"""What may be said to be unknown; without the rest the addressee finds nothing."""

_LEFT_OUT = ("ad_id", "second")
"""What need not be said at all."""

_WORDS: Mapping[str, tuple[str, ...]] = {"direction": ("debited", "credited"), "holder": ("own", "other")}
"""Whether the account was debited or credited, and whether it is the sender's own (or its party's)."""

WORDED = ("direction", "holder", "beneficiary", "other_bank")
"""Columns that hold words or a name, and nothing that is copied to be looked up."""

COLUMNS: Mapping[str, str] = {"line": "ip_address_or_number", "port": "source_port", "second": "moment_utc"}
"""What a column is called in a table, where its name alone says too little."""

_NUMBER = re.compile(r"\+?\d[\d ().-]{5,20}\d")
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)? ?[A-Za-z]{3,5}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)
_DATED = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def read(form: str, text: str) -> dict[str, str]:
    """The columns of one identifier; a column that is lacking or cannot be read is empty."""
    found = dict.fromkeys(FORMS[form], "")
    match form:
        case "line":
            found |= _line(text)
        case "domain":
            found["domain"] = _domain(text.strip())
        case _:
            first = FORMS[form][0]
            for n, part in enumerate(one.strip() for one in text.split(";")):
                key, sign, value = (one.strip() for one in part.partition("="))
                if sign and key.casefold() in found:
                    found[key.casefold()] = value
                elif n == 0:
                    found[first] = part
            found |= {"second": _utc(found["second"])} if found.get("second") else {}
            found |= {key: "–" for key in found if key in _LEFT_OUT and not _named(key, text)}
            found |= {key: "" for key in found if not _holds(key, found[key])}
            if form == "profile" and not found["profile"].casefold().startswith("http"):
                found["user_id"] = found["user_id"] or "–"  # a number or an address at the platform is one itself
    return found


def lacking(form: str, text: str) -> list[str]:
    """The columns that an identifier leaves out, or says in a way that cannot be read."""
    return [key for key, value in read(form, text).items() if not value]


def odd(form: str, text: str) -> list[str]:
    """The parts of an identifier that have no column, and would be in no table."""
    if form not in ("payment", "profile"):
        return []
    parts = [one.strip() for one in text.split(";") if one.strip()]
    found, seen = [], set[str]()
    for n, part in enumerate(parts):
        key, sign, _ = part.partition("=")
        name = key.strip().casefold()
        if n == 0 and ("://" in part or not sign):
            name = FORMS[form][0]
        if name not in FORMS[form] or name in seen:  # one that is said twice would lose what was said first
            found.append(part)
        seen.add(name)
    return found


def moment(form: str, text: str) -> datetime | None:
    """When an identifier was used, as it says itself; None where it says nothing of it."""
    said = read(form, text)
    if _SECOND.fullmatch(said.get("second", "")):
        return datetime.fromisoformat(said["second"])
    if _day(said.get("value_date", "")):
        return datetime.combine(date.fromisoformat(said["value_date"]), time.max, UTC)
    return None


def ahead(used: datetime, now: datetime) -> bool:
    """Whether a moment that an identifier names has not come: of a day, whether it has begun nowhere on Earth."""
    return used.date() > (now + _FIRST).date() if used.time() == time.max else used > now


def since(form: str, about: Sequence[str]) -> datetime | None:
    """The earliest moment that identifiers name; of a day its beginning. None where none of them names any."""
    used = [one for text in about if (one := moment(form, text))] if form else []
    first = min(used, default=None)
    return (
        first.replace(hour=0, minute=0, second=0, microsecond=0) if first and first.time() == time.max else first
    )


def rows(form: str, about: Sequence[str]) -> list[tuple[str, ...]]:
    """Every identifier by its columns."""
    return [tuple(read(form, one).values()) for one in about]


def told(t: Texts, name: str, cell: str) -> str:
    """A cell of a column in words, where the column has words of its own."""
    if cell.casefold() == UNKNOWN:
        return t.say("given.unsaid")
    if cell.casefold() == APART and name in _APART:
        return t.say("given.apart")
    if name == "account" and WAY.fullmatch(cell):
        return t.say("given.numbered", id=cell)
    if name == "domain" and (wide := hosts.shown(cell)) != cell:
        return f"{visible(cell, 200)} ({visible(wide, 200)})"
    key = f"given.{name}_{cell.casefold()}"
    return t.say(key) if t.has(key) else visible(cell, 200)


def words(t: Texts, form: str, text: str) -> str:
    """One identifier in words; what is unknown or not said is left to the table."""
    cells = {name: cell for name, cell in read(form, text).items() if cell not in ("", "–", UNKNOWN, APART)}
    return " · ".join(f"{t.say(f'column.{name}')}: {told(t, name, cell)}" for name, cell in cells.items())


def _named(key: str, text: str) -> bool:
    """Whether an identifier says something under this name."""
    return any(part.partition("=")[0].strip().casefold() == key for part in text.split(";"))


def scheduled(form: str, about: Sequence[str]) -> tuple[str, ...]:
    """The ways of these identifiers whose accounts stand in a schedule beside the letter."""
    cells = [read(form, one).get("account", "") for one in about] if form == "payment" else []
    return tuple(cell for cell in cells if WAY.fullmatch(cell))


def _line(text: str) -> dict[str, str]:
    bare = not any(_host(one) or _DATED.match(one) for one in text.split())
    if _NUMBER.fullmatch(text.strip()) and bare:
        return {"line": text.strip(), "port": "–", "second": "–"}  # of a telephone, a card or a device
    place, _, second = text.strip().partition(" ")
    host, _, port = place.rpartition(":")
    if _host(place.strip("[]")) or not _host(host.strip("[]")):
        host, port = place, ""
    plain = host.strip("[]")
    # Ports are asked for because many lines share an address; of version 6 each line has its own.
    if _host(plain) and ip_address(plain).version == 6 and port in ("", UNKNOWN):
        return {"line": plain, "port": "–", "second": _utc(second.strip())}
    return {
        "line": plain if _host(plain) else "",
        "port": port if port.isascii() and port.isdigit() and 0 < int(port) < 65536 else "",
        "second": _utc(second.strip()),
    }


def _domain(text: str) -> str:
    """A server's address, or a name of a host as registers have it (Punycode), out of a page's address too."""
    if _host(text) or _DOMAIN.fullmatch(text):
        return text
    try:
        return hosts.of_url(hosts.url(text)) if "://" in text else hosts.host(text)
    except Error:
        return ""


def _host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_FIRST = timedelta(hours=14)
"""So much before UTC a day begins where it begins first."""


def _utc(text: str) -> str:
    """A moment with its zone, in UTC; empty where it is none."""
    try:
        return (
            datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")
            if _SECOND.fullmatch(text) and int(text[:4]) >= _OLDEST
            else ""
        )
    except ValueError:
        return ""


def _holds(key: str, value: str) -> bool:
    if value.casefold() == UNKNOWN:
        return key in _MAY
    if value.casefold() == APART:
        return key in _APART
    if key in _WORDS:
        return value.casefold() in _WORDS[key]
    if key == "amount":
        return _AMOUNT.fullmatch(value) is not None
    if key == "account":
        return WAY.fullmatch(value) is not None or sum(c.isdigit() for c in value) >= 4
    if key == "value_date":
        return _day(value)
    return bool(value)


_OLDEST = 1900
"""No account has a record of an earlier year: it is mistyped."""


def _day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year >= _OLDEST
    except ValueError:
        return False
