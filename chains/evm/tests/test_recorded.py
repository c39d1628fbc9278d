"""Logs handed over as the chain records them, and what a plain payment carries."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recover.testing.exhibits import exhibit, rows
from recover_chain_evm import sent
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import SENT
from recover_chain_evm.networks import known
from recover_chain_evm.nodefile import NodeFile

RECORDED = json.loads((Path(__file__).parent / "recorded" / "node.json").read_text("utf-8"))
RECEIPTS = json.loads(RECORDED["answer"])[2]["result"]
LOGS: list[dict[str, Any]] = [log for receipt in RECEIPTS for log in receipt["logs"]]
TOPIC = LOGS[0]["topics"][0]


def found(topics: frozenset[str]) -> list[dict[str, Any]]:
    made = replace(
        exhibit("receipts.json", json.dumps({"jsonrpc": "2.0", "id": 1, "result": RECEIPTS}).encode()),
        topics=topics,
    )
    return rows(NodeFile().decode(made))["logs"]


def test_logs_of_the_topics_that_somebody_reads_are_handed_over_as_they_are() -> None:
    wanted = [log for log in LOGS if log["topics"][0] == TOPIC]
    given = sorted((r["tx"], r["index"], r["contract"], r["topics"], r["data"]) for r in found(frozenset({TOPIC})))
    assert given == sorted(
        (log["transactionHash"], int(log["logIndex"], 16), log["address"], log["topics"], log["data"])
        for log in wanted
    )
    assert wanted


def test_other_logs_are_not() -> None:
    assert found(frozenset()) == []
    assert found(frozenset({"0x" + "0" * 64})) == []


@pytest.mark.parametrize(
    ("data", "carried"),
    [
        ("0x" + "ab" * 32, {"tail": "0x" + "ab" * 32}),
        ("0xA9059CBB" + "00" * 64 + "CD" * 32, {"tail": "0x" + "cd" * 32}),
        ("0xa9059cbb" + "00" * 64, {}),
        ("0x" + b"OUT:0123ABCD".hex(), {"memo": "OUT:0123ABCD"}),
        ("0x" + b"a\nbcdefghij".hex(), {}),
        ("0x" + "ff" * 20, {}),
        ("0x" + (b"x" * 251).hex(), {}),
        ("0x", {}),
    ],
)
def test_what_a_plain_payment_carries(data: str, carried: dict[str, str]) -> None:
    row = {"hash": "0x" + "1" * 64, "from": "0x" + "a" * 40, "to": "0x" + "b" * 40, "value": "0x0", "input": data}
    made = sent.Sent.of(Frame.of([row], SENT, [0], Problems(name="list", unit="item")), known()[1])
    facts = json.loads(made.facts[0])
    assert {name: facts[name] for name in ("tail", "memo") if name in facts} == carried
