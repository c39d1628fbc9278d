"""What is wrong with a `case.toml`, key by key: it comes from others, and its author may have written anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from recover.sdk.plugin import GRADES

LONGEST = 20_000
"""Characters of one text."""

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""TOML promises no integers beyond these, and a heuristic's parameter is one."""

MOST = 100_000
"""Losses, or elections, in one case."""

UINT256 = 2**256 - 1
_YEARS = range(1900, 9000)  # so that a moment can be told in every zone
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # control characters but tab and line end
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
"""What nothing is wrong with as a word: nearly every one."""

Wrong = Callable[[Any], str]
"""Why a value is not what its key takes; empty where it is."""


def problems(raw: Mapping[str, Any]) -> list[str]:
    """Every key that is missing, unknown, or of a wrong kind or range; empty where the file can be read."""
    # Strict: a misspelt key that is passed over would be a choice of the examiner that silently did not count. All
    # problems are told at once, since the file is mended by hand.
    found = _table("", raw, TOP, ("title", "examiner", "agency", "rule", "opened"))
    for name, keys in (("collect", COLLECT), ("link", LINK), ("find", FIND), ("review", REVIEW)):
        found += _table(f"{name}.", raw.get(name, {}), keys)
    found += _parameters(raw.get("parameters", {}))
    losses, elections = raw.get("loss", []), raw.get("election", [])
    found += _listed("loss", losses, LOSS, ("id", "chain"))
    found += _listed("election", elections, ELECTION, ("loss", "tx", "asset", "reason"))
    return found or [*_losses(losses), *_elections(elections, losses)]


def _table(
    where: str, given: Any, keys: Mapping[str, Wrong], needed: Sequence[str] = (), of: str = ""
) -> list[str]:
    if not isinstance(given, Mapping):
        return [f"`{where.rstrip('.')}` is not a table"]
    found = [f"`{where}{key}` is missing" for key in needed if key not in given]
    for key, value in given.items():
        if key not in keys:
            found.append(f"`{where}{_short(key)}` is not a setting{of}")
        elif why := keys[key](value):
            found.append(f"`{where}{_short(key)}`{of} {why}")
    return found


def _listed(name: str, given: Any, keys: Mapping[str, Wrong], needed: tuple[str, ...]) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(table, Mapping) for table in given):
        return [f"`{name}` is not a list of tables: write [[{name}]]"]
    if len(given) > MOST:
        return [f"`{name}` has {len(given)} tables; the most is {MOST}"]
    found = []
    for number, table in enumerate(given, start=1):
        found += [f"`{name}` {number} has no `{key}`" for key in needed if key not in table]
        found += _table(f"{name}.", table, keys, of=f" of {name} {number}")
    return found


def _parameters(given: Any) -> list[str]:
    if not isinstance(given, Mapping):
        return ["`parameters` is not a table"]
    return [
        why
        for name, table in given.items()
        for why in _table(f"parameters.{_short(name)}.", table, _Every(table, _whole(SMALLEST, LARGEST)))
    ]


def _losses(given: list[Mapping[str, Any]]) -> list[str]:
    found, seen = [], set()
    for number, loss in enumerate(given, start=1):
        if ("address" in loss) == ("tx" in loss):
            found.append(f"loss {number} needs an address or a tx, and not both")
        if loss["id"] in seen:
            found.append(f"two losses are called {_short(loss['id'])}")
        seen.add(loss["id"])
    return found


def _elections(given: list[Mapping[str, Any]], losses: list[Mapping[str, Any]]) -> list[str]:
    declared = {loss["id"] for loss in losses}
    found, seen = [], set()
    for number, one in enumerate(given, start=1):
        if one["loss"] not in declared:
            found.append(f"election {number} names loss {_short(one['loss'])!r}, which is not declared")
        if tuple(sorted(one.items())) in seen:
            found.append(f"election {number} is there twice")
        seen.add(tuple(sorted(one.items())))
    return found


