"""Off-ramps: what lots carried through an address into a service's wallets or a hub, and on what basis."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.findings.credits import Credits
from recover.findings.material import Habit, Material, at
from recover.findings.opposing import against
from recover.findings.payments import Holding, Paid, Target
from recover.linking.ladder import OPPOSED, tied
from recover.linking.stops import Place, anchor
from recover.sdk.ends import REVERSED
from recover.sdk.plugin import GRADES
from recover.sdk.records import Grade
from recover.sdk.view import OffRamp

_PLACES = 10
"""So many of the places to which an address paid traced value elsewhere are named, those with most first, and all
that are the service's own.
"""


def find(material: Material, disputed: Collection[Holding] = ()) -> list[OffRamp]:
    """One row for each address, asset, and service or hub that lots were carried into, or may still be.

    The second is an address that was credited under the declared rule and pays into that service: its row stands
    also while all of it is unswept. Where exhibits disagree on what left, as in `disputed`, what rests is not
    followed, and nobody says that no exhibit shows it leaving.
    """
    keys = {key for key, sums in material.arrived.items() if any(sums.values())}
    keys |= {*material.orders.arrived, *material.orders.others}
    for holding, came in material.credits.items():
        # What came back to whom its loss was paid from is on no way to a service that it pays.
        back = set(came.by_loss) <= set(material.payers.get(at(*holding), ()))
        if at(*holding) not in material.targets and not back:
            keys.update((holding, target, None) for target in _swept_to(material, holding))
    unswept, lost, fees = material.left("rest"), material.left("uncollected", "open"), material.fees()
    for place in disputed:
        lost[place] = lost.get(place, 0) + unswept.pop(place, 0)
    ordered = sorted(keys, key=lambda key: (*key[:2], key[2] or ""))
    rows = [
        _row(
            material,
            holding,
            target,
            _Left(rest=unswept.get(holding, 0), lost=lost.get(holding, 0), fees=fees.get(holding, 0)),
            disputed=holding in disputed,
        )
        if memo is None
        else _deposit(material, holding, target, memo)
        for holding, target, memo in ordered
    ]
    return sorted(rows, key=lambda r: (r.service is None, r.service or "", -r.amount, r.place))


def _swept_to(material: Material, holding: Holding) -> Iterator[Target]:
    """The services and hubs that an address paid into, but where a memo says whose a deposit is."""
    for target, paid in material.payments.get(holding, {}).items():
        if not all(at(wallet, holding[1]) in material.memos for wallet in paid.wallets):
            yield target


def _deposit(material: Material, holding: Holding, target: Target, memo: str) -> OffRamp:
    """What was deposited at a service's own wallet under one memo: one customer's, whoever paid it in."""
    came = material.deposits.get((holding, memo)) or Credits()
    made = _row(material, holding, target, _Left(), memo=memo, came=came)
    accounts = set(material.transfers.column("dst_account").take(pa.array(came.seqs, pa.int64())).to_pylist())
    return replace(made, by_memo=True, memo=memo, account=(accounts.pop() or "") if len(accounts) == 1 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """What went from an address to nobody: it rests there, is not followed, or was paid as fees."""

    rest: int = 0
    lost: int = 0
    fees: int = 0


def _row(
    material: Material,
    holding: Holding,
    target: Target,
    left: _Left,
    *,
    memo: str | None = None,
    came: Credits | None = None,
    disputed: bool = False,
) -> OffRamp:
    through, asset = holding
    service, _ = target
    place = at(through, asset)
    here = place in material.targets
    sums = material.arrived.get((holding, target, memo), {})
    # What a source calls a deposit address was credited by whoever paid it; other wallets of a service only where
    # a loss begins there.
    own = came is None and here and place not in material.deposit_places
    came = came or material.credits.get(holding) or Credits()
    seqs, credits = (came.began, came.began_by_loss) if own else (came.seqs, came.by_loss)
    losses = sorted({loss for _, loss in sums} | set(credits), key=lambda loss: (len(loss), loss))
    by_rule = {rule: {loss: sums.get((rule, loss), 0) for loss in losses} for rule in material.ran}
    amount = sum(by_rule.get(material.rule, {}).values())
    credited = sum(credits.values())
    moved = material.transfers.take(pa.array(seqs, pa.int64()))
    times = [t for t in moved.column("time").to_pylist() if t is not None]
    symbol, decimals = material.assets[asset]
    # A trace stops at a deposit address, and what it paid on to its service is shown all the same.
    shown = material.onward if place in material.deposit_places else material.payments
    paid = shown.get(holding, {}).get(target) or Paid()
    hot = (through,) if here else paid.hot
    habit = _habit(material, place, asset, service)
    grade, basis = _tie(material, place, hot, service, habit)
    others = [*(paid.wallets if here else ()), *(habit.wallets if habit is not None else ())]
    for wallet in hot if service else ():
        if other := against(material, (place[0], wallet), asset, service):
            told = other if wallet == through else other.replace("left it", f"left {wallet}", 1)
            grade, basis = _graded(tied(grade, opposed=True)), f"{basis.removesuffix('.')}. But: {told}"
            # The basis names other services, which only the labels of their wallets show.
            onward = (on for (name, of), on in material.onward.items() if at(name, of) == (place[0], wallet))
            others += [wallet for on in onward for one in on.values() for wallet in one.wallets]
    called = bool(service) and _called(material, place, habit)
    rivals = material.rivals(place, service) if habit is not None and place not in material.labels else ()
    if rivals:
        name, known = material.habit(place)
        called = called and name == service
        grade = _graded(max(grade, known if name == service else OPPOSED))
        basis = f"{basis.removesuffix('.')}. But: {'; '.join(one.basis.removesuffix('.') for one in rivals)}"
        others += [wallet for one in rivals for wallet in one.wallets]
    labels = (material.labels.get((place[0], wallet)) for wallet in hot)
    for ended in dict.fromkeys(label["ended"] for label in labels if label and label["ended"]):
        basis = f"{basis.removesuffix('.')}. Of a label that it rests on, {ended}"
    left = _Left() if here else left
    base = {
        "amount": amount,
        "credited": credited,
        "unswept": left.rest,
        "elsewhere": 0 if here else credited - amount - left.rest - left.lost - left.fees,
        "fees": left.fees,
        "unfollowed": left.lost,
    }
    by_order = material.orders.row(holding, target, memo, base, not here)
    if disputed:
        by_order = {name: sums for name, sums in by_order.items() if name not in ("unswept", "unfollowed")}
    return OffRamp(
        service=service or None,
        service_name=service,
        address=through,
        chain=material.chains[asset],
        asset=asset,
        decimals=decimals,
        symbol=symbol,
        amount=amount,
        arrived=credited,
        swept=paid.total,
        whole_in=None,
        passed_on=None,
        at_rest=None,
        transfers=len(seqs),
        sweeps=len(paid.transactions),
        hot_wallets=hot,
        grade=grade,
        basis=basis,
        first=min(times, default=None),
        last=max(times, default=None),
        transactions=tuple(dict.fromkeys(moved.column("tx").to_pylist())),
        sweep_transactions=tuple(dict.fromkeys(paid.transactions)),
        exhibits=_exhibits(material, moved, paid, place, (*hot, *others), (*rivals, *((habit,) if habit else ()))),
        by_rule={rule: sum(found.values()) for rule, found in by_rule.items()},
        by_loss=by_rule.get(material.rule, {}),
        reversed_ties=by_order.get("amount", {}).get(REVERSED),
        through=through,
        deposit=called,
        credited=credited,
        unswept=base["unswept"],
        elsewhere=base["elsewhere"],
        fees=base["fees"],
        unfollowed=base["unfollowed"],
        elsewhere_at={} if here else _elsewhere(material, came, place, target),
        by_rule_and_loss=by_rule,
        possible="" if service else _possible(material, place[0], hot),
        by_order=by_order,
        by_order_and_loss=material.orders.losses(holding, target, memo, by_rule.get(material.rule, {})),
        by_rule_and_order=material.orders.ruled(holding, target, memo, by_rule),
    )


def _possible(material: Material, chain: str, hot: Sequence[str]) -> str:
    """The services that labels of another chain name for these wallets."""
    found = [hint["service"] for one in hot if (hint := material.hints.get((chain, one))) is not None]
    return ", ".join(sorted(set(found)))


def _habit(material: Material, place: Place, asset: str, service: str) -> Habit | None:
    """What an address's habit says of it: that in this asset or, where that speaks for the same and is too little
    by itself, the surest in another. An address is one service's in every asset."""
    own = material.habits.get((place[1], asset, service))
    if own is None or own.suffices or not own.nearly:
        return own
    return material.settled.get((place, service), own)


