"""The answer on page 1: where all that began went, as one table an asset that adds up, with shares and ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pyarrow.compute as pc

from recover.report import (
    doubted,
    extent,
    figures,
    inflows,
    mixing,
    openings,
    ranged,
    repaid,
    sequenced,
    simultaneous,
    unnamed,
    unsettled,
)
from recover.report.elements import Block, Para, Table, columns, table
from recover.report.texts import Texts
from recover.sdk import OffRamp, View, amounts
from recover.sdk.ends import Place
from recover.sdk.outside import visible

SHOWN = 2
"""So many assets have a table on page 1, those of the first losses first; of the others it says what began."""

_LISTED = 12
"""So many of the assets without a table are named with what began in them."""

REACHED = ("service", "hub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One place or kind of place to which traced value went: `by_rule` is what it got under every rule.

    `total` is that of a service or of hubs, None where `reason` says how value ended at `addresses` other places.
    `at`: the addresses themselves; one that pays two places stands in the row of each. `apart`: by loss the rules
    differ; `losses` then says how far, where no total does. `parting`: they do by place. `unsettled`: a
    contradiction of exhibits can move it, under every rule.
    """

    amount: int
    total: figures.Total | None = None
    reason: str = ""
    addresses: int = 0
    at: frozenset[figures.Spot] = frozenset()
    by_rule: Mapping[str, int] = field(default_factory=dict)
    apart: bool = False
    parting: bool = False
    losses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unsettled: bool = False


def began(view: View) -> dict[str, int]:
    """By asset, what of all losses ended anywhere, which is what began; that of the first loss comes first.

    Base units of two assets cannot be compared, and no exhibit says what one is worth in the other. Assets of one
    loss stand by how many whole units there are, which is an order and says nothing of their worth.
    """
    held: dict[str, int] = {}
    first: dict[str, int] = {}
    declared = {loss.id: number for number, loss in enumerate(view.case.losses)}
    for rest in figures.rests(view):
        held[rest.asset] = held.get(rest.asset, 0) + rest.amount
        number = declared.get(rest.loss, len(declared))
        first[rest.asset] = min(first.get(rest.asset, number), number)
    return dict(sorted(held.items(), key=lambda pair: (first[pair[0]], -_units(view, *pair), pair[0])))


def _units(view: View, asset_id: str, amount: int) -> Fraction:
    return Fraction(amount, 10 ** (figures.asset(view, asset_id).decimals or 0))


def begun(view: View, asset_id: str) -> dict[str, int]:
    """The same of one asset under every rule: where losses overlap, a rule decides what begins as the second."""
    sums: dict[str, int] = {}
    for (asset, _, _), by_rule in ranged.endpoints(view).items():
        for rule, amount in by_rule.items() if asset == asset_id else ():
            sums[rule] = sums.get(rule, 0) + amount
    return sums


def differs(view: View, asset_id: str) -> bool:
    """Whether rules begin different sums in an asset."""
    return len({*begun(view, asset_id).values()}) > 1


def share(amount: int, whole: int) -> str:
    """A part of a whole in percent, one decimal, rounded half up; whole numbers all the way."""
    tenths = (abs(amount) * 2000 + whole) // (2 * whole) if whole else 0
    if not tenths and amount:
        return "<0.1%"
    return f"{'-' if amount < 0 else ''}{tenths // 10}.{tenths % 10}%"


def blocks(view: View, t: Texts) -> list[Block]:
    """A table for each of the first assets, what may be counted twice in it, and why rules agree where they do."""
    out: list[Block] = []
    whole = began(view)
    for asset_id in [*whole][:SHOWN]:
        out.append(_table(view, t, asset_id, whole[asset_id]))
        out += _agreement(view, t, asset_id)
    symbols = [visible(figures.asset(view, one).symbol, 24) for one in [*whole][:SHOWN] if differs(view, one)]
    if symbols:
        said = t.say("answer.overlap", symbol=t.joined(symbols), rule=view.case.rule)
        out.append(Para(text=said, style="note"))
    if more := [*whole][SHOWN:]:
        sums = [t.units(whole[one], figures.asset(view, one)) for one in more[:_LISTED]]
        sums += [t.say("answer.more_rest", count=f"{len(more) - _LISTED:,}")] if len(more) > _LISTED else []
        out.append(Para(text=t.say("answer.more", sums=t.joined(sums)), style="note"))
    return out


