"""Addresses held to the published vectors of BIP 32, 44, 49, 84, 86, 341 and 380, and SLIP-132."""

from __future__ import annotations

import pytest

from recover_wallet_discovery import derive, descriptor, lines
from recover_wallet_discovery.wallet import MAIN, TESTS

# All of the seed words "abandon ... about", account 0. BIP 49's own vector is on the test network.
BIP44 = (
    "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWG"
    "FNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj"
)
BIP49 = (
    "ypub6Ww3ibxVfGzLrAH1PNcjyAWenMTbbAosGNB6VvmSEgytSER9azLDWCxo"
    "JwW7Ke7icmizBMXrzBx9979FfaHxHcrArf3zbeJJJUZPf663zsP"
)
BIP84 = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3Ef"
    "H1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
BIP86 = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcL"
    "teoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)
# BIP 32, test vector 2: the chain m, and what it gives for m/0.
ROOT = (
    "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCG"
    "u8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB"
)
CHILD = (
    "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmX"
    "UbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH"
)


def table(line: str) -> dict[tuple[str, str], str]:
    """(kind, path) -> address."""
    (wallet,) = lines.read("keys.txt", line.encode())
    return {(d.script, d.path): d.address for d in derive.addresses(wallet)}


@pytest.mark.parametrize(
    ("line", "script", "expected"),
    [
        (BIP44, "p2pkh", {"key/0/0": "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"}),
        (BIP49, "p2sh-p2wpkh", {"key/0/0": "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"}),
        (
            BIP84,
            "p2wpkh",
            {
                "key/0/0": "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
                "key/0/1": "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
                "key/1/0": "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
            },
        ),
        (
            BIP86,
            "p2tr",
            {
                "key/0/0": "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
                "key/0/1": "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
                "key/1/0": "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
            },
        ),
    ],
    ids=["bip44", "bip49", "bip84", "bip86"],
)
def test_published_addresses(line: str, script: str, expected: dict[str, str]) -> None:
    found = table(line)
    assert {path: found[script, path] for path in expected} == expected


def test_a_child_of_a_public_key_is_the_published_one() -> None:
    fixed = table(f"pkh({ROOT}/0)")
    child = descriptor.extended(CHILD)
    assert fixed == {("p2pkh", "key/0"): derive.spell(child.key, "p2pkh", MAIN)}
    assert derive.fingerprint(descriptor.extended(ROOT).key) == "bd16bee5"


def test_single_keys() -> None:
    # BIP 84: the first receiving key. BIP 86: the internal key of the first receiving address.
    key = "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"
    assert table(f"wpkh({key})") == {("p2wpkh", "key"): "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"}
    inner = "cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115"
    assert table(f"tr({inner})") == {
        ("p2tr", "key"): "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
    }
    # BIP 49's vector, on the test network.
    key = "03a1af804ac108a8a51782198c2d034b28bf90c8803f5a53f76276fa69a4eae77f"
    assert table(f"sh(wpkh({key})) network=testnet") == {
        ("p2sh-p2wpkh", "key"): "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"
    }


def test_a_descriptor_and_the_bare_key_agree() -> None:
    bare, told = table(BIP86), table(f"tr([73c5da0a/86'/0'/0']{BIP86}/<0;1>/*)")
    taproot = {path: address for (script, path), address in bare.items() if script == "p2tr"}
    assert {path.replace("73c5da0a/86h/0h/0h", "key"): address for (_, path), address in told.items()} == taproot
    assert len(taproot) == 40


def test_how_far_it_goes() -> None:
    assert len(table(BIP84)) == 2 * 20
    assert len(table(f"{BIP84} last=37")) == 2 * 58
    assert len(table(f"{BIP84} last=0 gap=1")) == 2 * 2
    assert len(table(f"wpkh({BIP86}/1/*) gap=5")) == 5
    assert len(table(BIP86)) == 4 * 2 * 20


def test_checksums() -> None:
    assert descriptor.checksum("raw(deadbeef)") == "89f8spxm"  # BIP 380
    line = f"wpkh({BIP86}/0/*)"
    assert table(f"{line}#{descriptor.checksum(line)}") == table(line)


def test_the_networks_are_caip2_and_differ() -> None:
    ids = [MAIN.id, *(network.id for network in TESTS.values())]
    assert len(set(ids)) == len(ids)
    assert all(len(id) == len("bip122:") + 32 for id in ids)
