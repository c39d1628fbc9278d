"""Where the trace stops with an operator that can know the other side: at bridges, and at instant swappers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from recover.report import answer, figures, identifiers
from recover.report.enclosures import Enclosure
from recover.report.identifiers import Move, Row
from recover.report.texts import Texts
from recover.sdk import Finding, Service, View
from recover.sdk.outside import visible
from recover.tracing.lots import apportion
from recover.trails.passages import FOLLOWED, UNPAID
from recover.trails.sides import named

BRIDGE, SWAPPER = "bridge", "swapper"
"""Kinds of the register of addressees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment into a bridge that is not followed to its other side.

    `move` is the first of its movements, with all that went in under this key as its value and, by loss, what of
    that is traced under the declared rule. `to_chain`, `to` and `promised` are what the payment itself says of the
    other side, empty or None where it says nothing. `possible`: chain and transaction of each that exhibits
    name as that other side, and that is not followed.
    """

    move: Move
    protocol: str
    key: str
    chain: str
    payer: str
    to_chain: str
    to: str
    into: str
    promised: int | None
    method: str
    grade: str
    exhibits: tuple[int, ...]
    possible: tuple[tuple[str, str], ...] = ()

    def row(self, view: View) -> Row:
        """It as tables have it."""
        move = self.move
        spot = identifiers.Spot(chain=self.chain, address=move.dst or "", asset=move.asset, grade=self.grade)
        return identifiers.entered(view, spot, replace(move, src=self.payer))


def operator(view: View, protocol: str) -> Service:
    """Who a protocol is called, and who answers for it where the register says so."""
    return view.services.get(protocol) or Service(
        id=protocol, name=protocol, category=BRIDGE, aliases=(), uri="", jurisdictions=(), legal={}, source="–",
        as_of="",
    )  # fmt: skip


@figures.settled
def opened(view: View) -> Mapping[str, tuple[Payment, ...]]:
    """By the id of the bridge's operator, what went in and is not followed, most traced value first."""
    if not {"crossings", "transfers"} <= set(view.tables):
        return {}
    table = view.tables["crossings"]().to_pylist()
    rows = [r for r in table if r["state"] not in UNPAID and int(r["traced"])]
    possible = _possible(table)
    moves = {move.seq: move for move in identifiers.moves(view, {r["tx"] for r in rows})} if rows else {}
    found: dict[str, list[Payment]] = {}
    for row in rows:
        of = [moves[seq] for seq in row["legs"] if seq in moves]
        if not of:
            continue
        sums: dict[str, int] = {}
        for move in of:
            for loss, amount in move.by_loss.items():
                sums[loss] = sums.get(loss, 0) + amount
        parts = apportion(int(row["traced"]), [*sums.values()]) if any(sums.values()) else [0] * len(sums)
        mine = dict(zip(sums, parts, strict=True))
        one = Payment(
            move=replace(of[0], value=int(row["amount"]), by_loss=mine, memo=_memo(of)),
            protocol=row["protocol"],
            key=named(row["key"]),
            chain=row["chain"],
            payer=row["address"],
            to_chain=row["to_chain"],
            to=row["to_address"],
            into=row["into"],
            promised=int(row["promised"]) if row["promised"] else None,
            method=row["method"],
            grade=row["grade"],
            exhibits=tuple(row["exhibits"]),
            possible=possible.get(_deposit(row), ()),
        )
        found.setdefault(operator(view, row["protocol"]).id, []).append(one)
    order = {key: sorted(mine, key=lambda p: (-p.move.traced(()), p.move.seq)) for key, mine in found.items()}
    return {key: tuple(mine) for key, mine in sorted(order.items())}


def _possible(table: Iterable[Mapping[str, Any]]) -> Mapping[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """By payment in, chain and transaction of each candidate for its other side, in the order of the table."""
    found: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
    for row in table:
        if row["state"] in UNPAID - {FOLLOWED}:
            key, one = _deposit(row), (row["to_chain"], row["to_tx"])
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), one)))
    return found


def _deposit(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("protocol", "key", "chain", "tx", "address", "asset", "legs"))


def candidates(t: Texts, payments: Collection[Payment]) -> str:
    """A sentence that names what may be the other side of these, after a space; empty where nothing may."""
    named = dict.fromkeys(visible(tx) for one in payments for _, tx in one.possible)
    return f" {t.say('summary.act_possible', transactions=_first(t, named))}" if named else ""


