"""Merged mining: a block whose proof of work was done on the header of another chain (Dogecoin).

Form and checks: `CAuxPow` in Dogecoin Core, after Namecoin's. The other chain's coinbase names the root of a tree
of chains in which this block's hash stands; its header has the proof of work.
"""

from __future__ import annotations

from dataclasses import dataclass

from recover_chain_bitcoin import header, merkle, transaction
from recover_chain_bitcoin.header import Header
from recover_chain_bitcoin.transaction import Tx
from recover_chain_bitcoin.wire import bounded, compact, display, internal, take

FLAG = 0x100
_MARK = bytes.fromhex("fabe6d6d")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuxPow:
    """The other chain's coinbase, its path to that chain's header, and this chain's path into the coinbase."""

    coinbase: Tx
    path: tuple[str, ...]
    index: int
    chains: tuple[str, ...]
    place: int
    parent: Header

    def holds(self, block: str) -> bool:
        """Whether the parent header commits to `block`. Its proof of work is for the caller to check."""
        if self.index != 0 or not self.coinbase.inputs:
            return False
        committed = internal(merkle.climb(block, self.place, self.chains))[::-1]
        script = self.coinbase.inputs[0].script
        at = script.find(committed)
        marked = script.find(_MARK)
        if at < 0 or (marked >= 0 and marked + len(_MARK) != at):
            return False
        return merkle.climb(self.coinbase.id, self.index, self.path) == self.parent.root


def read(data: bytes, at: int) -> tuple[AuxPow, int]:
    """The proof that begins at `at`, and where the block goes on. Raises Error naming the byte."""
    coinbase = transaction.read(data, at)
    at += len(coinbase.raw) + len(take(data, at + len(coinbase.raw), 32, "the parent's hash"))
    path, index, at = _branch(data, at)
    chains, place, at = _branch(data, at)
    parent = header.parse(data, at)
    found = AuxPow(coinbase=coinbase, path=path, index=index, chains=chains, place=place, parent=parent)
    return found, at + header.SIZE


def _branch(data: bytes, at: int) -> tuple[tuple[str, ...], int, int]:
    count, at = compact(data, at)
    bounded(count, 32, data, at, "hashes")
    hashes = tuple(display(data[at + 32 * n : at + 32 * n + 32]) for n in range(count))
    at += 32 * count
    index = int.from_bytes(take(data, at, 4, "the place in a branch"), "little")
    return hashes, index, at + 4
