"""Times as an examiner types them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(text: str, *, end: bool = False, zoned: bool = False) -> datetime:
    """A day or an ISO 8601 time, in UTC unless it names its zone; a day as an end means its last microsecond.

    Raises Error for anything else. `zoned`: a time of day has to name its zone.
    """
    from recover.sdk.errors import Error

    clean = text.strip()
    try:
        found = datetime.fromisoformat(clean)
    except ValueError:
        raise Error(
            "time-unreadable",
            f"{text!r} is not a time.",
            "Looked for a day, such as 2024-05-01, or a time, such as 2024-05-01T13:45:00+07:00.",
            "Write it so, a time of day with its zone."
            if zoned
            else "Write it so; without a zone it is read as UTC.",
        ) from None
    # Chains have no local time, and an examiner's machine may stand anywhere.
    aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if end and _DAY.fullmatch(clean):
        # "To 1 May" includes that day; the ledger's times are kept to the microsecond.
        return aware + timedelta(days=1) - timedelta(microseconds=1)
    return aware


def moment(text: str) -> datetime:
    """As `parse`, for a moment on which a term can rest: a time of day names its zone. Raises Error."""
    from recover.sdk.errors import Error

    found = parse(text, zoned=True)
    if not whole(text) and datetime.fromisoformat(text.strip()).tzinfo is None:
        raise Error(
            "time-without-zone",
            f"{text!r} names no zone.",
            "Read in another zone it is another moment, and terms of letters are counted from it.",
            f"Add the zone: {text.strip()}Z for UTC, or {text.strip()}+07:00 for Bangkok.",
        )
    return found


def whole(text: str) -> bool:
    """Whether a whole day is meant, and no moment of it."""
    return bool(_DAY.fullmatch(text.strip()))


def show(time: datetime | None) -> str:
    """A time for a person: to the second, in UTC; empty when it is not known."""
    return "" if time is None else time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def lasted(seconds: int) -> str:
    """How long something took, to its two largest units: 3 d 4 h."""
    days, rest = divmod(abs(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    parts = [(days, "d"), (hours, "h"), (rest // 60, "min"), (rest % 60, "s")]
    told = [f"{n} {unit}" for n, unit in parts if n][:2]
    return ("-" if seconds < 0 else "") + (" ".join(told) or "0 s")


_STEPS = (("to_draft", "to draft"), ("to_sent", "to sent"), ("to_answer", "to answer"), ("to_hold", "to hold"))


def steps(row: Mapping[str, Any]) -> str:
    """How long each step of a letter took that was taken, as its row has the seconds."""
    return ", ".join(f"{lasted(row[key])} {word}" for key, word in _STEPS if row[key] is not None) or "–"
