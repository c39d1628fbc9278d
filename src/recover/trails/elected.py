"""Elections that collide or come to nothing: what each elected movement took, and which one it gave way to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from recover.ledger.numbered import Numbered
from recover.sdk.records import Gap
from recover.sdk.view import Loss
from recover.tracing import Election, Event, Trace
from recover.tracing.moves import ints
from recover.trails.balances import Balances

SHARED, SPENT, NOTHING = "election-shared", "election-spent", "election-takes-nothing"


def collided(
    result: Trace, losses: Sequence[Loss], ledger: Numbered, trail: Balances, unit: Callable[[int], str]
) -> Iterator[Gap]:
    """One gap for each election that did not take all that it names, where another took it or nothing was there.

    That a movement was larger than what its claimant had there is no collision: all of it went.
    """
    mine, taken = {*trail.elections}, dict[Election, int]()
    for flow in result.flows or ():
        key = Election(flow.move, flow.loss)
        if flow.event == Event.MOVE and key in mine:
            taken[key] = taken.get(key, 0) + flow.amount
    moved = ints(trail.moves.amount)
    for one in sorted(mine):
        had, gross, payer = taken.get(one, 0), moved[one.move], int(trail.moves.src[one.move])
        if had == gross:
            continue
        rivals = sorted(e.loss for e in mine if e.move == one.move and e.loss != one.loss and taken.get(e))
        before = [e for e in sorted(mine) if e.loss == one.loss and e.move < one.move and taken.get(e)]
        before = [e for e in before if int(trail.moves.src[e.move]) == payer]
        code, why = (
            NOTHING,
            f"{unit(had)} of its value left by it, of {unit(gross)} moved: none was there to take.",
        )
        if rivals and had + sum(taken[Election(one.move, loss)] for loss in rivals) == gross:
            named = ", ".join(losses[loss].id for loss in rivals)
            code = SHARED
            why = f"{unit(had)} of its value left by it, of {unit(gross)} moved: it is elected for {named} too."
        elif before:
            code, earlier = SPENT, _tx(ledger, trail, before[-1])
            why = f"{unit(had)} of its value left by it, of {unit(gross)} moved: transaction {earlier}, which is "
            why += "elected too and came first, had taken from the same balance."
        elif had:
            continue
        yield Gap(
            code=code,
            subject=_tx(ledger, trail, one),
            why=f"This transaction is elected for {losses[one.loss].id} under rule {result.rule}. {why}",
            effect=_EFFECT[code],
        )


_EFFECT = {
    SHARED: "Neither goes before the other: each takes in proportion to what of it was there. If only one of them "
    "is to hold, the other has to be taken out of case.toml.",
    SPENT: "The earlier election holds, and this one takes what was left. If it is to hold instead, the earlier "
    "one has to be taken out of case.toml.",
    NOTHING: "This election changes no figure.",
}


def _tx(ledger: Numbered, trail: Balances, one: Election) -> str:
    found: str = ledger.table.column("tx")[int(trail.seqs[one.move])].as_py()
    return found
