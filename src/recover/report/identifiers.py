"""The identifier table of a letter: one row for each transfer, exact, safe to open in a spreadsheet.

A service looks customers up by these, so they are a file of text: addresses and ids that are only printed have to
be typed off, and cannot be searched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter

import pyarrow as pa
import pyarrow.compute as pc

from recover.report import figures, hopwise, payers
from recover.report.texts import moment
from recover.sdk import OffRamp, View
from recover.sdk.amounts import decimal, exact, join
from recover.sdk.cells import disarmed
from recover.sdk.outside import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One transfer as the addressee looks it up; every field is the text of its cell.

    `memo` is what the payer wrote for the service to know its customer by. `direction` is `in` for what credited
    `address`, `out` for what it paid to the service's wallets, `fee` for what it paid as a network fee, `left` for
    what is left at a place, `loss` for a payment with which a loss began, `named` for what its sender names and
    `hold` for the most that is to be held at a place. `asked` is what its addressee is to do about the address.
    Of a loss `payer` and `payee` stand apart: who loads a column of addresses to act on never loads a victim.
    `raw_amount` is all of the movement and `traced_amount` what of it was traced value under the declared rule, in
    base units; `amount` and `traced` are the same as people read them. `log_index` is the movement's place in its
    transaction as the ledger has it. What an address paid out of a coin transaction that spends coins of others
    too is no more than its own coins brought: `raw_amount` is then that, and `others_amount` what the others'
    brought.
    """

    chain: str
    asset: str
    symbol: str
    token_contract: str
    address: str
    memo: str
    tx_hash: str
    block_time_utc: str
    raw_amount: str
    decimals: str
    direction: str
    counterparty: str
    exhibit: str
    grade: str
    traced_amount: str
    block_height: str
    log_index: str
    amount: str
    traced: str
    chain_name: str
    asked: str = ""
    payer: str = ""
    payee: str = ""
    others_amount: str = ""


_CELLS = attrgetter(*(field.name for field in fields(Row)))  # `astuple` copies each text first


def rows(view: View, service: str, losses: Collection[str] = ()) -> tuple[Row, ...]:
    """What credited the addresses that pay into `service`, what they paid to it, and as fees, each in order.

    Only what carried traced value under the declared rule: no other payment is what the letter is about. A
    transaction whose transfer the ledger does not hold is listed too, with the amount left empty. With `losses`,
    only what carried value of these, and only that part of it.
    """
    ramps = figures.at_stake(view, service)
    into, outof = _listed(view)
    found: list[tuple[int, Row]] = []
    named = frozenset(losses)
    for ramp in ramps:
        key = (ramp.address, ramp.asset)
        came = into.get(key, ())
        if ramp.by_memo:
            came = [move for move in came if move.memo == ramp.memo]
        # Of what one transaction paid, only what went to the service's own wallets is a sweep.
        swept = [move for move in outof.get(key, ()) if move.dst in ramp.hot_wallets]
        found += _matching(view, ramp, came, "in", frozenset(ramp.transactions), named)
        # At a service's own address the trace stops: what that paid on carried nothing traced.
        paid = () if ramp.stops else ramp.sweep_transactions
        found += _matching(view, ramp, swept, "out", frozenset(paid), named)
        if ramp.fees:
            gone = [m for m in _fees(view).get(key, ()) if m.traced(named)]
            found += [(m.seq, row_of(view, ramp, m, "fee", "", named)) for m in gone]
    # An address that pays the service in two ways has a row of each, and paid a fee once.
    found = [*dict.fromkeys(found)]
    found.sort(key=lambda pair: (_ORDER.index(pair[1].direction), pair[0], _CELLS(pair[1])))
    return tuple(row for _, row in found)


_ORDER = ("in", "out", "fee")


def distinct(listed: Iterable[Row]) -> list[Row]:
    """These rows, of a payment that coins of several made the first alone: a row of each is no payment more."""
    found: dict[tuple[str, ...], Row] = {}
    for number, r in enumerate(listed):
        joint = (r.chain, r.asset, r.direction, r.tx_hash, r.log_index)
        found.setdefault(joint if r.others_amount else (str(number),), r)
    return [*found.values()]


def reached(view: View, ramps: Iterable[OffRamp]) -> frozenset[str]:
    """The losses of which value went on through some off-ramps, or is left there, exhibits agree or not."""
    ramps = list(ramps)
    found = {name for r in ramps for name, n in r.by_loss.items() if n}
    rest, left = hopwise.resting(view), [r for r in ramps if r.resting or r.unfollowed]
    return frozenset(found.union(*(rest.get((r.address, r.asset), ()) for r in left)))


