"""Leads to the name of an unlabelled address: never a name, only whom to ask.

Which labelled wallets its depositors pay too, who paid it first, and whether it is a contract.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from recover.case import Case, derived
from recover.linking.labels import POSSIBLE
from recover.sdk.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A service of which labelled wallets, `wallets`, share `shared` depositors with the address.

    `paid` and `got` count the transfers between the address itself and its labelled wallets, out and in; `funded`:
    the first payer is one of them.
    """

    service: str
    shared: int
    wallets: tuple[str, ...]
    paid: int = 0
    got: int = 0
    funded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """`depositors` paid the address, and `payees` were paid by it, each counted once; `whole`: the exhibits
    hold its own history, so that the counts are not the least. `code` is the length of its code in bytes, 0
    for a person's key, None where no exhibit says. `shape` says in words what it looks like. `left_out` are
    its movements that are left out of lots.
    """

    depositors: int
    payees: int
    first_payer: str
    first_tx: str
    code: int | None
    whole: bool
    candidates: tuple[Candidate, ...]
    shape: str
    left_out: int = 0


MANY = 20
"""Depositors from which an address is many people's, and not one person's own."""


def leads(case: Case, place: Address) -> Leads:
    """What the ledger shows of an address that nobody names."""
    moved = derived.read(case, "transfers", ["chain", "src", "dst", "tx", "memo", "excluded"])
    moved = moved.filter(pc.equal(moved.column("chain"), place.chain))
    counted = pc.is_null(moved.column("excluded"))
    left = moved.filter(pc.invert(counted))
    sides = [pc.fill_null(pc.equal(left.column(side), place.text), False) for side in ("src", "dst")]
    left_out = pc.sum(pc.or_(*sides)).as_py() or 0
    moved = moved.filter(counted)
    came = moved.filter(pc.fill_null(pc.equal(moved.column("dst"), place.text), False))
    went = moved.filter(pc.fill_null(pc.equal(moved.column("src"), place.text), False))
    payers = pc.drop_null(came.column("src")).unique()
    payees = pc.drop_null(went.column("dst")).unique()
    first = came.slice(0, 1).to_pylist()
    covered = derived.read(case, "coverage", ["chain", "address"]).to_pylist()
    whole = {"chain": place.chain, "address": place.text} in covered
    return Leads(
        depositors=len(payers),
        payees=len(payees),
        first_payer=(first[0]["src"] or "") if first else "",
        first_tx=first[0]["tx"] if first else "",
        code=_code(case, place),
        candidates=_shared(case, place, moved, payers, (first[0]["src"] or "") if first else ""),
        whole=whole,
        shape=("" if whole else "as far as the exhibits show, which do not hold its whole history: ")
        + _shape(len(payers), len(payees), pc.drop_null(came.column("memo")).unique(), came.num_rows, left_out),
        left_out=left_out,
    )


def _shared(case: Case, place: Address, moved: pa.Table, payers: pa.Array, first: str) -> tuple[Candidate, ...]:
    """Services by how many of the depositors paid one of their labelled wallets too, then by direct dealings."""
    labels = derived.read(case, "labels", ["chain", "address", "service", "role"]).to_pylist()
    sure = [row for row in labels if row["chain"] == place.chain and row["role"] != POSSIBLE]
    named = {row["address"]: row["service"] for row in sure if row["service"]}
    named.pop(place.text, None)
    wallets = pa.array(list(named), pa.string())
    theirs = moved.filter(
        pc.and_(
            pc.fill_null(pc.is_in(moved.column("src"), value_set=payers), False),
            pc.fill_null(pc.is_in(moved.column("dst"), value_set=wallets), False),
        )
    )
    pairs = {(row["src"], row["dst"]) for row in theirs.select(["src", "dst"]).to_pylist()}
    counts = Counter(service for _, service in sorted({(src, named[dst]) for src, dst in pairs}))
    used: dict[str, set[str]] = {}
    for _, wallet in pairs:
        used.setdefault(named[wallet], set()).add(wallet)
    direct = {}
    for mine, other in (("src", "dst"), ("dst", "src")):
        here = moved.filter(pc.fill_null(pc.equal(moved.column(mine), place.text), False)).column(other)
        dealt = [name for name in here.to_pylist() if name in named]
        direct[mine] = Counter(named[name] for name in dealt)
        for name in dealt:
            used.setdefault(named[name], set()).add(name)
    order = sorted(used, key=lambda one: (-counts[one], -direct["src"][one] - direct["dst"][one], one))
    return tuple(
        Candidate(
            service=service,
            shared=counts[service],
            wallets=tuple(sorted(used[service])),
            paid=direct["src"][service],
            got=direct["dst"][service],
            funded=named.get(first) == service,
        )
        for service in order
    )


def _code(case: Case, place: Address) -> int | None:
    states = derived.read(case, "states", ["kind", "chain", "address", "amount"]).to_pylist()
    said = [row["amount"] for row in states if row["kind"] == "code" and row["address"] == place.text]
    return max(said, default=None)


def _shape(payers: int, payees: int, memos: pa.Array, times: int, left_out: int) -> str:
    """What it looks like, as a shape: a shape names nobody, and several kinds of business have the same."""
    if not payers and not payees and left_out:
        return (
            f"all {left_out:,} movements of it in the ledger are left out of lots: of no value, failed, or of an "
            "asset that no register lists"
        )
    if not payers and not payees:
        return "the ledger shows no movement of it"
    if payers < MANY <= times // max(payers, 1) + payers and times >= 5 * MANY:
        return "few pay it, and often: a collecting wallet, or one person's own"
    if payers < MANY:
        return "few pay it: it may be one person's own wallet"
    if len(memos) >= MANY:
        return "many pay it under memos of their own: a service that tells its customers apart by memo"
    if payees <= max(1, payers // MANY):
        return "many pay it and it pays few on: a collecting wallet, a payment processor, or a desk's own account"
    if payees >= payers:
        return "many pay it and it pays as many: an exchange's wallet, an instant swapper, or a market's escrow"
    return "many pay it and it pays some: a hub, of which the ledger alone does not tell the kind"
