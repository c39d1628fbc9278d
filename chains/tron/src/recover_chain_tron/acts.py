"""What a transaction does to accounts and moves nothing by: keys given, resources lent, accounts made, a
relayer used.

Each is an event, and for a reader a lead: who lends energy to an account, or holds a key of it, need not own it.
`plugins/heuristics-account` says how often two accounts are so linked by chance.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from recover.sdk import Event
from recover_chain_tron.chain import CHAIN
from recover_chain_tron.order import Body, Key, Order

_LENT = {
    "DelegateResourceContract": "delegate",
    "UnDelegateResourceContract": "undelegate",
    "FreezeBalanceContract": "delegate",
    "UnfreezeBalanceContract": "undelegate",
}
_NOTES = {"delegateResource": "delegate", "unDelegateResource": "undelegate"}


def of_order(tx: str, order: Order) -> Iterator[Event]:
    """What the order itself says. A relayer's call names the owner for whom it sends; the payer is on the
    receipt.
    """
    about: dict[str, Any] = {"chain": CHAIN, "tx": tx, "contract": ""}
    kind = _LENT.get(order.kind)
    if kind and order.to and order.to != order.owner:
        facts = _facts(resource=order.resource)
        amount = order.amount or None
        yield Event(kind=kind, address=order.owner, other=order.to, amount=amount, facts=facts, **about)
    if order.kind == "AccountCreateContract" and order.to:
        yield Event(kind="activate", address=order.owner, other=order.to, facts=_facts(shown="order"), **about)


def of_keys(body: Body) -> Iterator[Event]:
    """A change of permissions: one event for each key of another, and one for an owner who keeps none of his
    own.
    """
    owner = body.order.owner
    for index, key in enumerate(body.keys):
        if key.address != owner:
            yield _control(body.id, owner, key, index)
    ruling = [key for key in body.keys if key.number == 0]
    if ruling and all(key.address != owner for key in ruling):
        yield Event(
            kind="control-lost",
            chain=CHAIN,
            tx=body.id,
            contract="",
            address=owner,
            facts=_facts(keys=[key.address for key in ruling]),
        )


def _control(tx: str, owner: str, key: Key, index: int) -> Event:
    return Event(
        kind="control",
        chain=CHAIN,
        tx=tx,
        contract="",
        address=owner,
        other=key.address,
        index=index,
        facts=_facts(
            permission=key.permission,
            number=key.number,
            weight=key.weight,
            threshold=key.threshold,
            alone=key.alone,
            operations=key.operations,
        ),
    )


def of_signers(body: Body, signers: Sequence[str]) -> Iterator[Event]:
    """Whose keys signed, where that is another than the owner."""
    for each in dict.fromkeys(signers):
        if each != body.order.owner:
            facts = _facts(permission=body.order.permission, signatures=len(signers))
            owner = body.order.owner
            yield Event(kind="sign", chain=CHAIN, tx=body.id, contract="", address=owner, other=each, facts=facts)


def of_receipt(tx: str, order: Order, flat: int, payers: Iterable[str]) -> Iterator[Event]:
    """An account made by a payment to it, and the account from which a relayer sent.

    `flat` is what was paid beside bandwidth and energy, less what notes and signatures cost: an account costs
    1 TRX.
    """
    about: dict[str, Any] = {"chain": CHAIN, "tx": tx}
    if order.kind in ("TransferContract", "TransferAssetContract") and flat >= _MAKING:
        facts = _facts(shown="fee")
        yield Event(kind="activate", contract="", address=order.owner, other=order.to, facts=facts, **about)
    if order.user:
        for each in dict.fromkeys(payers):
            facts = _facts(relayer=order.owner, receiver=order.receiver)
            yield Event(kind="relay", contract=order.to, address=each, other=order.user, facts=facts, **about)


_MAKING = 1_000_000  # sun: getCreateNewAccountFeeInSystemContract of the chain's parameters


def inside(tx: str, index: int, note: str, caller: str, to: str, amount: int) -> Event | None:
    """Resources lent or taken back inside a call. Their amount is what stands behind them, and does not move."""
    name, _, resource = note.partition("Of")
    if name not in _NOTES:
        return None
    return Event(
        kind=_NOTES[name],
        chain=CHAIN,
        tx=tx,
        contract=caller,
        address=caller,
        other=to,
        amount=amount or None,
        index=index,
        facts=_facts(resource=resource.upper()),
    )


def _facts(**said: Any) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