def counts(view: View) -> dict[str, int]:
    """By service, how many rows the table of a letter to it has: with each payment by which a loss began that
    reached it."""
    flows = view.tables["flows"]() if "flows" in view.tables else None
    begun: dict[str, int] = {}
    if flows is not None:
        started = flows.filter(pc.equal(flows["event"], "start")).group_by(["loss", "seq"]).aggregate([])
        begun = {row["values"]: row["counts"] for row in started["loss"].value_counts().to_pylist()}
    keys = sorted({r.service for r in view.offramps if r.service})
    mine = {key: (rows(view, key), reached(view, figures.at_stake(view, key))) for key in keys}
    return {key: len(found) + sum(begun.get(name, 0) for name in names) for key, (found, names) in mine.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place that is no off-ramp: where value was left, as the table names it."""

    chain: str
    address: str
    asset: str
    grade: str = ""
    memo: str = ""


def brought(view: View, spots: Sequence[Spot], losses: Collection[str] = ()) -> tuple[Row, ...]:
    """What brought traced value to places that are no off-ramps, in order; with `losses`, of these."""
    known, named = {(spot.address, spot.asset): spot for spot in spots}, frozenset(losses)
    if not known or "transfers" not in view.tables:
        return ()
    table = view.tables["transfers"]()
    there = pc.is_in(
        table.column("dst"), value_set=pa.array(sorted({spot.address for spot in spots}), pa.string())
    )
    came = (m for m in moves(view, set(table.filter(there).column("tx").to_pylist())) if m.traced(named))
    found = [(m.seq, spot, m) for m in came if (spot := known.get((m.dst or "", m.asset)))]
    found.sort(key=lambda one: one[0])
    return tuple(row_of(view, spot, m, "in", m.src or "", named) for _, spot, m in found)


_Moves = dict[tuple[str | None, str], list["Move"]]


@figures.settled
def _listed(view: View) -> tuple[_Moves, _Moves]:
    """Every movement that a row rests on, whichever service it is of, by its receiver and by its payer."""
    wanted = {tx for r in view.offramps for tx in (*r.transactions, *r.sweep_transactions)}
    into, outof = dict[tuple[str | None, str], list[Move]](), dict[tuple[str | None, str], list[Move]]()
    for move in moves(view, wanted):
        into.setdefault((move.dst, move.asset), []).append(move)
        for one in paying(view, move):
            outof.setdefault((one.src, one.asset), []).append(one)
    return into, outof


@figures.settled
def _held(view: View) -> frozenset[str]:
    """The transactions that rows rest on and that the ledger holds."""
    if "transfers" not in view.tables:
        return frozenset()
    wanted = {tx for r in view.offramps for tx in (*r.transactions, *r.sweep_transactions)}
    ids = view.tables["transfers"]().column("tx")
    held = ids.filter(pc.is_in(ids, value_set=pa.array(sorted(wanted), pa.string())))
    return frozenset(pc.unique(held).to_pylist())


def paying(view: View, move: Move) -> Sequence[Move]:
    """One movement as those who paid it did: an output as each address whose coins of losses paid it."""
    shared = payers.shared(view).paid.get(move.seq)
    if shared is None:
        return [move]
    return [_own(view, replace(move, src=payer, by_loss=by_loss)) for payer, by_loss in shared.items()]


def _own(view: View, move: Move) -> Move:
    """What the coins of an address can have paid of an output or a fee, beside what coins of others brought."""
    brought = payers.brought(view, move.tx, move.asset)
    mine = brought.get(move.src or "")
    if mine is None or len(brought) < 2:
        return move
    return replace(move, value=min(move.value, mine), others=sum(brought.values()) - mine)


@figures.settled
def _fees(view: View) -> dict[tuple[str | None, str], list[Move]]:
    """By payer and asset, the fees that traced value paid, in the ledger's order."""
    found: dict[tuple[str | None, str], list[Move]] = {}
    if not {"flows", "transfers"} <= set(view.tables):
        return found
    table, shared = view.tables["transfers"](), payers.shared(view).fees
    firsts = table.select(["tx", "asset"]).take(pa.array([*shared], pa.int64())).to_pylist()
    of = {(row["tx"], row["asset"]): sums for row, sums in zip(firsts, shared.values(), strict=True)}
    carried = pc.is_in(table.column("seq"), value_set=pc.unique(view.tables["flows"]().column("seq")))
    ids = pc.is_in(table.column("tx"), value_set=pa.array(sorted({tx for tx, _ in of}), pa.string()))
    mask = pc.and_(pc.equal(table.column("kind"), "fee"), pc.or_(carried, ids))
    for move in moves(view, set(table.filter(mask).column("tx").to_pylist()), kind="fee"):
        for payer, by_loss in of.get((move.tx, move.asset), {move.src: move.by_loss}).items():
            if by_loss:
                one = _own(view, replace(move, src=payer, by_loss=by_loss))
                found.setdefault((payer, move.asset), []).append(one)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A movement of the ledger, with what it carried of each loss under the declared rule."""

    seq: int
    tx: str
    time: datetime | None
    src: str | None
    dst: str | None
    asset: str
    memo: str
    value: int
    by_loss: Mapping[str, int]
    exhibit: int
    height: int | None
    leg: int | None
    others: int = 0

    def traced(self, losses: Collection[str]) -> int:
        """What it carried of these losses; of all where none is named."""
        return sum(n for loss, n in self.by_loss.items() if not losses or loss in losses)


@figures.settled
def _traced(view: View) -> dict[int, dict[str, int]]:
    """By movement and loss, what it carried under the declared rule."""
    if "flows" not in view.tables:
        return {}
    flows = view.tables["flows"]()
    columns = (flows.column(name).to_pylist() for name in ("seq", "loss", "event"))
    found: dict[int, dict[str, int]] = {}
    for seq, loss, event, amount in zip(*columns, exact(flows), strict=True):
        if event != "end":
            found.setdefault(seq, {})[loss] = found.get(seq, {}).get(loss, 0) + amount
    return found


def moves(view: View, wanted: set[str], kind: str = "") -> Iterator[Move]:
    """The movements of these transactions, of one kind or of all, in order. An output carries no value of a loss
    that came back to its payer by it: that is change. A coin spent of which no exhibit shows the worth is none."""
    if "transfers" not in view.tables:
        return
    table = view.tables["transfers"]()
    mask = pc.and_(
        pc.is_in(table.column("tx"), value_set=pa.array(sorted(wanted), pa.string())),
        pc.is_null(table.column("excluded")),
    )
    if kind:
        mask = pc.and_(mask, pc.equal(table.column("kind"), kind))
    names = ("seq", "tx", "time", "src", "dst", "asset", "memo", "amount", "wide", "exhibit", "height", "leg")
    part = table.filter(mask).select(list(names))
    traced, change = _traced(view), payers.shared(view).change
    for seq, tx, time, src, dst, asset, memo, amount, wide, exhibit, height, leg in zip(
        *(part.column(name).to_pylist() for name in names), strict=True
    ):
        if amount is None and wide is None:
            continue
        value = join(amount, wide)
        carried = {loss: n - change.get((seq, loss), 0) for loss, n in traced.get(seq, {}).items()}
        yield Move(
            seq=seq,
            tx=tx,
            time=time,
            src=src,
            dst=dst,
            asset=asset,
            memo=memo or "",
            value=value,
            by_loss={loss: n for loss, n in carried.items() if n},
            exhibit=exhibit,
            height=height,
            leg=leg,
        )


def _matching(
    view: View,
    ramp: OffRamp,
    moves: Sequence[Move],
    direction: str,
    ids: frozenset[str],
    losses: frozenset[str],
) -> Iterator[tuple[int, Row]]:
    seen = set()
    named = payers.named(view, {m.tx for m in moves if m.src is None}) if direction == "in" else {}
    for m in moves:
        if m.tx in ids:
            came = m.src or " ".join(named.get((ramp.chain, m.tx), ()))
            other = came if direction == "in" else m.dst
            seen.add(m.tx)
            if m.traced(losses):
                yield m.seq, row_of(view, ramp, m, direction, other or "", losses)
    # Of a movement that the ledger does not hold nobody knows whose loss it carried; one that it holds of coins
    # that several pay, and that carried nothing, stands with no payer.
    for tx in sorted(ids - seen - _held(view)) if not losses else ():
        yield 1 << 62, row_of(view, ramp, tx, direction, "", losses)


def row_of(
    view: View, ramp: OffRamp | Spot, move: Move | str, direction: str, other: str, losses: frozenset[str]
) -> Row:
    """`move` is the movement, or the id of a transaction whose movement the ledger does not hold."""
    known = move if isinstance(move, Move) else None
    traced = known.traced(losses) if known else 0
    asset = figures.asset(view, ramp.asset)
    # SLIP-44 numbers the coins of chains themselves, which have no contract.
    native = "/slip44:" in asset.id
    return Row(
        chain=visible(ramp.chain),
        asset=visible(asset.id),
        symbol=visible(asset.symbol, 24),
        token_contract="" if native else visible(asset.reference),
        address=visible(ramp.address),
        memo=visible(known.memo if known else ramp.memo, 256),
        tx_hash=visible(known.tx if known else str(move)),
        block_time_utc=moment(known.time).replace("–", "") if known else "",
        raw_amount=str(known.value) if known else "",
        decimals="" if asset.decimals is None else str(asset.decimals),
        direction=direction,
        counterparty=visible(other),
        exhibit=str(known.exhibit) if known and known.exhibit else "",
        grade=ramp.grade,
        traced_amount=str(traced) if known else "",
        block_height=str(known.height) if known and known.height is not None else "",
        log_index=str(known.leg) if known and known.leg is not None else "",
        amount=decimal(known.value, asset.decimals, grouped=False) if known else "",
        traced=decimal(traced, asset.decimals, grouped=False) if known else "",
        chain_name=visible(view.chains.get(ramp.chain, ramp.chain), 60),
        others_amount=str(known.others) if known and known.others else "",
    )


def entered(view: View, spot: Spot, move: Move) -> Row:
    """One movement into a place that is no off-ramp."""
    return row_of(view, spot, move, "in", move.src or "", frozenset())


def sheet(found: Sequence[Row]) -> bytes:
    """The rows as CSV (RFC 4180, UTF-8), no cell of which a spreadsheet can take for a formula."""
    out = io.StringIO(newline="")
    (writer := csv.writer(out, lineterminator="\r\n")).writerow([f.name for f in fields(Row)])
    writer.writerows([disarmed(cell) for cell in _CELLS(row)] for row in found)
    return out.getvalue().encode("utf-8")
