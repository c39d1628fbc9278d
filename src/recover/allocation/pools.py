"""One pool of one asset: every claim that stands to it, and what each way to share it gives each claimant.

Assets are never mixed: what is held in one asset is for those who have a claim to that asset (Ruscoe v
Cryptopia Ltd [2020] NZHC 728, where each asset was held on a trust of its own).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow.compute as pc

from recover.allocation import claiming, distributed
from recover.allocation.modes import Share, Stake, allocate
from recover.case import Case, derived
from recover.plugins.pins import behind
from recover.sdk import amounts
from recover.sdk.counts import counted
from recover.sdk.ends import recorded
from recover.sdk.errors import Error
from recover.sdk.values import Asset
from recover.trails.starts import concerns
from recover.victims import cameback, known, overlaps, settled
from recover.victims.known import Settlement, Victim
from recover.victims.overlaps import Carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One claim to the pool: a claim that was entered (C1), a victim's payment, or a declared loss.

    `claimed` is what is asserted, `amount` what is shared on; they differ where the exhibits show less. `unshown`
    is a payment that no exhibit shows: it is shared on as it is asserted. `rivals` claim one payment: it is one
    claim, of whoever it is, and what it gets is held back until a person has settled whose it is.
    """

    id: str
    claimant: str
    kind: str
    basis: str
    claimed: int
    amount: int
    received: int = 0
    traced: int = 0
    rank: int = 1
    priority: str = ""
    place: str = ""
    rivals: tuple[str, ...] = ()
    unshown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What is shared. `whole` is what there is, before `costs` and `reserve`; `paid` went out before, by
    claimant."""

    asset: Asset
    whole: int
    costs: int = 0
    reserve: int = 0
    at: tuple[str, ...] = ()
    paid: Mapping[str, int] = field(default_factory=dict)

    @property
    def shared(self) -> int:
        return self.whole - self.costs - self.reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one mode gives each. `left` is what nobody has a claim to any more."""

    mode: str
    shares: tuple[Share, ...]
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A pool, the claims to it and the tables of all modes that were asked for, side by side.

    `alike` are claimants who may be one person, `settled` what named persons found of such, and `merged` the
    claimant as whom another counts. `carried` are claims, by id, whose payment carries what began as another
    loss, and `behind` the stages that have not seen all that the case holds now. `only` names the claimants of
    an extract: all others are pooled.
    """

    pool: Pool
    rule: str
    claims: tuple[Standing, ...]
    tables: tuple[Table, ...]
    unpriced: tuple[str, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    settled: tuple[Settlement, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    carried: Mapping[str, Carried] = field(default_factory=dict)
    behind: tuple[str, ...] = ()

    @property
    def untraced(self) -> bool:
        """Whether nothing at all is traced to the pool, so that `traced_first` only shares in proportion."""
        return any(one.mode == PLACED for one in self.tables) and not any(one.traced for one in self.claims)

    @property
    def unshown(self) -> dict[str, int]:
        """What no exhibit shows of the claims of each claimant, and counts all the same."""
        found: dict[str, int] = {}
        for one in self.claims:
            if one.unshown:
                found[one.claimant] = found.get(one.claimant, 0) + one.amount
        return found

    @property
    def disputed(self) -> tuple[Standing, ...]:
        """Claims to what another claims too: a person has to settle them."""
        return tuple(one for one in self.claims if one.rivals)


PLACED = "traced_first"
"""The way to share that follows value into the pool: without a place of the pool it would follow it anywhere."""


def work(case: Case, pool: Pool, modes: Sequence[str]) -> Allocation:
    """The allocation. Raises Error for a pool smaller than what is taken off, where nobody claims, and for tracing
    into a pool of which nobody says where it rested.
    """
    if PLACED in modes and not pool.at:
        raise Error(
            "pool-without-place",
            "Nobody said where the pool rested, so nothing can be traced to it.",
            "What is traced anywhere, at services or paid back, is not traced to this pool.",
            "Name each address with --at ADDRESS, or leave traced_first out.",
        )
    if pool.shared < 0:
        raise Error(
            "pool-too-small",
            f"The pool of {_said(pool.whole, pool.asset)} is smaller than what is taken off it.",
            f"Costs are {_said(pool.costs, pool.asset)} and the reserve is {_said(pool.reserve, pool.asset)}.",
            "Nothing can be shared. Lower the reserve, or ask the court how the costs are borne.",
        )
    traced = _traced(case, pool)
    victims, heads = settled.every(case), settled.standing(case)
    claims, unpriced = _claims(case, pool, traced, victims.values(), heads)
    if not claims:
        raise Error(
            "no-claims",
            f"Nobody claims {pool.asset.symbol or pool.asset.id} in this case.",
            "No claim was entered in this asset, no victim paid in it, and no declared loss in it has an amount"
            + (f"; of {', '.join(unpriced)} the amount is not known." if unpriced else "."),
            "`recover claims add` enters one; `recover run` traces losses, so that their amounts are known.",
        )
    stakes = [_stake(one) for one in claims]
    paid: dict[str, int] = {}
    for name, amount in (pool.paid or distributed.paid(case, pool.asset.id)).items():
        paid[heads.get(name, name)] = paid.get(heads.get(name, name), 0) + amount
    paid = _moved(paid, claims)
    tables = []
    for mode in dict.fromkeys(modes):
        shares = tuple(allocate(mode, pool.shared, stakes, paid))
        tables.append(Table(mode=mode, shares=shares, left=pool.shared - sum(one.share for one in shares)))
    names = {name for one in claims for name in one.rivals or (one.claimant,)}
    alike = {
        (min(v.id, other), max(v.id, other))
        for v in victims.values()
        for other in v.alike
        if {v.id, other} <= names
    }
    agreed = (one for one in known.settlements(case).values() if {heads[one.one], heads[one.other]} <= names)
    loss_of = {p.id: p.loss for v in victims.values() for p in v.payments}
    hops = overlaps.every(case)
    return Allocation(
        carried={c.id: hops[loss] for c in claims if (loss := loss_of.get(c.id, c.id)) in hops},
        behind=behind(case, "trace"),
        pool=pool,
        rule=case.settings.rule,
        claims=tuple(claims),
        tables=tuple(tables),
        unpriced=tuple(unpriced),
        alike=tuple(sorted(alike)),
        settled=tuple(agreed),
        merged={name: head for name, head in heads.items() if name != head and head in names},
    )


OTHERS = "all other claimants"


def extract(found: Allocation, only: Sequence[str]) -> Allocation:
    """An allocation as counsel of some claimants may have it: all others are one line, without their claims.

    Raises Error for somebody who claims nothing.
    """
    names = {name for one in found.claims for name in one.rivals or (one.claimant,)}
    only = [found.merged.get(name, name) for name in only]
    if wrong := [name for name in only if name not in names]:
        raise Error(
            "no-claimant",
            f"{wrong[0]} claims nothing of this pool.",
            f"{counted(len(names), 'claimant')} {'claims' if len(names) == 1 else 'claim'} it.",
            "Name a claimant as the allocation shows it: a victim by pseudonym.",
        )
    mine = [one for one in found.claims if {*(one.rivals or (one.claimant,))} & {*only}]
    rest = [one for one in found.claims if one not in mine]
    claims = [replace(one, rivals=_masked(one.rivals, only)) for one in mine]
    shown = {one.claimant for one in mine}
    if rest:
        sums = {key: sum(getattr(one, key) for one in rest) for key in ("claimed", "amount", "received", "traced")}
        basis = f"{counted(len(rest), 'claim')} of {len({one.claimant for one in rest})}"
        claims.append(Standing(id="others", claimant=OTHERS, kind="", basis=basis, **sums))
    tables = [replace(given, shares=tuple(_pooled(given.shares, shown))) for given in found.tables]
    own = {one.id for one in mine}
    return replace(
        found,
        claims=tuple(claims),
        tables=tuple(tables),
        unpriced=tuple(name for name in found.unpriced if name in own or name.rpartition(".")[0] in only),
        alike=(),
        settled=tuple(one for one in found.settled if one.same and found.merged.get(one.one, one.one) in only),
        merged={name: head for name, head in found.merged.items() if head in only},
        carried={name: one for name, one in found.carried.items() if name in own},
        only=tuple(dict.fromkeys(only)),
    )


_UNNAMED = "another claimant"


def _masked(rivals: Sequence[str], only: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name if name in only else _UNNAMED for name in rivals))


def _pooled(shares: Sequence[Share], only: Collection[str]) -> Iterator[Share]:
    yield from (one for one in shares if one.claimant in only)
    rest = [one for one in shares if one.claimant not in only]
    if rest:
        keys = ("claimed", "received", "before", "share", "open")
        yield Share(claimant=OTHERS, **{key: sum(getattr(one, key) for one in rest) for key in keys})


def _stake(one: Standing) -> Stake:
    return Stake(claimant=one.claimant, amount=one.amount, received=one.received, traced=one.traced, rank=one.rank)


def _claims(
    case: Case, pool: Pool, traced: Mapping[str, int], victims: Collection[Victim], heads: Mapping[str, str]
) -> tuple[list[Standing], list[str]]:
    asset = pool.asset.id
    entered = [one for one in claiming.standing(case) if one.asset == asset]
    taken = {one.loss for one in entered if one.loss}
    found = [
        Standing(
            id=one.id,
            claimant=heads.get(one.claimant, one.claimant),
            kind=one.kind,
            basis=one.basis,
            claimed=one.amount,
            amount=one.amount,
            received=one.received,
            traced=traced.get(one.loss, 0) if one.traced is None else one.traced,
            rank=one.rank,
            priority=one.priority,
            place=one.place,
        )
        for one in entered
        if not pool.at or not one.place or one.place in pool.at
    ]
    unpriced: list[str] = []
    payments = [p for v in victims for p in v.payments if p.asset == asset and p.loss not in taken - {""}]
    rivals = _rivals(payments)
    came = cameback.every(case)
    open_ = cameback.by_person(came, {loss: loss for loss in rivals})
    back = {v.id: v.received.get(asset, 0) for v in victims}
    for payment in payments:
        if payment.counted is None:
            unpriced.append(payment.id)
        elif payment.loss not in rivals:
            found.append(_paid(payment, payment.counted, back.pop(payment.victim, 0), traced))
    for name, several in rivals.items():
        if known_ := [one for one in several if one.counted is not None]:
            # What each rival says to have had back of it, as far as all of them had it: the rest stays held.
            said = min(back.get(one.victim, 0) for one in known_)
            found.append(_open(name, known_, max(said, open_.get(name, {}).get(asset, 0)), traced))
    found = _set_off(found, back)
    taken |= {payment.loss for payment in payments}
    started = _started(case, asset)
    own = cameback.by_person(came, {loss.id: loss.id for loss in case.settings.losses if loss.id not in taken})
    for loss in case.settings.losses:
        amount = loss.amount if loss.amount is not None else started.get(loss.id)
        if loss.id in taken or not concerns(loss, asset):
            continue
        if amount is None:
            unpriced.append(loss.id)
            continue
        found.append(
            Standing(
                id=loss.id,
                claimant=loss.label or loss.id,
                kind="victim",
                basis="a loss that the case declares",
                claimed=amount,
                amount=amount,
                received=own.get(loss.id, {}).get(asset, 0),
                traced=traced.get(loss.id, 0),
            )
        )
    return found, unpriced


def _rivals(payments: Sequence[known.Payment]) -> dict[str, list[known.Payment]]:
    """Loss -> the payments of several victims who each say that it is theirs."""
    by: dict[str, list[known.Payment]] = {}
    for payment in payments:
        if payment.loss:
            by.setdefault(payment.loss, []).append(payment)
    return {loss: several for loss, several in by.items() if len({one.victim for one in several}) > 1}


def _paid(payment: known.Payment, counted: int, back: int, traced: Mapping[str, int]) -> Standing:
    return Standing(
        id=payment.id,
        claimant=payment.victim,
        kind="victim",
        basis=f"payment {payment.tx}" if payment.tx else "a payment whose transaction is not known",
        claimed=payment.claimed if payment.claimed is not None else counted,
        amount=counted,
        received=back,
        traced=traced.get(payment.loss, 0),
        unshown=payment.shown is None,
    )


def _open(loss: str, several: Sequence[known.Payment], back: int, traced: Mapping[str, int]) -> Standing:
    """One payment that several claim: who owns it changes neither that it was paid once, nor what is traced."""
    most = max(several, key=lambda one: one.counted or 0)
    made = _paid(most, most.counted or 0, back, traced)
    rivals = tuple(dict.fromkeys(one.victim for one in several))
    return replace(made, id=loss, claimant=f"{loss}: whose is open", rivals=rivals)


def _moved(paid: Mapping[str, int], claims: Sequence[Standing]) -> dict[str, int]:
    """What went out before, by claimant; what a rival had beyond other claims was for what is open."""
    found = dict(paid)
    for one in claims:
        for name in one.rivals:
            own = sum(c.amount - c.received for c in claims if c.claimant == name)
            if (over := found.get(name, 0) - max(0, own)) > 0:
                found[name] -= over
                found[one.claimant] = found.get(one.claimant, 0) + over
    return found


def _set_off(found: list[Standing], back: Mapping[str, int]) -> list[Standing]:
    """What came back to a victim is set off also where all that the victim claims was entered as a claim."""
    for name, amount in back.items():
        mine = [n for n, one in enumerate(found) if one.claimant == name]
        if mine and amount > (had := sum(found[n].received for n in mine)):
            first = found[mine[0]]
            found[mine[0]] = replace(first, received=first.received + amount - had)
    return found


def _started(case: Case, asset: str) -> dict[str, int]:
    """What each loss began with in the asset, as the last trace has it; nothing where nothing was traced."""
    if case.files.size("derived/trace/flows.parquet") is None:
        return {}
    flows = derived.read(case, "flows", ["seq", "loss", "event", "amount", "wide"])
    flows = flows.filter(pc.equal(flows.column("event"), "start"))
    moved = derived.read(case, "transfers", ["asset"]).take(flows.column("seq"))
    found: dict[str, int] = {}
    for loss, of, amount in zip(
        flows.column("loss").to_pylist(), moved.column("asset").to_pylist(), amounts.exact(flows), strict=True
    ):
        if of == asset:
            found[loss] = found.get(loss, 0) + amount
    return found


def _traced(case: Case, pool: Pool) -> dict[str, int]:
    """What the declared rule leaves of each loss in the asset at the pool's places; nothing without any."""
    if not pool.at or case.files.size("derived/trace/ends.parquet") is None:
        return {}
    ends = recorded(derived.read(case, "ends"), case.settings.rule)
    ends = ends.filter(pc.equal(ends.column("asset"), pool.asset.id))
    found: dict[str, int] = {}
    chain = pool.asset.chain
    cells = (ends.column(name).to_pylist() for name in ("loss", "address"))
    for loss, address, amount in zip(*cells, amounts.exact(ends), strict=True):
        if f"{chain}:{address}" in pool.at:
            found[loss] = found.get(loss, 0) + amount
    return found


def _said(value: int, asset: Asset) -> str:
    return f"{amounts.decimal(value, asset.decimals)} {asset.symbol}".strip()
