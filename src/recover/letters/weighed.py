"""What a letter rests on and what speaks against it: the last parts, which its addressee's counsel reads first."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recover.ledger import lookalikes
from recover.letters import doubts, money
from recover.letters import found as found_in
from recover.letters.matter import Matter
from recover.letters.words import Blocks
from recover.report import (
    doubted,
    edges,
    figures,
    instead,
    leading,
    openings,
    payers,
    ranged,
    simultaneous,
    unsettled,
    worth,
)
from recover.report.elements import Facts, Items, Para, table
from recover.report.schedules import columns
from recover.report.texts import Texts
from recover.sdk import ExhibitFacts, Finding
from recover.sdk.amounts import exact
from recover.sdk.ends import PART, beyond, to_own
from recover.sdk.outside import visible
from recover.victims import withheld


def against(m: Matter) -> Blocks:
    """What is known against the letter's own figures and attributions."""
    if not _weighs(m):
        return []
    t, found = m.texts, list[str]()
    if mixed(m):
        found.append(t.say("against.mixed"))
    if rests := swapped(m):
        found.append(t.say("against.swapped", **_basis(m, rests)))
    if label := passed(m):
        slots = {key: visible(str(label.slots.get(key) or "–"), 120) for key in ("source", "category")}
        found.append(t.say("against.label", **slots))
    if m.holdings:
        found.append(t.say("against.rest"))
    if unread(m):
        open_ = [(f.subject, str(f.slots.get("asset"))) for f in m.holdings if f.slots.get("history")]
        found.append(t.say("against.unread", **doubted.phrases(m.view, t, open_)))
    found += decisions(m)
    found += doubts.said(m)
    if any(r.grade not in "AB" for r in m.ramps):
        grades = t.joined(sorted({t.grade(r.grade) for r in m.ramps if r.grade not in "AB"}))
        found.append(t.say("against.grade", grades=grades))
    if ruled(m):
        found.append(t.say("against.rules", rule=m.texts.rule(m.view.case.rule)))
    if none := losing(m):
        found.append(t.say("against.loss_nothing", losses=t.joined(none)))
    if m.crossings:
        found.append(t.say("against.crossed", rule=m.texts.rule(m.view.case.rule)))
    if ordered(m):
        found.append(t.say("against.order"))
    if unordered(m):
        found.append(t.say("against.order_open"))
    if parted(m):
        found.append(t.say("against.part"))
    if contrary(m):
        found.append(t.say("against.contrary"))
        found += [t.say("against.contrary_other", **_compared(m, f)) for f in turned(m)]
    if strays(m):
        found.append(t.say("against.elsewhere"))
    if any(r.unfollowed for r in m.ramps):
        found.append(t.say(f"against.unfollowed{found_in.disputed(m, m.ramps)}"))
    if any(r.plain for r in m.ramps):
        found.append(t.say("against.plain"))
    found += [t.say("against.rival", addresses=visible(at), services=said) for at, said in rivalled(m).items()]
    if strayed(m):
        found.append(t.say("against.strayed"))
    found += [t.say("against.paid_on", **_paid_on(m, f)) for f in paid_on(m)]
    return [Items(items=tuple(found))] if found else []


def _weighs(m: Matter) -> bool:
    """Whether the letter has a place of its own, of which something could be known."""
    return bool(m.ramps or m.holdings or m.crossings)


def strays(m: Matter) -> bool:
    """Whether value that came to the letter's places went on to none of the services that it is about."""
    for asset in dict.fromkeys(r.asset for r in m.ramps):
        rows = [r for r in m.ramps if r.asset == asset]
        if beyond(rows) > to_own(rows, rows):
            return True
    return False


def ordered(m: Matter) -> bool:
    """Whether a figure of the letter differs in another sequence, or can, and how far stands beside it."""
    return simultaneous.sequenced(m.view, m.ramps) or any(_turns(m, f) for f in m.holdings)


def unordered(m: Matter) -> bool:
    """Whether a figure of some losses alone can differ in another sequence, and nobody worked out how far."""
    here = {(r.place, r.service) for r in m.ramps}
    whole = [r for r in m.view.offramps if (r.place, r.service) in here]
    orders = (names for r in whole for figure, names in r.by_order.items() if figure != "amount")
    moved = any(not name.startswith(PART) for names in orders for name in names)
    return bool(m.choice.losses) and moved


