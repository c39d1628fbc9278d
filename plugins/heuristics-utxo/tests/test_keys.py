"""One key, several names."""

from __future__ import annotations

import pytest

from recover.sdk import Scope
from recover.testing import Rows, joined
from recover_heuristics_utxo.keys import SameKey, forms, hash160, key_hash
from recover_heuristics_utxo.testing import coins

# The first payee of a payment, block 170, and its address; the generator point of secp256k1 and its addresses.
FINNEY = (
    "04ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1b"
    "aded5c72a704f7e6cd84c"
)
FINNEY_ADDRESS = "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3"
POINT = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
POINT_LONG = (
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
)
POINT_ADDRESS, POINT_LONG_ADDRESS = "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"
POINT_WITNESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"


def said(rows: Rows) -> list[tuple[str, str, str]]:
    return [
        (r["address"], r["other"], r["grade"])
        for batch in SameKey().assertions(rows, Scope())
        for r in batch.tables()["assertions"].to_pylist()
    ]


@pytest.mark.parametrize(
    ("key", "address"),
    [
        (FINNEY, FINNEY_ADDRESS),
        (POINT, POINT_ADDRESS),
        (POINT_LONG, POINT_LONG_ADDRESS),
        (POINT, POINT_WITNESS),
    ],
)
def test_published_addresses_hold_the_hash_of_their_key(key: str, address: str) -> None:
    assert key_hash(address) == hash160(bytes.fromhex(key))


def test_both_forms_of_a_key() -> None:
    expected = (bytes.fromhex(POINT), bytes.fromhex(POINT_LONG))
    assert forms(bytes.fromhex(POINT)) == expected
    assert forms(bytes.fromhex(POINT_LONG)) == expected


@pytest.mark.parametrize(
    "key", ["", "02", "02" + "ff" * 32, "04" + "11" * 64, "05" + "11" * 32, POINT_LONG[:-2] + "00"]
)
def test_what_is_no_point_is_no_key(key: str) -> None:
    assert forms(bytes.fromhex(key)) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "w:alice",
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMJ",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "1" * 200,
        "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        "pk(" + POINT + ")",
    ],
)
def test_damaged_and_other_texts_hold_no_hash(address: str) -> None:
    assert key_hash(address) is None


def test_one_key_under_all_its_names() -> None:
    pay = f"pk({POINT}) 5, {POINT_ADDRESS} 5, {POINT_LONG_ADDRESS} 5, {POINT_WITNESS} 5, {FINNEY_ADDRESS} 5"
    rows = joined(coins("T1", "w:a 100", pay))
    bare = f"pk({POINT})"
    assert said(rows) == [(bare, other, "A") for other in (POINT_ADDRESS, POINT_LONG_ADDRESS, POINT_WITNESS)]


def test_a_witness_program_hashes_the_short_form_only() -> None:
    rows = joined(coins("T1", "w:a 100", f"pk({POINT_LONG}) 5, {POINT_WITNESS} 5"))
    assert said(rows) == [(f"pk({POINT_LONG})", POINT_WITNESS, "A")]


def test_other_keys_and_broken_descriptors_join_nothing() -> None:
    rows = joined(coins("T1", "w:a 100", f"pk({FINNEY}) 5, pk(zz) 5, pk() 5, {POINT_ADDRESS} 5"))
    assert said(rows) == []


def test_both_first_transactions_are_named() -> None:
    rows = joined(
        coins("T1", "w:a 100", f"pk({FINNEY}) 5"), coins("T2", "w:a 100", f"{FINNEY_ADDRESS} 5", height=2)
    )
    (batch,) = SameKey().assertions(rows, Scope())
    (row,) = batch.tables()["assertions"].to_pylist()
    assert row["transactions"] == ["T1", "T2"]
