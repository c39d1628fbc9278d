"""Habits: of which service an address is called a deposit address, where methods read that from what it paid.

A service's deposit address is swept by that service alone. Where the payments of one address, in different assets
or by different methods, say so of several services, these words stand against each other as labels do (`ladder`):
equal ones name nobody, and a weaker one lowers the surer to its own grade. Which wallets were paid stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Place = tuple[str, str]
"""A chain and an address."""

KIND = "deposit-address"

THIS = "in this asset"
"""So the note of a method calls the asset of its assertion, which knows no symbols."""

_UNSURE = "E"
"""An unverified word takes nothing from a name."""


def told(note: str, symbol: str) -> str:
    """The note of such an assertion with the symbol of its asset, or what names that where it has none."""
    return note.replace(THIS, f"in {symbol}")


def words(rows: Iterable[Mapping[str, Any]]) -> dict[Place, dict[str, str]]:
    """By address, for each service that one of these assertions calls its holder's, the best grade."""
    found: dict[Place, list[tuple[str, str]]] = {}
    for row in rows:
        if row["kind"] == KIND and row["service"]:
            found.setdefault((row["chain"], row["address"]), []).append((row["service"], row["grade"]))
    return {place: best(said) for place, said in found.items()}


def best(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By service, the best of these grades."""
    found: dict[str, str] = {}
    for service, grade in said:
        found[service] = min(found.get(service, grade), grade)
    return found


def named(by: Mapping[str, str]) -> tuple[str, str]:
    """The service that these words name, and the grade; none where the surest are equal."""
    order = sorted(by, key=lambda service: (by[service], service))
    if not order:
        return "", ""
    grade = by[order[0]]
    if len(order) > 1 and by[order[1]] == grade:
        return "", grade
    weaker = [by[service] for service in order[1:] if by[service] != _UNSURE]
    return order[0], max([grade, *weaker])


def rivals(by: Mapping[str, str], service: str) -> tuple[str, ...]:
    """The other services that such a word names, unverified ones left out."""
    return tuple(sorted(name for name, grade in by.items() if name != service and grade != _UNSURE))


def told_of(by: Mapping[str, str]) -> tuple[str, ...]:
    """What several services mean for the name, in words."""
    service, grade = named(by)
    if not service:
        every = ", ".join(sorted(name for name, one in by.items() if one == grade))
        return (f"Words of one grade name different services: {every}. It is named by none.",) if by else ()
    lower = [name for name in rivals(by, service) if by[name] > by[service]]
    return tuple(
        f"A word of grade {by[name]} names {name}: the contradiction lowers {service} to {by[name]}."
        for name in lower
    )