def guessed(view: View) -> bool:
    """Whether exhibits name a candidate for the other side of anything that stopped at a bridge."""
    return any(one.possible for mine in opened(view).values() for one in mine)


def stopped(view: View) -> list[Finding]:
    """What came to an address that a label calls a bridge's, and went in under no key that is read."""
    found = figures.of_kind(view, "stopped")
    return [f for f in found if f.slots["reason"] == BRIDGE and figures.number(f, "amount")]


def _memo(moves: list[Move]) -> str:
    return next((move.memo for move in moves if move.memo), "")


def narrowed(payments: Collection[Payment], losses: Collection[str]) -> tuple[Payment, ...]:
    """Those that carried value of these losses, with that part alone; all where none is named."""
    if not losses:
        return tuple(payments)
    kept = ({k: n for k, n in p.move.by_loss.items() if k in losses and n} for p in payments)
    pairs = zip(payments, kept, strict=True)
    return tuple(replace(p, move=replace(p.move, by_loss=mine)) for p, mine in pairs if mine)


def sums(payments: Collection[Payment]) -> dict[str, int]:
    """By asset, what of them is traced."""
    found: dict[str, int] = {}
    for one in payments:
        found[one.move.asset] = found.get(one.move.asset, 0) + one.move.traced(())
    return found


def swappers(view: View) -> dict[str, dict[str, int]]:
    """By instant swapper of the register that it reached, and that may be asked, what is at stake there."""
    keys = sorted({r.service for r in view.offramps if r.service})
    mine = {key: figures.at_stake(view, key) for key in keys if _swaps(view, key)}
    return {key: answer.stake(rows) for key, rows in mine.items() if rows}


def _swaps(view: View, key: str) -> bool:
    return key in view.services and view.services[key].category == SWAPPER


def actions(view: View, t: Texts, letters: Collection[Enclosure] = ()) -> Iterator[tuple[dict[str, int], str]]:
    """(by asset what is at stake, act): to ask each of them for the other side; none where it was asked."""
    asked = {one.service: one for one in letters if one.asks == "disclose" and one.service}
    gone = {one.service for one in asked.values() if one.issued or one.out}
    for key, payments in opened(view).items():
        name = visible(operator(view, payments[0].protocol).name, 80)
        count = figures.counted(t, "summary.payments", len(payments))
        if key not in gone:
            said = {"operator": name, "payments": count, "to": visible(key, 80)}
            said["transactions"] = _named(t, payments)
            yield sums(payments), _act(t, "bridge", asked.get(key), said) + candidates(t, payments)
    for key, stake in swappers(view).items():
        if key not in gone:
            name = visible(figures.name(view, key, key), 80)
            said = {"operator": name, "to": visible(view.services[key].id, 80)}
            yield stake, _act(t, "swapper", asked.get(key), said)


def _named(t: Texts, payments: Collection[Payment]) -> str:
    """Their transactions, those with most traced value first."""
    return _first(t, dict.fromkeys(visible(one.move.tx) for one in payments))


def _first(t: Texts, found: Collection[str]) -> str:
    named = [*found]
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" {t.say('flows.more', count=f'{more:,}')}" if more > 0 else "")


NAMED = 3
"""So many transactions an act names."""


def unasked(view: View) -> list[Finding]:
    """What went into a bridge and no further, of which no movement is at hand to ask its operator about."""
    known = {one.move.tx for payments in opened(view).values() for one in payments}
    found = figures.of_kind(view, "crossing-open")
    return [f for f in found if figures.number(f, "amount") and f.slots.get("transaction") not in known]


def _act(t: Texts, kind: str, drafted: Enclosure | None, slots: dict[str, str]) -> str:
    if drafted is not None:
        return t.say("summary.act_disclose", file=f"{drafted.stem}.pdf", **slots)
    return t.say(f"summary.act_{kind}", **slots)


def concluded(view: View, t: Texts) -> Iterator[str]:
    """What the report concludes of each: how much stopped there, and who can know what became of it."""
    for payments in opened(view).values():
        name = visible(operator(view, payments[0].protocol).name, 80)
        traced = t.joined(t.units(n, figures.asset(view, a)) for a, n in sorted(sums(payments).items()))
        yield t.say("conclusions.bridge", rule=view.case.rule, traced=traced, operator=name)
    for key in swappers(view):
        yield t.say("conclusions.swapper", service=visible(figures.name(view, key, key), 80))
