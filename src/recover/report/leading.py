"""The way to services that exhibits show beyond an address at which the trace stopped for want of its history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import answer, doubted, figures, instead, lacks, openings, repaid
from recover.report.claimed import Holds, Sentence
from recover.report.doubted import Holding
from recover.report.elements import Table, columns, table
from recover.report.texts import Texts
from recover.sdk import Finding, View, amounts
from recover.sdk.outside import visible
from recover.trails.inpart import PARTIAL
from recover.trails.outputs import SPENT

KIND = "shown-beyond"

SHOWN = 3
"""So many stand on page 1, those with most traced value first; R8 has every one."""

_NAMED = 5
"""So many services are named in one sentence."""


def reaching(view: View) -> list[Finding]:
    """Those from which exhibits show a way to a service that no row of the same address names."""
    rows = {(r.address, r.asset, r.service) for r in view.offramps}
    whole = answer.began(view)
    found = [
        f
        for f in figures.of_kind(view, KIND)
        if any((f.subject, f.slots.get("asset"), one) not in rows for one in services(f))
    ]

    def rank(f: Finding) -> tuple[int, int]:
        of = whole.get(str(f.slots.get("asset")), 0)
        return -(figures.number(f, "amount") * 10**30 // max(of, 1)), int(f.id[1:])

    return sorted(found, key=rank)


def counted(view: View, finding: Finding) -> int:
    """How much of what such an address is shown paying on began as a declared loss by that same payment: in full,
    so that nothing of it is left that was not worked out."""
    if not {"flows", "transfers"} <= set(view.tables):
        return 0
    carried, sums = _carried(view)
    mine = carried.filter(pc.equal(carried["asset"], str(finding.slots.get("asset"))))
    first = pc.min(mine.filter(pc.equal(mine["dst"], finding.subject))["seq"]).as_py()
    spent = finding.slots.get("spent")
    here = pc.equal(mine["src"], finding.subject)
    if isinstance(spent, tuple):
        here = pc.and_(pc.equal(mine["kind"], "output"), pc.is_in(mine["tx"], value_set=pa.array(spent)))
    paid = mine.filter(pc.fill_null(here, False))
    rows = zip(paid["seq"].to_pylist(), amounts.exact(paid), strict=True)
    return sum(n for seq, n in rows if first is not None and seq > first and seq in sums and sums[seq] >= n)


@figures.settled
def _carried(view: View) -> tuple[pa.Table, Mapping[int, int]]:
    """The movements that carried losses, and by movement what of losses began by it."""
    flows, moved = view.tables["flows"](), view.tables["transfers"]()
    begun, sums = flows.filter(pc.equal(flows["event"], "start")), dict[int, int]()
    for seq, amount in zip(begun["seq"].to_pylist(), amounts.exact(begun), strict=True):
        sums[seq] = sums.get(seq, 0) + amount
    return moved.filter(pc.is_in(moved["seq"], value_set=flows["seq"].unique())), sums


def words(view: View, found: Sequence[Finding]) -> str:
    """What is known of such payments: all of it is counted as a declared loss, some, or nothing of it is."""
    paid, held = (
        sum(one) for one in zip(*((figures.number(f, "paid"), counted(view, f)) for f in found), strict=True)
    )
    return "counted" if 0 < paid <= held else "partly" if held else "unknown"


def known(view: View, t: Texts, found: Sequence[Finding]) -> str:
    """The same as a sentence."""
    held: dict[str, int] = {}
    for f in found:
        asset_id = str(f.slots.get("asset"))
        held[asset_id] = held.get(asset_id, 0) + counted(view, f)
    sums = t.joined(t.units(n, figures.asset(view, a)) for a, n in sorted(held.items()) if n)
    return t.say(f"beyond.{words(view, found)}", counted=sums)


def after(view: View, t: Texts, finding: Finding) -> str:
    """Since when such payments count: since the value came, or in its moment where nobody gives the order."""
    asset, together = figures.asset(view, str(finding.slots.get("asset"))), figures.number(finding, "together")
    return t.say(f"flows.beyond_after{'_open' if together else ''}", together=t.units(together, asset))


def lost(view: View, t: Texts, found: Sequence[Finding]) -> dict[str, str]:
    """Why the trace stops at these places: no history of theirs is whole, or a source calls them a service's."""
    open_ = [(f.subject, str(f.slots.get("asset"))) for f in found if not f.slots.get("service")]
    called = dict.fromkeys(str(f.slots["service"]) for f in found if f.slots.get("service"))
    names = t.joined(visible(figures.name(view, one, one), 80) for one in called) if called else ""
    return doubted.phrases(view, t, open_, names)


def services(finding: Finding) -> tuple[str, ...]:
    """The services to whose wallets exhibits show a way from there."""
    named = finding.slots.get("services")
    return named if isinstance(named, tuple) else ()


