"""Other people's code as oracle: web3.py for logs, eth_account and rlp for transactions. Skipped where absent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recover.testing.exhibits import rows
from recover_chain_evm import columns, envelope, events, logs, rlp, topics, trie
from recover_chain_evm.frame import Frame, Problems
from recover_chain_evm.gather import LOGS
from recover_chain_evm.keccak import keccak256
from recover_chain_evm.networks import known

web3 = pytest.importorskip("web3", reason="ORACLE ABSENT: web3.py is not installed, nothing was compared")
NETWORK = known()[1]
TX = "0x" + "ab" * 32


def abi(signature: str, indexed: tuple[bool, ...]) -> dict[str, Any]:
    name, _, rest = signature.partition("(")
    kinds = rest[:-1].split(",")
    inputs = [
        {"name": f"a{n}", "type": kind, "indexed": flag}
        for n, (kind, flag) in enumerate(zip(kinds, indexed, strict=True))
    ]
    return {"type": "event", "name": name, "anonymous": False, "inputs": inputs}


ADDRESSES = st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: "0x" + raw.hex())
AMOUNTS = st.integers(0, 2**256 - 1)


def one(topic: str, listed: list[str], data: str) -> dict[str, Any]:
    return {
        "transactionHash": TX,
        "address": "0x" + "cc" * 20,
        "topics": [topic, *("0x" + t for t in listed)],
        "data": "0x" + data,
        "logIndex": "0x1",
        "blockNumber": "0x1",
        "transactionIndex": "0x0",
        "blockHash": "0x" + "dd" * 32,
        "removed": False,
    }


def ours(log: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found = logs.Logs.of(Frame.of([log], LOGS, [0], Problems(name="x", unit="item")))
    made = columns.batch(
        NETWORK.id,
        moved=logs.moved(NETWORK, found),
        transactions=[logs.transactions(NETWORK.id, found)],
        events=events.said(NETWORK, found),
    )
    return rows([made])


def theirs(log: dict[str, Any], signature: str, indexed: tuple[bool, ...]) -> dict[str, Any]:
    contract = web3.Web3().eth.contract(abi=[abi(signature, indexed)])
    name = signature.partition("(")[0]
    raw: Any = {
        **log,
        "topics": [web3.Web3.to_bytes(hexstr=t) for t in log["topics"]],
        "data": web3.Web3.to_bytes(hexstr=log["data"]),
        "logIndex": 1,
        "blockNumber": 1,
        "transactionIndex": 0,
    }
    found: dict[str, Any] = dict(contract.events[name]().process_log(raw)["args"])
    return {key: value.lower() if isinstance(value, str) else value for key, value in found.items()}


def amount(row: dict[str, Any]) -> int:
    if row["wide"] is not None:
        return int.from_bytes(row["wide"][1:], "big")
    return abs(int(row["amount"]))


@settings(max_examples=25, deadline=None)
@given(ADDRESSES, ADDRESSES, AMOUNTS, st.booleans())
def test_transfers_are_read_as_web3_reads_them(src: str, dst: str, value: int, indexed: bool) -> None:
    parts = [src[2:].rjust(64, "0"), dst[2:].rjust(64, "0"), f"{value:064x}"]
    log = one(topics.TRANSFER, parts[:2], parts[2]) if indexed else one(topics.TRANSFER, [], "".join(parts))
    wanted = theirs(log, topics.SIGNATURES[topics.TRANSFER], (indexed, indexed, False))
    less, more = sorted(ours(log)["legs"], key=lambda leg: not leg["out"])
    assert (less["address"], more["address"]) == (wanted["a0"], wanted["a1"])
    assert amount(less) == amount(more) == wanted["a2"]


@settings(max_examples=25, deadline=None)
@given(ADDRESSES, AMOUNTS, st.sampled_from([f for f in topics.FORMS if f.kind != "approve" and not f.array]))
def test_issuers_events_are_read_as_web3_reads_them(who: str, value: int, form: topics.Form) -> None:
    kinds = form.signature.partition("(")[2][:-1].split(",")
    parts = [f"{value:064x}" if kind == "uint256" else who[2:].rjust(64, "0") for kind in kinds]
    for indexed in (True, False):
        flags = tuple(indexed and kind == "address" for kind in kinds)
        log = one(
            form.topic,
            [p for p, f in zip(parts, flags, strict=True) if f],
            "".join(p for p, f in zip(parts, flags, strict=True) if not f),
        )
        wanted = theirs(log, form.signature, flags)
        (event,) = ours(log)["events"]
        assert event["address"] == wanted[f"a{form.address}"]
        assert event["kind"] == form.kind
        if form.amount is not None:
            assert amount(event) == wanted[f"a{form.amount}"]


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5), max_leaves=20))
def test_rlp_is_that_of_the_reference_library(item: Any) -> None:
    reference = pytest.importorskip("rlp")
    assert rlp.encode(item) == reference.encode(item)


FEES = {"maxFeePerGas": 30 * 10**9, "maxPriorityFeePerGas": 10**9, "gas": 60_000, "nonce": 7, "chainId": 1}
ACCESS = [{"address": "0x" + "11" * 20, "storageKeys": ["0x" + "22" * 32]}]
HASHES = ["0x01" + "33" * 31, "0x01" + "44" * 31]


@pytest.mark.parametrize(
    "fields",
    [
        {"gasPrice": 10**9, "gas": 21_000, "nonce": 0, "chainId": 1},
        {"gasPrice": 10**9, "gas": 21_000, "nonce": 0},
        {"gasPrice": 10**9, "gas": 21_000, "nonce": 0, "chainId": 43114},
        {"type": 1, "gasPrice": 10**9, "gas": 60_000, "nonce": 7, "chainId": 1, "accessList": ACCESS},
        {"type": 2, **FEES, "accessList": ACCESS},
        {"type": 2, **FEES, "accessList": []},
        {"type": 3, **FEES, "accessList": ACCESS, "maxFeePerBlobGas": 5, "blobVersionedHashes": HASHES},
    ],
)
@pytest.mark.parametrize("to", ["0x" + "55" * 20, None])
def test_transactions_are_written_and_signed_as_eth_account_does(fields: dict[str, Any], to: str | None) -> None:
    from eth_account import Account

    if fields.get("type") == 3:
        to = to or "0x" + "66" * 20  # a transaction with blobs creates nothing (EIP-4844)
    account = Account.from_key("0x" + "07" * 32)
    plain = {**fields, "value": 10**18, "data": "0x1234", "to": to or b""}
    signed = account.sign_transaction(plain)
    form = fields.get("type", 0)
    shown = {
        key: hex(value) if isinstance(value, int) else value for key, value in {**plain, "type": form}.items()
    }
    shown |= {"to": to, "input": shown.pop("data"), "r": hex(signed.r), "s": hex(signed.s), "v": hex(signed.v)}
    if "chainId" not in fields:
        shown.pop("chainId", None)
    raw = bytes(signed.raw_transaction)
    if form == 3:
        # eth_account sends the blobs beside it, and hashes it without them: its hash is what the chain has.
        assert envelope.identifier(shown) == "0x" + bytes(signed.hash).hex()
    else:
        assert envelope.transaction(shown) == raw
        assert envelope.identifier(shown) == "0x" + keccak256(raw).hex() == "0x" + bytes(signed.hash).hex()
    assert envelope.sender(shown) == account.address.lower()


def test_the_root_of_a_long_list_is_that_of_any_order() -> None:
    """130 entries: keys of one byte, of two, and the empty one's own form for the number nought."""
    listed = [bytes([n % 256]) * (n % 70 + 1) for n in range(130)]
    keyed = [(rlp.encode(rlp.number(n)), value) for n, value in enumerate(listed)]
    assert trie.listed(listed) == trie.root(reversed(keyed))
