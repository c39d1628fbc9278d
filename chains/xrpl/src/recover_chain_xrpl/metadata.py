"""What a transaction changed, from its metadata alone: who holds how much more or less of what.

Instructions say what was wanted (`Amount`), metadata what was done: the entries of the ledger that it created,
modified and deleted, with their fields before and after. Value stands in a few kinds of entries only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recover_chain_xrpl.addresses import HOLDERS, classic, holder, raw, read
from recover_chain_xrpl.assets import CHAIN, XRP, Unheld, drops, held, multi, token, value
from recover_chain_xrpl.reading import Fault, Json, digest, inner, listed, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the ledger that a transaction touched, with its fields before (none: created) and after."""

    kind: str
    index: str
    before: Json | None
    after: Json | None
    altered: bool
    fresh: bool

    @property
    def fields(self) -> Json:
        """The fields that name whose it is: the same before and after."""
        return self.after if self.after is not None else self.before or {}


@dataclass(slots=True, kw_only=True)
class Changes:
    """Nets by (holder, asset); who issues what is issued; what is left out, with why; tags by who is paid."""

    moved: dict[tuple[str, str], int] = field(default_factory=dict)
    issuers: dict[str, str | None] = field(default_factory=dict)
    supply: dict[str, int] = field(default_factory=dict)
    unheld: dict[str, str] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    doubtful: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, who: str, asset: str, amount: int) -> None:
        self.moved[who, asset] = self.moved.get((who, asset), 0) + amount


def entries(meta: Json) -> Iterator[Entry]:
    """The entries that the metadata lists. Raises Fault."""
    if "AffectedNodes" not in meta:
        raise Fault("the metadata does not say what was changed (AffectedNodes)")
    for node in listed(meta, "AffectedNodes"):
        if not isinstance(node, dict) or len(node) != 1:
            raise Fault("an affected node is no record of one kind")
        (how, _), *_ = node.items()
        said = inner(node, how)
        new, final, previous = (inner(said, name) for name in ("NewFields", "FinalFields", "PreviousFields"))
        before: Json | None = {**final, **previous}
        after: Json | None = final
        if how == "CreatedNode":
            before, after = None, new
        elif how == "DeletedNode":
            after = None
        elif how != "ModifiedNode":
            raise Fault(f"an affected node is {how[:40]!r}")
        # A node without fields was only threaded: another transaction id stands in it, and nothing else.
        altered = how != "ModifiedNode" or bool(final)
        fresh = "PreviousFields" in said and not previous
        kind, index = text(said, "LedgerEntryType"), digest(said, "LedgerIndex")
        yield Entry(kind=kind, index=index, before=before, after=after, altered=altered, fresh=fresh)


def changes(meta: Json) -> Changes:
    """Everything of value that the entries gained or lost. Raises Fault."""
    made = Changes()
    for entry in entries(meta):
        if not entry.altered:
            continue
        if entry.kind == "AccountRoot":
            _account(entry, made)
        elif entry.kind == "RippleState":
            _line(entry, made)
        elif entry.kind in HOLDERS:
            _holder(entry, made)
        elif entry.kind == "MPToken":
            _multi(entry, made)
        elif entry.kind == "MPTokenIssuance":
            _issuance(entry, made)
        elif entry.kind == "NFTokenPage":
            _page(entry, made)
        _tag(entry, made)
    _settle(made)
    return made


def _account(entry: Entry, made: Changes) -> None:
    who, _ = read(text(entry.fields, "Account"))
    before, after = (0 if side is None else drops(side.get("Balance")) for side in (entry.before, entry.after))
    made.add(who, XRP.id, after - before)


def _line(entry: Entry, made: Changes) -> None:
    low, high = (inner(entry.fields, name) for name in ("LowLimit", "HighLimit"))
    ends = read(text(low, "issuer"))[0], read(text(high, "issuer"))[0]
    currency = text(low, "currency")
    # One number for both directions: above zero the low account holds what the high one issued, below it the other
    # way round (https://xrpl.org/docs/references/protocol/ledger-data/ledger-entry-types/ripplestate).
    sides = ((ends[0], token(currency, ends[1]), 1), (ends[1], token(currency, ends[0]), -1))
    try:
        before, after = (_balance(side) for side in (entry.before, entry.after))
        locked = [_locked(side) for side in (entry.before, entry.after)]
    except Unheld as error:
        made.unheld |= {asset: str(error) for _, asset, _ in sides}
        return
    for (who, asset, sign), issuer in zip(sides, reversed(ends), strict=True):
        was, now = (
            sign * balance - kept if sign * balance > 0 else 0
            for balance, kept in zip((before, after), locked, strict=True)
        )
        if was != now:
            made.issuers[asset] = issuer
            made.add(who, asset, now - was)


