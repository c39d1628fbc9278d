"""Statements that can be taken back: which version of one counts, and since when it counts no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_NO = ("", "0", "false", "no", "none", "null")
_LAST = "9999"


@dataclass(frozen=True, slots=True)
class Statement:
    """One version of a statement. `ident` stays from version to version; `version` is its moment in UTC (ISO
    8601), empty where none is stated; `gone` says who took it back and how, empty where it stands.
    """

    ident: str = ""
    version: str = ""
    gone: str = ""

    def params(self, read: str) -> dict[str, object]:
        """What a label keeps of it. `read` is the day of the exhibit, for one taken back at no stated day."""
        told: dict[str, object] = {"statement": self.ident, "version": self.version if self.ident else ""}
        return told | ({"withdrawn": self.version[:10] or read, "why": self.gone} if self.gone else {})


UNVERSIONED = Statement()
"""What is said once, and cannot be told from another time."""


def denied(value: object) -> bool:
    """Whether a mark such as `revoked` or `deleted` is set. What is neither set nor unset is taken as set: a name
    that somebody may have taken back is not used.
    """
    return value is not None and value is not False and str(value).strip().casefold() not in _NO


def moment(value: object) -> str:
    """A moment as text that sorts: RFC 3339, or seconds since 1970; empty for anything else."""
    said = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        if said.isdecimal():
            return datetime.fromtimestamp(int(said), UTC).isoformat(timespec="milliseconds")
        found = datetime.fromisoformat(said)
    except (ValueError, OverflowError, OSError):
        return ""
    utc = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")


def newest(
    rows: Sequence[Mapping[str, Any]], ident: str, version: Callable[[Mapping[str, Any]], object], mark: str
) -> frozenset[int]:
    """The numbers of the rows that count: of those with one id the latest, of equal ones the one taken back.

    Rows without an id count each. One that is taken back at no moment that can be read is the latest.
    """
    best: dict[str, tuple[tuple[str, bool, int], int]] = {}
    alone = []
    for number, row in enumerate(rows):
        key = row.get(ident)
        if not isinstance(key, str) or not key:
            alone.append(number)
            continue
        gone = denied(row.get(mark))
        rank = (moment(version(row)) or (_LAST if gone else ""), gone, number)
        if key not in best or rank > best[key][0]:
            best[key] = rank, number
    return frozenset((*alone, *(number for _, number in best.values())))
