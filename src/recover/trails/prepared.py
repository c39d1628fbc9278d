"""What a trace runs on, prepared from the tables of a case, and how a rule is run on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recover.case import Case, derived
from recover.declared import elections
from recover.ledger.numbered import Numbered
from recover.linking.stops import mixes, pools, stops
from recover.plugins.registry import Plugins
from recover.sdk.errors import Error
from recover.tracing import ByMove, Kind, Model, Reason, Rule, Trace, rules
from recover.tracing.lots import Apart, Queue
from recover.trails.balances import Balances, balances
from recover.trails.crossings import Refused, crossings
from recover.trails.missing import unit
from recover.trails.outputs import spending
from recover.trails.sides import accepted
from recover.trails.solvent import solvent
from recover.trails.swaps import Swap, follow, swaps
from recover.trails.trail import Trail


def numbered(case: Case) -> Numbered:
    """The ledger with where a trace stops: at labels and what heuristics assert, then at pools of exchanges.

    An address that is a service's own and also a pool stops as the service: a person can write to that one.
    """
    asserted = derived.read(case, "assertions")
    # Labels before pools: the ledger keeps the first reason given for an address.
    named = [
        (chain, address, Reason[why])
        for chain, address, why in stops(case, derived.read(case, "labels"), asserted)
    ]
    events = derived.read(case, "events", ["kind", "chain", "contract"])
    traded = [(chain, contract, Reason.SWAP) for chain, contract in pools(events)]
    return Numbered.of(case, [*named, *traded], mixes(asserted))


def beside(elected: bool = False, model: Model | None = None) -> list[Rule]:
    """The rules that a case is traced under, the declared one included: all that trace on this model (None: any).

    `elected` says whether the case has elections, without which a rule that needs them does not run.
    """
    # One rule is declared and all are run, so that a reader sees how far the figure hangs on it (why: D'Aloia v
    # Persons Unknown [2024] EWHC 2342 (Ch)).
    able = (r for r in rules.RULES.values() if r.pool is not None and model in (None, *r.models))
    return [r for r in able if elected or not r.elective]


def demand(case: Case, found: Mapping[str, Trail]) -> None:
    """Raises Error when the declared rule does not apply to a chain of this case."""
    declared, elected = rules.rule(case.settings.rule), case.settings.elections
    elections.demanded(declared, elected)
    for model in sorted({trail.model for trail in found.values()}):
        fitting = beside(bool(elected), model)
        if declared not in fitting:
            held = "account chains" if model == "account" else "coin chains"
            raise Error(
                "rule-model",
                f"The declared rule {declared.id} does not apply to the chains of this case.",
                f"It is defined for {' and '.join(declared.models)} chains, and the case holds {held}.",
                f"Declare one of {', '.join(rule.id for rule in fitting if rule.claim)} in case.toml.",
            )


def concerned(case: Case, plugins: Plugins, ledger: Numbered, exchanged: Sequence[Swap]) -> list[str]:
    """The assets that losses concern, and those that they can be exchanged into, in order of id."""
    wanted: set[str] = set()
    for loss in case.settings.losses:
        info = plugins.chains[loss.chain].info if loss.chain in plugins.chains else None
        wanted.update(loss.assets or ((a.id for a in (info.native, *info.assets)) if info else ()))
    # Exchanges can follow one another, so this repeats until no asset is new.
    while more := {swap.into for swap in exchanged if swap.asset in wanted} - wanted - {""}:
        wanted |= more
    here = set(ledger.table.column("asset").unique().to_pylist())
    return sorted(wanted & here)


def trails(case: Case, ledger: Numbered, assets: Sequence[str], exchanged: Sequence[Swap]) -> dict[str, Trail]:
    """Each asset's trail, in the order used: the ledger's, but where another of one moment is `solvent`."""
    losses = case.settings.losses
    found: dict[str, Trail] = {}
    for asset in assets:
        if asset in ledger.coins:
            mixed = {tx: int(Reason.MIXER) for chain, tx in ledger.mixes if asset.startswith(chain + "/")}
            crossed = {seq for swap in exchanged if swap.asset == asset and swap.crossed for seq in swap.out}
            found[asset] = spending(ledger, asset, losses, mixed, crossed, case=case, unit=unit(case, asset))
        else:
            found[asset] = settled(ordered(case, ledger, asset, exchanged), case, ledger, exchanged)
    targets = {swap.into for swap in exchanged}
    # An asset that is exchanged into has no claim of its own yet, and may have one by the time it is traced.
    return {a: c for a, c in found.items() if c.claims.by_move or c.claims.by_address or a in targets}


def ordered(
    case: Case, ledger: Numbered, asset: str, exchanged: Sequence[Swap], rows: NDArray[np.int64] | None = None
) -> Balances:
    """One asset of an account chain as a trail, in another order than the ledger's if `rows` are given."""
    mine = [swap for swap in exchanged if swap.asset == asset]
    sold = {
        kind: np.array([seq for swap in mine if swap.crossed is crossed for seq in swap.out], np.int64)
        for kind, crossed in ((Kind.SWAP, False), (Kind.CROSSED, True))
    }
    return balances(ledger, asset, case.settings.losses, sold, case.settings.elections, rows)


