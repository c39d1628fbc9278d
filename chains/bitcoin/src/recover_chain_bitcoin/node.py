"""JSON from outside, read strictly: each value knows where it stands, so that an error can say so.

Numbers with a point are exact decimals, never floats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from recover.sdk import Error, NotRecognised

_SHOWN = 60
_HEX = re.compile("[0-9a-fA-F]*")
_COIN = Decimal(100_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One JSON value and its path from the top, such as `tx[3].vin[0]`."""

    value: Any
    path: str = ""

    def has(self, *names: str) -> bool:
        """Whether this is an object with all these members, none of them null."""
        return isinstance(self.value, dict) and all(self.value.get(name) is not None for name in names)

    def at(self, name: str) -> Node:
        """A member. Raises Error when it is not there."""
        if not isinstance(self.value, dict) or name not in self.value:
            self.fail(f"has no member {name}")
        return Node(value=self.value[name], path=f"{self.path}.{name}" if self.path else name)

    def items(self) -> Iterator[Node]:
        """The elements of a list. Raises Error when this is none."""
        if not isinstance(self.value, list):
            self.fail("is no list")
        for number, value in enumerate(self.value):
            yield Node(value=value, path=f"{self.path}[{number}]")

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.fail("is no text")
        return str(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fail("is neither true nor false")
        return bool(self.value)

    def number(self, least: int = 0, most: int = 2**63 - 1) -> int:
        """A whole number in a closed range."""
        value = self.value
        if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > 20:
            value = None  # before any arithmetic: an exponent may be beyond what arithmetic can hold
        elif isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fail(f"is no whole number from {least} to {most}")
        return int(value)

    def coins(self) -> int:
        """An amount in coins of 10^8 base units, in base units, exact."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fail("is no amount")
        exact = Decimal(value)
        if not exact.is_finite() or not 0 <= exact < 2**36 or exact.as_tuple().exponent < -24:  # type: ignore[operator]
            self.fail("is no amount")
        units = exact * _COIN
        if units != units.to_integral_value():
            self.fail("is finer than the base unit")
        return int(units)

    def bytes(self) -> bytes:
        """Hexadecimal text as bytes."""
        try:
            return bytes.fromhex(self._digits())
        except ValueError:
            self.fail("is not hexadecimal")

    def hash(self) -> str:
        """A hash as displayed: 64 hexadecimal digits, in lower case."""
        digits = self._digits()
        if len(digits) != 64:
            self.fail("is no hash of 64 hexadecimal digits")
        self.bytes()
        return digits.lower()

    def fail(self, why: str) -> NoReturn:
        """Raises Error about this value."""
        shown = json.dumps(self.value, default=str)[:_SHOWN]
        raise Error(
            "json-unreadable",
            f"{self.path or 'The answer'} cannot be read.",
            f"{self.path or 'It'} {why}: {shown!a}.",
            "Ask the server again, or export the file again; it is damaged or of another kind.",
        )

    def _digits(self) -> str:
        text = self.text()
        if not _HEX.fullmatch(text):  # bytes.fromhex would let spaces through
            self.fail("is not hexadecimal")
        return text


def load(data: bytes) -> Node:
    """The JSON text that `data` is. Raises NotRecognised when it is none."""
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:  # the last for 1e9999999999999999999
        raise NotRecognised(
            "not-json",
            "It is not JSON.",
            f"{type(error).__name__}: {str(error)[:100]}.",
            "Get the answer or the file again; it is cut off or of another kind.",
        ) from None
    return Node(value=value)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
