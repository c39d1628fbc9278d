"""Calls of contracts and the texts that they answer, through eth-abi.

What moves value is not read here: logs are read in columns by `words`, thirty times as fast as one by one through
the library (`benchmarks/evm_decode.py`). The imports stand inside the functions, as eth-abi takes half a second to
import and only collecting and its answers need it.
"""

from __future__ import annotations

from recover_chain_evm.keccak import selector

_TEXT = 256


def call(signature: str, *values: str) -> str:
    """The data of a call of the function with this signature, as 0x and digits. Arguments are addresses."""
    from eth_abi.abi import encode

    return selector(signature) + encode(["address"] * len(values), values).hex()


def text(raw: bytes) -> str:
    """A text as the ABI writes it, or as 32 bytes padded with nought (some of the first tokens); else nothing."""
    from eth_abi.abi import decode
    from eth_abi.exceptions import DecodingError

    if len(raw) == 32:
        found = raw.rstrip(b"\0")
    else:
        try:
            # As bytes, since what a contract calls a text need not be UTF-8; not all contracts pad it.
            (found,) = decode(["bytes"], raw, strict=False)
        except (DecodingError, OverflowError):
            return ""
    return found[:_TEXT].decode("utf-8", "replace").replace("\0", "")
