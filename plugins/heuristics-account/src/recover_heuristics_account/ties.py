"""Ties that an account chain itself records between two accounts: keys given, resources lent, accounts made,
relays.

They are leads. Who lends energy to an account, makes it, or holds a key of it need not own it: services do all
of this for anybody, and thieves take keys. So each assertion says beside its tie how often two accounts of the
case are so tied at all: the chance that a pair taken at random would be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import labelled, plain
from recover_heuristics_account.cards import card
from recover_heuristics_account.links import link

_ROLES = ("hot-wallet", "deposit", "contract", "mixer", "bridge")
_MOST = "accounts that one account may be so tied to; above it, it is a service"


def _info(name: str, title: str, citation: str, fails: tuple[str, ...], most: int) -> HeuristicInfo:
    return HeuristicInfo(
        id=name,
        version="1",
        card=card(name),
        title=title,
        models=("account",),
        asserts=("same-owner",),
        citation=f"{citation}; how often it is right was not measured",
        fails=fails,
        parameters={"most": (most, _MOST)},
    )


class _Tie:
    """`same-owner` of an account and another, by events of some kinds.

    `kinds` are those events; `whole` says that the event's `other` is the account which the lead is about,
    else its `address` is. `note` is told of each lead.
    """

    info: HeuristicInfo
    kinds: tuple[str, ...]
    whole: bool = False
    grade: Grade = "E"
    note: str = ""

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion a pair, in order of address, by the first such transaction.

        Left aside: whatever has a label of a service or a machine, on either side, and whoever is tied to more
        than `most` accounts. `params`: {"seen": such transactions of this pair, "tied": accounts that the other is
        tied to, "linked": pairs of the case that are so tied, "pairs": all pairs of accounts of the case}.
        """
        most = scope.parameters.get("most", self.info.parameters["most"][0])
        rows = self._rows(ledger)
        if not rows:
            return
        barred = labelled(ledger, _ROLES)
        seen = Counter((r["chain"], r["who"], r["other"]) for r in rows)
        tied = Counter((chain, other) for chain, _, other in seen)
        pairs = _pairs(ledger, rows)
        first: dict[tuple[str, str, str], str] = {}
        for row in rows:
            first.setdefault((row["chain"], row["who"], row["other"]), row["tx"])
        made: list[Assertion] = []
        for (chain, who, other), tx in sorted(first.items()):
            apart = {(chain, plain(who)), (chain, plain(other))} & barred
            if apart or tied[chain, other] > most or (scope.addresses and who not in scope.addresses):
                continue
            params = {
                "seen": seen[chain, who, other],
                "tied": tied[chain, other],
                "linked": sum(1 for key in seen if key[0] == chain),
                "pairs": pairs[chain],
            }
            made.append(link(self.info, chain, (who, other), tx, self.grade, params, self.note))
        if made:
            yield Batch.of(*made)

    def _rows(self, ledger: Ledger) -> list[dict[str, Any]]:
        events = ledger.events()
        wanted = pc.is_in(events["kind"], value_set=pa.array(self.kinds))
        rows = events.filter(pc.and_(wanted, pc.is_valid(events["other"]))).to_pylist()
        names = ("other", "address") if self.whole else ("address", "other")
        listed = [{"chain": r["chain"], "tx": r["tx"], "who": r[names[0]], "other": r[names[1]]} for r in rows]
        kept = [r for r in listed if r["who"] and r["other"] and r["who"] != r["other"]]
        return sorted(kept, key=lambda r: (r["chain"], r["who"], r["other"], r["tx"]))


def _pairs(ledger: Ledger, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many pairs of accounts there are on each chain, of all that the case's evidence names."""
    moved = ledger.transfers()
    named: dict[str, set[str]] = {}
    for side in ("src", "dst"):
        part = moved.filter(pc.is_valid(moved[side])).group_by(["chain", side]).aggregate([]).to_pylist()
        for row in part:
            named.setdefault(row["chain"], set()).add(row[side])
    for row in rows:
        named.setdefault(row["chain"], set()).update((row["who"], row["other"]))
    return {chain: len(names) * (len(names) - 1) // 2 for chain, names in named.items()}


class SharedControl(_Tie):
    """Asserts `same-owner`, weakly, of an account and whose key it gave a permission, or whose key signed for
    it.
    """

    info = _info(
        "shared-control",
        "Key of another with a permission, or signing",
        "Permissions as the chain records them (TRON: AccountPermissionUpdate); the exclusions are rules of this "
        "project; no rate of error is known",
        (
            "thieves change the permissions of accounts that they take: the holder of the key is then no owner",
            "custodians, partners and wallet services hold keys of their customers' accounts",
            "a permission can be taken back: what it was says nothing of who holds it now",
        ),
        20,
    )
    kinds = ("control", "sign")
    grade: Grade = "D"
    note = "A key of the other has, or used, a permission of this account."


class ResourceLender(_Tie):
    """Asserts `same-owner`, at the lowest grade, of an account and whoever lent it energy or bandwidth."""

    info = _info(
        "resource-lender",
        "Lender of energy or bandwidth",
        "Delegation as the chain records it (TRON: DelegateResource); the exclusions are rules of this "
        "project; no rate of error is known",
        (
            "energy is rented out by services, and may have no label here",
            "exchanges lend to the deposit addresses of their customers",
            "a friend, or whoever needs the account to be able to pay, looks the same",
        ),
        10,
    )
    kinds = ("delegate",)
    whole = True
    note = "It lent this account resources."


class AccountMaker(_Tie):
    """Asserts `same-owner`, at the lowest grade, of an account and whoever had it made on the chain."""

    info = _info(
        "account-maker",
        "Maker of an account",
        "Activation as the chain records it (TRON: AccountCreate, or a payment that paid for a new account); "
        "in TRON's first 10,000 blocks two accounts taken at random had one maker in 43 of 100 cases, and in 6 "
        "of 100,000 where makers of more than ten are left out (benchmarks/placebo_tron.py)",
        (
            "exchanges, faucets and airdrops make accounts for anybody, and may have no label here",
            "whoever pays somebody for the first time makes his account",
            "a payment of a token that makes the account is seen only where its fee says so",
        ),
        10,
    )
    kinds = ("activate",)
    whole = True
    note = "It had this account made on the chain."


class RelayedOwner(_Tie):
    """Asserts `same-owner` of an account out of which a relayer paid and the owner who signed for that."""

    info = _info(
        "relayed-owner",
        "Owner for whom a relayer sent",
        "GasFree specification: an account that pays only what its one user signed; the call names him",
        (
            "a controller other than GasFree's, or a later version of it, may name the user in another place",
            "what the user signed is checked by the contract, and not again here",
        ),
        1_000,
    )
    kinds = ("relay",)
    grade: Grade = "B"
    note = "A relayer paid out of this account what the other signed; the relayer is not the payer."