def settled(trail: Balances, case: Case, ledger: Numbered, exchanged: Sequence[Swap]) -> Balances:
    """The trail with movements of one moment so ordered, where an order does it, that no payer lacks anything."""
    alone = not any(swap.into == trail.asset for swap in exchanged)
    order = solvent(trail, ledger, alone) if ledger.tied(trail.asset) else None
    return trail if order is None else ordered(case, ledger, trail.asset, exchanged, trail.seqs[order])


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What goes on elsewhere: exchanges and crossings that the ledger bears out, and those that it does not."""

    swaps: Sequence[Swap]
    uneven: Sequence[Swap]
    refused: Sequence[Refused]

    def told(self) -> frozenset[tuple[str, str]]:
        """(chain, transaction) of which something is said as an exchange or as a passage through a bridge."""
        mine = {(swap.chain, swap.tx) for swap in (*self.swaps, *self.uneven)}
        return frozenset(mine | {(one.said.chain, one.said.tx) for one in self.refused})

    @classmethod
    def of(cls, case: Case, ledger: Numbered) -> Exchanged:
        asserted = derived.read(case, "assertions")
        made, uneven = swaps(asserted, ledger)
        crossed, refused = crossings(asserted, ledger, accepted(case))
        # A protocol's own key says more of a payment than that two assets moved in its transaction.
        taken = {seq for one in crossed for seq in one.out}
        kept = [swap for swap in made if not taken & set(swap.out)]
        uneven = [swap for swap in uneven if not taken & set(swap.out)]
        return cls(swaps=[*kept, *crossed], uneven=uneven, refused=refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the trace stage ran on, prepared again from the same tables for `explain` and `hops`."""

    trails: Mapping[str, Trail]
    exchanged: Sequence[Swap]

    @classmethod
    def of(cls, case: Case, ledger: Numbered) -> Prepared:
        """The trails of every asset in the ledger, as the trace stage had them."""
        exchanged = Exchanged.of(case, ledger).swaps
        assets = sorted(ledger.table.column("asset").unique().to_pylist())
        return cls(trails=trails(case, ledger, assets, exchanged), exchanged=exchanged)


def run_rule(
    rule: Rule, listed: Mapping[str, Trail], exchanged: Sequence[Swap], *, flows: bool
) -> Iterator[tuple[Trail, Trace, Sequence[ByMove]]]:
    """Every trail that the rule applies to, exchanges followed."""
    fitting = {asset: trail for asset, trail in listed.items() if trail.model in rule.models}

    def run(trail: Trail, more: Sequence[ByMove], needed: bool, given: bool) -> Trace:
        # Exposure counts one unit for every loss that touched it, so its sums do not balance and are kept apart.
        return trail.trace(rule, more, flows=flows or needed, exposure=not rule.claim, given=given)

    # Where a rule keeps one lot of each label, lots have no order. Asked of the rule itself: who watches its pools
    # wraps them.
    pool = rules.rule(rule.id).pool
    ordered = isinstance(pool, type) and issubclass(pool, Queue | Apart)
    return follow(fitting, exchanged, run, ordered)