class _Every(dict[str, Wrong]):
    """The keys of a table that may be called anything, all of one kind."""

    def __init__(self, table: Any, wrong: Wrong) -> None:
        super().__init__(dict.fromkeys(table, wrong) if isinstance(table, Mapping) else {})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return "is not text"
    if len(value) > LONGEST:
        return f"has more than {LONGEST} characters"
    return "holds a control character" if _UNSEEN.search(value) else ""


def _said(value: Any) -> str:
    return _text(value) or ("" if value.strip() else "is empty")


def _word(value: Any) -> str:
    """A name on one line: an id, an address, a language."""
    if isinstance(value, str) and len(value) <= LONGEST and _WORD.fullmatch(value):
        return ""
    why = _said(value)
    return why or ("holds a line end, a tab or a space" if any(c.isspace() for c in value) else "")


def _number(value: Any) -> str:
    fits = isinstance(value, str) and re.fullmatch("L[1-9][0-9]{0,5}", value)
    return "" if fits else "is not L and a number, as in L1"


def _words(what: str) -> Wrong:
    def wrong(value: Any) -> str:
        if not isinstance(value, list) or any(_word(each) for each in value):
            return f"is not a list of {what}s"
        return f"names {'an' if what[0] in 'aeiou' else 'a'} {what} twice" if len(set(value)) < len(value) else ""

    return wrong


def _whole(least: int, most: int) -> Wrong:
    def wrong(value: Any) -> str:
        fits = type(value) is int and least <= value <= most  # a bool is an int to Python, and none to its author
        return "" if fits else f"is not a whole number from {least} to {most}"

    return wrong


def _moment(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return "is not a time with a zone"
    return "" if value.year in _YEARS else f"is in no year from {_YEARS[0]} to {_YEARS[-1]}"


def _units(value: Any) -> str:
    """Text of digits, since TOML integers end at 64 bits; an integer is taken too."""
    digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 80
    number = int(value) if digits else value
    return _whole(1, UINT256)(number) and "is not a whole number of base units, above 0 and below 2^256"


def _grade(value: Any) -> str:
    return "" if isinstance(value, str) and value in GRADES else f"is not a grade: one of {', '.join(GRADES)}"


def _answer(value: Any) -> str:
    return "" if isinstance(value, bool) else "is neither true nor false"


def _anything(value: Any) -> str:
    return ""


def _short(text: object) -> str:
    shown = str(text)
    return ascii(shown if len(shown) <= 40 else shown[:40] + "...")[1:-1]


TOP: Mapping[str, Wrong] = {
    **dict.fromkeys(("title", "examiner", "agency", "reference", "note"), _text),
    **dict.fromkeys(("rule", "language"), _word),
    "opened": _moment,
    "plugins": _words("plugin"),
    # Looked at on their own.
    **dict.fromkeys(("format", "collect", "link", "find", "review", "parameters", "loss", "election"), _anything),
}

COLLECT: Mapping[str, Wrong] = {
    "sources": _words("source"),
    # What older versions wrote here; it counts for nothing, whatever it is.
    **dict.fromkeys(("endpoints", "requests", "rounds"), _anything),
}
LINK: Mapping[str, Wrong] = {"merge": _words("heuristic"), "least": _grade, "base": _answer}
FIND: Mapping[str, Wrong] = {"dust": _whole(0, 1_000_000)}
REVIEW: Mapping[str, Wrong] = {"second": _answer}

LOSS: Mapping[str, Wrong] = {
    **dict.fromkeys(("chain", "address", "memo", "tx"), _word),
    "id": _number,
    "amount": _units,
    "assets": _words("asset"),
    "since": _moment,
    "until": _moment,
    "label": _text,
    "output": _whole(0, 2**32 - 1),
}
ELECTION: Mapping[str, Wrong] = {**dict.fromkeys(("loss", "tx", "asset", "to"), _word), "reason": _said}