def leading(view: View, address: str, asset_id: str) -> Finding | None:
    """The finding of a way to a service from one address, where there is one."""
    mine = (f for f in figures.of_kind(view, KIND) if (f.subject, f.slots.get("asset")) == (address, asset_id))
    return next((f for f in mine if services(f)), None)


def named(view: View, t: Texts, finding: Finding) -> dict[str, str]:
    """What an act says of it."""
    names = [visible(figures.name(view, one, one), 80) for one in services(finding)[:_NAMED]]
    return {"services": t.joined(names), "finding": finding.id}


def shown(view: View, t: Texts, found: Sequence[Finding]) -> Table:
    """A row each: what stops there, what exhibits show it paying on, and to whom payments lead from there."""

    def units(finding: Finding, slot: str) -> str:
        return t.units(figures.number(finding, slot), figures.asset(view, str(finding.slots.get("asset"))))

    rows = [
        (f.id, visible(f.subject), units(f, "amount"), units(f, "paid"), named(view, t, f)["services"])
        for f in found
    ]
    heads = columns(t, "finding", "stops_at:mono", "amount:number", "passed_after:number", "leads")
    return table(t.say("summary.beyond_rows", rule=view.case.rule), heads, rows)


def ways(view: View, t: Texts, finding: Finding) -> str:
    """By service, the first wallet of it to which the way leads, with the payment that gets there."""
    asset = figures.asset(view, str(finding.slots.get("asset")))
    columns = (finding.slots.get(name) for name in ("wallets", "transactions", "last_amounts"))
    wallets, transactions, sums = (one if isinstance(one, tuple) else () for one in columns)
    rows = [*zip(services(finding), wallets, transactions, sums, strict=True)]
    told = [
        t.say(
            "flows.beyond",
            service=visible(figures.name(view, service, service), 80),
            wallet=visible(wallet),
            transaction=visible(transaction),
            amount=t.units(int(amount), asset),
        )
        for service, wallet, transaction, amount in rows[:_NAMED]
    ]
    more = len(rows) - _NAMED
    return t.joined([*told, *([t.say("flows.beyond_more", count=f"{more:,}")] if more > 0 else [])])


@figures.settled
def sought(view: View) -> Mapping[Holding, tuple[int, str]]:
    """Where value is not followed for want of a history, how much, and the ending of the text that says what to
    do: to obtain it, to ask `_on` too, or to settle what is `_doubted`; not where another act says how."""
    held: dict[Holding, int] = {}
    home = figures.homes(view)
    for rest in (rest for rest in figures.stood(view) if (rest.address, rest.asset) not in home):
        if rest.reason == "uncollected" and rest.address and rest.amount:
            held[rest.address, rest.asset] = held.get((rest.address, rest.asset), 0) + rest.amount
    open_ = {silent for _, by, silent in instead.stakes(view) if by == "history"}
    found: dict[Holding, tuple[int, str]] = {}
    for place, amount in held.items():
        doubts = doubted.claims(view, *place)
        how = "_doubted" if doubts else "_on" if leading(view, *place) else ""
        # Who paid a loss is asked first what came back: a victim's own history is nothing to begin with.
        if place in repaid.places(view) and not doubts:
            continue
        if not any(str(one.exhibit) in open_ for one in doubts):
            found[place] = amount, how
    return found


def act(view: View, t: Texts, place: Holding) -> str:
    """What is to be done about a place where value is not followed for want of a history."""
    amount, how = sought(view)[place]
    address, asset_id = place
    slots = {"address": visible(address), "amount": t.units(amount, figures.asset(view, asset_id))}
    if on := leading(view, *place):
        slots |= named(view, t, on)
    for one in doubted.claims(view, *place)[:1]:
        slots |= {"at": visible(one.at), "transaction": visible(one.tx)}
        slots |= {"exhibit": str(one.exhibit), "other": str(one.other)}
    return t.say(f"summary.act_history{how}", **slots, **doubted.phrases(view, t, [place]))


def unshown(view: View) -> Iterator[tuple[str, int, str, str, tuple[str, ...]]]:
    """(asset, amount, transaction, chain, what to obtain) of each transaction that spends traced value and is not
    followed, as exhibits do not show all that it spends."""
    found: dict[str, tuple[dict[str, int], dict[str, str]]] = {}
    rows = view.tables["gaps"]().to_pylist() if "gaps" in view.tables else []
    for row in (row for row in rows if row["code"] == SPENT and row.get("fill") and row.get("affects")):
        chain, tx = json.loads(row["fill"])["tx"]
        sums, wanted = found.setdefault(row["subject"], ({}, {}))
        sums |= {asset: int(n) for asset, n in json.loads(row["affects"]).items()}
        wanted[tx] = chain
    for at, (sums, wanted) in sorted(found.items()):
        yield from ((asset, n, at, asset.split("/", 1)[0], (*wanted,)) for asset, n in sorted(sums.items()) if n)


