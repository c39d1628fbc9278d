"""To the police: what the losses are, what became of them, and every place to which their value went."""

from __future__ import annotations

from dataclasses import replace

from recover.letters import named
from recover.letters.matter import Matter
from recover.letters.measured import most
from recover.letters.narrowed import ended
from recover.letters.words import Blocks, files, named_beside, stacked, whose
from recover.report import credited, extent, figures, identifiers, unmoving
from recover.report.elements import Facts, Para, table
from recover.report.identifiers import Row
from recover.report.schedules import columns
from recover.sdk import Finding, OffRamp
from recover.sdk.outside import visible

PRINTED = 30
"""So many losses and places are printed, the largest first."""

STARTS = 12
"""So many payments of one loss, the largest; of several losses fewer of each, about `ROWS` in all."""
ROWS = 36


def became(m: Matter) -> Blocks:
    """To the police: how much each loss is, and what became of it, which sums to what it began with."""
    if m.kind.about != "case":
        return []
    t, mine = m.texts, [loss.id for loss in m.losses[:PRINTED]]
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for end in ended(m.view):
        if end.loss in mine:
            here = sums.setdefault((end.loss, end.asset), {})
            what = _ENDS.get(end.reason, "at_others")
            here[what] = here.get(what, 0) + end.amount
    began = {
        (loss, asset): sum(n for n, _ in parts) for loss in mine for asset, parts in m.ways.starts(loss).items()
    }
    # Fees have a column only where one was paid: a reader who knows no chain need not ask what they are.
    fees = ("at_fees",) if any("at_fees" in here for here in sums.values()) else ()
    names = ("at_services", "at_hubs", "not_followed", *fees, "at_others")
    rows = []
    for loss, asset_id in sorted({*sums, *began}, key=lambda one: (mine.index(one[0]), one[1])):
        asset, here = figures.asset(m.view, asset_id), sums.get((loss, asset_id), {})
        amounts = (began.get((loss, asset_id), 0), *(here.get(name, 0) for name in names))
        first, *rest = (t.units(n, asset) if n else "0" for n in amounts)
        if came := sum(hop.came for hop in m.ways.came(loss, asset_id)):
            first = stacked(first, t.say("victim.came", amount=t.units(came, asset)))
        rows.append((loss, first, *rest))
    if not rows:
        return []
    heads = columns(t, "loss", "began:number", *(f"{name}:number" for name in names))
    lost = any(here.get("not_followed") for here in sums.values())
    rule = t.rule(m.view.case.rule)
    return [
        *_payments_lost(m),
        table(t.say("victim.became", rule=rule), heads, rows),
        *([Para(text=t.say("victim.not_followed", rule=rule), style="note")] if lost else []),
    ]


def _payments_lost(m: Matter) -> Blocks:
    """Each payment with which a loss began: who paid whom, how much, when."""
    t, rows = m.texts, []
    for loss in m.losses[:PRINTED]:
        begun = m.ways.begun(loss.id)
        largest = {hop.seq for _, hop in sorted(begun, key=lambda one: (-one[1].began, one[1].seq))[: _each(m)]}
        for asset_id, hop in ((asset_id, hop) for asset_id, hop in begun if hop.seq in largest):
            way = f"→ {visible(hop.dst) or '–'}"
            at = stacked(visible(hop.tx), visible(hop.src) or "–", way, m.when(loss.chain, hop.time))
            rows.append((loss.id, at, t.both(hop.began, figures.asset(m.view, asset_id))))
    heads = columns(t, "loss", "tx:mono", "amount:number")
    more = more_began(m)
    said = t.say("reached.began_more", count=f"{more:,}", file=files(m) or m.file) if more else ""
    note = [Para(text=said, style="note")] if said else []
    return [table(t.say("reached.began_caption"), heads, rows), *note] if rows else []


def more_began(m: Matter) -> int:
    """How many payments with which the printed losses began a report to the police does not print."""
    if m.kind.about != "case":
        return 0
    return sum(max(0, len(m.ways.begun(loss.id)) - _each(m)) for loss in m.losses[:PRINTED])


