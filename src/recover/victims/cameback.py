"""What came back on the chain: traced value that was paid to a wallet out of which a declared loss was paid.

Whose value it was before is nobody's question here: who was paid out of the fraud was paid by it. It is set off
against what that person claims, as what a victim says to have had back is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.ledger import paying
from recover.sdk import amounts

Losses = tuple[str, ...]
"""The declared losses that were paid out of one wallet."""


def wallets(case: Case) -> Mapping[str, Losses]:
    """CAIP-10 of every address that paid a declared loss, with the losses; no address of a service is one."""
    if not derived.here(case, "derived/trace/flows.parquet"):
        return {}
    begun = paying.begun(derived.read(case, "flows"), derived.read(case, "exchanges"))
    transfers = derived.read(case, "transfers", ["chain", "tx", "kind", "src"])
    losses, named = {loss.id for loss in case.settings.losses if loss.tx}, services(case)
    found = paying.payers(begun, transfers, losses)
    return {f"{place[0]}:{place[1]}": ids for place, ids in found.items() if not named.get(place)}


def services(case: Case) -> dict[tuple[str, str], str]:
    """(chain, address) -> the service that a label says it is of; empty where it names none."""
    if not derived.here(case, "derived/link/labels.parquet"):
        return {}
    names = derived.read(case, "labels").column_names
    if not {"chain", "address", "service"} <= set(names):
        return {}
    rows = derived.read(case, "labels", ["chain", "address", "service"]).to_pylist()
    return {(row["chain"], row["address"]): row["service"] or "" for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What the declared rule traces back to the wallet that paid these losses, in base units of `asset`. `before`
    are the losses of the wallet that it came from, where that paid any."""

    losses: Losses
    before: Losses
    asset: str
    amount: int


def every(case: Case) -> list[Came]:
    """Each movement of traced value to a wallet that paid a declared loss; none before a trace.

    What it paid to itself, and what its own payment left it with as change, came from nobody else.
    """
    own = wallets(case)
    if not own:
        return []
    flows = derived.read(case, "flows", ["seq", "loss", "event", "amount", "wide"])
    moves = flows.filter(pc.equal(flows.column("event"), "move"))
    ledger = derived.read(case, "transfers", ["chain", "tx", "src", "dst", "asset"])
    bare = pa.array(sorted({place.rpartition(":")[2] for place in own}), pa.string())
    to = ledger.take(moves.column("seq"))
    mine = pc.fill_null(pc.is_in(to.column("dst"), value_set=bare), False)
    moves, to = moves.filter(mine), to.filter(mine)
    paid = {loss.tx: loss.id for loss in case.settings.losses if loss.tx}
    found = []
    for row, amount in zip(to.to_pylist(), amounts.exact(moves), strict=True):
        losses = own.get(f"{row['chain']}:{row['dst']}", ())
        before = own.get(f"{row['chain']}:{row['src']}", ())
        if losses and losses != before and paid.get(row["tx"]) not in losses:
            found.append(Came(losses=losses, before=before, asset=row["asset"], amount=amount))
    return found


def by_person(came: Iterable[Came], owner: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """By person and asset; of a wallet that paid the losses of several, or one whose owner is open, nothing."""
    found: dict[str, dict[str, int]] = {}
    for one in came:
        who = {owner.get(loss, "") for loss in one.losses}
        name = min(who) if len(who) == 1 else ""
        if name and {owner.get(loss, "") for loss in one.before} != who:
            line = found.setdefault(name, {})
            line[one.asset] = line.get(one.asset, 0) + one.amount
    return found


def owners(payments: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Loss -> the person whose it is, out of (loss, person); empty where several claim it."""
    owner: dict[str, str] = {}
    for loss, name in payments:
        if loss:
            other = owner.setdefault(loss, name)
            owner[loss] = name if other == name else ""
    return owner
