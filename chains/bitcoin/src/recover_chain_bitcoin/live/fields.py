"""Typed reading of what a server answered: each names the call and the field that is not as its interface says."""

from __future__ import annotations

import re
from typing import Final

from recover.sdk import Absent, Error
from recover_chain_bitcoin.live.calls import Answer, Json

_ID: Final = re.compile(r"[0-9a-f]{64}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_DECIMAL: Final = re.compile(r"(\d{1,9})(?:\.(\d{1,8}))?")


def named(answer: Answer, value: Json, name: str) -> Json:
    """A member of an object. Raises Error when it is not there."""
    if not isinstance(value, dict) or name not in value:
        raise odd(answer, f"it has no {name}")
    return value[name]


def unconfirmed(tx: str, who: str) -> Absent:
    """What is said of a transaction that was asked for by its id, and that no block holds (BIP 125)."""
    return Absent(
        "unconfirmed",
        f"{who} knows transaction {tx}, and no block of its chain holds it.",
        "It may never be confirmed, and another can spend the same coins: nothing counts as moved by it.",
        "Ask again once a block holds it.",
    )


def listed(answer: Answer, value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise odd(answer, f"{what} is no list")
    return value


def tx_id(answer: Answer, value: Json, what: str) -> str:
    """64 hexadecimal digits: the id of a transaction or of a block."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise odd(answer, f"{what} is no id of 64 hexadecimal digits")
    return value


def data(answer: Answer, value: Json, what: str) -> bytes:
    """Bytes from hexadecimal text."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise odd(answer, f"{what} is not hexadecimal")
    return bytes.fromhex(value)


def number(answer: Answer, value: Json, what: str, least: int = 0) -> int:
    """An integer from `least` to 2^63 - 1."""
    if type(value) is not int or not least <= value < 2**63:
        raise odd(answer, f"{what} is no whole number from {least}")
    return value


def amount(answer: Answer, value: Json, what: str) -> int:
    """A decimal of Bitcoin Core in base units, exact: 48.99997180 is 4899997180."""
    found = _DECIMAL.fullmatch(str(value)) if isinstance(value, str | int) else None
    if found is None or isinstance(value, bool):
        raise odd(answer, f"{what} is no decimal with at most eight places")
    return int(found[1]) * 10**8 + int((found[2] or "").ljust(8, "0"))


def odd(answer: Answer, why: str) -> Error:
    """The error for an answer that is not as the server's interface says."""
    return Error(
        "rpc-answer-odd",
        f"The answer to {answer.call.method} {answer.call.subject} is not as its interface says.",
        f"In call {answer.place}, {why}.",
        "Ask another server; nothing of this answer is used.",
    )