def _called(material: Material, place: Place, habit: Habit | None) -> bool:
    """Whether a source calls it a deposit address, or several sweeps took nearly all that left it."""
    label = material.labels.get(place)
    if label is not None:
        return bool(label["role"] == "deposit")
    return habit is not None and habit.suffices


def _elsewhere(material: Material, came: Credits, place: Place, target: Target) -> dict[str, int]:
    others = {
        name: n
        for name, n in came.paid.items()
        if material.targets.get((place[0], name)) != target or (place[0], name) in material.deposit_places
    }
    ordered = sorted(others, key=lambda n: (-others[n], n))
    # Those of the service itself, all of them: no sum may call them somebody else's.
    own = [name for name in ordered[_PLACES:] if target[0] and material.targets.get((place[0], name)) == target]
    return {name: others[name] for name in (*ordered[:_PLACES], *own)}


def _exhibits(
    material: Material, moved: pa.Table, paid: Paid, place: Place, hot: Sequence[str], rivals: Sequence[Habit]
) -> tuple[int, ...]:
    """Those that show the movements in, what it paid on, or what its other habits rest on, and those that name a
    wallet which the row, or its basis, names."""
    found = {*moved.column("exhibit").to_pylist(), *paid.exhibits}
    if rivals:
        txs = pa.array([tx for one in rivals for tx in one.transactions], pa.string())
        shown = material.transfers.filter(pc.is_in(material.transfers.column("tx"), value_set=txs))
        found.update(shown.column("exhibit").to_pylist())
    for one in (place, *((place[0], wallet) for wallet in hot)):
        found.update(material.exhibits_of.get(one, ()))
        found.update(material.exhibits_of.get(_anchor(material, one), ()))
    return tuple(sorted(found))


