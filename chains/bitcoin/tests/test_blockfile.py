"""One block or transaction a file, and block files of many: recognised, decoded, refused."""

from __future__ import annotations

import bz2
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recover.sdk import Error, NotRecognised
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_bitcoin import block, frames, networks
from recover_chain_bitcoin.blkfile import BlkFile
from recover_chain_bitcoin.blockfile import BlockFile
from recover_chain_bitcoin.testing import mined

RAW = (Path(__file__).parent / "data" / "block482683.raw").read_bytes()
REGTEST = networks.of("regtest")
CHAIN = mined.chain(6, parent=REGTEST.genesis)
FILE = mined.framed("fabfb5da", *CHAIN) + bytes(500)
KEY = bytes.fromhex("a1b2c3d4e5f60718")
HIDDEN = frames.cleared(FILE, KEY)
TX = block.parse(RAW).transactions[1].raw
PAID = mined.block(
    mined.coinbase(7, mined.pays(b"\x76\xa9\x14" + bytes(20) + b"\x88\xac", 50)),
    mined.spends((f"{1:064x}", 3), outputs=[mined.pays(b"\x6a\x01\x01", 0), mined.pays(b"\x51", 7)]),
)


BTC = "bip122:000000000019d6689c085ae165831e93/slip44:0"
PAYEES = (("19Ko3x9gAXJuGiCh56RMxyuNm1PFT8C38q", 105_088_100), ("17UezPMqPCQHPax9oqEPwSwsHDUC7Mk3WD", 1_000_161))
# Two outputs to key hashes; what its five inputs spend stands in no block of these files.
SHOWN = Stated(
    id="ef2346f36c2ddd6f54422bd400a417eb93b19f7a33a943ef2095da3f2acd46cb",
    nets={(address, BTC): amount for address, amount in PAYEES},
    outputs=PAYEES,
    time=datetime(2017, 8, 30, 19, 2, 17, tzinfo=UTC),
    height=482_683,
    index=1,
)
TAKEN = "The raw block, its scripts and its header read by hand; addresses as base58check of the key hashes."


class TestBlock(SourceKit):
    source = BlockFile()
    examples = (
        exhibit("block482683.raw", RAW),
        exhibit("block482683.txt", RAW.hex().encode() + b"\n"),
        exhibit("payment.bin", TX),
        exhibit("payment.hex", TX.hex().encode()),
        exhibit("several.hex", b"".join(t.raw.hex().encode() + b"\n" for t in block.parse(RAW).transactions)),
    )
    expected = (Expected(example=examples[0], taken=TAKEN, transactions=(SHOWN,)),)
    foreign = (("blk00000.dat", FILE), ("blk00001.dat", HIDDEN), ("blk.bz2", bz2.compress(FILE)))


class TestBlk(SourceKit):
    source = BlkFile()
    examples = (
        exhibit("blk00000.dat", FILE),
        exhibit("blk00001.dat", HIDDEN),
        exhibit("blk00000.dat.bz2", bz2.compress(FILE)),
        exhibit("one.dat", mined.framed("f9beb4d9", RAW)),
    )
    expected = (Expected(example=examples[3], taken=TAKEN, transactions=(SHOWN,)),)
    foreign = (("block.raw", RAW), ("block.hex", RAW.hex().encode()), ("tx.bin", TX), ("x.bz2", bz2.compress(RAW)))


def records(*bodies: bytes) -> bytes:
    """A rev*.dat: magic, size, what one block spent, and a checksum."""
    return b"".join(mined.framed("fabfb5da", body) + bytes([7] * 32) for body in bodies)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("copied.dat", records(b"\0", b"\0")),
        ("copied.dat", records(bytes(200), b"\0")),
        ("rev00000.dat", records(b"\0")),
        ("rev00000.dat", frames.cleared(records(b"\0", b"\0"), KEY)),
    ],
    ids=["small", "as large as a block", "one record", "obfuscated"],
)
def test_a_file_of_what_blocks_spent_says_what_to_import_instead(name: str, data: bytes) -> None:
    assert BlkFile().recognises(name, data)
    assert not BlockFile().recognises(name, data)
    with pytest.raises(NotRecognised) as caught:
        decode(BlkFile(), data, name)
    assert caught.value.code == "undo-file"
    assert "blk instead of rev" in caught.value.todo


