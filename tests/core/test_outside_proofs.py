"""What the outside verifier proves from raw bytes alone: receipts of EVM blocks, blocks of Bitcoin, digests; and
what it reads of an earlier version."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from recover.sealing import recover_verify as outside

ROOT = Path(__file__).parents[2]
NODE = json.loads((ROOT / "chains/evm/tests/recorded/node.json").read_text())
BLOCKS = ROOT / "casefiles/bitcoin-first-payments-example/blocks.dat"


def test_keccak_is_that_of_the_chains() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert outside.keccak(b"").hex() == empty
    # The topic of an ERC-20 transfer is the digest of its signature.
    assert "0x" + outside.keccak(b"Transfer(address,address,uint256)").hex() == outside.TRANSFER


def answers(value: Any) -> list[dict[str, Any]]:
    """Every answer of a node in a recording."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return answers(json.loads(value))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    mine = [value] if isinstance(value, dict) and "result" in value else []
    return mine + [one for each in inner for one in answers(each)]


def proved(rows: list[dict[str, Any]]) -> int:
    receipts = outside.Receipts()
    receipts.see(json.dumps(rows).encode())
    receipts.prove()
    return len(receipts.proved)


def test_receipts_are_proved_by_the_header_of_their_block() -> None:
    rows = answers(NODE)
    assert proved(rows) > 0
    text = json.dumps(rows)
    for name in ("cumulativeGasUsed", "receiptsRoot", "stateRoot"):
        at = text.index(f'"{name}": "0x') + len(f'"{name}": "0x')
        changed = text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]
        assert proved(json.loads(changed)) < proved(rows), name


@pytest.mark.parametrize("place", [8 + 4, 8 + 40, 8 + 75, 8 + 80 + 20])
def test_a_block_with_another_byte_proves_nothing(place: int) -> None:
    data = BLOCKS.read_bytes()
    size = 8 + int.from_bytes(data[4:8], "little")
    proofs = outside.Proofs()
    proofs.see(data[:size])
    assert (proofs.blocks, proofs.wrong) == (1, [])
    proofs = outside.Proofs()
    proofs.see(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 : size])
    assert proofs.blocks == 0
    assert proofs.wrong


def test_an_exchange_of_the_first_version_could_not_be_checked() -> None:
    with zipfile.ZipFile(Path(__file__).parent / "older/bundle-0.1.0.zip") as archive:
        (name,) = (one for one in archive.namelist() if one.endswith("trace/legs.jsonl"))
        legs = archive.read(name)
    assert outside.Legs(legs).head["version"] == 1
    with pytest.raises(outside.Unread):
        outside.Legs(legs + b'{"exchange":{}}\n')


@pytest.mark.parametrize(
    ("version", "owner", "stop", "read"),
    [(2, 1, "", False), (3, 1, "", True), (2, 0, "", True), (2, 1, "mixer", True)],
)
def test_coins_of_several_of_an_earlier_version_could_not_be_checked(
    version: int, owner: int, stop: str, read: bool
) -> None:
    """Each paid by its share then, by any rule. Where a trace stops, or one spends alone, nothing differs."""
    head = {"record": "recover-legs", "version": version, "rule": "fifo", "losses": []}
    rows: list[dict[str, Any]] = [head, {"asset": "coin:1/slip44:1", "model": "utxo"}]
    rows += [{"address": [n, f"a{n}", "", True, False, False]} for n in (0, 1)]
    made = [[0, 0, "5", None, 0], [1, owner, "4", None, 1]]
    rows.append({"spend": ["t1", "", [[None, None, "9"]], made]})
    coins = [[0, 0, "5"], [1, owner, "4"]]
    rows.append({"spend": ["t2", stop, coins, [[2, 0, "9", None, 0]]]})
    told = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    if read:
        assert len(outside.Legs(told).assets["coin:1/slip44:1"].spends) == 2
    else:
        with pytest.raises(outside.Unread, match="coins of several"):
            outside.Legs(told)
