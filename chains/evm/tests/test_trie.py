from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover_chain_evm import rlp, trie
from recover_chain_evm.keccak import keccak256, topic
from recover_chain_evm.topics import FORMS, SIGNATURES


# Ethereum wiki, "RLP"; the last is the example of a long text.
@pytest.mark.parametrize(
    ("item", "written"),
    [
        (b"dog", "83646f67"),
        ([b"cat", b"dog"], "c88363617483646f67"),
        (b"", "80"),
        ([], "c0"),
        (rlp.number(0), "80"),
        (rlp.number(15), "0f"),
        (rlp.number(1024), "820400"),
        ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
        (
            b"Lorem ipsum dolor sit amet, consectetur adipisicing elit",
            "b838" + b"Lorem ipsum dolor sit amet, consectetur adipisicing elit".hex(),
        ),
    ],
)
def test_published_rlp(item: rlp.Item, written: str) -> None:
    assert rlp.encode(item).hex() == written
    assert rlp.decode(bytes.fromhex(written)) == item


_ITEMS = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=6), max_leaves=30)


@given(_ITEMS)
def test_rlp_reads_what_it_wrote(item: rlp.Item) -> None:
    assert rlp.decode(rlp.encode(item)) == item


@given(st.binary(max_size=60))
def test_rlp_accepts_only_its_own_way_of_writing(data: bytes) -> None:
    try:
        item = rlp.decode(data)
    except ValueError:
        return
    assert rlp.encode(item) == data


@pytest.mark.parametrize("text", ["8100", "b800", "b90000", "83646f", "c883636174", "80" + "80", "f80101", ""])
def test_rlp_that_nobody_wrote_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RLP"):
        rlp.decode(bytes.fromhex(text))


def test_rlp_nested_without_end_is_refused() -> None:
    data = b""
    for _ in range(200):
        data = rlp._prefix(len(data), 0xC0) + data
    with pytest.raises(ValueError, match="too deeply"):
        rlp.decode(data)


def test_rlp_longer_than_any_proof_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="longer than any proof"):
        rlp.decode(rlp.encode([b"x"] * 20_000))


# ethereum/tests, TrieTests/trieanyorder.json.
@pytest.mark.parametrize(
    ("entries", "root"),
    [
        (
            {"A": "a" * 50},
            "d23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab",
        ),
        (
            {"doe": "reindeer", "dog": "puppy", "dogglesworth": "cat"},
            "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3",
        ),
        (
            {"do": "verb", "horse": "stallion", "doge": "coin", "dog": "puppy"},
            "5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84",
        ),
        (
            {"foo": "bar", "food": "bass"},
            "17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3",
        ),
        (
            {"be": "e", "dog": "puppy", "bed": "d"},
            "3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b",
        ),
    ],
)
def test_published_tries(entries: dict[str, str], root: str) -> None:
    assert trie.root((k.encode(), v.encode()) for k, v in entries.items()).hex() == root
    assert trie.root((k.encode(), v.encode()) for k, v in reversed(entries.items())).hex() == root


def test_the_empty_trie() -> None:
    assert trie.EMPTY.hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
    assert trie.listed([]) == trie.EMPTY


def nodes(entries: dict[bytes, bytes]) -> list[bytes]:
    """Every node of a trie that is named by its hash, and the root: as good a proof as there is."""
    found: list[bytes] = []
    plain = trie._reference

    def noting(node: rlp.Item) -> rlp.Item:
        found.append(rlp.encode(node))
        return plain(node)

    ordered = sorted((trie._nibbles(key), value) for key, value in entries.items())
    trie._reference = noting
    try:
        found.append(rlp.encode(trie._node(ordered, 0)))
    finally:
        trie._reference = plain
    return found


_KEYS = st.binary(min_size=2, max_size=4)


@given(st.dictionaries(_KEYS, st.binary(min_size=1, max_size=40), min_size=1, max_size=20), _KEYS)
def test_proofs_give_the_value_or_its_absence(entries: dict[bytes, bytes], other: bytes) -> None:
    root, proof = trie.root(entries.items()), nodes(entries)
    for key, value in entries.items():
        assert trie.proved(root, key, proof) == value
    assert trie.proved(root, other, proof) == entries.get(other)


def test_a_proof_with_a_node_missing_or_changed_proves_nothing() -> None:
    entries = {bytes([n, 7]): bytes([n]) * 40 for n in range(20)}
    root, proof = trie.root(entries.items()), nodes(entries)
    assert trie.proved(root, b"\x03\x07", proof) == bytes([3]) * 40
    for place in range(len(proof)):
        left = proof[:place] + proof[place + 1 :]
        changed = [*left, proof[place][:-1] + bytes([proof[place][-1] ^ 1])]
        for spoiled in (left, changed):
            try:
                found = trie.proved(root, b"\x03\x07", spoiled)
            except ValueError:
                continue
            assert found == bytes([3]) * 40, "a spoiled proof gave another value"
    with pytest.raises(ValueError, match="lacks the node"):
        trie.proved(root, b"\x03\x07", [])


@given(st.lists(_ITEMS, min_size=2, max_size=2) | st.lists(_ITEMS, min_size=17, max_size=17) | _ITEMS)
def test_a_proof_whose_root_is_no_node_is_refused_or_proves_what_it_holds(item: rlp.Item) -> None:
    node = rlp.encode(item)
    try:
        found = trie.proved(keccak256(node), b"\x12\x34", [node])
    except ValueError:
        return
    assert found is None or isinstance(found, bytes)


def test_keccak_is_not_sha3() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"


def test_every_topic_is_the_hash_of_its_signature() -> None:
    assert {signature: topic(signature) for signature in SIGNATURES.values()} == {
        signature: text for text, signature in SIGNATURES.items()
    }
    assert [form.signature for form in FORMS if topic(form.signature) != form.topic] == []
    assert len({form.topic for form in FORMS}) == len(FORMS)
