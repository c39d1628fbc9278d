"""JSON of TRON's services read field by field: what a field is not is told in words, and nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from recover.sdk import UINT256, Error, sheet
from recover_chain_tron.chain import canonical

ID = re.compile(r"[0-9a-fA-F]{64}")
NAME = 256
_AMOUNT = re.compile(r"0|[1-9][0-9]{0,77}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_END = 4_102_444_800_000  # the year 2100


def load(data: bytes) -> Any:
    """JSON without any number that is not whole. Raises ValueError."""
    try:
        return json.loads(data, parse_constant=_refuse, parse_float=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def moment(millis: int) -> datetime:
    """Milliseconds since 1970 as an aware time. Raises ValueError for what no calendar has."""
    if not -_END < millis < _END:
        raise ValueError(f"{str(millis)[:40]} is no time in milliseconds")
    return EPOCH + timedelta(milliseconds=millis)


def millis(value: Any) -> int:
    """A time in milliseconds. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _END:
        raise ValueError(f"{sheet.shown(str(value))} is no time in milliseconds")
    if 0 < value < _END // 1000:
        raise ValueError(f"{value} is a time in seconds, and here times are in milliseconds")
    return value


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is not an object")
    return value


def text(fields: Mapping[str, Any], key: str) -> str:
    value = fields[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is not text")
    return value


def matched(fields: Mapping[str, Any], key: str, form: re.Pattern[str]) -> str:
    value = text(fields, key)
    if not form.fullmatch(value):
        raise ValueError(f"{key} {sheet.shown(value)} is not of the form it has on TRON")
    return value


def account(fields: Mapping[str, Any], key: str) -> str:
    """An address in base58check, however it is written."""
    value = text(fields, key)
    try:
        return canonical(value)
    except ValueError as error:
        raise ValueError(f"{key} {sheet.shown(value)}: {error}") from None


def quantity(fields: Mapping[str, Any], key: str) -> int:
    """Base units written as digits in a text. Raises ValueError or KeyError."""
    found = int(matched(fields, key, _AMOUNT))
    if found > UINT256:
        raise ValueError(f"{key} is above 2^256 - 1")
    return found


def amount(fields: Mapping[str, Any], key: str) -> int:
    """Base units as a number or as digits in a text; what is absent is nought, as nodes leave it out."""
    value = fields.get(key, 0)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return quantity({key: str(value) if whole else value}, key)


def decimals(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 255:
        raise ValueError(f"decimals {sheet.shown(str(value))} is not a number from 0 to 255")
    return value


def why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


def unreadable(name: str, problems: list[str]) -> NoReturn:
    """Raises Error naming up to 20 items."""
    more = len(problems) - sheet.LISTED
    told = [*problems[: sheet.LISTED], *([f"and {more} more"] if more > 0 else [])]
    raise Error(
        "items-unreadable",
        f"{len(problems)} items of {name.partition('?')[0]} cannot be read.",
        "; ".join(told) + ".",
        "Fetch it again; if it comes the same, the server's format has changed.",
    )


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:20]} is not whole")
