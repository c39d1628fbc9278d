"""Published test vectors: BIP 173, BIP 350, BIP 380, the cashaddr specification, Bitcoin Core's base58 tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recover_chain_bitcoin import base58, bech32, cashaddr, networks, script
from recover_chain_bitcoin.wire import sha256d

SEGWIT = [  # BIP 350, "Test vectors for v0-v16 native segregated witness addresses"
    ("bc", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
    (
        "tb",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ),
    (
        "bc",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    ),
    ("bc", "BC1SW50QGDZ25J", "6002751e"),
    ("bc", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"),
    (
        "tb",
        "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
        "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "tb",
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
        "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "bc",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ),
]
REFUSED = [  # the same BIP, with its reasons
    ("bc", "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", "begins with tc"),
    ("bc", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "not that of bech32m"),
    ("tb", "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "not that of bech32m"),
    ("bc", "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "not that of bech32m"),
    ("bc", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "not that of bech32,"),
    ("tb", "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", "not that of bech32,"),
    ("bc", "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "'o' is no letter"),
    ("bc", "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "no witness version 17"),
    ("bc", "bc1pw5dgrnzv", "has 1 bytes"),
    ("bc", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", "has 41 bytes"),
    ("bc", "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "has 16 bytes"),
    ("tb", "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "mixes capital and small"),
    ("bc", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "padding"),
    ("tb", "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "padding"),
    ("bc", "bc1gmk9yu", "no witness version"),
]
STRINGS = [  # BIP 173 and BIP 350, valid strings: any human-readable part
    ("A12UEL5L", bech32.BECH32),
    ("an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs", bech32.BECH32),
    ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", bech32.BECH32),
    ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", bech32.BECH32),
    ("?1ezyfcl", bech32.BECH32),
    ("A1LQFN3A", bech32.BECH32M),
    ("abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", bech32.BECH32M),
    ("split1checkupstagehandshakeupstreamerranterredcaperredlc445v", bech32.BECH32M),
    ("?1v759aa", bech32.BECH32M),
]
CASH = [  # the cashaddr specification, "Larger test vectors": prefix, kind, text, hash
    ("bitcoincash", 0, "qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2", "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9"),
    ("bchtest", 1, "pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9"),
    ("pref", 1, "pr6m7j9njldwwzlg9v7v53unlr4jkmx6ey65nvtks5", "f5bf48b397dae70be82b3cca4793f8eb2b6cdac9"),
    (
        "bitcoincash",
        0,
        "q9adhakpwzztepkpwp5z0dq62m6u5v5xtyj7j3h2ws4mr9g0",
        "7adbf6c17084bc86c1706827b41a56f5ca32865925e946ea",
    ),
    (
        "bchtest",
        1,
        "pvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq7fqng6m6",
        "3173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c060",
    ),
    (
        "bitcoincash",
        0,
        (
            "qlg0x333p4238k0qrc5ej7rzfw5g8e4a4r6vvzyrcy8j3s5k0en7calvclhw46hudk5flttj6ydvjc0pv3nchp52amk97tqa5zy"
            "gg96mtky5sv5w"
        ),
        (
            "d0f346310d5513d9e01e299978624ba883e6bda8f4c60883c10f28c2967e67ec77ecc7eeeaeafc6da89fad72d11ac961e16"
            "4678b868aeeec5f2c1da08884175b"
        ),
    ),
]
OLDER = [  # the same, "Examples of address translation"
    ("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
    ("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"),
    ("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r"),
    ("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"),
    ("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e"),
    ("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37"),
]


@pytest.mark.parametrize(("hrp", "text", "locking"), SEGWIT)
def test_segwit_addresses_are_read_and_written(hrp: str, text: str, locking: str) -> None:
    network = networks.of({"bc": "mainnet", "tb": "testnet3"}[hrp])
    assert script.address(network, text).hex() == locking
    assert script.lock(network, bytes.fromhex(locking)).address == text.lower()


@pytest.mark.parametrize(("hrp", "text", "reason"), REFUSED)
def test_segwit_addresses_are_refused_with_the_reason(hrp: str, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        bech32.decode(hrp, text)


@pytest.mark.parametrize(("text", "constant"), STRINGS)
def test_any_bech32_string_is_checked(text: str, constant: int) -> None:
    assert bech32.parse(text)[2] == constant
    changed = text[:-1] + ("q" if text[-1] not in "qQ" else "p")
    with pytest.raises(ValueError, match=r"checksum does not hold|mixes"):
        bech32.parse(changed)


@pytest.mark.parametrize(("prefix", "kind", "text", "digest"), CASH)
def test_cashaddr_is_read_and_written(prefix: str, kind: int, text: str, digest: str) -> None:
    assert cashaddr.decode(prefix, f"{prefix}:{text}") == (kind, bytes.fromhex(digest))
    assert cashaddr.decode(prefix, text.upper()) == (kind, bytes.fromhex(digest))
    assert cashaddr.encode(prefix, kind, bytes.fromhex(digest)) == text


@pytest.mark.parametrize("text", ["x64nx6hz", "bitcoincash:bitcoincash:" + CASH[0][2], "", "q", CASH[0][2] + "q"])
def test_what_is_no_cashaddr_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"checksum|begins with"):
        cashaddr.decode("bitcoincash", text)


@pytest.mark.parametrize(("older", "text"), OLDER)
def test_both_forms_of_bitcoin_cash_lock_the_same(older: str, text: str) -> None:
    locking = script.address(networks.of("mainnet"), older)
    assert script.address(networks.of("bitcoin-cash"), text) == locking
    assert script.lock(networks.of("bitcoin-cash"), locking).address == text


@given(st.binary(min_size=1, max_size=80))
def test_base58_reads_what_it_writes(payload: bytes) -> None:
    assert base58.decode(base58.encode(payload)) == payload


@given(st.binary(min_size=1, max_size=80))
def test_base58_is_plain_division(payload: bytes) -> None:
    """The digits taken ten at a time are those of the textbook's loop."""
    full = payload + sha256d(payload)[:4]
    number, text = int.from_bytes(full, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = base58.ALPHABET[digit] + text
    assert base58.encode(payload) == "1" * (len(full) - len(full.lstrip(b"\0"))) + text


@given(st.sampled_from(["bc", "tb", "bcrt", "ltc"]), st.integers(0, 16), st.binary(min_size=2, max_size=40))
def test_bech32_reads_what_it_writes(hrp: str, version: int, program: bytes) -> None:
    if version == 0:
        program = program.ljust(20, b"\0")[:20]
    assert bech32.decode(hrp, bech32.encode(hrp, version, program)) == (version, program)


@pytest.mark.parametrize("text", ["raw(deadbeef)#89f8spxm"])
def test_descriptor_checksums_of_bip_380(text: str) -> None:
    assert script.address(networks.of("mainnet"), text).hex() == "deadbeef"
