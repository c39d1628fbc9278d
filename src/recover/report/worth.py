"""What amounts were worth in money: by prices that are exhibits, at a moment that a named rule gives.

Exact fractions from the wire to the page, rounded once, half to even, to hundredths. No figure of a trace rests on
a price, and a price that is missing is said.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from recover.report import figures
from recover.report.elements import Block, Para, columns, table
from recover.report.identifiers import Row
from recover.report.texts import Texts, moment
from recover.sdk import Asset, OffRamp, View
from recover.sdk.amounts import decimal, join
from recover.sdk.outside import visible

Part = tuple[int, datetime | None]
"""An amount in base units, and its moment where one is known."""

USUAL = ("THB", "USD")
"""Currencies in which value is stated, or its lack said, whatever else a case has prices in."""

FRESH = timedelta(hours=24)
"""A price counts for a moment from its own on, for so long: a daily price is one of the day."""

_PLACES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one whole unit was worth at `time`, says `source`: `value` / 10**`scale`, as `exhibit` has it."""

    value: int
    scale: int
    time: datetime
    exhibit: int
    source: str = ""

    @property
    def exact(self) -> Fraction:
        return Fraction(self.value, 10**self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An amount to be valued: what it is in words, where, at what by which rule, its parts with their moments."""

    what: str
    rule: str
    asset: str
    parts: tuple[Part, ...]
    place: str = ""


@figures.settled
def prices(view: View) -> dict[tuple[str, str], tuple[Price, ...]]:
    """By asset and currency, the prices of the case in the order of their moments."""
    if "prices" not in view.tables:
        return {}
    found: dict[tuple[str, str], list[Price]] = {}
    for row in view.tables["prices"]().to_pylist():
        one = Price(
            value=join(row["value"], row["wide"]),
            scale=row["scale"],
            time=row["time"],
            exhibit=row["exhibit"],
            source=row.get("source") or "",  # an older table has none
        )
        found.setdefault((row["asset"], row["currency"]), []).append(one)
    return {key: tuple(sorted(rows, key=lambda p: (p.time, p.exact, p.source))) for key, rows in found.items()}


def priced(view: View, asset: str, currency: str, at: datetime | None) -> tuple[Price, ...]:
    """The prices that count for a moment: none, one, or several of one moment that contradict each other."""
    known = prices(view).get((asset, currency), ())
    if at is None or not known:
        return ()
    last = bisect_right([p.time for p in known], at) - 1
    if last < 0 or at - known[last].time > FRESH:
        return ()
    same = [p for p in known if p.time == known[last].time]
    return tuple({p.exact: p for p in reversed(same)}.values())[::-1]


def block(view: View, t: Texts, claims: Iterable[Claim]) -> list[Block]:
    """The table of what was worth how much; nothing for a case that has no price at all."""
    if not prices(view):
        return []
    currencies = (*USUAL, *sorted({currency for _, currency in prices(view)} - {*USUAL}))
    rows = [row for one in claims if one.parts for row in _rows(view, t, one, currencies)]
    if not rows:
        return []
    heads = columns(t, "valued", "worth:number", "price", "exhibits:exhibits")
    return [table(t.say("worth.caption"), heads, rows), Para(text=t.say("worth.note"), style="note")]


def cited(view: View, claims: Iterable[Claim]) -> set[int]:
    """The exhibits whose prices stand in such a table."""
    currencies = {currency for _, currency in prices(view)}
    return {
        p.exhibit
        for one in claims
        for currency in currencies
        for _, at in one.parts
        for p in priced(view, one.asset, currency, at)
    }


def payments(ramps: Sequence[OffRamp], asset: str, listed: Iterable[Row]) -> tuple[Part, ...]:
    """What went on to a service in an asset, payment by payment; what no row tells the moment of has none."""
    mine = [r for r in ramps if r.asset == asset]
    own = {visible(r.address): r.stops for r in mine}
    # Its own wallet is paid into; any other address pays it.
    found = [
        (int(row.traced_amount), datetime.fromisoformat(row.block_time_utc) if row.block_time_utc else None)
        for row in listed
        if row.asset == visible(asset)
        and row.address in own
        and row.traced_amount
        and row.direction == ("in" if own[row.address] else "out")
    ]
    rest = sum(r.amount for r in mine) - sum(n for n, _ in found)
    return (*found, *(((rest, None),) if rest else ()))


def _rows(view: View, t: Texts, claim: Claim, currencies: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """One row for each currency in which a claim is valued, and one for all in which it is not."""
    rows = [_row(view, t, claim, currency) for currency in currencies]
    good, bad = ([row for row in rows if row[1].startswith("–") is lacks] for lacks in (False, True))
    if not bad:
        return good
    worth, why = ("\n".join(dict.fromkeys(row[at] for row in bad)) for at in (1, 2))
    numbers = sorted({n for row in bad for n in row[3].split(", ") if n != "–"}, key=int)
    return [*good, (bad[0][0], worth, why, ", ".join(numbers) or "–")]


def _row(view: View, t: Texts, claim: Claim, currency: str) -> tuple[str, str, str, str]:
    asset = figures.asset(view, claim.asset)
    amount = t.units(sum(n for n, _ in claim.parts), asset)
    times = sorted(at for _, at in claim.parts if at)
    slots = {"since": moment(times[0]) if times else "–", "until": moment(times[-1]) if times else "–"}
    span = "at" if len(set(times)) < 2 else "span"
    at = t.say(f"worth.{claim.rule}_{span}", **slots)
    what = "\n".join(filter(None, [f"{claim.what}: {amount}", claim.place, at]))
    counted = [(n, at, priced(view, claim.asset, currency, at)) for n, at in claim.parts]
    good = [(n, found[0]) for n, _, found in counted if len(found) == 1]
    lacking = next(((at, found) for _, at, found in counted if len(found) != 1), None)
    if asset.decimals is None:
        return what, "–", t.say("worth.no_decimals", symbol=_symbol(asset)), "–"
    if lacking is not None:
        missing, several = lacking
        key = "worth.differ" if several else "worth.missing" if missing else "worth.untimed"
        told = t.say(key, symbol=_symbol(asset), currency=currency, time=moment(missing), count=len(several))
        if not good:
            return what, f"– {currency}", told, t.listed(p.exhibit for p in several)
        valued = sum(n for n, _ in good)
        slots = {"valued": t.units(valued, asset), "rest": t.units(sum(n for n, _ in claim.parts) - valued, asset)}
        told = "\n".join([_told(t, view, [p for _, p in good], currency), t.say("worth.part", **slots), told])
    else:
        told = _told(t, view, [p for _, p in good], currency)
    whole = sum((Fraction(n, 10**asset.decimals) * p.exact for n, p in good), Fraction())
    numbers = {p.exhibit for _, p in good} | {p.exhibit for _, _, found in counted for p in found}
    return what, f"{rounded(whole)} {currency}", told, t.listed(numbers)


def rounded(whole: Fraction) -> str:
    """A value in hundredths, half to even, as people read it."""
    return decimal(round(whole * 10**_PLACES), _PLACES)


def _told(t: Texts, view: View, used: Sequence[Price], currency: str) -> str:
    """Price, moment and source."""
    source = t.joined(sorted({_source(t, view, p) for p in used}))
    least, most = min(used, key=lambda p: p.exact), max(used, key=lambda p: p.exact)
    times = sorted(p.time for p in used)
    slots = {"currency": currency, "source": source, "low": decimal(least.value, least.scale)}
    if len(set(used)) == 1:
        return t.say("worth.price", time=moment(times[0]), **slots)
    count = len({(p.time, p.exact) for p in used})
    high = decimal(most.value, most.scale)
    return t.say("worth.prices", count=count, high=high, since=moment(times[0]), until=moment(times[-1]), **slots)


def _source(t: Texts, view: View, price: Price) -> str:
    """Who published a price, and from whom the exhibit that has it was obtained, where that is said."""
    of = next((e for e in view.exhibits if e.number == price.exhibit), None)
    who = visible(price.source or (of.name if of else "–"), 80)
    return t.say("worth.obtained", source=who, origin=visible(of.origin, 80)) if of and of.origin else who


def _symbol(asset: Asset) -> str:
    return visible(asset.symbol, 24)
