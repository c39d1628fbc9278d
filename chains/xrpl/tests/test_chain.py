"""Addresses and transaction ids. The X-addresses are test cases that XLS-5d and its libraries publish."""

import pytest

from recover.sdk import Address, NotRecognised, TxId
from recover.testing import ChainKit
from recover_chain_xrpl import Xrpl
from recover_chain_xrpl.addresses import Unreadable, read


class TestXrpl(ChainKit):
    chain = Xrpl()


@pytest.mark.parametrize(
    ("text", "account", "tag"),
    [
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", None),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", 0),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", 1),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", 4294967295),
        ("X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59", None),
    ],
)
def test_an_x_address_is_an_account_and_a_tag(text: str, account: str, tag: int | None) -> None:
    assert read(text) == (account, tag)
    assert Xrpl().parse(text) == Address(chain="xrpl:0", text=account)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        # An X-address of a test network: the same account, where coins are worth nothing.
        ("T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ", "test network"),
        # A tag of 64 bits, which the ledger does not have.
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8zeUygYrCgrPh", "kind"),
        ("XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHj", "checksum"),
        ("rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpF", "checksum"),
        # The same bytes in Bitcoin's alphabet.
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "An account is r"),
    ],
)
def test_others_are_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        Xrpl().parse(text)
    assert why in caught.value.why
    with pytest.raises(Unreadable):
        read(text)


def test_a_transaction_has_capital_digits() -> None:
    assert Xrpl().parse("ab" * 32) == TxId(chain="xrpl:0", text="AB" * 32)


def test_an_entry_that_holds_value_is_named_by_its_owner_and_its_id() -> None:
    name = "channel.rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf." + "0a" * 32
    assert Xrpl().parse(name).text == "channel.rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf." + "0A" * 32
    with pytest.raises(NotRecognised):
        Xrpl().parse("channel.rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpF." + "0a" * 32)
