"""What a trace could not examine: losses, approvals and histories that no exhibit shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger.contrary import Pair, by_time, pairs
from recover.ledger.coverage import Covered
from recover.ledger.numbered import Numbered
from recover.linking.labels import POSSIBLE
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.records import Gap
from recover.sdk.values import Address, Details, History, TxId
from recover.sdk.view import Loss
from recover.tracing import NOBODY, Event, Reason, Trace
from recover.trails.arrivals import ended, picked
from recover.trails.flows import arriving
from recover.trails.orders import Tried
from recover.trails.starts import arrived, inflows
from recover.trails.trail import Trail
from recover.trails.unread import HELD, because


def empty(losses: Sequence[Loss], ledger: Numbered) -> Iterator[Gap]:
    """Losses by address that nothing began: no inflow of their assets in their period."""
    came = inflows(losses, ledger.table, ledger)
    for loss in losses:
        names = ledger.at(loss.chain, loss.address) if loss.address else []
        if not names or arrived(loss, names, came):
            continue
        asked = f" with the memo {loss.memo}" if loss.memo is not None else ""
        asked += " in its period" if loss.since or loss.until else ""
        asked += f" of {', '.join(loss.assets)}" if loss.assets else ""
        yield Gap(
            code="loss-empty",
            subject=f"{loss.chain}:{loss.address}",
            why=f"Nothing arrived at the address of loss {loss.id}{asked}, as far as the exhibits show.",
            effect="Nothing of this loss is traced.",
        )


def unfound(losses: Sequence[Loss], ledger: Numbered, bare: Mapping[tuple[str, str], str]) -> Iterator[Gap]:
    ids = _shown(losses, ledger)
    for loss in losses:
        if loss.tx and (loss.chain, loss.tx) not in ids:
            yield Gap(
                code="loss-not-found",
                subject=loss.tx,
                why=bare.get((loss.chain, loss.tx), f"The transaction of loss {loss.id} is in no exhibit."),
                effect="Nothing of this loss is traced.",
                fill=Details(tx=TxId(chain=loss.chain, text=loss.tx)),
            )
        if loss.address and not ledger.at(loss.chain, loss.address):
            yield Gap(
                code="loss-not-found",
                subject=loss.address,
                why=f"No exhibit shows a transfer of the address of loss {loss.id}."
                + " One that claims its history lists none." * ledger.covered.claimed(loss.chain, loss.address),
                effect="Nothing of this loss is traced.",
                fill=History(address=Address(chain=loss.chain, text=loss.address)),
            )


def _shown(losses: Sequence[Loss], ledger: Numbered) -> set[tuple[str, str]]:
    """Which transactions of losses the ledger shows, each with its chain."""
    wanted = pa.array(sorted({loss.tx for loss in losses if loss.tx}), pa.string())
    rows = ledger.table.select(["chain", "tx"])
    rows = rows.filter(pc.is_in(rows.column("tx"), value_set=wanted))
    return {(row["chain"], row["tx"]) for row in rows.to_pylist()}


def lacking(covered: Covered, address: str, asset: str) -> str:
    """What is lacking of a history that is not whole, as a clause: none is here, or one that is not believed."""
    if covered.doubt(asset.split("/", 1)[0], address, asset) is None:
        return "the whole history of this address is in no exhibit"
    return "the exhibit that claims the whole history of this address is contradicted by another"


def unapproved(case: Case, ledger: Numbered) -> Iterator[Gap]:
    """Owners whose tokens another moved in the transaction of a loss, and whose own history is not here."""
    lost = {(loss.chain, loss.tx) for loss in case.settings.losses if loss.tx}
    events = derived.read(case, "events", ["kind", "chain", "tx", "address"]).to_pylist()
    spent = {
        (e["chain"], e["address"], e["tx"])
        for e in events
        if e["kind"] == "spend" and (e["chain"], e["tx"]) in lost
    }
    for chain, owner, tx in sorted(spent):
        if not ledger.covered.claimed(chain, owner):
            yield Gap(
                code="approval-unknown",
                subject=owner,
                why=f"Another moved what this address held in transaction {tx}, and its own history is not here.",
                effect="The approval that allowed it is not named. No figure changes.",
                fill=History(address=Address(chain=chain, text=owner)),
            )


def unit(case: Case, asset: str) -> Callable[[int], str]:
    """How amounts of an asset are written in a sentence: exact, with its symbol, or in base units with its id."""
    for row in derived.read(case, "assets").to_pylist():
        if row["asset"] == asset and row["decimals"] is not None and row["symbol"]:
            return lambda value: f"{amounts.decimal(value, row['decimals'])} {row['symbol']}"
    return lambda value: f"{value} base units of {asset}"


def unfollowed(
    result: Trace, losses: Sequence[Loss], ledger: Numbered, trail: Trail, unit: Callable[[int], str]
) -> Iterator[Gap]:
    """What a rule's trace of an asset could not follow: missing histories, losses that meet."""
    asset, chain = trail.asset, trail.asset.split("/", 1)[0]
    # Of what is shown to be spent no history is missing: that it cannot be followed is said of its transaction.
    held = {at: -amount for at, amount in trail.stuck(result).items()}
    ends = result.ends
    for row in np.flatnonzero(ends.reason == Reason.UNCOLLECTED).tolist():
        held[int(ends.address[row])] = held.get(int(ends.address[row]), 0) + int(ends.amount[row])
    for number, amount in sorted((at, amount) for at, amount in held.items() if amount > 0):
        name = ledger.names[number]
        yield Gap(
            code="history-not-collected",
            subject=name,
            why=f"Traced value arrived here, and {lacking(ledger.covered, name, asset)}."
            + because(ledger, chain, name, asset),
            effect=f"{unit(amount)} are not followed further under {result.rule}.",
            fill=History(address=Address(chain=chain, text=name), asset=asset),
        )
    for number, amount in sorted(_bridged(result, ledger, trail).items()):
        yield Gap(
            code="bridge-unfollowed",
            subject=f"{chain}:{ledger.names[number]}",
            why="Traced value entered a bridge, and no exhibit shows what came out on the other chain.",
            effect=f"{unit(amount)} are not followed further under {result.rule}.",
        )
    for meet in result.overlaps:
        if losses[meet.loss].tx is None:
            continue  # a loss by address takes only what carries no loss yet: that is its meaning, not a gap
        yield Gap(
            code="losses-overlap",
            subject=losses[meet.loss].id,
            why=f"Under rule {result.rule}, {unit(meet.amount)} claimed for this loss already carry "
            f"{losses[meet.held].id}; under another rule it can be more or less.",
            effect="They are counted once, under the loss that carried them first.",
        )


