"""What an account or an entry held in one validated ledger: account_info, account_lines and ledger_entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from recover.sdk import Coverage, Gap, Listed, Nothing, State
from recover.sdk.outside import visible
from recover_chain_xrpl.addresses import HOLDERS, holder, read
from recover_chain_xrpl.assets import CHAIN, XRP, drops, held, multi, token, value
from recover_chain_xrpl.reading import Fault, Json, digest, inner, listed, text, whole

Record = State | Nothing | Gap | Coverage | Listed
Kind = Literal["balance", "frozen"]
_LOCKED = 0x00000001  # lsfMPTLocked


def states(result: Json) -> Iterator[Record]:
    """The states in one answer. Raises Fault."""
    if result.get("validated") is not True:
        yield unsettled(_subject(result))
    elif "account_data" in result:
        root = inner(result, "account_data")
        yield _state(result, read(text(root, "Account"))[0], XRP.id, drops(root.get("Balance")))
    elif "lines" in result:
        yield from _lines(result)
    else:
        yield from _entry(result)


def unsettled(subject: str) -> Gap:
    """What stands in no validated ledger may never have happened: it is not followed."""
    return Gap(
        code="xrpl-not-validated",
        subject=subject,
        why="The server does not say that this stands in a validated ledger.",
        effect="It is not followed: what it shows may be undone, or may never be.",
    )


def _subject(result: Json) -> str:
    said = result.get("account") or inner(result, "account_data").get("Account") or result.get("index")
    return visible(str(said or "balance"), 80)


def _state(result: Json, address: str, asset: str, amount: int, kind: Kind = "balance") -> State:
    return State(
        kind=kind,
        chain=CHAIN,
        address=address,
        asset=asset,
        amount=amount,
        height=whole(result, "ledger_index"),
        block=digest(result, "ledger_hash") if "ledger_hash" in result else None,
    )


def _lines(result: Json) -> Iterator[Record]:
    account = read(text(result, "account"))[0]
    lines = listed(result, "lines")
    for line in lines:
        if not isinstance(line, dict):
            raise Fault("a line is no record")
        peer, currency = read(text(line, "account"))[0], text(line, "currency")
        balance = value(text(line, "balance"))
        # Below zero, it is the other side that holds what this account issued.
        who, issuer = (account, peer) if balance >= 0 else (peer, account)
        yield _state(result, who, token(currency, issuer), abs(balance))
        # Only a freeze of this one line shows here; a global freeze is a setting of the issuer's account.
        if line.get("freeze_peer") is True and balance >= 0:
            yield _state(result, account, token(currency, peer), 1, "frozen")
    if not lines:
        yield Nothing(why="The account has no trust line with the issuer that was asked about.")


def _entry(result: Json) -> Iterator[Record]:
    node = inner(result, "node")
    kind = text(node, "LedgerEntryType")
    if kind == "MPToken":
        who, asset = read(text(node, "Account"))[0], multi(text(node, "MPTokenIssuanceID"))
        yield _state(result, who, asset, drops(node.get("MPTAmount", "0")))
        flags = node.get("Flags", 0)
        yield _state(result, who, asset, int(type(flags) is int and bool(flags & _LOCKED)), "frozen")
        return
    if kind not in HOLDERS:
        yield Nothing(why=f"A ledger entry of the kind {kind[:40]!r} holds no value itself.")
        return
    name = holder(kind, read(text(node, "Account"))[0], digest(result if "index" in result else node, "index"))
    asset, inside = held(node, "Amount")
    paid = held(node, "Balance")[1] if kind == "PayChannel" and "Balance" in node else 0
    yield _state(result, name, asset, inside - paid)
    if "PreviousTxnID" in node and "PreviousTxnLgrSeq" in node:
        # The entry names the transaction that changed it last: from there to this ledger, nothing did.
        yield Listed(chain=CHAIN, tx=digest(node, "PreviousTxnID"), address=name)
        since, until = whole(node, "PreviousTxnLgrSeq"), whole(result, "ledger_index")
        yield Coverage(chain=CHAIN, address=name, since_height=since, until_height=until)
