"""What a pursuit has reached so far: off-ramps, balances that an issuer can freeze, and how much is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recover.case import Case, derived
from recover.findings import stored
from recover.findings.affected import WHOLE
from recover.ledger import parts
from recover.plugins.registry import Plugins
from recover.registers.issuers import Issuers, load
from recover.sdk import amounts
from recover.sdk.ends import recorded
from recover.sdk.view import OffRamp

WINDOW = timedelta(minutes=15)
"""Within about so long after a credit, exchanges have been able to hold it; afterwards it is often paid out."""

RESOLVED = frozenset({"service", "hub", "mixer", "bridge", "fee", "burn", "rest"})
"""Ends after which a trace has no further question of a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Traced value at rest at one address, and who can freeze it; `share` is of all, in parts per million."""

    chain: str
    address: str
    asset: str
    symbol: str
    amount: str
    decimals: int | None
    shown: str
    share: int
    issuer: str
    where: str


def offramps(case: Case) -> tuple[OffRamp, ...]:
    """The off-ramps as the last `find` has them; none where it did not run."""
    return stored.offramps(case) if (case.derived / "find" / "offramps.parquet").exists() else ()


def name(ramp: OffRamp) -> tuple[str, ...]:
    """What makes a row the one that it is, also when its amount grows."""
    return (ramp.service or ramp.hot_wallets[0], ramp.chain, ramp.through, ramp.asset, ramp.memo)


def facts(ramp: OffRamp, now: datetime) -> dict[str, Any]:
    """An off-ramp for a machine: amounts in base units as text, and as people write them."""
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
        "do": todo(ramp, now),
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


def todo(ramp: OffRamp, now: datetime) -> str:
    """What to do with an off-ramp, and by when."""
    if ramp.service is None:
        return "Find out whose wallet it is (several addresses empty into it), and import a label that names it."
    when = "at once"
    if ramp.last is not None:
        left = ramp.last + WINDOW - now
        ago = now - ramp.last
        when = (
            f"within {int(left.total_seconds()) // 60 + 1} minutes"
            if left > timedelta(0)
            else f"at once: the last credit is {spoken(ago)} old"
        )
    ids = len(ramp.transactions)
    return (
        f"Send {ramp.service_name} the drafted letter {when}: ask to hold and preserve what "
        f"{'this transaction' if ids == 1 else f'these {ids} transactions'} credited."
    )


def freezable(case: Case, plugins: Plugins) -> Iterator[Held]:
    """Traced value at rest in an asset whose issuer can freeze it, the largest first by asset."""
    issuers: Issuers = load(plugins.templates.get("issuers"))
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    held: dict[tuple[str, str], int] = {}
    began: dict[str, int] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        began[row["asset"]] = began.get(row["asset"], 0) + amount
        if row["reason"] == "rest":
            key = (row["asset"], row["address"])
            held[key] = held.get(key, 0) + amount
    for (asset, address), amount in sorted(held.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1])):
        issuer = issuers.match(asset)
        if issuer is None or "freeze" not in issuer.powers:
            continue
        unit = units.get(asset, {})
        yield Held(
            chain=asset.split("/", 1)[0],
            address=address,
            asset=asset,
            symbol=unit.get("symbol") or "",
            amount=str(amount),
            decimals=unit.get("decimals"),
            shown=shown(amount, unit.get("decimals"), unit.get("symbol") or asset),
            share=amount * WHOLE // (began[asset] or 1),
            issuer=issuer.name,
            where=issuer.uri,
        )


def labelled(case: Case, plugins: Plugins) -> bool:
    """Whether any exhibit that was decoded holds a label."""
    for part in parts.parts(case, plugins):
        file = part.folder / "assertions.parquet"
        if derived.here(case, file) and derived.rows(case, file):
            return True
    return False


def resolved(case: Case) -> list[dict[str, str]]:
    """By asset, how much was lost, how much of it has come to an end, and how much is still to be asked of."""
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    units = {row["asset"]: row for row in derived.read(case, "assets").to_pylist()}
    sums: dict[str, dict[str, int]] = {}
    for row, amount in zip(ends.to_pylist(), amounts.exact(ends), strict=True):
        known = "resolved" if row["reason"] in RESOLVED else "open"
        one = sums.setdefault(row["asset"], {"resolved": 0, "open": 0})
        one[known] += amount
    return [_sum(asset, one, units.get(asset, {})) for asset, one in sorted(sums.items())]


def _sum(asset: str, one: Mapping[str, int], unit: Mapping[str, Any]) -> dict[str, str]:
    whole = one["resolved"] + one["open"]
    named = unit.get("symbol") or asset
    return {
        "asset": asset,
        "symbol": str(unit.get("symbol") or ""),
        "lost": str(whole),
        "resolved": str(one["resolved"]),
        "open": str(one["open"]),
        "percent": str(100 * one["resolved"] // whole if whole else 100),
        "shown": f"{amount(one['resolved'], unit)} of {amount(whole, unit)} {named}",
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
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
