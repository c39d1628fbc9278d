"""What an addressee looks up, as its kind of letter names it: a line, a payment, a profile, a domain.

A network address without port and second names thousands, an account without the payment nobody's transfer: such
an identifier is named with all that its addressee needs, and what is not known is said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from ipaddress import ip_address

FORMS: Mapping[str, tuple[str, ...]] = {
    "line": ("line", "port", "second"),
    "payment": (
        "account", "side", "whose", "amount", "value_date", "moment", "reference", "beneficiary", "other_account",
        "other_bank",
    ),
    "profile": ("profile", "user_id", "post", "ad", "phone", "email", "moment"),
    "domain": ("domain", "created", "name_servers", "origin"),
}  # fmt: skip
"""What a kind of letter names (`names` of its `kind.toml`), and the columns that this has."""

HEADS: Mapping[str, str] = {"line": "address_or_number", "second": "time_utc"}
"""Columns that a table calls otherwise than `--about` does, where nobody writes their names."""

EXAMPLES: Mapping[str, str] = {
    "line": "203.0.113.7:51234 2026-11-01T12:00:05Z",
    "payment": "account=TH00 1234; side=debited; whose=own; amount=500.00 THB; value_date=2026-11-01; "
    "moment=unknown; reference=INV 7; beneficiary=unknown; other_account=unknown; other_bank=unknown",
    "profile": "https://platform.example/user/77; user_id=100004711",
    "domain": "shop.example",
}

UNKNOWN = "unknown"
_MAY = ("moment", "reference", "beneficiary", "other_account", "other_bank", "user_id")
"""What may be said to be unknown; without the rest the addressee finds nothing."""

_BESIDE = ("post", "ad", "phone", "email", "created", "name_servers", "origin")
"""What helps where it is known, and is left out where it is not."""

SIDES: Mapping[str, tuple[str, ...]] = {"side": ("debited", "credited"), "whose": ("own", "other", UNKNOWN)}
"""On which side the account named stood, and whose it is: of the sender's party (`own`) or of another."""

_NUMBER = re.compile(r"\+?\d[\d ().-]{5,20}\d")
_NETWORK = re.compile(r"\d+(?:\.\d+){3}|\d{4}-\d\d-\d\d")
"""What shows that digits are of a network address or of a day, and no number that a subscriber has."""

_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)? ?[A-Za-z]{3,5}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def read(form: str, text: str) -> dict[str, str]:
    """The columns of one identifier; one that is lacking, or cannot be read, or does not apply, is empty."""
    if form == "line":
        return dict.fromkeys(FORMS[form], "") | _line(text)
    found = dict.fromkeys(FORMS[form], "") | {
        key: value for key, value in _parts(form, text) if key in FORMS[form]
    }
    return {key: value if _holds(key, value) else "" for key, value in found.items()}


def lacking(form: str, text: str) -> list[str]:
    """The columns that an identifier leaves out, or says in a way that cannot be read."""
    found, said = read(form, text), dict(_parts(form, text)) if form != "line" else {}
    needed = [key for key, value in found.items() if not value and (key not in _BESIDE or said.get(key))]
    if form == "line" and found["line"] and not _host(found["line"]):
        return []  # of a telephone, a card or a device there is no port
    if form == "profile":
        # A number or an address at the platform is an id itself; a moment belongs to a post or a log-in.
        whole = bool(found["profile"]) and not found["profile"].casefold().startswith("http")
        loose = {"moment"} | ({"user_id"} if whole else set())
        needed = [key for key in needed if key not in loose or said.get(key)]
    return needed


def unread(form: str, text: str) -> list[str]:
    """Parts of an identifier that no column has, or that a column has already: left out, they would be lost."""
    if form == "line":
        return []
    seen, out = set[str](), list[str]()
    for key, value in _parts(form, text):
        if key not in FORMS[form] or key in seen:
            out.append(key or value)
        seen.add(key)
    return out


def rows(form: str, about: Sequence[str]) -> list[tuple[str, ...]]:
    """Every identifier by its columns."""
    return [tuple(read(form, one).values()) for one in about]


def own(form: str, about: Sequence[str]) -> str:
    """Whether the accounts named are the sender's party's own: `all`, `some`, or none (empty).

    Of its own account a party is told: it is the one that asks.
    """
    if form != "payment" or not about:
        return ""
    mine = [read(form, one)["whose"] == "own" for one in about]
    return "all" if all(mine) else "some" if any(mine) else ""


def _parts(form: str, text: str) -> list[tuple[str, str]]:
    """(column, value) as they are written; what stands first may go without the name of its column."""
    found, first = [], FORMS[form][0]
    for n, part in enumerate(one.strip() for one in text.split(";")):
        key, sign, value = (one.strip() for one in part.partition("="))
        if n == 0 and key.casefold() not in FORMS[form]:
            found.append((first, part))  # an address of the web holds such a sign of its own
        elif sign:
            found.append((key.casefold(), value))
        elif part:
            found.append(("", part))
    return found


def _line(text: str) -> dict[str, str]:
    place, _, second = text.strip().partition(" ")
    if _NUMBER.fullmatch(text.strip()) and not _host(place) and not _NETWORK.search(text):
        return {"line": _plain(text.strip())}
    host, _, port = place.rpartition(":")
    if _host(place.strip("[]")) or not _host(host.strip("[]")):
        host, port = place, ""
    return {
        "line": host.strip("[]") if _host(host.strip("[]")) else "",
        "port": port if port.isascii() and port.isdigit() and 0 < int(port) < 65536 else "",
        "second": _utc(second.strip()),
    }


def _plain(number: str) -> str:
    """A number as systems hold it: after the sign of a country's code, digits alone."""
    bare = re.sub(r"\D", "", number.replace("(0)", ""))
    return f"+{bare}" if number.startswith("+") else number


def _host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _utc(text: str) -> str:
    """A moment with its second, in UTC; empty where the text is none."""
    if not _SECOND.fullmatch(text):
        return ""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return found.isoformat().replace("+00:00", "Z")


def _holds(key: str, value: str) -> bool:
    if key in SIDES:
        return value in SIDES[key]
    if value.casefold() == UNKNOWN:
        return key in _MAY
    if key == "amount":
        return _AMOUNT.fullmatch(value) is not None
    if key == "account":
        return sum(c.isdigit() for c in value) >= 4
    if key == "value_date":
        return _day(value)
    if key == "domain":
        return _host(value) or _DOMAIN.fullmatch(value) is not None
    return bool(value)


def _day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
