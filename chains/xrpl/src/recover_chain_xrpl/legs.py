"""Legs of a transaction from what it changed: they sum to zero per asset, the burned fee included."""

from __future__ import annotations

from dataclasses import dataclass, field

from recover.sdk import Leg
from recover.sdk.records import LegKind
from recover_chain_xrpl.addresses import read
from recover_chain_xrpl.assets import XRP, drops
from recover_chain_xrpl.metadata import Changes, nets
from recover_chain_xrpl.reading import Fault, Json, text


@dataclass(slots=True, kw_only=True)
class Made:
    """Legs in the order in which value moves, and why some are missing."""

    legs: list[Leg] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    number: int = 0

    def pair(
        self, kind: LegKind, giver: str | None, taker: str | None, asset: str, amount: int, tag: str | None = None
    ) -> None:
        """Two legs of one movement, under one number, with the tag where it arrives."""
        n = self.number
        self.number += 1
        self.legs += [
            Leg(kind=kind, address=giver, asset=asset, amount=-amount, pair=n, index=n),
            Leg(kind=kind, address=taker, asset=asset, amount=amount, pair=n, index=n, memo=tag),
        ]

    def lone(self, address: str, asset: str, amount: int, tag: str | None) -> None:
        """One leg of which the ledger does not say whose other side it is."""
        n = self.number
        self.number += 1
        self.legs.append(Leg(kind="transfer", address=address, asset=asset, amount=amount, index=n, memo=tag))


def fee(tx: Json) -> tuple[str, int]:
    """Who paid the fee, and how much. Raises Fault."""
    paid = drops(tx.get("Fee"))
    if paid < 0:
        raise Fault("Fee is below zero")
    return read(text(tx, "Delegate" if "Delegate" in tx else "Account"))[0], paid


def tags(tx: Json, made: Changes) -> dict[str, str]:
    """By who is paid: the tag that tells its customers apart."""
    found = {who: str(tag) for who, tag in made.tags.items()}
    if "Destination" in tx:
        who, inside = read(text(tx, "Destination"))
        tag = tx.get("DestinationTag", inside)
        if tag is not None:
            if type(tag) is not int or not 0 <= tag < 2**32:
                raise Fault("DestinationTag is no tag")
            found[who] = str(tag)
    return found


def legs(tx: Json, changed: Changes) -> Made:
    """The legs of one transaction, and what does not sum. Raises Fault."""
    made = Made(faults=[f"{asset}: {why}" for asset, why in sorted(changed.unheld.items())])
    payer, paid = fee(tx)
    changed.add(payer, XRP.id, paid)
    memo = tags(tx, changed)
    for asset, parties in nets(changed).items():
        _asset(asset, parties, changed, memo, made)
    if paid:
        made.pair("fee", payer, None, XRP.id, paid)
    return made


def _asset(asset: str, parties: dict[str, int], changed: Changes, memo: dict[str, str], made: Made) -> None:
    total = sum(parties.values())
    issuer = changed.issuers.get(asset)
    if asset not in changed.issuers:
        if total:
            made.faults.append(f"{asset}: the balances do not sum to the fee, {total} base units are unexplained")
    elif asset in changed.supply and changed.supply[asset] != total:
        made.faults.append(f"{asset}: the holders changed by {total}, the supply by {changed.supply[asset]}")
        issuer = None
    elif total and issuer is None:
        _lone_supply(asset, parties, total, made)
        return
    # What is issued comes from its issuer, and what comes back to it is no more: an issuer holds none of its own.
    if issuer is not None and total:
        parties = {**parties, issuer: parties.get(issuer, 0) - total}
    if issuer is not None and total > 0:
        made.pair("mint", None, issuer, asset, total)
    _parties(asset, parties, memo, made)
    if issuer is not None and total < 0:
        made.pair("burn", issuer, None, asset, -total)


def _parties(asset: str, parties: dict[str, int], memo: dict[str, str], made: Made) -> None:
    out = sorted(who for who, amount in parties.items() if amount < 0)
    into = sorted(who for who, amount in parties.items() if amount > 0)
    if len(out) == len(into) == 1 and parties[out[0]] == -parties[into[0]]:
        made.pair("transfer", out[0], into[0], asset, parties[into[0]], memo.get(into[0]))
        return
    for who in (*out, *into):
        made.lone(who, asset, parties[who], memo.get(who) if parties[who] > 0 else None)


def _lone_supply(asset: str, parties: dict[str, int], total: int, made: Made) -> None:
    """An NFT that begins or ends, and a token whose issuer the metadata does not name."""
    for who, amount in sorted(parties.items()):
        if len(parties) > 1:
            made.faults.append(f"{asset}: the balances do not sum, and nobody is named who issues it")
            made.lone(who, asset, amount, None)
        elif amount > 0:
            made.pair("mint", None, who, asset, amount)
        else:
            made.pair("burn", who, None, asset, -amount)
