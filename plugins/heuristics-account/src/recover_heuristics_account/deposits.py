"""Deposit addresses: an address that passes what it gets on to the wallets of one service.

The rule is Victor's (2020), read on whole histories instead of single forwards; the grades are steps P4, P5 and
P8 of the evidence ladder. It says which service to ask, never who the customer is: the customer may be a service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover.sdk.counts import counted
from recover_heuristics_account.cards import card
from recover_heuristics_account.hubs import PARAMETERS, Field, Limits, hubs
from recover_heuristics_account.sweeps import Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The parameters in force beside those of hubs."""

    share: int
    second: int
    sweeps: int
    senders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one address passed on in one asset to one service ("" for a hub): edge numbers and sums."""

    service: str
    edges: tuple[int, ...]
    swept: int
    sweeps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One address in one asset: its outflow, inflow and number of senders."""

    group: int
    outflow: int
    inflow: int
    senders: int


class DepositAddress:
    """Asserts `deposit-address`: the address sweeps to wallets of one service, or to an unlabelled hub."""

    info = HeuristicInfo(
        id="deposit-address",
        version="1",
        title="Deposit address by sweeps",
        models=("account",),
        asserts=("deposit-address",),
        citation="F. Victor, Address Clustering Heuristics for Ethereum, FC 2020; the form over whole histories "
        "and the grades are rules of this project",
        fails=(
            "a deposit address at S identifies S's customer, who may itself be a service (broker, swap bot, desk)",
            "a customer's own wallet that only ever pays into one service looks the same",
            "instant-swap services give fresh addresses that forward to an exchange",
            "it is no better than the labels behind it: stale, sold and shared hot wallets mislead it",
            "that each sweep takes the full balance is not tested, only that nearly all outflow goes there",
            "an incomplete history can hide other destinations",
        ),
        parameters={
            **PARAMETERS,
            "second": (5, "percent of the outflow that any other labelled service may hold at most"),
            "sweeps": (2, "transfers to the service's wallets needed for grade C"),
            "senders": (200, "distinct senders above which the address may be a service's own: grade D at most"),
        },
        card=card("deposit-address"),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion per (address, asset, service) and per (address, asset, hub), in that order.

        `other` is the wallet with the largest part, `service` its service ("" for a hub), `transactions` every
        sweep. `params`: {"hot_wallets": [addresses, largest first], "inflow": text, "outflow": text,
        "senders": n, "share_ppm": n, "sweeps": n, "swept": text}; amounts are base units as text.
        """
        field, terms = Field.of(ledger), _terms(scope)
        hub = hubs(field, Limits.of(scope))
        made = [a for account in _accounts(field, hub, scope) for a in _judge(field, account, hub, terms)]
        if made:
            yield Batch.of(*sorted(made, key=_place))


def _terms(scope: Scope) -> Terms:
    value = {n: scope.parameters.get(n, default) for n, (default, _) in DepositAddress.info.parameters.items()}
    return Terms(**{name: value[name] for name in Terms.__slots__})


def served(field: Field, scope: Scope, alone: bool = False) -> Iterator[tuple[int, str]]:
    """(node, service) of each address that the rule takes for a deposit address of a named service; `alone` where
    the service itself, without hubs that nobody names, has the share that the rule asks for."""
    terms, hub = _terms(scope), hubs(field, Limits.of(scope))
    for account in _accounts(field, hub, scope):
        service, _ = _receivers(field, account, hub, terms)
        if service is not None and not (alone and service.swept * 100 < account.outflow * terms.share):
            yield _holder(field, account.group), service.service


def _place(a: Assertion) -> tuple[str, str, str, bool, str, str]:
    return a.chain, a.address, a.asset or "", not a.service, a.service, a.other or ""


def _accounts(field: Field, hub: Mask, scope: Scope) -> Iterator[Account]:
    """Covered addresses that pay a hot wallet or hub, and are no service's own; with their inflow."""
    found, groups = field.edges, field.outflows
    target = hub.copy()
    target[list(field.labelled.hot)] = True
    own = np.zeros(len(hub), np.bool_)
    own[list(field.labelled.own)] = True
    use = field.covered & target[found.dst] & ~own[found.src]
    chosen = [int(g) for g in np.unique(groups.of[use])]
    chosen = [g for g in chosen if not scope.addresses or field.name(_holder(field, g))[1] in scope.addresses]
    order = np.lexsort((found.asset, found.dst)).astype(np.int64)
    keys = found.dst[order] * len(found.assets) + found.asset[order]
    for group in chosen:
        e = groups.first[group]
        key = found.src[e] * len(found.assets) + found.asset[e]
        into = order[np.searchsorted(keys, key, "left") : np.searchsorted(keys, key, "right")]
        yield Account(
            group=group,
            outflow=groups.total[group],
            inflow=sum(found.value[into]),
            senders=int(np.count_nonzero(found.src[into])),
        )


def _holder(field: Field, group: int) -> int:
    return int(field.edges.src[field.outflows.first[group]])


def _sweeps(field: Field, group: int, hub: Mask) -> tuple[list[Sweep], list[Sweep]]:
    """(to services, to hubs), each largest first."""
    found, first = field.edges, field.outflows.first
    services: dict[str, list[int]] = {}
    to_hubs: list[Sweep] = []
    for e in range(first[group], first[group + 1]):
        wallet = field.labelled.hot.get(int(found.dst[e]))
        if wallet is not None:
            services.setdefault(wallet.service, []).append(e)
        elif hub[found.dst[e]]:
            to_hubs.append(_sweep(field, "", [e]))
    named = [_sweep(field, service, chosen) for service, chosen in services.items()]
    return sorted(named, key=lambda s: (-s.swept, s.service)), to_hubs


def _sweep(field: Field, service: str, chosen: list[int]) -> Sweep:
    found = field.edges
    ordered = sorted(chosen, key=lambda e: (-found.value[e], field.name(int(found.dst[e]))))
    swept = sum(found.value[e] for e in chosen)
    count = sum(int(found.count[e]) for e in chosen)
    return Sweep(service=service, edges=tuple(ordered), swept=swept, sweeps=count)


def _receivers(field: Field, account: Account, hub: Mask, terms: Terms) -> tuple[Sweep | None, list[Sweep]]:
    """The service that an account sweeps to, and the hubs; neither where the rule says nothing of it."""
    named, to_hubs = _sweeps(field, account.group, hub)
    first = named[0].swept if named else 0
    if (first + sum(s.swept for s in to_hubs)) * 100 < account.outflow * terms.share:
        return None, []
    if len(named) > 1 and named[1].swept * 100 > account.outflow * terms.second:
        return None, []
    # What a second service may hold without a word is too little to name the first one by.
    plain = bool(named) and first * 100 > account.outflow * terms.second
    return named[0] if plain else None, to_hubs


def _judge(field: Field, account: Account, hub: Mask, terms: Terms) -> Iterator[Assertion]:
    service, to_hubs = _receivers(field, account, hub, terms)
    if service is not None:
        grade, reasons = _graded(field, account, service, terms)
        yield _assertion(field, account, service, grade, reasons)
    for sweep in to_hubs:
        yield _assertion(field, account, sweep, "E", ["No label names the hub, so no service is named."])


def _graded(field: Field, account: Account, sweep: Sweep, terms: Terms) -> tuple[Grade, list[str]]:
    """The ladder: C needs strong labels behind the whole share, and more than one sweep."""
    behind, count = _behind(field, account, sweep, terms)
    reasons = []
    if sweep.swept * 100 < account.outflow * terms.share:
        reasons.append("Unlabelled hubs take the rest of its outflow.")
    if behind > "B":
        reasons.append(f"The label behind it has grade {behind}, so the inference cannot be better than D.")
    if count < terms.sweeps:
        reasons.append(f"Fewer than {terms.sweeps} sweeps.")
    if account.senders > terms.senders:
        reasons.append(f"{account.senders} distinct senders: it may be an account of a nested service.")
    contested = sorted({s for e in sweep.edges for s in field.labelled.hot[int(field.edges.dst[e])].contested})
    if contested:
        reasons.append(f"Weaker labels give a wallet to {', '.join(contested)}.")
    grade: Grade = "E" if behind == "E" else "D" if reasons else "C"
    return grade, reasons


def _behind(field: Field, account: Account, sweep: Sweep, terms: Terms) -> tuple[str, int]:
    """The weakest label grade that the share needs, taking the best labels first, and the sweeps under it."""
    parts: dict[str, list[int]] = {}
    for e in sweep.edges:
        parts.setdefault(field.labelled.hot[int(field.edges.dst[e])].grade, []).append(e)
    value = count = 0
    grade = "E"
    for grade in sorted(parts):
        value += sum(field.edges.value[e] for e in parts[grade])
        count += sum(int(field.edges.count[e]) for e in parts[grade])
        if value * 100 >= min(account.outflow * terms.share, sweep.swept * 100):
            break
    return grade, count


def _assertion(field: Field, account: Account, sweep: Sweep, grade: Grade, reasons: list[str]) -> Assertion:
    found = field.edges
    chain, address = field.name(_holder(field, account.group))
    hot = [field.name(int(found.dst[e]))[1] for e in sweep.edges]
    ppm = sweep.swept * 1_000_000 // account.outflow
    params = {
        "hot_wallets": hot,
        "inflow": str(account.inflow),
        "outflow": str(account.outflow),
        "senders": account.senders,
        "share_ppm": ppm,
        "sweeps": sweep.sweeps,
        "swept": str(sweep.swept),
    }
    target = f"wallets labelled {sweep.service}" if sweep.service else "an unlabelled hub"
    said = f"{ppm // 10_000}.{ppm // 100 % 100:02d}% of its outflow in this asset went to {target} "
    said += f"in {counted(sweep.sweeps, 'transfer')}."
    return Assertion(
        kind="deposit-address",
        chain=chain,
        address=address,
        grade=grade,
        method=DepositAddress.info.id,
        version=DepositAddress.info.version,
        service=sweep.service,
        source="recover",
        other=hot[0],
        asset=found.assets[int(found.asset[field.outflows.first[account.group]])],
        transactions=found.transactions(sweep.edges),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=" ".join([said, *reasons]),
    )
