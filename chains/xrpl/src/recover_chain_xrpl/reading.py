"""Fields of an answer, each with the type that it must have: what comes from outside may be anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

Json = Mapping[str, Any]

# https://xrpl.org/docs/references/protocol/data-types/basic-data-types#specifying-time
_BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_MOST = 2**53


class Fault(ValueError):
    """What one record of an answer lacks or has wrong; its message says it."""


def load(data: bytes) -> object:
    """JSON, its numbers exact. Raises Fault."""
    try:
        return json.loads(data, parse_float=str, parse_constant=_constant)
    except RecursionError:
        raise Fault("it is nested deeper than any answer") from None
    except ValueError as error:
        raise Fault(f"it is no JSON: {error}") from None


def text(record: Json, name: str) -> str:
    found = record.get(name)
    if not isinstance(found, str):
        raise Fault(f"{name} is no text")
    return found


def whole(record: Json, name: str) -> int:
    """A whole number, as number or as digits: both occur."""
    found = record.get(name)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 17:
        found = int(found)
    if type(found) is not int or not 0 <= found < _MOST:
        raise Fault(f"{name} is no whole number")
    return found


def inner(record: Json, name: str) -> Json:
    """A record within the record, empty where it is absent."""
    found = record.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Fault(f"{name} is no record")
    return found


def listed(record: Json, name: str) -> list[Any]:
    found = record.get(name, [])
    if not isinstance(found, list):
        raise Fault(f"{name} is no list")
    return found


def digest(record: Json, name: str) -> str:
    found = text(record, name)
    if not _HASH.fullmatch(found):
        raise Fault(f"{name} is not 64 hexadecimal digits")
    return found.upper()


def moment(seconds: int) -> datetime:
    """Seconds since the year 2000, as the ledger counts, as a time. Raises Fault."""
    if seconds >= 2**32:
        raise Fault("a time is later than the ledger can count")
    return _BEGAN + timedelta(seconds=seconds)


def iso(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise Fault(f"{said[:40]!r} is no time") from None
    if found.tzinfo is None:
        raise Fault(f"{said[:40]!r} has no zone")
    return found.astimezone(UTC)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
