"""Paths to a block's root: the textbook's tree as the oracle, and every way to spoil a path."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Error
from recover_chain_bitcoin import header, merkle, transaction
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import NULL
from recover_chain_bitcoin.wire import sized

IDS = [sha256(bytes([n])).hexdigest() for n in range(40)]
counts = st.integers(1, 40)


def textbook(level: list[bytes]) -> bytes:
    if len(level) == 1:
        return level[0]
    level = level + level[-1:] if len(level) % 2 else level
    pairs = [level[n] + level[n + 1] for n in range(0, len(level), 2)]
    return textbook([sha256(sha256(pair).digest()).digest() for pair in pairs])


def root(ids: list[str]) -> str:
    return textbook([bytes.fromhex(each)[::-1] for each in ids])[::-1].hex()


def partial(ids: list[str], wanted: set[int]) -> bytes:
    """A partial tree, written as BIP 37 describes it: level by level from the root, depth first."""
    flags: list[bool] = []
    hashes: list[bytes] = []

    def walk(low: int, high: int, size: int) -> None:
        parent = any(low <= each < high for each in wanted)
        flags.append(parent)
        if size == 1 or not parent:
            hashes.append(subtree([bytes.fromhex(each)[::-1] for each in ids[low:high]], size))
            return
        half = size // 2
        walk(low, low + half, half)
        if low + half < len(ids):
            walk(low + half, high, half)

    def subtree(level: list[bytes], size: int) -> bytes:
        while size > 1:
            level = level + level[-1:] if len(level) % 2 else level
            level = [sha256(sha256(level[n] + level[n + 1]).digest()).digest() for n in range(0, len(level), 2)]
            size //= 2
        return level[0]

    size = 1
    while size < len(ids):
        size *= 2
    walk(0, size, size)
    bits = bytearray((len(flags) + 7) // 8)
    for place, flag in enumerate(flags):
        bits[place // 8] |= flag << place % 8
    body = len(ids).to_bytes(4, "little") + sized(len(hashes)) + b"".join(hashes) + sized(len(bits)) + bytes(bits)
    return _head(root(ids)) + body


def _head(top: str) -> bytes:
    return header.build(version=2, parent=NULL, root=top, time=1, bits=mined.EASY, nonce=0).raw


@given(counts)
def test_the_root_is_the_textbook_s(count: int) -> None:
    assert merkle.root(IDS[:count]) == root(IDS[:count])


@given(counts, st.data())
def test_a_branch_leads_to_the_root_and_no_other_leads_there(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    ids = IDS[:count]
    path = merkle.branch(ids, index)
    assert merkle.climb(ids[index], index, path) == root(ids)
    for spoiled in (merkle.branch(ids, index)[:-1], (*path, IDS[-1])):
        if spoiled != path:
            assert merkle.climb(ids[index], index % (1 << len(spoiled)), spoiled) != root(ids)


@given(counts, st.data())
def test_a_partial_tree_shows_exactly_what_it_was_made_for(count: int, data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    found = merkle.parse(partial(IDS[:count], wanted))
    assert found.total == count
    assert list(found.matches) == [(n, IDS[n]) for n in sorted(wanted)]
    assert found.header.root == root(IDS[:count])


@given(st.integers(2, 40), st.data())
def test_a_changed_byte_of_a_partial_tree_never_shows_another_transaction(count: int, data: st.DataObject) -> None:
    good = partial(IDS[:count], {data.draw(st.integers(0, count - 1))})
    at = data.draw(st.integers(0, len(good) - 1))
    spoiled = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        found = merkle.parse(spoiled)
    except Error:
        return
    # What still holds: another header with the same root, or the same tree with fewer transactions said to match.
    assert found.header.root == root(IDS[:count])
    assert all(each in IDS[:count] for _, each in found.matches)


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("cut", lambda p: p[:-1], "needs"),
        ("more after it", lambda p: p + b"\0", "bytes follow"),
        ("no transactions", lambda p: p[:80] + bytes(4) + p[84:], "do not fit"),
        ("hostile count", lambda p: p[:84] + b"\xfe\0\0\0\x01" + p[85:], "hashes need at least"),
        ("hostile total", lambda p: p[:80] + b"\xff" * 4 + p[84:], "do not fit"),
        ("another root", lambda p: p[:36] + b"\1" + p[37:], "lead to the root"),
        ("a flag past the tree", lambda p: p[:-1] + bytes([p[-1] | 0x80]), "past its tree"),
    ],
)
def test_a_spoiled_partial_tree_is_refused(name: str, spoil: object, said: str) -> None:
    assert callable(spoil)
    with pytest.raises(Error) as caught:
        merkle.parse(spoil(partial(IDS[:5], {3})))
    assert said in caught.value.why, name


def test_equal_neighbours_are_refused() -> None:
    """CVE-2012-2459: a tree of three and one that says four have the same root."""
    three, four = IDS[:3], [*IDS[:3], IDS[2]]
    assert root(three) == root(four)
    with pytest.raises(Error) as caught:
        merkle.root(four)
    assert caught.value.code == "block-repeats"
    with pytest.raises(Error, match="does not hold"):
        merkle.parse(partial(four, {2, 3}))
    with pytest.raises(Error, match="does not hold"):
        merkle.climb(IDS[2], 3, (IDS[2], merkle.branch(three, 2)[1]))


def test_a_transaction_as_long_as_a_node_is_not_proven_by_a_path() -> None:
    """CVE-2017-12842."""
    tx = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51\x51\x51\x51")])
    assert tx.base == 64
    with pytest.raises(Error, match="does not hold"):
        merkle.check_leaf(tx)
    merkle.check_leaf(transaction.parse(mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51")]).raw))


def test_a_position_outside_of_the_branch_is_refused() -> None:
    with pytest.raises(Error, match="does not hold"):
        merkle.climb(IDS[0], 4, IDS[1:3])
    with pytest.raises(Error, match="does not hold"):
        merkle.climb(IDS[0], 0, IDS[:1] * 33)