def _bridged(result: Trace, ledger: Numbered, trail: Trail) -> dict[int, int]:
    """What stopped at a bridge that no key leads through, by its address: a crossing has a gap of its own."""
    found: dict[int, int] = {}
    if result.flows is None:
        return found
    place = trail.receivers[result.flows.move]
    here = (place != NOBODY) & (ledger.stop[np.maximum(place, 0)] == Reason.BRIDGE)
    rows = np.flatnonzero(here & (result.flows.event == Event.END))
    for number, amount in zip(place[rows].tolist(), picked(result.flows.amount, rows), strict=True):
        found[number] = found.get(number, 0) + amount
    return found


def hinted(case: Case, flows: pa.Table, ledger: Numbered, asset: str, unit: Callable[[int], str]) -> Iterator[Gap]:
    """Where traced value came to an address that only a label of another chain calls a service's.

    It names nobody here. If it is the service's here too, the trace should have ended at it.
    """
    chain = asset.split("/", 1)[0]
    labels = derived.read(case, "labels").filter(pc.field("role") == POSSIBLE)
    hints = {row["address"]: row for row in labels.to_pylist() if row["chain"] == chain}
    if not hints:
        return
    came = arriving(flows)
    held: dict[str, int] = {}
    places = ledger.table.column("dst").take(came.column("seq")).to_pylist()
    for name, amount in zip(places, amounts.exact(came), strict=True):
        if name in hints:
            held[name] = held.get(name, 0) + amount
    for name, amount in sorted(held.items()):
        on = ledger.covered.whole(name, asset)
        yield Gap(
            code="possible-service",
            subject=f"{chain}:{name}",
            why=f"A label of another chain calls it {_called(hints[name])}; none speaks of it on this one. "
            f"{hints[name]['note']}",
            effect=f"{unit(amount)} of traced value came here. "
            + (
                "The trace goes on; if the address is that service's here too, it should have ended here."
                if on
                else f"And {lacking(ledger.covered, name, asset)}: they are not followed further, and no service "
                "is named."
            ),
            fill=None if on else History(address=Address(chain=chain, text=name), asset=asset),
        )


def _called(hint: Mapping[str, Any]) -> str:
    return str(hint["service"] or hint["label"] or hint["category"] or "something")


ELSEWHERE = "not-followed-under-rule"
"""The code of the gap of a place that the declared rule carries nothing to, and others do."""

BESIDE = frozenset({ELSEWHERE, HELD})
"""The codes of gaps at places that only rules beside the declared one reach."""

ASKED = frozenset({"contradiction", "histories-differ"})
"""The codes of gaps that a person can settle one way or another: of them it is told how much hangs on that, and
not how much passed there."""


