"""What a pursuit has reached so far: off-ramps, balances that an issuer can freeze, and how much is resolved."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from recover.case import Case, derived
from recover.findings import stored
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.pursuit.booked import Booked
from recover.pursuit.doors import Door
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp

WINDOW = timedelta(minutes=15)
"""Within about so long after it was paid, exchanges have been able to hold it; afterwards it is often paid out."""

RESOLVED = frozenset({"service", "hub", "mixer", "fee", "burn", "crossed", "bridge_fee"})
"""Ends after which a trace has no further question of a chain. What rests is one only where that is shown.
What went into a bridge and did not cross has its question on the other chain."""


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps as the last `find` has them; none where it did not run."""
    return stored.offramps(case) if (case.derived / "find" / "offramps.parquet").exists() else ()


def name(ramp: OffRamp) -> tuple[str, ...]:
    """What makes a row the one that it is, also when its amount grows."""
    return (ramp.service or ramp.hot_wallets[0], ramp.chain, ramp.through, ramp.asset, ramp.memo)


def who(ramp: OffRamp) -> str:
    """The service, or the hub by its address: an address that was credited, and passes on, is not the hub."""
    if ramp.service:
        return ramp.service_name
    hint = f" (possibly of {ramp.possible}, by a label of another chain)" if ramp.possible else ""
    return f"an unlabelled hub, {hub(ramp)}{hint}"


def hub(ramp: OffRamp) -> str:
    """The address of the wallet that nobody names."""
    return ", ".join(ramp.hot_wallets)


def counts(case: Case) -> dict[tuple[str, str], str]:
    """By chain and address of a hub, what was counted that makes it one."""
    rows = derived.read(case, "assertions", ["kind", "chain", "address", "params"]).to_pylist()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["kind"] == "hub":
            said = json.loads(row["params"] or "{}")
            times = f"{said.get('transfers', 0):,} times"
            if "senders" in said:
                told = f"{counted(said['senders'], 'address')} whose history is here paid it {times}"
            elif "others" in said:
                told = f"{counted(said['others'], 'other address')} dealt with it {times} in what is here"
            else:
                continue
            found.setdefault((row["chain"], row["address"]), told)
    return found


def facts(ramp: OffRamp, paid: Booked, now: datetime, way: Door | None = None, used: str = "") -> dict[str, Any]:
    """An off-ramp for a machine: amounts in base units as text, and as people write them. `paid` is what its
    service was paid by, `way` where it is asked, `used` what was counted of a hub.
    """
    by = None if paid.last is None else paid.last + WINDOW
    return {
        "service": ramp.service,
        "service_name": ramp.service_name,
        "chain": ramp.chain,
        **named(ramp),
        "wallets": list(ramp.hot_wallets),
        "memo": ramp.memo,
        "asset": ramp.asset,
        "symbol": ramp.symbol,
        "amount": str(ramp.amount),
        "credited": str(ramp.credited),
        "shown": shown(came(ramp), ramp.decimals, ramp.symbol or ramp.asset),
        "transactions": list(paid.transactions),
        "first": paid.first,
        "last": paid.last,
        "grade": ramp.grade,
        "by": by if by is not None and by > now else None,
        "ask_at": None if way is None else {"kind": way.kind, "value": way.value, "confirmed_by": way.by or None},
        "do": todo(ramp, paid, now, way, used),
    }


def named(ramp: OffRamp) -> dict[str, str | None]:
    """The hub, the address that was credited, and the wallet that paid, which may be private; null for none."""
    plain = ramp.plain
    return {
        "hub": None if ramp.service else hub(ramp),
        "credited_address": None if plain else ramp.through,
        "paid_by": ramp.through if plain else None,
    }


def came(ramp: OffRamp) -> int:
    """What is with the service: what went into its wallets, and what lies at an address of a customer of its."""
    return ramp.amount + (ramp.resting if ramp.deposit else 0)


def where(ramp: OffRamp) -> str:
    """By which address it came there; where more came in at it than the service has, that is said."""
    more = ramp.credited > came(ramp)
    shown_in = shown(ramp.credited, ramp.decimals, ramp.symbol or ramp.asset)
    at = f"through {ramp.through} (the address credited)"
    if ramp.plain:
        at = f"paid by {ramp.through} (may be a private wallet)"
    elif not ramp.deposit:
        at = f"directly, at {ramp.through}, a wallet of its own" if ramp.service else "directly"
    at += f" under the memo {ramp.memo}" if ramp.memo else ""
    return at + (f", where {shown_in} came in: the rest went elsewhere or lies there" * more)


def todo(ramp: OffRamp, paid: Booked, now: datetime, way: Door | None = None, used: str = "") -> str:
    """What to do with an off-ramp, where, and by when."""
    if ramp.service is None:
        counted_here = f" ({used})" if used else ""
        return f"Find out whose wallet {hub(ramp)} is{counted_here}, and import a label that names it."
    when = f"Ask {ramp.service_name} at once"
    if paid.last is not None and (left := paid.last + WINDOW - now) > timedelta(0):
        minutes = counted(int(left.total_seconds()) // 60 + 1, "minute")
        when = f"Ask {ramp.service_name} within {minutes} (until {_moment(paid.last + WINDOW, now)} UTC)"
    elif paid.last is not None:
        what = "payment to it" if ramp.plain else "credit"
        when = (
            f"Its clock was over at {_moment(paid.last + WINDOW, now)} UTC (the last {what} is "
            f"{spoken(now - paid.last)} old): ask {ramp.service_name} all the same"
        )
    more = f"recover register show {shlex.quote(ramp.service)}"
    at = f"Where: {way.said}; all of it: {more}" if way is not None else f"No channel for it is known: {more}"
    did = "paid it" if ramp.plain else "credited"
    return f"{when} to hold and preserve what {_named(paid.transactions)} {did}. {at}."


def unread(txs: Sequence[str]) -> str:
    """That a movement rests on a list alone, as a further sentence; empty where it rests on no such."""
    if not txs:
        return ""
    its = "its own receipt" if len(txs) == 1 else "their own receipts"
    return f" NOT CONFIRMED: only lists show {_named(txs)}, and a list can show what failed; {its} did not come."


def _moment(at: datetime, now: datetime) -> str:
    """A moment as a clock shows it, with its day where that is another one."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


_NAMED = 3


def _named(transactions: Sequence[str]) -> str:
    """Transactions by their ids, the latest: they are what is said on the telephone, and whose clock runs."""
    shown = ", ".join(transactions[-_NAMED:])
    more = len(transactions) - _NAMED
    return f"transaction{'s' * (len(transactions) > 1)} {shown}" + (f" and {more} earlier" if more > 0 else "")


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
