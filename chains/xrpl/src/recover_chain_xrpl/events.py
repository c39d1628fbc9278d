"""What a transaction records beside the value that it moved: checks written and cashed, lines frozen and set free.

A check holds nothing: its writer lets its payee take up to an amount later, which is an approval. Exchanges are no
events: what each party gave and had stands in the legs, and the heuristics of account chains read it there.
"""

from __future__ import annotations

from collections.abc import Iterator

from recover.sdk import Event
from recover_chain_xrpl.addresses import read
from recover_chain_xrpl.answers import Item
from recover_chain_xrpl.assets import CHAIN, held, token
from recover_chain_xrpl.metadata import entries
from recover_chain_xrpl.reading import inner, text

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
