"""Single values out of a node's JSON: quantities, bytes and addresses, checked."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from recover.sdk import UINT256

Fields = Mapping[str, Any]

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_DIGEST = re.compile(r"0x[0-9a-fA-F]{64}")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")
_DEEPEST = 4000
"""JSON levels. A call can be 1,024 deep, each level two of JSON; Python's own limit of 1,000 is below that."""


def load(data: bytes) -> Any:
    """The JSON that `data` is. Raises ValueError; numbers with a point are refused, they are never exact."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_DEEPEST)  # also where a library has lifted the limit beyond what the stack holds
    try:
        return line(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    finally:
        sys.setrecursionlimit(before)


def line(data: bytes) -> Any:
    """As `load`, for JSON that is not nested deeply: a line of many. Raises ValueError, or RecursionError."""
    return _DECODER.decode(data.decode("utf-8-sig"))


def number(value: Any, what: str = "a number") -> int:
    """A whole number from hexadecimal or decimal text or as it is, up to 2**256 - 1. Raises ValueError."""
    if isinstance(value, str):
        if _QUANTITY.fullmatch(value):
            return int(value, 16)
        if not _DECIMAL.fullmatch(value):
            raise ValueError(f"{what} {shown(value)} is no whole number")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= UINT256:
        raise ValueError(f"{what} {shown(value)} is no whole number from 0 to 2^256 - 1")
    return value


def octets(value: Any, what: str = "bytes", size: int | None = None) -> bytes:
    """Bytes from 0x and digits; `size` of them where it is given. Raises ValueError."""
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise ValueError(f"{what} {shown(value)} is not 0x and pairs of hexadecimal digits")
    found = bytes.fromhex(value[2:])
    if size is not None and len(found) != size:
        raise ValueError(f"{what} has {len(found)} bytes and should have {size}")
    return found


def digest(value: Any, what: str = "a hash") -> str:
    """A hash as 0x and 64 small digits. Raises ValueError."""
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value.lower()
    return "0x" + octets(value, what, 32).hex()


def account(value: Any, what: str = "an address") -> str:
    """An address as 0x and 40 small digits. Raises ValueError."""
    if isinstance(value, str) and _ACCOUNT.fullmatch(value):
        return value.lower()
    return "0x" + octets(value, what, 20).hex()


def maybe(value: Any, read: Any, what: str) -> Any:
    """None where there is no value, else what `read` makes of it."""
    return None if value is None or value == "" else read(value, what)


def fields(value: Any, what: str) -> Fields:
    """A JSON object. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object")
    return value


def items(value: Any, what: str) -> Sequence[Any]:
    """A JSON list. Raises ValueError."""
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list")
    return value


def shown(value: Any) -> str:
    """A value for a message: bounded, control characters escaped."""
    text = value if isinstance(value, str) else type(value).__name__ if value is not None else "null"
    return ascii(text if len(text) <= 40 else text[:40] + "...")


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:20]} is not whole")


_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
