"""The way to services that exhibits show beyond an address at which the trace stopped for want of its history."""

from __future__ import annotations

from collections.abc import Sequence

from recover.report import answer, figures
from recover.report.elements import Table, columns, table
from recover.report.texts import Texts
from recover.sdk import Finding, View
from recover.sdk.outside import visible

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
    heads = columns(t, "finding", "stops_at:mono", "amount:number", "passed:number", "leads")
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
