"""Histories on the way of traced value that are here in part: what was there before, or besides, is not.

Where value is followed at an address of which not every movement is here, what is missing can move each figure
beyond it, and either way: what came in first is paid out first, and what is paid out leaves less for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc

from recover.case import Case
from recover.ledger.numbered import Numbered
from recover.ledger.read import disputed
from recover.sdk.batch import ask_of
from recover.sdk.records import Gap
from recover.sdk.values import Address, History
from recover.sdk.view import Loss
from recover.tracing import Event, Opening, Trace
from recover.trails import asks
from recover.trails.balances import Balances
from recover.trails.inpart import PARTIAL, PASSES
from recover.trails.trail import Trail

OPENING = "opening-balance"
"""The code of the gap of a place that paid traced value on, and had paid out more than had come in until then."""

LATE = "history-late"
"""That of a place that paid traced value on, and whose history is here from a moment on alone."""

HELD = "held-before-under-rule"
"""The same of one at which only rules beside the declared one find any."""

_MORE = "a figure at one of its outflows can be less, down to zero, or more, and what is left there more."


def partial(losses: Sequence[Loss], ledger: Numbered) -> Iterator[Gap]:
    """Addresses of losses whose history is not whole in an asset that came there."""
    coins = {asset.split("/", 1)[0] for asset in ledger.coins}
    for loss in losses:
        if not loss.address or not ledger.at(loss.chain, loss.address):
            continue
        if (short := _short(loss, loss.address, ledger)) is not None:
            yield Gap(
                code=PARTIAL,
                subject=loss.address,
                why=f"{_claims(ledger, loss.chain, loss.address)} the whole history of the address of loss "
                f"{loss.id}." + because(ledger, loss.chain, loss.address, short),
                effect=_COINS if loss.chain in coins else _STOPS if _stops(loss, ledger) else PASSES,
                fill=History(address=Address(chain=loss.chain, text=loss.address)),
            )


# A coin is spent as one: what else came to its address takes no part in it.
_COINS = (
    "Movements that are not here are not counted. With them more can begin as this loss and be traced on from "
    "there, and less can be left there, down to zero. The whole history settles it."
)
_STOPS = (
    "Movements that are not here are not counted. With them more can begin as this loss. The whole history "
    "settles it."
)


def unknown(case: Case, assets: Iterable[str]) -> frozenset[str]:
    """Those of these assets in which what every rule gives is of the movements shown."""
    table = asks.gaps(case)
    rows = table.select(["code", "fill"]).to_pylist() if table is not None else []
    found = [ask_of(row["fill"]) for row in rows if row["code"] in (PARTIAL, OPENING, HELD, LATE)]
    open_ = {one.asset or one.address.chain for one in found if isinstance(one, History)}
    return frozenset(asset for asset in assets if open_ & {asset, asset.split("/", 1)[0]})


def _stops(loss: Loss, ledger: Numbered) -> bool:
    """Whether the trace stops where a loss begins: what is paid on from there is followed nowhere."""
    return bool(ledger.stop[ledger.numbers[loss.chain, ledger.at(loss.chain, loss.address or "")[0]]])


def _short(loss: Loss, address: str, ledger: Numbered) -> str | None:
    """The first asset that comes to the address of a loss and whose history there is not whole, empty where none
    is; None where all are whole."""
    here = (pc.field("chain") == loss.chain) & (pc.field("dst") == address) & pc.field("excluded").is_null()
    came = {*ledger.table.filter(here)["asset"].unique().to_pylist()}
    mine = sorted(came & {*loss.assets} if loss.assets else came)
    if not mine:
        return None if ledger.covered.claimed(loss.chain, address) else ""
    return next((asset for asset in mine if not ledger.covered.whole(address, asset)), None)


def _claims(ledger: Numbered, chain: str, address: str) -> str:
    doubted = ledger.covered.doubt(chain, address) is not None
    return "Only an exhibit that another contradicts claims to hold" if doubted else "No exhibit claims to hold"


def because(ledger: Numbered, chain: str, address: str, asset: str) -> str:
    """What exhibits hold of a history that is not whole, as a further sentence; empty where they hold nothing."""
    return f" {why}" if (why := ledger.covered.why_not(chain, address, asset or None)) else ""


def late(result: Trace, ledger: Numbered, trail: Trail) -> Iterator[Gap]:
    """Places that paid traced value on, and of which no exhibit shows what they held when their history begins."""
    if result.flows is None or not isinstance(trail, Balances):
        return
    paid = np.unique(trail.moves.src[result.flows.move[result.flows.event == Event.MOVE]])
    for name in sorted(ledger.names[number] for number in paid[paid >= 0].tolist()):
        if since := ledger.covered.late(name, trail.asset):
            yield Gap(
                code=LATE,
                subject=name,
                why=f"The history of this address that exhibits hold begins at {since}; none shows what it held "
                "then.",
                effect=f"It is taken to have held no more than its payments need. With more, {_MORE}",
                fill=History(address=Address(chain=trail.asset.split("/", 1)[0], text=name), asset=trail.asset),
            )


def openings(result: Trace, trail: Trail) -> list[Opening]:
    """What places held before, at the least, of those that paid anything out after traced value had come there: of
    the others no figure hangs on it."""
    if not len(result.openings) or result.flows is None or not isinstance(trail, Balances):
        return []
    moves, flows = trail.moves, result.flows
    came = flows.move[np.isin(flows.event, [Event.START, Event.MOVE])]
    first: dict[int, int] = {}
    for address, move in zip(moves.dst[came].tolist(), came.tolist(), strict=True):
        first[address] = min(move, first.get(address, move))
    held = {opening.address for opening in result.openings} & first.keys()
    left = np.flatnonzero(np.isin(moves.src, sorted(held)) & (moves.src != moves.dst))
    last = dict(zip(moves.src[left].tolist(), left.tolist(), strict=True))
    return [
        one for one in result.openings if one.address in held and last.get(one.address, -1) > first[one.address]
    ]


def opened(result: Trace, ledger: Numbered, trail: Trail, unit: Callable[[int], str]) -> Iterator[Gap]:
    """What was there first is of unknown source, and is counted as the holder's own. That is a choice to be
    declared, so it is a limitation with its bound."""
    asset, found = trail.asset, openings(result, trail)
    left_out = disputed(ledger.table, ["dst"]) if found else {}
    for opening in found:
        name = ledger.names[opening.address]
        met = (name, asset) in left_out
        yield Gap(
            code=OPENING,
            subject=name,
            why="At one moment this address had paid out more than comes in until then by movements on which "
            "exhibits agree."
            if met
            else "At one moment this address had paid out more than the exhibits show coming in until then.",
            effect=(
                f"The {unit(opening.amount)} that are lacking came by one on which exhibits disagree, or were "
                "held before, which no exhibit shows; "
                if met
                else f"It held at least {unit(opening.amount)} of unknown origin before; "
            )
            + f"that much is treated as clean. How much more it held is not known: with more, {_MORE}",
            fill=History(address=Address(chain=asset.split("/", 1)[0], text=name), asset=asset),
        )


def elsewhere_opened(
    case: Case, found: Mapping[tuple[str, str], Mapping[str, int]], unit: Callable[[str, int], str]
) -> Iterator[Gap]:
    """Places out of which only rules beside the declared one find traced value paid, and that held something
    before: `found` says by asset and address how much at the least, by rule."""
    for (asset, name), sums in sorted(found.items()):
        if case.settings.rule in sums:
            continue
        named, chain = ", ".join(sorted(sums)), asset.split("/", 1)[0]
        yield Gap(
            code=HELD,
            subject=f"{chain}:{name}",
            why=f"Not under the declared rule, but under others ({named}) this address paid out after traced "
            "value had come to it, and at one moment it had paid out more than comes in until then by movements "
            "that are relied on.",
            effect=f"It held at least {unit(asset, max(sums.values()))} of unknown origin before; that much is "
            f"treated as clean. With more, of what these rules give, {_MORE}",
            fill=History(address=Address(chain=chain, text=name), asset=asset),
        )