def stake(rows: Iterable[OffRamp]) -> dict[str, int]:
    """By asset, what a letter to a service can concern: what went on to it, and what no exhibit shows leaving."""
    rows, sums = list(rows), dict[str, int]()
    for r in rows:
        sums[r.asset] = sums.get(r.asset, 0) + r.amount
    for asset_id, amount in unswept(rows).items():
        sums[asset_id] = sums.get(asset_id, 0) + amount
    return sums


def unswept(rows: Iterable[OffRamp]) -> dict[str, int]:
    """By asset, what came to these addresses and is not shown leaving; each address once."""
    held: dict[str, int] = {}
    for (_, asset_id, _), amount in figures.once(rows, "resting").items():
        held[asset_id] = held.get(asset_id, 0) + amount
    return held


def _table(view: View, t: Texts, asset_id: str, whole: int) -> Table:
    asset = figures.asset(view, asset_id)
    cells = []
    every = rows(view, asset_id)
    for row in every:
        strength = t.joined(t.grade(g) for g in row.total.grades) if row.total else "–"
        where = _where(t, view, asset_id, row, every)
        cells.append(
            (
                where,
                t.units(row.amount, asset),
                share(row.amount, whole),
                strength,
                _range(view, t, row, asset_id),
            )
        )
    ruled, open_ = begun(view, asset_id), unsettled.unbounded(view, asset_id)
    total = Row(amount=whole, by_rule=ruled, unsettled=open_)
    span = _range(view, t, total, asset_id) if open_ or len({*ruled.values()}) > 1 else "–"
    all_of = t.say(f"answer.all{figures.entered(view, asset_id)}")
    cells.append((all_of, t.units(whole, asset), share(whole, whole), "–", span))
    for one in (one for one in inflows.sums(view) if one.asset == asset_id and one.twice):
        back = t.units(-one.twice, asset)
        cells.append((t.say("answer.back"), back, share(-one.twice, whole), "–", "–"))
    if again := returned(view).get(asset_id, 0):
        cells.append((t.say("answer.returned"), t.units(-again, asset), share(-again, whole), "–", "–"))
    heads = columns(t, "destination", "amount:number", "share:number", "strength", "range")
    slots = {
        "symbol": visible(asset.symbol, 24),
        "rule": view.case.rule,
        "until": extent.as_at(view, t, asset_id.partition("/")[0]),
    }
    return table(t.say("answer.caption", **slots), heads, cells)


@figures.settled
def returned(view: View) -> Mapping[str, int]:
    """By asset, what was given of it in exchanges or into bridges and had back in it, which began there again."""
    if not {"exchanges", "transfers"} <= set(view.tables):
        return {}
    came = view.tables["exchanges"]()
    came = came.filter(pc.fill_null(came["again"], False)) if "again" in came.column_names else came.slice(0, 0)
    assets = view.tables["transfers"]().column("asset").take(came["seq"]).to_pylist()
    found: dict[str, int] = {}
    for asset, amount in zip(assets, amounts.exact(came), strict=True):
        found[asset] = found.get(asset, 0) + amount
    return found


