"""Merkle trees: the root of a block, a path to it, and the two forms in which others hand out such a path.

Two traps are guarded. CVE-2012-2459: repeating the last transactions of a block leaves its root as it was, so two
equal neighbours are refused. CVE-2017-12842: a node of the tree can pose as a transaction of 64 bytes, so such a
transaction is proven by a whole block only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recover.sdk import Error
from recover_chain_bitcoin import header
from recover_chain_bitcoin.transaction import Tx
from recover_chain_bitcoin.wire import bounded, compact, display, internal, malformed, sha256d, take

DEEPEST = 32
_LEAST_TX = 60  # bytes; Bitcoin Core bounds the count of a partial tree by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Transactions shown to stand in one block: its header, its number of transactions, (index, id) pairs."""

    header: header.Header
    total: int
    matches: tuple[tuple[int, str], ...]


def root(ids: Sequence[str]) -> str:
    """The root over ids in block order. Raises Error for none, and for equal neighbours."""
    if not ids:
        raise malformed(0, "a block without transactions has no Merkle root")
    return display(_fold([internal(each) for each in ids]))


def witness_root(transactions: Sequence[Tx]) -> str:
    """The root over witness ids, the coinbase's taken as zero (BIP 141)."""
    return display(_fold([bytes(32), *(internal(each.witness_id) for each in transactions[1:])]))


def branch(ids: Sequence[str], index: int) -> tuple[str, ...]:
    """The hashes beside the path from leaf `index` to the root, lowest first: what Electrum calls `merkle`."""
    level = [internal(each) for each in ids]
    path = []
    while len(level) > 1:
        path.append(display(level[min(index ^ 1, len(level) - 1)]))
        level, index = _up(level), index // 2
    return tuple(path)


def climb(tx: str, index: int, path: Sequence[str]) -> str:
    """The root that `tx` at `index` leads to, over an Electrum-style branch.

    Raises Error when the index does not fit into the branch's depth, or when a right-hand leaf equals its
    left neighbour, which no honest tree has.
    """
    if len(path) > DEEPEST or not 0 <= index < 1 << len(path):
        raise _untrue(f"position {index} does not fit into a branch of {len(path)} hashes")
    here = internal(tx)
    for each in path:
        beside = internal(each)
        if index & 1 and beside == here:
            raise _untrue("a node on the right equals its neighbour on the left")
        here = sha256d(beside + here if index & 1 else here + beside)
        index >>= 1
    return display(here)


def check_leaf(tx: Tx) -> None:
    """Raises Error for a transaction of 64 bytes: a path cannot prove it, since a node of the tree has as many."""
    if tx.base == 64:
        raise _untrue(f"transaction {tx.id} has 64 bytes, as a node of the tree has")


def parse(data: bytes, at: int = 0) -> Proof:
    """A partial tree with its header: `gettxoutproof` and the `merkleblock` message (BIP 37).

    Raises Error when it is malformed, when bytes or bits are left over, when equal neighbours could hide a
    repetition, or when its root is not the header's.
    """
    head = header.parse(data, at)
    at += header.SIZE
    total = int.from_bytes(take(data, at, 4, "the number of transactions"), "little")
    count, at = compact(data, at + 4)
    bounded(count, 32, data, at, "hashes")
    hashes = [data[at + 32 * n : at + 32 * n + 32] for n in range(count)]
    at += 32 * count
    size, at = compact(data, at)
    flags = take(data, at, size, "the flags of a partial tree")
    if len(data) != at + size:
        raise malformed(at + size, f"the proof ends, and {len(data) - at - size} bytes follow")
    if not 0 < total <= 4_000_000 // _LEAST_TX or count > total or size * 8 < count:
        raise _untrue(f"{count} hashes and {size} bytes of flags do not fit {total} transactions")
    found = _Walk(total, hashes, flags)
    top = found.walk(found.height(), 0)
    found.finish()
    if display(top) != head.root:
        raise _untrue(f"its hashes lead to the root {display(top)}, and the header says {head.root}")
    return Proof(header=head, total=total, matches=tuple(found.matches))


class _Walk:
    """Depth first through a partial tree, as `CPartialMerkleTree::TraverseAndExtract` goes."""

    def __init__(self, total: int, hashes: list[bytes], flags: bytes) -> None:
        self.total, self.hashes, self.flags = total, hashes, flags
        self.bit = self.used = 0
        self.matches: list[tuple[int, str]] = []

    def height(self) -> int:
        return (self.total - 1).bit_length()

    def width(self, height: int) -> int:
        return (self.total + (1 << height) - 1) >> height

    def walk(self, height: int, place: int) -> bytes:
        parent = self._flag()
        if height == 0 or not parent:
            found = self._hash()
            if height == 0 and parent:
                self.matches.append((place, display(found)))
            return found
        left = self.walk(height - 1, place * 2)
        if place * 2 + 1 >= self.width(height - 1):
            return sha256d(left + left)
        right = self.walk(height - 1, place * 2 + 1)
        if left == right:
            raise _untrue("two neighbours in its tree are equal")
        return sha256d(left + right)

    def finish(self) -> None:
        if self.used != len(self.hashes) or (self.bit + 7) // 8 != len(self.flags):
            raise _untrue("it has more hashes or flags than its tree needs")
        if any(self.flags[n // 8] >> n % 8 & 1 for n in range(self.bit, len(self.flags) * 8)):
            raise _untrue("a flag past its tree is set")

    def _flag(self) -> bool:
        if self.bit >= len(self.flags) * 8:
            raise _untrue("it has too few flags")
        self.bit += 1
        return bool(self.flags[(self.bit - 1) // 8] >> (self.bit - 1) % 8 & 1)

    def _hash(self) -> bytes:
        if self.used >= len(self.hashes):
            raise _untrue("it has too few hashes")
        self.used += 1
        return self.hashes[self.used - 1]


def _fold(level: list[bytes]) -> bytes:
    while len(level) > 1:
        level = _up(level, strict=True)
    return level[0]


def _up(level: list[bytes], *, strict: bool = False) -> list[bytes]:
    """The level above. Only the last node of an odd level stands beside itself."""
    pairs = zip(level[::2], level[1::2], strict=False)
    above = []
    for left, right in pairs:
        if strict and left == right:
            raise Error(
                "block-repeats",
                "A block lists the same transactions twice.",
                "Two neighbours in its Merkle tree are equal, so its root would hold with and without them.",
                "Get the block again from another node; this copy was altered (CVE-2012-2459).",
            )
        above.append(sha256d(left + right))
    if len(level) % 2:
        above.append(sha256d(level[-1] + level[-1]))
    return above


def _untrue(why: str) -> Error:
    return Error(
        "merkle-proof",
        "A Merkle proof does not hold.",
        f"{why[0].upper()}{why[1:]}.",
        "Ask another server, or take the whole block; do not rely on this transaction's place in it.",
    )
