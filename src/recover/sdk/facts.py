"""Facts of a case that persons made: exhibits set aside, custody, and what was done by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideFacts:
    """An exhibit on which nothing rests by a person's decision, who took it, when, and why.

    `value` is what rested on it at the last trace before: (loss, asset, amount in base units) under the declared
    rule, each movement counted; empty where the case had not been traced.
    """

    number: int
    name: str
    reason: str
    by: str
    at: datetime
    value: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyFacts:
    """One entry of the journal on the custody of the evidence.

    `kind`: who works on it from here on (`examiner`), a clock compared (`offset`), who held an exhibit before
    (`held`), or the case handed over (`handed`).
    """

    number: int
    kind: str
    at: datetime
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFacts:
    """What a person did by hand: `act` is assert, review, split, join or undo; `about` says of what, in words.

    `undone` is empty, or who took it back and why.
    """

    id: int
    act: str
    by: str
    reason: str
    at: datetime
    about: str
    undone: str = ""