def _turns(m: Matter, f: Finding) -> bool:
    """Whether what is left at a place that an issuer is asked about hangs on a sequence, or can."""
    amount, asset = figures.number(f, "amount"), str(f.slots.get("asset", ""))
    return simultaneous.left(m.view, f.subject, asset, amount, m.choice.losses) is not None


def ruled(m: Matter) -> bool:
    """Whether rules that may back a claim differ on what reached the addressee, or on what is left there."""
    keys = dict.fromkeys((r.service, r.asset) for r in m.ramps)
    sums = (r.by_rule.values() for key in keys for r in m.total(*key).ruled)
    return any(len({*one}) > 1 for one in sums) or bool(found_in.span(m))


def parted(m: Matter) -> bool:
    """Whether a part of a payment was taken as a loss, in an asset of the letter."""
    return any(simultaneous.parted(m.view, r.asset) for r in m.ramps)


def swapped(m: Matter) -> list[Finding]:
    """The exchanges that value of the letter's losses came to it by, one after the other."""
    places = {r.asset for r in m.ramps} | {str(f.slots.get("asset", "")) for f in m.holdings}
    places |= {one.move.asset for one in m.crossings}
    wanted = [asset for asset in sorted(places) if any(m.ways.came(loss.id, asset) for loss in m.losses)]
    listed, found = figures.of_kind(m.view, "swap"), dict[str, Finding]()
    for asset in wanted:
        mine = {hop.tx for loss in m.losses for hop in m.ways.came(loss.id, asset)}
        for f in listed:
            if f.slots["into"] == asset and f.slots["transaction"] in mine:
                found[f.id] = f
                wanted += [str(f.slots["asset"])] if f.slots["asset"] not in wanted else []
    return [f for f in listed if f.id in found]


def _basis(m: Matter, rests: Sequence[Finding]) -> dict[str, str | int]:
    """What inferred these exchanges, at what grade and error rate."""
    t, cards = m.texts, {f"{h.get('id')} {h.get('version')}": h for h in m.view.heuristics}
    methods = sorted({str(f.slots["method"]) for f in rests})
    rates = [t.own(cards[one]["grades"]) for one in methods if cards.get(one, {}).get("measured")]
    all_of = bool(rates) and len(rates) == len(methods)
    symbols = {visible(figures.asset(m.view, str(f.slots["into"])).symbol, 24) for f in rests}
    return {
        "symbols": t.joined(sorted(symbols)),
        "count": len(rests),
        "method": t.joined(visible(one, 80) for one in methods),
        "grades": t.joined(sorted({t.grade(f.grade) for f in rests})),
        "rate": t.say("against.swapped_rate", rates=visible("; ".join(rates), 900))
        if all_of
        else t.say("against.swapped_unmeasured"),
    }


def losing(m: Matter) -> list[str]:
    """The losses of the letter of which some rule that may back a claim brings the addressee nothing, in one
    asset that it is written for."""
    keys = dict.fromkeys((r.service, r.asset) for r in m.ramps)
    totals = [m.total(*key) for key in keys]
    none = {
        loss
        for total in totals
        for loss, sums in ranged.losses(total.ruled).items()
        if sums.get(m.view.case.rule) and not all(sums.values())
    }
    return [loss.id for loss in m.losses if loss.id in none]


def decisions(m: Matter) -> list[str]:
    """What a person relied on where exhibits disagree, and what the addressee would have by the others."""
    t, told = m.texts, []
    for f in settled(m):
        slots = {"transaction": visible(f.subject), "entry": str(f.slots["entry"])}
        shown = instead.shown(t, f, "against")
        slots["kept"] = "".join(t.say("against.settled_kept", **one) for one in unsettled.kept(m.view, f))
        rivals = t.joined(visible(one, 80) for one in instead.texts(f, "rivals"))
        key = "against.settled_rival" if rivals else "against.settled"
        told.append(t.say(key, shown=shown, exhibit=instead.relied(t, f, "against"), rivals=rivals, **slots))
        for other in otherwise(m, f):
            at = {"exhibit": instead.relied(t, other, "against"), "transaction": slots["transaction"]}
            at["rival"] = visible(str(other.slots.get("rival") or ""), 80)
            key = "against.settled_otherwise_rival" if at["rival"] else "against.settled_otherwise"
            told.append(t.say(key, **at, **_compared(m, other)))
    return told