def test_a_block_file_under_the_name_of_an_undo_file_is_read() -> None:
    assert decode(BlkFile(), FILE, "rev00000.dat") == decode(BlkFile(), FILE, "blk00000.dat")
    assert decode(BlkFile(), HIDDEN, "rev00000.dat") == decode(BlkFile(), FILE, "blk00000.dat")


def decode(source: Any, data: bytes, name: str = "file") -> dict[str, list[dict[str, Any]]]:
    return rows(source.decode(exhibit(name, data)))


def test_a_block_s_transactions_stand_in_it_with_their_proof() -> None:
    found = decode(BlockFile(), RAW)
    assert {(t["proof"], t["height"], t["whole"], t["failed"]) for t in found["transactions"]} == {
        ("included", 482_683, True, False)
    }
    assert sorted(t["index"] for t in found["transactions"]) == list(range(12))
    (row,) = found["blocks"]
    assert (row["sealed"], row["stale"], row["tip"], row["height"]) == (True, False, None, 482_683)
    assert {t["block"] for t in found["transactions"]} == {row["id"]}
    assert {t["time"] for t in found["transactions"]} == {row["time"]}
    assert not found["gaps"]


def test_legs_are_as_the_contract_says() -> None:
    found = decode(BlkFile(), mined.framed("fabfb5da", PAID))
    legs = {
        (leg["kind"], leg["index"]): (
            leg["amount"],
            leg["address"],
            leg["spends_tx"],
            leg["spends_index"],
            leg["out"],
        )
        for leg in found["legs"]
    }
    paid = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"  # a hash of zeros on the test networks
    assert len(found["legs"]) == 5
    assert {leg["asset"] for leg in found["legs"]} == {f"{REGTEST.id}/slip44:1"}
    coinbase, spend = sorted(found["transactions"], key=lambda t: t["index"])
    assert legs["reward", 0] == (-50, None, None, None, True)
    assert legs["input", 0] == (None, None, f"{1:064x}", 3, True)
    assert {leg["address"]: leg["amount"] for leg in found["legs"] if leg["tx"] == coinbase["id"]} == {
        None: -50,
        paid: 50,
    }
    outputs = [leg for leg in found["legs"] if leg["tx"] == spend["id"] and leg["kind"] == "output"]
    assert [
        (leg["index"], leg["amount"], leg["address"]) for leg in sorted(outputs, key=lambda x: x["index"])
    ] == [
        (0, 0, None),
        (1, 7, "raw(51)"),
    ]
    assert '"inputs":[""],' in spend["facts"]
    assert '"outputs":["op_return","raw"]' in spend["facts"]


def test_a_lone_transaction_shows_its_id_and_no_more() -> None:
    found = decode(BlockFile(), TX)
    (row,) = found["transactions"]
    assert (row["proof"], row["height"], row["time"], row["block"]) == ("self-authenticating", None, None, None)
    assert found["blocks"] == []


def test_a_lone_coinbase_is_a_gap() -> None:
    first = block.parse(RAW).transactions[0]
    assert [gap["code"] for gap in decode(BlockFile(), first.raw)["gaps"]] == ["chain-assumed", "coinbase-alone"]


HOGEX = (  # flag 8: one zero byte stands before the lock time, and is no part of the id
    "020000000008013c1ae800653007dd466af4a4a137ba29e103334975475674c3c3eebe37b3a5dd0100000000ffffffff0140420f000000"
    "000022582090ea0253a042437d7f872aad12205dde1171e7cc821c0e35af938106b620dc6b0000000000"
)


