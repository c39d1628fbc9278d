"""The Ethereum blocks of the evaluation data, where they lie beside the checkout, against reference outputs."""

from __future__ import annotations

import base64
import csv
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from recover.sdk import amounts
from recover.testing.exhibits import of_file, rows
from recover_chain_evm import answers, header, proofs, values
from recover_chain_evm.address import ZERO
from recover_chain_evm.files import graphsense
from recover_chain_evm.keccak import selector, topic
from recover_chain_evm.nodefile import NodeFile

SHARED = Path(__file__).parents[4] / "shared"
DATA = SHARED / "data" / "evm-blocks"
FIFTEEN, EIGHTEEN = DATA / "eth_15000000-15000004", DATA / "eth_18000011"
NODE = SHARED / "data" / "evm-api-jsonrpc"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not DATA.exists(), reason=f"EVALUATION DATA ABSENT: {DATA} is not here, nothing was checked"
    ),
]
SYMBOLS = {
    "0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT",
    "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC",
    "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": "WETH",
}


def decoded(path: Path) -> dict[str, list[dict[str, Any]]]:
    return rows(graphsense().decode(of_file(path)))


def moves(found: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str, str, str, int, int | None]]:
    """(transaction, from, to, contract or coin, amount, number); nobody is the zero address here."""
    pairs: dict[int, dict[bool, dict[str, Any]]] = {}
    for leg in found["legs"]:
        if leg["kind"] == "fee" and leg["amount"] is None:
            continue  # traces do not say how much a fee is
        pairs.setdefault(leg["pair"], {})[leg["out"]] = leg
    return [
        (
            p[False]["tx"],
            p[True]["address"] or ZERO,
            p[False]["address"] or ZERO,
            p[False]["asset"].rpartition(":")[2],
            amounts.join(p[False]["amount"], p[False]["wide"]),
            p[False]["index"],
        )
        for p in pairs.values()
    ]


def plain(text: str) -> str:
    return "0x" + base64.b64decode(text).hex()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def test_143_of_143_transfers_of_usdt_are_the_reference_s() -> None:
    wanted = sorted(
        (plain(r["txHash"]), plain(r["from"]), plain(r["to"]), plain(r["tokenAddress"]), r["value"], r["logIndex"])
        for r in lines(FIFTEEN / "reference" / "USDT_token_transfers.json")
    )
    usdt = next(contract for contract, symbol in SYMBOLS.items() if symbol == "USDT")
    assert len(wanted) == 143
    assert sorted(move for move in moves(decoded(FIFTEEN / "logs.json")) if move[3] == usdt) == wanted


def references() -> list[tuple[str, str, dict[str, Any]]]:
    """(from, to, relation) for the relations whose addresses the reference gives."""
    names = {r["addressId"]: plain(r["address"]) for r in lines(FIFTEEN / "reference" / "addresses.json")}
    listed = lines(FIFTEEN / "reference" / "address_relations.json")
    ends = [(names.get(r["srcAddressId"]), names.get(r["dstAddressId"]), r) for r in listed]
    return [(src, dst, relation) for src, dst, relation in ends if src is not None and dst is not None]


def test_tokens_between_any_two_addresses_sum_to_the_reference_s() -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for _, src, dst, contract, amount, _ in moves(decoded(FIFTEEN / "logs.json")):
        found[src, dst, SYMBOLS.get(contract, "")] += amount
    wanted = {
        (src, dst, symbol): value["value"]
        for src, dst, relation in references()
        for symbol, value in (relation.get("tokenValues") or {}).items()
    }
    assert len(wanted) == 379
    assert {key: found[key] for key in wanted} == wanted


