"""How an exhibit was obtained before it was imported: when, by whom and from where, as a person says."""

from __future__ import annotations

from datetime import UTC, datetime

from recover.case import Case, Stored
from recover.sdk.errors import Error


def state(case: Case, number: int, obtained: datetime | None, by: str, origin: str) -> Stored:
    """Note it in the journal; what is said last counts. Raises Error for what cannot be so."""
    stored = case.exhibit(number)
    if obtained is not None and obtained > stored.captured:
        raise Error(
            "obtained-later",
            f"Exhibit {number} was imported on {stored.captured:%Y-%m-%d}, before it was obtained.",
            f"--obtained names {obtained.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.",
            "Name the moment at which the file was made or handed over.",
        )
    when = None if obtained is None else obtained.astimezone(UTC).isoformat()
    case.note("obtained", {"number": number, "obtained": when, "by": by, "origin": origin})
    return case.exhibits()[number - 1]
