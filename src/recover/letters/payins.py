"""Payments into the addressee's bridge that are not followed: what is known of each, to ask for its other side."""

from __future__ import annotations

from collections.abc import Collection

from recover.letters.folders import Kind
from recover.letters.matter import Matter
from recover.letters.words import Blocks, files, spot, stacked
from recover.report import extent, figures, operators
from recover.report.elements import Para, table
from recover.report.operators import Payment
from recover.report.schedules import columns
from recover.sdk import Service, View
from recover.sdk.outside import visible

PART = "crossed"
"""The part of a kind of letter that asks for the other side."""

PRINTED = 100
"""Letters print at most so many payments, those with most traced value; the tables hold all."""


def payments(view: View, kind: Kind, service: Service, losses: Collection[str]) -> tuple[Payment, ...]:
    """What a letter asks about: the payments into this operator's bridges; of the losses named, where any is."""
    if PART not in kind.parts:
        return ()
    return operators.narrowed(operators.opened(view).get(service.id, ()), losses)


def some(m: Matter) -> bool:
    return bool(m.crossings)


def printed(m: Matter) -> tuple[Payment, ...]:
    """Those that the letter prints: only the tables of one that is about nothing else hold the others."""
    return m.crossings if m.ramps else m.crossings[:PRINTED]


def silent(m: Matter) -> bool:
    """Whether one that is printed says nothing of its other side."""
    return any(_silent(one) for one in printed(m))


def guessed(m: Matter) -> bool:
    """Whether exhibits name a possible other side of one that is printed."""
    return any(one.possible for one in printed(m))


def payments_in(m: Matter) -> Blocks:
    """Each payment with all by which its operator can find it."""
    if not m.crossings:
        return []
    t = m.texts
    shown = printed(m)
    rows = [
        (
            stacked(*_told(m, one)),
            _sum(m, one, one.move.value),
            _sum(m, one, one.move.traced(())),
            _there(m, one),
            t.listed(one.exhibits),
        )
        for one in shown
    ]
    heads = columns(t, "tx:mono", "amount:number", "of_it:number", "there:mono", "exhibits:exhibits")
    slots = {"name": m.name, "rule": t.rule(m.view.case.rule), "count": f"{len(m.crossings):,}"}
    key = "crossed.largest" if len(shown) < len(m.crossings) else "crossed.every"
    basis = t.joined(sorted({f"{visible(one.method, 80)} ({t.grade(one.grade)})" for one in m.crossings}))
    return [
        table(t.say(key, shown=f"{len(shown):,}", file=files(m) or "–", **slots), heads, rows),
        Para(text=t.say("crossed.basis", basis=basis, name=m.name), style="note"),
    ]


def _told(m: Matter, one: Payment) -> list[str]:
    """What names the payment: transaction, payer, contract or address credited, bridge, key, memo, moment."""
    t, move = m.texts, one.move
    height = "" if move.height is None else str(move.height)
    return [
        visible(move.tx),
        visible(one.payer),
        f"→ {visible(move.dst or '') or '–'}",
        visible(one.protocol, 80),
        t.say("crossed.key", key=visible(one.key, len(one.key))) if one.key else "",
        t.say("memo.is", memo=visible(move.memo, 256)) if move.memo else "",
        " ".join([m.when(one.chain, move.time), *spot(t, height, "")]),
    ]


def _sum(m: Matter, one: Payment, amount: int) -> str:
    return f"{m.texts.units(amount, figures.asset(m.view, one.move.asset))}\n{amount}"


def _silent(one: Payment) -> bool:
    return not (one.to_chain or one.to or one.promised is not None)


def _there(m: Matter, one: Payment) -> str:
    """What the payment itself says of its other side."""
    t = m.texts
    possible = t.joined(visible(tx) for _, tx in one.possible)
    named = t.say("crossed.possible", transactions=possible) if possible else ""
    if _silent(one):
        return stacked(t.say("crossed.unsaid"), named)
    chain = extent.chain(m.view, one.to_chain) if one.to_chain else ""
    due = "" if one.promised is None else t.units(one.promised, figures.asset(m.view, one.into))
    return stacked(chain, visible(one.to), t.say("crossed.promised", amount=due) if due else "", named)


def places(m: Matter) -> list[str]:
    """The payments as a desk looks them up."""
    return [
        f"{visible(one.move.tx)}\n{extent.chain(m.view, one.chain)}"
        f" · {m.texts.units(one.move.value, figures.asset(m.view, one.move.asset))}"
        + (f"\n{m.texts.say('crossed.key', key=visible(one.key, len(one.key)))}" if one.key else "")
        for one in m.crossings
    ]
