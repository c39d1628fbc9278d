"""Value, fee and facts of transactions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recover.sdk import Error
from recover_chain_evm import sent
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import SENT
from recover_chain_evm.networks import Network, known

ETHEREUM, OPTIMISM, ARBITRUM = known()[1], known()[10], known()[42161]
A, B = ("0x" + f"{n:040x}" for n in (0xA1, 0xB2))
TX = "0x" + "ab" * 32
PLAIN: dict[str, Any] = {
    "hash": TX,
    "from": A,
    "to": B,
    "value": "0x64",
    "nonce": "0x5",
    "input": "0x",
    "type": "0x2",
    "status": "0x1",
    "gasUsed": "0x5208",
    "effectiveGasPrice": "0xa",
}


def read(*listed: dict[str, Any], network: Network = ETHEREUM) -> sent.Sent:
    problems = Problems(name="list", unit="item")
    found = sent.Sent.of(Frame.of(listed, SENT, range(len(listed)), problems), network)
    problems.check()
    return found


def moved(found: sent.Sent, network: Network = ETHEREUM, **more: Any) -> list[tuple[Any, ...]]:
    listed = [row for table in sent.moved(network, found, **more) for row in table.to_pylist()]
    return [(r["kind"], r["src"], r["dst"], r["amount"], r["index"]) for r in listed]


def codes(found: sent.Sent, network: Network = ETHEREUM) -> list[str]:
    return [gap.code for gap in sent.gaps(network, found)]


def test_value_and_fee() -> None:
    found = read(PLAIN)
    assert moved(found) == [("transfer", A, B, 100, 0), ("fee", A, None, 210_000, 0)]
    (row,) = sent.transactions(ETHEREUM, found).to_pylist()
    assert (row["failed"], row["whole"]) == (False, True)
    assert json.loads(row["facts"]) == {
        "from": A,
        "to": B,
        "nonce": 5,
        "value": "100",
        "method": "",
        "type": 2,
    }
    assert row["facts"] == json.dumps(json.loads(row["facts"]), sort_keys=True, separators=(",", ":"))
    assert codes(found) == []


def test_a_value_that_stands_among_the_calls_is_not_booked_again() -> None:
    assert moved(read(PLAIN), traced={TX}) == [("fee", A, None, 210_000, 0)]


@pytest.mark.parametrize(
    ("change", "whole"),
    [
        ({}, True),
        ({"input": "0x00"}, False),
        ({"gasUsed": "0x5209"}, False),
        ({"status": "0x0", "gasUsed": "0xffff", "input": "0x1234"}, True),
        ({"status": None}, False),
        ({"effectiveGasPrice": None}, False),
    ],
)
def test_a_transaction_is_whole_where_no_code_can_have_moved_more(change: dict[str, Any], whole: bool) -> None:
    assert sent.transactions(ETHEREUM, read({**PLAIN, **change})).column("whole").to_pylist() == [whole]


def test_an_outcome_that_is_not_shown_is_not_made_up() -> None:
    unknown = {key: value for key, value in PLAIN.items() if key != "status"}
    found = read(unknown)
    assert sent.transactions(ETHEREUM, found).column("failed").to_pylist() == [None]
    assert codes(found) == [], "another exhibit may show it: the ledger says what none does"


def test_a_failed_transaction_keeps_its_value_and_pays() -> None:
    found = read({**PLAIN, "status": "0x0"})
    assert [m[0] for m in moved(found)] == ["transfer", "fee"]
    assert sent.transactions(ETHEREUM, found).column("failed").to_pylist() == [True]


def test_a_creation_pays_the_contract_that_it_makes() -> None:
    # The first contract of anvil's first account, known from every example of its kind.
    maker = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
    made = "0x5fbdb2315678afecb367f032d93f642f64180aa3"
    assert sent.contract_address(maker, 0) == made
    found = read({**PLAIN, "from": maker, "to": None, "nonce": "0x0", "input": "0x6000"})
    assert moved(found)[0] == ("transfer", maker, made, 100, 0)
    (event,) = sent.events(ETHEREUM, found).to_pylist()
    assert (event["kind"], event["address"], event["other"]) == ("create", maker, made)
    assert json.loads(found.facts[0])["creates"] == made
    failed = read({**PLAIN, "to": None, "status": "0x0"})
    assert sent.events(ETHEREUM, failed).num_rows == 0


def test_on_an_op_stack_chain_the_fee_includes_what_ethereum_costs() -> None:
    found = read({**PLAIN, "l1Fee": "0x7"}, network=OPTIMISM)
    assert moved(found, OPTIMISM)[-1] == ("fee", A, None, 210_007, 0)
    hidden = read(PLAIN, network=OPTIMISM)
    assert [m[0] for m in moved(hidden, OPTIMISM)] == ["transfer"]
    assert codes(hidden, OPTIMISM) == ["fee-incomplete"]


def test_blobs_are_paid_for() -> None:
    blob = {**PLAIN, "type": "0x3"}
    assert codes(read(blob)) == ["fee-incomplete"]
    found = read({**blob, "blobGasUsed": "0x20000", "blobGasPrice": "0x3"})
    assert moved(found)[-1] == ("fee", A, None, 210_000 + 3 * 131_072, 0)


def test_deposits_bring_coins_in_and_cost_nothing() -> None:
    deposit = {**PLAIN, "type": "0x7e", "mint": "0x3e8", "effectiveGasPrice": "0x0"}
    found = read(deposit, network=OPTIMISM)
    assert moved(found, OPTIMISM) == [("transfer", A, B, 100, 0), ("mint", None, A, 1000, 0)]
    found = read({**PLAIN, "type": "0x64"}, network=ARBITRUM)
    assert moved(found, ARBITRUM) == [("transfer", A, B, 100, 0), ("mint", None, A, 100, 0)]
    assert moved(read({**PLAIN, "type": "0x2", "mint": "0x5"}, network=OPTIMISM), OPTIMISM)[0][0] == "transfer"


def test_transactions_of_the_chain_s_own_types_are_a_gap() -> None:
    assert codes(read({**PLAIN, "type": "0x68"}, network=ARBITRUM), ARBITRUM) == ["system-transaction"]


def test_a_receipt_without_a_sender_leaves_open_who_paid_its_fee() -> None:
    found = read({"hash": TX, "status": "0x1", "gasUsed": "0x5208", "effectiveGasPrice": "0xa"})
    assert moved(found) == [("fee", None, None, 210_000, 0)]
    assert codes(found) == []
    with pytest.raises(Error, match="cannot be read") as caught:
        read({**PLAIN, "from": None})
    assert "sender is missing" in caught.value.why


def test_a_fee_above_what_a_chain_can_record_is_not_booked() -> None:
    found = read({**PLAIN, "gasUsed": hex(2**255), "effectiveGasPrice": hex(2**255)})
    assert [m[0] for m in moved(found)] == ["transfer"]
    assert codes(found) == ["fee-incomplete"]
