"""Recordings changed on purpose: an amount replaced by one that no float and no 64 bits hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from recover.sdk import Exhibit, amounts

Rows = dict[str, list[dict[str, Any]]]

VALUES = (2_099_999_999_999_997, 2**53 + 1, 2**64 + 1, 2**128 + 1)
"""The first is near the largest amount of a chain of 21 million coins, above which its decoders may refuse; the
others fit no double, no 64 bits, no 128 bits."""

_MOST = 3  # amounts of one example that are replaced


def inflated(example: Exhibit, found: Rows) -> Iterator[tuple[int, int, bytes]]:
    """(amount, amount in its place, bytes) for a few amounts that stand in the recording as numbers."""
    try:
        text = example.data.decode("utf-8")
    except UnicodeDecodeError:
        return
    done = 0
    for value in sorted(magnitudes(found), reverse=True):
        form = next((f for f in _forms(value) if value > 99 and _word(f[0]).search(text)), None)
        if form is None:
            continue
        for other in VALUES:
            if other != value:
                yield value, other, _word(form[0]).sub(_written(other, form[1]), text).encode()
        done += 1
        if done == _MOST:
            return


def magnitudes(found: Rows) -> set[int]:
    """The amounts of all legs, without their signs."""
    return {
        abs(amounts.join(leg["amount"], leg["wide"]))
        for leg in found["legs"]
        if leg["amount"] is not None or leg["wide"] is not None
    }


def _forms(value: int) -> Iterator[tuple[str, int | None]]:
    """How an amount may be written: digits, hexadecimal, or a decimal number with some places."""
    yield str(value), 0
    yield hex(value), None
    for places in (6, 8, 18):
        full = amounts.decimal(value, places, grouped=False)
        yield full, places
        if (short := full.rstrip("0")) != full and not short.endswith("."):
            yield short, places


def _written(value: int, places: int | None) -> str:
    return hex(value) if places is None else amounts.decimal(value, places, grouped=False)


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z.]){re.escape(text)}(?![0-9A-Za-z.])")
