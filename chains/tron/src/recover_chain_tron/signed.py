"""Who signed a transaction: the addresses of the keys, from its id and its signatures (secp256k1; SEC 1,
4.1.6).
"""

from __future__ import annotations

from recover_chain_tron import address

_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def signer(tx: str, signature: bytes) -> str:
    """The address whose key made a signature of 65 bytes under an id. Raises ValueError where it names none."""
    if len(signature) != 65:
        raise ValueError(f"a signature has {len(signature)} bytes, and one has 65")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    parity = v - 27 if v >= 27 else v  # clients write 0 and 1, or 27 and 28 as on Ethereum
    if not (0 < r < _N and 0 < s < _N and parity in (0, 1)):
        raise ValueError("a signature's numbers are out of range")
    # Imported here: it takes a third of a second, which files without signatures need not wait for.
    from eth_keys.datatypes import Signature
    from eth_keys.exceptions import BadSignature

    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(bytes.fromhex(tx))
    except (BadSignature, ValueError):
        raise ValueError("a signature names no point of the curve") from None
    return address.encode(bytes([address.PREFIX]) + key.to_canonical_address())
