"""Headers, transactions and blocks from their bytes; what is damaged or false is refused with its byte."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover.sdk import Error
from recover_chain_bitcoin import auxpow, block, header, height, merkle, networks, origin, transaction
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import NULL, Input, Output

RAW = (Path(__file__).parent / "data" / "block482683.raw").read_bytes()
ONE = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
GENESIS = {  # chainparams.cpp of each: Merkle root, time, bits, nonce
    "mainnet": (ONE, 1231006505, 0x1D00FFFF, 2083236893),
    "testnet3": (ONE, 1296688602, 0x1D00FFFF, 414098458),
    "testnet4": (
        "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e",
        1714777860,
        0x1D00FFFF,
        393743547,
    ),
    "signet": (ONE, 1598918400, 0x1E0377AE, 52613770),
    "regtest": (ONE, 1296688602, 0x207FFFFF, 2),
    "litecoin": (
        "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9",
        1317972665,
        0x1E0FFFF0,
        2084524493,
    ),
    "dogecoin": (
        "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69",
        1386325540,
        0x1E0FFFF0,
        99943,
    ),
}
# The first payment: Satoshi Nakamoto to Hal Finney, block 170.
FIRST = bytes.fromhex(
    "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961"
    "a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901"
    "ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df"
    "5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1"
    "482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000"
)


@pytest.mark.parametrize("key", GENESIS)
def test_each_genesis_header_has_the_hash_and_the_work_of_its_network(key: str) -> None:
    root, time, bits, nonce = GENESIS[key]
    network = networks.of(key)
    built = header.build(version=1, parent=NULL, root=root, time=time, bits=bits, nonce=nonce)
    assert built.id == network.genesis
    assert network.proves(built)
    assert network.plausible(built)
    worse = header.build(version=1, parent=NULL, root=root, time=time, bits=bits, nonce=nonce ^ 1 << 20)
    assert key == "regtest" or not network.proves(worse)


@pytest.mark.parametrize(
    ("bits", "number"),
    [  # `arith_uint256_tests.cpp` of Bitcoin Core, bignum_SetCompact
        (0, 0),
        (0x00123456, 0),
        (0x01003456, 0),
        (0x02000056, 0),
        (0x01123456, 0x12),
        (0x02123456, 0x1234),
        (0x03123456, 0x123456),
        (0x04123456, 0x12345600),
        (0x05009234, 0x92340000),
        (0x04923456, 0),  # negative
        (0x20123456, 0x1234560000000000000000000000000000000000000000000000000000000000),
        (0xFF123456, 0),  # overflow
        (0x1D00FFFF, 0xFFFF << 208),
    ],
)
def test_compact_targets(bits: int, number: int) -> None:
    assert header.target(bits) == number


def test_the_first_payment_is_read_whole() -> None:
    found = transaction.parse(FIRST)
    assert found.id == "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
    assert [each.value for each in found.outputs] == [1_000_000_000, 4_000_000_000]
    assert found.inputs[0].tx == "0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9"
    assert (found.size, found.vsize, found.witness_id) == (275, 275, found.id)


@given(
    st.lists(
        st.builds(
            Input,
            st.binary(min_size=32, max_size=32).map(bytes.hex),
            st.integers(0, 2**32 - 1),
            st.binary(max_size=300),
            st.integers(0, 2**32 - 1),
            st.lists(st.binary(max_size=300), max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.builds(Output, st.integers(0, 2**62), st.binary(max_size=300)), min_size=1, max_size=4),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(0, 2**32 - 1),
)
def test_what_is_built_is_read_back(
    inputs: list[Input], outputs: list[Output], version: int, locktime: int
) -> None:
    built = transaction.build(version, inputs, outputs, locktime)
    assert transaction.parse(built.raw) == built
    for cut in (1, len(built.raw) // 2, len(built.raw) - 1):
        with pytest.raises(Error):
            transaction.parse(built.raw[:cut])
    with pytest.raises(Error, match=r"Byte"):
        transaction.parse(built.raw + b"\0")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (transaction.parse, block.parse, header.parse):
        with suppress(Error):
            read(data)


@pytest.mark.parametrize(
    ("name", "spoiled", "said"),
    [
        ("hostile count of inputs", FIRST[:4] + b"\xfe\x00\x00\x00\x02" + FIRST[5:], "inputs need at least"),
        ("count above the largest", FIRST[:4] + b"\xff" + b"\xff" * 8 + FIRST[5:], "above the largest"),
        ("count longer than need be", FIRST[:4] + b"\xfd\x01\x00" + FIRST[5:], "longer than it need be"),
        ("no inputs", FIRST[:4] + b"\x00\x00" + FIRST[5:], "no inputs"),
        ("script past the end", FIRST[:41] + b"\xfe\xff\xff\xff\x01" + FIRST[42:], "bytes end at"),
        ("negative value", FIRST[:119] + b"\xff" * 8 + FIRST[127:], "negative value -1"),
        ("unknown flag", FIRST[:4] + b"\x00\x02" + FIRST[4:], "unknown flag 0x02"),
        ("witnesses said and not there", FIRST[:4] + b"\x00\x01" + FIRST[4:-4] + b"\x00" + FIRST[-4:], "has none"),
    ],
)
def test_a_spoiled_transaction_is_refused(name: str, spoiled: bytes, said: str) -> None:
    with pytest.raises(Error) as caught:
        transaction.parse(spoiled)
    assert said in caught.value.why, name
    assert "byte" in caught.value.why


def test_a_block_is_read_whole() -> None:
    found = block.parse(RAW)
    assert found.id == "000000000000000000c238240ef6dcb26c37e75e16514e6ffc0aef7eee73e747"
    assert len(found.transactions) == 12
    assert sum(each.has_witness for each in found.transactions) == 2
    assert sum(len(each.raw) for each in found.transactions) + 81 == len(RAW)
    assert networks.of("mainnet").sealed(found)
    assert height.stated(networks.of("mainnet"), found) == 482_683
    assert origin.of_block(RAW).key == "mainnet"


@pytest.mark.parametrize(
    ("name", "spoil", "code"),
    [
        ("cut in half", lambda raw: raw[: len(raw) // 2], "bytes-end"),
        ("bytes added", lambda raw: raw + b"\0\0", "bytes-unreadable"),
        ("a value changed", lambda raw: raw.replace(b"\x76\xa9\x14", b"\x76\xa9\x15", 1), "merkle-root"),
        ("a root changed", lambda raw: raw[:36] + b"\0" + raw[37:], "merkle-root"),
        ("hostile count", lambda raw: raw[:80] + b"\xfe\0\0\0\x02" + raw[81:], "bytes-end"),
        ("no transactions", lambda raw: raw[:80] + b"\0" + raw[81:], "bytes-unreadable"),
    ],
)
def test_a_spoiled_block_is_refused(name: str, spoil: object, code: str) -> None:
    assert callable(spoil)
    with pytest.raises(Error) as caught:
        block.parse(spoil(RAW))
    assert caught.value.code == code, name


def test_a_changed_witness_is_found() -> None:
    """Ids and the Merkle root say nothing of witnesses; the coinbase's commitment does (BIP 141)."""
    found = block.parse(RAW)
    tx = next(each for each in found.transactions[1:] if each.has_witness)
    signature = max((item for each in tx.inputs for item in each.witness), key=len)
    spoiled = RAW.replace(signature, signature[:-1] + bytes([signature[-1] ^ 2]))
    with pytest.raises(Error) as caught:
        block.parse(spoiled)
    assert caught.value.code == "witness-commitment"