def rows(view: View, asset_id: str) -> list[Row]:
    """The rows of an asset, the largest first: they add up to what began."""
    totals = [total for total in figures.totals(view) if total.asset == asset_id]
    found = [
        Row(
            amount=x.amount,
            total=x,
            at=frozenset(figures.spot(r) for r in figures.carrying(x.rows)),
            by_rule=dict(x.by_rule),
            apart=bool(ranged.losses(x.rows)),
            parting=ranged.parting(x.ruled),
            unsettled=unsettled.rows(view, x.rows),
        )
        for x in totals
    ]
    reached, held = 0, dict[str, int]()
    places: dict[str, set[str]] = {}
    for rest in (rest for rest in figures.stood(view) if rest.asset == asset_id):
        if rest.reason in REACHED:
            reached += rest.amount
            continue
        held[rest.reason] = held.get(rest.reason, 0) + rest.amount
        # What coins paid as fees ended at no address.
        places.setdefault(rest.reason, set()).update({rest.address} - {""})
    for reason, amount in held.items():
        ended = _elsewhere(view, asset_id, reason, places[reason])
        chain = asset_id.split("/", 1)[0]
        here = frozenset((chain, address) for address in places[reason])
        unsure = unsettled.standing(view, [(address, asset_id) for _, address in here])
        found.append(
            replace(_ended(view, reason, ended), amount=amount, addresses=len(here), at=here, unsettled=unsure)
        )
    found += _besides(view, asset_id, {reason: places[reason] for reason in held})
    # The table must add up: what reached services or hubs and stands at no address of theirs is said.
    found.append(Row(amount=reached - sum(total.amount for total in totals), reason="unplaced"))
    kept = (row for row in found if row.amount or any(row.by_rule.values()))
    return sorted(kept, key=lambda row: (-row.amount, row.reason, row.total.service or "" if row.total else ""))


def _where(t: Texts, view: View, asset_id: str, row: Row, every: Sequence[Row]) -> str:
    # An address that pays two places stands in the row of each: their counts have no sum.
    also = row.at & {address for other in every if other is not row for address in other.at}

    def counted(how: str) -> str:
        return t.say("answer.also", how=how, count=f"{len(also):,}") if also else how

    if row.total is None:
        count = counted(figures.counted(t, "summary.endpoints", row.addresses)) if row.addresses else ""
        if row.reason == "uncollected":
            count = repaid.counted(view, t, count, row.at, asset_id)
        return f"{_reason(view, t, asset_id, row)}\n{count}".rstrip()
    total = row.total
    name = visible(total.name, 80) if total.service else unnamed.hub(view, t, total.rows)
    carrying = figures.carrying(total.rows)
    said = figures.addresses(view, t, carrying)
    way = "direct" if figures.direct(carrying) else "through" if figures.through(carrying) else "both"
    key = way if row.amount else "otherwise"
    tried = "" if row.amount else sequenced.otherwise(view, t, total)
    key = "otherwise_also" if tried else key
    apart = {
        f"{how}_at": figures.addresses(view, t, (r for r in carrying if r.stops is stops))
        for how, stops in (("direct", True), ("through", False))
    }
    return f"{name}\n{counted(t.say(f'answer.{key}', addresses=said, also=tried, **apart))}"


def _reason(view: View, t: Texts, asset_id: str, row: Row) -> str:
    key = f"reason.{row.reason}"
    key = f"{key}_relied" if unsettled.relied(view) and t.has(f"{key}_relied") else key
    if not t.has(key):
        return t.say("reason.other", reason=visible(row.reason, 60))
    return t.say(key, **doubted.phrases(view, t, [(address, asset_id) for _, address in row.at]))


def _ended(view: View, reason: str, places: Sequence[Place]) -> Row:
    """A row of what ended at these places under every rule, of all losses together and of those that differ."""
    apart = ranged.parted(view, places)
    ended = ranged.endpoints(view)
    parting = any(len({*ended[place].values()}) > 1 for place in places)
    sums = ranged.summed(view, places)
    return Row(amount=0, reason=reason, by_rule=sums, apart=bool(apart), losses=apart, parting=parting)


def _elsewhere(view: View, asset_id: str, word: str, at: Iterable[str]) -> list[Place]:
    """The places of one kind, under whatever rule; none where its word is not of the trace itself."""
    reason = "rest" if word in figures.STANDINGS else "uncollected" if word == "spent" else word
    wanted, found = set(at), list[Place]()
    spent = {f.subject for f in figures.of_kind(view, figures.SPENT) if f.slots.get("asset") == asset_id}
    for asset, address, why in ranged.endpoints(view):
        whole = word not in (*figures.STANDINGS, "spent")
        here = address in wanted or (whole and not (why == "uncollected" and address in spent))
        if (asset, why) == (asset_id, reason) and here:
            found.append((asset, address, why))
    return found


