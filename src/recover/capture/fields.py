"""Values of the user's `recover.toml`, read strictly: what is wrong with one is told with all the others."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MOST = 100_000


def keys(given: Any, problems: list[str]) -> dict[str, str | Sequence[str]]:
    """Keys by name: one text, several, or where they stand: `{ env = "VARIABLE" }`, `{ keyring = "SERVICE" }`."""
    if not isinstance(given, dict):
        problems.append("`keys` is not a table of name = text")
        return {}
    found: dict[str, str | Sequence[str]] = {}
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            problems.append(f"`keys.{name}` is no name of a key: small letters, digits and hyphens")
        elif isinstance(value, str):
            found[name] = value
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            found[name] = tuple(value)
        elif isinstance(value, dict) and len(value) == 1 and all(isinstance(one, str) for one in value.values()):
            ((kind, where),) = value.items()
            found[name] = _elsewhere(name, kind, where, problems)
        else:
            problems.append(f"`keys.{name}` is no text, list of texts, {{ env = ... }} or {{ keyring = ... }}")
    return found


def unset(given: Any) -> dict[str, str]:
    """By key, the variable of the environment that it is to stand in, where that is not set."""
    table = given if isinstance(given, dict) else {}
    named = {name: value.get("env") for name, value in table.items() if isinstance(value, dict)}
    return {name: env for name, env in named.items() if isinstance(env, str) and not os.environ.get(env)}


def _elsewhere(name: str, kind: str, where: str, problems: list[str]) -> str:
    if kind == "env":
        return os.environ.get(where, "")
    if kind != "keyring":
        problems.append(f"`keys.{name}.{kind}` is not a setting")
        return ""
    from recover.capture.keyring import kept

    return kept(where, name)


def defaults(given: Any, problems: list[str]) -> dict[str, Any]:
    """What cases are opened with."""
    texts = ("examiner", "agency", "rule", "zone")
    if not isinstance(given, dict):
        problems.append("`defaults` is not a table")
        return {}
    problems += [f"`defaults.{k}` is not a setting" for k in given if k not in (*texts, "dust")]
    problems += [f"`defaults.{k}` is not text" for k in texts if not isinstance(given.get(k, ""), str)]
    zone = given.get("zone", "")
    if zone and (not isinstance(zone, str) or zone not in available_timezones()):
        problems.append(f"`defaults.zone`: {zone!r} is no time zone; write one such as Europe/Berlin")
    if "dust" in given:
        number(given, "dust", "defaults", problems)
    return {} if problems else dict(given)


def number(table: dict[str, Any], name: str, where: str, problems: list[str]) -> int:
    """A whole number from 0 up; 0 where it is not there."""
    value = table.get(name, 0)
    if type(value) is not int or not 0 <= value <= _MOST:
        problems.append(f"`{where}.{name}` is no whole number from 0 to {_MOST}")
        return 0
    return value


def zone(name: str) -> ZoneInfo | None:
    """A time zone by its name; None for none."""
    return ZoneInfo(name) if name else None
