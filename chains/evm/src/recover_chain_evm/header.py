"""A block's hash from the fields of its header (yellow paper 4.4.3, with EIP-1559, 4895, 4844, 4788 and 7685)."""

from __future__ import annotations

from recover_chain_evm import rlp
from recover_chain_evm.keccak import keccak256
from recover_chain_evm.values import Fields, number, octets

_FIRST = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
)
_NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_LATER = (
    ("baseFeePerGas", 0),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", 0),
    ("excessBlobGas", 0),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)
"""What the forks added, in order; 0 for a number. A header has the first few of them, up to its fork."""


def hashed(block: Fields) -> str:
    """The hash that the fields of a node's block give, as 0x and 64 digits.

    Raises KeyError or ValueError where a field is missing or unreadable. A chain whose headers have other fields
    (Avalanche) gives a hash that is not the block's; it then only shows that nothing was proved.
    """
    parts: list[rlp.Item] = [octets(block[name], name, size) for name, size in _FIRST]
    parts += [rlp.number(number(block[name], name)) for name in _NUMBERS]
    parts += [octets(block["extraData"], "extraData"), octets(block["mixHash"], "mixHash", 32)]
    parts.append(octets(block["nonce"], "nonce", 8))
    present = [block.get(name) is not None for name, _ in _LATER]
    for (name, size), _ in zip(_LATER, range(sum(present)), strict=False):
        value = block[name]
        parts.append(octets(value, name, size) if size else rlp.number(number(value, name)))
    return "0x" + keccak256(rlp.encode(parts)).hex()


def proved(block: Fields) -> bool:
    """Whether the block's hash is the one that its own fields give."""
    try:
        return bool(hashed(block) == str(block["hash"]).lower())
    except (KeyError, ValueError):
        return False
