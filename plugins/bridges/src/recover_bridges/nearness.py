"""Which payments can be the other side of a departure that no key joins: by amount, rate and time, and no more.

They are candidates for a person to judge. What is paid out is no more than what went in, in the same base units,
and less by at most one in a hundred; it came to the recipient whom the departure names, from an hour before it to
ten days after. Ranked by rate, then by time. Assets with other units, and departures that name nobody, have none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "candidates.toml"
BEFORE, AFTER = timedelta(hours=1), timedelta(days=10)
KEPT = 100
"""A bridge keeps at most one part in so many."""
MOST = 5
ENOUGH = 50
"""Of fewer hidden pairs of a protocol no rate is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment on the other chain: `amount` of `asset` came to `who` by the movement `leg` of `tx`."""

    tx: str
    asset: str
    amount: int
    time: datetime
    who: str
    leg: int | None = None


def ranked(amount: int, sent: datetime, came: Iterable[Payment]) -> list[Payment]:
    """Those of `came` that fit what was sent, the nearest first."""
    least = amount - amount // KEPT
    fit = [p for p in came if least <= p.amount <= amount and sent - BEFORE <= p.time <= sent + AFTER]
    return sorted(fit, key=lambda p: (-p.amount, abs(p.time - sent), p.time, p.tx, p.asset, p.leg or 0))


@lru_cache(maxsize=1)
def _measured() -> Mapping[str, Mapping[str, int]]:
    found: Mapping[str, Mapping[str, int]] = tomllib.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    return found


def chance(protocol: str) -> str:
    """How far a fit can be trusted, as measured on pairs of the protocol whose keys were hidden."""
    found = _measured().get(protocol)
    if found is None or found["pairs"] < ENOUGH:
        return "How often a payment fits by chance is not measured for this bridge."
    return (
        f"Of {found['pairs']} pairs of this bridge whose keys were hidden, among what it paid out alone, the "
        f"nearest that fitted was the right one for {found['first']}, and for {found['other']} a wrong one fitted."
    )