def test_repeated_transactions_are_found() -> None:
    """CVE-2012-2459: six transactions, and the last two of them again, have one and the same root."""
    first = mined.coinbase(100, mined.pays(b"\x51"))
    rest = [mined.spends((f"{n:064x}", 0), outputs=[mined.pays(b"\x51")]) for n in range(1, 6)]
    good = mined.block(first, *rest)
    assert block.parse(good).id
    root = merkle.root([each.id for each in (first, *rest)])
    listed = [first, *rest, *rest[-2:]]
    spoiled = good[:80] + bytes([len(listed)]) + b"".join(each.raw for each in listed)
    assert header.parse(spoiled).root == root
    with pytest.raises(Error) as caught:
        block.parse(spoiled)
    assert caught.value.code == "block-repeats"


def test_a_block_has_one_coinbase_and_it_stands_first() -> None:
    one, two = mined.coinbase(100, mined.pays(b"\x51")), mined.coinbase(101, mined.pays(b"\x51"))
    other = mined.spends((f"{1:064x}", 0), outputs=[mined.pays(b"\x51")])
    for listed in ((one, two), (other, one), (other,)):
        with pytest.raises(Error, match="cannot be read"):
            block.parse(mined.block(*listed))


def test_heights_follow_links_and_nothing_else() -> None:
    linked = [header.parse(each) for each in mined.chain(5, parent=networks.of("regtest").genesis)]
    stray = header.parse(mined.chain(1, parent="11" * 32)[0])
    found = header.heights([*reversed(linked), stray], {networks.of("regtest").genesis: 0})
    assert [found.get(each.id) for each in [*linked, stray]] == [1, 2, 3, 4, 5, None]
    assert header.heights(linked, {linked[3].id: 400})[linked[0].id] == 397
    with pytest.raises(Error) as caught:
        header.heights(linked, {linked[0].id: 1, linked[4].id: 9})
    assert caught.value.code == "heights-contradict"


def test_a_chain_of_headers_is_checked() -> None:
    linked = [header.parse(each) for each in mined.chain(4)]
    header.chain(linked, NULL)
    with pytest.raises(Error) as caught:
        header.chain([linked[0], linked[2]])
    assert caught.value.code == "headers-unlinked"


