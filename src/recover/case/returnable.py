"""What the entries of victims, claims, plans, custody and distributions must be, so that they can be relied on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Fits = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def units(value: Any) -> bool:
    """An amount as an entry has it: digits, so that no reader of JSON rounds it."""
    return isinstance(value, str) and re.fullmatch("0|[1-9][0-9]{0,77}", value) is not None


def _perhaps(value: Any) -> bool:
    return value == "" or units(value)


def _listed(value: Any, fits: Fits) -> bool:
    return isinstance(value, list) and all(map(fits, value))


def _named(value: Any, fits: Fits) -> bool:
    return isinstance(value, Mapping) and all(map(text, value)) and all(map(fits, value.values()))


def _pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(text, value))


def _moment(value: str) -> bool:
    try:
        return not value or datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _moment_text(value: Any) -> bool:
    return text(value) and value != "" and _moment(value)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 62


def _payment(value: Any) -> bool:
    sums = _named(value, text) and all(
        units(value[key]) for key in ("claimed", "shown", "instead") if key in value
    )
    return sums and _moment(value.get("time", ""))


def _back(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(text, value)) and units(value[2])


def _facts(value: Any) -> bool:
    return _named(value, text) and all(_moment(said) for name, said in value.items() if name.endswith("_time"))


def _whole(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < 1 << 62)


def _one_of(*words: str) -> Fits:
    return lambda value: value in words


_TEXT: Mapping[str, Fits] = {"act": text, "id": text}

NEEDED: Mapping[str, Mapping[str, Fits]] = {
    "claim": {**_TEXT, "by": text, "act": _one_of("add", "withdraw")},
    "victim": {**_TEXT, "act": _one_of("add", "more", "erase", "settle", "reopen", "lift", "hold")},
    "plan": {**_TEXT, "by": text, "act": _one_of("set", "destination")},
    "custody": {
        **dict.fromkeys(("act", "id", "by", "address", "asset"), text),
        "units": units,
        "act": _one_of("record", "attest", "hand-over", "convert"),
    },
    "distribution": {"id": text, "by": text},
    "indicator": {**_TEXT, "by": text, "reason": text, "act": _one_of("add", "undo")},
    "feed": {**_TEXT, "by": text, "act": _one_of("build", "withhold", "release")},
    "meeting": {**_TEXT, "by": text, "act": _one_of("blind", "answer", "compare")},
}
"""The fields that each of these kinds has."""

_WITH_ACT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("claim", "add"): ("claimant", "kind", "basis", "asset", "amount", "received", "rank"),
    ("claim", "withdraw"): ("reason",),
    ("plan", "set"): ("source", "asset", "authority"),
    ("plan", "destination"): ("to", "device"),
    ("victim", "add"): ("payments",),
    ("victim", "settle"): ("other", "as", "by", "reason"),
    ("victim", "reopen"): ("other", "by", "reason"),
    ("victim", "lift"): ("by", "reason"),
    ("victim", "hold"): ("by", "reason"),
    ("distribution", ""): ("asset", "stage", "mode", "authority", "pool", "reserve", "costs", "paid"),
    ("distribution", "withdraw"): ("reason",),
    ("indicator", "add"): (
        *("type", "value", "chain", "platform", "user_id", "category", "grade", "source"),
        *("first_seen", "last_seen", "exhibit", "digest"),
    ),
    ("feed", "build"): ("covert", "cleared", "contact", "tlp", "at", "entries"),
    ("feed", "withhold"): ("value", "chain", "reason"),
    ("feed", "release"): ("value", "chain", "reason"),
    ("meeting", "blind"): ("with", "contact", "scope", "count", "sent"),
    ("meeting", "answer"): ("with", "contact", "scope", "count", "sent", "received"),
    ("meeting", "compare"): ("with", "received", "hits"),
}

_FITS: Mapping[str, Mapping[str, Fits]] = {
    "claim": {
        "amount": units,
        "received": units,
        "traced": _perhaps,
        "rank": lambda value: type(value) is int and 0 < value < 1 << 31,
    },
    "victim": {
        "payments": lambda value: _listed(value, _payment),
        "banks": lambda value: _listed(value, _pair),
        "ways": lambda value: _listed(value, _payment),
        "received": lambda value: _named(value, units),
        "back": lambda value: _listed(value, _back),
        "alike": lambda value: _listed(value, text),
        "facts": _facts,
        "consent": lambda value: _listed(value, text),
        "as": _one_of("same", "different"),
    },
    "indicator": {"exhibit": _count, "first_seen": _moment_text, "last_seen": _moment_text},
    "feed": {"at": _moment_text, "entries": lambda value: _listed(value, lambda one: _named(one, text))},
    "meeting": {"count": _count, "hits": lambda value: _listed(value, text)},
    "plan": {"units": _perhaps, "fee_most": _perhaps, "roles": lambda value: _named(value, text)},
    "distribution": {
        "act": _one_of("withdraw"),
        **dict.fromkeys(("pool", "reserve", "costs"), units),
        "paid": lambda value: _named(value, units),
    },
    "custody": {
        "money": units,
        "fee": _perhaps,
        "currency": text,
        "height": _whole,
        "confirmations": _whole,
        "payers": lambda value: _listed(value, text),
        "roles": lambda value: _named(value, text),
        "exhibits": lambda value: _listed(value, _whole),
    },
}


def fits(kind: str, body: Mapping[str, Any]) -> bool:
    """Whether an entry of one of these kinds has what its act has, and nothing of another type."""
    if any(name not in body for name in _WITH_ACT.get((kind, str(body.get("act", ""))), ())):
        return False
    if kind == "custody" and ("money" in body) != ("currency" in body):
        return False
    known = _FITS.get(kind, {})
    plain = all(text(body[name]) for name in _texts(kind) if name in body)
    return plain and all(known[name](body[name]) for name in known if name in body)


def _texts(kind: str) -> tuple[str, ...]:
    return {
        "claim": ("claimant", "kind", "basis", "asset", "place", "priority", "loss", "reason"),
        "plan": ("source", "asset", "authority", "to", "device"),
        "custody": ("source", "tx", "to", "authority", "note", "value", "block", "time", "proof", "target"),
        "distribution": ("asset", "stage", "mode", "authority", "reason"),
        "victim": ("by", "reason", "key", "other"),
        "indicator": (
            *("type", "value", "chain", "platform", "user_id", "category", "grade", "source", "digest"),
            "reason",
        ),
        "feed": ("value", "chain", "reason", "covert", "cleared", "contact", "tlp"),
        "meeting": ("with", "contact", "theirs", "scope", "sent", "received"),
    }.get(kind, ())
