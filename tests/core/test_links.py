"""What people type and paste names one thing on one chain, or is refused with what to write instead."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from recover.plugins.registry import load
from recover.recognise.links import written
from recover.recognise.names import candidates, outpoint, recognise
from recover.sdk import NotRecognised

PLUGINS = load()
BTC = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
ETH = "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
OWNER = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
CASH = "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
XRP = "9BAFE443078D105AB49C2BF92D0DD04BF73DCC0ADF6CA67CE728CE762059E6B7"
MAINNET = "bip122:000000000019d6689c085ae165831e93"


@pytest.mark.parametrize(
    ("typed", "chain", "text"),
    [
        (f"tron:{BTC.upper()}", "tron:0x2b6653dc", BTC),
        (f"TRX:{USDT}", "tron:0x2b6653dc", USDT),
        (f"btc:{BTC}", MAINNET, BTC),
        (f"eth:{ETH}", "eip155:1", ETH),
        (f"bsc:{ETH}", "eip155:56", ETH),
        (f" xrp:{XRP}\n", "xrpl:0", XRP),
        ("bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=20.3", MAINNET, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (f"bitcoincash:{CASH}", "bip122:000000000000000000651ef99cb9fcbe", CASH),
        (f"https://tronscan.org/#/transaction/{BTC}", "tron:0x2b6653dc", BTC),
        (f"tronscan.org/#/transaction/{BTC}", "tron:0x2b6653dc", BTC),
        (f"www.TronScan.org/#/transaction/{BTC}", "tron:0x2b6653dc", BTC),
        (f"https://www.tronscan.org/?lang=en#/address/{USDT}/transfers", "tron:0x2b6653dc", USDT),
        (f"https://etherscan.io/tx/{ETH}#eventlog", "eip155:1", ETH),
        (f"HTTPS://BSCSCAN.COM/tx/{ETH}/", "eip155:56", ETH),
        (f"https://optimistic.etherscan.io/address/{OWNER}", "eip155:10", OWNER),
        (f"https://etherscan.io/token/0xdac17f958d2ee523a2206206994597c13d831ec7?a={OWNER}", "eip155:1", OWNER),
        (f"https://mempool.space/tx/{BTC}?mode=details", MAINNET, BTC),
        (f"https://mempool.space/testnet4/tx/{BTC}", "bip122:00000000da84f2bafbbc53dee25a72ae", BTC),
        (f"https://blockstream.info/testnet/tx/{BTC}", "bip122:000000000933ea01ad0ee984209779ba", BTC),
        (f"https://www.blockchain.com/explorer/transactions/btc/{BTC}", MAINNET, BTC),
        (f"https://blockchair.com/dogecoin/transaction/{BTC}", "bip122:1a91e3dace36e2be3bf030a65679fe82", BTC),
        (f"http://xrpscan.com/tx/{XRP}", "xrpl:0", XRP),
        (f"https://livenet.xrpl.org/transactions/{XRP}/detailed", "xrpl:0", XRP),
    ],
)
def test_what_is_typed_names_one_thing(typed: str, chain: str, text: str) -> None:
    found = recognise(PLUGINS, typed)
    assert found[0] == chain
    assert found[1].text == text
    assert candidates(PLUGINS, typed) == (found[1],)


@pytest.mark.parametrize(
    "typed",
    [
        f"https://shasta.tronscan.org/#/transaction/{BTC}",
        f"https://sepolia.etherscan.io/tx/{ETH}",
        f"https://etherscan.io@evil.example/tx/{ETH}",
        f"https://etherscan.io:8443/tx/{ETH}",
        f"https://evil.example/etherscan.io/tx/{ETH}",
        f"https://etherscan.io/block/{ETH}",
        "https://etherscan.io/tx/",
        "https://tronscan.org/#/transaction",
        f"https://mempool.space/liquid/tx/{BTC}",
        "https://[tronscan.org/tx",
        f"https://etherscan.io/tx/{ETH}{'0' * 4000}",
    ],
)
def test_a_link_of_another_form_is_refused_and_never_guessed(typed: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        recognise(PLUGINS, typed)
    assert caught.value.code == "link-unknown"
    assert len(str(caught.value)) < 1000


def test_a_link_to_no_id_says_what_its_chain_says_of_it() -> None:
    with pytest.raises(NotRecognised) as caught:
        recognise(PLUGINS, f"https://etherscan.io/tx/{ETH[:-1]}")
    assert caught.value.why.startswith(
        "It has 63 hexadecimal digits, and a transaction id has 64: some are missing."
    )


@pytest.mark.parametrize("before", ["https://mempool.space/tx/", "btc:", f"{MAINNET}:", ""])
def test_an_output_stands_behind_each_form(before: str) -> None:
    assert outpoint(f"{before}{BTC}:7") == (f"{before}{BTC}", 7)
    assert BTC in {each.text for each in candidates(PLUGINS, outpoint(f"{before}{BTC}:7")[0])}


def test_a_bare_id_is_what_each_chain_may_take_it_for() -> None:
    found = candidates(PLUGINS, BTC)
    chains = {each.chain for each in found}
    assert {"tron:0x2b6653dc", MAINNET, "xrpl:0"} <= chains
    assert not any(chain.startswith("eip155") for chain in chains)
    assert [each.chain for each in found] == sorted(chains)


def test_no_two_shipped_chains_share_a_name_or_a_link() -> None:
    chains = [chain.info for chain in PLUGINS.chains.values()]
    used = Counter(name for info in chains for name in (*info.short, *info.links))
    assert [name for name, count in used.items() if count > 1] == []
    assert [info.title for info in chains if not info.short] == []


def test_a_bare_text_stays_as_it_is() -> None:
    for text in (BTC, USDT, "", ":", "btc:", "nochain:x", str(Path("a:b"))):
        assert written(PLUGINS.chains.values(), text) == text
