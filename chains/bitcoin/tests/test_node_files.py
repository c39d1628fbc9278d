"""The files of a real node: its obfuscated block files and spent outputs, beside what the node itself answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recover.sdk import Error
from recover.testing.exhibits import of_file, rows
from recover_chain_bitcoin import block, decode, frames, merkle, networks, undo
from recover_chain_bitcoin.blkfile import BlkFile
from recover_chain_bitcoin.testing import node
from recover_chain_bitcoin.transaction import Output

REGTEST = networks.of("regtest")


@pytest.fixture(scope="module")
def bitcoind(needed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[node.Node]:
    """A node whose chain pays from every kind of address, with a stale block in its file."""
    with node.start(tmp_path_factory.mktemp("node"), "mocktime=1700000000", "blocksxor=1") as found:
        found.wallet("one")
        found.fund("one", coins=12)
        for kind in node.KINDS:
            for _ in range(2):
                found.pay("one", found.address("one", kind), "1.5")
            found.mine()
        found.rpc("sendall", [found.address("one", "bech32m")], wallet="one")
        found.mine()
        found.reorganise(1)
        found.mine(2)
        yield found


def file(bitcoind: node.Node, name: str) -> Path:
    return bitcoind.folder / "regtest" / "blocks" / name


def test_the_key_of_its_block_files_is_found(bitcoind: node.Node) -> None:
    key = file(bitcoind, "xor.dat").read_bytes()
    assert any(key)
    assert frames.key(file(bitcoind, "blk00000.dat").read_bytes()) == key


def test_every_block_of_its_file_is_what_it_answers(bitcoind: node.Node) -> None:
    made = rows(BlkFile().decode(of_file(file(bitcoind, "blk00000.dat"))))
    listed = {bitcoind.rpc("getblockhash", height): height for height in range(bitcoind.height + 1)}
    heights = {row["id"]: row["height"] for row in made["blocks"]}
    assert {each: heights[each] for each in listed} == listed
    assert len(set(heights) - set(listed)) == 1, "the stale block is in the file too"
    assert all(row["sealed"] for row in made["blocks"])
    answered = {}
    for each in listed:
        for tx in bitcoind.rpc("getblock", each, 2)["tx"]:
            answered[tx["txid"]] = sorted(
                (vout["n"], vout["value"], vout["scriptPubKey"].get("address")) for vout in tx["vout"]
            )
    ours: dict[str, list[tuple[int, str, str | None]]] = {}
    for leg in made["legs"]:
        if leg["kind"] == "output" and leg["tx"] in answered:
            value = f"{leg['amount'] // 10**8}.{leg['amount'] % 10**8:08d}"
            address = leg["address"] if leg["address"] and "(" not in leg["address"] else None
            ours.setdefault(leg["tx"], []).append((leg["index"], value, address))
    assert {tx: sorted(listed) for tx, listed in ours.items()} == answered


def test_spent_outputs_are_the_same_from_the_file_and_from_the_rest_interface(bitcoind: node.Node) -> None:
    hidden = file(bitcoind, "rev00000.dat").read_bytes()
    records = list(undo.records(hidden, file(bitcoind, "xor.dat").read_bytes()))
    seen = 0
    for height in range(1, bitcoind.height + 1):
        each = bitcoind.rpc("getblockhash", height)
        found = block.parse(bitcoind.rest(f"block/{each}.bin"))
        prevouts = undo.rest(bitcoind.rest(f"spenttxouts/{each}.bin"))
        undo.match(prevouts, found.transactions)
        own = {undo.core(body) for body, sum in records if undo.belongs(body, sum, found.header.parent)}
        assert prevouts in own
        seen += sum(len(outputs) for outputs in prevouts)
        batch = decode.block(REGTEST, bitcoind.rest(f"block/{each}.bin"), prevouts=prevouts, height=height)
        assert batch.legs is not None
        assert None not in batch.legs.column("amount").to_pylist()
    assert seen >= 8


def test_false_spent_outputs_are_found_by_the_sums(bitcoind: node.Node) -> None:
    height = next(
        h
        for h in range(bitcoind.height, 0, -1)
        if bitcoind.rpc("getblock", bitcoind.rpc("getblockhash", h))["nTx"] > 1
    )
    each = bitcoind.rpc("getblockhash", height)
    data, spent = bitcoind.rest(f"block/{each}.bin"), undo.rest(bitcoind.rest(f"spenttxouts/{each}.bin"))
    for change, code in ((-(10**9), "more-paid-than-spent"), (0, "")):
        false = tuple(tuple(Output(max(o.value + change, 0), o.script) for o in outputs) for outputs in spent)
        if code:
            with pytest.raises(Error) as caught:
                decode.block(REGTEST, data, prevouts=false, height=height)
            assert caught.value.code == code
        else:
            decode.block(REGTEST, data, prevouts=false, height=height)
    with pytest.raises(Error) as caught:
        decode.block(REGTEST, data, height=height + 1)
    assert caught.value.code == "height-differs"


def test_its_merkle_proofs_hold(bitcoind: node.Node) -> None:
    for height in range(bitcoind.height, bitcoind.height - 8, -1):
        shown = bitcoind.rpc("getblock", bitcoind.rpc("getblockhash", height))
        for tx in shown["tx"]:
            found = merkle.parse(bytes.fromhex(bitcoind.rpc("gettxoutproof", [tx], shown["hash"])))
            assert found.header.id == shown["hash"]
            assert found.total == shown["nTx"]
            assert found.matches == ((shown["tx"].index(tx), tx),)