def test_coins_between_any_two_addresses_sum_to_the_reference_s_but_for_delegated_calls() -> None:
    """The reference also counts what a delegatecall repeats, which moves nothing: the difference is just that."""
    made = decoded(FIFTEEN / "traces.csv")
    found: Counter[tuple[str, str]] = Counter()
    failed = {tx["id"] for tx in made["transactions"] if tx["failed"]}
    for tx, src, dst, _, amount, _ in moves(made):
        found[src, dst] += 0 if tx in failed else amount
    repeated: Counter[tuple[str, str]] = Counter()
    with (FIFTEEN / "traces.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["callType"] == "delegatecall" and row["status"] == "1":
                repeated[row["fromAddress"], row["toAddress"]] += int(row["value"])
    wanted = {(src, dst): relation["value"]["value"] for src, dst, relation in references()}
    assert len(wanted) == 1306
    assert {key: found[key] + repeated[key] for key in wanted} == wanted
    assert sum(found[key] != value for key, value in wanted.items()) == 17


@pytest.mark.parametrize("path", sorted(p for p in DATA.glob("*/*.*") if p.name != "exchange_rates.json"), ids=str)
def test_value_is_conserved_for_each_asset_of_each_transaction(path: Path) -> None:
    assert graphsense().recognises(path.name, path.read_bytes()[:65_536])
    totals: Counter[tuple[str, str]] = Counter()
    found = decoded(path)
    for leg in found["legs"]:
        if leg["kind"] != "fee" or leg["amount"] is not None:  # traces do not say how much a fee is
            totals[leg["tx"], leg["asset"]] += amounts.join(leg["amount"], leg["wide"])
    assert set(totals.values()) <= {0}
    assert found["transactions"] or found["blocks"]


def test_traces_and_transactions_say_the_same_of_what_both_show() -> None:
    for folder, traces, sent in (
        (FIFTEEN, "traces.csv", "transactions.csv"),
        (EIGHTEEN, "traces.jsonl", "transactions.jsonl"),
    ):
        inside = {m[:5] for m in moves(decoded(folder / traces))}
        made = decoded(folder / sent)
        own = [leg for leg in made["legs"] if leg["kind"] == "transfer" and not leg["out"]]
        known = {tx["id"] for tx in decoded(folder / traces)["transactions"]}
        values_of = {m[:5] for m in moves({"legs": [g for g in made["legs"] if g["kind"] == "transfer"]})}
        assert len(own) > 50
        assert {move for move in values_of if move[0] in known} <= inside


def test_block_18000011_outcomes_fees_and_withdrawals() -> None:
    made = decoded(EIGHTEEN / "transactions.jsonl")
    assert Counter(tx["failed"] for tx in made["transactions"]) == {False: 110, True: 7}
    spent = sum(
        row["receipt_gas_used"] * row["receipt_effective_gas_price"]
        for row in lines(EIGHTEEN / "transactions.jsonl")
    )
    fees = [leg for leg in made["legs"] if leg["kind"] == "fee" and not leg["out"]]
    assert sum(amounts.join(leg["amount"], leg["wide"]) for leg in fees) == spent
    assert len(fees) == 117
    (block,) = lines(EIGHTEEN / "blocks.jsonl")
    credits = decoded(EIGHTEEN / "blocks.jsonl")["legs"]
    gwei = sum(each["amount"] for each in block["withdrawals"])
    assert sum(leg["amount"] for leg in credits if not leg["out"]) == gwei * 10**9
    renamed = [{**w, "validatorIndex": w["validator_index"]} for w in block["withdrawals"]]
    assert proofs.withdrawals_root(renamed) == block["withdrawals_root"]


def test_a_reward_that_cannot_be_is_left_out() -> None:
    made = decoded(EIGHTEEN / "traces.jsonl")
    assert [gap["code"] for gap in made["gaps"] if gap["code"] != "chain-assumed"] == ["reward-impossible"]
    assert [leg for leg in made["legs"] if leg["kind"] == "reward"] == []


def test_a_block_of_2015_proves_its_transactions() -> None:
    (path,) = NODE.glob("*eth_getBlockByNumber*")
    block = answers.read(of_file(path))[0][0].result
    assert header.hashed(block) == block["hash"]
    assert proofs.has_transactions(block)
    found = rows(NodeFile().decode(of_file(path)))
    assert {(tx["proof"], tx["failed"]) for tx in found["transactions"]} == {("included", None)}
    raw = [tx["raw"] for tx in block["transactions"]]
    from recover_chain_evm.envelope import transaction

    assert ["0x" + transaction(tx).hex() for tx in block["transactions"]] == raw


@pytest.mark.parametrize("path", sorted(NODE.glob("*.json")), ids=lambda p: p.name[:40])
def test_every_recorded_answer_is_read(path: Path) -> None:
    source = NodeFile()
    assert source.recognises(path.name, path.read_bytes()[:65_536])
    found = rows(source.decode(of_file(path)))
    unnamed = path.name.startswith("block_with_subtraces__web3_response.debug")
    assert [gap["code"] for gap in found["gaps"] if gap["code"] == "calls-unnamed"] == [
        "calls-unnamed"
    ] * 2 * unnamed
    assert unnamed or found["transactions"]


def test_calls_of_a_callcode_move_nothing() -> None:
    (path,) = NODE.glob("block_with_subtraces*trace_block*")
    found = rows(NodeFile().decode(of_file(path)))
    assert Counter(leg["kind"] for leg in found["legs"]) == {"transfer": 4, "reward": 2}


def test_all_files_together_in_one_case(tmp_path: Path) -> None:
    """Through the program itself: every file is recognised, and nothing that two of them show contradicts."""

    def run(*arguments: str) -> int:
        command = [str(Path(sys.executable).with_name("recover")), *arguments]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode

    assert run("open", "case", "--title", "T", "--examiner", "E", "--agency", "A", "--rule", "fifo") == 0
    files = [str(p) for p in sorted(DATA.glob("*/*.*")) if p.name != "exchange_rates.json"]
    assert run("import", "case", *files) == 0
    assert run("decode", "case") == 5
    gaps = pq.read_table(tmp_path / "case" / "derived" / "ledger" / "gaps.parquet").to_pylist()
    codes = ["amounts-shortened", "fee-unknown", "outcome-unknown", "reward-impossible"]
    assert sorted(gap["code"] for gap in gaps if gap["code"] != "chain-assumed") == codes
    # None of these exports names its chain, and each is said to have been taken to be of Ethereum.
    assert {gap["subject"] for gap in gaps if gap["code"] == "chain-assumed"} <= {
        Path(file).name for file in files
    }
    assert any(gap["code"] == "chain-assumed" for gap in gaps)
    transfers = pq.read_table(tmp_path / "case" / "derived" / "ledger" / "transfers.parquet").to_pylist()
    assert "contradicted" not in {row["excluded"] for row in transfers}
    # Value that traces and transactions both list is there once.
    own = [r for r in transfers if r["kind"] == "transfer" and "/slip44:" in r["asset"]]
    assert len({r["tx"] for r in own}) == len(own)


REFERENCE = SHARED / "reference"
_TOPIC = re.compile(r"^(0x[0-9a-f]{64}) (\w+\(.*\))(?:\s+#.*)?$")
_NAMED = re.compile(r"`(\w+\([\w,\[\]]*\))` (0x[0-9a-f]{64})")
_CALLED = re.compile(r"`(\w+)` (0x[0-9a-f]{8})\b")
_ORDER = "(uint64,bytes,uint256,bytes,uint256,uint256,bytes,uint256,bytes,bytes,bytes,bytes,bytes,bytes)"


def test_every_hash_of_the_appendix_is_recomputed() -> None:
    text = (REFERENCE / "tracing-science.md").read_text("utf-8")
    appendix = text[text.index("## Appendix A.") : text.index("## 11. Sources")]
    found = [match for line in appendix.splitlines() if (match := _TOPIC.match(line))]
    assert len(found) == sum(line.startswith("0x") for line in appendix.splitlines()) == 65
    assert [m[2] for m in found if topic(m[2].replace("ORDER", _ORDER)) != m[1]] == []


def test_every_hash_of_the_issuers_table_is_recomputed() -> None:
    text = (REFERENCE / "legal-standards.md").read_text("utf-8")
    table = text[text.index("### A.8") : text.index("## B. ")]
    events, functions = _NAMED.findall(table), _CALLED.findall(table)
    assert len(events) == 12
    assert [signature for signature, wanted in events if topic(signature) != wanted] == []
    assert len(functions) == 12
    arguments = {"destroyBlockedFunds": "address", "destroyBlackFunds": "address"}
    wrong = [n for n, wanted in functions if selector(f"{n}({arguments.get(n, 'address')})") != wanted]
    assert wrong == []


def test_the_whole_of_a_line_is_read() -> None:
    """A node's JSON is read as it is: exact to the last digit."""
    assert values.load(
        b'{"a": 115792089237316195423570985008687907853269984665640564039457584007913129639935}'
    ) == {"a": 2**256 - 1}