def test_an_integrating_transaction_is_litecoins() -> None:
    found = decode(BlockFile(), HOGEX.encode())
    (row,) = found["transactions"]
    assert row["chain"] == "bip122:12a765e31ffd4059bada1e25190f6e98"
    assert row["id"] == "a501c0f792eec6705629dcc4c76055ca8cd93e598a435fec50eae4808d7f5bba"
    assert [gap["code"] for gap in found["gaps"]] == ["extension-block"]


def test_a_transaction_listed_twice_is_read_once() -> None:
    line = TX.hex().encode() + b"\n"
    assert decode(BlockFile(), line * 3) == decode(BlockFile(), line)


def test_places_are_bytes() -> None:
    plain, text = decode(BlockFile(), RAW), decode(BlockFile(), b"\n" + RAW.hex().encode())
    for a, b in zip(_by_index(plain["transactions"]), _by_index(text["transactions"]), strict=True):
        assert RAW.startswith(block.parse(RAW).transactions[a["index"]].raw, a["place"])
        assert b["place"] == 1 + 2 * a["place"]


def test_every_line_that_cannot_be_read_is_named() -> None:
    good = TX.hex()
    text = "\n".join([good, good[:-8], good, good[:200]]).encode()
    with pytest.raises(Error) as caught:
        decode(BlockFile(), text, "payments.hex")
    assert caught.value.what == "payments.hex: 2 transactions cannot be read."
    for place in (len(good) + 1, 3 * len(good) - 5):
        assert f"At byte {place}, " in caught.value.why


def test_heights_reach_back_to_the_genesis_block_inside_a_file() -> None:
    old = [mined.block(mined.coinbase(7, mined.pays(b"\x51")), parent=REGTEST.genesis, version=1)]
    for _ in range(3):
        parent = block.parse(old[-1]).id
        own = mined.coinbase(7, mined.pays(b"\x51", len(old)))
        old.append(mined.block(own, parent=parent, version=1))
    shuffled = [old[n] for n in (2, 0, 3, 1)]
    found = decode(BlkFile(), mined.framed("fabfb5da", *shuffled))
    assert {row["id"]: row["height"] for row in found["blocks"]} == {
        block.parse(raw).id: number for number, raw in enumerate(old, 1)
    }
    alone = decode(BlkFile(), mined.framed("fabfb5da", old[3]))
    assert [row["height"] for row in alone["blocks"]] == [None]


def test_a_block_that_a_file_holds_twice_is_read_once() -> None:
    assert len(decode(BlkFile(), mined.framed("fabfb5da", CHAIN[0], CHAIN[1], CHAIN[0]))["blocks"]) == 2


def test_a_coinbase_that_comes_again_is_a_gap() -> None:
    """BIP 30: blocks 91,722 and 91,880 have one and the same coinbase; the coins of the older were lost."""
    own = mined.coinbase(7, mined.pays(b"\x51"))
    one = mined.block(own, parent=REGTEST.genesis, version=1)
    two = mined.block(own, parent=block.parse(one).id, version=1)
    found = decode(BlkFile(), mined.framed("fabfb5da", one, two))
    assert len(found["blocks"]) == 2
    assert [t["id"] for t in found["transactions"]] == [own.id]
    assert [gap["code"] for gap in found["gaps"]] == ["coinbase-repeated"]


def test_room_at_the_end_of_an_obfuscated_file_is_plain_zeros() -> None:
    """A node combines only what it writes with the key; the file is made longer beforehand."""
    bare = mined.framed("fabfb5da", *CHAIN)
    assert decode(BlkFile(), frames.cleared(bare, KEY) + bytes(5_000)) == decode(BlkFile(), bare)


@pytest.mark.parametrize("size", [KEY, bytes.fromhex("00000000000000ff"), bytes.fromhex("0123456789abcdef")])
def test_the_key_of_an_obfuscated_file_is_found(size: bytes) -> None:
    hidden = frames.cleared(FILE, size)
    assert frames.key(hidden) == size
    assert decode(BlkFile(), hidden) == decode(BlkFile(), FILE)


def test_a_file_that_is_not_obfuscated_has_no_key() -> None:
    assert frames.key(FILE) == bytes(8)


