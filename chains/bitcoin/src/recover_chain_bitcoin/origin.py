"""Which network a block belongs to, when nothing but its own bytes says so.

The magic in front of a block names its network, but for Bitcoin Cash, whose nodes keep Bitcoin's on disk. A bare
block is tried on each network in the order of `networks.toml`, Bitcoin first: its header must meet its own proof
of work by that network's rules, and be as hard as that network's blocks of that day were. A block of testnet3 of
2016 has proof of work, but not a hundredth of what Bitcoin asked for in 2016. Networks that share all of this are
told apart by the height in the coinbase (testnet3, testnet4) or by a mark in it (signet).
"""

from __future__ import annotations

from recover.sdk import Error, NotRecognised
from recover_chain_bitcoin import auxpow, header, height, networks, script, transaction
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.networks import Network
from recover_chain_bitcoin.transaction import Tx
from recover_chain_bitcoin.wire import compact


def of_block(data: bytes) -> Network:
    """The network of a bare block. Raises Error when its proof of work holds on none."""
    head = header.parse(data)
    found = of_header(head, _read_first(data, merged=False))
    if found is not None:
        return found
    if head.version & auxpow.FLAG:
        coinbase = _read_first(data, merged=True)
        for each in networks.every():
            if each.merged and each.plausible(head) and _merged(each, head, data) and _fits(each, head, coinbase):
                return each
    raise Error(
        "no-proof-of-work",
        f"Block {head.id} has no proof of work by which its network could be told.",
        f"Its target is {head.bits:08x} at Unix time {head.time}: its hash does not meet it, or no network was so "
        "easy at that time.",
        "If it is a block of one's own test network, import a block file, which names its network; else get the "
        "block again: its header is damaged.",
    )


def of_header(head: Header, coinbase: Tx | None = None) -> Network | None:
    """The likeliest network of a header and its coinbase, None when its proof of work holds on none."""
    for each in networks.every():
        if each.plausible(head) and each.proves(head) and _fits(each, head, coinbase):
            return each
    return None


def of_frame(magic: bytes, data: bytes) -> Network:
    """The network of a block behind `magic`. Raises NotRecognised when no network has it."""
    found = networks.by_magic(magic)
    if not found:
        known = ", ".join(f"{each.magic[0].hex()} ({each.title})" for each in networks.every())
        raise NotRecognised(
            "magic-unknown",
            f"{magic.hex()} is the magic of no network that is known here.",
            f"A block in a block file begins with one of: {known}.",
            "Check that the file is a block file of one of these networks, and whole from its first byte.",
        )
    if len(found) == 1:
        return found[0]
    head = header.parse(data)
    return next((each for each in found if each.plausible(head)), found[0])


def of_text(texts: list[str]) -> Network | None:
    """The first network on which an address of `texts` can be read."""
    for text in texts:
        for each in networks.every():
            try:
                script.address(each, text)
            except ValueError:
                continue
            return each
    return None


def is_block(head: bytes) -> bool:
    """Whether bytes begin as a block does: a header, a count, and a coinbase; all else is left to reading it."""
    if len(head) <= header.SIZE:
        return False
    first = _read_first(head, merged=False) or _read_first(head, merged=True)
    return first is not None and first.is_coinbase


def _first(data: bytes, *, merged: bool) -> Tx:
    at = header.SIZE
    if merged:
        _, at = auxpow.read(data, at)
    count, at = compact(data, at)
    if not count:
        raise NotRecognised("no-block", "A block has transactions.", "It has none.", "Check the file.")
    return transaction.read(data, at)


def _read_first(data: bytes, *, merged: bool) -> Tx | None:
    try:
        return _first(data, merged=merged)
    except Error:
        return None


def _merged(network: Network, head: Header, data: bytes) -> bool:
    proof, _ = auxpow.read(data, header.SIZE)
    return proof.holds(head.id) and header.proves(
        proof.parent.raw, head.bits, limit=network.limit, work=network.work
    )


def _fits(network: Network, head: Header, coinbase: Tx | None) -> bool:
    """Whether the coinbase has the network's mark and height, where the network has such."""
    lowest = max((least for day, least in network.lowest if day <= head.time), default=0)
    if not network.mark and not lowest:
        return True
    if coinbase is None:
        return not network.mark
    if network.mark and not any(network.mark in each.script for each in coinbase.outputs):
        return False
    said = height.pushed(coinbase.inputs[0].script)
    return not lowest or (said is not None and said >= lowest)