def elsewhere_lost(
    case: Case, covered: Covered, lost: Mapping[tuple[str, str], Mapping[str, int]]
) -> Iterator[Gap]:
    """Places that only rules beside the declared one carry value to, and whose whole history is in no exhibit."""
    for (asset, name), sums in sorted(lost.items()):
        if case.settings.rule in sums:
            continue
        named = ", ".join(sorted(sums))
        yield Gap(
            code=ELSEWHERE,
            subject=f"{asset.split('/', 1)[0]}:{name}",
            why=f"Not under the declared rule, but under others ({named}) traced value came here, and "
            f"{lacking(covered, name, asset)}.",
            effect="What these rules give at services does not count what may have gone on from here: a "
            "zero under them is one of what the exhibits show.",
        )


def memoless(
    case: Case, result: Trace, ledger: Numbered, trail: Trail, unit: Callable[[int], str]
) -> Iterator[Gap]:
    """Deposits of traced value without a memo, at a service that tells its customers apart by memo."""
    if result.flows is None or not ledger.memos:
        return
    held: dict[int, int] = {}
    for end in ended(result.flows, trail.receivers, ledger.stop):
        if int(trail.receivers[end.move]) in ledger.memos:
            held[end.move] = held.get(end.move, 0) + end.amount
    seqs = pa.array([int(trail.seqs[move]) for move in held], pa.int64())
    rows = ledger.table.select(["chain", "tx", "dst", "memo"]).take(seqs)
    shown = derived.read(case, "transactions", ["chain", "id", "whole"])
    shown = shown.filter(
        pc.and_(shown.column("whole"), pc.is_in(shown.column("id"), value_set=pc.unique(rows["tx"])))
    )
    whole = {(row["chain"], row["id"]) for row in shown.to_pylist()}
    for row, amount in zip(rows.to_pylist(), held.values(), strict=True):
        if not row["memo"]:
            tx = TxId(chain=row["chain"], text=row["tx"])
            yield Gap(
                code="deposit-without-memo",
                subject=f"{row['chain']}:{row['tx']}",
                why=f"{unit(amount)} of traced value came to {row['dst']}, where a memo says whose a deposit is, "
                "and the exhibits show none.",
                effect="No figure changes. Whose account was credited the service can say, by the transaction.",
                fill=None if (tx.chain, tx.text) in whole else Details(tx=tx),
            )


def assumed(tried: Tried, rule: str) -> Iterator[Gap]:
    """Addresses that traced value had reached when several movements of one moment stand together.

    None of an asset of which every order there is was tried, and no rule's figure changed: nothing hangs on it.
    """
    told: dict[str, list[Mapping[str, object]]] = {}
    for row in tried.ties:
        told.setdefault(str(row["asset"]), []).append(row)
    for (asset, name), count in sorted(tried.met.items()):
        rows = told.get(asset, [])
        whole = all(row["all"] for row in rows)
        ruled = ", ".join(str(row["rule"]) for row in rows if row["moved"] and row["rule"] != rule)
        if whole and not any(row["moved"] for row in rows):
            continue
        orders = max((int(str(row["tried"])) for row in rows if row["rule"] == rule), default=0)
        yield Gap(
            code="order-assumed",
            subject=f"{asset.split('/', 1)[0]}:{name}",
            why=f"At {counted(count, 'moment')} several movements of this address stand together, "
            "and no exhibit shows their order.",
            effect="They are taken by transaction id, with payments in first where a payer would else lack "
            "what it pays. "
            f"Other orders tried: {orders}, "
            + ("all there are; each figure that differs is stated with its range." if whole else _SOME)
            + (_RULED.format(rules=ruled) if ruled else ""),
        )


def contrary(case: Case, ledger: Numbered, reached: Collection[tuple[str, str]]) -> Iterator[Gap]:
    """Addresses that value reached, by asset and address, and whose movements stand in one order by their blocks
    and in another by their times."""
    held: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs(ledger.table):
        chain = pair.asset.split("/", 1)[0]
        stopped = ledger.stop[ledger.numbers[chain, pair.address]]
        if (pair.asset, pair.address) in reached and not stopped:
            held.setdefault((chain, pair.address), []).append(pair)
    if not held:
        return
    timed = by_time(ledger.table, derived.read(case, "transactions", ["chain", "height", "index", "reorganised"]))
    for (chain, address), found in sorted(held.items()):
        one = found[0]
        (a, b), (low, high), (late, early) = one.tx, one.height, one.time
        yield Gap(
            code="order-contradicted",
            subject=f"{chain}:{address}",
            why=f"Of two movements here one is in a lower block and at a later time: {a} (block {low}, "
            f"{moment(late)}) and {b} (block {high}, {moment(early)})."
            + (f" The same holds of {counted(len(found) - 1, 'more pair')}." if len(found) > 1 else ""),
            effect=f"A block or a time is wrong. The {'times' if chain in timed else 'blocks'} are followed; what "
            "a service would get by the others is stated where it differs, and other figures can differ too.",
        )


def moment(time: datetime) -> str:
    """A moment as gaps print it, in UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_RULED = " Under {rules} too; ranges over rules are of the order used."
_SOME = "not all there are. What differed is stated with its range; yet another order could give another figure."