def _balance(side: Json | None) -> int:
    said = {} if side is None else inner(side, "Balance")
    return value(text(said, "value")) if said else 0


def _locked(side: Json | None) -> int:
    """What of a line is held in escrows: early networks left it in the balance and said so beside it."""
    said = {} if side is None else inner(side, "LockedBalance")
    return value(text(said, "value")) if said else 0


def _holder(entry: Entry, made: Changes) -> None:
    name = holder(entry.kind, read(text(entry.fields, "Account"))[0], entry.index)
    try:
        for side, sign in ((entry.before, -1), (entry.after, 1)):
            if side is None:
                continue
            asset, inside = held(side, "Amount")
            # A channel's Balance is what was paid out of its Amount.
            paid = held(side, "Balance")[1] if entry.kind == "PayChannel" and "Balance" in side else 0
            made.add(name, asset, sign * (inside - paid))
            if isinstance(side.get("Amount"), dict) and "issuer" in side["Amount"]:
                made.issuers[asset] = read(text(side["Amount"], "issuer"))[0]
    except Unheld as error:
        said = inner(entry.fields, "Amount")
        made.unheld[token(text(said, "currency"), read(text(said, "issuer"))[0])] = str(error)


def _multi(entry: Entry, made: Changes) -> None:
    who, asset = read(text(entry.fields, "Account"))[0], multi(text(entry.fields, "MPTokenIssuanceID"))
    before, after = (_count(side, "MPTAmount") for side in (entry.before, entry.after))
    # A field that was not there before is named nowhere: with nothing else changed, it was zero.
    if entry.fresh:
        before = 0
    elif entry.before is not None and entry.after is not None and before == after:
        made.doubtful[who, asset] = after
    made.issuers.setdefault(asset, None)
    made.add(who, asset, after - before)


def _issuance(entry: Entry, made: Changes) -> None:
    issuer = read(text(entry.fields, "Issuer"))[0]
    sequence = entry.fields.get("Sequence")
    if type(sequence) is not int or not 0 <= sequence < 2**32:
        raise Fault("Sequence is no whole number")
    # The id of an issuance: its sequence number in 4 bytes, then its issuer in 20.
    asset = multi(f"{sequence:08X}" + raw(issuer).hex().upper())
    before, after = (_count(side, "OutstandingAmount") for side in (entry.before, entry.after))
    made.issuers[asset] = issuer
    made.supply[asset] = after - before


def _count(side: Json | None, name: str) -> int:
    return 0 if side is None else drops(side.get(name, "0"))


def _page(entry: Entry, made: Changes) -> None:
    # The first 20 bytes of a page's id are its owner's account (XLS-20).
    owner = classic(bytes.fromhex(entry.index[:40]))
    before, after = (_tokens(side) for side in (entry.before, entry.after))
    for one in sorted(before ^ after):
        asset = f"{CHAIN}/xls20:{one}"
        made.issuers[asset] = None
        made.add(owner, asset, 1 if one in after else -1)


def _tokens(side: Json | None) -> frozenset[str]:
    nodes = [] if side is None else listed(side, "NFTokens")
    if not all(isinstance(node, dict) for node in nodes):
        raise Fault("a page of NFTs holds something else")
    return frozenset(digest(inner(node, "NFToken"), "NFTokenID") for node in nodes)


def _tag(entry: Entry, made: Changes) -> None:
    """The tag that an escrow, a check or a channel was given for whom it pays: its own transaction has none."""
    said = entry.before or {}
    if entry.kind in ("Escrow", "Check", "PayChannel") and type(said.get("DestinationTag")) is int:
        made.tags[read(text(said, "Destination"))[0]] = said["DestinationTag"]


def _settle(made: Changes) -> None:
    """Decide what a multi-purpose token's holder had before, where the metadata leaves it open, by the sum."""
    for (who, asset), after in made.doubtful.items():
        if asset not in made.issuers or not after:
            continue
        total = sum(amount for (_, what), amount in made.moved.items() if what == asset)
        if total + after == made.supply.get(asset, 0):
            made.add(who, asset, after)


def nets(made: Changes) -> Mapping[str, dict[str, int]]:
    """By asset, coins first: who gained and who lost, without those whose net is nothing and what is left out."""
    found: dict[str, dict[str, int]] = {}
    for (who, asset), amount in made.moved.items():
        if amount and asset not in made.unheld:
            found.setdefault(asset, {})[who] = amount
    return {asset: found[asset] for asset in sorted(found, key=lambda a: (a != XRP.id, a))}
