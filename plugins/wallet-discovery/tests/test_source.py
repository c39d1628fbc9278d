"""The source: labels, one owner and open questions; held to the conformance kit."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from typing import Any, ClassVar

import pytest

from recover.sdk import Address, Asset, ChainInfo, Error, History, TxId, ask_of
from recover.testing.exhibits import exhibit, rows
from recover.testing.expected import Expected
from recover.testing.sources import SourceKit
from recover_wallet_discovery.source import Wallets

ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3Ef"
    "H1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
VPUB = (
    "vpub5Y6cjg78GGuNLsaPhmYsiw4gYX3HoQiRBiSwDaBXKUafCt9bNwWQiitD"
    "k5VZ5BVxYnQdwoTyXSs2JHRPAgjAvtbBrf8ZhDYe2jWAqvZVnsc"
)
FILE = f"# found in the desk\n{ZPUB} gap=2 # of the laptop\n\n{VPUB} network=regtest gap=1\n".encode()
MAIN = "bip122:000000000019d6689c085ae165831e93"


def decode(data: bytes) -> dict[str, list[dict[str, Any]]]:
    return rows(Wallets().decode(exhibit("keys.txt", data)))


class Alone:
    """Stands for a network where the member runs without its chain: texts are then taken as they are."""

    def __init__(self, chain: str) -> None:
        native = Asset(id=f"{chain}/slip44:0", symbol="X", decimals=8)
        self.info = ChainInfo(id=chain, title=chain, model="utxo", native=native)

    def parse(self, text: str) -> Address | TxId:
        return Address(chain=self.info.id, text=text)


INSTALLED = any(point.value.startswith("recover_chain_bitcoin") for point in entry_points(group="recover"))


class TestConformance(SourceKit):
    chains = () if INSTALLED else tuple(map(Alone, Wallets().info.chains))
    source = Wallets()
    examples = (exhibit("keys.txt", FILE),)
    # BIP 84 gives this key and its first addresses as test vectors.
    expected = (
        Expected(
            example=examples[0],
            taken="The test vectors of BIP 84.",
            rows={
                "assertions": (
                    {"kind": "label", "chain": MAIN, "address": "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"},
                    {"kind": "label", "chain": MAIN, "address": "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"},
                    {"kind": "label", "chain": MAIN, "address": "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"},
                )
            },
        ),
    )
    reaches: ClassVar[dict[str, str]] = {
        "temporary file": "bitcoinlib, once it is imported, wants a folder for settings of its own",
        "recover-keys-": "the folder that it is given",
        "BCL_DATA_DIR": "the variable by which it is given",
    }


def test_every_address_is_labelled_and_shares_the_owner_of_the_first() -> None:
    found = decode(FILE)
    main = [row for row in found["assertions"] if row["chain"] == MAIN]
    labels = [row for row in main if row["kind"] == "label"]
    owners = [row for row in main if row["kind"] == "same-owner"]
    paths = {json.loads(row["params"])["path"]: row["address"] for row in labels}
    assert sorted(paths) == ["key/0/0", "key/0/1", "key/1/0", "key/1/1"]
    first = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
    assert paths["key/0/0"] == first
    assert {row["other"] for row in owners} == {first}
    assert sorted(row["address"] for row in owners) == sorted(set(paths.values()) - {first})
    assert {(row["grade"], row["method"], row["place"]) for row in main} == {("A", "wallet-discovery", 2)}
    assert all(row["service"] == "" for row in main)
    assert "BIP 32" in labels[0]["note"]


def test_each_address_is_an_open_question_about_its_history() -> None:
    found = decode(FILE)
    asks = [ask_of(row["fill"]) for row in found["gaps"]]
    labelled = [(row["chain"], row["address"]) for row in found["assertions"] if row["kind"] == "label"]
    histories = [ask for ask in asks if isinstance(ask, History)]
    assert len(histories) == len(asks)
    assert sorted((ask.address.chain, ask.address.text) for ask in histories) == sorted(labelled)
    assert {row["code"] for row in found["gaps"]} == {"wallet-history"}


def test_the_network_of_a_test_key_is_the_one_named() -> None:
    regtest = [row for row in decode(FILE)["assertions"] if row["chain"] != MAIN]
    assert {row["chain"] for row in regtest} == {"bip122:0f9188f13cb7b2c71f2a335e3a4fc328"}
    assert all(row["address"].startswith("bcrt1q") for row in regtest)


def test_no_key_leaves_the_exhibit() -> None:
    assert ZPUB[:30] not in json.dumps(decode(FILE), default=str)


def test_too_many_addresses_are_refused() -> None:
    with pytest.raises(Error) as caught:
        decode(f"{ZPUB} last=60000\n".encode())
    assert caught.value.code == "keys-too-many"


def test_it_is_only_read_when_it_is_named() -> None:
    assert not Wallets().info.primary