def _tie(
    material: Material, place: Place, hot: Sequence[str], service: str, habit: Habit | None
) -> tuple[Grade, str]:
    """What ties an address to a service, all of it: labels, a cluster, and the habit of its sweeps."""
    label, member = material.labels.get(place), material.members.get(place)
    mine = [row for row in (label, member) if row is not None and service and row["service"] == service]
    if habit is not None and not mine:
        return habit.grade, habit.basis
    if not mine:
        return _ground(material, place, hot)
    said = [_member(material, place, row) if row is member else _labelled(row) for row in mine]
    said += [(habit.grade, habit.basis)] if habit is not None else []
    if len(said) == 1:
        return said[0]
    named = mine[0] is label
    stood = said[0][0] if named else ""
    shown = [grade for grade, _ in said[named:]]
    grade = tied(stood, shown, lowered=named and mine[0]["lowered"])
    return _graded(grade), "; ".join(f"{why.removesuffix('.')} (grade {grade})" for grade, why in said)


def _graded(grade: str) -> Grade:
    return next(one for one in GRADES if one == grade)


def _ground(material: Material, place: Place, hot: Sequence[str]) -> tuple[Grade, str]:
    """On what it rests that the wallets paid are the service's: the weakest of their labels."""
    found = [_owned(material, (place[0], wallet)) for wallet in hot]
    grade: Grade = max((grade for grade, _ in found), default="E")
    why = found[0][1] if found else "no wallet of it is paid here"
    if place[1] in hot:
        return grade, why
    # A payment ties no address to the service that it pays: at best as much as the habit of a single sweep does.
    paid = f"it paid {hot[0] if hot else 'nothing'}: {why}"
    return max(grade, _graded(OPPOSED)), f"{paid} (grade {grade})" if found else paid


def _owned(material: Material, wallet: Place) -> tuple[Grade, str]:
    label = material.labels.get(wallet)
    if label is not None:
        return _labelled(label)
    member = material.members.get(wallet)
    if member is not None:
        return _member(material, wallet, member)
    hub, hint = material.hubs.get(wallet), material.hints.get(wallet)
    if hint is not None:
        # What a label of another chain says is neither a name nor nothing, and this wallet need be no hub.
        grade: Grade = hint["grade"]
        return grade, f"possible service, not named here: {hint['service']}. {hint['note']}"
    return "E", hub["note"] if hub else "no source names it"


def _labelled(label: Mapping[str, Any]) -> tuple[Grade, str]:
    return label["grade"], f"label {label['label'] or label['service']} by {label['source'] or label['method']}"


def _member(material: Material, wallet: Place, member: Mapping[str, Any]) -> tuple[Grade, str]:
    to = _anchor(material, wallet)
    known = _owned(material, to)[1] if to in material.labels else "see its own assertion"
    said = f"{member['method']} {member['version']}: {member['note']}"
    return member["grade"], f"{said} It leads to {to[1]}: {known}"


def _anchor(material: Material, place: Place) -> Place:
    return anchor(place, {one: (one[0], row["other"]) for one, row in material.members.items()})
