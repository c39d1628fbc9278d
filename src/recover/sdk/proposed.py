"""A transaction that somebody proposes, and nobody has signed: what it would do, read from its own bytes."""

from __future__ import annotations

from dataclasses import dataclass

from recover.sdk.errors import NotRecognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What it would move: `amount` base units of `asset`. An address is empty where the bytes do not show it.

    `shown` says on what the amount rests: "bytes" are what the signature covers; "beside" is only what the file
    says beside them, such as the value of a spent output.
    """

    asset: str
    amount: int
    src: str = ""
    dst: str = ""
    index: int = 0
    shown: str = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposed transaction. `id` is the one that it will have, where signing does not change it.

    `spends` are the outputs that it uses up on a coin chain, as "TXID:N", each with what came with it (`inputs`).
    `sender` is who sends, where the bytes say it. `lets` is what it lets each `dst` take later, by approval.
    `chain` is that of the bytes: where it is not the one that was asked for, it is valid there alone.
    `fee` is exact on a coin chain, `fee_most` the most that it can cost elsewhere, in the chain's own coin.
    `says` are further sentences; `warns` what a verifier must not miss; `unread` what could not be read: whoever
    signs it does something that was not examined.
    """

    chain: str
    form: str
    id: str = ""
    sender: str = ""
    moves: tuple[Moved, ...] = ()
    lets: tuple[Moved, ...] = ()
    inputs: tuple[Moved, ...] = ()
    spends: tuple[str, ...] = ()
    fee: int | None = None
    fee_most: int | None = None
    says: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    signed: bool = False


def other_form(what: str, why: str) -> NotRecognised:
    """The bytes are no proposed transaction of this chain."""
    return NotRecognised(
        "proposal-form",
        f"This is {what}.",
        f"{why[:1].upper()}{why[1:].removesuffix('.')}.",
        "Export the transaction as it is before signing: a PSBT (BIP 174 or 370), or the raw unsigned bytes in "
        "hexadecimal (raw_data_hex, where a node says so).",
    )
