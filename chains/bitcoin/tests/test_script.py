"""Scripts and what a transaction shows of its wallet."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover_chain_bitcoin import facts, networks, script, transaction
from recover_chain_bitcoin.testing import mined
from recover_chain_bitcoin.transaction import Input

BITCOIN = networks.of("mainnet")
A = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
B = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
LONG = "04" + A[2:] + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"


@pytest.mark.parametrize(
    ("locking", "kind", "address"),
    [
        (f"21{A}ac", "p2pk", f"pk({A})"),
        (f"41{LONG}ac", "p2pk", f"pk({LONG})"),
        (f"2105{A[2:]}ac", "raw", f"raw(2105{A[2:]}ac)"),  # no key begins with 05
        ("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "p2pkh", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
        ("a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487", "p2sh", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
        ("0014751e76e8199196d454941c45d1b3a323f1433bd6", "p2wpkh", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        (
            "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
            "p2wsh",
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        ),
        (f"5120{A[2:]}", "p2tr", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
        ("51024e73", "p2a", "bc1pfeessrawgf"),
        ("6002751e", "witness", "bc1sw50qgdz25j"),
        (
            "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
            "witness",
            "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        ),
        ("0010751e76e8199196d454941c45d1b3a323", "raw", "raw(0010751e76e8199196d454941c45d1b3a323)"),
        (f"5121{A}21{B}52ae", "multi", f"multi(1,{A},{B})"),
        (f"5221{A}41{LONG}52ae", "multi", f"multi(2,{A},{LONG})"),
        (f"5321{A}21{B}52ae", "raw", f"raw(5321{A}21{B}52ae)"),  # three of two
        (f"5121{A}21{B}53ae", "raw", f"raw(5121{A}21{B}53ae)"),  # says three keys, has two
        (f"514c21{A}51ae", "raw", f"raw(514c21{A}51ae)"),  # a push longer than it need be
        ("6a0b68656c6c6f20776f726c64", "op_return", None),
        ("6a", "op_return", None),
        ("51", "raw", "raw(51)"),
        ("", "raw", "raw()"),
    ],
)
def test_scripts_are_known_by_their_form(locking: str, kind: str, address: str | None) -> None:
    assert script.lock(BITCOIN, bytes.fromhex(locking)) == (kind, address)
    if address is not None:
        assert script.address(BITCOIN, address).hex() == locking


def test_a_script_too_long_to_be_spent_has_no_text() -> None:
    assert script.lock(BITCOIN, b"\x51" * 10_001) == ("unspendable", None)
    assert script.lock(BITCOIN, b"\x51" * 10_000).kind == "raw"


def test_networks_without_segwit_have_no_witness_addresses() -> None:
    locking = bytes.fromhex("0014751e76e8199196d454941c45d1b3a323f1433bd6")
    for key in ("dogecoin", "bitcoin-cash"):
        assert script.lock(networks.of(key), locking).kind == "raw"


def test_bitcoin_cash_has_scripts_of_32_bytes() -> None:
    found = script.lock(networks.of("bitcoin-cash"), b"\xaa\x20" + bytes(32) + b"\x87")
    assert found.kind == "p2sh"
    assert found.address is not None
    assert script.address(networks.of("bitcoin-cash"), found.address) == b"\xaa\x20" + bytes(32) + b"\x87"


@given(st.binary(max_size=120))
def test_every_script_s_text_leads_back_to_it(locking: bytes) -> None:
    for network in networks.every():
        found = script.lock(network, locking)
        assert (found.address is None) == (locking[:1] == b"\x6a")
        if found.address is not None:
            assert script.address(network, found.address) == locking


def signature(r: int, s: int = 32) -> bytes:
    body = b"\x02" + bytes([r]) + b"\x01" * r + b"\x02" + bytes([s]) + b"\x01" * s
    return b"\x30" + bytes([len(body)]) + body + b"\x01"


def push(*items: bytes) -> bytes:
    return b"".join(bytes([len(item)]) + item for item in items)


@pytest.mark.parametrize(
    ("inputs", "low"),
    [
        ([push(signature(32), b"\x02" * 33)], True),
        ([push(signature(33), b"\x02" * 33)], False),
        ([push(signature(31))], True),
        ([push(signature(32)), push(signature(33))], False),
        ([b"\x00" + push(signature(32), signature(32)) + b"\x4c\x47" + b"\x52" * 71], True),
        ([push(b"\x01" * 64)], None),
        ([b""], None),
        ([b"\x4d\xff"], None),  # a push that is cut off
    ],
)
def test_short_r_values(inputs: list[bytes], low: bool | None) -> None:
    spent = [Input("11" * 32, n, each, 0xFFFFFFFF) for n, each in enumerate(inputs)]
    assert facts.low_r(transaction.build(2, spent, [mined.pays(b"\x51")], 0)) is low


def test_short_r_values_in_witnesses() -> None:
    low = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51")], witness=(signature(32), b"\x02" * 33))
    high = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51")], witness=(signature(33), b"\x02" * 33))
    taproot = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51")], witness=(b"\x30" * 64,))
    assert [facts.low_r(each) for each in (low, high, taproot)] == [True, False, None]


def test_facts_are_canonical_json() -> None:
    tx = mined.spends(("11" * 32, 0), ("22" * 32, 1), outputs=[mined.pays(b"\x51")], witness=(signature(33), b""))
    text = facts.text(tx, ["p2wpkh", ""], ["raw"])
    assert json.loads(text) == {
        "inputs": ["p2wpkh", ""],
        "outputs": ["raw"],
        "version": 2,
        "locktime": 0,
        "lowr": False,
        "sequence": [0xFFFFFFFD] * 2,
        "size": tx.size,
        "vsize": tx.vsize,
    }
    assert tx.vsize < tx.size
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(
    ("script", "memo"),
    [
        (b"\x6a\x0f=:ETH.ETH:0xabcd", "=:ETH.ETH:0xabcd"[:15]),
        (b"\x6a\x4c\x0c" + b'say "hello"!', 'say "hello"!'),
        (b"\x6a\x08" + b"\x00" * 8, None),
        (b"\x6a\x04abcd", None),
        (b"\x6a\x08abcdefgh\x04abcd", None),
        (b"\x51", None),
    ],
)
def test_a_text_in_an_output_that_nobody_can_spend_is_a_memo(script: bytes, memo: str | None) -> None:
    tx = mined.spends(("11" * 32, 0), outputs=[mined.pays(b"\x51"), mined.pays(script)])
    assert json.loads(facts.text(tx, ["p2wpkh"], ["raw", "op_return"])).get("memo") == memo
