"""What is hidden in an archive, or made to look like a proof."""

from __future__ import annotations

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
