"""By victim: what of each person's value reached which service; persons stand under pseudonyms in each edition."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from recover.report import figures
from recover.report.claimed import Sentence
from recover.report.elements import Block, Para, columns, table
from recover.report.tabled import foremost_rows, more_rows, service_name
from recover.report.texts import Texts
from recover.sdk import View

SEVERAL, NOBODY = "several", "nobody"
"""Whose a loss is that several claim, and one that is no victim's who was taken in."""

FILE = "annex/victims.csv"


def rows(view: View) -> list[tuple[str, figures.Total, int]]:
    """(victim, service and asset, amount) under the declared rule; by victim, those of nobody last.

    They add up to what reached each service. Empty where no victim was taken in.
    """
    if not view.owners:
        return []
    found: list[tuple[str, figures.Total, int]] = []
    for total in figures.totals(view):
        sums: dict[str, int] = {}
        for ramp in total.rows:
            for loss, amount in ramp.by_loss.items():
                name = view.owners.get(loss, NOBODY) or SEVERAL
                sums[name] = sums.get(name, 0) + amount
        found += [(name, total, amount) for name, amount in sums.items() if amount]
    return sorted(found, key=lambda row: (row[0] in (SEVERAL, NOBODY), row[0]))


def blocks(view: View, t: Texts) -> Iterator[Block]:
    """The table of those with most value; the annex has every row."""
    listed = rows(view)
    if not listed:
        return
    victims = len({name for name, _, _ in listed} - {SEVERAL, NOBODY})
    slots = {"victims": f"{victims:,}", "rule": view.case.rule}
    yield Para(text=t.say("victims.intro", **slots))
    kept = foremost_rows(listed, [(False, amount) for _, _, amount in listed])
    cells = [
        (
            t.say(f"victims.{name}") if name in (SEVERAL, NOBODY) else name,
            service_name(view, t, total),
            t.units(amount, figures.asset(view, total.asset)),
        )
        for name, total, amount in kept
    ]
    yield table(t.say("victims.caption"), columns(t, "victim", "service", "traced:number"), cells)
    yield from more_rows(t, len(listed) - len(kept), FILE)
    if any(name == SEVERAL for name, _, _ in listed):
        yield Para(text=t.say("victims.unsettled"), style="note")


def sheet(view: View) -> pa.Table:
    """Every row, in base units; a service that nobody names by the word for it."""
    listed = rows(view)
    cells = {
        "victim": [name for name, _, _ in listed],
        "service": [total.service or "unlabelled hubs" for _, total, _ in listed],
        "asset": [total.asset for _, total, _ in listed],
        "amount": [str(amount) for *_, amount in listed],
    }
    return pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()})


SENTENCES = (
    Sentence("victims.intro", "a victim was taken in, and something reached a service", lambda v: bool(rows(v))),
    Sentence(
        "victims.unsettled",
        "several claim a loss of which something reached a service",
        lambda v: any(name == SEVERAL for name, _, _ in rows(v)),
    ),
)
