"""Who signed: the sender of a transaction from its signature (secp256k1; SEC 1, section 4.1.6)."""

from __future__ import annotations

_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signer(digest: bytes, parity: int, r: int, s: int) -> str:
    """The address that signed `digest`, as 0x and 40 digits. Raises ValueError where the numbers sign nothing."""
    if not (0 < r < _N and 0 < s < _N and parity in (0, 1)):
        raise ValueError("the signature's numbers are out of range")
    # Imported here, as it takes a third of a second that files without signatures need not wait for. eth-keys
    # works through libsecp256k1 where coincurve is installed, 30 times as fast as Python.
    from eth_keys.datatypes import Signature
    from eth_keys.exceptions import BadSignature

    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValueError):  # the first of Python's arithmetic, the second of libsecp256k1
        raise ValueError("the signature names no point of the curve, or no key") from None
    return str(key.to_address())
