"""EVM addresses: 20 bytes in hexadecimal, with the checksum that EIP-55 hides in the case of the letters."""

from __future__ import annotations

import re

from recover_chain_evm.keccak import keccak256

ZERO = "0x" + "0" * 40
"""The address of twenty zero bytes: a Transfer event from it is a mint, one to it a burn."""

_DIGITS = re.compile(r"0x[0-9a-fA-F]{40}")


def checksummed(address: str) -> str:
    """An address as EIP-55 writes it: a letter is large where the hash of the small ones has an eight or more."""
    small = address[2:].lower()
    digest = keccak256(small.encode("ascii")).hex()
    return "0x" + "".join(c.upper() if int(h, 16) > 7 else c for c, h in zip(small, digest, strict=False))


def canonical(text: str) -> str:
    """The address in lower case. Raises ValueError with the reason, also for a checksum that does not hold.

    Lower case, and not EIP-55, because that is how nodes and exports write addresses: a column of millions is
    canonical as it comes, and no hash is needed to compare two of them. All small or all large letters say
    nothing of a checksum and are taken.
    """
    if not _DIGITS.fullmatch(text):
        raise ValueError(_why(text))
    letters = [c for c in text[2:] if c.isalpha()]
    if any(c.islower() for c in letters) and any(c.isupper() for c in letters):
        wanted = checksummed(text)
        if text != wanted:
            place = next(i for i in range(len(text)) if text[i] != wanted[i])
            raise ValueError(
                f"its checksum does not hold: character {place + 1} is {text[place]!a} and should be "
                f"{wanted[place]!a}, so a character was changed (EIP-55)"
            )
    return text.lower()


def _why(text: str) -> str:
    if not text.startswith("0x"):
        return "an address of these chains begins with 0x"
    wrong = next((i for i, c in enumerate(text[2:], start=3) if c not in "0123456789abcdefABCDEF"), None)
    if wrong is not None:
        return f"character {wrong} ({text[wrong - 1]!a}) is no hexadecimal digit"
    return f"it has {len(text) - 2} hexadecimal digits; an address has 40, a transaction id 64"
