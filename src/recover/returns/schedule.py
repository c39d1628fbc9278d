"""The schedule of allocation for a court: claims, what each rule gives each, and what is not settled."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from recover.allocation import warned
from recover.allocation.modes import MODES
from recover.allocation.pools import OTHERS, Allocation
from recover.case import Case
from recover.plugins.registry import Plugins
from recover.recognise.assets import Units, shown_as
from recover.report.elements import Block, Facts, Items, Para, table
from recover.report.texts import Texts
from recover.returns import leaves, paidout
from recover.sdk import amounts
from recover.sdk.cells import disarmed
from recover.sdk.outside import visible
from recover.seizure import keeping


def write(case: Case, plugins: Plugins, found: Allocation, out: Path) -> list[Path]:
    """PDF and CSV."""
    t = leaves.words("en", plugins)
    pool = found.pool
    name = visible(pool.asset.symbol, 20) or pool.asset.id
    level = t.say("schedule.extract", names=", ".join(found.only)) if found.only else t.say("schedule.level")
    paper = leaves.brief(
        case,
        t,
        t.say("schedule.title"),
        t.say("schedule.subtitle", symbol=name),
        [Para(text=level, style="warning"), _head(t, found, _custody(case, found))],
        [
            (t.say("schedule.modes_title"), _modes(case, t, found, shown_as(case, plugins))),
            (t.say("schedule.claims_title"), _claims(t, found)),
            (t.say("schedule.rules_title"), [_rules(t, found)]),
            *(
                [(t.say("schedule.disputed_title"), [_disputed(t, found)])]
                if found.disputed or found.alike
                else []
            ),
            *([(t.say("schedule.settled_title"), [_settled(t, found)])] if found.settled else []),
        ],
        titled=not found.only,
    )
    return leaves.write(case, plugins, out, {"allocation.pdf": paper, "allocation.csv": sheet(found)})


def sheet(found: Allocation) -> bytes:
    """One row a claimant and rule, in base units: what a spreadsheet or another program reads."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("asset", "mode", "claimant", "claimed", "received", "ordered_before", "share", "open"))
    for given in found.tables:
        for one in given.shares:
            sums = (one.claimed, one.received, one.before, one.share, one.open)
            rows.writerow((found.pool.asset.id, given.mode, disarmed(one.claimant), *map(str, sums)))
    return text.getvalue().encode()


def _custody(case: Case, found: Allocation) -> int:
    return sum(one.held for one in keeping.accounts(case) if one.asset == found.pool.asset.id)


def _head(t: Texts, found: Allocation, held: int) -> Facts:
    pool = found.pool
    sums = (("pool", pool.whole), ("costs", pool.costs), ("reserve", pool.reserve), ("shared", pool.shared))
    lines = [(t.say(f"schedule.{key}"), _text(found, amount), "text") for key, amount in sums]
    lines.insert(0, (t.say("schedule.asset"), pool.asset.id, "mono"))
    lines.append((t.say("schedule.rule"), t.rule(found.rule), "text"))
    lines.append((t.say("schedule.custody"), _text(found, held), "text"))
    lines += [(t.say("schedule.places"), place, "mono") for place in pool.at]
    return Facts(rows=tuple(lines))


def _text(found: Allocation, amount: int) -> str:
    return amounts.decimal(amount, found.pool.asset.decimals)


