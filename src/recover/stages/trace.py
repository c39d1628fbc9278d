"""trace: every loss through the ledger, under the declared rule and under every other beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recover.case import Case, settings, tables
from recover.registry import Plugins
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.records import Gap
from recover.sdk.values import Address, Details, History, TxId
from recover.sdk.view import Loss
from recover.stages import Outcome, Progress, since
from recover.stages.numbered import Numbered
from recover.stages.pins import core, pin
from recover.tracing import (
    ByAddress,
    ByMove,
    Claims,
    Event,
    Kind,
    Limits,
    Moves,
    Reason,
    Rule,
    Trace,
    rules,
    trace,
)

FLOWS = pa.schema(
    [
        ("seq", pa.int64()),
        ("loss", pa.string()),
        ("event", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
    ]
)
ENDS = pa.schema(
    [
        ("rule", pa.string()),
        ("ties", pa.string()),
        ("loss", pa.string()),
        ("asset", pa.string()),
        ("address", pa.string()),
        ("reason", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
        ("transfers", pa.int64()),
        ("first", pa.int64()),
        ("last", pa.int64()),
    ]
)


def run(case: Case, plugins: Plugins, progress: Progress) -> Outcome:
    """Trace each asset that a loss concerns. Raises Error without a loss, or when one exceeds its transaction."""
    began = time.monotonic_ns()
    if not case.settings.losses:
        raise Error(
            "no-loss",
            f"The case {case.path.name} declares no loss.",
            "A trace follows a loss; without one there is nothing to follow.",
            f"`recover loss {case.path.name} --address A` or `--tx ID`",
        )
    pin(case, plugins)
    folder = case.derived / "trace"
    inputs = {
        "core": core(),
        "link": dict(tables.stamp(case.derived / "link")),
        "settings": settings.text(case.settings),
        "rules": sorted(rules.RULES),
    }
    done = tables.stamp(folder) != inputs
    if done:
        _trace(case, plugins, progress, inputs)
    ends = tables.read(case, "ends")
    counts = (("losses", len(case.settings.losses)), ("flows", tables.read(case, "flows", ["seq"]).num_rows))
    gaps = tables.load(case, folder / "gaps.parquet", "trace").num_rows
    return Outcome(stage="trace", done=done, counts=(*counts, ("ends", ends.num_rows)), gaps=gaps, ms=since(began))


def beside() -> list[Rule]:
    """The rules that run beside the declared one: all that trace on balances and need no election."""
    return [r for r in rules.RULES.values() if r.pool is not None and "account" in r.models and not r.elective]


def _demand(case: Case) -> None:
    """Raises Error when the declared rule does not apply to balances: nothing would be traced under it."""
    declared = rules.rule(case.settings.rule)
    if declared.id not in {rule.id for rule in beside()}:
        raise Error(
            "rule-model",
            f"The declared rule {declared.id} does not apply to the chains of this case.",
            f"It is defined for {' and '.join(declared.models)} chains, and the case holds account chains.",
            f"Declare one of {', '.join(rule.id for rule in beside() if rule.claim)} in case.toml.",
        )


@dataclass(slots=True)
class _Found:
    flows: list[pa.Table]
    ends: list[pa.Table]
    gaps: list[Gap]


def _trace(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    _demand(case)
    ledger = Numbered.of(case)
    found = _Found([], [], list(_unfound(case.settings.losses, ledger)))
    assets = _assets(case, plugins, ledger)
    for done, asset in enumerate(assets):
        progress("trace", done, len(assets))
        _asset(case, ledger, asset, found)
    progress("trace", len(assets), len(assets))
    with case.rebuilding(case.derived / "trace") as fresh:
        flows = pa.concat_tables([FLOWS.empty_table(), *found.flows])
        tables.write(
            fresh, "flows", flows.sort_by([("seq", "ascending"), ("event", "descending"), ("loss", "ascending")])
        )
        tables.write(fresh, "ends", pa.concat_tables([ENDS.empty_table(), *found.ends]))
        tables.write(fresh, "gaps", tables.gaps(found.gaps))
        tables.mark(fresh, inputs)
    case.note("ran", {"stage": "trace"})


def _assets(case: Case, plugins: Plugins, ledger: Numbered) -> list[str]:
    """The assets that losses concern and the ledger follows, in order of id."""
    wanted: set[str] = set()
    for loss in case.settings.losses:
        info = plugins.chains[loss.chain].info if loss.chain in plugins.chains else None
        wanted.update(loss.assets or ((a.id for a in (info.native, *info.assets)) if info else ()))
    here = set(ledger.table.column("asset").unique().to_pylist())
    return sorted(wanted & here)


def _asset(case: Case, ledger: Numbered, asset: str, found: _Found) -> None:
    mask = pc.and_(pc.equal(ledger.table.column("asset"), asset), pc.is_null(ledger.table.column("excluded")))
    rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    part = ledger.table.take(pa.array(rows))
    limits = Limits(stop=ledger.stop, known=ledger.known(asset))
    losses = case.settings.losses
    orders = {"as recorded": np.arange(len(rows)), "reversed": _reversed(part)}
    for ties, order in orders.items():
        if ties == "reversed" and np.array_equal(order, orders["as recorded"]):
            continue
        taken = part.take(pa.array(order))
        made = moves(taken, ledger, rows[order])
        claims = Claims(
            losses=len(losses),
            by_move=by_move(losses, taken, asset),
            by_address=by_address(losses, taken, ledger, asset),
        )
        if not claims.by_move and not claims.by_address:
            return
        for rule in beside():
            declared = rule.id == case.settings.rule
            if ties == "reversed" and not declared:
                continue
            keep = declared and ties == "as recorded"
            result = trace(made, claims, limits, rule, flows=keep, exposure=not rule.claim)
            seqs = taken.column("seq").to_numpy()
            found.ends.append(_ends(result, ties, losses, ledger, asset, seqs))
            if keep and result.flows is not None:
                found.flows.append(_flows(result, losses, seqs))
                found.gaps += _gaps(result, losses, ledger, asset, _unit(case, asset))


def _reversed(part: pa.Table) -> NDArray[np.int64]:
    """Row order with every group of assumed ties turned round."""
    tie = pc.fill_null(part.column("tie"), -1).to_numpy()
    order = np.arange(len(tie))
    edges = [*np.flatnonzero(np.diff(tie, prepend=-2) != 0).tolist(), len(tie)]
    for start, end in pairwise(edges):
        if tie[start] >= 0 and end - start > 1:
            order[start:end] = order[start:end][::-1]
    return order


def moves(part: pa.Table, ledger: Numbered, rows: NDArray[np.int64]) -> Moves:
    """One asset's movements for the engine, exact, in the order of `part`."""
    amount = part.column("amount")
    exact: Any = amount.to_numpy() if not amount.null_count else amounts.exact(part)
    kinds = part.column("kind").to_pylist()
    codes = {"fee": Kind.FEE, "burn": Kind.BURN}
    kind = np.fromiter((codes.get(k, Kind.TRANSFER) for k in kinds), np.uint8, len(kinds))
    return Moves(src=ledger.src[rows], dst=ledger.dst[rows], amount=exact, kind=kind)


