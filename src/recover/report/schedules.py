"""The tables of figures: off-ramps, ranges by rule, accounts that close, attributions (sections R9 and R10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from recover.report import (
    attributed,
    charts,
    credited,
    disputes,
    edges,
    extent,
    figures,
    hopwise,
    inflows,
    leading,
    payers,
    rulewise,
    simultaneous,
    unsettled,
    wholeness,
)
from recover.report.drawing import DRAWN, drawn, pictures
from recover.report.elements import Block, Para, columns, table
from recover.report.tabled import foremost_rows, more_rows, plain, service_name
from recover.report.texts import Texts, moment
from recover.sdk import Asset, Finding, OffRamp, View
from recover.sdk.ends import to_own
from recover.sdk.outside import visible

__all__ = ["columns", "flows"]

_STOPPED = ("service", "hub", "mixer", "bridge")
_OPEN = ("uncollected", "open")
_SPENT = ("fee", "burn", "bridge_fee")
_LEFT = ("rest", "not_seen_leaving")
_LEFT_OUT = 5


def flows(view: View, t: Texts) -> list[Block]:
    """R9: the picture, then the off-ramps by service and by address, the rules beside each other, the accounts."""
    out: list[Block] = [*[*pictures(view, t)][1:]]  # the first stands on page 2
    if more := len([*drawn(view)][DRAWN:]):
        out.append(Para(text=t.say("flows.more_assets", count=f"{more:,}"), style="note"))
    out += charts.pictures(view, t)
    out += hopwise.blocks(view, t)
    if view.offramps:
        out += [
            *_by_address(view, t),
            *attributed.paying(view, t),
            *wholeness.blocks(view, t),
            *_elsewhere(view, t),
            *rulewise.by_rule(view, t),
        ]
    else:
        out.append(disputes.nothing(view, t))
    closing = Para(text=t.say("flows.schedule", rule=view.case.rule), style="note")
    out += [*rulewise.by_end(view, t), *simultaneous.schedule(view, t)]
    return [*out, *_conservation(view, t), *_accounts(view, t), *_left_out(view, t), closing]


def _left_out(view: View, t: Texts) -> Iterator[Block]:
    """The assets of which most transfers stay in evidence and out of lots, with the reason and the count.

    Those in which value was followed come first: anybody can send a token that nobody lists.
    """
    found, traced = figures.of_kind(view, "left-out"), {rest.asset for rest in figures.rests(view)}

    def place(f: Finding) -> tuple[bool, int, int]:
        return f.slots.get("asset") not in traced, -figures.number(f, "transfers"), int(f.id[1:])

    kept = sorted(found, key=place)
    rows = []
    for f in kept[:_LEFT_OUT]:
        ident = str(f.slots.get("asset", ""))
        count = f"{figures.number(f, 'transfers'):,}"
        rows.append(
            (
                f.id,
                visible(t.own(f.subject), 80),
                visible(str(f.slots.get("symbol") or "–"), 40),
                visible(ident),
                count,
            )
        )
    if rows:
        heads = columns(t, "finding", "reason", "asset", "asset_id:mono", "transfers:number")
        yield table(t.say("flows.left_out"), heads, rows)
    if more := kept[_LEFT_OUT:]:
        transfers = sum(figures.number(f, "transfers") for f in more)
        yield Para(
            text=t.say("flows.left_out_more", count=f"{len(more):,}", transfers=f"{transfers:,}"), style="note"
        )


def _day(view: View, t: Texts, chain: str, time: datetime | None) -> str:
    return moment(time)[:10] if extent.could(view, chain, time) else extent.when(view, t, chain, time)


def _by_address(view: View, t: Texts) -> Iterator[Block]:
    ramps = [r for total in figures.totals(view) for r in total.rows]
    # What every row says is said once below the table (R9's paragraph on histories).
    alike = len({wholeness.mark(view, t, r) for r in ramps}) == 1 and len(ramps) > 1
    numbers = ["credited", "amount", "unswept", "elsewhere", "fees", "unfollowed", "swept"]
    numbers = [n for n in numbers if n not in ("fees", "unfollowed") or any(getattr(r, n) for r in ramps)]
    marked = [bool(simultaneous.mark(view, t, figures.asset(view, r.asset), r)) for r in ramps]
    kept = foremost_rows(ramps, [(mark, r.credited) for mark, r in zip(marked, ramps, strict=True)])
    rows = []
    for r in kept:
        asset = figures.asset(view, r.asset)
        also = t.joined(edges.called(view, r)) if figures.edge(r) == "plain" else ""
        word = t.say(
            "flows.deposit" if r.deposit else "flows.plain_beside" if also else "flows.plain", assets=also
        )
        where = f"{visible(r.address)}\n{_day(view, t, r.chain, r.first)} – {_day(view, t, r.chain, r.last)}"
        count = unsettled.meeting(view).get((r.through, r.asset), 0)
        open_ = t.say("flows.account_disputed", count=f"{count:,}") if count else ""
        marks = ("" if alike else wholeness.mark(view, t, r), simultaneous.mark(view, t, asset, r), open_)
        where += "".join(f"\n{mark}" for mark in marks if mark)
        place = f"{service_name(view, t, r)}\n{t.grade(r.grade)}\n{word}"
        cells = {n: plain(t, getattr(r, n) or 0, asset) for n in numbers}
        if r.stops:
            told = credited.between(view, t, r, "flows.still_between") or "–"
            cells["unswept"] = told if r.unswept is None else cells["unswept"]
            cells["elsewhere"] = _paid_on(view, t, r, asset)
        if own := to_own([r], view.offramps):
            cells["elsewhere"] += "\n" + t.say("flows.own_part", value=plain(t, own, asset))
        if r.stops and not r.deposit:
            cells["swept"] = "–"
        else:
            cells["swept"] = payers.upto(view, t, [r], cells["swept"])
        rows.append((where, place, *cells.values(), t.listed(r.exhibits)))
    heads = columns(
        t, "address:mono", "service", *(f"{_HEADS.get(n, n)}:number" for n in numbers), "exhibits:exhibits"
    )
    at = disputes.places(view)
    open_ = "_disputed" if any(r.unfollowed and (r.address, r.asset) in at for r in ramps) else ""
    stops = any(r.stops for r in ramps)
    whole = "flows.by_address_stopped" if stops else "flows.by_address_followed"
    key = f"flows.by_address{open_}" if "unfollowed" in numbers else whole
    fees = t.say("flows.fees_part") if "fees" in numbers else ""
    caption = t.say(key, rule=view.case.rule, fees=fees)
    yield table(f"{caption}. {t.say('flows.by_stop')}" if stops else caption, heads, rows)
    yield from _others(view, t, [r for r in ramps if r not in kept])


def _paid_on(view: View, t: Texts, r: OffRamp, asset: Asset) -> str:
    """What an address at which the trace stops paid others since, as its finding says; a dash where none can."""
    found = (f for f in figures.of_kind(view, leading.KIND) if f.slots.get("service") == r.service)
    mine = next((f for f in found if (f.subject, f.slots.get("asset")) == (r.address, r.asset)), None)
    if mine is not None:
        paid = payers.beyond(view, t, mine, plain(t, figures.number(mine, "paid"), asset))
        return t.say("flows.paid_on", amount=paid, finding=mine.id)
    # Of a service's own wallet nobody looks for what it paid its customers.
    told = bool(r.unswept_bounds) and r.at_rest is not None if credited.stopped(r) else r.unswept == r.credited
    return plain(t, 0, asset) if told else "–"


_HEADS = {"amount": "traced", "fees": "network_fees"}


def _others(view: View, t: Texts, left: Sequence[OffRamp]) -> Iterator[Block]:
    """How many rows are not printed, and what went on through them in all."""
    sums: dict[str, int] = {}
    for r in left:
        sums[r.asset] = sums.get(r.asset, 0) + r.amount
    if left:
        said = t.joined(t.units(amount, figures.asset(view, ident)) for ident, amount in sorted(sums.items()))
        yield Para(text=t.say("flows.others", count=f"{len(left):,}", amount=said), style="note")


def _elsewhere(view: View, t: Texts) -> Iterator[Block]:
    """Where what was credited went that did not go to the service: the trace follows it on."""
    found = [
        (r, place, amount)
        for total in figures.totals(view)
        for r in total.rows
        if r.service
        for place, amount in r.elsewhere_at.items()
    ]
    if not found:
        return
    kept = foremost_rows(found, [(False, amount) for *_, amount in found])
    own = {(r.service, r.asset, r.address) for r in view.offramps if r.stops}
    marks = ["\n" + t.say("flows.own_row") if (r.service, r.asset, at) in own else "" for r, at, _ in kept]
    rows = [
        (visible(r.address), (visible(place) or "–") + mark, t.units(amount, figures.asset(view, r.asset)))
        for (r, place, amount), mark in zip(kept, marks, strict=True)
    ]
    heads = columns(t, "address:mono", "paid:mono", "amount:number")
    key = "flows.elsewhere_own" if to_own(view.offramps, view.offramps) else "flows.elsewhere"
    yield table(t.say(key, rule=view.case.rule), heads, rows)
    yield from more_rows(t, len(found) - len(kept), "annex/offramps.csv")


def _accounts(view: View, t: Texts) -> list[Block]:
    rows, open_rows, ranks = [], 0, []
    for f in credited.accounts(view):
        asset = figures.asset(view, str(f.slots.get("asset", "")))
        values = {
            name: figures.number(f, name) for name in ("arrived", "opening", "swept", "passed_on", "at_rest")
        }
        values["at_rest"] += figures.number(f, "not_seen_leaving")
        gone = values["swept"] + values["passed_on"] + values["at_rest"]
        # Printed though it should be zero: a reader can see that it was computed.
        difference = values["arrived"] + values["opening"] - gone
        open_rows += difference != 0
        ranks.append((difference != 0, values["arrived"]))
        cells = {name: plain(t, v, asset) for name, v in values.items()}
        where = visible(f.subject) + f"\n{f.id} · {visible(asset.symbol, 24)}"
        if count := figures.number(f, "disputes"):
            where += "\n" + t.say("flows.account_disputed", count=f"{count:,}")
            if values["opening"]:
                cells["opening"] += "\n" + t.say("flows.opening_disputed")
        rows.append((where, *cells.values(), f"{difference:,}"))
    if not rows:
        return []
    heads = columns(
        t,
        "address:mono",
        "arrived:number",
        "opening:number",
        "swept_any:number",
        "passed:number",
        "left:number",
        "difference:number",
    )
    own = [*_own_payments(view, t)]
    kept = foremost_rows(rows, ranks)
    more = more_rows(t, len(rows) - len(kept), "annex/findings.csv")
    caption = " ".join([t.say("flows.accounts"), *([t.say("flows.own_below")] if own else [])])
    return [table(caption, heads, kept), *more, *own, _closing(t, len(rows), open_rows)]


def _own_payments(view: View, t: Texts) -> Iterator[Block]:
    """What addresses paid themselves, by asset."""
    sums: dict[str, tuple[int, int]] = {}
    for f in credited.accounts(view):
        ident = str(f.slots.get("asset", ""))
        count, amount = sums.get(ident, (0, 0))
        sums[ident] = count + figures.number(f, "own"), amount + figures.number(f, "own_amount")
    for ident, (count, amount) in sorted(sums.items()):
        if count:
            said = t.say("flows.own", count=f"{count:,}", amount=t.units(amount, figures.asset(view, ident)))
            yield Para(text=said, style="note")


def _closing(t: Texts, count: int, wrong: int) -> Para:
    if wrong:
        return Para(text=t.say("flows.unbalanced", count=wrong), style="warning")
    return Para(text=t.say("flows.balanced", count=count))


def _conservation(view: View, t: Texts) -> list[Block]:
    found = figures.of_kind(view, "conservation")
    kept = _unfollowed(view)
    disputed = any(f.slots.get("disputed") for f in found)
    exchanged = any(f.slots.get("exchanged") or _went(f, kept) for f in found)
    rows, wrong, ranks = [], 0, []
    for f in found:
        asset = figures.asset(view, str(f.slots.get("asset", "")))
        came, went = figures.number(f, "exchanged"), _went(f, kept)
        # What entered a pool and was not followed stopped; what went on in another asset is counted there.
        parts: tuple[int, ...] = _parts(f, figures.number(f, "crossed") + figures.number(f, "swap") - went)
        parts = (*parts, figures.number(f, "disputed")) if disputed else parts
        difference = figures.number(f, "began") + came - went - sum(parts)
        wrong += difference != 0
        ranks.append((difference != 0, figures.number(f, "began")))
        swapped = (came, went) if exchanged else ()
        cells = (plain(t, v, asset) for v in (figures.number(f, "began"), *swapped, *parts))
        rows.append((f"{f.subject} · {f.id} · {visible(asset.symbol, 24)}", *cells, f"{difference:,}"))
    if not rows:
        return []
    names = ["began", *(("came", "went") if exchanged else ()), "stopped", "open", "fees", "rest"]
    names += ["disputed", "difference"] if disputed else ["difference"]
    heads = columns(t, "loss", *(f"{name}:number" for name in names))
    key = "flows.conservation_exchanged" if exchanged else "flows.conservation"
    caption = t.say(key, rule=view.case.rule) + (f" {t.say('flows.conservation_disputed')}" if disputed else "")
    printed = foremost_rows(rows, ranks)
    more = more_rows(t, len(rows) - len(printed), "annex/findings.csv")
    net = inflows.netted(view, t, inflows.sums(view))
    return [table(caption, heads, printed), *more, _closing(t, len(rows), wrong), *net]


def _unfollowed(view: View) -> dict[tuple[str, str], int]:
    """By loss and asset, what stopped at contracts of exchanges."""
    held: dict[tuple[str, str], int] = {}
    for rest in figures.rests(view):
        if rest.reason == figures.SWAP_STOPPED:
            held[rest.loss, rest.asset] = held.get((rest.loss, rest.asset), 0) + rest.amount
    return held


def _went(f: Finding, kept: Mapping[tuple[str, str], int]) -> int:
    return (
        figures.number(f, "crossed")
        + figures.number(f, "swap")
        - kept.get((f.subject, str(f.slots.get("asset", ""))), 0)
    )


def _parts(f: Finding, pooled: int) -> tuple[int, int, int, int]:
    def total(names: tuple[str, ...]) -> int:
        return sum(figures.number(f, name) for name in names)

    return total(_STOPPED) + pooled, total(_OPEN), total(_SPENT), total(_LEFT)
