"""At which height a block stands, where its own bytes say so (BIP 34)."""

from __future__ import annotations

from recover_chain_bitcoin.block import Block
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.transaction import Tx

TALLEST = 2**31 - 1


def stated(network: Network, block: Block) -> int | None:
    """The height that a block states; see `of`."""
    return of(network, block.header, block.transactions[0])


def of(network: Network, head: Header, coinbase: Tx) -> int | None:
    """The height in a block's coinbase, None where it may say anything.

    It binds from the network's BIP 34 height on, and only in blocks of version 2 and later: some older coinbases
    begin with bytes that read like heights far above their own (BIP 30's list). The genesis block is at 0.
    """
    if head.id == network.genesis:
        return 0
    version = head.version & 0xFF if network.merged else head.version
    found = pushed(coinbase.inputs[0].script)
    return found if version >= 2 and found is not None and found >= network.bip34 else None


def pushed(script: bytes) -> int | None:
    """The number that a coinbase's script begins with, in its shortest form, or None."""
    if not script:
        return None
    if script[0] == 0 or 0x51 <= script[0] <= 0x60:
        return script[0] and script[0] - 0x50
    size = script[0]
    body = script[1 : 1 + size]
    if not 1 <= size <= 5 or len(body) != size or body[-1] & 0x80:
        return None
    number = int.from_bytes(body, "little")
    shortest = number > 16 and (number.bit_length() // 8 + 1) == size
    return number if shortest and number <= TALLEST else None