def test_a_header_without_work_is_a_gap_and_not_sealed() -> None:
    easy = bytearray(mined.framed("f9beb4d9", CHAIN[0]))
    found = decode(BlkFile(), bytes(easy))
    assert [row["sealed"] for row in found["blocks"]] == [False]
    assert [gap["code"] for gap in found["gaps"]] == ["block-unsealed"]


def _spoiled(parts: Sequence[bytes]) -> bytes:
    return mined.framed("fabfb5da", *parts)


def test_a_transaction_of_two_branches_has_two_rows_and_its_legs_once() -> None:
    """Block files hold blocks that lost; what stood in them often stands in the winner too."""
    moved = mined.spends((f"{5:064x}", 0), outputs=[mined.pays(b"\x51", 9)])
    parent = block.parse(CHAIN[0]).id
    rivals = [mined.block(mined.coinbase(2, mined.pays(b"\x51", n)), moved, parent=parent) for n in (1, 2)]
    found = decode(BlkFile(), mined.framed("fabfb5da", CHAIN[0], *rivals))
    assert {t["block"] for t in found["transactions"] if t["id"] == moved.id} == {
        block.parse(each).id for each in rivals
    }
    assert sorted(leg["kind"] for leg in found["legs"] if leg["tx"] == moved.id) == ["input", "output"]
    assert [row["height"] for row in sorted(found["blocks"], key=lambda row: int(row["height"]))] == [1, 2, 2]


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("unknown magic", mined.framed("deadbeef", *CHAIN), "magic-unknown", "f9beb4d9 (Bitcoin)"),
        ("cut off", FILE[:-700], "bytes-unreadable", "bytes are left"),
        ("no magic at the next block", FILE[:400] + b"\1" * 600, "bytes-unreadable", "magic of the next block"),
        ("a false root", _spoiled([CHAIN[0], CHAIN[1][:90] + b"\7" + CHAIN[1][91:]]), "merkle-root", "root is"),
        (
            "more after zeros",
            mined.framed("fabfb5da", CHAIN[0]) + bytes(20) + b"\1",
            "bytes-unreadable",
            "00000000 stands",
        ),
        ("only zeros", bytes(900), "no-block", "zeros"),
        ("empty pack", bz2.compress(b""), "no-block", "empty"),
        ("cut pack", bz2.compress(FILE)[:-9], "bzip2-unreadable", "cut off"),
    ],
)
def test_a_spoiled_file_is_refused(name: str, data: bytes, code: str, said: str) -> None:
    with pytest.raises(Error) as caught:
        decode(BlkFile(), data, "blk00007.dat")
    assert caught.value.code == code, f"{name}: {caught.value}"
    assert said in caught.value.why
    assert caught.value.what.startswith("blk00007.dat: ")


def test_every_block_that_cannot_be_read_is_named() -> None:
    bad = [raw[:90] + b"\7" + raw[91:] for raw in CHAIN[:3]]
    with pytest.raises(Error) as caught:
        decode(BlkFile(), mined.framed("fabfb5da", *bad, *CHAIN[3:]))
    assert "3 of 6 blocks" in caught.value.what
    assert caught.value.why.count("The block at byte") == 3


def test_an_unknown_magic_is_recognised_so_that_it_can_be_named() -> None:
    data = mined.framed("deadbeef", *CHAIN)
    assert BlkFile().recognises("blk.dat", data)
    assert not BlockFile().recognises("blk.dat", data)


def test_a_packed_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recover_chain_bitcoin.blkfile.LARGEST", 2**20)
    with pytest.raises(Error) as caught:
        decode(BlkFile(), bz2.compress(bytes(2**21)))
    assert caught.value.code == "bzip2-unreadable"


def test_one_block_with_its_magic_can_be_named_a_block() -> None:
    framed = mined.framed("f9beb4d9", RAW)
    found = decode(BlockFile(), framed)
    assert [row["height"] for row in found["blocks"]] == [482_683]
    with pytest.raises(NotRecognised):
        decode(BlockFile(), framed * 2)


def _by_index(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(listed, key=lambda row: int(row["index"]))