def _compared(m: Matter, other: Finding) -> dict[str, str]:
    """The addressee's figure here, and what it would be otherwise."""
    asset = figures.asset(m.view, str(other.slots["asset"]))
    sums = {key: m.texts.units(figures.number(other, key), asset) for key in ("otherwise", "amount")}
    return {"name": m.name, "rule": m.texts.rule(m.view.case.rule), **sums}


def settled(m: Matter) -> list[Finding]:
    """The decisions for one exhibit on a movement that value of the letter met, or that bears on where it is."""
    at = {(address, r.asset) for r in m.ramps for address in (r.address, r.through)}
    at |= {(f.subject, str(f.slots.get("asset", ""))) for f in m.holdings}
    met = unsettled.decided(m.view)
    return [f for f in figures.of_kind(m.view, "settled") if at & met.get(f.subject, frozenset())]


def moved(m: Matter, rival: bool) -> bool:
    """Whether by another exhibit than that relied on, or by another transaction that spends the same coin, the
    addressee has another figure."""
    return any(bool(other.slots.get("rival")) is rival for f in settled(m) for other in otherwise(m, f))


def turned(m: Matter) -> list[Finding]:
    """What reaches the addressee in the other order, where blocks and times give two; not of some losses alone."""
    if not contrary(m) or not (m.key and doubts.in_all(m)):
        return []
    return [f for f in figures.of_kind(m.view, "order-otherwise") if f.subject == m.key]


def otherwise(m: Matter, decision: Finding) -> list[Finding]:
    """What reaches the addressee by another exhibit; of some losses alone that was not worked out."""
    if not (m.key and doubts.in_all(m)):
        return []
    listed = figures.of_kind(m.view, "settled-otherwise")
    return [f for f in listed if (f.slots["transaction"], f.subject) == (decision.subject, m.key)]


def unread(m: Matter) -> bool:
    """Whether it asks about a place whose history is in no exhibit, and at which a balance lies."""
    return any(f.slots.get("history") for f in m.holdings)


def less(m: Matter) -> bool:
    """Whether it asks about less than what was traced to a place, as a balance shows no more there."""
    return any(figures.number(f, "upto") < figures.number(f, "amount") for f in m.holdings)


def strayed(m: Matter) -> bool:
    """Whether an address that a source calls the addressee's paid to wallets of another service."""
    here = {(r.address, r.asset) for r in m.ramps}
    return any((f.subject, f.slots.get("asset")) in here for f in figures.of_kind(m.view, "label-against"))


def paid_on(m: Matter) -> list[Finding]:
    """Deposit addresses of the addressee at which the trace stops, and that exhibits show paying others."""
    here = {(r.address, r.asset, r.service) for r in m.ramps}
    found = figures.of_kind(m.view, leading.KIND)
    return [f for f in found if (f.subject, f.slots.get("asset"), f.slots.get("service")) in here]


def _paid_on(m: Matter, f: Finding) -> dict[str, str]:
    asset = figures.asset(m.view, str(f.slots["asset"]))
    sums = {name: m.texts.units(figures.number(f, name), asset) for name in ("amount", "paid", "together")}
    after = m.texts.say(f"against.after{'_open' if f.slots.get('together') else ''}", **sums)
    most = payers.beyond(m.view, m.texts, f, sums["paid"])
    return {"address": visible(f.subject), "after": after, **sums, "paid": most}


def rivalled(m: Matter) -> dict[str, str]:
    """The addresses that methods call deposit addresses of several services, with their names."""
    several = {r.address: sorted({r.service or "", *names}) for r in m.ramps if (names := edges.rivals(m.view, r))}
    return {
        at: m.texts.joined(visible(figures.name(m.view, one, one), 80) for one in names)
        for at, names in several.items()
    }


def contrary(m: Matter) -> bool:
    """Whether movements behind a row stand in one order by their blocks, and in another by their times."""
    return any(r.asset in simultaneous.contrary(m.view) for r in m.ramps)