def _modes(case: Case, t: Texts, found: Allocation, units: Units) -> list[Block]:
    first = found.tables[0].shares
    paid = any(one.before for one in first)
    heads = [(t.say("schedule.claimant"), "text"), (t.say("schedule.counted"), "number")]
    heads += [(t.say(f"schedule.{key}"), "number") for key in ("before", "handed")] if paid else []
    gone = paidout.units(case, found.pool.asset.id)
    heads += [(MODES[given.mode].title, "number") for given in found.tables]
    rows, unshown = [], found.unshown
    for n, one in enumerate(first):
        head = [
            visible(one.claimant, 60) + (" *" if one.claimant in unshown else ""),
            _text(found, one.claimed),
            *([_text(found, one.before), _text(found, gone.get(one.claimant, 0))] if paid else []),
        ]
        rows.append((*head, *(_text(found, given.shares[n].share) for given in found.tables)))
    for key, figures in (
        ("left", [given.left for given in found.tables]),
        ("sum", [given.left + sum(one.share for one in given.shares) for given in found.tables]),
    ):
        rows.append(
            (t.say(f"schedule.{key}"), "", *(["", ""] if paid else []), *(_text(found, n) for n in figures))
        )
    out: list[Block] = [Para(text=t.say("schedule.modes")), table("", tuple(heads), rows)]  # type: ignore[arg-type]
    out += [Para(text=line, style="warning") for line in warned.lines(found)]
    out += [Para(text=line, style="warning") for line in paidout.beyond(case, units, found.only)]
    if unshown:
        said = "; ".join(f"{name} {_text(found, amount)}" for name, amount in unshown.items())
        out.append(Para(text=t.say("schedule.unshown", said=said), style="warning"))
    return out


def _claims(t: Texts, found: Allocation) -> list[Block]:
    kinds = {"id": "text", "kind": "text", "basis": "mono"}
    kinds |= dict.fromkeys(("claimed", "counted", "received", "traced"), "number") | {"rank": "text"}
    # What says the same of each claim says nothing, and a transaction needs the room.
    every = found.claims
    kinds |= {} if found.pool.at or any(one.traced for one in every) else {"traced": ""}
    kinds |= {} if any(one.rank != 1 or one.priority for one in every) else {"rank": ""}
    kinds |= {} if any(one.kind not in ("victim", "") for one in every) else {"kind": ""}
    heads = tuple((t.say(f"schedule.{key}"), kind) for key, kind in kinds.items() if kind)
    rows = []
    for one in found.claims:
        basis = visible(one.basis, 120)
        sums = (_text(found, n) for n in (one.claimed, one.amount, one.received))
        traced = _text(found, one.traced) if found.pool.at or one.traced else "–"
        rank = f"{one.rank} {visible(one.priority, 60)}".strip()
        who = visible(one.claimant, 60)
        # A payment has its claimant's pseudonym in its id: said once, it fits on a line.
        name = one.id.replace("-", leaves.JOINED) if one.id.startswith(who) else f"{one.id} {who}"
        name = who if one.claimant == OTHERS or one.rivals else name
        cells = (name, one.kind, basis, *sums, traced, rank)
        rows.append(tuple(cell for cell, kind in zip(cells, kinds.values(), strict=True) if kind))
    out: list[Block] = [Para(text=t.say("schedule.claims")), table("", heads, rows)]  # type: ignore[arg-type]
    if found.unpriced:
        out.append(Para(text=t.say("schedule.unknown", names=", ".join(found.unpriced)), style="warning"))
    return out


def _rules(t: Texts, found: Allocation) -> Items:
    modes = [MODES[given.mode] for given in found.tables]
    return Items(items=(*(f"{one.title}: {one.does} {one.unless}" for one in modes), t.say("schedule.ties")))


def _settled(t: Texts, found: Allocation) -> Items:
    """Who is one person with whom, or is not, in the words of who found it: a court may ask for them."""
    keys = {True: "schedule.settled_same", False: "schedule.settled_apart"}
    items = []
    for one in found.settled:
        said = {
            "one": one.one,
            "other": one.other,
            "by": visible(one.said, 80),
            "reason": visible(one.reason, 200),
        }
        items.append(t.say(keys[one.same], **said))
    return Items(items=tuple(items))


def _disputed(t: Texts, found: Allocation) -> Items:
    return Items(
        items=(
            *(t.say("schedule.disputed", id=o.id, names=", ".join(o.rivals)) for o in found.disputed),
            *(t.say("schedule.alike", one=one, other=other) for one, other in found.alike),
        )
    )
