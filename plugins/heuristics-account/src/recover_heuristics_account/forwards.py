"""Deposit addresses by single forwards: what came in goes on to a service, in the same amount and within hours.

F. Victor's rule (2020), by an index on the address instead of a join on rounded amounts, which loses the pairs
that a border of rounding divides. It needs no whole history, and speaks only where there is none: elsewhere
`deposit-address` knows better. Victor also takes everybody who pays into one deposit address for one person. That
is not done here: in a fraud the victims and the receiver pay into the same one.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope, amounts, counts
from recover_heuristics_account.acts import contracts, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.hubs import Field
from recover_heuristics_account.sweeps import Codes, counted, join

# Chains whose coin has 18 decimals, and whose coin pays for the forwarding: the allowance for gas is in that unit.
_WEI = ("eip155:",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement that touches a candidate: `out` to a service's wallet, or in from anybody else."""

    height: int
    seq: int
    amount: int
    other: int
    tx: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """An inflow passed on: blocks between, base units kept back, and the transaction that passed it on."""

    blocks: int
    kept: int
    amount: int
    hot: int
    user: int
    tx: str


class DepositForward:
    """Asserts `deposit-address`: the address passes single payments on to wallets of one service."""

    info = HeuristicInfo(
        id="deposit-forward",
        version="1",
        card=card("deposit-forward"),
        title="Deposit address by single forwards",
        models=("account",),
        asserts=("deposit-address",),
        citation="F. Victor, Address Clustering Heuristics for Ethereum, FC 2020, with the bounds of Tutela (M. "
        "Wu et al., 2022); the index and the grades are rules of this project, not measured",
        fails=(
            "a deposit address at S identifies S's customer, who may itself be a service (broker, swap bot, desk)",
            "a person who passes on exactly what came in looks the same",
            "what else the address did is not seen, for its history is not here",
            "payments that a sweep collects several at once are not seen by this rule",
            "it is no better than the labels behind it: stale, sold and shared hot wallets mislead it",
            "without heights in the exhibits it says nothing",
        ),
        parameters={
            "blocks": (3200, "blocks between arrival and forward at most"),
            "gas": (10**16, "base units of the chain's coin that may stay behind; of a token, nothing may"),
            "forwards": (2, "forwards needed for grade C"),
            "senders": (200, "distinct payers above which the address may be a service's own: grade D at most"),
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion an address and asset, in that order; `other` is the wallet that got most.

        `transactions` are the forwards. `params` as those of `deposit-address`, and `confidence_ppm`: Tutela's, of
        the weakest forward. `swept` and `sweeps` count the forwards that match; `inflow` is what they matched.
        """
        value = {n: scope.parameters.get(n, default) for n, (default, _) in self.info.parameters.items()}
        field = Field.of(ledger)
        whole = covered(field)
        made = []
        for (node, asset), moves in _moves(ledger, field).items():
            chain, address = field.name(node)
            if (node, asset) in whole or (scope.addresses and address not in scope.addresses):
                continue
            slack = value["gas"] if _coin(chain, asset) else 0
            found = list(forwards(*moves, blocks=value["blocks"], gas=slack))
            services = {field.labelled.hot[f.hot].service for f in found}
            if len(services) == 1:
                made.append(_assertion(field, (node, asset), found, value))
        if made:
            yield Batch.of(*sorted(made, key=lambda a: (a.chain, a.address, a.asset or "")))


def _coin(chain: str, asset: str) -> bool:
    return chain.startswith(_WEI) and asset.startswith(f"{chain}/slip44:")


def covered(field: Field) -> set[tuple[int, str]]:
    """(node, asset) of those whose whole history of payments in the asset is here."""
    found, here = field.edges, np.flatnonzero(field.covered)
    return {(int(found.src[e]), found.assets[found.asset[e]]) for e in here}


_Moves = Mapping[tuple[int, str], tuple[list[Move], list[Move]]]


def _moves(ledger: Ledger, field: Field) -> _Moves:
    """(node, asset) -> movements in and to services, in order, of every address that may be a deposit address.

    It pays a labelled hot wallet, is no service's own, is no contract as far as is known, and mined nothing.
    """
    table = ledger.transfers()
    table = table.filter(pc.and_(counted(table), pc.is_valid(table["height"]))).sort_by("seq")
    src, dst = (_nodes(table, field, side) for side in ("src", "dst"))
    hot = np.zeros(len(field.edges.nodes), np.bool_)
    hot[list(field.labelled.hot)] = True
    barred = np.zeros(len(hot), np.bool_)
    barred[[0, *field.labelled.own, *_mined(ledger, field)]] = True
    machines = contracts(ledger)
    payers = {int(n) for n in np.unique(src[hot[dst] & ~barred[src]])}
    payers = {n for n in payers if (field.name(n)[0], plain(field.name(n)[1])) not in machines}
    may = np.zeros(len(hot), np.bool_)
    may[list(payers)] = True
    use = (may[src] & hot[dst]) | (may[dst] & ~hot[src] & (src > 0))
    part = table.filter(pa.array(use))
    found: dict[tuple[int, str], tuple[list[Move], list[Move]]] = {}
    columns = (part[name].to_pylist() for name in ("height", "seq", "asset", "tx"))
    for height, seq, asset, tx, one, two, amount in zip(
        *columns, src[use].tolist(), dst[use].tolist(), amounts.exact(part), strict=True
    ):
        if one in payers and hot[two]:
            move = Move(height=height, seq=seq, amount=amount, other=two, tx=tx)
            found.setdefault((one, asset), ([], []))[1].append(move)
        if two in payers:
            move = Move(height=height, seq=seq, amount=amount, other=one, tx=tx)
            found.setdefault((two, asset), ([], []))[0].append(move)
    return {key: moves for key, moves in sorted(found.items()) if all(moves)}


def _nodes(table: pa.Table, field: Field, side: str) -> Codes:
    found = pc.index_in(pc.fill_null(join(table["chain"], table[side]), ""), field.edges.nodes)
    codes: Codes = found.combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _mined(ledger: Ledger, field: Field) -> list[int]:
    """Who was given newly made coins: no customer of anybody."""
    table = ledger.transfers()
    made = table.filter(pc.equal(table["kind"], "reward"))
    return [n for n in _nodes(made, field, "dst").tolist() if n > 0] if made.num_rows else []


def forwards(came: list[Move], went: list[Move], *, blocks: int, gas: int) -> Iterator[Forward]:
    """Each movement to a service with an earlier inflow of `amount` to `amount + gas`, at most `blocks` before.

    Of several inflows that fit, the least; an inflow serves one forward. Both lists in order of `seq`.
    """
    waiting: list[tuple[int, int, Move]] = []
    arrived = expired = 0
    for out in went:
        while arrived < len(came) and came[arrived].seq < out.seq:
            insort(waiting, (came[arrived].amount, came[arrived].seq, came[arrived]), key=lambda w: w[:2])
            arrived += 1
        while expired < arrived and out.height - came[expired].height > blocks:
            _drop(waiting, came[expired])
            expired += 1
        at = bisect_left(waiting, (out.amount, -1), key=lambda w: w[:2])
        if at < len(waiting) and waiting[at][0] <= out.amount + gas:
            into = waiting.pop(at)[2]
            yield Forward(
                blocks=out.height - into.height,
                kept=into.amount - out.amount,
                amount=out.amount,
                hot=out.other,
                user=into.other,
                tx=out.tx,
            )


def _drop(waiting: list[tuple[int, int, Move]], move: Move) -> None:
    at = bisect_left(waiting, (move.amount, move.seq), key=lambda w: w[:2])
    if at < len(waiting) and waiting[at][:2] == (move.amount, move.seq):
        del waiting[at]


def confidence(forward: Forward, *, blocks: int, gas: int) -> int:
    """Tutela's confidence in parts per million, rounded down: the mean of how near in time and in amount."""
    near = (blocks - forward.blocks) * 10**6 * gas + (gas - forward.kept) * 10**6 * blocks
    return near // (2 * blocks * gas)


def _assertion(field: Field, key: tuple[int, str], found: list[Forward], value: Mapping[str, int]) -> Assertion:
    node, asset = key
    by_hot: dict[int, int] = {}
    for f in found:
        by_hot[f.hot] = by_hot.get(f.hot, 0) + f.amount
    largest = sorted(by_hot, key=lambda hot: (-by_hot[hot], field.name(hot)))
    wallet = max((field.labelled.hot[hot] for hot in largest), key=lambda w: w.grade)
    users = {f.user for f in found}
    grade, reasons = _graded(wallet.grade, len(found), len(users), value)
    if wallet.contested:
        grade, reasons = max(grade, "D"), [*reasons, f"Weaker labels say {', '.join(wallet.contested)}."]
    chain, address = field.name(node)
    swept = sum(f.amount for f in found)
    params = {
        "confidence_ppm": min(confidence(f, blocks=value["blocks"], gas=value["gas"]) for f in found),
        "hot_wallets": [field.name(hot)[1] for hot in largest],
        "inflow": str(swept + sum(f.kept for f in found)),
        "senders": len(users),
        "sweeps": len(found),
        "swept": str(swept),
    }
    came = counts.counted(len(found), "payment")
    said = f"{came} to it went on to wallets labelled {wallet.service}, in the same amount, in time."
    return Assertion(
        kind="deposit-address",
        chain=chain,
        address=address,
        grade=grade,
        method=DepositForward.info.id,
        version=DepositForward.info.version,
        service=wallet.service,
        source="recover",
        other=field.name(largest[0])[1],
        asset=asset,
        transactions=tuple(dict.fromkeys(f.tx for f in found)),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=" ".join([said, *reasons]),
    )


def _graded(behind: str, count: int, users: int, value: Mapping[str, int]) -> tuple[Grade, list[str]]:
    """The ladder: C needs a strong label and more than one forward."""
    reasons = []
    if behind > "B":
        reasons.append(f"The label behind it has grade {behind}, so the inference cannot be better than D.")
    if count < value["forwards"]:
        reasons.append(f"Fewer than {value['forwards']} forwards.")
    if users > value["senders"]:
        reasons.append(f"{users} distinct payers: it may be an account of a nested service.")
    grade: Grade = "E" if behind == "E" else "D" if reasons else "C"
    return grade, reasons
