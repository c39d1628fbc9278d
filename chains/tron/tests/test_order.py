"""A transaction out of its bytes: real ids, real signatures, and bytes that hold nothing true."""

from __future__ import annotations

import pytest

from recover_chain_tron import order, signed, wire
from recover_chain_tron.chain import canonical
from recover_chain_tron.events import SIGNATURES
from recover_chain_tron.order import Order
from recover_chain_tron.testing import made
from recover_chain_tron.testing.real import CALL, CALL_ID, CALL_SIGNED, CONTROL, PAID, PAID_ID, PAID_SIGNED


def test_a_call_is_read_from_its_bytes_and_its_id_is_their_hash() -> None:
    found = order.read(bytes.fromhex(CALL))
    assert found.id == CALL_ID
    assert found.order == Order(
        kind="TriggerSmartContract",
        owner="TGexEkipwwnskd2rDXWvptwLLhjCTcNeCi",
        to="TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
        method="a9059cbb",
    )
    # In this very transaction the prefix 41 stands inside the word of the payee's address.
    assert order.word(found.data[4:36]) == canonical("4150125bea243a640bf85348873b6c4f3c517aee7a")
    assert signed.signer(CALL_ID, bytes.fromhex(CALL_SIGNED)) == found.order.owner


def test_a_payment_signed_by_others_names_them() -> None:
    found = order.read(bytes.fromhex(PAID), signatures=2)
    assert (found.id, found.order.amount, found.order.permission, found.order.extras) == (PAID_ID, 1_000_000, 2, 1)
    assert found.order.to == "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"
    signers = [signed.signer(PAID_ID, bytes.fromhex(each)) for each in PAID_SIGNED]
    assert signers == ["TNhXo1GbRNCuorvYu5JFWN3m2NYr9QQpVR", "TKwhcDup8L2PH5r6hxp5CQvQzZqJLmKvZP"]
    assert found.order.owner not in signers


def test_a_change_of_permissions_names_each_key_and_what_it_can_do_alone() -> None:
    found = order.read(bytes.fromhex(CONTROL))
    assert [(k.permission, k.number, k.address, k.weight, k.threshold, k.alone) for k in found.keys] == [
        ("owner", 0, "TZ4UXDV5ZhNW7fb2AMSbgfAEZ7hWsnYS2g", 1, 1, True),
        ("active active0", 2, "TZ4UXDV5ZhNW7fb2AMSbgfAEZ7hWsnYS2g", 1, 2, False),
        ("active active0", 2, "TPswDDCAWhJAZGdHPidFg5nEf8TkNToDX1", 1, 2, False),
    ]


def test_what_is_made_here_reads_back() -> None:
    ann, bob = made.Owner("ann"), made.Owner("bob")
    for each, amount in ((made.coin(ann, bob.text, 5, memo=b"x"), 5), (made.coin(ann, bob.text, 2**62), 2**62)):
        found = order.read(each.raw)
        assert (found.id, found.order.owner, found.order.to, found.order.amount) == (
            each.id,
            ann.text,
            bob.text,
            amount,
        )
        assert signed.signer(each.id, bytes.fromhex(each.body()["signature"][0])) == ann.text
    token = order.read(made.token10(ann, bob.text, "1002000", 7).raw).order
    assert (token.token, token.token_amount, token.amount) == ("1002000", 7, 0)


def test_an_order_is_noted_and_read_again() -> None:
    for raw in (CALL, PAID, CONTROL):
        found = order.read(bytes.fromhex(raw)).order
        assert Order.noted(found.note()) == found
    assert Order.noted("") is Order.noted("page=2") is None
    for wrong in (
        "kind=Nothing&owner=T",
        f"kind=TransferContract&owner={CALL_ID}&evil=1",
        "kind=TransferContract&owner=T&amount=x",
    ):
        with pytest.raises(ValueError, match=r"anchor|invalid literal"):
            Order.noted(wrong)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it has 0 contracts"),
        (bytes.fromhex(PAID)[:-1], "a number does not end"),
        (bytes.fromhex(PAID)[:60], "field 11 says"),
        (b"\xff" * 12, "more than 64 bits"),
        (made.raw("X", 99, b""), "of the kind 99"),
        (made.raw("TransferContract", 1, made.message((1, b"\x41\x00"))), "an address of 2 bytes"),
        (
            made.raw("TransferContract", 1, made.message((1, made.Owner("a").payload), (3, 2**64 - 5))),
            "below nought",
        ),
    ],
)
def test_bytes_that_are_no_transaction_are_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        order.read(data)


def test_a_signature_of_nothing_is_refused() -> None:
    for bad in (b"", bytes(65), b"\xff" * 65, bytes.fromhex(CALL_SIGNED)[:64] + b"\x05"):
        with pytest.raises(ValueError, match="signature"):
            signed.signer(CALL_ID, bad)


def test_topics_and_the_relayers_call_are_hashes_of_their_signatures() -> None:
    from Crypto.Hash import keccak

    def hashed(text: str) -> str:
        return keccak.new(digest_bits=256, data=text.encode()).hexdigest()

    assert {text: hashed(text) for text in SIGNATURES} == dict(SIGNATURES)
    sends = "permitTransfer(address,address,address,uint256,uint256,uint256,uint256,uint256,bytes)"
    assert order.GASFREE.hex() == hashed(sends)[:8]


def test_the_last_of_a_field_given_twice_counts() -> None:
    assert wire.read(b"\x08\x01\x08\x02").number(1) == 2
