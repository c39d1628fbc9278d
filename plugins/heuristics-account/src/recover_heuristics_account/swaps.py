"""Swaps inside one transaction: the one who sent it ends with one asset less and one asset more.

Read from what moved, whoever the pools and routers between are. Everything else stays unexplained: two assets out,
two in, somebody else's value in it. A refusal stops a trace; a wrong guess would lead it astray.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import Act, acts, contract, inferred, keys, people, plain, same
from recover_heuristics_account.cards import card


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`who` gave `sold` of `asset`, and `to` got `bought` of `into`; base units. `doubt` lowers the grade."""

    who: str
    to: str
    asset: str
    sold: int
    into: str
    bought: int
    doubt: int = 0


class Swap:
    """Asserts `swap` for the sender of a transaction that gave one asset and brought one other."""

    info = HeuristicInfo(
        id="one-transaction-swap",
        version="1",
        title="Swap inside one transaction",
        models=("account",),
        asserts=("swap",),
        citation="The refusal is that of GraphSense's extraction of flows: one asset out and one in for the "
        "sender, or nothing; the rest are rules of this project",
        fails=(
            "a sender who trades for somebody else outside the chain looks like one who trades for himself",
            "where the exhibits show a part of a transaction, what they do not show may be a second asset",
            "two people who meet in one transaction by arrangement look like a trader and a pool",
            "swaps settled by another sender (intents, solvers) and swaps over several transactions are not seen",
            "a worthless asset bought for a good one is a swap to this rule",
        ),
        card=card("one-transaction-swap"),
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a transaction and its sender, in order of the ledger.

        `asset` was sold; `other` is who got what was bought where it is not the sender, else None. `params`:
        {"bought": text, "into": asset, "sold": text} in base units. `note` is "wrap" or "unwrap" where the chain's
        coin changed into its own wrapped form one for one. Grade B where the exhibits show the whole transaction,
        C where a part; one lower where another address got what was bought, or where the part shown does not tie
        who got the one asset to who gave the other.
        """
        persons, shared = people(ledger), _shared(ledger)
        made = []
        for act in acts(ledger, _several(ledger.transfers())):
            found = exchange(act, persons, shared.get((act.chain, act.tx), frozenset()))
            if found is not None and (not scope.addresses or found.who in scope.addresses):
                made.append(_assertion(act, found))
        if made:
            yield Batch.of(*made)


def _several(moved: pa.Table) -> pa.ChunkedArray:
    """The transactions that move at least two assets, fees aside."""
    part = moved.select(["chain", "tx", "asset"]).filter(pc.not_equal(moved["kind"], "fee"))
    chain, tx, asset = (
        pc.dictionary_encode(part[n].combine_chunks()).indices.to_numpy() for n in part.column_names
    )
    # By number: a column of texts would be hashed three times.
    place = chain.astype(np.int64) * (int(tx.max(initial=0)) + 1) + tx
    order = np.argsort(place, kind="stable")
    place, asset = place[order], asset[order]
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    if not len(starts):
        return keys(part)
    several = np.maximum.reduceat(asset, starts) != np.minimum.reduceat(asset, starts)
    return keys(part.take(pa.array(order[starts[several]])))


def _shared(ledger: Ledger) -> dict[tuple[str, str], frozenset[str]]:
    """(chain, transaction) -> whose approvals were used in it.

    A spending that is only inferred from a log may be a pool's own payment; it counts where its owner is seen to
    give approvals, which pools do not.
    """
    rows = ledger.events().select(["kind", "chain", "tx", "address", "facts"]).to_pylist()
    givers = {(r["chain"], r["address"]) for r in rows if r["kind"] in ("approve", "permit")}
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        used = row["kind"] == "spend" and (not inferred(row) or (row["chain"], row["address"]) in givers)
        if used or row["kind"] == "permit":
            found.setdefault((row["chain"], row["tx"]), set()).add(row["address"])
    return {key: frozenset(names) for key, names in found.items()}


def exchange(act: Act, persons: set[tuple[str, str]], approvers: frozenset[str]) -> Exchange | None:
    """The swap of one transaction, or None: also where it acts for anybody but its sender.

    `persons` are known to be no contracts: one of them on the other side is a party to an intent, not a pool.
    """
    nets = act.nets()
    who = act.sender or _only_payer(nets)
    gave = {name for name, held in nets.items() if min(held.values()) < 0}
    if who is None or any(not same(name, who) for name in approvers & gave):
        return None
    own = nets.get(who, {})
    lost, won = [a for a, v in own.items() if v < 0], [a for a, v in own.items() if v > 0]
    if len(lost) != 1 or len(won) > 1:
        return None
    machines = {contract(asset) for held in nets.values() for asset in held}
    others = {n: h for n, h in nets.items() if n != who and plain(n) not in machines}
    if any(_gave_and_got(h) and (act.chain, plain(n)) in persons for n, h in others.items()):
        return None
    loose = any(all(v < 0 for v in held.values()) for held in others.values())
    if loose and (act.whole or not won):
        return None  # somebody who got nothing paid too: a loan or a gift, no pool
    asset, doubt = lost[0], int(not act.whole) + loose
    if won:
        into = won[0]
        return Exchange(who=who, to=who, asset=asset, sold=-own[asset], into=into, bought=own[into], doubt=doubt)
    return _for_another(who, asset, -own[asset], others, doubt + 1)


def _only_payer(nets: dict[str, dict[str, int]]) -> str | None:
    """The one address that lost anything; None where several did."""
    paid = [name for name, held in nets.items() if any(v < 0 for v in held.values())]
    return paid[0] if len(paid) == 1 else None


def _gave_and_got(held: dict[str, int]) -> bool:
    return min(held.values()) < 0 < max(held.values())


def _for_another(
    who: str, asset: str, sold: int, others: dict[str, dict[str, int]], doubt: int
) -> Exchange | None:
    """The swap whose yield was sent elsewhere: somebody traded, and one address alone got one other asset."""
    if not any(_gave_and_got(held) and held.get(asset, 0) > 0 for held in others.values()):
        return None
    got = [
        (n, a, v) for n, held in others.items() if not _gave_and_got(held) for a, v in held.items() if a != asset
    ]
    if len(got) != 1:
        return None
    to, into, bought = got[0]
    return Exchange(who=who, to=to, asset=asset, sold=sold, into=into, bought=bought, doubt=doubt)


def _wrapping(act: Act, e: Exchange) -> str:
    """ "wrap" or "unwrap" where the coin went to the token's own contract, or came from it, one for one."""
    token = contract(e.into) or contract(e.asset)
    if e.sold != e.bought or (contract(e.into) is None) == (contract(e.asset) is None):
        return ""
    coin, wrap = (e.asset, True) if contract(e.asset) is None else (e.into, False)
    for move in act.moves:
        party = move.dst if wrap else move.src
        if move.asset == coin and move.amount == e.sold and party is not None and plain(party) == token:
            return "wrap" if wrap else "unwrap"
    return ""


def _assertion(act: Act, e: Exchange) -> Assertion:
    grades: tuple[Grade, ...] = ("B", "C", "D")
    params = {"bought": str(e.bought), "into": e.into, "sold": str(e.sold)}
    return Assertion(
        kind="swap",
        chain=act.chain,
        address=e.who,
        grade=grades[min(e.doubt, 2)],
        method=Swap.info.id,
        version=Swap.info.version,
        source="recover",
        other=None if e.to == e.who else e.to,
        asset=e.asset,
        transactions=(act.tx,),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note=_wrapping(act, e),
    )
