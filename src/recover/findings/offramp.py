"""Off-ramps: what lots carried through an address into a service's wallets or a hub, and on what basis."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import pyarrow as pa

from recover.findings.credits import Credits
from recover.findings.material import NEARLY, Habit, Material, at
from recover.findings.payments import Holding, Paid, Target
from recover.linking.ladder import OPPOSED, tied
from recover.linking.stops import Place, anchor
from recover.sdk import amounts
from recover.sdk.ends import REVERSED
from recover.sdk.plugin import GRADES
from recover.sdk.records import Gap, Grade
from recover.sdk.view import OffRamp

_PLACES = 10
"""So many of the places to which an address paid traced value elsewhere are named, those with most first, and all
that are the service's own.
"""


TABLE = pa.schema(
    [
        *((n, pa.string()) for n in ("service", "service_name", "address", "chain", "asset", "symbol")),
        *((n, pa.string()) for n in ("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest")),
        *((n, pa.int64()) for n in ("decimals", "transfers", "sweeps")),
        ("hot_wallets", pa.list_(pa.string())),
        ("grade", pa.string()),
        ("basis", pa.string()),
        ("first", pa.timestamp("us", tz="UTC")),
        ("last", pa.timestamp("us", tz="UTC")),
        ("transactions", pa.list_(pa.string())),
        ("sweep_transactions", pa.list_(pa.string())),
        ("exhibits", pa.list_(pa.int64())),
        ("by_rule", pa.string()),
        ("by_loss", pa.string()),
        ("reversed_ties", pa.string()),
        ("through", pa.string()),
        ("deposit", pa.bool_()),
        *((n, pa.string()) for n in ("credited", "unswept", "elsewhere", "elsewhere_at", "by_rule_and_loss")),
        *((n, pa.string()) for n in ("fees", "unfollowed")),
        *((n, pa.string()) for n in ("possible", "memo", "account")),
        ("by_memo", pa.bool_()),
        ("by_order", pa.string()),
        *((n, pa.string()) for n in ("by_order_and_loss", "by_rule_and_order")),
    ]
)

_EXACT = (
    *("amount", "arrived", "swept", "whole_in", "passed_on", "at_rest", "reversed_ties"),
    *("credited", "unswept", "elsewhere", "fees", "unfollowed"),
)
_MAPS = ("by_rule", "by_loss", "elsewhere_at")
_NESTED = ("by_rule_and_loss", "by_order", "by_order_and_loss", "by_rule_and_order")


def to_row(ramp: OffRamp) -> dict[str, Any]:
    """As stored: exact amounts as decimal text, maps as canonical JSON."""
    row: dict[str, Any] = {f.name: getattr(ramp, f.name) for f in fields(ramp)}
    for name in _EXACT:
        row[name] = None if row[name] is None else str(row[name])
    for name in _MAPS:
        row[name] = _json({k: str(v) for k, v in row[name].items()})
    for name in _NESTED:
        row[name] = _json({key: {k: str(v) for k, v in found.items()} for key, found in row[name].items()})
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        row[name] = list(row[name])
    return row


def of_row(row: Mapping[str, Any]) -> OffRamp:
    """The inverse of `to_row`."""
    found = {"fees": "0", "by_rule_and_order": "{}", **row}  # a table of before these were told has none
    for name in _EXACT:
        found[name] = None if found[name] is None else int(found[name])
    for name in _MAPS:
        found[name] = {k: int(v) for k, v in json.loads(found[name]).items()}
    for name in _NESTED:
        both = json.loads(found[name])
        found[name] = {key: {k: int(v) for k, v in sums.items()} for key, sums in both.items()}
    for name in ("hot_wallets", "transactions", "sweep_transactions", "exhibits"):
        found[name] = tuple(found[name])
    return OffRamp(**found)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def find(material: Material, disputed: Collection[Holding] = ()) -> list[OffRamp]:
    """One row for each address, asset, and service or hub that lots were carried into, or may still be.

    The second is an address that was credited under the declared rule and pays into that service: its row stands
    also while all of it is unswept. Where exhibits disagree on what left, as in `disputed`, what rests is not
    followed, and nobody says that no exhibit shows it leaving.
    """
    keys = {key for key, sums in material.arrived.items() if any(sums.values())}
    keys |= {*material.orders.arrived, *material.orders.others}
    for holding in material.credits:
        if at(*holding) not in material.targets:
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
    habit = material.habits.get((through, asset, service))
    grade, basis = _tie(material, place, hot, service, habit)
    others = [*(paid.wallets if here else ()), *(habit.wallets if habit is not None else ())]
    for wallet in hot if service else ():
        if other := against(material, (place[0], wallet), asset, service):
            told = other if wallet == through else other.replace("left it", f"left {wallet}", 1)
            grade, basis = _graded(tied(grade, opposed=True)), f"{basis.removesuffix('.')}. But: {told}"
            # The basis names other services, which only the labels of their wallets show.
            onward = (on for (name, of), on in material.onward.items() if at(name, of) == (place[0], wallet))
            others += [wallet for on in onward for one in on.values() for wallet in one.wallets]
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
        exhibits=_exhibits(material, moved, paid, place, (*hot, *others)),
        by_rule={rule: sum(found.values()) for rule, found in by_rule.items()},
        by_loss=by_rule.get(material.rule, {}),
        reversed_ties=by_order.get("amount", {}).get(REVERSED),
        through=through,
        deposit=bool(service) and _called(material, place, habit),
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


def against(material: Material, place: Place, asset: str, service: str) -> str:
    """What speaks against a label that calls an address this service's deposit address: that more of what it paid
    to services in this asset went to others; where it paid none of it, what it paid in other assets.

    Empty where nothing does.
    """
    here = {of: paid for (name, of), paid in material.onward.items() if at(name, of) == place}
    told, kept = [], False
    for of, paid in sorted({asset: here[asset]}.items() if asset in here else here.items()):
        own = sum(one.total for (name, _), one in paid.items() if name == service)
        others = sorted((name, one.total) for (name, _), one in paid.items() if name not in ("", service))
        symbol, decimals = material.assets[of]
        kept = kept or own >= sum(n for _, n in others) > 0 or (own > 0 and not others)
        named = [*others, *([(service, own)] if own else [])] if others else []
        told += [f"{_units(n, decimals)} {symbol or of} went to wallets of {name}" for name, n in named]
        told += [f"none of its {symbol or of} to {service}"] if others and not own else []
    return "of what left it, " + ", ".join(told) if told and not kept else ""


def _units(amount: int, decimals: int | None) -> str:
    return f"{amount} base units of" if decimals is None else amounts.decimal(amount, decimals)


def gaps(material: Material) -> Iterator[Gap]:
    """One for each labelled address of traced value of which something speaks against its label."""
    told: dict[Place, dict[str, None]] = {}
    for address, asset in sorted(material.credits):
        place = at(address, asset)
        service = material.targets.get(place, ("", ""))[0]
        if service and (said := against(material, place, asset, service)):
            told.setdefault(place, {})[said] = None
    for (chain, address), found in told.items():
        service, said = material.targets[chain, address][0], "; ".join(found)
        if service:
            what = "deposit address" if (chain, address) in material.deposit_places else "wallet"
            yield Gap(
                code="label-habit-conflict",
                subject=f"{chain}:{address}",
                why=f"A source calls this a {what} of {service}, and {said}.",
                effect=f"The trace stops there, as at {service}, at grade D at best; whose it is, is open.",
            )


def _possible(material: Material, chain: str, hot: Sequence[str]) -> str:
    """The services that labels of another chain name for these wallets."""
    found = [hint["service"] for one in hot if (hint := material.hints.get((chain, one))) is not None]
    return ", ".join(sorted(set(found)))


def _called(material: Material, place: Place, habit: Habit | None) -> bool:
    """Whether a source calls it a deposit address, or several sweeps took nearly all that left it."""
    label = material.labels.get(place)
    if label is not None:
        return bool(label["role"] == "deposit")
    most = habit is not None and (habit.share_ppm is None or habit.share_ppm >= NEARLY)
    return habit is not None and habit.sweeps > 1 and most


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
    material: Material, moved: pa.Table, paid: Paid, place: Place, hot: Sequence[str]
) -> tuple[int, ...]:
    """Those that show the movements in, or what it paid on, and those that name a wallet which the row, or its
    basis, names."""
    found = {*moved.column("exhibit").to_pylist(), *paid.exhibits}
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
    return "E", hub["note"] if hub else "many addresses send here, and no source names it"


def _labelled(label: Mapping[str, Any]) -> tuple[Grade, str]:
    return label["grade"], f"label {label['label'] or label['service']} by {label['source'] or label['method']}"


def _member(material: Material, wallet: Place, member: Mapping[str, Any]) -> tuple[Grade, str]:
    to = _anchor(material, wallet)
    known = _owned(material, to)[1] if to in material.labels else "see its own assertion"
    said = f"{member['method']} {member['version']}: {member['note']}"
    return member["grade"], f"{said} It leads to {to[1]}: {known}"


def _anchor(material: Material, place: Place) -> Place:
    return anchor(place, {one: (one[0], row["other"]) for one, row in material.members.items()})