def _each(m: Matter) -> int:
    return max(1, min(STARTS, ROWS // max(1, len(m.losses[:PRINTED]))))


_ENDS = {
    "service": "at_services",
    "hub": "at_hubs",
    "uncollected": "not_followed",
    "open": "not_followed",
    "fee": "at_fees",
}
"""What the trace's own reason for an end is called to a reader who knows no trace; every other is `at_others`."""


def reached(m: Matter) -> Blocks:
    """Where value went, for a reader who is none of those places: service by service, then all other places."""
    if not m.ramps:
        return [Para(text=m.texts.say("reached.none")), *_left(m)]
    t, rows = m.texts, []
    for r in sorted(m.ramps, key=lambda r: (-r.amount, -r.resting, r.address)):
        asset = figures.asset(m.view, r.asset)
        first, moment = _first(m, r)
        rows.append(
            (
                stacked(credited.place(t, r), visible(first), f"{moment} · {extent.chain(m.view, r.chain)}"),
                f"{whose(m, r)}\n{t.grade(r.grade)}",
                t.both(r.amount, asset),
                credited.cell(m.view, t, r),
                t.listed(r.exhibits),
            )
        )
    heads = columns(t, "address:mono", "service", "traced_on:number", "unswept:number", "exhibits:exhibits")
    caption = t.say("reached.caption", rule=m.texts.rule(m.view.case.rule))
    return [
        table(caption, heads, rows),
        Para(text=t.say("reached.note"), style="note"),
        Para(text=t.say("reached.files", count=f"{len(listed(m)):,}", file=files(m), fees=fees(m)), style="note"),
        Facts(rows=tuple((name, digest, "mono") for name, digest in m.files.items())),
        *_left(m),
    ]


def _first(m: Matter, ramp: OffRamp) -> tuple[str, str]:
    """The first transaction by which a service finds an address, and its moment: of a wallet that may be private
    its payment to the service."""
    here = (visible(ramp.address), visible(ramp.asset), visible(ramp.memo, 256))
    mine = [r for r in m.rows if (r.address, r.asset, r.memo if ramp.by_memo else here[2]) == here]
    wanted = "out" if figures.edge(ramp) == "plain" else "in"
    # An address may pay several services: each finds it by what it was paid itself.
    own = {visible(wallet) for wallet in ramp.hot_wallets}
    paid = [r for r in mine if r.direction == "out" and r.counterparty in own]
    came = [r for r in mine if r.direction == "in"]
    found = (paid or came) if wanted == "out" else (came or paid)
    if not found:
        moment = m.when(ramp.chain, ramp.first) if ramp.first and ramp.transactions else "–"
        return visible(next(iter(ramp.transactions), "–")), moment
    first = min(found, key=lambda r: (not r.block_time_utc, r.block_time_utc))
    return first.tx_hash, m.time(first) or "–"


_GONE = ("service", "hub", "fee", "swap", "burn", "crossed", "bridge_fee")
"""Ends at services and hubs stand in their own rows; of the others no address can be acted on."""


def remaining(m: Matter) -> list[tuple[str, str, str, int]]:
    """Where value of the losses is that went to no service: (address, asset, reason, amount), by amount."""
    mine, sums = {loss.id for loss in m.losses}, dict[tuple[str, str, str], int]()
    told = {(r.address, r.asset) for r in m.ramps}  # what is still at these stands in their own rows
    for end in ended(m.view):
        if end.loss in mine and end.reason not in _GONE and end.amount and (end.address, end.asset) not in told:
            key = (end.address, end.asset, end.reason)
            sums[key] = sums.get(key, 0) + end.amount
    return sorted(((*key, n) for key, n in sums.items()), key=lambda one: (-one[3], one))


OPEN = ("uncollected", "open")
"""Reasons of an end at an address whose history is not in the exhibits."""


def stoppable(m: Matter) -> dict[tuple[str, str], Finding]:
    """Where an issuer can stop what is left, of the places that are printed."""
    can = {(f.subject, f.slots.get("asset")): f for f in figures.of_kind(m.view, "freezable")}
    there = ((address, asset) for address, asset, *_ in remaining(m)[:PRINTED])
    return {place: can[place] for place in there if place in can}


def listed(m: Matter) -> tuple[Row, ...]:
    """The rows of the tables: every movement, each payment with which the losses began, by which a desk finds them
    however few are printed, and, to the police, each place where value was left."""
    own = named.rows(m.view, named_beside(m))
    if m.kind.about != "case":
        found = (*held(m), *m.rows, *own, *m.lost)
        return (
            tuple(replace(row, asked=_ASKED.get(row.direction, "")) for row in found) if m.rows or held(m) else ()
        )
    left = (unmoving.place(m.view, at, asset, n) for at, asset, _, n in remaining(m))
    return (*m.rows, *own, *m.lost, *left)


_ASKED = {
    "hold": "hold",
    **dict.fromkeys(("in", "out", "named"), "look up"),
    **dict.fromkeys(("fee", "loss"), "nothing"),
}
"""What is asked about the address of a row; the police are asked about none."""


def held(m: Matter) -> list[Row]:
    """Of a request to stop value, the most that is to be stopped at each place, as every form of it prints."""
    if m.kind.asks != "freeze":
        return []
    if m.ramps:
        return [unmoving.held(m.view, ramp, most(ramp)) for ramp in m.ramps if most(ramp)]
    sums = [(f.subject, str(f.slots.get("asset", "")), figures.number(f, "upto")) for f in m.holdings]
    sums += [(at, asset, amount) for at, asset, _, amount in standing(m)]
    spots = ((identifiers.Spot(chain=a.partition("/")[0], address=at, asset=a), n) for at, a, n in sums)
    return [unmoving.held(m.view, spot, amount) for spot, amount in spots]


def fees(m: Matter) -> str:
    """What the words on the tables say of rows of fees, and of what its sender names, where there are some."""
    paid = m.texts.say("table.fees") if any(r.direction == "fee" for r in m.rows) else ""
    return paid + (m.texts.say("table.named") if named_beside(m) else "")


def standing(m: Matter) -> list[tuple[str, str, str, int]]:
    """Of a request to stop value at places that its sender names: what of the losses ends there."""
    if m.kind.asks != "freeze" or m.kind.about != "named" or m.holdings:
        return []
    mine, sums = m.choice.losses or [loss.id for loss in m.view.case.losses], dict[tuple[str, str, str], int]()
    for end in ended(m.view):
        if end.loss in mine and end.reason not in _GONE and end.amount and end.address in m.choice.about:
            key = (end.address, end.asset, end.reason)
            sums[key] = sums.get(key, 0) + end.amount
    return sorted(((*key, n) for key, n in sums.items()), key=lambda one: (-one[3], one))


def _left(m: Matter) -> Blocks:
    t, rows = m.texts, []
    can = stoppable(m)
    said = {"rest": "left_rest", **dict.fromkeys(OPEN, "left_open")}
    for address, asset_id, reason, amount in remaining(m)[:PRINTED]:
        asset, known = figures.asset(m.view, asset_id), can.get((address, asset_id))
        what = t.say(f"reached.{said.get(reason, 'left_stop')}", reason=visible(reason, 40))
        issuer = t.say("reached.stoppable", issuer=visible(str(known.slots.get("issuer")), 80)) if known else ""
        place = stacked(visible(address), extent.chain(m.view, asset_id.partition("/")[0]), visible(asset_id, 160))
        rows.append((place, stacked(what, issuer), t.both(amount, asset)))
    if not rows:
        return []
    heads = columns(t, "address:mono", "stands", "left:number")
    note = Para(text=t.say("reached.left_note"), style="note")
    return [table(t.say("reached.left_caption", rule=m.texts.rule(m.view.case.rule)), heads, rows), note]
