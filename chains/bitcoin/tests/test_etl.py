"""blockchain-etl's exports, as lines and as Parquet, held equal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from recover.sdk import Error
from recover.testing.exhibits import exhibit, of_file, rows
from recover.testing.expected import Expected, Stated
from recover.testing.sources import SourceKit
from recover_chain_bitcoin.etl import EtlLines, EtlParquet

DATA = Path(__file__).parent / "data"
LINES = [json.loads(line) for line in (DATA / "etl50001.json").read_text().splitlines()]
BLOCK = {
    "type": "block",
    "hash": "000000001c920d495e1eeef2452b6d1c6c229a919b28196c103ecffebabee141",
    "size": 647,
    "stripped_size": 647,
    "weight": 2588,
    "number": 50001,
    "version": 1,
    "merkle_root": "ee3a2d2b895cafacff526d06a55b55e049cf84a9735e4a63f7fd08f96d0f4649",
    "timestamp": 1270917100,
    "nonce": "0361f12c",
    "bits": "1c2a1115",
    "coinbase_param": "0415112a1c02cc00",
    "transaction_count": 3,
}


def lines(*listed: Any) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in listed).encode()


def packed(*listed: Any, timestamps: bool = False) -> bytes:
    table = pa.Table.from_pylist(list(listed))
    if timestamps:
        place = table.column_names.index("block_timestamp")
        table = table.set_column(
            place, "block_timestamp", table.column(place).cast(pa.timestamp("s")).cast(pa.timestamp("us"))
        )
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def decode(source: Any, data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(source.decode(exhibit("export", data)))


BTC = "bip122:000000000019d6689c085ae165831e93/slip44:0"
PAID = Stated(
    id="7940cdde4d713e171849efc6bd89939185be270266c94e92369e3877ad89455a",
    nets={("1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ", BTC): 10_000_000_000},
    outputs=(("1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ", 10_000_000_000),),
    time=datetime(2010, 4, 10, 16, 31, 40, tzinfo=UTC),
    height=50_001,
    index=1,
)
TAKEN = "Block 50001 as explorers show it; what its inputs spend is not in the export."


class TestLines(SourceKit):
    source = EtlLines()
    examples = (of_file(DATA / "etl50001.json"), exhibit("blocks.json", lines(BLOCK, *LINES)))
    expected = (Expected(example=examples[0], taken=TAKEN, transactions=(PAID,)),)
    foreign = (
        ("block.json", (DATA / "getblock50001.json").read_bytes()),
        ("tx.json", (DATA / "esplora-taproot.json").read_bytes()),
        ("export.parquet", packed(*LINES)),
    )


class TestParquet(SourceKit):
    source = EtlParquet()
    examples = (exhibit("transactions.parquet", packed(*LINES)), exhibit("blocks.parquet", packed(BLOCK)))
    expected = (Expected(example=examples[0], taken=TAKEN, transactions=(PAID,)),)
    foreign = (("other.parquet", packed({"a": 1})), ("lines.json", lines(*LINES)))


def test_ids_are_recomputed_but_for_coinbases() -> None:
    found = decode(EtlLines(), lines(*LINES))
    proofs = {row["id"]: row["proof"] for row in found["transactions"]}
    assert proofs == {each["hash"]: "reported" if each["is_coinbase"] else "self-authenticating" for each in LINES}
    assert list(proofs.values()).count("reported") == 2
    for row in found["transactions"]:
        said = next(each for each in LINES if each["hash"] == row["id"])
        assert (row["height"], row["index"], row["block"]) == (
            said["block_number"],
            said["index"],
            said["block_hash"],
        )
        assert int(row["time"].timestamp()) == said["block_timestamp"]


def test_parquet_says_the_same_as_lines() -> None:
    plain = decode(EtlLines(), lines(*LINES))
    for timestamps in (False, True):
        other = decode(EtlParquet(), packed(*LINES, timestamps=timestamps))
        for name in ("transactions", "legs"):
            assert _placeless(other[name]) == _placeless(plain[name])


def test_a_coinbase_creates_what_it_pays() -> None:
    found = decode(EtlLines(), lines(*LINES))
    for each in LINES:
        if each["is_coinbase"]:
            legs = [leg for leg in found["legs"] if leg["tx"] == each["hash"]]
            assert sum(leg["amount"] for leg in legs) == 0
            assert [leg["kind"] for leg in legs].count("reward") == 1


def test_values_of_inputs_are_read_where_they_are_given() -> None:
    rich = json.loads(json.dumps(LINES[1]))
    rich["inputs"][0] |= {
        "value": 7_000_000_000,
        "type": "pubkeyhash",
        "addresses": ["1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ"],
    }
    rich["inputs"][1] |= {
        "value": 5_000_000_000,
        "type": "pubkey",
        "addresses": ["1PkqKGbNLDdDJGveCcNUMV9CEFH77ADrPQ"],
    }
    found = decode(EtlLines(), lines(rich))
    legs = {leg["index"]: leg for leg in found["legs"] if leg["kind"] == "input"}
    assert (legs[0]["amount"], legs[0]["address"]) == (-7_000_000_000, "1HaHTfmvoUW6i6nhJf8jJs6tU4cHNmBQHQ")
    assert (legs[1]["amount"], legs[1]["address"]) == (None, None), "a key's hash is not its script's text"


def test_blocks_have_heights_and_times() -> None:
    (row,) = decode(EtlLines(), lines(BLOCK, *LINES))["blocks"]
    assert (row["id"], row["height"], row["sealed"]) == (BLOCK["hash"], 50_001, False)
    assert int(row["time"].timestamp()) == BLOCK["timestamp"]


def test_a_line_that_comes_again_is_read_once() -> None:
    assert len(decode(EtlLines(), lines(*LINES, *LINES))["transactions"]) == len(LINES)


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("a value", {"outputs": [{**LINES[1]["outputs"][0], "value": 1}]}, "txid-differs"),
        ("no outputs", {"outputs": []}, "json-unreadable"),
        ("a false hash", {"hash": "11" * 32}, "txid-differs"),
        ("a hash cut short", {"hash": "11" * 31}, "json-unreadable"),
        ("a text for a number", {"lock_time": "0"}, "json-unreadable"),
    ],
)
def test_a_false_row_is_refused(name: str, change: dict[str, Any], code: str) -> None:
    spoiled = [LINES[0], {**LINES[1], **change}]
    for source, data in ((EtlLines(), lines(*spoiled)),):
        with pytest.raises(Error) as caught:
            decode(source, data)
        assert caught.value.code == code, name
        assert "At 2: " in caught.value.why


def test_every_false_line_is_named() -> None:
    with pytest.raises(Error) as caught:
        decode(EtlLines(), b"{\n" + lines(LINES[0], {**LINES[1], "version": 9}) + b"nonsense\n")
    assert "3 transactions" in caught.value.what
    for line in (1, 3, 4):
        assert f"At {line}: " in caught.value.why


def _placeless(listed: list[dict[str, Any]]) -> list[str]:
    return sorted(repr({**row, "place": 0}) for row in listed)
