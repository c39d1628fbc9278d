"""Who can hold value: accounts in their classic spelling, and entries of the ledger that hold it for a time."""

from __future__ import annotations

import re

import base58

from recover_chain_xrpl.reading import Fault

# https://xrpl.org/docs/concepts/accounts/addresses: type prefix 0x00, 20 bytes, 4 bytes of double SHA-256.
_CLASSIC = re.compile(r"r[1-9A-HJ-NP-Za-km-z]{24,34}")
_TAGGED = re.compile(r"[XT][1-9A-HJ-NP-Za-km-z]{46}")
# XLS-5d: the two leading bytes that give an X (main network) and a T (test networks) in front.
_MAIN, _TEST = b"\x05\x44", b"\x04\x93"

HOLDERS = {"Escrow": "escrow", "PayChannel": "channel"}
"""Ledger entries that hold value themselves, and the word that their names begin with here."""
_HOLDER = re.compile(r"(escrow|channel)\.(r[1-9A-HJ-NP-Za-km-z]{24,34})\.([0-9A-Fa-f]{64})")


class Unreadable(Fault):
    """A text that names nobody on this ledger; its message says why."""


def classic(account: bytes) -> str:
    """20 bytes as a classic address."""
    return base58.b58encode_check(b"\x00" + account, alphabet=base58.XRP_ALPHABET).decode("ascii")


def raw(address: str) -> bytes:
    """The 20 bytes of a classic address. Raises Unreadable."""
    return _checked(address)[1:]


def read(text: str) -> tuple[str, int | None]:
    """The classic address and the tag (None: none) of a classic address or an X-address. Raises Unreadable."""
    if _CLASSIC.fullmatch(text):
        data = _checked(text)
        if len(data) != 21 or data[0] != 0:
            raise Unreadable("It is in base58 and holds no 20 bytes of an account.")
        return text, None
    if _TAGGED.fullmatch(text):
        return _tagged(text)
    raise Unreadable("An account is r and 24 to 34 characters of base58, an X-address X and 46.")


def holder(kind: str, owner: str, index: str) -> str:
    """The name of an entry that holds value: what it is, whose, and its id in the ledger."""
    return f"{HOLDERS[kind]}.{owner}.{index.upper()}"


def parts(text: str) -> tuple[str, str, str] | None:
    """The kind, the owner and the id of an entry that holds value, None for other texts. Raises Unreadable."""
    found = _HOLDER.fullmatch(text)
    if not found:
        return None
    kind, owner, index = found.groups()
    return kind, read(owner)[0], index.upper()


def _tagged(text: str) -> tuple[str, int | None]:
    data = _checked(text)
    if data[:2] == _TEST:
        raise Unreadable("It is an X-address of a test network, whose coins are worth nothing.")
    if data[:2] != _MAIN or len(data) != 31:
        raise Unreadable("It is in base58 and no X-address.")
    flags, tag = data[22], int.from_bytes(data[23:27], "little")
    # Flag 2 was kept for tags of 64 bits, which the ledger never had.
    if flags > 1 or data[27:31] != b"\x00" * 4:
        raise Unreadable("It is an X-address with a tag of a kind that this ledger does not have.")
    if flags == 0 and tag:
        raise Unreadable("It is an X-address that says it has no tag, and holds one.")
    return classic(data[2:22]), tag if flags else None


def _checked(text: str) -> bytes:
    try:
        return base58.b58decode_check(text, alphabet=base58.XRP_ALPHABET)
    except ValueError:
        raise Unreadable("Its checksum does not hold: a character is wrong or missing.") from None
