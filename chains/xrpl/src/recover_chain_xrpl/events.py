"""What a transaction records beside the value that it moved: checks, freezes, exchanges of one asset for another.

A check holds nothing: its writer lets its payee take up to an amount later, which is an approval. An offer or a
path payment gives one asset for another in one step, by the ledger's own rules: the exchange is recorded there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from recover.sdk import Assertion, Event
from recover_chain_xrpl.addresses import read
from recover_chain_xrpl.answers import Item
from recover_chain_xrpl.assets import CHAIN, held, token
from recover_chain_xrpl.metadata import Changes, entries, nets
from recover_chain_xrpl.reading import Json, inner, text

# https://xrpl.org/docs/references/protocol/transactions/types/trustset#trustset-flags
_SET_FREEZE, _CLEAR_FREEZE = 0x00100000, 0x00200000


def events(item: Item) -> Iterator[Event]:
    """Checks written and cashed, and trust lines frozen and set free. Raises Fault."""
    kind = item.tx.get("TransactionType")
    if kind == "CheckCreate":
        asset, most = held(item.tx, "SendMax")
        writer, payee = (read(text(item.tx, name))[0] for name in ("Account", "Destination"))
        yield _event(item, "approve", "", writer, payee, asset, most)
    elif kind == "CheckCash":
        for entry in entries(item.meta):
            if entry.kind == "Check" and entry.before is not None:
                asset, _ = held(entry.before, "SendMax")
                writer, payee = (read(text(entry.before, name))[0] for name in ("Account", "Destination"))
                yield _event(item, "spend", "", writer, payee, asset, None)
    elif kind == "TrustSet":
        yield from _freeze(item)


def _freeze(item: Item) -> Iterator[Event]:
    flags = item.tx.get("Flags", 0)
    if type(flags) is not int or not flags & (_SET_FREEZE | _CLEAR_FREEZE):
        return
    issuer, limit = read(text(item.tx, "Account"))[0], inner(item.tx, "LimitAmount")
    holder = read(text(limit, "issuer"))[0]
    what = "freeze" if flags & _SET_FREEZE else "unfreeze"
    yield _event(item, what, issuer, holder, None, token(text(limit, "currency"), issuer), None)


def _event(
    item: Item, kind: str, contract: str, address: str, other: str | None, asset: str, amount: int | None
) -> Event:
    return Event(
        kind=kind,
        chain=CHAIN,
        tx=item.id,
        contract=contract,
        address=address,
        other=other,
        asset=asset,
        amount=amount,
        place=item.place,
    )


def exchanges(item: Item, changed: Changes) -> Iterator[Assertion]:
    """Each party that gave one asset and had one other: takers and makers of offers, senders along paths."""
    given: dict[str, dict[str, int]] = {}
    for asset, parties in nets(changed).items():
        for who, amount in parties.items():
            given.setdefault(who, {})[asset] = amount
    for who, of in sorted(given.items()):
        issued = {asset for asset in of if changed.issuers.get(asset) == who}
        if who not in changed.pools and not issued:
            yield from _exchange(item, who, of, _payee(item.tx, given))


def _payee(tx: Json, given: dict[str, dict[str, int]]) -> tuple[str, str, dict[str, int]] | None:
    if tx.get("TransactionType") != "Payment":
        return None
    sender, payee = (read(text(tx, name))[0] for name in ("Account", "Destination"))
    return sender, payee, given.get(payee, {})


def _exchange(
    item: Item, who: str, of: dict[str, int], paid: tuple[str, str, dict[str, int]] | None
) -> Iterator[Assertion]:
    other = None
    if paid is not None and paid[0] == who and paid[1] != who and len(of) == 1:
        other, of = paid[1], {**paid[2], **of}
    sold = [(asset, -amount) for asset, amount in of.items() if amount < 0]
    bought = [(asset, amount) for asset, amount in of.items() if amount > 0]
    if len(sold) != 1 or len(bought) != 1:
        return
    (asset, gave), (into, had) = sold[0], bought[0]
    params = {"sold": str(gave), "bought": str(had), "into": into}
    yield Assertion(
        kind="swap",
        chain=CHAIN,
        address=who,
        grade="A",
        method="xrpl-exchange",
        version="1",
        label="exchange by the ledger's own rules",
        source="xrpl-server",
        other=other,
        asset=asset,
        transactions=(item.id,),
        params=json.dumps(params, sort_keys=True, separators=(",", ":")),
        place=item.place,
    )
