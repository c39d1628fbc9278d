"""What answers of Esplora prove to the outside verifier: bytes or fields, with a Merkle path to a header."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from tests.attack.forging import LEGS, Bundle

from recover.sealing import recover_verify as outside
from recover_chain_bitcoin import merkle


class Raw:
    """One raw block of a file, as a server of Esplora would tell of it."""

    def __init__(self, data: bytes) -> None:
        self.head, raw = data[:80], outside.Bytes(data)
        raw.some(80)
        self.bytes: dict[str, bytes] = {}
        self.txs: dict[str, outside.Tx] = {}
        for _ in range(raw.number()):
            at = raw.at
            tx = outside.Tx(raw)
            self.txs[tx.id], self.bytes[tx.id] = tx, data[at : raw.at]

    def path(self, tx: str) -> bytes:
        """Header and partial tree, by the rules of BIP 37."""
        ids = [bytes.fromhex(one)[::-1] for one in self.txs]
        at, hashes, bits = [*self.txs].index(tx), list[bytes](), list[int]()

        def of(height: int, place: int) -> bytes:
            if not height:
                return ids[place]
            left = of(height - 1, 2 * place)
            wide = (len(ids) + (1 << height - 1) - 1) >> height - 1
            return outside.double(left + (of(height - 1, 2 * place + 1) if 2 * place + 1 < wide else left))

        def walk(height: int, place: int) -> None:
            parent = at >> height == place
            bits.append(int(parent))
            if not height or not parent:
                hashes.append(of(height, place))
                return
            walk(height - 1, 2 * place)
            if 2 * place + 1 < (len(ids) + (1 << height - 1) - 1) >> height - 1:
                walk(height - 1, 2 * place + 1)

        walk((len(ids) - 1).bit_length(), 0)
        bits += [0] * (-len(bits) % 8)
        flags = bytes(sum(bit << n for n, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits), 8))
        made = self.head + struct.pack("<I", len(ids)) + bytes([len(hashes)]) + b"".join(hashes)
        return (made + bytes([len(flags)]) + flags).hex().encode()

    def fields(self, tx: str) -> dict[str, Any]:
        """A transaction without witnesses, as JSON."""
        raw = outside.Bytes(self.bytes[tx])
        made: dict[str, Any] = {"txid": tx, "version": struct.unpack("<i", raw.some(4))[0], "vin": [], "vout": []}
        for _ in range(raw.number()):
            spent, index = raw.some(32)[::-1].hex(), struct.unpack("<I", raw.some(4))[0]
            script = raw.some(raw.number()).hex()
            sequence = struct.unpack("<I", raw.some(4))[0]
            made["vin"].append({"txid": spent, "vout": index, "scriptsig": script, "sequence": sequence})
        for _ in range(raw.number()):
            value = struct.unpack("<Q", raw.some(8))[0]
            made["vout"].append({"value": value, "scriptpubkey": raw.some(raw.number()).hex()})
        return {**made, "locktime": struct.unpack("<I", raw.some(4))[0]}


@pytest.fixture(scope="module")
def blocks() -> dict[str, Raw]:
    """The blocks of the first payments of Bitcoin that hold more than new coins, by such a transaction."""
    folder = Path(__file__).parents[2] / "casefiles"
    found = {}
    for path in sorted(folder.rglob("*.dat")):
        data, at = path.read_bytes(), 0
        while data[at : at + 4] in outside.MAGIC:
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            one = Raw(data[at + 8 : at + 8 + size])
            found.update(dict.fromkeys([*one.txs][1:], one))
            at += 8 + size
    assert found
    return found


def shown(*answers: bytes) -> outside.Proofs:
    made = outside.Proofs()
    for answer in answers:
        made.see(answer)
    made.settle()
    return made


def test_bytes_or_fields_with_a_path_prove_a_transaction(blocks: dict[str, Raw]) -> None:
    for tx, block in [*blocks.items()][:5]:
        path, fields = block.path(tx), block.fields(tx)
        assert tx in {one for _, one in merkle.parse(bytes.fromhex(path.decode())).matches}, (
            "the other reader of it"
        )
        for bare in (block.bytes[tx].hex().encode(), json.dumps(fields).encode(), json.dumps([fields]).encode()):
            made = shown(bare, path)
            assert [*made.txs] == [tx]
            assert made.txs[tx].outs == block.txs[tx].outs
            assert made.txs[tx].spends == block.txs[tx].spends
            assert (made.blocks, made.wrong, made.lacking()) == (1, [], "")
            assert [*shown(bare).txs] == [*shown(path).txs] == []
            assert shown(bare).lacking() == "; of 1 whose bytes are here no Merkle path is"
        assert shown(path).lacking() == "; of 1 whose Merkle path is here no bytes are"


def test_what_is_changed_in_either_proves_nothing(blocks: dict[str, Raw]) -> None:
    tx, block = next(iter(blocks.items()))
    path, fields = block.path(tx), block.fields(tx)
    fields["vout"][0]["value"] += 1
    made = shown(json.dumps(fields).encode(), path)
    assert not made.txs
    assert "its fields give the id" in made.wrong[0]
    good = block.bytes[tx].hex().encode()
    raw = bytearray.fromhex(path.decode())
    for at in (40, 70, 74, 76, 90, len(raw) - 1):  # root, time, work, nonce, a hash, the flags
        spoilt = bytearray(raw)
        spoilt[at] ^= 1
        made = shown(good, spoilt.hex().encode())
        assert not made.txs, at
        assert made.wrong, at
    assert not shown(good, path[:-2]).txs


def test_a_bundle_of_such_answers_is_checked_against_its_movements(coins: Bundle, blocks: dict[str, Raw]) -> None:
    rows = [json.loads(line) for line in coins.files[LEGS].splitlines()]
    spends = {row["spend"][0]: row["spend"] for row in rows if "spend" in row}
    tx = next(tx for tx in spends if tx in blocks)
    answers = (json.dumps(blocks[tx].fields(tx)).encode(), blocks[tx].path(tx))

    def said(*seen: bytes) -> list[tuple[str, str, str]]:
        found: outside.Found = []
        made = outside.Proofs()
        for answer in seen:
            made.see(answer)
        legs = outside.Legs(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
        legs.claimed = 1
        outside.check_proofs(legs, made, found)
        return found

    assert any(
        answer == outside.HOLDS and "1 transactions by their own bytes" in text
        for _, answer, text in said(*answers)
    )
    (lacking,) = [text for _, answer, text in said(answers[0]) if answer == outside.UNKNOWN]
    assert lacking.endswith("show 0; of 1 whose bytes are here no Merkle path is")
    spends[tx][3][0][2] = str(int(spends[tx][3][0][2]) + 1)
    assert outside.FAILS in {answer for _, answer, _ in said(*answers)}


def test_whom_a_witness_script_pays_is_compared() -> None:
    program = bytes.fromhex("751e76e8199196d454941c45d1b3a323f1433bd6")
    asset = outside.Asset(f"{outside.BITCOIN}slip44:0", "utxo")
    asset.where = {
        1: ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "", True, False, False),
        2: ("1BitcoinEaterAddressDontSendf59kuE", "", True, False, False),
    }
    made = outside.Shown(outside.Proofs())
    assert made._owner(asset, 1, b"\x00\x14" + program)
    assert not made._owner(asset, 2, b"\x00\x14" + program)
    assert not made._owner(asset, 1, b"\x00\x14" + program[::-1])
    assert made.unspelt == 0
