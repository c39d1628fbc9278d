"""Self-authorisation: an owner lets a second address of his own move his tokens between addresses of his.

A thief's approval has the same first step. What tells them apart is where the tokens go: to addresses with which
the owner dealt before he approved, or to strangers. Strangers are a drain, and never an owner's second address.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.sdk import Batch, HeuristicInfo, Ledger, Scope
from recover_heuristics_account.acts import contracts, labelled, plain, same
from recover_heuristics_account.approvals import Spending, known, spendings
from recover_heuristics_account.cards import card
from recover_heuristics_account.dealings import between
from recover_heuristics_account.links import link

_ROLES = ("hot-wallet", "deposit", "contract", "mixer", "bridge", "sanctioned")


class SelfAuthorisation:
    """Asserts `same-owner` of an owner and the account that he let move his tokens to addresses he knew."""

    info = HeuristicInfo(
        id="self-authorisation",
        version="1",
        card=card("self-authorisation"),
        title="Spending by one's own second address",
        models=("account",),
        asserts=("same-owner",),
        citation="F. Victor, Address Clustering Heuristics for Ethereum, FC 2020; that takers must be known to "
        "the owner is a rule of this project; not measured",
        fails=(
            "an employee, a custodian or a partner who may spend looks the same",
            "a thief who sent the victim something before, and takes to that address, looks the same",
            "a spender that many people use is seen as such only where the exhibits show many of them",
        ),
        parameters={"owners": (3, "owners that may have approved one spender; above it, it is a service")},
    )

    def assertions(self, ledger: Ledger, scope: Scope) -> Iterator[Batch]:
        """One assertion an owner and spender, in that order, by the first such spending.

        The spender itself sent the transaction, is no contract and no known router, has no label of a service, a
        machine or a sanction, and neither has a taker; every taker dealt with the owner before the approval, and
        none is the spender. One spending to a stranger silences the pair. Grade D. `params`: {"owners": n}.
        """
        most = scope.parameters.get("owners", self.info.parameters["owners"][0])
        listed = spendings(ledger)
        if not listed:
            return
        met = between(ledger, {(s.act.chain, s.owner) for s in listed})
        barred = labelled(ledger, _ROLES) | contracts(ledger)
        owners: dict[tuple[str, str], set[str]] = {}
        first: dict[tuple[str, str, str], Spending] = {}
        spoilt: set[tuple[str, str, str]] = set()
        for s in listed:
            key = (s.act.chain, s.owner, s.approval.spender)
            owners.setdefault((s.act.chain, s.approval.spender), set()).add(s.owner)
            if _own(s, barred) and all(_knew(s, taker, met) for taker in s.takers):
                first.setdefault(key, s)
            else:
                spoilt.add(key)
        made = []
        for (chain, owner, spender), s in sorted(first.items()):
            if (chain, owner, spender) in spoilt or len(owners[chain, spender]) > most:
                continue
            if not scope.addresses or owner in scope.addresses:
                note = (
                    "The owner let it move his tokens, and it moved them to addresses that the owner dealt with."
                )
                params = {"owners": len(owners[chain, spender])}
                made.append(link(self.info, chain, (owner, spender), s.act.tx, "D", params, note))
        if made:
            yield Batch.of(*made)


def _own(s: Spending, barred: set[tuple[str, str]]) -> bool:
    spender = s.approval.spender
    if not same(s.act.sender, spender) or known(s.act.chain, spender):
        return False
    return not any((s.act.chain, plain(name)) in barred for name in (spender, *s.takers))


def _knew(s: Spending, taker: str, met: object) -> bool:
    assert isinstance(met, dict)
    if same(taker, s.owner):
        return True
    before = met.get((s.act.chain, plain(s.owner), plain(taker)), ())
    return not same(taker, s.approval.spender) and any(place < s.approval.order[0] for place in before)
