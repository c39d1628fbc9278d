"""The hexary Merkle-Patricia trie: roots of lists, and proofs against a root (yellow paper, appendix D)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recover_chain_evm import rlp
from recover_chain_evm.keccak import keccak256

EMPTY = keccak256(rlp.encode(b""))
"""The root of a trie with nothing in it."""

_Entry = tuple[bytes, bytes]


def listed(values: Sequence[bytes]) -> bytes:
    """The root over a block's transactions or receipts: each under the RLP of its number in the block."""
    return root((rlp.encode(rlp.number(place)), value) for place, value in enumerate(values))


def root(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The root of a trie with these keys (as they are, not hashed) and values."""
    ordered = sorted((_nibbles(key), value) for key, value in entries)
    return keccak256(rlp.encode(_node(ordered, 0))) if ordered else EMPTY


def proved(root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes | None:
    """The value of `key` (as the trie has it) that `nodes` prove under `root`; None where they prove its absence.

    Raises ValueError where they prove neither: a node is missing, or does not hash to what names it.
    """
    known = {keccak256(node): node for node in nodes}
    path, wanted = _nibbles(key), root
    if root == EMPTY:
        return None
    node: rlp.Item = _fetch(known, wanted)
    while True:
        if len(node) == 17:
            if not path:
                return _bytes(node[16]) or None
            below, path = node[path[0]], path[1:]
        elif len(node) == 2:
            part, leaf = _unpacked(_bytes(node[0]))
            if path[: len(part)] != part:
                return None
            below, path = node[1], path[len(part) :]
            if leaf:
                return None if path else _bytes(below)
        else:
            raise ValueError("a node of the proof has neither 2 nor 17 parts")
        if below == b"":
            return None
        node = _fetch(known, below) if isinstance(below, bytes) else _list(below)


def _fetch(known: dict[bytes, bytes], digest: bytes) -> Sequence[rlp.Item]:
    if digest not in known:
        raise ValueError(f"the proof lacks the node {digest.hex()[:64]}")
    return _list(rlp.decode(known[digest]))


def _list(item: object) -> Sequence[rlp.Item]:
    if not isinstance(item, list):
        raise ValueError("a node of the proof is no list")
    return item


def _bytes(item: object) -> bytes:
    if not isinstance(item, bytes):
        raise ValueError("a node of the proof holds a list where a value stands")
    return item


def _node(entries: Sequence[_Entry], depth: int) -> rlp.Item:
    """The node over sorted entries that agree in their first `depth` nibbles."""
    first, last = entries[0][0], entries[-1][0]
    if len(entries) == 1:
        return [_packed(first[depth:], leaf=True), entries[0][1]]
    shared = depth
    while shared < len(first) and first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return [_packed(first[depth:shared], leaf=False), _reference(_node(entries, shared))]
    own = entries[0][1] if len(first) == depth else b""
    groups: list[list[_Entry]] = [[] for _ in range(16)]
    for entry in entries[1:] if own else entries:
        groups[entry[0][depth]].append(entry)
    return [*(_reference(_node(group, depth + 1)) if group else b"" for group in groups), own]


def _reference(node: rlp.Item) -> rlp.Item:
    """A node of less than 32 bytes stands inside its parent; a larger one is named by its hash."""
    written = rlp.encode(node)
    return node if len(written) < 32 else keccak256(written)


def _nibbles(key: bytes) -> bytes:
    return bytes(half for byte in key for half in (byte >> 4, byte & 15))


def _packed(nibbles: bytes, *, leaf: bool) -> bytes:
    flag = 2 * leaf + len(nibbles) % 2
    full = (bytes([flag]) if len(nibbles) % 2 else bytes([flag, 0])) + nibbles
    return bytes(16 * full[i] + full[i + 1] for i in range(0, len(full), 2))


def _unpacked(data: bytes) -> tuple[bytes, bool]:
    nibbles = _nibbles(data)
    if not nibbles or nibbles[0] > 3:
        raise ValueError("the path of a node of the proof has no flag")
    return nibbles[1 if nibbles[0] % 2 else 2 :], nibbles[0] >= 2