def _concerns(loss: Loss, asset: str) -> bool:
    return asset in loss.assets if loss.assets else asset.startswith(loss.chain + "/")


def by_address(losses: Sequence[Loss], part: pa.Table, ledger: Numbered, asset: str) -> list[ByAddress]:
    """The losses by address as claims: from the first to the last movement inside each period."""
    times = part.column("time").to_pylist() if any(x.since or x.until for x in losses) else []
    found = []
    for number, loss in enumerate(losses):
        place = ledger.numbers.get(loss.address or "")
        if place is None or not _concerns(loss, asset):
            continue
        first, last = _span(loss, times, part.num_rows)
        if first <= last:
            found.append(ByAddress(place, number, first, last))
    return found


def _span(loss: Loss, times: Sequence[datetime | None], size: int) -> tuple[int, int]:
    if loss.since is None and loss.until is None:
        return 0, size - 1
    since, until = loss.since, loss.until
    inside = [
        i
        for i, t in enumerate(times)
        if t is not None and (since is None or t >= since) and (until is None or t <= until)
    ]
    return (inside[0], inside[-1]) if inside else (0, -1)


def by_move(losses: Sequence[Loss], part: pa.Table, asset: str) -> list[ByMove]:
    """The losses by transaction as claims. Raises Error when one is larger than what its transaction moves."""
    wanted = {loss.tx for loss in losses if loss.tx}
    if not wanted:
        return []
    ids = part.column("tx").to_pylist()
    here: dict[str, list[int]] = {}
    for row, tx in enumerate(ids):
        if tx in wanted:
            here.setdefault(tx, []).append(row)
    moved = amounts.exact(part)
    found = []
    for number, loss in enumerate(losses):
        rows = here.get(loss.tx or "", [])
        if rows and _concerns(loss, asset):
            found += list(_share(number, loss, rows, moved, asset))
    return found


def _share(number: int, loss: Loss, rows: Sequence[int], moved: Sequence[int], asset: str) -> Iterator[ByMove]:
    left = sum(moved[row] for row in rows) if loss.amount is None else loss.amount
    total = sum(moved[row] for row in rows)
    if left > total:
        raise Error(
            "loss-too-large",
            f"Loss {loss.id} is larger than transaction {loss.tx}.",
            f"It claims {left} base units of {asset}, and the transaction moves {total}.",
            "Correct the amount in case.toml, or declare the other transactions too.",
        )
    for row in rows:
        amount = min(left, moved[row])
        if amount:
            yield ByMove(row, number, amount)
        left -= amount


