"""Drains: tokens that another address took under an approval of their owner, who got nothing for them.

The shape is also that of a subscription, a custodian's collection and an owner's own second address, which is why
routers, services and addresses that the owner dealt with before are left aside, and why the grade is low.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from recover.sdk import Assertion, Batch, Grade, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import labelled, plain
from recover_heuristics_account.approvals import Spending, known, row, spendings
from recover_heuristics_account.cards import card
from recover_heuristics_account.dealings import between

_ROLES = ("hot-wallet", "deposit", "contract", "bridge")
_THEFT = frozenset({"phishing", "scam", "theft", "hack", "drainer", "malware"})
_SHOWN = 50


class Drain:
    """Asserts `drain`: an approval, then its use by another sender, to a third party, for nothing in return."""

    info = HeuristicInfo(
        id="approval-drain",
        version="1",
        card=card("approval-drain"),
        title="Drain by an approval",
        models=("account",),
        asserts=("drain",),
        citation="The shape is that of approval phishing as public reports describe it; a rule of this project, "
        "with the exclusions of F. Victor, Address Clustering Heuristics for Ethereum, FC 2020, for spenders "
        "that many people use; not measured",
        fails=(
            "a payment that a merchant or a subscription collects looks the same",
            "an owner who lets a second address of his own spend, and never paid it before, looks the same",
            "a service without a label that collects from its customers' addresses looks the same",
            "a permission given by a signature that no event records is not seen",
            "an attack through a well-known router is not seen: such routers are left aside",
        ),
        parameters={
            "dealings": (1, "earlier movements between owner and taker from which on they know each other")
        },
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion an owner, spender and asset, in that order.

        `address` is the owner, `other` the spender that was approved, `transactions` the approvals and then the
        spendings (the first 50). `params`: {"amount": text, "approvals": [transactions], "senders": [addresses],
        "spendings": [{"amount": text, "takers": [addresses], "transaction": id}]}; amounts in base units. Grade D;
        C where a label calls the spender, the sender or a taker a thief.
        """
        least = scope.parameters.get("dealings", self.info.parameters["dealings"][0])
        machines = labelled(ledger, _ROLES)
        found: dict[tuple[str, str, str, str], list[Spending]] = {}
        for spending in strangers(ledger, spendings(ledger), least):
            if (not scope.addresses or spending.owner in scope.addresses) and _taken(spending, machines):
                key = (spending.act.chain, spending.owner, spending.approval.spender, spending.asset)
                found.setdefault(key, []).append(spending)
        if found:
            thieves = _thieves(ledger)
            yield Batch.of(*(_assertion(group, thieves) for _, group in sorted(found.items())))


def strangers(ledger: Ledger, listed: list[Spending], least: int) -> Iterator[Spending]:
    """Those of which no taker, other than the owner, had `least` dealings with the owner before the approval."""
    met = between(ledger, {(s.act.chain, s.owner) for s in listed}) if listed else {}
    for spending in listed:
        key, before = (spending.act.chain, plain(spending.owner)), spending.approval.order[0]
        counts = [sum(o < before for o in met.get((*key, plain(taker)), ())) for taker in spending.takers]
        if max(counts) < least:
            yield spending


def _taken(s: Spending, machines: set[tuple[str, str]]) -> bool:
    """Whether it is a taking: by nobody's known machine, and with nothing given in return."""
    if any((s.act.chain, plain(n)) in machines for n in (s.approval.spender, s.act.sender or "")):
        return False
    if known(s.act.chain, s.approval.spender):
        return False
    return not any(gain > 0 for gain in s.act.nets().get(s.owner, {}).values())


def _thieves(ledger: Ledger) -> set[tuple[str, str]]:
    rows = ledger.labels().select(["chain", "address", "role", "category"]).to_pylist()
    bad = [r for r in rows if r["role"] == "sanctioned" or r["category"].casefold() in _THEFT]
    return {(r["chain"], plain(r["address"])) for r in bad}


def _assertion(group: list[Spending], thieves: set[tuple[str, str]]) -> Assertion:
    first = group[0]
    approvals = list(dict.fromkeys(s.approval.tx for s in group))
    senders = sorted({s.act.sender for s in group if s.act.sender})
    takers = {taker for s in group for taker in s.takers}
    called = any((first.act.chain, plain(n)) in thieves for n in {first.approval.spender, *senders, *takers})
    grade: Grade = "C" if called else "D"
    params = {
        "amount": str(sum(s.amount for s in group)),
        "approvals": approvals,
        "senders": senders,
        "spendings": [row(s) for s in group[:_SHOWN]],
    }
    return Assertion(
        kind="drain",
        chain=first.act.chain,
        address=first.owner,
        grade=grade,
        method=Drain.info.id,
        version=Drain.info.version,
        source="recover",
        other=first.approval.spender,
        asset=first.asset,
        transactions=tuple(dict.fromkeys([*approvals, *(s.act.tx for s in group)]))[:_SHOWN],
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        note="The owner let this spender move the tokens; another address then sent them to a third, and the "
        "owner got nothing in the same transaction.",
    )
