"""trace: every loss through the ledger, under the declared rule and under every other beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recover.case import Case, settings, tables
from recover.registry import Plugins
from recover.sdk import amounts
from recover.sdk.errors import Error
from recover.sdk.records import Gap
from recover.sdk.values import Address, Details, History, TxId
from recover.sdk.view import Loss
from recover.stages import Outcome, Progress, elections, since
from recover.stages.course import Course, balances
from recover.stages.exchanged import Swap, follow, swaps, unlike
from recover.stages.numbered import Numbered
from recover.stages.pins import core, pin, ran
from recover.stages.spent import spending
from recover.tracing import NOBODY, ByMove, End, Event, Model, Reason, Rule, Trace, rules

FLOWS = pa.schema(
    [
        ("seq", pa.int64()),
        ("loss", pa.string()),
        ("event", pa.string()),
        ("amount", pa.int64()),
        ("wide", pa.binary(33)),
    ]
)
CAME = FLOWS.remove(FLOWS.get_field_index("event"))
"""Of what a flow says began by a movement, how much came in by an exchange from another asset."""

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
    else:
        ran(case, "trace")
    ends = tables.read(case, "ends")
    counts = (("losses", len(case.settings.losses)), ("flows", tables.read(case, "flows", ["seq"]).num_rows))
    gaps = tables.load(case, folder / "gaps.parquet", "trace").num_rows
    return Outcome(stage="trace", done=done, counts=(*counts, ("ends", ends.num_rows)), gaps=gaps, ms=since(began))


def beside(elected: bool = False, model: Model | None = None) -> list[Rule]:
    """The rules that run beside the declared one: all that trace on this model (None: on any).

    `elected` says whether the case has elections, without which a rule that needs them does not run.
    """
    able = (r for r in rules.RULES.values() if r.pool is not None and model in (None, *r.models))
    return [r for r in able if elected or not r.elective]


def _demand(case: Case, found: Mapping[str, Course]) -> None:
    """Raises Error when the declared rule does not apply to a chain of this case."""
    declared, elected = rules.rule(case.settings.rule), case.settings.elections
    elections.demanded(declared, elected)
    for model in sorted({course.model for course in found.values()}):
        fitting = beside(bool(elected), model)
        if declared not in fitting:
            held = "account chains" if model == "account" else "coin chains"
            raise Error(
                "rule-model",
                f"The declared rule {declared.id} does not apply to the chains of this case.",
                f"It is defined for {' and '.join(declared.models)} chains, and the case holds {held}.",
                f"Declare one of {', '.join(rule.id for rule in fitting if rule.claim)} in case.toml.",
            )


@dataclass(slots=True)
class _Found:
    flows: list[pa.Table]
    came: list[pa.Table]
    ends: list[pa.Table]
    gaps: list[Gap]


def _trace(case: Case, plugins: Plugins, progress: Progress, inputs: dict[str, Any]) -> None:
    ledger, declared = Numbered.of(case), case.settings.rule
    exchanged, uneven = swaps(tables.read(case, "assertions"), ledger)
    missing = [*_unfound(case.settings.losses, ledger), *_unapproved(case, ledger)]
    found = _Found([], [], [], missing)
    assets = _assets(case, plugins, ledger, exchanged)
    elections.unanswered(case.settings.elections, assets)
    recorded = courses(case, ledger, assets, exchanged)
    _demand(case, recorded)
    orders = {"as recorded": recorded}
    tied = [asset for asset in recorded if ledger.tied(asset)]
    turned = courses(case, ledger, tied, exchanged, turn=True)
    if any(not np.array_equal(turned[a].seqs, recorded[a].seqs) for a in turned):
        orders["reversed"] = {**recorded, **turned}
    for ties, listed in orders.items():
        ruled = [r for r in beside(bool(case.settings.elections)) if ties == "as recorded" or r.id == declared]
        for done, rule in enumerate(ruled):
            progress("trace", done, len(ruled))
            _rule(case, ledger, rule, ties, listed, exchanged, found)
        progress("trace", len(ruled), len(ruled))
    carried = {seq for flows in found.flows for seq in flows.column("seq").to_pylist()}
    found.gaps += [unlike(swap) for swap in uneven if carried & set(swap.out)]
    with case.rebuilding(case.derived / "trace") as fresh:
        tables.write(fresh, "flows", ordered(found.flows))
        tables.write(fresh, "exchanges", pa.concat_tables([CAME.empty_table(), *found.came]))
        tables.write(fresh, "ends", pa.concat_tables([ENDS.empty_table(), *found.ends]))
        tables.write(fresh, "gaps", tables.gaps(found.gaps))
        tables.mark(fresh, inputs)
    ran(case, "trace", tables.digests(case, "trace"))


def _assets(case: Case, plugins: Plugins, ledger: Numbered, exchanged: Sequence[Swap]) -> list[str]:
    """The assets that losses concern, and those that they can be exchanged into, in order of id."""
    wanted: set[str] = set()
    for loss in case.settings.losses:
        info = plugins.chains[loss.chain].info if loss.chain in plugins.chains else None
        wanted.update(loss.assets or ((a.id for a in (info.native, *info.assets)) if info else ()))
    while more := {swap.into for swap in exchanged if swap.asset in wanted} - wanted:
        wanted |= more
    here = set(ledger.table.column("asset").unique().to_pylist())
    return sorted(wanted & here)


def courses(
    case: Case, ledger: Numbered, assets: Sequence[str], exchanged: Sequence[Swap], turn: bool = False
) -> dict[str, Course]:
    """Each asset's course; `turn` reverses the assumed order of ties (coin chains have none)."""
    losses = case.settings.losses
    mixes = {tx: int(Reason.MIXER) for tx in ledger.mixes}
    found: dict[str, Course] = {}
    for asset in assets:
        if asset in ledger.coins:
            found[asset] = spending(ledger, asset, losses, mixes)
        else:
            sold = np.array([seq for swap in exchanged if swap.asset == asset for seq in swap.out], np.int64)
            found[asset] = balances(ledger, asset, losses, sold, case.settings.elections, turn)
    targets = {swap.into for swap in exchanged}
    return {a: c for a, c in found.items() if c.claims.by_move or c.claims.by_address or a in targets}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the stage took, prepared again from the same tables: for those who trace again."""

    courses: Mapping[str, Course]
    exchanged: Sequence[Swap]

    @classmethod
    def of(cls, case: Case, ledger: Numbered) -> Prepared:
        exchanged, _ = swaps(tables.read(case, "assertions"), ledger)
        assets = sorted(ledger.table.column("asset").unique().to_pylist())
        return cls(courses=courses(case, ledger, assets, exchanged), exchanged=exchanged)


def ordered(flows: Sequence[pa.Table]) -> pa.Table:
    """Flows as they are stored: by movement, what began before what moved and ended, by loss."""
    keys = [("seq", "ascending"), ("event", "descending"), ("loss", "ascending")]
    return pa.concat_tables([FLOWS.empty_table(), *flows]).sort_by(keys)


def _rule(
    case: Case,
    ledger: Numbered,
    rule: Rule,
    ties: str,
    listed: Mapping[str, Course],
    exchanged: Sequence[Swap],
    found: _Found,
) -> None:
    keep = rule.id == case.settings.rule and ties == "as recorded"
    losses = case.settings.losses
    for course, result, came in run_rule(rule, listed, exchanged, flows=keep):
        found.ends.append(_ends(result, ties, losses, ledger, course))
        if keep:
            found.flows.append(flow_table(result, losses, course.seqs))
            found.came.append(_came(result, came, losses, course.seqs))
            found.gaps += [*course.gaps, *course.unfollowed(result)]
            found.gaps += _gaps(result, losses, ledger, course.asset, _unit(case, course.asset))


def run_rule(
    rule: Rule, listed: Mapping[str, Course], exchanged: Sequence[Swap], *, flows: bool
) -> Iterator[tuple[Course, Trace, Sequence[ByMove]]]:
    """Every course that the rule applies to, exchanges followed."""
    fitting = {asset: course for asset, course in listed.items() if course.model in rule.models}

    def run(course: Course, more: Sequence[ByMove], needed: bool) -> Trace:
        return course.trace(rule, more, flows=flows or needed, exposure=not rule.claim)

    return follow(fitting, exchanged, run)


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


def _unapproved(case: Case, ledger: Numbered) -> Iterator[Gap]:
    """Owners whose tokens another moved in the transaction of a loss, and whose own history is not here."""
    lost = {loss.tx: loss for loss in case.settings.losses if loss.tx}
    events = tables.read(case, "events", ["kind", "tx", "address"]).to_pylist()
    spent = {(e["address"], e["tx"]) for e in events if e["kind"] == "spend" and e["tx"] in lost}
    for owner, tx in sorted(spent):
        if not ledger.covered.claims(owner):
            yield Gap(
                code="approval-unknown",
                subject=owner,
                why=f"Another moved what this address held in transaction {tx}, and its own history is not here.",
                effect="The approval that allowed it is not named. No figure changes.",
                fill=History(address=Address(chain=lost[tx].chain, text=owner)),
            )


def flow_table(result: Trace, losses: Sequence[Loss], seqs: NDArray[np.int64]) -> pa.Table:
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


def _came(result: Trace, claims: Sequence[ByMove], losses: Sequence[Loss], seqs: NDArray[np.int64]) -> pa.Table:
    began = {(f.move, f.loss): f.amount for f in result.flows or () if f.event is Event.START}
    wanted: dict[tuple[int, int], int] = {}
    for claim in claims:
        wanted[claim.move, claim.loss] = wanted.get((claim.move, claim.loss), 0) + claim.amount
    came = [(*key, min(amount, began.get(key, 0))) for key, amount in sorted(wanted.items())]
    rows = []
    for move, loss, amount in came:
        cell, wide = amounts.split(amount)
        rows.append({"seq": int(seqs[move]), "loss": losses[loss].id, "amount": cell, "wide": wide})
    return pa.Table.from_pylist(rows, schema=CAME)


def _ends(result: Trace, ties: str, losses: Sequence[Loss], ledger: Numbered, course: Course) -> pa.Table:
    rows, seqs = [], course.seqs
    for end in result.ends:
        amount, wide = amounts.split(end.amount)
        rows.append(
            {
                "rule": result.rule,
                "ties": ties,
                "loss": losses[end.loss].id,
                "asset": course.asset,
                "address": _where(end, ledger, course),
                "reason": end.reason.name.lower(),
                "amount": amount,
                "wide": wide,
                "transfers": end.transfers,
                "first": int(seqs[end.first]) if end.first >= 0 else None,
                "last": int(seqs[end.last]) if end.last >= 0 else None,
            }
        )
    return pa.Table.from_pylist(rows, schema=ENDS)


def _where(end: End, ledger: Numbered, course: Course) -> str:
    """The address where value ended; of a fee or a burn, who paid it."""
    number = course.payer(end.first) if end.address == NOBODY else end.address
    return ledger.names[number] if number != NOBODY else ""


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