def _unfound(losses: Sequence[Loss], ledger: Numbered) -> Iterator[Gap]:
    ids = set(ledger.table.column("tx").unique().to_pylist()) if any(x.tx for x in losses) else set()
    for loss in losses:
        if loss.tx and loss.tx not in ids:
            yield Gap(
                code="loss-not-found",
                subject=loss.tx,
                why=f"The transaction of loss {loss.id} is in no exhibit.",
                effect="Nothing of this loss is traced.",
                fill=Details(tx=TxId(chain=loss.chain, text=loss.tx)),
            )
        if loss.address and loss.address not in ledger.numbers:
            yield Gap(
                code="loss-not-found",
                subject=loss.address,
                why=f"The address of loss {loss.id} is in no exhibit.",
                effect="Nothing of this loss is traced.",
                fill=History(address=Address(chain=loss.chain, text=loss.address)),
            )
        elif loss.address and not ledger.covered.claims(loss.address):
            yield Gap(
                code="history-partial",
                subject=loss.address,
                why=f"No exhibit claims to hold the whole history of the address of loss {loss.id}.",
                effect="Inflows and outflows that are not here are not traced; figures can be too low.",
                fill=History(address=Address(chain=loss.chain, text=loss.address)),
            )


def _flows(result: Trace, losses: Sequence[Loss], seqs: NDArray[np.int64]) -> pa.Table:
    assert result.flows is not None
    flows = result.flows
    amount: Any = flows.amount
    wide: Sequence[bytes | None] = [None] * len(flows)
    if isinstance(flows.amount, list):
        amount, wide = amounts.columns(flows.amount)
    names = np.array([loss.id for loss in losses], object)
    events = np.array([e.name.lower() for e in Event], object)
    columns = [seqs[flows.move], names[flows.loss], events[flows.event], amount, wide]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, FLOWS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=FLOWS)


def _ends(
    result: Trace, ties: str, losses: Sequence[Loss], ledger: Numbered, asset: str, seqs: NDArray[np.int64]
) -> pa.Table:
    rows = []
    for end in result.ends:
        amount, wide = amounts.split(end.amount)
        rows.append(
            {
                "rule": result.rule,
                "ties": ties,
                "loss": losses[end.loss].id,
                "asset": asset,
                "address": ledger.names[end.address],
                "reason": end.reason.name.lower(),
                "amount": amount,
                "wide": wide,
                "transfers": end.transfers,
                "first": int(seqs[end.first]) if end.first >= 0 else None,
                "last": int(seqs[end.last]) if end.last >= 0 else None,
            }
        )
    return pa.Table.from_pylist(rows, schema=ENDS)


def _unit(case: Case, asset: str) -> Callable[[int], str]:
    """How amounts of an asset are written in a sentence: exact, with its symbol, or in base units with its id."""
    for row in tables.read(case, "assets").to_pylist():
        if row["asset"] == asset and row["decimals"] is not None and row["symbol"]:
            return lambda value: f"{amounts.decimal(value, row['decimals'])} {row['symbol']}"
    return lambda value: f"{value} base units of {asset}"


def _gaps(
    result: Trace, losses: Sequence[Loss], ledger: Numbered, asset: str, unit: Callable[[int], str]
) -> Iterator[Gap]:
    chain = asset.split("/", 1)[0]
    held: dict[int, int] = {}
    for end in result.ends:
        if end.reason is Reason.UNCOLLECTED:
            held[end.address] = held.get(end.address, 0) + end.amount
    for number, amount in sorted(held.items()):
        name = ledger.names[number]
        yield Gap(
            code="history-not-collected",
            subject=name,
            why="Traced value arrived here, and the history of this address is in no exhibit.",
            effect=f"{unit(amount)} are not followed further under {result.rule}.",
            fill=History(address=Address(chain=chain, text=name), asset=asset),
        )
    for opening in result.openings:
        name = ledger.names[opening.address]
        yield Gap(
            code="opening-balance",
            subject=name,
            why="This address paid out more than the exhibits show coming in.",
            effect=f"It held at least {unit(opening.amount)} of unknown origin before; "
            "they are treated as clean. Figures at its outflows can change by at most that much.",
            fill=History(address=Address(chain=chain, text=name), asset=asset),
        )
    for meet in result.overlaps:
        if losses[meet.loss].tx is None:
            continue  # a loss by address takes only what carries no loss yet: that is its meaning, not a gap
        yield Gap(
            code="losses-overlap",
            subject=losses[meet.loss].id,
            why=f"{unit(meet.amount)} claimed for this loss already carry {losses[meet.held].id}.",
            effect="They are counted once, under the loss that carried them first.",
        )
