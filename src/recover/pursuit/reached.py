"""What a pursuit has reached so far: off-ramps, balances that an issuer can freeze, and how much is resolved."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from recover.case import Case, derived
from recover.findings import stored
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.pursuit.doors import Door
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp

WINDOW = timedelta(minutes=15)
"""Within about so long after a credit, exchanges have been able to hold it; afterwards it is often paid out."""

RESOLVED = frozenset({"service", "hub", "mixer", "fee", "burn", "crossed", "bridge_fee"})
"""Ends after which a trace has no further question of a chain. What rests is one only where that is shown.
What went into a bridge and did not cross has its question on the other chain."""


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps as the last `find` has them; none where it did not run."""
    return stored.offramps(case) if (case.derived / "find" / "offramps.parquet").exists() else ()


def name(ramp: OffRamp) -> tuple[str, ...]:
    """What makes a row the one that it is, also when its amount grows."""
    return (ramp.service or ramp.hot_wallets[0], ramp.chain, ramp.through, ramp.asset, ramp.memo)


def facts(ramp: OffRamp, now: datetime, way: Door | None = None) -> dict[str, Any]:
    """An off-ramp for a machine: amounts in base units as text, and as people write them. `way` is where it is
    asked.
    """
    by = None if ramp.last is None else ramp.last + WINDOW
    return {
        "service": ramp.service,
        "service_name": ramp.service_name,
        "chain": ramp.chain,
        "credited_address": ramp.through,
        "memo": ramp.memo,
        "asset": ramp.asset,
        "symbol": ramp.symbol,
        "amount": str(ramp.amount),
        "credited": str(ramp.credited),
        "shown": shown(came(ramp), ramp.decimals, ramp.symbol or ramp.asset),
        "transactions": list(ramp.transactions),
        "first": ramp.first,
        "last": ramp.last,
        "grade": ramp.grade,
        "by": by if by is not None and by > now else None,
        "ask_at": None if way is None else {"kind": way.kind, "value": way.value, "confirmed_by": way.by or None},
        "do": todo(ramp, now, way),
    }


def came(ramp: OffRamp) -> int:
    """What is with the service: what went into its wallets, and what lies at an address of a customer of its."""
    return ramp.amount + (ramp.unswept if ramp.deposit else 0)


def where(ramp: OffRamp) -> str:
    """By which address it came there; where more came in at it than the service has, that is said."""
    more = ramp.credited > came(ramp)
    shown_in = shown(ramp.credited, ramp.decimals, ramp.symbol or ramp.asset)
    return f"through {ramp.through}" + (
        f", where {shown_in} came in: the rest went elsewhere or lies there" * more
    )


def todo(ramp: OffRamp, now: datetime, way: Door | None = None) -> str:
    """What to do with an off-ramp, where, and by when."""
    if ramp.service is None:
        return "Find out whose wallet it is (many use it), and import a label that names it."
    when = f"Ask {ramp.service_name} at once"
    if ramp.last is not None and (left := ramp.last + WINDOW - now) > timedelta(0):
        minutes = counted(int(left.total_seconds()) // 60 + 1, "minute")
        when = f"Ask {ramp.service_name} within {minutes} (until {_moment(ramp.last + WINDOW, now)} UTC)"
    elif ramp.last is not None:
        when = (
            f"Its clock was over at {_moment(ramp.last + WINDOW, now)} UTC (the last credit is "
            f"{spoken(now - ramp.last)} old): ask {ramp.service_name} all the same"
        )
    more = f"recover register show {shlex.quote(ramp.service)}"
    at = f"Where: {way.said}; all of it: {more}" if way is not None else f"No channel for it is known: {more}"
    return f"{when} to hold and preserve what {_named(ramp.transactions)} credited. {at}."


def _moment(at: datetime, now: datetime) -> str:
    """A moment as a clock shows it, with its day where that is another one."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


_NAMED = 3


def _named(transactions: Sequence[str]) -> str:
    """Transactions by their ids: they are what is said on the telephone."""
    shown = ", ".join(transactions[:_NAMED])
    more = len(transactions) - _NAMED
    return f"transaction{'s' * (len(transactions) > 1)} {shown}" + (f" and {more} more" if more > 0 else "")


def labelled(case: Case, plugins: Plugins) -> bool:
    """Whether any exhibit that was decoded holds a label."""
    for part in parts.parts(case, plugins):
        table = parts.read(case, part, "assertions", [])
        if table is not None and table.num_rows:
            return True
    return False


def resolved(case: Case, resting: frozenset[tuple[str, str]] | None = None) -> list[dict[str, str]]:
    """By asset, how much was lost, how much of it has come to an end, and how much is still to be asked of.

    What rests has come to an end where `find` has said that it is at rest, or held at a block (of a case that is
    looked at: where it is `resting`); else it was only last seen there.
    """
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    stated = _at_rest(case) if resting is None else resting
    sums: dict[str, dict[str, int]] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        still = row["reason"] == "rest" and (row["address"], row["asset"]) in stated
        known = "ended" if row["reason"] in RESOLVED else "rest" if still else "open"
        one = sums.setdefault(row["asset"], {"ended": 0, "rest": 0, "open": 0})
        one[known] += amount
    return [_sum(asset, one, units.get(asset, {})) for asset, one in sorted(sums.items())]


def summed(sums: Sequence[Mapping[str, str]], word: str = " resolved") -> str:
    """The same in a line; empty where nothing was traced yet."""
    return "; ".join(f"{one['shown']}{word} ({one['percent']} %{one['rest']})" for one in sums)


def _at_rest(case: Case) -> frozenset[tuple[str, str]]:
    """Where `find` says that value is at rest; nowhere while what was traced was not found."""
    noted = derived.stamp(case, "find").get("trace")
    # A case that is looked at has no `find`, and what lies on the disk may be in the making beside it.
    if noted is None or noted != derived.made(case, "trace"):
        return frozenset()
    found = (f for f in stored.findings(case) if f.kind == "at-rest")
    return frozenset((f.subject, str(f.slots["asset"])) for f in found)


def _sum(asset: str, one: Mapping[str, int], unit: Mapping[str, Any]) -> dict[str, str]:
    whole, known = sum(one.values()), one["ended"] + one["rest"]
    rest = f", of it {amount(one['rest'], unit)} at rest" if one["rest"] else ""
    named = unit.get("symbol") or asset
    return {
        "asset": asset,
        "symbol": str(unit.get("symbol") or ""),
        "lost": str(whole),
        "resolved": str(known),
        "at_rest": str(one["rest"]),
        "open": str(one["open"]),
        "percent": str(100 * known // whole if whole else 100),
        "shown": f"{amount(known, unit)} of {amount(whole, unit)} {named}",
        "rest": rest,
    }


def amount(value: int, unit: Mapping[str, Any]) -> str:
    """An amount as people write it, in base units where nobody knows how many decimals there are."""
    decimals = unit.get("decimals")
    return str(value) if decimals is None else amounts.decimal(value, decimals)


def shown(value: int, decimals: int | None, named: str) -> str:
    return f"{value} base units of {named}" if decimals is None else f"{amounts.decimal(value, decimals)} {named}"


def spoken(ago: timedelta) -> str:
    """How long ago, in one unit."""
    seconds = int(ago.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(seconds // size, unit)
    return "less than a minute"