def _besides(view: View, asset_id: str, mine: Mapping[str, Iterable[str]]) -> Iterator[Row]:
    """Where only rules beside the declared one leave value; with these, each rule's figures add up.

    `mine` are the places of the rows that the declared rule has, by reason.
    """
    rested = {address for word, places in mine.items() if word in figures.STANDINGS for address in places}
    ended: dict[str, list[Place]] = {}
    for asset, address, why in ranged.endpoints(view):
        if asset != asset_id or why in REACHED or (why == "swap" and figures.SWAP_STOPPED in mine):
            continue
        spent = why == "uncollected" and address in mine.get("spent", ())
        if spent or (address in rested if why == "rest" else why in mine):
            continue
        ended.setdefault(why, []).append((asset, address, why))
    for why, held in ended.items():
        at = frozenset((asset_id.split("/", 1)[0], address) for _, address, _ in held if address)
        yield replace(_ended(view, "besides" if why == "rest" else why, held), addresses=len(at), at=at)


def _range(view: View, t: Texts, row: Row, asset_id: str) -> str:
    """The lowest and the highest of a row over the rules; that they agree, where they do."""
    if not row.by_rule:
        return "–"
    asset = figures.asset(view, asset_id)
    low, high = ranged.ends_of(row.by_rule)
    if low[1] == high[1] and row.unsettled:
        return t.say("answer.unsettled")
    # A cell of page 1 names one of several losses, and two where there are no more.
    parts = ranged.by_loss(t, asset, row.losses, 2 if len(row.losses) == 2 else 1)
    if low[1] == high[1]:
        key = "same_places" if row.parting else "same"
        key = "same_losses" if parts else "same_together" if row.apart else key
        said = t.say(f"answer.{key}", sequence=_sequence(view, t, row, asset_id), parts=parts)
        return f"{said}\n{t.say('answer.places')}" if row.parting and row.apart else said
    slots = {"least": t.units(low[1], asset), "most": t.units(high[1], asset)}
    slots["opening"] = openings.said(view, t, asset_id)
    said = t.say("answer.between", least_rule=low[0], most_rule=high[0], **slots)
    if row.apart:
        said = f"{said}.\n{t.say('answer.apart_losses' if parts else 'answer.apart', parts=parts)}"
    return f"{said}\n{t.say('answer.unsettled_too')}" if row.unsettled else said


def _sequence(view: View, t: Texts, row: Row, asset_id: str) -> str:
    """What the words that rules agree say of the order: of a service's row whether its own figure hangs on one."""
    if row.total is None:
        return simultaneous.sequence(view, t, asset_id)
    return simultaneous.ordered(view, t, asset_id, row.amount, row.total.rows)


def agree(view: View, asset_id: str) -> bool:
    """Whether every row of an asset has one figure under every rule, of each loss and at each place too, and no
    contradiction can move one."""
    listed = rows(view, asset_id)
    alike = (row for row in listed if len(set(row.by_rule.values())) < 2 and not row.parting)
    return sum(not row.apart and not row.unsettled for row in alike) == len(listed)


def bounded(view: View, asset_id: str) -> bool:
    """Whether what is still at an address at which the trace stops has bounds: no rule is applied there."""
    mine = (r for r in view.offramps if r.asset == asset_id and r.stops and r.unswept is None)
    return any(r.unswept_bounds.get("") for r in mine)


def _agreement(view: View, t: Texts, asset_id: str) -> Iterator[Block]:
    """Why rules agree, where they do: nothing was mixed, or it was and makes no difference here."""
    if "utxo" in view.models or not agree(view, asset_id):
        return
    symbol, at = visible(figures.asset(view, asset_id).symbol, 24), mixing.mixed(view, asset_id)
    if at is None:
        return
    if not at:
        yield Para(
            text=t.say(f"answer.unmixed{'_kept' if bounded(view, asset_id) else ''}", symbol=symbol), style="note"
        )
    else:
        said = figures.counted(t, "summary.endpoints", len(at))
        order = simultaneous.sequence(view, t, asset_id)
        yield Para(text=t.say("answer.mixed", symbol=symbol, sequence=order, addresses=said), style="note")
