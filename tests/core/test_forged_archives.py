"""What is hidden in an archive, or made to look like a proof."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from recover.sealing import recover_verify as outside

OLDER = Path(__file__).parent / "older/bundle-0.1.0.zip"


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A bundle as a person packs it: deflated, in a folder of its own."""
    with (
        zipfile.ZipFile(OLDER) as was,
        zipfile.ZipFile(tmp_path / "bundle.zip", "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in was.namelist():
            archive.writestr("bundle/" + name, was.read(name))
    return tmp_path / "bundle.zip"


def spoilt(data: bytes) -> bytes:
    at = data.index(b"bundle/README.txt") + 60
    return data[:at] + bytes(40) + data[at + 40 :]


def locked(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"bundle/README.txt"))
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        spoilt,
        locked,
        lambda data: data[:-40],
        lambda data: data[: len(data) // 2],
        lambda data: b"before" + data,
        lambda data: data + b"behind",
        lambda data: data[:-2] + b"\x03\x00abc",
    ],
    ids=["whole", "spoilt", "locked", "cut", "half", "before", "behind", "comment"],
)
def test_an_archive_holds_its_files_and_nothing_else(change: Callable[[bytes], bytes], packed: Path) -> None:
    before = packed.read_bytes()
    packed.write_bytes(change(before))
    assert outside.main([str(packed)]) == (0 if packed.read_bytes() == before else 3)


def test_a_block_of_less_work_than_the_first_proves_nothing() -> None:
    """A block that somebody makes in three tries, with the target of a test chain."""
    coinbase = bytes.fromhex("0100000001" + "00" * 32 + "ffffffff00ffffffff01" + "00" * 8 + "0000000000")
    root = outside.double(coinbase)
    for bits, word in ((0x207FFFFF, "less work"), (0x1D00FFFF, "does not meet")):
        for nonce in range(20):
            head = (
                bytes(4) + bytes(32) + root + bytes(4) + bits.to_bytes(4, "little") + nonce.to_bytes(4, "little")
            )
            proofs = outside.Proofs()
            block = head + b"\x01" + coinbase
            proofs.see(outside.MAGIC[0] + len(block).to_bytes(4, "little") + block)
            assert (proofs.blocks, word in proofs.wrong[0]) == (0, True)


def test_exchanges_that_feed_each_other_come_to_an_end() -> None:
    """Each round brings a little more than the round before: nothing says when that ends."""
    loss = dict.fromkeys(("address", "output", "amount", "since", "until", "memo"))
    loss |= {"id": "L1", "chain": "c", "tx": "t1", "assets": []}
    lines: list[dict[str, object]] = [{"record": "recover-legs", "version": 2, "rule": "fifo", "losses": [loss]}]
    whole, more = str(10**28), str(10**28 + 10**22)
    for first, asset in ((0, "c/a"), (10, "c/b")):
        lines.append({"asset": asset, "model": "account"})
        lines += [
            {"address": [0, "in", "", True, False, False]},
            {"address": [1, "pool", "swap", False, False, False]},
        ]
        lines.append({"move": [first + 1, 1, 0, more, "transfer", "t1", None, None]})
        lines.append({"move": [first + 2, 0, 1, whole, "swap", "t1", None, None]})
    lines.insert(6, {"claim": ["L1", 1, "1000"]})
    for asset, into, out, back in (("c/a", "c/b", 2, 11), ("c/b", "c/a", 12, 1)):
        swap = {"tx": "t1", "asset": asset, "into": into, "gave": whole, "out": [out], "refunds": []}
        lines.append({"exchange": swap | {"back": [[back, more]]}})
    legs = outside.Legs(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    with pytest.raises(outside.Unread, match="feed each other"):
        legs.run("fifo")


def test_names_that_some_systems_take_for_one_are_named(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("bundle/Clerk.html", b"another page")
    found = [text for name, answer, text in outside.check(str(packed)) if answer == outside.FAILS]
    assert any("would be one file with" in text for text in found)