@pytest.mark.parametrize(
    ("script", "number"),
    [
        (bytes.fromhex("03d88403"), 230616),
        (b"\x51\x00", 1),
        (b"\x60", 16),
        (b"\x00", 0),
        (b"\x01\x11", 17),
        (b"\x02\x80\x00", 128),
        (b"\x01\x10", None),  # 16 has a shorter form
        (b"\x01\x80", None),  # a sign bit
        (b"\x03\x01\x00\x00", None),  # longer than it need be
        (b"\x04\xff\xff", None),
        (b"", None),
    ],
)
def test_heights_in_coinbases(script: bytes, number: int | None) -> None:
    assert height.pushed(script) == number


def test_an_old_block_cannot_state_a_height() -> None:
    """Before version 2 a coinbase may begin with anything: block 176,684 reads like 490,897 (BIP 30)."""
    script = bytes([3]) + (490_897).to_bytes(3, "little")
    first = transaction.build(1, [Input(NULL, 0xFFFFFFFF, script, 0xFFFFFFFF)], [mined.pays(b"\x51")], 0)
    old = header.parse(mined.block(first, version=1))
    new = header.parse(mined.block(first, version=2))
    assert height.of(networks.of("mainnet"), old, first) is None
    assert height.of(networks.of("mainnet"), new, first) == 490_897


def test_networks_are_told_apart_by_work_and_day() -> None:
    real = header.parse(RAW)
    assert networks.of("mainnet").plausible(real)
    easy = mined.block(mined.coinbase(100, mined.pays(b"\x51")), time=1_600_000_000)
    assert origin.of_block(easy).key == "regtest"
    spoiled = bytearray(RAW)
    spoiled[76] ^= 1
    with pytest.raises(Error) as caught:
        origin.of_block(bytes(spoiled))
    assert caught.value.code == "no-proof-of-work"


def test_bitcoin_cash_is_told_by_its_own_magic_and_by_its_difficulty() -> None:
    assert origin.of_frame(bytes.fromhex("e3e1f3e8"), RAW).key == "bitcoin-cash"
    assert origin.of_frame(bytes.fromhex("f9beb4d9"), RAW).key == "mainnet"
    easier = RAW[:72] + bytes.fromhex("00003218") + RAW[76:]  # a fortieth of Bitcoin's difficulty of that day
    assert header.difficulty(header.parse(easier).bits) < 150_000_000_000
    assert origin.of_frame(bytes.fromhex("f9beb4d9"), easier).key == "bitcoin-cash"


def test_merged_mining_is_followed_to_the_parent_chain() -> None:
    """A Dogecoin block whose work was done on another header, which commits to it in its coinbase."""
    own = mined.coinbase(5_000_000, mined.pays(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac"))
    root = merkle.root([own.id])
    head = header.build(version=0x00620104, parent=NULL, root=root, time=1_700_000_000, bits=mined.EASY, nonce=0)
    script = b"\xfa\xbemm" + bytes.fromhex(head.id) + (1).to_bytes(4, "little") + bytes(4)
    theirs = transaction.build(1, [Input(NULL, 0xFFFFFFFF, script, 0)], [mined.pays(b"\x51")], 0)
    parent = header.build(version=2, parent=NULL, root=theirs.id, time=1, bits=0x1D00FFFF, nonce=7)
    proof = theirs.raw + bytes(32) + b"\0" + bytes(4) + b"\0" + bytes(4) + parent.raw
    found = block.parse(head.raw + proof + b"\x01" + own.raw, witness=False, merged=True)
    assert found.work is not None
    assert found.work.parent.id == parent.id
    assert [each.id for each in found.transactions] == [own.id]
    assert found.work.holds(found.id)
    assert not found.work.holds("11" * 32)
    assert not networks.of("dogecoin").sealed(found), "its target is above the network's limit"
    read, end = auxpow.read(proof, 0)
    assert (read.parent, read.coinbase.id, end) == (parent, theirs.id, len(proof))


def test_litecoin_extension_blocks_are_carried_and_not_read() -> None:
    """The last transaction of such a block has the flag 8 and an empty extension; the hidden part follows."""
    first = mined.coinbase(2_300_000, mined.pays(b"\x51"))
    last = mined.spends((first.id, 0), outputs=[mined.pays(b"\x59\x20" + bytes(32))])
    hog = last.raw[:4] + b"\x00\x08" + last.raw[4:-4] + b"\x00" + last.raw[-4:]
    plain = mined.block(first, last)
    extended = plain[:81] + first.raw + hog + b"\x01" + bytes(50)
    found = block.parse(extended)
    assert [each.id for each in found.transactions] == [first.id, last.id]
    assert len(found.extension) == 51
    with pytest.raises(Error):
        block.parse(plain + b"\x01" + bytes(50))