def passed(m: Matter) -> Finding | None:
    """The label for which the addressee would get no letter, where a named person decided that it does."""
    listed = figures.of_kind(m.view, "no-letter")
    return next((f for f in listed if m.key and f.subject == m.key and f.slots.get("by")), None)


def mixed(m: Matter) -> bool:
    """Whether the exhibits show value of other origins, or of losses that it does not name, at its places."""
    traced, coins = dict[tuple[str, str], int](), figures.coins(m.view)
    if not _weighs(m):
        return False
    for r in (r for r in m.rows if r.direction == "in" and r.raw_amount):
        # An output can hold change too, which is told from what came below.
        if int(r.raw_amount) != int(r.traced_amount or 0) and r.chain not in coins:
            return True
        traced[r.address, r.asset] = traced.get((r.address, r.asset), 0) + int(r.traced_amount or 0)
    if any((r.address, r.asset) in before(m) for r in m.ramps):
        return True
    if not traced or "transfers" not in m.view.tables:
        return False
    # Other movements to the same places; where a memo tells customers apart, those of others are no mixing.
    told = {(visible(r.address), visible(r.asset)) for r in m.ramps if r.by_memo}
    moved = m.view.tables["transfers"]()
    places = pa.array(sorted({place for place, _ in traced}), pa.string())
    # What failed, or exhibits disagree on, brought nothing; dust of a lookalike did, though no lot holds it.
    followed = pc.fill_null(pc.equal(moved.column("excluded"), lookalikes.REASON), True)
    here = moved.filter(pc.and_(pc.is_in(moved.column("dst"), places), followed))
    came, change = dict[tuple[str, str], int](), dict[int, int]()
    for (seq, _), amount in payers.shared(m.view).change.items():
        change[seq] = change.get(seq, 0) + amount
    sides = (here.column(name).to_pylist() for name in ("src", "dst", "asset", "seq"))
    for payer, at, asset, seq, amount in zip(*sides, exact(here), strict=True):
        if payer != at:  # what an address pays itself came from nowhere else
            came[at, asset] = came.get((at, asset), 0) + amount - change.get(seq, 0)
    return any(came.get(place, 0) > amount for place, amount in traced.items() if place not in told)


def before(m: Matter) -> frozenset[tuple[str, str]]:
    """The places that paid out more than had come in until then, though exhibits do not disagree on what moved."""
    open_ = frozenset(unsettled.meeting(m.view)) | unsettled.differing(m.view)
    return openings.short(m.view) - open_ - unsettled.overdrawn(m.view)


def cited(m: Matter) -> list[int]:
    """The numbers of the exhibits that a letter rests on."""
    numbers = {n for r in m.ramps for n in r.exhibits} | {int(r.exhibit) for r in m.rows if r.exhibit}
    numbers |= worth.cited(m.view, money.claims(m)) | {n for f in settled(m) for n in f.exhibits}
    numbers |= {n for one in m.crossings for n in one.exhibits}
    return sorted(numbers | {n for f in m.holdings for n in f.exhibits})


def _called(t: Texts, e: ExhibitFacts) -> str:
    """The name of a file as it was received: text from outside, left out where it may tell who somebody is. Of an
    answer it is the request, with the server's own address, which says what the sender runs and nothing more."""
    if "name" in e.withheld:
        return t.say("exhibits.withheld")
    asked = e.method not in withheld.BROUGHT and bool(e.sources)
    sources = ", ".join(visible(one, 80) for one in e.sources)
    return t.say("exhibits.answer", sources=sources) if asked else visible(e.name, 120)


def exhibits(m: Matter) -> Blocks:
    t, view = m.texts, m.view
    numbers = set(cited(m))
    rows = [
        (str(e.number), f"{_called(t, e)}\n{t.moment(e.captured)}", e.digest)
        for e in view.exhibits
        if e.number in numbers
    ]
    head = Facts(rows=((t.say("exhibits.head"), view.head, "mono"),))
    if not rows:
        return [Para(text=t.say("exhibits.none")), head]
    heads = columns(t, "number:exhibits", "name", "digest:mono")
    return [table(t.say("exhibits.caption"), heads, rows, anchor="exhibit"), head]
