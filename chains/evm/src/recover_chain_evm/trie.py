"""The hexary Merkle-Patricia trie: roots of lists, and proofs against a root (yellow paper, appendix D).

Proofs are read by the library. Roots are made here, in one pass over sorted keys: the library puts in one entry
after another and takes eight times as long, and both roots of every block that is proved are made again.
"""

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
    if root == EMPTY:
        return None
    # Here, as the import takes a fifth of a second and only proofs need it.
    from rlp.exceptions import RLPException
    from trie.exceptions import InvalidNibbles, InvalidNode, MissingTrieNode, ValidationError
    from trie.hexary import HexaryTrie

    if any(len(node) > rlp.LARGEST for node in nodes):
        raise ValueError("a node of the proof is longer than any trie has")
    known = {keccak256(node): node for node in nodes}
    try:
        found = HexaryTrie(known, root).get(key)
    except MissingTrieNode as error:
        raise ValueError(f"the proof lacks the node {bytes(error.missing_node_hash).hex()}") from None
    except (InvalidNibbles, InvalidNode, RLPException, ValidationError, IndexError, KeyError, TypeError) as error:
        # The library takes its own database's nodes on trust; these come from a server.
        raise ValueError(f"a node of the proof is none: {error}") from None
    if not isinstance(found, bytes):
        raise ValueError("a node of the proof holds a list where a value stands")
    return found or None


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