def spending(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to obtain what shows the rest of what such a transaction spends."""
    for asset_id, amount, at, _, wanted in unshown(view):
        on = _spent_on(view, asset_id, at)
        more = t.say("summary.places_more", count=f"{len(wanted) - SHOWN:,}") if len(wanted) > SHOWN else ""
        slots = {"transaction": visible(at), "missing": t.joined(map(visible, wanted[:SHOWN])) + more}
        slots |= {"amount": t.units(amount, figures.asset(view, asset_id))} | (named(view, t, on) if on else {})
        yield asset_id, amount, t.say(f"summary.act_spent{'_on' if on else ''}", **slots)


def partly(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to obtain the whole history of an address of a loss that is here in part, once for each
    address: in the asset of which most passed there."""
    whole, found = answer.began(view), dict[str, tuple[int, str, int]]()
    for row, asset_id, amount in lacks.affected(view, PARTIAL):
        part = amount * 10**30 // max(whole.get(asset_id, 0), 1)
        found[row["subject"]] = max((part, asset_id, amount), found.get(row["subject"], (-1, "", 0)))
    for address, (_, asset_id, most) in sorted(found.items()):
        slots = {"address": visible(address), "amount": t.units(most, figures.asset(view, asset_id))}
        yield asset_id, most, t.say("summary.act_partial", **slots, rule=view.case.rule)


UNREAD = "deposit-unread"
"""The gap of a labelled deposit address that is shown paying, of which not every movement is here."""


def unread(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to obtain the whole history of each such address."""
    for row, asset_id, amount in lacks.affected(view, UNREAD):
        address = visible(row["subject"].rpartition(":")[2])
        slots = {"address": address, "amount": t.units(amount, figures.asset(view, asset_id))}
        yield asset_id, amount, t.say("summary.act_deposit", **slots, rule=view.case.rule)


UNASSERTED = "swap-unasserted"
"""The gap of a transaction by which another asset came back, and that is not taken as an exchange."""


def exchanges(view: View, t: Texts) -> Iterator[tuple[str, int, str]]:
    """(asset, amount, act) to settle whether such a transaction was an exchange."""
    for row, asset_id, amount in _unasserted(view):
        slots = {"transaction": visible(row["subject"].rpartition(":")[2]), "why": visible(t.own(row["why"]), 600)}
        yield asset_id, amount, t.say("summary.act_exchange", **slots)


def _unasserted(view: View) -> Iterator[tuple[Mapping[str, Any], str, int]]:
    return (one for one in lacks.affected(view, UNASSERTED) if one[2])


def _spent_on(view: View, asset_id: str, tx: str) -> Finding | None:
    mine = (f for f in figures.of_kind(view, KIND) if f.slots.get("asset") == asset_id and services(f))
    return next((f for f in mine if tx in (f.slots.get("spent") or ())), None)  # type: ignore[operator]


def _spends(on: bool) -> Holds:
    return lambda v: any((_spent_on(v, asset, at) is not None) is on for asset, _, at, _, _ in unshown(v))


def _leads(most: int) -> Holds:
    return lambda v: len(reaching(v)) > most


def _words(word: str) -> Holds:
    def holds(view: View) -> bool:
        found = reaching(view)
        each = any(words(view, [f]) == word for f in figures.of_kind(view, KIND))
        return each or (len(found) > 1 and words(view, found) == word)

    return holds


SENTENCES = (
    Sentence("summary.beyond", "more than one such way to a service that no row names", _leads(1)),
    Sentence("summary.beyond_more", "more than page 1 shows", _leads(SHOWN)),
    Sentence("summary.act_spent", "a transaction that spends value spends what is not shown", _spends(False)),
    Sentence("summary.act_spent_on", "and exhibits show a way on to a service", _spends(True)),
    Sentence(
        "summary.act_exchange",
        "another asset came back by a transaction that is not taken as an exchange",
        lambda v: any(True for _ in _unasserted(v)),
    ),
    Sentence(
        "summary.act_partial",
        "the history of an address of a loss is here in part",
        lambda v: bool(openings.partial(v)),
    ),
    Sentence(
        "summary.act_deposit",
        "a labelled deposit address is shown paying, and its history is here in part",
        lambda v: any(True for _ in lacks.affected(v, UNREAD)),
    ),
    Sentence("beyond.counted", "all that such an address paid on began as a declared loss", _words("counted")),
    Sentence("beyond.partly", "some of it did", _words("partly")),
    Sentence("beyond.unknown", "none of it did", _words("unknown")),
)
